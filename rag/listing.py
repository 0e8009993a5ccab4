"""Lists over a whole collection: every record that matches, none that does not, with the count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.collection import Collection
from index.text import fold, tidy
from rag.compose import Line
from rag.conditions import Condition, condition_of, meeting
from rag.criteria import (
    FOR_WHOM,
    ITEM_NOUN,
    SCOPE_FIELD,
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
from rag.match import Matcher
from rag.query import Query
from rag.quote import identity_of, name_of, one_source, shorten
from rag.retrieve import Retrieval
from rag.statement import Reader, Statement, of_record

_PREFIX = re.compile("以[“\"']?([^“”\"']{1,12}?)[”\"']?(?:打头|开头|起头|为首)")
_QUOTED = re.compile("[“\"「『]([^“”\"「」『』]{1,12})[”\"」』]")
_PRINTS = re.compile("字样|写(?:了|着|有|明)|[带含有]着?[“\"「『]|直接写|出现")
_EMPTY = re.compile("(?:未载明|未说明|未给出|无|没有|不涉及|/|-|—|暂无)[。.]?")
MIN_SHARE = 0.55
"""Least share of the criteria's mass that a listed record must meet."""
MIN_CRITERIA = 0.5
"""The criteria that some record meets must hold this share of the mass of all known words asked for."""
NEAR_BEST = 0.55
"""... and least share of what the best record meets."""
MAIN_SHARE = 0.4
"""Least share of the best hits' weight that comes from the table."""
EXCERPT = 90
"""Characters of the matching statement shown with each record."""
MAX_CHARS = 1200


@dataclass(frozen=True, slots=True)
class Listing:
    """Records that match, in printed order, and the criteria by which they were chosen out of ``considered``.

    ``strength`` is the share of the criteria that the best one meets, ``coverage`` the share of the question that it
    speaks of.
    """

    lines: tuple[Line, ...]
    criteria: tuple[str, ...]
    considered: int
    strength: float
    coverage: float = 1.0


def list_records(
    query: Query, matcher: Matcher, found: Retrieval, library: Collection, reader: Reader
) -> Listing | None:
    """Return the list of records that the question asks for, or None when it does not ask for records."""
    if not (ITEM_NOUN.search(query.text) or (query.kind == "list" and FOR_WHOM.search(query.text))):
        return None
    place = table_of(found, library)
    if place is None or not is_of(query.noun, place[1]):
        return None
    candidates = candidates_of(query, *place, library)
    if special := _special(query, matcher, candidates, reader):
        return special
    if group := group_asked(query, candidates):
        candidates = [c for c in candidates if c.record.group == group]
    criteria = criteria_of(matcher, candidates, library.document(place[0]).info.title)
    total = sum(matcher.wanted[i].total for i in criteria)
    if candidates and not total and group:
        members = _lines(candidates, matcher, (), reader, query.measure, query.kind == "count")
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
    lines = tuple(_lines(kept, matcher, criteria, reader, query.measure, query.kind == "count"))
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


def _special(query: Query, matcher: Matcher, candidates: Sequence[Candidate], reader: Reader) -> Listing | None:
    """Return the list that a prefix or a bound on a figure chooses, None when the question sets neither."""
    if prefix := _PREFIX.search(query.text):
        return _starting_with(prefix.group(1), candidates, matcher, reader, query.measure)
    if candidates and (quoting := _quoting(query, matcher, candidates, reader)):
        return quoting
    if candidates and (condition := condition_of(query)):
        return _bounded(condition, candidates, query, matcher, reader)
    return None


def _bounded(
    condition: Condition, candidates: Sequence[Candidate], query: Query, matcher: Matcher, reader: Reader
) -> Listing | None:
    """Return the records that keep a bound on a figure, each with the clause that gives it."""
    kept = meeting(condition, query, matcher, candidates, reader)
    if not kept:
        return None
    lines = [Line(f"共{len(kept)}{query.measure}（{condition.text}）：", ())]
    for number, (candidate, clause) in enumerate(kept, 1):
        identity = identity_of(clause, reader)
        name = name_of(identity) if identity else tidy(candidate.record.name)
        words = tidy(clause.text).rstrip("，,；;")
        lines.append(Line(f"{number}. {name}：{words}", (one_source(identity, clause, reader),)))
    return Listing(tuple(lines), (condition.text,), len(candidates), 1.0)


