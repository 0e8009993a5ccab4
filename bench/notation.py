"""Harmless rewritings of one figure of a statement: (text, random) -> the text, or None where none fits."""

from __future__ import annotations

import random
import re
from decimal import Decimal

from bench.statements import FIGURE, NUMBER_OF, YEAR

_HAN_DIGITS = "零一二三四五六七八九"


def _han_int(value: int) -> str:
    if value == 0:
        return "零"
    out, pending = "", False
    for scale, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, value = divmod(value, scale)
        if not part:
            pending = pending or bool(out)
            continue
        words, skip = "", False
        for step, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit, part = divmod(part, step)
            if digit:
                words += ("零" if skip and words else "") + _HAN_DIGITS[digit] + mark
                skip = False
            else:
                skip = bool(words)
        thousands = tuple(_HAN_DIGITS[i] + "千" for i in range(1, 10))
        lacks = out and (pending or (name != "亿" and not words.startswith(thousands)))
        out += ("零" if lacks else "") + words + name
        pending = False
    return re.sub("^一十", "十", out)


def _han(number: str) -> str:
    whole, _, decimals = number.partition(".")
    return _han_int(int(whole)) + ("点" + "".join(_HAN_DIGITS[int(d)] for d in decimals) if decimals else "")


def plainly(value: Decimal) -> str:
    """Write a number without exponent and trailing zeros."""
    return format(value.normalize(), "f")


_SAME_UNIT = {
    "千瓦时": ("kWh", "kW·h"), "kWh": ("千瓦时",), "千克": ("公斤", "kg"), "kg": ("千克",), "吨": ("t", "吨"),
    "立方米": ("m³", "m3"), "平方米": ("m²", "㎡"), "公里": ("km", "千米"), "毫米": ("mm",), "℃": ("摄氏度",), "%": ("％",),
    "小时": ("h", "个小时"), "分钟": ("min",), "kW": ("千瓦",), "MW": ("兆瓦",), "t": ("吨",), "MWh": ("兆瓦时",),
}  # fmt: skip


def pick(text: str, rng: random.Random) -> re.Match[str] | None:
    """Return one figure of the text, drawn at random."""
    found = list(FIGURE.finditer(text))
    return rng.choice(found) if found else None


def swap(text: str, match: re.Match[str], new: str) -> str:
    """Return the text with the match replaced."""
    return text[: match.start()] + new + text[match.end() :]


def wide(text: str, rng: random.Random) -> str | None:
    """Full-width digits everywhere."""
    return text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789.%"})


def separators(text: str, rng: random.Random) -> str | None:
    """1234吨 -> 1,234吨, also out of 万: 3.2万吨 -> 32,000吨."""
    match = pick(text, rng)
    if not match:
        return None
    value = Decimal(match["n"]) * {"万": 10**4, "亿": 10**8}.get(match["m"] or "", 1)
    if value < 1000 or value != value.to_integral():
        return None
    return swap(text, match, f"{int(value):,}{match['u']}")


def rescale(text: str, rng: random.Random) -> str | None:
    """万 <-> 亿 <-> plain."""
    match = pick(text, rng)
    if not match or match["u"][0] in "万亿%℃":
        return None
    value = Decimal(match["n"]) * {"万": 10**4, "亿": 10**8}.get(match["m"] or "", 1)
    word, size = rng.choice([("万", 10**4), ("亿", 10**8), ("", 1)])
    new = value / size
    if word == (match["m"] or "") or new < Decimal("0.01") or len(plainly(new)) > 12:
        return None
    return swap(text, match, f"{plainly(new)}{word}{match['u']}")


def characters(text: str, rng: random.Random) -> str | None:
    """57% -> 百分之五十七, 50家 -> 五十家."""
    match = pick(text, rng)
    if not match or len(match["n"]) > 8 or match["u"].isascii() and match["u"] != "%" or match["u"] in ("分钟",):
        return None
    if match["u"] == "%" and not match["m"]:
        return swap(text, match, f"百分之{_han(match['n'])}")
    return swap(text, match, f"{_han(match['n'])}{match['m'] or ''}{match['u']}")


def synonym(text: str, rng: random.Random) -> str | None:
    """The same unit spelled differently."""
    match = pick(text, rng)
    if not match or match["u"] not in _SAME_UNIT or re.match("标准煤|标煤|二氧化碳", text[match.end() :]):
        return None
    return swap(text, match, f"{match['n']}{match['m'] or ''}{rng.choice(_SAME_UNIT[match['u']])}")


def convert(text: str, rng: random.Random) -> str | None:
    """吨 -> 千克, 千瓦时 -> 兆瓦时, 公里 -> 米."""
    table = {"吨": ("千克", 1000), "千瓦时": ("兆瓦时", Decimal("0.001")), "公里": ("米", 1000), "kW": ("MW", Decimal("0.001")),
             "MWh": ("千瓦时", 1000), "kg": ("克", 1000), "立方米": ("升", 1000)}  # fmt: skip
    match = pick(text, rng)
    if not match or match["u"] not in table:
        return None
    value = Decimal(match["n"]) * {"万": 10**4, "亿": 10**8}.get(match["m"] or "", 1)
    unit, factor = table[match["u"]]
    return swap(text, match, f"{plainly(value * factor)}{unit}")


def brackets(text: str, rng: random.Random) -> str | None:
    """文号 brackets, and years in characters."""
    if match := NUMBER_OF.search(text):
        left, right = rng.choice(["[]", "()", "（）", "〔〕", "【】"])
        return swap(text, match, f"{left}{match[1]}{right}{match[2]}号")
    if match := YEAR.search(text):
        return swap(text, match, "".join(("〇" + _HAN_DIGITS[1:])[int(d)] for d in match[1]))
    return None


def bound(text: str, rng: random.Random) -> str | None:
    """不低于 <-> ≥ and the like."""
    table = {
        "不低于": "≥",
        "不高于": "≤",
        "不超过": "≤",
        "≥": "不低于",
        "≤": "不超过",
        "超过": "大于",
        "左右": "上下",
        "约": "大约",
    }
    marks = re.finditer("|".join(table), text)
    found = [m for m in marks if re.match(r" ?\d|$", text[m.end() : m.end() + 2]) or m[0] == "左右"]
    found = [m for m in found if text[max(0, m.start() - 1) : m.start()] not in ("大", "不", "节", "条")]
    if not found:
        return None
    match = rng.choice(found)
    return swap(text, match, table[match[0]])


RANGE = re.compile(r"(?<![\d.-])(\d+(?:\.\d+)?)(%|℃)?([~～—-])(\d+(?:\.\d+)?) ?(%|℃|毫米|吨|年|g/L|mg/L|kPa|MPa)")


def dash(text: str, rng: random.Random) -> str | None:
    """130~160℃ -> 130至160℃."""
    match = RANGE.search(text)
    if not match or match[5] == "年":
        return None
    return swap(text, match, f"{match[1]}{match[2] or ''}{rng.choice('至～')}{match[4]}{match[5]}")


HARMLESS = (wide, separators, rescale, characters, synonym, convert, brackets, bound, dash)
