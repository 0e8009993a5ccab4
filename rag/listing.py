"""Lists over a whole collection: every record that matches, none that does not, with the count."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.collection import Collection
from index.text import fold, tidy
from rag.by_words import by_words, table_with
from rag.compose import Line
from rag.criteria import (
    FOR_WHOM,
    ITEM_NOUN,
    Candidate,
    alternatives,
    candidates_of,
    content_mass,
    criteria_of,
    field_asked,
    group_asked,
    is_of,
    share_of,
    spoken,
)
from rag.listed import EXCERPT, MAX_CHARS, Listing, entry_lines
from rag.match import Matcher
from rag.query import Query
from rag.quote import identity_of, name_of, one_source
from rag.retrieve import Retrieval
from rag.statement import Reader, of_record

_EMPTY = re.compile("(?:未载明|未说明|未给出|无|没有|不涉及|/|-|—|暂无)[。.]?")
MIN_SHARE = 0.55
"""Least share of the criteria's mass that a listed record must meet."""
MIN_CRITERIA = 0.5
"""The criteria that some record meets must hold this share of the mass of all known words asked for."""
NEAR_BEST = 0.55
"""... and least share of what the best record meets."""
MAIN_SHARE = 0.4
"""Least share of the best hits' weight that comes from the table."""


def list_records(
    query: Query, matcher: Matcher, found: Retrieval, library: Collection, reader: Reader
) -> Listing | None:
    """Return the list of records that the question asks for, or None when it does not ask for records."""
    if not (ITEM_NOUN.search(query.text) or (query.kind == "list" and FOR_WHOM.search(query.text))):
        return None
    place = table_with(query, library) or table_of(found, library)
    if not place or not is_of(query.noun, place[1]):
        return None
    candidates = candidates_of(query, *place, library)
    if special := by_words(query, matcher, candidates, reader):
        return special
    if group := group_asked(query, candidates):
        candidates = [c for c in candidates if c.record.group == group]
    criteria = criteria_of(matcher, candidates, library.document(place[0]).info.title)
    total = sum(matcher.wanted[i].total for i in criteria)
    if candidates and not total and group:
        members = entry_lines(candidates, matcher, (), reader, query.measure, query.kind == "count")
        return Listing(tuple(members), (group,), len(candidates), 1.0)
    if candidates and not total and (field := field_asked(query, matcher, candidates)):
        return _holding(field, candidates, reader, query)
    if not candidates or not total:
        return None
    groups = alternatives(query, criteria)
    shares = [share_of(matcher, c, groups) for c in candidates]
    best = max(shares)
    if best < MIN_SHARE or total < MIN_CRITERIA * content_mass(query, matcher, candidates):
        return None
    kept = [c for c, share in zip(candidates, shares, strict=True) if share >= max(MIN_SHARE, NEAR_BEST * best)]
    terms = tuple(matcher.wanted[i].text for i in criteria)
    lines = tuple(entry_lines(kept, matcher, criteria, reader, query.measure, query.kind == "count"))
    return Listing(lines, terms, len(candidates), best, max(spoken(c, matcher) for c in kept))


def _holding(field: str, candidates: Sequence[Candidate], reader: Reader, query: Query) -> Listing | None:
    """Return the records in which the column is filled."""
    lines: list[Line] = []
    room = max(24, min(EXCERPT, MAX_CHARS // len(candidates) - 30))
    for candidate in candidates:
        told = [s for s in of_record(candidate.record, candidate.passage, 0, reader) if s.field == field]
        if not told or _EMPTY.fullmatch(fold(told[0].text)):
            continue
        identity = identity_of(told[0], reader)
        words = tidy(told[0].text) if len(told[0].text) <= room else tidy(told[0].text[:room]) + "…"
        name = name_of(identity) if identity else tidy(candidate.record.name)
        lines.append(Line(f"{len(lines) + 1}. {name}：{words}", (one_source(identity, told[0], reader),)))
    if not lines:
        return None
    head = Line(f"共{len(lines)}{query.measure}（{field}一栏有内容）：", ())
    return Listing((head, *lines), (field,), len(candidates), 1.0)


def table_of(found: Retrieval, library: Collection) -> tuple[str, tuple[str, ...]] | None:
    """Return (document, field names) of the table that the question is about: most of the best hits come from it.

    Rows of a document that the question names weigh more.
    """
    weights: dict[tuple[str, tuple[str, ...]], float] = {}
    other = 0.0
    for rank, hit in enumerate(found.hits[:8]):
        value = hit.score / (rank + 1)
        if hit.passage.record < 0:
            other += value
            continue
        file = hit.passage.locator.file
        names = tuple(f.name for f in library.records(file)[hit.passage.record].fields)
        weights[file, names] = weights.get((file, names), 0.0) + value
    if not weights:
        return None
    weights = {place: value * found.scope.boosts.get(place[0], 1.0) for place, value in weights.items()}
    place, weight = max(weights.items(), key=lambda item: item[1])
    return place if weight >= MAIN_SHARE * (other + sum(weights.values())) else None
