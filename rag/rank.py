"""Statements in the order in which they answer a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.match import Matcher
from rag.query import Query
from rag.scope import Scope
from rag.statement import Statement

AROUND_SHARE = 0.45
"""What a word counts that stands only in the headings, record name or title around a statement."""
PASSAGE_SHARE = 0.15
"""How much the rank of the passage counts beside the statement itself."""
UNIT_BONUS, NUMBER_BONUS, NO_NUMBER, OTHER_YEAR = 0.12, 0.05, -0.15, -0.2

_ASKS_NUMBER = re.compile("多少|几|百分之|多大|多高|多长|多久|多重|几成|比例|规模|数值|系数|目标值?$|电话|号码")
_ASKED_UNIT = re.compile(
    "(?:多少|几|省出?多少|百分之)(万|亿)?(吨|公斤|千克|克|度|千瓦时|方|立方米?|元|钱|家|项|个|种|条|只|支|年|天|小时|℃|几|成|倍|台|人|公里|米|"
    "升|亩|棵|碳|煤|水|电|蒸汽)"
)
_UNITS = {
    "公斤": "千克|公斤|kg|吨", "千克": "千克|公斤|kg|吨", "克": "克|g", "吨": "吨|t", "度": "千瓦时|度|kwh|mwh|℃|摄氏度",
    "千瓦时": "千瓦时|度|kwh|mwh", "方": "立方|m3|m³|方", "立方": "立方|m3|方", "立方米": "立方|m3|方", "元": "元", "钱": "元",
    "几": "%|百分之", "成": "%|百分之|成", "只": "只|支|个|万", "支": "支|只", "碳": "吨|千克|%", "煤": "吨|千克|克",
    "水": "吨|立方|%", "电": "千瓦时|度|kwh|mwh|%", "蒸汽": "吨",
}  # fmt: skip
_DIGIT = re.compile(r"\d|[一二三四五六七八九十百千万亿两]{1,6}(?:%|倍|成|家|项|个|年|条|吨|元)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A statement with its score, the question's coverage by itself (``own``) and with what is around it (``all``)."""

    score: float
    own: float
    all: float
    profile: tuple[float, ...]
    statement: Statement


def rank(query: Query, matcher: Matcher, found: Sequence[Statement], scores: Sequence[float], scope: Scope) -> list[Ranked]:
    """Return the statements best first. ``scores[i]`` is the search score of the hit with rank ``i``."""
    top = max(scores, default=0.0) or 1.0
    ranked = [_rate(query, matcher, s, scores[s.rank] / top, scope) for s in found]
    ranked.sort(key=lambda r: (-r.score, r.statement.rank, r.statement.spans[0].start))
    return ranked


def _rate(query: Query, matcher: Matcher, statement: Statement, passage: float, scope: Scope) -> Ranked:
    own = matcher.coverage(statement.target)
    both = statement.target | statement.around
    everything = matcher.coverage(both)
    inner, outer = matcher.profile(statement.target), matcher.profile(both)
    profile = tuple(max(i, AROUND_SHARE * o) for i, o in zip(inner, outer, strict=True))
    score = own + AROUND_SHARE * (everything - own) + PASSAGE_SHARE * passage + _fit(query, statement, scope)
    return Ranked(score, own, everything, profile, statement)


def _fit(query: Query, statement: Statement, scope: Scope) -> float:
    """Return the bonus or malus for holding the asked kind of answer."""
    text = statement.target.text
    fit = 0.0
    if _ASKS_NUMBER.search(query.text):
        asked = _ASKED_UNIT.search(query.text)
        unit = _UNITS.get(asked.group(2), asked.group(2)) if asked else ""
        if not _DIGIT.search(text):
            fit += NO_NUMBER
        elif unit and re.search(rf"[\d一二三四五六七八九十百千万亿].{{0,3}}?(?:{unit})", text):
            fit += UNIT_BONUS
        else:
            fit += NUMBER_BONUS
    years = _YEAR.findall(text)
    if scope.years and years and not set(years) & set(scope.years):
        fit += OTHER_YEAR
    return fit


def asks_number(query: Query) -> bool:
    """Whether the question wants a figure."""
    return bool(_ASKS_NUMBER.search(query.text))
