"""Enumerations in running text: what stands below a heading, counted and quoted by its run-in titles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.collection import Collection
from index.text import fold, map_spans, sentences, tidy
from index.types import Block, Field, Hit, Locator, Passage, Record, Span
from rag.compose import Line
from rag.match import Matcher, Target
from rag.query import Query
from rag.scope import Scope
from rag.statement import Statement

MIN_ITEMS = 2
REPEATED = 8
"""Characters of a heading that a question repeats when it means that heading."""
FEW_DOCUMENTS = 20
MAX_ITEMS = 40
MIN_OWN = 0.06
"""Least share of the question that the heading's own words speak of."""
AROUND = 0.45
NOUN_ALONE = 0.3
OPENING_CHARS = 30
_MODIFIER = re.compile("重点|主要|有关|相关|基本|总体")
_GENERIC = re.compile("技术|项目|案例|企业|单位|产品|装备")
"""What most headings of a catalogue are called; it names no list."""
UNCALLED = 0.7
"""Share that is left to a heading when neither it nor its items are called by the noun asked for."""
ANY_NOUN = re.compile("方面|内容|要求|东西|事情?|工作|任务|措施|办法|地方|领域|方向|点|门路|信息|资料|材料|栏目|指标|数据")
OPENING = 160
MAX_SHOWN = 20
_NUMBERED = re.compile("(?:几|多少)个?(专栏|附件|章|节|条|编)")
NOUN_BONUS = 0.3
IN_SCOPE = 0.15


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A heading and the items below it. ``strength`` is the share of the question that the heading speaks of."""

    heading: Block
    items: tuple[Block, ...]
    file: str
    strength: float


def best_enumeration(
    query: Query, matcher: Matcher, hits: Sequence[Hit], scope: Scope, library: Collection
) -> Enumeration | None:
    """Return the enumeration of the hits' documents whose heading speaks most of the question, or None.

    A heading, or items, called by the noun that the question asks for ("哪几条原则") speak more of it.
    """
    files = list(dict.fromkeys([h.passage.locator.file for h in hits[:6]] + _naming(query, library)))
    found: list[Enumeration] = []
    for file in files:
        title = library.document(file).info.title
        named = IN_SCOPE * min(1.0, scope.boosts.get(file, 1.0) - 1.0)
        for heading, items in (*enumerations(library.blocks(file)), *forms(library.records(file))):
            own = matcher.coverage(Target.of(heading.text))
            if own - _frame_share(query, matcher, heading) < MIN_OWN or heading.kind == "title":
                continue
            around = matcher.coverage(Target.of(" ".join((heading.text, *heading.path, title))))
            told = own - _noun_share(query, matcher, heading) - _frame_share(query, matcher, heading)
            called = _called(query.noun, heading, items) * (1.0 if told >= MIN_OWN else NOUN_ALONE)
            if told < MIN_OWN and _GENERIC.search(query.noun) and not _spoken(matcher, items):
                continue
            strength = own + AROUND * (around - own) + named + called
            if query.noun and not called and told < MIN_OWN:
                continue
            if query.noun and not called and not (ANY_NOUN.fullmatch(query.noun) or heading.text in query.own):
                strength *= UNCALLED
            found.append(Enumeration(heading, items, file, strength))
    return max(found, key=lambda e: e.strength, default=None)


def _naming(query: Query, library: Collection) -> list[str]:
    """Return the documents that have a heading of which the question repeats a long stretch; of few documents only."""
    grams = {query.own[i : i + REPEATED] for i in range(len(query.own) - REPEATED + 1)}
    entries = library.documents()[:FEW_DOCUMENTS] if grams else ()
    return [
        e.file
        for e in entries
        if any(b.kind == "heading" and any(g in fold(b.text) for g in grams) for b in library.blocks(e.file))
    ]


def _noun_share(query: Query, matcher: Matcher, heading: Block) -> float:
    """Return what of the heading's share comes from the noun that the question asks for, or the word it stands in."""
    if not query.noun:
        return 0.0
    profile = matcher.profile(Target.of(heading.text))
    pairs = zip(matcher.wanted, profile, strict=True)
    return sum(w.total * p for w, p in pairs if query.noun in w.text or w.text in query.noun) / matcher.total


def _spoken(matcher: Matcher, items: Sequence[Block]) -> bool:
    """Whether the title of some item speaks of the question."""
    return any(matcher.coverage(Target.of(b.lead or b.text[:OPENING_CHARS])) >= MIN_OWN for b in items)


def _frame_share(query: Query, matcher: Matcher, heading: Block) -> float:
    """Return what of the heading's share only repeats the document's own name, or everyday words."""
    profile = matcher.profile(Target.of(heading.text))
    pairs = zip(matcher.wanted, query.terms, strict=True)
    given = (w.framed or t.weak or bool(_MODIFIER.fullmatch(t.text)) for w, t in pairs)
    return sum(w.total * p for w, p, g in zip(matcher.wanted, profile, given, strict=True) if g) / matcher.total


