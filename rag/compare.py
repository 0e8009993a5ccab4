"""Comparisons: the two entries that a question sets side by side, each with its own best statement."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.match import Matcher
from rag.query import Query
from rag.rank import Ranked
from rag.statement import Reader, Statement

_JOINT = re.compile("[和与跟同]|还有|以及")

Entry = tuple[str, int, object]
"""(document, record number or -1, block)."""


def two_sides(
    query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader, always: bool = True
) -> list[Statement]:
    """Return the best statement of each side, in the asker's order.

    Where the question names both sides ("A和B"), each side is the entry that speaks of it and not of the other. Else,
    when ``always``, the first side is the entry of the best statement and the second the entry that speaks most of what
    the first does not; [] otherwise.
    """
    groups: dict[Entry, list[Ranked]] = {}
    for candidate in ranked[:200]:
        groups.setdefault(_entry(candidate.statement, reader), []).append(candidate)
    profiles = {e: _joint(members) for e, members in groups.items()}
    if sides := _sides(query):
        chosen = [_side(groups, profiles, matcher, own, other) for own, other in (sides, sides[::-1])]
        if chosen[0] == chosen[1]:
            return _within(groups[chosen[0]], matcher, sides)
        shared = [i for i in range(len(query.terms)) if i not in sides[0] and i not in sides[1]]
        return [_best(groups[entry], matcher, shared) for entry in chosen]
    first = max(groups, key=lambda e: _mass(matcher, profiles[e]) + 0.3 * groups[e][0].score)
    others = [e for e in groups if e != first]
    if not others or not always:
        return [groups[first][0].statement] if always else []

    def value(entry: Entry) -> float:
        new = [max(0.0, p - q) for p, q in zip(profiles[entry], profiles[first], strict=True)]
        return _mass(matcher, new) + 0.25 * _mass(matcher, profiles[entry]) + 0.15 * groups[entry][0].score

    second = max(others, key=value)
    chosen_ = [groups[first][0].statement, groups[second][0].statement]
    return sorted(chosen_, key=lambda s: _mention(query, s))


def _within(
    members: Sequence[Ranked], matcher: Matcher, sides: tuple[tuple[int, ...], tuple[int, ...]]
) -> list[Statement]:
    """Return the statement of each side where both stand in one entry; one statement when it speaks of both."""

    def value(candidate: Ranked, own: Sequence[int], other: Sequence[int]) -> float:
        return (
            _share(matcher, candidate.profile, own) - 0.5 * _share(matcher, candidate.profile, other) + candidate.score
        )

    left, right = sides
    first = max(members, key=lambda m: value(m, left, right)).statement
    second = max(members, key=lambda m: value(m, right, left)).statement
    return [first] if first.spans == second.spans else [first, second]


def _share(matcher: Matcher, profile: Sequence[float], terms: Sequence[int]) -> float:
    total = sum(matcher.wanted[i].total for i in terms) or 1.0
    return sum(matcher.wanted[i].total * profile[i] for i in terms) / total


def _best(members: Sequence[Ranked], matcher: Matcher, shared: Sequence[int]) -> Statement:
    """Return the statement of an entry that speaks most of what is compared, not of the names of the sides."""

    def value(candidate: Ranked) -> float:
        said = sum(matcher.wanted[i].total * candidate.profile[i] for i in shared) / matcher.total
        return said + 0.5 * candidate.score

    return max(members, key=value).statement


def _sides(query: Query) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the numbers of the terms before and after "和" in the clause that sets two things side by side."""
    for part in query.parts:
        joint = _JOINT.search(part.text)
        if not joint or joint.start() < 2:
            continue
        left = tuple(i for i in part.terms if query.terms[i].text in part.text[: joint.start()])
        right = tuple(i for i in part.terms if query.terms[i].text in part.text[joint.end() :])
        left, right = tuple(i for i in left if i not in right), tuple(i for i in right if i not in left)
        if left and right:
            return left, right
    return None


def _side(
    groups: dict[Entry, list[Ranked]],
    profiles: dict[Entry, tuple[float, ...]],
    matcher: Matcher,
    own: Sequence[int],
    other: Sequence[int],
) -> Entry:
    """Return the entry that speaks of one side and not of the other."""
    return max(
        groups,
        key=lambda e: (
            _share(matcher, profiles[e], own) - 0.5 * _share(matcher, profiles[e], other) + 0.6 * groups[e][0].score
        ),
    )


def _entry(statement: Statement, reader: Reader) -> Entry:
    if statement.passage.record >= 0:
        return statement.doc, statement.passage.record, None
    block = reader.block_at(statement.doc, statement.spans[0].start)
    return statement.doc, -1, block.spans[0].start if block else statement.passage.id


def _joint(members: Sequence[Ranked]) -> tuple[float, ...]:
    return tuple(max(values) for values in zip(*(m.full for m in members), strict=True))


def _mass(matcher: Matcher, profile: Sequence[float]) -> float:
    return sum(w.total * p for w, p in zip(matcher.wanted, profile, strict=True)) / matcher.total


def _mention(query: Query, statement: Statement) -> int:
    """Return where the question first speaks of the statement's surroundings, to keep the asker's order."""
    both = statement.target | statement.around
    places = [query.text.find(t.text) for t in query.terms if t.text in both.text]
    return min(places, default=len(query.text))
