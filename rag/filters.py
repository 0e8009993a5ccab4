"""A reader's choice of documents by what they say about themselves: file, region, level, year, status, 文号."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields

from index.collection import Collection
from index.store import DocumentEntry
from index.text import key

UNSTATED = "未注明"
"""Choice of the documents that say nothing of the kind."""
_BRACKETS = re.compile(r"[〔〕\[\]()【】]|第(?=\d)")


@dataclass(frozen=True, slots=True)
class Filter:
    """What documents to keep: of each field that is not empty, one of its values. Empty: every document.

    ``files`` are document keys; ``years`` are years of issue ("2021"). Width, case and the brackets of a 文号 do not
    matter. ``UNSTATED`` in a field keeps the documents that leave it open.
    """

    files: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def files_of(self, library: Collection) -> frozenset[str] | None:
        """Return the keys of the documents that the filter keeps, for ``Question.only``; None: no limit is set."""
        asked = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}
        if not asked:
            return None
        files = frozenset(asked.pop("files", ()))
        wanted = {name: frozenset(map(_plain, values)) for name, values in asked.items()}
        return frozenset(
            entry.file
            for entry in library.documents()
            if (not self.files or entry.file in files)
            and all(not wanted[name].isdisjoint(map(_plain, _said(entry, name))) for name in wanted)
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter can choose from in a library. ``files`` pairs a document's key with its title, or its key again.

    A field in which no document says anything offers nothing; ``UNSTATED`` stands last where some do not.
    """

    files: tuple[tuple[str, str], ...] = ()
    regions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def values_of(library: Collection) -> Choices:
    """Return the values that occur in a library: the nation first, then by name; the latest year first."""
    documents = library.documents()
    return Choices(
        tuple((entry.file, entry.info.title or entry.file) for entry in documents),
        *(_choices(name, documents) for name in _FIELDS),
    )


def _choices(name: str, documents: Iterable[DocumentEntry]) -> tuple[str, ...]:
    found = {value for entry in documents for value in _said(entry, name)}
    stated = sorted(found - {UNSTATED}, reverse=name == "years")
    stated.sort(key=lambda value: _FIRST.get(value, len(_FIRST)))
    return (*stated, *(found & {UNSTATED})) if stated else ()


_FIRST = {value: at for at, value in enumerate(("全国", "国家级", "省级", "市级", "县级"))}
_FIELDS: Mapping[str, Callable[[DocumentEntry], Iterable[str]]] = {
    # A document that a province forwards has both regions: "山西省、全国".
    "regions": lambda entry: entry.info.region.split("、"),
    "levels": lambda entry: entry.info.level.split("、"),
    "years": lambda entry: (entry.info.date[:4],),
    "statuses": lambda entry: (entry.info.status,),
    "numbers": lambda entry: entry.info.numbers or (entry.info.number,),
}


def _said(entry: DocumentEntry, name: str) -> tuple[str, ...]:
    """Return what a document says of a field, ``UNSTATED`` where nothing."""
    return tuple(value for value in _FIELDS[name](entry) if value) or (UNSTATED,)


def _plain(value: str) -> str:
    return _BRACKETS.sub("", key(value))
