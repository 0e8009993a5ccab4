"""What tells whether a statement answers a question: a few plain measures, each between about -1 and 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.match import Matcher, Target
from rag.query import Query
from rag.scope import Scope
from rag.slots import Slot, asked_slots, holds
from rag.statement import Statement

FEATURES = (
    "own",  # share of the question that the statement speaks of
    "around",  # further share that its headings, record and field names speak of
    "passage",  # search score of its passage, relative to the best
    "first",  # it stands in the best passage
    "title",  # share of the question that its own run-in title, field or record name speaks of
    "slot",  # it holds a value of the asked kind
    "no_slot",  # a value of a strict kind is asked and it holds none
    "no_number",  # a number is asked and it holds none
    "year",  # it speaks of the asked year
    "other_year",  # it speaks of other years only
    "long",  # its length above 120 characters, in hundreds
    "short",  # it has fewer than 12 characters
    "identity",  # it is a name cell and no name is asked
    "scope",  # it stands in a document that the question names
    "listing",  # a list is asked and it enumerates
    "opening",  # it opens its passage
    "heading",  # it is a heading
    "letterhead",  # it stands in a letterhead or signature
    "off_subject",  # it stands under none of the names in the question
    "focus",  # it speaks of the thing whose amount is asked
    "called",  # its run-in title, field or heading stands in the question word for word
    "noun",  # a list is asked and it says the noun that the items are called by
    "direction",  # a change is asked for and it gives a figure of a change that way
    "clause",  # share of the asking part that one clause speaks of which holds the asked kind of value
)
FIRST_STAGE = len(FEATURES) - 1
"""The measures from this one on are taken of the best statements only."""
_LONG, _SHORT = 120, 12
SHORTEST_CLAUSE = 3
_LESS_ASKED = re.compile("(?:少|减|降|省|节|低)[^,，。?？]{0,8}(?:多少|几|百分之)|(?:多少|几).{0,3}(?:下降|减少|节约|降低)")
_LESS_SAID = re.compile("(?:减少|降低|下降|节约|节省|减排|少|低|省|降幅|节能量|节水|节电)[^,，；;。]{0,12}\\d|降幅")
_NUMBERING = re.compile(r"^(?:第?[一二三四五六七八九十\d]+[章节、.．)）]|[(（][一二三四五六七八九十\d]+[)）]|专栏\d+)")
_CLAUSE = re.compile("[,，;；。！？]")
_WANTS_SIZE = re.compile("规模|更[大多高低少耗省]|省得多|哪个[多大高低少]|差多少")
_ASKS_NAME = re.compile("谁|哪.?家|哪个|哪些|哪几|名称|叫什么|单位|公司|企业|厂|案例|技术")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a question the features look at: its text, kind, slots, scope, the terms that name something."""

    text: str
    kind: str
    slots: tuple[Slot, ...]
    scope: Scope
    anchors: tuple[int, ...] = ()
    focus: int = -1
    parts: tuple[tuple[int, ...], ...] = ()
    noun: str = ""

    @classmethod
    def of(cls, query: Query, scope: Scope, anchors: tuple[int, ...] = (), focus: int = -1, text: str = "") -> Asked:
        """Return what is asked by the query, or by the part of it with the given text."""
        asked = text or query.text
        slots = asked_slots(asked) or (asked_slots("多少") if _WANTS_SIZE.search(asked) else ())
        parts = tuple(p.terms for p in query.parts if p.asks and p.text in asked)
        every = (tuple(range(len(query.terms))),)
        return cls(asked, query.kind, slots, scope, anchors, focus, parts or every, query.noun)


def features(
    asked: Asked,
    matcher: Matcher,
    statement: Statement,
    passage: float,
    inner: tuple[float, ...],
    outer: tuple[float, ...],
) -> tuple[float, ...]:
    """Return the first-stage values of ``FEATURES`` for one statement.

    ``passage`` is its passage's search score relative to the best; ``inner`` and ``outer`` are the matcher's profiles
    of the statement alone and with what is around it.
    """
    own, both = matcher.weigh(inner), matcher.weigh(outer)
    text = statement.target.text
    chars = len(text)
    years, wanted = statement.years, frozenset(asked.scope.years)
    return (
        own,
        both - own,
        passage,
        float(statement.rank == 0),
        matcher.coverage(Target.of(statement.title)) if statement.title else 0.0,
        *_slot_features(asked, text),
        float(bool(wanted & years)),
        float(bool(wanted and years and not wanted & years)),
        max(0, chars - _LONG) / 100,
        float(chars < _SHORT),
        float(statement.names and not asked.slots and not _ASKS_NAME.search(asked.text)),
        _scope_share(asked.scope, statement.doc),
        float(asked.kind in ("list", "count") and _enumerates(statement.text)),
        float(statement.place == 0),
        float(statement.passage.kind == "heading"),
        float(statement.passage.kind == "note"),
        float(any(outer[i] < 0.6 for i in asked.anchors)),
        inner[asked.focus] if 0 <= asked.focus < len(inner) else 0.0,
        float(is_called(asked.text, statement)),
        float(bool(asked.noun) and asked.kind in ("list", "count") and asked.noun in text),
        float(bool(asked.slots and _LESS_ASKED.search(asked.text) and _LESS_SAID.search(text))),
    )


def is_called(asked: str, statement: Statement) -> bool:
    """Whether what the statement stands under (run-in title, field, heading) is in the question word for word."""
    title = Target.of(_NUMBERING.sub("", statement.title.split("·")[-1])).text.rstrip("。.:：")
    return len(title) > 2 and title in asked


def _enumerates(text: str) -> bool:
    marks = text.count("、") >= 2 or text.count("》《") + text.count("》、《") >= 1
    return marks or text.rstrip().endswith(("：", ":"))


def best_clause(asked: Asked, matcher: Matcher, statement: Statement) -> float:
    """Return the largest share of an asking part that one clause says; with slots, a clause that holds their value."""
    best = 0.0
    wanted = [(part, sum(matcher.wanted[i].total for i in part)) for part in asked.parts]
    for clause in _CLAUSE.split(statement.target.text):
        if len(clause) < SHORTEST_CLAUSE or (asked.slots and not holds(asked.slots[0], clause)):
            continue
        profile = matcher.profile(Target.of(clause))
        for part, total in wanted:
            if total:
                best = max(best, sum(matcher.wanted[i].total * profile[i] for i in part) / total)
    return best


def _slot_features(asked: Asked, text: str) -> tuple[float, float, float]:
    if not asked.slots:
        return 0.0, 0.0, 0.0
    first, last = asked.slots[0], asked.slots[-1]
    held = holds(first, text)
    return float(held), float(first.strict and not held), float(last.name == "数值" and not holds(last, text))


def _scope_share(scope: Scope, doc: str) -> float:
    strongest = max(scope.boosts.values(), default=1.0)
    return (scope.boosts.get(doc, 1.0) - 1.0) / max(0.5, strongest - 1.0)
