"""Statements -> the lines of an answer: shortened, and led by what they stand under, every word cited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from index.text import map_spans, normalise, quote_of, tidy
from index.types import Block, Span
from rag.compose import Line
from rag.match import Matcher, Target
from rag.outline import opening_of
from rag.statement import NAME_CHARS, Reader, Statement

BETWEEN = " | "
"""Stands between the cells of a record where a source is shown."""


def shorten(statement: Statement, matcher: Matcher, limit: int, raw: Callable[[str], str]) -> Statement:
    """Return the statement, or its run of clauses up to ``limit`` characters that says most of what was asked."""
    if len(statement.text) <= limit:
        return statement
    mapped = map_spans(raw(statement.doc), statement.spans)
    ends = [m.end() for m in re.finditer("[，；：。、]", mapped.text)] + [len(mapped.text)]
    starts = [0, *ends[:-1]]
    best = (0.0, 0, 0)
    for i, start in enumerate(starts):
        stop = next((j for j in range(len(ends) - 1, i - 1, -1) if ends[j] - start <= limit), i)
        gain = matcher.coverage(Target.of(mapped.text[start : ends[stop]])) - 0.0001 * i
        if gain > best[0]:
            best = (gain, start, ends[stop])
    _, start, end = best if best[2] else (0.0, 0, min(limit, len(mapped.text)))
    text = mapped.text[start:end].strip()
    return replace(statement, text=text, spans=mapped.spans(start, end), target=Target.of(text))


def lines(chosen: Sequence[Statement], reader: Reader) -> list[Line]:
    """Return an answer line for each statement; a record's statement is led by what identifies the record."""
    written: list[Line] = []
    said: tuple[str, object] | None = None
    for statement in chosen:
        quoted = [w for line in written for w in line.sources if w.doc == statement.doc]
        if any(set(statement.spans) <= set(w.spans) for w in quoted):
            continue
        record = statement.passage.record >= 0
        block = None if record else reader.block_at(statement.doc, statement.spans[0].start)
        under: tuple[str, object] = (statement.doc, statement.passage.record if record else block)
        identity = (
            () if under == said else identity_of(statement, reader) if record else lead_of(statement, block, reader)
        )
        identity = tuple(i for i in identity if i.spans != statement.spans)
        said = under
        lead = f"{block.lead if block else name_of(identity)}：" if identity else ""
        written.append(Line(lead + tidy(statement.text), (one_source(identity, statement, reader),)))
    return written


def one_source(identity: Sequence[Statement], statement: Statement, reader: Reader) -> Statement:
    """Return what names an entry and what is said of it as one source: cited, and shown, together."""
    if not identity:
        return statement
    spans = (*_before([s for part in identity for s in part.spans], statement.spans), *statement.spans)
    text = quote_of(reader.raw(statement.doc), spans)
    shown = BETWEEN.join([*(tidy(i.text) for i in identity if i.spans[0] in spans), tidy(statement.text)])
    return replace(statement, text=text, spans=spans, target=Target.of(text), shown=shown)


def _before(spans: Sequence[Span], others: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans without what the others hold too."""
    for span in dict.fromkeys(spans):
        pieces = [span]
        for other in others:
            pieces = [
                piece
                for p in pieces
                for piece in (Span(p.start, min(p.end, other.start)), Span(max(p.start, other.end), p.end))
                if piece.start < piece.end
            ]
        yield from pieces


def place_line(statement: Statement, reader: Reader) -> Line | None:
    """Return the line that says under which headings, or in which group of a table, a statement stands."""
    doc, at = statement.doc, statement.spans[0].start
    found: list[Statement] = []
    if statement.passage.record >= 0:
        group = reader.records(doc)[statement.passage.record].group
        place = reader.raw(doc).rfind(group, 0, at) if group else -1
        if place >= 0:
            found.append(_part(statement, (Span(place, place + len(group)),), group))
    else:
        block = reader.block_at(doc, at)
        for name in block.path if block else ():
            heading = reader.heading_before(doc, name, at)
            if heading:
                found.append(_part(statement, heading.spans, heading.text))
    if not found:
        return None
    return Line(f"所在位置：{' > '.join(tidy(f.text) for f in found)}", tuple(found))


def _part(statement: Statement, spans: tuple[Span, ...], text: str) -> Statement:
    return replace(statement, text=normalise(text), spans=spans, target=Target.of(text))


def lead_of(statement: Statement, block: Block | None, reader: Reader) -> tuple[Statement, ...]:
    """Return the run-in title of the statement's block with its first sentence, unless the statement holds it."""
    if block is None or not block.lead or block.lead in statement.text:
        return ()
    opening = opening_of(block)
    mapped = map_spans(reader.raw(statement.doc), block.spans)
    at = mapped.text.find(opening)
    if at < 0:
        return ()
    spans = mapped.spans(at, at + len(opening))
    return (replace(statement, text=opening.strip(), spans=spans, target=Target.of(opening)),)


def identity_of(statement: Statement, reader: Reader) -> tuple[Statement, ...]:
    """Return the short leading cells of the statement's record (name, applicant) as statements of their own."""
    record = reader.records(statement.doc)[statement.passage.record]
    found: list[Statement] = []
    for field in record.fields[:4]:
        if len(field.text) > NAME_CHARS:
            break
        if field.spans and not field.text.isdigit():
            text = Target.of(field.text)
            found.append(replace(statement, text=field.text, spans=field.spans, target=text, field=field.name))
    return tuple(found[:2])


def name_of(identity: Sequence[Statement]) -> str:
    """Return "名称（单位）" from the identifying cells."""
    first, *others = [tidy(i.text) for i in identity]
    return f"{first}（{'，'.join(others)}）" if others else first
