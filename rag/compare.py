"""Comparisons: the sides that a question sets against each other, and the pair of statements that answers them.

Sides differ by years ("上一轮 ... 这一轮 ..."), by documents, or by what stands before and after "和". The statements of
a pair are chosen together: what documents say of two sides in the same words is what can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.features import Asked
from rag.match import Matcher, Target
from rag.query import Query
from rag.rank import Ranked
from rag.scope import Scope
from rag.sides import Side, sides_of
from rag.slots import Slot, holds
from rag.statement import Reader, Statement

_DIGIT = re.compile(r"\d")
BOTH = 0.75
"""A statement that itself says so much of each side answers the comparison alone."""
TITLED = 0.3
"""What it earns to stand under a run-in title or heading that names the side."""
DEFINED = 1.0
"""What it earns one statement to say what each side is ("甲为…，乙为…")."""
_DEFINES = re.compile("^[”\"]?(?:是指|指的?是|是|为|指)")
ALONE = 0.2
"""What it costs to answer by one statement."""
IN_ENTRY = 0.8
"""What a side counts that not the statement but another one of its entry speaks of."""
POOL = 200
TRIED = 24
"""Statements of each side that are tried as halves of a pair."""
OTHER = 0.6
"""What speaking of the other side costs."""
SHARED = 0.8
"""What speaking of that by which the sides are compared earns."""
ORDER = 0.6
"""What the rank for the whole question earns."""
ALIKE = 0.8
"""What it earns a pair that its statements are worded alike."""
FIELD = 0.3
"""What it earns a pair that its statements stand in the same column."""
FITS = 0.5
"""What it earns, and costs not, to hold the asked kind of value, speak of a side's years or stand in its document."""

Entry = tuple[str, int, object]
"""(document, record number or -1, block)."""


@dataclass(frozen=True, slots=True)
class Half:
    """A statement that may speak for one side: how well it does, and the words of its telling clause."""

    value: float
    statement: Statement
    words: frozenset[str]


def two_sides(
    query: Query,
    matcher: Matcher,
    ranked: Sequence[Ranked],
    reader: Reader,
    scopes: Mapping[str, Scope],
    always: bool = True,
) -> list[Statement]:
    """Return the statement or the pair that answers a comparison, in the asker's order.

    Where the question does not name its sides and ``always`` is set, the first side is the entry of the best statement
    and the second the entry that speaks most of what the first does not; [] otherwise.
    """
    if sides := sides_of(query, matcher, scopes):
        return _pair(sides, query, matcher, ranked, reader)
    return _two_entries(query, matcher, ranked, reader) if always else []


def _pair(
    sides: tuple[Side, Side], query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader
) -> list[Statement]:
    """Return the one statement that speaks of both sides, else the best pair, one of each side."""
    shared = [i for i in range(len(query.terms)) if all(i not in side.terms for side in sides)]
    entries = _entries(ranked, reader)
    slots = Asked.of(query, Scope(), text=query.own).slots[:1]
    values = [
        [_value(r, entries[_entry(r.statement, reader)], side, shared, matcher, slots) for r in ranked[:POOL]]
        for side in sides
    ]
    halves: list[list[Half]] = []
    for number, other in enumerate(sides[::-1]):
        own = zip(values[number], ranked, strict=False)
        alone = ((value - OTHER * _share(matcher, r.full, other.terms), r) for value, r in own)
        best = sorted(alone, key=lambda half: -half[0])[:TRIED]
        halves.append([Half(v, r.statement, _words(r.statement, matcher, shared)) for v, r in best])
    tried = [
        (left.value + right.value + _alike(left, right), [left.statement, right.statement])
        for left in halves[0]
        for right in halves[1]
        if left.statement.at != right.statement.at
    ]
    for left, right, candidate in zip(*values, ranked, strict=False):
        if _of_both(sides, matcher, candidate) and _enough(slots, candidate.statement.target.text):
            defined = all(_DEFINES.search(candidate.statement.target.text[e:]) for e in _ends(sides, query, candidate))
            tried.append((left + right + (DEFINED if defined else -ALONE), [candidate.statement]))
    return max(tried, key=lambda t: t[0])[1] if tried else [ranked[0].statement]


def _of_both(sides: tuple[Side, Side], matcher: Matcher, candidate: Ranked) -> bool:
    """Whether a statement speaks of both sides in its own words."""
    own = matcher.profile(candidate.statement.target)
    return all(s.terms and _share(matcher, own, s.terms) >= BOTH for s in sides)


def _enough(slots: Sequence[Slot], text: str) -> bool:
    """Whether a text gives at least two values of the asked kind, one for each side."""
    return not slots or len(slots[0].printed.findall(text)) > 1


