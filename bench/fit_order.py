"""Fit the weights of rag/order.toml: listwise softmax over the candidates of each question.

    python -m index.train PAIRS QUESTIONS --laws LAWS --terms TERMS --words WORDS --hold-out 3 --out MODEL
    python -m bench.order_data TRAINING LAWS DATA
    YOUJU_INDEX__EMBEDDER=MODEL python -m rag.cli build DATA/corpus.jsonl --index INDEX
    python -m bench.fit_order INDEX DATA/questions.jsonl [--write]

The shipped model has seen most of these questions, so that its cosines would look better than they are: the index is
made with a model that has seen none of the written ones. No weight may be negative: each measure says something for a
passage, and a negative one would only make up for another's excess on the questions at hand.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from eval.cases import read_lines
from index.store import Library
from rag.config import Settings
from rag.order import MEASURES, ORDERED, WEIGHTS, Matrix, candidates, measures, weights
from rag.retrieve import POOL
from rag.service import PolicyQA

STEPS, RATE = 400, 0.03
Group = tuple[Matrix, Matrix]


def collect(index: Path, questions: Path) -> list[Group]:
    """Return (measures, labels) of the candidates of each question that has a right one among them."""
    settings = Settings(index_dir=index, index=Library.open(index).settings)
    qa = PolicyQA.open(settings=settings)
    groups = []
    for _, row in read_lines(questions):
        query = qa._answerer.understood(str(row["text"]))
        found = candidates(query, query.weights, qa.library, POOL, None).first(ORDERED)
        passages = [qa.library.passage(int(r)) for r in found.rows]
        labels = np.array([p.locator.file in row["relevant"] for p in passages], dtype=float)
        if labels.any():
            groups.append((measures(query, found, passages, qa.library), labels))
    return groups


def fit(groups: list[Group], decay: float) -> Matrix:
    """Return the weights, none below zero, that give right passages most softmax mass (Adam; L2 decay)."""
    spread = np.concatenate([m for m, _ in groups]).std(axis=0) + 1e-9
    scaled = [(m / spread, labels / labels.sum()) for m, labels in groups]
    weight = np.full(len(spread), 0.5)
    mean, square = np.zeros_like(weight), np.zeros_like(weight)
    for step in range(1, STEPS + 1):
        slope = 2 * decay * weight
        for m, labels in scaled:
            scores = m @ weight
            soft = np.exp(scores - scores.max())
            slope += m.T @ (soft / soft.sum() - labels) / len(scaled)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        step_size = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        weight = np.maximum(weight - step_size * mean / (np.sqrt(square) + 1e-8), 0.0)
    found = weight / spread
    return np.asarray(found / found.sum())


def gain(groups: list[Group], weight: Matrix) -> float:
    """Return the mean reciprocal rank of the first right candidate."""
    ranks = [1 + int((m @ weight > (m @ weight)[labels > 0].max()).sum()) for m, labels in groups]
    return float(np.mean([1 / rank for rank in ranks]))


def main() -> int:
    """Run the command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.fit_order")
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--decay", type=float, default=0.1)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    groups = collect(args.index, args.questions)
    half = len(groups) // 2
    order = np.random.default_rng(1).permutation(len(groups))
    train, test = ([groups[i] for i in part] for part in (order[:half], order[half:]))
    arms = np.array([1.0, 1.0, 0.6, *np.zeros(len(MEASURES) - 3)])
    sys.stdout.write(f"{len(groups)} questions; MRR of one half: arms alone {gain(test, arms):.3f}, ")
    sys.stdout.write(f"in force {gain(test, np.array(weights())):.3f}, ")
    sys.stdout.write(f"fitted on the other half {gain(test, fit(train, args.decay)):.3f}\n")
    lines = "".join(f"{n} = {v:.4f}\n" for n, v in zip(MEASURES, fit(groups, args.decay), strict=True))
    sys.stdout.write(lines)
    if args.write:
        head = "".join(line for line in WEIGHTS.read_text("utf-8").splitlines(True) if line.startswith("#"))
        WEIGHTS.write_text(head + lines, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
