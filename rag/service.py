"""PolicyQA: the one door from a question to a verified answer, for cli, api, ui and eval."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from index.collection import Collection
from index.errors import InputError, ModelError
from index.places import Places
from index.store import Library
from index.types import DocumentInfo, Hit
from index.view import View
from rag.answerer import Answerer, Search
from rag.answering import Draft
from rag.compose import citation, compose
from rag.config import Settings, read_settings
from rag.llm import LanguageModel
from rag.plan import plan
from rag.rerank import open_reranker
from rag.supplied import supplied
from rag.types import NOT_FOUND, Answer, Cited, Done, Event, Found, Planned, Question, Text
from rag.verify import verify_answer
from rag.worded import worded

_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2060-\u2064\ufeff]")


PLACES = 64
"""Documents whose pages and cells stay in memory."""
VIEWS = 8
"""Choices of documents (``Question.only``) whose names and postings stay in memory."""


class PolicyQA:
    """Answers questions from one library. Safe to share between threads."""

    def __init__(self, library: Library, settings: Settings, model: LanguageModel | None = None) -> None:
        self.library = library
        self.settings = settings
        self.model = model
        reranker = open_reranker(settings.reranker, settings.index.device)
        self._answerer = Answerer(library, reranker)
        self._restricted = lru_cache(VIEWS)(lambda files: Answerer(View(library, files), reranker))
        self._places = _places_of(library)

    @classmethod
    def open(
        cls, index_dir: Path | str | None = None, settings: Settings | None = None, model: LanguageModel | None = None
    ) -> PolicyQA:
        """Open the library in ``index_dir`` (default: the settings').

        ``model`` words the answers (``rag.llm.choose`` opens it); None: they are quotations.

        Raises:
            IndexMissingError, IndexDamagedError, SettingsMismatchError: see ``Library.open``.
        """
        settings = settings or read_settings()
        return cls(Library.open(Path(index_dir or settings.index_dir), settings.index), settings, model)

    def ask(self, question: Question | str, history: Sequence[str] = ()) -> Iterator[Event]:
        """Yield Found, then the answer as Text and Cited events, and at last Done with the whole answer.

        With a language model a Planned event may come first, and Preview events in between. Closing the iterator
        stops the model.

        Raises:
            InputError: the question is empty or too long.
        """
        if isinstance(question, str):
            question = Question(question, tuple(history))
        began = time.perf_counter()
        asked = self._checked(question.text)
        if question.context:
            answerer = Answerer(supplied(question.context, self.settings.index))
        else:
            answerer = self._answerer_of(question.only)
        model = self.model if question.llm else None
        search, note = yield from self._found(answerer, asked, question, model)
        draft = answerer.draft(search, question.max_chars)
        answer: Answer | None = None
        if model:
            answer, note = yield from self._worded(question, search, draft, answerer, model, note)
        if answer is None:
            answer = self._quoted(question, search.completed.text, draft, answerer.library, note)
            yield Text(answer.text)
            for citation in answer.citations:
                yield Cited(citation)
        yield Done(replace(answer, elapsed_ms=round((time.perf_counter() - began) * 1000, 2)))

    def _found(
        self, answerer: Answerer, asked: str, question: Question, model: LanguageModel | None
    ) -> Generator[Event, None, tuple[Search, str]]:
        """Yield the plan, where one is made, and the hits; return the search, and why there is no plan."""
        history = [" ".join(h.split()) for h in question.history]
        k, note = self.settings.top_k, ""
        made = Planned(asked)
        if model and self.settings.llm_plan:
            try:
                made = plan(asked, history, model)
                yield made
            except ModelError as error:
                note = f"{error.message}，检索词由程序拟定"
        search = answerer.find(made.question, [] if made.question != asked else history, k)
        if more := (*made.queries, *made.parts):
            search = answerer.widened(search, more, k)
        yield Found(search.hits(k), search.completed.text)
        return search, note

    def _worded(
        self, question: Question, search: Search, draft: Draft, answerer: Answerer, model: LanguageModel, note: str
    ) -> Generator[Event, None, tuple[Answer | None, str]]:
        """Yield the answer in the model's words and return it; None, and why, where the draft has to do."""
        info, places = self._about(answerer.library)
        cite = partial(citation, info=info, places=places)
        done = yield from worded(search, draft, answerer, model, self.settings, cite, question.max_chars)
        outcome = done.outcome
        if outcome is None:
            return None, f"{done.note}，以下为摘录回答"
        trace = {**draft.trace, "llm": {"model": model.name, "request": outcome.request, "failed": outcome.failed}}
        if outcome.refused:
            reason = f"已检索 {len(answerer.library.documents())} 份文件，语言模型在找到的资料里没有看到答案。"
            nearest = Draft(draft.lines[:1], True, reason, trace)
            refused = self._quoted(question, search.completed.text, nearest, answerer.library, note)
            yield Text(refused.text)
            for one in refused.citations:
                yield Cited(one)
            return replace(refused, mode="llm"), note
        answer = Answer(
            question=question.text,
            rewritten=search.completed.text,
            text=outcome.text,
            citations=tuple(outcome.citations),
            mode="llm",
            note="；".join(part for part in (note, outcome.note) if part),
            trace=trace,
        )
        return answer, note

    def answer(self, question: Question | str, history: Sequence[str] = ()) -> Answer:
        """Return the whole answer at once; see ``ask``."""
        for event in self.ask(question, history):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("ask ended without Done")

    def search(self, text: str, k: int = 10, *, only: frozenset[str] | None = None) -> tuple[Hit, ...]:
        """Return the ``k`` best passages for a question or keywords, of the documents ``only`` where it is given.

        Raises:
            InputError: the text is empty or too long, or ``k`` is not positive.
        """
        if k < 1:
            raise InputError(f"返回条数应为正整数，而不是 {k}", "例如 -k 10")
        return self._answerer_of(only).search(self._checked(text), k)

    def _answerer_of(self, only: frozenset[str] | None) -> Answerer:
        """Return what answers from these documents alone; None: from all."""
        if only is None:
            return self._answerer
        held = frozenset(entry.file for entry in self.library.documents())
        return self._answerer if held <= only else self._restricted(held & only)

    def _checked(self, text: str) -> str:
        asked = " ".join(_INVISIBLE.sub("", text).split())
        if not asked:
            raise InputError("问题是空的", "请输入一个问题，例如：哪些技术适合焦化企业？")
        limit = self.settings.max_question_chars
        if len(asked) > limit:
            raise InputError(f"问题有 {len(asked)} 字，超过上限 {limit} 字", "请缩短问题，或调整 max_question_chars")
        return asked

    def _quoted(
        self, question: Question, rewritten: str, draft: Draft, library: Collection, note: str = ""
    ) -> Answer:
        text, citations = compose(draft.lines, *self._about(library))
        if draft.refused:
            text = "\n".join(part for part in (f"{NOT_FOUND}：{draft.reason}", text) if part)
        answer = Answer(
            question=question.text,
            rewritten=rewritten,
            text=text,
            citations=citations,
            refused=draft.refused,
            reason=draft.reason,
            note=note,
            trace=draft.trace,
        )
        return answer if draft.refused else verify_answer(answer)

    def _about(self, library: Collection) -> tuple[Callable[[str], DocumentInfo], Callable[[str], Places]]:
        """Return what tells a document's info and the places in it."""
        own = library is self.library or isinstance(library, View)
        places = self._places if own else _places_of(library)
        return (lambda doc: library.document(doc).info), places


def _places_of(library: Collection) -> Callable[[str], Places]:
    return lru_cache(PLACES)(lambda doc: Places(library.source(doc)))


def answer_line(identity: str, answer: Answer) -> dict[str, Any]:
    """Return the answer as the batch line that other programs read (DESIGN, section 5), with its note if it has one."""
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
        **({"note": answer.note} if answer.note else {}),
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
