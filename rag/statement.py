"""Passages -> statements: the sentences and cells that an answer may quote, each with its exact place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from index.collection import Collection
from index.passages import introduction
from index.text import Mapped, map_spans, sentences, tidy
from index.types import Block, Hit, Passage, Record, Span
from rag.match import Target

SHORT_CELL = 60
"""A cell up to this many characters is one statement, whatever its punctuation."""


_OPENING = re.compile("(?:到|截至|至)?(?:20|19)\\d\\d年|[\"“”']?十[一二三四五六]五[\"“”']?(?:以来|期间|时期|末)?")
_YEAR = re.compile("(?<![\\d比较])((?:20|19)\\d\\d)年|十([一二三四五六])五")
_PLANS = {"一": 2006, "二": 2011, "三": 2016, "四": 2021, "五": 2026, "六": 2031}


def years_of(text: str) -> frozenset[str]:
    """Return the years that a text speaks of; "十四五" stands for its five years, "比2020年" is none of them."""
    found: set[str] = set()
    for year, plan in _YEAR.findall(text):
        found.update([year] if year else [str(_PLANS[plan] + i) for i in range(5)])
    return frozenset(found)


_FRONT_MATTER = re.compile("(?:title|doc_number|issuers|date|region|level|status|effective)\\s*[:：]")
"""A line of a .md file's front matter; what it says is known as DocumentInfo and not quoted in answers."""
NAME_CHARS = 45
"""A cell up to this length is taken for the name of its record, or of what it belongs to."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One quotable sentence or cell. ``text`` equals ``quote_of(raw, spans)`` of document ``doc``.

    ``target`` is the statement itself prepared for matching, ``around`` what it stands under: title, headings, record
    name, field name. ``rank`` is the position of its passage among the hits, ``place`` its number in the passage.
    ``title`` is its field's name, run-in title or nearest heading; ``years`` are the years it speaks of: its own, else
    those that its section opens with ("到2025年，…", "“十三五”以来，…"); ``names`` marks a short cell that names something;
    ``shown`` is the text with a mark between pieces that do not stand together, "" where they do.
    """

    doc: str
    text: str
    spans: tuple[Span, ...]
    passage: Passage
    target: Target
    around: Target
    field: str = ""
    rank: int = 0
    place: int = 0
    years: frozenset[str] = frozenset()
    title: str = ""
    names: bool = False
    shown: str = ""

    @property
    def at(self) -> tuple[str, tuple[Span, ...]]:
        """Return where it stands: its document and spans."""
        return self.doc, self.spans


