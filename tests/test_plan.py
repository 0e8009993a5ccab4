"""A model's plan of the search: what is taken over, what is left out, and when it is asked at all."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from rag.config import Settings
from rag.llm import Message
from rag.plan import LONGER, PARTS, QUERIES, plan
from rag.service import PolicyQA
from rag.types import Done, Found, Planned, Question, Text
from tests.written_library import written

ASKED = "水平衡测试多久一次？"


class Scripted:
    """Answers each request with the next text; ModelError where none is left."""

    name = "scripted"

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.requests: list[Sequence[Message]] = []

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        self.requests.append(messages)
        if not self.answers:
            raise ModelError("连不上语言模型服务")
        yield self.answers.pop(0)


def planned(said: object, question: str = ASKED, history: Sequence[str] = ()) -> Planned:
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return plan(question, history, Scripted(text))


def test_question_queries_and_parts_are_taken_over() -> None:
    said = {"question": "企业水平衡测试多久一次？", "queries": ["水平衡测试 周期"], "parts": ["甲多久？", "乙多久？"]}
    assert planned(said) == Planned("企业水平衡测试多久一次？", ("水平衡测试 周期",), ("甲多久？", "乙多久？"))


def test_the_request_holds_the_question_and_what_was_asked_before() -> None:
    model = Scripted("{}")
    plan("那罚款呢？", ["长河市的办法讲什么？", "谁来测试？"], model)
    (request,) = model.requests
    text = request[-1].content
    assert text.index("长河市的办法讲什么？") < text.index("谁来测试？") < text.index("那罚款呢？")


@pytest.mark.parametrize(
    "invented", ["2025年水平衡测试周期", "《长河市节水条例》规定的周期", "每3年一次的测试", "测试 30.5 万元"]
)
def test_figures_and_titles_that_nobody_mentioned_are_left_out(invented: str) -> None:
    said = {"question": invented, "queries": [invented, "测试周期"], "parts": [invented]}
    assert planned(said) == Planned(ASKED, ("测试周期",), ())


@pytest.mark.parametrize(
    ("question", "history"),
    [("《长河市节水条例》2025年怎么说？", ()), ("它怎么说？", ("《长河市节水条例》2025年施行吗？",))],
)
def test_figures_and_titles_from_question_or_history_may_be_used(question: str, history: tuple[str, ...]) -> None:
    query = "《长河市节水条例》 2025年 规定"
    assert planned({"question": query, "queries": [query]}, question, history) == Planned(query, (query,), ())


def test_a_completed_question_may_not_grow_beyond_measure() -> None:
    assert planned({"question": "水" * (len(ASKED) + LONGER + 20)}).question == ASKED


@pytest.mark.parametrize(
    "wrapped",
    ["好的，结果如下：\n{}\n希望有帮助。", "```json\n{}\n```", "<think>想一想</think>{}", "\n\n  {}  "],
)
def test_json_is_found_inside_prose_and_code_fences(wrapped: str) -> None:
    inner = json.dumps({"question": ASKED, "queries": ["测试周期"]}, ensure_ascii=False)
    assert planned(wrapped.replace("{}", inner)) == Planned(ASKED, ("测试周期",), ())


@pytest.mark.parametrize("thought", ["先看 {问题}。", '也许 {"queries": ["错的"]}？', "格式是 {...}"])
def test_braces_in_a_thought_do_not_spoil_the_plan(thought: str) -> None:
    text = f"<think>{thought}</think>\n" + json.dumps({"queries": ["测试周期"]}, ensure_ascii=False)
    assert planned(text) == Planned(ASKED, ("测试周期",), ())


@pytest.mark.parametrize(
    "nonsense",
    ["", "每三年一次。", "{", "{}", "[]", "null", '{"question": null}', '{"question": 7, "queries": "x", "parts": {}}',
     '{"queries": [1, null, {}, [], "", "  "]}', "{" * 5000,
     '{"a":' * 5000 + "}" * 5000, '{"question": ""}', "{'question': 'x'}"],
)  # fmt: skip
def test_nonsense_leaves_the_question_as_it_is(nonsense: str) -> None:
    assert planned(nonsense) == Planned(ASKED, (), ())


@given(st.text())
def test_no_answer_breaks_the_plan(answer: str) -> None:
    assert planned(answer).question


def test_queries_and_parts_are_few_each_once_and_not_the_question_again() -> None:
    many = [ASKED, "甲", "甲", " 甲 ", "乙", "丙", "丁", "戊", "己"]
    found = planned({"queries": many, "parts": many})
    assert found.queries == ("甲", "乙", "丙", "丁")[:QUERIES]
    assert found.parts == ("甲", "乙", "丙", "丁", "戊")[:PARTS]


def test_lines_and_spaces_become_one_line() -> None:
    assert planned({"question": "  水平衡\n测试 多久\t一次？ "}).question == "水平衡 测试 多久 一次？"


# --- in the service ---

LAW = """长河市工业节水办法

长水发〔2023〕15号

第一条 年取水量超过30万立方米的企业，应当每三年开展一次水平衡测试。

第二条 未按期开展测试的，由水务部门责令改正，处5000元罚款。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("plan"), {"节水.txt": LAW})


def planning(qa: PolicyQA, model: Scripted, on: bool = True) -> PolicyQA:
    return PolicyQA(qa.library, qa.settings.model_copy(update={"llm_plan": on}), model)


def test_the_plan_comes_first_then_what_was_found_and_the_answer_at_last(library: PolicyQA) -> None:
    said = json.dumps({"question": "水平衡测试多久一次？", "queries": ["水平衡测试"], "parts": []}, ensure_ascii=False)
    events = list(planning(library, Scripted(said, "没有标记的话。")).ask("多久测一次？", ["水平衡测试是什么？"]))
    kinds = [type(event) for event in events]
    assert kinds[:2] == [Planned, Found] and kinds[-1] is Done and Text in kinds
    assert events[0] == Planned("水平衡测试多久一次？", ("水平衡测试",), ())
    assert isinstance(events[-1], Done) and events[-1].answer.rewritten == "水平衡测试多久一次？"
    assert events[-1].answer.question == "多久测一次？"


def test_a_model_that_does_not_answer_leaves_the_plan_to_the_program(library: PolicyQA) -> None:
    events = list(planning(library, Scripted()).ask(ASKED))
    assert isinstance(events[0], Found) and isinstance(events[-1], Done)
    answer = events[-1].answer
    assert answer.mode == "extractive" and "三年" in answer.text and "连不上" in answer.note


def test_without_the_setting_the_model_is_asked_for_the_answer_alone(library: PolicyQA) -> None:
    model = Scripted("没有标记的话。")
    events = list(planning(library, model, on=False).ask(ASKED))
    assert not any(isinstance(event, Planned) for event in events)
    assert all("JSON" not in message.content for request in model.requests for message in request)
    assert model.requests[0][0].role == "system"


def test_a_question_without_a_model_is_never_planned(library: PolicyQA) -> None:
    model = Scripted("{}")
    planning(library, model).answer(Question(ASKED, llm=False))
    assert not model.requests


def test_the_setting_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert Settings(index_dir=tmp_path).llm_plan is False
