"""Comparisons: both sides are quoted, chosen together, whether years, documents or "和" set them apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_library import cited, written

from index.text import fold
from rag.match import Matcher
from rag.query import kind_of
from rag.scope import find_scope
from rag.service import PolicyQA
from rag.sides import sides_of

BEFORE = """清溪县“十三五”节水规划

一、规划背景

本规划由清溪县编制。

二、主要目标

到2020年，万元产值用水量下降15%，建成节水型企业40家。
"""
AFTER = """清溪县“十四五”节水规划

一、主要目标

到2025年，万元产值用水量下降23%，建成节水型企业90家。

二、名词解释

透平机为利用蒸汽做功的设备，泵站为提升水位的设施。

甲型滤池占地300平方米，每年耗电2万千瓦时。

乙型滤池占地500平方米，每年耗电5万千瓦时。

滤池应当定期冲洗，甲型滤池和乙型滤池均应备用。

三、远景

到2030年，万元产值用水量下降30%。
"""
TABLE = """序号,技术名称,申报单位,适用范围,节水效果
1,白水回收技术,白鹭水务公司,适用于造纸行业,每年节水20万吨
2,逆流漂洗技术,青石机电公司,适用于印染行业,每年节水5万吨
3,闭式循环技术,丰谷金属公司,适用于有色行业,每年节水7万吨
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    texts = {"前.txt": BEFORE, "后.txt": AFTER, "节水技术目录.csv": TABLE}
    return written(tmp_path_factory.mktemp("compare"), texts)


def quotes(qa: PolicyQA, question: str) -> list[str]:
    return [c.quote for c in cited(qa, question).citations]


@pytest.mark.parametrize(
    "question",
    [
        "2020年万元产值用水量下降多少，2025年又下降多少？",
        "2020年万元产值用水量下降多少，2025年又是多少？",
        "“十三五”规划要求用水量下降多少，“十四五”规划又要求用水量下降多少？",
    ],
)
def test_each_year_or_plan_is_answered_by_its_own_figure_in_the_order_asked(qa: PolicyQA, question: str) -> None:
    before, after = quotes(qa, question)
    assert "2020年" in before and "15%" in before
    assert "2025年" in after and "23%" in after


@pytest.mark.parametrize(("one", "other"), [("2020", "2030"), ("2030", "2020"), ("2030", "2025"), ("2025", "2020")])
def test_of_several_years_those_asked_are_compared(qa: PolicyQA, one: str, other: str) -> None:
    first, second = quotes(qa, f"{one}年万元产值用水量下降多少，{other}年又是多少？")
    assert f"{one}年" in first and f"{other}年" in second


def named(qa: PolicyQA, question: str) -> list[tuple[set[str], set[str], set[str]]]:
    """Return the words, years and documents by which the two sides of a question are known."""
    query = qa._answerer.understood(question)
    matcher = Matcher(query, qa.library.lexical.idf)
    scopes = {p.text: find_scope(p.text, qa.library.documents(), lambda word: True) for p in query.parts}
    sides = sides_of(query, matcher, scopes) or ()
    return [({query.terms[i].text for i in s.terms}, set(s.years), set(s.files)) for s in sides]


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("2020年下降多少，2025年又是多少？", [(set(), {"2020"}, set()), (set(), {"2025"}, set())]),
        (
            "节水技术目录有多少项，“十三五”节水规划有多少项？",
            [(set(), set(), {"节水技术目录.csv"}), (set(), set(), {"前.txt"})],
        ),
        ("透平机和泵站有什么区别？", [({"透平机"}, set(), set()), ({"泵站"}, set(), set())]),
        ("透平机每年耗电多少？", []),
        ("2020年下降多少，2020年建成多少？", []),
    ],
)
def test_sides_are_known_by_years_documents_or_what_a_word_joins(
    qa: PolicyQA, question: str, sides: list[tuple[set[str], set[str], set[str]]]
) -> None:
    assert named(qa, question) == sides


