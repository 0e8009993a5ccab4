"""The eval page: the last run of each suite, what failed and why, and the trend over runs, from a folder of reports."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ui_parts.chart import Point, trend_svg
from ui_parts.templating import language_of, render, words

_log = logging.getLogger(__name__)
REPORTS = 60
"""Reports that are read, and runs that a trend shows: the newest ones."""


@dataclass(frozen=True, slots=True)
class Run:
    """A suite's run by our own system. ``at`` is local time, "2026-01-31 09:30"."""

    suite: str
    at: str
    summary: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...]
    gate: Mapping[str, Any] | None

    @property
    def failed(self) -> list[Mapping[str, Any]]:
        """Return the cases that were not answered right."""
        return [case for case in self.cases if not case.get("right")]


def latest_runs(folder: Path) -> list[Run]:
    """Return the last run of each suite in a folder of reports and the folders below, newest first."""
    runs = {run.suite: run for path in _newest(folder, "report.json") for run in _runs(path)}
    return sorted(runs.values(), key=lambda run: run.at, reverse=True)


def points_of(folder: Path) -> dict[str, list[Point]]:
    """Return the accuracy of every run, oldest first: suite -> points."""
    found: dict[str, set[tuple[str, float, str]]] = {}
    for path in _newest(folder, "runs.jsonl"):
        for line in path.read_text("utf-8", "replace").splitlines()[-REPORTS:]:
            try:
                told = json.loads(line)
                words = f"{told['right']}/{told['cases']}"
                found.setdefault(str(told["suite"]), set()).add((_when(told["at"]), float(told["accuracy"]), words))
            except (ValueError, LookupError, TypeError) as error:
                _log.warning("%s: a line is no run: %s", path, error)
    return {suite: [Point(*each) for each in sorted(points)[-REPORTS:]] for suite, points in found.items()}


def eval_html(folder: Path, language: str) -> str:
    """Return the page's inner part."""
    runs, points, w = latest_runs(folder), points_of(folder), words()[language_of(language)]
    trends = {run.suite: trend_svg(points.get(run.suite, ()), w["trend_of"].format(suite=run.suite)) for run in runs}
    return render("eval.html", language, runs=runs, trends=trends, folder=str(folder))


def _newest(folder: Path, name: str) -> list[Path]:
    paths = sorted(folder.rglob(name), key=lambda p: (p.stat().st_mtime, str(p))) if folder.is_dir() else []
    return paths[-REPORTS:]


def _runs(path: Path) -> Iterator[Run]:
    try:
        at = datetime.fromtimestamp(path.stat().st_mtime).isoformat()
        for entry in json.loads(path.read_text("utf-8")):
            ours = entry["systems"][0]
            float(ours["summary"]["accuracy"])
            when = _when(entry.get("at", at))
            yield Run(str(entry["suite"]), when, ours["summary"], tuple(ours["cases"]), entry.get("gate"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        _log.warning("%s is no report: %s", path, error)


def _when(at: str) -> str:
    return at[:16].replace("T", " ")
