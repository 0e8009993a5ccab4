"""Lists chosen by how names begin, by words in quotation marks, or by a bound on a figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.collection import Collection
from index.text import fold, tidy
from rag.compose import Line
from rag.conditions import Condition, condition_of, meeting
from rag.criteria import Candidate
from rag.listed import Listing, entry_lines
from rag.match import Matcher
from rag.query import Query
from rag.quote import identity_of, name_of, one_source
from rag.statement import Reader

_PREFIX = re.compile("以[“\"']?([^“”\"']{1,12}?)[”\"']?(?:打头|开头|起头|为首)")
_QUOTED = re.compile("[“\"「『]([^“”\"「」『』]{1,12})[”\"」』]")
_PRINTS = re.compile("字样|写(?:了|着|有|明)|[带含有]着?[“\"「『]|直接写|出现")
FEW_DOCUMENTS = 50
SHORT_NAME = 2


def by_words(query: Query, matcher: Matcher, candidates: Sequence[Candidate], reader: Reader) -> Listing | None:
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


def table_with(query: Query, library: Collection) -> tuple[str, tuple[str, ...]] | None:
    """Return the largest table of whose columns the question names one, and words in it; of few documents only."""
    if not (_QUOTED.search(query.text) and _PRINTS.search(query.text)):
        return None
    sizes: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for entry in library.documents()[:FEW_DOCUMENTS]:
        for record in library.records(entry.file) if entry.records else ():
            names = tuple(f.name for f in record.fields)
            sizes[entry.file, names] += any(len(n) > SHORT_NAME and fold(n) in query.text for n in names)
    best = max(sizes, key=lambda place: (sizes[place], place), default=None)
    return best if best and sizes[best] else None


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
    lines = tuple(entry_lines(kept, matcher, (), reader, query.measure, column=column))
    return Listing(lines, (rule,), len(candidates), 1.0)


def _starting_with(
    prefix: str, candidates: Sequence[Candidate], matcher: Matcher, reader: Reader, measure: str
) -> Listing | None:
    """Return the records one of whose identifying cells starts with the prefix."""
    kept = [c for c in candidates if any(fold(f.text).startswith(prefix) for f in c.record.fields[:4])]
    if not kept:
        return None
    return Listing(tuple(entry_lines(kept, matcher, (), reader, measure)), (f"以“{prefix}”开头",), len(candidates), 1.0)
