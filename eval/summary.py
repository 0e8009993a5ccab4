"""Figures over judged cases: what the report prints, the gate compares and the baseline keeps."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from eval.cases import AnswerLine, Case
from eval.metrics import Judgement, Retrieval

NO_DOCUMENT = "（无依据文档）"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: what was answered, how it was judged, what the search alone found, how long it took."""

    case: Case
    answer: AnswerLine
    judgement: Judgement
    retrieval: Retrieval | None
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """A system's run over a suite, in the suite's order."""

    suite: str
    system: str
    results: tuple[CaseResult, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that share a type or a document."""

    cases: int
    right: int
    median_chars: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in figures. Shares lie in 0..1; None: nothing to measure it on.

    ``paraphrased`` counts the questions asked in other words than their evidence; ``paraphrased_at_k`` is the share of
    them with all evidence within k passages.
    """

    cases: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    refused_when_due: float | None
    false_refusals: float | None
    completeness: float | None
    list_completeness: float | None
    citation_precision: float | None
    quotes_exact: float | None
    all_evidence_at_5: float | None
    all_evidence_at_10: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    paraphrased: int
    paraphrased_at_5: float | None
    paraphrased_at_10: float | None
    p50_ms: float
    p95_ms: float
    by_type: dict[str, Group] = field(default_factory=dict)
    by_document: dict[str, Group] = field(default_factory=dict)


def wilson(right: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the 95% Wilson score interval of a share; (0, 1) where nothing was counted."""
    if not total:
        return 0.0, 1.0
    share = right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def percentile(values: Sequence[float], q: float) -> float:
    """Return the nearest-rank percentile (q in 0..1), 0.0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)] if ordered else 0.0


def documents_of(case: Case) -> tuple[str, ...]:
    """Return the documents that a case leans on, each once, in order."""
    return tuple(dict.fromkeys(e.doc for e in case.evidence)) or (NO_DOCUMENT,)


def summarise(results: Sequence[CaseResult]) -> Summary:
    """Count a run up."""
    due = [r for r in results if r.case.type == "unanswerable"]
    answerable = [r for r in results if r.case.type != "unanswerable"]
    searched = [r.retrieval for r in results if r.retrieval is not None]
    other_words = [r for r in searched if r.paraphrased]
    right = sum(r.judgement.right for r in results)
    citations = sum(r.judgement.citations for r in results)
    on_evidence = [r.judgement for r in answerable if r.judgement.citations]
    times = [r.elapsed_ms for r in results]
    return Summary(
        cases=len(results),
        right=right,
        accuracy=right / len(results) if results else 0.0,
        interval=wilson(right, len(results)),
        refused_when_due=_mean(r.judgement.refused for r in due),
        false_refusals=_mean(r.judgement.refused for r in answerable),
        completeness=_mean(r.judgement.completeness for r in answerable),
        list_completeness=_mean(r.judgement.completeness for r in answerable if r.case.type == "list"),
        citation_precision=_share(
            sum(j.citations_on_evidence for j in on_evidence), sum(j.citations for j in on_evidence)
        ),
        quotes_exact=_share(sum(r.judgement.quotes_exact for r in results), citations),
        all_evidence_at_5=_mean(r.complete(5) for r in searched),
        all_evidence_at_10=_mean(r.complete(10) for r in searched),
        recall_at_5=_mean(r.recall[5] for r in searched),
        recall_at_10=_mean(r.recall[10] for r in searched),
        paraphrased=len(other_words),
        paraphrased_at_5=_mean(r.complete(5) for r in other_words),
        paraphrased_at_10=_mean(r.complete(10) for r in other_words),
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
        by_type=_groups(results, lambda r: (r.case.type,)),
        by_document=_groups(results, lambda r: documents_of(r.case)),
    )


def _groups(results: Sequence[CaseResult], keys: Callable[[CaseResult], tuple[str, ...]]) -> dict[str, Group]:
    members: dict[str, list[CaseResult]] = {}
    for result in results:
        for name in keys(result):
            members.setdefault(name, []).append(result)
    return {name: _group(members[name]) for name in sorted(members)}


def _group(results: Sequence[CaseResult]) -> Group:
    right = sum(r.judgement.right for r in results)
    lengths = [r.judgement.chars for r in results]
    return Group(len(results), right, float(statistics.median(lengths)), right / len(results))


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def _share(part: int, total: int) -> float | None:
    return part / total if total else None
