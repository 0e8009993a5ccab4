"""How quick and how big: build, open, warm questions, a cold ``youju ask`` as a whole process.

    python -m bench.speed [FOLDER SUITE.jsonl]

Without arguments it measures the sample collection. Each figure stands beside a baseline of the same run, so that two
machines can be compared by the ratios: the start of an empty Python process for whole processes, and a naive BM25 scan
over fixed-size chunks (``eval.baselines``) for the rest. Wall times are medians.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from eval.baselines import Naive, open_baseline
from eval.cases import Case, load_suite
from index.build import build
from rag.config import Settings
from rag.service import PolicyQA

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 5
_T = TypeVar("_T")
CHILD = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
wall = time.perf_counter() - began
print(json.dumps([code, wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""
"""Runs one command from a small process of its own: a child's peak also counts what its parent held when it forked."""


def process(command: Sequence[str]) -> tuple[float, float]:
    """Return median seconds and peak memory in MB of a command as a whole process."""
    unit = 1024 * 1024 if platform.system() == "Darwin" else 1024
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs = []
    for _ in range(REPEATS):
        run = [sys.executable, "-c", CHILD, *command]
        done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
        code, wall, peak = json.loads(done.stdout)
        if code:
            raise SystemExit(f"{command}: exit code {code}\n{done.stderr}")
        runs.append((wall, peak / unit))
    return statistics.median(wall for wall, _ in runs), max(peak for _, peak in runs)


def timed(work: Callable[[], _T]) -> tuple[float, _T]:
    """Return median seconds of a piece of work, and what it returned last."""
    walls = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        value = work()
        walls.append(time.perf_counter() - began)
    return statistics.median(walls), value


def answered(ask: Callable[[Case], object], cases: Sequence[Case]) -> tuple[float, float]:
    """Return p50 and p95 seconds of one question, every case asked once after a warm-up."""
    for case in cases[:3]:
        ask(case)
    walls = []
    for case in cases:
        began = time.perf_counter()
        ask(case)
        walls.append(time.perf_counter() - began)
    return statistics.median(walls), statistics.quantiles(walls, n=20, method="inclusive")[18]


def line(name: str, value: float, baseline: float, what: str, note: str = "") -> None:
    """Print one figure beside its baseline."""
    print(f"{name:<22}{value * 1000:>10.1f} ms{baseline * 1000:>10.1f} ms{value / baseline:>9.2f}x  {what}{note}")


def measure(folder: Path, suite: Path, place: Path) -> None:
    """Measure one collection; its indexes are made in ``place``."""
    settings = Settings(index_dir=place / "index")
    numbers = iter(range(REPEATS))
    built, report = timed(lambda: build([folder], place / f"b{next(numbers)}", settings.index))
    build([folder], settings.index_dir, settings.index)
    qa = PolicyQA.open(settings=settings)
    raws = {entry.file: qa.library.raw(entry.file) for entry in qa.library.documents()}
    scan_built, scan = timed(lambda: open_baseline("naive", raws))
    cases = load_suite(suite)
    first, _ = timed(lambda: PolicyQA.open(settings=settings).answer(cases[0].question))
    scan_first, _ = timed(lambda: open_baseline("naive", raws).ask(cases[0]))
    size = sum(map(len, raws.values()))
    print(f"\n{len(raws)} documents, {size:,} characters, {report.passages} passages, {len(cases)} questions")
    print(f"{'':<22}{'youju':>13}{'baseline':>13}{'ratio':>10}")
    note = f" ({report.passages / built:,.0f} passages/s; the baseline splits and counts only)"
    line("build", built, scan_built, "naive scan, build", note)
    line("open, first answer", first, scan_first, "naive scan, build and answer (it keeps nothing on disk)")
    _questions(qa, scan, cases)
    _cold(settings, cases)


def _questions(qa: PolicyQA, scan: Naive, cases: Sequence[Case]) -> None:
    ours = answered(lambda case: qa.answer(case.question, case.history), cases)
    theirs = answered(scan.ask, cases)
    for name, value, baseline in zip(("warm ask p50", "warm ask p95"), ours, theirs, strict=True):
        line(name, value, baseline, "naive scan, best sentence")


def _cold(settings: Settings, cases: Sequence[Case]) -> None:
    empty, empty_mb = process([sys.executable, "-c", "pass"])
    command = [sys.executable, "-m", "rag.cli", "ask", cases[0].question, "--index", str(settings.index_dir)]
    wall, peak = process(command)
    line("cold ask, process", wall, empty, "python -c pass")
    print(f"{'cold ask, peak':<22}{peak:>10.1f} MB{empty_mb:>10.1f} MB{peak / empty_mb:>9.2f}x  python -c pass")


def main(arguments: Sequence[str]) -> int:
    """Measure the given collection, or the sample collection."""
    if len(arguments) not in (0, 2):
        print(__doc__, file=sys.stderr)
        return 2
    folder, suite = map(Path, arguments or (ROOT / "corpus", ROOT / "eval" / "suites" / "sample.jsonl"))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {REPEATS} repeats")
    with tempfile.TemporaryDirectory(prefix="youju-speed-") as place:
        measure(folder, suite, Path(place))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
