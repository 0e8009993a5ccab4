"""Printed ordinals of Chinese official documents: 第三章, 第十二条, 三、, (五), 1., ①, 专栏 6, 附件 1, 类别一.

One table of styles serves cleaning (does this line start something new?) and structure (how deep is it?).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CN = "〇零一二三四五六七八九十百千"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}

RANK_ATTACHMENT, RANK_CN, RANK_PAREN_CN, RANK_ARTICLE = 7, 40, 50, 45
RANK_SUBHEAD, RANK_BOX, RANK_DASH, RANK_CAPTION = 86, 88, 90, 95

_PART = {"编": 10, "分编": 12, "章": 20, "节": 30}
# (style, rank, pattern). A pattern's group "n" is the number, its whole match the printed ordinal.
_STYLES: tuple[tuple[str, int, str], ...] = (
    ("part", 0, rf"第(?P<n>[{_CN}]+|\d{{1,3}})(?P<unit>分编|编|章|节)(?![约点]能?)"),
    ("article", RANK_ARTICLE, rf"第(?P<n>[{_CN}]+|\d{{1,4}})条(?:之[{_CN}]+)?"),
    ("class", 38, rf"类别(?P<n>[{_CN}]+|\d{{1,2}})[:：]"),
    ("box", RANK_BOX, rf"专[栏欄](?P<n>[{_CN}]+|\d{{1,3}})?[:：]?(?![目中内])"),
    ("attachment", RANK_ATTACHMENT, rf"附[件录表]之?(?P<n>[{_CN}]+|\d{{1,2}})(?![个份张页年月日\d.])[:：.、]?"),
    ("caption", RANK_CAPTION, r"[表图](?P<n>\d{1,2}(?:[-—.]\d{1,2})?)(?![级类年月日\d个张])[:：]?"),
    ("cn", RANK_CN, rf"(?P<n>[{_CN}]{{1,4}})[、.．]"),
    ("paren_cn", RANK_PAREN_CN, rf"[（(](?P<n>[{_CN}]{{1,3}})[)）](?![项款条目至到、和或])"),
    ("arabic", 60, r"(?P<n>\d{1,3})(?:[、．]|[.](?!\d))"),
    ("close", 68, r"(?P<n>\d{1,2})[)）]"),
    ("paren", 70, r"[（(](?P<n>\d{1,2})[)）](?![项款条目至到、和或])"),
    ("circled", 80, r"(?P<n>[①-⑳])"),
    # What OCR leaves of (一), (二), (八): the value is told by the neighbours.
    ("paren_cn", RANK_PAREN_CN, r"[（(](?P<n>[-—－_]?|人|入)[)）](?=[\u4e00-\u9fff])(?![项款条目至到、和或])"),
)
_ALL = tuple((style, rank, re.compile(pattern)) for style, rank, pattern in _STYLES)
_FIRST = re.compile(rf"[第类专附表图①-⑳\d（({_CN}]")
_DECIMAL = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}(?=[ \u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class Ordinal:
    """An ordinal at the start of a text.

    ``number`` is the printed number without its separator ("三", "(五)", "第三条", "专栏6"), ``value`` its count
    (0: not known), ``end`` the offset behind the separator, ``rank`` its depth among the styles (small: outer).
    """

    style: str
    rank: int
    value: int
    number: str
    end: int


def count(numeral: str) -> int:
    """Return the value of a Chinese, circled or Arabic numeral; 0 for none."""
    if numeral.isdigit() and numeral.isascii():
        return int(numeral)
    if len(numeral) == 1 and "①" <= numeral <= "⑳":
        return ord(numeral) - ord("①") + 1
    if len(numeral) > 1 and not any(c in _UNITS for c in numeral):
        digits = [_DIGITS.get(c, 0) for c in numeral]
        return int("".join(map(str, digits)))
    total = digit = 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS.get(char, 0)
    return total + digit


def ordinal(text: str) -> Ordinal | None:
    """Return the ordinal that a normalised text starts with, or None."""
    if not text or not _FIRST.match(text):
        return None
    for style, rank, pattern in _ALL:
        match = pattern.match(text)
        if match:
            groups = match.groupdict()
            if style == "part":
                rank = _PART[groups["unit"]]
            number = re.sub(r"[\s、.．:：]+$|\s+", "", match.group())
            return Ordinal(style, rank, _value(groups["n"]), number, match.end())
    return None


def decimal(text: str) -> Ordinal | None:
    """Return an ordinal of the form 1.2 or 1.2.3 ("1.5 亿吨" looks the same: the caller judges the rest)."""
    match = _DECIMAL.match(text)
    if match is None:
        return None
    parts = match.group().split(".")
    return Ordinal("decimal", 61 + len(parts), int(parts[-1]), match.group(), match.end())


def _value(numeral: str | None) -> int:
    if not numeral:
        return 0
    if numeral in "人入":
        return 8
    if numeral in "-—－_":
        return 1
    return count(numeral.split("-")[0].split("—")[0].split(".")[0])
