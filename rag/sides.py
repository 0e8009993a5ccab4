"""The two sides that a question sets against each other: by years, by documents, or before and after "和"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.eras import has_era
from rag.match import Matcher
from rag.query import Query
from rag.scope import Scope
from rag.statement import years_of

_JOINT = re.compile("[和跟与同]|还有|以及|比(?!例|较|重|一)")
_ERA = "[“\"”]?(?:(?:19|20)\\d{2}年|十[一二三四五六]五)[”\"]?(?:期间|时期|末)?"
_TWO_ERAS = re.compile(f"({_ERA})(?:[和跟与同比、]|相比)({_ERA})")
_TURN = re.compile("各|谁|哪|分别|多少|什么|啥|差|都|比|怎|如何|一样|不同|区别")
"""Where what is asked of both sides begins."""
NAMED_DOCUMENT = 1.6
"""A document whose boost by one part of the question reaches this is a side."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a comparison is known by: terms of the question, years, documents."""

    terms: tuple[int, ...] = ()
    years: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


def sides_of(query: Query, matcher: Matcher, scopes: Mapping[str, Scope]) -> tuple[Side, Side] | None:
    """Return the two sides that the question names, None when it names no two."""
    parts = [p for p in query.parts if p.text in scopes]
    by_part = [(frozenset(scopes[p.text].years), _files(scopes[p.text]), p) for p in parts]
    for one, other in zip(by_part, by_part[1:], strict=False):
        both_ask = one[2].asks and other[2].asks
        if both_ask and one[0] and other[0] and not one[0] & other[0]:
            return Side(years=one[0]), Side(years=other[0])
        if both_ask and one[1] and other[1] and not one[1] & other[1]:
            return Side(files=one[1]), Side(files=other[1])
    if eras := _eras(query):
        return Side(years=eras[0]), Side(years=eras[1])
    terms = _joined(query, matcher)
    return (Side(terms=terms[0]), Side(terms=terms[1])) if terms else None


def _eras(query: Query) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the years of two plans or years that a clause joins ("“十四五”和“十三五”")."""
    for part in query.parts:
        found = _TWO_ERAS.search(part.text)
        if found and (left := years_of(found.group(1))) and (right := years_of(found.group(2))) and not left & right:
            return left, right
    return None


def _files(scope: Scope) -> frozenset[str]:
    strong = {f: b for f, b in scope.boosts.items() if b >= NAMED_DOCUMENT}
    return frozenset(f for f, b in strong.items() if b == max(strong.values()))


def _joined(query: Query, matcher: Matcher) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the numbers of the terms before and after "和", which may open a clause, where it sets two things apart.

    What follows the right one ("各", "谁", "多少" ...) belongs to both, and so do words of the document named.
    """
    for number, part in enumerate(query.parts):
        for joint in _JOINT.finditer(part.text):
            before, after = part.text[: joint.start()], part.text[joint.end() :]
            home = part
            if joint.start() < 2 and number:
                before, home = query.parts[number - 1].text, query.parts[number - 1]
            stop = _TURN.search(after)
            after = after[: stop.start()] if stop and stop.start() > 1 else after
            left = _named(query, matcher, home.terms, before)
            right = _named(query, matcher, part.terms, after)
            left, right = tuple(i for i in left if i not in right), tuple(i for i in right if i not in left)
            if left and right:
                return left, right
    return None


def _named(query: Query, matcher: Matcher, terms: Sequence[int], text: str) -> tuple[int, ...]:
    """Return the terms that stand in the text and say more than which document is meant."""
    said = [i for i in terms if query.terms[i].text in text and not has_era(query.terms[i].text)]
    return tuple(i for i in said if not matcher.wanted[i].framed) or tuple(said)
