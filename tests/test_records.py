"""Records: cells under the right names in damaged rows, forms as labels, the real and the sample catalogues pinned."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.config import Limits
from index.load import load
from index.records import records
from index.records.align import align
from index.tables import find_tables
from index.text import quote_of
from index.types import Block, DocumentInfo, Record, Source, Span

GOLDEN = Path(__file__).parent / "golden"
HEAD = ("序号", "技术名称", "技术内容", "工艺路线", "适用范围", "节能效果", "节水效果", "节材效果")
EFFECTS = ("减污效果·产生量", "减污效果·排放量", "降碳效果·节能降碳", "降碳效果·工艺降碳")
LINES = "\t".join(HEAD) + "\t减污效果\t\t降碳效果\t\n" + "\t" * 8 + "产生量\t排放量\t节能降碳\t工艺降碳\n"
WATER = "每年节约用水五百吨。"
CARBON = "每年减少CO ₂ 排放量约三吨。"


def source(raw: str) -> Source:
    return Source("t.txt", "0" * 64, raw)


def read(raw: str, blocks: Sequence[Block] = ()) -> tuple[Record, ...]:
    given_ = source(raw)
    found = records(given_, find_tables(given_), blocks)
    check(raw, found)
    return found


def check(raw: str, found: Sequence[Record]) -> None:
    for record in found:
        for field in record.fields:
            assert quote_of(raw, field.spans) == field.text
            assert bool(field.text) == bool(field.spans)


def one(*cells: str) -> dict[str, str]:
    (record,) = read("某目录\n\n" + LINES + "\t".join(cells) + "\n")
    return {"name": record.name, **{f.name: f.text for f in record.fields}}


def test_a_sound_row_keeps_its_printed_columns() -> None:
    row = one("1", "甲炉", "烧得透。", "先烧后排。", "适用于窑炉。", "省煤。", "/", "", "少尘。", "/", CARBON, "/")
    assert row["适用范围"] == "适用于窑炉。"
    assert (row["节水效果"], row["节材效果"], row["减污效果·排放量"]) == ("", "", "")
    assert row["降碳效果·节能降碳"] == "每年减少CO₂排放量约三吨。"


def test_a_lost_name_moves_the_cells_back_and_is_taken_from_the_content() -> None:
    content = (
        "三段式回转窑的筒体由一段改为三段，烧得更透，出口温度也更稳，" + "检修间隔由一季延长到一年，" * 3 + "漏风下降。"
    )
    row = one("1", content, "先烧后排。", "适用于窑炉。", "省煤一吨。", WATER, "/", "/", "/", CARBON, CARBON, "")
    assert row["name"] == "三段式回转窑"
    assert row["技术名称"] == ""
    assert row["技术内容"] == content
    assert row["适用范围"] == "适用于窑炉。"
    assert row["节水效果"] == WATER
    assert row["降碳效果·工艺降碳"]


def test_a_scope_one_column_early_moves_all_cells_behind_it() -> None:
    row = one("1", "甲炉", "烧得透。", "适用于窑炉。", "省煤。", WATER, "/", "少尘。", "减少SO2排放。", CARBON, "/", "")
    assert row["工艺路线"] == ""
    assert row["适用范围"] == "适用于窑炉。"
    assert row["节水效果"] == WATER
    assert row["减污效果·产生量"] == "少尘。"
    assert row["降碳效果·节能降碳"]


def test_numbered_paragraphs_of_a_lost_column_leave_the_cell_they_were_merged_into() -> None:
    merged = "<p>烧得透。</p> <p>(1)先进料。</p> <p>(2)后出渣。</p>"
    row = one("1", "甲炉", merged, "<p>应用于窑炉。</p>", "省煤。", "/", "/", "/", "/", CARBON, "/", "")
    assert row["技术内容"] == "烧得透。"
    assert row["工艺路线"] == "(1)先进料。(2)后出渣。"
    assert row["适用范围"] == "应用于窑炉。"


def test_carbon_amounts_printed_under_a_pollution_header_go_to_the_carbon_column() -> None:
    row = one("1", "甲炉", "烧。", "排。", "适用于窑炉。", "省煤。", "/", "/", "减少SO2产生量一吨。", CARBON, "/", "/")
    assert row["减污效果·产生量"] == "减少SO2产生量一吨。"
    assert row["减污效果·排放量"] == ""
    assert row["降碳效果·节能降碳"]


def test_without_a_carbon_column_carbon_amounts_stay_where_they_are() -> None:
    assert align(("序号", "名称", "节能效果", "减污效果"), ("1", "甲", CARBON, "/")) == [0, 1, 2, 3]


def test_a_saving_that_also_names_its_carbon_stays_a_saving() -> None:
    text = "每年节约标准煤一吨，减少CO2排放三吨。"
    assert align(("序号", "名称", "节能效果", "降碳效果"), ("1", "甲", text, "/")) == [0, 1, 2, 3]


def test_an_applicant_in_the_name_column_moves_to_its_own() -> None:
    header = ("序号", "案例名称", "申报单位", "主要做法")
    assert align(header, ("1", "东山实业有限公司", "先减后增，成效明显。", "")) == [0, 2, 3, -1]
    assert align(header, ("1", "东山实业有限公司", "西河公司", "先减后增，成效明显。")) == [0, 1, 2, 3]


def test_a_name_split_in_two_cells_is_joined_again() -> None:
    header = ("序号", "案例名称", "申报单位", "主要做法")
    assert align(header, ("1", "甲案", "（一期）", "东山实业有限公司", "先减后增。")) == [0, 1, 1, 2, 3]


@given(st.lists(st.text("甲乙丙/适用于CO2减排公司。", max_size=30), min_size=1, max_size=14))
@settings(max_examples=200, deadline=None)
def test_no_cell_with_words_is_ever_dropped_and_order_is_kept(texts: list[str]) -> None:
    path = align((*HEAD, *EFFECTS), texts)
    assert len(path) == len(texts)
    placed = [j for j in path if j >= 0]
    assert placed == sorted(placed)
    assert all(j >= 0 for j, t in zip(path, texts, strict=True) if t.strip("/"))


def test_groups_captions_and_headings_are_carried_by_each_record() -> None:
    raw = "一、总体安排\n\n东山市节水名单\n\n序号\t企业名称\t做法\n类别一：节水\t\t\n"
    raw += "1\t甲厂\t回用\n类别二：节电\t\t\n2\t乙厂\t变频\n"
    heading = Block("heading", "一、总体安排", (Span(0, 6),), (), 1, "一")
    first, second = read(raw, (heading,))
    assert (first.table, first.group, first.path) == ("东山市节水名单", "类别一：节水", ("一、总体安排",))
    assert (second.number, second.name, second.group) == ("2", "乙厂", "类别二：节电")


def test_the_path_of_a_table_block_wins() -> None:
    raw = "序号\t企业名称\t做法\n1\t甲厂\t回用\n"
    block = Block("table", "", (Span(0, len(raw)),), ("附件2", "名单"), 2)
    (record,) = read(raw, (block,))
    assert record.path == ("附件2", "名单")


def test_a_class_merged_over_rows_is_given_to_each() -> None:
    raw = "| 类别 | 序号 | 名称 |\n|--|--|--|\n| 节水 | 1 | 甲 |\n| | 2 | 乙 |\n"
    assert [r.get("类别").text for r in read(raw)] == ["节水", "节水"]  # type: ignore[union-attr]


def test_a_note_in_the_last_line_is_no_entry() -> None:
    raw = (
        "| 序号 | 名称 | 金额 |\n|--|--|--|\n| 1 | 甲 | 五万 |\n| 注：以上为概数，以批复为准，另有说明的除外。 | | |\n"
    )
    assert len(read(raw)) == 1


def test_a_class_caption_is_the_group_and_the_document_the_table() -> None:
    raw = "## 类别一：节水\n\n| 序号 | 名称 |\n|--|--|\n| 1 | 甲 |\n"
    given_ = replace(source(raw), info=DocumentInfo(title="某名单"))
    (record,) = records(given_, find_tables(given_))
    assert (record.table, record.group) == ("某名单", "类别一：节水")


FORM = """东山市节水项目申报表

