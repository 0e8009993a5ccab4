"""Numerals and units of an odd form: what the reader of figures passes over, and a careless eye too.

Each must stand in a source as it stands in the sentence, or as the plain number that it spells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.numerals import plain

_DIGITS = str.maketrans("零〇一二两三四五六七八九点", "001223456789.")
_SPELLED = re.compile("[零〇一二两三四五六七八九](?:[零〇一二两三四五六七八九点]+)(?![十百千万亿])")
_PART_OF = re.compile(r"[零〇一二两三四五六七八九十百]+分之\s?\d[\d.]*")
_APART = re.compile(r"\d[\d.]*(?:\s+\d[\d.]*)+")
_MONEY = re.compile("美元|欧元|日元|港元|英镑|卢布")
_PER = re.compile(r"/\s?([年月日天周]|小时|h|d|a)(?![a-z])|每(?:个)?(月|日|天|周|小时|季度)")
_SAME_PER = {"日": "日天d", "天": "日天d", "d": "日天d", "年": "年a", "a": "年a", "小时": "时h", "h": "时h"}
_SPACES = re.compile(r"\s+")


def odd_form(sentence: str, sources: Sequence[str]) -> str:
    """Return a numeral or unit of the sentence that no source holds, or ""."""
    text = plain("\n".join(sources))
    tight = _SPACES.sub("", text)
    for held in (_sign, _spelled, _compound, _money, _rate):
        if odd := held(sentence, text, tight):
            return odd
    return ""


def _sign(sentence: str, text: str, tight: str) -> str:
    """Signs that are numbers (⑨, Ⅸ, ½)."""
    signs = (c for c in sentence if unicodedata.category(c) in ("No", "Nl") and not _small_or_zero(c))
    return next((c for c in signs if plain(c) not in text or not _stands_alone(plain(c), text)), "")


def _small_or_zero(sign: str) -> bool:
    return sign == "〇" or unicodedata.decomposition(sign).startswith(("<sub>", "<super>"))


def _stands_alone(number: str, text: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", text) is not None


def _spelled(sentence: str, text: str, tight: str) -> str:
    """Digits spelled one by one: 九九点四, 二〇二五."""
    for match in _SPELLED.finditer(sentence):
        word = match.group().rstrip("点")
        if len(word) > 1 and word not in tight and not _stands_alone(word.translate(_DIGITS), text):
            return word
    return ""


def _compound(sentence: str, text: str, tight: str) -> str:
    """Two forms in one (三分之468), and numbers side by side (3 3)."""
    found = [*_PART_OF.finditer(plain(sentence)), *_APART.finditer(sentence)]
    return next((m.group() for m in found if _SPACES.sub("", m.group()) not in tight or not _beside(m, text)), "")


def _beside(match: re.Match[str], text: str) -> bool:
    """Whether the numbers stand side by side in the text too, apart or not as in the sentence."""
    return _SPACES.sub(" ", match.group()) in _SPACES.sub(" ", text)


def _money(sentence: str, text: str, tight: str) -> str:
    return next((m.group() for m in _MONEY.finditer(sentence) if m.group() not in tight), "")


def _rate(sentence: str, text: str, tight: str) -> str:
    """A rate (吨/月, 每月) of another time than any in the sources."""
    for match in _PER.finditer(plain(sentence)):
        per = match.group(1) or match.group(2)
        same = _SAME_PER.get(per, per)
        if not any(re.search(f"/{u}|每个?{u}|{u}均|{u}度|按{u}|逐{u}|全{u}|一{u}|{u}可|{u}[减节产增]", tight) for u in same):
            return match.group()
    return ""

