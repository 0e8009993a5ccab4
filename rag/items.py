"""A sentence that introduces items ("有下列情形之一的：") is quoted with them, and an item of a list with its siblings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.types import Block
from rag.match import Target
from rag.query import Query
from rag.statement import Reader, Statement

MOST_CHARS = 1_000
_COLONS = ("：", ":")


def with_items(query: Query, chosen: Sequence[Statement], reader: Reader) -> list[Statement]:
    """Return the statements, each that introduces items followed by them.

    Where a list, a count or a how-and-why is asked, an item brings its introduction and the other items too.
    """
    whole: list[Statement] = []
    for statement in chosen:
        group = [] if statement.passage.record >= 0 else reader.items_at(statement.doc, statement.spans[0].start)
        introduces = statement.text.rstrip().endswith(_COLONS)
        listed = query.kind in ("list", "count", "reason") and bool(group) and _is_item(statement, group)
        parts = [_part(statement, block) for block in group] if introduces or listed else []
        if not parts or sum(len(p.text) for p in parts) > MOST_CHARS:
            parts = [statement]
        elif introduces:
            parts = [statement, *parts[1:]]
        whole += [p for p in parts if all(p.at != w.at for w in whole)]
    return whole


def items_of(statements: Sequence[Statement]) -> int:
    """Return how many items follow an introduction that stands first, 0 when the first one introduces none."""
    introduces = bool(statements) and statements[0].text.rstrip().endswith(_COLONS)
    return len(statements) - 1 if introduces and len(statements) > 2 else 0


def _is_item(statement: Statement, group: Sequence[Block]) -> bool:
    return any(b.spans[0].start <= statement.spans[0].start < b.spans[-1].end for b in group[1:])


def _part(statement: Statement, block: Block) -> Statement:
    return replace(statement, text=block.text.strip(), spans=block.spans, target=Target.of(block.text.strip()))
