"""How many things a statement lists, and the numbered steps of a procedure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.match import Matcher
from rag.query import Query
from rag.rank import Ranked
from rag.statement import Reader, Statement, same_entry
from rag.widen import widen

_STEPS = re.compile("工序|步骤|步|环节|道|做法|流程|阶段|措施")
MAX_STEPS = 520
HALF = 0.5
"""A word half said, or said by a synonym, counts as said."""
_ORDINAL = re.compile(r"(?<![\d.])[(（]?\d{1,2}[)）.、．](?!\d)|[①-⑳]")


def first_counted(chosen: Sequence[Statement], noun: str) -> tuple[list[Statement], int]:
    """Return the statements with the one that lists things called ``noun`` in front, and how many it lists."""
    for statement in sorted(chosen, key=lambda s: not (noun and noun in s.text)):
        if noun and noun not in statement.text and not _ORDINAL.match(statement.text):
            continue
        if count := counted(statement):
            return [statement, *(s for s in chosen if s is not statement)], count
    return list(chosen), 0


def of_subject(query: Query, matcher: Matcher, statement: Statement) -> bool:
    """Whether a statement, or what it stands under, says some word of the question beside the counted noun.

    A question of nothing but the noun has no other subject.
    """
    subject = [i for i, t in enumerate(query.terms) if not t.weak and t.text != query.noun]
    profiles = matcher.profile(statement.target), matcher.profile(statement.around)
    return not subject or any(max(p[i] for p in profiles) >= HALF for i in subject)


def counted(statement: Statement) -> int:
    """Return how many things a statement lists: its ordinals (1) (2) ..., else its items between 、; 0 when none."""
    ordinals = [m for m in _ORDINAL.finditer(statement.text)]
    if len(ordinals) > 1:
        return len(ordinals)
    longest = max(re.split("[，。；：:,;]", statement.text), key=lambda clause: clause.count("、"))
    return longest.count("、") + 1 if longest.count("、") else 0


def steps_of(query: Query, matcher: Matcher, ranked: Sequence[Ranked], reader: Reader) -> list[Statement]:
    """Return the paragraph or cell that numbers the steps which the question counts, [] when it counts none.

    Looked for in the entry of the best statement only: the numbered text that speaks most of the question.
    """
    if not _STEPS.search(query.text):
        return []
    best: tuple[float, list[Statement]] = (0.0, [])
    for candidate in ranked[:80]:
        if not same_entry(candidate.statement, ranked[0].statement):
            continue
        home = widen([candidate.statement], reader, MAX_STEPS)[0]
        numbered = len(_ORDINAL.findall(home.text))
        share = matcher.coverage(home.target) + (0.2 if numbered > 1 else 0.0)
        if numbered > 1 and share > best[0]:
            best = (share, [home])
    return best[1]
