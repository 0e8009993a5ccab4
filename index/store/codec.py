"""The core values as JSON text and back. Positions instead of names keep a large index small."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from index.types import Block, DocumentInfo, Field, Locator, Mark, Passage, Record, Span

dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_INFO = tuple(field.name for field in fields(DocumentInfo))


def _flat(spans: Sequence[Span]) -> list[int]:
    return [offset for span in spans for offset in (span.start, span.end)]


def _spans(flat: Sequence[int]) -> tuple[Span, ...]:
    return tuple(Span(flat[i], flat[i + 1]) for i in range(0, len(flat), 2))


def info_text(info: DocumentInfo) -> str:
    """Return what is known of a document; what is not known takes no room."""
    return dumps({name: value for name in _INFO if (value := getattr(info, name))})


def read_info(text: str) -> DocumentInfo:
    """Return the DocumentInfo of ``info_text``."""
    known: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in json.loads(text).items()}
    return DocumentInfo(**known)


def marks_text(marks: Sequence[Mark]) -> str:
    """Return the marks as text."""
    return dumps([[m.start, m.end, m.kind, m.label] for m in marks])


def read_marks(text: str) -> tuple[Mark, ...]:
    """Return the marks of ``marks_text``."""
    return tuple(Mark(*row) for row in json.loads(text))


def blocks_text(blocks: Sequence[Block]) -> str:
    """Return the outline as text."""
    return dumps([[b.kind, b.text, _flat(b.spans), b.path, b.level, b.number, b.lead] for b in blocks])


def read_blocks(text: str) -> tuple[Block, ...]:
    """Return the outline of ``blocks_text``."""
    return tuple(
        Block(kind, words, _spans(flat), tuple(path), level, number, lead)
        for kind, words, flat, path, level, number, lead in json.loads(text)
    )


def records_text(records: Sequence[Record]) -> str:
    """Return the records as text."""
    rows = []
    for record in records:
        cells = [[cell.name, cell.text, _flat(cell.spans)] for cell in record.fields]
        rows.append([record.number, record.name, cells, record.table, record.group, record.path])
    return dumps(rows)


def read_records(text: str) -> tuple[Record, ...]:
    """Return the records of ``records_text``."""
    return tuple(
        Record(number, name, tuple(Field(n, t, _spans(s)) for n, t, s in cells), table, group, tuple(path))
        for number, name, cells, table, group, path in json.loads(text)
    )


def passage_text(passage: Passage) -> str:
    """Return a passage as text, without the file that it belongs to."""
    place = passage.locator
    return dumps(
        [
            passage.id,
            passage.text,
            _flat(passage.spans),
            [place.page, place.cell, place.path],
            passage.kind,
            passage.context,
            passage.record,
            passage.field,
            passage.block,
            passage.order,
        ]
    )


def read_passage(text: str, file: str) -> Passage:
    """Return the passage of ``passage_text``."""
    key, words, flat, (page, cell, path), kind, context, record, field, block, order = json.loads(text)
    locator = Locator(file, page, cell, tuple(path))
    return Passage(key, words, _spans(flat), locator, kind, context, record, field, block, order)
