"""How many documents of a library name a document: what the others build on is likelier to be what answers.

A law that others refer to governs more of life than one that nobody mentions, as a page that others link to does
(Kleinberg 1999). Counted from the word index as it stands, when a document is first asked for: nothing is stored.
"""

from __future__ import annotations

import re
from functools import reduce
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from index.collection import Collection
from index.text import fold, tokens

MANY = 99
"""So many documents that name one say all that can be said for it."""
_ARTICLE = re.compile("第[一二三四五六七八九十百千零〇0-9]+条(?:之[一二三四五六七八九十])?$")
_NOISE = re.compile("中华人民共和国|[（(][^（()）]*[)）]|[《》〈〉\\s]")
_KINDS = "法|法典|条例|办法|规定|细则|规则|准则|章程|制度|解释|决定|决议|意见|通知|方案|规划|计划|纲要|目录|名录|标准|规范|指南"
_OFFICIAL = re.compile(f"(?!(?:有关|相关|其他)?(?:{_KINDS})$).+(?:{_KINDS})$")


class Named:
    """The documents of a collection by name, and by how many documents of other names each name is said."""

    def __init__(self, library: Collection) -> None:
        entries = sorted((entry for entry in library.documents() if entry.passages), key=lambda entry: entry.first)
        numbers: dict[str, int] = {}
        names = [name_of(entry.info.title) for entry in entries]
        keys = [name or f"\0{entry.file}" for name, entry in zip(names, entries, strict=True)]
        self._firsts = np.array([entry.first for entry in entries], dtype=np.int64)
        self._owners = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
        self._names = ["" if key.startswith("\0") else key for key in numbers]
        self._counts: dict[int, int] = {}

    def shares(self, rows: NDArray[np.int64], library: Collection) -> NDArray[np.float64]:
        """Return for each row the logarithm of how many other documents name its document, ``MANY`` or more as 1."""
        owners, places = np.unique(self._owner_of(rows), return_inverse=True)
        counts = np.array([self._count(int(owner), library) for owner in owners], dtype=np.float64)
        return np.asarray(np.minimum(np.log1p(counts) / np.log1p(MANY), 1.0)[places])

    def _count(self, owner: int, library: Collection) -> int:
        """Return how many documents of another name say this one's; 0 for one without an official name."""
        name = self._names[owner]
        if name and owner not in self._counts:
            saying = np.unique(self._owner_of(_saying(name, library)))
            self._counts[owner] = int((saying != owner).sum())
        return self._counts.get(owner, 0)

    def _owner_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._owners[np.searchsorted(self._firsts, rows, side="right") - 1]


def name_of(title: str) -> str:
    """Return the name that other documents would use: no state, notes, article; "" where it is no official one."""
    name = _ARTICLE.sub("", _NOISE.sub("", fold(title)))
    return name if _OFFICIAL.match(name) else ""


def _saying(name: str, library: Collection) -> NDArray[np.int64]:
    """Return the rows that hold every pair of the name's characters, in their text or context."""
    pairs = sorted({t for t in tokens(name) if len(t) > 1}, key=lambda t: (-library.lexical.idf(t), t))
    if not pairs:
        return np.zeros(0, dtype=np.int64)
    start = library.lexical.postings(pairs[0])[0].astype(np.int64)
    return reduce(lambda rows, pair: rows[library.lexical.holds(pair, rows)], pairs[1:], start)


_NAMED: WeakKeyDictionary[Collection, Named] = WeakKeyDictionary()


def named_in(library: Collection) -> Named:
    """Return the names of a collection; they are read once and go with it."""
    held = _NAMED.get(library)
    if held is None:
        held = _NAMED[library] = Named(library)
    return held
