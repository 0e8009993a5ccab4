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
"""Runs that are read, newest first."""


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


def read_runs(folder: Path) -> list[Run]:
    """Return the runs in a folder of reports and the folders below, oldest first; what cannot be read is left out."""
    paths = sorted(folder.rglob("report*.json"), key=lambda p: (p.stat().st_mtime, str(p))) if folder.is_dir() else []
    return [run for path in paths[-REPORTS:] for run in _runs(path)]


def eval_html(folder: Path, language: str) -> str:
    """Return the page's inner part."""
    runs = read_runs(folder)
    latest = {run.suite: run for run in runs}
    w = words()[language_of(language)]
    trends = {}
    for suite in latest:
        points = [Point(r.at, float(r.summary["accuracy"]), f"{r.summary['right']}/{r.summary['cases']}")
                  for r in runs if r.suite == suite]  # fmt: skip
        trends[suite] = trend_svg(points, w["trend_of"].format(suite=suite))
    ordered = sorted(latest.values(), key=lambda run: run.at, reverse=True)
    return render("eval.html", language, runs=ordered, trends=trends, folder=str(folder))


def _runs(path: Path) -> Iterator[Run]:
    try:
        at = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
        for entry in json.loads(path.read_text("utf-8")):
            ours = entry["systems"][0]
            float(ours["summary"]["accuracy"])
            yield Run(str(entry["suite"]), entry.get("at", at), ours["summary"], tuple(ours["cases"]), entry.get("gate"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        _log.warning("%s is no report: %s", path, error)
