"""Does one figure of a sentence stand in the quotes: by value, comparator, subject, direction and year?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import units
from rag.evidence import Evidence, Place, pairs, worded
from rag.figures import Comparator, Figure, bare, rival, rounded, same, same_value, substance
from rag.numerals import plain
from rag.polarity import contradict
from rag.subject import Subject, leading_year, other_year, years_in


@dataclass(frozen=True, slots=True)
class FigureVerdict:
    """One checked figure or name: ``nearest`` is what the source says in its place; ``reason`` why it fails.

    ``label``: "" read from a quote, "computed" a count worked out from the quotes.
    """

    text: str
    found: bool
    nearest: str = ""
    reason: str = ""
    label: str = ""


Scored = tuple[float, Place, Evidence]
RIVAL_MARGIN = 0.4
"""How much better another figure of the same unit must fit the claim's words to count as the right one."""
SUBJECT_MARGIN = 0.5
"""How many more of the claim's words (of those that the source knows) must stand around the other figure."""
VERBATIM = 0.8
"""From this likeness on, claim and source are worded alike, so that another subject is no paraphrase."""
SAME_WORDS = 1.3
"""Likeness of a figure in a sentence that is worded alike on both sides."""
MATCH_SLACK = 0.4
"""An equal figure in clearly less similar words is no second chance for the best one."""
_MOST = 16


def demanded(figure: Figure) -> bool:
    """Leave out what is an article rather than a figure: 一个, 一种."""
    if figure.spelled and figure.value == 1 and figure.high is None:
        return units.base(figure.unit)[0] in ("千克", "千瓦时", "m3", "元", "成", "%", "倍")
    return True


def check_together(sentence: str, quotes: Sequence[str]) -> FigureVerdict | None:
    """Return the figure that spoils a sentence worded like one of the quotes, where no such one has all its figures.

    处1万元以上10万元以下 is wrong where the quotes have 处1万元以上5万元以下 and 处5万元以上10万元以下 only.
    """
    for words, claims in worded(sentence).items():
        models = [model for quote in quotes for model in worded(quote).get(words, ())]
        for claim in claims if models else ():
            wrong = [_differs(claim, model) for model in models]
            first = wrong[0]
            if first and all(wrong):
                mine, theirs = first
                reason = f"原文没有“{mine.text}”，此处原文为“{theirs.text}”"
                return FigureVerdict(mine.text, False, theirs.text, reason)
    return None


def _differs(claim: Sequence[Place], model: Sequence[Place]) -> tuple[Figure, Figure] | None:
    for mine, theirs in zip(claim, model, strict=False):
        a, b = mine.figure, theirs.figure
        same_sort = a.kind == b.kind == "quantity" and bool(a.unit) == bool(b.unit)
        if same_sort and (not same_value(a, b) or _comparator(a, b)) and not rounded(a, b):
            return a, b
    return None


@dataclass(frozen=True, slots=True)
class _Found:
    """Figures of the sources, likest first: those with the claim's value, and others that could stand there."""

    matches: list[Scored]
    rivals: list[Scored]

    @property
    def nearest(self) -> str:
        return self.rivals[0][1].figure.text if self.rivals else ""


def check_place(place: Place, claim: Evidence, sources: Sequence[Evidence], subject: Subject) -> FigureVerdict:
    """Return whether the claim's figure at this place stands in the sources, and what stands there instead."""
    text = place.figure.text
    found = _search(place, sources)
    if not found.matches:
        if _literal(place.figure, sources):
            return FigureVerdict(text, True)
        return FigureVerdict(text, False, found.nearest, f"原文没有“{text}”" + _hint(found.nearest))
    if (governing := _governing(place, claim, sources)) is not None:
        if governing in ("", place.figure.key[:4]):
            return FigureVerdict(text, True, found.matches[0][1].figure.text)
        return FigureVerdict(text, False, f"{governing}年", f"“{text}”与原文年份（{governing}年）不同")
    first: FigureVerdict | None = None
    for likeness, other, source in found.matches:
        if likeness < found.matches[0][0] - MATCH_SLACK:
            break
        reason = _wrong(place, other, claim, source, likeness, found.rivals) or subject.elsewhere(place, other, source)
        if not reason:
            return FigureVerdict(text, True, other.figure.text)
        nearest = found.nearest if "另一对象" in reason else other.figure.text
        first = first or FigureVerdict(text, False, nearest, reason)
    return first or FigureVerdict(text, False)


def _search(place: Place, sources: Sequence[Evidence]) -> _Found:
    figure = place.figure
    matches, rivals, strangers = [], [], []
    for source in sources:
        for other in source.places:
            if _agrees(figure, other.figure, source):
                matches.append((other, source))
            elif rival(figure, other.figure):
                rivals.append((other, source))
            elif figure.kind == other.figure.kind == "quantity":
                strangers.append((other, source))
    ranked, others = _ranked(place, matches), _ranked(place, rivals)
    if ranked and ranked[0][0] < SAME_WORDS and strangers:
        # 50家 for 50个: the right words hold another unit, the unit stands elsewhere.
        others = sorted([*others, *(s for s in _ranked(place, strangers) if s[0] > SAME_WORDS)], key=lambda r: -r[0])
    return _Found(ranked, others)


