"""Raw text -> logical lines: OCR breaks joined, page furniture and markup left out. Raw itself is never rewritten.

A ``Line`` is one paragraph, heading or list item, made of raw spans; what is noise is simply in no span. What a
line means (heading, clause, title) is decided in ``index.structure``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.furniture import without_furniture
from index.markup import Segment, items, segments
from index.physical import Piece, groups_of
from index.text import normalise, quote_of
from index.types import Source, Span

_LINE = re.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]+")


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


def lines(source: Source, skip: Sequence[Span] = ()) -> tuple[Line, ...]:
    """Return the document's logical lines in reading order, leaving out the ranges ``skip`` (tables)."""
    pieces = without_furniture(list(_pieces(source, skip)))
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


def _pieces(source: Source, skip: Sequence[Span]) -> Iterator[Piece]:
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
                yield Piece(segment, text, _breaks(raw, last, first, segment.hard), region, edge)
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


def _joined(raw: str, pieces: list[Piece]) -> Iterator[Line]:
    for group in groups_of(pieces, _width(pieces)):
        yield _line(raw, group.pieces)


def _line(raw: str, group: list[Piece]) -> Line:
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


def _width(pieces: list[Piece]) -> int:
    """Return the length of a full printed line where lines are wrapped, else 0."""
    wrapped = sorted(len(a.text) for a, b in zip(pieces, pieces[1:], strict=False) if b.gap == 1 and len(a.text) >= 15)
    return wrapped[int(len(wrapped) * 0.8)] if len(wrapped) >= 8 else 0
