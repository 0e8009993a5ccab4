"""BM25 over the tokens of ``index.text.tokens``: an inverted index in plain arrays, memory-mapped when opened.

Scores are computed once, when the index is built (Lucene's formula), so that a query only adds slices:

    score(t, d) = ln(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 * (1 - b + b * length / average))

with ``tf = tf_body + w * tf_context`` and ``length = body + w * context`` (BM25F: the fields are added before
saturation, so a word in both is not counted as two words; the length is counted the same way as the frequency,
so a passage does not rank higher for a long heading path). ``df`` counts a row once, in whichever field.
Turning questions into weighted tokens is not this module's job.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.config import IndexSettings
from index.counter import Counter
from index.errors import IndexDamagedError

Rows = NDArray[Any]
Floats = NDArray[np.float32]
Ranking = list[tuple[int, float]]
Query = TypeVar("Query", contravariant=True)

_ARRAYS = ("starts", "rows", "scores", "vocabulary", "offsets")


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


class LexicalIndex:
    """An inverted index: for each token the rows that hold it, with their finished scores."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], rows: int) -> None:
        self._starts = arrays["starts"]
        self._rows = arrays["rows"]
        self._scores = arrays["scores"]
        self._vocabulary = arrays["vocabulary"]
        self._offsets = arrays["offsets"]
        self._size = rows

    @classmethod
    def build(
        cls, bodies: Iterable[Sequence[str]], contexts: Iterable[Sequence[str]], settings: IndexSettings
    ) -> LexicalIndex:
        """Index the rows in order; both fields give one token list a row and may be generators.

        Raises:
            ValueError: the fields have different numbers of rows.
        """
        counter = Counter(settings.context_weight)
        for body, context in zip(bodies, contexts, strict=True):
            counter.add(body, context)
        return cls(*_invert(counter, settings))

    def save(self, folder: Path) -> None:
        """Write the arrays into the folder, which is made where absent."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"), allow_pickle=False)
        (folder / "meta.json").write_text(json.dumps({"rows": self._size, "tokens": len(self._starts) - 1}), "utf-8")

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
        return cls(plain, int(meta["rows"]))

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._size

    def idf(self, token: str) -> float:
        """Return how telling a token is; one that no row holds is the most telling."""
        found = self._found(token)
        held = found.stop - found.start
        return float(np.log1p((self._size - held + 0.5) / (held + 0.5)))

    def scores(self, weights: Mapping[str, float]) -> Floats:
        """Return the weighted sum of the tokens' scores for every row; a weight of zero or less is ignored.

        Raises:
            IndexDamagedError: the index points at rows that it does not have.
        """
        total = np.zeros(self._size, dtype=np.float32)
        for token in sorted(weights):
            if weights[token] <= 0:
                continue
            found = self._found(token)
            try:
                total[self._rows[found]] += self._scores[found] * np.float32(weights[token])
            except IndexError as error:
                raise IndexDamagedError("词索引已损坏", "删除索引文件夹后用原文件重新 youju build") from error
        return total

    def holds(self, token: str, rows: Rows) -> NDArray[np.bool_]:
        """Return for each of the rows whether it holds the token."""
        held = self._rows[self._found(token)]
        places = np.searchsorted(held, rows)
        inside = places < len(held)
        inside[inside] = held[places[inside]] == rows[inside]
        return np.asarray(inside, dtype=np.bool_)

    def search(self, query: Mapping[str, float], k: int, allowed: Rows | None = None) -> Ranking:
        """Return at most k (row, score) with a score above zero, best first, equal scores by row."""
        total = self.scores(query)
        if allowed is not None:
            total[~allowed_mask(allowed, self._size)] = 0
        rows = np.flatnonzero(total > 0)
        return best_rows(rows, total[rows], k)

    def _found(self, token: str) -> slice:
        """Return where the rows of a token stand; an empty slice where no row holds it."""
        term = self._term(token)
        return slice(0, 0) if term < 0 else slice(int(self._starts[term]), int(self._starts[term + 1]))

    def _term(self, token: str) -> int:
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


def _invert(counter: Counter, settings: IndexSettings) -> tuple[dict[str, NDArray[Any]], int]:
    """Order the counted entries by token and compute their scores."""
    rows, numbers, frequencies = counter.entries()
    words = [word.encode("utf-8", "surrogatepass") for word in counter.numbers]
    by_word = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.uint32)
    rank[np.array(by_word, dtype=np.int64)] = np.arange(len(words), dtype=np.uint32)
    terms = rank[numbers]
    order = np.argsort(terms, kind="stable")
    rows, frequencies, terms = rows[order], frequencies[order], terms[order]
    held = np.bincount(terms, minlength=len(words))

    lengths = np.frombuffer(counter.lengths, dtype=np.float64) if counter.lengths else np.zeros(0)
    average = max(float(lengths.mean()), 1e-9) if len(lengths) else 1.0
    idf = np.log1p((len(lengths) - held + 0.5) / (held + 0.5)).astype(np.float32)
    penalty = (settings.k1 * (1 - settings.b + settings.b * lengths / average)).astype(np.float32)
    scores = idf[terms] * (frequencies / (frequencies + penalty[rows]))
    sizes = [len(words[i]) for i in by_word]
    arrays: dict[str, NDArray[Any]] = {
        "starts": np.r_[0, np.cumsum(held)].astype(np.int64),
        "rows": rows.astype(np.int32),
        "scores": scores.astype(np.float32),
        "vocabulary": np.frombuffer(b"".join(words[i] for i in by_word), dtype=np.uint8),
        "offsets": np.r_[0, np.cumsum(sizes)].astype(np.int64),
    }
    return arrays, len(lengths)
