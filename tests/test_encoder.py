"""The recipe of the small encoder, run whole in small: the losses fall, a stopped run goes on, the export opens."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.embed import HashEmbedder, SentenceTransformerEmbedder, open_embedder
from index.errors import InputError, MissingPackageError
from index.onnx import OnnxEmbedder
from index.static import FOLDER, TOKENIZER
from index.train.batches import Batches, Encoded
from index.train.encoder.__main__ import main
from index.train.encoder.data import SPECIAL, cut, read_data, read_texts, with_specials
from index.train.encoder.graph import quantise
from index.train.encoder.kept import Data
from index.train.encoder.make import Plan, make
from index.train.encoder.network import Shape, Specials, build, embed
from index.train.make import Sources, read_tokenizer
from index.train.score import gains_by_source

TOPICS = ("锅炉", "废水", "噪声", "固体废物", "绿电", "节能", "粉尘", "水泥", "钢铁", "焦化", "光伏", "造纸", "印染")
ASKED = ("怎么补贴", "由谁负责", "罚多少钱", "多久检查一次", "什么时候截止")
TOLD = ("按投资额给予奖励", "由工业主管部门负责", "处以罚款并责令改正", "每年至少检查一次", "应当在年底以前报送")
PLACES = ("园区", "企业", "市级", "港口", "矿山")
PAIRS = [
    {"query": f"{place}{topic}{asked}", "positive": f"{place}的{topic}项目，{told}。"}
    for place in PLACES
    for topic in TOPICS
    for asked, told in zip(ASKED, TOLD, strict=True)
]
SIZES = ("--layers", "2", "--width", "32", "--heads", "2", "--tokens", "32", "--device", "cpu", "--threads", "1")
PLAN = Plan(Shape(1, 16, 2, 16), pretrain_steps=4, pretrain_batch=4, steps=4, batch=16)


def lines(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def needs_training() -> None:
    pytest.importorskip("torch", reason="the extra `models` is not installed")
    pytest.importorskip("transformers", reason="the extra `models` is not installed")
    pytest.importorskip("onnx", reason="the extra `onnx` is not installed")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder, made by the command."""
    needs_training()
    folder = tmp_path_factory.mktemp("encoder")
    own = lines(folder / "own.jsonl", PAIRS)
    steps = ("--pretrain-steps", "60", "--pretrain-batch", "16", "--steps", "80", "--batch", "64")
    rates = ("--pretrain-rate", "0.003", "--rate", "0.003", "--mined", "20", "--narrow", "16")
    assert main([str(own), *SIZES, *steps, *rates, "--out", str(folder / "model")]) == 0
    return folder / "model"


def test_both_losses_fall(trained: Path) -> None:
    rows = [json.loads(line) for line in (trained / "work/losses.jsonl").read_text("utf-8").splitlines()]
    for stage in ("pretrain", "contrast"):
        losses = [row["loss"] for row in rows if row["stage"] == stage]
        assert len(losses) >= 3
        assert losses[-1] < 0.8 * losses[0]


