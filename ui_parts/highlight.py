"""Source text as segments, some of them marked. Every character stands as it does in raw; nothing is rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Span

AROUND = 90
"""Characters shown on each side of a quote."""
GAP = 220
"""Characters between two spans that are still shown; more are left out."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of raw. ``mark``: it is part of the quote; ``gap``: text is left out here, the piece is empty.

    ``anchor`` names a place in the document that a link can go to, "" for none.
    """

    text: str
    mark: bool = False
    gap: bool = False
    anchor: str = ""


def within(spans: Sequence[Span], length: int) -> tuple[Span, ...]:
    """Return the spans cut to the text, in order, joined where they touch; empty ones are left out."""
    found: list[Span] = []
    for span in sorted(Span(max(0, s.start), min(length, s.end)) for s in spans):
        if span.end <= span.start:
            continue
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def surroundings(raw: str, spans: Sequence[Span], around: int = AROUND) -> tuple[Segment, ...]:
    """Return the spans, marked, with the text around them; what lies far between them is left out."""
    found = within(spans, len(raw))
    if not found:
        return ()
    start, end = max(0, found[0].start - around), min(len(raw), found[-1].end + around)
    segments = [Segment("", gap=True)] if start else []
    at = start
    for span in found:
        if span.start - at > GAP and at > start:
            half = GAP // 2
            left, right = raw[at : at + half], raw[span.start - half : span.start]
            segments += [Segment(left), Segment("", gap=True), Segment(right)]
        elif span.start > at:
            segments.append(Segment(raw[at : span.start]))
        segments.append(Segment(raw[span.start : span.end], mark=True))
        at = span.end
    if end > at:
        segments.append(Segment(raw[at:end]))
    return tuple([*segments, Segment("", gap=True)] if end < len(raw) else segments)


def whole(raw: str, spans: Sequence[Span], anchors: Sequence[int]) -> tuple[Segment, ...]:
    """Return the whole text, the spans marked, cut at the anchors ("p" and the offset; the first mark is "here")."""
    found = within(spans, len(raw))
    edges = {0, len(raw), *(a for a in anchors if 0 <= a < len(raw))}
    edges.update(e for s in found for e in (s.start, s.end))
    ordered, named = sorted(edges), set(anchors)
    segments = []
    here = False
    for start, end in zip(ordered, ordered[1:], strict=False):
        mark = any(s.start <= start and end <= s.end for s in found)
        anchor = f"p{start}" if start in named else ""
        if mark and not here:
            here, anchor = True, "here"
        segments.append(Segment(raw[start:end], mark, anchor=anchor))
    return tuple(segments)
