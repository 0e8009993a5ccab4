"""Lists over a whole collection: every record that matches, none that does not, with the count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.collection import Collection
from index.text import fold, tidy
from index.types import Passage, Record
from rag.compose import Line
from rag.match import Matcher, Target
from rag.query import Query
from rag.quote import identity_of, name_of, shorten
from rag.retrieve import Retrieval
from rag.statement import Reader, Statement, of_record

ITEM_NOUN = re.compile("技术|案例|企业|单位|公司|厂|项目|谁|哪.?家|装备|工艺|产品|案子|例子|哪几项|哪些项|入选|收录")
_LISTED = re.compile(
    "入选|上榜|收录了?|列入|名单|目录|名录|清单|(?:典型)?案例|技术|项目|企业|单位|公司|厂|厂家|申报(?:单位)?|推荐|里|算|谁报|报|两家|有关|相关|做产品|产品"
)
"""Words by which a list is asked for; they do not tell its entries apart."""
_PREFIX = re.compile("以[“\"']?([^“”\"']{1,12}?)[”\"']?(?:打头|开头|起头|为首)")
_FOR_WHOM = re.compile("适合|适用|能用|可用|用得上|用得着|可以用|选哪些|可以.{0,12}选|推荐|对得上")
_SCOPE_FIELD = re.compile("适用|范围|领域|对象")
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


@dataclass(frozen=True, slots=True)
class _Candidate:
    record: Record
    passage: Passage
    target: Target


def list_records(
    query: Query, matcher: Matcher, found: Retrieval, library: Collection, reader: Reader
) -> Listing | None:
    """Return the list of records that the question asks for, or None when it does not ask for records."""
    if not ITEM_NOUN.search(query.text):
        return None
    place = _table(found, library)
    if place is None or not _is_of(query.noun, place[1]):
        return None
    candidates = _candidates(query, *place, library)
    if prefix := _PREFIX.search(query.text):
        return _starting_with(prefix.group(1), candidates, matcher, reader, query.measure)
    if group := _group(query, candidates):
        candidates = [c for c in candidates if c.record.group == group]
    criteria = _criteria(matcher, candidates, library.document(place[0]).info.title)
    total = sum(matcher.wanted[i].total for i in criteria)
    if candidates and not total and group:
        members = _lines(candidates, matcher, (), reader, query.measure, query.kind == "count")
        return Listing(tuple(members), (group,), len(candidates), 1.0)
    if query.kind == "count" and candidates and not total and not _content(query, matcher, candidates):
        return _all_of(candidates, reader, query.measure)
    if candidates and not total and (field := _field(query, place[1])):
        return _holding(field, candidates, reader, query)
    if not candidates or not total:
        return None
    shares = [_share(matcher, c.target, criteria, total) for c in candidates]
    best = max(shares)
    if best < MIN_SHARE or total < MIN_CRITERIA * _content(query, matcher, candidates):
        return None
    kept = [c for c, share in zip(candidates, shares, strict=True) if share >= max(MIN_SHARE, NEAR_BEST * best)]
    terms = tuple(matcher.wanted[i].text for i in criteria)
    lines = tuple(_lines(kept, matcher, criteria, reader, query.measure, query.kind == "count"))
    return Listing(lines, terms, len(candidates), best, max(_spoken(c, matcher) for c in kept))


def _spoken(candidate: _Candidate, matcher: Matcher) -> float:
    """Return the share of the question that the whole record and its table's name speak of."""
    record = candidate.record
    whole = Target.of(
        " ".join((record.name, record.table, record.group, *(f"{f.name} {f.text}" for f in record.fields)))
    )
    return matcher.coverage(whole | Target.of(candidate.passage.context))


def _field(query: Query, names: Sequence[str]) -> str:
    """Return the column that the question asks about ("哪些技术能省水": 节水效果), or ""."""
    words = [w for t in query.terms if not t.carried for w in (t.text, *t.same) if len(w) > 1]
    found = [n for n in names for w in words if w in fold(n) and not ITEM_NOUN.search(w) and not _LISTED.fullmatch(w)]
    return found[0] if found else ""


def _holding(field: str, candidates: Sequence[_Candidate], reader: Reader, query: Query) -> Listing | None:
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
        lines.append(Line(f"{len(lines) + 1}. {name}：{words}", (*identity, told[0])))
    if not lines:
        return None
    head = Line(f"共{len(lines)}{query.measure}（{field}一栏有内容）：", ())
    return Listing((head, *lines), (field,), len(candidates), 1.0)


def _is_of(noun: str, fields: Sequence[str]) -> bool:
    """Whether what the question counts or lists may be entries of a table with these fields."""
    return not noun or bool(ITEM_NOUN.search(noun)) or any(noun in name for name in fields)


def _group(query: Query, candidates: Sequence[_Candidate]) -> str:
    """Return the group ("类别二：节能降碳") that the question names, or ""."""
    groups = dict.fromkeys(c.record.group for c in candidates if c.record.group)
    named = [g for g in groups if fold(g).split(":")[-1].split("：")[-1] in query.own]
    return max(named, key=len, default="")


