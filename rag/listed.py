"""A list as it is shown: its entries, each with what it says of the criteria, each cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.text import tidy
from rag.compose import Line
from rag.criteria import SCOPE_FIELD, Candidate
from rag.match import Matcher
from rag.quote import identity_of, name_of, one_source, shorten
from rag.statement import Reader, Statement, of_record

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


def entry_lines(
    kept: Sequence[Candidate],
    matcher: Matcher,
    criteria: Sequence[int],
    reader: Reader,
    measure: str,
    brief: bool = False,
    column: str = "",
) -> list[Line]:
    """Return the count and a line an entry: what it says of the criteria, or of ``column``; its name only if brief."""
    lines = [Line(f"共{len(kept)}{measure}：", ())]
    room = max(24, min(EXCERPT, MAX_CHARS // max(1, len(kept)) - 30))
    for number, candidate in enumerate(kept, 1):
        best = _best_statement(candidate, matcher, criteria, reader, column)
        identity = identity_of(best, reader)
        excerpt = shorten(best, matcher, room, reader.raw)
        said = any(excerpt.at == i.at for i in identity)
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
