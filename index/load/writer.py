"""Builds the raw text and marks of the formats whose raw is our own production."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.types import Mark, MarkKind

_SURROGATE = re.compile("[\ud800-\udfff]")
_ORDER: dict[MarkKind, int] = {"sheet": 0, "page": 1, "table": 2, "row": 3, "paragraph": 4, "cell": 5}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader returns: the text and what it knows about ranges of it."""

    raw: str
    marks: tuple[Mark, ...] = ()


def column(number: int) -> str:
    """Return the letters of a column counted from 1: 1 -> "A", 28 -> "AB"."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def one_line(text: str) -> str:
    """Return the text with every run of white space, line breaks and tabs included, as one space."""
    return " ".join(text.split())


def _trimmed(mark: Mark, raw: str) -> Mark:
    """Return the mark without line ends before its first character."""
    start = mark.start
    while start < mark.end and raw[start] == "\n":
        start += 1
    return mark if start == mark.start else replace(mark, start=start)


class Writer:
    """Appends paragraphs and tables and remembers where they came to stand."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._marks: list[Mark] = []
        self._newlines = 2
        self._paragraphs = 0
        self._tables = 0
        self._after_table = False
        self.at = 0

    def add(self, text: str) -> None:
        """Append text as it is."""
        if not text:
            return
        text = _SURROGATE.sub("\ufffd", text)
        self._parts.append(text)
        self.at += len(text)
        tail = len(text) - len(text.rstrip("\n"))
        self._newlines = tail + self._newlines if tail == len(text) else tail

    def end_line(self, blank: bool = False) -> None:
        """Make sure that the next text starts on a new line; with ``blank``, or after a table, after an empty one."""
        blank = blank or self._after_table
        self._after_table = False
        if self.at:
            self.add("\n" * max(0, (2 if blank else 1) - self._newlines))

    def mark(self, start: int, kind: MarkKind, label: str = "") -> None:
        """Mark what was appended since ``start``."""
        self._marks.append(Mark(start, self.at, kind, label))

    def paragraph(self, text: str, *, prefix: str = "", blank: bool = True) -> None:
        """Append a paragraph on lines of its own; its mark leaves the prefix ("# ", an automatic number) out."""
        self.end_line(blank)
        self.add(prefix)
        start = self.at
        self.add(text)
        self._paragraphs += 1
        self.mark(start, "paragraph", str(self._paragraphs))

    def table(self, rows: Iterable[tuple[int, Sequence[str]]], label: str = "", *, joined: bool = False) -> None:
        """Append a table: (row number, cells) a line, tabs between cells, empty rows left out.

        ``joined``: these are more rows of the table that was appended just before.
        """
        if joined and self._after_table:
            self._after_table = False
            self.end_line()
            before = next(mark for mark in reversed(self._marks) if mark.kind == "table")
            self._marks.remove(before)
            start, label = before.start, before.label
        else:
            self.end_line(blank=True)
            start = self.at
        for number, cells in rows:
            self._row(number, [one_line(cell) for cell in cells])
        if self.at > start:
            self._tables += not joined
            self.mark(start, "table", label or str(self._tables))
            self._after_table = True

    def _row(self, number: int, cells: list[str]) -> None:
        if not any(cells):
            return
        self.end_line()
        start = self.at
        for position, cell in enumerate(cells, 1):
            if position > 1:
                self.add("\t")
            if cell:
                here = self.at
                self.add(cell)
                self.mark(here, "cell", f"{column(position)}{number}")
        self.mark(start, "row", str(number))

    def draft(self) -> Draft:
        """Return the text and the marks in reading order, outer before inner."""
        if self.at and not self._newlines:
            self.add("\n")
        raw = "".join(self._parts)
        marks = sorted((_trimmed(mark, raw) for mark in self._marks), key=lambda m: (m.start, -m.end, _ORDER[m.kind]))
        return Draft(raw, tuple(marks))
