"""A sentence that repeats a quote nearly word for word must repeat it rightly: what was put in or left out counts.

A rewording in other words is judged by its figures and by what it speaks of (``rag.support``). Where nearly all
characters are the quote's own, a single strange word in between (个人 for 企业, a numeral of an odd form, a dropped
以上) changes what is said, and is told to be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from rag.numerals import plain
from rag.polarity import turns

NEAR = 0.7
"""Share of a sentence's characters, in order, that a quote must hold for the sentence to count as a repetition."""
SHORTEST = 8
LONGEST = 600
DROPPED = 4
"""A gap of more characters is a shortening, not a word left out."""
_MARKS = re.compile(r"[\s“”‘’\"'「」『』（）()〈〉<>《》·,，、。．.；;：:！!？?—–-]+")
_PARTS = re.compile("[：:；;。]")
_LINKS = re.compile(
    "根据|按照|依据|规定|要求|提出|明确|指出|载明|显示|说明|强调|其中|分别|此外|同时|另外|以及|并且|即|也|都|还|并|则|"
    "应当|应|要|将|需要|需|可以|可|能够|能|会|已经|已|所|其|该|这|此|上述|有关|相关|方面|进行|开展|属于|包括|具有|采用|通过|"
    "的|了|在|为|是|和|与|及|等|对|以|于|由|从|向|把|被|着|过|地|得|有|称|共|就|而|或|中|到|达到|达|至|年|后|前|时|上|下|内|"
    "目标|方案|文件|规划|办法|通知|条例|技术|企业|项目|案例"
)
"""Words of a sentence's frame, and names of what is spoken of: they may be put in."""
_LIMITS = re.compile("不|未|无|非|约|近|超|以上|以下|以内|以外|至少|至多|最|除|仅|只|累计|每|均|部分|拟|力争|原则|试")
"""Words that must not be left out."""


def altered(sentence: str, quotes: Sequence[str], known: str) -> str:
    """Return what a near repetition of a quote has changed in it (Chinese, one line), or "".

    ``known``: the question and what the quotes stand under, whose words may be put in.
    """
    held = _packed(known)
    for part in dict.fromkeys((sentence, *_PARTS.split(sentence))):
        said = _packed(part)
        if SHORTEST <= len(said) <= LONGEST:
            found = [_change(said, quote, held) for quote in map(_packed, quotes) if quote]
            changes = [change for change in found if change is not None]
            if change := min(changes, key=len, default=""):
                return change
    return ""


def repeats(sentence: str, quote: str) -> bool:
    """Whether the sentence is the quote, or a stretch of it, word for word but for marks."""
    return _packed(sentence) in _packed(quote)


def held(sentence: str, sources: Sequence[str]) -> float:
    """Return the share of the sentence's characters that stand in stretches of two or more in one of the sources."""
    said = _packed(sentence)
    best = 0
    for source in map(_packed, sources):
        blocks = SequenceMatcher(None, source, said, autojunk=False).get_matching_blocks()
        best = max(best, sum(b.size for b in blocks if b.size > 1))
    return best / len(said) if said else 1.0


@lru_cache(maxsize=4096)
def _packed(text: str) -> str:
    return _MARKS.sub("", plain(text)).lower()


def _change(said: str, quote: str, known: str) -> str | None:
    """Return the first change, "" where nothing was changed, None where the sentence is no repetition of the quote."""
    matcher = SequenceMatcher(None, quote, said, autojunk=False)
    blocks = [b for b in matcher.get_matching_blocks() if b.size]
    if sum(b.size for b in blocks) < NEAR * len(said):
        return None
    return next(_changes(said, quote, known, matcher), "")


def _changes(said: str, quote: str, known: str, matcher: SequenceMatcher[str]) -> Iterator[str]:
    for kind, a, b, c, d in matcher.get_opcodes():
        old, new = quote[a:b], said[c:d]
        if kind in ("replace", "insert") and _strange(said, c, d, old, known, quote):
            yield f"原文没有“{new}”" + (f"，此处原文为“{old}”" if old and len(old) <= 12 else "")
        inner = 0 < a and b < len(quote) and 0 < c and d < len(said)
        if kind in ("replace", "delete") and inner and b - a <= DROPPED and (lost := _LIMITS.search(old)):
            if lost.group() not in new:
                yield f"漏了原文的“{old}”"


def _strange(said: str, start: int, end: int, old: str, known: str, quote: str) -> bool:
    """Whether what was put in is neither of the sentence's frame nor known, beside the characters around it."""
    new = said[start:end]
    if not _LINKS.sub("", new):
        return bool(old) and _sides(old, new)
    if new in known and len(new) > 1:
        return False
    if len(new) > 1 and new in quote:
        return False
    return not _synonym(said, start, end, old)


def _sides(old: str, new: str) -> bool:
    """Whether the words that were exchanged are opposites."""
    theirs = {(group, side) for group, side, _, _ in turns(old)}
    return any((group, 1 - side) in theirs for group, side, _, _ in turns(new))


def _synonym(said: str, start: int, end: int, old: str) -> bool:
    """Whether both sides of an exchange turn the same way: 下降 for 降低."""
    mine = {(g, s) for g, s, _, at in turns(said) if at < end and at >= max(0, start - 2)}
    theirs = {(g, s) for g, s, _, _ in turns(old)}
    return bool(mine & theirs)
