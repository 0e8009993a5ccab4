"""Outline: headings, articles, items, run-in titles, boxes, notes, contents; every block quotes its raw spans."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from index.structure import outline
from index.text import quote_of
from index.types import Block, Source, Span


def tables(raw: str) -> list[Span]:
    """A stand-in for the table finder: runs of pipe lines and of lines with two tabs."""
    return [Span(m.start(), m.end()) for m in re.finditer(r"(?m)(?:^(?:\|[^\n]*|[^\n\t]*\t[^\n\t]*\t[^\n]*)\n*)+", raw)]


def blocks(raw: str, file: str = "t.txt") -> tuple[Block, ...]:
    found = outline(Source(file, "0", raw), tables(raw))
    check(raw, found)
    return found


def check(raw: str, found: tuple[Block, ...]) -> None:
    spans = [span for block in found for span in block.spans]
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert all(quote_of(raw, block.spans) == block.text for block in found)


def brief(raw: str) -> list[tuple[str, str, str]]:
    return [(b.kind, " > ".join(b.path), b.text) for b in blocks(raw)]


def test_headings_nest_by_their_numbering() -> None:
    raw = (
        "一、任务\n\n（一）节水\n\n1. 管网\n\n尽快改造老旧管网，减少漏损。\n\n（二）节电\n\n更换电机。\n\n"
        "二、保障\n\n落实资金。"
    )
    assert brief(raw) == [
        ("heading", "", "一、任务"),
        ("heading", "一、任务", "（一）节水"),
        ("heading", "一、任务 > （一）节水", "1.管网"),
        ("clause", "一、任务 > （一）节水 > 1.管网", "尽快改造老旧管网，减少漏损。"),
        ("heading", "一、任务", "（二）节电"),
        ("clause", "一、任务 > （二）节电", "更换电机。"),
        ("heading", "", "二、保障"),
        ("clause", "二、保障", "落实资金。"),
    ]


def test_articles_keep_their_number_over_paragraphs_and_items() -> None:
    raw = (
        "# 节水办法\n\n## 第一章 总则\n\n第一条 为了节水，制定本办法。\n\n第二条 下列行为应当登记：\n\n"
        "（一）取水；\n\n（二）排水。\n\n登记不收费。"
    )
    found = blocks(raw)
    assert [(b.kind, b.number, b.path) for b in found[2:]] == [
        ("clause", "第一条", ("第一章总则",)),
        ("clause", "第二条", ("第一章总则",)),
        ("item", "（一）", ("第一章总则", "第二条")),
        ("item", "（二）", ("第一章总则", "第二条")),
        ("clause", "第二条", ("第一章总则",)),
    ]


def test_a_short_first_sentence_is_the_run_in_title() -> None:
    raw = "一、原则\n\n分类施策。按行业确定步骤。\n\n试点先行 先选三个园区试行。\n\n到2025年完成。之后总结。"
    assert [b.lead for b in blocks(raw)] == ["", "分类施策", "试点先行", ""]


def test_what_follows_a_numbered_item_with_a_run_in_title_stands_below_it() -> None:
    raw = "二、重点\n\n1、改造行业设备。以下行业先行。\n\n造纸。推广白水回用。\n\n2、建设园区。共享管网。"
    found = blocks(raw)
    assert [(b.lead, b.path) for b in found[1:]] == [
        ("改造行业设备", ("二、重点",)),
        ("造纸", ("二、重点", "1、改造行业设备")),
        ("建设园区", ("二、重点",)),
    ]


def test_a_dashed_line_is_a_small_heading_with_its_title_as_lead() -> None:
    found = blocks("二、原则\n\n——系统谋划、分步走\n\n统筹各方面需要，分三步推进有关工作。\n\n三、目标\n\n到明年完成。")
    assert (found[1].kind, found[1].lead) == ("heading", "系统谋划、分步走")
    assert found[2].path == ("二、原则", "——系统谋划、分步走")
    assert found[4].path == ("三、目标",)


def test_a_box_holds_its_projects_and_gives_the_section_back() -> None:
    raw = (
        "（四）用水\n\n推进管网改造升级更新。先改老城区。\n\n推进非常规水综合利用。用好再生水。\n\n专栏 4 节水工程\n\n"
        "再生水厂。建设五座。\n\n海水淡化。建设两座。\n\n推进农业用水精细管理。推广滴灌。\n\n（五）用电\n\n先做诊断。"
    )
    found = blocks(raw)
    inside = [b.lead for b in found if b.path[-1:] == ("专栏4节水工程",)]
    assert inside == ["再生水厂", "海水淡化"]
    assert next(b for b in found if b.lead == "推进农业用水精细管理").path == ("（四）用水",)
    assert next(b for b in found if b.number == "专栏4").path == ("（四）用水",)


def test_a_table_of_contents_is_no_content() -> None:
    raw = (
        "节水规划\n\n目 录\n\n一、形势\t1\n(-)\t基础1\n()\t环境 2\n$(\\overline{\\Xi})$\t目标 4\n二、任务5\n\n"
        "一、形势\n\n(一) 基础\n\n这几年做了不少事。\n\n二、任务\n\n抓紧改造。"
    )
    found = blocks(raw)
    assert [b.kind for b in found] == ["title", *["toc"] * 6, "heading", "heading", "clause", "heading", "clause"]


def test_an_ordinal_lost_by_ocr_is_told_by_its_neighbours() -> None:
    raw = "一、任务\n\n(-) 节水\n\n改造管网。\n\n() 节电\n\n更换电机。\n\n$(\\overline{=})$ 节材\n\n减少边角料。"
    assert [b.number for b in blocks(raw) if b.kind == "heading"] == ["一", "(一)", "(二)", "(三)"]


def test_a_notice_has_head_and_tail_as_meta() -> None:
    raw = (
        "某省水利厅文件\n\n某水节〔2024〕12号\n\n关于印发《节水方案》的通知\n\n"
        "各市水利局： 现将方案印发给你们，请执行。\n\n"
        "附件：1. 申报表\n2. 填写说明\n\n某省水利厅\n\n2024年3月4日\n\n(此件公开发布)\n\n节水方案\n\n一、目标\n\n"
        "用水下降。\n\n"
        "附件 1\n\n申报表\n\n| 名称 | |\n|---|---|\n| 单位 | |\n\n附件 2\n\n填写说明\n\n一、名称\n\n写全称。\n\n"
        "抄送：省发展改革委。\n"
    )
    found = blocks(raw)
    assert [b.kind for b in found] == [
        *("meta", "meta", "title", "meta", "clause", "meta", "meta", "meta", "meta", "meta", "title"),
        *("heading", "clause", "heading", "heading", "table", "heading", "heading", "heading", "clause", "meta"),
    ]
    assert found[3].text == "各市水利局："
    assert next(b for b in found if b.kind == "table").path == ("附件1", "申报表")
    assert next(b for b in found if b.text == "写全称。").path == ("附件2", "填写说明", "一、名称")


def test_notes_and_their_items_are_notes() -> None:
    raw = "一、数据\n\n用水下降一成。\n\n注：\n\n- 按不变价计算。\n- 不含农业。\n\n二、做法\n\n改造管网。"
    assert [b.kind for b in blocks(raw)] == ["heading", "clause", "note", "note", "note", "heading", "clause"]


def test_short_numbered_lines_one_after_another_are_items_not_headings() -> None:
    raw = "申请材料包括：\n\n1. 申请书\n2. 营业执照\n3. 审计报告\n\n材料一式两份。"
    assert [b.kind for b in blocks(raw)] == ["clause", "item", "item", "item", "clause"]


def test_markdown_depth_gives_way_to_numbering_where_a_converter_lost_it() -> None:
    found = blocks("## 一、任务\n\n## （一）节水\n\n改造管网。\n\n## 二、保障\n\n落实资金。")
    assert [(b.text, b.path) for b in found if b.kind == "clause"] == [
        ("改造管网。", ("一、任务", "（一）节水")),
        ("落实资金。", ("二、保障",)),
    ]


def test_a_document_without_text_has_no_blocks() -> None:
    assert blocks("") == blocks(" \n\n\ufeff\n") == ()


_WORD = st.sampled_from("园区 企业 建立 台账 用水 核算 排放 试点 技术 改造 项目 到2025年 5.3万吨 降低 和 以及".split())
_TEXT = st.lists(_WORD, min_size=2, max_size=12).map("".join)
_LINE = st.one_of(
    st.tuples(
        st.sampled_from(["一、", "（二）", "3.", "第四条 ", "第一章 ", "专栏 5 ", "附件 1 ", "## ", "——", "①"]), _TEXT
    ).map("".join),
    st.tuples(st.sampled_from(["", "一、", "（三）", "2、", "- ", "注：", "> "]), _TEXT, _TEXT).map(
        lambda p: f"{p[0]}{p[1]}。{p[2]}。"
    ),
    st.sampled_from(
        [
            "附件：1. 甲表",
            "目录",
            "某某市人民政府",
            "2024年5月6日",
            "各县、各部门：",
            "某政发〔2024〕3号",
            "甲\t乙\t丙",
            "关于用水的通知",
        ]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINE, max_size=14, unique=True), st.sampled_from(["\n", "\n\n", "\n— 2 —\n", "\n\n\n"]))
def test_blocks_cover_each_character_once_in_order(lines: list[str], gap: str) -> None:
    raw = gap.join(lines)
    printed = re.sub(r"\s|— 2 —", "", re.sub(r"(?m)^(?:#+ |> |- )", "", raw))
    assert re.sub(r"\s", "", "".join(b.text for b in blocks(raw))) == printed
