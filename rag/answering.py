"""Retrieval -> a draft answer: list, quotation or refusal, by the kind of question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from index.store import Library
from rag.compose import Line
from rag.extract import lines, pick
from rag.match import Matcher
from rag.query import Query
from rag.rank import Ranked, rank
from rag.refuse import refusal
from rag.retrieve import Retrieval
from rag.statement import Reader, statements


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is written out: its lines, or a refusal with the nearest statement as its only line."""

    lines: tuple[Line, ...]
    refused: bool = False
    reason: str = ""
    trace: Mapping[str, Any] = field(default_factory=dict)


def draft_answer(query: Query, found: Retrieval, library: Library) -> Draft:
    """Return the draft that answers the query from the hits, or refuses."""
    reader = Reader(library.raw, library.records)
    matcher = Matcher(query, library.lexical.idf)
    ranked = rank(query, matcher, statements(found.hits, reader), [h.score for h in found.hits], found.scope)
    reason = refusal(query, matcher, ranked, found.scope, len(library.documents()))
    if reason:
        nearest = lines([r.statement for r in ranked[:1]], reader)
        return Draft(tuple(nearest), True, reason, _trace(query, ranked))
    chosen = pick(query, matcher, ranked, library.raw)
    return Draft(tuple(lines(chosen, reader)), trace=_trace(query, ranked))


def _trace(query: Query, ranked: list[Ranked]) -> dict[str, Any]:
    return {
        "kind": query.kind,
        "terms": [t.text for t in query.terms],
        "statements": [
            {"score": round(r.score, 3), "own": round(r.own, 3), "all": round(r.all, 3), "text": r.statement.text[:60]}
            for r in ranked[:8]
        ],
    }