def _quoting(query: Query, matcher: Matcher, candidates: Sequence[Candidate], reader: Reader) -> Listing | None:
    """Return the records whose named column prints one of the words in quotation marks ("名称里带“再生”的")."""
    words = _QUOTED.findall(query.text)
    if not words or not _PRINTS.search(query.text):
        return None
    names = [f.name for f in candidates[0].record.fields]
    column = next((n for n in names if fold(n)[-2:] in query.text or fold(n)[:4] in query.text), "")
    kept = [
        c
        for c in candidates
        if any(w in fold(f.text) for w in words for f in c.record.fields if f.name == column or not column)
    ]
    if not kept:
        return None
    rule = f"{column or '条目'}中有“{'”或“'.join(words)}”"
    lines = tuple(_lines(kept, matcher, (), reader, query.measure, column=column))
    return Listing(lines, (rule,), len(candidates), 1.0)


def _starting_with(
    prefix: str, candidates: Sequence[Candidate], matcher: Matcher, reader: Reader, measure: str
) -> Listing | None:
    """Return the records one of whose identifying cells starts with the prefix."""
    kept = [c for c in candidates if any(fold(f.text).startswith(prefix) for f in c.record.fields[:4])]
    if not kept:
        return None
    return Listing(tuple(_lines(kept, matcher, (), reader, measure)), (f"以“{prefix}”开头",), len(candidates), 1.0)


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


def _lines(
    kept: Sequence[Candidate],
    matcher: Matcher,
    criteria: Sequence[int],
    reader: Reader,
    measure: str,
    brief: bool = False,
    column: str = "",
) -> list[Line]:
    lines = [Line(f"共{len(kept)}{measure}：", ())]
    room = max(24, min(EXCERPT, MAX_CHARS // max(1, len(kept)) - 30))
    for number, candidate in enumerate(kept, 1):
        best = _best_statement(candidate, matcher, criteria, reader, column)
        identity = identity_of(best, reader)
        excerpt = shorten(best, matcher, room, reader.raw)
        said = any(excerpt.spans == i.spans for i in identity)
        name = name_of(identity) if identity else tidy(candidate.record.name)
        if brief:
            lines.append(Line(f"{number}. {name}", (_source(identity, excerpt, True, reader),)))
            continue
        words = name if said or not excerpt.text else f"{name}：{tidy(excerpt.text)}"
        lines.append(Line(f"{number}. {words}", (_source(identity, excerpt, said, reader),)))
    return lines


def _source(identity: Sequence[Statement], excerpt: Statement, named: bool, reader: Reader) -> Statement:
    """Return what carries an entry of the list: its identifying cells, with the excerpt unless they say it all."""
    if named and identity:
        return one_source(identity[:-1], identity[-1], reader)
    return one_source(identity, excerpt, reader)


def _best_statement(
    candidate: Candidate, matcher: Matcher, criteria: Sequence[int], reader: Reader, column: str = ""
) -> Statement:
    """Return what a record says of the criteria; of the column or scope by which it was chosen, where one is asked."""

    def value(statement: Statement) -> float:
        profile = matcher.profile(statement.target, candidate.near)
        shown = statement.field == column or (candidate.by_scope and bool(SCOPE_FIELD.search(statement.field)))
        return sum(matcher.wanted[i].total * profile[i] for i in criteria) + matcher.total * shown

    found = list(of_record(candidate.record, candidate.passage, 0, reader))
    told = [s for s in found if not s.names or SCOPE_FIELD.search(s.field) or s.field == column] or found
    return max(told, key=lambda s: (value(s), -len(s.text)))
