"""Statements in the order in which they answer a question: a weighted sum of the measures in ``features``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from rag.eras import has_era
from rag.features import FEATURES, FIRST_STAGE, Asked, best_clause, features
from rag.match import Matcher, focus_of
from rag.query import Query
from rag.scope import Scope
from rag.statement import Statement

AROUND_SHARE = 0.45
"""What a word counts that stands only in the headings, record name or title around a statement."""
COMPARED_NAME = -0.25
"""A comparison wants what is said of its sides, not their names."""
SAME_ENTRY, SAME_DOCUMENT, MEANT_ENTRY = 0.25, 0.08, 0.5
"""What a follow-up's statement gains in the entry, or the document, of the answer before; in the entry it calls "它"."""
_IT = re.compile("它|该|其(?!他|它|中|余)|这(?:项|个|家|套|种)|那(?:项|个|家|套)")
PART_SAID, PART_SCORE = 0.9, 0.45
"""What a part's own words and the rank for the whole question count for the statement that answers the part."""
PART_CLAUSE = 2.0
"""How much more the clause that holds the value counts for a part than for the whole question."""
LOOKED_AT = 60
"""Statements that get a closer look."""
WEIGHTS = Path(__file__).with_name("ranking.toml")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A statement with its score, the question's coverage by itself (``own``) and with what is around it (``all``).

    ``profile`` and ``full`` say the same for each term: what is around counts ``AROUND_SHARE`` in the one, fully in the
    other. ``measures`` are the values of ``FEATURES``; beyond the first
    ``LOOKED_AT`` statements only those of the first stage.
    """

    score: float
    own: float
    all: float
    profile: tuple[float, ...]
    full: tuple[float, ...]
    measures: tuple[float, ...]
    statement: Statement


@cache
def weights() -> tuple[float, ...]:
    """Return the weights in the order of ``FEATURES``, first-stage ones first."""
    read = tomllib.loads(WEIGHTS.read_text("utf-8"))
    return tuple(float(read[name]) for name in FEATURES)


def rank(
    query: Query,
    matcher: Matcher,
    found: Sequence[Statement],
    scores: Sequence[float],
    scope: Scope,
    anchors: tuple[int, ...] = (),
    home: Statement | None = None,
) -> list[Ranked]:
    """Return the statements best first.

    ``scores[i]`` is the search score of the hit with rank ``i``; ``anchors`` are the numbers of the terms that name
    something: a statement that stands under none of those names is about something else. ``home`` is where the
    question before found its answer.
    """
    top = max(scores, default=0.0) or 1.0
    asked = Asked.of(query, scope, anchors, focus_of(query), query.own)
    entry = SAME_DOCUMENT if has_era(query.own) else MEANT_ENTRY if _IT.search(query.own) else SAME_ENTRY
    ranked = [_rate(asked, matcher, s, scores[s.rank] / top, home, entry) for s in found]
    ranked.sort(key=_order)
    return _closer(asked, matcher, ranked)


def _order(ranked: Ranked) -> tuple[float, int, int]:
    return -ranked.score, ranked.statement.rank, ranked.statement.spans[0].start


def _closer(asked: Asked, matcher: Matcher, ranked: list[Ranked]) -> list[Ranked]:
    """Return the statements ordered again with the measure that only the best of them get."""
    weight = weights()[FIRST_STAGE]
    looked = []
    for candidate in ranked[:LOOKED_AT]:
        clause = best_clause(asked, matcher, candidate.statement)
        measures = (*candidate.measures, clause)
        looked.append(replace(candidate, score=candidate.score + weight * clause, measures=measures))
    return sorted(looked, key=_order) + ranked[LOOKED_AT:]


def _rate(
    asked: Asked, matcher: Matcher, statement: Statement, passage: float, home: Statement | None, entry: float
) -> Ranked:
    inner = matcher.profile(statement.target)
    outer = matcher.profile(statement.target | statement.around)
    measures = features(asked, matcher, statement, passage, inner, outer)
    score = sum(w * m for w, m in zip(weights(), measures, strict=False))
    if asked.kind == "compare" and statement.names:
        score += COMPARED_NAME
    if home:
        score += _at_home(statement, home, entry)
    profile = tuple(max(i, AROUND_SHARE * o) for i, o in zip(inner, outer, strict=True))
    return Ranked(score, matcher.weigh(inner), matcher.weigh(outer), profile, outer, measures, statement)


def part_value(asked: Asked, matcher: Matcher, ranked: Ranked, terms: Sequence[int]) -> float:
    """Return how well a statement answers one part of the question, with the given terms."""
    total = sum(matcher.wanted[i].total for i in terms) or 1.0
    said = sum(matcher.wanted[i].total * ranked.profile[i] for i in terms) / total
    measures = features(asked, matcher, ranked.statement, 0.0, ranked.profile, ranked.full)
    names = dict(zip(FEATURES, measures, strict=False))
    by_name = dict(zip(FEATURES, weights(), strict=True))
    fit = sum(by_name[n] * names[n] for n in ("slot", "no_slot", "no_number", "year", "other_year", "scope"))
    clause = by_name["clause"] * best_clause(replace(asked, parts=(tuple(terms),)), matcher, ranked.statement)
    return PART_SAID * said + PART_SCORE * ranked.score + fit + PART_CLAUSE * clause


def _at_home(statement: Statement, home: Statement, entry: float) -> float:
    """Return the bonus of standing in the entry, or at least the document, of the answer before."""
    if statement.doc != home.doc:
        return 0.0
    same = statement.passage.record == home.passage.record and (
        home.passage.record >= 0 or statement.passage.locator.path == home.passage.locator.path
    )
    return entry if same else SAME_DOCUMENT
