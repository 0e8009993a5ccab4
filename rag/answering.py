"""Retrieval -> a draft answer: list, quotation or refusal, by the kind of question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from index.collection import Collection
from rag.absent import other_edition, uncounted, unnamed
from rag.articles import article_lines
from rag.common import is_common
from rag.compose import Line
from rag.counting import counted, first_counted, of_subject, steps_of
from rag.extract import pick
from rag.items import items_of, whole_paragraphs, with_items
from rag.listed import Listing
from rag.listing import list_records
from rag.match import Matcher, Target
from rag.metadata import about_document
from rag.names import Names
from rag.on_subject import on_subject, rescued
from rag.outline import best_enumeration, count_numbered, enumeration_lines
from rag.overview import lacks, overview_lines, part_asked
from rag.premise import premise
from rag.query import Query
from rag.quote import lines, place_line
from rag.rank import AROUND_SHARE, Ranked, rank
from rag.refuse import missing, refusal
from rag.retrieve import NAMED, Retrieval
from rag.scope import Scope, find_scope, titles_of
from rag.statement import Reader, Statement, statements
from rag.types import NOT_FOUND
from rag.whole import whole_table

_WHERE = re.compile(
    "哪(?:一|个)?大?(?:个)?(?:类|章|节|部分|栏|专栏|行业下面)|第几[类章条节]|归在|属于哪|放在哪|列在哪|叫什么类|哪一?条"
)
SHORTEST = 6
"""A refusal shows no nearest statement of so few characters; it would be a row number."""
STRONG = 1.8
"""A document whose boost reaches this is the one asked about."""
COUNT_EDGE = 0.65
MIN_LISTED = 3
NAMED_SHARE = 0.6
SENTENCE_EDGE = 1.1
"""Where the best statement itself lists so many things by the asked noun, a heading must speak of more than it."""
LISTING_EDGE = 0.4
"""The best record of a list must speak of this share of what the best statement does."""
ENUMERATION_EDGE = 0.85
"""A heading's list is the answer when it speaks of this share of what the best statement does."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is written out: its lines, or a refusal with the nearest statement as its only line."""

    lines: tuple[Line, ...]
    refused: bool = False
    reason: str = ""
    trace: Mapping[str, Any] = field(default_factory=dict)


def draft_answer(
    query: Query, found: Retrieval, library: Collection, reader: Reader, names: Names, home: Statement | None = None
) -> Draft:
    """Return the draft that answers the query from the hits, or refuses.

    ``home`` is where the question before a follow-up found its answer; the follow-up is likely to mean the same entry.
    """
    matcher = Matcher(query, library.lexical.idf, _frame(found.scope, library))
    anchors = _anchors(query, names) if query.kind not in ("list", "count", "compare") else ()
    found = _in_scope(found)
    scores = [h.score for h in found.hits]
    ranked = rank(query, matcher, statements(found.hits, reader), scores, found.scope, anchors, home)
    direct = _direct(query, matcher, found, library, reader, [r.statement for r in ranked])
    if direct:
        return direct
    titles = [library.document(f).info.title for f, factor in found.scope.boosts.items() if factor >= NAMED]
    reason = other_edition(query, titles, len(library.documents())) or refusal(
        query, ranked, found.scope, len(library.documents()), _holder(library)
    )
    if reason:
        nearest = lines([r.statement for r in ranked if len(r.statement.text) > SHORTEST][:1], reader)
        return Draft(tuple(nearest), True, reason, _trace(query, ranked))
    trace = _trace(query, ranked)
    if query.kind in ("list", "count") and (draft := _listed(query, matcher, ranked, found, library, reader)):
        return replace(draft, trace={**trace, **draft.trace})
    chosen = pick(query, matcher, _named(ranked, anchors), _scopes(query, found.scope, library), reader)
    chosen = rescued(query, matcher, chosen, ranked, anchors, found.scope)
    chosen = whole_paragraphs(query, on_subject(query, matcher, chosen, anchors), reader)
    chosen = with_items(query, matcher, chosen, reader)
    count = 0
    if query.kind == "count":
        items = items_of(chosen)
        if not items:
            chosen, count = first_counted(steps_of(query, matcher, ranked, reader) or chosen, query.noun)
        count = items or count if chosen and of_subject(query, matcher, chosen[0]) else 0
    if reason := _lacking(query, matcher, chosen, anchors, found.scope, count, len(library.documents())):
        return Draft(tuple(lines(chosen[:1], reader)), True, reason, trace)
    written = lines(chosen, reader)
    if _WHERE.search(query.own) and chosen and (place := place_line(chosen[0], reader)):
        written.append(place)
    if stand := premise(query, chosen):
        written[0] = replace(written[0], text=f"{stand}{written[0].text}")
    if count:
        written[0] = replace(written[0], text=f"共{count}{query.measure}。{written[0].text}")
    return Draft(tuple(written), trace=trace)


def _holder(library: Collection) -> Callable[[str], bool]:
    """Return what tells whether the library holds a pair of characters."""
    unseen = library.lexical.idf("\ue000")
    return lambda pair: library.lexical.idf(pair) < unseen


def _in_scope(found: Retrieval) -> Retrieval:
    """Return the hits of the documents that the question names, when the best of them is not far below the best."""
    named = {file for file, factor in found.scope.boosts.items() if factor >= STRONG}
    inside = tuple(h for h in found.hits if h.passage.locator.file in named)
    if inside and inside[0].score >= 0.5 * found.hits[0].score:
        return replace(found, hits=inside)
    return found


