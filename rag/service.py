"""PolicyQA: the one door from a question to a verified answer, for cli, api, ui and eval."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from index.collection import Collection
from index.errors import InputError
from index.places import Places
from index.store import Library
from index.types import Hit
from rag.answerer import Answerer
from rag.answering import Draft
from rag.compose import compose
from rag.config import Settings, read_settings
from rag.rerank import open_reranker
from rag.supplied import supplied
from rag.types import NOT_FOUND, Answer, Cited, Done, Event, Found, Question, Text
from rag.verify import verify_answer

_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2060-\u2064\ufeff]")


PLACES = 64
"""Documents whose pages and cells stay in memory."""


class PolicyQA:
    """Answers questions from one library. Safe to share between threads."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library = library
        self.settings = settings
        self._answerer = Answerer(library, open_reranker(settings.reranker, settings.index.device))
        self._places = _places_of(library)

    @classmethod
    def open(cls, index_dir: Path | str | None = None, settings: Settings | None = None) -> PolicyQA:
        """Open the library in ``index_dir`` (default: the settings').

        Raises:
            IndexMissingError, IndexDamagedError, SettingsMismatchError: see ``Library.open``.
        """
        settings = settings or read_settings()
        return cls(Library.open(Path(index_dir or settings.index_dir), settings.index), settings)

    def ask(self, question: Question | str, history: Sequence[str] = ()) -> Iterator[Event]:
        """Yield Found, Text and Cited events, and at last Done with the whole answer.

        Raises:
            InputError: the question is empty or too long.
        """
        if isinstance(question, str):
            question = Question(question, tuple(history))
        began = time.perf_counter()
        asked = self._checked(question.text)
        answerer = self._answerer
        if question.context:
            answerer = Answerer(supplied(question.context, self.settings.index))
        search = answerer.find(asked, [" ".join(h.split()) for h in question.history], self.settings.top_k)
        yield Found(search.hits(self.settings.top_k))
        draft = answerer.draft(search, question.max_chars)
        answer = self._finished(question, search.completed.text, draft, answerer.library, began)
        yield Text(answer.text)
        for citation in answer.citations:
            yield Cited(citation)
        yield Done(answer)

    def answer(self, question: Question | str, history: Sequence[str] = ()) -> Answer:
        """Return the whole answer at once; see ``ask``."""
        for event in self.ask(question, history):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("ask ended without Done")

    def search(self, text: str, k: int = 10) -> tuple[Hit, ...]:
        """Return the ``k`` best passages for a question or keywords.

        Raises:
            InputError: the text is empty or too long, or ``k`` is not positive.
        """
        if k < 1:
            raise InputError(f"返回条数应为正整数，而不是 {k}", "例如 -k 10")
        return self._answerer.search(self._checked(text), k)

    def _checked(self, text: str) -> str:
        asked = " ".join(_INVISIBLE.sub("", text).split())
        if not asked:
            raise InputError("问题是空的", "请输入一个问题，例如：哪些技术适合焦化企业？")
        limit = self.settings.max_question_chars
        if len(asked) > limit:
            raise InputError(f"问题有 {len(asked)} 字，超过上限 {limit} 字", "请缩短问题，或调整 max_question_chars")
        return asked

    def _finished(
        self, question: Question, rewritten: str, draft: Draft, library: Collection, began: float
    ) -> Answer:
        places = self._places if library is self.library else _places_of(library)
        text, citations = compose(draft.lines, lambda doc: library.document(doc).info, places)
        if draft.refused:
            text = "\n".join(part for part in (f"{NOT_FOUND}：{draft.reason}", text) if part)
        answer = Answer(
            question=question.text,
            rewritten=rewritten,
            text=text,
            citations=citations,
            refused=draft.refused,
            reason=draft.reason,
            trace=draft.trace,
            elapsed_ms=round((time.perf_counter() - began) * 1000, 2),
        )
        return answer if draft.refused else verify_answer(answer)


def _places_of(library: Collection) -> Callable[[str], Places]:
    return lru_cache(PLACES)(lambda doc: Places(library.source(doc)))


def answer_line(identity: str, answer: Answer) -> dict[str, Any]:
    """Return the answer as the batch line that other programs read (DESIGN, section 5)."""
    return {
        "id": identity,
        "question": answer.question,
        "rewritten": answer.rewritten,
        "answer": answer.text,
        "refused": answer.refused,
        "reason": answer.reason,
        "mode": answer.mode,
        "citations": [
            {
                "n": c.n,
                "doc": c.doc,
                "title": c.info.title,
                "number": c.info.number,
                "locator": c.locator.label(),
                "quote": c.quote,
                "spans": [[s.start, s.end] for s in c.spans],
            }
            for c in answer.citations
        ],
        "elapsed_ms": answer.elapsed_ms,
    }


def hit_line(hit: Hit) -> dict[str, Any]:
    """Return a hit as the JSON form of ``youju search``; start and end enclose the passage's spans."""
    spans = hit.passage.spans
    return {
        "doc": hit.passage.locator.file,
        "start": min(s.start for s in spans),
        "end": max(s.end for s in spans),
        "spans": [[s.start, s.end] for s in spans],
        "text": hit.passage.text,
        "score": round(hit.score, 6),
        "found_by": list(hit.found_by),
        "locator": hit.passage.locator.label(),
    }
