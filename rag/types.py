"""The frozen values of a conversation: question, citation, answer, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from index.types import DocumentInfo, Hit, Locator, Span

Mode = Literal["extractive", "llm"]

NOT_FOUND = "未找到依据"
"""The phrase of every refusal; code, prompts, tests and eval share it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks. ``history`` holds the earlier questions, oldest first.

    With ``context`` (passages of text) the answer comes from these only, not from the library; ``max_chars``
    bounds the answer's length. ``llm`` False: by quotation only, also where a language model is set up.
    ``only`` names the documents (their keys) to answer from, as if there were no others; None: all. Names that the
    library does not hold are passed over; with none left, every question is refused.
    """

    text: str
    history: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    max_chars: int | None = None
    llm: bool = True
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation that carries a statement. ``quote`` equals ``quote_of(raw, spans)`` of document ``doc``.

    ``n`` is the number printed in the answer ("[1]"), ``key`` a short content hash, ``passage_id`` the passage.
    ``shown`` is the quote for the eye, with a mark between pieces that do not stand together.
    """

    n: int
    key: str
    doc: str
    quote: str
    spans: tuple[Span, ...]
    locator: Locator
    info: DocumentInfo
    passage_id: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. ``rewritten`` is the completed question of a follow-up, else the question itself.

    ``refused``: no statement of the library answers; ``reason`` says what was searched and what is missing.
    ``note`` tells the reader how the answer came about where that matters: no model to be reached, a sentence left out.
    ``trace`` tells how the answer was made, step by step, for ``--trace``.
    """

    question: str
    rewritten: str
    text: str
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    reason: str = ""
    mode: Mode = "extractive"
    note: str = ""
    elapsed_ms: float = 0.0
    trace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """Event: what a language model made of the question before the search: completed, and what is searched for."""

    question: str
    queries: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Event: the search is done; these are the passages it found, best first. ``rewritten`` as in Answer."""

    hits: tuple[Hit, ...]
    rewritten: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Event: the sentence that is being written, not yet checked and without any figure; the next event replaces it."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Event: a piece of the answer's text, checked, in order; what was given out is not taken back."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """Event: a citation that the text refers to by its number."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Done:
    """Event, always the last one: the whole answer."""

    answer: Answer


Event = Planned | Found | Preview | Text | Cited | Done
