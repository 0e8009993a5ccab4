"""Of one entry the statement that gives the figure: by the words that the entry's own name does not say already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.features import Asked, best_clause
from rag.match import Matcher, Target
from rag.query import Query
from rag.rank import Ranked
from rag.scope import Scope
from rag.slots import holds
from rag.statement import Reader, same_entry

GIVEN = 0.6
"""A word of which an entry's name says this share is given with the entry."""
LOOKED_AT = 60
OWN, ORDER = 0.5, 0.3
"""What the statement's own words and its rank for the whole question count beside the clause that holds the figure."""
AHEAD = 0.01
"""What puts that statement before the first."""
CLEARLY = 0.1
"""By so much must another statement be better than the first one."""


def figure_first(query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader) -> list[Ranked]:
    """Return the statements with that one in front which gives the figure asked for in the best statement's entry."""
    first = ranked[0].statement
    asked = Asked.of(query, Scope())
    if first.passage.record < 0 or not asked.slots or query.own != query.text:
        return list(ranked)
    record = reader.records(first.doc)[first.passage.record]
    given = matcher.profile(Target.of(f"{record.name} {record.table} {record.group}"))
    rest = tuple(i for i, t in enumerate(query.terms) if given[i] < GIVEN and not t.weak)
    total = sum(matcher.wanted[i].total for i in rest)
    if not total:
        return list(ranked)
    asked = replace(asked, parts=(rest,))

    def value(candidate: Ranked) -> float:
        own = matcher.profile(candidate.statement.target)
        said = sum(matcher.wanted[i].total * own[i] for i in rest) / total
        return best_clause(asked, matcher, candidate.statement) + OWN * said + ORDER * candidate.score

    members = [r for r in ranked[:LOOKED_AT] if same_entry(r.statement, first)]
    members = [r for r in members if holds(asked.slots[0], r.statement.target.text)] or members
    best = max(members, key=value)
    if value(best) < value(ranked[0]) + CLEARLY:
        return list(ranked)
    ahead = replace(best, score=ranked[0].score + AHEAD)
    return [ahead, *(r for r in ranked if r is not best)]