class Reader:
    """What statements are read from: raw texts, records and blocks of a library, the last documents kept at hand."""

    def __init__(self, library: Collection) -> None:
        self.raw = library.raw
        self.records = library.records
        self._blocks = library.blocks
        self._starts = lru_cache(maxsize=256)(self._read_starts)
        self._openings = lru_cache(maxsize=256)(self._read_openings)

    def block_at(self, doc: str, offset: int) -> Block | None:
        """Return the block that holds the offset of raw, or None."""
        starts, numbers = self._starts(doc)
        at = bisect_right(starts, offset) - 1
        return self._blocks(doc)[numbers[at]] if at >= 0 else None

    def heading_before(self, doc: str, text: str, offset: int) -> Block | None:
        """Return the last heading (or numbered item) with that text that starts before the offset."""
        found = (b for b in reversed(self._blocks(doc)) if b.text == text or b.lead == text)
        return next((b for b in found if b.spans and b.spans[0].start < offset), None)

    def introduction(self, doc: str, offset: int) -> str:
        """Return the sentence that introduces the item of an article at the offset of raw, "" where there is none."""
        starts, numbers = self._starts(doc)
        at = bisect_right(starts, offset) - 1
        return introduction(self._blocks(doc), numbers[at]) if at >= 0 else ""

    def items_at(self, doc: str, offset: int) -> list[Block]:
        """Return the clause of an article at the offset of raw and the items that it introduces, [] where it does not.

        The offset may be that of an item.
        """
        starts, numbers = self._starts(doc)
        at = bisect_right(starts, offset) - 1
        blocks = self._blocks(doc)
        if at < 0 or not blocks[numbers[at]].number:
            return []
        here = numbers[at]
        while here > 0 and blocks[here].kind == "item" and blocks[here].path[-1:] == blocks[here - 1].path[-1:]:
            here -= 1
        if here > 0 and blocks[here].kind == "item" and blocks[here].path[-1:] == (blocks[here - 1].number,):
            here -= 1
        first = blocks[here]
        number = first.number
        items: list[Block] = []
        for block in blocks[here + 1 :]:
            if block.kind != "item" or block.path[-1:] != (number,):
                break
            items.append(block)
        return [first, *items] if first.kind == "clause" and len(items) > 1 else []

    def starts_block(self, doc: str, offset: int) -> bool:
        """Whether a block starts at the offset of raw."""
        starts, _ = self._starts(doc)
        at = bisect_right(starts, offset) - 1
        return at >= 0 and starts[at] == offset

    def opening(self, doc: str, block: Block) -> str:
        """Return how the block's section opens when that says for which years: "到2025年", "“十三五”以来"; else ""."""
        return self._openings(doc).get(block.path, "")

    def _read_openings(self, doc: str) -> dict[tuple[str, ...], str]:
        openings: dict[tuple[str, ...], str] = {}
        for block in self._blocks(doc):
            if block.kind in ("clause", "item") and block.path and block.path not in openings:
                found = _OPENING.match(tidy(block.text))
                openings[block.path] = found.group() if found else ""
        return openings

    def _read_starts(self, doc: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        places = sorted((b.spans[0].start, i) for i, b in enumerate(self._blocks(doc)) if b.spans)
        return tuple(p for p, _ in places), tuple(i for _, i in places)


def statements(hits: Iterable[Hit], reader: Reader) -> list[Statement]:
    """Return the statements of the hits' passages, best passage first, each place once."""
    found: dict[tuple[str, tuple[Span, ...]], Statement] = {}
    for rank, hit in enumerate(hits):
        for statement in _of_passage(hit.passage, rank, reader):
            found.setdefault(statement.at, statement)
    return list(found.values())


def of_record(record: Record, passage: Passage, rank: int, reader: Reader) -> Iterator[Statement]:
    """Yield the statements of each filled field of a record; ``passage`` says where it stands."""
    identity = [f.text for f in record.fields[:4] if len(f.text) <= SHORT_CELL]
    about = " ".join((record.table, record.group, record.name, *identity))
    for field in record.fields:
        if field.spans:
            around = Target.of(f"{about} {field.name} {_trail(passage)}")
            yield from _sentences(passage, field.spans, around, field.name, rank, reader)


def _of_passage(passage: Passage, rank: int, reader: Reader) -> Iterator[Statement]:
    if passage.record >= 0 and passage.kind == "row":
        yield from of_record(reader.records(passage.locator.file)[passage.record], passage, rank, reader)
    else:
        yield from _sentences(passage, passage.spans, Target.of(passage.context), passage.field, rank, reader)


def _trail(passage: Passage) -> str:
    return " ".join(passage.locator.path)


def _sentences(
    passage: Passage, spans: tuple[Span, ...], around: Target, field: str, rank: int, reader: Reader
) -> Iterator[Statement]:
    doc = passage.locator.file
    mapped = map_spans(reader.raw(doc), spans)
    whole = passage.record >= 0 and len(mapped.text) <= SHORT_CELL
    cuts = [(0, len(mapped.text))] if whole else _cuts(mapped, doc, reader)
    for place, (start, end) in enumerate(cuts):
        at = mapped.spans(start, end)
        if not at or (passage.kind == "note" and _FRONT_MATTER.match(mapped.text[start:end])):
            continue
        block = reader.block_at(doc, at[0].start) if passage.record < 0 else None
        opening = reader.opening(doc, block) if block else ""
        led = reader.introduction(doc, at[0].start) if block and block.kind == "item" else ""
        beside = Target.of(f"{block.lead} {' '.join(block.path)} {opening} {led}") | around if block else around
        text = mapped.text[start:end].strip()
        years = years_of(text) or years_of(opening)
        title = field or (block.lead or " ".join(block.path[-1:]) if block else "")
        names = whole and len(text) <= NAME_CHARS
        yield Statement(doc, text, at, passage, Target.of(text), beside, field, rank, place, years, title, names)


def _cuts(mapped: Mapped, doc: str, reader: Reader) -> list[tuple[int, int]]:
    """Return the sentences of the text; none of them runs over the start of a block."""
    cuts: list[tuple[int, int]] = []
    for start, end in sentences(mapped.text):
        at = start
        for i in range(start + 1, end):
            if mapped.pieces[i] != mapped.pieces[i - 1] and reader.starts_block(doc, mapped.starts[i]):
                cuts.append((at, i))
                at = i
        cuts.append((at, end))
    return cuts


def same_entry(one: Statement, other: Statement) -> bool:
    """Whether two statements stand in one record, or in one passage of running text."""
    return (one.doc, one.passage.record) == (other.doc, other.passage.record) and (
        one.passage.record >= 0 or one.passage.id == other.passage.id
    )


def beside(one: Statement, other: Statement) -> bool:
    """Whether two statements stand in one record, or under one run-in title or heading."""
    if one.doc != other.doc or one.passage.record != other.passage.record:
        return False
    return one.passage.record >= 0 or one.title == other.title
