"""Scope: a named title, region, 文号 or year says which documents are meant; nothing named, nothing preferred."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.store import DocumentEntry
from index.text import fold
from index.types import DocumentInfo
from rag.scope import Scope, find_scope

PLAN = DocumentInfo(
    "制造业绿色发展规划", "工信部规〔2021〕178号", ("工信部规〔2021〕178号",), region="全国", level="国家级"
)
LOCAL = DocumentInfo(
    "节水实施意见", "湘工信节能〔2024〕194号", ("湘工信节能〔2024〕194号",), region="湖南省", level="省级"
)
CASES = DocumentInfo("典型案例名单")


def entry(file: str, info: DocumentInfo) -> DocumentEntry:
    return DocumentEntry(file, "0" * 64, info, 100, 10, 0, 0)


LIBRARY = (entry("plan.txt", PLAN), entry("local.txt", LOCAL), entry("cases.txt", CASES))


def scope(question: str, absent: tuple[str, ...] = ()) -> Scope:
    return find_scope(fold(question), LIBRARY, lambda word: word not in absent)


def first(question: str) -> str:
    boosts = scope(question).boosts
    return max(boosts, key=lambda file: boosts[file], default="")


@pytest.mark.parametrize(
    ("question", "file"),
    [
        ("湖南的要求是什么？", "local.txt"),
        ("节水实施意见说了什么？", "local.txt"),
        ("制造业绿色发展规划里有几个专栏？", "plan.txt"),
        ("《典型案例名单》有多少家企业？", "cases.txt"),
        ("工信部规〔2021〕178号讲了什么？", "plan.txt"),
        ("湘工信节能[2024]194号什么时候发的？", "local.txt"),
        ("全国的要求是什么？", "plan.txt"),
    ],
)
def test_the_document_that_is_named_comes_first(question: str, file: str) -> None:
    assert first(question) == file


@pytest.mark.parametrize("question", ["锅炉怎么改造？", "", "2025年的数是多少？", "？？"])
def test_a_question_that_names_no_document_prefers_none(question: str) -> None:
    assert scope(question).boosts == {}


def test_a_province_that_no_document_mentions_is_absent() -> None:
    found = scope("广东和湖南的节水目标是多少？", absent=("广东",))
    assert (found.regions, found.absent) == (("广东", "湖南"), ("广东",))


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("到2025年降多少？", ("2025",)),
        ("2020到2025年", ("2020", "2025")),
        ("“十四五”的目标？", ("2025",)),
        ("多少吨？", ()),
    ],
)
def test_years_are_those_said_or_the_last_of_a_named_plan(question: str, years: tuple[str, ...]) -> None:
    assert scope(question).years == years


def test_articles_are_named_as_printed() -> None:
    assert scope("第十二条和第3条说了什么？").articles == ("第十二条", "第3条")


def test_a_long_figure_is_no_year() -> None:
    assert scope("编号120259的项目").years == ()


@given(st.text(st.sampled_from("湖南广东规划第三条20258号〔〕全国案例名单意见"), max_size=25))
def test_a_factor_is_positive_and_names_a_document_of_the_library(question: str) -> None:
    found = scope(question, absent=("广东",))
    assert all(0.0 < factor != 1.0 and file in {e.file for e in LIBRARY} for file, factor in found.boosts.items())
    assert set(found.absent) <= set(found.regions)
    assert found == scope(question, absent=("广东",))
