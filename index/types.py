"""The frozen values that travel through the project. Change one by ``dataclasses.replace``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

MarkKind = Literal["page", "paragraph", "sheet", "table", "row", "cell"]
BlockKind = Literal["title", "meta", "heading", "clause", "item", "table", "note", "toc"]
PassageKind = Literal["clause", "row", "cell", "heading", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of Unicode code points in ``Source.raw``."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reader knows about a range of raw: a page, a paragraph, a sheet, a table, a row, a cell.

    ``label`` is for people: "3" (page, paragraph), "Sheet1" (sheet), "B7" (cell). Ranges of one kind
    do not overlap; a cell lies inside its row, a row inside its table.
    """

    start: int
    end: int
    kind: MarkKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What an official document says about itself. Empty string or tuple: not stated.

    ``date`` and ``effective`` are ISO dates ("2024-06-11", or "2024-06" / "2024" where no more is known).
    ``level``: 国家级, 省级, 市级, ...; ``status``: 现行, 废止, 被替代, ... ; ``numbers`` holds every 文号 under
    which the document was issued or forwarded, ``number`` the first of them.
    """

    title: str = ""
    number: str = ""
    numbers: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    date: str = ""
    effective: str = ""
    region: str = ""
    level: str = ""
    status: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as its reader produced it. ``raw`` is stored once and never rewritten.

    ``file`` is the document's key in the library (the file's name; for a BEIR corpus its ``_id``),
    ``sha256`` the hash of the file's bytes.
    """

    file: str
    sha256: str
    raw: str
    marks: tuple[Mark, ...] = ()
    info: DocumentInfo = field(default_factory=DocumentInfo)


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a passage stands, for people: file, page ("3" or ""), cell ("B7" or ""), heading path."""

    file: str
    page: str = ""
    cell: str = ""
    path: tuple[str, ...] = ()

    def label(self) -> str:
        """Return the place as one short line, e.g. ``三、主要任务 > (五) 推动生产过程清洁化转型，第5页``."""
        parts = [" > ".join(self.path)] if self.path else []
        if self.cell:
            parts.append(self.cell if self.cell.startswith("第") else f"单元格{self.cell}")
        if self.page:
            parts.append(f"第{self.page}页")
        return "，".join(parts)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document's outline, in reading order.

    ``text`` equals ``quote_of(raw, spans)``. ``path`` holds the headings above it, outermost first, without
    itself. ``level`` is its depth (0: the document). ``number`` is the printed ordinal ("三", "(五)", "第三条",
    "专栏6", "附件1"), ``lead`` the short first sentence that serves as a run-in title ("目标导向"), or "".
    """

    kind: BlockKind
    text: str
    spans: tuple[Span, ...]
    path: tuple[str, ...] = ()
    level: int = 0
    number: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One named cell of a record. ``text`` equals ``quote_of(raw, spans)``; both empty: the cell is empty."""

    name: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a catalogue, list or form, with the header's field names.

    ``number`` is the printed row number, ``name`` the entry's title (it may be found in another cell when its
    own has been lost), ``table`` the caption or title of the table, ``group`` the group row above ("类别一：减污降碳"),
    ``path`` the headings above the table, ``fields`` the cells in printed order, continuation rows joined.
    """

    number: str
    name: str
    fields: tuple[Field, ...]
    table: str = ""
    group: str = ""
    path: tuple[str, ...] = ()

    def get(self, name: str) -> Field | None:
        """Return the field of that exact name, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of search. ``text`` equals ``quote_of(raw, spans)``.

    ``context`` (title, heading path, record name, field name) is searched beside the text and never quoted.
    ``record`` is the position of its record in the document's records (-1: none), ``field`` the field's name for
    a cell, ``block`` the position of its first block (-1: none), ``order`` its position in the document.
    """

    id: str
    text: str
    spans: tuple[Span, ...]
    locator: Locator
    kind: PassageKind
    context: str = ""
    record: int = -1
    field: str = ""
    block: int = -1
    order: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A document ready for the index: its source, outline, records and passages."""

    source: Source
    blocks: tuple[Block, ...]
    records: tuple[Record, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found. ``found_by`` names the arms: "lexical", "dense", "scope", "neighbour"."""

    passage: Passage
    score: float
    found_by: tuple[str, ...]


def passage_id(sha256: str, spans: tuple[Span, ...]) -> str:
    """Return the passage's id: a hash of (document hash, spans), so equal texts in two places stay two."""
    key = sha256 + "".join(f":{s.start}-{s.end}" for s in spans)
    return hashlib.sha256(key.encode()).hexdigest()[:16]
