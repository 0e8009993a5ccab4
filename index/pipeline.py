"""One file or one stored source -> a document that is ready for the index."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from index.config import IndexSettings
from index.edits import Edit, corrected
from index.types import Document, Source


def parse(path: Path, name: str, settings: IndexSettings, edit: Edit | None = None) -> Document:
    """Read and analyse one file; ``name`` becomes its key, ``edit`` corrects its info.

    Raises:
        LoadError: the file cannot be read.
    """
    from index.load import load

    return analyse(load(path, name=name, limits=settings.limits), settings, edit)


def analyse(source: Source, settings: IndexSettings, edit: Edit | None = None) -> Document:
    """Find tables, outline, info, records and passages of a source. A title that its reader knows stands.

    ``edit``: corrections of the info, which stand above everything.
    """
    from index.passages import passages
    from index.records import records
    from index.structure import document_info, outline
    from index.tables import find_tables

    tables = find_tables(source)
    blocks = outline(source, [table.span for table in tables])
    info = document_info(source, blocks)
    source = replace(source, info=corrected(replace(info, title=source.info.title or info.title), edit))
    rows = records(source, tables, blocks)
    return Document(source, blocks, rows, passages(source, blocks, rows, settings))


def code_hash() -> str:
    """Return a hash of this package's modules: a better reader must read an unchanged file again."""
    digest = hashlib.sha256()
    home = Path(__file__).resolve().parent
    for path in sorted(home.rglob("*.py")):
        digest.update(path.relative_to(home).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
