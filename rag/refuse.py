"""When no statement answers: say so, say what was searched and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.absent import stranger, unmentioned_year, unsaid_indicator, unsaid_scope
from rag.common import is_common
from rag.eras import has_era
from rag.match import NEAR_CREDIT, Matcher
from rag.on_subject import Subject
from rag.query import Query
from rag.rank import Ranked
from rag.scope import Scope
from rag.slots import asked_slots, holds
from rag.statement import Statement

HALF = 0.5
"""Some word of the question, not an everyday one, must be met by this share in some statement."""
REPEATING, STRETCH = 10, 3
"""One of so many statements that repeats a stretch of so many characters of the question speaks of it."""
SPOKEN = 0.5
"""Of a question of everyday words only one statement must say this share, or more than this share of the words."""
MIN_COVERAGE = 0.12
"""Least share of the question that the best statement and what is around it must speak of."""


def refusal(
    query: Query, ranked: Sequence[Ranked], scope: Scope, documents: int, known: Callable[[str], bool]
) -> str:
    """Return why the library does not answer (Chinese, one or two sentences), or "" when it does.

    ``known`` tells whether the library holds a pair of characters.
    """
    searched = f"已检索 {documents} 份文件"
    if not ranked:
        return f"{searched}，没有任何段落与问题相关。"
    if scope.absent:
        return f"{searched}，其中没有关于{'、'.join(scope.absent)}的文件。"
    if name := stranger(query, known):
        return f"{searched}，其中没有关于{name}的内容。"
    telling = [not (t.weak or "place" in t.kinds or has_era(t.text)) for t in query.terms]
    if not any(own and (t.same or not is_common(t.text)) for own, t in zip(telling, query.terms, strict=True)):
        telling = [not (t.weak or has_era(t.text)) for t in query.terms]
    if not any(telling):
        telling = [True] * len(query.terms)
    quoted = [any(f"{left}{t.text}{right}" in query.own for left in "“\"「『" for right in "”\"」』") for t in query.terms]
    named = [
        (own and (bool(t.same) or not is_common(t.text))) or whole
        for own, whole, t in zip(telling, quoted, query.terms, strict=True)
    ]
    least = [0.99 * NEAR_CREDIT if t.near and "place" not in t.kinds else HALF for t in query.terms]
    touched = any(s >= m and own for r in ranked for s, m, own in zip(r.full, least, telling, strict=True))
    spoken = any(s >= m and own for r in ranked for s, m, own in zip(r.full, least, named, strict=True))
    said = max(sum(share >= HALF and own for share, own in zip(r.full, telling, strict=True)) for r in ranked)
    best = max(r.all for r in ranked)
    little = best < SPOKEN and said <= SPOKEN * sum(telling)
    spoken = spoken or any(_repeats(query, r.statement.target.text) for r in ranked[:REPEATING])
    if best < MIN_COVERAGE or not (touched or spoken) or (little and not spoken):
        return f"{searched}，最接近的段落也没有说到所问的内容。"
    return ""


def _repeats(query: Query, text: str) -> bool:
    """Whether the text repeats a stretch of some term of the question."""
    stretches = (t.text[i : i + STRETCH] for t in query.terms for i in range(len(t.text) - STRETCH + 1))
    return any(stretch in text for stretch in stretches if not stretch.isascii())


def missing(
    query: Query, matcher: Matcher, chosen: Sequence[Statement], anchors: Sequence[int], scope: Scope, documents: int
) -> str:
    """Return what the chosen statements lack of what was asked (Chinese), or "" when they hold it.

    A figure of the asked kind must stand in a statement that speaks of the subject as well as the others do, and for
    the asked year.
    """
    searched = f"已检索 {documents} 份文件"
    if unsaid := unsaid_scope(query, chosen, scope) or unmentioned_year(query, chosen, scope):
        return f"{searched}，最接近的内容没有说到{unsaid}。"
    if query.kind not in ("fact", "yesno"):
        return ""
    if attribute := unsaid_indicator(query, matcher, chosen):
        return f"{searched}，最接近的内容没有给出{attribute}。"
    slots = [s for p in query.parts if p.asks for s in asked_slots(p.text)[:1] if s.strict]
    if not slots:
        return ""
    subject = Subject(query, matcher, chosen, anchors)
    held = [c for c in chosen if subject.meant(c) and any(holds(s, c.target.text) for s in slots)]
    names = [query.terms[i].text for i in anchors]
    about = f"关于{'、'.join(names)}的" if names else "最接近的"
    if not held:
        return f"{searched}，{about}内容没有给出{'、'.join(dict.fromkeys(s.name for s in slots))}。"
    years = {y for c in held for y in c.years}
    if scope.years and years and not years & set(scope.years):
        return f"{searched}，{about}内容说的是 {_span(years)} 年，没有给出 {'、'.join(scope.years)} 年的数值。"
    return ""


def _span(years: set[str]) -> str:
    return min(years) if len(years) == 1 else f"{min(years)}—{max(years)}"
