"""A run as text for the console and as report.md / report.json. Only renders: the figures come from summary."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from eval.gates import Difference
from eval.metrics import PARAPHRASED
from eval.summary import CaseResult, Group, SuiteResult, Summary, summarise

RUNS = "runs.jsonl"
"""The file of a report folder that keeps the figures of every run."""
_FIGURES = (
    ("应拒即拒", "refused_when_due"),
    ("误拒", "false_refusals"),
    ("要点完整度", "completeness"),
    ("列表完整度", "list_completeness"),
    ("引用准确率", "citation_precision"),
    ("引文逐字一致", "quotes_exact"),
    ("检索依据齐全@5", "all_evidence_at_5"),
    ("检索依据齐全@10", "all_evidence_at_10"),
    ("检索依据召回@5", "recall_at_5"),
    ("检索依据召回@10", "recall_at_10"),
)


def width(text: str) -> int:
    """Return the columns that a text takes on a console: two for a wide character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Align rows (the first holds the headings) in columns; all but the first column to the right."""
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [" " * (w - width(cell)) + cell for cell, w in zip(row, widths, strict=True)]
        first = row[0] + " " * (widths[0] - width(row[0]))
        lines.append("  ".join([first, *cells[1:]]).rstrip())
    return "\n".join(lines)


def percent(value: float | None) -> str:
    """Return a share for reading; a dash where nothing was measured."""
    return "—" if value is None else f"{value:.1%}"


def _headline(run: SuiteResult, summary: Summary) -> str:
    low, high = summary.interval
    return (
        f"题集 {run.suite}，系统 {run.system}：答对 {summary.right}/{summary.cases}，"
        f"正确率 {summary.accuracy:.1%}（95% 区间 {low:.1%}–{high:.1%}）"
    )


def _systems(summaries: Sequence[tuple[str, Summary]]) -> list[list[str]]:
    rows = [["指标", *(name for name, _ in summaries)]]
    rows.append(["正确率", *(percent(s.accuracy) for _, s in summaries)])
    for label, figure in _FIGURES:
        values = [getattr(s, figure) for _, s in summaries]
        if any(value is not None for value in values):
            rows.append([label, *map(percent, values)])
    rows.append(["耗时 p50（毫秒）", *(f"{s.p50_ms:.0f}" for _, s in summaries)])
    rows.append(["耗时 p95（毫秒）", *(f"{s.p95_ms:.0f}" for _, s in summaries)])
    return rows


def _paraphrased_heading(summary: Summary) -> str:
    return f"换说法的 {summary.paraphrased} 题（问句与依据原文共有的相邻字对不足 {PARAPHRASED:.0%}）"


def _paraphrased(summaries: Sequence[Summary], names: Sequence[str]) -> list[list[str]]:
    return [
        ["指标", *names],
        ["检索依据齐全@5", *(percent(s.paraphrased_at_5) for s in summaries)],
        ["检索依据齐全@10", *(percent(s.paraphrased_at_10) for s in summaries)],
    ]


def _groups(heading: str, groups: Sequence[dict[str, Group]], names: Sequence[str]) -> list[list[str]]:
    rows = [[heading, "题数", *names, "字数中位"]]
    for key, group in groups[0].items():
        shares = [f"{g[key].right} ({g[key].accuracy:.0%})" for g in groups]
        rows.append([key, str(group.cases), *shares, f"{group.median_chars:.0f}"])
    return rows


def _failed(results: Sequence[CaseResult]) -> list[str]:
    lines = []
    for result in results:
        judgement = result.judgement
        if judgement.right:
            continue
        value = f"要点 {judgement.facts_found}/{judgement.facts_total}，{judgement.chars} 字"
        if judgement.must_cite_total:
            value += f"，必引 {judgement.must_cite_covered}/{judgement.must_cite_total}"
        if result.retrieval is not None:
            value += f"，检索@10 {result.retrieval.recall[10]:.0%}"
        lines.append(f"{result.case.id} [{result.case.type}] {result.case.question}")
        lines.append(f"    {'；'.join(judgement.reasons)}（{value}）")
    return lines


def _difference(difference: Difference, summary: Summary) -> list[str]:
    change = summary.accuracy - difference.accuracy_before
    shares = f"{difference.accuracy_before:.1%} → {summary.accuracy:.1%}（{change:+.1%}）"
    lines = [f"较基线 {difference.name}：正确率 {shares}"]
    turned = (
        ("新对", difference.newly_right),
        ("新错", difference.newly_wrong),
        ("新增题", difference.added),
        ("已删题", difference.removed),
    )
    lines += [f"  {label} {len(ids)}：{'、'.join(ids)}" for label, ids in turned if ids]
    return lines if len(lines) > 1 else [*lines, "  各题对错不变"]


def sections(
    runs: Sequence[SuiteResult], difference: Difference | None = None, faults: Sequence[str] | None = None
) -> list[tuple[str, str]]:
    """Return the report of one suite as ``(heading, text)``; the first run is ours, the others stand beside it.

    ``faults``: the gate's failures (None: no gate was asked for).
    """
    summaries = [(run.system, summarise(run.results)) for run in runs]
    ours, names = summaries[0][1], [name for name, _ in summaries]
    parts = [
        (_headline(runs[0], ours), table(_systems(summaries))),
        ("按题型", table(_groups("题型", [s.by_type for _, s in summaries], names))),
        ("按文档", table(_groups("文档", [s.by_document for _, s in summaries], names))),
    ]
    if ours.paraphrased:
        parts.insert(1, (_paraphrased_heading(ours), table(_paraphrased([s for _, s in summaries], names))))
    wrong = _failed(runs[0].results)
    if wrong:
        parts.append((f"未答对 {len(wrong) // 2} 题", "\n".join(wrong)))
    if difference is not None:
        parts.append(("与基线比较", "\n".join(_difference(difference, ours))))
    if faults is not None:
        parts.append(("门槛", "\n".join(f"未达：{fault}" for fault in faults) or "全部达到"))
    return parts


def console(parts: Sequence[tuple[str, str]]) -> str:
    """Return the report for a terminal."""
    return "\n\n".join(f"{heading}\n{text}" for heading, text in parts)


def markdown(parts: Sequence[tuple[str, str]]) -> str:
    """Return the report as Markdown; tables stay in fixed-width blocks so that both forms read alike."""
    return "\n\n".join(f"## {heading}\n\n```text\n{text}\n```" for heading, text in parts) + "\n"


def as_json(runs: Sequence[SuiteResult], difference: Difference | None, faults: Sequence[str] | None) -> dict[str, Any]:
    """Return everything about a suite's runs: figures, and value and reason for each case."""
    return {
        "suite": runs[0].suite,
        "systems": [
            {"system": run.system, "summary": asdict(summarise(run.results)), "cases": [_case(r) for r in run.results]}
            for run in runs
        ],
        "baseline": None if difference is None else asdict(difference),
        "gate": None if faults is None else {"passed": not faults, "failures": list(faults)},
    }


