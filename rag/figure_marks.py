"""Figures that are no quantities: dates, 文号, ordinals, scores, telephone numbers, names with digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from rag import figure_patterns as P
from rag.figure import Figure, Kind, comparator_before, date_key
from rag.numerals import HAN, parse_arabic, parse_han, plain

_SUBSCRIPT = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
# Words in front of a 文号 that are not part of its issuer's short name.
_LEAD = re.compile(
    r"^.*(?:按照|根据|依据|关于|印发|文件|转发|通过|遵照|执行|文号|编号|为|由|见|的|和|及|与|以|是|了|\s(?=..))"
)


class MarkReader:
    """The part of the reader that takes what a group of ``figure_patterns.SPECIAL`` has matched.

    Each method adds its figure to ``found`` and returns where to go on.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.flat = plain(text)
        self.found: list[Figure] = []

    def take_mark(self, match: re.Match[str]) -> int:
        """Add the figure of a mark's match."""
        for name, method in _METHODS.items():
            if match[name]:
                return method(self, match)
        return match.end()

    def _quantity(self, start: int) -> int:
        raise NotImplementedError

    def _add(self, start: int, end: int, kind: Kind, key: str, value: Decimal | None = None, unit: str = "") -> int:
        text = self.text[start:end]
        self.found.append(Figure(text, start, end, value, None, unit, "", kind, self._noun(end), key))
        return end

    def _noun(self, end: int) -> str:
        match = P.NOUN.match(self.flat, end)
        return match.group(1) if match else ""

    # -- names, numbers of documents, ordinals

    def _name(self, match: re.Match[str]) -> int:
        flat = match.group()
        glued = re.fullmatch(r"([A-Za-z_-]+?)(\d{3,}|\d+\.\d+)", flat)
        if glued and P.UNIT.match(self.flat, match.end()) and "-" not in flat:
            return self._quantity(match.start() + len(glued.group(1)))
        key = re.sub(r"\s", "", flat).translate(_SUBSCRIPT).upper()
        end = self._add(match.start(), match.end(), "name", key)
        comparator, _ = comparator_before(self.flat[max(0, match.start() - 9) : match.start()])
        self.found[-1] = replace(self.found[-1], comparator=comparator)
        return end

    def _phone(self, match: re.Match[str]) -> int:
        return self._add(match.start(), match.end(), "phone", re.sub(r"\D", "", match.group()))

    def _docnumber(self, match: re.Match[str]) -> int:
        year, number = match["ny"] or match["ny2"], match["nn"] or match["nn2"]
        start = match.start()
        if match["ny"]:
            left = re.search(r"[\u4e00-\u9fff\s]{0,14}$", self.flat[max(0, start - 14) : start])
            issuer = _LEAD.sub("", left.group() if left else "").strip()
            start -= len(issuer)
        issuer = re.sub(r"\s", "", self.flat[start : match.start()])
        return self._add(start, match.end(), "docnumber", f"{issuer}|{year}|{int(number)}")

    def _ordinal(self, match: re.Match[str]) -> int:
        word = re.search(rf"\d+|[{HAN}]+", match.group())
        if word is None:
            return match.end()
        value = parse_arabic(word.group()) if word.group().isdigit() else parse_han(word.group())
        tail = match.group()[word.end() :].strip() if match["nth"] else match.group()[: word.start()].strip()
        if match["nth"] and value is None:
            return match.end()
        kind = tail[:1] if match["nth"] else tail
        return self._add(match.start(), match.end(), "ordinal", f"{kind}{value}", value, tail)

    def _score(self, match: re.Match[str]) -> int:
        pair = re.split(r"\s?[比:]\s?", match.group())
        return self._add(match.start(), match.end(), "ratio", ":".join(str(int(p)) for p in pair))

    # -- dates

    def _date(self, match: re.Match[str]) -> int:
        month = match["m"] or match["m2"] or match["m3"]
        day = match["d"] or match["d2"] or match["d3"]
        return self._until(self._add(match.start(), match.end(), "date", date_key(match["y"], month, day)))

    def _years(self, match: re.Match[str]) -> int:
        key = f"{date_key(match['y4'], None, None)}~{date_key(match['y5'], None, None)}"
        return self._add(match.start(), match.end(), "date", key)

    def _handate(self, match: re.Match[str]) -> int:
        year, month, day = (parse_han(match[g]) if match[g] else None for g in ("hy", "hm", "hd"))
        key = date_key(str(year), str(month) if month else None, str(day) if day else None)
        return self._add(match.start(), match.end(), "date", key)

    def _monthday(self, match: re.Match[str]) -> int:
        key = date_key(None, match["m6"], match["d6"] or match["d7"])
        return self._until(self._add(match.start(), match.end(), "date", key))

    def _until(self, end: int) -> int:
        """Let the end of a period inherit year and month: 2月8日至17日, 2024年1月至3月."""
        match = P.UNTIL.match(self.flat, end)
        if not match:
            return end
        year, month, _ = self.found[-1].key.split("/")
        key = date_key(year, match["m6"] or month, match["d6"] or match["d7"])
        self._add(match.start(1), match.end(), "date", key)
        return match.end()

    def _event(self, match: re.Match[str]) -> int:
        """An event named by its day: “10·24”."""
        return self._add(match.start(), match.end(), "date", date_key(None, match["m8"], match["d8"]))

    def _plan(self, match: re.Match[str]) -> int:
        word = re.sub(r"[“”\"]", "", match.group())
        return self._add(match.start(), match.end(), "date", word)


_METHODS: dict[str, Callable[[MarkReader, re.Match[str]], int]] = {
    "web": MarkReader._name,
    "number": MarkReader._docnumber,
    "phone": MarkReader._phone,
    "date": MarkReader._date,
    "span": MarkReader._years,
    "hdate": MarkReader._handate,
    "mday": MarkReader._monthday,
    "dot": MarkReader._event,
    "plan": MarkReader._plan,
    "nth": MarkReader._ordinal,
    "label": MarkReader._ordinal,
    "score": MarkReader._score,
    "std": MarkReader._name,
    "name": MarkReader._name,
}
