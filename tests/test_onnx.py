"""Encoders in ONNX files: unit rows that do not depend on neighbours, and what happens when something is missing."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from index.embed import identity, open_embedder
from index.errors import InputError, MissingPackageError
from index.onnx import ENCODER_CARD, GRAPH, OnnxEmbedder
from index.static import FOLDER, TOKENIZER
from index.train.encoder.data import with_specials
from index.train.encoder.graph import write_graph
from index.train.make import read_tokenizer

WIDTH, TOKENS, LAYERS, HEADS = 8, 12, 2, 2
EPSILON = 1e-12


def weights(words: int) -> dict[str, np.ndarray]:
    """Return random weights under a BERT's names."""
    random = np.random.default_rng(1)
    shapes = {
        "embeddings.word_embeddings.weight": (words, WIDTH),
        "embeddings.position_embeddings.weight": (TOKENS, WIDTH),
        "embeddings.token_type_embeddings.weight": (1, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        norms += [f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
        for name, (inner, outer) in {
            "attention.self.query": (WIDTH, WIDTH),
            "attention.self.key": (WIDTH, WIDTH),
            "attention.self.value": (WIDTH, WIDTH),
            "attention.output.dense": (WIDTH, WIDTH),
            "intermediate.dense": (4 * WIDTH, WIDTH),
            "output.dense": (WIDTH, 4 * WIDTH),
        }.items():
            shapes |= {f"{at}.{name}.weight": (inner, outer), f"{at}.{name}.bias": (inner,)}
    made = {name: random.normal(scale=1.0, size=shape).astype(np.float32) for name, shape in shapes.items()}
    for name in norms:
        made |= {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}
    return made


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of random weights with the built-in model's words; made without torch."""
    pytest.importorskip("onnx", reason="the extra `onnx` is not installed")
    folder = tmp_path_factory.mktemp("onnx")
    tokenizer, specials = with_specials(read_tokenizer(FOLDER / TOKENIZER))
    tokenizer.save(str(folder / TOKENIZER))
    write_graph(folder / GRAPH, weights(specials.words), LAYERS, HEADS, EPSILON)
    card = {"dimensions": WIDTH, "tokens": TOKENS, "revision": "r1"}
    (folder / ENCODER_CARD).write_text(json.dumps(card), "utf-8")
    return folder


def needs_running() -> None:
    pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")


def opened(folder: Path) -> OnnxEmbedder:
    embedder = open_embedder(str(folder))
    assert isinstance(embedder, OnnxEmbedder)
    return embedder


def test_a_text_has_the_same_unit_vector_alone_and_among_others(model: Path) -> None:
    needs_running()
    texts = ["锅炉节能改造", "水", "", "企业应当按照规定安装监测设备。" * 9, "ＡＢＣ"]
    embedder = opened(model)
    together = embedder.encode(texts)
    assert together.shape == (5, embedder.dim) == (5, WIDTH)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        assert (embedder.encode([text], query=True)[0] == vector).all()
    assert embedder.encode([]).shape == (0, WIDTH)


def test_the_order_of_words_counts_and_long_texts_lose_their_end(model: Path) -> None:
    needs_running()
    vectors = opened(model).encode(["锅炉节能", "节能锅炉", "节能 " * TOKENS, "节能 " * TOKENS + "废水"])
    assert not np.allclose(vectors[0], vectors[1], atol=1e-3)
    assert (vectors[2] == vectors[3]).all()


def test_the_graph_computes_what_the_formulas_say(model: Path) -> None:
    needs_running()
    tokenizer, specials = with_specials(read_tokenizer(FOLDER / TOKENIZER))
    text = "企业节能改造，排污单位保存监测记录"
    expected = reference(np.array(tokenizer.encode(text).ids), weights(specials.words))
    found = opened(model).encode([text])[0]
    assert found @ expected / np.linalg.norm(expected) > 0.9995


def reference(ids: np.ndarray, held: dict[str, np.ndarray]) -> np.ndarray:
    """Return the mean of a BERT's last rows (Devlin et al. 2019), in float."""
    from math import erf

    def linear(rows: np.ndarray, name: str) -> np.ndarray:
        return rows @ held[f"{name}.weight"].T + held[f"{name}.bias"]

    def norm(rows: np.ndarray) -> np.ndarray:
        return (rows - rows.mean(1, keepdims=True)) / np.sqrt(rows.var(1, keepdims=True) + EPSILON)

    rows = held["embeddings.word_embeddings.weight"][ids] + held["embeddings.token_type_embeddings.weight"][0]
    rows = norm(rows + held["embeddings.position_embeddings.weight"][: len(ids)])
    size = WIDTH // HEADS
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        asked, keys, values = (linear(rows, f"{at}.attention.self.{n}") for n in ("query", "key", "value"))
        heard = []
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            near = np.exp(asked[:, part] @ keys[:, part].T / np.sqrt(size))
            heard.append(near / near.sum(1, keepdims=True) @ values[:, part])
        rows = norm(rows + linear(np.concatenate(heard, axis=1), f"{at}.attention.output.dense"))
        inner = linear(rows, f"{at}.intermediate.dense")
        inner *= 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
        rows = norm(rows + linear(inner, f"{at}.output.dense"))
    return np.asarray(rows.mean(0))


def test_the_revision_is_part_of_its_identity(model: Path) -> None:
    assert identity(opened(model)) == f"{model}@r1"


def test_without_the_package_the_pip_line_is_given(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPackageError) as caught:
        opened(model).encode(["甲"])
    assert "pip install onnxruntime" in caught.value.line()


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER, ENCODER_CARD])
def test_a_damaged_file_is_named(model: Path, tmp_path: Path, name: str) -> None:
    needs_running()
    shutil.copytree(model, tmp_path / "m")
    (tmp_path / "m" / name).write_bytes(b"{")
    with pytest.raises(InputError, match="打不开"):
        opened(tmp_path / "m").encode(["甲"])
