"""One turn of a conversation: as the browser keeps it, and as HTML, while it is written and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from index.errors import InputError
from index.store import Library
from rag.types import Answer, Citation, Found
from ui_parts.cards import Card, citation_card, hit_card
from ui_parts.marks import checks_of, lines_of
from ui_parts.templating import render

_ANSWER = TypeAdapter(Answer)
HITS = 6
"""Passages shown while an answer is being written."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question on its way to an answer.

    ``standalone``: asked without what went before. ``limits`` names the filters in force, for the reader.
    ``stopped``: the reader ended it. ``error``: why there is no answer, one line.
    """

    run: str
    question: str
    standalone: bool = False
    limits: str = ""
    text: str = ""
    preview: str = ""
    planned: str = ""
    citations: tuple[Citation, ...] = ()
    answer: Answer | None = None
    stopped: bool = False
    error: str = ""
    fingerprint: str = ""
    hits: Found = field(default_factory=lambda: Found(()))


def turn_html(turn: Turn, language: str, can: Sequence[str] = ()) -> str:
    """Return a turn as an article. ``can`` names what else a reader may do with it: export, feedback."""
    answer = turn.answer
    citations = answer.citations if answer else turn.citations
    text = answer.text if answer else turn.text
    checks = checks_of(answer) if answer else None
    rewritten = answer.rewritten if answer else turn.planned
    same = rewritten.split() == turn.question.split()
    lines = lines_of(text, [c.n for c in citations], checks)
    return render(
        "turn.html",
        language,
        turn=turn,
        answer=answer,
        lines=lines,
        labels={c.n: _label(c) for c in citations},
        rewritten="" if same else rewritten,
        checked=any(piece.kind == "checked" for line in lines for piece in line.pieces),
        can=can,
    )


def _label(citation: Citation) -> str:
    place = citation.locator.label()
    return f"《{citation.info.title or citation.doc}》{' ' + place if place else ''}"


def cards_html(cards: Sequence[Card], language: str, *, found: bool = False) -> str:
    """Return evidence cards; ``found``: passages of the search, the answer is still being written."""
    return render("cards.html", language, cards=cards, found=found)


def turn_cards(turn: Turn, library: Library, seen: frozenset[str] | None, language: str) -> str:
    """Return the evidence of a turn: its citations, or what the search found as long as there are none."""
    citations = turn.answer.citations if turn.answer else turn.citations
    if citations or turn.answer:
        return cards_html([citation_card(c, library, seen) for c in citations], language)
    hits = [hit_card(n, hit, library) for n, hit in enumerate(turn.hits.hits[:HITS], 1)]
    return cards_html(hits, language, found=True)


def record_of(turn: Turn) -> dict[str, Any]:
    """Return a finished turn as JSON values, for the browser to keep."""
    assert turn.answer is not None
    trace = {"verify": turn.answer.trace["verify"]} if "verify" in turn.answer.trace else {}
    answer = _ANSWER.dump_python(replace(turn.answer, trace=trace), mode="json")
    kept = {"run": turn.run, "standalone": turn.standalone, "limits": turn.limits, "fingerprint": turn.fingerprint}
    return {"v": 1, **kept, "answer": answer}


def turn_of(record: object) -> Turn:
    """Return the turn that a browser kept.

    Raises:
        InputError: it is no record of this version.
    """
    try:
        if not isinstance(record, dict) or record.get("v") != 1:
            raise InputError("不是本版本的会话记录")
        answer = _ANSWER.validate_python(record["answer"])
        run, limits, fingerprint = (str(record.get(name, ""))[:400] for name in ("run", "limits", "fingerprint"))
    except (ValidationError, KeyError) as error:
        raise InputError("会话记录读不出来") from error
    alone = bool(record.get("standalone"))
    return Turn(run, answer.question, alone, limits, answer=answer, fingerprint=fingerprint)
