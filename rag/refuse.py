"""When no statement answers: say so, say what was searched and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from rag.match import Matcher
from rag.query import Query
from rag.rank import Ranked
from rag.scope import Scope

MIN_COVERAGE = 0.25
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
