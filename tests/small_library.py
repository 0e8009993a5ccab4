"""A stand-in for the analysis of documents, for tests of what happens around it: a passage a line, cells by tabs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index.config import IndexSettings
from index.edits import Edit, corrected
from index.text import quote_of
from index.types import Block, Document, Field, Locator, Passage, Record, Source, Span, passage_id

SETTINGS = IndexSettings()


def analyse(source: Source, settings: IndexSettings, edit: Edit | None = None) -> Document:
    """One clause a line; a line with tabs is a record as well; the first line is the title."""
    passages: list[Passage] = []
    blocks: list[Block] = []
    records: list[Record] = []
    title = source.raw.splitlines()[0].strip()
    if title == "读不懂":
        raise ValueError("stand-in for a bug in the analysis of one odd file")
    at = 0
    for line in source.raw.splitlines(keepends=True):
        spans = (Span(at, at + len(line)),)
        text = quote_of(source.raw, spans)
        if text:
            blocks.append(Block("clause", text, spans, (title,)))
            if "\t" in line:
                records.append(_record(source.raw, line, at))
            order = len(passages)
            place = Locator(source.file, path=(title,))
            passages.append(
                Passage(passage_id(source.sha256, spans), text, spans, place, "clause", title, block=order, order=order)
            )
        at += len(line)
    info = corrected(replace(source.info, title=title, issuers=("甲部", "乙部")), edit)
    return Document(replace(source, info=info), tuple(blocks), tuple(records), tuple(passages))


def _record(raw: str, line: str, at: int) -> Record:
    fields = []
    for number, cell in enumerate(line.split("\t")):
        spans = (Span(at, at + len(cell)),)
        fields.append(Field(f"列{number}", quote_of(raw, spans), spans))
        at += len(cell) + 1
    return Record("1", fields[0].text, tuple(fields), path=("表",))


def write(folder: Path, texts: dict[str, str]) -> Path:
    """Write files below a folder and return it."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