def _all_of(candidates: Sequence[_Candidate], reader: Reader, measure: str) -> Listing:
    """Return the count of a whole table, shown by its first and its last entry."""
    ends = [next(iter(of_record(c.record, c.passage, 0, reader))) for c in (candidates[0], candidates[-1])]
    names = [tidy(c.record.name) for c in (candidates[0], candidates[-1])]
    text = f"共{len(candidates)}{measure}：自“{names[0]}”至“{names[1]}”"
    sources = tuple(s for end in ends for s in (end, *identity_of(end, reader)[:1]))
    return Listing((Line(text, sources),), ("全部",), len(candidates), 1.0)


def _starting_with(
    prefix: str, candidates: Sequence[_Candidate], matcher: Matcher, reader: Reader, measure: str
) -> Listing | None:
    """Return the records one of whose identifying cells starts with the prefix."""
    kept = [c for c in candidates if any(fold(f.text).startswith(prefix) for f in c.record.fields[:4])]
    if not kept:
        return None
    return Listing(tuple(_lines(kept, matcher, (), reader, measure)), (f"以“{prefix}”开头",), len(candidates), 1.0)


def _table(found: Retrieval, library: Collection) -> tuple[str, tuple[str, ...]] | None:
    """Return (document, field names) of the table that the question is about: most of the best hits come from it.

    The table of a document that the question names counts even where its rows are not among the best hits.
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


def _candidates(query: Query, file: str, names: tuple[str, ...], library: Collection) -> list[_Candidate]:
    """Return the table's records with the text that is held against the criteria."""
    rows = {p.record: p for p in library.passages_of(file) if p.kind == "row" and p.record >= 0}
    only_scope = bool(_FOR_WHOM.search(query.text)) and any(_SCOPE_FIELD.search(n) for n in names)
    found = []
    for number, record in enumerate(library.records(file)):
        if tuple(f.name for f in record.fields) != names or number not in rows:
            continue
        fields = [f for f in record.fields if not only_scope or _SCOPE_FIELD.search(f.name)]
        text = " ".join((record.name, record.group, *(f.text for f in fields)))
        found.append(_Candidate(record, rows[number], Target.of(text)))
    return found


def _criteria(matcher: Matcher, candidates: Sequence[_Candidate], title: str) -> list[int]:
    """Return the numbers of the terms that tell records apart: not the table's own words, met by some record."""
    if not candidates:
        return []
    record = candidates[0].record
    frame = Target.of(" ".join((title, record.table, *record.path, *(f.name for f in record.fields))))
    framed = matcher.profile(frame)
    profiles = [matcher.profile(c.target) for c in candidates]
    chosen = []
    for i in range(len(matcher.wanted)):
        met = sum(p[i] >= 0.6 for p in profiles)
        if _LISTED.fullmatch(matcher.wanted[i].text):
            continue
        if framed[i] < 0.6 and 0 < met < 0.8 * len(candidates) + 1:
            chosen.append(i)
    return chosen


def _content(query: Query, matcher: Matcher, candidates: Sequence[_Candidate]) -> float:
    """Return the mass of the terms that a list of these records has to meet: known words, not the table's own."""
    record = candidates[0].record
    framed = matcher.profile(Target.of(" ".join((record.table, *(f.name for f in record.fields)))))
    strong = [
        i
        for i, t in enumerate(query.terms)
        if t.same and not t.weak and framed[i] < 0.6 and not _LISTED.fullmatch(t.text)
    ]
    return sum(matcher.wanted[i].total for i in strong)


def _share(matcher: Matcher, target: Target, criteria: Sequence[int], total: float) -> float:
    profile = matcher.profile(target)
    return sum(matcher.wanted[i].total * (profile[i] if profile[i] >= 0.6 else 0.0) for i in criteria) / total


def _lines(
    kept: Sequence[_Candidate],
    matcher: Matcher,
    criteria: Sequence[int],
    reader: Reader,
    measure: str,
    brief: bool = False,
) -> list[Line]:
    lines = [Line(f"共{len(kept)}{measure}：", ())]
    room = max(24, min(EXCERPT, MAX_CHARS // max(1, len(kept)) - 30))
    for number, candidate in enumerate(kept, 1):
        best = _best_statement(candidate, matcher, criteria, reader)
        identity = identity_of(best, reader)
        excerpt = shorten(best, matcher, room, reader.raw)
        said = any(excerpt.spans == i.spans for i in identity)
        name = name_of(identity) if identity else tidy(candidate.record.name)
        if brief:
            lines.append(Line(f"{number}. {name}", identity or (excerpt,)))
            continue
        words = name if said or not excerpt.text else f"{name}：{tidy(excerpt.text)}"
        sources = identity if said else (*identity, excerpt)
        lines.append(Line(f"{number}. {words}", sources))
    return lines


def _best_statement(candidate: _Candidate, matcher: Matcher, criteria: Sequence[int], reader: Reader) -> Statement:
    def value(statement: Statement) -> float:
        profile = matcher.profile(statement.target)
        return sum(matcher.wanted[i].total * profile[i] for i in criteria)

    found = list(of_record(candidate.record, candidate.passage, 0, reader))
    told = [s for s in found if not s.names or _SCOPE_FIELD.search(s.field)] or found
    return max(told, key=lambda s: (value(s), -len(s.text)))
