"""Files -> a new generation of an index folder. Only what changed is read again; the switch is atomic.

Killed at any moment, the folder opens with the old or the new collection, whole. Reading an index is
``index.store``'s job.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from index import pipeline
from index.config import IndexSettings
from index.edits import Edit, checked
from index.errors import IndexMissingError, InputError
from index.inputs import collect, require
from index.report import BuildReport, Progress
from index.store.generation import build_lock, clean
from index.store.manifest import Manifest, damaged, read_manifest, wrong_files
from index.work import Work

__all__ = ["BuildReport", "Progress", "build", "edit", "remove"]



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
        work = Work(folder, _sound_manifest(folder), settings, pipeline.code_hash(), progress)
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
        work = Work(folder, old, old.read_settings(), old.code, None)
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
        work = Work(folder, old, old.read_settings(), old.code, None)
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