def _direct(
    query: Query, matcher: Matcher, found: Retrieval, library: Collection, reader: Reader, near: Sequence[Statement]
) -> Draft | None:
    """Return what is read off the document itself: a typed article, an overview, a table's size, 文号, issuers, date."""
    if found.scope.articles:
        articles = article_lines(found.scope, library)
        return Draft(tuple(articles), trace={"articles": found.scope.articles}) if articles else None
    if overview := overview_lines(query, found.scope, found.hits, library):
        return Draft(tuple(overview), trace={"about": "overview"})
    if (part := part_asked(query)) and lacks(part, found.scope, library):
        return Draft((), True, f"已检索 {len(library.documents())} 份文件，其中没有{part}。")
    if whole := whole_table(query, matcher, found, library, reader, near):
        return Draft(whole.lines, trace={"list": _rule(whole)})
    about = about_document(query, matcher, found.scope, library)
    if about is None:
        return None
    if about.lines:
        return Draft(about.lines, trace={"about": "document"})
    return Draft((), True, f"已检索 {len(library.documents())} 份文件，{about.missing}。")


def _lacking(
    query: Query,
    matcher: Matcher,
    chosen: Sequence[Statement],
    anchors: Sequence[int],
    scope: Scope,
    count: int,
    documents: int,
) -> str:
    """Return what the chosen statements lack of what was asked, or ""."""
    reason = ""
    if query.kind == "count" and not count:
        reason = uncounted(query, chosen, documents)
    return reason or unnamed(query, chosen, documents) or missing(query, matcher, chosen, anchors, scope, documents)


def joined(drafts: Sequence[Draft]) -> Draft:
    """Return the drafts of several questions as one; refused only when each is."""
    answered = [d for d in drafts if not d.refused]
    refused = [d.reason for d in drafts if d.refused]
    if not answered:
        return replace(drafts[0], reason="".join(dict.fromkeys(refused)))
    written = [line for d in answered for line in d.lines]
    if refused:
        written.append(Line(f"另有所问{NOT_FOUND}：{refused[0]}", ()))
    return Draft(tuple(written), trace={"parts": [dict(d.trace) for d in drafts]})


def _listed(
    query: Query, matcher: Matcher, ranked: list[Ranked], found: Retrieval, library: Collection, reader: Reader
) -> Draft | None:
    """Return the draft of a list or count: records that match, else what stands below a heading; None: neither."""
    listing = list_records(query, matcher, found, library, reader)
    if listing and listing.coverage >= LISTING_EDGE * max(r.all for r in ranked):
        return Draft(listing.lines, trace={"list": _rule(listing)})
    if query.kind == "count" and (written := count_numbered(query, found.hits, library)):
        return Draft(tuple(written), trace={"numbered": len(written[0].sources)})
    enumeration = best_enumeration(query, matcher, found.hits, found.scope, library)
    best = max(r.own + AROUND_SHARE * (r.all - r.own) for r in ranked)
    edge = COUNT_EDGE if query.kind == "count" else ENUMERATION_EDGE
    first = ranked[0].statement
    if query.noun and query.noun in first.text and counted(first) >= MIN_LISTED:
        edge = SENTENCE_EDGE
    if enumeration and enumeration.strength >= edge * best:
        written = enumeration_lines(enumeration, query.measure, library)
        return Draft(tuple(written), trace={"heading": enumeration.heading.text, "strength": enumeration.strength})
    return None


def _frame(scope: Scope, library: Collection) -> Target | None:
    """Return titles and regions of the documents that the question names."""
    infos = [library.document(file).info for file, factor in scope.boosts.items() if factor >= NAMED]
    return Target.of(" ".join(f"{i.title} {i.region}" for i in infos)) if infos else None


def _anchors(query: Query, names: Names) -> tuple[int, ...]:
    """Return the numbers of the terms that name an entry of the library: a company, a technology, a section."""
    return tuple(
        i
        for i, t in enumerate(query.terms)
        if not (t.same or t.weak or t.carried or is_common(t.text)) and names.rare(t.text)
    )


def _named(ranked: list[Ranked], anchors: Sequence[int]) -> list[Ranked]:
    """Return the statements that stand under a name of the question, all of them when none does."""
    named = [r for r in ranked if any(r.full[i] >= NAMED_SHARE for i in anchors)]
    return named or ranked


def _scopes(query: Query, whole: Scope, library: Collection) -> dict[str, Scope]:
    """Return the scope of each part of the question; a part that names no document has the whole question's."""
    scopes = {}
    for part in query.parts:
        own = find_scope(part.text, titles_of(library), lambda word: True)
        scopes[part.text] = own if own.boosts else replace(whole, years=own.years or whole.years)
    return scopes


def _rule(listing: Listing) -> dict[str, Any]:
    return {"criteria": listing.criteria, "considered": listing.considered, "strength": round(listing.strength, 3)}


def _trace(query: Query, ranked: list[Ranked]) -> dict[str, Any]:
    return {
        "kind": query.kind,
        "terms": [t.text for t in query.terms],
        "statements": [
            {"score": round(r.score, 3), "own": round(r.own, 3), "all": round(r.all, 3), "text": r.statement.text[:60]}
            for r in ranked[:8]
        ],
    }
