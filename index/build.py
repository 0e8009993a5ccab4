"""Files -> a new generation of an index folder. Only what changed is read again; the switch is atomic.

Killed at any moment, the folder opens with the old or the new collection, whole. Reading an index is
``index.store``'s job.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from index import pipeline
from index.config import IndexSettings
from index.edits import Edit, checked, corrected, read_edits, write_edits
from index.embed import identity, open_embedder
from index.errors import IndexMissingError, InputError, LoadError, YoujuError
from index.inputs import Input, collect, printable, require
from index.report import BuildReport, Progress
from index.store.generation import Generation, build_lock, clean
from index.store.manifest import LIBRARY, Manifest, damaged, file_sha256, generation_folder, read_manifest, wrong_files
from index.store.tables import connect, stored_source
from index.types import Document, Source

__all__ = ["BuildReport", "Progress", "build", "edit", "remove"]

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


def build(
    paths: Sequence[Path], folder: Path, settings: IndexSettings, progress: Progress | None = None
) -> BuildReport:
    """Add the documents at the paths to the index, or refresh them; other documents of the index stay.

    Args:
        paths: files, folders, BEIR corpora (.jsonl, .jsonl.gz).
        folder: the index folder; made where absent.
        settings: other ones than the index has make every document be analysed anew.
        progress: told each document's key.

    Raises:
        InputError: a path does not exist, or the index cannot be written.
        IndexBusyError: another process is building this index.
        IndexDamagedError: the index is damaged.
    """
    paths, folder = [Path(path) for path in paths], Path(folder)
    require(paths)
    started = time.monotonic()
    with build_lock(folder):
        work = _Work(folder, _sound_manifest(folder), settings, pipeline.code_hash(), progress)
        try:
            inputs, unlisted = collect(paths, folder, work.known)
            work.skipped.extend(unlisted)
            for each in inputs:
                work.take_corpus(each) if each.is_beir else work.take_file(each)
            work.drop_renamed(inputs)
            work.renew()
            return work.finish(started)
        except (OSError, sqlite3.Error) as error:
            raise InputError(f"写不进索引 {str(folder)!r}：{error}", "检查磁盘空间与权限；原有索引未受影响") from error
        finally:
            work.close()


def remove(files: Sequence[str], folder: Path) -> BuildReport:
    """Remove documents, by key, from the index.

    Raises:
        IndexMissingError: there is no index.
        InputError: a document is not in the index; nothing is removed then.
        IndexBusyError: another process is building this index.
    """
    folder, started = Path(folder), time.monotonic()
    read_manifest(folder)
    with build_lock(folder):
        old = _sound_manifest(folder)
        if old is None:
            raise InputError(f"{str(folder)!r} 里没有索引")
        work = _Work(folder, old, old.read_settings(), old.code, None)
        try:
            if missing := [file for file in files if file not in work.known]:
                raise InputError(f"资料库里没有 {'、'.join(missing)}", "运行 youju docs 查看全部文件名")
            for file in dict.fromkeys(files):
                work.drop(file)
            report = work.finish(started)
            work.forget(files)
            return report
        except (OSError, sqlite3.Error) as error:
            raise InputError(f"写不进索引 {str(folder)!r}：{error}", "检查磁盘空间与权限；原有索引未受影响") from error
        finally:
            work.close()


def edit(file: str, values: Edit, folder: Path) -> BuildReport:
    """Correct what a document says about itself: title, number, issuers, date, region, level, status.

    The correction is kept beside the index and stands through every later build.

    Raises:
        IndexMissingError: there is no index.
        InputError: the document is not in the index, or a value cannot stand there.
        IndexBusyError: another process is building this index.
    """
    folder, started = Path(folder), time.monotonic()
    values = checked(values)
    read_manifest(folder)
    with build_lock(folder):
        old = _sound_manifest(folder)
        if old is None:
            raise InputError(f"{str(folder)!r} 里没有索引")
        work = _Work(folder, old, old.read_settings(), old.code, None)
        try:
            if file not in work.known:
                raise InputError(f"资料库里没有 {file}", "运行 youju docs 查看全部文件名")
            work.correct(file, values)
            return work.finish(started)
        except (OSError, sqlite3.Error) as error:
            raise InputError(f"写不进索引 {str(folder)!r}：{error}", "检查磁盘空间与权限；原有索引未受影响") from error
        finally:
            work.close()


def _sound_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of an undamaged index, or None; remove what a killed build left behind."""
    try:
        manifest = read_manifest(folder)
    except IndexMissingError:
        clean(folder, None)
        return None
    if problems := wrong_files(folder, manifest, hashes=True):
        raise damaged(folder, "；".join(problems))
    clean(folder, manifest)
    return manifest


class _Work:
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
        self._take(each.key, sha256, partial(pipeline.parse, each.path, each.key, self._settings, self._edits.get(each.key)))

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
