"""The figure by which a model is chosen: how high held-out pairs stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.embed import Embedder
from index.errors import InputError
from index.train.pairs import read_rows


def gains_by_source(embedder: Embedder, path: Path) -> dict[str, list[float]]:
    """Return nDCG@10 of each ``{"query", "positive", "source"}`` line, all positives of the file being the collection.

    Raises:
        InputError: the file cannot be read, is empty, or a line has no query and positive.
    """
    rows: list[dict[str, object]] = []
    for number, row in read_rows(path):
        if not (isinstance(row.get("query"), str) and isinstance(row.get("positive"), str)):
            raise InputError(f"{path} 第 {number} 行应有 query 与 positive（文字）")
        rows.append(row)
    if not rows:
        raise InputError(f"{path} 里没有问题", '每行一个 {"query": ..., "positive": ...}')
    texts = list(dict.fromkeys(str(row["positive"]) for row in rows))
    place = {text: i for i, text in enumerate(texts)}
    matrix = embedder.encode(texts)
    asked = embedder.encode([str(row["query"]) for row in rows], query=True)
    gains: dict[str, list[float]] = {}
    for row, question in zip(rows, asked, strict=True):
        scores = matrix @ question
        rank = int((scores > scores[place[str(row["positive"])]]).sum())
        gains.setdefault(str(row.get("source", "")), []).append(1 / np.log2(rank + 2) if rank < 10 else 0.0)
    return gains
