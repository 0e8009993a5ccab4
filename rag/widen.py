"""From a sentence to the paragraph or cell it stands in, where that is short enough to quote whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.text import map_spans
from index.types import Span
from rag.match import Target
from rag.statement import Reader, Statement


def widen(chosen: Sequence[Statement], reader: Reader, limit: int) -> list[Statement]:
    """Return the statements with the first one, and each that fits, widened to its whole paragraph or cell.

    Together they hold at most ``limit`` characters; a paragraph that is too long leaves its sentence as it is.
    """
    widened: list[Statement] = []
    room = limit - sum(len(s.text) for s in chosen)
    for statement in chosen:
        if any(_inside(statement, w) for w in widened):
            continue
        spans = home_of(statement, reader)
        text = map_spans(reader.raw(statement.doc), spans).text.strip() if spans else ""
        more = len(text) - len(statement.text)
        if 0 < more <= room and len(text) <= limit:
            room -= more
            statement = replace(statement, text=text, spans=spans, target=Target.of(text))
        widened.append(statement)
    return widened


def home_of(statement: Statement, reader: Reader) -> tuple[Span, ...]:
    """Return the spans of the block or cell that holds the statement, () when not known."""
    if statement.passage.record >= 0:
        record = reader.records(statement.doc)[statement.passage.record]
        fields = [f for f in record.fields if f.name == statement.field and f.spans]
        return next((f.spans for f in fields if f.spans[0].start <= statement.spans[0].start <= f.spans[-1].end), ())
    block = reader.block_at(statement.doc, statement.spans[0].start)
    return block.spans if block else ()


def _inside(one: Statement, other: Statement) -> bool:
    return one.doc == other.doc and all(
        any(o.start <= s.start and s.end <= o.end for o in other.spans) for s in one.spans
    )
