"""A typed 第X条 goes straight to that article of the document that the question names."""

from __future__ import annotations

from collections.abc import Sequence

from index.collection import Collection
from index.text import map_spans
from index.types import Block, Locator, Passage
from rag.compose import Line
from rag.match import Target
from rag.numerals import parse_arabic, parse_han
from rag.scope import Scope
from rag.statement import Statement

MAX_CHARS = 900
NEAREST = 3
"""Documents looked into, the best named first; all that are named equally well: a code may lie in several files."""


def article_lines(scope: Scope, library: Collection) -> list[Line]:
    """Return the articles asked for, each paragraph a line with its place; [] when none is asked for or found."""
    for file in _named(scope, library):
        blocks = library.blocks(file)
        lines = [line for asked in scope.articles for line in _article(value_of(asked), blocks, file, library)]
        if lines:
            return lines
    return []


def value_of(article: str) -> tuple[int, int]:
    """Return (42, 0) for "第四十二条" and for "第42条", (133, 1) for "第一百三十三条之一"; -1 for what is no number."""
    inner, _, more = article[1:].partition("条")
    return _number(inner), _number(more[1:]) if more else 0


def _number(text: str) -> int:
    value = parse_arabic(text) if text.isdecimal() else parse_han(text)
    return int(value) if value is not None else -1


def _named(scope: Scope, library: Collection) -> list[str]:
    """Return the documents that the question names, best named first.

    Of equally named ones those dated in a typed year come first, then the newest.
    """
    if not scope.articles or not scope.boosts:
        return []
    best = max(scope.boosts.values())
    dates = {f: library.document(f).info.date for f, boost in scope.boosts.items() if boost >= 0.95 * best}
    newest = sorted(dates, key=lambda f: (dates[f][:4] in scope.years, dates[f], f), reverse=True)
    ordered = sorted(newest, key=lambda f: -scope.boosts[f])
    return [f for n, f in enumerate(ordered) if n < NEAREST or scope.boosts[f] == best]


def _article(value: tuple[int, int], blocks: Sequence[Block], file: str, library: Collection) -> list[Line]:
    """Return the paragraphs and items of one article, up to ``MAX_CHARS``."""
    inside: list[Block] = []
    for block in blocks:
        numbered = block.number.startswith("第") and "条" in block.number
        if (numbered and value_of(block.number) == value) or (inside and inside[0].number in block.path):
            inside.append(block)
        elif inside and (block.number or block.kind == "heading"):
            break
    lines: list[Line] = []
    room = MAX_CHARS
    for block in inside:
        room -= len(block.text)
        if lines and room < 0:
            break
        text = map_spans(library.raw(file), block.spans).text.strip()
        place = Locator(file, path=block.path)
        passage = Passage("", text, block.spans, place, "clause")
        target = Target.of(text)
        lines.append(Line(text, (Statement(file, text, block.spans, passage, target, target),)))
    return lines
