"""Search arms over some rows of a collection, numbered anew, that score as if no other row had ever been indexed."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from index.lexical import Floats, Ranking, Rows, Searcher, WordArm, allowed_mask
from index.postings import inverse_frequency, saturated

KEPT_POSTINGS = 2_000_000
"""Postings of the last tokens asked for that stay in memory (8 bytes each)."""
KEPT_COUNTS = 50_000
"""Tokens whose number of rows is remembered."""


class LexicalPart(WordArm):
    """The word index of some rows. Postings are taken from the whole index when a token is first asked for.

    Args:
        whole: the index of all rows.
        rows: the rows of the part, rising; row ``i`` of the part is ``rows[i]`` of the whole.
    """

    def __init__(self, whole: WordArm, rows: NDArray[np.int64]) -> None:
        self._whole = whole
        self.formula = whole.formula
        self.lengths = np.asarray(whole.lengths[rows], dtype=np.float64)
        self._penalties = self.formula.penalties(self.lengths)
        self._inside = allowed_mask(rows, len(whole))
        self._numbers = np.cumsum(self._inside, dtype=np.int32) - np.int32(1)
        self._kept: OrderedDict[str, tuple[Rows, Floats]] = OrderedDict()
        self._size = 0
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def held(self, token: str) -> int:
        """Return how many rows hold a token."""
        count = self._counts.get(token)
        if count is None:
            rows, _ = self._whole.postings(token)
            count = int(np.count_nonzero(self._inside.take(rows)))
            if len(self._counts) >= KEPT_COUNTS:
                self._counts = {}
            self._counts[token] = count
        return count

    def postings(self, token: str) -> tuple[Rows, Floats]:
        """Return the rows that hold a token, rising, and their scores."""
        with self._lock:
            if found := self._kept.get(token):
                self._kept.move_to_end(token)
                return found
        rows, times = self.frequencies(token)
        idf = np.float32(inverse_frequency(len(rows), len(self)))
        found = rows, saturated(times, self._penalties.take(rows), idf)
        self._keep(token, found)
        return found

    def frequencies(self, token: str, inside: NDArray[np.bool_] | None = None) -> tuple[Rows, Floats]:
        """Return the rows that hold a token, rising, and how often: in the body, and weighted in the context."""
        wanted = self._inside
        if inside is not None:
            wanted = self._inside.copy()
            wanted[wanted] = inside
        rows, times = self._whole.frequencies(token, wanted)
        return self._numbers.take(rows), times

    def _keep(self, token: str, found: tuple[Rows, Floats]) -> None:
        with self._lock:
            if token not in self._kept:
                self._size += len(found[0]) + 1
            self._kept[token] = found
            while self._size > KEPT_POSTINGS:
                _, (rows, _) = self._kept.popitem(last=False)
                self._size -= len(rows) + 1


class VectorPart:
    """The dense arm of some rows; see ``LexicalPart``."""

    def __init__(self, whole: Searcher[Floats], rows: NDArray[np.int64]) -> None:
        self._whole = whole
        self._rows = rows
        self._allowed = allowed_mask(rows, len(whole))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def search(self, query: Floats, k: int, allowed: Rows | None = None) -> Ranking:
        """Return at most k (row, cosine), best first, equal scores by row; only rows of ``allowed`` if given."""
        inside = self._allowed
        if allowed is not None:
            inside = allowed_mask(self._rows[allowed_mask(allowed, len(self))], len(self._whole))
        found = self._whole.search(query, k, inside)
        return [(int(np.searchsorted(self._rows, row)), score) for row, score in found]
