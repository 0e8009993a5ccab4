"""BM25 over the tokens of ``index.text.tokens``: an inverted index in plain arrays, memory-mapped when opened.

Scores are computed once, when the index is built (Lucene's formula), so that a query only adds slices:

    score(t, d) = ln(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 * (1 - b + b * length / average))

with ``tf = tf_body + w * tf_context`` and ``length = body + w * context`` (BM25F: the fields are added before
saturation, so a word in both is not counted as two words; the length is counted the same way as the frequency,
so a passage does not rank higher for a long heading path). ``df`` counts a row once, in whichever field.
Turning questions into weighted tokens is not this module's job.

The rows' lengths are kept beside the scores: from both ``frequencies`` reads ``tf`` back, which is what another
collection (``index.part``: some rows of this one) needs for scores of its own.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from tokenize import TokenError
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.config import IndexSettings
from index.errors import IndexDamagedError
from index.postings import Counter, Formula, inverse_frequency, invert
from index.postings import Floats as Floats

Rows = NDArray[Any]
Ranking = list[tuple[int, float]]
Query = TypeVar("Query", contravariant=True)

_TOLD = 1e-6
_KNOWN_TERMS = 20_000
_ARRAYS = ("starts", "rows", "scores", "vocabulary", "offsets", "lengths")


class Searcher(Protocol[Query]):
    """What every search arm promises; tests/contracts/test_searchers.py holds it to that."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def search(self, query: Query, k: int, allowed: Rows | None = None) -> Ranking:
        """Return at most k (row, score), best first, equal scores by row; only rows of ``allowed`` if given.

        ``allowed`` holds row numbers, or one truth value a row.
        """


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


