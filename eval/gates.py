"""Gates (what a run must reach) and stored baselines (what a run reached before), both over a Summary."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.summary import SuiteResult, Summary, summarise
from index.errors import InputError

STORE = Path(__file__).parent / "baselines"

_NAMES = {
    "right": ("accuracy", "正确率"),
    "quotes_exact": ("quotes_exact", "引文逐字一致"),
    "refused_when_due": ("refused_when_due", "应拒即拒"),
    "list_completeness": ("list_completeness", "列表完整度"),
    "citation_precision": ("citation_precision", "引用准确率"),
    "all_evidence_at_5": ("all_evidence_at_5", "检索依据齐全@5"),
    "all_evidence_at_10": ("all_evidence_at_10", "检索依据齐全@10"),
}


class Gate(BaseModel):
    """One table of gates.toml. All are minimums (shares in 0..1) but ``max_...``; what is left out is not checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    right: float | None = Field(None, ge=0, le=1)
    quotes_exact: float | None = Field(None, ge=0, le=1)
    refused_when_due: float | None = Field(None, ge=0, le=1)
    list_completeness: float | None = Field(None, ge=0, le=1)
    citation_precision: float | None = Field(None, ge=0, le=1)
    all_evidence_at_5: float | None = Field(None, ge=0, le=1)
    all_evidence_at_10: float | None = Field(None, ge=0, le=1)
    max_false_refusals: float | None = Field(None, ge=0, le=1)
    max_p95_ms: float | None = Field(None, gt=0)
    max_newly_wrong: int | None = Field(None, ge=0)
    types: dict[str, float] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A run against a stored one: which cases turned, and the figures of then."""

    name: str
    newly_right: tuple[str, ...]
    newly_wrong: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    accuracy_before: float


def load_gate(path: Path, suite: str) -> Gate:
    """Read the table of a suite from a gates file.

    Raises:
        InputError: no file, no such table, an unknown key or a value out of range.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"读不了门槛文件 {str(path)!r}：{error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"门槛文件 {str(path)!r} 不是 TOML：{error}") from None
    if suite not in tables:
        raise InputError(f"门槛文件 {str(path)!r} 里没有 [{suite}]", "表名是题集的文件名（不带 .jsonl）")
    try:
        return Gate.model_validate(tables[suite])
    except ValidationError as error:
        detail = error.errors()[0]
        place = ".".join(str(part) for part in (suite, *detail["loc"]))
        raise InputError(f"门槛文件 {str(path)!r} 的 {place}：{detail['msg']}") from None


def failures(gate: Gate, summary: Summary, difference: Difference | None = None) -> list[str]:
    """Return a line for each figure that does not reach the gate; one that was not measured fails too."""
    return list(_failures(gate, summary, difference))


def _failures(gate: Gate, summary: Summary, difference: Difference | None) -> Iterator[str]:
    for key, (figure, name) in _NAMES.items():
        least, value = getattr(gate, key), getattr(summary, figure)
        if least is not None and (value is None or value < least):
            yield f"{name} {_percent(value)} 低于门槛 {least:.1%}"
    for kind, least in gate.types.items():
        group = summary.by_type.get(kind)
        if group is None or group.accuracy < least:
            yield f"{kind} 类正确率 {_percent(group.accuracy if group else None)} 低于门槛 {least:.1%}"
    if gate.max_false_refusals is not None and (summary.false_refusals or 0.0) > gate.max_false_refusals:
        yield f"误拒率 {_percent(summary.false_refusals)} 高于上限 {gate.max_false_refusals:.1%}"
    if gate.max_p95_ms is not None and summary.p95_ms > gate.max_p95_ms:
        yield f"耗时 p95 {summary.p95_ms:.0f} 毫秒，高于上限 {gate.max_p95_ms:.0f} 毫秒"
    if gate.max_newly_wrong is not None and difference is not None:
        wrong = difference.newly_wrong
        if len(wrong) > gate.max_newly_wrong:
            yield f"较基线新错 {len(wrong)} 题，多于上限 {gate.max_newly_wrong}：{'、'.join(wrong)}"


def _percent(value: float | None) -> str:
    return "（未测）" if value is None else f"{value:.1%}"


def save_baseline(name: str, runs: Mapping[str, SuiteResult], folder: Path = STORE) -> Path:
    """Keep the runs (by suite) under a name; suites of that name that were not run stay as they are."""
    path = _place(name, folder)
    stored = _read(path) if path.is_file() else {}
    for suite, run in runs.items():
        flags = {r.case.id: r.judgement.right for r in run.results}
        stored[suite] = {"right": flags, "summary": asdict(summarise(run.results))}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return path


def compare_baseline(name: str, run: SuiteResult, folder: Path = STORE) -> Difference:
    """Compare a run with the stored one of its suite.

    Raises:
        InputError: no baseline of that name, none of that suite in it, or a damaged file.
    """
    path = _place(name, folder)
    if not path.is_file():
        known = "、".join(sorted(p.stem for p in folder.glob("*.json"))) or "（无）"
        raise InputError(f"没有名为 {name!r} 的基线", f"已有：{known}；用 --save-baseline {name} 保存")
    stored = _read(path).get(run.suite)
    if stored is None:
        raise InputError(f"基线 {name!r} 里没有题集 {run.suite!r}", f"用 --save-baseline {name} 保存")
    try:
        before = {str(k): bool(v) for k, v in stored["right"].items()}
        accuracy = float(stored["summary"]["accuracy"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"基线文件 {str(path)!r} 已损坏", f"用 --save-baseline {name} 重新保存") from None
    now = {r.case.id: r.judgement.right for r in run.results}
    return Difference(
        name=name,
        newly_right=tuple(i for i, right in now.items() if right and before.get(i) is False),
        newly_wrong=tuple(i for i, right in now.items() if not right and before.get(i)),
        added=tuple(i for i in now if i not in before),
        removed=tuple(i for i in before if i not in now),
        accuracy_before=accuracy,
    )


def _place(name: str, folder: Path) -> Path:
    if not re.fullmatch(r"[\w.-]+", name) or name.startswith("."):
        raise InputError(f"基线名 {name!r} 不合规", "只用字母、数字、点、横线和下划线")
    return folder / f"{name}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"基线文件 {str(path)!r} 读不了：{error}") from None
    if not isinstance(value, dict):
        raise InputError(f"基线文件 {str(path)!r} 已损坏", "删除后用 --save-baseline 重新保存")
    return value
