"""Tables: found in text and in readers' marks, joined over page breaks, every cell at its exact place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.tables import Table, find_tables
from index.text import normalise, quote_of
from index.types import Mark, Source, Span


def source(raw: str, marks: Sequence[Mark] = ()) -> Source:
    return Source("t.txt", "0" * 64, raw, tuple(marks))


def shown(raw: str, table: Table) -> list[tuple[str, list[str]]]:
    return [(row.kind, [quote_of(raw, cell) for cell in row.cells]) for row in table.rows]


def marked(rows: Sequence[Sequence[str]], before: str = "", after: str = "") -> Source:
    """Write a table as the readers do: a line a row, tabs between cells, a mark for each cell that holds text."""
    raw, marks, start = before, [], len(before)
    for n, row in enumerate(rows, 1):
        here = len(raw)
        for j, cell in enumerate(row):
            raw += "\t" if j else ""
            if cell:
                marks.append(Mark(len(raw), len(raw) + len(cell), "cell", f"{chr(65 + j)}{n}"))
            raw += cell
        marks.append(Mark(here, len(raw), "row", str(n)))
        raw += "\n"
    return source(raw + after, [Mark(start, len(raw) - 1, "table", "1"), *marks])


HEAD = "序号\t案例名称\t申报单位\t主要做法"


def test_a_repeated_header_and_a_cell_cut_by_a_page_break_stay_one_row() -> None:
    raw = f"某名单\n\n{HEAD}\n1\t甲案\t东山公司\t先减\n\n— 2 —\n{HEAD}\n\t\t\t后增\n2\t乙案\t西河公司\t全文\n\n注：完"
    (table,) = find_tables(source(raw))
    assert table.header == tuple(HEAD.split("\t"))
    assert shown(raw, table) == [
        ("row", ["1", "甲案", "东山公司", "先减后增"]),
        ("row", ["2", "乙案", "西河公司", "全文"]),
    ]
    assert raw[table.span.start : table.span.end].startswith("序号")
    assert raw[table.span.start : table.span.end].endswith("全文")


def test_without_row_numbers_only_a_page_break_joins_rows_of_several_cells() -> None:
    head = "企业名称\t产品类别\t做法"
    raw = f"{head}\n甲厂\t水\t先减\n{head}\n\t泵\t后增\n\t电机\t再减\n"
    (table,) = find_tables(source(raw))
    assert [cells for _, cells in shown(raw, table)] == [["甲厂", "水泵", "先减后增"], ["", "电机", "再减"]]


def test_a_running_title_between_pages_is_no_cell() -> None:
    raw = f"{HEAD}\n1\t甲案\t东山公司\t先减\n\n2031 年某名单\n\n{HEAD}\n2\t乙案\t西河公司\t全文"
    (table,) = find_tables(source(raw))
    assert [cells[1] for _, cells in shown(raw, table)] == ["甲案", "乙案"]


def test_a_second_header_line_is_joined_to_the_first() -> None:
    raw = "序号\t设备名称\t减排效果\t\t备注\n\t\t产生量\t排放量\t\n1\t风机\t三\t二\t无\n"
    (table,) = find_tables(source(raw))
    assert table.header == ("序号", "设备名称", "减排效果·产生量", "减排效果·排放量", "备注")
    assert len(table.rows) == 1


def test_a_row_with_only_a_class_is_a_group() -> None:
    raw = f"{HEAD}\n类别一：节水\t\t\t\n1\t甲案\t东山公司\t先减\n类别二：节电\n2\t乙案\t西河公司\t全文"
    (table,) = find_tables(source(raw))
    assert [kind for kind, _ in shown(raw, table)] == ["group", "row", "group", "row"]
    assert shown(raw, table)[2][1] == ["类别二：节电"]


def test_a_line_break_inside_a_cell_does_not_end_the_row() -> None:
    raw = f"{HEAD}\n1\t甲案\t东山\n公司\t先减\n再\n增。\n2\t乙案\t西河公司\t全文。\n"
    (table,) = find_tables(source(raw))
    assert shown(raw, table)[0][1] == ["1", "甲案", "东山公司", "先减再增。"]
    assert len(table.rows) == 2


def test_text_below_a_table_stays_outside() -> None:
    raw = f"{HEAD}\n1\t甲案\t东山公司\t先减。\n以上名单由东山市公布。\n"
    (table,) = find_tables(source(raw))
    assert shown(raw, table)[0][1][3] == "先减。"


def test_tags_are_left_out_of_the_spans() -> None:
    raw = f'{HEAD}\n1\t甲案\t东山公司\t<p>CO<sub>2</sub> 少排</p> <ol style="x"><li>一吨 a</li> <li>b 吨</li></ol>\n'
    (table,) = find_tables(source(raw))
    assert shown(raw, table)[0][1][3] == "CO2少排一吨a b吨"


@pytest.mark.parametrize(
    "raw",
    [
        "目 录\n一、面临\t形势 1\n二、总体\t思路 3\n(一)\t主要任务 4\n四、保障\t措施 24\n",
        "他说：a|b 和 c|d 都行。\n",
        "| 单独一行 | 没有分隔 |\n",
        "甲\t乙\t丙\n1\t2\t3\n",
        "",
        "\t\t\t\n\n|\n",
    ],
)
def test_lines_that_only_look_like_a_table_are_none(raw: str) -> None:
    assert find_tables(source(raw)) == ()


def test_a_markdown_table_is_read_with_its_header() -> None:
    raw = "## 两份函\n\n| 文号 | 发文机关 |\n|---|:--:|\n| 甲〔2030〕1号 | 东山市 |\n| 乙〔2030〕2号 | 西河市 |\n\n完。"
    (table,) = find_tables(source(raw))
    assert table.kind == "list"
    assert table.header == ("文号", "发文机关")
    assert shown(raw, table)[1][1] == ["乙〔2030〕2号", "西河市"]


def test_year_columns_make_a_header() -> None:
    raw = "| 指标 | 2030年 | 2035 | 属性 |\n|--|--|--|--|\n| 用水量 | 5 | 4 | 约束性 |\n"
    (table,) = find_tables(source(raw))
    assert table.header == ("指标", "2030年", "2035", "属性")


def test_a_label_value_table_is_a_form() -> None:
    raw = "| | | | |\n|--|--|--|--|\n| 企业名称 | | 联系电话 | |\n| 通信地址 | | | |\n"
    (table,) = find_tables(source(raw))
    assert table.kind == "form"


def test_a_filled_in_form_is_no_list() -> None:
    raw = "| 企业名称 | 东山厂 |\n|--|--|\n| 联系电话 | 555 |\n| 通信地址 | 河边 |\n"
    (table,) = find_tables(source(raw))
    assert table.kind == "form"
    assert len(table.rows) == 3


def test_marks_of_a_reader_give_the_same_table() -> None:
    given_ = marked(
        [["某表", "", ""], ["序号", "名称", "金额"], ["1", "甲", "五万"], ["2", "乙", ""]], before="前言。\n\n"
    )
    (table,) = find_tables(given_)
    assert table.title == "某表"
    assert table.header == ("序号", "名称", "金额")
    assert [cells for _, cells in shown(given_.raw, table)] == [["1", "甲", "五万"], ["2", "乙", ""]]


def test_a_marked_table_on_two_pages_is_one() -> None:
    first = marked([["序号", "名称", "做法"], ["1", "甲", "先减"]])
    second = marked([["序号", "名称", "做法"], ["", "", "后增"], ["2", "乙", "全"]], before=first.raw + "\n- 2 -\n\n")
    both = source(second.raw, [*first.marks, *second.marks])
    (table,) = find_tables(both)
    assert [cells for _, cells in shown(both.raw, table)] == [["1", "甲", "先减后增"], ["2", "乙", "全"]]


def test_a_table_row_of_marks_is_not_read_again_as_text() -> None:
    assert len(find_tables(marked([["序号", "名称", "金额"], ["1", "甲", "五万"]]))) == 1


words = st.text("东南西北中水电煤气吨减", min_size=1, max_size=12)
long = st.lists(words, min_size=1, max_size=3).map("，".join).map(lambda t: t + "。")


@st.composite
def paged(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """Draw a numbered table as a scan prints it: header again on each page, cells cut by pages and line breaks."""
    count = draw(st.integers(1, 6))
    rows = [[str(n), draw(words), draw(words) + "公司", draw(long)] for n in range(1, count + 1)]
    raw = f"标题\n\n{HEAD}\n"
    for row in rows:
        body = row[3]
        at = draw(st.integers(1, len(body) - 1))
        match draw(st.sampled_from(["whole", "page", "cut", "break"])):
            case "whole":
                raw += "\t".join(row) + "\n"
            case "page":
                raw += "\t".join(row) + f"\n\n{HEAD}\n"
            case "cut":
                raw += "\t".join([*row[:3], f"<p>{body[:at]}</p>"]) + f"\n\n- 3 -\n\n{HEAD}\n\t\t\t<p>{body[at:]}</p>\n"
            case _:
                raw += f"{row[0]}\t{row[1]}\t{row[2][:1]}\n{row[2][1:]}\t{body}\n"
    return raw + "\n注：以上。\n", rows


@given(paged())
@settings(max_examples=150, deadline=None)
def test_cells_of_a_scanned_table_are_recovered_whole(drawn: tuple[str, list[list[str]]]) -> None:
    raw, rows = drawn
    (table,) = find_tables(source(raw))
    assert [cells for _, cells in shown(raw, table)] == rows


grid = st.lists(st.lists(st.text("甲乙丙一二ab 1./、", max_size=6).map(normalise), min_size=3, max_size=3), min_size=1)


@given(grid)
@settings(max_examples=100, deadline=None)
def test_a_marked_grid_gives_back_its_cells(rows: list[list[str]]) -> None:
    numbered = [[str(n), "名" + row[1], row[2]] for n, row in enumerate(rows, 1)]
    given_ = marked([["序号", "名称", "内容"], *numbered])
    (table,) = find_tables(given_)
    assert [cells for _, cells in shown(given_.raw, table)] == numbered


noise = st.text("序号名称单位1.2\t\t\t|||--\n\n\r 类别一：<p></p>。/", max_size=200) | st.text(max_size=80)


@given(noise)
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_search_and_every_cell_is_in_its_table(raw: str) -> None:
    for table in find_tables(source(raw)):
        assert 0 <= table.span.start < table.span.end <= len(raw)
        for row in table.rows:
            for span in (s for cell in row.cells for s in cell):
                assert isinstance(span, Span)
                assert table.span.start <= span.start < span.end <= table.span.end


def test_a_megabyte_of_prose_costs_next_to_nothing() -> None:
    raw = "本市加快推进清洁生产，降低能耗与排放。\n" * 50_000
    began = time.perf_counter()
    assert find_tables(source(raw)) == ()
    assert time.perf_counter() - began < 0.2


@pytest.mark.parametrize("line", ["a|b\t说明：见下。\n", "|" * 50 + "\n", "序号\t名称\n"])
def test_lines_of_separators_take_linear_time(line: str) -> None:
    raw = line * (250_000 // len(line))
    began = time.perf_counter()
    find_tables(source(raw))
    assert time.perf_counter() - began < 5


def test_the_real_documents_hold_the_tables_we_know(real_corpus: Path) -> None:
    found = {}
    for path in sorted(real_corpus.glob("*.txt")):
        tables = find_tables(source(path.read_text("utf-8")))
        found[path.name[:3]] = [(t.kind, len(t.header), len(t.rows)) for t in tables]
    assert found["000"] == [("list", 12, 20)]
    assert found["001"] == found["002"] == []
    assert [kind for kind, _, _ in found["003"]] == ["form", "form"]
    assert found["004"] == [("list", 4, 44)]
