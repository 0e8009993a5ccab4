"""Table rows to records: named fields, lost names found, shifted cells put back, forms read as label and value.

Spans are the truth: a field's text is always ``quote_of(raw, spans)``; nothing is completed that is not printed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from index.records.align import align
from index.records.form import form_records
from index.tables.cells import NAME_HEADER, NUMBER_HEADER, Cell, cell_text, is_blank, is_group_title
from index.tables.grid import Row, Table
from index.text import normalise
from index.types import Block, Field, Record, Source, Span

_MAIN_HEADER = re.compile("内容|做法|介绍|简介|概述|说明|描述|原理")
_LEAD = re.compile(
    r"^(?!本|该|采用|针对|通过|利用|基于|为|将|以|对|在|根据|开发|研发|由|从|主要|[(（\d])"
    r"(.{4,30}?)(?:的|是|将|由|为|：|:|，|采用|通过|包括|主要)"
)
_FILL_HEADER = re.compile("类别|类型|分类|领域|行业|地区|省份|城市|方向|批次")
_STEP_ONE = re.compile(r"^(?:[(（]1[)）]|1[.、．)）]|①)")
_STEP = re.compile(r"^(?:[(（]\d{1,2}[)）]|\d{1,2}[.、．)）]|[①-⑳])")
_NOT_TITLE = re.compile(r"^(?:附件|附表|附|单位)\s*\d*\s*[:：]|[。；，：:]$|\t|^[-—\s\d|]+$|^\s*(?:序号|续表)")
_NOTE = re.compile(r"^(?:注|备注|说明|资料来源|数据来源|来源)\s*\d?\s*[:：]")
_LONGEST_TITLE = 60
_LOOK_BACK = 400


def records(source: Source, tables: Sequence[Table], blocks: Sequence[Block] = ()) -> tuple[Record, ...]:
    """Return the records of all tables in order: one a row of a list, one a section of a form."""
    found: list[Record] = []
    outline = _Outline(blocks)
    caption = ""
    for k, table in enumerate(tables):
        floor = tables[k - 1].span.end if k else 0
        near = not source.raw[floor : table.span.start].strip()
        caption = table.title or (caption if k and near else _caption(source, table.span.start, floor))
        path = outline.path(table.span)
        if table.kind == "form":
            found.extend(form_records(source.raw, table, caption, path))
        else:
            found.extend(_list_records(source, table, caption, path))
    return tuple(found)


def _list_records(source: Source, table: Table, caption: str, path: tuple[str, ...]) -> list[Record]:
    """Return one record for each row of a list; a caption like 类别一：… names the group of all its rows."""
    found: list[Record] = []
    group = caption if is_group_title(caption) else ""
    title = source.info.title if group or not caption else caption
    above: tuple[Cell, ...] = ()
    for row in table.rows:
        if row.kind == "group":
            group = cell_text(source.raw, row.cells[0])
            continue
        if _is_note(source.raw, row):
            continue
        cells = _place(source.raw, table.header, row)
        cells = _fill_down(source.raw, table.header, cells, above)
        above = cells
        found.append(_record(source.raw, table.header, cells, (title, group, path)))
    return found


def _is_note(raw: str, row: Row) -> bool:
    """Tell a note printed as the last line of a table (one cell: 注：…) from an entry."""
    filled = [cell for cell in row.cells if cell]
    return len(filled) == 1 and len(row.cells) > 1 and bool(_NOTE.match(cell_text(raw, filled[0])))


def _place(raw: str, header: Sequence[str], row: Row) -> tuple[Cell, ...]:
    """Return the row's cells by column, realigned where their texts say so."""
    texts = [cell_text(raw, cell) for cell in row.cells]
    columns: list[Cell] = [()] * len(header)
    path = align(header, texts)
    for cell, j in zip(row.cells, path, strict=True):
        if j >= 0:
            columns[j] = columns[j] + cell
    lost = set(range(max(path, default=-1))) - set(path)
    for j in sorted(lost):
        if j > 0 and columns[j - 1] and not columns[j]:
            columns[j - 1], columns[j] = _split_steps(raw, columns[j - 1])
    return tuple(columns)


