"""What every interface does with a request: who sees which documents, in which thread it runs, what is noted down."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from index.errors import InputError
from index.store import DocumentEntry
from index.store.manifest import Manifest
from index.types import Hit, Source
from rag.access import Who
from rag.audit import Audit, Via
from rag.config import Settings
from rag.feedback import Feedback
from rag.filters import Filter
from rag.host import Host
from rag.llm.stop import Stop, stoppable
from rag.metrics import Metrics
from rag.service import PolicyQA
from rag.types import Answer, Done, Event, Question

SILENCE_S = 15.0
"""A stream that says nothing for so long gives a sign of life, so that no proxy cuts it off."""
WAITING = 400
"""Requests in hand; more are sent away."""
_TALKING = 64
"""Answers that a language model writes at the same time."""
ALL = Filter()
_T = TypeVar("_T")


class BusyError(InputError):
    """Too many requests are in hand."""


class UnknownDocumentError(InputError):
    """A document that is not in the library, or not to be seen: nobody can tell which."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer and the index that it came from."""

    answer: Answer
    manifest: Manifest


class Desk:
    """Answers the requests of all interfaces over one Host, off the event loop."""

    def __init__(self, host: Host, settings: Settings) -> None:
        self.host = host
        self.settings = settings
        self.audit = Audit(settings)
        self.feedback = Feedback(settings)
        self.metrics = Metrics()
        threads = settings.serve_threads or max(1, (os.cpu_count() or 2) // 2)
        self._computing = ThreadPoolExecutor(threads, "youju-answer")
        self._talking = ThreadPoolExecutor(_TALKING, "youju-talk")
        self._in_hand = 0
        self._visible: tuple[str, dict[tuple[str, ...], frozenset[str]]] = ("", {})

    def _seen(self, who: Who, qa: PolicyQA) -> frozenset[str] | None:
        """Return the documents that ``who`` sees, the same value each time for a generation; None: all."""
        if who.patterns is None:
            return None
        generation, found = self._visible
        if generation != qa.library.generation:
            found = {}
            self._visible = (qa.library.generation, found)
        if who.patterns not in found:
            found[who.patterns] = who.only(e.file for e in qa.library.documents()) or frozenset()
        return found[who.patterns]

    def visible(self, who: Who, qa: PolicyQA, chosen: Filter = ALL) -> frozenset[str] | None:
        """Return the documents that may answer: those that ``who`` sees and chose; None: the whole library.

        Raises:
            UnknownDocumentError: a document is not in the library, or not to be seen.
        """
        seen = self._seen(who, qa)
        for file in chosen.files:
            _seen_document(qa, seen, file)
        kept = chosen.files_of(qa.library)
        return seen if kept is None else kept if seen is None else kept & seen

    async def events(
        self, who: Who, question: Question, via: Via, chosen: Filter = ALL
    ) -> AsyncGenerator[Event | Answered | None, None]:
        """Yield the events of an answer, None in long silences, and at last the answer with its index.

        Leaving the iterator stops the language model.

        Raises:
            InputError: the question is empty or too long, or names an unknown document.
            BusyError: too many requests are in hand.
        """
        slow = self.host.model is not None and question.llm
        stop, held = Stop(), []

        def make() -> Iterator[Event]:
            qa = self.host.qa()
            held.append(qa.library.manifest)
            only = self.visible(who, qa, chosen)
            yield from qa.ask(replace(question, only=only))

        pool = self._talking if slow else self._computing
        async with aclosing(self._streamed(make, stop, pool)) as streamed:
            async for event in streamed:
                yield event
                if isinstance(event, Done):
                    self.note(who, via, event.answer, held[0])
                    yield Answered(event.answer, held[0])

    def note(self, who: Who, via: Via, answer: Answer, manifest: Manifest) -> None:
        """Write a finished answer into the audit log and the metrics; for interfaces that ask the Host themselves."""
        mode = "refused" if answer.refused else answer.mode
        self.metrics.took("youju_answer_seconds", answer.elapsed_ms / 1000, mode=mode)
        self.audit.asked(who.name, via, answer, manifest)

    async def answer(self, who: Who, question: Question, via: Via, chosen: Filter = ALL) -> Answered:
        """Return the whole answer; see ``events``."""
        async with aclosing(self.events(who, question, via, chosen)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    return event
        raise AssertionError("ask ended without Done")

    async def search(
        self, who: Who, text: str, k: int, via: Via, chosen: Filter = ALL
    ) -> tuple[Hit, ...]:
        """Return the ``k`` best passages of the documents that ``who`` sees; errors as ``PolicyQA.search``."""

        def work() -> tuple[Hit, ...]:
            qa = self.host.qa()
            hits = qa.search(text, k, only=self.visible(who, qa, chosen))
            self.audit.searched(who.name, via, text, len(hits), qa.library.manifest)
            return hits

        return await self.run(work)

    async def documents(self, who: Who) -> tuple[DocumentEntry, ...]:
        """Return the documents that ``who`` sees."""
        return await self.run(lambda: tuple(e for e in self.host.qa().library.documents() if who.sees(e.file)))

    async def source(self, who: Who, doc: str, start: int, end: int, via: Via) -> tuple[Source, Manifest]:
        """Return a document's text; InputError where there is none that ``who`` sees."""

        def work() -> tuple[Source, Manifest]:
            qa = self.host.qa()
            _seen_document(qa, self.visible(who, qa), doc)
            self.audit.read(who.name, via, doc, start, end, qa.library.manifest)
            return qa.library.source(doc), qa.library.manifest

        return await self.run(work)

    async def run(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns, done in a thread."""
        self._enter()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._computing, work)
        finally:
            self._in_hand -= 1

    def close(self) -> None:
        """Let the threads go."""
        for pool in (self._computing, self._talking):
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def in_hand(self) -> int:
        """Return how many requests are being worked on or wait for a thread."""
        return self._in_hand

    def _enter(self) -> None:
        if self._in_hand >= WAITING:
            raise BusyError("现在请求太多", "请稍后再试")
        self._in_hand += 1

    async def _streamed(
        self, make: Callable[[], Iterator[Event]], stop: Stop, pool: ThreadPoolExecutor
    ) -> AsyncGenerator[Event | None, None]:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def tell(event: Event | None) -> None:
            with suppress(RuntimeError):  # the server has shut down meanwhile
                loop.call_soon_threadsafe(queue.put_nowait, event)

        def pump() -> None:
            with stoppable(stop):
                for event in make():
                    if stop.is_set:
                        return
                    tell(event)

        self._enter()
        future: Future[None] | None = None
        try:
            future = pool.submit(pump)
            future.add_done_callback(lambda _: tell(None))
            async for event in _until_done(queue, future):
                yield event
        finally:
            self._in_hand -= 1
            stop.set()
            if future:
                future.cancel()


async def _until_done(
    queue: asyncio.Queue[Event | None], future: Future[None]
) -> AsyncGenerator[Event | None, None]:
    """Yield what comes through the queue, None in long silences; raise what ended the work, if something did."""
    while True:
        try:
            event = await asyncio.wait_for(queue.get(), SILENCE_S)
        except TimeoutError:
            yield None
            continue
        if event is None:
            future.result()
            return
        yield event


def _seen_document(qa: PolicyQA, seen: frozenset[str] | None, file: str) -> None:
    known = any(entry.file == file for entry in qa.library.documents())
    if not known or (seen is not None and file not in seen):
        raise UnknownDocumentError(f"资料库里没有 {file!r}")
