"""PolicyQA: the one door from a question to a verified answer, for cli, api, ui and eval."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from index.errors import InputError
from index.places import Places
from index.store import Library
from index.text import fold
from index.thesaurus import default_thesaurus
from index.types import Hit
from rag.answering import Draft, draft_answer, joined
from rag.compose import compose
from rag.config import Settings, read_settings
from rag.eras import resolve
from rag.followup import Completed, complete
from rag.names import Names
from rag.query import Query, understand
from rag.retrieve import merge, retrieve
from rag.scope import find_scope
from rag.split import subquestions
from rag.statement import Reader, Statement
from rag.types import NOT_FOUND, Answer, Cited, Done, Event, Found, Question, Text
from rag.verify import verify_answer

_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2060-\u2064\ufeff]")


PLACES = 64
"""Documents whose pages and cells stay in memory."""

MANY = 50
"""A library of more titles than this is too wide to tell which plan "上一个五年" means."""


class PolicyQA:
    """Answers questions from one library. Safe to share between threads."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library = library
        self.settings = settings
        self._reader = Reader(library)
        self._names = Names(library)
        self._places = lru_cache(PLACES)(lambda doc: Places(library.source(doc)))

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
        completed = complete(asked, [" ".join(h.split()) for h in question.history], self._names.known)
        rewritten = completed.text
        query = self._understood(rewritten, completed.carried)
        parts = [query] if completed.carried else [self._understood(t) for t in self._split(query)]
        home = self._home(completed)
        searches = [retrieve(p, self.library, self.settings.top_k, home.doc if home else "") for p in parts]
        yield Found(searches[0].hits if len(searches) == 1 else merge(searches, self.settings.top_k).hits)
        drafts = [
            draft_answer(part, found, self.library, self._reader, self._names, None if completed.switched else home)
            for part, found in zip(parts, searches, strict=True)
        ]
        draft = drafts[0] if len(drafts) == 1 else joined(drafts)
        answer = self._finished(question, rewritten, draft, began)
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
        carried, _, _ = self._checked(text).rpartition("——")
        query = self._understood(self._checked(text), carried)
        parts = [query.text] if carried else self._split(query)
        if len(parts) == 1:
            return retrieve(query, self.library, k).hits
        return merge([retrieve(self._understood(p), self.library, k) for p in parts], k).hits

    def _understood(self, text: str, carried: str = "") -> Query:
        before = fold(carried)
        titles = [d.info.title for d in self.library.documents() if d.info.title]
        folded = resolve(fold(text), titles if len(titles) <= MANY else ())
        repaired = before + self._names.repair(folded[len(before) :], self._seen)
        return understand(repaired, default_thesaurus(), carried, self._seen)

    def _home(self, completed: Completed) -> Statement | None:
        """Return where the question before found its answer."""
        if not completed.carried:
            return None
        before = self._understood(completed.carried)
        found = retrieve(before, self.library, self.settings.top_k)
        lines = draft_answer(before, found, self.library, self._reader, self._names).lines
        return next((s for line in lines for s in line.sources), None)

    def _split(self, query: Query) -> list[str]:
        documents = self.library.documents()
        return subquestions(query, lambda text: find_scope(text, documents, lambda w: True), self._names.known)

    def _seen(self, pair: str) -> bool:
        return self.library.lexical.idf(pair) < self.library.lexical.idf("\ue000")

    def _checked(self, text: str) -> str:
        asked = " ".join(_INVISIBLE.sub("", text).split())
        if not asked:
            raise InputError("问题是空的", "请输入一个问题，例如：哪些技术适合焦化企业？")
        limit = self.settings.max_question_chars
        if len(asked) > limit:
            raise InputError(f"问题有 {len(asked)} 字，超过上限 {limit} 字", "请缩短问题，或调整 max_question_chars")
        return asked

    def _finished(self, question: Question, rewritten: str, draft: Draft, began: float) -> Answer:
        text, citations = compose(draft.lines, lambda doc: self.library.document(doc).info, self._places)
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
