"""The value that a figure of a text becomes, and the words that bound it (不低于, 以上, 约)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Comparator = Literal["", ">=", "<=", ">", "<", "~"]
Kind = Literal["quantity", "date", "docnumber", "ordinal", "phone", "ratio", "name"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: ``text`` is ``source[start:end]``, comparator words included where they touch it.

    ``value`` is exact and in ``unit`` (5.3亿吨: 530000000 and 吨); ``high`` is the upper end of a range. ``key`` is
    what a date, 文号, ratio, name or phone number is compared by. ``noun`` is the measured thing as printed after
    the unit ("绿色工厂"), or "". ``spelled``: printed in characters, not digits.
    """

    text: str
    start: int
    end: int
    value: Decimal | None
    high: Decimal | None = None
    unit: str = ""
    comparator: Comparator = ""
    kind: Kind = "quantity"
    noun: str = ""
    key: str = ""
    spelled: bool = False


_UP = "大于等于 不低于 不少于 不小于 不得低于 不得少于 不得小于 不得不足 不应低于 至少"
_DOWN = "小于等于 不超过 不高于 不大于 不多于 不得超过 不得高于 不得大于 不得多于 不应超过 至多 最多"
_BEFORE: dict[str, Comparator] = {
    **dict.fromkeys(_UP.split(), ">="),
    **dict.fromkeys(_DOWN.split(), "<="),
    **dict.fromkeys("超过 大于 高于 多于 逾 超".split(), ">"),
    **dict.fromkeys("小于 低于 少于 不足 未满 不满 不到 未超过 未达到 未达".split(), "<"),
    **dict.fromkeys("约为 大约 约 近 接近 将近 大概 约占 约有 约合 左右".split(), "~"),
    **{"≥": ">=", "≧": ">=", "⩾": ">=", ">=": ">=", "≤": "<=", "≦": "<=", "⩽": "<=", "<=": "<=", ">": ">", "<": "<"},
    **{"≈": "~", "~": "~", r"\geq": ">=", r"\leq": "<=", r"\ge": ">=", r"\le": "<="},
}
_AFTER: dict[str, Comparator] = {
    **dict.fromkeys("及以上 或以上 以上 之上".split(), ">="),
    **dict.fromkeys("及以下 或以下 以下 以内 之内 之下 封顶".split(), "<="),
    **dict.fromkeys("左右 上下 前后".split(), "~"),
}


def _words(table: dict[str, Comparator]) -> str:
    return "|".join(re.escape(word) for word in sorted(table, key=lambda w: (-len(w), w)))


# 节约, 合约, 最近, 赶超 end in a comparator's character and are none.
_LEFT = re.compile("(?<![节合制公契集最附靠邻临赶])(" + _words(_BEFORE) + ")" + r"(?:到|了|于|为|在|至)?\s?[$]?\s?$")
_RIGHT = re.compile(rf"\s?\(?\s?(?:\(含\)|\(不含\))?({_words(_AFTER)})")


def comparator_before(left: str) -> tuple[Comparator, int]:
    """Return the comparator that ends ``left`` (the text in front of a number) and the length of its words."""
    match = _LEFT.search(left)
    return (_BEFORE[match.group(1)], len(match.group())) if match else ("", 0)


def comparator_after(text: str, at: int) -> tuple[Comparator, int]:
    """Return the comparator that stands at ``at`` (behind a unit) and where its words end."""
    match = _RIGHT.match(text, at)
    return (_AFTER[match.group(1)], match.end()) if match else ("", at)


def date_key(year: str | None, month: str | None, day: str | None) -> str:
    """Return the key of a date, parts that are not stated left empty: 2024/06/11, 2024//, /06/11."""
    return "/".join((year or "", month.zfill(2) if month else "", day.zfill(2) if day else ""))
