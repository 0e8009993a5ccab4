"""Counts the tokens of rows for the word index, in flat arrays rather than in objects."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

_CHUNK_TOKENS = 1_000_000


class Counter:
    """Counts tokens row by row in flat arrays; a million tokens at a time become (row, token, frequency)."""

    def __init__(self, context_weight: float) -> None:
        self.weight = context_weight
        self.numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self.lengths = array("d")
        self._tokens = array("I")
        self._runs = array("I")
        self._first_row = 0
        self._parts: list[tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32]]] = []

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

    def entries(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32]]:
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
