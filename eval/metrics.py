"""The rule of what is right, case by case, and what is measured beside it. No aggregates here: see summary."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from eval.cases import Case, CitationLine, comparable, parse_answer
from index.text import quote_of
from index.types import Span

LIMITS = {"fact": 400, "field": 400, "count": 600, "followup": 600}
"""Characters an answer may have before it counts as a dump; ``LIMIT`` for the other types."""
LIMIT = 1500
KS = (5, 10)
PARAPHRASED = 0.2
"""A question that shares less than this of its character pairs with its evidence asks in other words."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an answer is right, why not, and what else was measured on it.

    ``reasons`` is empty exactly when ``right``. ``must_cite_covered`` counts of ``must_cite_total``;
    ``citations_on_evidence`` (they overlap some evidence) and ``quotes_exact`` count of ``citations``.
    """

    right: bool
    reasons: tuple[str, ...]
    refused: bool
    chars: int
    facts_found: int
    facts_total: int
    must_cite_covered: int
    must_cite_total: int
    citations: int
    citations_on_evidence: int
    quotes_exact: int

    @property
    def completeness(self) -> float:
        """The share of the facts that the answer holds (1.0 when none is asked for)."""
        return self.facts_found / self.facts_total if self.facts_total else 1.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """For each k: the share of the evidence that the first k passages cover by half or more.

    ``shared`` is the share of the question's character pairs that stand in its evidence.
    """

    recall: Mapping[int, float]
    shared: float = 1.0

    def complete(self, k: int) -> bool:
        """Tell whether all evidence lies within the first k passages."""
        return self.recall[k] >= 1.0

    @property
    def paraphrased(self) -> bool:
        """Tell whether the question is asked in other words than its evidence."""
        return self.shared < PARAPHRASED


@lru_cache(maxsize=32)
def _visible(raw: str) -> tuple[str, array[int]]:
    """The text without white space and invisible characters, with the offset of each character that is left."""
    kept = array("l", (i for i, c in enumerate(raw) if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf")))
    return "".join(raw[i] for i in kept), kept


def locate(raw: str, quote: str) -> list[Sequence[int]]:
    """Return each occurrence of the quote, white space aside, as the raw offsets of its visible characters."""
    text, offsets = _visible(raw)
    wanted = _visible(quote)[0]
    found: list[Sequence[int]] = []
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        found.append(offsets[at : at + len(wanted)])
        at = text.find(wanted, at + 1)
    return found


def covered(occurrences: Iterable[Sequence[int]], inside: set[int]) -> bool:
    """Tell whether the offsets ``inside`` hold at least half of the characters of any occurrence."""
    return any(2 * sum(i in inside for i in place) >= len(place) for place in occurrences)


def _offsets(pieces: Iterable[tuple[str, int, int]], raws: Mapping[str, str]) -> dict[str, set[int]]:
    """The offsets that (doc, start, end) pieces hold, by document; what lies outside the document is cut off."""
    inside: dict[str, set[int]] = {}
    for doc, start, end in pieces:
        inside.setdefault(doc, set()).update(range(max(0, start), min(end, len(raws.get(doc, "")))))
    return inside


def is_exact(citation: CitationLine, raws: Mapping[str, str]) -> bool:
    """Tell whether the quote is what stands at its spans: the span promise, checked from outside."""
    raw = raws.get(citation.doc)
    if raw is None or not citation.quote:
        return False
    if any(not 0 <= start < end <= len(raw) for start, end in citation.spans):
        return False
    return quote_of(raw, [Span(start, end) for start, end in citation.spans]) == citation.quote


def judge(case: Case, answer_line: Mapping[str, Any], raws: Mapping[str, str]) -> Judgement:
    """Judge an answer line against its case.

    Args:
        case: the question with its facts and evidence.
        answer_line: the answer in its batch form.
        raws: the text as read of each document that the case or the answer names.

    Raises:
        InputError: the answer line is not in the batch form.
    """
    line = parse_answer(answer_line)
    text = comparable(line.answer)
    missing = [fact for fact in case.facts if not any(comparable(alt) in text for alt in fact)]
    present = [bad for bad in case.forbidden if comparable(bad) in text]
    places = [locate(raws.get(e.doc, ""), e.quote) for e in case.evidence]
    pieces = [[(c.doc, start, end) for start, end in c.spans] for c in line.citations]
    inside = _offsets((piece for group in pieces for piece in group), raws)
    uncited = [i for i in case.must_cite if not covered(places[i], inside.get(case.evidence[i].doc, set()))]
    reasons: list[str] = []
    if case.type == "unanswerable":
        reasons += [] if line.refused else ["应拒答而作答"]
    elif line.refused:
        reasons.append(f"不该拒答（{line.reason}）" if line.reason else "不该拒答")
    else:
        reasons += _content_faults(case, missing, present, len(line.answer))
        if 5 * (len(case.must_cite) - len(uncited)) < 4 * len(case.must_cite):
            reasons.append(_citation_fault(case, uncited, places))
    return Judgement(
        right=not reasons,
        reasons=tuple(reasons),
        refused=line.refused,
        chars=len(line.answer),
        facts_found=len(case.facts) - len(missing),
        facts_total=len(case.facts),
        must_cite_covered=len(case.must_cite) - len(uncited),
        must_cite_total=len(case.must_cite),
        citations=len(line.citations),
        citations_on_evidence=sum(_touches(case, places, _offsets(group, raws)) for group in pieces),
        quotes_exact=sum(is_exact(c, raws) for c in line.citations),
    )


def _touches(case: Case, places: list[list[Sequence[int]]], inside: Mapping[str, set[int]]) -> bool:
    return any(
        not inside.get(evidence.doc, set()).isdisjoint(place)
        for evidence, occurrences in zip(case.evidence, places, strict=True)
        for place in occurrences
    )


def _content_faults(case: Case, missing: Sequence[Sequence[str]], present: Sequence[str], chars: int) -> list[str]:
    faults = []
    if missing:
        names = "、".join(f"「{fact[0]}」" + (f"等 {len(fact)} 种写法" if len(fact) > 1 else "") for fact in missing)
        faults.append(f"缺要点 {len(missing)}/{len(case.facts)}：{names}")
    if present:
        faults.append("出现错误内容：" + "、".join(f"「{bad}」" for bad in present))
    limit = LIMITS.get(case.type, LIMIT)
    if chars > limit:
        faults.append(f"过长：{chars:,} 字（上限 {limit:,}）")
    return faults


def _citation_fault(case: Case, uncited: Sequence[int], places: Sequence[Sequence[object]]) -> str:
    total = len(case.must_cite)
    names = []
    for i in uncited[:3]:
        evidence = case.evidence[i]
        lost = "" if places[i] else "，原文中找不到，用例有误"
        names.append(f"「{evidence.quote.strip()[:20]}…」（{evidence.doc}{lost}）")
    return (
        f"引用只覆盖 {total - len(uncited)}/{total} 条必引依据，缺："
        + "、".join(names)
        + ("等" if len(uncited) > 3 else "")
    )


def retrieval(case: Case, hits: Sequence[Mapping[str, Any]], raws: Mapping[str, str]) -> Retrieval:
    """Measure the search alone: how much of all the evidence the union of the first k passages covers.

    A hit is ``{"doc", "start", "end"}``, with ``"spans": [[start, end], ...]`` where the passage has gaps.
    """
    recall: dict[int, float] = {}
    for k in KS:
        pieces = (
            (hit["doc"], start, end)
            for hit in hits[:k]
            for start, end in hit.get("spans") or [(hit["start"], hit["end"])]
        )
        inside = _offsets(pieces, raws)
        found = [covered(locate(raws.get(e.doc, ""), e.quote), inside.get(e.doc, set())) for e in case.evidence]
        recall[k] = sum(found) / len(found) if found else 1.0
    return Retrieval(recall, shared_pairs(" ".join((*case.history, case.question)), [e.quote for e in case.evidence]))


def shared_pairs(question: str, quotes: Iterable[str]) -> float:
    """Return the share of the question's character pairs (letters, digits and characters) that the quotes hold."""
    asked = _pairs(question)
    held = set[str]().union(*map(_pairs, quotes))
    return len(asked & held) / len(asked) if asked else 0.0


def _pairs(text: str) -> set[str]:
    plain = "".join(c if c.isalnum() else " " for c in comparable(text))
    return {a + b for a, b in pairwise(plain) if " " not in (a, b)}
