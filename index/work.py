"""One build under way: what the index knows, what was read anew, dropped or corrected, and why files were left out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from index import pipeline
from index.config import IndexSettings
from index.edits import Edit, corrected, read_edits, write_edits
from index.embed import identity, open_embedder
from index.errors import InputError, LoadError, YoujuError
from index.inputs import Input, printable
from index.report import BuildReport, Progress
from index.store.generation import Generation
from index.store.manifest import LIBRARY, Manifest, file_sha256, generation_folder
from index.store.tables import connect, stored_source
from index.types import Document, Source

_log = logging.getLogger(__name__)
# What one odd file may raise in the modules that read it; it must not stop the other files.
_FILE_ERRORS = (
    YoujuError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class Work:
    """One build under way: what is known, what was done, and the generation being written."""

    def __init__(
        self, folder: Path, old: Manifest | None, settings: IndexSettings, code: str, progress: Progress | None
    ) -> None:
        self.known: dict[str, tuple[int, str]] = {}
        self.skipped: list[tuple[str, str]] = []
        self._folder, self._old, self._settings, self._progress = folder, old, settings, progress
        self._db = connect(generation_folder(folder, old.generation) / LIBRARY) if old else None
        if self._db:
            found = self._db.execute("SELECT file, id, sha256 FROM documents")
            self.known = {file: (doc, sha256) for file, doc, sha256 in found}
        self._same = old is not None and (old.fingerprint, old.code) == (settings.fingerprint(), code)
        self._generation = Generation(folder, old, settings, code)
        self._edits = read_edits(folder)
        self._seen: set[str] = set()
        self._dropped: set[int] = set()
        self._added: list[str] = []
        self._updated: list[str] = []
        self._unchanged: list[str] = []
        self._removed: list[str] = []

    def take_file(self, each: Input) -> None:
        """Read a file, unless the index has it with the same content."""
        known = self.known.get(each.key)
        sha256 = ""
        if known and self._same:
            try:
                sha256 = file_sha256(each.path) if each.path.is_file() else ""
            except OSError as error:
                _log.info("%s: %s", each.path, error)
        self._take(each.key, sha256, self._reading(each))

    def take_corpus(self, each: Input) -> None:
        """Read a corpus with one document a line."""
        from index.load import read_beir

        try:
            for source in read_beir(each.path, self._settings.limits):
                self._take(source.file, source.sha256, self._analysis(source))
        except LoadError as error:
            self.skipped.append((printable(each.key), error.line()))

    def drop_renamed(self, inputs: Sequence[Input]) -> None:
        """Drop a document kept under its bare name when the same file is now kept under its path."""
        done = {*self._added, *self._updated, *self._unchanged}
        for each in inputs:
            known = self.known.get(each.name)
            if each.key != each.name and known and each.name not in self._seen and each.key in done:
                if file_sha256(each.path) == known[1]:
                    self._seen.add(each.name)
                    self.drop(each.name)

    def renew(self) -> None:
        """Analyse the documents that were not given again, where settings, code or their correction have changed."""
        if self._db is None:
            return
        for key in sorted(set(self.known) - self._seen - set(self._removed)):
            if self._same and self._agrees(key):
                continue
            source = stored_source(self._db, key)
            if source is not None:
                self._take(key, "", self._analysis(source))

    def drop(self, key: str) -> None:
        """Leave a document of the old generation out of the new one."""
        self._dropped.add(self.known[key][0])
        self._removed.append(key)

    def correct(self, key: str, values: Edit) -> None:
        """Keep the values that differ from the index, and analyse the document anew with them."""
        source = stored_source(self._db, key) if self._db else None
        if source is None:
            raise InputError(f"{key!r} 的原文不在文档库里")
        changed = {name: v for name, v in values.items() if corrected(source.info, {name: v}) != source.info}
        if changed:
            self._edits[key] = {**self._edits.get(key, {}), **changed}
            write_edits(self._folder, self._edits)
            self._take(key, "", self._analysis(source))

    def forget(self, keys: Sequence[str]) -> None:
        """Drop the corrections of documents that are gone."""
        kept = {key: edit for key, edit in self._edits.items() if key not in keys}
        if kept != self._edits:
            write_edits(self._folder, kept)

    def finish(self, started: float) -> BuildReport:
        """Write the new generation if anything changed, and report."""
        changed = (
            self._added or self._updated or self._removed or (self._old and not (self._same and self._same_model()))
        )
        manifest = self._old
        if changed:
            manifest = self._generation.commit(self._dropped, self._progress)
        return BuildReport(
            tuple(self._added),
            tuple(self._updated),
            tuple(self._unchanged),
            tuple(self._removed),
            tuple(self.skipped),
            manifest.passages if manifest else 0,
            manifest.records if manifest else 0,
            round(time.monotonic() - started, 3),
            manifest.generation if manifest else "",
        )

    def _same_model(self) -> bool:
        """Return whether the old vectors were made by the model as it is now."""
        if self._old is None:
            return True
        embedder = open_embedder(self._settings.embedder_for(self._old.passages), self._settings.device)
        return self._old.model == (identity(embedder) if embedder else "")

    def close(self) -> None:
        """Let go of the databases; an unfinished generation is removed."""
        if self._db:
            self._db.close()
        self._generation.close()

    def _take(self, key: str, sha256: str, read: Callable[[], Document]) -> None:
        if key in self._seen:
            self.skipped.append((printable(key), "同名文件（或相同编号）已经读入"))
            return
        self._seen.add(key)
        if self._progress:
            self._progress(key)
        known = self.known.get(key)
        if known and self._same and known[1] == sha256 and self._agrees(key):
            self._unchanged.append(key)
            return
        try:
            document = read()
        except _FILE_ERRORS as error:
            self._skip(key, error, bool(known))
            return
        writer = self._generation.writer()
        try:
            writer.add(document)
        except ValueError as error:
            self._skip(key, error, bool(known))
            return
        if known:
            self._dropped.add(known[0])
        (self._updated if known else self._added).append(key)

    def _reading(self, each: Input) -> Callable[[], Document]:
        return partial(pipeline.parse, each.path, each.key, self._settings, self._edits.get(each.key))

    def _analysis(self, source: Source) -> Callable[[], Document]:
        return partial(pipeline.analyse, source, self._settings, self._edits.get(source.file))

    def _agrees(self, key: str) -> bool:
        """Return whether the index has a document as it was corrected; a killed build may have left it behind."""
        if key not in self._edits or self._db is None:
            return True
        stored = stored_source(self._db, key)
        return stored is None or corrected(stored.info, self._edits[key]) == stored.info

    def _skip(self, key: str, error: Exception, has_old: bool) -> None:
        reason = error.line() if isinstance(error, YoujuError) else f"读取失败：{type(error).__name__}: {error}"
        if not isinstance(error, YoujuError):
            _log.warning("%s", printable(key), exc_info=error)
        self.skipped.append((printable(key), printable(reason + ("；索引中保留旧版" if has_old else ""))))
