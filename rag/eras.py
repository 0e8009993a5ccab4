"""Relative five-year plans: "上一个五年" of a document about "十四五" is "十三五"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.text import fold

_DIGITS = "一二三四五六七八九"
_PLAN = re.compile("十([一二三四五六七八九])五")
_BEFORE = re.compile("上一?个五年(?:计划|规划|期)?(?:期间|里)?|上一轮(?:五年)?|上个?五年")
_NOW = re.compile("这一?个五年(?:计划|规划)?(?:期间|里)?|这一轮(?:五年)?|本轮(?:五年)?|这五年")


def resolve(text: str, titles: Iterable[str]) -> str:
    """Return the folded question with relative plans named, as the titles of the documents it is about number them.

    Several plans among the titles, or none, leave the text as it is.
    """
    plans = {p for title in titles for p in _PLAN.findall(fold(title))}
    if len(plans) != 1 or not (_BEFORE.search(text) or _NOW.search(text)):
        return text
    number = _DIGITS.index(plans.pop())
    text = _NOW.sub(f"“十{_DIGITS[number]}五”", text)
    return _BEFORE.sub(f"“十{_DIGITS[number - 1]}五”", text) if number else text


def has_era(text: str) -> bool:
    """Whether the text names a year or a five-year plan."""
    return bool(re.search(r"(?<!\d)(?:19|20)\d{2}年?(?!\d)|十[一二三四五六七八九]五", text))