class WordArm(ABC):
    """Lexical search over the rows of a collection, whatever its postings are read from."""

    formula: Formula
    lengths: NDArray[np.float64]
    """The length of each row, body and weighted context."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lengths)

    @abstractmethod
    def held(self, token: str) -> int:
        """Return how many rows hold a token."""

    @abstractmethod
    def postings(self, token: str) -> tuple[Rows, Floats]:
        """Return the rows that hold a token, rising, and their scores."""

    @abstractmethod
    def frequencies(self, token: str, inside: NDArray[np.bool_] | None = None) -> tuple[Rows, Floats]:
        """Return the rows that hold a token, rising, and how often: in the body, and weighted in the context.

        ``inside`` tells for each row whether it is wanted.
        """

    def idf(self, token: str) -> float:
        """Return how telling a token is; one that no row holds is the most telling."""
        return inverse_frequency(self.held(token), len(self))

    def scores(self, weights: Mapping[str, float]) -> Floats:
        """Return the weighted sum of the tokens' scores for every row; a weight of zero or less is ignored.

        Raises:
            IndexDamagedError: the index points at rows that it does not have.
        """
        total = np.zeros(len(self), dtype=np.float32)
        for token in sorted(weights):
            if weights[token] > 0:
                try:
                    rows, scores = self.postings(token)
                    total[rows] += scores * np.float32(weights[token])
                except IndexError as error:
                    raise IndexDamagedError("词索引已损坏", "删除索引文件夹后用原文件重新 youju build") from error
        return total

    def search(self, query: Mapping[str, float], k: int, allowed: Rows | None = None) -> Ranking:
        """Return at most k (row, score) with a score above zero, best first, equal scores by row."""
        total = self.scores(query)
        if allowed is not None:
            total[~allowed_mask(allowed, len(self))] = 0
        rows = np.flatnonzero(total > 0)
        return best_rows(rows, total[rows], k)


class LexicalIndex(WordArm):
    """An inverted index: for each token the rows that hold it, with their finished scores."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], formula: Formula) -> None:
        self._starts = arrays["starts"]
        self._rows = arrays["rows"]
        self._scores = arrays["scores"]
        self._vocabulary = arrays["vocabulary"]
        self._offsets = arrays["offsets"]
        self.lengths = arrays["lengths"]
        self.formula = formula
        self._term = lru_cache(_KNOWN_TERMS)(self._find_term)

    @classmethod
    def build(
        cls, bodies: Iterable[Sequence[str]], contexts: Iterable[Sequence[str]], settings: IndexSettings
    ) -> LexicalIndex:
        """Index the rows in order; both fields give one token list a row and may be generators.

        Raises:
            ValueError: the fields have different numbers of rows.
        """
        formula = Formula.of(settings)
        counter = Counter(formula.context_weight)
        for body, context in zip(bodies, contexts, strict=True):
            counter.add(body, context)
        return cls(invert(counter, formula), formula)

    def save(self, folder: Path) -> None:
        """Write the arrays into the folder, which is made where absent."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            array = self.lengths if name == "lengths" else getattr(self, f"_{name}")
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        meta = {"rows": len(self), "tokens": len(self._starts) - 1, **asdict(self.formula)}
        (folder / "meta.json").write_text(json.dumps(meta), "utf-8")

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """Map a saved index into memory; nothing is read before it is asked for.

        Raises:
            OSError, ValueError, KeyError: the files are missing or not what ``save`` wrote.
        """
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        try:
            arrays = {n: np.load(folder / f"{n}.npy", mmap_mode="r", allow_pickle=False) for n in _ARRAYS}
        except (SyntaxError, TokenError) as error:
            raise ValueError(f"the head of an array in {folder.name!r} is damaged") from error
        plain = {name: array.view(np.ndarray) for name, array in arrays.items()}
        if len(plain["starts"]) != meta["tokens"] + 1 or len(plain["rows"]) != len(plain["scores"]):
            raise ValueError(f"the arrays in {folder.name!r} do not belong together")
        if len(plain["lengths"]) != meta["rows"]:
            raise ValueError(f"{len(plain['lengths'])} lengths in {folder.name!r} for {meta['rows']} rows")
        return cls(plain, Formula(*(float(meta[name]) for name in ("k1", "b", "context_weight"))))

    def held(self, token: str) -> int:
        """Return how many rows hold a token."""
        found = self._found(token)
        return int(found.stop - found.start)

    def postings(self, token: str) -> tuple[Rows, Floats]:
        """Return the rows that hold a token, rising, and their scores."""
        found = self._found(token)
        return self._rows[found], self._scores[found]

    def frequencies(self, token: str, inside: NDArray[np.bool_] | None = None) -> tuple[Rows, Floats]:
        """Return the rows that hold a token, rising, and how often: in the body, and weighted in the context.

        Read back from the scores: ``tf = penalty * score / (idf - score)``, put right to the next multiple of what the
        context's weight and 1 are multiples of.
        """
        rows, scores = self.postings(token)
        idf = np.float32(inverse_frequency(len(rows), len(self)))
        if inside is not None:
            wanted = inside.take(rows)
            rows, scores = rows[wanted], scores[wanted]
        left = idf - scores
        # So near to the most the frequency cannot be told, nor does it matter: no more than the row's length.
        untold = left <= _TOLD * idf
        left[untold] = 1.0
        times = scores / left
        times *= self._penalties.take(rows)
        times *= self._step
        np.maximum(np.rint(times, out=times), 1.0, out=times)
        times /= self._step
        times[untold] = self.lengths[rows[untold]]
        return rows, times

    @cached_property
    def _penalties(self) -> Floats:
        return self.formula.penalties(self.lengths)

    @cached_property
    def _step(self) -> np.float32:
        return np.float32(Fraction(str(self.formula.context_weight)).limit_denominator(1000).denominator)

    def _found(self, token: str) -> slice:
        term = self._term(token)
        return slice(int(self._starts[term]), int(self._starts[term + 1])) if term >= 0 else slice(0, 0)

    def _find_term(self, token: str) -> int:
        """Return the token's number in the sorted vocabulary, or -1."""
        wanted = token.encode("utf-8", "surrogatepass")
        low, high = 0, len(self._offsets) - 1
        while low < high:
            middle = (low + high) // 2
            found = self._vocabulary[int(self._offsets[middle]) : int(self._offsets[middle + 1])].tobytes()
            if found == wanted:
                return middle
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return -1
