"""The integrity check of an index folder: checksums, database, counts, and the span promise of every passage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from index.errors import IndexDamagedError, SettingsMismatchError
from index.store.library import Library
from index.store.manifest import LIBRARY, Manifest, generation_folder, read_manifest, wrong_files
from index.store.tables import connect, count
from index.text import quote_of
from index.types import Span, passage_id


def check(folder: Path) -> list[str]:
    """Return every problem of an index, one line each; empty when all is well.

    Raises:
        IndexMissingError: there is no index.
    """
    try:
        manifest = read_manifest(folder)
    except (IndexDamagedError, SettingsMismatchError) as error:
        return [error.line()]
    if problems := wrong_files(folder, manifest, hashes=True):
        return problems
    problems = _database_problems(folder, manifest)
    if problems:
        return problems
    try:
        with Library(folder, manifest) as library:
            if library.vectors is not None and len(library.vectors) != manifest.passages:
                problems.append(f"向量索引有 {len(library.vectors)} 行，应有 {manifest.passages} 行")
            for entry in library.documents():
                problems.extend(_span_problems(library, entry.file))
    except IndexDamagedError as error:
        problems.append(error.line())
    return problems


def _database_problems(folder: Path, manifest: Manifest) -> list[str]:
    path = generation_folder(folder, manifest.generation) / LIBRARY
    problems: list[str] = []
    try:
        db = connect(path)
        try:
            found = [line for (line,) in db.execute("PRAGMA integrity_check") if line != "ok"]
            problems.extend(f"文档库：{line}" for line in found)
            counts = count(db)
            stored = db.execute("SELECT count(*) FROM passages").fetchone()[0]
        finally:
            db.close()
    except sqlite3.Error as error:
        return [f"文档库读不出来：{error}"]
    wanted = (manifest.documents, manifest.passages, manifest.records, manifest.passages)
    actual = (counts.documents, counts.passages, counts.records, stored)
    if wanted != actual:
        problems.append(f"数目不符：清单为 {wanted}，文档库为 {actual}（文件、片段、记录、实存片段）")
    if counts.documents_sha256 != manifest.documents_sha256:
        problems.append("文档清单的校验和不符")
    return problems


def _span_problems(library: Library, file: str) -> list[str]:
    """Hold every stored text of a document against its spans in the raw text."""
    source = library.source(file)
    wrong = [
        f"{file}：{what} 与原文不符"
        for what, text, spans in _quotes(library, file)
        if not _inside(spans, len(source.raw)) or quote_of(source.raw, spans) != text
    ]
    for passage in library.passages_of(file):
        if passage.id != passage_id(source.sha256, passage.spans):
            wrong.append(f"{file}：片段 {passage.id} 的编号与位置不符")
    return wrong


def _inside(spans: tuple[Span, ...], length: int) -> bool:
    return all(0 <= span.start <= span.end <= length for span in spans)


def _quotes(library: Library, file: str) -> Iterator[tuple[str, str, tuple[Span, ...]]]:
    for passage in library.passages_of(file):
        yield f"片段 {passage.id}", passage.text, passage.spans
    for number, block in enumerate(library.blocks(file)):
        yield f"第 {number} 块", block.text, block.spans
    for record in library.records(file):
        for cell in record.fields:
            yield f"记录 {record.number or record.name} 的“{cell.name}”", cell.text, cell.spans
