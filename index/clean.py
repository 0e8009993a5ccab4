"""Raw text -> logical lines: OCR breaks joined, page furniture and markup left out. Raw itself is never rewritten.

A ``Line`` is one paragraph, heading or list item, made of raw spans; what is noise is simply in no span. What a
line means (heading, clause, title) is decided in ``index.structure``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.joins import Shape, continues, is_new
from index.markup import Segment, items, segments
from index.text import normalise, quote_of
from index.types import Source, Span

_PAGE_NUMBER = re.compile(
    r"[-—–－·~]{1,3}\s*\d{1,4}\s*[-—–－·~]{1,3}|第\s*\d{1,4}\s*页(?:[，,/]?\s*共\s*\d{1,4}\s*页)?"
    r"|\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?"
)
_LINE = re.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]+")
_DIGITS = re.compile(r"\d+")
_HEAD_LINES = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line. ``text`` equals ``quote_of(raw, spans)``.

    ``marker`` is the markup that stood before it and is not in the spans: "#".."######", "-", ">", "yaml" (front
    matter), "ordinal" (an ordinal that OCR turned into a formula), or "". ``gap`` counts the line breaks before
    it (2: one empty line), ``bold`` the characters of text at its start that were printed bold.
    """

    text: str
    spans: tuple[Span, ...]
    marker: str = ""
    gap: int = 0
    bold: int = 0


@dataclass(slots=True)
class _Piece:
    """A physical line on its way to a logical one. ``region`` changes at every skipped range."""

    segment: Segment
    text: str
    gap: int
    region: int
    edge: bool


@dataclass(slots=True)
class _Group:
    """Pieces that make one logical line, and their texts joined (for the rules, not for quotes)."""

    pieces: list[_Piece]
    text: str


def lines(source: Source, skip: Sequence[Span] = ()) -> tuple[Line, ...]:
    """Return the document's logical lines in reading order, leaving out the ranges ``skip`` (tables)."""
    pieces = _without_furniture(list(_pieces(source, skip)))
    return tuple(_joined(source.raw, pieces))


def render(cleaned: Iterable[Line]) -> str:
    """Return the lines as a text with their markers; cleaning it again yields the same texts."""
    parts: list[str] = []
    front = False
    for line in cleaned:
        if front and line.marker != "yaml":
            parts.append("\n---")
        opening = "---\n" if line.marker == "yaml" and not front else ""
        front = line.marker == "yaml"
        mark = {"yaml": "", "ordinal": "$(\\overline{=})$ ", "": ""}.get(line.marker, line.marker + " ")
        parts.append("\n" * (line.gap if parts else 0) + opening + mark + line.text)
    return "".join(parts) + ("\n---\n" if front else "")


def _pieces(source: Source, skip: Sequence[Span]) -> Iterator[_Piece]:
    """Yield the physical lines that hold content, with the line breaks before each."""
    raw = source.raw
    pages = {m.start for m in source.marks if m.kind == "page"} | {m.end for m in source.marks if m.kind == "page"}
    page_starts = sorted(pages)
    skipped = sorted(skip)
    front = front_matter(raw)
    last = 0
    for region, (start, end) in enumerate(_regions(len(raw), skipped)):
        for found in _LINE.finditer(raw, start, end):
            for segment in _segments(raw, found.start(), found.end(), front):
                text = normalise("".join(raw[s.start : s.end] for s in segment.spans))
                if not text:
                    continue
                first = segment.spans[0].start
                edge = bisect_right(page_starts, first) != bisect_right(page_starts, last)
                yield _Piece(segment, text, _breaks(raw, last, first, segment.hard), region, edge)
                last = segment.spans[-1].end


def _segments(raw: str, start: int, end: int, front: int) -> Iterator[Segment]:
    for segment in segments(raw, start, end, front):
        yield from items(raw, segment)


def _regions(length: int, skipped: Sequence[Span]) -> Iterator[tuple[int, int]]:
    at = 0
    for span in skipped:
        if span.start > at:
            yield at, span.start
        at = max(at, span.end)
    if at < length:
        yield at, length


def front_matter(raw: str) -> int:
    """Return the offset behind the YAML block that opens a file, 0 for none."""
    match = re.match(r"\ufeff?---[ \t]*\r?\n(?:[^\n]*\n){0,60}?---[ \t]*(?:\r?\n|$)", raw)
    return match.end() if match else 0


def _breaks(raw: str, last: int, first: int, hard: bool) -> int:
    between = raw[last:first]
    return max(between.count("\n") + between.count("\f") * 2, between.count("\r"), 2 if hard else 1)


def _without_furniture(pieces: list[_Piece]) -> list[_Piece]:
    """Leave out page numbers and the headers and footers that repeat on the pages."""
    numbers = _page_numbers(pieces)
    headers = _headers(pieces, numbers)
    kept: list[_Piece] = []
    for i, piece in enumerate(pieces):
        if i in numbers or i in headers:
            continue
        if i - 1 in numbers or i - 1 in headers:
            piece.gap = max(piece.gap, 2)
        kept.append(piece)
    return kept


