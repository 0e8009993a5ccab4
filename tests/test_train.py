"""The recipe of the embedding model: its data, its words, its negatives, and one whole run on a few pairs."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from index.embed import open_embedder
from index.errors import InputError
from index.static import FOLDER, TOKENIZER
from index.text import key
from index.thesaurus import Group, Thesaurus
from index.train.__main__ import main
from index.train.batches import Batches, Encoded
from index.train.charsmap import charsmap, folded_characters
from index.train.laws import Article, _numeral, law_pairs, read_laws
from index.train.negatives import mine
from index.train.pairs import Pair, held_out, read_pairs, word_pairs
from index.train.vocabulary import is_word, word_parts

TOPICS = ("锅炉", "废水", "噪声", "固体废物", "绿电", "节能", "粉尘", "水泥", "钢铁", "焦化")


def lines(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_rows_for_evaluation_only_are_never_trained_on(tmp_path: Path) -> None:
    rows = [{"query": tier, "positive": "文", "source": "x/y", "tier": tier} for tier in "ABCD"]
    assert [pair.query for pair in read_pairs(lines(tmp_path / "p.jsonl", rows))] == ["A", "B"]


@pytest.mark.parametrize(
    ("row", "group"),
    [
        ({}, "own"),
        ({"style": "lay"}, "questions"),
        ({"source": "laws/kw"}, "keywords"),
        ({"source": "laws/q_num"}, "rules"),
        ({"source": "lawyer_llama/answer"}, "lay"),
        ({"source": "cmrc2018/passage"}, "reading"),
        ({"source": "gov_report/kw"}, "rest"),
    ],
)
def test_sources_have_their_groups(tmp_path: Path, row: dict[str, str], group: str) -> None:
    path = lines(tmp_path / "p.jsonl", [{"query": "问", "positive": "文", **row}])
    assert [pair.group for pair in read_pairs(path)] == [group]


@pytest.mark.parametrize("row", [{"query": "问"}, {"query": "问", "positive": 1}, ["问", "文"], "文"])
def test_a_line_of_another_form_is_named(tmp_path: Path, row: object) -> None:
    path = lines(tmp_path / "p.jsonl", [{"query": "问", "positive": "文"}, row])
    with pytest.raises(InputError, match=r"p\.jsonl 第 [12] 行"):
        list(read_pairs(path))


def test_a_pair_without_its_passage_is_named_before_passages_are_held_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = lines(tmp_path / "p.jsonl", [{"query": "问"}])
    assert main([str(wrong), "--out", str(tmp_path / "m")]) == 2
    assert "p.jsonl 第 1 行" in capsys.readouterr().err


def test_passages_are_held_out_whole() -> None:
    rows = [(n, {"passage": f"{n // 2:02d}", "positive": f"文{n}"}) for n in range(10)]
    assert held_out(rows, 2) == {"文0", "文1", "文4", "文5", "文8", "文9"}


def test_laws_are_read_article_by_article(tmp_path: Path) -> None:
    text = "# 某法\n\n日期\n\n<!-- INFO END -->\n\n## 第一章  总  则\n\n第一条 甲。\n\n第二条之一 乙：\n\n（一）丙；\n\n## 第二章 罚则\n\n第三条 丁。"
    with tarfile.open(tmp_path / "l.tar.xz", "w:xz") as archive:
        info = tarfile.TarInfo("laws/a.md")
        info.size = len(text.encode())
        archive.addfile(info, io.BytesIO(text.encode()))
    found = list(read_laws(tmp_path / "l.tar.xz"))
    assert found == [
        Article("某法", "总则", "甲。"),
        Article("某法", "总则", "乙：\n（一）丙；"),
        Article("某法", "罚则", "丁。"),
    ]


def test_a_sentence_asks_for_the_rest_of_its_article() -> None:
    article = Article("某法", "总则", "排污单位应当安装监测设备。监测数据应当保存五年以上。违者责令改正。")
    pairs = list(law_pairs([article] * 200, Random(1)))
    assert {pair.group for pair in pairs} == {"headings", "cloze"}
    for pair in pairs:
        assert pair.query == "某法 总则" or pair.query in article.text
    without = [pair.query not in pair.positive for pair in pairs if pair.group == "cloze"]
    assert sum(without) > len(without) * 0.8


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (99, "九十九"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
    ],
)
def test_article_numbers(number: int, text: str) -> None:
    assert _numeral(number) == text


def test_words_of_the_lexicon_ask_for_each_other() -> None:
    groups = Thesaurus([Group("x", "欠薪", ("欠薪", "拖欠工资"), ()), Group("x", "独", ("独",), ())])
    assert [(p.query, p.positive) for p in word_pairs(groups)] == [("欠薪", "拖欠工资"), ("拖欠工资", "欠薪")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("规定的", False),
        ("由县级以上", False),
        ("目的", True),
        ("排放", True),
        ("被告", True),
        ("voc", True),
        ("的", True),
    ],
)
def test_glued_grammar_is_no_word(text: str, expected: bool) -> None:
    assert is_word(text, {"目的"}) is expected


def test_a_word_knows_the_words_inside_it() -> None:
    words = ["[UNK]", "劳动合同", "劳动", "合同", "劳", "动"]
    assert [words[n] for n in word_parts(words)[1]] == ["劳", "劳动", "动", "合同"]
    assert word_parts(words)[0] == word_parts(words)[4] == []


def test_the_character_map_folds_like_the_search_does() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    table = folded_characters()
    fold = tokenizers.normalizers.Precompiled(charsmap(table))
    assert fold.normalize_str("臺灣ＡＢＣ①２０２３年㎡ＣＯ₂") == "台湾abc12023年m2co2"
    wrong = [char for char in table if fold.normalize_str(f"甲{char}乙") != f"甲{table[char]}乙"]
    assert wrong == []


def test_a_batch_has_no_passage_twice_and_goes_through_all_pairs() -> None:
    ids = [np.array([n, n + 1, n + 2], dtype=np.int32) for n in range(40)]
    pairs = Encoded(ids, ids, [n // 2 for n in range(40)], ["own"] * 40, [()] * 40)
    batches = Batches(pairs, {"own": 1.0, "absent": 1.0}, 20, seed=1)
    first, second = batches.draw(), batches.draw()
    assert len(first.queries) == len(first.documents)
    assert len({int(text[0]) // 2 for text in first.documents}) <= len(first.documents)
    assert len(first.queries) + len(second.queries) >= 25


def test_negatives_share_words_with_the_question_and_not_the_answer() -> None:
    pairs = [Pair(f"{t}怎么补贴", f"企业完成{t}改造的，按投资额给予奖励。") for t in TOPICS]
    pairs.append(Pair("别的", "锅炉补贴由另一部门负责，本办法不适用。"))
    mined = mine(pairs, 99, Random(1))
    assert "锅炉补贴由另一部门负责，本办法不适用。" in mined[0].negatives
    assert all(pair.positive not in pair.negatives for pair in mined)
    kept = Pair("问", "文", negatives=("反例",))
    assert mine([kept], 5, Random(1)) == [kept]


def _own_pairs() -> list[dict[str, str]]:
    asked = ("怎么补贴", "由谁负责", "罚多少钱", "多久检查一次")
    told = ("按投资额给予奖励", "由工业主管部门负责", "处以罚款并责令改正", "每年至少检查一次")
    return [
        {"query": f"{t}{q}", "positive": f"对{t}项目，{a}。"} for t in TOPICS for q, a in zip(asked, told, strict=True)
    ]


def test_a_run_makes_a_model_that_opens_and_the_same_words_make_the_same_one(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra `models` is not installed")
    own = lines(tmp_path / "own.jsonl", _own_pairs())
    options = [str(own), "--dimensions", "16", "--steps", "60", "--batch", "32", "--rate", "0.03", "--mined", "5"]
    assert main([*options, "--out", str(tmp_path / "a")]) == 0
    assert main([*options, "--words", str(tmp_path / "a/tokenizer.json"), "--out", str(tmp_path / "b")]) == 0
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()
    model = open_embedder(str(tmp_path / "a"))
    assert model is not None
    passages = model.encode(sorted({pair["positive"] for pair in _own_pairs()}))
    assert passages.shape == (40, 16)
    found = [
        sorted({p["positive"] for p in _own_pairs()})[int((passages @ vector).argmax())] == pair["positive"]
        for pair, vector in zip(_own_pairs(), model.encode([p["query"] for p in _own_pairs()], query=True), strict=True)
    ]
    assert sum(found) >= 30


def test_a_run_goes_on_from_a_model_and_keeps_its_words(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra `models` is not installed")
    own = lines(tmp_path / "own.jsonl", _own_pairs())
    first, second = tmp_path / "a", tmp_path / "b"
    shape = ["--dimensions", "16", "--steps", "5", "--batch", "32"]
    assert main([str(own), *shape, "--out", str(first)]) == 0
    assert main([str(own), *shape, "--start", str(first), "--out", str(second)]) == 0
    assert (first / "tokenizer.json").read_bytes() == (second / "tokenizer.json").read_bytes()
    one, two = open_embedder(str(first)), open_embedder(str(second))
    assert one is not None
    assert two is not None
    assert one.revision != two.revision


def test_wrong_input_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "m")]) == 2
    error = capsys.readouterr().err
    assert "none.jsonl" in error
    assert "Traceback" not in error


def test_the_help_shows_the_form_of_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert '{"query": "' in capsys.readouterr().out


def test_the_shipped_tokenizer_folds_every_printed_character_like_the_search_does() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    fold = tokenizers.Tokenizer.from_file(str(FOLDER / TOKENIZER)).normalizer
    codes = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    common = "".join(code.decode("gb2312", "ignore") for code in codes)
    assert [char for char in common if fold.normalize_str(f"甲{char}乙") != f"甲{key(char)}乙"] == []
