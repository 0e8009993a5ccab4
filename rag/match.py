"""How much of a question a text speaks of: idf-weighted coverage of its terms, synonyms counted once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from index.text import fold, tokens
from rag.query import Query

SAME_CREDIT = 0.85
"""Share of a term's mass that an interchangeable wording earns."""
NEAR_CREDIT = 0.3
"""Share that a related wording earns."""


@dataclass(frozen=True, slots=True)
class Target:
    """A text prepared for matching: folded, without spaces, and its token set."""

    text: str
    tokens: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Target:
        """Prepare a text."""
        return cls(fold(text).replace(" ", ""), frozenset(tokens(text)))

    def __or__(self, other: Target) -> Target:
        """Return the target that holds both texts."""
        return Target(f"{self.text}\n{other.text}", self.tokens | other.tokens)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A term ready for scoring: its tokens with their mass, and its other wordings."""

    text: str
    masses: tuple[tuple[str, float], ...]
    total: float
    same: tuple[str, ...]
    near: tuple[str, ...]


class Matcher:
    """Scores texts against one question.

    Args:
        query: the understood question.
        idf: inverse document frequency of a token in the collection; 0 for a token that it does not hold is wrong,
            an unseen token must weigh most.
    """

    def __init__(self, query: Query, idf: Callable[[str], float]) -> None:
        self.wanted = tuple(_wanted(t.text, t.same, t.near, t.weak, query, idf) for t in query.terms)
        self.total = sum(w.total for w in self.wanted) or 1.0

    def coverage(self, target: Target) -> float:
        """Return the share (0 to 1) of the question's mass that the target speaks of."""
        return sum(self._earned(w, target) for w in self.wanted) / self.total

    def profile(self, target: Target) -> tuple[float, ...]:
        """Return for each term of the question the share (0 to 1) of it that the target speaks of."""
        return tuple(self._earned(w, target) / w.total if w.total else 0.0 for w in self.wanted)

    def _earned(self, wanted: _Wanted, target: Target) -> float:
        own = sum(mass for token, mass in wanted.masses if token in target.tokens)
        if own >= wanted.total * SAME_CREDIT:
            return own
        if any(other in target.text for other in wanted.same):
            return max(own, wanted.total * SAME_CREDIT)
        if own < wanted.total * NEAR_CREDIT and any(other in target.text for other in wanted.near):
            return wanted.total * NEAR_CREDIT
        return own


def _wanted(
    text: str, same: tuple[str, ...], near: tuple[str, ...], weak: bool, query: Query, idf: Callable[[str], float]
) -> _Wanted:
    own = [t for t in dict.fromkeys(tokens(text)) if t in query.weights]
    pairs = [t for t in own if len(t) > 1 or t.isascii()] or own
    factor = 0.4 if weak else 1.0
    masses = tuple((t, idf(t) * factor) for t in pairs)
    # A term of many tokens is not worth many terms: its mass grows with the root of its length.
    scale = 1.0 / max(1.0, len(masses) ** 0.5)
    masses = tuple((t, m * scale) for t, m in masses)
    return _Wanted(
        text,
        masses,
        sum(m for _, m in masses),
        tuple(s.replace(" ", "") for s in same),
        tuple(n.replace(" ", "") for n in near),
    )