def _page_numbers(pieces: list[_Piece]) -> set[int]:
    found = {i for i, p in enumerate(pieces) if len(p.text) <= 16 and _is_page_number(p)}
    bare = [i for i, p in enumerate(pieces) if len(p.text) <= 4 and p.text.isascii() and p.text.isdigit()]
    values = [int(pieces[i].text) for i in bare]
    rising = sum(b > a for a, b in zip(values, values[1:], strict=False))
    if len(bare) > 1 and rising >= 0.8 * (len(bare) - 1):
        return found | set(bare)
    return found | {i for i in bare if pieces[i].edge or i + 1 >= len(pieces) or pieces[i + 1].edge}


def _is_page_number(piece: _Piece) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(piece.segment.printed) or _PAGE_NUMBER.fullmatch(piece.text))


def _headers(pieces: list[_Piece], numbers: set[int]) -> set[int]:
    """Return repeated short lines of which at least one stands at a page break or inside a sentence."""
    keys = {i: _DIGITS.sub("#", p.text) for i, p in enumerate(pieces) if _may_repeat(p)}
    counts = Counter(keys.values())
    often = {k for k, n in counts.items() if n >= 3}
    if not often:
        return set()
    at = [i for i, k in keys.items() if k in often]
    proven = {keys[i] for i in at if _at_break(pieces, numbers, i)}
    first: set[str] = set()
    found: set[int] = set()
    for i in at:
        if keys[i] in proven and (keys[i] in first or i >= _HEAD_LINES):
            found.add(i)
        first.add(keys[i])
    return found


def _may_repeat(piece: _Piece) -> bool:
    text = piece.text
    return (
        3 <= len(text) <= 50
        and not piece.segment.marker
        and not piece.segment.row
        and text[-1] not in "。；;：:，,、！？"
        and not is_new(text, "")
    )


def _at_break(pieces: list[_Piece], numbers: set[int], i: int) -> bool:
    if pieces[i].edge or i - 1 in numbers or i + 1 in numbers:
        return True
    if not 0 < i < len(pieces) - 1:
        return False
    before, after = pieces[i - 1], pieces[i + 1]
    return after.edge or (
        before.region == after.region
        and len(before.text) >= 15
        and _goes_on(_Group([before], before.text), _Group([after], after.text), 0)
    )


def _joined(raw: str, pieces: list[_Piece]) -> Iterator[Line]:
    """Join until nothing changes: a line that has grown may now go on the one before it."""
    width = _width(pieces)
    groups = [_Group([piece], piece.text) for piece in pieces]
    while len(merged := _merged(groups, width)) < len(groups):
        groups = merged
    for group in groups:
        yield _line(raw, group.pieces)


def _merged(groups: list[_Group], width: int) -> list[_Group]:
    merged: list[_Group] = []
    for group in groups:
        if merged and _goes_on(merged[-1], group, width):
            last = merged[-1]
            merged[-1] = _Group(last.pieces + group.pieces, last.text + group.text)
        else:
            merged.append(group)
    return merged


def _goes_on(group: _Group, after: _Group, width: int) -> bool:
    first, last, piece = group.pieces[0], group.pieces[-1], after.pieces[0]
    if last.region != piece.region or last.segment.row:
        return False
    if first.segment.bold == len(group.text) and first.segment.hard and not piece.segment.marker:
        # A bold run-in title that was cut in the middle.
        return group.text[-1] not in "。：:；" and not is_new(piece.text, group.text)
    shape = Shape(after.text, piece.segment.marker, piece.gap, piece.segment.row)
    return continues(group.text, first.segment.marker, shape, width, len(last.text))


def _line(raw: str, group: list[_Piece]) -> Line:
    first = group[0]
    spans = list(first.segment.spans)
    for piece in group[1:]:
        at, start = spans[-1].end, piece.segment.spans[0].start
        if raw[at : at + 1].isspace() and not (raw[at - 1].isdigit() and raw[start].isdigit()):
            # The break itself is kept: between two Latin words it is their space (inside a number it is not).
            spans[-1] = Span(spans[-1].start, at + 1)
        spans.extend(piece.segment.spans)
    text = quote_of(raw, spans) if len(group) > 1 else first.text
    return Line(text, tuple(spans), first.segment.marker, first.gap, first.segment.bold)


def _width(pieces: list[_Piece]) -> int:
    """Return the length of a full printed line where lines are wrapped, else 0."""
    wrapped = sorted(len(a.text) for a, b in zip(pieces, pieces[1:], strict=False) if b.gap == 1 and len(a.text) >= 15)
    return wrapped[int(len(wrapped) * 0.8)] if len(wrapped) >= 8 else 0
