"""Training pairs: what is read from files, how it is grouped, and how much of a batch each group gets."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import InputError
from index.thesaurus import Thesaurus

SHARES = {
    "questions": 0.30,
    "own": 0.30,
    "lay": 0.12,
    "rules": 0.10,
    "keywords": 0.08,
    "headings": 0.05,
    "cloze": 0.30,
    "reading": 0.10,
    "rest": 0.05,
    "words": 0.06,
}
"""How a batch is drawn. A group without pairs leaves its share to the others."""

_LAY = ("lawyer_llama", "lawbench")
_READING = ("cmrc2018", "cmrc2018_trial", "xquad_zh")
_REST = ("fintruth", "gov_report", "prov_report")
_BARRED_TIERS = ("C", "D")
"""Rows for evaluation only: no licence to train on."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question or its like, the passage that answers it, and passages that look like it and do not."""

    query: str
    positive: str
    group: str = "own"
    negatives: tuple[str, ...] = ()


def read_pairs(path: Path) -> Iterator[Pair]:
    """Read ``{"query", "positive"}`` lines, optionally with ``negatives``, ``source``, ``style`` and ``tier``.

    Raises:
        InputError: the file cannot be read, or a line has another form; the message names it.
    """
    for number, row in read_rows(path):
        query, positive, negatives = row.get("query"), row.get("positive"), row.get("negatives", [])
        if not (isinstance(query, str) and isinstance(positive, str) and isinstance(negatives, list)):
            raise InputError(f"{path} 第 {number} 行应有 query 与 positive（文字），negatives 可有可无（列表）")
        if row.get("tier") not in _BARRED_TIERS and query.strip() and positive.strip():
            yield Pair(query, positive, _group(row), tuple(map(str, negatives)))


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the number and the object of each line of a .jsonl or .jsonl.gz file.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object.
    """
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise ValueError("不是 JSON 对象")
                    yield number, row
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{path} 第 {number} 行读不出来：{error}", "每行一个 JSON 对象，UTF-8 编码") from error


def _group(row: dict[str, object]) -> str:
    """Return the group of a row of ``pairs.jsonl`` (by source) or ``questions.jsonl`` (by style); others are "own"."""
    if "style" in row:
        return "questions"
    source = row.get("source")
    if not isinstance(source, str):
        return "own"
    origin, _, kind = source.partition("/")
    for group, origins in (("lay", _LAY), ("reading", _READING), ("rest", _REST)):
        if origin in origins:
            return group
    return "keywords" if kind == "kw" else "rules"


def word_pairs(thesaurus: Thesaurus, most: int = 4) -> Iterator[Pair]:
    """Yield terms of the lexicon with other words for the same, at most ``most`` a group of synonyms."""
    for group in thesaurus.groups():
        for term in group.terms[:most]:
            others = [other for other in group.terms if other != term]
            if others:
                yield Pair(term, " ".join(others[:3]), "words")


def held_out(rows: Iterable[tuple[int, dict[str, object]]], every: int) -> set[str]:
    """Return the passages (their text) of which each ``every``-th is kept out of training, for choosing a model."""
    passages: dict[str, list[str]] = {}
    for _, row in rows:
        passages.setdefault(str(row.get("passage", row["positive"])), []).append(str(row["positive"]))
    kept = sorted(passages)[::every]
    return {text for passage in kept for text in passages[passage]}
