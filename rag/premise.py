"""A yes-or-no question that states a figure: the statement's own figure agrees, or corrects it."""

from __future__ import annotations

from collections.abc import Sequence

from index.text import tidy
from rag.figure import Figure
from rag.figures import figures, same, same_unit
from rag.query import Query
from rag.statement import Statement


def premise(query: Query, chosen: Sequence[Statement]) -> str:
    """Return "相符。" or "不相符：原文是…，不是…。" for the figure that a yes-or-no question states; "" when it states none."""
    if query.kind != "yesno" or not chosen:
        return ""
    stated = [f for f in figures(query.own) if f.kind == "quantity" and f.value is not None and f.unit]
    printed = [f for f in figures(tidy(chosen[0].text)) if f.kind == "quantity" and f.value is not None]
    for figure in stated:
        near = [p for p in printed if same_unit(figure.unit, p.unit)]
        if any(same(figure, p) for p in near):
            continue
        if near:
            return f"不相符：原文是{_words(near)}，不是{figure.text}。"
        return ""
    return "相符。" if stated else ""


def _words(found: Sequence[Figure]) -> str:
    return "、".join(dict.fromkeys(f.text for f in found[:3]))
