"""Hits in a better order: a model reads question and passage together. Off unless a model is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from index.embed import load_cross_encoder
from index.types import Hit

DEPTH = 50
"""Hits that a model looks at; it is slow, and what stands further down is rarely the answer."""


class Reranker(Protocol):
    """Scores passages for a question; higher is better, the scale is the model's own."""

    @property
    def name(self) -> str:
        """Return the name under which ``open_reranker`` finds it."""

    def rank(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score a text."""


class CrossEncoderReranker:
    """A CrossEncoder of the sentence-transformers package, by name or local folder, loaded on first use.

    ``device`` is "cpu", "cuda", ... ; empty: the package decides.
    """

    def __init__(self, name: str, device: str = "") -> None:
        self.name = name
        self._device = device
        self._loaded: Any = None

    def rank(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score a text.

        Raises:
            MissingPackageError: sentence-transformers is not installed.
            InputError: there is no such model.
        """
        if not texts:
            return []
        if self._loaded is None:
            self._loaded = load_cross_encoder(self.name, self._device)
        scores = self._loaded.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]


def rerank(question: str, hits: Sequence[Hit], reranker: Reranker | None, depth: int = DEPTH) -> tuple[Hit, ...]:
    """Return the hits with the first ``depth`` in the model's order; without a model the order is kept.

    A hit keeps its score: it is the search's, and a model's scale is another. Equal scores keep their order.
    """
    if reranker is None:
        return tuple(hits)
    first = list(hits[:depth])
    scores = reranker.rank(question, [_read(hit) for hit in first])
    order = sorted(range(len(first)), key=lambda i: -scores[i])
    moved = (replace(first[i], found_by=(*first[i].found_by, "rerank")) for i in order)
    return (*moved, *hits[depth:])


def open_reranker(name: str, device: str = "") -> Reranker | None:
    """Return the reranker of that name; "" for none."""
    return CrossEncoderReranker(name, device) if name else None


def _read(hit: Hit) -> str:
    """Return what the model reads of a passage: its heading path, then its text."""
    return f"{hit.passage.context}\n{hit.passage.text}" if hit.passage.context else hit.passage.text
