"""A follow-up that asks a value of something it does not name is about what was asked before."""

from __future__ import annotations

import pytest
from written_library import cited, written

from rag.followup import complete
from rag.service import PolicyQA

TABLE = """序号,技术名称,申报单位,适用范围,节水效果
1,白水回收技术,白鹭水务公司,适用于造纸行业,每年节水20万吨
2,逆流漂洗技术,青石机电公司,适用于印染行业,每年节水5万吨
3,闭式循环技术,丰谷金属公司,适用于有色行业,每年节水7万吨
"""
BEFORE = "逆流漂洗技术是哪家申报的？"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("followup"), {"节水技术目录.csv": TABLE})


def carried(question: str) -> str:
    return complete(question, [BEFORE], telling=lambda word: word in ("白水回收", "逆流漂洗")).carried


@pytest.mark.parametrize(
    "question", ["每年大概能省下多少吨水？", "总共需要投资百分之几的钱？", "要花上几年时间才能收回来？"]
)
def test_a_value_of_nothing_that_is_named_is_asked_of_what_came_before(question: str) -> None:
    assert carried(question) == BEFORE.strip("？")


@pytest.mark.parametrize(
    "question",
    [
        "白水回收每年能省下多少吨水？",
        "2025年大概能省下多少吨水？",
        "湖南每年大概能省下多少吨水？",
        "怎样申请才能拿到节水奖励？",
        "全部企业加起来每年大概一共能够省下多少吨水？",
    ],
)
def test_a_question_that_names_its_thing_or_asks_no_value_stands_alone(question: str) -> None:
    assert carried(question) == ""


def test_without_knowing_names_a_longer_question_stands_alone() -> None:
    assert complete("每年大概能省下多少吨水？", [BEFORE]).carried == ""


def test_the_value_is_that_of_the_entry_asked_about_before(qa: PolicyQA) -> None:
    question = "每年大概能省下多少吨水？"
    answer = qa.answer(question, [BEFORE])
    assert "5万吨" in answer.text and "逆流漂洗" in answer.text
    assert "20万吨" in qa.answer(question, ["白水回收技术是哪家申报的？"]).text


def test_an_entry_that_is_named_is_not_taken_for_the_one_before(qa: PolicyQA) -> None:
    assert "20万吨" in qa.answer("白水回收每年能省下多少吨水？", [BEFORE]).text
    assert "20万吨" in cited(qa, "白水回收每年能省下多少吨水？").text
