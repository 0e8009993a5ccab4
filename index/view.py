"""Some documents of a collection as a collection of their own: nothing in it tells that there are others."""

from __future__ import annotations

from collections.abc import Collection as Container
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.collection import Collection
from index.embed import Embedder
from index.errors import InputError
from index.lexical import Floats, Searcher, WordArm
from index.part import LexicalPart, VectorPart
from index.store import DocumentEntry
from index.types import Block, Passage, Record, Source


class View:
    """The documents ``files`` of a collection; names that the collection does not hold are passed over.

    It searches and counts as an index built of only these documents would; texts and caches are the collection's.
    Safe to share between threads.
    """

    def __init__(self, collection: Collection, files: Container[str]) -> None:
        wanted = frozenset(files)
        self.base = collection
        self._entries: dict[str, DocumentEntry] = {}
        rows: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
        size = 0
        for entry in collection.documents():
            if entry.file in wanted:
                self._entries[entry.file] = replace(entry, first=size)
                rows.append(np.arange(entry.first, entry.first + entry.passages, dtype=np.int64))
                size += entry.passages
        self._rows = np.concatenate(rows)

    @cached_property
    def lexical(self) -> WordArm:
        """The word index over all passages, by row."""
        return LexicalPart(self.base.lexical, self._rows)

    @cached_property
    def vectors(self) -> Searcher[Floats] | None:
        """The dense arm over the same rows, or None."""
        whole = self.base.vectors
        return None if whole is None else VectorPart(whole, self._rows)

    @property
    def embedder(self) -> Embedder | None:
        """The model that made the vectors, or None."""
        return self.base.embedder

    def documents(self) -> tuple[DocumentEntry, ...]:
        """Return the documents, ordered by key."""
        return tuple(self._entries.values())

    def document(self, file: str) -> DocumentEntry:
        """Return one document's line of the list.

        Raises:
            InputError: the view has no such document, whether the collection has it or not.
        """
        entry = self._entries.get(file)
        if entry is None:
            raise InputError(f"资料库里没有 {file!r}", "运行 youju docs 查看全部文件名")
        return entry

    def source(self, file: str) -> Source:
        """Return a document's source: its text as read, the reader's marks and its info."""
        return self.base.source(self.document(file).file)

    def raw(self, file: str) -> str:
        """Return a document's text as read."""
        return self.base.raw(self.document(file).file)

    def blocks(self, file: str) -> tuple[Block, ...]:
        """Return a document's outline."""
        return self.base.blocks(self.document(file).file)

    def records(self, file: str) -> tuple[Record, ...]:
        """Return a document's records."""
        return self.base.records(self.document(file).file)

    def rows_of(self, file: str) -> range:
        """Return the rows of a document's passages."""
        entry = self.document(file)
        return range(entry.first, entry.first + entry.passages)

    def passage(self, row: int) -> Passage:
        """Return the passage of a row. Raises IndexError beyond the last row."""
        if not 0 <= row < len(self._rows):
            raise IndexError(f"row {row} of {len(self._rows)} passages")
        return self.base.passage(int(self._rows[row]))

    def passages_of(self, file: str) -> tuple[Passage, ...]:
        """Return a document's passages."""
        return self.base.passages_of(self.document(file).file)

    def row_passage(self, file: str, record: int) -> Passage | None:
        """Return the passage of a whole record, None where it has none."""
        return self.base.row_passage(self.document(file).file, record)
