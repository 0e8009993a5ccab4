"""What a library calls things: titles, record names and applicants, headings. For typos and follow-ups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from weakref import WeakKeyDictionary

from index.collection import Collection
from index.text import key
from index.view import View

WINDOW = 4
"""A typo is looked for in stretches of so many characters, one of which may be wrong."""
RARE = 3
MAX_NAMES = 60_000
KEPT_NAMES = 250_000
"""Names of a library's documents that stay in memory for all views of it."""
_SHORT = 45


class Names:
    """The names of a library, folded. Built on first use and kept."""

    def __init__(self, library: Collection) -> None:
        self._library = library
        self._names: tuple[str, ...] | None = None
        self._entries: tuple[str, ...] | None = None
        self._patterns: dict[str, str] | None = None

    def known(self, text: str) -> bool:
        """Whether the text (two characters or more) stands in a name."""
        wanted = key(text)
        return len(wanted) > 1 and any(wanted in name for name in self._all())

    def rare(self, text: str) -> bool:
        """Whether the text tells entries apart: one to ``RARE`` names hold it.

        Two characters count only in titles, record names and the like; three also in headings.
        """
        wanted = key(text)
        if len(wanted) < 2 or any(ord(char) < 0x3400 for char in wanted):
            return False
        pool = self._all() if len(wanted) > 2 else self._entry_names()
        return 0 < sum(wanted in name for name in pool) <= RARE

    def repair(self, text: str, seen: Callable[[str], bool]) -> str:
        """Return the folded text with stretches that miss a name by one character put right.

        ``seen`` tells whether the library holds a pair of characters: only stretches with an unseen pair are tried.
        """
        for at in range(len(text) - WINDOW + 1):
            window = text[at : at + WINDOW]
            for i in range(1, WINDOW - 1):
                if not _odd_one(window, i, seen):
                    continue
                right = self._by_pattern().get(f"{window[:i]}\0{window[i + 1 :]}", window)
                text = text[:at] + right + text[at + WINDOW :]
                break
        return text

    def _all(self) -> tuple[str, ...]:
        if self._names is None:
            found: dict[str, None] = {}
            for name in _read(self._library):
                found.setdefault(name)
                if len(found) >= MAX_NAMES:
                    break
            self._names = tuple(found)
        return self._names

    def _entry_names(self) -> tuple[str, ...]:
        if self._entries is None:
            self._entries = tuple(dict.fromkeys(_entries(self._library)))
        return self._entries

    def _by_pattern(self) -> dict[str, str]:
        if self._patterns is None:
            patterns: dict[str, str] = {}
            for name in self._entry_names():
                for at in range(len(name) - WINDOW + 1):
                    for pattern in _holes(name[at : at + WINDOW]):
                        patterns.setdefault(pattern, name[at : at + WINDOW])
            self._patterns = patterns
        return self._patterns


def _odd_one(window: str, i: int, seen: Callable[[str], bool]) -> bool:
    """Whether the i-th character makes every pair that it stands in unseen, and no other pair is unseen."""
    if any(ord(char) < 0x3400 for char in window):
        return False
    return all(seen(window[k : k + 2]) == (i not in (k, k + 1)) for k in range(WINDOW - 1))


def _holes(window: str) -> Iterator[str]:
    """Yield the window with each of its inner characters left out in turn; both ends must be right."""
    if any(ord(char) < 0x3400 for char in window):
        return
    for i in range(1, len(window) - 1):
        yield f"{window[:i]}\0{window[i + 1 :]}"


def _entries(library: Collection) -> Iterator[str]:
    """Yield document titles, record names and what else identifies a record."""
    shelf = _shelf_of(library)
    for entry in library.documents():
        yield key(entry.info.title)
        if entry.records:
            yield from shelf.names(entry.file, "records", partial(_of_records, library, entry.file))


def _read(library: Collection) -> Iterator[str]:
    yield from _entries(library)
    shelf = _shelf_of(library)
    for entry in library.documents():
        yield from shelf.names(entry.file, "blocks", partial(_of_blocks, library, entry.file))


def _of_records(library: Collection, file: str) -> Iterator[str]:
    for record in library.records(file):
        yield key(record.name)
        yield from (key(f.text) for f in record.fields[:4] if 1 < len(f.text) <= _SHORT)


def _of_blocks(library: Collection, file: str) -> Iterator[str]:
    for block in library.blocks(file):
        if block.lead or block.kind == "heading":
            yield key(block.lead or block.text)


class _Shelf:
    """The names in each document of a library, read once for the library and all its views."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[str, ...]] = {}
        self._room = KEPT_NAMES

    def names(self, file: str, kind: str, read: Callable[[], Iterator[str]]) -> tuple[str, ...]:
        """Return the names of a kind in a document."""
        held = self._held.get((file, kind))
        if held is None:
            held = tuple(dict.fromkeys(read()))
            if self._room > 0:
                self._room -= len(held)
                self._held[file, kind] = held
        return held


_SHELVES: WeakKeyDictionary[Collection, _Shelf] = WeakKeyDictionary()


def _shelf_of(library: Collection) -> _Shelf:
    while isinstance(library, View):
        library = library.base
    return _SHELVES.setdefault(library, _Shelf())
