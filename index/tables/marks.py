"""Grids from a reader's marks: docx, html, xlsx, csv and ruled pdf tables arrive as table, row and cell ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.tables.cells import Cell, cell_spans
from index.tables.grid import Grid
from index.types import Mark, Source, Span

_MOST_COLUMNS = 200
_ADDRESS = re.compile(r"^([A-Z]{1,3})\d+$")


def mark_grids(source: Source) -> Iterator[Grid]:
    """Yield one grid for each table mark, in order."""
    marks = [m for m in source.marks if m.kind in ("table", "row", "cell")]
    tables = sorted((m for m in marks if m.kind == "table"), key=lambda m: m.start)
    rows = sorted((m for m in marks if m.kind == "row"), key=lambda m: m.start)
    cells = sorted((m for m in marks if m.kind == "cell"), key=lambda m: (m.start, m.end))
    r = c = 0
    for table in tables:
        found: list[list[Mark]] = []
        while r < len(rows) and rows[r].start < table.end:
            inside: list[Mark] = []
            while c < len(cells) and cells[c].start < rows[r].start:
                c += 1
            while c < len(cells) and cells[c].end <= rows[r].end:
                inside.append(cells[c])
                c += 1
            if rows[r].start >= table.start:
                found.append(inside)
            r += 1
        if found:
            yield Grid(Span(table.start, table.end), _even(source.raw, found), sure=True)


def _even(raw: str, rows: Sequence[Sequence[Mark]]) -> tuple[tuple[Cell, ...], ...]:
    """Place the cells in columns: by their address (B7) where all have one, else in order."""
    columns = [[_column(m.label) for m in row] for row in rows]
    filled = [c for row in columns for c in row]
    placed = bool(filled) and min(filled) >= 0 and max(filled) - min(filled) < _MOST_COLUMNS
    by_address = placed and all(len(set(r)) == len(r) for r in columns)
    first = min(filled) if by_address else 0
    width = max(filled) - first + 1 if by_address else max(len(row) for row in rows)
    grid = []
    for row, places in zip(rows, columns, strict=True):
        line: list[Cell] = [()] * width
        for position, mark in enumerate(row):
            line[places[position] - first if by_address else position] = cell_spans(raw, mark.start, mark.end)
        grid.append(tuple(line))
    return tuple(grid)


def _column(label: str) -> int:
    match = _ADDRESS.match(label)
    if not match:
        return -1
    value = 0
    for letter in match.group(1):
        value = value * 26 + ord(letter) - ord("A") + 1
    return value - 1
