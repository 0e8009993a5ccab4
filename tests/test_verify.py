"""Verification: what stands in its quotes passes in any notation, what does not is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import DocumentInfo, Locator, Span
from rag.types import NOT_FOUND, Answer, Citation
from rag.verify import check_sentence, verify_answer

PLAN = (
    "到2025年，某市建成绿色园区50家以上，园区单位产值能耗比2020年下降18%，再生水利用率不低于35%。"
    "改造后每年节电120万千瓦时，减少粉尘排放6.5吨。"
)
TABLE = (
    "序号\t名称\t节能效果\n"
    "1\t窑炉余热深度回收装置\t每年可节约标准煤3200吨，投资约860万元。\n"
    "2\t循环水智能加药系统\t每年可节约标准煤1450吨，投资约210万元。\n"
)


@pytest.mark.parametrize(
    "claim",
    [
        "到2025年，建成绿色园区50家以上。",
        "到二〇二五年，建成绿色园区不少于五十家。",
        "园区单位产值能耗比2020年下降百分之十八。",
        "园区单位产值能耗下降１８％",
        "再生水利用率≥35%。",
        "改造后每年节电1,200,000千瓦时。",
        "改造后每年节电1200MWh。",
        "减少粉尘排放6500千克。",
        "1. 改造后每年节电0.012亿千瓦时，减少粉尘排放6.5吨。",
    ],
)
def test_a_true_statement_stands_in_any_notation(claim: str) -> None:
    verdict = check_sentence(claim, [PLAN])
    assert verdict.supported, verdict.reason


@pytest.mark.parametrize(
    ("claim", "says"),
    [
        ("到2025年，建成绿色园区60家以上。", "60家以上"),
        ("到2025年，建成绿色园区50项以上。", "50项"),
        ("到2030年，建成绿色园区50家以上。", "2030年"),
        ("再生水利用率不超过35%。", "不超过35%"),
        ("建成绿色园区50家以下。", "50家以下"),
        ("园区单位产值能耗比2020年上升18%。", "上升"),
        ("园区单位产值能耗下降35%，再生水利用率不低于18%。", "35%"),
        ("改造后每年节电120万吨。", "120万吨"),
        ("改造后每年节电120亿千瓦时。", "120亿千瓦时"),
        ("改造后每年节电6.5万千瓦时。", "6.5万千瓦时"),
        ("《某市绿色条例》规定建成绿色园区50家以上。", "《某市绿色条例》"),
    ],
)
def test_one_planted_fault_is_named(claim: str, says: str) -> None:
    verdict = check_sentence(claim, [PLAN])
    assert not verdict.supported
    assert says in verdict.reason


def test_the_nearest_source_value_is_shown() -> None:
    verdict = check_sentence("再生水利用率不低于45%。", [PLAN])
    assert [(f.found, f.nearest) for f in verdict.figures] == [(False, "不低于35%")]


def test_a_neighbours_row_is_no_support() -> None:
    assert check_sentence("循环水智能加药系统：每年可节约标准煤1450吨。", [TABLE]).supported
    assert not check_sentence("循环水智能加药系统：每年可节约标准煤3200吨。", [TABLE]).supported
    assert not check_sentence("窑炉余热深度回收装置每年可节约标准煤1450吨。", [TABLE]).supported


def test_rows_given_as_separate_quotes_are_told_apart() -> None:
    rows = TABLE.splitlines()[1:]
    assert check_sentence("循环水智能加药系统投资约210万元。", rows).supported
    assert not check_sentence("循环水智能加药系统投资约860万元。", rows).supported


def test_a_year_stated_once_governs_the_sentences_after_it() -> None:
    source = "到2025年，结构优化取得进展，为2030年目标打下基础。单位产值用水量降低16%。"
    assert check_sentence("到2025年，单位产值用水量降低16%。", [source]).supported
    assert not check_sentence("到2030年，单位产值用水量降低16%。", [source]).supported


def test_figures_of_one_sentence_must_stand_together() -> None:
    source = "拒不改正的，处1万元以上5万元以下罚款；拒不改正的，处5万元以上10万元以下罚款。"
    assert check_sentence("拒不改正的，处1万元以上5万元以下罚款。", [source]).supported
    assert not check_sentence("拒不改正的，处1万元以上10万元以下罚款。", [source]).supported


def test_a_date_may_be_less_exact_than_its_source_and_never_more() -> None:
    assert check_sentence("该办法自2024年6月起施行。", ["该办法自2024年6月11日起施行。"]).supported
    assert not check_sentence("该办法自2024年6月11日起施行。", ["该办法自2024年6月起施行。"]).supported


def test_an_article_is_no_figure() -> None:
    assert check_sentence("这是一个办法，也是一种尝试。", ["别的话。"]).supported


def test_without_quotes_nothing_with_a_figure_stands() -> None:
    assert not check_sentence("节电120万千瓦时。", []).supported


def test_a_stated_count_of_quotes_is_labelled_computed() -> None:
    verdict = check_sentence("符合条件的共 2 项。", ["甲技术。", "乙技术。"])
    assert verdict.supported
    assert [f.label for f in verdict.figures] == ["computed"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_breaks_the_check(claim: str, quote: str) -> None:
    check_sentence(claim, [quote])


@given(st.text(alphabet="节电提高到降低约不低于 3五十万千瓦时%吨2025年，。", min_size=1, max_size=40))
def test_a_literal_quotation_never_loses_a_figure(text: str) -> None:
    assert all("原文没有" not in f.reason for f in check_sentence(text, [text]).figures)


def citation(n: int, quote: str) -> Citation:
    info = DocumentInfo(title="某市节能办法", number="某政发〔2024〕7号")
    return Citation(n, f"k{n}", "a.txt", quote, (Span(0, len(quote)),), Locator("a.txt"), info)


def answer(text: str, mode: str = "llm") -> Answer:
    return Answer("问", "问", text, (citation(1, PLAN), citation(2, "另见附件。")), mode=mode)  # type: ignore[arg-type]


def test_a_models_wrong_sentence_is_dropped_and_the_answer_says_so() -> None:
    checked = verify_answer(answer("园区能耗下降18%。[1]再生水利用率不低于65%。[1]"))
    assert checked.text.startswith("园区能耗下降18%。[1]")
    assert "65%" not in checked.text
    assert "已略去" in checked.text
    assert [c.n for c in checked.citations] == [1]
    assert checked.trace["verify"][0]["figures"][0]["nearest"] == "不低于35%"


def test_a_figure_must_stand_in_the_quote_that_its_sentence_cites() -> None:
    assert verify_answer(answer("园区能耗下降18%。[2]")).refused


def test_a_citation_that_was_not_handed_out_does_not_count() -> None:
    assert verify_answer(answer("园区能耗有所下降。[9]")).refused


def test_nothing_left_is_a_refusal() -> None:
    checked = verify_answer(answer("再生水利用率不低于65%。[1]"))
    assert checked.refused
    assert checked.text.startswith(NOT_FOUND)
    assert checked.citations == ()


def test_what_a_document_says_about_itself_may_be_repeated() -> None:
    text = "《某市节能办法》（某政发〔2024〕7号）提出，园区能耗下降18%。[1]"
    assert verify_answer(answer(text)).text == text


def test_an_extractive_answer_keeps_its_words() -> None:
    made = answer("园区单位产值能耗比2020年下降18%[1]\n再生水利用率不低于65%[1]", mode="extractive")
    checked = verify_answer(made)
    assert replace(checked, trace={}) == replace(made, trace={})
    assert [f["sentence"] for f in checked.trace["verify"]] == ["再生水利用率不低于65%[1]"]


def test_the_count_over_a_list_is_worked_out_from_the_list() -> None:
    listed = answer("节水措施，共2个：[2]\n1. 园区能耗比2020年下降18%[1]\n2. 另见附件。[2]", mode="extractive")
    assert verify_answer(listed).trace["verify"] == []
    wrong = answer("节水措施，共5个：[2]\n1. 园区能耗比2020年下降18%[1]\n2. 另见附件。[2]", mode="extractive")
    assert [f["sentence"] for f in verify_answer(wrong).trace["verify"]] == ["节水措施，共5个：[2]"]


def test_a_refusal_passes() -> None:
    refused = Answer("问", "问", f"{NOT_FOUND}：65%", refused=True)
    assert verify_answer(refused) is refused
