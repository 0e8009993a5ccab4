"""What a searchable collection offers, and one that lives in memory: passages handed in with a question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from index.config import IndexSettings
from index.embed import Embedder
from index.lexical import Floats, LexicalIndex, Searcher, WordArm
from index.store import DocumentEntry
from index.text import tokens
from index.types import Block, Document, Passage, Record, Source


class Collection(Protocol):
    """The reading side of a library, on disk or in memory. Files are keys; an unknown one raises InputError."""

    @property
    def lexical(self) -> WordArm:
        """The word index over all passages, by row."""

    @property
    def vectors(self) -> Searcher[Floats] | None:
        """The dense arm over the same rows, or None."""

    @property
    def embedder(self) -> Embedder | None:
        """The model that made the vectors, or None."""

    def documents(self) -> tuple[DocumentEntry, ...]:
        """Return the documents, ordered by key."""

    def document(self, file: str) -> DocumentEntry:
        """Return one document's line of the list."""

    def source(self, file: str) -> Source:
        """Return a document's source: its text as read, the reader's marks and its info."""

    def raw(self, file: str) -> str:
        """Return a document's text as read."""

    def blocks(self, file: str) -> tuple[Block, ...]:
        """Return a document's outline."""

    def records(self, file: str) -> tuple[Record, ...]:
        """Return a document's records."""

    def rows_of(self, file: str) -> range:
        """Return the rows of a document's passages."""

    def passage(self, row: int) -> Passage:
        """Return the passage of a row."""

    def passages_of(self, file: str) -> tuple[Passage, ...]:
        """Return a document's passages."""

    def row_passage(self, file: str, record: int) -> Passage | None:
        """Return the passage of a whole record, None where it has none."""


class MemoryCollection:
    """A collection of analysed documents that is never stored. It has no vectors."""

    vectors: Searcher[Floats] | None = None
    embedder: Embedder | None = None

    def __init__(self, documents: Iterable[Document], settings: IndexSettings) -> None:
        self._held = {d.source.file: d for d in sorted(documents, key=lambda d: d.source.file)}
        self._rows: list[Passage] = []
        self._entries: dict[str, DocumentEntry] = {}
        for file, held in self._held.items():
            source = held.source
            counts = (len(source.raw), len(held.passages), len(held.records), len(self._rows))
            self._entries[file] = DocumentEntry(file, source.sha256, source.info, *counts)
            self._rows.extend(held.passages)
        bodies, contexts = ([tokens(getattr(p, part)) for p in self._rows] for part in ("text", "context"))
        self._lexical = LexicalIndex.build(bodies, contexts, settings)

    @property
    def lexical(self) -> LexicalIndex:
        """The word index over all passages, by row."""
        return self._lexical

    def documents(self) -> tuple[DocumentEntry, ...]:
        """Return the documents, ordered by key."""
        return tuple(self._entries.values())

    def document(self, file: str) -> DocumentEntry:
        """Return one document's line of the list."""
        return self._entries[file]

    def source(self, file: str) -> Source:
        """Return a document's source: its text as read, the reader's marks and its info."""
        return self._held[file].source

    def raw(self, file: str) -> str:
        """Return a document's text as read."""
        return self._held[file].source.raw

    def blocks(self, file: str) -> tuple[Block, ...]:
        """Return a document's outline."""
        return self._held[file].blocks

    def records(self, file: str) -> tuple[Record, ...]:
        """Return a document's records."""
        return self._held[file].records

    def rows_of(self, file: str) -> range:
        """Return the rows of a document's passages."""
        entry = self._entries[file]
        return range(entry.first, entry.first + entry.passages)

    def passage(self, row: int) -> Passage:
        """Return the passage of a row."""
        return self._rows[row]

    def passages_of(self, file: str) -> tuple[Passage, ...]:
        """Return a document's passages."""
        return self._held[file].passages

    def row_passage(self, file: str, record: int) -> Passage | None:
        """Return the passage of a whole record, None where it has none."""
        return next((p for p in self._held[file].passages if p.kind == "row" and p.record == record), None)
