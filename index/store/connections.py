"""Database connections of an open library, as many as threads read at once."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.store.manifest import damaged
from index.store.tables import connect


class Connections:
    """Lends read-only connections to one database of the index ``folder``; safe to share between threads."""

    def __init__(self, folder: Path, database: Path) -> None:
        self._folder = folder
        self._path = database
        self._idle: deque[sqlite3.Connection] = deque()

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to one thread at a time.

        Raises:
            IndexDamagedError: the database cannot be opened, or a read from it fails.
        """
        db = self._take()
        try:
            yield db
        except sqlite3.Error as error:
            raise damaged(self._folder, f"文档库读不出来：{error}") from error
        finally:
            self._idle.append(db)

    def close(self) -> None:
        """Close the connections that nobody holds."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        with suppress(IndexError):
            return self._idle.pop()
        try:
            return connect(self._path)
        except sqlite3.Error as error:
            raise damaged(self._folder, f"文档库打不开：{error}") from error
