"""When no statement answers: say so, say what was searched and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from rag.match import Matcher
from rag.query import Query
from rag.rank import Ranked
from rag.scope import Scope
from rag.slots import asked_slots, holds
from rag.statement import Statement

MIN_COVERAGE = 0.12
"""Least share of the question that the best statement and what is around it must speak of."""


def refusal(query: Query, matcher: Matcher, ranked: Sequence[Ranked], scope: Scope, documents: int) -> str:
    """Return why the library does not answer (Chinese, one or two sentences), or "" when it does."""
    searched = f"已检索 {documents} 份文件"
    if not ranked:
        return f"{searched}，没有任何段落与问题相关。"
    if scope.absent:
        return f"{searched}，其中没有关于{'、'.join(scope.absent)}的文件。"
    if max(r.all for r in ranked[:5]) < MIN_COVERAGE:
        return f"{searched}，最接近的段落也没有说到所问的内容。"
    return ""


def missing(query: Query, chosen: Sequence[Statement], names: Sequence[str], scope: Scope, documents: int) -> str:
    """Return what the chosen statements lack of what was asked (Chinese), or "" when they hold it.

    A figure of the asked kind must stand in a statement under the named subject and for the asked year.
    """
    searched = f"已检索 {documents} 份文件"
    if query.kind not in ("fact", "yesno"):
        return ""
    slots = [s for p in query.parts if p.asks for s in asked_slots(p.text)[:1] if s.strict]
    if not slots:
        return ""
    held = [s for s in slots if any(holds(s, c.target.text) for c in chosen)]
    about = f"关于{'、'.join(names)}的" if names else "最接近的"
    if not held:
        return f"{searched}，{about}内容没有给出{'、'.join(dict.fromkeys(s.name for s in slots))}。"
    years = {y for c in chosen for y in c.years}
    if scope.years and years and not years & set(scope.years):
        return f"{searched}，{about}内容说的是 {_span(years)} 年，没有给出 {'、'.join(scope.years)} 年的数值。"
    return ""


def _span(years: set[str]) -> str:
    return min(years) if len(years) == 1 else f"{min(years)}—{max(years)}"
