"""A text prepared for comparing: its figures masked, so that the words around two figures can be matched.

The *skeleton* of a text has each figure as one ``#`` and no white space, so 13.5% and 百分之十三点五 leave the same
words around them. ``Place.likeness`` measures how far two figures stand in the same words; 提高 and 降低 count as
one word there, so that a turned statement is compared with its own source and not with another place.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rag.figures import Figure, figures
from rag.numerals import plain
from rag.polarity import mask

_LEFT, _RIGHT = 26, 16
_SPACE = re.compile(r"\s+|<[^<>]{1,60}>|[$*]")
_END = re.compile("[。！？!?；;\t|\x1e]")
_ROW = re.compile(r"\n(?=[ \u3000]*(?:\||\d{1,3}\t))")
"""A new row of a table: a numbered line with tabs, a line of a Markdown table; \\x1e in the skeleton."""
_STOP = frozenset("的了在为是和与及等到达至约共将以对于从由其中")
_CJK_PAIR = re.compile(r"(?=([\u4e00-\u9fffA-Za-z]{2}))")


@lru_cache(maxsize=1 << 15)
def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters of a text, without those of function words alone."""
    return frozenset(p for p in _CJK_PAIR.findall(text) if p[0] not in _STOP and p[1] not in _STOP)


@dataclass(frozen=True, slots=True)
class Place:
    """A figure and where it stands in its text's skeleton."""

    figure: Figure
    at: int
    left: str
    right: str
    before: str

    def likeness(self, other: Place) -> float:
        """Return 0..2: shared neighbouring letters of both windows, and how far the words agree outwards."""
        mine = pairs(self.left) | pairs(self.right)
        theirs = pairs(other.left) | pairs(other.right)
        shared = len(mine & theirs) / len(mine) if mine else 0.0
        before = _common(self.left[::-1], other.left[::-1], 14)
        after = _common(self.right, other.right, 8)
        return shared + (before + after) / 22


def _common(a: str, b: str, most: int) -> int:
    size = 0
    for x, y in zip(a[:most], b[:most], strict=False):
        if x != y:
            break
        size += 1
    return size


@dataclass(frozen=True, slots=True)
class Evidence:
    """One text: skeleton, places of its figures in order, counts of its letter pairs."""

    skeleton: str
    places: tuple[Place, ...]
    counts: Counter[str]
    text: str
    rows: tuple[frozenset[str], ...]

    def row(self, at: int) -> frozenset[str]:
        """Return the letter pairs of the table row around a position; of the whole text where it has no rows."""
        return self.rows[self.row_number(at)]

    def row_number(self, at: int) -> int:
        """Return the number of the table row around a position."""
        return self.skeleton.count("\x1e", 0, at)

    def sentence(self, at: int) -> str:
        """Return the sentence of the skeleton around a position."""
        start, end = self.bounds(at)
        return self.skeleton[start:end]

    def bounds(self, at: int) -> tuple[int, int]:
        """Return the range of the sentence around a position, at most 300 characters each way."""
        start, end = max(0, at - 300), min(len(self.skeleton), at + 300)
        for match in _END.finditer(self.skeleton, start, at):
            start = match.end()
        match_end = _END.search(self.skeleton, at, end)
        return start, match_end.start() if match_end else end


@lru_cache(maxsize=512)
def evidence(text: str) -> Evidence:
    """Prepare a text; cached, because one source serves many claims."""
    flat = _ROW.sub("\x1e", plain(text))
    parts: list[str] = []
    spots: list[int] = []
    size = at = 0
    found = figures(text)
    for figure in found:
        words = _SPACE.sub(_keep_tab, flat[at : figure.start])
        parts += [words, "#"]
        spots.append(size + len(words))
        size += len(words) + 1
        at = figure.end
    parts.append(_SPACE.sub(_keep_tab, flat[at:]))
    skeleton = "".join(parts)
    places = tuple(
        Place(figure, spot, mask(skeleton[max(0, spot - _LEFT) : spot]), mask(skeleton[spot + 1 : spot + 1 + _RIGHT]),
              _before(skeleton, spot))
        for figure, spot in zip(found, spots, strict=True)
    )  # fmt: skip
    rows = tuple(pairs(row) for row in skeleton.split("\x1e"))
    return Evidence(skeleton, places, Counter(_CJK_PAIR.findall(skeleton)), flat, rows)


@lru_cache(maxsize=512)
def worded(text: str) -> dict[str, list[tuple[Place, ...]]]:
    """Return the figures of each sentence of a text by its words: "处##罚款" -> [(1万元以上, 5万元以下), ...]."""
    prepared = evidence(text)
    found: dict[str, list[tuple[Place, ...]]] = {}
    at = number = 0
    for words in _END.split(prepared.skeleton):
        end = at + len(words)
        inside = []
        while number < len(prepared.places) and prepared.places[number].at < end:
            inside.append(prepared.places[number])
            number += 1
        if len(inside) > 1:
            found.setdefault(mask(words), []).append(tuple(inside))
        at = end + 1
    return found


def _keep_tab(match: re.Match[str]) -> str:
    return "\x1e" if "\x1e" in match.group() else "\t" if "\t" in match.group() else ""


_COMMA = re.compile("[，,。；;：:、！？\t（()）\x1e]")


def _before(skeleton: str, at: int) -> str:
    """Return the words of the clause in front of a position."""
    start = max(0, at - 40)
    for match in _COMMA.finditer(skeleton, start, at):
        start = match.end()
    return skeleton[start:at]
