"""Is a word made of pairs of characters that general Chinese text uses all the time? Then it is no proper name."""

from __future__ import annotations

from functools import cache

from index.thesaurus import LEXICON

PAIRS = LEXICON / "common_pairs.txt"


def is_common(word: str) -> bool:
    """Whether every pair of neighbouring characters of the folded word is common; a single character is."""
    pairs = _pairs()
    return all(word[i + 1] in pairs.get(word[i], "") for i in range(len(word) - 1))


@cache
def _pairs() -> dict[str, str]:
    """Return the characters that often follow each character."""
    rows = (line.partition("\t") for line in PAIRS.read_text("utf-8").splitlines())
    return {first: rest for first, tab, rest in rows if tab}
