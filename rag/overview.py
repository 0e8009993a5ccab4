"""What a document, or a numbered part of it, is about: its headings, or the part's own items and text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.collection import Collection
from index.text import fold, tidy
from index.types import Block, Hit, Locator, Passage, Span
from rag.compose import Line
from rag.match import Target
from rag.outline import Enumeration, enumerations, opening_of, part_of
from rag.query import Query
from rag.retrieve import NAMED
from rag.scope import Scope
from rag.statement import Statement

_ASKS = re.compile(
    "介绍|概括|概述|概要|讲了?些?(?:什么|啥|哪些)|说了?些?(?:什么|啥|哪些)|主要内容|大概内容|写了?些?(?:什么|啥)|要填(?:什么|啥|哪些)"
)
_PART = re.compile(r"(专栏|附件|附录|表)\s?(\d{1,2})|第([一二三四五六七八九十]{1,3})(章|部分|节)")
MAX_CHARS = 900
MAX_HEADINGS = 16
FEW = 20
"""In a library of more documents than this, not every one is searched for a part that is asked about."""


def overview_lines(query: Query, scope: Scope, hits: Sequence[Hit], library: Collection) -> list[Line]:
    """Return what the named part or document is about; [] when the question asks something else."""
    if not _ASKS.search(query.own):
        return []
    named = _named(scope, library)
    if number := part_asked(query):
        files = named or list(dict.fromkeys(h.passage.locator.file for h in hits[:3]))
        return next((lines for f in files if (lines := _part_lines(number, f, library))), [])
    return _document_lines(named[0], library) if named else []


def part_asked(query: Query) -> str:
    """Return the numbered part ("专栏2", "第三章") that the question asks about, or ""."""
    part = _PART.search(query.own)
    if part is None or not _ASKS.search(query.own):
        return ""
    return f"{part.group(1)}{part.group(2)}" if part.group(1) else f"第{part.group(3)}{part.group(4)}"


def lacks(number: str, scope: Scope, library: Collection) -> bool:
    """Whether no block of the documents that the question names opens with that part; names none: of all, if few."""
    files = _named(scope, library) or [d.file for d in library.documents()]
    if len(files) > FEW:
        return False
    return not any(_is(block, number) for f in files for block in library.blocks(f))


def _named(scope: Scope, library: Collection) -> list[str]:
    """Return the documents that the question names, best named first, of equally named ones the newest."""
    named = [f for f, boost in scope.boosts.items() if boost >= NAMED]
    newest = sorted(named, key=lambda f: (library.document(f).info.date, f), reverse=True)
    return sorted(newest, key=lambda f: -scope.boosts[f])


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
    opening = fold(block.text[: len(number) + 4]).replace(" ", "")
    return block.number == number or (opening.startswith(number) and not opening[len(number) :][:1].isdigit())


def _document_lines(file: str, library: Collection) -> list[Line]:
    """Return the document's name and its uppermost headings; of a table its groups, else its first entries."""
    info = library.document(file).info
    told = "的主要部分"
    top = _top(library.blocks(file), file)
    items = [part_of(b, file, library) for b in top.items[:MAX_HEADINGS]] if top else groups_of(file, library)
    if not items:
        items = _entries(file, library)
        size = len(library.records(file))
        told = f"收录{size}项" + (f"，前{len(items)}项是" if size > len(items) else "")
    if not items:
        return []
    about = "，".join(p for p in (info.number, "、".join(info.issuers), info.date) if p)
    lines = [Line(f"《{info.title}》" + (f"（{about}）" if about else "") + f"{told}：", ())]
    return lines + [Line(tidy(i.text), (i,)) for i in items]


def _entries(file: str, library: Collection) -> list[Statement]:
    """Return the names of the first entries of a table."""
    names = [
        next((f for f in record.fields if f.spans and f.text == record.name), None)
        for record in library.records(file)[:MAX_HEADINGS]
    ]
    return [_cell(file, f.text, f.spans) for f in names if f]


def _cell(file: str, text: str, spans: tuple[Span, ...], path: tuple[str, ...] = ()) -> Statement:
    passage = Passage("", text, spans, Locator(file, path=path), "clause")
    target = Target.of(text)
    return Statement(file, text, spans, passage, target, target)


def groups_of(file: str, library: Collection) -> list[Statement]:
    """Return the group rows of a table without headings, each where it stands above its first entry."""
    raw, groups = library.raw(file), dict[str, Statement]()
    for record in library.records(file):
        at = next((s.start for f in record.fields for s in f.spans), -1)
        start = raw.rfind(record.group, 0, at) if record.group and at >= 0 else -1
        if start < 0 or record.group in groups:
            continue
        spans = (Span(start, start + len(record.group)),)
        groups[record.group] = _cell(file, record.group, spans, record.path)
    return list(groups.values())[:MAX_HEADINGS]


def _top(blocks: Sequence[Block], file: str) -> Enumeration | None:
    headings = [b for b in blocks if b.kind == "heading"]
    level = min((b.level for b in headings), default=0)
    items = tuple(b for b in headings if b.level == level)
    if len(items) > 1:
        return Enumeration(items[0], items, file, 1.0)
    return next((Enumeration(h, i, file, 1.0) for h, i in enumerations(blocks)), None)
