"""Hard negatives: passages that BM25 finds for a question although they do not answer it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np

from index.config import IndexSettings
from index.lexical import LexicalIndex
from index.text import tokens
from index.train.pairs import Pair

_log = logging.getLogger(__name__)
_ASKED = ("own", "questions", "lay")
"""Groups of real questions; made-up ones have too many right answers."""
_POOL = 80_000
_LOOKED_AT = 30
_KEPT = 8
_ALIKE = 0.5
"""A passage that shares this much of its character pairs with the right one may be right itself (the same rule in
another law): it is no negative."""
_CHARS = 300


def mine(pairs: Sequence[Pair], questions: int, random: Random) -> list[Pair]:
    """Return the pairs, so many questions of them with negatives; those that have negatives keep them."""
    wanted = [n for n, pair in enumerate(pairs) if pair.group in _ASKED and not pair.negatives]
    chosen = random.sample(wanted, min(questions, len(wanted)))
    if not chosen:
        return list(pairs)
    pool = list(dict.fromkeys(pair.positive for pair in pairs if pair.group != "words"))
    pool = random.sample(pool, min(_POOL, len(pool)))
    index = LexicalIndex.build((tokens(text[:_CHARS]) for text in pool), ([] for _ in pool), IndexSettings())
    _log.info("looking for negatives of %d questions among %d passages", len(chosen), len(pool))
    mined = list(pairs)
    for number in chosen:
        pair = pairs[number]
        found = index.search(dict(Counter(map(str, tokens(pair.query)))), _LOOKED_AT)
        own = _grams(pair.positive)
        false = [pool[row] for row, _ in found if _share(own, _grams(pool[row])) < _ALIKE]
        mined[number] = replace(pair, negatives=tuple(false[:_KEPT]))
    held = np.mean([bool(mined[number].negatives) for number in chosen])
    _log.info("%.0f%% of them have some", 100 * held)
    return mined


def _grams(text: str) -> set[str]:
    return {token for token in tokens(text[:_CHARS]) if len(token) > 1}


def _share(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
