"""Does a model's sentence stand in its sources: rewordings that do, alterations that do not. The text is invented."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.support import check_claim, has_figure, shared

WATER = (
    "第七条 年用水量超过1200吨的作坊，应当在2025年6月1日前安装水表，并每三年开展一次检测；"
    "逾期未安装的，处2000元以上5000元以下罚款。"
)
GRANT = "第八条 对回用率达到70%以上的企业，给予一次性补助，补助金额不超过设备投资的30%，最高20万元。小微企业不适用前款规定。"
AIM = "到2027年，全市工业用水重复利用率提高到92%左右，万元产值用水量下降18%。"
RIVER = "第九条 作坊不得将废水直接排入河道，应当经处理达标后排放。鼓励采用循环冷却设备。"
TERM = "第十条 对决定不服的，可以自收到决定之日起六十日内向原机关申请复核，原机关应当在30日内答复。"
TEXTS = (WATER, GRANT, AIM, RIVER, TERM)
ASKED = "作坊要做什么？"

STANDING = [
    ("年用水量超过1200吨的作坊应当安装水表", WATER),
    ("检测每三年开展一次", WATER),
    ("逾期未安装水表的，罚款2000元以上5000元以下", WATER),
    ("年用水量超过１２００吨的作坊，应当在2025年6月1日前安装水表", WATER),
    ("补助金额不超过设备投资的30%，最高为20万元", GRANT),
    ("补助最高20万元，且不超过设备投资的百分之三十", GRANT),
    ("小微企业不适用该规定", GRANT),
    ("到2027年，全市工业用水重复利用率要提高到92%左右", AIM),
    ("万元产值用水量将降低18%", AIM),
    ("万元产值用水量降低18%", AIM),
    ("作坊不得把废水直接排入河道", RIVER),
    ("鼓励作坊采用循环冷却设备", RIVER),
    ("对决定不服的，可以在六十日内向原机关申请复核", TERM),
]
ALTERED = [
    ("年用水量不超过1200吨的作坊应当安装水表", WATER),  # negation
    ("年用水量超过1200吨的作坊无需安装水表", WATER),
    ("小微企业适用前款规定", GRANT),
    ("作坊可以将废水直接排入河道", RIVER),
    ("全市工业用水重复利用率降低到92%左右", AIM),  # direction
    ("万元产值用水量上升18%", AIM),
    ("禁止采用循环冷却设备", RIVER),
    ("年用水量超过1200吨的作坊可以安装水表", WATER),  # duty
    ("必须采用循环冷却设备", RIVER),
    ("鼓励经处理达标后排放", RIVER),
    ("回用率达到70%的企业，给予一次性补助", GRANT),  # scope words
    ("对回用率达到70%以下的企业，给予一次性补助", GRANT),
    ("补助金额不低于设备投资的30%", GRANT),
    ("补助金额不超过设备投资的30%，最低20万元", GRANT),
    ("逾期未安装的，处2000元以下罚款", WATER),
    ("到2027年，全市工业用水重复利用率提高到92%", AIM),
    ("应当在2025年6月1日后安装水表", WATER),
    ("每⑤年开展一次检测", WATER),  # numerals
    ("每五年开展一次检测", WATER),
    ("每Ⅴ年开展一次检测", WATER),
    ("到2029年，全市工业用水重复利用率提高到92%左右", AIM),
    ("年用水量超过1200吨的企业应当安装水表", WATER),  # nouns
    ("大型企业不适用前款规定", GRANT),
    ("全省工业用水重复利用率提高到92%左右", AIM),
    ("全市农业用水重复利用率提高到92%左右", AIM),
    ("万元产值用电量下降18%", AIM),
    ("鼓励采用循环加热设备", RIVER),
    ("作坊不得将废水直接排入湖泊", RIVER),
    ("处2000元以上5000元以下补助", WATER),
    ("年用水量超过1200万吨的作坊应当安装水表", WATER),  # units
    ("年用水量超过1200千克的作坊应当安装水表", WATER),
    ("逾期未安装的，处2000美元以上5000美元以下罚款", WATER),
    ("向原机关申请复核的，自收到决定之日起算，为十五日", TERM),  # terms of days
    ("收到决定之日起十六十日内申请复核", TERM),
    ("原机关答复要用六日", TERM),
    ("Workshops must not discharge waste water into rivers", RIVER),  # another language
    ("今天天气晴朗，适合出门散步和野餐", RIVER),  # another matter
    ("《长河市节水条例》要求每三年开展一次检测", WATER),  # a title
    ("长河市水务投资有限公司每三年开展一次检测", WATER),  # a company
]


@pytest.mark.parametrize(("sentence", "source"), STANDING)
def test_a_true_rewording_stands(sentence: str, source: str) -> None:
    verdict = check_claim(sentence, [source], ASKED, [source])
    assert verdict.supported, verdict.reason


@pytest.mark.parametrize(("sentence", "source"), ALTERED)
def test_an_alteration_does_not_stand_and_says_why(sentence: str, source: str) -> None:
    verdict = check_claim(sentence, [source], ASKED, [source])
    assert not verdict.supported
    assert verdict.reason and "\n" not in verdict.reason


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_stands_without_a_source(text: str) -> None:
    assert check_claim(text, [], text).reason == "没有注明出处"


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_stands_in_the_source_of_something_else(text: str) -> None:
    others = [other for other in TEXTS if other != text]
    assert not check_claim(text, others, ASKED, others).supported


SENTENCES = [part for text in TEXTS for part in re.findall("[^。；]+[。；]", text)]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_literal_quotation_stands_also_among_other_sources(sentence: str) -> None:
    for sources in ([sentence], [*TEXTS]):
        verdict = check_claim(sentence, sources, ASKED, sources)
        assert verdict.supported, verdict.reason


WORDS = st.sampled_from(
    "作坊 企业 应当 不得 可以 安装 水表 检测 补助 罚款 提高 降低 超过 不超过 以上 以下 1200吨 30% 20万元 三年 2025年 并 的 在 ，"
    " ① ½ 《甲》 有限公司 ABC 约 每 前 后".split()
)
WRITTEN = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=20).map("".join))


@settings(deadline=None)
@given(WRITTEN, st.lists(WRITTEN, max_size=3), WRITTEN)
@example("", [""], "")
@example("\ud800", ["\ud800"], "\ud800")
@example("[" * 2000, ["(" * 2000], "")
def test_no_text_breaks_the_check(sentence: str, sources: list[str], asked: str) -> None:
    verdict = check_claim(sentence, sources, asked, sources)
    assert verdict.supported == (not verdict.reason)
    has_figure(sentence)
    assert 0 <= shared(sentence, asked) <= 1


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([part for s in SENTENCES for part in s.split("，")]), min_size=1, max_size=5), st.data()
)
def test_a_stretch_of_whole_clauses_stands(clauses: list[str], data: st.DataObject) -> None:
    source = "，".join(clauses)
    first = data.draw(st.integers(0, len(clauses) - 1))
    said = "，".join(clauses[first : data.draw(st.integers(first + 1, len(clauses)))])
    verdict = check_claim(said, [source], ASKED, [source])
    assert verdict.supported, (said, source, verdict.reason)


@pytest.mark.parametrize("text", ["3项", "３项", "三十日内办理：", "①", "½", "《甲》", "“两高”项目", "2025年"])
def test_a_figure_a_title_and_a_name_in_quotation_marks_need_a_source(text: str) -> None:
    assert has_figure(text)


@pytest.mark.parametrize("text", ["如下：", "资料没有说明", ""])
def test_plain_words_hold_no_figure(text: str) -> None:
    assert not has_figure(text)


@pytest.mark.parametrize(
    ("sentence", "source", "told"),
    [
        ("每⑤年开展一次检测", WATER, "⑤"),
        ("按照规定，作坊可以将废水直接排入河道", RIVER, "可以"),
        ("禁止采用循环冷却设备", RIVER, "禁止"),
        ("小微企业适用前款规定", GRANT, "适用"),
    ],
)
def test_odd_numerals_and_what_is_turned_around_are_told_where_nothing_is_quoted(
    sentence: str, source: str, told: str
) -> None:
    assert told in check_claim(sentence, [source], ASKED).reason