def _governing(place: Place, claim: Evidence, sources: Sequence[Evidence]) -> str | None:
    """Return the year in force where the source states the claim's next quantity ("": none is stated there).

    A plan says 到2025年 once, and its targets follow in sentences of their own. None: the claim's year is no lead of
    quantities, or it stands in the very sentence of the source, so that the words around it decide.
    """
    year = place.figure.key[:4]
    if place.figure.kind != "date" or not place.figure.key.endswith("//") or not year.isdigit():
        return None
    after = [p for p in claim.places if p.at > place.at]
    quantity = next((p for p in after if p.figure.kind in ("quantity", "date")), None)
    if quantity is None or quantity.figure.kind == "date" or not demanded(quantity.figure):
        return None
    matches = _search(quantity, sources).matches
    if not matches:
        return None
    likest = [m for m in matches if m[0] >= matches[0][0] - 0.1]
    if any(year in years_in(source, *source.bounds(other.at)) for _, other, source in likest):
        return None
    years = [leading_year(source, other) for _, other, source in likest]
    return year if year in years else years[0]


def _hint(nearest: str) -> str:
    return f"，最接近的是“{nearest}”" if nearest else ""


def _ranked(place: Place, found: list[tuple[Place, Evidence]]) -> list[Scored]:
    scored = [(place.likeness(other), other, source) for other, source in found]
    scored.sort(key=lambda item: (-item[0], item[1].at))
    return scored[:_MOST]


def _agrees(claim: Figure, source: Figure, context: Evidence) -> bool:
    """Whether the source figure carries the claim's value, not looking at comparators and words around."""
    if claim.kind == "quantity" and source.kind == "quantity":
        if not same_value(claim, source):
            return rounded(claim, source)
        if claim.unit and not source.unit:
            return _unit_nearby(claim.unit, context)
        if source.unit and not claim.unit:
            return bare(claim, source)
        return substance(claim) == substance(source) or not substance(claim) or not substance(source)
    if {claim.kind, source.kind} == {"ratio", "quantity"}:
        pair = source if source.kind == "quantity" else claim
        text = claim.key if claim.kind == "ratio" else source.key
        return pair.high is not None and not pair.unit and text == f"{pair.value}:{pair.high}"
    if claim.kind == "ordinal" and source.kind == "ordinal":
        return claim.value == source.value and (claim.key == source.key or not claim.unit or not source.unit)
    return claim.kind == source.kind and same(claim, source)


def _unit_nearby(unit: str, context: Evidence) -> bool:
    """A table prints its unit once, in the head; without any mention of it the bare number is another thing."""
    name = unit.split("/")[0]
    return name in context.text or any(p.figure.unit == unit for p in context.places)


def _literal(figure: Figure, sources: Sequence[Evidence]) -> bool:
    """Names with digits and odd forms (10·24, Au99.99) stand as they are printed."""
    purity = figure.kind == "quantity" and re.fullmatch(r"\d+\.\d+", figure.text) is not None
    if figure.kind in ("quantity", "date", "docnumber") and not purity:
        return False
    text = re.escape(plain(figure.text).replace(" ", ""))
    pattern = re.compile(rf"(?<![\d{'' if purity else 'A-Za-z'}.]){text}(?![\dA-Za-z]|\.\d)", re.IGNORECASE)
    return any(pattern.search(source.text.replace(" ", "")) for source in sources)


def _wrong(
    place: Place, other: Place, claim: Evidence, source: Evidence, likeness: float,
    rivals: Sequence[Scored],
) -> str:  # fmt: skip
    """Return why this source figure does not carry the claim's figure, or ""."""
    mine, theirs = place.figure, other.figure
    if bad := _comparator(mine, theirs):
        return bad
    if rivals and rivals[0][0] - likeness > RIVAL_MARGIN:
        best = rivals[0][1].figure.text
        return f"“{mine.text}”在原文中说的是另一对象，此处原文为“{best}”"
    if mine.kind == "quantity":
        share = _subject(place, other, claim, source)
        for rival_likeness, rival, where in rivals[:4]:
            if rival_likeness < VERBATIM:
                break
            if _subject(place, rival, claim, where) - share > SUBJECT_MARGIN:
                return f"“{mine.text}”在原文中说的是另一对象，此处原文为“{rival.figure.text}”"
        if word := contradict(place.before, other.before):
            return f"“{mine.text}”的方向与原文相反（{word}）"
        if year := other_year(place, other, claim, source):
            return f"“{mine.text}”在原文中属于另一年份（{year}）"
    return ""


_STRICT: dict[Comparator, str] = {">=": "up", ">": "up", "<=": "down", "<": "down", "~": "", "": ""}


def _comparator(mine: Figure, theirs: Figure) -> str:
    ours, other = _STRICT[mine.comparator], _STRICT[theirs.comparator]
    if mine.kind != "quantity" or ours == other:
        return ""
    if (ours and other) or (ours and not theirs.comparator and not rounded(mine, theirs)):
        return f"“{mine.text}”的范围与原文“{theirs.text}”不同"
    if other and not mine.comparator:
        return f"原文为“{theirs.text}”，此处缺少限定"
    return ""


def _subject(place: Place, other: Place, claim: Evidence, source: Evidence) -> float:
    """Share of the claim's words that stand around the source figure, of those that the source knows at all."""
    words = pairs(claim.sentence(place.at))
    known = {w: 1.0 / source.counts[w] for w in words if source.counts.get(w)}
    total = sum(known.values())
    if not total:
        return 0.0 if len(words) > 3 else 1.0
    start, end = source.bounds(other.at)
    near = pairs(source.skeleton[max(0, start - 60) : end + 40])
    return sum(weight for w, weight in known.items() if w in near) / total
