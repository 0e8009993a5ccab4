"""Tokens counted row by row -> the sorted arrays of an inverted index with finished scores (``index.lexical``)."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.config import IndexSettings

Floats = NDArray[np.float32]

_CHUNK_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Formula:
    """What shapes the scores beside the counts; see the module's docstring."""

    k1: float
    b: float
    context_weight: float

    @classmethod
    def of(cls, settings: IndexSettings) -> Formula:
        """Return the settings' formula."""
        return cls(settings.k1, settings.b, settings.context_weight)

    def penalties(self, lengths: NDArray[np.float64]) -> Floats:
        """Return what each row's length adds to the frequency below the line; the average is that of these rows."""
        average = max(float(lengths.mean()), 1e-9) if len(lengths) else 1.0
        return (self.k1 * (1 - self.b + self.b * lengths / average)).astype(np.float32)


def inverse_frequency(held: int, rows: int) -> float:
    """Return the idf of a token that ``held`` of the rows hold."""
    return float(np.log1p((rows - held + 0.5) / (held + 0.5)))


def saturated(frequencies: Floats, penalties: Floats, idf: Floats | np.float32) -> Floats:
    """Return the scores of the formula, one an entry."""
    return idf * (frequencies / (frequencies + penalties))


class Counter:
    """Counts tokens row by row in flat arrays; a million tokens at a time become (row, token, frequency)."""

    def __init__(self, context_weight: float) -> None:
        self.weight = context_weight
        self.numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self.lengths = array("d")
        self._tokens = array("I")
        self._runs = array("I")
        self._first_row = 0
        self._parts: list[tuple[NDArray[np.uint32], NDArray[np.uint32], Floats]] = []

    def add(self, body: Sequence[str], context: Sequence[str]) -> None:
        """Count the next row."""
        if self.weight <= 0:
            context = ()
        for tokens in (body, context):
            self._tokens.extend(map(self.numbers.__getitem__, tokens))
            self._runs.append(len(tokens))
        self.lengths.append(len(body) + self.weight * len(context))
        if len(self._tokens) >= _CHUNK_TOKENS:
            self._flush()

    def entries(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32], Floats]:
        """Return rows, token numbers and weighted frequencies, ordered by row; the counter is empty afterwards."""
        self._flush()
        parts, self._parts = self._parts, []
        rows, tokens, frequencies = (np.concatenate([part[i] for part in parts]) for i in range(3))
        return rows, tokens, frequencies

    def _flush(self) -> None:
        """Turn the collected tokens into entries; key: row, token, field from the high bits to the lowest."""
        runs = np.frombuffer(self._runs, dtype=np.uint32) if self._runs else np.zeros(0, np.uint32)
        fields = np.repeat(np.arange(len(runs), dtype=np.uint64), runs)
        keys = (fields >> np.uint64(1)) << np.uint64(33) | (fields & np.uint64(1))
        if len(keys):
            keys |= np.frombuffer(self._tokens, dtype=np.uint32).astype(np.uint64) << np.uint64(1)
        keys, counts = np.unique(keys, return_counts=True)
        amounts = np.where(keys & np.uint64(1), self.weight, 1.0) * counts
        keys >>= np.uint64(1)
        firsts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
        keys = keys[firsts]
        frequencies = np.add.reduceat(amounts, firsts) if len(firsts) else amounts
        rows = (keys >> np.uint64(32)).astype(np.uint32) + np.uint32(self._first_row)
        self._parts.append((rows, keys.astype(np.uint32), frequencies.astype(np.float32)))
        self._first_row += len(runs) // 2
        self._tokens, self._runs = array("I"), array("I")


def invert(counter: Counter, formula: Formula) -> dict[str, NDArray[Any]]:
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
    idf = np.log1p((len(lengths) - held + 0.5) / (held + 0.5)).astype(np.float32)
    penalty = formula.penalties(lengths)
    scores = saturated(frequencies, penalty[rows], idf[terms])
    sizes = [len(words[i]) for i in by_word]
    arrays: dict[str, NDArray[Any]] = {
        "starts": np.r_[0, np.cumsum(held)].astype(np.int64),
        "rows": rows.astype(np.int32),
        "scores": scores.astype(np.float32),
        "vocabulary": np.frombuffer(b"".join(words[i] for i in by_word), dtype=np.uint8),
        "offsets": np.r_[0, np.cumsum(sizes)].astype(np.int64),
        "lengths": lengths,
    }
    return arrays
