"""Finds the lines of a table of contents, so that it is not taken for content."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.joins import ends_sentence
from index.structure.signs import is_toc_entry, is_toc_title

_LONGEST = 400
_DOTTED = re.compile(r"(?:[.…·．]\s*){4,}\d{1,3}$")


def contents(texts: Sequence[str]) -> frozenset[int]:
    """Return the positions of the lines that belong to a table of contents (its title among them)."""
    found: set[int] = set()
    for i, text in enumerate(texts):
        if is_toc_title(text) and i not in found:
            found.update(range(i, _end(texts, i)))
    dotted = [i for i, text in enumerate(texts) if len(text) <= 200 and _DOTTED.search(text)]
    return frozenset(found | set(dotted if len(dotted) >= 3 else []))


def _end(texts: Sequence[str], title: int) -> int:
    """Return the position behind the last entry: where the first entry comes again, as the body's first heading."""
    first = _key(texts[title + 1]) if title + 1 < len(texts) else ""
    last = title + 1
    for i in range(title + 1, min(len(texts), title + _LONGEST)):
        if i > title + 1 and first and _key(texts[i]) == first:
            return i
        if len(texts[i]) > 90 or ends_sentence(texts[i]):
            break
        if is_toc_entry(texts[i]):
            last = i + 1
    return last


def _key(text: str) -> str:
    return re.sub(r"[\s.…·．]+|\d{1,3}$", "", text[:120])
