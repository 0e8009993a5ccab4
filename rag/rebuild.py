"""The child process of a rebuild: ``python -m rag.rebuild`` reads one order from stdin and tells its progress.

A process of its own keeps the answers of the server quick meanwhile, and gives its memory back. A line of JSON for
each step: ``{"at": name}``, at last ``{"report": {...}}`` or ``{"error": text}``. It ends when its stdin is closed, so
that it does not outlive the server; killed at any moment it leaves the index whole.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from index.build import build, edit, remove
from index.config import IndexSettings
from index.errors import YoujuError
from index.report import BuildReport

NICENESS = 5


def main() -> int:
    """Carry out the order; return 0 when it is done, 2 when it failed."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    os.nice(NICENESS)
    try:
        report = _done(order)
    except YoujuError as error:
        tell(error=error.line())
        return 2
    except (OSError, ValueError) as error:
        tell(error=f"更新索引失败：{type(error).__name__}: {error}")
        return 2
    tell(report=report)
    return 0


def tell(**what: object) -> None:
    """Write one line for the server."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _done(order: dict[str, Any]) -> dict[str, Any]:
    folder = Path(order["folder"])
    if order["kind"] == "remove":
        report = remove(order["names"], folder)
    elif order["kind"] == "edit":
        report = edit(order["names"][0], order["values"], folder)
    else:
        settings = IndexSettings.model_validate(order["settings"])
        report = build([Path(p) for p in order["names"]], folder, settings, lambda key: tell(at=key))
    made: dict[str, Any] = json.loads(report.to_json())
    return made


def report_of(told: dict[str, Any]) -> BuildReport:
    """Return the report that the child process told."""
    skipped = tuple((each["file"], each["reason"]) for each in told["skipped"])
    lists = {name: tuple(told[name]) for name in ("added", "updated", "unchanged", "removed")}
    return BuildReport(**{**told, **lists, "skipped": skipped})


def _end_with_the_server() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
