"""Sheets: .csv and .tsv by the csv module, .xlsx by openpyxl. A line a row, a tab between cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Protocol

from index.config import Limits
from index.errors import LoadError, MissingPackageError
from index.load.encoding import decode
from index.load.guard import DAMAGED, check_line_length, check_zip
from index.load.writer import Draft, Writer

_DEFAULT_NAME = re.compile(r"(?i)(sheet|工作表|表)\s*\d*")
_FIXED = re.compile(r"(?P<group>#,##)?0(?:\.(?P<digits>0+))?(?P<percent>%)?(?:_.*)?")
_MAX_CELLS = 20_000_000


def read_csv(data: bytes, limits: Limits) -> Draft:
    """Read comma-separated values; semicolons or tabs are recognised by the first line."""
    text = decode(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=lambda sign: (first.count(sign), sign == ","))
    return _separated(text, delimiter, limits)


def read_tsv(data: bytes, limits: Limits) -> Draft:
    """Read tab-separated values."""
    return _separated(decode(data), "\t", limits)


def _separated(text: str, delimiter: str, limits: Limits) -> Draft:
    check_line_length(text, limits)
    csv.field_size_limit(limits.max_line_chars)
    writer = Writer()
    try:
        writer.table(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1))
    except csv.Error as error:
        raise LoadError(f"表格不规范：{error}", "请检查引号是否成对，或另存为 .xlsx") from error
    return writer.draft()


def read_xlsx(data: bytes, limits: Limits) -> Draft:
    """Read every visible sheet: shown values, not formulas; a merged cell's text stands once, in its first cell."""
    try:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise MissingPackageError("读取 .xlsx 需要 openpyxl", "pip install openpyxl") from error
    check_zip(data, limits)
    writer = Writer()
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                _sheet(sheet, writer)
        book.close()
    except (InvalidFileException, *DAMAGED, SyntaxError, LookupError) as error:
        raise _broken() from error
    except (ValueError, TypeError, AttributeError, OSError, EOFError) as error:
        raise _broken() from error
    return writer.draft()


def _broken() -> LoadError:
    return LoadError("表格文件已损坏，无法解析", "请用 Excel 或 WPS 打开后另存为 .xlsx")


class _Cell(Protocol):
    value: object
    number_format: str


class _Sheet(Protocol):
    title: str

    def reset_dimensions(self) -> None: ...
    def iter_rows(self) -> Iterator[Sequence[_Cell]]: ...


def _sheet(sheet: _Sheet, writer: Writer) -> None:
    writer.end_line(blank=True)
    start = writer.at
    if not _DEFAULT_NAME.fullmatch(sheet.title.strip()):
        writer.add(f"# {sheet.title.strip()}\n")
    body = writer.at
    writer.table(_rows(sheet), label=sheet.title)
    if writer.at > body:
        writer.mark(start, "sheet", sheet.title)


def _rows(sheet: _Sheet) -> Iterator[tuple[int, Sequence[str]]]:
    sheet.reset_dimensions()
    seen = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        seen += len(row) + 1
        if seen > _MAX_CELLS:
            raise LoadError(f"工作表 {sheet.title!r} 单元格过多", "请删去空白的行列后再加入")
        cells = [_shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield number, cells


def _shown(value: object, form: str) -> str:
    """Return the value as the sheet shows it: 0.135 with the form "0.0%" is "13.5%"."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _number(value, form)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _number(value: float, form: str) -> str:
    known = _FIXED.fullmatch(form or "")
    if known is None:
        return str(value) if isinstance(value, int) else f"{value:.15g}"
    digits = len(known["digits"] or "")
    scaled = value * 100 if known["percent"] else value
    return f"{scaled:{',' if known['group'] else ''}.{digits}f}{known['percent'] or ''}"
