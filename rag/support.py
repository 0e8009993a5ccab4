"""Does a model's sentence stand in the sources it cites? Figures and names, then its words and their direction.

A sentence without a figure has nothing that could be compared by value; it stands when the sources speak its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.alike import DUTY, LEAVE, altered, held
from rag.evidence import evidence, pairs
from rag.numerals import HAN, parse_han, plain
from rag.odd import odd_form
from rag.polarity import turns
from rag.verify import COUNT, Verdict, check_sentence

SAID = 0.25
"""Share of a sentence's letter pairs, without those of the question, that its sources must hold."""
SAID_ALL = 0.35
"""... and share of all its pairs that sources and question together must hold.

Of 401 sentences of news summaries (``../shared/external/number_grounding.jsonl``), nine in ten share a quarter of their
pairs with their own article, and nine in ten at most 0.14 with another one.
"""
QUOTED = 0.15
"""Share of a sentence's pairs that the cited words themselves must hold, without the headings above them."""
SHORT, SHORT_HELD = 24, 0.5
"""Of a sentence of so few characters, this share must stand in its sources or the question as it does in it."""
CLAUSE = 3
"""A clause of fewer pairs is too short to be found again in the sources."""
TOGETHER = 0.34
"""Share of a clause's own pairs that the source of its figure must hold."""
LATIN_SHARE = 0.5
"""A text of which more is Latin letters is in another language than the documents."""
_NOT = re.compile("(?:不得|不能|不可|不应|不予|不|未|没有|并非|无需|无须|免于|禁止)(?=([一-鿿]{2}))")
_WORD = re.compile("[A-Za-z]{2,}")
_TIGHT = re.compile(r"[\s_$\\{}^]")
_DAYS = re.compile("([一二三四五六七八九十百]{1,5})日")
_CLAUSE = re.compile("[，,。；;：:！？!?\n]")
_STATED = re.compile("[，,。；;！？!?\n]")
_PLAIN_GROUPS = frozenset((0, 1, 2, 4, 6, 7))
"""Groups of opposites that say the opposite wherever they stand; 有/无, 达到/未达到, 之前/之后 depend on the rest."""


def check_claim(sentence: str, sources: Sequence[str], asked: str, quotes: Sequence[str] = ()) -> Verdict:
    """Return whether the sources carry the sentence.

    ``asked`` is the question, whose words it may repeat; ``quotes`` are the sources' own words, without what they
    stand under.
    """
    if not sources:
        return Verdict(False, (), "没有注明出处")
    if odd := odd_form(sentence, sources) or _days(sentence, sources):
        return Verdict(False, (), f"原文没有“{odd}”")
    verdict = check_sentence(sentence, sources)
    if not verdict.supported:
        return verdict
    around = "\n".join((asked, *sources))
    reason = (
        _turned(sentence, sources)
        or _unsaid(sentence, sources, asked)
        or _torn(sentence, sources, asked)
        or _beside(sentence, quotes)
        or altered(sentence, quotes, around)
    )
    return Verdict(False, verdict.figures, reason) if reason else verdict


def _days(sentence: str, sources: Sequence[str]) -> str:
    """Return a term of days in Chinese numerals (三十日) that no source holds in either form, or "".

    ``rag.figures`` reads such a term only within a date.
    """
    around = [plain(source) for source in sources]
    for match in _DAYS.finditer(plain(sentence)):
        forms = (match.group(), f"{parse_han(match.group(1))}日")
        if not any(re.search(rf"(?<![\d{HAN}]){form}", text) for form in forms for text in around):
            return match.group()
    return ""


def has_figure(text: str) -> bool:
    """Whether a text holds a figure, a title or a name in quotation marks: what must never stand without a source."""
    numeric = any(unicodedata.category(c) in ("Nd", "Nl", "No") for c in text)
    return numeric or bool(evidence(text).places or _DAYS.search(plain(text)) or re.search("[《“]", text))


def shared(text: str, other: str) -> float:
    """Return the share of the text's letter pairs that the other text holds; 1 where it has none."""
    mine = pairs(plain(text))
    return len(mine & pairs(plain(other))) / len(mine) if mine else 1.0


