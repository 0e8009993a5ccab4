"""Which documents a reader limits the search to: by file, region, level, year, status."""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from index.store import Library
from index.store.tables import DocumentEntry

KINDS = ("files", "regions", "levels", "years", "statuses")


class Limits(BaseModel):
    """The choices of each kind; none: no limit of that kind. Kinds add up, choices of one kind stand side by side."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: list[str] = Field([], max_length=500)
    regions: list[str] = Field([], max_length=100)
    levels: list[str] = Field([], max_length=100)
    years: list[str] = Field([], max_length=100)
    statuses: list[str] = Field([], max_length=100)


def limited(limits: Limits, library: Library, seen: frozenset[str] | None) -> frozenset[str] | None:
    """Return the documents that a question is answered from, None for all: within the limits and visible."""
    wanted = {kind: set(getattr(limits, kind)) for kind in KINDS}
    if not any(wanted.values()):
        return seen
    entries = library.documents()
    fits = (e.file for e in entries if all(not wanted[k] or _value(e, k) in wanted[k] for k in KINDS))
    return frozenset(f for f in fits if seen is None or f in seen)


def choices(library: Library, seen: frozenset[str] | None) -> dict[str, list[tuple[str, str, int]]]:
    """Return what can be chosen: kind -> (value, words for it, number of documents), most documents first."""
    entries = [e for e in library.documents() if seen is None or e.file in seen]
    found: dict[str, list[tuple[str, str, int]]] = {"files": [(e.file, e.info.title or e.file, 1) for e in entries]}
    for kind in KINDS[1:]:
        counted = Counter(value for e in entries if (value := _value(e, kind)))
        order = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        found[kind] = [(value, value, count) for value, count in order]
    found["years"].sort(reverse=True)
    return found


def named(limits: Limits, library: Library) -> str:
    """Return the limits in words, for the reader; "" for none."""
    titles = {e.file: e.info.title or e.file for e in library.documents()}
    parts = [titles.get(file, file) for file in limits.files]
    parts += [value for kind in KINDS[1:] for value in getattr(limits, kind)]
    return "、".join(parts[:8]) + ("…" if len(parts) > 8 else "")


def _value(entry: DocumentEntry, kind: str) -> str:
    info = entry.info
    found = {"files": entry.file, "regions": info.region, "levels": info.level, "years": info.date[:4]}
    return found.get(kind, info.status)
