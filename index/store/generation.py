"""A new generation of an index folder: written beside the current one, then made current in one step."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from itertools import tee
from pathlib import Path

import numpy as np

from index.config import FORMAT_VERSION, IndexSettings
from index.embed import Embedder, identity, open_embedder
from index.errors import IndexBusyError, InputError
from index.lexical import Floats, LexicalIndex
from index.store.manifest import (
    GENERATIONS,
    LEXICAL,
    LIBRARY,
    MANIFEST,
    VECTORS,
    Manifest,
    flush_folder,
    generation_folder,
    sum_files,
    write_manifest,
)
from index.store.tables import Writer, connect, passage_texts
from index.text import tokens
from index.vectors import VectorIndex

Progress = Callable[[str], None]

_LOCK = ".lock"
_BATCH = 1024


@contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when the process ends, however it ends.

    Raises:
        IndexBusyError: another process holds it.
        InputError: the folder cannot be made or written.
    """
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise InputError(f"索引文件夹 {str(folder)!r} 不能写入：{error.strerror}", "换一个文件夹或修改权限") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"另一个进程正在更新索引 {str(folder)!r}"
            raise IndexBusyError(message, "等它结束后再试；查询不受影响") from error
        yield
    finally:
        os.close(handle)


def clean(folder: Path, manifest: Manifest | None) -> None:
    """Delete every generation but the current one and the one before, which a reader may still hold."""
    kept = {manifest.generation, manifest.previous} if manifest else set()
    home = folder / GENERATIONS
    for path in home.iterdir() if home.is_dir() else ():
        if path.name not in kept:
            shutil.rmtree(path)
    (folder / f"{MANIFEST}.new").unlink(missing_ok=True)


class Generation:
    """A generation in the making. Leaving it without ``commit`` removes it."""

    def __init__(self, folder: Path, old: Manifest | None, settings: IndexSettings, code: str) -> None:
        number = int(old.generation.partition("-")[0]) + 1 if old else 1
        self.name = f"{number:06d}-{secrets.token_hex(4)}"
        self._folder, self._old, self._settings, self._code = folder, old, settings, code
        self._home = generation_folder(folder, self.name)
        self._writer: Writer | None = None
        self._committed = False

    def writer(self) -> Writer:
        """Return the writer of the new database, made on first use."""
        if self._writer is None:
            self._home.mkdir(parents=True)
            self._writer = Writer(self._home / LIBRARY, self._next_id())
        return self._writer

    def commit(self, dropped: set[int], progress: Progress | None = None) -> Manifest:
        """Copy what stays, build the search arms, flush, and make this generation current."""
        writer = self.writer()
        if self._old:
            writer.copy(self._old_file(LIBRARY), dropped)
        counts = writer.finish()
        self._build_lexical(writer)
        embedder = open_embedder(self._settings.embedder_for(counts.passages), self._settings.device)
        if embedder:
            self._build_vectors(writer, embedder, counts.passages, progress)
        writer.close()
        self._flush()
        manifest = Manifest(
            format=FORMAT_VERSION,
            youju=_version(),
            code=self._code,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            generation=self.name,
            previous=self._old.generation if self._old else "",
            fingerprint=self._settings.fingerprint(),
            settings=self._settings.model_dump(mode="json"),
            documents=counts.documents,
            passages=counts.passages,
            records=counts.records,
            documents_sha256=counts.documents_sha256,
            model=identity(embedder) if embedder else "",
            files=sum_files(self._home),
        )
        write_manifest(self._folder, manifest)
        self._committed = True
        clean(self._folder, manifest)
        return manifest

    def close(self) -> None:
        """Remove what was written, unless it has become current."""
        if self._writer:
            self._writer.close()
        if not self._committed:
            shutil.rmtree(self._home, ignore_errors=True)

    def _old_file(self, name: str) -> Path:
        assert self._old is not None
        return generation_folder(self._folder, self._old.generation) / name

    def _next_id(self) -> int:
        if self._old is None:
            return 1
        db = connect(self._old_file(LIBRARY))
        try:
            return int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM documents").fetchone()[0])
        finally:
            db.close()

    def _build_lexical(self, writer: Writer) -> None:
        # Neighbouring passages share their heading path: its tokens are made once.
        context_tokens = lru_cache(1024)(tokens)
        left, right = tee(writer.passages())
        bodies = (tokens(text) for text, _ in left)
        contexts = (context_tokens(context) for _, context in right)
        LexicalIndex.build(bodies, contexts, self._settings).save(self._home / LEXICAL)

    def _build_vectors(self, writer: Writer, embedder: Embedder, rows: int, progress: Progress | None) -> None:
        """Embed the passages whose words are new to the model; the others keep their vectors."""
        known, places = self._old_vectors(embedder)
        dim = embedder.dim if known is None else known.shape[1]
        vectors = np.empty((rows, dim), dtype=np.float32)
        new_rows: list[int] = []
        new_texts: list[str] = []

        def embed() -> None:
            vectors[new_rows] = embedder.encode(new_texts)
            if progress:
                progress(f"向量 {new_rows[-1] + 1}/{rows}")
            new_rows.clear()
            new_texts.clear()

        for row, (text, context) in enumerate(writer.passages()):
            whole = _embedded(text, context)
            if known is not None and (place := places.get(_digest(whole))) is not None:
                vectors[row] = known[place]
                continue
            new_rows.append(row)
            new_texts.append(whole)
            if len(new_rows) == _BATCH:
                embed()
        if new_rows:
            embed()
        VectorIndex.build(vectors).save(self._home / VECTORS)

    def _old_vectors(self, embedder: Embedder) -> tuple[Floats | None, dict[bytes, int]]:
        """Return the vectors of the old generation, if this model made them, and the row of each text's hash."""
        if self._old is None or VECTORS not in self._old.files or self._old.model != identity(embedder):
            return None, {}
        db = connect(self._old_file(LIBRARY))
        try:
            places = {_digest(_embedded(text, context)): row for row, (text, context) in enumerate(passage_texts(db))}
        finally:
            db.close()
        return VectorIndex.open(self._old_file(VECTORS)).matrix(), places

    def _flush(self) -> None:
        folders: Sequence[Path] = [self._home, *(path for path in self._home.rglob("*") if path.is_dir())]
        for folder in folders:
            for path in folder.iterdir():
                if path.is_file():
                    with path.open("rb") as file:
                        os.fsync(file.fileno())
            flush_folder(folder)
        flush_folder(self._folder / GENERATIONS)


def _embedded(text: str, context: str) -> str:
    """Return what the model reads of a passage: its heading path, then its text."""
    return f"{context}\n{text}" if context else text


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _version() -> str:
    try:
        return metadata.version("youju")
    except metadata.PackageNotFoundError:
        return "dev"
