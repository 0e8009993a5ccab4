"""Normalising with an offset map: the two sides of the span promise."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Span

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f"
_GAP = re.compile(f"[\\s{_INVISIBLE}]+")
_ANY_SPACE = re.compile(f"[^{_INVISIBLE}]")
# A space beside one of these is never meant in Chinese print; it comes from line breaks and OCR.
_WIDE = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6"
    "\U00020000-\U0003ffff“”‘’…—·]"
)
# No space stands before these in print: subscripts split off by OCR, closing marks, percent signs.
_GLUE = frozenset("₀₁₂₃₄₅₆₇₈₉ₓ²³_%‰℃°,.;:)]}")


def _keeps_space(before: str, after: str) -> bool:
    return not (_WIDE.match(before) or _WIDE.match(after) or after in _GLUE)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A normalised text with the origin of each of its characters.

    ``starts[i]`` is the raw offset of ``text[i]``; ``pieces[i]`` numbers the span of raw it was taken from.
    Both have the length of ``text``. A kept space stands for a whole run of white space.
    """

    text: str
    starts: array[int]
    pieces: array[int]

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Return raw spans whose ``quote_of`` equals ``text[start:end]`` without spaces at its ends.

        Raises:
            IndexError: the range does not lie inside the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"range {start}:{end} outside text of {len(self.text)} characters")
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        spans: list[Span] = []
        at = start
        while at < end:
            piece, stop = self.pieces[at], at + 1
            while stop < end and self.pieces[stop] == piece:
                stop += 1
            spans.append(Span(self.starts[at], self.starts[stop - 1] + 1))
            at = stop
        return tuple(spans)


def map_spans(raw: str, spans: Sequence[Span]) -> Mapped:
    """Join the raw spans in the given order and normalise them, keeping the origin of each character."""
    joined = "".join(raw[s.start : s.end] for s in spans)
    origin, piece = array("l"), array("l")
    for number, span in enumerate(spans):
        origin.extend(range(span.start, span.end))
        piece.extend([number] * len(span))
    parts: list[str] = []
    starts, pieces = array("l"), array("l")
    at = 0
    for gap in _GAP.finditer(joined):
        first, last = gap.span()
        parts.append(joined[at:first])
        starts.extend(origin[at:first])
        pieces.extend(piece[at:first])
        at = last
        visible = _ANY_SPACE.search(gap.group())
        inside = first > 0 and last < len(joined)
        if visible and inside and _keeps_space(joined[first - 1], joined[last]):
            parts.append(" ")
            starts.append(origin[first + visible.start()])
            pieces.append(piece[first + visible.start()])
    parts.append(joined[at:])
    starts.extend(origin[at:])
    pieces.extend(piece[at:])
    return Mapped("".join(parts), starts, pieces)


def quote_of(raw: str, spans: Sequence[Span]) -> str:
    """Return the text of the spans, joined in order and normalised: what a citation of them must say."""
    return normalise("".join(raw[s.start : s.end] for s in spans))


def normalise(text: str) -> str:
    """Drop invisible characters and white space that Chinese print does not have; else one plain space.

    Idempotent, and local: the normal form of a slice is the slice of the normal form (up to spaces at its ends).
    """
    parts: list[str] = []
    at = 0
    for gap in _GAP.finditer(text):
        first, last = gap.span()
        parts.append(text[at:first])
        at = last
        inside = first > 0 and last < len(text)
        if inside and _ANY_SPACE.search(gap.group()) and _keeps_space(text[first - 1], text[last]):
            parts.append(" ")
    parts.append(text[at:])
    return "".join(parts)
