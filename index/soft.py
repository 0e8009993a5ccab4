"""Late interaction over word vectors: how near the nearest word of a text is to each word of a question.

A sum of word vectors blurs a long text; here every word of the question looks for its own best match (MaxSim, as in
ColBERT, Khattab and Zaharia 2020, but over the built-in model's table: no network is run).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from index.lexical import Floats
from index.static import StaticEmbedder

SOFT = ("whole", "window")
"""What ``soft_matches`` measures, by column."""
WINDOW, STEP = 40, 20
"""Words that stand near together, and how far the next window begins."""


def soft_matches(
    embedder: StaticEmbedder, question: str, texts: Sequence[str], weigh: Callable[[str], float]
) -> Floats:
    """Return how well each text matches the question's words, one row a text, columns as in ``SOFT``.

    whole: the mean over the question's words of the best cosine in the text, weighted by ``weigh``;
    window: the same within the best stretch of ``WINDOW`` words.

    Args:
        embedder: the model whose word vectors are compared.
        question: the question.
        texts: the texts to measure.
        weigh: how telling a word is.
    """
    found = np.zeros((len(texts), len(SOFT)), dtype=np.float32)
    asked = np.unique(np.array(embedder.split([question])[0], dtype=np.int64))
    weights = np.array([weigh(embedder.word(int(number))) for number in asked], dtype=np.float32)
    asked, weights = asked[weights > 0], weights[weights > 0]
    held = [np.array(ids, dtype=np.int64) for ids in embedder.split(texts)]
    if not len(asked) or not any(map(len, held)):
        return found
    known, places = np.unique(np.concatenate(held), return_inverse=True)
    near = _units(embedder.vectors(asked)) @ _units(embedder.vectors(known)).T
    shares = weights / weights.sum()
    ends = np.cumsum([len(ids) for ids in held])
    for row, (end, ids) in enumerate(zip(ends, held, strict=True)):
        if len(ids):
            cosines = near[:, places[end - len(ids) : end]]
            found[row] = _measures(cosines, shares)
    return found


def _measures(cosines: Floats, shares: Floats) -> Floats:
    """Return the columns of ``SOFT`` for one text: ``cosines`` has a row a word asked, a column a word of the text."""
    starts = range(0, max(1, cosines.shape[1] - STEP), STEP)
    window = max(float(shares @ cosines[:, at : at + WINDOW].max(axis=1)) for at in starts)
    return np.array([shares @ cosines.max(axis=1), window], dtype=np.float32)


def _units(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
