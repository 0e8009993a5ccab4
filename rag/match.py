"""How much of a question a text speaks of: idf-weighted coverage of its terms, synonyms counted once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index.text import fold, tokens
from rag.query import Query
from rag.terms import CARRIED, Term

SAME_CREDIT = 0.85
"""Share of a term's mass that an interchangeable wording earns."""
FOCUS = 1.6
"""What the thing counts whose amount is asked."""
_AMOUNT_OF = re.compile("(?:多少|几)(?:万|亿)?(?:吨|公斤|千克|克|家|项|个|种|条|方|立方米?|度)?(?:的)?")
FRAME_SHARE = 0.25
"""What a term counts that names the document itself."""
SINGLE_SHARE = 0.25
"""What a single character counts beside the pairs."""
NEAR_CREDIT = 0.3
"""Share that a related wording earns."""
UNSEEN_SHARE = 0.3
"""What a token counts that the collection does not hold: most are the asker's own way of speaking."""


@dataclass(frozen=True, slots=True)
class Target:
    """A text prepared for matching: folded, without spaces, and its token set."""

    text: str
    tokens: frozenset[str]

    @staticmethod
    @lru_cache(maxsize=50_000)
    def of(text: str) -> Target:
        """Prepare a text."""
        return Target(fold(text).replace(" ", ""), frozenset(tokens(text)))

    def __or__(self, other: Target) -> Target:
        """Return the target that holds both texts."""
        return Target(f"{self.text}\n{other.text}", self.tokens | other.tokens)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A term ready for scoring: its tokens with their mass, its other wordings, whether it names the document."""

    text: str
    masses: tuple[tuple[str, float], ...]
    total: float
    same: tuple[str, ...]
    near: tuple[str, ...]
    framed: bool = False

    def as_frame(self) -> _Wanted:
        """Return the term as one that names the document."""
        masses = tuple((token, mass * FRAME_SHARE) for token, mass in self.masses)
        return replace(self, masses=masses, total=self.total * FRAME_SHARE, framed=True)


def _says(word: str, text: str) -> bool:
    """Whether the text says the word; an amount ("660mw") must not be the end of a longer number."""
    if not word[0].isdigit():
        return word in text
    at = text.find(word)
    while at > 0 and (text[at - 1].isdigit() or text[at - 1] == "."):
        at = text.find(word, at + 1)
    return at >= 0


def _held(wanted: _Wanted, frame: Target) -> bool:
    if any(other in frame.text for other in wanted.same):
        return True
    return sum(m for t, m in wanted.masses if t in frame.tokens) >= 0.8 * wanted.total > 0


class Matcher:
    """Scores texts against one question.

    Args:
        query: the understood question.
        idf: inverse document frequency of a token in the collection; 0 for a token that it does not hold is wrong,
            an unseen token must weigh most.
        frame: titles and regions of the documents that the question names. Words that stand there have done their
            work once the document is found, and count little for its sentences.
    """

    def __init__(self, query: Query, idf: Callable[[str], float], frame: Target | None = None) -> None:
        focus = focus_of(query)
        plain = tuple(_wanted(t, query, idf, FOCUS if i == focus else 1.0) for i, t in enumerate(query.terms))
        self.wanted = tuple(w.as_frame() if frame and _held(w, frame) else w for w in plain)
        self.total = sum(w.total for w in self.wanted) or 1.0

    def coverage(self, target: Target) -> float:
        """Return the share (0 to 1) of the question's mass that the target speaks of."""
        return sum(self._earned(w, target) for w in self.wanted) / self.total

    def weigh(self, profile: Sequence[float]) -> float:
        """Return the share (0 to 1) of the question's mass that a profile stands for."""
        return sum(w.total * p for w, p in zip(self.wanted, profile, strict=True)) / self.total

    def profile(self, target: Target, near: float = NEAR_CREDIT) -> tuple[float, ...]:
        """Return for each term of the question the share (0 to 1) of it that the target speaks of.

        ``near`` is what a related wording earns.
        """
        return tuple(self._earned(w, target, near) / w.total if w.total else 0.0 for w in self.wanted)

    def _earned(self, wanted: _Wanted, target: Target, near: float = NEAR_CREDIT) -> float:
        own = sum([mass for token, mass in wanted.masses if token in target.tokens])
        if own >= wanted.total * SAME_CREDIT:
            return own
        holds = target.text.__contains__
        if any(map(holds, wanted.same)) and any(_says(other, target.text) for other in wanted.same):
            return max(own, wanted.total * SAME_CREDIT)
        if own < wanted.total * near and any(map(holds, wanted.near)):
            return wanted.total * near
        return own


def focus_of(query: Query) -> int:
    """Return the number of the term that the question asks the amount of ("多少吨粉尘": 粉尘), or -1."""
    for part in query.parts:
        asked = _AMOUNT_OF.search(part.text)
        if asked:
            rest = part.text[asked.end() :]
            after = [
                (rest.find(query.terms[i].text), i) for i in part.terms if rest.startswith(query.terms[i].text[:2])
            ]
            if after:
                return after[0][1]
    return -1


def _wanted(term: Term, query: Query, idf: Callable[[str], float], focus: float) -> _Wanted:
    text, same, near = term.text, term.same, term.near
    own = [t for t in dict.fromkeys(tokens(text)) if t in query.weights]
    pairs = [t for t in own if len(t) > 1 or t.isascii()]
    factor = (0.4 if term.weak and focus == 1.0 else 1.0) * (CARRIED if term.carried else 1.0) * focus
    unseen = idf("\ue000")
    shares = {t: 1.0 if t in pairs or not pairs else SINGLE_SHARE for t in own}
    masses = tuple(
        (t, idf(t) * factor * share * (UNSEEN_SHARE if idf(t) >= unseen and not same else 1.0))
        for t, share in shares.items()
    )
    # A term of many tokens is not worth many terms: its mass grows with the root of its length.
    scale = 1.0 / max(1.0, len(pairs) ** 0.5)
    masses = tuple((t, m * scale) for t, m in masses)
    return _Wanted(
        text,
        masses,
        sum(m for _, m in masses),
        tuple(s.replace(" ", "") for s in same),
        tuple(n.replace(" ", "") for n in near),
    )
