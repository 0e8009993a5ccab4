"""The reader of quantities: one pass over a text, every digit ends up in some figure."""

from __future__ import annotations

import re
from decimal import Decimal

from rag import figure_patterns as P
from rag import units
from rag.figure import Comparator, Figure, comparator_after, comparator_before
from rag.figure_marks import MarkReader
from rag.numerals import MULTIPLIER, multiplier, parse_arabic, parse_han


class Reader(MarkReader):
    """Reads a text once; see ``rag.figures.figures``."""

    def read(self) -> tuple[Figure, ...]:
        """Return the figures of the text in order."""
        at = 0
        while match := P.SPECIAL.search(self.flat, at):
            at = max(self._take(match), match.start() + 1)
        return tuple(self.found)

    def _take(self, match: re.Match[str]) -> int:
        if match["digit"]:
            return self._quantity(match.start())
        if match["han"]:
            return self._spelled(match.start())
        if match["frac"] or match["half"]:
            return self._part(match)
        return self.take_mark(match)

    def _part(self, match: re.Match[str]) -> int:
        """百分之十三点五, 千分之3, 三分之二, 一半."""
        start = match.start()
        if match["half"]:
            return self._finish(start, match.end(), Decimal(50), None, "%", True, 0)
        if head := P.HEAD.match(self.flat, start):
            scale = {"百": ("%", 1), "千": ("‰", 1), "万": ("‰", 10)}[head.group()[0]]
            low, at = self._bare(head.end())
            if low is None:
                return match.end()
            high = None
            if join := P.JOIN_PART.match(self.flat, at):
                high, stop = self._bare(join.end())
                at = stop if high is not None else at
            return self._finish(start, at, low / scale[1], high / scale[1] if high else None, scale[0], True, 0)
        fraction = P.FRACTION.match(self.flat, start)
        below, above = (parse_han(fraction.group(i)) for i in (1, 2)) if fraction else (None, None)
        if fraction is None or not below or above is None:
            return match.end()
        return self._add(start, fraction.end(), "ratio", f"{above}/{below}")

    def _bare(self, at: int) -> tuple[Decimal | None, int]:
        if number := P.ARABIC_RUN.match(self.flat, at):
            return parse_arabic(number.group()), number.end()
        if number := P.HAN_RUN.match(self.flat, at):
            return parse_han(number.group()), number.end()
        return None, at

    def _quantity(self, start: int) -> int:
        low, unit, at, vague = self._measured(start)
        high: Decimal | None = None
        if end := self._range_end(at, unit):
            low, high, unit = _common(low, unit, end[0], end[1], self.flat[at - 1] in "万亿")
            at, vague = end[2], vague or end[3]
        if unit or high is not None:
            return self._finish(start, at, low, high, unit, False, vague)
        if other_part := P.PARTS.match(self.flat, at):
            return self._add(start, other_part.end(), "ratio", f"{low}/{other_part.group(1)}")
        if first := self._listed(start):
            return self._add(start, at, "ordinal", f"{first.unit[:1]}{low}", low, first.unit)
        if odd := P.ODD.match(self.flat, at):
            return self._add(start, odd.end(), "name", self.flat[start : odd.end()].upper())
        return self._finish(start, at, low, high, unit, False, vague)

    def _range_end(self, at: int, unit: str) -> tuple[Decimal, str, int, int] | None:
        """Return value, unit, end and vagueness of the upper end of a range: 至3万吨, ~160℃, 至三十个工作日."""
        join = P.JOIN.match(self.flat, at)
        if not join:
            return None
        start = join.end()
        if self.flat[start : start + 1].isdigit():
            end = self._measured(start)
        elif head := P.HEAD.match(self.flat, start):
            value, stop = self._bare(head.end())
            scale = {"百": ("%", 1), "千": ("‰", 1), "万": ("‰", 10)}[head.group()[0]]
            end = (value / scale[1], scale[0], stop, 0) if value is not None else (Decimal(0), "", at, 0)
        else:
            number = P.HAN_RUN.match(self.flat, start)
            value = parse_han(number.group()) if number else None
            measure, stop = self._unit(number.end()) if number else ("", at)
            end = (value, measure, stop, 0) if value is not None and measure else (Decimal(0), "", at, 0)
        fits = not unit or not end[1] or units.base(unit)[0] == units.base(end[1])[0]
        return end if end[2] > start and fits and (end[1] or self.flat[start].isdigit()) else None

    def _listed(self, start: int) -> Figure | None:
        """Return the ordinal that this number continues: 第7、8窟."""
        last = self.found[-1] if self.found else None
        between = self.flat[last.end : start].strip() if last else ""
        return last if last and last.kind == "ordinal" and between in ("、", "和", "及", "或", "至", "-") else None

    def _measured(self, start: int) -> tuple[Decimal, str, int, int]:
        match = P.NUMBER.match(self.flat, start)
        if match is None:
            return Decimal(0), "", start + 1, 0
        value = parse_arabic(match.group(1))
        scale, at, vague = match.group(3) or "", match.end(), 1 if match.group(2) or match.group(4) else 0
        mixed = re.fullmatch(rf"({MULTIPLIER})(\d+(?:\.\d+)?)({MULTIPLIER})", scale)
        if mixed:
            value = value * multiplier(mixed[1]) + parse_arabic(mixed[2]) * multiplier(mixed[3])
        elif scale:
            value *= multiplier(scale)
        unit, end = self._unit(at)
        if not unit:
            end = match.start() + len(match.group().rstrip())
        return value, unit, end, vague

    def _unit(self, at: int) -> tuple[str, int]:
        match = P.UNIT.match(self.flat, at)
        if match is None:
            return "", at
        unit, end = units.canonical(match.group(1)), match.end()
        if unit in ("千克", "吨", "克") and self.flat.startswith("ce", end):
            end += 2
        per = P.PER.match(self.flat, end)
        if per is None:
            substance = P.SUBSTANCE.match(self.flat, end)
            per = P.PER.match(self.flat, substance.end()) if substance else None
        if per:
            unit, end = f"{unit}/{units.canonical(per.group(1))}", per.end()
        return unit, end

    def _spelled(self, start: int) -> int:
        match = P.HAN_RUN.match(self.flat, start)
        if match is None:
            return start + 1
        value = parse_han(match.group())
        before = self.flat[start - 1] if start else ""
        if value is None or (before and before in "数几上成若第统唯单同均"):
            return match.end()
        if (open_end := self._range_end(match.end(), "")) and open_end[1] not in P.NO_HAN_UNIT and open_end[1]:
            return self._finish(start, open_end[2], value, open_end[0], open_end[1], True, 0)
        more = self.flat[match.end() : match.end() + 1] in ("余", "多", "来")
        unit, end = self._unit(match.end() + more)
        if not unit or (unit in P.NO_HAN_UNIT):
            if value < 100 or len(match.group()) < 3:
                return match.end()
            unit, end = "", match.end()
        if unit and (last := self._range_end(end, unit)):
            value, high, unit = _common(value, unit, last[0], last[1], False)
            return self._finish(start, last[2], value, high, unit, True, int(more))
        return self._finish(start, end, value, None, unit, True, int(more))

    def _finish(
        self, start: int, end: int, low: Decimal, high: Decimal | None, unit: str, spelled: bool, vague: int
    ) -> int:
        comparator: Comparator = "~" if vague else ""
        if unit == "成":
            low, high, unit = low * 10, high * 10 if high else None, "%"
        if per := P.PER_LEFT.search(self.flat[max(0, start - 6) : start]):
            unit = f"{unit}/{units.canonical(per.group(1))}" if unit and "/" not in unit else unit
        left, size = comparator_before(self.flat[max(0, start - 9) : start])
        if left and not (self.found and self.found[-1].end > start - size):
            comparator, start = left, start - size
        right, end = comparator_after(self.flat, end)
        text = self.text[start:end]
        self.found.append(
            Figure(text, start, end, low, high, unit, right or comparator, "quantity", self._noun(end), "", spelled)
        )
        return end


def _common(low: Decimal, unit: str, high: Decimal, other: str, scaled: bool) -> tuple[Decimal, Decimal, str]:
    """Bring both ends of a range to one unit: 2~3万吨, 60%~80%, 500千克至1吨."""
    if not unit or unit == other:
        ratio = high / low if low and not unit and not scaled else Decimal(0)
        for step in (10**4, 10**8):
            # "2至3万吨" prints the multiplier once.
            if ratio >= step and high >= step:
                low = low * step
                break
        return low, high, other or unit
    if not other:
        return low, high, unit
    factor = units.base(other)[1] / units.base(unit)[1]
    return low, high * factor, unit
