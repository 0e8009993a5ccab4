"""How large a table is: its entries counted, with its ends, its groups and the sentence that says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from index.collection import Collection
from index.text import tidy
from index.types import Hit
from rag.compose import Line
from rag.criteria import ITEM_NOUN, Candidate, asks_more, candidates_of, is_of
from rag.figures import figures
from rag.listed import Listing
from rag.listing import table_of
from rag.match import Matcher
from rag.overview import groups_of
from rag.query import Query
from rag.quote import identity_of
from rag.retrieve import NAMED, Retrieval
from rag.statement import Reader, Statement, of_record, statements

ALSO_NAMED = 0.8
MOST_PASSAGES = 400


def whole_table(
    query: Query,
    matcher: Matcher,
    found: Retrieval,
    library: Collection,
    reader: Reader,
    near: Sequence[Statement] = (),
) -> Listing | None:
    """Return the count of a table when nothing but the number of its entries is asked for, else None.

    Its groups are told with their sizes, and the first of the statements ``near`` that prints the same number.
    """
    if query.kind != "count" or not ITEM_NOUN.search(query.noun or query.text):
        return None
    place = _named_table(found, library) or table_of(found, library)
    if place is None or not is_of(query.noun, place[1]):
        return None
    candidates = candidates_of(query, *place, library)
    if not candidates or asks_more(query, matcher, candidates, library.document(place[0]).info.title):
        return None
    lines = [_ends(candidates, reader, query.measure)]
    sizes = Counter(c.record.group for c in candidates)
    if len(groups := [g for g in groups_of(place[0], library) if sizes[g.text]]) > 1:
        told = "、".join(f"{tidy(g.text)}（{sizes[g.text]}{query.measure}）" for g in groups)
        lines.append(Line(f"分{len(groups)}类：{told}", tuple(groups)))
    printed = (s for s in chain(near, _beside(place[0], found, library, reader)) if _prints(len(candidates), s))
    lines += [Line(tidy(s.text), (s,)) for s in islice(printed, 1)]
    return Listing(tuple(lines), ("全部",), len(candidates), 1.0)


def _beside(file: str, found: Retrieval, library: Collection, reader: Reader) -> Iterator[Statement]:
    """Yield the sentences of running text of the table's document and of the others that are named as well."""
    boosts = found.scope.boosts
    files = dict.fromkeys((file, *sorted(f for f, b in boosts.items() if b >= ALSO_NAMED * max(boosts.values()))))
    passages = (p for f in files for p in library.passages_of(f) if p.record < 0)
    yield from statements((Hit(p, 0.0, ()) for p in islice(passages, MOST_PASSAGES)), reader)


def _prints(number: int, statement: Statement) -> bool:
    """Whether a sentence of running text, no table cell, gives that number of things."""
    if statement.passage.record >= 0:
        return False
    return any(f.value == number and f.kind == "quantity" for f in figures(tidy(statement.text)))


def _ends(candidates: Sequence[Candidate], reader: Reader, measure: str) -> Line:
    """Return the count of a whole table, shown by its first and its last entry."""
    ends = [next(iter(of_record(c.record, c.passage, 0, reader))) for c in (candidates[0], candidates[-1])]
    names = [tidy(c.record.name) for c in (candidates[0], candidates[-1])]
    text = f"共{len(candidates)}{measure}：自“{names[0]}”至“{names[1]}”"
    return Line(text, tuple(s for end in ends for s in (end, *identity_of(end, reader)[:1])))


def _named_table(found: Retrieval, library: Collection) -> tuple[str, tuple[str, ...]] | None:
    """Return (document, field names) of the largest table of the document that the question names best."""
    best = max(found.scope.boosts.values(), default=0.0)
    if best < NAMED:
        return None
    files = [f for f, boost in found.scope.boosts.items() if boost >= 0.95 * best]
    sizes = Counter((f, tuple(x.name for x in record.fields)) for f in files for record in library.records(f))
    return sizes.most_common(1)[0][0] if sizes else None
