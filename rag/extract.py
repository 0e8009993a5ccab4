"""Hits -> an answer by quotation: the few statements that together speak of what was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.types import Span
from rag.compare import two_sides
from rag.features import is_called
from rag.items import introduces
from rag.match import Matcher
from rag.parts import one_each
from rag.query import Part, Query, QuestionKind
from rag.quote import shorten
from rag.rank import Ranked
from rag.scope import Scope
from rag.sides import sides_of
from rag.slots import asked_slots, holds
from rag.statement import Reader, Statement, beside
from rag.widen import home_of, widen
from rag.within import figure_first

MIN_GAIN = 0.12
"""A further statement must add this share of the question."""
MIN_RATIO = 0.75
"""... and score at least this share of the best one."""


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
    "list": Budget(4, 600, 0.12),
    "compare": Budget(4, 600, 0.08),
    "reason": Budget(5, 700, 0.1),
}


OWN_MASS = 0.05
EACH_SHARE = 0.6
"""Least score, as a share of the best, of a document's best statement for it to be quoted beside the others."""
PARAGRAPH = (0.25, 0.15)
"""What the second and third best statement of a paragraph add to its statements, where a paragraph is quoted."""
NAMED_DOCUMENT = 1.6
_AND = re.compile("[和与跟及同、]")
_OF_ALL = re.compile("都|各|分别|一样|区别|不同|差别|相比|对比|又是|是不是")
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
    asks = [p for p in query.parts if p.asks and _weighs(p, matcher)]
    named = sides_of(query, matcher, scopes) if query.kind == "compare" else None
    if not (named and named[0].years) and (each := _each_document(query, ranked, scopes)):
        return widen(each, reader, BUDGETS["compare"].chars)
    if query.kind == "compare" and (
        sides := two_sides(query, matcher, ranked, reader, scopes, len(asks) < 2)
    ):
        return sides
    if len(asks) > 1 and query.kind in ("fact", "yesno", "reason", "compare"):
        chosen = one_each(query, asks, matcher, ranked, scopes, reader)
    else:
        chosen = _cover(query, matcher, ranked, reader)
    if query.kind in ("list", "reason", "count") and chosen:
        chosen = widen(chosen, reader, BUDGETS[query.kind].chars)
    return chosen


def _weighs(part: Part, matcher: Matcher) -> bool:
    """Whether a part asks for something of its own: its terms hold a tenth of the question's mass."""
    return sum(matcher.wanted[i].total for i in part.terms) >= OWN_MASS * matcher.total


def _each_document(query: Query, ranked: Sequence[Ranked], scopes: Mapping[str, Scope]) -> list[Statement]:
    """Return the best statement of each document, when the question names several and asks of all of them."""
    if query.kind == "fact" or not _OF_ALL.search(query.own) or not scopes:
        return []
    named: dict[str, float] = {}
    for text, scope in scopes.items():
        strong = {f: b for f, b in scope.boosts.items() if b >= NAMED_DOCUMENT}
        named.update(strong if len(strong) == 1 or _AND.search(text) else {})
    best = {f: next((r for r in ranked if r.statement.doc == f), None) for f in named}
    found = [r for r in best.values() if r and r.score >= EACH_SHARE * ranked[0].score]
    return [r.statement for r in found] if len(found) > 1 else []


def _cover(query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader) -> list[Statement]:
    budget = BUDGETS[query.kind]
    if query.kind == "fact":
        ranked = figure_first(query, matcher, ranked, reader)
    slots = asked_slots(query.own)
    if query.kind == "fact" and slots and holds(slots[0], ranked[0].statement.target.text):
        budget = ONE
    if query.kind in ("list", "reason") and not introduces(ranked[0].statement):
        ranked = _by_paragraph(ranked, reader)
    chosen: list[Statement] = []
    covered = [0.0] * len(matcher.wanted)
    room = budget.chars
    candidates = list(ranked[:120])
    while candidates and len(chosen) < budget.statements:
        best = max(candidates, key=lambda r: _value(r, matcher, covered, bool(chosen)))
        if chosen and (_gain(best, matcher, covered) < budget.gain or best.score < MIN_RATIO * ranked[0].score):
            break
        candidates.remove(best)
        if not chosen and query.kind in ("list", "reason") and is_called(query.own, best.statement):
            candidates = [c for c in candidates if beside(c.statement, best.statement)]
        statement = shorten(best.statement, matcher, max(120, room), reader.raw)
        if chosen and len(statement.text) > room:
            continue
        chosen.append(statement)
        room -= len(statement.text)
        covered = [max(c, p) for c, p in zip(covered, best.profile, strict=True)]
    return chosen


def _by_paragraph(ranked: Sequence[Ranked], reader: Reader) -> list[Ranked]:
    """Return the statements with those of a paragraph lifted that speak of the question more than once."""
    homes: dict[tuple[str, tuple[Span, ...]], list[float]] = {}
    keys: list[tuple[str, tuple[Span, ...]]] = []
    for candidate in ranked:
        statement = candidate.statement
        key = (statement.doc, home_of(statement, reader) or statement.spans)
        keys.append(key)
        homes.setdefault(key, []).append(candidate.score)
    lifted = []
    for candidate, key in zip(ranked, keys, strict=True):
        others = sorted(homes[key], reverse=True)[1:3]
        more = sum(share * max(0.0, score) for share, score in zip(PARAGRAPH, others, strict=False))
        lifted.append(replace(candidate, score=candidate.score + more))
    return sorted(lifted, key=lambda r: -r.score)


def _value(ranked: Ranked, matcher: Matcher, covered: Sequence[float], further: bool) -> float:
    return _gain(ranked, matcher, covered) + 0.3 * ranked.score if further else ranked.score


def _gain(ranked: Ranked, matcher: Matcher, covered: Sequence[float]) -> float:
    """Return the share of the question that the statement adds to what is covered already."""
    gained = (w.total * max(0.0, p - c) for w, p, c in zip(matcher.wanted, ranked.profile, covered, strict=True))
    return sum(gained) / matcher.total
