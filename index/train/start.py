"""First vectors without any question: which words stand near each other in plain text (PPMI, truncated SVD)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.lexical import Floats
from index.train.batches import Ids

_WINDOW = 8
_SMOOTHING = 0.75
_RARE = 1e-4
"""A word of this share of a text has half the weight of a rare one (Arora et al. 2017)."""
_LEAST_WEIGHT = 0.02


def word_counts(texts: Sequence[Ids], words: int) -> NDArray[np.int64]:
    """Return how often each word stands in the texts."""
    counts: NDArray[np.int64] = np.bincount(np.concatenate(texts), minlength=words)
    return counts


def first_weights(counts: NDArray[np.int64]) -> Floats:
    """Return the weight that each word starts with: the rarer, the nearer to one."""
    share = counts / counts.sum()
    return np.asarray(np.maximum(_RARE / (_RARE + share), _LEAST_WEIGHT), dtype=np.float32)


def first_vectors(texts: Sequence[Ids], words: int, dimensions: int, seed: int) -> Floats:
    """Return a unit vector a word, the most telling dimensions first.

    Raises:
        InputError: there are fewer words than dimensions.
    """
    if words < dimensions:
        raise InputError(
            f"文字太少：只有 {words} 个词，不够 {dimensions} 维", "增加数据，减小 --dimensions，或用 --start"
        )
    near = _positive_information(_neighbours(texts, words))
    random = np.random.default_rng(seed)
    basis = random.standard_normal((words, min(words, dimensions + 32)), dtype=np.float32)
    for _ in range(3):
        basis, _ = np.linalg.qr(near @ basis)
    left, values, _ = np.linalg.svd(basis.T @ (near @ basis))
    vectors = (basis @ left)[:, :dimensions] * np.sqrt(values[:dimensions])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    noise = random.standard_normal(vectors.shape, dtype=np.float32) * 0.001
    return np.asarray(vectors / np.maximum(lengths, 1e-6) + noise, dtype=np.float32)


def _neighbours(texts: Sequence[Ids], words: int) -> Any:  # noqa: ANN401 - scipy has no types
    """Return how often two words stand within the window; the unknown word (0) is left out."""
    from scipy import sparse

    ids = np.concatenate(texts)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    counts = sparse.csr_matrix((words, words), dtype=np.float32)
    for gap in range(1, _WINDOW + 1):
        held = (owner[gap:] == owner[:-gap]) & (ids[gap:] > 0) & (ids[:-gap] > 0)
        pairs = (ids[:-gap][held], ids[gap:][held])
        counts = counts + sparse.coo_matrix((np.ones(len(pairs[0]), np.float32), pairs), shape=(words, words)).tocsr()
    return (counts + counts.T).tocsr()


def _positive_information(counts: Any) -> Any:  # noqa: ANN401
    """Return the positive pointwise mutual information, context counts smoothed (Levy et al. 2015)."""
    from scipy import sparse

    rows = np.asarray(counts.sum(axis=1)).ravel()
    contexts = rows**_SMOOTHING
    contexts /= max(contexts.sum(), 1e-12)
    entries = counts.tocoo()
    information = np.log(entries.data / (rows[entries.row] * contexts[entries.col]))
    kept = information > 0
    places = (entries.row[kept], entries.col[kept])
    return sparse.csr_matrix((information[kept].astype(np.float32), places), shape=counts.shape)