def test_the_model_finds_the_passage_that_answers(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    embedder = open_embedder(str(trained))
    assert embedder is not None
    gains = gains_by_source(embedder, lines(tmp_path / "v.jsonl", PAIRS))[""]
    assert np.mean(gains) > 0.5  # 325 passages: by chance 0.01


@pytest.mark.parametrize("rows", [[{"query": "问"}], []])
def test_a_validation_file_of_another_form_is_named(tmp_path: Path, rows: list[object]) -> None:
    with pytest.raises(InputError, match="v.jsonl"):
        gains_by_source(HashEmbedder(), lines(tmp_path / "v.jsonl", rows))


def test_a_pair_that_stands_first_scores_one_and_one_that_stands_second_less(tmp_path: Path) -> None:
    rows = [{"query": "锅炉", "positive": "锅炉"}, {"query": "锅炉", "positive": "锅炉改造", "source": "x"}]
    gains = gains_by_source(HashEmbedder(), lines(tmp_path / "v.jsonl", rows))
    assert gains == {"": [1.0], "x": [pytest.approx(1 / np.log2(3))]}


def test_the_export_gives_close_vectors_both_ways(trained: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    pytest.importorskip("sentence_transformers", reason="the extra `models` is not installed")
    opened = open_embedder(str(trained))
    assert isinstance(opened, OnnxEmbedder)
    texts = [*(pair["positive"] for pair in PAIRS[:20]), "", "第三条 [SEP] ABC １２３", "很长的一段话，" * 60]
    whole = SentenceTransformerEmbedder(str(trained), "cpu")
    assert whole.dim == opened.dim == 32
    assert ((opened.encode(texts) * whole.encode(texts)).sum(axis=1) > 0.99).all()


def test_what_was_read_is_kept_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = read_tokenizer(FOLDER / TOKENIZER)
    specials = with_specials(plain)[1]
    rows = [*PAIRS[:9], {**PAIRS[9], "negatives": ["一段别的文字", "又一段"]}]
    sources = Sources((lines(tmp_path / "own.jsonl", rows),))

    def read() -> Data:
        return read_data(sources, (), plain, specials, tmp_path / "work", tokens=16, mined=3, seed=1)

    first = read()
    with monkeypatch.context() as patched:
        patched.setattr("index.train.encoder.data.gather", None)
        again = read()
    assert first.blocks.tolist() == again.blocks.tolist()
    assert [[list(map(list, some)) for some in first.pairs.negatives], first.pairs.keys, first.pairs.groups] == [
        [list(map(list, some)) for some in again.pairs.negatives],
        again.pairs.keys,
        again.pairs.groups,
    ]
    assert list(map(list, first.pairs.queries)) == list(map(list, again.pairs.queries))
    assert list(map(list, first.pairs.positives)) == list(map(list, again.pairs.positives))
    (tmp_path / "work/data.npz").write_bytes(b"PK broken")
    assert len(read().pairs.keys) == 10
    lines(tmp_path / "own.jsonl", rows[1:])
    assert len(read().pairs.keys) == 9


@pytest.mark.parametrize("stopped_after", [2, 4, 6])
def test_a_stopped_run_goes_on_to_the_same_model(tmp_path: Path, stopped_after: int) -> None:
    needs_training()
    sources = Sources((lines(tmp_path / "own.jsonl", PAIRS),))
    asked = iter(range(100))
    assert make(sources, (), PLAN, tmp_path / "whole", device="cpu", threads=1)
    assert not make(
        sources, (), PLAN, tmp_path / "parts", device="cpu", threads=1, stop=lambda: next(asked) >= stopped_after
    )
    assert not (tmp_path / "parts/model_int8.onnx").exists()
    assert make(sources, (), PLAN, tmp_path / "parts", device="cpu", threads=1)
    for name in ("model.safetensors", "model_int8.onnx", "encoder.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes(), name


def test_when_time_is_over_the_command_says_that_there_is_more(tmp_path: Path) -> None:
    needs_training()
    own = lines(tmp_path / "own.jsonl", PAIRS)
    assert main([str(own), *SIZES, "--minutes", "0.00001", "--out", str(tmp_path / "m")]) == 1
    assert (tmp_path / "m/work/checkpoint.pt").exists()
    assert not (tmp_path / "m/encoder.json").exists()


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    needs_training()
    own = lines(tmp_path / "own.jsonl", PAIRS)
    make(Sources((own,)), (), PLAN, tmp_path / "m", device="cpu", stop=lambda: True)
    lines(own, PAIRS[1:])
    with pytest.raises(InputError, match="别的参数或数据"):
        make(Sources((own,)), (), PLAN, tmp_path / "m", device="cpu")
    (tmp_path / "m/work/checkpoint.pt").write_bytes(b"broken")
    with pytest.raises(InputError, match="读不出来"):
        make(Sources((own,)), (), PLAN, tmp_path / "m", device="cpu")


def test_a_text_learns_nothing_from_the_length_of_its_neighbours() -> None:
    needs_training()
    specials = Specials(20, 21, 22, 23)
    model = build(Shape(1, 16, 2, 16), specials, seed=1).eval()
    short, long = (np.arange(1, n, dtype=np.int32) for n in (4, 12))
    alone, among = embed(model, [short], specials, 16), embed(model, [short, long], specials, 16)
    assert np.allclose(alone[0].detach().numpy(), among[0].detach().numpy(), atol=1e-5)


def test_special_tokens_stand_behind_the_words_and_around_a_text() -> None:
    pytest.importorskip("tokenizers")
    plain = read_tokenizer(FOLDER / TOKENIZER)
    tokenizer, specials = with_specials(plain)
    assert specials.pad == plain.get_vocab_size()
    assert [tokenizer.id_to_token(n) for n in (specials.pad, specials.cls, specials.sep, specials.mask)] == [*SPECIAL]
    for text in ("老板拖欠工资怎么办", "臺灣ＡＢＣ①", ""):
        bare = plain.encode(text, add_special_tokens=False).ids
        assert tokenizer.encode(text).ids == [specials.cls, *bare, specials.sep]
    again, same = with_specials(tokenizer)
    assert same == specials
    assert again.to_str() == tokenizer.to_str()


def test_blocks_hold_the_whole_text_in_its_order() -> None:
    specials = Specials(10, 11, 12, 13)
    texts = [np.array(ids, dtype=np.int32) for ids in ([1, 2, 3], [4], [5, 6])]
    blocks = cut(texts, 5, specials)
    assert blocks.tolist() == [[11, 1, 2, 3, 12], [11, 12, 4, 12, 12], [11, 5, 6, 12, 12]]
    assert cut(texts[1:2], 5, specials).tolist() == [[11, 4, 12, 4, 12]]


def test_quantised_rows_stay_within_half_a_step() -> None:
    table = np.random.default_rng(1).normal(size=(5, 9)).astype(np.float32)
    table[2] = 0
    rows, scales = quantise(table, 63)
    assert np.abs(rows).max() == 63
    assert (np.abs(rows * scales[:, None] - table) <= scales[:, None] / 2 + 1e-6).all()


def test_batches_go_on_from_a_state() -> None:
    ids = [np.arange(n, n + 5, dtype=np.int32) for n in range(30)]
    pairs = Encoded(ids, ids, list(range(30)), ["own"] * 30, [()] * 30)
    one, other = (Batches(pairs, {"own": 1.0}, 8, seed=1) for _ in range(2))
    one.draw()
    other.restore(one.state())
    for mine, same in zip(one.draw().documents, other.draw().documents, strict=True):
        assert mine.tolist() == same.tolist()


def test_without_noise_no_word_is_left_out() -> None:
    ids = [np.arange(n, n + 9, dtype=np.int32) for n in range(30)]
    pairs = Encoded(ids, ids, list(range(30)), ["own"] * 30, [()] * 30)
    batch = Batches(pairs, {"own": 1.0}, 30, seed=1, noise=0.0).draw()
    assert [len(text) for text in (*batch.queries, *batch.documents)] == [9] * 60


def test_free_texts_are_read_from_lines_and_from_objects(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("甲\n\n 乙 \n", "utf-8")
    assert list(read_texts(tmp_path / "a.txt")) == ["甲", "乙"]
    assert list(read_texts(lines(tmp_path / "b.jsonl", [{"text": "丙"}]))) == ["丙"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["--width", "30", "--heads", "4"], "--width 30"),
        (["--tokens", "3"], "--tokens 3"),
        (["--batch", "0"], "--batch 0"),
        (["--steps", "-1"], "步数"),
        (["--device", "nothing"], "nothing"),
        (["--words", "none.json"], "none.json"),
        (["--texts", "none.txt"], "none.txt"),
        (["--laws", "none.tar.xz"], "none.tar.xz"),
    ],
)
def test_wrong_input_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: list[str], told: str
) -> None:
    needs_training()
    own = lines(tmp_path / "own.jsonl", PAIRS[:4])
    assert main([str(own), "--out", str(tmp_path / "m"), *SIZES, *change]) == 2
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("错误")]
    assert len(error) == 1
    assert told in error[0]


