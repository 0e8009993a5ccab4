"""Does a sentence stand in its quotes? Every figure, date, 文号, document and organisation, and the direction.

Figures are compared by value (``rag.figures``) and by the words they stand in (``rag.evidence``): a right number
beside another subject, year or direction is a wrong statement (``rag.grounding``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.text import key, sentences
from rag.evidence import Evidence, evidence
from rag.grounding import FigureVerdict, check_place, check_together, demanded
from rag.numerals import parse_han, plain
from rag.subject import Subject
from rag.types import NOT_FOUND, Answer, Citation


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence stands; ``reason`` (Chinese, one line) names the first thing that does not."""

    supported: bool
    figures: tuple[FigureVerdict, ...]
    reason: str


def check_sentence(sentence: str, quotes: Sequence[str], start: int = 0, end: int | None = None) -> Verdict:
    """Check the figures and names of ``sentence[start:end]`` against the quotes.

    The rest of the sentence serves as their context. No quotes: nothing with a figure or a name stands.
    """
    stop = len(sentence) if end is None else end
    sources = [evidence(quote) for quote in quotes]
    claim = evidence(sentence)
    subject = Subject(claim, sources)
    mark = _LIST_MARK.match(sentence)
    first = max(start, mark.end() if mark else 0)
    places = [p for p in claim.places if p.figure.start < stop and p.figure.end > first and demanded(p.figure)]
    verdicts = [check_place(place, claim, sources, subject) for place in places]
    verdicts = [_counted(v, sentence, quotes) for v in verdicts]
    if start == 0 and end is None:
        verdicts += _check_names(sentence, sources)
        if all(v.found for v in verdicts) and (spoiled := check_together(sentence, quotes)):
            verdicts = [spoiled if v.text == spoiled.text else v for v in verdicts]
    failed = next((v for v in verdicts if not v.found), None)
    return Verdict(failed is None, tuple(verdicts), failed.reason if failed else "")


_LIST_MARK = re.compile(
    r"\s*(?:[-*#>]+\s*)?(?:[(（]?\d{1,2}[)）.、．](?!\d)|[①-⑳]|[(（]?[一二三四五六七八九十]{1,3}[)）、])\s*"
)
COUNT = re.compile(
    r"(?:共|列出|列了|列有|分为|分成|包括)(?:有|计|了)?\s?(\d+)\s?(?:大)?(?:项|条|个|家|种|份|篇|处|块|类|步|方面|部分)"
)


"""A count that an answer states: "共 3 项", "分为5类"."""


def _counted(verdict: FigureVerdict, sentence: str, quotes: Sequence[str]) -> FigureVerdict:
    """Accept "共 3 项" where three quotes carry the sentence: worked out, not read, and labelled so."""
    match = None if verdict.found else COUNT.search(sentence)
    if match and match.group(1) in verdict.text and int(match.group(1)) == len(quotes) > 1:
        return replace(verdict, found=True, reason="", label="computed")
    return verdict


def _counted_lines(verdict: Verdict, sentence: str, text: str) -> Verdict:
    """Accept "共3个：" over a list of three: worked out from the answer itself."""
    match = None if verdict.supported else COUNT.search(sentence)
    if match is None or int(match.group(1)) != len(_ENTRY.findall(text)):
        return verdict
    figures = tuple(
        replace(f, found=True, reason="", label="computed") if match.group(1) in f.text else f for f in verdict.figures
    )
    failed = next((f for f in figures if not f.found), None)
    return Verdict(failed is None, figures, failed.reason if failed else "")


_ENTRY = re.compile(r"^\d{1,3}[.、．](?!\d)", re.MULTILINE)
_TITLE = re.compile(r"《([^《》]{2,60})》")
_ORGANISATION = re.compile(
    r"[\u4e00-\u9fff（）()]{2,24}?(?:有限责任公司|股份有限公司|有限公司|集团公司|研究院|研究所|委员会|联合会|协会|大学|银行)"
)
_MARKS = re.compile(r"[\s“”‘’\"'（）()〈〉<>·,，、。-]")


def _pack(text: str) -> str:
    """Drop spaces and marks, and write years in digits, so that two printings of a name are equal."""
    return _MARKS.sub("", _HAN_YEAR.sub(lambda m: str(parse_han(m.group())), plain(text)))


_HAN_YEAR = re.compile("[一二][零一二三四五六七八九]{3}(?=年)")


