"""Fit the weights of rag/ranking.toml on known-fact suites: listwise softmax over the statements of each question.

    python -m bench.fit_ranking SUITE.jsonl=INDEX_DIR... [--folds 5] [--write]

A statement is right when it holds half of an evidence that the case must cite, or lies inside one. Prints how often
the first statement is right, by cross-validation over the cases, for the weights in force and for the fitted ones.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rag.answering as answering
from eval.cases import Case, load_suite
from eval.metrics import locate
from rag.features import FEATURES
from rag.rank import WEIGHTS, Ranked, rank, weights
from rag.service import PolicyQA
from rag.types import Question

Matrix = NDArray[np.float64]
SKIPPED = {"unanswerable", "list", "count"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="+", metavar="SUITE=INDEX")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(argv)
    groups = [group for pair in options.suites for group in collect(*pair.split("=", 1))]
    current = np.array(weights())
    sys.stdout.write(f"questions {len(groups)}; first right now {hits(groups, current):.3f}\n")
    held = []
    for fold in range(options.folds):
        train = [g for i, g in enumerate(groups) if i % options.folds != fold]
        test = [g for i, g in enumerate(groups) if i % options.folds == fold]
        held += [hits([g], fit(train, current, options.decay)) for g in test]
    sys.stdout.write(f"first right, cross-validated {np.mean(held):.3f}\n")
    fitted = fit(groups, current, options.decay)
    fitted *= abs(current[0]) / abs(fitted[0])
    for name, old, new in zip(FEATURES, current, fitted, strict=True):
        sys.stdout.write(f"{name} = {new:.3f}  # was {old:.3f}\n")
    if options.write:
        head = "".join(line for line in WEIGHTS.read_text("utf-8").splitlines(True) if line.startswith("#"))
        WEIGHTS.write_text(head + "".join(f"{n} = {v:.3f}\n" for n, v in zip(FEATURES, fitted, strict=True)), "utf-8")
    return 0


def collect(suite: str, index: str) -> list[tuple[Matrix, Matrix]]:
    """Return (measures, labels) of the statements of each answerable question that has a right one."""
    qa = PolicyQA.open(Path(index))
    caught: list[list[Ranked]] = []

    def spy(*args: object, **named: object) -> list[Ranked]:
        ranked = rank(*args, **named)  # type: ignore[arg-type]
        caught.append(ranked)
        return ranked

    groups = []
    answering.rank = spy  # type: ignore[assignment]
    for case in load_suite(Path(suite)):
        caught.clear()
        if case.type in SKIPPED or not case.evidence:
            continue
        qa.answer(Question(case.question, tuple(case.history or ())))
        wanted = places(case, qa)
        for ranked in caught:
            ranked = [r for r in ranked if len(r.measures) == len(FEATURES)]
            labels = np.array([right(r, wanted) for r in ranked], dtype=float)
            if labels.any() and not labels.all():
                groups.append((np.array([r.measures for r in ranked]), labels))
    answering.rank = rank
    return groups


def places(case: Case, qa: PolicyQA) -> list[tuple[str, set[int]]]:
    """Return (document, offsets) of each evidence that the case must cite; of all evidence where none is named."""
    numbers = case.must_cite or range(len(case.evidence))
    found = []
    for number in numbers:
        evidence = case.evidence[number]
        for occurrence in locate(qa.library.raw(evidence.doc), evidence.quote)[:1]:
            found.append((evidence.doc, set(occurrence)))
    return found


def right(ranked: Ranked, wanted: Sequence[tuple[str, set[int]]]) -> bool:
    """Whether the statement holds half of an evidence, or lies inside one."""
    held = {i for s in ranked.statement.spans for i in range(s.start, s.end)}
    return any(
        doc == ranked.statement.doc and (len(held & at) >= 0.5 * len(at) or len(held & at) >= 0.8 * len(held))
        for doc, at in wanted
    )


def fit(groups: Sequence[tuple[Matrix, Matrix]], start: Matrix, decay: float) -> Matrix:
    """Return the weights that give right statements most softmax mass; L2 decay towards the start."""
    scale = 6.0
    weight = start * scale
    for step in range(400):
        gradient = -decay * (weight - start * scale) * len(groups)
        for measures, labels in groups:
            scores = measures @ weight
            soft = np.exp(scores - scores.max())
            soft /= soft.sum()
            good = soft * labels
            gradient += measures.T @ (good / good.sum() - soft)
        weight = weight + 0.5 / (1 + step / 100) * gradient / len(groups)
    return weight / scale


def hits(groups: Sequence[tuple[Matrix, Matrix]], weight: Matrix) -> float:
    """Return how often the statement with the highest score is right."""
    return float(np.mean([labels[np.argmax(measures @ weight)] for measures, labels in groups]))


if __name__ == "__main__":
    sys.exit(main())
