"""The reader of an index folder: documents, passages and search arms of one generation."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

from index.config import IndexSettings
from index.embed import Embedder, identity, open_embedder
from index.errors import IndexDamagedError, InputError, YoujuError
from index.lexical import LexicalIndex
from index.store import codec
from index.store.connections import Connections
from index.store.manifest import (
    LEXICAL,
    LIBRARY,
    VECTORS,
    Manifest,
    damaged,
    generation_folder,
    mismatch,
    other_model,
    read_manifest,
    wrong_files,
)
from index.store.tables import SHIFT, DocumentEntry, read_entries, stored_source
from index.types import Block, Passage, Record, Source
from index.vectors import VectorIndex

_CACHED_DOCUMENTS = 64
_CACHED_ROWS = 20_000


class Library:
    """One generation of an index, opened for reading; safe to share between threads.

    A build does not disturb it: it keeps serving its generation, and ``stale`` tells when a newer one is current.
    """

    def __init__(self, folder: Path, manifest: Manifest, device: str = "") -> None:
        self.folder = folder
        self.manifest = manifest
        self._home = generation_folder(folder, manifest.generation)
        self._connections = Connections(folder, self._home / LIBRARY)
        self._opening = threading.Lock()
        self._vectors: VectorIndex | None = None
        self._embedder: Embedder | None = None
        self._device = device
        self._documents: dict[str, DocumentEntry] = {}
        self._cached_source = lru_cache(_CACHED_DOCUMENTS)(self._read_source)
        self._cached_passages = lru_cache(_CACHED_DOCUMENTS)(self._read_passages)
        self._cached_row = lru_cache(_CACHED_ROWS)(self._read_row)
        self._cached_outline = lru_cache(_CACHED_DOCUMENTS)(self._read_outline)
        if problems := wrong_files(folder, manifest, hashes=False):
            raise damaged(folder, "；".join(problems))
        try:
            self.lexical = LexicalIndex.open(self._home / LEXICAL)
        except (OSError, ValueError, KeyError) as error:
            raise damaged(folder, f"词索引打不开：{error}") from error
        if len(self.lexical) != manifest.passages:
            raise damaged(folder, f"词索引有 {len(self.lexical)} 行，应有 {manifest.passages} 行")

    @classmethod
    def open(cls, folder: Path, settings: IndexSettings | None = None) -> Library:
        """Open the current generation.

        Args:
            folder: the index folder.
            settings: the settings in force; None accepts whatever the index was built with.

        Raises:
            IndexMissingError: there is no index.
            IndexDamagedError: files are missing or do not agree with the manifest.
            SettingsMismatchError: the index was built with other settings.
        """
        while True:
            manifest = read_manifest(folder)
            if settings is not None and settings.fingerprint() != manifest.fingerprint:
                raise mismatch(folder, manifest, settings)
            try:
                return cls(folder, manifest, settings.device if settings else "")
            except IndexDamagedError:
                # Two builds may have passed between reading the manifest and opening the files.
                if read_manifest(folder).generation == manifest.generation:
                    raise

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the settings the index was built with."""
        return self.manifest.fingerprint

    @property
    def settings(self) -> IndexSettings:
        """Return the settings the index was built with."""
        return self.manifest.read_settings()

    @property
    def generation(self) -> str:
        """Return the generation's name."""
        return self.manifest.generation

    def stale(self) -> bool:
        """Return whether another generation is current by now (a folder in trouble counts as no newer one)."""
        try:
            return read_manifest(self.folder).generation != self.generation
        except YoujuError:
            return False

    def __len__(self) -> int:
        """Return the number of passages."""
        return self.manifest.passages

    @property
    def vectors(self) -> VectorIndex | None:
        """Return the dense arm, or None where the index was built without an embedder."""
        if VECTORS not in self.manifest.files:
            return None
        with self._opening:
            if self._vectors is None:
                try:
                    self._vectors = VectorIndex.open(self._home / VECTORS)
                except ValueError as error:
                    raise damaged(self.folder, f"向量索引打不开：{error}") from error
            return self._vectors

    @property
    def embedder(self) -> Embedder | None:
        """Return the model that made the vectors; SettingsMismatchError where it is another version by now."""
        if VECTORS not in self.manifest.files:
            return None
        with self._opening:
            if self._embedder is None:
                found = open_embedder(self.settings.embedder_for(len(self)), self._device)
                now = identity(found) if found else ""
                if now != self.manifest.model:
                    raise other_model(self.folder, self.manifest.model, now)
                self._embedder = found
            return self._embedder

    def documents(self) -> tuple[DocumentEntry, ...]:
        """Return all documents, ordered by key."""
        return tuple(self._entries().values())

    def document(self, file: str) -> DocumentEntry:
        """Return one document.

        Raises:
            InputError: the library has no such document.
        """
        entry = self._entries().get(file)
        if entry is None:
            raise InputError(f"资料库里没有 {file!r}", "运行 youju docs 查看全部文件名")
        return entry

    def source(self, file: str) -> Source:
        """Return a document's text, marks and info. Raises InputError where there is no such document."""
        return self._cached_source(file)

    def raw(self, file: str) -> str:
        """Return a document's text as read."""
        return self.source(file).raw

    def blocks(self, file: str) -> tuple[Block, ...]:
        """Return a document's outline, in reading order."""
        return self._cached_outline(file)[0]

    def records(self, file: str) -> tuple[Record, ...]:
        """Return a document's records, in printed order."""
        return self._cached_outline(file)[1]

    def rows_of(self, file: str) -> range:
        """Return the rows of a document's passages, in reading order."""
        entry = self.document(file)
        return range(entry.first, entry.first + entry.passages)

    def passages_of(self, file: str) -> tuple[Passage, ...]:
        """Return a document's passages, in reading order."""
        return self._cached_passages(file)

    def row_passage(self, file: str, record: int) -> Passage | None:
        """Return the passage of a whole record, None where it has none."""
        return next((p for p in self.passages_of(file) if p.kind == "row" and p.record == record), None)

    def passage(self, row: int) -> Passage:
        """Return the passage of a row of the search arms. Raises IndexError beyond the last row."""
        return self._cached_row(row)

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """Return the passages of the rows, in the given order. Raises IndexError beyond the last row."""
        return [self._cached_row(int(row)) for row in rows]

    def close(self) -> None:
        """Close the database connections; the library must not be used afterwards."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entries(self) -> dict[str, DocumentEntry]:
        if not self._documents:
            with self._connections.lend() as db:
                self._documents = {entry.file: entry for entry in read_entries(db)}
        return self._documents

    def _read_passages(self, file: str) -> tuple[Passage, ...]:
        self.document(file)
        with self._connections.lend() as db:
            (doc,) = db.execute("SELECT id FROM documents WHERE file = ?", (file,)).fetchone()
            span = (doc << SHIFT, (doc + 1) << SHIFT)
            found = db.execute("SELECT value FROM passages WHERE at >= ? AND at < ? ORDER BY at", span).fetchall()
        return tuple(codec.read_passage(value, file) for (value,) in found)

    def _read_row(self, row: int) -> Passage:
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)} passages")
        with self._connections.lend() as db:
            file, value = db.execute(
                "SELECT file, value FROM (SELECT id, file, first FROM documents WHERE first <= ?1 AND passages > 0"
                " ORDER BY first DESC LIMIT 1) JOIN passages ON at = (id << ?2) + ?1 - first",
                (row, SHIFT),
            ).fetchone()
        return codec.read_passage(value, file)

    def _read_source(self, file: str) -> Source:
        with self._connections.lend() as db:
            source = stored_source(db, file)
        if source is None:
            self.document(file)
            raise damaged(self.folder, f"{file!r} 的原文不在文档库里")
        return source

    def _read_outline(self, file: str) -> tuple[tuple[Block, ...], tuple[Record, ...]]:
        self.document(file)
        with self._connections.lend() as db:
            blocks, records = db.execute(
                "SELECT blocks, o.records FROM documents JOIN outlines o ON doc = id WHERE file = ?", (file,)
            ).fetchone()
        return codec.read_blocks(blocks), codec.read_records(records)
