"""A Query -> hits: lexical search, scope, dense search when the index has vectors, rows instead of their cells.

A large library with word vectors is ordered by ``order``; elsewhere BM25 leads, and the coverage of the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.collection import Collection
from index.config import LARGE
from index.text import tokens
from index.types import Hit, Passage
from rag.match import Matcher, Target
from rag.order import can_order, candidates, ordered
from rag.query import Query
from rag.scope import Scope, find_scope, titles_of

POOL = 120
"""Passages looked at before rows are folded and the list is cut."""
HOME_BOOST = 1.5
NAMED = 1.4
"""A document whose boost reaches this is named by the question."""
FRAME_SHARE = 0.35
"""What a word of a named document's title counts in the search."""
DENSE_SHARE, DENSE_SHARE_LARGE = 0.15, 0.4
"""What the cosine counts beside BM25 as a share of the most that the question's words can reach; in a large library.

Fitted on one half of the statute questions (56,782 articles) and on the small suites: few passages are told apart by
their words, among many that say about the same the meaning helps.
"""
RERANKED = 80
"""Passages whose coverage of the question is looked at."""
COVERED, CALLED = 1.2, 0.2
"""What the coverage of the question, and a heading by the noun a list is asked of, add: shares of the best score."""
CELL_SHARE = 0.25
"""A row also earns this share of its best cell's score: the cell says where, the row shows the whole."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a search found: hits, best first, and the scope it looked in."""

    hits: tuple[Hit, ...]
    scope: Scope


def retrieve(query: Query, library: Collection, k: int = 10, home: str = "") -> Retrieval:
    """Return the ``k`` best passages. Deterministic: equal scores are ordered by row.

    ``home`` is the document of the answer before: a follow-up that names no document is likely to mean it.
    """

    def holds(word: str) -> bool:
        return all(library.lexical.idf(t) < library.lexical.idf("\ue000") for t in tokens(word))

    scope = find_scope(query.own, titles_of(library), holds)
    if not scope.boosts and query.own != query.text:
        carried = find_scope(query.text, titles_of(library), holds)
        scope = replace(scope, boosts={home: HOME_BOOST} if home else carried.boosts)
    weights = _framed(query, scope, library)
    if len(library.lexical) >= LARGE and can_order(library):
        near = candidates(query, weights, library, max(POOL, k), _factors(scope, library))
        return Retrieval(tuple(_fold_rows(_called(query, ordered(query, near, library)), k, library)), scope)
    scores = np.array(library.lexical.scores(weights), dtype=np.float64)
    for row, more in _near(query, weights, library).items():
        scores[row] += more
    for file, factor in scope.boosts.items():
        rows = library.rows_of(file)
        scores[rows.start : rows.stop] *= factor
    order = np.lexsort((np.arange(len(scores)), -scores))[:POOL]
    found = [(library.passage(int(row)), float(scores[row])) for row in order if scores[row] > 0]
    return Retrieval(tuple(_fold_rows(_reranked(query, found, library), k, library)), scope)


def _factors(scope: Scope, library: Collection) -> NDArray[np.float32] | None:
    """Return what each row's score is multiplied by; None where the question names no document."""
    if not scope.boosts:
        return None
    factors = np.ones(len(library.lexical), dtype=np.float32)
    for file, factor in scope.boosts.items():
        rows = library.rows_of(file)
        factors[rows.start : rows.stop] *= factor
    return factors


def _called(query: Query, found: list[tuple[Passage, float]]) -> list[tuple[Passage, float]]:
    """Return the passages, those under a heading by the noun that a list is asked of with a higher score."""
    top = max((score for _, score in found), default=0.0)
    if not query.noun:
        return found
    return [
        (p, score + top * CALLED) if p.locator.path and query.noun in p.locator.path[-1] else (p, score)
        for p, score in found
    ]


def _near(query: Query, weights: Mapping[str, float], library: Collection) -> dict[int, float]:
    """Return what nearness of meaning adds to the scores of the nearest passages; {} without a dense arm.

    The weighted sum of a share and a cosine, over the reach: BM25 counts as a share of what the question's words could
    reach at most, so a passage that says the question stands, and where none does the cosine decides.
    """
    vectors, embedder = library.vectors, library.embedder
    if vectors is None or embedder is None:
        return {}
    reach = sum(weight * library.lexical.idf(token) for token, weight in weights.items())
    asked = embedder.encode([query.text], query=True)[0]
    share = DENSE_SHARE if len(vectors) < LARGE else DENSE_SHARE_LARGE
    return {row: reach * share * max(0.0, cosine) for row, cosine in vectors.search(asked, POOL)}


def _reranked(query: Query, found: Sequence[tuple[Passage, float]], library: Collection) -> list[tuple[Passage, float]]:
    """Return the best passages with what they, and their headings, speak of the question added to their scores."""
    if not found:
        return []
    matcher = Matcher(query, library.lexical.idf)
    top = found[0][1]
    rescored = []
    for passage, score in found[:RERANKED]:
        bonus = COVERED * matcher.coverage(Target.of(passage.context) | Target.of(passage.text))
        if query.noun and passage.locator.path and query.noun in passage.locator.path[-1]:
            bonus += CALLED
        rescored.append((passage, score + top * bonus))
    return rescored + list(found[RERANKED:])


def _framed(query: Query, scope: Scope, library: Collection) -> dict[str, float]:
    """Return the search weights; words that name a document count less once the document is known."""
    infos = [library.document(file).info for file, factor in scope.boosts.items() if factor >= NAMED]
    if not infos:
        return dict(query.weights)
    frame = set(tokens(" ".join(f"{i.title} {i.region} {' '.join(i.numbers)}" for i in infos)))
    return {t: w * FRAME_SHARE if t in frame else w for t, w in query.weights.items()}


def merge(found: Sequence[Retrieval], k: int) -> Retrieval:
    """Return the hits of several searches as one: each search's scores relative to its best, the best of each first."""
    best: dict[str, Hit] = {}
    for retrieval in found:
        top = max((h.score for h in retrieval.hits), default=1.0)
        for hit in retrieval.hits:
            share = replace(hit, score=hit.score / top)
            if hit.passage.id not in best or best[hit.passage.id].score < share.score:
                best[hit.passage.id] = share
    ordered = sorted(best.values(), key=lambda h: (-h.score, h.passage.id))
    return Retrieval(tuple(ordered[:k]), found[0].scope)


def _fold_rows(found: Iterable[tuple[Passage, float]], k: int, library: Collection) -> list[Hit]:
    """Join the passages of one record into one hit, its row: a cell is found, the whole row is shown."""
    groups: dict[tuple[str, int], list[tuple[Passage, float]]] = {}
    singles: list[tuple[Passage, float]] = []
    for passage, score in found:
        if passage.record >= 0:
            groups.setdefault((passage.locator.file, passage.record), []).append((passage, score))
        else:
            singles.append((passage, score))
    for members in groups.values():
        scores = sorted((s for _, s in members), reverse=True)
        more = CELL_SHARE * scores[1] if len(scores) > 1 else 0.0
        singles.append((members[0][0], scores[0] + more))
    singles.sort(key=lambda m: (-m[1], m[0].id))
    return [Hit(_row_of(passage, library), score, ("lexical",)) for passage, score in singles[:k]]


def _row_of(passage: Passage, library: Collection) -> Passage:
    """Return the passage of the whole record that a cell belongs to; any other passage as it is."""
    if passage.record < 0 or passage.kind == "row":
        return passage
    return library.row_passage(passage.locator.file, passage.record) or passage