def _split_steps(raw: str, cell: Cell) -> tuple[Cell, Cell]:
    """Part a cell of paragraphs that holds its lost neighbour: prose first, then numbered steps from 1 on.

    Only paragraphs that markup sets apart are parted; anything else stays whole.
    """
    heads = [normalise(raw[s.start : s.end]) for s in cell]
    first = next((i for i, text in enumerate(heads) if _STEP_ONE.match(text)), 0)
    steps = [text for text in heads[first:] if text]
    if first == 0 or len(steps) < 2 or not all(_STEP.match(text) for text in steps):
        return cell, ()
    return cell[:first], cell[first:]


def _fill_down(raw: str, header: Sequence[str], cells: tuple[Cell, ...], above: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Give a blank class cell left of the row number the cell above it: it was merged over several rows."""
    number = next((j for j, h in enumerate(header) if NUMBER_HEADER.match(h)), len(header))
    if not above:
        return cells
    filled = list(cells)
    for j in range(min(number, 2, len(header))):
        if not filled[j] and _FILL_HEADER.search(header[j]):
            filled[j] = above[j]
    return tuple(filled)


def _record(raw: str, header: Sequence[str], cells: Sequence[Cell], place: tuple[str, str, tuple[str, ...]]) -> Record:
    names = [name or f"第{j}列" for j, name in enumerate(header, 1)]
    fields = tuple(_field(raw, name, cell) for name, cell in zip(names, cells, strict=True))
    number = next((f.text for f, h in zip(fields, header, strict=True) if NUMBER_HEADER.match(h)), "")
    at = _name_column(header)
    name = fields[at].text if at < len(fields) else ""
    title, group, path = place
    return Record(number, name or _derived_name(header, fields), fields, title, group, path)


def _field(raw: str, name: str, cell: Cell) -> Field:
    text = cell_text(raw, cell)
    return Field(name, "", ()) if is_blank(text) else Field(name, text, tuple(cell))


def _name_column(header: Sequence[str]) -> int:
    """Return the column that names an entry: 名称 or the like, else the first one that is no row number."""
    named = next((j for j, h in enumerate(header) if NAME_HEADER.search(h)), None)
    if named is not None:
        return named
    return next((j for j, h in enumerate(header) if not NUMBER_HEADER.match(h) and not _FILL_HEADER.search(h)), 0)


def _derived_name(header: Sequence[str], fields: Sequence[Field]) -> str:
    """Return the noun phrase that opens the main cell of an entry without a name, or "" if none is plain."""
    main = next((f for f, h in zip(fields, header, strict=True) if _MAIN_HEADER.search(h) and f.text), None)
    match = _LEAD.match(main.text) if main else None
    return match.group(1) if match else ""


def _caption(source: Source, at: int, floor: int) -> str:
    """Return the nearest title line above a table, or ""."""
    lines = source.raw[max(floor, at - _LOOK_BACK) : at].split("\n")
    for line in reversed(lines[-8:]):
        text = normalise(line.strip().lstrip("#").strip("*"))
        if not text or (text.startswith(("(", "（")) and len(text) < 15) or re.match(r"^单位\s*[:：]", text):
            continue
        return "" if len(text) > _LONGEST_TITLE or _NOT_TITLE.search(text) else text
    return ""


class _Outline:
    """Headings above a place, from the blocks of the structure stage."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        placed = [b for b in blocks if b.spans and b.kind in ("title", "heading", "table")]
        self._blocks = sorted(placed, key=lambda b: b.spans[0].start)
        self._starts = [b.spans[0].start for b in self._blocks]

    def path(self, span: Span) -> tuple[str, ...]:
        """Return the heading path of the table at ``span``."""
        inside = bisect_right(self._starts, span.end)
        first = bisect_right(self._starts, span.start - 1)
        for block in self._blocks[first:inside]:
            if block.kind == "table":
                return block.path
        above = next((b for b in reversed(self._blocks[:first]) if b.kind == "heading"), None)
        return (*above.path, above.text) if above else ()
