"""One fault planted in a statement: (text, random, figures around) -> the text, or None where none fits."""

from __future__ import annotations

import random
import re
from decimal import Decimal

from bench.notation import RANGE, pick, plainly, swap
from bench.statements import FIGURE, NUMBER_OF, YEAR


def digit(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """One digit of a figure changed."""
    match = pick(text, rng)
    if not match:
        return None
    number = match["n"]
    at = rng.choice([i for i, c in enumerate(number) if c.isdigit()])
    new = number[:at] + rng.choice([d for d in "123456789" if d != number[at]]) + number[at + 1 :]
    return swap(text, match, match.group().replace(number, new, 1))


def shift(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """Ten times or a tenth."""
    match = pick(text, rng)
    if not match or Decimal(match["n"]) == 0:
        return None
    new = plainly(Decimal(match["n"]) * rng.choice([Decimal(10), Decimal("0.1")]))
    return swap(text, match, match.group().replace(match["n"], new, 1))


_OTHER_UNIT = {
    "吨": "千克", "千克": "吨", "千瓦时": "兆瓦时", "kWh": "MWh", "%": "‰", "家": "项", "项": "家", "个": "家", "元": "美元", "万元": "亿元",
    "亿元": "万元", "立方米": "升", "台": "套", "套": "台", "小时": "分钟", "分钟": "小时", "米": "公里", "公里": "米", "MWh": "kWh",
    "kg": "g", "kW": "MW", "MW": "kW", "mg/L": "g/L", "kPa": "MPa", "MPa": "kPa", "平方米": "公顷", "t": "kg", "毫米": "厘米",
}  # fmt: skip


def unit(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """Another unit, or 万 for 亿."""
    match = pick(text, rng)
    if not match:
        return None
    if match["m"] and rng.random() < 0.5:
        return swap(text, match, f"{match['n']}{'亿' if match['m'] == '万' else '万'}{match['u']}")
    if match["u"] not in _OTHER_UNIT:
        return None
    return swap(text, match, f"{match['n']}{match['m'] or ''}{_OTHER_UNIT[match['u']]}")


def year(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """Another year."""
    found = list(YEAR.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    return swap(text, match, str(int(match[1]) + rng.choice([-10, -5, -2, -1, 1, 2, 5, 10])))


def neighbour(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """The value of a neighbouring statement or row, same unit."""
    match = pick(text, rng)
    if not match:
        return None

    def value(m: re.Match[str]) -> Decimal:
        return Decimal(m["n"]) * {"万": 10**4, "亿": 10**8}.get(m["m"] or "", 1)

    choices = [o for o in others if (m := FIGURE.fullmatch(o)) and m["u"] == match["u"] and value(m) != value(match)]
    return swap(text, match, rng.choice(choices)) if choices else None


_TURNS = [("提高", "降低"), ("提升", "降低"), ("增加", "减少"), ("增长", "下降"), ("上升", "下降"), ("扩大", "缩小"), ("禁止", "允许"),
          ("不得", "可以"), ("节约", "增加"), ("严禁", "允许")]  # fmt: skip


def direction(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """提高 for 降低 next to a figure."""
    words = {a: b for a, b in _TURNS} | {b: a for a, b in _TURNS}
    spots = re.finditer("(?:" + "|".join(words) + ")(?!值)", text)
    near = [m for m in spots if re.match(r"[到至了约 ]{0,3}\d", text[m.end() :])]
    return swap(text, (match := rng.choice(near)), words[match[0]]) if near else None


_BOUNDS = {"不低于": "不超过", "不少于": "不超过", "不超过": "不低于", "不高于": "不低于", "以上": "以下", "以下": "以上", "≥": "≤",
           "≤": "≥", "超过": "不足", "大于": "小于", "小于": "大于", "低于": "高于", "高于": "低于", "以内": "以上"}  # fmt: skip


def comparator(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """不低于 for 不超过 beside a figure."""
    found = []
    for m in re.finditer("|".join(sorted(_BOUNDS, key=len, reverse=True)), text):
        after = m[0] in ("以上", "以下", "以内")
        if re.search(r"\d\D{0,5}$", text[: m.start()]) if after else re.match(r"\D{0,3}\d", text[m.end() :]):
            found.append(m)
    return swap(text, (match := rng.choice(found)), _BOUNDS[match[0]]) if found else None


def ends(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """One end of a range changed."""
    match = RANGE.search(text)
    if not match:
        return None
    low, high = match[1], str(int(Decimal(match[4])) + rng.choice([1, 3, 10]))
    if rng.random() < 0.5:
        low, high = str(max(0, int(Decimal(match[1])) - rng.choice([1, 2]))), match[4]
    if (low, high) == (match[1], match[4]):
        return None
    return swap(text, match, f"{low}{match[2] or ''}{match[3]}{high}{match[5]}")


def reference(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """Another 文号, another day, another title."""
    if match := NUMBER_OF.search(text):
        return swap(text, match, match.group().replace(match[2], str(int(match[2]) + rng.randint(1, 9))))
    if match := re.search(r"(?<=月) ?(\d{1,2}) ?(?=日)", text):
        return swap(text, match, str(int(match[1]) % 27 + 1))
    if match := re.search(r"《([^《》]{4,30})》", text):
        at = rng.randrange(1, len(match[1]) - 2)
        return swap(text, match, f"《{match[1][:at]}{match[1][at + 2 :]}》")
    return None


def row(text: str, rng: random.Random, others: tuple[str, ...] = ()) -> str | None:
    """A table row's statement under the name of another row (statements made by ``read_rows`` only)."""
    names = [o.removeprefix("ROW:") for o in others if o.startswith("ROW:")]
    return f"{rng.choice(names)}：{text.partition('：')[2]}" if names else None


FAULTS = (digit, shift, unit, year, neighbour, direction, comparator, ends, reference, row)
