"""PDF files with a text layer: lines joined to paragraphs, page marks, ruled tables; running heads left out."""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib
from typing import Any, Protocol, cast

from index.config import Limits
from index.errors import LoadError, MissingPackageError
from index.load import pdf_layout as layout
from index.load.pdf_compose import PdfPage, PdfTable, compose
from index.load.pdf_layout import Char
from index.load.writer import Draft

_LOG = logging.getLogger(__name__)
_UNMAPPED = re.compile(r"\(cid:\d+\)")
_MAX_EDGES = 4000
Box = tuple[float, float, float, float]
_BROKEN = (
    *(SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError),
    *(RecursionError, AssertionError, struct.error, zlib.error, OverflowError, NotImplementedError),
)


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
    return compose(pages)


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


def _page(page: _PdfPage) -> PdfPage:
    chars = page.chars
    upright = [char for char in chars if char["upright"]]
    # Slanted characters are a watermark, unless the whole page lies on its side.
    chars = upright if len(upright) * 2 >= len(chars) else chars
    tables = []
    if 4 <= len(page.lines) + len(page.rects) + len(page.curves) <= _MAX_EDGES:
        for table in page.find_tables():
            rows, chars = _ruled(table, chars)
            if rows:
                edges = sorted({round(cell[0]) for row in table.rows for cell in row.cells if cell})
                tables.append(PdfTable(table.bbox[1], tuple(edges), rows))
    lines = layout.lines_of(chars)
    width = float(page.width)
    page.close()
    return PdfPage(width, lines, tables)


def _ruled(table: _PdfTable, chars: list[Char]) -> tuple[list[list[str]], list[Char]]:
    """Return a table's rows and the characters outside it; no rows for a mere frame around text."""
    grid = [row.cells for row in table.rows]
    if max(len(cells) for cells in grid) < 2:
        return [], chars
    inside = [char for char in chars if _within(char, table.bbox)]
    rows = []
    for cells in grid:
        texts = []
        for cell in cells:
            lines = layout.lines_of([c for c in inside if _within(c, cell)]) if cell else []
            texts.append(layout.joined([line.text for line in lines]))
        rows.append(texts)
    taken = {id(char) for char in inside}
    return rows, [char for char in chars if id(char) not in taken]


def _within(char: Char, box: Box) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x < box[2] and box[1] <= y < box[3])


def _check_text(pages: list[PdfPage]) -> None:
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
