"""Statements in the order in which they answer a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.match import Matcher
from rag.query import Query
from rag.scope import Scope
from rag.slots import asked_slots, holds
from rag.statement import Statement

AROUND_SHARE = 0.45
"""What a word counts that stands only in the headings, record name or title around a statement."""
PASSAGE_SHARE = 0.35
"""How much the rank of the passage counts beside the statement itself."""
SLOT_BONUS, NO_SLOT, NO_NUMBER, OTHER_YEAR = 0.12, -0.08, -0.12, -0.2
IN_SCOPE, ENUMERATES, IDENTITY, OFF_SUBJECT = 0.15, 0.1, -0.25, -0.25
IDENTITY_CHARS = 45
LONG = 120
"""A statement longer than this many characters loses a little for every further one."""

_ASKS_NAME = re.compile("谁|哪.?家|哪个|哪些|哪几|名称|叫什么|单位|公司|企业|厂|案例|技术")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A statement with its score, the question's coverage by itself (``own``) and with what is around it (``all``).

    ``profile`` and ``full`` say the same for each term: what is around counts ``AROUND_SHARE`` in the one, fully in the
    other.
    """

    score: float
    own: float
    all: float
    profile: tuple[float, ...]
    full: tuple[float, ...]
    statement: Statement


def rank(
    query: Query,
    matcher: Matcher,
    found: Sequence[Statement],
    scores: Sequence[float],
    scope: Scope,
    anchors: Sequence[int] = (),
) -> list[Ranked]:
    """Return the statements best first.

    ``scores[i]`` is the search score of the hit with rank ``i``; ``anchors`` are the numbers of the terms that name
    something: a statement that stands under none of those names is about something else.
    """
    top = max(scores, default=0.0) or 1.0
    ranked = [_rate(query, matcher, s, scores[s.rank] / top, scope) for s in found]
    if anchors:
        ranked = [r if all(r.full[i] >= 0.6 for i in anchors) else replace(r, score=r.score + OFF_SUBJECT) for r in ranked]
    ranked.sort(key=lambda r: (-r.score, r.statement.rank, r.statement.spans[0].start))
    return ranked


def _rate(query: Query, matcher: Matcher, statement: Statement, passage: float, scope: Scope) -> Ranked:
    own = matcher.coverage(statement.target)
    both = statement.target | statement.around
    everything = matcher.coverage(both)
    inner, outer = matcher.profile(statement.target), matcher.profile(both)
    profile = tuple(max(i, AROUND_SHARE * o) for i, o in zip(inner, outer, strict=True))
    score = own + AROUND_SHARE * (everything - own) + PASSAGE_SHARE * passage + fit(query.text, statement, scope)
    if query.kind == "compare" and statement.passage.record >= 0 and len(statement.text) <= IDENTITY_CHARS:
        score += IDENTITY
    if query.kind in ("list", "count") and statement.text.count("、") >= 2:
        score += ENUMERATES
    return Ranked(score, own, everything, profile, outer, statement)


def fit(asked_text: str, statement: Statement, scope: Scope) -> float:
    """Return the bonus or malus for holding the asked kind of answer."""
    text = statement.target.text
    fit = 0.0
    slots = asked_slots(asked_text)
    if slots:
        fit += SLOT_BONUS if holds(slots[0], text) else NO_SLOT if slots[0].strict else 0.0
        if slots[-1].name == "数值" and not holds(slots[-1], text):
            fit += NO_NUMBER
    if statement.passage.record >= 0 and len(text) <= IDENTITY_CHARS and not slots and not _ASKS_NAME.search(asked_text):
        fit += IDENTITY
    fit -= max(0, len(text) - LONG) / 1500
    if scope.boosts:
        strongest = max(scope.boosts.values())
        fit += IN_SCOPE * (scope.boosts.get(statement.doc, 1.0) - 1.0) / max(0.5, strongest - 1.0)
    if scope.years and (said := statement.years) and not said & frozenset(scope.years):
        fit += OTHER_YEAR
    return fit
