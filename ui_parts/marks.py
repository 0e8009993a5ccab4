"""An answer's text -> lines of pieces: words, citation numbers, figures with the outcome of their check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag.figures import figures
from rag.grounding import demanded
from rag.types import Answer

_CITE = re.compile(r"\[(\d{1,3})\]")
_LIST_MARK = re.compile(r"\s*(?:[(（]?\d{1,3}[)）.、．](?!\d)|[-*•]\s)\s*")
_COUNT = re.compile(r"\s*共\s?(?:有|计)?\s?\d+\s?[\u4e00-\u9fff]{1,2}[^\[]{0,20}[:：]?\s*$")
"""The head of a list: its count is ours, not the source's."""
_KINDS = ("quantity", "date", "docnumber", "ratio", "phone")
Kind = Literal["text", "cite", "checked", "wrong"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line. ``n``: the number of a citation; ``nearest``: what the source says in place of a figure."""

    kind: Kind
    text: str
    n: int = 0
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an answer; ``lead`` is its list number, "" for none."""

    pieces: tuple[Piece, ...]
    lead: str = ""


def lines_of(text: str, known: Sequence[int], checks: Checks | None = None) -> tuple[Line, ...]:
    """Return the lines of a text; only numbers in ``known`` become citations. No checks: figures stay plain."""
    found, at = [], 0
    for written in text.split("\n"):
        if written.strip():
            found.append(_line(written, at, frozenset(known), checks))
        at += len(written) + 1
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Checks:
    """The figures of a text that failed: (start and end of the sentence, figure, nearest value of the source)."""

    failed: tuple[tuple[int, int, str, str], ...] = ()

    def wrong(self, start: int, figure: str) -> str | None:
        """Return the nearest source value (may be "") of a figure that failed; None where it stands."""
        for first, last, text, nearest in self.failed:
            if first <= start < last and (text in figure or figure in text):
                return nearest
        return None


def checks_of(answer: Answer) -> Checks | None:
    """Return what the check of an answer found; None where nothing was checked (a refusal)."""
    if answer.refused or ("verify" not in answer.trace and answer.mode != "llm"):
        return None
    return Checks(tuple(_failures(answer.text, answer.trace.get("verify") or ())))


def _failures(text: str, verify: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, str, str]]:
    for each in verify:
        sentence = str(each.get("sentence", ""))
        start = text.find(sentence) if sentence else -1
        for figure in each.get("figures", ()) if start >= 0 else ():
            if not figure.get("found", True):
                yield start, start + len(sentence), str(figure.get("text", "")), str(figure.get("nearest", ""))


def _line(written: str, at: int, known: frozenset[int], checks: Checks | None) -> Line:
    mark = _LIST_MARK.match(written)
    if _COUNT.match(written):
        checks = None
    begin = mark.end() if mark else 0
    pieces: list[Piece] = []
    if number := _LIST_MARK.match(written, begin):  # the source's own number of an item is no figure
        pieces.append(Piece("text", number.group()))
        begin = number.end()
    for match in _CITE.finditer(written, begin):
        if int(match.group(1)) not in known:
            continue
        pieces += _words(written[begin : match.start()], at + begin, checks)
        pieces.append(Piece("cite", match.group(), int(match.group(1))))
        begin = match.end()
    pieces += _words(written[begin:], at + begin, checks)
    return Line(tuple(pieces), mark.group().strip() if mark else "")


def _words(text: str, at: int, checks: Checks | None) -> list[Piece]:
    """Return the words of a line; figures that touch, like hour and minute, bear one mark."""
    joined: list[Piece] = []
    for piece in _figures(text, at, checks):
        if joined and piece.kind == joined[-1].kind == "checked":
            joined[-1] = Piece("checked", joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined


def _figures(text: str, at: int, checks: Checks | None) -> Iterator[Piece]:
    done = 0
    brackets = [match.span() for match in _CITE.finditer(text)]
    for figure in figures(text) if checks is not None else ():
        if any(start <= figure.start < end for start, end in brackets):
            continue
        if figure.start < done or figure.kind not in _KINDS or not demanded(figure):
            continue
        if figure.start > done:
            yield Piece("text", text[done : figure.start])
        nearest = checks.wrong(at + figure.start, figure.text) if checks else None
        shown = text[figure.start : figure.end]
        yield Piece("checked", shown) if nearest is None else Piece("wrong", shown, nearest=nearest)
        done = figure.end
    if done < len(text):
        yield Piece("text", text[done:])
