"""The parts of a question: two amounts are two, a quoted word is one, what is not meant is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_library import cited, written

from index.text import fold
from index.thesaurus import default_thesaurus
from rag.query import Query, _clauses, kind_of, understand
from rag.service import PolicyQA

REPORT = """白鹭县节水通报

一、行业成效

洗浴场所用水省三成，全年开放三百天，另有冬季检修安排。

洗浴场所能耗低两成。

碳酸饮料企业每年减碳300吨，比上年增长一成。

碳酸饮料企业每年用糖40吨。

“冷泉”牌水表误差2%，冷水与泉水分开计量。
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("clauses"), {"通报.txt": REPORT})


def asked(question: str) -> Query:
    return understand(question, default_thesaurus())


def texts(question: str) -> list[str]:
    return [term.text for term in asked(question).terms]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("用水省几成、能耗低几成？", ["用水省几成", "能耗低几成"]),
        ("投资多少、占地多大、几年能回本？", ["投资多少", "占地多大", "几年能回本"]),
        ("造纸、印染行业一年节水多少？", ["造纸、印染行业一年节水多少"]),
        ("一年节水多少，水表、阀门归谁管？", ["一年节水多少", "水表、阀门归谁管"]),
    ],
)
def test_amounts_on_both_sides_of_a_mark_are_two_questions(question: str, parts: list[str]) -> None:
    assert [part.text for part in asked(question).parts if part.asks] == parts


@given(st.text("用水能耗省多少几成、，。？ aB3——", max_size=30))
def test_cutting_a_question_loses_nothing_but_marks(question: str) -> None:
    def kept(text: str) -> str:
        return "".join(char for char in text if char not in "、，。？— ")

    assert "".join(map(kept, _clauses(question))) == kept(question)


def test_each_amount_that_is_asked_is_answered(qa: PolicyQA) -> None:
    text = cited(qa, "洗浴场所用水省几成、能耗低几成？").text
    assert "省三成" in text and "低两成" in text


def test_words_in_quotation_marks_are_one_term() -> None:
    assert "冷却水系统" in texts("“冷却水系统”一年节水多少？")
    assert "冷却水系统" not in texts("冷却水系统一年节水多少？")


def test_words_in_quotation_marks_that_the_library_never_says_are_searched_in_parts() -> None:
    terms = understand("“冷泉霜叶”水表误差多少？", default_thesaurus(), seen=lambda pair: pair != "泉霜").terms
    assert {"冷泉", "霜叶"} <= {term.text for term in terms}


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("一年减多少碳？", "减碳"),
        ("一年能节约多少万吨水？", "节水"),
        ("每年省下来多少电？", "省电"),
        ("耗了几吨煤？", "耗煤"),
    ],
)
def test_an_amount_between_verb_and_noun_asks_for_what_they_name_together(question: str, meant: str) -> None:
    assert meant in texts(question)


def test_the_amount_of_what_verb_and_noun_name_together_is_answered(qa: PolicyQA) -> None:
    assert "300吨" in cited(qa, "碳酸饮料企业每年减多少碳？").text


@pytest.mark.parametrize(
    ("question", "gone"),
    [
        ("用水量降多少，不是能耗？", "能耗"),
        ("这一轮用水量降多少，不是上一个五年的？", "上一个五年"),
        ("用水量降多少，而不是能耗的？", "能耗"),
        ("用水量降多少（能耗不算）？", "能耗"),
        ("除了能耗以外，还有哪些指标？", "能耗"),
    ],
)
def test_what_a_question_says_it_does_not_mean_is_not_searched_for(question: str, gone: str) -> None:
    query = asked(question)
    assert gone not in query.text and not any(gone in term.text for term in query.terms)


@pytest.mark.parametrize("question", ["用水量降了，是不是能耗也降了？", "这不是能耗吗？", "用水量降多少，不是能耗吗？"])
def test_a_question_whether_something_is_so_leaves_nothing_out(question: str) -> None:
    assert "能耗" in texts(question)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("造纸行业申报节水奖励的企业", "list"),
        ("适合印染行业的技术。", "list"),
        ("造纸行业一年节水多少的企业", "fact"),
        ("申报节水奖励的企业有多少人", "fact"),
        ("哪几个部门负责审核？", "fact"),
    ],
)
def test_a_noun_phrase_asks_for_a_list_and_an_amount_or_a_body_for_one_statement(question: str, kind: str) -> None:
    assert kind_of(fold(question)) == kind


@pytest.mark.parametrize("question", ["节水管理办法的基本原则有哪几条？", "节水管理办法规定了哪些奖励？"])
def test_the_name_of_a_document_makes_no_how_of_a_list(question: str) -> None:
    assert kind_of(fold(question)) == "list"
