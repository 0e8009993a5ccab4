"""A yes-or-no question that states a figure: the statement's own figure agrees, or corrects it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text import fold, tidy, tokens
from rag.figure import Figure
from rag.figures import figures, same, same_unit
from rag.polarity import contradict
from rag.query import Query
from rag.statement import Statement

_ASKING = re.compile("是不是|有没有|是否|能不能|可不可以|会不会|对不对|要不要")
_CLAUSE = re.compile("[，；。：？！,;?!]")


def premise(query: Query, chosen: Sequence[Statement]) -> str:
    """Return "相符。" or "不相符：原文是…" for the figures that a yes-or-no question states.

    Each is held against the figure of its unit in the clause that speaks most of the question, and against the
    direction of that clause (提高, 降低). "" when the question states none, or the clause does not settle it.
    """
    if query.kind != "yesno" or not chosen:
        return ""
    asked = _ASKING.sub("  ", query.own)
    stated = [f for f in figures(asked) if f.kind == "quantity" and f.value is not None and f.unit]
    text = tidy(chosen[0].text)
    printed = [f for f in figures(text) if f.kind == "quantity" and f.value is not None]
    words = set(tokens(fold(asked)))
    for figure in stated:
        near = [p for p in printed if same_unit(figure.unit, p.unit)]
        if not near:
            return ""
        shared = [len(words & set(tokens(fold(_clause(text, p))))) for p in near]
        told = [p for p, n in zip(near, shared, strict=True) if n == max(shared)]
        agreeing = [p for p in told if same(figure, p)]
        if not agreeing and any(same(figure, p) for p in near):
            return ""
        if not agreeing:
            return f"不相符：原文是{told[0].text}，不是{figure.text}。"
        claim = _clause(asked, figure)
        if all(contradict(claim, _clause(text, p)) for p in agreeing):
            return f"不相符：原文是“{_clause(text, agreeing[0])}{agreeing[0].text}”。"
    return "相符。" if stated else ""


def _clause(text: str, figure: Figure) -> str:
    """Return what stands before the figure in its clause."""
    left = text[: figure.start]
    return left[max((m.end() for m in _CLAUSE.finditer(left)), default=0) :]
