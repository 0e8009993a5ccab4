"""Blocks and Records -> Passages, the units of search.

Neighbouring paragraphs below one heading share a passage up to ``settings.passage_chars``; a longer paragraph is cut
between sentences. A record gives one passage for the row and one for each of its cells, so that both "which entries"
and "what does entry 5 save" are found. A heading with several headings below it gives a passage of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.config import IndexSettings
from index.places import Places
from index.text import Mapped, map_spans, quote_of, sentences
from index.types import Block, Locator, Passage, PassageKind, Record, Source, Span, passage_id

FARTHEST, LONGEST = 40, 160
"""Blocks after which an item has lost its introduction, and the characters kept of that."""
_CONTENT = frozenset({"clause", "item"})


@dataclass(frozen=True, slots=True)
class _Draft:
    """A passage before it is numbered."""

    spans: tuple[Span, ...]
    kind: PassageKind
    path: tuple[str, ...]
    context: str = ""
    record: int = -1
    field: str = ""
    block: int = -1


def passages(
    source: Source, blocks: Sequence[Block], records: Sequence[Record], settings: IndexSettings
) -> tuple[Passage, ...]:
    """Return the document's passages in reading order, each id once."""
    drafts = [
        *_from_blocks(source, blocks, records, settings.passage_chars),
        *_from_headings(blocks),
        *_from_records(source, records, settings.passage_chars),
    ]
    drafts.sort(key=lambda d: (d.spans[0].start, -sum(map(len, d.spans))))
    places = Places(source)
    made: dict[str, Passage] = {}
    held = [(draft, text) for draft in drafts if (text := quote_of(source.raw, draft.spans))]
    for draft, text in held:
        identity = passage_id(source.sha256, draft.spans)
        if identity in made:
            continue
        locator = Locator(source.file, *places.at(draft.spans[0].start), draft.path)
        context = " ".join(part for part in (source.info.title, *draft.path, draft.context) if part)
        if text == context and draft.kind == "note" and len(held) > 1:
            continue  # the title alone: every other passage carries it
        made[identity] = Passage(
            identity, text, draft.spans, locator, draft.kind, context, draft.record, draft.field, draft.block, len(made)
        )
    return tuple(made.values())


def _from_blocks(
    source: Source, blocks: Sequence[Block], records: Sequence[Record], size: int
) -> Iterator[_Draft]:
    """Yield passages of running text: neighbours with one path and kind joined, long ones cut."""
    held = _starts(records)
    waiting: list[int] = []
    for number, block in enumerate(blocks):
        if block.kind == "table" and not _holds_record(block, held):
            yield from _cut(source.raw, block, number, size, "row")
        if waiting and not _joins(blocks, waiting, block, size):
            yield _joined(blocks, waiting)
            waiting = []
        if block.kind in ("toc", "table", "heading") or not block.spans:
            continue
        if len(block.text) > size * 1.5:
            yield from _cut(source.raw, block, number, size, _kind(block))
        else:
            waiting.append(number)
    if waiting:
        yield _joined(blocks, waiting)


def _kind(block: Block) -> PassageKind:
    return "clause" if block.kind in _CONTENT else "note"


def _joins(blocks: Sequence[Block], waiting: list[int], block: Block, size: int) -> bool:
    first = blocks[waiting[0]]
    length = sum(len(blocks[i].text) for i in waiting) + len(block.text)
    starts_article = block.number.startswith("第") and block.number != blocks[waiting[-1]].number
    return (
        block.kind not in ("table", "heading", "toc")
        and (block.path == first.path or (bool(first.number) and block.path == (*first.path, first.number)))
        and _kind(block) == _kind(first)
        and length <= size
        and not starts_article
    )


def _joined(blocks: Sequence[Block], numbers: list[int]) -> _Draft:
    first = blocks[numbers[0]]
    spans = tuple(span for i in numbers for span in blocks[i].spans)
    return _Draft(spans, _kind(first), first.path, introduction(blocks, numbers[0]), block=numbers[0])


def introduction(blocks: Sequence[Block], number: int) -> str:
    """Return the sentence that the items of an article follow ("有下列情形之一的：") for one of them, "" for others."""
    block = blocks[number]
    if block.kind != "item" or not block.path:
        return ""
    for before in reversed(blocks[max(0, number - FARTHEST) : number]):
        if before.kind == "clause" and before.number == block.path[-1]:
            start, end = list(sentences(before.text))[-1]
            said = before.text[start:end].strip()
            return said[-LONGEST:] if said.endswith(("：", ":")) else ""
    return ""


def _cut(raw: str, block: Block, number: int, size: int, kind: PassageKind) -> Iterator[_Draft]:
    for spans in _windows(map_spans(raw, block.spans), size):
        yield _Draft(spans, kind, block.path, context=block.lead, block=number)


def _windows(mapped: Mapped, size: int) -> Iterator[tuple[Span, ...]]:
    """Yield runs of whole sentences of about ``size`` characters, a sentence too long for one cut in the middle."""
    start = end = 0
    for first, last in _pieces(mapped.text, size):
        if end > start and last - start > size:
            yield mapped.spans(start, end)
            start = first
        end = last
    if end > start:
        yield mapped.spans(start, end)


def _pieces(text: str, size: int) -> Iterator[tuple[int, int]]:
    for first, last in sentences(text):
        while last - first > 2 * size:
            yield first, first + size
            first += size
        yield first, last


def _from_headings(blocks: Sequence[Block]) -> Iterator[_Draft]:
    """Yield each heading that has two or more headings right below it, together with them."""
    below: dict[int, list[int]] = {}
    open_headings: list[int] = []
    for number, block in enumerate(blocks):
        if block.kind not in ("heading", "title"):
            continue
        while open_headings and blocks[open_headings[-1]].level >= block.level:
            open_headings.pop()
        if open_headings:
            below.setdefault(open_headings[-1], []).append(number)
        open_headings.append(number)
    for number, children in below.items():
        if len(children) > 1:
            spans = tuple(s for i in (number, *children) for s in blocks[i].spans)
            yield _Draft(spans, "heading", blocks[number].path, block=number)


def _from_records(source: Source, records: Sequence[Record], size: int) -> Iterator[_Draft]:
    for number, record in enumerate(records):
        filled = [f for f in record.fields if f.spans]
        row = tuple(s for f in filled for s in f.spans)
        if not row:
            continue
        about = " ".join(part for part in (record.table, record.group, record.name) if part)
        names = " ".join(f.name for f in filled)
        yield _Draft(row, "row", record.path, f"{about} {names}", record=number)
        for field in filled if len(filled) > 1 else []:
            for spans in _windows(map_spans(source.raw, field.spans), size):
                yield _Draft(spans, "cell", record.path, f"{about} {field.name}", record=number, field=field.name)


def _starts(records: Iterable[Record]) -> list[int]:
    return sorted(s.start for r in records for f in r.fields for s in f.spans)


def _holds_record(block: Block, starts: Sequence[int]) -> bool:
    """Whether any record's text starts inside the table's range."""
    if not block.spans:
        return True
    at = bisect_right(starts, block.spans[-1].end) - 1
    return at >= 0 and starts[at] >= block.spans[0].start
