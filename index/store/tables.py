"""The document database of one generation: its tables, and the writer that fills a new one.

A passage's row (its number in the search arms) is its place in the order (document key, position); it is not
stored but follows from ``documents.first``, so a document can be copied to the next generation as it is.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.store import codec
from index.types import Document, DocumentInfo, Source

SHIFT = 24
"""A passage is stored under ``document id << SHIFT | position``."""

_TABLES = """
CREATE TABLE documents (id INTEGER PRIMARY KEY, file TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
    info TEXT NOT NULL, chars INTEGER NOT NULL, passages INTEGER NOT NULL, records INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 0);
CREATE TABLE sources (doc INTEGER PRIMARY KEY, raw TEXT NOT NULL, marks TEXT NOT NULL);
CREATE TABLE outlines (doc INTEGER PRIMARY KEY, blocks TEXT NOT NULL, records TEXT NOT NULL);
CREATE TABLE passages (at INTEGER PRIMARY KEY, value TEXT NOT NULL);
"""


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open a database: read-only and taken as unchangeable, or for writing a new one from one process."""
    if not write:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True, check_same_thread=False)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA page_size = 8192")
    return db


def stored_source(db: sqlite3.Connection, file: str) -> Source | None:
    """Return a document's source, or None where there is no such document."""
    row = db.execute(
        "SELECT sha256, raw, marks, info FROM documents JOIN sources ON doc = id WHERE file = ?", (file,)
    ).fetchone()
    return row and Source(file, row[0], row[1], codec.read_marks(row[2]), codec.read_info(row[3]))


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """One line of the library's list. ``first`` is the row of its first passage."""

    file: str
    sha256: str
    info: DocumentInfo
    chars: int
    passages: int
    records: int
    first: int


def read_entries(db: sqlite3.Connection) -> list[DocumentEntry]:
    """Return the list of documents, ordered by key."""
    found = db.execute("SELECT file, sha256, info, chars, passages, records, first FROM documents ORDER BY file")
    return [
        DocumentEntry(file, sha256, codec.read_info(info), chars, passages, records, first)
        for file, sha256, info, chars, passages, records, first in found
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a database holds, and the hash of its list of documents."""

    documents: int
    passages: int
    records: int
    documents_sha256: str


def count(db: sqlite3.Connection) -> Counts:
    """Count a database's documents, passages and records."""
    digest = hashlib.sha256()
    documents = passages = records = 0
    for file, sha256, has, rows in db.execute("SELECT file, sha256, passages, records FROM documents ORDER BY file"):
        digest.update(f"{file}\t{sha256}\n".encode())
        documents, passages, records = documents + 1, passages + has, records + rows
    return Counts(documents, passages, records, digest.hexdigest())


def passage_texts(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield text and context of every passage in the order of rows."""
    for doc, file in db.execute("SELECT id, file FROM documents ORDER BY file").fetchall():
        span = (doc << SHIFT, (doc + 1) << SHIFT)
        for (value,) in db.execute("SELECT value FROM passages WHERE at >= ? AND at < ? ORDER BY at", span):
            passage = codec.read_passage(value, file)
            yield passage.text, passage.context


class Writer:
    """Fills the database of a new generation; ``finish`` makes it complete."""

    def __init__(self, path: Path, first_id: int) -> None:
        self.db = connect(path, write=True)
        self.db.executescript(_TABLES)
        self.db.execute("BEGIN")
        self._next = first_id

    def add(self, document: Document) -> None:
        """Store a document that was read anew.

        Raises:
            ValueError: some text of it cannot be written as UTF-8; nothing is stored then.
        """
        source, doc = document.source, self._next
        sizes = (len(source.raw), len(document.passages), len(document.records))
        entry = (source.file, source.sha256, codec.info_text(source.info))
        parts = (source.raw, codec.marks_text(source.marks))
        outline = (codec.blocks_text(document.blocks), codec.records_text(document.records))
        values = [codec.passage_text(passage) for passage in document.passages]
        for text in (*entry, *parts, *outline, *values):
            text.encode()
        self.db.execute(
            "INSERT INTO documents (id, file, sha256, info, chars, passages, records) VALUES (?,?,?,?,?,?,?)",
            (doc, *entry, *sizes),
        )
        self.db.execute("INSERT INTO sources VALUES (?,?,?)", (doc, *parts))
        self.db.execute("INSERT INTO outlines VALUES (?,?,?)", (doc, *outline))
        numbered = (((doc << SHIFT) | i, value) for i, value in enumerate(values))
        self.db.executemany("INSERT INTO passages VALUES (?,?)", numbered)
        self._next += 1

    def copy(self, old: Path, dropped: set[int]) -> None:
        """Copy all documents of an older database but the dropped ones."""
        self.db.execute("COMMIT")
        self.db.execute("ATTACH ? AS old", (str(old),))
        self.db.execute("BEGIN")
        self.db.execute("CREATE TEMP TABLE dropped (doc INTEGER PRIMARY KEY)")
        self.db.executemany("INSERT INTO dropped VALUES (?)", [(doc,) for doc in sorted(dropped)])
        keys = {"documents": "id", "sources": "doc", "outlines": "doc", "passages": f"at >> {SHIFT}"}
        for table, key in keys.items():
            self.db.execute(
                f"INSERT INTO {table} SELECT * FROM old.{table} WHERE {key} NOT IN (SELECT doc FROM dropped)"
            )
        self.db.execute("COMMIT")
        self.db.execute("DETACH old")
        self.db.execute("BEGIN")

    def finish(self) -> Counts:
        """Number the rows of all documents in the order of their keys, and count."""
        first, places = 0, []
        for doc, has in self.db.execute("SELECT id, passages FROM documents ORDER BY file").fetchall():
            places.append((first, doc))
            first += has
        self.db.executemany("UPDATE documents SET first = ? WHERE id = ?", places)
        self.db.execute("CREATE INDEX documents_first ON documents (first)")
        self.db.execute("COMMIT")
        return count(self.db)

    def passages(self) -> Iterator[tuple[str, str]]:
        """Yield text and context of every passage in the order of rows."""
        return passage_texts(self.db)

    def close(self) -> None:
        """Close the database."""
        self.db.close()
