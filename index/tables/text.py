"""Grids in plain text: lines of tab-separated cells, and markdown pipe tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.tables.cells import Cell, cell_spans, is_group_title, is_header
from index.tables.grid import Grid
from index.text import normalise
from index.types import Span

_FURNITURE = re.compile(r"^(?:[-—–·\s]*\d{1,4}[-—–·\s]*|第\s*\d+\s*页.*|共\s*\d+\s*页.*|（?续表?）?|\f+)$")
_NOTE = re.compile(r"^\s*(?:注|备注|说明|附件|附录|附表|表\s*\d|资料来源|来源|抄送|[-*#]\s|第.{1,4}[章节条])")
_ROW_NUMBER = re.compile(r"^(\d{1,4})[.、]?$")
_MOST_COLUMNS = 200
_PIPE = re.compile(r"(?<!\\)\|")
_LINE_END = re.compile(r"\r?\n|\r")
_LOOK_AHEAD = 12
_RUNNING_TITLE = 60

Range = tuple[int, int]


@dataclass(slots=True)
class Line:
    """A line of raw: its range without the line break."""

    start: int
    end: int
    text: str

    def blank(self) -> bool:
        """Tell whether nothing is printed on it."""
        return not self.text or self.text.isspace()


@dataclass(slots=True)
class _Draft:
    """A tab table while its lines are read: each cell is a list of raw ranges."""

    width: int
    rows: list[list[list[Range]]] = field(default_factory=list)
    last: int = 0

    def number(self, raw: str) -> int:
        """Return the running number of the last row that has one, or 0."""
        for row in reversed(self.rows[-4:]):
            match = _ROW_NUMBER.match(raw[row[0][0][0] : row[0][0][1]].strip())
            if match:
                return int(match.group(1))
        return 0


def lines_of(raw: str) -> list[Line]:
    """Return the lines of raw with their ranges."""
    found, at = [], 0
    for end in _LINE_END.finditer(raw):
        found.append(Line(at, end.start(), raw[at : end.start()]))
        at = end.end()
    found.append(Line(at, len(raw), raw[at:]))
    return found


def text_grids(raw: str, taken: Sequence[Span] = ()) -> Iterator[Grid]:
    """Yield the grids that the text's own layout shows, outside the ``taken`` ranges, in order."""
    if "\t" not in raw and "|" not in raw:
        return
    lines = lines_of(raw)
    at, k = 0, 0
    while at < len(lines):
        line = lines[at]
        while k < len(taken) and taken[k].end <= line.start:
            k += 1
        found: tuple[Grid, int] | None = None
        if not (k < len(taken) and taken[k].start < line.end):
            if "\t" in line.text:
                found = _tab_grid(raw, lines, at)
            elif "|" in line.text:
                found = _pipe_grid(raw, lines, at)
        if found:
            yield found[0]
        at = found[1] if found else at + 1


def _ranges(line: Line, cut: re.Pattern[str]) -> list[Range]:
    cells, at = [], line.start
    for match in cut.finditer(line.text):
        cells.append((at, line.start + match.start()))
        at = line.start + match.end()
    cells.append((at, line.end))
    return cells


_TAB = re.compile("\t")


def _tab_grid(raw: str, lines: Sequence[Line], at: int) -> tuple[Grid, int] | None:
    """Read the tab table whose header is line ``at``; return it and the line after it."""
    head = _ranges(lines[at], _TAB)
    if not is_header([normalise(raw[a:b]) for a, b in head]):
        return None
    draft = _Draft(len(head), [[[cell] for cell in head]], at)
    j = at + 1
    while j < len(lines):
        line = lines[j]
        if "\t" in line.text:
            if not _take_tabs(raw, draft, line, adjacent=draft.last == j - 1):
                break
            draft.last = j
        elif not line.blank():
            step = _take_plain(raw, draft, lines, j)
            if not step:
                break
            j += step - 1
        j += 1
    if len(draft.rows) < 2:
        return None
    span = Span(lines[at].start, lines[draft.last].end)
    rows = tuple(tuple(_cell(raw, ranges) for ranges in row) for row in draft.rows)
    return Grid(span, rows), draft.last + 1


def _cell(raw: str, ranges: Sequence[Range]) -> Cell:
    return tuple(span for start, end in ranges for span in cell_spans(raw, start, end))


