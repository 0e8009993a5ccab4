"""Does a claim speak of the table row (or the quote) that its figure stands in, and of its year?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from rag.evidence import Evidence, Place, pairs
from rag.figures import rival

MARGIN = 0.5
"""How many more of the telling words another row must hold than the figure's own."""
HEAD_MARGIN = 0.4
_CLAUSE_END = re.compile("[：:，,]")
_COMPARED = re.compile("[比较]|不同|除|以外")


class Subject:
    """The words of a claim that tell rows apart, weighed once for all its figures."""

    def __init__(self, claim: Evidence, sources: Sequence[Evidence]) -> None:
        self.claim = claim
        self.sources = sources
        self.count = sum(len(text.rows) for text in sources)

    @cached_property
    def weights(self) -> dict[str, float]:
        """Weight of each letter pair: one over the number of rows that hold it, none for common pairs."""
        rows = [row for text in self.sources for row in text.rows]
        most = max(1, len(rows) // 2)
        found = {w: sum(w in row for row in rows) for w in pairs(self.claim.skeleton)}
        return {w: 1.0 / n for w, n in found.items() if 0 < n <= most}

    @cached_property
    def best(self) -> float:
        """Weight of the row that holds most of the telling words."""
        return max(self._held(row) for text in self.sources for row in text.rows)

    def _held(self, row: frozenset[str]) -> float:
        return sum(weight for word, weight in self.weights.items() if word in row)

    def elsewhere(self, place: Place, other: Place, source: Evidence) -> str:
        """Return the reason where the claim's words point to another row than that of the source figure, or ""."""
        if self.count < 2:
            return ""
        row = source.row(other.at)
        total = sum(self.weights.values())
        if (total and (self.best - self._held(row)) / total > MARGIN) or self._other_head(place, row, source):
            return f"“{place.figure.text}”在原文中说的是另一对象"
        return ""

    @cached_property
    def head(self) -> frozenset[str]:
        """The words that open the claim: "name of the row：...", or its first clause if that holds no figure."""
        text = self.claim.skeleton
        colon = re.match(r"[^：:，,。；]{2,60}[：:]", text)
        if colon:
            return pairs(colon.group())
        first = self.claim.places[0].at
        mark = _CLAUSE_END.search(text, 0, first)
        return frozenset() if mark is None or _COMPARED.search(text, 0, mark.start()) else pairs(text[: mark.start()])

    @cached_property
    def heads(self) -> list[tuple[Evidence, int, float]]:
        """Rows that hold most of the opening words: (source, number of the row, share)."""
        if len(self.head) < 3:
            return []
        numbered = ((text, i, row) for text in self.sources for i, row in enumerate(text.rows))
        shares = ((text, i, len(self.head & row) / len(self.head)) for text, i, row in numbered)
        return [item for item in shares if item[2] >= 0.75]

    def _other_head(self, place: Place, row: frozenset[str], source: Evidence) -> bool:
        """Whether the opening words name another row.

        In a table any other row counts; among several quotes only one that holds a figure of the same unit, since a
        heading may well stand in a quote of its own.
        """
        if not self.heads:
            return False
        here = len(self.head & row) / len(self.head)
        for text, number, share in self.heads:
            if share - here < HEAD_MARGIN:
                continue
            if text is source and len(text.rows) > 1:
                return True
            if any(rival(place.figure, p.figure) for p in text.places if text.row_number(p.at) == number):
                return True
        return False


def years_in(text: Evidence, start: int, end: int) -> list[str]:
    """Return the years of the dates in a range of the skeleton."""
    dates = (p.figure.key for p in text.places if p.figure.kind == "date" and start <= p.at < end)
    return [date[:4] for date in dates if date[:4].isdigit()]


_LEADS = re.compile(r"(?:到|截至|截止|至|自|从|^|[。！？；;：:\t])[“”\"（(]?$")


def leading_year(text: Evidence, other: Place) -> str:
    """Return the last year in front of a place that opens a sentence or stands after 到 (not 为2030年…奠定基础)."""
    start = text.skeleton.rfind("\x1e", 0, other.at) + 1
    dates = [
        p for p in text.places if p.figure.kind == "date" and start <= p.at < other.at and p.figure.key[:4].isdigit()
    ]
    leads = [p.figure.key[:4] for p in dates if _LEADS.search(p.left)]
    return leads[-1] if leads else ""


def _year(place: Place, text: Evidence) -> str:
    """Return the one year that the sentence of the place states, or ""."""
    start, end = text.bounds(place.at)
    years = set(years_in(text, start, end))
    return years.pop() if len(years) == 1 else ""


def other_year(place: Place, other: Place, claim: Evidence, source: Evidence) -> str:
    """Return the year of the source's sentence where both sentences state one year and not the same, or ""."""
    mine, theirs = _year(place, claim), _year(other, source)
    return theirs if mine and theirs and mine != theirs else ""
