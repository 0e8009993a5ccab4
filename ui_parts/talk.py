"""A question from the browser -> the states of its turn, as the events of the service come in."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import YoujuError
from rag.access import Who
from rag.llm.stop import Stop, stoppable
from rag.types import Cited, Done, Event, Found, Planned, Preview, Question, Text
from ui_parts.limits import Limits, limited, named
from ui_parts.seams import NOBODY, Host, Records, sees
from ui_parts.turns import Turn, record_of, turn_cards, turn_html

_log = logging.getLogger(__name__)
REMEMBERED = 6
"""Earlier questions that a follow-up is completed from."""
PAUSE = 0.06
"""Seconds between two previews that are sent to the browser."""


_TICK = 0.5


class Asked(BaseModel):
    """What the browser sends with a question."""

    model_config = ConfigDict(extra="forbid")

    run: str = Field(pattern=r"^[\w-]{1,40}$")
    text: str
    history: list[str] = Field([], max_length=200)
    standalone: bool = False
    quote: bool = False
    limits: Limits = Limits()
    lang: Literal["zh", "en"] = "zh"


class Talk:
    """Answers the questions of all readers; each run can be stopped by its name."""

    def __init__(self, host: Host, can: Sequence[str] = (), records: Records = NOBODY) -> None:
        self._host = host
        self._can = tuple(can)
        self._records = records
        self._running: dict[str, Stop] = {}

    def stop(self, run: object) -> None:
        """End a run; an unknown one is over already."""
        if halt := self._running.get(str(run)):
            halt.set()

    def ask(self, sent: object, who: Who) -> Iterator[dict[str, Any]]:
        """Yield {run, state, html, cards, record} for each state of the turn; ``cards`` only where they changed.

        Leaving the iterator stops the answer in the making.
        """
        try:
            asked = Asked.model_validate(sent)
        except ValidationError:
            _log.warning("a question that no page of ours sends")
            return
        halt = self._running[asked.run] = Stop()
        turn = Turn(asked.run, " ".join(asked.text.split()), asked.standalone)
        try:
            yield from self._states(asked, turn, who, halt)
        except YoujuError as error:
            yield self._sent(replace(turn, error=error.line()), asked, "failed")
        finally:
            halt.set()
            self._running.pop(asked.run, None)

    def _states(self, asked: Asked, turn: Turn, who: Who, halt: Stop) -> Iterator[dict[str, Any]]:
        qa = self._host.qa()
        library, seen = qa.library, sees(who, qa.library)
        turn = replace(turn, limits=named(asked.limits, library), fingerprint=library.fingerprint)
        yield self._sent(turn, asked, "searching")
        history = () if asked.standalone else tuple(asked.history[-REMEMBERED:])
        only = limited(asked.limits, library, seen)
        question = Question(asked.text, history, llm=not asked.quote, only=only)
        last = 0.0
        for event in pumped(qa.ask(question), halt):
            if event is None:
                yield {"run": turn.run, "state": "waiting", "at": time.time()}
                continue
            if isinstance(event, Done):
                turn = replace(turn, answer=event.answer, preview="")
                cards = turn_cards(turn, library, seen, asked.lang)
                if self._records.answered:
                    self._records.answered(who, event.answer, library.manifest)
                yield {**self._sent(turn, asked, "done"), "cards": cards, "record": record_of(turn)}
                return
            before, turn = turn, _after(turn, event)
            if turn == before or (isinstance(event, Preview) and time.monotonic() - last < PAUSE):
                continue
            last, state = time.monotonic(), self._sent(turn, asked, "writing")
            changed = isinstance(event, Found | Cited)
            yield {**state, "cards": turn_cards(turn, library, seen, asked.lang)} if changed else state
        yield self._sent(replace(turn, preview="", stopped=True), asked, "stopped")

    def _sent(self, turn: Turn, asked: Asked, state: str) -> dict[str, Any]:
        return {"run": turn.run, "state": state, "html": turn_html(turn, asked.lang, self._can)}


def pumped(events: Iterator[Event], halt: Stop) -> Iterator[Event | None]:
    """Yield the events, made in a thread of their own, until the last one or ``halt``; errors are raised here.

    None in silences, so that who reads them can see that nobody listens any more.

    ``halt`` ends the language model's answer at once; the thread follows.
    """
    made: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            with stoppable(halt):
                for event in events:
                    if halt.is_set:
                        break
                    made.put(event)
        except Exception as error:  # noqa: BLE001 - handed over and raised where the events are read
            made.put(error)
        finally:
            if isinstance(events, Generator):
                events.close()
            made.put(None)

    threading.Thread(target=work, name="youju-page", daemon=True).start()
    while not halt.is_set:
        try:
            event = made.get(timeout=_TICK)
        except queue.Empty:
            yield None
            continue
        if event is None:
            return
        if isinstance(event, Exception):
            raise event
        yield event


def _after(turn: Turn, event: object) -> Turn:
    match event:
        case Planned(question=question):
            return replace(turn, planned=question)
        case Found():
            return replace(turn, hits=event)
        case Preview(text=text):
            return replace(turn, preview=text)
        case Text(text=text):
            return replace(turn, text=turn.text + text, preview="")
        case Cited(citation=citation):
            return replace(turn, citations=(*turn.citations, citation))
    return turn