def _case(result: CaseResult) -> dict[str, Any]:
    found = result.retrieval
    return {
        "id": result.case.id,
        "type": result.case.type,
        "question": result.case.question,
        "answer": result.answer.answer,
        **asdict(result.judgement),
        "completeness": result.judgement.completeness,
        "retrieval": None if found is None else {f"recall@{k}": share for k, share in found.recall.items()},
        "shared_pairs": None if found is None else round(found.shared, 3),
        "elapsed_ms": round(result.elapsed_ms, 1),
    }


def write(folder: Path, reports: Sequence[dict[str, Any]], texts: Sequence[str]) -> None:
    """Write report.json (a list, one entry a suite) and report.md into a folder, made where it is missing.

    ``runs.jsonl`` there gets a line for each suite, so that the trend over runs outlives the report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    dated = [{"at": at, **report} for report in reports]
    (folder / "report.json").write_text(json.dumps(dated, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (folder / "report.md").write_text("# 评测报告\n\n" + "\n".join(texts), "utf-8")
    with (folder / RUNS).open("a", encoding="utf-8") as runs:
        for report in dated:
            summary = report["systems"][0]["summary"]
            figures = {name: summary[name] for name in ("cases", "right", "accuracy")}
            runs.write(json.dumps({"at": at, "suite": report["suite"], **figures}, ensure_ascii=False) + "\n")