| | | | |
|--|--|--|--|
| 项目名称 | | | |
| 所属行业 | | 建设阶段 | <input type="checkbox"/> 在建 <input type="checkbox"/> 已投产 |
| 项目内容 | 原理 | | |
| | 流程 | (附图) | |
| 申报企业联系人 | | | |
| 企业地址 | | 邮 编 | |
| 联系电话 | 555 | | |
"""


def test_a_form_gives_one_record_a_section_with_its_labels() -> None:
    form, contact = read(FORM)
    assert form.name == form.table == "东山市节水项目申报表"
    assert [(f.name, f.text) for f in form.fields] == [
        ("项目名称", "项目名称"),
        ("所属行业", "所属行业"),
        ("建设阶段", "建设阶段在建已投产"),
        ("项目内容·原理", "项目内容原理"),
        ("项目内容·流程", "流程(附图)"),
    ]
    assert contact.name == "申报企业联系人"
    assert [f.name for f in contact.fields] == ["申报企业联系人", "企业地址", "邮编", "联系电话"]


def test_a_filled_in_blank_is_quoted_without_its_label() -> None:
    assert read(FORM)[1].fields[-1].text == "555"


def test_a_record_without_a_plain_subject_gets_no_invented_name() -> None:
    row = one(
        "1",
        "采用三段式筒体，烧得更透，出口温度也更稳，结圈明显变少，检修间隔由一季延长到一年，窑尾漏风也随之下降。" * 2,
        "先烧后排。",
        "适用于窑炉。",
        "省煤一吨。",
        WATER,
        "/",
        "/",
        "/",
        CARBON,
        CARBON,
        "",
    )
    assert row["name"] == ""


@given(st.text("序号名称适用于1.2\t\t\t|||--\n\n类别一：/。<p>CO2", max_size=200))
@settings(max_examples=300, deadline=None)
def test_every_field_is_its_quote_in_any_text(raw: str) -> None:
    read(raw)
    read("序号\t名称\t适用范围\n1\t" + raw)


def test_a_sheet_with_a_title_a_merged_header_and_merged_classes_gives_full_records(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for line in (
        ["某年度节能装备目录"],
        ["领域", "序号", "装备名称", "效果", None, "适用范围"],
        [None, None, None, "节电", "节水", None],
        ["泵", 1, "甲泵", "一成", "/", "适用于水厂"],
        [None, 2, "乙泵", None, "两成", "适用于电厂"],
    ):
        sheet.append(line)
    for area in ("A1:F1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:F3", "A4:A5"):
        sheet.merge_cells(area)
    book.save(tmp_path / "目录.xlsx")
    _, found = of_file(tmp_path / "目录.xlsx")
    assert [[(f.name, f.text) for f in r.fields] for r in found] == [
        [
            ("领域", "泵"),
            ("序号", "1"),
            ("装备名称", "甲泵"),
            ("效果·节电", "一成"),
            ("效果·节水", ""),
            ("适用范围", "适用于水厂"),
        ],
        [
            ("领域", "泵"),
            ("序号", "2"),
            ("装备名称", "乙泵"),
            ("效果·节电", ""),
            ("效果·节水", "两成"),
            ("适用范围", "适用于电厂"),
        ],
    ]
    assert {r.table for r in found} == {"某年度节能装备目录"}


# --- The documents: cell by cell -------------------------------------------------------------------------------


def pinned(name: str, found: object) -> None:
    """Compare with the golden file; YOUJU_UPDATE_GOLDEN=1 writes it anew."""
    path = GOLDEN / name
    if os.environ.get("YOUJU_UPDATE_GOLDEN") == "1":
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert json.loads(path.read_text("utf-8")) == json.loads(json.dumps(found))


def digest(text: str) -> str:
    return f"{len(text)}:{hashlib.sha256(text.encode()).hexdigest()[:12]}" if text else ""


def opening(text: str) -> str:
    """Return a short text, or the beginning of a long one with its length and hash."""
    return text if len(text) <= 20 else f"{text[:16]}… {digest(text)}"


def sealed(record: Record) -> dict[str, object]:
    """Describe a record without its text: lengths and hashes; short names stay readable."""
    return {
        "number": record.number,
        "name": record.name if len(record.name) <= 20 else f"{record.name[:8]}… {digest(record.name)}",
        "group": record.group,
        "cells": [digest(f.text) for f in record.fields],
    }


def of_file(path: Path) -> tuple[Source, tuple[Record, ...]]:
    given_ = load(path, name=path.name, limits=Limits())
    found = records(given_, find_tables(given_))
    check(given_.raw, found)
    return given_, found


def real(folder: Path, start: str) -> tuple[Record, ...]:
    (path,) = folder.glob(f"{start}_*.txt")
    return of_file(path)[1]


def test_the_catalogue_has_its_twenty_technologies(real_corpus: Path) -> None:
    found = real(real_corpus, "000")
    assert [r.number for r in found] == [str(n) for n in range(1, 21)]
    assert all(r.name and r.table.endswith("（2022）") for r in found)
    assert all(f and f.text.startswith(("适用于", "适合于")) for f in (r.get("适用范围") for r in found))
    for record in found:
        carbon = [f.text for f in record.fields if f.name.startswith("降碳") and f.text]
        assert carbon, record.name
        assert any("CO" in text.upper() for text in carbon), record.name
        assert record.get("技术主要内容").text, record.name  # type: ignore[union-attr]
        assert record.get("节能效果").text, record.name  # type: ignore[union-attr]
    fields = [f.name for f in found[0].fields]
    pinned("records_catalogue.json", {"fields": fields, "records": [sealed(r) for r in found]})


def test_the_case_list_has_its_thirty_eight_cases(real_corpus: Path) -> None:
    found = real(real_corpus, "004")
    assert [r.number for r in found] == [str(n) for n in range(1, 39)]
    assert all(r.name and r.group.startswith("类别") for r in found)
    assert all(r.fields[2].text.endswith("公司") for r in found)
    assert all(len(r.fields[3].text) > 150 and "<" not in r.fields[3].text for r in found)
    groups = [r.group for r in found]
    assert [groups.count(g) for g in dict.fromkeys(groups)] == [7, 9, 6, 1, 1, 14]
    pinned("records_cases.json", {"fields": [f.name for f in found[0].fields], "records": [sealed(r) for r in found]})


def test_the_application_form_has_its_sections_and_labels(real_corpus: Path) -> None:
    found = real(real_corpus, "003")
    assert len(found) == 3
    assert [f.name for f in found[2].fields[1:]] == [
        "单位名称", "单位负责人", "联系电话", "申报联系人", "联系电话", "手机", "邮编", "E-mail", "传真", "通信地址",
    ]  # fmt: skip
    pinned("records_form.json", [{**sealed(r), "labels": [f.name for f in r.fields]} for r in found])


@pytest.mark.parametrize(("suffix", "count"), [("csv", 20), ("html", 38)])
def test_the_sample_collection_gives_its_records(sample_corpus: Path, suffix: str, count: int) -> None:
    (path,) = sample_corpus.glob(f"*.{suffix}")
    given_, found = of_file(path)
    assert len(found) == count
    printed = [[quote_of(given_.raw, c) for c in row.cells] for table in find_tables(given_) for row in table.rows]
    assert [[f.text for f in r.fields] for r in found] == printed
    shown = [{"group": r.group, **{f.name: opening(f.text) for f in r.fields}} for r in found]
    pinned(f"records_sample_{suffix}.json", shown)
