"""The embedding model: how well it finds, alone and beside BM25, and how fast it is.

    python -m bench.embedding [--model built-in] [--dimensions N] [--validation FILE] [--beir FOLDER ...]

Intervals are 95% bootstrap over the questions. The weight of the fusion is chosen on one half of the questions (by a
hash of their ids); the other half, and all, are reported. Fusion: BM25 as a share of what the question's words can
reach at most (the sum of their weight times idf), plus the weight times the cosine, cut at zero. A text that says the
question in its own words reaches a high share and stands; where none does, the cosine decides.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.beir import Qrels, load_qrels, load_queries, score_run
from eval.cases import read_lines
from index.config import IndexSettings
from index.embed import Embedder, open_embedder
from index.lexical import Floats, LexicalIndex
from index.text import tokens
from index.train.score import gains_by_source
from rag.terms import UNIGRAM_WEIGHT

WEIGHTS = (0.2, 0.3, 0.4, 0.5, 0.7)
FIGURES = ("ndcg@10", "accuracy@10", "recall@100")
_LOAD = (
    "import time, numpy, index.embed, sys; t = time.perf_counter();"
    "index.embed.open_embedder(sys.argv[1]).encode(['锅炉']); print(time.perf_counter() - t)"
)
_DEPTH = 100
_RESAMPLED = 2000
_CHUNK = 128


class Narrow:
    """An embedder cut to its first dimensions."""

    def __init__(self, whole: Embedder, dim: int) -> None:
        self.name, self.revision, self._whole, self.dim = whole.name, whole.revision, whole, dim

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return the first dimensions, at length one."""
        cut = self._whole.encode(texts, query=query)[:, : self.dim]
        return np.asarray(cut / np.maximum(np.linalg.norm(cut, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def speed(name: str) -> None:
    """Print the time to load the model in a fresh process, and passages a second."""
    runs = [subprocess.run([sys.executable, "-c", _LOAD, name], capture_output=True, check=True) for _ in range(5)]
    print(f"load and first question: {1000 * min(float(run.stdout) for run in runs):.0f} ms (best of 5)")
    embedder = open_embedder(name)
    assert embedder is not None
    short = [f"第{n}条 排污单位应当按照规定和监测规范安装、使用自动监测设备，保存原始记录。" for n in range(40_000)]
    embedder.encode(short[:100])
    start = time.perf_counter()
    embedder.encode(short)
    print(f"{len(short) / (time.perf_counter() - start):,.0f} passages of {len(short[0])} characters a second")


def validation(embedder: Embedder, path: Path) -> None:
    """Print nDCG@10 of the pairs by source, all positives of the file being the collection."""
    gains = gains_by_source(embedder, path)
    every = [gain for found in gains.values() for gain in found]
    large = {source: float(np.mean(found)) for source, found in gains.items() if len(found) > 40}
    print(f"validation: nDCG@10 {np.mean(every):.4f} over {len(every)} pairs,")
    print(f"  {np.mean(list(large.values())):.4f} over {len(large)} sources of more than 40 pairs")


def beir(embedder: Embedder, folder: Path) -> None:
    """Print BM25, the model alone and both fused over a collection in the BEIR form."""
    docs = [row for _, row in read_lines(next(folder.glob("corpus.jsonl*")))]
    qrels = load_qrels(next((folder / "qrels").iterdir()))
    queries = {name: text for name, text in load_queries(folder / "queries.jsonl").items() if name in qrels}
    ids = [str(doc["_id"]) for doc in docs]
    words = _lexical(docs, list(queries.values()))
    matrix = embedder.encode([f"{doc.get('title', '')}\n{doc['text']}" for doc in docs])
    meaning = np.maximum(embedder.encode(list(queries.values()), query=True) @ matrix.T, 0)
    print(f"{folder.name}: {len(queries)} questions, {len(docs)} documents")
    rows = {"BM25": _rows(words, queries, qrels, ids), "model alone": _rows(meaning, queries, qrels, ids)}
    for weight in WEIGHTS:
        rows[f"fused, {weight}"] = _rows(words + weight * meaning, queries, qrels, ids)
    tuned = np.array([_half(name) == 0 for name in queries])
    best = max((name for name in rows if name.startswith("fused")), key=lambda name: rows[name][tuned][:, 0].mean())
    for name, values in rows.items():
        shown = "  ".join(f"{figure} {_interval(values[:, i])}" for i, figure in enumerate(FIGURES))
        print(f"  {name:12s} all: {shown}{'  <- best nDCG of the tuning half' if name == best else ''}")
    for name in ("BM25", "model alone", best):
        shown = "  ".join(f"{figure} {_interval(rows[name][~tuned][:, i])}" for i, figure in enumerate(FIGURES))
        print(f"  {name:12s} other half: {shown}")
    gain = rows[best] - rows["BM25"]
    print("  gain of fusion, all: " + "  ".join(f"{f} {_interval(gain[:, i])}" for i, f in enumerate(FIGURES)))


def _lexical(docs: Sequence[dict[str, Any]], queries: Sequence[str]) -> Floats:
    """Return BM25 scores, each question's as a share of what its words can reach."""
    index = LexicalIndex.build(
        (tokens(str(doc["text"])) for doc in docs), (tokens(str(doc.get("title", ""))) for doc in docs), IndexSettings()
    )
    scores = np.zeros((len(queries), len(docs)), dtype=np.float32)
    for row, query in enumerate(queries):
        counts = Counter(tokens(query))
        weights = {t: n * (UNIGRAM_WEIGHT if _single(t) else 1.0) for t, n in counts.items()}
        scores[row] = index.scores(weights) / max(sum(w * index.idf(t) for t, w in weights.items()), 1e-9)
    return scores


def _single(token: str) -> bool:
    return len(token) == 1 and token >= "\u3400"


def _rows(scores: Floats, queries: dict[str, str], qrels: Qrels, ids: Sequence[str]) -> NDArray[np.float64]:
    """Return one row of figures a question."""
    found = []
    for query, row in zip(queries, scores, strict=True):
        top = np.argpartition(-row, _DEPTH)[:_DEPTH]
        top = top[np.lexsort((top, -row[top]))]
        figures = score_run({query: [ids[i] for i in top]}, {query: qrels[query]})
        found.append([figures[name] for name in FIGURES])
    return np.array(found)


def _interval(values: NDArray[np.float64]) -> str:
    random = np.random.default_rng(1)
    means = [values[random.integers(len(values), size=len(values))].mean() for _ in range(_RESAMPLED)]
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def _half(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.embedding")
    parser.add_argument("--model", default="built-in")
    parser.add_argument("--dimensions", type=int, default=0)
    parser.add_argument("--validation", type=Path)
    parser.add_argument("--beir", type=Path, nargs="*", default=[])
    parser.add_argument("--no-speed", action="store_true")
    args = parser.parse_args()
    whole = open_embedder(args.model)
    assert whole is not None, "a model is needed"
    embedder: Embedder = Narrow(whole, args.dimensions) if args.dimensions else whole
    print(json.dumps({"model": whole.name, "revision": whole.revision, "dimensions": embedder.dim}))
    if not args.no_speed:
        speed(args.model)
    if args.validation:
        validation(embedder, args.validation)
    for folder in args.beir:
        beir(embedder, folder)


if __name__ == "__main__":
    main()
