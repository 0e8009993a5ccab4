"""What a document, or a numbered part of it, is about: its headings, or the part's own items and text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.collection import Collection
from index.text import fold, tidy
from index.types import Block, Hit
from rag.compose import Line
from rag.outline import Enumeration, enumerations, opening_of, part_of
from rag.query import Query
from rag.retrieve import NAMED
from rag.scope import Scope
from rag.statement import Statement

_ASKS = re.compile("介绍|概括|概述|概要|讲了?些?(?:什么|啥|哪些)|说了?些?(?:什么|啥|哪些)|主要内容|大概内容|写了?些?(?:什么|啥)|要填(?:什么|啥|哪些)")
_PART = re.compile(r"(专栏|附件|附录|表)\s?(\d{1,2})|第([一二三四五六七八九十]{1,3})(章|部分|节)")
MAX_CHARS = 900
MAX_HEADINGS = 16


def overview_lines(query: Query, scope: Scope, hits: Sequence[Hit], library: Collection) -> list[Line]:
    """Return what the named part or document is about; [] when the question asks something else."""
    if not _ASKS.search(query.own):
        return []
    named = [f for f, b in sorted(scope.boosts.items(), key=lambda x: (-x[1], x[0])) if b >= NAMED]
    files = named or list(dict.fromkeys(h.passage.locator.file for h in hits[:3]))
    if part := _PART.search(query.own):
        number = f"{part.group(1)}{part.group(2)}" if part.group(1) else f"第{part.group(3)}{part.group(4)}"
        for file in files:
            if lines := _part_lines(number, file, library):
                return lines
        return []
    return _document_lines(named[0], library) if named else []


def _part_lines(number: str, file: str, library: Collection) -> list[Line]:
    """Return the heading of a numbered part and what stands below it, up to ``MAX_CHARS``."""
    blocks = library.blocks(file)
    at = next((i for i, b in enumerate(blocks) if b.kind == "heading" and _is(b, number)), -1)
    if at < 0:
        return []
    inside: list[Block] = []
    for block in blocks[at + 1 :]:
        if block.kind in ("heading", "title") and block.level <= blocks[at].level:
            break
        inside.append(block)
    head = part_of(blocks[at], file, library)
    lines = [Line(f"{tidy(head.text)}：", (head,))]
    room = MAX_CHARS
    shown = [b for b in inside if b.kind in ("clause", "item", "heading")]
    whole = sum(len(b.text) for b in shown) <= MAX_CHARS
    for block in shown:
        text = "" if whole else block.lead if block.lead else opening_of(block)
        item = part_of(block, file, library, text)
        room -= len(item.text)
        if room < 0:
            break
        lines.append(Line(tidy(item.text), (item,)))
    return lines


def _is(block: Block, number: str) -> bool:
    return number in (block.number, fold(block.text).replace(" ", "")[: len(number)])


def _document_lines(file: str, library: Collection) -> list[Line]:
    """Return the document's name and its uppermost headings."""
    info = library.document(file).info
    top = _top(library.blocks(file), file)
    if top is None:
        return []
    about = "，".join(p for p in (info.number, "、".join(info.issuers), info.date) if p)
    items: list[Statement] = [part_of(b, file, library) for b in top.items[:MAX_HEADINGS]]
    lines = [Line(f"《{info.title}》" + (f"（{about}）" if about else "") + "的主要部分：", ())]
    return lines + [Line(tidy(i.text), (i,)) for i in items]


def _top(blocks: Sequence[Block], file: str) -> Enumeration | None:
    headings = [b for b in blocks if b.kind == "heading"]
    level = min((b.level for b in headings), default=0)
    items = tuple(b for b in headings if b.level == level)
    if len(items) > 1:
        return Enumeration(items[0], items, file, 1.0)
    return next((Enumeration(h, i, file, 1.0) for h, i in enumerations(blocks)), None)
