"""Numbers as Chinese documents print them: full-width, separated, with 万/亿, in characters.

``plain`` folds look-alike characters one to one, so offsets in its result are offsets in the text.
"""

from __future__ import annotations

import re
from decimal import Decimal

_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if code != 0xFF0C}
_LOOKALIKE = str.maketrans(
    "　\u00a0\u2009\u202f﹪％〇○萬億兩噸個項條點達過餘約超斤時間種隻輛臺幾數萬參貳壹",
    "    %%零零万亿两吨个项条点达过余约超斤时间种只辆台几数万三二一",
)
_DASH = str.maketrans("–−‐‑―﹣～〜∼", "------~~~")
_TABLE = {**_ASCII, **_LOOKALIKE, **_DASH}
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")

DIGITS = "零一二两三四五六七八九"
HAN = "零一二两三四五六七八九十百千万亿"
_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_STEP = {"十": 10, "百": 100, "千": 1000}
_SCALE = {"万": 10**4, "亿": 10**8}

ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
"""A number in digits, on ``plain`` text."""
HAN_NUMBER = f"[{HAN}]{{1,18}}(?:点[{DIGITS}]{{1,10}}[万亿]{{0,2}})?"
"""A number in characters, on ``plain`` text; it may still be no number ("千万"), see ``parse_han``."""
MULTIPLIER = r"(?:万亿|千万亿|百万亿|[十百千]?[万亿]|千(?![克瓦米焦卡帕伏赫安升乏])|百(?![分货])|十(?![几多余]))"
"""What may follow digits and multiplies them: 万, 千万, 万亿; never the 千 of 千克."""


def plain(text: str) -> str:
    """Fold full-width forms, dashes and old-style numerals, character by character; the length stays."""
    return _WIDE_COMMA.sub(",", text).translate(_TABLE)


def multiplier(word: str) -> int:
    """Return the value of 十, 百万, 万亿 and so on; 1 for the empty word."""
    value = 1
    for char in word:
        value *= _STEP.get(char) or _SCALE.get(char, 1)
    return value


def parse_arabic(text: str) -> Decimal:
    """Return the value of digits with optional thousands separators and decimals."""
    return Decimal(text.replace(",", "").replace(" ", ""))


def _section(text: str) -> int | None:
    """Value of a numeral below 10,000: 三千零五十, 十二, 百二十 (no: a 百 needs its digit)."""
    total, digit, last = 0, -1, 10_000
    for i, char in enumerate(text):
        if char in _STEP:
            step = _STEP[char]
            if step >= last or (digit < 0 and not (step == 10 and i == 0)):
                return None
            total += (1 if digit < 0 else digit) * step
            digit, last = -1, step
        elif char == "零":
            if digit >= 0:
                return None
        else:
            if digit >= 0 or char not in _DIGIT:
                return None
            digit = _DIGIT[char]
    if digit < 0:
        return total
    spoken = last > 10 and last < 10_000 and text[-2] != "零"
    return total + digit * (last // 10 if spoken else 1)


def _whole(text: str) -> int | None:
    """Value of a whole numeral with 万 and 亿, or digit by digit (二零二五)."""
    if len(text) > 3 and all(char in _DIGIT and char != "两" for char in text):
        return int("".join(str(_DIGIT[char]) for char in text))
    for word in ("亿", "万"):
        if word in text:
            head, _, tail = text.rpartition(word)
            high = _whole(head)
            low = _whole(tail) if tail else 0
            if high is None or low is None or not high or low >= _SCALE[word]:
                return None
            if len(tail) == 1 and tail != "零":
                low *= _SCALE[word] // 10
            return high * _SCALE[word] + low
    return _section(text) if text else None


def parse_han(text: str) -> Decimal | None:
    """Return the value of a numeral in characters, or None: 一百二十, 十三点五, 两亿三千万, 二零二五."""
    text = plain(text)
    if not any(char in _DIGIT or char == "十" for char in text):
        return None
    whole, _, decimals = text.partition("点")
    scale = decimals.lstrip(DIGITS) if decimals else "万亿" if whole.endswith("万亿") else ""
    decimals = decimals.removesuffix(scale)
    value = _whole(whole.removesuffix(scale))
    if value is None:
        return None
    exact = Decimal(value)
    if decimals:
        if any(char not in _DIGIT for char in decimals):
            return None
        exact += Decimal("0." + "".join(str(_DIGIT[char]) for char in decimals))
    return exact * multiplier(scale)
