"""Files of questions: which lines and histories are taken, and which are named as wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import InputError
from rag.batch import BatchQuery, BatchQuestion, read_history, read_lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=4)
FILES = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FILES
@given(values=st.lists(OBJECTS, max_size=5), ascii_only=st.booleans(), bom=st.booleans(), gap=st.sampled_from("\n \r"))
def test_every_object_comes_back_with_its_line_number(
    tmp_path: Path, values: list[dict[str, object]], ascii_only: bool, bom: bool, gap: str
) -> None:
    path = tmp_path / "q.jsonl"
    text = "".join(json.dumps(v, ensure_ascii=ascii_only) + "\n" + gap.strip(" ") + "\n" for v in values)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + text.encode())
    found = list(read_lines(path))
    assert [value for _, value in found] == values
    lines = path.read_text("utf-8-sig").split("\n")
    assert all(json.loads(lines[number - 1]) == value for number, value in found)


def test_a_line_separator_inside_a_question_is_no_end_of_line(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "1", "question": "节水\u2028\x85目标？"}\n', "utf-8")
    assert [value["question"] for _, value in read_lines(tmp_path / "q.jsonl")] == ["节水\u2028\x85目标？"]


@pytest.mark.parametrize(
    "line", ["{", "[]", "1", '"text"', "null", "{'id': 1}", '{"a": 1} {"b": 2}', "9" * 5000, "[" * 99_999, "NaN"]
)
def test_a_line_that_is_no_object_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "q.jsonl").write_text(f'{{"id": "1"}}\n\n{line}\n', "utf-8")
    with pytest.raises(InputError, match=r"q\.jsonl 第 3 行") as caught:
        list(read_lines(tmp_path / "q.jsonl"))
    assert len(caught.value.line()) < 200


@pytest.mark.parametrize("content", [None, b"\xff\xfe{}", "问".encode("gb18030")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "q.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=r"q\.jsonl"):
        list(read_lines(tmp_path / "q.jsonl"))
    with pytest.raises(InputError, match=r"q\.jsonl"):
        read_history(tmp_path / "q.jsonl")


def test_a_folder_is_no_file_of_questions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=tmp_path.name):
        list(read_lines(tmp_path))


@FILES
@given(questions=st.lists(st.text(min_size=1, max_size=20).filter(lambda t: t.strip() and len(t.splitlines()) == 1)))
def test_a_history_is_the_same_as_lines_and_as_json(tmp_path: Path, questions: list[str]) -> None:
    questions = [q for q in questions if not q.lstrip("\ufeff").lstrip().startswith("[") and q[0] != "\ufeff"]
    (tmp_path / "lines").write_bytes("\n".join(questions).encode())
    (tmp_path / "array").write_text(json.dumps(questions), "utf-8")
    assert read_history(tmp_path / "array") == tuple(questions)
    assert [q.strip() for q in read_history(tmp_path / "lines")] == [q.strip() for q in questions]


def test_a_question_takes_numbers_as_ids_and_leaves_other_keys_alone() -> None:
    asked = BatchQuestion.model_validate({"id": 7, "question": "水？", "type": "fact", "facts": []})
    assert (asked.id, asked.question, asked.history, asked.context, asked.max_chars) == ("7", "水？", [], [], None)
    assert BatchQuery.model_validate({"_id": 7, "text": "水", "metadata": {}}).id == "7"
