"""Every figure of a Chinese text with its place, exact value, unit and comparator.

Each digit of the text lies inside some figure: quantities, dates, 文号, ordinals (第三条, 专栏6), and names
that hold digits (CO2, GB 24500-2020), which are compared as printed. Numerals in characters count where a unit or
measure word follows. This module reads and compares single figures; whether one is supported by a quote is decided in
``rag.verify``.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from rag import units
from rag.figure import Comparator, Figure, Kind
from rag.figure_reader import Reader

__all__ = [
    "Comparator",
    "Figure",
    "Kind",
    "bare",
    "figures",
    "opposed",
    "rival",
    "rounded",
    "same",
    "same_unit",
    "same_value",
    "substance",
]


@lru_cache(maxsize=2048)
def figures(text: str) -> tuple[Figure, ...]:
    """Return every figure of the text in order; offsets are those of ``text``. Linear in its length."""
    return Reader(text).read()


def _date_covers(claim: str, source: str) -> bool:
    """Whether each part that the claim states stands in the source: 2024/06/ in 2024/06/11."""
    if claim == source:
        return True
    if "~" in claim or "~" in source:
        return "~" not in claim and claim in source.split("~")
    mine, theirs = claim.split("/"), source.split("/")
    if len(mine) != 3 or len(theirs) != 3:
        return False
    return all(m == t or not m for m, t in zip(mine, theirs, strict=True))


def same(a: Figure, b: Figure) -> bool:
    """Whether claim ``a`` says what source ``b`` says: equal value after conversion, comparators not opposed.

    A date may be less exact than its source (2024年6月 for 2024年6月11日), a 文号 may leave out its issuer.
    """
    if a.kind == "docnumber" and b.kind == "docnumber":
        (left, *mine), (right, *theirs) = a.key.split("|"), b.key.split("|")
        return mine == theirs and (not left or not right or left.endswith(right) or right.endswith(left))
    if a.kind == "date" and b.kind == "date":
        return _date_covers(a.key, b.key)
    if a.kind != "quantity" or b.kind != "quantity":
        return _key(a) == _key(b) and bool(_key(a))
    return same_value(a, b) and not opposed(a, b)


def _key(figure: Figure) -> str:
    if figure.kind == "quantity" and figure.high is not None and figure.value is not None:
        return f"{figure.value}:{figure.high}"
    return figure.key


def same_value(a: Figure, b: Figure) -> bool:
    """Whether two quantities are equal in base units; the comparator is not looked at."""
    if a.value is None or b.value is None or not same_unit(a.unit, b.unit):
        return False
    (_, fa), (_, fb) = units.base(a.unit), units.base(b.unit)
    if not a.unit or not b.unit or "度" in (a.unit, b.unit) or ("/" in a.unit) != ("/" in b.unit):
        fa, fb = units.base(a.unit.split("/")[0])[1], units.base(b.unit.split("/")[0])[1]
    if not a.unit or not b.unit:
        fa = fb = Decimal(1)
    if (a.high is None) != (b.high is None):
        return False
    if a.high is not None and b.high is not None and a.high * fa != b.high * fb:
        return False
    return a.value * fa == b.value * fb


def same_unit(a: str, b: str) -> bool:
    """Whether two units measure the same; a missing one fits any, a missing 每/per part fits its other form."""
    if a == b or not a or not b:
        return True
    (top_a, *per_a), (top_b, *per_b) = units.base(a)[0].split("/"), units.base(b)[0].split("/")
    if "度" in (top_a, top_b) and {top_a, top_b} & {"千瓦时", "℃"}:
        return True
    return top_a == top_b and (not per_a or not per_b or per_a == per_b)


def rival(claim: Figure, source: Figure) -> bool:
    """Whether the source figure could stand where the claim's stands: same kind, same unit or same date form."""
    if claim.kind != source.kind or claim.kind in ("name", "phone"):
        return False
    if claim.kind == "date":
        return [bool(x) for x in claim.key.split("/")] == [bool(x) for x in source.key.split("/")]
    return claim.kind != "quantity" or (same_unit(claim.unit, source.unit) and bool(claim.unit) == bool(source.unit))


def opposed(a: Figure, b: Figure) -> bool:
    """Whether two comparators point in opposite directions (不低于 against 不超过)."""
    return {a.comparator[:1], b.comparator[:1]} == {"<", ">"}


_NEAR = {">": Decimal("0.02"), "<": Decimal("0.02"), "~": Decimal("0.005")}


def rounded(claim: Figure, source: Figure) -> bool:
    """超过80% follows from 80.1%: rounded at the claim's own precision, on the side that the words say."""
    if claim.comparator not in (">", "<", "~") or source.comparator or source.high or claim.high:
        return False
    if claim.value is None or source.value is None or not claim.unit or not same_unit(claim.unit, source.unit):
        return False
    mine = claim.value * units.base(claim.unit)[1]
    theirs = source.value * units.base(source.unit)[1]
    gap = theirs - mine
    if (claim.comparator == ">" and gap <= 0) or (claim.comparator == "<" and gap >= 0) or not mine:
        return False
    return abs(gap / mine) < _NEAR[claim.comparator]


def substance(figure: Figure) -> str:
    """Tonnes of coal equivalent are no tonnes of coal; a figure that names no substance may be either."""
    words = figure.text + figure.noun[:3]
    return "标准煤" if any(w in words for w in ("标准煤", "标煤", "ce")) else ""


def bare(claim: Figure, source: Figure) -> bool:
    """A number without unit may drop the source's unit only where no other noun follows it."""
    return not claim.noun or claim.noun[:1] in source.text + source.noun or claim.noun[:2] in source.noun
