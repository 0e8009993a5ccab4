"""Two looser forms of a text: ``tidy`` for the eye, ``fold`` for comparing and searching."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources

from index.text.offsets import normalise

_LATEX = (
    (re.compile(r"\\geq?(?![a-z])"), "≥"),
    (re.compile(r"\\leq?(?![a-z])"), "≤"),
    (re.compile(r"\\times(?![a-z])"), "×"),
    (re.compile(r"\\pm(?![a-z])"), "±"),
    (re.compile(r"\\sim(?![a-z])"), "~"),
    (re.compile(r"\\(?:text|mathrm|rm)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\([%$#&_{}])"), r"\1"),
)
_BRACES = ((re.compile(r"(?<=\d)\^\{([^{}]*)\}"), r"^\1"), (re.compile(r"\s?[_^]\{([^{}]*)\}"), r"\1"))
"""A power of a number keeps its sign; other raised and lowered characters stand plain."""
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,80}>|\*\*|\$")
_SUBSCRIPT = re.compile(r"(?<=[A-Za-z])\s?_(?=[0-9A-Za-z])")


def tidy(text: str) -> str:
    """Return the text for reading: LaTeX signs and markup replaced by plain characters."""
    if "\\" in text or "$" in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    if "{" in text:
        for pattern, plain in _BRACES:
            text = pattern.sub(plain, text)
    return normalise(_SUBSCRIPT.sub("", _TAGS.sub("", text)))


@cache
def _simplified() -> dict[int, str]:
    """One-to-one traditional -> simplified characters, from OpenCC's dictionary (Apache-2.0)."""
    table: dict[int, str] = {}
    lines = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8").splitlines()
    for line in lines:
        traditional, _, simplified = line.partition("\t")
        if len(traditional) == 1 and simplified:
            table[ord(traditional)] = simplified.split(" ")[0]
    table[ord("\u5e7a")] = "\u4e48"
    return table


def simplify(text: str) -> str:
    """Replace traditional characters by simplified ones, one to one; the length stays."""
    return text.translate(_simplified())


def fold(text: str) -> str:
    """Return the form for comparing: NFKC, lower case, simplified characters, subscripts plain.

    White space is kept (one space a run) because it separates Latin words; see ``key``.
    """
    return _fold_word(text) if len(text) <= _WORD else _fold(text)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", tidy(text)).lower().translate(_simplified())
    return re.sub(r"\s+", " ", folded).strip()


_WORD = 32
"""Up to so many characters a text is a word or a title, met again and again."""
_fold_word = lru_cache(20_000)(_fold)


def key(text: str) -> str:
    """Return ``fold`` without white space: two printings of one phrase have the same key."""
    return fold(text).replace(" ", "")


def fold_map(text: str) -> tuple[str, list[int]]:
    """Fold character by character; return the folded text and, for each of its characters, its index in ``text``.

    Markup is left in place (``tidy`` is not applied), so that the map stays exact.
    """
    table = _simplified()
    out: list[str] = []
    origin: list[int] = []
    for i, char in enumerate(text):
        folded = unicodedata.normalize("NFKC", char).lower().translate(table)
        out.append(folded)
        origin.extend([i] * len(folded))
    return "".join(out), origin
