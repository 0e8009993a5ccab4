"""Lines of an answer and the statements they quote -> text with [1] [2] marks and Citations."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.places import Places
from index.text import tidy
from index.types import DocumentInfo, Span
from rag.statement import Statement
from rag.types import Citation


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer: its words, and the statements that carry them."""

    text: str
    sources: tuple[Statement, ...]


def quoted(statement: Statement, lead: str = "") -> Line:
    """Return the line that says just what the statement says, after an optional lead ("节能效果：")."""
    return Line(lead + tidy(statement.text), (statement,))


def compose(
    lines: Sequence[Line], info: Callable[[str], DocumentInfo], places: Callable[[str], Places]
) -> tuple[str, tuple[Citation, ...]]:
    """Return the answer's text, a line each, and its citations numbered by first use.

    A citation names the page or cell of its own first word, which may be pages after its passage's.
    """
    numbers: dict[tuple[str, tuple[Span, ...]], int] = {}
    citations: list[Citation] = []
    written: list[str] = []
    for line in lines:
        marks: list[str] = []
        for source in line.sources:
            place = (source.doc, source.spans)
            if place not in numbers:
                numbers[place] = len(numbers) + 1
                citations.append(citation(source, numbers[place], info, places))
            mark = f"[{numbers[place]}]"
            if mark not in marks:
                marks.append(mark)
        written.append(line.text + "".join(marks))
    return "\n".join(written), tuple(citations)


def citation_key(doc: str, spans: tuple[Span, ...]) -> str:
    """Return the short content hash by which a model refers to a quotation."""
    place = doc + "".join(f":{s.start}-{s.end}" for s in spans)
    return hashlib.sha256(place.encode()).hexdigest()[:8]


def citation(
    source: Statement, number: int, info: Callable[[str], DocumentInfo], places: Callable[[str], Places]
) -> Citation:
    """Return the statement as the citation of that number."""
    page, cell = places(source.doc).at(source.spans[0].start)
    return Citation(
        n=number,
        key=citation_key(source.doc, source.spans),
        doc=source.doc,
        quote=source.text,
        spans=source.spans,
        locator=replace(source.passage.locator, page=page, cell=cell),
        info=info(source.doc),
        passage_id=source.passage.id,
        shown=source.shown or source.text,
    )
