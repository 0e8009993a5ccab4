"""One amount in other units: "66万千瓦" of a question is "660MW" of a document."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from index.text import fold
from rag.figures import Figure, figures
from rag.units import base, spellings

LEAST, MOST = Decimal("0.01"), Decimal(100_000)
"""Numbers outside of these bounds are not how anybody prints an amount."""
TEN_THOUSAND = Decimal(10_000)


def amounts(clause: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield (start, end, other printings) of each amount of the folded clause that has a unit with others beside it."""
    for figure in figures(clause):
        plain = figure.kind == "quantity" and figure.unit and not figure.comparator
        if plain and figure.value is not None and not figure.text.startswith("一"):
            printings = tuple(p for p in dict.fromkeys(_printings(figure)) if p != figure.text)
            if printings:
                yield figure.start, figure.end, printings


def _printings(figure: Figure) -> Iterator[str]:
    """Yield the amount in every unit of its dimension, as digits and in 万."""
    assert figure.value is not None
    group, factor = base(figure.unit)
    for spelling, by in spellings(group):
        value = figure.value * factor / by
        if LEAST <= value <= MOST:
            yield fold(f"{_plain(value)}{spelling}").replace(" ", "")
        if TEN_THOUSAND <= value <= MOST * TEN_THOUSAND:
            yield fold(f"{_plain(value / TEN_THOUSAND)}万{spelling}").replace(" ", "")


def _plain(value: Decimal) -> str:
    """Return the number without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
