"""Example questions, made by rule from what a library holds, and kept only where the service answers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice, zip_longest

from index.store import Library
from index.store.tables import DocumentEntry
from index.types import Field, Record

WANTED = 6
_DOCUMENTS = 12
_NUMBER = re.compile(r"^[（(]?[一二三四五六七八九十\d]+[)）、.．]?\s*")
_TOPIC = re.compile("(?:目标|任务|措施|要求|条件|范围|程序|方向|重点|原则|标准|保障|内容)$")
_ASKS = re.compile("什么|谁|哪|是否|几|怎")
_FIGURE = re.compile(r"\d")


def examples(
    library: Library, seen: frozenset[str] | None, answers: Callable[[str], bool], wanted: int = WANTED
) -> list[str]:
    """Return up to ``wanted`` questions that ``answers`` is true of, of different kinds and documents in turn."""
    entries = [e for e in library.documents() if seen is None or e.file in seen][:_DOCUMENTS]
    kinds = (_of_records, _of_headings, _of_info)
    rows = [row for entry in entries for row in zip_longest(*(islice(kind(library, entry), 2) for kind in kinds))]
    turned = [row[(at + turn) % len(kinds)] for turn in range(len(kinds)) for at, row in enumerate(rows)]
    asked = dict.fromkeys(question for question in turned if question)
    found: list[str] = []
    by_length = sorted(asked, key=lambda q: len(q) > 34)
    for question in islice(by_length, wanted * 4):
        if len(found) < wanted and answers(question):
            found.append(question)
    return found


def _of_records(library: Library, entry: DocumentEntry) -> Iterator[str]:
    """Ask for a cell of a record by the record's name and the column's."""
    for record in library.records(entry.file):
        cell = _telling(record)
        if cell is not None and 4 <= len(record.name) <= 30:
            yield f"{record.name}的{cell.name}是什么？"


def _telling(record: Record) -> Field | None:
    """Return a cell worth asking for: some words with a figure, under a plain heading, not the name itself."""
    plain = [f for f in record.fields if 2 <= len(f.name) <= 10 and not _ASKS.search(f.name)]
    fit = [f for f in plain if f.text != record.name and len(f.text) > 10]
    return next((f for f in fit if _FIGURE.search(f.text)), fit[0] if fit else None)


def _of_headings(library: Library, entry: DocumentEntry) -> Iterator[str]:
    """Ask what a document says under a heading."""
    title = entry.info.title
    for block in library.blocks(entry.file):
        name = _NUMBER.sub("", block.lead or block.text).strip("。：: ")
        if block.kind == "heading" and title and len(title) <= 30 and 4 <= len(name) <= 16 and _TOPIC.search(name):
            yield f"{title}的{name}有哪些？"


def _of_info(library: Library, entry: DocumentEntry) -> Iterator[str]:
    """Ask who issued a document, or how many entries it has."""
    info = entry.info
    if info.title and len(info.title) <= 30:
        if entry.records > 1:
            yield f"{info.title}一共有多少项？"
        if info.issuers:
            yield f"《{info.title}》是哪个部门发布的？"