def _called(noun: str, heading: Block, items: Sequence[Block]) -> float:
    if not noun:
        return 0.0
    share = sum((b.lead or b.text[:30]).rstrip("。：:").endswith(noun) for b in items) / len(items)
    return NOUN_BONUS * max(1.0 if heading.text.endswith(noun) else 0.5 if noun in heading.text else 0.0, share)


def enumerations(blocks: Sequence[Block]) -> Iterator[tuple[Block, tuple[Block, ...]]]:
    """Yield each heading with its items: the headings right below it, else its paragraphs with a run-in title."""
    for number, heading in enumerate(blocks):
        if heading.kind not in ("heading", "title"):
            continue
        inside = _inside(blocks, number)
        below = [b for b in inside if b.kind == "heading"]
        top = min((b.level for b in below), default=0)
        headings = tuple(b for b in below if b.level == top)
        path = (*heading.path, heading.text)
        leads = tuple(b for b in inside if b.lead and b.path[-1:] == path[-1:])
        items = headings if len(headings) >= MIN_ITEMS else leads
        if MIN_ITEMS <= len(items) <= MAX_ITEMS:
            yield heading, items


def forms(records: Sequence[Record]) -> Iterator[tuple[Block, tuple[Block, ...]]]:
    """Yield each section of a form with its labels: a record whose fields print their own names."""
    for record in records:
        filled = [f for f in record.fields if f.spans]
        if len(filled) > MIN_ITEMS and all(_is_label(f) for f in filled):
            title, *labels = [Block("item", f.text, f.spans, record.path) for f in filled]
            head = Block("heading", title.text, title.spans, (*record.path, record.table))
            yield head, tuple(labels if title.text == record.name else [title, *labels])


def _is_label(field: Field) -> bool:
    return field.text.startswith(field.name.split("·")[0][:8])


def _inside(blocks: Sequence[Block], number: int) -> list[Block]:
    level = blocks[number].level
    inside = []
    for block in blocks[number + 1 :]:
        if block.kind in ("heading", "title") and block.level <= level:
            break
        inside.append(block)
    return inside


def count_numbered(query: Query, hits: Sequence[Hit], library: Collection) -> list[Line]:
    """Return the answer to "一共几个专栏 / 几章 / 多少条": the headings or articles so numbered; [] when not asked."""
    asked = _NUMBERED.search(query.text)
    if not asked or not hits:
        return []
    kind = asked.group(1)
    file = hits[0].passage.locator.file
    found: dict[str, Block] = {}
    for block in library.blocks(file):
        if block.number.startswith(kind) or (block.number.startswith("第") and block.number.endswith(kind)):
            found.setdefault(block.number, block)
    if len(found) < MIN_ITEMS:
        return []
    items = [part_of(b, file, library, opening_of(b) if len(b.text) > OPENING else "") for b in found.values()]
    shown = items if len(items) <= MAX_SHOWN else [items[0], items[-1]]
    words = (
        "、".join(tidy(i.text)[:24] for i in shown)
        if shown is items
        else f"自{tidy(shown[0].text)[:12]}至{tidy(shown[-1].text)[:12]}"
    )
    return [Line(f"共{len(found)}{query.measure}：{words}", tuple(shown))]


def enumeration_lines(found: Enumeration, measure: str, library: Collection) -> list[Line]:
    """Return the answer: the heading with the count, then each item's title, cited with the sentence after it."""
    head = part_of(found.heading, found.file, library)
    lines = [Line(f"{tidy(head.text)}，共{len(found.items)}{measure}：", (head,))]
    for number, block in enumerate(found.items, 1):
        item = part_of(block, found.file, library, opening_of(block))
        lines.append(Line(f"{number}. {tidy(block.lead or item.text)}", (item,)))
    return lines


def opening_of(block: Block) -> str:
    """Return the run-in title with the sentence after it, what a citation of the item shows; "" for a heading."""
    if not block.lead:
        return ""
    ends = [end for _, end in sentences(block.text) if end > len(block.lead) + 2]
    return block.text[: min(ends[0] if ends else len(block.text), OPENING)]


def part_of(block: Block, file: str, library: Collection, lead: str = "") -> Statement:
    """Return the block, or its run-in title only, as a statement."""
    mapped = map_spans(library.raw(file), block.spans)
    at = mapped.text.find(lead) if lead else -1
    spans: tuple[Span, ...] = mapped.spans(at, at + len(lead)) if at >= 0 else block.spans
    text = lead if at >= 0 else block.text
    passage = Passage("", text, spans, Locator(file, path=block.path), "clause")
    target = Target.of(text)
    return Statement(file, text, spans, passage, target, Target.of(" ".join(block.path)))
