"""Forms: tables of labels with blanks, hints and check boxes beside them. One record for each section.

A field's name is its label; its spans cover the printed label and the hint or options, so that a question about
what must be filled in can be answered by quotation even where the blank is empty. Where the blank has been filled
in, they cover the value alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.tables.cells import Cell, cell_text
from index.tables.grid import Table
from index.text import normalise, quote_of
from index.types import Field, Record

_CHECK = re.compile(r"[□☐☑☒■√]|<input\b", re.IGNORECASE)
_HINT = re.compile(r"^[(（]|^(?:如|例如|请|需|注)[:：，]?")
_LABEL_MAX = 40
_PART_WORD = re.compile(r"联系人|联系方式|信息|基本情况|概况|案例|一览|部分$")
_PART_MIN = 4
_BEFORE = 60


@dataclass(slots=True)
class _Item:
    """A label and what stands beside it; the first ``labels`` cells are the label's own."""

    name: str
    cells: list[Cell]
    labels: int = 1


@dataclass(slots=True)
class _Section:
    title: str
    cells: list[Cell]
    items: list[_Item] = field(default_factory=list)


def form_records(raw: str, table: Table, caption: str, path: tuple[str, ...]) -> list[Record]:
    """Return one record for each section of a form; the first is named by the caption if it has no title row."""
    texts = [[cell_text(raw, c) for c in row.cells] for row in table.rows]
    sections = [_Section(caption, [])]
    parent = ""
    for k, row in enumerate(table.rows):
        words = texts[k]
        if _is_section(texts, k):
            sections.append(_Section(next(t for t in words if t), [next(c for c in row.cells if c)]))
            parent = ""
            continue
        if words and words[0]:
            parent = words[0] if _has_parts(raw, table, texts, k) else ""
        _read_row(raw, row.cells, words, parent, sections[-1])
    return [_record(raw, s, caption, path) for s in sections if s.items or s.cells]


def _record(raw: str, section: _Section, caption: str, path: tuple[str, ...]) -> Record:
    head = [_Item(section.title, section.cells)] if section.cells else []
    fields = []
    for item in head + section.items:
        filled = len(item.cells) > item.labels and not any(_is_prompt(raw, cell) for cell in item.cells[item.labels :])
        spans = tuple(span for cell in item.cells[item.labels if filled else 0 :] for span in cell)
        fields.append(Field(item.name, quote_of(raw, spans), spans))
    return Record("", section.title, tuple(fields), caption, "", path)


def _is_section(texts: Sequence[Sequence[str]], k: int) -> bool:
    """Tell a section's title from a label with an empty blank.

    A title stands alone in its row, and it is the table's first row, or it speaks of a part (联系人, 信息, 案例)
    whose words come back in the labels right below.
    """
    filled = [t for t in texts[k] if t]
    if len(filled) != 1 or len(texts[k]) < 2 or k + 1 >= len(texts) or not texts[k][0]:
        return False
    title = normalise(filled[0])
    if not _PART_WORD.search(title) or len(title) < _PART_MIN:
        return False
    if k == 0:
        return True
    below = [t for row in texts[k + 1 : k + 5] for t in row[:1] if t]
    pairs = {title[i : i + 2] for i in range(len(title) - 1)}
    return sum(any(p in label for p in pairs) for label in below) >= 2


def _has_parts(raw: str, table: Table, texts: Sequence[Sequence[str]], k: int) -> bool:
    """Tell whether a label spans several rows whose second cells are labels of their own."""
    if len(texts[k]) < 3 or not texts[k][1] or k + 1 >= len(texts):
        return False
    below = texts[k + 1]
    both = (table.rows[k].cells[1], table.rows[k + 1].cells[1] if len(below) > 1 else ())
    return not below[0] and all(cell and _is_label(raw, cell) for cell in both)


def _is_prompt(raw: str, cell: Cell) -> bool:
    """Tell whether a cell asks for something (a hint in brackets, check boxes) and holds no value yet."""
    before = raw[max(0, cell[0].start - _BEFORE) : cell[0].start]
    own = before[max(before.rfind(edge) for edge in "|\t\n") + 1 :] + raw[cell[0].start : cell[-1].end]
    return bool(_CHECK.search(own) or _HINT.match(cell_text(raw, cell)))


def _is_label(raw: str, cell: Cell) -> bool:
    text = cell_text(raw, cell)
    return 0 < len(text) <= _LABEL_MAX and not _is_prompt(raw, cell) and not text.endswith("。")


def _read_row(raw: str, cells: Sequence[Cell], words: Sequence[str], parent: str, section: _Section) -> None:
    """Read a row from left to right: a label, then what stands beside it; a gap closes a blank."""
    open_label = False
    for j, cell in enumerate(cells):
        if not words[j]:
            open_label = False
        elif not section.items or (_is_label(raw, cell) and _opens(words, j, parent, open_label=open_label)):
            sub = parent and j == 1
            if j == 1 and sub and words[0]:
                section.items.pop()
            name = f"{parent}·{words[j]}" if sub else words[j]
            lead = [cells[0]] if sub and words[0] else []
            section.items.append(_Item(name, [*lead, cell], len(lead) + 1))
            open_label = True
        else:
            section.items[-1].cells.append(cell)
            open_label = False


def _opens(words: Sequence[str], j: int, parent: str, *, open_label: bool) -> bool:
    """Tell whether the label-like cell ``j`` is a label: first in its row, a part, or after a blank or a value."""
    if j == 0 or (j == 1 and parent):
        return True
    if open_label:
        return False
    return any(words[:j])
