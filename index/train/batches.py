"""Batches by group: no two pairs of a batch share a passage, words of questions are dropped at random."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]

QUERY_DROP, DOCUMENT_DROP = 0.6, 0.4
"""The most of a text's words that one draw leaves out; the share is drawn anew for each text."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Pairs as token numbers. Equal ``keys`` mean passages too alike for one batch."""

    queries: Sequence[Ids]
    positives: Sequence[Ids]
    keys: Sequence[int]
    groups: Sequence[str]
    negatives: Sequence[Sequence[Ids]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Document i answers question i; further documents answer none."""

    queries: list[Ids]
    documents: list[Ids]


class Batches:
    """Draws batches from encoded pairs, by the groups' shares."""

    def __init__(
        self, pairs: Encoded, shares: Mapping[str, float], size: int, seed: int, *, noise: float = 1.0
    ) -> None:
        """Sort the pairs by group; ``noise`` times the shares above are the most words that a draw leaves out."""
        self._pairs = pairs
        self._noise = noise
        self._random = np.random.default_rng(seed)
        members: dict[str, list[int]] = {}
        for number, group in enumerate(pairs.groups):
            if len(pairs.queries[number]) and len(pairs.positives[number]) > 2:
                members.setdefault(group, []).append(number)
        held = {group: share for group, share in shares.items() if members.get(group)}
        whole = sum(held.values())
        self._members = {group: np.array(members[group]) for group in held}
        self._quota = {group: max(1, round(size * share / whole)) for group, share in held.items()}
        self._order: dict[str, NDArray[Any]] = {}

    def draw(self) -> Batch:
        """Return the next batch; each group is gone through once before any pair of it comes again."""
        numbers: list[int] = []
        seen: set[int] = set()
        for group, quota in self._quota.items():
            wanted = min(quota, len(self._members[group]))
            for number in self._next(group, wanted):
                if self._pairs.keys[number] not in seen:
                    seen.add(self._pairs.keys[number])
                    numbers.append(int(number))
        documents = [self._noisy(self._pairs.positives[n], DOCUMENT_DROP) for n in numbers]
        for number in numbers:
            if negatives := self._pairs.negatives[number]:
                documents.append(negatives[int(self._random.integers(len(negatives)))])
        return Batch([self._noisy(self._pairs.queries[n], QUERY_DROP) for n in numbers], documents)

    def state(self) -> str:
        """Return what ``restore`` needs to go on drawing from here."""
        waiting = {group: order.tolist() for group, order in self._order.items()}
        return json.dumps({"random": self._random.bit_generator.state, "waiting": waiting})

    def restore(self, state: str) -> None:
        """Go on where the batches of that ``state`` stood; they were made from the same pairs."""
        held = json.loads(state)
        self._random.bit_generator.state = held["random"]
        self._order = {group: np.array(order, dtype=np.int64) for group, order in held["waiting"].items()}

    def _next(self, group: str, count: int) -> NDArray[Any]:
        waiting = self._order.get(group, np.zeros(0, np.int64))
        if len(waiting) < count:
            waiting = np.concatenate([waiting, self._random.permutation(self._members[group])])
        self._order[group] = waiting[count:]
        return waiting[:count]

    def _noisy(self, ids: Ids, most: float) -> Ids:
        if len(ids) < 3:
            return ids
        kept = ids[self._random.random(len(ids)) > self._random.random() * most * self._noise]
        return kept if len(kept) > 1 else ids
