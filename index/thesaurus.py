"""Synonym groups from ``index/lexicon/*.tsv``. They widen queries; documents stay as printed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.errors import InputError
from index.text import fold, simplify

LEXICON = Path(__file__).parent / "lexicon"
_LONGEST = 24
MAX_WIDER = 4
"""Wordings taken of a group that names a term as related: its canonical and the first variants."""
_han = re.compile("[\u4e00-\u9fff]+").fullmatch


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a lexicon: terms that mean the same, and terms that are near."""

    kind: str
    canonical: str
    terms: tuple[str, ...]
    related: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A term of the text at ``[start, end)`` of its folded form, with other words for it.

    ``kinds`` are those of the groups it stands in; ``same`` interchangeable terms, ``near`` related ones, both
    those that its groups name and those of groups that name it.
    """

    term: str
    start: int
    end: int
    kinds: tuple[str, ...]
    same: tuple[str, ...]
    near: tuple[str, ...]


class Thesaurus:
    """Finds known terms in a text by longest match; Latin terms match whole words only."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups = tuple(groups)
        self._places: dict[str, list[int]] = {}
        self._wider: dict[str, list[int]] = {}
        for number, group in enumerate(self._groups):
            for term in group.terms:
                self._places.setdefault(term, []).append(number)
            for term in group.related:
                self._wider.setdefault(term, []).append(number)

    def __len__(self) -> int:
        return len(self._groups)

    def groups(self) -> tuple[Group, ...]:
        """Return all groups in the order of their files."""
        return self._groups

    @classmethod
    def read(cls, folder: Path = LEXICON) -> Thesaurus:
        """Read every ``*.tsv`` of the folder.

        Raises:
            InputError: a line has fewer than three columns; the message names file and line.
        """
        groups: list[Group] = []
        for path in sorted(folder.glob("*.tsv")):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if line.strip() and not line.startswith("#"):
                    groups.append(_group(line, f"{path.name}:{number}"))
        return cls(groups)

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """Return the known terms of the text, left to right, longest first, without overlaps."""
        folded = fold(text)
        found: list[Expansion] = []
        at = 0
        while at < len(folded):
            end = self._longest(folded, at)
            if end:
                found.append(self._expansion(folded[at:end], at, end))
            at = end or at + 1
        return tuple(found)

    def _longest(self, folded: str, at: int) -> int:
        for end in range(min(len(folded), at + _LONGEST), at + 1, -1):
            if folded[at:end] in self._places and _whole(folded, at, end):
                return end
        return 0

    def _expansion(self, term: str, start: int, end: int) -> Expansion:
        groups = [self._groups[n] for n in self._places[term]]
        same = dict.fromkeys(t for g in groups for t in g.terms if t != term)
        near = dict.fromkeys(t for g in groups for t in g.related if t != term and t not in same)
        wider = (self._groups[n] for t in (term, *same) for n in self._wider.get(t, ()))
        near.update(dict.fromkeys(t for g in wider for t in g.terms[:MAX_WIDER] if t != term and t not in same))
        return Expansion(term, start, end, tuple(g.kind for g in groups), tuple(same), tuple(near))


def _whole(text: str, start: int, end: int) -> bool:
    """A Latin term must not continue into a longer Latin word on either side."""
    left = start > 0 and _latin(text[start]) and _latin(text[start - 1])
    right = end < len(text) and _latin(text[end - 1]) and _latin(text[end])
    return not (left or right)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _group(line: str, place: str) -> Group:
    columns = line.split("\t")
    if len(columns) < 3:
        raise InputError(f"词表 {place} 少于三列", "格式：类别<TAB>规范词<TAB>同义词|同义词<TAB>相关词|相关词")
    kind, canonical, variants = columns[0], _cheap_fold(columns[1]), columns[2]
    related = columns[3] if len(columns) > 3 else ""
    terms = dict.fromkeys([canonical, *(_cheap_fold(v) for v in variants.split("|"))])
    near = dict.fromkeys(_cheap_fold(r) for r in related.split("|"))
    return Group(kind, canonical, tuple(t for t in terms if len(t) > 1), tuple(t for t in near if len(t) > 1))


def _cheap_fold(term: str) -> str:
    """Like ``fold`` for the short clean terms of a lexicon, an order of magnitude faster."""
    term = term.strip()
    if _han(term):
        return simplify(term)
    return term.lower() if term.isascii() else fold(term)


@cache
def default_thesaurus() -> Thesaurus:
    """The shipped lexicon, read once a process."""
    return Thesaurus.read()
