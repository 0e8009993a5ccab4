"""Suites are read strictly: whatever is wrong is named by file, line and fault."""

import gzip
import json
from pathlib import Path

import pytest

from eval.cases import comparable, load_suite, parse_answer, read_lines
from index.errors import InputError

GOOD = {
    "id": "a-1",
    "question": "节水多少？",
    "type": "fact",
    "facts": [["三成", "30%"]],
    "forbidden": ["四成"],
    "evidence": [{"doc": "a.txt", "quote": "节水三成"}],
    "must_cite": [0],
}


def suite(tmp_path: Path, *cases: object) -> Path:
    path = tmp_path / "s.jsonl"
    path.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in cases), "utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_suite(path)
    return caught.value.line()


def test_a_good_suite_keeps_the_order_of_its_file(tmp_path: Path):
    path = suite(tmp_path, {**GOOD, "id": "z"}, {**GOOD, "id": "a", "history": ["先问的"]})
    cases = load_suite(path)
    assert [case.id for case in cases] == ["z", "a"]
    assert cases[1].history == ("先问的",)
    assert cases[0].facts == (("三成", "30%"),)


def test_blank_lines_and_a_byte_order_mark_do_no_harm(tmp_path: Path):
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n" + json.dumps(GOOD).encode() + b"\r\n\r\n")
    assert load_suite(path)[0].id == "a-1"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"typo": 1}, "'typo' 多余的字段"),
        ({"type": "essay"}, "'type' 取值不在允许范围内"),
        ({"question": 3}, "'question' 应为字符串"),
        ({"question": "  "}, "空白内容"),
        ({"forbidden": [""]}, "空白内容"),
        ({"facts": [[]]}, "空的要点"),
        ({"facts": [["a", " "]]}, "空的写法"),
        ({"facts": "三成"}, "'facts' 应为数组"),
        ({"must_cite": [1]}, "序号 1 超出 evidence"),
        ({"must_cite": [-1]}, "序号 -1 超出 evidence"),
        ({"must_cite": [0, 0]}, "重复的序号"),
        ({"facts": [], "must_cite": []}, "什么回答都会算对"),
        ({"evidence": [{"doc": "a.txt"}]}, "'evidence.0.quote' 缺少"),
    ],
)
def test_a_faulty_case_is_named_by_line_and_fault(tmp_path: Path, change: dict, what: str):
    line = refusal(suite(tmp_path, GOOD, {**GOOD, "id": "b", **change}))
    assert "s.jsonl 第 2 行" in line
    assert what in line
    assert "\n" not in line


def test_an_id_must_not_come_twice(tmp_path: Path):
    assert "第 2 行：用例编号 'a-1' 重复" in refusal(suite(tmp_path, GOOD, GOOD))


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe{}", b"", b"\n\n", b"[" * 100_000])
def test_what_is_no_suite_is_refused_in_one_line(tmp_path: Path, content: bytes):
    path = tmp_path / "s.jsonl"
    path.write_bytes(content)
    line = refusal(path)
    assert "s.jsonl" in line and "\n" not in line


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path):
    assert "nowhere.jsonl" in refusal(tmp_path / "nowhere.jsonl")
    assert "读不了" in refusal(tmp_path)


def test_gzip_lines_are_read_and_a_cut_file_is_refused(tmp_path: Path):
    path = tmp_path / "s.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n'))
    assert list(read_lines(path)) == [(1, {"a": 1})]
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError):
        list(read_lines(path))


def test_an_answer_line_needs_text_and_refusal_flag():
    assert parse_answer({"answer": "甲", "refused": False, "elapsed_ms": 3}).answer == "甲"
    with pytest.raises(InputError, match="'refused' 缺少"):
        parse_answer({"id": "x", "answer": "甲"})
    with pytest.raises(InputError, match="citations.0.spans"):
        parse_answer({"answer": "", "refused": False, "citations": [{"doc": "d", "quote": "q"}]})


def test_comparing_ignores_white_space_width_and_case():
    assert comparable(" １２０ Nm³\n/ H\u3000") == "120nm3/h"
