"""Does a statement speak of the entry and the subject that were asked about, and does one of those hold the value?"""

from __future__ import annotations

from collections.abc import Sequence

from rag.match import Matcher
from rag.query import Query
from rag.rank import Ranked
from rag.scope import Scope
from rag.slots import asked_slots, holds
from rag.statement import Statement

RESCUE = 60
ON_SUBJECT = 0.6
"""A statement that holds the figure must speak of this share of what the best one does."""


def rescued(
    query: Query,
    matcher: Matcher,
    chosen: Sequence[Statement],
    ranked: Sequence[Ranked],
    anchors: Sequence[int],
    scope: Scope,
) -> list[Statement]:
    """Return the statements, or, where none of them holds the asked value, the best one that does.

    It must speak of the subject as well as they do, and of the asked year.
    """
    slots = [s for p in query.parts if p.asks for s in asked_slots(p.text)[:1] if s.strict]
    if query.kind not in ("fact", "yesno") or not slots:
        return list(chosen)
    subject = Subject(query, matcher, chosen, anchors)
    if any(subject.meant(c) and holds(s, c.target.text) for s in slots for c in chosen):
        return list(chosen)
    wanted = set(scope.years)
    for place, candidate in enumerate(ranked):
        statement = candidate.statement
        if place >= RESCUE and not subject.same_entry(statement):
            continue
        fits = not wanted or not statement.years or wanted & statement.years
        if fits and any(holds(s, statement.target.text) for s in slots) and subject.meant(statement):
            return [statement]
    return list(chosen)


def on_subject(
    query: Query, matcher: Matcher, chosen: Sequence[Statement], anchors: Sequence[int]
) -> list[Statement]:
    """Return the first statement, and of the others those of its entry and those that speak of what was asked."""
    if query.kind not in ("fact", "yesno") or len(chosen) < 2:
        return list(chosen)
    subject = Subject(query, matcher, chosen, anchors)
    first, *others = chosen
    return [first, *(c for c in others if _beside(c, first) or (subject.meant(c) and c.passage.record < 0))]


def _beside(one: Statement, other: Statement) -> bool:
    """Whether two statements stand in one record."""
    return one.passage.record >= 0 and (one.doc, one.passage.record) == (other.doc, other.passage.record)


class Subject:
    """Tells whether a statement speaks of what was asked as well as the best one does."""

    def __init__(self, query: Query, matcher: Matcher, chosen: Sequence[Statement], anchors: Sequence[int]) -> None:
        self._matcher, self._anchors = matcher, anchors
        self._strong = [i for i, t in enumerate(query.terms) if t.same and not t.weak and not t.carried]
        profiles = {c.at: matcher.profile(c.target | c.around) for c in chosen}
        self._profiles = profiles
        self._best = max(matcher.weigh(p) for p in profiles.values())
        self._most = max(self._mass(p) for p in profiles.values())
        first = max(chosen, key=lambda c: matcher.weigh(profiles[c.at]))
        self._entry = (first.doc, first.passage.record)

    def meant(self, statement: Statement) -> bool:
        """Whether the statement stands under the names asked for and says most of what the best one says."""
        profile = self._profiles.get(statement.at)
        if profile is None:
            profile = self._matcher.profile(statement.target | statement.around)
        if not all(profile[i] >= 0.6 for i in self._anchors):
            return False
        if self.same_entry(statement):
            return True
        return (
            self._matcher.weigh(profile) >= ON_SUBJECT * self._best and self._mass(profile) >= ON_SUBJECT * self._most
        )

    def same_entry(self, statement: Statement) -> bool:
        """Whether the statement stands in the record of the best one."""
        return statement.passage.record >= 0 and (statement.doc, statement.passage.record) == self._entry

    def _mass(self, profile: Sequence[float]) -> float:
        return sum(self._matcher.wanted[i].total * profile[i] for i in self._strong)
