"""A near repetition of a quote: what may be put in or left out, and what changes what is said. The text is invented."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.alike import altered, repeats

QUOTE = (
    "年用水量超过1200吨的作坊，应当在每年6月底前提交用水报告，市水务局可以委托机构核查，核查费用约占预算的一成左右。"
)
RIVER = "作坊不得将废水直接排入河道，除特殊情况外应当经处理后排放，处理费用下降两成。"


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        (QUOTE, QUOTE),
        ("年用水量超过1200吨的作坊应当在每年6月底前提交用水报告", QUOTE),
        ("年用水量超过1200吨的作坊，应在每年6月底前提交用水报告", QUOTE),
        ("年用水量超过１２００吨的作坊，需要在每年6月底前提交用水报告", QUOTE),
        ("文件规定，市水务局可以委托机构核查", QUOTE),
        ("市水务局可委托机构进行核查", QUOTE),
        ("作坊应当提交用水报告", QUOTE),
        ("作坊不得把废水直接排入河道", RIVER),
        ("处理费用降低两成的作坊", RIVER),
        ("短句", QUOTE),
        ("与此无关的另一件事情，说的是别的内容", QUOTE),
    ],
)
def test_words_of_the_frame_and_synonyms_may_be_put_in(sentence: str, quote: str) -> None:
    assert altered(sentence, [quote], "") == ""


@pytest.mark.parametrize(
    ("sentence", "quote", "told"),
    [
        ("年用水量超过1200吨的个人，应当在每年6月底前提交用水报告", QUOTE, "个人"),
        ("年用水量超过1200吨的企业，应当在每年6月底前提交用水报告", QUOTE, "企业"),
        ("年用水量超过1200吨的作坊，可以在每年6月底前提交用水报告", QUOTE, "可以"),
        ("市水务局应当委托机构核查", QUOTE, "应当"),
        ("市水务局必须委托机构核查", QUOTE, "必须"),
        ("年用水量超过1200吨的作坊，应当在每年6月底后提交用水报告", QUOTE, "后"),
        ("年用水量超过1200吨的作坊，应当在每年6月底前提交用电报告", QUOTE, "电"),
        ("市环保局可以委托机构核查", QUOTE, "环保"),
        ("核查费用占预算的一成左右", QUOTE, "约"),
        ("核查费用约占预算的一成", QUOTE, "左右"),
        ("作坊将废水直接排入河道，应当经处理后排放", RIVER, "不得"),
        ("作坊不得将废水直接排入湖泊", RIVER, "湖泊"),
        ("应当经处理后排放，处理费用上升两成", RIVER, "上升"),
    ],
)  # fmt: skip
def test_a_strange_word_or_a_lost_limit_is_told(sentence: str, quote: str, told: str) -> None:
    assert told in altered(sentence, [quote], "")


def test_words_of_the_question_and_of_what_the_quote_stands_under_may_be_put_in() -> None:
    said = "长河市年用水量超过1200吨的作坊，应当在每年6月底前提交用水报告"
    assert altered(said, [QUOTE], "长河市节水办法") == ""
    assert "长河市" in altered(said, [QUOTE], "")


def test_the_quote_that_a_sentence_repeats_best_decides() -> None:
    other = QUOTE.replace("作坊", "企业")
    assert altered("年用水量超过1200吨的企业，应当在每年6月底前提交用水报告", [QUOTE, other], "") == ""


def test_each_part_of_a_sentence_is_held_against_the_quote() -> None:
    said = "此外还有许多别的要求需要大家一起注意和遵守执行：年用水量超过1200吨的个人，应当在每年6月底前提交用水报告"
    assert "个人" in altered(said, [QUOTE], "")


@settings(deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3), st.text(max_size=20))
def test_no_text_breaks_it(sentence: str, quotes: list[str], known: str) -> None:
    altered(sentence, quotes, known)
    repeats(sentence, known)


@settings(deadline=None)
@given(st.text(alphabet=sorted(set(QUOTE + RIVER)), min_size=1, max_size=60))
def test_a_quote_is_never_altered_in_itself(quote: str) -> None:
    assert altered(quote, [quote], "") == ""


def test_a_stretch_word_for_word_repeats_the_quote_but_for_marks() -> None:
    assert repeats("“市水务局”可以委托机构核查。", QUOTE)
    assert not repeats("市水务局应当委托机构核查。", QUOTE)
