"""Hits -> an answer by quotation: the few statements that together speak of what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.text import map_spans, tidy
from index.types import Block
from rag.compare import two_sides
from rag.compose import Line
from rag.features import Asked
from rag.match import Matcher, Target
from rag.outline import opening_of
from rag.query import Part, Query, QuestionKind
from rag.rank import Ranked, part_value
from rag.scope import Scope
from rag.slots import asked_slots, holds
from rag.statement import NAME_CHARS, Reader, Statement
from rag.widen import widen

SECOND = 0.8
"""When one statement is best for two things asked, the second gets the next statement if it is nearly as good."""
MIN_GAIN = 0.12
"""A further statement must add this share of the question."""
MIN_RATIO = 0.5
"""... and score at least this share of the best one."""


_STEPS = re.compile("工序|步骤|步|环节|道|做法|流程|阶段|措施")
MAX_STEPS = 520
_ORDINAL = re.compile(r"(?<![\d.])[(（]?\d{1,2}[)）.、．](?!\d)|[①-⑳]")


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


ONE = Budget(1, 260)
"""A question for one figure is answered by the statement that holds it, and only it."""


def pick(
    query: Query, matcher: Matcher, ranked: Sequence[Ranked], scopes: Mapping[str, Scope], reader: Reader
) -> list[Statement]:
    """Return the statements to quote.

    A comparison quotes its two sides; several questions in one get a statement each; a list or a how-and-why gets the
    whole short paragraph or cell; anything else the one statement that says most. ``scopes`` holds the scope of the
    whole question under its text and of each part under the part's.
    """
    asks = [p for p in query.parts if p.asks and p.terms]
    if query.kind == "compare" and (sides := two_sides(query, matcher, ranked, reader, bool(len(asks) < 2))):
        return sides
    if len(asks) > 1 and query.kind in ("fact", "yesno", "reason", "compare"):
        chosen = _one_each(query, asks, matcher, ranked, scopes, reader)
    else:
        chosen = _cover(query, matcher, ranked, reader)
    if query.kind in ("list", "reason", "count") and chosen:
        chosen = widen(chosen, reader, BUDGETS[query.kind].chars)
    return chosen


def _one_each(
    query: Query, asks: Sequence[Part], matcher: Matcher, ranked: Sequence[Ranked], scopes: Mapping[str, Scope], reader: Reader
) -> list[Statement]:
    """Return the best statement for each part that asks, near the best statement for the whole question."""
    anchor = ranked[0]
    topic = tuple(i for p in query.parts if not p.asks for i in p.terms)
    chosen: list[Statement] = []
    for asked in asks[:4]:
        terms = (*asked.terms, *topic)
        wanted = Asked.of(query, scopes[asked.text], text=asked.text)

        def value(candidate: Ranked, terms: tuple[int, ...] = terms, wanted: Asked = wanted) -> float:
            near = 0.1 if _same_entry(candidate.statement, anchor.statement) else 0.0
            return part_value(wanted, matcher, candidate, terms) + near

        pool = sorted(ranked[:80], key=value, reverse=True)
        best = pool[0]
        if any(best.statement.spans == c.spans for c in chosen) and value(pool[1]) >= SECOND * value(best):
            best = pool[1]
        statement = shorten(best.statement, matcher, 200, reader.raw)
        if all(statement.spans != c.spans for c in chosen):
            chosen.append(statement)
    return chosen


def _same_entry(one: Statement, other: Statement) -> bool:
    return (one.doc, one.passage.record) == (other.doc, other.passage.record) and (
        one.passage.record >= 0 or one.passage.id == other.passage.id
    )


def _cover(query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader) -> list[Statement]:
    budget = BUDGETS[query.kind]
    slots = [s for s in asked_slots(query.own) if s.strict]
    if query.kind == "fact" and slots and holds(slots[0], ranked[0].statement.target.text):
        budget = ONE
    chosen: list[Statement] = []
    covered = [0.0] * len(matcher.wanted)
    room = budget.chars
    candidates = list(ranked[:120])
    while candidates and len(chosen) < budget.statements:
        best = max(candidates, key=lambda r: _value(r, matcher, covered, bool(chosen)))
        if chosen and (_gain(best, matcher, covered) < budget.gain or best.score < MIN_RATIO * ranked[0].score):
            break
        candidates.remove(best)
        statement = shorten(best.statement, matcher, max(120, room), reader.raw)
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
    said: tuple[str, object] | None = None
    for statement in chosen:
        record = statement.passage.record >= 0
        block = None if record else reader.block_at(statement.doc, statement.spans[0].start)
        under: tuple[str, object] = (statement.doc, statement.passage.record if record else block)
        identity = () if under == said else identity_of(statement, reader) if record else lead_of(statement, block, reader)
        identity = tuple(i for i in identity if i.spans != statement.spans)
        said = under
        lead = f"{block.lead if block else name_of(identity)}：" if identity else ""
        written.append(Line(lead + tidy(statement.text), (*identity, statement)))
    return written


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


def first_counted(chosen: Sequence[Statement], noun: str) -> tuple[list[Statement], int]:
    """Return the statements with the one that lists things called ``noun`` in front, and how many it lists."""
    for statement in sorted(chosen, key=lambda s: not (noun and noun in s.text)):
        if noun and noun not in statement.text and not _ORDINAL.match(statement.text):
            continue
        if count := counted(statement):
            return [statement, *(s for s in chosen if s is not statement)], count
    return list(chosen), 0


def counted(statement: Statement) -> int:
    """Return how many things a statement lists: its ordinals (1) (2) ..., else its items between 、; 0 when none."""
    ordinals = [m for m in _ORDINAL.finditer(statement.text)]
    if len(ordinals) > 1:
        return len(ordinals)
    longest = max(re.split("[，。；：:,;]", statement.text), key=lambda clause: clause.count("、"))
    return longest.count("、") + 1 if longest.count("、") else 0


def steps_of(query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader) -> list[Statement]:
    """Return the paragraph or cell that numbers the steps which the question counts, [] when it counts none.

    Looked for in the entry of the best statement only: the numbered text that speaks most of the question.
    """
    if not _STEPS.search(query.text):
        return []
    best: tuple[float, list[Statement]] = (0.0, [])
    for candidate in ranked[:80]:
        if not _same_entry(candidate.statement, ranked[0].statement):
            continue
        home = widen([candidate.statement], reader, MAX_STEPS)[0]
        numbered = len(_ORDINAL.findall(home.text))
        share = matcher.coverage(home.target) + (0.2 if numbered > 1 else 0.0)
        if numbered > 1 and share > best[0]:
            best = (share, [home])
    return best[1]
