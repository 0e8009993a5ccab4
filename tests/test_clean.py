"""Cleaning: broken lines joined, furniture and markup left out, raw offsets exact, twice = once."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from index.clean import Line, lines, render
from index.ordinals import count, ordinal
from index.text import normalise, quote_of
from index.types import Mark, Source, Span


def clean(raw: str, *skip: Span) -> list[str]:
    return [line.text for line in cleaned(raw, *skip)]


def cleaned(raw: str, *skip: Span) -> tuple[Line, ...]:
    found = lines(Source("t.txt", "0", raw), skip)
    for line in found:
        assert quote_of(raw, line.spans) == line.text
    return found


def test_a_sentence_broken_inside_a_word_is_joined_over_an_empty_line() -> None:
    raw = "园区应当分三步建立用水台账,每季度汇总一次,并向主管部\n\n门报送结果。\n\n下一段另起。"
    assert clean(raw) == ["园区应当分三步建立用水台账,每季度汇总一次,并向主管部门报送结果。", "下一段另起。"]


def test_a_sentence_is_joined_over_a_page_number() -> None:
    raw = "企业先做诊断，再定方案，\n— 12 —\n然后分批实施。\n— 13 —\n一、总则"
    assert clean(raw) == ["企业先做诊断，再定方案，然后分批实施。", "一、总则"]


def test_a_heading_is_not_joined_to_its_paragraph() -> None:
    raw = "一、健全制度，压实各方责任\n\n各地要把责任落实到人，定期检查。"
    assert clean(raw) == ["一、健全制度，压实各方责任", "各地要把责任落实到人，定期检查。"]


def test_a_cut_sentence_is_not_joined_to_the_next_numbered_heading() -> None:
    raw = "加强培训，培养一批懂核算、会管理的专业化\n\n(二) 推进试点"
    assert clean(raw) == ["加强培训，培养一批懂核算、会管理的专业化", "(二)推进试点"]


def test_a_reference_to_an_article_at_the_start_of_a_line_is_no_new_article() -> None:
    raw = "违反规定排放污水的，由主管部门依照\n第十条规定处罚。\n第十二条 本办法自发布之日起施行。"
    assert clean(raw) == ["违反规定排放污水的，由主管部门依照第十条规定处罚。", "第十二条本办法自发布之日起施行。"]


def test_a_title_broken_inside_book_marks_is_joined() -> None:
    assert clean("关于印发《小型锅炉\n更新改造方案》的通知\n\n各县：") == [
        "关于印发《小型锅炉更新改造方案》的通知",
        "各县：",
    ]


def test_signatures_and_dates_stay_lines_of_their_own() -> None:
    raw = "现予印发，请认真组织\n\n某省水利厅\n\n2024年5月6日"
    assert clean(raw) == ["现予印发，请认真组织", "某省水利厅", "2024年5月6日"]


def test_page_headers_that_repeat_are_left_out() -> None:
    body = [
        f"第{n}段讲一件事情，说明做法，还要讲清楚由谁来负责落实，什么时候完成这件事。"
        for n in "甲乙丙丁戊己庚辛壬癸子丑寅"
    ]
    raw = "标题行在此\n\n" + "\n\n".join(f"{text}\n\n内部资料汇编\n{i}" for i, text in enumerate(body, 1))
    assert clean(raw) == ["标题行在此", body[0], "内部资料汇编", *body[1:]]


def test_short_lines_that_repeat_without_a_page_break_stay() -> None:
    raw = "\n\n".join(f"第{i}期数据已经公布。\n\n单位：万元\n\n以上为本期内容。" for i in range(1, 6))
    assert clean(raw).count("单位：万元") == 5


def test_a_number_at_a_page_edge_of_the_reader_is_a_page_number() -> None:
    raw = "第一页的内容到此为止。\n7\n第二页从这里开始。"
    marks = (Mark(0, 14, "page", "7"), Mark(14, len(raw), "page", "8"))
    found = lines(Source("t.pdf", "0", raw, marks))
    assert [line.text for line in found] == ["第一页的内容到此为止。", "第二页从这里开始。"]


def test_markup_is_left_out_and_its_kind_kept() -> None:
    raw = "---\ntitle: 甲\n---\n# 标题\n> 说明文字\n- **要点**：内容<sub>2</sub>结束\n<!-- 注释 -->\n***\n"
    found = [(line.marker, line.text) for line in cleaned(raw)]
    assert found == [("yaml", "title:甲"), ("#", "标题"), (">", "说明文字"), ("-", "要点：内容2结束")]


def test_html_paragraphs_and_list_items_become_lines() -> None:
    raw = '<p>先讲目的。</p><ol start="2"><li>第一件事。</li><li>第二件事。</li></ol>湖南省实施<某某法>办法'
    assert clean(raw) == ["先讲目的。", "第一件事。", "第二件事。", "湖南省实施<某某法>办法"]


def test_a_formula_in_place_of_an_ordinal_is_left_out() -> None:
    found = cleaned("$(\\overline{\\underline{\\Xi}})$ 主要目标\n降低 $\\geq 5$ 个点。")
    assert [(line.marker, line.text) for line in found] == [("ordinal", "主要目标"), ("", "降低$\\geq 5$个点。")]


def test_a_bold_title_in_the_middle_of_a_line_starts_a_paragraph() -> None:
    raw = "示范工程。建设一批项目。**材料推**\n\n广应用。推广新材料。"
    assert clean(raw) == ["示范工程。建设一批项目。", "材料推广应用。推广新材料。"]


def test_items_that_a_reader_put_on_one_line_are_parted_by_their_count() -> None:
    assert clean("1、节约用水。改造管网。- 2、节约用电。更换电机，用量下降2、3成。") == [
        "1、节约用水。改造管网。",
        "2、节约用电。更换电机，用量下降2、3成。",
    ]


def test_skipped_ranges_yield_no_line_and_stop_joining() -> None:
    raw = "表前的话没有说完，接着是\n甲\t乙\t丙\n表后的话另起一行。"
    start = raw.index("甲")
    assert clean(raw, Span(start, start + 6)) == ["表前的话没有说完，接着是", "表后的话另起一行。"]


def test_latin_words_keep_their_space_over_a_broken_line() -> None:
    assert clean("采用新型控制系统，全面使用 water\ntreatment 工艺。") == [
        "采用新型控制系统，全面使用water treatment工艺。"
    ]


@pytest.mark.parametrize("text", ["", "\n\n \t\n", "\ufeff", "----\n===\n", "<p></p>", "12\n", "\x00\x01"])
def test_a_text_without_content_has_no_lines(text: str) -> None:
    assert all(line.text for line in cleaned(text))


@pytest.mark.parametrize(
    "unit", ["<!--", "![", "**", "（", "《", "部", "甲，", "1、", "...", "a\n", "甲乙丙丁，\n", "$\\a", "\t"]
)
def test_hostile_repetition_takes_no_long_time(unit: str) -> None:
    raw = unit * (200_000 // len(unit))
    start = time.process_time()
    lines(Source("t.txt", "0", raw))
    assert time.process_time() - start < 4


@pytest.mark.parametrize(
    ("text", "style", "value", "number"),
    [
        ("第十二条 甲", "article", 12, "第十二条"),
        ("第二百三十条之一 甲", "article", 230, "第二百三十条之一"),
        ("第三章 甲", "part", 3, "第三章"),
        ("（五）甲", "paren_cn", 5, "（五）"),
        ("(-)甲", "paren_cn", 1, "(-)"),
        ("十一、甲", "cn", 11, "十一"),
        ("2.甲", "arabic", 2, "2"),
        ("③甲", "circled", 3, "③"),
        ("专栏 6 甲", "box", 6, "专栏6"),
        ("附件2", "attachment", 2, "附件2"),
        ("类别一：甲", "class", 1, "类别一"),
    ],
)
def test_ordinals_are_read(text: str, style: str, value: int, number: str) -> None:
    mark = ordinal(normalise(text))
    assert mark is not None
    assert (mark.style, mark.value, mark.number) == (style, value, number)


@pytest.mark.parametrize("text", ["1.5亿吨", "2024年", "一些企业", "第三方服务", "（一）项所列", "十分重要", "附件1个"])
def test_what_only_looks_like_an_ordinal_is_none(text: str) -> None:
    assert ordinal(text) is None


@given(st.integers(1, 9999))
def test_chinese_numerals_are_counted(value: int) -> None:
    assert count(_numeral(value)) == value


def _numeral(value: int) -> str:
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千"]
    text = ""
    for place, char in enumerate(reversed(str(value))):
        text = (digits[int(char)] + (units[place] if char != "0" else "")) + text
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.rstrip("零")


_WORDS = st.sampled_from(
    "园区 企业 建立 台账 用水 核算 排放 试点 技术 改造 项目 到2025年 5.3万吨 VOCs 和 的 《节水办法》 （含锅炉）".split()
)
_SENTENCE = st.lists(_WORDS, min_size=3, max_size=9).map("".join)
_CLAUSE = st.lists(_SENTENCE, min_size=1, max_size=4).map(lambda s: "，".join(s) + "。")
_START = st.sampled_from(
    ["", "一、", "（二）", "3.", "第四条 ", "- ", "# ", "专栏 5 ", "附件 1 ", "注：", "——", "**甲乙**", "（"]
)
_NOISE = st.sampled_from(
    [" ", "\n", "\n\n", "\n— 3 —\n", "\n\n某某规划汇编\n\n", "<p>", "</p>", "**", "\u3000", "\r\n", "\f"]
)


@st.composite
def noisy(draw: st.DrawFn) -> str:
    """Clauses of several kinds, each with noise inside; noise does not stand inside noise."""
    paragraphs = []
    for start, clause in draw(st.lists(st.tuples(_START, _CLAUSE), min_size=1, max_size=8)):
        cuts = sorted(draw(st.sets(st.integers(0, len(clause)), max_size=3)))
        parts = [clause[a:b] for a, b in zip([0, *cuts], [*cuts, len(clause)], strict=True)]
        paragraphs.append(start + "".join(part + draw(_NOISE) for part in parts[:-1]) + parts[-1])
    return "\n\n".join(paragraphs)


@settings(max_examples=200, deadline=None)
@given(noisy())
def test_every_line_quotes_its_spans_in_order(raw: str) -> None:
    spans = [span for line in cleaned(raw) for span in line.spans]
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert all(span.start < span.end for span in spans)


@settings(max_examples=200, deadline=None)
@given(noisy())
@example("一、园区园区园区园区园区VOC\ns，园区园区园区园区园区园区\n，园区园区园区。")
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    once = cleaned(raw)
    assert clean(render(once)) == [line.text for line in once]


@settings(max_examples=200, deadline=None)
@given(st.lists(_CLAUSE.filter(lambda c: len(c) > 45 and "，" in c), min_size=1, max_size=4), st.data())
def test_a_break_inside_a_long_clause_is_healed(clauses: list[str], data: st.DataObject) -> None:
    broken, pieces = [], []
    for clause in clauses:
        at = data.draw(st.integers(max(40, clause.index("，") + 1), len(clause) - 1))
        assume(clause[at - 1] != "）")  # a line that ends so may be a title
        pieces += [clause[:at], clause[at:]]
        broken.append(clause[:at] + data.draw(st.sampled_from(["\n", "\n\n", "\n\n— 8 —\n\n"])) + clause[at:])
    assume(len(set(pieces)) == len(pieces))  # lines that repeat at page breaks are page headers
    healed = [text.replace(" ", "") for text in clean("\n\n".join(broken))]
    assert healed == clauses
