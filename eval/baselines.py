"""Simple systems to stand beside ours in the same run: fixed-size chunks, ten lines of BM25, no refusal.

They share only ``index.text`` with the system, so that a fault in its search does not hide in the comparison.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.cases import Case
from index.errors import InputError
from index.text import map_spans, sentences, tokens
from index.types import Span

CHUNK, OVERLAP = 400, 50
"""The best of six sizes tried on real documents for this pair of systems, so that the comparison is fair."""
NAMES = ("naive", "bm25-passage")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A fixed-size window of a document."""

    doc: str
    span: Span


class Bm25:
    """Okapi BM25 as the textbook has it, over ``index.text.tokens``."""

    def __init__(self, texts: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        counts = [Counter(tokens(text)) for text in texts]
        lengths = [c.total() for c in counts]
        mean = (sum(lengths) / len(lengths) if lengths else 0) or 1.0
        seen = Counter(token for c in counts for token in c)
        self.idf = {t: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for t, n in seen.items()}
        self.postings: dict[str, list[tuple[int, float]]] = {}
        for i, count in enumerate(counts):
            norm = k1 * (1 - b + b * lengths[i] / mean)
            for token, n in count.items():
                self.postings.setdefault(token, []).append((i, self.idf[token] * n * (k1 + 1) / (n + norm)))

    def rank(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return the k best ``(position, score)`` with a score above zero, ties by position."""
        scores: dict[int, float] = {}
        for token in set(tokens(query)):
            for i, weight in self.postings.get(token, ()):
                scores[i] = scores.get(i, 0.0) + weight
        return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:k]


class Naive:
    """Fixed-size chunks and BM25; answers with the best chunk, or its best sentence."""

    def __init__(self, name: str, raws: Mapping[str, str]) -> None:
        self.name = name
        self.raws = raws
        self.whole = name == "bm25-passage"
        self.chunks = [
            Chunk(doc, Span(at, min(at + CHUNK, len(raw))))
            for doc, raw in sorted(raws.items())
            for at in range(0, max(1, len(raw) - OVERLAP), CHUNK - OVERLAP)
        ]
        self.index = Bm25([self._text(chunk) for chunk in self.chunks])

    def _text(self, chunk: Chunk) -> str:
        return self.raws[chunk.doc][chunk.span.start : chunk.span.end]

    def raw(self, doc: str) -> str:
        """Return a document's text as read."""
        if doc not in self.raws:
            raise InputError(f"没有名为 {doc!r} 的文档")
        return self.raws[doc]

    def search(self, text: str, k: int) -> list[dict[str, Any]]:
        """Return the k best chunks as hits."""
        hits = []
        for i, score in self.index.rank(text, k):
            chunk = self.chunks[i]
            place = {"doc": chunk.doc, "start": chunk.span.start, "end": chunk.span.end}
            hits.append({**place, "text": self._text(chunk), "score": score})
        return hits

    def ask(self, case: Case) -> dict[str, Any]:
        """Return an answer line; the first chunk stands in where no token of the question occurs."""
        question = " ".join((*case.history, case.question))
        best = self.index.rank(question, 1)
        chunk = self.chunks[best[0][0] if best else 0]
        mapped = map_spans(self.raws[chunk.doc], [chunk.span])
        start, end = (0, len(mapped.text)) if self.whole else self._best_sentence(mapped.text, question)
        quote = mapped.text[start:end].strip(" ")
        spans = [[s.start, s.end] for s in mapped.spans(start, end)]
        return {
            "question": question,
            "rewritten": question,
            "answer": quote,
            "refused": False,
            "reason": "",
            "mode": "extractive",
            "citations": [{"n": 1, "doc": chunk.doc, "quote": quote, "spans": spans}],
        }

    def _best_sentence(self, text: str, question: str) -> tuple[int, int]:
        wanted = set(tokens(question))
        ranges = sentences(text) or [(0, len(text))]

        def score(place: tuple[int, int]) -> float:
            found = wanted.intersection(tokens(text[place[0] : place[1]]))
            return sum(self.index.idf.get(token, 0.0) for token in found)

        return max(ranges, key=score)


def open_baseline(name: str, raws: Mapping[str, str]) -> Naive:
    """Make a simple system over documents (name -> text as read).

    Raises:
        InputError: no baseline has that name, or there is no document.
    """
    if name not in NAMES:
        raise InputError(f"没有名为 {name!r} 的对照系统", "可用：" + "、".join(NAMES))
    if not any(raws.values()):
        raise InputError("对照系统没有文档可用")
    return Naive(name, raws)
