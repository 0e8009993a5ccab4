"""What a Word file keeps beside its text: heading levels and automatic numbers ("第一条", "一、", "（1）")."""

from __future__ import annotations

import re

from index.load.xml import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?i)(?:heading|标题)\s*([1-9])")
_DIGITS = "〇一二三四五六七八九"
_MAX_LEVEL = 6
_MAX_SPAN = 200


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child of that name, or None; None has no children."""
    return None if element is None else element.find(W + name)


def text_value(element: Element | None, name: str) -> str:
    """Return the ``val`` of a child, or ""."""
    found = child(element, name)
    return "" if found is None else found.get(W + "val") or ""


def value(element: Element | None, name: str, default: int) -> int:
    """Return the ``val`` of a child as a small number."""
    found = text_value(element, name)
    return min(int(found), _MAX_SPAN) if found.isdecimal() else default


def chinese(number: int) -> str:
    """Return a number below 10000 in Chinese numerals: 12 -> "十二", 105 -> "一百〇五"."""
    if not 0 < number < 10_000:
        return str(number)
    out, gap = "", False
    for unit, power in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, power)
        if digit:
            out += ("〇" if gap and out else "") + _DIGITS[digit] + unit
            gap = False
        else:
            gap = True
    return out.removeprefix("一") if out.startswith("一十") else out


def roman(number: int) -> str:
    """Return a number in upper-case Roman numerals."""
    out = ""
    for size, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        out += sign * (number // size)
        number %= size
    return out


def ordinal(number: int, form: str) -> str:
    """Return a number as Word prints it in that ``numFmt``."""
    if "hinese" in form or form in ("japaneseCounting", "ideographDigital", "koreanCounting"):
        return chinese(number)
    if form.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if form in ("upperLetter", "lowerLetter") and number > 0:
        letters = chr(65 + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if form == "upperLetter" else letters.lower()
    if form in ("upperRoman", "lowerRoman") and 0 < number < 4000:
        return roman(number) if form == "upperRoman" else roman(number).lower()
    return str(number)


class Styles:
    """Answers for a paragraph: its automatic number and the "#" prefix of its heading level. Counts as it goes."""

    def __init__(self, styles: Element | None, numbering: Element | None) -> None:
        self._styles = {} if styles is None else {s.get(W + "styleId"): s for s in styles.iter(W + "style")}
        self._nums = {} if numbering is None else {n.get(W + "numId"): n for n in numbering.iter(W + "num")}
        found = () if numbering is None else numbering.iter(W + "abstractNum")
        self._abstract = {a.get(W + "abstractNumId"): a for a in found}
        self._counts: dict[str, dict[int, int]] = {}

    def describe(self, paragraph: Element) -> tuple[str, str]:
        """Return (number, heading prefix), each "" where there is none; raises the paragraph's counter by one."""
        own = child(paragraph, "pPr")
        chain = [own, *self._chain(text_value(own, "pStyle"))]
        return self._number(chain), self._heading(chain)

    def _chain(self, style: str) -> list[Element | None]:
        """Return the style's properties and those it is based on, nearest first."""
        out: list[Element | None] = []
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            element = self._styles[style]
            out += [child(element, "pPr"), element]
            style = text_value(element, "basedOn")
        return out

    def _heading(self, chain: list[Element | None]) -> str:
        for element in chain:
            if element is None:
                continue
            if element.tag == W + "style":
                name = text_value(element, "name")
                known = _HEADING.fullmatch(name)
                if known or name.lower() in ("title", "标题"):
                    return "#" * min(int(known[1]) if known else 1, _MAX_LEVEL) + " "
            elif level := text_value(element, "outlineLvl"):
                shown = level.isdecimal() and int(level) < 9
                return "#" * min(int(level) + 1, _MAX_LEVEL) + " " if shown else ""
        return ""

    def _number(self, chain: list[Element | None]) -> str:
        place = next((n for e in chain if (n := child(e, "numPr")) is not None), None)
        num = self._nums.get(text_value(place, "numId"))
        if num is None:
            return ""
        key = text_value(num, "abstractNumId")
        level = min(value(place, "ilvl", 0), 8)
        levels: dict[str | None, Element] = {lvl.get(W + "ilvl"): lvl for lvl in self._levels(key)}
        levels |= {o.get(W + "ilvl"): lv for o in num.iter(W + "lvlOverride") if (lv := child(o, "lvl")) is not None}
        counts = self._counts.setdefault(key, {})
        counts[level] = counts.get(level, value(levels.get(str(level)), "start", 1) - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        return _label(levels, level, counts)

    def _levels(self, key: str) -> list[Element]:
        element = self._abstract.get(key)
        return [] if element is None else list(element.iter(W + "lvl"))


def _label(levels: dict[str | None, Element], level: int, counts: dict[int, int]) -> str:
    """Return the printed number, e.g. "第%1条" with the counter at 3 -> "第三条 "."""
    here = levels.get(str(level))
    if here is None or text_value(here, "numFmt") in ("bullet", "none", ""):
        return ""

    def fill(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        other = levels.get(str(at))
        count = counts.get(at, value(other, "start", 1))
        return ordinal(count, text_value(other, "numFmt"))

    text = re.sub(r"%([1-9])", fill, text_value(here, "lvlText")).strip()
    return f"{text} " if text and text[-1] not in "、）)．" else text
