"""Which documents a reader limits the search to, as the browser sends it; what there is to choose from."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, Field

from index.store import Library
from index.view import View
from rag.filters import UNSTATED, Filter, values_of

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
    wanted = Filter(**{kind: tuple(getattr(limits, kind)) for kind in KINDS}).files_of(library)
    if wanted is None or seen is None:
        return seen if wanted is None else wanted
    return wanted & seen


def choices(library: Library, seen: frozenset[str] | None) -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen: kind -> (value, words for it); a kind without a choice is left out."""
    found = asdict(values_of(library if seen is None else View(library, seen)))
    pairs = {"files": list(found["files"])}
    pairs.update({kind: [(value, value) for value in found[kind]] for kind in KINDS[1:]})
    return {kind: values for kind, values in pairs.items() if [v for v, _ in values if v != UNSTATED]}


def named(limits: Limits, library: Library) -> str:
    """Return the limits in words, for the reader; "" for none."""
    titles = {e.file: e.info.title or e.file for e in library.documents()}
    parts = [titles.get(file, file) for file in limits.files]
    parts += [value for kind in KINDS[1:] for value in getattr(limits, kind)]
    return "、".join(parts[:8]) + ("…" if len(parts) > 8 else "")
