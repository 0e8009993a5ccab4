"""From a grid of cells to a table: header (one or two lines), rows, group rows, continuations over page breaks.

Not here: how a grid is read from text or from a reader's marks, and what a cell means (``records``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.tables.cells import (
    DIGITS,
    NAME_HEADER,
    NUMBER_HEADER,
    Cell,
    cell_text,
    has_header_word,
    is_blank,
    is_group_title,
    is_header,
    is_label,
)
from index.types import Span

RowKind = Literal["row", "group"]
TableKind = Literal["list", "form"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the raw spans of each cell (several after joining), and whether it names a group of rows."""

    cells: tuple[Cell, ...]
    kind: RowKind = "row"


@dataclass(frozen=True, slots=True)
class Table:
    """A table in raw. ``span`` covers it whole, page breaks and repeated headers included.

    ``header`` holds the field names, a two-line header joined by "·"; a form has none. ``title`` is a title row
    printed inside the table, or "".
    """

    span: Span
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    kind: TableKind = "list"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells as found, before anybody knows which row is the header. ``sure``: its maker knows it is a table."""

    span: Span
    rows: tuple[tuple[Cell, ...], ...]
    sure: bool = False


def build(raw: str, grid: Grid) -> Table | None:
    """Return the table of a grid, or None where it is too small to be one."""
    texts = [tuple(cell_text(raw, c) for c in row) for row in grid.rows]
    at = _header_row(texts, sure=grid.sure)
    if at is None:
        return _form(grid, texts)
    title = next((t for row in texts[:at] for t in row if t), "")
    header, used = _join_header(texts, at)
    body = _Body(header, texts[at : at + used])
    for cells, words in zip(grid.rows[at + used :], texts[at + used :], strict=True):
        body.add(cells, words)
    if not body.rows:
        return None
    return Table(grid.span, header, tuple(body.rows), "list", title)


def _header_row(texts: Sequence[tuple[str, ...]], *, sure: bool) -> int | None:
    """Return the header's position: the first row that is not a lone title, if it reads like a header."""
    for at, row in enumerate(texts[:6]):
        filled = {t for t in row if t}
        if len(filled) == 1 and len(row) > 1 and at + 1 < len(texts) and sure:
            continue
        return at if is_header(row, sure=sure) and not _is_pair(row, texts[at + 1 :]) else None
    return None


def _is_pair(row: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Tell a form's first line (label, value[, label, value]) from a header."""
    if any(t.startswith(("(", "（", "□", "☐")) for t in row):
        return True
    if len(row) not in (2, 4) or NUMBER_HEADER.match(row[0]):
        return False
    labels = [r[0] for r in rest if r and r[0]]
    blank = sum(not any(r[1::2]) for r in rest if r and is_label(r[0]))
    if len(labels) > 2 and blank * 2 > len(rest):
        return True
    words = sum(is_label(t) and has_header_word(t) for t in labels)
    return not any(has_header_word(t) for t in row[1::2]) and len(labels) > 0 and words * 5 >= len(labels) * 3


def _form(grid: Grid, texts: Sequence[tuple[str, ...]]) -> Table | None:
    """Return a table without a header (label and value pairs), if its maker is sure that it is a table."""
    if not grid.sure or len(texts) < 2:
        return None
    rows = tuple(Row(cells) for cells, words in zip(grid.rows, texts, strict=True) if any(words))
    return Table(grid.span, (), rows, "form") if rows else None


def _join_header(texts: Sequence[tuple[str, ...]], at: int) -> tuple[tuple[str, ...], int]:
    """Join a second header line into the first; return the field names and the number of lines used."""
    first = list(texts[at])
    if at + 1 >= len(texts) or not _is_second_line(first, texts[at + 1]):
        return tuple(first), 1
    second = list(texts[at + 1])
    width = max(len(first), len(second))
    first += [""] * (width - len(first))
    second += [""] * (width - len(second))
    names: list[str] = []
    above = ""
    for top, sub in zip(first, second, strict=True):
        above = top or (above if sub else "")
        names.append("·".join(dict.fromkeys(t for t in (above, sub) if t)))
    return tuple(names), 2


def _is_second_line(first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell whether the line below a header names the parts of its wide cells (blank or repeated in the header)."""
    filled = [(j, t) for j, t in enumerate(second) if t]
    if not filled or not all(is_label(t) for _, t in filled):
        return False
    wide = {j for j in range(1, len(first)) if not first[j] or first[j] == first[j - 1]}
    wide |= {j - 1 for j in wide}
    same = [j for j, t in filled if j < len(first) and first[j] == t]
    return any(j in wide for j, _ in filled) and all(j in wide or j in same for j, _ in filled)


class _Body:
    """The rows below a header, gathered in reading order."""

    def __init__(self, header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        self.rows: list[Row] = []
        self._header = header
        self._lines = [tuple(t for t in line if t) for line in lines]
        number = next((j for j, h in enumerate(header) if NUMBER_HEADER.match(h)), -1)
        name = next((j for j, h in enumerate(header) if NAME_HEADER.search(h)), -1)
        self._number = number
        self._keys = sorted({j for j in (0, number, name) if j >= 0})
        self._after_break = False

    def add(self, cells: tuple[Cell, ...], words: Sequence[str]) -> None:
        """Take the next row: skip a repeated header, join a continuation, mark a group."""
        filled = tuple(t for t in words if t)
        if not filled:
            return
        if self._repeats(filled):
            self._after_break = True
            return
        if self._is_group(words):
            self.rows.append(Row((next(c for c in cells if c),), "group"))
        elif self._continues(words) and self.rows and self.rows[-1].kind == "row":
            self.rows[-1] = _append(self.rows[-1], cells)
        else:
            self.rows.append(Row(cells))
        self._after_break = False

    def _repeats(self, filled: tuple[str, ...]) -> bool:
        return any(
            filled == line or (len(filled) == len(line) > 3 and _agree(filled, line) * 5 >= len(line) * 4)
            for line in self._lines
        )

    def _is_group(self, words: Sequence[str]) -> bool:
        filled = [t for t in words if t]
        if len(words) > 2 and len(filled) > 2 and len(set(filled)) == 1 and not is_blank(filled[0]):
            return True
        if len(filled) > 1 or not words[0] or DIGITS.match(words[0]) or len(words[0]) > 40:
            return False
        return is_group_title(words[0]) or (self._number == 0 and len(words) > 2)

    def _continues(self, words: Sequence[str]) -> bool:
        if any(j < len(words) and words[j] for j in self._keys):
            return False
        return self._after_break or self._number >= 0 or sum(bool(t) for t in words) == 1


def _agree(a: Sequence[str], b: Sequence[str]) -> int:
    return sum(x == y for x, y in zip(a, b, strict=True))


def _append(row: Row, cells: Sequence[Cell]) -> Row:
    width = max(len(row.cells), len(cells))
    left = list(row.cells) + [()] * (width - len(row.cells))
    right = list(cells) + [()] * (width - len(cells))
    return replace(row, cells=tuple(a + b for a, b in zip(left, right, strict=True)))