@pytest.mark.parametrize(
    "question", ["“十三五”和“十四五”用水量分别下降多少？", "“十四五”与“十三五”相比，用水量降幅有什么不同？"]
)
def test_two_plans_joined_by_a_word_are_both_quoted(qa: PolicyQA, question: str) -> None:
    told = " ".join(quotes(qa, question))
    assert "15%" in told and "23%" in told


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("甲型滤池和乙型滤池每年分别耗电多少？", "甲乙"),
        ("乙型滤池和甲型滤池每年分别耗电多少？", "乙甲"),
        ("甲型滤池跟乙型滤池相比谁更耗电？", "甲乙"),
        ("乙型滤池与甲型滤池哪个占地更大？", "乙甲"),
    ],
)
def test_the_statements_that_say_the_same_of_each_side_make_the_pair(qa: PolicyQA, question: str, order: str) -> None:
    first, second = quotes(qa, question)
    assert first.startswith(order[0]) and second.startswith(order[1])
    assert all("耗电" in quote for quote in (first, second))


def test_one_statement_that_says_what_each_side_is_answers_alone(qa: PolicyQA) -> None:
    (quote,) = quotes(qa, "透平机和泵站有什么区别？")
    assert "透平机为" in quote and "泵站为" in quote


def test_two_entries_of_a_table_are_compared_by_the_same_column(qa: PolicyQA) -> None:
    first, second = quotes(qa, "逆流漂洗跟白水回收谁节水更多？")
    assert "逆流漂洗" in first and "5万吨" in first
    assert "白水回收" in second and "20万吨" in second


@pytest.mark.parametrize("said", ["共耗电7万千瓦时", "耗电由县水务局核定"])
@pytest.mark.parametrize("question", ["甲型滤池和乙型滤池每年分别耗电多少？", "甲型滤池跟乙型滤池相比谁更耗电？"])
def test_what_is_said_of_both_together_is_no_answer_for_each(tmp_path: Path, said: str, question: str) -> None:
    text = AFTER.replace("滤池应当定期冲洗，甲型滤池和乙型滤池均应备用", f"甲型滤池和乙型滤池每年{said}")
    told = " ".join(quotes(written(tmp_path, {"后.txt": text}), question))
    assert "2万千瓦时" in told and "5万千瓦时" in told


def test_two_documents_of_one_layout_are_both_quoted(tmp_path: Path) -> None:
    other = BEFORE.replace("十三五", "十四五").replace("2020", "2025").replace("15%", "23%")
    same = written(tmp_path, {"前.txt": BEFORE, "后.txt": other})
    told = " ".join(quotes(same, "2020年万元产值用水量下降多少，2025年又下降多少？"))
    assert "15%" in told and "23%" in told
    told = " ".join(quotes(same, "2020年万元产值用水量下降多少，2025年又是多少？"))
    assert "15%" in told and "23%" in told


def test_what_only_the_first_half_of_a_question_names_is_asked_of_the_second_too(qa: PolicyQA) -> None:
    told = " ".join(quotes(qa, "“十三五”规划要求用水量下降多少，“十四五”规划又要求下降多少？"))
    assert "15%" in told and "23%" in told


@pytest.mark.parametrize(("one", "other"), [("三", "四"), ("四", "三")])
def test_plans_joined_by_a_word_stand_in_the_order_asked(qa: PolicyQA, one: str, other: str) -> None:
    figures = {"三": "15%", "四": "23%"}
    first, second = quotes(qa, f"“十{one}五”和“十{other}五”用水量分别下降多少？")
    assert figures[one] in first and figures[other] in second


@pytest.mark.parametrize(
    "question",
    [
        "甲型滤池和乙型滤池各耗多少电？",
        "甲型滤池和乙型滤池各用多少电？",
        "白水回收和逆流漂洗每年各节水多少？",
        "“十四五”比“十三五”多降多少？",
    ],
)
def test_amounts_of_each_of_two_are_a_comparison(question: str) -> None:
    assert kind_of(fold(question)) == "compare"
