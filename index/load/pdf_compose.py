"""Lines and tables of a PDF's pages -> raw and marks: paragraphs and tables run on across page breaks."""

from __future__ import annotations

from dataclasses import dataclass

from index.load import pdf_layout as layout
from index.load.pdf_layout import Line
from index.load.writer import Draft, Writer

_SAME_EDGE = 3


@dataclass(frozen=True, slots=True)
class PdfTable:
    """A ruled table: height of its top on the page, left edges of its columns, cell texts."""

    top: float
    edges: tuple[int, ...]
    rows: list[list[str]]

    def continues(self, before: PdfTable) -> bool:
        """Tell whether the columns stand where those of the other table stand."""
        pairs = zip(self.edges, before.edges, strict=False)
        return len(self.edges) == len(before.edges) and all(abs(a - b) <= _SAME_EDGE for a, b in pairs)


@dataclass(slots=True)
class PdfPage:
    """What stands on a page, from top to bottom; no line lies inside a table."""

    width: float
    lines: list[Line]
    tables: list[PdfTable]


def compose(pages: list[PdfPage]) -> Draft:
    """Return the text of the pages without running heads, with a mark for each page that has text."""
    dropped = layout.running([page.lines for page in pages])
    for number, page in enumerate(pages):
        page.lines = [line for at, line in enumerate(page.lines) if (number, at) not in dropped]
    by_width: dict[int, list[Line]] = {}
    for page in pages:
        by_width.setdefault(round(page.width), []).extend(page.lines)
    edges = {width: layout.right_edge(lines, width) for width, lines in by_width.items()}
    steps = sorted(layout.pitch_of(page.lines) for page in pages if len(page.lines) > 3)
    usual = steps[len(steps) // 2] if steps else float("inf")
    composer = _Composer()
    for number, page in enumerate(pages, 1):
        start = composer.writer.at
        composer.page(page, edges[round(page.width)], min(layout.pitch_of(page.lines), usual))
        if composer.writer.at > start:
            composer.writer.mark(start, "page", str(number))
    return composer.writer.draft()


class _Composer:
    """Remembers what came last: a line, a table, or nothing."""

    def __init__(self) -> None:
        self.writer = Writer()
        self._line: Line | None = None
        self._table: PdfTable | None = None
        self._rows = 0

    def page(self, page: PdfPage, right: float, pitch: float) -> None:
        """Append a page whose full lines end at ``right`` and stand ``pitch`` apart."""
        tables = sorted(page.tables, key=lambda table: table.top, reverse=True)
        first = True
        for line in page.lines:
            while tables and tables[-1].top < line.top:
                self._add_table(tables.pop(), first)
                first = False
            self._add_line(line, right, pitch, first)
            first = False
        while tables:
            self._add_table(tables.pop(), first)
            first = False

    def _add_table(self, table: PdfTable, first: bool) -> None:
        more = first and self._table is not None and table.continues(self._table)
        start = self._rows if more else 0
        self.writer.table(enumerate(table.rows, start + 1), joined=more)
        self._rows, self._table, self._line = start + len(table.rows), table, None

    def _add_line(self, line: Line, right: float, pitch: float, first: bool) -> None:
        last, self._line, self._table = self._line, line, None
        gap = last is not None and not first and layout.blank_between(last, line, pitch)
        if last is not None and not gap and layout.continues(last, line, right):
            self.writer.add(layout.glue(last.text, line.text))
        else:
            self.writer.end_line(blank=gap)
        self.writer.add(line.text)