def _torn(sentence: str, sources: Sequence[str], asked: str) -> str:
    """Return why a clause is put together from what does not stand together, or is nowhere said; "" where it is sound.

    A figure belongs to the words beside it: one source must hold it and some of them.
    """
    question = pairs(plain(asked))
    held_by = [(source, pairs(plain(source))) for source in sources]
    for clause in _STATED.split(sentence):
        words = pairs(plain(clause))
        if len(words) < CLAUSE or (len(sources) > 1 and COUNT.search(clause)):  # counted by check_sentence
            continue
        if not any(words & (said | question) for _, said in held_by):
            return "原文没有这样说"
        own = words - question
        if len(own) >= CLAUSE and evidence(clause).places:
            near = [source for source, said in held_by if len(own & said) >= TOGETHER * len(own)]
            if not any(check_sentence(clause, [source]).supported for source in near):
                return "数字与它旁边的话不在原文的同一处"
    return ""


def _beside(sentence: str, quotes: Sequence[str]) -> str:
    """Return why a sentence is not about what it cites, but only about what that stands under; "" where it is."""
    mine = pairs(plain(sentence))
    said = frozenset().union(*(pairs(plain(quote)) for quote in quotes))
    apart = quotes and mine and len(mine & said) < max(1.0, QUOTED * len(mine))
    return "所引的句子没有说到" if apart else ""


def _unsaid(sentence: str, sources: Sequence[str], asked: str) -> str:
    said = frozenset().union(*(pairs(plain(source)) for source in sources))
    question = pairs(plain(asked))
    mine = pairs(plain(sentence))
    own = mine - question
    few = len(sentence) <= SHORT and held(sentence, (asked, *sources)) < SHORT_HELD
    little = len(sentence) > SHORT and len(own & said) < SAID * len(own)
    if few or little or len(mine & (said | question)) < SAID_ALL * len(mine):
        return "原文没有这样说"
    latin = _WORD.findall(plain(sentence))
    text = _TIGHT.sub("", plain("\n".join((*sources, asked)))).lower()
    strange = [w for w in latin if w.lower() not in text]
    if strange and (len(strange) > 2 or len("".join(latin)) > LATIN_SHARE * len(sentence)):
        return f"原文没有“{strange[0]}”"
    return ""


def _turned(sentence: str, sources: Sequence[str]) -> str:
    """Return what the sentence turns around, or "": each clause beside the clause of the sources nearest to it."""
    clauses = [c for source in sources for c in _windows(plain(source))]
    for clause in _CLAUSE.split(plain(sentence)):
        words = pairs(clause)
        if len(words) < CLAUSE or not clauses:
            continue
        most = max(len(words & pairs(c)) for c in clauses)
        near = [c for c in clauses if len(words & pairs(c)) >= max(2, most)]
        if most < len(words) / 2 or not near:
            continue
        if word := _against(clause, near):
            return f"“{word}”与原文相反"
    return ""


def _windows(source: str) -> Iterator[str]:
    """Yield the clauses of a text, and every two neighbours as one: who does something, and what, may stand apart."""
    clauses = [c for c in _CLAUSE.split(source) if c]
    yield from clauses
    yield from (f"{one}，{two}" for one, two in pairwise(clauses))


def _against(clause: str, near: Sequence[str]) -> str:
    """Return the word of the clause whose opposite stands in every clause near to it, or ""."""
    opposed = [_opposite(clause, other) for other in near]
    return opposed[0] if all(opposed) else ""


def _opposite(clause: str, other: str) -> str:
    theirs: dict[int, set[int]] = {}
    for group, side, _, _ in turns(other):
        theirs.setdefault(group, set()).add(side)
    for group, side, word, _ in turns(clause):
        if group in _PLAIN_GROUPS and group in theirs and side not in theirs[group]:
            return word
    for one, another in ((DUTY, LEAVE), (LEAVE, DUTY)):
        if (found := one.search(clause)) and another.search(other) and not one.search(other):
            return found.group()
    if negated := _negated(clause, other):
        return negated
    return _negated(other, clause)


def _negated(one: str, other: str) -> str:
    """Return a word that the one denies and the other says without denying it."""
    denied = {m.group(1) for m in _NOT.finditer(other)}
    for match in _NOT.finditer(one):
        if match.group(1) in other and match.group(1) not in denied:
            return match.group() + match.group(1)
    return ""
