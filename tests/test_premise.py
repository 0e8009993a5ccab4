"""A yes-or-no question that states a figure is told whether the document says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_library import cited, opened, written

from rag.service import PolicyQA

PLAN = """清溪县节水行动计划

一、主要目标

到2030年，再生水利用率达到40%。

园区铺设再生水管网20公里。

二、保障措施

县财政每年安排节水资金300万元。

一期工程漏损率下降6%，二期工程用水量下降9%。
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("premise"), {"计划.txt": PLAN})


@pytest.fixture(scope="module")
def sample(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return opened(tmp_path_factory.mktemp("sample"), sample_corpus)


@pytest.mark.parametrize(
    ("question", "printed", "stated"),
    [
        ("再生水利用率是不是要达到45%？", "40%", "45%"),
        ("再生水利用率是否达到百分之五十？", "40%", "百分之五十"),
        ("节水资金是不是每年安排500万元？", "300万元", "500万元"),
        ("再生水管网是不是铺设30公里？", "20公里", "30公里"),
    ],
)
def test_a_wrong_figure_is_corrected_by_the_printed_one(
    plan: PolicyQA, question: str, printed: str, stated: str
) -> None:
    answer = cited(plan, question)
    first = answer.text.splitlines()[0].replace(" ", "")
    assert first.startswith("不相符") and printed in first and stated in first
    assert first.index(printed) < first.index(stated)
    assert any(printed in c.quote.replace(" ", "") for c in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "再生水利用率是不是要达到40%？",
        "再生水利用率是否达到百分之四十？",
        "节水资金是不是每年安排300万元？",
        "节水资金是不是每年安排３００万元？",
        "再生水管网是不是铺设20公里？",
    ],
)
def test_a_right_figure_is_confirmed_in_any_way_of_writing_it(plan: PolicyQA, question: str) -> None:
    assert cited(plan, question).text.startswith("相符")


def test_a_question_for_the_figure_is_not_told_that_it_agrees(plan: PolicyQA) -> None:
    assert "相符" not in cited(plan, "再生水利用率要达到多少？").text


def test_a_yes_or_no_question_without_a_figure_is_not_told_that_it_agrees(plan: PolicyQA) -> None:
    assert "相符" not in plan.answer("县财政是不是安排节水资金？").text


def test_the_sample_plan_corrects_a_wrong_figure(sample: PolicyQA) -> None:
    answer = cited(sample, "规划是不是要求2025年能耗降低15%？")
    assert answer.text.startswith("不相符") and "13.5%" in answer.text
    assert any("13.5%" in c.quote for c in answer.citations)


def test_the_sample_plan_confirms_its_own_figure(sample: PolicyQA) -> None:
    answer = cited(sample, "规划是不是要求2025年能耗降低13.5%？")
    assert answer.text.startswith("相符")


def test_the_right_figure_in_the_opposite_direction_is_not_confirmed(sample: PolicyQA) -> None:
    assert not sample.answer("规划是不是要求2025年能耗提高13.5%？").text.startswith("相符")


def test_the_figure_of_another_subject_does_not_confirm(plan: PolicyQA) -> None:
    assert not plan.answer("二期工程用水量是不是下降6%？").text.startswith("相符")
