"""Retrieval over a corpus in the BEIR form, with the metric names of sentence-transformers' evaluator.

``accuracy@k`` is hit@k: at least one relevant document among the first k.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.cases import comparable, read_lines
from eval.summary import percentile
from index.errors import InputError

Qrels = dict[str, dict[str, float]]
Search = Callable[[str, int], Sequence[Mapping[str, Any]]]

DEPTH = 100
_LABELS = {"ndcg@10": "nDCG@10", "accuracy@1": "hit@1", "accuracy@5": "hit@5", "accuracy@10": "hit@10"}


def load_queries(path: Path) -> dict[str, str]:
    """Read queries.jsonl(.gz): ``{"_id", "text"}`` a line.

    Raises:
        InputError: the file cannot be read, a line has no ``_id`` or ``text``, or an id comes twice.
    """
    queries: dict[str, str] = {}
    for number, value in read_lines(path):
        name, text = value.get("_id"), value.get("text")
        if not isinstance(name, str) or not isinstance(text, str):
            raise InputError(f"{path} 第 {number} 行缺少 _id 或 text（都应为字符串）")
        if name in queries:
            raise InputError(f"{path} 第 {number} 行：查询编号 {name!r} 重复")
        queries[name] = text
    return queries


def load_qrels(path: Path) -> Qrels:
    """Read a qrels file: ``query-id, corpus-id, score`` separated by tabs, the heading line optional.

    Raises:
        InputError: the file cannot be read or a line has another form.
    """
    qrels: Qrels = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
                if not row or (number == 1 and row[0] == "query-id"):
                    continue
                try:
                    query, doc, score = row[0], row[1], float(row[2])
                except (IndexError, ValueError):
                    raise InputError(f"{path} 第 {number} 行应为：查询编号、文档编号、分数，以制表符分隔") from None
                qrels.setdefault(query, {})[doc] = score
    except OSError as error:
        raise InputError(f"读不了文件 {str(path)!r}：{error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"文件 {str(path)!r} 不是 UTF-8 文本", "请另存为 UTF-8") from None
    return qrels


def load_run(path: Path) -> dict[str, list[str]]:
    """Read what ``youju search --batch`` wrote: the documents of each query, best first, each once."""
    run: dict[str, list[str]] = {}
    for number, value in read_lines(path):
        try:
            run[str(value["_id"])] = _unique(str(hit["doc"]) for hit in value["hits"])
        except (KeyError, TypeError):
            raise InputError(f"{path} 第 {number} 行应有 _id 和 hits（每个 hit 有 doc）") from None
    return run


def _unique(docs: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(docs))


def search_deep(search: Search, text: str, k: int = DEPTH) -> Sequence[Mapping[str, Any]]:
    """Return the best passages, as many as it takes to see k documents."""
    depth = k
    while True:
        hits = search(text, depth)
        if len({hit["doc"] for hit in hits}) >= k or len(hits) < depth:
            return hits
        depth *= 2


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], k: int) -> float:
    """Return nDCG with linear gain, as trec_eval counts it."""
    gains = [max(0.0, relevant.get(doc, 0.0)) for doc in ranked[:k]]
    ideal = sorted((g for g in relevant.values() if g > 0), reverse=True)[:k]
    best = sum(g / math.log2(i + 2) for i, g in enumerate(ideal))
    return sum(g / math.log2(i + 2) for i, g in enumerate(gains)) / best if best else 0.0


def _one(ranked: Sequence[str], relevant: Mapping[str, float]) -> dict[str, float]:
    wanted = {doc for doc, score in relevant.items() if score > 0}
    first = next((i for i, doc in enumerate(ranked[:10]) if doc in wanted), None)
    figures = {f"accuracy@{k}": float(not wanted.isdisjoint(ranked[:k])) for k in (1, 5, 10)}
    figures["mrr@10"] = 0.0 if first is None else 1 / (first + 1)
    figures["ndcg@10"] = ndcg(ranked, relevant, 10)
    figures["recall@100"] = len(wanted.intersection(ranked[:100])) / len(wanted)
    return figures


def score_run(run: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, float]:
    """Return the mean of each figure over the queries that have a relevant document; a missing one scores 0.

    Raises:
        InputError: no query of the run has a relevant document.
    """
    judged = {query: docs for query, docs in qrels.items() if any(score > 0 for score in docs.values())}
    if judged.keys().isdisjoint(run):
        raise InputError("查询与 qrels 的编号没有一个相同", "检查 QUERIES 与 QRELS 是否配套")
    rows = [_one(run.get(query, ()), docs) for query, docs in judged.items()]
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def load_answers(path: Path) -> dict[str, tuple[str, ...]]:
    """Read answers.jsonl: ``{"_id", "answers": [{"text"}, ...]}`` a line."""
    answers: dict[str, tuple[str, ...]] = {}
    for number, value in read_lines(path):
        try:
            answers[str(value["_id"])] = tuple(str(answer["text"]) for answer in value["answers"])
        except (KeyError, TypeError):
            raise InputError(f"{path} 第 {number} 行应有 _id 和 answers（每个 answer 有 text）") from None
    return answers


def containment(texts: Sequence[str], answers: Sequence[str]) -> dict[str, float]:
    """Return answer@1/5/10: an answer stands (white space, width and case aside) in one of the first k passages."""
    wanted = [comparable(answer) for answer in answers]
    held = [any(answer in comparable(text) for answer in wanted) for text in texts[:10]]
    return {f"answer@{k}": float(any(held[:k])) for k in (1, 5, 10)}


def evaluate(
    search: Search, queries: Mapping[str, str], qrels: Qrels, answers: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, float]:
    """Search every judged query; return the figures, latency included."""
    run: dict[str, list[str]] = {}
    times: list[float] = []
    held: list[dict[str, float]] = []
    for query in (q for q in queries if q in qrels):
        start = time.perf_counter()
        hits = search_deep(search, queries[query])
        times.append((time.perf_counter() - start) * 1000)
        run[query] = _unique(str(hit["doc"]) for hit in hits)
        if answers and query in answers:
            held.append(containment([str(hit["text"]) for hit in hits[:10]], answers[query]))
    judged = {query: docs for query, docs in qrels.items() if query in queries}
    figures = score_run(run, judged)
    for name in held[0] if held else ():
        figures[name] = sum(row[name] for row in held) / len(held)
    return {**figures, "queries": float(len(run)), "p50_ms": percentile(times, 0.5), "p95_ms": percentile(times, 0.95)}


def lines(figures: Mapping[str, float]) -> list[str]:
    """Return the figures for reading: the common name, the evaluator's name, the value."""
    shown = []
    for name, value in figures.items():
        text = f"{value:.4f}" if "@" in name else f"{value:.1f}".removesuffix(".0")
        label = f"{_LABELS[name]} ({name})" if name in _LABELS else name
        shown.append(f"{label}: {text}")
    return shown
