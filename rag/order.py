"""The order of passages in a library with vectors: what words and meaning say of each candidate, weighed.

The weights are in ``order.toml``; ``python -m bench.fit_order`` fits them on written questions, never on a test's.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.collection import Collection
from index.lexical import WordArm
from index.soft import SOFT, soft_matches
from index.static import StaticEmbedder
from index.text import tokens
from index.types import Passage
from rag.named import named_in
from rag.query import Query
from rag.terms import UNIGRAM_WEIGHT

WEIGHTS = Path(__file__).parent / "order.toml"
MEASURES = ("plain", "words", "cosine", *SOFT, "pairs", "chars", "brief", "named")
"""plain, words: BM25 of the question as typed, and of its terms with their synonyms, as shares of what they can reach;
cosine; those of ``index.soft``; pairs, chars: the share of the question's pairs and characters that the passage holds,
by how telling they are; brief: the logarithm of how much shorter than ``LONGEST`` the passage is; named: how many
other documents name the passage's own (``rag.named``)."""
LONGEST = 4000
MEANING = 0.6
"""What the cosine counts beside the two shares of BM25 when candidates are chosen."""
NAMED = 0.2
"""What being named by other documents counts beside them."""
ORDERED = 150
"""Candidates that are looked at closely."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows that the arms found, best first, with what the arms say of each; ``reach`` is what BM25 can reach."""

    rows: NDArray[np.int64]
    plain: Matrix
    words: Matrix
    cosine: Matrix
    named: Matrix
    reach: float

    def first(self, count: int) -> Candidates:
        """Return the best ones."""
        cut = slice(count)
        return Candidates(
            self.rows[cut], self.plain[cut], self.words[cut], self.cosine[cut], self.named[cut], self.reach
        )


def candidates(
    query: Query, weights: Mapping[str, float], library: Collection, depth: int, factors: NDArray[np.float32] | None
) -> Candidates:
    """Return the rows that any arm has among its ``depth`` best, by the arms' sum.

    Args:
        query: the question.
        weights: the search weights of its terms.
        library: a collection with vectors.
        depth: how many rows each arm gives.
        factors: what BM25 is multiplied by, a row each: documents that the question names; None for none.
    """
    vectors, embedder = library.vectors, library.embedder
    assert vectors is not None and embedder is not None
    typed = plain_weights(query.text)
    reaches = [max(_reach(w, library.lexical), 1e-9) for w in (typed, weights)]
    shares = [library.lexical.scores(w) / reach for w, reach in zip((typed, weights), reaches, strict=True)]
    if factors is not None:
        shares = [share * factors for share in shares]
    asked = embedder.encode([query.text], query=True)[0]
    near = [row for row, _ in vectors.search(asked, depth)]
    said = [_best(share, depth) for share in shares]
    rows = np.unique(np.concatenate([np.array(near, dtype=np.int64), *said]))
    plain, words = (share[rows].astype(np.float64) for share in shares)
    cosine = np.maximum(vectors.cosines(asked, rows).astype(np.float64).round(6), 0.0)
    named = named_in(library).shares(rows, library)
    order = np.lexsort((rows, -(plain + words + MEANING * cosine + NAMED * named)))
    return Candidates(rows[order], plain[order], words[order], cosine[order], named[order], reaches[1])


def measures(query: Query, found: Candidates, passages: list[Passage], library: Collection) -> Matrix:
    """Return a row of ``MEASURES`` for each candidate."""
    texts = [f"{p.context}\n{p.text}" if p.context else p.text for p in passages]
    idf = library.lexical.idf

    def weigh(word: str) -> float:
        held = tokens(word)
        return max((idf(t) for t in held if len(t) > 1), default=max(map(idf, held), default=0.0))

    embedder = library.embedder
    assert isinstance(embedder, StaticEmbedder)
    soft = soft_matches(embedder, query.text, texts, weigh).astype(np.float64)
    typed = plain_weights(query.text)
    held = [_held([t for t in typed if _single(t) == one], found.rows, library.lexical) for one in (False, True)]
    brief = np.maximum(0.0, np.log([LONGEST / (1 + len(p.text)) for p in passages]))
    return np.column_stack([found.plain, found.words, found.cosine, soft, *held, brief, found.named])


def ordered(query: Query, found: Candidates, library: Collection) -> list[tuple[Passage, float]]:
    """Return the candidates with their scores, the first ``ORDERED`` of them weighed by all measures.

    A score is a share of the reach, so that it can stand beside one of BM25 alone.
    """
    first = found.first(ORDERED)
    passages = [library.passage(int(row)) for row in first.rows]
    scores = measures(query, first, passages, library) @ np.array(weights())
    scores = np.maximum(scores, 0.0) * found.reach
    least = float(scores.min(initial=0.0))
    rest = found.rows[ORDERED:]
    behind = [(library.passage(int(row)), least / (place + 2)) for place, row in enumerate(rest)]
    return [*zip(passages, map(float, scores), strict=True), *behind]


def can_order(library: Collection) -> bool:
    """Whether the library has what the measures need: vectors of a model of words."""
    return library.vectors is not None and isinstance(library.embedder, StaticEmbedder)


@cache
def weights() -> tuple[float, ...]:
    """Return the weights of the measures, in their order."""
    read = tomllib.loads(WEIGHTS.read_text("utf-8"))
    return tuple(float(read[name]) for name in MEASURES)


def plain_weights(text: str) -> dict[str, float]:
    """Return the search weights of a question as it was typed: each token by how often it stands there."""
    return {t: n * (UNIGRAM_WEIGHT if _single(t) else 1.0) for t, n in Counter(tokens(text)).items()}


def _single(token: str) -> bool:
    return len(token) == 1 and not token.isascii()


def _reach(weights: Mapping[str, float], lexical: WordArm) -> float:
    return sum(weight * lexical.idf(token) for token, weight in weights.items())


def _best(scores: NDArray[np.float32], depth: int) -> NDArray[np.int64]:
    rows = np.flatnonzero(scores > 0)
    if len(rows) > depth:
        least = np.partition(scores[rows], len(rows) - depth)[len(rows) - depth]
        rows = rows[scores[rows] >= least]
    return rows.astype(np.int64)


def _held(wanted: list[str], rows: NDArray[np.int64], lexical: WordArm) -> Matrix:
    worth = [lexical.idf(token) for token in wanted]
    share = np.zeros(len(rows))
    for token, value in zip(wanted, worth, strict=True):
        share += value * lexical.holds(token, rows)
    return share / max(sum(worth), 1e-9)