def _check_names(sentence: str, sources: Sequence[Evidence]) -> list[FigureVerdict]:
    packed = [_pack(source.text) for source in sources]
    found = []
    for match in _TITLE.finditer(sentence):
        title = _pack(match.group(1))
        ok = any(title in text for text in packed)
        found.append(FigureVerdict(match.group(), ok, "", "" if ok else f"原文没有提到{match.group()}"))
    for match in _ORGANISATION.finditer(sentence):
        name = _pack(match.group())
        # The left edge of a name is not marked in Chinese; its last characters are enough to tell it.
        tail = name[-max(6, len(name) - 4) :]
        ok = any(tail in text for text in packed)
        found.append(FigureVerdict(match.group(), ok, "", "" if ok else f"原文没有提到“{match.group()}”"))
    return found


# -- whole answers

_MARK = re.compile(r"\[(\d{1,3})\]")


def verify_answer(answer: Answer) -> Answer:
    """Return the answer with the sentences that stand in their quotes.

    A literal quotation passes unchanged. Of a model's answer the failing sentences are dropped and the answer says
    so; nothing left: a refusal. An answer made by quotation keeps its words; ``trace["verify"]`` names what failed.
    """
    if answer.refused or not answer.text.strip():
        return answer
    sources = {c.n: _source(c) for c in answer.citations}
    literal = [key(c.quote) for c in answer.citations]
    kept: list[str] = []
    failed: list[dict[str, Any]] = []
    for line in answer.text.split("\n"):
        text = ""
        for sentence in _pieces(line):
            verdict = _counted_lines(_judge(sentence, sources, literal, answer), sentence, answer.text)
            if verdict.supported or answer.mode == "extractive":
                text += sentence
            if not verdict.supported:
                failed.append({"sentence": sentence, "reason": verdict.reason, "figures": _lines(verdict)})
        if text.strip() or not line.strip():
            kept.append(text)
    trace: Mapping[str, Any] = {**answer.trace, "verify": failed}
    if not failed or answer.mode == "extractive":
        return replace(answer, trace=trace)
    return _without(answer, "\n".join(kept).strip(), len(failed), trace)


def _without(answer: Answer, text: str, dropped: int, trace: Mapping[str, Any]) -> Answer:
    note = f"有 {dropped} 句与所引原文不符"
    if not _MARK.sub("", text).strip():
        reason = f"{note}，没有可保留的内容"
        return replace(answer, text=f"{NOT_FOUND}：{reason}", citations=(), refused=True, reason=reason, trace=trace)
    cited = {int(n) for n in _MARK.findall(text)}
    citations = tuple(c for c in answer.citations if not cited or c.n in cited)
    return replace(answer, text=f"{text}\n（{note}，已略去。）", citations=citations, reason=note, trace=trace)


def _pieces(line: str) -> list[str]:
    """Cut a line into sentences, each with the citation marks that follow it."""
    cuts = [start for start, _ in sentences(line)][1:]
    moved = []
    for cut in cuts:
        marks = re.match(r"(?:\s*\[\d{1,3}\])+", line[cut:])
        moved.append(cut + marks.end() if marks else cut)
    edges = [0, *moved, len(line)]
    return [piece for a, b in zip(edges, edges[1:], strict=False) if (piece := line[a:b])]


def _judge(sentence: str, sources: Mapping[int, str], literal: Sequence[str], answer: Answer) -> Verdict:
    bare = _MARK.sub("", sentence)
    said = key(bare).strip("。；;：:")
    if not said or any(said in quote for quote in literal):
        return Verdict(True, (), "")
    numbers = [int(n) for n in _MARK.findall(sentence)]
    quotes = [sources[n] for n in numbers if n in sources] or list(sources.values())
    if any(n not in sources for n in numbers):
        return Verdict(False, (), "引用了不存在的出处")
    return check_sentence(bare, quotes)


def _source(citation: Citation) -> str:
    """Return the quote with what its document says about itself, which an answer may repeat."""
    info = citation.info
    about = (info.title, *info.numbers, info.number, *info.issuers, info.date, info.effective)
    return "\n".join([*filter(None, about), *citation.locator.path, citation.quote])


def _lines(verdict: Verdict) -> list[dict[str, Any]]:
    return [{"text": f.text, "found": f.found, "nearest": f.nearest} for f in verdict.figures]
