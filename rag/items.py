"""A sentence that introduces items ("有下列情形之一的：") is quoted with them, and an item of a list with its siblings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.types import Block
from rag.match import Matcher, Target
from rag.query import Query
from rag.quote import one_source
from rag.slots import asked_slots, holds
from rag.statement import Reader, Statement

MOST_CHARS = 1_000
PARAGRAPH = 180
_COLONS = ("：", ":")


def with_items(query: Query, matcher: Matcher, chosen: Sequence[Statement], reader: Reader) -> list[Statement]:
    """Return the statements, each that introduces items followed by them.

    Where a list, a count or a how-and-why is asked, an item brings its introduction and the other items too. Where one
    value is asked, the introduction is one statement with the item that speaks most of what was asked.
    """
    whole: list[Statement] = []
    for statement in chosen:
        group = [] if statement.passage.record >= 0 else reader.items_at(statement.doc, statement.spans[0].start)
        opens = introduces(statement)
        listed = query.kind in ("list", "count", "reason") and bool(group) and _is_item(statement, group)
        parts = [_part(statement, block) for block in group] if opens or listed else []
        if opens and len(parts) > 1 and query.kind in ("fact", "yesno"):
            best = max(parts[1:], key=lambda p: matcher.coverage(p.target))
            parts = [one_source([statement], best, reader)] if matcher.coverage(best.target) else parts
            opens = False
        if not parts and group and _is_item(statement, group) and _said_before(query, statement, group[0]):
            parts = [one_source([_part(statement, group[0])], statement, reader)]
        if not parts or sum(len(p.text) for p in parts) > MOST_CHARS:
            parts = [statement]
        elif opens:
            parts = [statement, *parts[1:]]
        whole += [p for p in parts if all(p.at != w.at for w in whole)]
    return whole


def _said_before(query: Query, statement: Statement, first: Block) -> bool:
    """Whether the value asked for stands in the introduction and not in the item ("处五万元以下的罚款：（一）...")."""
    slots = asked_slots(query.own)[:1]
    return bool(slots) and not holds(slots[0], statement.target.text) and holds(slots[0], Target.of(first.text).text)


def whole_paragraphs(query: Query, chosen: Sequence[Statement], reader: Reader) -> list[Statement]:
    """Return the statements, a sentence of a short paragraph of an article as that paragraph: its terms go together."""
    if query.kind not in ("fact", "yesno", "compare"):
        return list(chosen)
    whole: list[Statement] = []
    for statement in chosen:
        block = None if statement.passage.record >= 0 else reader.block_at(statement.doc, statement.spans[0].start)
        if block and block.kind == "clause" and block.number.endswith("条") and len(block.text) <= PARAGRAPH:
            statement = _part(statement, block)
        whole += [statement] if all(statement.at != w.at for w in whole) else []
    return whole


def items_of(statements: Sequence[Statement]) -> int:
    """Return how many items follow an introduction that stands first, 0 when the first one introduces none."""
    return len(statements) - 1 if len(statements) > 2 and introduces(statements[0]) else 0


def introduces(statement: Statement) -> bool:
    """Whether a statement ends where its items would follow."""
    return statement.text.rstrip().endswith(_COLONS)


def _is_item(statement: Statement, group: Sequence[Block]) -> bool:
    return any(b.spans[0].start <= statement.spans[0].start < b.spans[-1].end for b in group[1:])


def _part(statement: Statement, block: Block) -> Statement:
    return replace(statement, text=block.text.strip(), spans=block.spans, target=Target.of(block.text.strip()))
