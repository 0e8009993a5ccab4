"""Several things asked in one question: a statement for each, of one entry where that answers about as well."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.types import Span
from rag.features import Asked
from rag.match import Matcher
from rag.query import Part, Query
from rag.quote import shorten
from rag.rank import Ranked, part_value
from rag.scope import Scope
from rag.slots import holds
from rag.statement import Reader, Statement, same_entry

MOST = 4
"""Parts that are answered, and statements that are looked at for each."""
POOL = 80
LONGEST = 200
SHARED = 0.6
"""A statement answers a second part too when it speaks of that part by this share of what it does of the first."""
SECOND = 0.8
"""When one statement is best for two things asked, the second gets the next statement if it is nearly as good."""
TOGETHER = 0.85
"""Statements of one entry are taken when together they are worth this share of the best of anywhere."""
BESIDE, MEANT = 0.1, 0.3
"""What it earns a part's statement to stand in the entry of the best one; where a follow-up calls the entry "它"."""
_IT = re.compile("它|其(?!他|它|中|余)|该")

Pool = list[tuple[float, Ranked]]
"""(value, statement), best first."""


def one_each(
    query: Query,
    asks: Sequence[Part],
    matcher: Matcher,
    ranked: Sequence[Ranked],
    scopes: Mapping[str, Scope],
    reader: Reader,
) -> list[Statement]:
    """Return the best statement for each part that asks; a statement that answers several stands once."""
    beside = MEANT if _IT.search(query.own) and any(t.carried for t in query.terms) else BESIDE
    anchor = ranked[0].statement
    wanted = [Asked.of(query, scopes[part.text], text=part.text) for part in asks[:MOST]]
    pools: list[Pool] = []
    for asked, part in zip(wanted, asks, strict=False):
        pool = []
        for candidate in ranked[:POOL]:
            near = beside if same_entry(candidate.statement, anchor) else 0.0
            pool.append((part_value(asked, matcher, candidate, part.terms) + near, candidate))
        pools.append(sorted(pool, key=lambda valued: -valued[0]))
    chosen: list[Statement] = []
    taken: dict[tuple[str, tuple[Span, ...]], float] = {}
    eras = {asked.scope.years for asked in wanted}
    for asked, pool in zip(wanted, pools if len(eras) > 1 else _of_one_entry(pools), strict=True):
        value, best = _free(asked, pool, taken)
        taken.setdefault(best.statement.at, value)
        statement = shorten(best.statement, matcher, LONGEST, reader.raw)
        if all(statement.at != c.at for c in chosen):
            chosen.append(statement)
    return chosen


def _of_one_entry(pools: list[Pool]) -> list[Pool]:
    """Return the pools cut down to the entry whose statements together are worth most, if nearly as much as any."""
    best: tuple[float, list[Pool]] = (0.0, pools)
    for _, first in pools[0][:MOST] + pools[-1][:MOST]:
        cut = [[v for v in pool if same_entry(v[1].statement, first.statement)] for pool in pools]
        worth = sum(pool[0][0] for pool in cut if pool)
        if all(cut) and worth > best[0]:
            best = (worth, cut)
    return best[1] if best[0] >= TOGETHER * sum(pool[0][0] for pool in pools) else pools


def _free(asked: Asked, pool: Pool, taken: Mapping[tuple[str, tuple[Span, ...]], float]) -> tuple[float, Ranked]:
    """Return the best statement; the next one when it was taken for another part and does not answer this one too."""
    value, best = pool[0]
    before = taken.get(best.statement.at)
    gives = bool(asked.slots) and holds(asked.slots[0], best.statement.target.text)
    if before is None or (gives and value >= SHARED * before) or len(pool) < 2 or pool[1][0] < SECOND * value:
        return value, best
    return pool[1]