def _ends(sides: tuple[Side, Side], query: Query, candidate: Ranked) -> list[int]:
    """Return where in the statement each side is named, right after its name."""
    text = candidate.statement.target.text
    ends = [max((text.find(query.terms[i].text) + len(query.terms[i].text) for i in s.terms), default=0) for s in sides]
    return [end for end in ends if end > 0] or [len(text)]


def _entries(ranked: Sequence[Ranked], reader: Reader) -> dict[Entry, tuple[float, ...]]:
    """Return for each entry the largest share of each term that one of its statements speaks of."""
    joint: dict[Entry, tuple[float, ...]] = {}
    for candidate in ranked[:POOL]:
        entry = _entry(candidate.statement, reader)
        before = joint.get(entry, candidate.full)
        joint[entry] = tuple(map(max, before, candidate.full))
    return joint


def _value(
    candidate: Ranked,
    entry: Sequence[float],
    side: Side,
    shared: Sequence[int],
    matcher: Matcher,
    slots: Sequence[Slot],
) -> float:
    """Return how well a statement speaks for one side; ``entry`` is the profile of all of its entry."""
    value = SHARED * _share(matcher, candidate.profile, shared) + ORDER * candidate.score
    if slots:
        value += FITS if holds(slots[0], candidate.statement.target.text) else -FITS
    if side.terms:
        title = matcher.profile(Target.of(candidate.statement.title))
        value += TITLED * _share(matcher, title, side.terms)
        value += max(_share(matcher, candidate.full, side.terms), IN_ENTRY * _share(matcher, entry, side.terms))
    years, doc = candidate.statement.years, candidate.statement.doc
    if side.years:
        value += FITS if years & side.years else -FITS
    if side.files:
        value += FITS if doc in side.files else -FITS
    return value


def _alike(one: Half, other: Half) -> float:
    """Return what a pair earns for being worded alike, figures aside, and for standing in the same column."""
    left, right = one.statement, other.statement
    same = left.passage.record >= 0 and right.passage.record >= 0 and left.field == right.field
    return ALIKE * _overlap(one.words, other.words) + (FIELD if same else 0.0)


def _words(statement: Statement, matcher: Matcher, shared: Sequence[int]) -> frozenset[str]:
    """Return the words of the clause that says most of what both sides are asked for, of those that hold a figure."""
    clauses = [c for c in re.split("[，,；;。]", statement.text) if len(c) > 4] or [statement.text]
    telling = [c for c in clauses if _DIGIT.search(c)] or clauses
    best = max(telling, key=lambda c: _share(matcher, matcher.profile(Target.of(c)), shared))
    return frozenset(t for t in Target.of(best).tokens if len(t) == 2 and not t.isascii())


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _two_entries(query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader) -> list[Statement]:
    """Return the best statement of the best entry and of the entry that adds most to it."""
    groups: dict[Entry, list[Ranked]] = {}
    for candidate in ranked[:POOL]:
        groups.setdefault(_entry(candidate.statement, reader), []).append(candidate)
    profiles = {e: tuple(max(v) for v in zip(*(m.full for m in ms), strict=True)) for e, ms in groups.items()}
    first = max(groups, key=lambda e: matcher.weigh(profiles[e]) + 0.3 * groups[e][0].score)
    chosen = [groups[first][0].statement]
    if others := [e for e in groups if e != first]:

        def value(entry: Entry) -> float:
            new = tuple(max(0.0, p - q) for p, q in zip(profiles[entry], profiles[first], strict=True))
            return matcher.weigh(new) + 0.25 * matcher.weigh(profiles[entry]) + 0.15 * groups[entry][0].score

        chosen.append(groups[max(others, key=value)][0].statement)
    return sorted(chosen, key=lambda s: min(_mentions(query, s), default=len(query.text)))


def _share(matcher: Matcher, profile: Sequence[float], terms: Sequence[int]) -> float:
    total = sum(matcher.wanted[i].total for i in terms) or 1.0
    return sum(matcher.wanted[i].total * profile[i] for i in terms) / total


def _entry(statement: Statement, reader: Reader) -> Entry:
    if statement.passage.record >= 0:
        return statement.doc, statement.passage.record, None
    block = reader.block_at(statement.doc, statement.spans[0].start)
    return statement.doc, -1, block.spans[0].start if block else statement.passage.id


def _mentions(query: Query, statement: Statement) -> Iterator[int]:
    """Yield where the question speaks of the statement's surroundings, to keep the asker's order."""
    both = statement.target | statement.around
    return (query.text.find(t.text) for t in query.terms if t.text in both.text)
