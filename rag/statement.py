"""Passages -> statements: the sentences and cells that an answer may quote, each with its exact place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from index.text import map_spans, sentences
from index.types import Hit, Passage, Record, Span
from rag.match import Target

SHORT_CELL = 60
"""A cell up to this many characters is one statement, whatever its punctuation."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One quotable sentence or cell. ``text`` equals ``quote_of(raw, spans)`` of document ``doc``.

    ``target`` is the statement itself prepared for matching, ``around`` what it stands under: title, headings, record
    name, field name. ``rank`` is the position of its passage among the hits, ``place`` its number in the passage.
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


@dataclass(frozen=True, slots=True)
class Reader:
    """What statements are read from: raw texts and records by document."""

    raw: Callable[[str], str]
    records: Callable[[str], tuple[Record, ...]]


def statements(hits: Iterable[Hit], reader: Reader) -> list[Statement]:
    """Return the statements of the hits' passages, best passage first, each place once."""
    found: dict[tuple[str, tuple[Span, ...]], Statement] = {}
    for rank, hit in enumerate(hits):
        for statement in _of_passage(hit.passage, rank, reader):
            found.setdefault((statement.doc, statement.spans), statement)
    return list(found.values())


def of_record(record: Record, passage: Passage, rank: int, reader: Reader) -> Iterator[Statement]:
    """Yield the statements of each filled field of a record; ``passage`` says where it stands."""
    about = " ".join((record.table, record.group, record.name))
    for field in record.fields:
        if field.spans:
            around = Target.of(f"{passage.locator.file} {about} {field.name} {_trail(passage)}")
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
    mapped = map_spans(reader.raw(passage.locator.file), spans)
    cuts = sentences(mapped.text)
    if passage.record >= 0 and len(mapped.text) <= SHORT_CELL:
        cuts = [(0, len(mapped.text))]
    for place, (start, end) in enumerate(cuts):
        text = mapped.text[start:end].strip()
        if text:
            at = mapped.spans(start, end)
            target = Target.of(text)
            yield Statement(passage.locator.file, text, at, passage, target, around, field, rank, place)
