"""How many tokens a text may take, without any model's tokenizer."""

from __future__ import annotations

PER_WIDE, PER_ASCII = 1.0, 0.5
"""Tokens a character, on the safe side: common tokenizers take 0.6 to 1 for a Chinese one, 0.25 to 0.4 for ASCII."""


def estimate(text: str) -> int:
    """Return an upper estimate of the tokens of a text."""
    narrow = sum(c.isascii() for c in text)
    return round(narrow * PER_ASCII + (len(text) - narrow) * PER_WIDE)
