"""What every search arm promises, and what arms share: rows, rankings, masks of allowed rows."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.postings import Floats

Rows = NDArray[Any]
Ranking = list[tuple[int, float]]
Query = TypeVar("Query", contravariant=True)


class Searcher(Protocol[Query]):
    """What every search arm promises; tests/contracts/test_searchers.py holds it to that."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def search(self, query: Query, k: int, allowed: Rows | None = None) -> Ranking:
        """Return at most k (row, score), best first, equal scores by row; only rows of ``allowed`` if given.

        ``allowed`` holds row numbers, or one truth value a row.
        """


class DenseArm(Searcher[Floats], Protocol):
    """A search arm over unit vectors that also tells the cosine of single rows."""

    def cosines(self, query: Floats, rows: Rows) -> Floats:
        """Return the cosine of each of the rows."""


def allowed_mask(allowed: Rows, rows: int) -> NDArray[np.bool_]:
    """Return one truth value a row from either form of ``allowed``."""
    if allowed.dtype == np.bool_:
        if len(allowed) != rows:
            raise ValueError(f"a mask of {len(allowed)} values for {rows} rows")
        return allowed
    mask = np.zeros(rows, dtype=np.bool_)
    mask[allowed.astype(np.int64)] = True
    return mask


def best_rows(rows: Rows, scores: Floats, k: int) -> Ranking:
    """Return the k best of the given rows, by falling score, then by row; ties at the k-th place included."""
    if k <= 0 or not len(rows):
        return []
    if len(rows) > k:
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        kept = scores >= least
        rows, scores = rows[kept], scores[kept]
    order = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(scores[i])) for i in order]
