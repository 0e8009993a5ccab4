"""By what a list chooses: quoted words of a column, alternatives, scopes that are near; and what it shows for it."""

from __future__ import annotations

import re

import pytest
from written_library import cited, written

from rag.service import PolicyQA

LONG = "印染节水30万吨。全年连续运行三百天，由专人每日巡检并记录水表读数，按季度报送用水台账，按年度公布成效，并接受乡镇和园区监督。"
TABLE = f"""序号,技术名称,申报单位,适用范围,节能效果,资源化效果
1,再生水回用技术,清溪环保公司,适用于各地各类印染行业,{LONG},/
2,膜分离浓缩技术,白鹭水务公司,适用于造纸行业,每年节水20万吨；可与再生水并用,回收盐分90吨
3,余热锅炉技术,清溪热能公司,适用于电力行业,每年节电40万千瓦时,/
4,变频风机技术,青石机电公司,适用于水泥行业,每年节电10万千瓦时,/
5,再生铝熔炼技术,青石金属公司,适用于有色行业,每年节气5万立方米,回收铝渣60吨
6,热泵干燥技术,丰谷设备公司,适用于食品行业,每年节电8万千瓦时,/
"""
WATER, FILM, BOILER, FAN, METAL = "再生水回用", "膜分离浓缩", "余热锅炉", "变频风机", "再生铝熔炼"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("choosing"), {"节能技术目录.csv": TABLE})


def listed(qa: PolicyQA, question: str) -> list[str]:
    """Return the names of the entries after checking that the count agrees and each entry has one citation."""
    answer = cited(qa, question)
    head, *entries = answer.text.splitlines()
    assert f"共{len(entries)}项" in head and len(answer.citations) == len(entries)
    return [m.group(1) for e in entries if (m := re.match(r"\d+\. (.+?)技术", e))]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("名称里带“再生水”字样的技术有哪些？", [WATER]),
        ("技术名称带有“再生”或“膜”的有哪些？", [WATER, FILM, METAL]),
        ("申报单位里带“清溪”字样的技术有哪些？", [WATER, BOILER]),
        ("目录里写有“再生水”的技术有哪些？", [WATER, FILM]),
    ],
)
def test_words_in_quotation_marks_choose_by_what_the_named_column_prints(
    qa: PolicyQA, question: str, names: list[str]
) -> None:
    assert listed(qa, question) == names


def test_a_quoted_word_that_is_common_chooses_as_any_other(qa: PolicyQA) -> None:
    assert listed(qa, "名称里带“再生”字样的技术有哪些？") == [WATER, METAL]


def test_a_quoted_word_that_nothing_prints_lists_nothing(qa: PolicyQA) -> None:
    answer = qa.answer("名称里带“霜叶”字样的技术有哪些？")
    assert answer.refused or not re.search("共\\d", answer.text)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("哪些技术适用于造纸、印染行业？", [WATER, FILM]),
        ("适合印染或水泥企业的技术有哪些？", [WATER, FAN]),
        ("适合水泥或者造纸行业的技术有哪些？", [FILM, FAN]),
        ("节能技术目录里适合造纸行业的，印染也算，有哪些技术？", [WATER, FILM]),
        ("适合造纸、印染的都算，有哪些技术？", [WATER, FILM]),
    ],
)
def test_any_of_several_alternatives_is_enough(qa: PolicyQA, question: str, names: list[str]) -> None:
    assert listed(qa, question) == names


def test_a_branch_meets_the_scope_that_names_the_whole_industry(qa: PolicyQA) -> None:
    assert listed(qa, "适合火电、水泥的技术有哪些？") == [BOILER, FAN]


def test_a_branch_alone_finds_the_scope_that_names_the_whole_industry(qa: PolicyQA) -> None:
    assert listed(qa, "哪些技术适合火电企业？") == [BOILER]


@pytest.mark.parametrize("question", ["哪些技术适用于造纸、印染行业？", "适合造纸、印染的都算，有哪些技术？"])
def test_the_scope_by_which_an_entry_was_chosen_is_shown_and_cited(qa: PolicyQA, question: str) -> None:
    answer = cited(qa, question)
    assert "适用于各地各类印染行业" in answer.text and "适用于造纸行业" in answer.text
    assert all("适用于" in c.quote and "万吨" not in c.quote for c in answer.citations)


def test_a_column_that_is_asked_for_lists_the_entries_that_fill_it(qa: PolicyQA) -> None:
    assert listed(qa, "哪些技术有资源化效果？") == [FILM, METAL]
