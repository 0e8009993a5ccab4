"""The built-in embedding model: what it promises without torch, and the same vectors with sentence-transformers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import open_embedder
from index.errors import InputError, MissingPackageError
from index.static import CARD, FOLDER, StaticEmbedder, read_safetensors, write_safetensors
from index.train.export import quantise, revision

TEXTS = [
    "老板拖欠工资怎么办",
    "用人单位应当按照劳动合同约定和国家规定，向劳动者及时足额支付劳动报酬。",
    "挥发性有机物（VOCs）排放限值为 60 mg/m³，自2023年5月1日起执行。",
    "",
    "。。。",
    "Ⅳ類水體 COD≤30 ｍｇ／Ｌ",
    "锅炉" * 400,
]


@pytest.fixture(scope="module")
def model() -> StaticEmbedder:
    return StaticEmbedder()


def test_the_shipped_model_is_small_and_is_what_its_card_says(model: StaticEmbedder) -> None:
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25_000_000
    assert model.revision == revision(FOLDER)
    assert model.encode(["锅炉"]).shape == (1, model.dim)


def test_the_vectors_are_units_and_do_not_depend_on_the_batch(model: StaticEmbedder) -> None:
    together = model.encode(TEXTS)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    apart = np.concatenate([model.encode([text]) for text in TEXTS])
    assert np.allclose(together, apart, atol=1e-6)
    assert model.encode([]).shape == (0, model.dim)
    assert model.encode([""])[0].tolist()[:2] == [1.0, 0.0]


def test_a_question_is_nearer_to_its_answer_than_to_another_text_of_the_field(model: StaticEmbedder) -> None:
    question, right, *others = model.encode(
        [
            "老板拖欠工资怎么办",
            "用人单位应当按照劳动合同约定和国家规定，向劳动者及时足额支付劳动报酬。",
            "用人单位应当建立职业培训制度，按照国家规定提取和使用职业培训经费。",
            "排污单位应当安装自动监测设备，并与生态环境主管部门的监控设备联网。",
        ]
    )
    assert question @ right > max(question @ other for other in others)


@pytest.mark.parametrize(
    ("one", "same"),
    [("勞動合同法", "劳动合同法"), ("ＣＯＤ排放２０２３", "cod排放2023"), ("㎡", "m2"), ("节能 。", "节能")],
)
def test_the_tokenizer_folds_by_itself(model: StaticEmbedder, one: str, same: str) -> None:
    first, second = model.encode([one, same])
    assert np.allclose(first, second, atol=1e-6)


@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_text_has_a_vector(texts: list[str]) -> None:
    vectors = StaticEmbedder().encode(texts) if not texts else _SHARED.encode(texts)
    assert vectors.shape[0] == len(texts)
    assert np.isfinite(vectors).all()


_SHARED = StaticEmbedder()


def test_sentence_transformers_opens_the_folder_and_gives_the_same_vectors(model: StaticEmbedder) -> None:
    package = pytest.importorskip("sentence_transformers", reason="the extra `models` is not installed")
    theirs = package.SentenceTransformer(str(FOLDER), device="cpu").encode(TEXTS)
    ours = model.encode(TEXTS)
    known = np.linalg.norm(theirs, axis=1) > 0
    assert known.tolist() == [True, True, True, False, False, True, True]
    assert np.abs(theirs[known] - ours[known]).max() < 1e-5


def test_loading_and_one_question_need_no_torch_and_little_time() -> None:
    code = (
        "import sys, time, numpy, index.embed\n"
        "start = time.perf_counter()\n"
        "index.embed.open_embedder('built-in').encode(['锅炉怎么补贴'])\n"
        "print(time.perf_counter() - start)\n"
        "assert not {'torch', 'transformers', 'sentence_transformers', 'scipy'} & set(sys.modules)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
        for _ in range(3)
    ]
    # bench.embedding measures it; this only catches an order of magnitude, on whatever machine the tests run.
    assert min(runs) < 1.5


def test_short_passages_are_encoded_by_the_thousand(model: StaticEmbedder) -> None:
    texts = [f"第{n}条 排污单位应当按照规定安装、使用监测设备。" for n in range(4000)]
    model.encode(texts[:10])
    start = time.perf_counter()
    model.encode(texts)
    assert len(texts) / (time.perf_counter() - start) > 2000


def test_names_and_folders_open_it(tmp_path: Path) -> None:
    assert isinstance(open_embedder("built-in"), StaticEmbedder)
    (tmp_path / CARD).write_text(json.dumps({"dimensions": 4, "revision": "r1"}), "utf-8")
    own = open_embedder(str(tmp_path))
    assert isinstance(own, StaticEmbedder)
    assert (own.name, own.revision, own.dim) == (str(tmp_path), "r1", 4)


@pytest.mark.parametrize("card", ["", "{}", '{"dimensions": "x", "revision": ""}'])
def test_a_broken_folder_is_named(tmp_path: Path, card: str) -> None:
    (tmp_path / CARD).write_text(card, "utf-8")
    with pytest.raises(InputError, match="打不开"):
        StaticEmbedder(tmp_path)


def test_missing_or_broken_files_are_named(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text(json.dumps({"dimensions": 4, "revision": "r1"}), "utf-8")
    with pytest.raises(InputError, match="打不开"):
        StaticEmbedder(tmp_path).encode(["锅炉"])
    (tmp_path / "tokenizer.json").write_bytes((FOLDER / "tokenizer.json").read_bytes())
    for content in (b"", b"\x08\0\0\0\0\0\0\0nothing!", b"\x02\0\0\0\0\0\0\0{}"):
        (tmp_path / "model.safetensors").write_bytes(content)
        with pytest.raises(InputError, match="打不开"):
            StaticEmbedder(tmp_path).encode(["锅炉"])


def test_without_the_package_the_pip_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingPackageError) as caught:
        StaticEmbedder().encode(["甲"])
    assert "pip install tokenizers" in caught.value.line()


def test_arrays_come_back_from_a_file(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6, dtype=np.int8).reshape(2, 3), "b": np.array([1.5, -2], dtype=np.float32)}
    write_safetensors(tmp_path / "x", arrays)
    found = read_safetensors(tmp_path / "x")
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


def test_eight_bits_lose_little() -> None:
    table = np.random.default_rng(1).normal(size=(50, 32)).astype(np.float32)
    rows, scales = quantise(table)
    back = rows * scales[:, None]
    assert not back[0].any()
    assert np.abs(back[1:] - table[1:]).max() <= np.abs(table).max() / 127
