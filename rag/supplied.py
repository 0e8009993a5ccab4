"""Answers from passages that come with the question, and answers of a bounded length."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from index.collection import Collection, MemoryCollection
from index.config import IndexSettings
from index.pipeline import analyse
from index.text import map_spans, normalise
from index.types import Source
from rag.compose import Line
from rag.figures import figures
from rag.match import Matcher
from rag.quote import shorten
from rag.statement import Reader

_FEWEST = 8
_WORD = re.compile("[0-9A-Za-z.,%‰]+")


def supplied(passages: Sequence[str], settings: IndexSettings) -> MemoryCollection:
    """Return the passages as a collection of their own; their names are "passage-1", "passage-2", ..."""
    sources = [
        Source(f"passage-{number}", hashlib.sha256(text.encode()).hexdigest(), text)
        for number, text in enumerate(passages, 1)
        if normalise(text)
    ]
    return MemoryCollection((analyse(source, settings) for source in sources), settings)


def bounded(lines: Sequence[Line], limit: int | None, matcher: Matcher, library: Collection) -> tuple[Line, ...]:
    """Return the lines that fit into ``limit`` characters of answer, the first one shortened to its telling clauses.

    The "[1]" marks count. Nothing is cut inside a clause unless it alone is too long, and never inside a figure.
    """
    if limit is None:
        return tuple(lines)
    kept: list[Line] = []
    room = limit
    for line in lines:
        length = len(line.text) + 3 * len(line.sources) + 1
        if kept and length > room:
            break
        if length > room:
            line = _short(line, max(_FEWEST, room - 3), matcher, library)
            length = len(line.text) + 4
        kept.append(line)
        room -= length
    return tuple(kept)


def _short(line: Line, limit: int, matcher: Matcher, library: Collection) -> Line:
    if not line.sources:
        return replace(line, text=line.text[: cut_at(line.text, limit)])
    raw = Reader(library).raw
    statement = shorten(line.sources[-1], matcher, limit, raw)
    if len(statement.text) > limit:
        mapped = map_spans(raw(statement.doc), statement.spans)
        end = cut_at(mapped.text, limit)
        statement = replace(statement, text=mapped.text[:end].strip(), spans=mapped.spans(0, end))
    return Line(normalise(statement.text), (statement,))


def cut_at(text: str, limit: int) -> int:
    """Return the last place up to ``limit`` where no figure and no Latin word is cut.

    A figure that opens the text is kept whole even where it is longer than the limit.
    """
    if len(text) <= limit:
        return len(text)
    held = [(f.start, f.end) for f in figures(text)] + [m.span() for m in _WORD.finditer(text)]
    end = limit
    while inside := [start for start, stop in held if start < end < stop]:
        end = min(inside)
    return end or max((stop for start, stop in held if start == 0), default=limit)
