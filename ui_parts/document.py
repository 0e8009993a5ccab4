"""The whole text of a document on a page of its own, its outline beside it, the quoted places marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.errors import InputError
from index.store import Library
from index.types import Span
from ui_parts.highlight import whole
from ui_parts.templating import render

_AT = re.compile(r"\d{1,9}-\d{1,9}(?:,\d{1,9}-\d{1,9}){0,49}")
_HEADINGS = 400


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the outline: its words, its depth from 1, where it starts."""

    text: str
    level: int
    start: int


def spans_of(at: str) -> tuple[Span, ...]:
    """Return the spans of "12-40,77-90"; none of "".

    Raises:
        InputError: it is written otherwise.
    """
    if not at:
        return ()
    if not _AT.fullmatch(at):
        raise InputError(f"位置 {at[:40]!r} 不是“起-止”的形式")
    pairs = (part.split("-") for part in at.split(","))
    return tuple(Span(int(a), int(b)) for a, b in pairs if int(a) < int(b))


def document_html(library: Library, file: str, spans: Sequence[Span], language: str) -> str:
    """Return the document's page.

    Raises:
        InputError: the library has no such document.
    """
    entry = library.document(file)
    headings = _outline(library, file)
    segments = whole(library.raw(file), spans, [h.start for h in headings])
    return render("document.html", language, entry=entry, info=entry.info, headings=headings, segments=segments)


def _outline(library: Library, file: str) -> list[Heading]:
    found: dict[int, Heading] = {}
    for block in library.blocks(file):
        if block.kind == "heading" and block.spans:
            words, start = block.lead or block.text, block.spans[0].start
            found.setdefault(start, Heading(words[:60], min(max(block.level, 1), 4), start))
    return sorted(found.values(), key=lambda h: h.start)[:_HEADINGS]
