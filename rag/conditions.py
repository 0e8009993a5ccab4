"""Conditions in figures: "一年减碳超过一万吨的有哪些" keeps the records one of whose clauses gives such a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from index.text import map_spans, tidy
from rag.criteria import LISTED, Candidate
from rag.figures import figures, same_unit
from rag.match import Matcher, Target
from rag.query import Query
from rag.statement import Reader, Statement, of_record
from rag.units import base

SUBJECT = 0.7
"""A clause must speak of this share of what the clause does that speaks most of the condition's subject."""
_TIME = re.compile("一年|每年|全年|年度?|一天|每天|一共|总共")
_CLAUSE = re.compile("[^，,；;。]+[，,；;。]?")


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on a figure: ``sign`` is ">", ">=", "<" or "<=", ``value`` is in base units of ``unit``."""

    sign: str
    value: Decimal
    unit: str
    text: str

    def holds(self, value: Decimal) -> bool:
        """Whether a value in base units keeps the bound."""
        if self.sign.startswith(">"):
            return value > self.value or (self.sign == ">=" and value == self.value)
        return value < self.value or (self.sign == "<=" and value == self.value)


def condition_of(query: Query) -> Condition | None:
    """Return the first bound that the question sets, or None."""
    for figure in figures(query.own):
        if figure.comparator in (">", ">=", "<", "<=") and figure.value is not None and figure.unit:
            return Condition(figure.comparator, figure.value * base(figure.unit)[1], figure.unit, figure.text)
    return None


def meeting(
    condition: Condition, query: Query, matcher: Matcher, candidates: Sequence[Candidate], reader: Reader
) -> list[tuple[Candidate, Statement]]:
    """Return the records that keep the bound, each with the clause that says so."""
    subject = [
        i
        for i, t in enumerate(query.terms)
        if t.text not in condition.text and not LISTED.fullmatch(t.text) and not _TIME.fullmatch(t.text)
    ]
    clauses = [(c, s) for c in candidates for s in _clauses(c, condition.unit, reader)]
    spoken = [_spoken(s, matcher, subject) for _, s in clauses]
    least = SUBJECT * max(spoken, default=0.0)
    found: dict[int, tuple[float, Candidate, Statement]] = {}
    for (candidate, clause), share in zip(clauses, spoken, strict=True):
        number = candidate.passage.record
        if share >= least > 0 and _keeps(condition, clause.text) and share > found.get(number, (0.0,))[0]:
            found[number] = (share, candidate, clause)
    return [(candidate, clause) for _, candidate, clause in (found[n] for n in sorted(found))]


def _clauses(candidate: Candidate, unit: str, reader: Reader) -> Iterator[Statement]:
    """Yield the clauses of a record that hold a figure in such a unit."""
    for statement in of_record(candidate.record, candidate.passage, 0, reader):
        mapped = map_spans(reader.raw(statement.doc), statement.spans)
        for part in _CLAUSE.finditer(mapped.text):
            spans = mapped.spans(*part.span())
            text = part.group().strip()
            if spans and any(f.unit and same_unit(f.unit, unit) for f in figures(tidy(text))):
                yield replace(statement, text=text, spans=spans, target=Target.of(text))


def _keeps(condition: Condition, text: str) -> bool:
    found = (f for f in figures(tidy(text)) if f.value is not None and f.unit and same_unit(f.unit, condition.unit))
    return any(condition.holds(f.value * base(f.unit)[1]) for f in found if f.value is not None)


def _spoken(clause: Statement, matcher: Matcher, subject: Sequence[int]) -> float:
    """Return how many words of the subject a clause, with its column's name, speaks of; each counts the same."""
    profile = matcher.profile(clause.target | Target.of(clause.field))
    return sum(profile[i] for i in subject)
