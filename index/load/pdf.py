"""PDF files with a text layer: lines joined to paragraphs, page marks, ruled tables; running heads left out."""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib
from dataclasses import dataclass
from typing import Any, Protocol, cast

from index.config import Limits
from index.errors import LoadError, MissingPackageError
from index.load import pdf_layout as layout
from index.load.pdf_layout import Char, Line
from index.load.writer import Draft, Writer, one_line

_LOG = logging.getLogger(__name__)
_UNMAPPED = re.compile(r"\(cid:\d+\)")
_MAX_EDGES = 4000
Box = tuple[float, float, float, float]
_BROKEN = (
    *(SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError),
    *(RecursionError, AssertionError, struct.error, zlib.error, OverflowError, NotImplementedError),
)


@dataclass(frozen=True, slots=True)
class _Table:
    top: float
    rows: list[list[str]]


@dataclass(slots=True)
class _Page:
    width: float
    lines: list[Line]
    tables: list[_Table]


def read(data: bytes, limits: Limits) -> Draft:
    """Read the text layer, a page mark for each page that has text.

    Raises:
        LoadError: damaged, encrypted, too many pages, or no text layer (a scan).
    """
    try:
        import pdfplumber
        from pdfminer.pdfdocument import PDFPasswordIncorrect
        from pdfminer.psexceptions import PSException
        from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException
    except ImportError as error:
        raise MissingPackageError("读取 .pdf 需要 pdfplumber", "pip install pdfplumber") from error
    try:
        with pdfplumber.open(io.BytesIO(data)) as file:
            if len(file.pages) > limits.max_pages:
                raise LoadError(f"共 {len(file.pages)} 页，超过上限 {limits.max_pages} 页", "请拆分，或调大 max_pages")
            pages = [_page(cast(_PdfPage, page)) for page in file.pages]
    except (PSException, MalformedPDFException, PdfminerException, *_BROKEN) as error:
        if isinstance(error, PDFPasswordIncorrect) or any(isinstance(a, PDFPasswordIncorrect) for a in error.args):
            raise LoadError("PDF 已加密，需要密码", "请去掉密码（另存为无密码 PDF）后再加入") from error
        raise LoadError("PDF 已损坏，无法解析", "请重新下载，或用阅读器打开后另存一份") from error
    _check_text(pages)
    return _write(pages)


class _PdfRow(Protocol):
    cells: list[Box | None]


class _PdfTable(Protocol):
    bbox: Box
    rows: list[_PdfRow]


class _PdfPage(Protocol):
    width: float
    chars: list[Char]
    lines: list[Any]
    rects: list[Any]
    curves: list[Any]

    def find_tables(self) -> list[_PdfTable]: ...
    def close(self) -> None: ...


def _page(page: _PdfPage) -> _Page:
    chars = page.chars
    upright = [char for char in chars if char["upright"]]
    # Slanted characters are a watermark, unless the whole page lies on its side.
    chars = upright if len(upright) * 2 >= len(chars) else chars
    tables = []
    if 4 <= len(page.lines) + len(page.rects) + len(page.curves) <= _MAX_EDGES:
        for table in page.find_tables():
            rows, chars = _ruled(table, chars)
            if rows:
                tables.append(_Table(table.bbox[1], rows))
    lines = layout.lines_of(chars)
    width = float(page.width)
    page.close()
    return _Page(width, lines, tables)


def _ruled(table: _PdfTable, chars: list[Char]) -> tuple[list[list[str]], list[Char]]:
    """Return a table's rows and the characters outside it; no rows for a mere frame around text."""
    grid = [row.cells for row in table.rows]
    if len(grid) < 2 or max(len(cells) for cells in grid) < 2:
        return [], chars
    inside = [char for char in chars if _within(char, table.bbox)]
    rows = []
    for cells in grid:
        texts = []
        for cell in cells:
            lines = layout.lines_of([c for c in inside if _within(c, cell)]) if cell else []
            texts.append(one_line(" ".join(line.text for line in lines)))
        rows.append(texts)
    taken = {id(char) for char in inside}
    return rows, [char for char in chars if id(char) not in taken]


def _within(char: Char, box: Box) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x < box[2] and box[1] <= y < box[3])


def _check_text(pages: list[_Page]) -> None:
    text = "".join(line.text for page in pages for line in page.lines)
    text += "".join(cell for page in pages for table in page.tables for row in table.rows for cell in row)
    empty = sum(not page.lines and not page.tables for page in pages)
    if len(text) < 5 * len(pages) and empty * 2 >= len(pages) or not text.strip():
        raise LoadError("PDF 没有文字层，是扫描件", "文字识别（OCR）将作为附加组件提供；请先转成带文字层的 PDF 或 .txt")
    lost = sum(len(found) for found in _UNMAPPED.findall(text))
    if lost > 0.3 * len(text):
        raise LoadError("PDF 的文字层缺少字符编码，读出来是乱码", "请用打印方式重新生成 PDF，或提供 Word 原件")
    if empty:
        _LOG.warning("%d of %d pages have no text layer", empty, len(pages))


def _write(pages: list[_Page]) -> Draft:
    dropped = layout.running([page.lines for page in pages])
    for number, page in enumerate(pages):
        page.lines = [line for at, line in enumerate(page.lines) if (number, at) not in dropped]
    by_width: dict[int, list[Line]] = {}
    for page in pages:
        by_width.setdefault(round(page.width), []).extend(page.lines)
    edges = {width: layout.right_edge(lines, width) for width, lines in by_width.items()}
    steps = [layout.pitch_of(page.lines) for page in pages if len(page.lines) > 3]
    writer = Writer()
    last: Line | None = None
    for number, page in enumerate(pages, 1):
        start = writer.at
        pitch = min(layout.pitch_of(page.lines), sorted(steps)[len(steps) // 2] if steps else float("inf"))
        last = _write_page(writer, page, last, edges[round(page.width)], pitch)
        if writer.at > start:
            writer.mark(start, "page", str(number))
    return writer.draft()


def _write_page(writer: Writer, page: _Page, last: Line | None, right: float, pitch: float) -> Line | None:
    """Append a page's lines and tables from top to bottom; return its last line, None after a table."""
    tables = sorted(page.tables, key=lambda table: table.top, reverse=True)
    first = True
    for line in page.lines:
        while tables and tables[-1].top < line.top:
            writer.table(enumerate(tables.pop().rows, 1))
            last, first = None, False
        if last is not None and layout.continues(last, line, right) and (first or line.middle > last.middle):
            gap = not first and layout.blank_between(last, line, pitch)
            if gap:
                writer.end_line(blank=True)
            else:
                writer.add(layout.glue(last.text, line.text))
        elif last is not None:
            writer.end_line(blank=not first and layout.blank_between(last, line, pitch))
        writer.add(line.text)
        last, first = line, False
    for table in reversed(tables):
        writer.table(enumerate(table.rows, 1))
        last = None
    return last
