"""A Query -> hits: lexical search, scope, dense search when the index has vectors, rows instead of their cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from index.store import Library
from index.types import Hit, Passage
from rag.query import Query
from rag.scope import Scope, find_scope

POOL = 200
"""Passages looked at before rows are folded and the list is cut."""
CELL_SHARE = 0.5
"""A row also earns this share of its best cell's score: the cell says where, the row shows the whole."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a search found: hits, best first, and the scope it looked in."""

    hits: tuple[Hit, ...]
    scope: Scope


def retrieve(query: Query, library: Library, k: int = 10, *, context_text: str = "") -> Retrieval:
    """Return the ``k`` best passages. Deterministic: equal scores are ordered by row.

    ``context_text`` (the earlier questions of a follow-up) helps to find the documents, not the passages.
    """
    scope = find_scope(f"{context_text} {query.text}", library.documents())
    scores = np.array(library.lexical.scores(query.weights), dtype=np.float64)
    for file, factor in scope.boosts.items():
        rows = library.rows_of(file)
        scores[rows.start : rows.stop] *= factor
    order = np.lexsort((np.arange(len(scores)), -scores))[:POOL]
    found = [(library.passage(int(row)), float(scores[row])) for row in order if scores[row] > 0]
    return Retrieval(tuple(_fold_rows(found, k)), scope)


def _fold_rows(found: Iterable[tuple[Passage, float]], k: int) -> list[Hit]:
    """Join the passages of one record into one hit: its row when the row or several cells match, else its cell."""
    groups: dict[tuple[str, int], list[tuple[Passage, float]]] = {}
    singles: list[tuple[Passage, float]] = []
    for passage, score in found:
        if passage.record >= 0:
            groups.setdefault((passage.locator.file, passage.record), []).append((passage, score))
        else:
            singles.append((passage, score))
    for members in groups.values():
        rows = [m for m in members if m[0].kind == "row"]
        best_cell = max((s for p, s in members if p.kind == "cell"), default=0.0)
        if rows:
            passage, score = rows[0]
            singles.append((passage, max(score, best_cell) + CELL_SHARE * min(score, best_cell)))
        else:
            singles.append(max(members, key=lambda m: (m[1], -m[0].order)))
    singles.sort(key=lambda m: (-m[1], m[0].id))
    return [Hit(passage, score, ("lexical",)) for passage, score in singles[:k]]
