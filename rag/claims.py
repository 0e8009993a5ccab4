"""Drafts and batches of claims checked against the library or against given sources (``youju verify``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from index.config import Limits
from index.errors import InputError
from index.load import load
from index.text import key, normalise, sentences
from index.types import Hit
from rag.batch import read_lines
from rag.evidence import pairs
from rag.verify import Verdict, check_sentence

Search = Callable[[str], Sequence[Hit]]
WORDED_ALIKE = 0.7
"""Share of a claim's words that one source must hold where there is no figure or name to check."""
SEARCH_CHARS = 200


class Claim(BaseModel):
    """A line of ``youju verify --batch``. ``sentence``: where ``text`` stands, its context; other keys are ignored."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str
    text: str
    sources: list[str]
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence of a draft, ``draft[start:end]``: its verdict and the place of the passage that carries it."""

    text: str
    start: int
    end: int
    verdict: Verdict
    source: str


class Searcher(Protocol):
    """What a draft is checked against; ``rag.service.PolicyQA`` is one."""

    def search(self, text: str, k: int = 10) -> Sequence[Hit]:
        """Return the best passages for a text."""


def check_claims(lines: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a verdict line for each claim line (DESIGN, section 5).

    Raises:
        InputError: a line lacks id, text or sources; the message names the line.
    """
    for number, line in enumerate(lines, 1):
        try:
            claim = Claim.model_validate(line)
        except ValidationError as error:
            field = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise InputError(f"第 {number} 条论断的 {field} 不正确", "需要 id、text 与 sources") from error
        verdict = _check(claim)
        yield {"id": claim.id, **_as_line(verdict)}


def _check(claim: Claim) -> Verdict:
    start = claim.sentence.find(claim.text)
    if claim.text and start >= 0 and claim.sentence != claim.text:
        verdict = check_sentence(claim.sentence, claim.sources, start, start + len(claim.text))
    else:
        verdict = check_sentence(claim.text, claim.sources)
    return verdict if verdict.figures else _worded(claim)


def _worded(claim: Claim) -> Verdict:
    """Judge a claim without figures and names by its words alone."""
    words, said = pairs(normalise(claim.text)), key(claim.text)
    for source in claim.sources:
        share = len(words & pairs(normalise(source))) / len(words) if words else 0.0
        if (said and said in key(source)) or share >= WORDED_ALIKE:
            return Verdict(True, (), "没有数字或名称可核对，措辞见于原文")
    return Verdict(False, (), "没有数字或名称可核对，原文中也没有这样的表述")


def _as_line(verdict: Verdict) -> dict[str, Any]:
    figures = [{"text": f.text, "found": f.found, "nearest": f.nearest} for f in verdict.figures]
    return {"supported": verdict.supported, "figures": figures, "reason": verdict.reason}


def check_draft(text: str, search: Search) -> tuple[Checked, ...]:
    """Check each sentence of a draft against the passages that ``search`` finds for it.

    Sentences without a figure, a 《title》 or an organisation are left out: there is nothing to check in them.
    """
    found = []
    for start, end in _sentences(text):
        sentence = text[start:end]
        if not check_sentence(sentence, ()).figures:
            continue
        hits = search(sentence[:SEARCH_CHARS])
        quotes = [f"{hit.passage.context}\n{hit.passage.text}" for hit in hits]
        verdict = check_sentence(sentence, quotes)
        place = _place(sentence, hits, quotes) if verdict.supported else ""
        found.append(Checked(sentence, start, end, verdict, place))
    return tuple(found)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        yield from ((at + start, at + end) for start, end in sentences(line))
        at += len(line) + 1


def _place(sentence: str, hits: Sequence[Hit], quotes: Sequence[str]) -> str:
    for hit, quote in zip(hits, quotes, strict=True):
        if check_sentence(sentence, [quote]).supported:
            label = hit.passage.locator.label()
            return f"{hit.passage.locator.file} {label}".strip()
    return ""


def verify_batch(claims: Path, out: Path) -> int:
    """Check a .jsonl file of claims; write a verdict line each. Returns the exit code."""
    verdicts = list(check_claims(line for _, line in read_lines(claims)))  # a bad line leaves ``out`` as it was
    with out.open("w", encoding="utf-8") as sink:
        for verdict in verdicts:
            sink.write(json.dumps(verdict, ensure_ascii=False) + "\n")
    return 0


def verify_draft(draft: Path, library: Searcher, *, as_json: bool = False) -> int:
    """Check a draft file (.md, .txt, .docx) against the library and write the result. Returns the exit code.

    Raises:
        InputError, LoadError: the file is missing or cannot be read.
    """
    if not draft.is_file():
        raise InputError(f"没有这个文件：{draft.name}", "请给出 .md、.txt 或 .docx 草稿")
    text = load(draft, name=draft.name, limits=Limits.model_validate({})).raw
    checked = check_draft(text, lambda sentence: library.search(sentence, 10))
    wrong = [c for c in checked if not c.verdict.supported]
    if as_json:
        lines = [
            {"text": c.text, "start": c.start, "end": c.end, **_as_line(c.verdict), "source": c.source} for c in checked
        ]
        _say(json.dumps({"file": draft.name, "sentences": lines, "unsupported": len(wrong)}, ensure_ascii=False))
        return 0
    for item in checked:
        _say(f"{'✓' if item.verdict.supported else '✗'} {' '.join(item.text.split())}")
        _say(f"    {item.source}" if item.verdict.supported else f"    {item.verdict.reason}")
    _say(f"核对了 {len(checked)} 句含数字或名称的表述，{len(wrong)} 句没有依据")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
