"""What every reader promises, and what each format adds."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.config import Limits
from index.errors import LoadError, MissingPackageError
from index.load import SUFFIXES, load, read_beir
from index.load.docx_styles import chinese, ordinal
from index.load.encoding import decode
from index.text import normalise
from index.types import Mark, Source
from tests.load_files import PARAGRAPHS, ROWS, TITLE, WORDS, WRITERS, PdfPage, pdf_bytes

TABLED = [".html", ".csv", ".tsv", ".xlsx", ".docx", ".pdf"]
NESTS = ["sheet", "table", "row", "cell"]


def read(folder: Path, suffix: str, data: bytes | str | None = None) -> Source:
    path = folder / f"sample{suffix}"
    if data is None:
        WRITERS[suffix](path)
    else:
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load(path, name=f"库/sample{suffix}", limits=Limits())


def of_kind(source: Source, kind: str) -> list[Mark]:
    return [mark for mark in source.marks if mark.kind == kind]


def cut(source: Source, mark: Mark) -> str:
    return source.raw[mark.start : mark.end]


def lines(source: Source) -> list[str]:
    return [line for line in source.raw.split("\n") if line.strip()]


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_word_of_the_file_is_in_raw(tmp_path: Path, suffix: str) -> None:
    text = normalise(read(tmp_path, suffix).raw)
    for word in WORDS:
        assert normalise(word) in text


@pytest.mark.parametrize("suffix", WRITERS)
def test_name_hash_and_repetition(tmp_path: Path, suffix: str) -> None:
    source = read(tmp_path, suffix)
    path = tmp_path / f"sample{suffix}"
    assert source.file == f"库/sample{suffix}"
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert load(path, name=source.file, limits=Limits()) == source


@pytest.mark.parametrize("suffix", WRITERS)
def test_marks_lie_inside_raw_apart_from_their_kind_and_inside_their_outer(tmp_path: Path, suffix: str) -> None:
    source = read(tmp_path, suffix)
    for kind in {mark.kind for mark in source.marks}:
        own = of_kind(source, kind)
        assert all(0 <= mark.start <= mark.end <= len(source.raw) for mark in own)
        assert all(before.end <= after.start for before, after in zip(own, own[1:], strict=False))
    for outer, inner in (("table", "row"), ("row", "cell")):
        for mark in of_kind(source, inner):
            assert any(box.start <= mark.start and mark.end <= box.end for box in of_kind(source, outer))


@pytest.mark.parametrize("suffix", TABLED)
def test_a_row_is_a_line_and_cells_stand_between_tabs(tmp_path: Path, suffix: str) -> None:
    source = read(tmp_path, suffix)
    found = [line.split("\t") for line in lines(source)][-len(ROWS) :]
    assert [tuple(cells + [""] * (len(ROWS[0]) - len(cells))) for cells in found] == list(ROWS)


@pytest.mark.parametrize("suffix", TABLED)
def test_cell_marks_cut_out_the_cells_and_bear_their_place(tmp_path: Path, suffix: str) -> None:
    source = read(tmp_path, suffix)
    rows = of_kind(source, "row")[-len(ROWS) :]
    for mark, texts in zip(rows, ROWS, strict=True):
        inside = [cell for cell in of_kind(source, "cell") if mark.start <= cell.start and cell.end <= mark.end]
        expected = {f"{'ABCD'[n]}{mark.label}": text for n, text in enumerate(texts) if text}
        assert {cell.label: cut(source, cell) for cell in inside} == expected


def test_the_contract_covers_every_suffix() -> None:
    assert SUFFIXES == set(WRITERS) | {".markdown", ".htm", ".xlsm"}


@pytest.mark.parametrize("suffix", [".html", ".docx"])
def test_headings_are_prefixed_and_paragraphs_marked(tmp_path: Path, suffix: str) -> None:
    source = read(tmp_path, suffix)
    assert lines(source)[0] == f"# {TITLE}"
    assert [cut(source, mark) for mark in of_kind(source, "paragraph")] == [TITLE, *PARAGRAPHS]
    assert [mark.label for mark in of_kind(source, "paragraph")] == ["1", "2", "3"]


# --- plain text -----------------------------------------------------------------------------------------------


def test_text_keeps_carriage_returns_blank_ends_and_front_matter(tmp_path: Path) -> None:
    text = "---\ntitle: 样例\n---\r\n\r\n第一条  甲\t乙\x0c\r\n  "
    assert read(tmp_path, ".md", text).raw == text


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_and_utf16_come_back_code_point_for_code_point(text: str) -> None:
    text = text.lstrip("\ufeff") + "终"
    assert decode(text.encode("utf-8-sig")) == text
    assert decode(text.encode("utf-16")) == text
    if text[0] != "\ufeff":
        assert decode(text.encode()) == text


_SIMPLIFIED = "为加强用水管理，推进节约型机关建设。根据有关规定；各单位应当按照年度计划（试行）完成改造任务、上报结果"
_TRADITIONAL = "為加強用水管理，推進節約型機關建設。根據有關規定；各單位應當按照年度計劃（試行）完成改造任務、上報結果"


@settings(max_examples=80, deadline=None)
@given(text=st.text(_SIMPLIFIED + "0123 abc%\n", min_size=12).filter(lambda t: sum(c > "一" for c in t) > 6))
def test_gb18030_is_recognised(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


@settings(max_examples=80, deadline=None)
@given(text=st.text(_TRADITIONAL + "0123 abc%\n", min_size=12).filter(lambda t: sum(c > "一" for c in t) > 6))
def test_big5_is_recognised(text: str) -> None:
    assert decode(text.encode("big5")) == text


@pytest.mark.parametrize("text", ["联通", "聊城市", "25℃", "关于", "第五条", "气温 25°C ± 1"])
def test_short_texts_are_recognised(text: str) -> None:
    assert decode(text.encode("utf-8")) == text
    assert decode(text.encode("gb18030")) == text


def test_one_damaged_byte_in_a_long_file_costs_one_character() -> None:
    data = bytearray((_SIMPLIFIED * 60).encode())
    data[1000] = 0xFF
    text = decode(bytes(data))
    assert 1 <= text.count("\ufffd") <= 3
    assert _SIMPLIFIED in text


# --- sheets ---------------------------------------------------------------------------------------------------

_CELL = st.text("水电气,，;\"'\t\n\r 0.%", max_size=8)


@settings(max_examples=80, deadline=None)
@given(rows=st.lists(st.lists(_CELL, min_size=2, max_size=4), min_size=1, max_size=5))
def test_csv_quoting_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    rows = [["甲", "乙"], *rows]
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    source = read(tmp_path_factory.mktemp("csv"), ".csv", out.getvalue())
    flat = [[" ".join(cell.split()) for cell in row] for row in rows]
    kept = [row for row in flat if any(row)]
    body = source.raw.removesuffix("\n").removesuffix("\n")
    assert [line.split("\t") for line in body.split("\n")] == kept


def test_csv_in_gb18030_with_semicolons(tmp_path: Path) -> None:
    source = read(tmp_path, ".csv", "名称;数量\n水泵;3\n".encode("gb18030"))
    assert lines(source) == ["名称\t数量", "水泵\t3"]


def test_xlsx_shows_values_as_the_sheet_does(tmp_path: Path) -> None:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "附件1 能耗表"
    sheet["B3"], sheet["C3"], sheet["D3"] = 0.135, 1234.5, datetime.date(2024, 6, 1)
    sheet["B3"].number_format, sheet["C3"].number_format = "0.0%", "#,##0.00"
    sheet["B4"] = "两列\n合并"
    sheet.merge_cells("B4:C4")
    sheet["D4"] = 0.1 + 0.2
    book.create_sheet("选项").sheet_state = "hidden"
    book["选项"]["A1"] = "看不见"
    out = io.BytesIO()
    book.save(out)
    source = read(tmp_path, ".xlsx", out.getvalue())
    assert lines(source) == ["# 附件1 能耗表", "\t13.5%\t1,234.50\t2024-06-01", "\t两列 合并\t\t0.3"]
    (whole,) = of_kind(source, "sheet")
    assert (whole.label, whole.start) == ("附件1 能耗表", 0)
    assert {mark.label for mark in of_kind(source, "cell")} == {"B3", "C3", "D3", "B4", "D4"}


# --- web pages ------------------------------------------------------------------------------------------------


def test_html_leaves_out_what_is_not_shown(tmp_path: Path) -> None:
    page = """<body><script>var 甲;</script><style>乙{}</style><p>留<span hidden>丙</span>下<!-- 丁 -->来</p>
    <div style="display: none">戊</div><nav>己</nav><ol start=3><li>庚</li><li>2. 辛</li></ol><pre>壬
    癸</pre>子<br>丑</body>"""
    assert lines(read(tmp_path, ".html", page)) == ["留下来", "3. 庚", "2. 辛", "壬", "癸", "子", "丑"]


def test_html_spans_keep_the_columns_aligned(tmp_path: Path) -> None:
    page = """<table><caption>表 1</caption>
    <tr><th rowspan=2>序号</th><th colspan=2>效果</th><th rowspan=2>备注</th></tr><tr><th>节水</th><th>节电</th></tr>
    <tr><td>1</td><td>三<br>吨</td><td>四 度</td><td></td></tr></table>"""
    expected = ["表 1", "序号\t效果\t\t备注", "\t节水\t节电\t", "1\t三 吨\t四 度\t"]
    assert lines(read(tmp_path, ".html", page)) == expected


def test_html_layout_table_is_read_as_paragraphs(tmp_path: Path) -> None:
    page = "<table><tr><td><p>左栏</p></td><td><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table></td>"
    assert lines(read(tmp_path, ".html", page)) == ["左栏", "a\tb", "c"]


def test_html_charset_is_believed(tmp_path: Path) -> None:
    page = '<html><head><meta charset="gb2312"></head><body><p>节水</p></body></html>'
    assert lines(read(tmp_path, ".html", page.encode("gb18030"))) == ["节水"]


# --- Word -----------------------------------------------------------------------------------------------------


def _docx(tmp_path: Path, build: object) -> Source:
    import docx

    document = docx.Document()
    build(document)  # type: ignore[operator]
    out = io.BytesIO()
    document.save(out)
    return read(tmp_path, ".docx", out.getvalue())


def test_docx_merged_cells_keep_the_columns_aligned(tmp_path: Path) -> None:
    def build(document):
        table = document.add_table(3, 4)
        for n, cell in enumerate(cell for row in table.rows for cell in row.cells):
            cell.text = str(n)
        table.cell(0, 1).merge(table.cell(0, 2)).text = "效果"
        table.cell(0, 0).merge(table.cell(1, 0)).text = "序号"

    assert lines(_docx(tmp_path, build)) == ["序号\t效果\t\t3", "\t5\t6\t7", "8\t9\t10\t11"]


def test_docx_frame_of_one_column_is_read_as_paragraphs(tmp_path: Path) -> None:
    def build(document):
        cell = document.add_table(1, 1).cell(0, 0)
        cell.text = "专栏 1 重点工程"
        cell.add_paragraph("一是改造水泵。")

    source = _docx(tmp_path, build)
    assert lines(source) == ["专栏 1 重点工程", "一是改造水泵。"]
    assert not of_kind(source, "table")


def test_docx_automatic_numbers_and_tracked_changes_read_as_shown(tmp_path: Path) -> None:
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def build(document):
        root = document.part.numbering_part.element
        levels = "".join(
            f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for n, (form, text) in enumerate([("chineseCounting", "第%1条"), ("decimal", "（%2）")])
        )
        root.insert(0, parse_xml(f'<w:abstractNum {space} w:abstractNumId="77">{levels}</w:abstractNum>'))
        root.append(parse_xml(f'<w:num {space} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
        for level, text in ((0, "甲"), (1, "乙"), (1, "丙"), (0, "丁"), (1, "戊")):
            properties = document.add_paragraph(text)._p.get_or_add_pPr()
            properties.append(parse_xml(f'<w:numPr {space}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'))
        changed = document.add_paragraph("留")._p
        changed.append(parse_xml(f"<w:del {space}><w:r><w:delText>删</w:delText></w:r></w:del>"))
        changed.append(parse_xml(f"<w:ins {space}><w:r><w:t>增</w:t></w:r></w:ins>"))

    assert lines(_docx(tmp_path, build)) == ["第一条 甲", "（1）乙", "（2）丙", "第二条 丁", "（1）戊", "留增"]


def test_numerals_read_as_word_prints_them() -> None:
    assert " ".join(chinese(n) for n in (1, 10, 12, 20, 21, 105, 110)) == "一 十 十二 二十 二十一 一百〇五 一百一十"
    forms = ("decimalEnclosedCircle", "upperLetter", "lowerRoman", "decimal")
    assert [ordinal(4, form) for form in forms] == ["④", "D", "iv", "4"]


def test_docx_with_empty_paragraphs_between_keeps_its_lines(tmp_path: Path) -> None:
    def build(document):
        for text in ("甲", "乙", "", "丙", "丁", ""):
            document.add_paragraph(text)

    assert _docx(tmp_path, build).raw.rstrip("\n") == "甲\n乙\n\n丙\n丁"


# --- PDF ------------------------------------------------------------------------------------------------------


def test_pdf_lines_of_a_paragraph_are_joined_across_pages_and_heads_left_out(tmp_path: Path) -> None:
    def page(number: int, body: list[str]) -> PdfPage:
        head, foot = (200, 800, 9, "青石镇文件汇编"), (290, 40, 9, f"— {number} —")
        return PdfPage([head, *((72, 740 - 20 * n, 12, line) for n, line in enumerate(body)), foot])

    full = "各作坊应当逐月登记用水数量并妥善保存原始记录以备检查不得虚报瞒报漏报或者"
    assert len(full) == 36
    pages = [page(1, [full, "故意损毁。"]), page(2, ["另一段很短。", full, full]), page(3, ["补登。", "完。"])]
    source = read(tmp_path, ".pdf", pdf_bytes(pages))
    assert lines(source) == [f"{full}故意损毁。", "另一段很短。", f"{full}{full}补登。", "完。"]
    marks = of_kind(source, "page")
    assert [mark.label for mark in marks] == ["1", "2", "3"]
    assert cut(source, marks[2]).startswith("补登。")


def test_pdf_gap_between_columns_is_a_tab_and_a_gap_between_lines_an_empty_line(tmp_path: Path) -> None:
    text = [(72, 700, 12, "名称"), (160, 700, 12, "数量"), (72, 680, 12, "水泵很多台"), (160, 680, 12, "三")]
    text += [(72, 660, 12, "合计见下"), (72, 600, 12, "通"), (120, 600, 12, "知"), (168, 600, 12, "书")]
    source = read(tmp_path, ".pdf", pdf_bytes([PdfPage(text)]))
    assert source.raw == "名称\t数量\n水泵很多台\t三\n合计见下\n\n通 知 书\n"


def test_pdf_table_runs_on_over_the_page_as_one_table(tmp_path: Path) -> None:
    foot = [(290, 40, 9, "1")], [(290, 40, 9, "2"), (72, 600, 12, "表后的话。")]
    pages = [PdfPage(foot[0], [(72, 140, ROWS[:2])]), PdfPage(foot[1], [(72, 760, [ROWS[2]])])]
    source = read(tmp_path, ".pdf", pdf_bytes(pages))
    assert source.raw == "\n".join("\t".join(row) for row in ROWS) + "\n\n表后的话。\n"
    assert [mark.label for mark in of_kind(source, "table")] == ["1"]
    assert [mark.label for mark in of_kind(source, "row")] == ["1", "2", "3"]
    assert cut(source, of_kind(source, "page")[1]).startswith("2\t雨水收集池")


# --- packages and corpora -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "package"), [(".pdf", "pdfplumber"), (".docx", "docx"), (".xlsx", "openpyxl"), (".html", "lxml")]
)
def test_a_missing_package_is_named_with_its_pip_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, package: str
) -> None:
    path = tmp_path / f"sample{suffix}"
    WRITERS[suffix](path)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError) as caught:
        load(path, name="a", limits=Limits())
    assert caught.value.hint.startswith("pip install ")


@pytest.mark.parametrize("name", ["corpus.jsonl", "corpus.jsonl.gz"])
def test_beir_lines_become_sources(tmp_path: Path, name: str) -> None:
    entries = [{"_id": "d1", "title": "节水", "text": "甲"}, {"_id": "d2", "title": "", "text": "乙", "metadata": {}}]
    texts = [json.dumps(entry, ensure_ascii=False) for entry in entries]
    data = ("\ufeff" + "\r\n\n".join(texts)).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    first, second = read_beir(path, Limits())
    assert (first.file, first.raw, first.info.title) == ("d1", "节水\n甲", "节水")
    assert (second.file, second.raw, second.info.title) == ("d2", "乙", "")
    assert first.sha256 == hashlib.sha256(texts[0].encode()).hexdigest()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[1]",
        '{"_id": "a"}',
        '{"_id": "", "text": "x"}',
        '{"_id": "a", "text": 3}',
        '{"_id": "a", "text": "\\ud800"}',
    ],
)
def test_a_bad_beir_line_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"_id": "a", "text": "x"}\n\n' + line + "\n", "utf-8")
    with pytest.raises(LoadError, match="第 3 行"):
        list(read_beir(path, Limits()))
