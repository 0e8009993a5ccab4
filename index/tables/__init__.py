"""Tables of a document: from a reader's marks and from the layout of plain text.

Gives raw ranges only; what a cell means is ``records``' job.
"""

from __future__ import annotations

from collections.abc import Iterable

from index.tables.cells import cell_text, is_header
from index.tables.grid import Grid, Row, Table, build
from index.tables.marks import mark_grids
from index.tables.text import text_grids
from index.types import Source, Span

__all__ = ["Row", "Table", "find_tables"]

_GAP = 40


def find_tables(source: Source) -> tuple[Table, ...]:
    """Return the tables of a document in reading order, pieces of one table on several pages joined."""
    marked = list(mark_grids(source))
    taken = sorted(grid.span for grid in marked)
    grids = sorted([*marked, *text_grids(source.raw, taken)], key=lambda g: (g.span.start, g.span.end))
    tables = (build(source.raw, grid) for grid in _join_pages(source.raw, grids))
    return tuple(table for table in tables if table is not None)


def _join_pages(raw: str, grids: Iterable[Grid]) -> list[Grid]:
    """Join a grid to the one before it when it repeats its header, or goes on without one, right after it."""
    joined: list[Grid] = []
    for grid in grids:
        if joined and _goes_on(raw, joined[-1], grid):
            last = joined[-1]
            joined[-1] = Grid(Span(last.span.start, grid.span.end), last.rows + grid.rows, last.sure)
        else:
            joined.append(grid)
    return joined


def _goes_on(raw: str, last: Grid, grid: Grid) -> bool:
    between = raw[last.span.end : grid.span.start]
    if len(between) > _GAP or not last.rows or not grid.rows or len(last.rows[0]) != len(grid.rows[0]):
        return False
    if any(char >= "\u3400" for char in between if char not in "第页共续表"):
        return False
    head = [cell_text(raw, c) for c in last.rows[0]]
    first = [cell_text(raw, c) for c in grid.rows[0]]
    return is_header(head, sure=True) and (head == first or not is_header(first, sure=False))
