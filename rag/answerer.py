"""Answerer: one collection of documents and everything needed to answer questions from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.collection import Collection
from index.text import fold
from index.thesaurus import default_thesaurus
from index.types import Hit
from rag.answering import Draft, draft_answer, joined
from rag.eras import resolve
from rag.followup import Completed, complete
from rag.match import Matcher
from rag.names import Names
from rag.query import Query, says_something, understand
from rag.rerank import Reranker, rerank
from rag.retrieve import Retrieval, merge, retrieve
from rag.scope import find_scope, titles_of
from rag.split import subquestions
from rag.statement import Reader, Statement
from rag.supplied import bounded

MANY = 50
"""A library of more titles than this is too wide to tell which plan "上一个五年" means."""


@dataclass(frozen=True, slots=True)
class Search:
    """A question made ready and searched for: its completed form, the queries it consists of, what each found."""

    completed: Completed
    queries: tuple[Query, ...]
    found: tuple[Retrieval, ...]
    home: Statement | None
    wider: tuple[Retrieval, ...] = ()

    def hits(self, k: int) -> tuple[Hit, ...]:
        """Return the ``k`` best hits of all queries; ``wider`` holds what a model's own queries found."""
        found = (*self.found, *self.wider)
        return found[0].hits[:k] if len(found) == 1 else merge(found, k).hits


class Answerer:
    """Answers questions from one collection. Safe to share between threads."""

    def __init__(self, library: Collection, reranker: Reranker | None = None) -> None:
        self.library = library
        self._reranker = reranker
        self.reader = Reader(library)
        self._names = Names(library)

    def find(self, asked: str, history: Sequence[str], k: int) -> Search:
        """Complete a follow-up, take several questions apart and search for each."""
        completed = complete(asked, history, self._names.known, _kinds, self._names.rare)
        query = self.understood(completed.text, completed.carried)
        queries = (query,) if completed.carried else tuple(self._standing(self._split(query)))
        home = self._home(completed, k)
        found = tuple(self._reranked(q, retrieve(q, self.library, k, home.doc if home else "")) for q in queries)
        return Search(completed, queries, found, home)

    def _standing(self, parts: Sequence[str]) -> Iterator[Query]:
        """Yield the parts of a question understood; one that names nothing asks what the first one did."""
        first = ""
        for text in parts:
            query = self.understood(text)
            if first and not any(says_something(t) for t in query.terms):
                query = self.understood(f"{first}——{text}", first)
            first = first or text
            yield query

    def _reranked(self, query: Query, found: Retrieval) -> Retrieval:
        return replace(found, hits=rerank(query.text, found.hits, self._reranker)) if self._reranker else found

    def draft(self, search: Search, max_chars: int | None = None) -> Draft:
        """Return the draft of an answer to what was searched for, within ``max_chars`` characters."""
        home = None if search.completed.switched else search.home
        drafts = [
            draft_answer(query, found, self.library, self.reader, self._names, home)
            for query, found in zip(search.queries, search.found, strict=True)
        ]
        draft = drafts[0] if len(drafts) == 1 else joined(drafts)
        if max_chars is None:
            return draft
        matcher = Matcher(search.queries[0], self.library.lexical.idf)
        lines = bounded(draft.lines, max_chars, matcher, self.library)
        return Draft(lines, draft.refused, draft.reason, draft.trace)

    def widened(self, search: Search, queries: Sequence[str], k: int) -> Search:
        """Return the search with what further queries find."""
        return replace(search, wider=tuple(retrieve(self.understood(text), self.library, k) for text in queries))

    def search(self, text: str, k: int) -> tuple[Hit, ...]:
        """Return the ``k`` best passages; a completed follow-up ("前问——今问") is told by its dash."""
        carried, _, _ = text.rpartition("——")
        query = self.understood(text, carried)
        parts = [query.text] if carried else self._split(query)
        if len(parts) == 1:
            return retrieve(query, self.library, k).hits
        return merge([retrieve(self.understood(p), self.library, k) for p in parts], k).hits

    def understood(self, text: str, carried: str = "") -> Query:
        """Return the Query of a completed question, typos against the library's names put right."""
        before = fold(carried)
        documents = self.library.documents()
        titles = [d.info.title for d in documents if d.info.title] if len(documents) <= MANY else []
        folded = resolve(fold(text), titles)
        repaired = before + self._names.repair(folded[len(before) :], self._seen)
        return understand(repaired, default_thesaurus(), carried, self._seen)

    def _home(self, completed: Completed, k: int) -> Statement | None:
        """Return where the question before found its answer."""
        if not completed.carried:
            return None
        before = self.understood(completed.carried)
        found = retrieve(before, self.library, k)
        lines = draft_answer(before, found, self.library, self.reader, self._names).lines
        return next((s for line in lines for s in line.sources), None)

    def _split(self, query: Query) -> list[str]:
        titles = titles_of(self.library)
        return subquestions(query, lambda text: find_scope(text, titles, lambda w: True), self._names.known)

    def _seen(self, pair: str) -> bool:
        return self.library.lexical.idf(pair) < self.library.lexical.idf("\ue000")


def _kinds(text: str) -> list[tuple[str, frozenset[str]]]:
    return [(e.term, frozenset(e.kinds)) for e in default_thesaurus().expand(text)]