@pytest.mark.parametrize("row", [{"query": "问"}, {"text": 1}])
def test_a_line_of_another_form_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], row: object) -> None:
    needs_training()
    wrong = lines(tmp_path / "wrong.jsonl", [row])
    own = lines(tmp_path / "own.jsonl", PAIRS[:4])
    options = [str(wrong)] if "query" in str(row) else [str(own), "--texts", str(wrong)]
    assert main([*options, "--out", str(tmp_path / "m"), *SIZES]) == 2
    assert "wrong.jsonl 第 1 行" in capsys.readouterr().err


@pytest.mark.parametrize(("package", "extra"), [("torch", "models"), ("transformers", "models"), ("onnx", "onnx")])
def test_without_a_package_the_pip_line_is_given_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, extra: str
) -> None:
    if package == "onnx":
        needs_training()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError) as caught:
        make(Sources((tmp_path / "none.jsonl",)), (), PLAN, tmp_path / "m")
    assert "pip install" in caught.value.line()
    assert extra in caught.value.line()


def test_the_help_shows_the_form_of_the_data_and_the_way_to_run_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for told in ('{"query": "', '{"text": "', "--minutes 8", "退出码"):
        assert told in shown


@pytest.fixture(autouse=True)
def _keep_threads() -> object:
    """Give the packages their threads back."""
    held: Callable[[], int] | None = getattr(sys.modules.get("torch"), "get_num_threads", None)
    before = held() if held else 0
    yield
    if before and (torch := sys.modules.get("torch")):
        torch.set_num_threads(before)
