"""Several questions in one: cut where a clause brings a subject or a document of its own."""

from __future__ import annotations

from collections.abc import Callable

from rag.query import Part, Query
from rag.scope import Scope

_BACK = ("它", "其", "这", "那", "该", "此", "又怎", "最后一")
MAX_PARTS = 4


def subquestions(query: Query, scope_of: Callable[[str], Scope], known: Callable[[str], bool]) -> list[str]:
    """Return the questions that a question consists of, each able to stand alone; a single one is returned as it is.

    Clauses that ask nothing (the topic) go with every question after them. ``scope_of`` finds the documents that a
    clause names, ``known`` tells whether the library calls something by that name.
    """
    if query.kind == "compare" or sum(p.asks for p in query.parts) < 2:
        return [query.text]
    groups: list[list[Part]] = []
    topic: list[Part] = []
    home = ""
    for part in query.parts:
        named = _document(scope_of(part.text))
        own = bool(named and named != home) or (
            bool(groups) and not part.text.startswith(_BACK) and _subject(query, part, known)
        )
        if not part.asks and not groups:
            topic.append(part)
        elif not groups or (part.asks and own and _asks(groups[-1])):
            groups.append([part])
        else:
            groups[-1].append(part)
        home = named or home
    if len(groups) < 2 or len(groups) > MAX_PARTS:
        return [query.text]
    head = "，".join(p.text for p in topic)
    return ["，".join(filter(None, (head, *(p.text for p in group)))) for group in groups]


def _asks(group: list[Part]) -> bool:
    return any(p.asks for p in group)


def _document(scope: Scope) -> str:
    best = max(scope.boosts.items(), key=lambda item: (item[1], item[0]), default=("", 1.0))
    return best[0] if best[1] >= 1.4 else ""


def _subject(query: Query, part: Part, known: Callable[[str], bool]) -> bool:
    """Whether the clause opens with a name of three characters or more that the library knows."""
    texts = [query.terms[i].text for i in part.terms[:2]]
    return any(
        len(t) >= 3 and part.text.startswith(t) and known(t) and not query.terms[i].same
        for i, t in zip(part.terms, texts, strict=False)
    )