def _take_tabs(raw: str, draft: _Draft, line: Line, *, adjacent: bool) -> bool:
    """Add a line with tabs: a row, or the rest of a row that a line break has cut. False: another table begins."""
    cells = _ranges(line, _TAB)
    texts = [normalise(raw[a:b]) for a, b in cells]
    if len(cells) != draft.width and is_header(texts):
        return False
    row = draft.rows[-1]
    total = len(row) + len(cells) - 1
    if adjacent and len(draft.rows) > 1 and len(row) < draft.width and total <= draft.width:
        numbered = bool(draft.number(raw))
        if not _starts_row(raw, draft, texts) and (numbered or total == draft.width):
            _glue(row[-1], cells[0])
            row.extend([cell] for cell in cells[1:])
            return True
    draft.rows.append([[cell] for cell in cells])
    return True


def _starts_row(raw: str, draft: _Draft, texts: Sequence[str]) -> bool:
    if not texts[0] or len(texts) == draft.width:
        return True
    match = _ROW_NUMBER.match(texts[0])
    return bool(match) and 0 < int(match.group(1)) - draft.number(raw) <= 5 if match else False


def _glue(ranges: list[Range], more: Range) -> None:
    """Extend a cell by a range that follows it with nothing but a line break between."""
    ranges[-1] = (ranges[-1][0], more[1])


def _take_plain(raw: str, draft: _Draft, lines: Sequence[Line], j: int) -> int:
    """Deal with a line without tabs inside a table; return the lines used up (0: the table ends before it)."""
    text = normalise(lines[j].text)
    ahead = next((k for k in range(j + 1, min(j + _LOOK_AHEAD, len(lines))) if "\t" in lines[k].text), None)
    if ahead is not None and is_group_title(text):
        draft.rows.append([[(lines[j].start, lines[j].end)]] + [[(lines[j].end, lines[j].end)]] * (draft.width - 1))
        draft.last = j
        return 1
    if ahead is not None and _only_furniture(raw, draft, lines[j:ahead], lines[ahead]):
        return ahead - j
    if draft.last == j - 1 and len(draft.rows) > 1 and _belongs(raw, draft, lines, j, ahead):
        _glue(draft.rows[-1][-1], (lines[j].start, lines[j].end))
        draft.last = j
        return 1
    return 0


def _only_furniture(raw: str, draft: _Draft, between: Sequence[Line], after: Line) -> bool:
    """Tell whether only a page number, or a running title above a repeated header, parts two rows."""
    printed = [line.text.strip() for line in between if not line.blank()]
    if all(_FURNITURE.match(text) for text in printed):
        return True
    head = [normalise(raw[a:b]) for row in draft.rows[:1] for cell in row for a, b in cell]
    again = [normalise(raw[a:b]) for a, b in _ranges(after, _TAB)]
    titles = len(printed) <= 4 and all(len(t) <= _RUNNING_TITLE and not t.endswith("。") for t in printed)
    return head == again and titles and not any(_NOTE.match(t) for t in printed)


def _belongs(raw: str, draft: _Draft, lines: Sequence[Line], j: int, ahead: int | None) -> bool:
    """Tell whether a line directly below a row goes on with its last cell."""
    if _NOTE.match(lines[j].text):
        return False
    if len(draft.rows[-1]) < draft.width:
        return True
    if ahead is not None and not any(line.blank() for line in lines[j:ahead]):
        return True
    start, end = draft.rows[-1][-1][-1]
    return not normalise(raw[start:end]).endswith(("。", "；", "！", "？", ">")) and end - start > 1


def _pipe_grid(raw: str, lines: Sequence[Line], at: int) -> tuple[Grid, int] | None:
    """Read the pipe table that begins at line ``at``: a line of cells, a separator line, lines of cells."""
    if at + 1 >= len(lines) or not _is_separator(lines[at + 1].text):
        return None
    rows = [_pipe_cells(raw, lines[at])]
    j = at + 2
    while j < len(lines) and "|" in lines[j].text and not lines[j].blank():
        if not _is_separator(lines[j].text):
            rows.append(_pipe_cells(raw, lines[j]))
        j += 1
    width = max(len(row) for row in rows)
    if width > _MOST_COLUMNS:
        return None
    even = tuple(row + ((),) * (width - len(row)) for row in rows)
    return Grid(Span(lines[at].start, lines[j - 1].end), even, sure=True), j


def _is_separator(text: str) -> bool:
    return "--" in text and "|" in text and not text.strip("|-: \t")


def _pipe_cells(raw: str, line: Line) -> tuple[Cell, ...]:
    ranges = _ranges(line, _PIPE)
    if not raw[slice(*ranges[0])].strip():
        ranges = ranges[1:]
    if ranges and not raw[slice(*ranges[-1])].strip():
        ranges = ranges[:-1]
    return tuple(cell_spans(raw, *r) for r in ranges)
