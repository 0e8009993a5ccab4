"""Outline of the real documents (lengths and hashes) and of the sample collection, pinned block by block."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.types import Block
from tests.test_structure import blocks

GOLDEN = Path(__file__).parent / "golden"


def _hashed(found: tuple[Block, ...]) -> list[list[Any]]:
    """Return kind, number, lead, path, length and hash: the text of the real documents stays out of here."""
    short = [[b.kind, b.number, b.lead, list(b.path), len(b.text), _digest(b.text)] for b in found]
    assert all(len(part) <= 40 for row in short for part in (row[1], row[2], *row[3]))
    return short


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _compare(name: str, value: list[list[Any]]) -> None:
    path = GOLDEN / f"structure_{name}.json"
    if os.environ.get("YOUJU_UPDATE_GOLDEN"):
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in value)
        path.write_text(f"[\n{rows}\n]\n", "utf-8")
    assert json.loads(path.read_text("utf-8")) == value


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_the_outline_of_the_real_documents_stays(real_corpus: Path, number: str) -> None:
    path = next(real_corpus.glob(f"{number}_*.txt"))
    _compare(number, _hashed(blocks(_read(path))))


def test_the_outline_of_the_sample_collection_stays(sample_corpus: Path) -> None:
    value = [
        [b.kind, b.number, b.lead, list(b.path), b.text]
        for path in _samples(sample_corpus)
        for b in blocks(_read(path))
    ]
    _compare("sample", value)


def _samples(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.md"))


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


def test_the_plan_has_its_eight_boxes_and_all_sections(real_corpus: Path) -> None:
    found = blocks(_read(next(real_corpus.glob("001_*.txt"))))
    headings = [b for b in found if b.kind == "heading"]
    assert [b.number for b in headings if b.level == 1] == ["一", "二", "三", "四"]
    assert [b.number for b in headings if b.number.startswith("专栏")] == [f"专栏{n}" for n in range(1, 9)]
    assert [b.number for b in headings if b.path[:1] == ("三、主要任务",) and b.level == 2] == [
        f"({n})" for n in "一二三四五六七八九"
    ]
    assert sum(b.kind == "toc" for b in found) == 23
    assert all(b.path for b in found if b.kind == "clause" and b.spans[0].start > headings[0].spans[0].start)


def test_the_form_notes_of_the_scheme_have_thirteen_headings_with_text(real_corpus: Path) -> None:
    found = blocks(_read(next(real_corpus.glob("003_*.txt"))))
    notes = [b for b in found if b.path[:1] == ("附件2",) and b.kind == "heading" and b.number]
    assert [b.number for b in notes] == "一 二 三 四 五 六 七 八 九 十 十一 十二 十三".split()
    assert all(any(b.kind == "clause" and b.path[-1:] == (h.text,) for b in found) for h in notes)
