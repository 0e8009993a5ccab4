"""Hits -> an answer by quotation: the few statements that together speak of what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.text import map_spans, tidy
from rag.compose import Line
from rag.match import Matcher, Target
from rag.query import Query, QuestionKind
from rag.rank import Ranked
from rag.statement import Reader, Statement

MIN_GAIN = 0.12
"""A further statement must add this share of the question."""
MIN_RATIO = 0.5
"""... and score at least this share of the best one."""


IDENTITY_CHARS = 45
"""A leading cell up to this length identifies its record."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many statements and characters an answer of one kind may take."""

    statements: int
    chars: int
    gain: float = MIN_GAIN


BUDGETS: dict[QuestionKind, Budget] = {
    "fact": Budget(3, 260),
    "yesno": Budget(3, 300),
    "count": Budget(3, 360),
    "list": Budget(4, 600, 0.08),
    "compare": Budget(4, 600, 0.08),
    "reason": Budget(5, 700, 0.06),
}


def pick(query: Query, matcher: Matcher, ranked: Sequence[Ranked], raw: Callable[[str], str]) -> list[Statement]:
    """Return the statements to quote, best first: greedy cover of the question's terms within the budget."""
    budget = BUDGETS[query.kind]
    chosen: list[Statement] = []
    covered = [0.0] * len(matcher.wanted)
    room = budget.chars
    candidates = list(ranked)
    while candidates and len(chosen) < budget.statements:
        best = max(candidates, key=lambda r: _value(r, matcher, covered, bool(chosen)))
        if chosen and (_gain(best, matcher, covered) < budget.gain or best.score < MIN_RATIO * ranked[0].score):
            break
        candidates.remove(best)
        statement = shorten(best.statement, matcher, max(120, room), raw)
        if chosen and len(statement.text) > room:
            continue
        chosen.append(statement)
        room -= len(statement.text)
        covered = [max(c, p) for c, p in zip(covered, best.profile, strict=True)]
    return chosen


def _value(ranked: Ranked, matcher: Matcher, covered: Sequence[float], further: bool) -> float:
    return _gain(ranked, matcher, covered) + 0.3 * ranked.score if further else ranked.score


def _gain(ranked: Ranked, matcher: Matcher, covered: Sequence[float]) -> float:
    """Return the share of the question that the statement adds to what is covered already."""
    gained = (
        w.total * max(0.0, p - c) for w, p, c in zip(matcher.wanted, ranked.profile, covered, strict=True)
    )
    return sum(gained) / matcher.total


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
    said: tuple[str, int] | None = None
    for statement in chosen:
        record = (statement.doc, statement.passage.record)
        identity = identity_of(statement, reader) if record[1] >= 0 and record != said else ()
        identity = tuple(i for i in identity if i.spans != statement.spans)
        said = record
        lead = f"{name_of(identity)}：" if identity else ""
        written.append(Line(lead + tidy(statement.text), (*identity, statement)))
    return written


def identity_of(statement: Statement, reader: Reader) -> tuple[Statement, ...]:
    """Return the short leading cells of the statement's record (name, applicant) as statements of their own."""
    record = reader.records(statement.doc)[statement.passage.record]
    found: list[Statement] = []
    for field in record.fields[:4]:
        if len(field.text) > IDENTITY_CHARS:
            break
        if field.spans and not field.text.isdigit():
            text = Target.of(field.text)
            found.append(replace(statement, text=field.text, spans=field.spans, target=text, field=field.name))
    return tuple(found[:2])


def name_of(identity: Sequence[Statement]) -> str:
    """Return "名称（单位）" from the identifying cells."""
    first, *others = [tidy(i.text) for i in identity]
    return f"{first}（{'，'.join(others)}）" if others else first
