"""The library page: documents, storage, health, and how a change goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from index.errors import YoujuError
from index.report import BuildReport
from index.store.tables import DocumentEntry
from rag.access import Who
from ui_parts.seams import Host, Progress, sees
from ui_parts.templating import render, words

SHOWN = 200
"""Documents listed at once; a search finds the others."""
EDITABLE = ("title", "number", "issuers", "date", "region", "level", "status")


def shelf_html(host: Host, who: Who, language: str, search: str = "") -> str:
    """Return the documents that fit the search words, with the figures of index and storage."""
    try:
        library = host.qa().library
    except YoujuError as error:
        nothing = {"entries": [], "total": 0, "health": None}
        return render("shelf.html", language, problem=error.line(), editor=_edits(who), **nothing)
    seen = sees(who, library)
    entries = [e for e in library.documents() if (seen is None or e.file in seen) and _fits(e, search)]
    return render(
        "shelf.html",
        language,
        problem="",
        entries=[(entry, row_values(entry)) for entry in entries[:SHOWN]],
        total=len(entries),
        health=host.health(),
        editor=_edits(who),
    )


def row_values(entry: DocumentEntry) -> dict[str, str]:
    """Return what the form for a document's info is filled with."""
    values = asdict(entry.info)
    return {name: "、".join(values[name]) if name == "issuers" else values[name] for name in EDITABLE}


def progress_values(progress: Progress, names: Sequence[str], language: str) -> dict[str, Any]:
    """Return how a change goes: {state, line, files: [{name, state, words}]} for the named files."""
    w = words()[language]
    report = progress.report
    files = [{"name": name, **_outcome(name, progress, report, w)} for name in names]
    line = progress.error
    if progress.state == "done" and report is not None:
        line = w["changed"].format(
            added=len(report.added), updated=len(report.updated), unchanged=len(report.unchanged),
            removed=len(report.removed), skipped=len(report.skipped), seconds=f"{report.seconds:.1f}",
        )  # fmt: skip
    elif progress.state == "running":
        line = w["reading"].format(name=progress.at) if progress.at else w["rebuilding"]
    more = [{"name": f, "state": "skipped", "words": r} for f, r in report.skipped if f not in names] if report else []
    return {"state": progress.state, "line": line, "files": files + more}


def _outcome(name: str, progress: Progress, report: BuildReport | None, w: Any) -> dict[str, str]:  # noqa: ANN401
    if report is None:
        state = "reading" if progress.at == name else "failed" if progress.state == "failed" else "waiting"
        return {"state": state, "words": w[f"file_{state}"]}
    skipped = dict(report.skipped)
    if name in skipped:
        return {"state": "skipped", "words": w["file_skipped"].format(reason=skipped[name])}
    lists = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged, "removed": report.removed}
    state = next((kind for kind, files in lists.items() if any(f.rpartition("/")[2] == name for f in files)), "")
    return {"state": state or "skipped", "words": w[f"file_{state}"] if state else w["file_unknown"]}


def _edits(who: Who) -> bool:
    return who.may("editor")


def _fits(entry: DocumentEntry, search: str) -> bool:
    about = " ".join((entry.file, entry.info.title, entry.info.number, *entry.info.issuers, entry.info.region)).lower()
    return all(word in about for word in search.lower().split())
