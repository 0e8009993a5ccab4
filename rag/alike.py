"""A sentence that repeats a quote nearly word for word must repeat it rightly: what was put in or left out counts.

A rewording in other words is judged by its figures and by what it speaks of (``rag.support``). Where the words left and
right of it are the quote's own, a strange word inside a clause (个人 for 企业, a numeral of an odd form, a dropped 以上)
changes what is said, and is told to be wrong. What opens or closes a clause (规划提出…) is the writer's frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from rag.numerals import plain
from rag.polarity import turns

NEAR = 0.6
"""Share of a sentence's characters, in order, that a quote must hold for the sentence to count as a repetition."""
SHORTEST = 8
LONGEST = 600
BESIDE = 4
"""So many of the quote's own characters beside a word that opens or closes a clause tell that it is the same clause."""
BOTH = 6
"""... and so many on both sides together that a single one on one side is no accident."""
INSIDE = 5
"""A change of more characters is a rewording, not a word put in the place of another."""
_MARKS = re.compile(r"[\s“”‘’\"'「」『』（）()〈〉<>《》·,，、。．.；;：:！!？?—–-]+")
_CLAUSE = re.compile(r"[,，。；;：:！!？?\n]")
_ITEM = re.compile(r"^\s*[(（]?\d{1,2}[)）.、．]\s*(?!\d)")
_PARTS = re.compile("[：:；;。]")
_LINKS = re.compile(
    "根据|按照|依据|规定|要求|提出|明确|指出|载明|显示|说明|强调|其中|分别|此外|同时|另外|以及|并且|即|也|都|还|并|则|"
    "应当|应|要|将|需要|需|可以|可|能够|能|会|已经|已|所|其|该|这|此|上述|有关|相关|方面|进行|开展|属于|包括|具有|采用|通过|"
    "的|了|在|为|是|和|与|及|等|对|以|于|由|从|向|把|被|着|过|地|得|有|称|共|就|而|或|中|到|达到|达|至|后|前|时|上|下|内|"
    "目标|处|给予|获得|享受|予以|写明|列明|注明|本|来|再|又|做|用|使|各|约|近|推动|推进|实现|实施|提供|建设|案例|项目"
)
"""Words of a sentence's frame: they may be put in."""
_LIMITS = re.compile(
    "不|未|无|非|约|近|超|高于|低于|大于|小于|少于|多于|以上|以下|以内|以外|至少|至多|最|除|仅|只|累计|"
    "每|均|部分|拟|力争|原则|试"
)
"""Words that must not be left out."""
_AFTER = re.compile("以上|以下|以内|以外|左右|上下|除外")
"""Words that limit what stands before them: a sentence must not end just before one."""
DUTY = re.compile("应当|必须|须|(?<![供相响适反])应(?![用急])")
LEAVE = re.compile("可以|允许|鼓励|支持|提倡|可(?![再靠持])")
"""Words of duty, and words that leave a choice."""
_TURNED = ("前后", "后前", "上下", "下上", "内外", "外内")
_CLASSES = tuple(
    frozenset(words.split())
    for words in (
        "企业 个人 园区 机构 政府 单位 居民 公民 法人 社会组织",
        "国家 地方 中央 省 市 县 区 乡 全国 全省 全市 全县 国家级 省级 市级 县级 地方级",
        "新建 已建 改建 扩建 在建 现有 存量 新增",
        "所有 全部 部分 个别 少数 多数 大部分 各类",
        "每年 每月 每日 每季度 累计 合计 其中 平均 年度 月度 季度",
        "和 或",
        "和 或者",
    )
)
"""Words of which one in another's place changes for whom, where or how much something holds."""
_NUMERAL = re.compile("[\\d一二三四五六七八九十百千万亿两半]")


@dataclass(frozen=True, slots=True)
class _Packed:
    """A text without spaces and marks; ``edges`` are the places where a clause ends."""

    text: str
    edges: frozenset[int]


@lru_cache(maxsize=4096)
def _packed(text: str) -> _Packed:
    kept: list[str] = []
    edges: set[int] = set()
    size = 0
    for clause in _CLAUSE.split(plain(text)):
        bare = _MARKS.sub("", clause).lower()
        kept.append(bare)
        size += len(bare)
        edges.add(size)
    return _Packed("".join(kept), frozenset({0, *edges}))


Code = tuple[str, int, int, int, int]
Codes = Sequence[Code]


def altered(sentence: str, quotes: Sequence[str], known: str) -> str:
    """Return what a near repetition of a quote has changed in it (Chinese, one line), or "".

    ``known``: the question and what the quotes stand under, whose words may be put in.
    """
    around = _packed(known).text
    sentence = _ITEM.sub("", sentence)
    for part in dict.fromkeys((sentence, *_PARTS.split(sentence))):
        said = _packed(part)
        if SHORTEST <= len(said.text) <= LONGEST:
            found = [_change(said, quote, around) for quote in map(_packed, quotes) if quote.text]
            changes = [change for change in found if change is not None]
            if change := min(changes, key=len, default=""):
                return change
    return ""


def repeats(sentence: str, quote: str) -> bool:
    """Whether the sentence is the quote, or a stretch of it, word for word but for marks."""
    return _packed(sentence).text in _packed(quote).text


def held(sentence: str, sources: Sequence[str]) -> float:
    """Return the share of the sentence's characters that stand in stretches of two or more in the sources.

    Each clause counts by the source that holds most of it.
    """
    total = best = 0
    for clause in _CLAUSE.split(sentence):
        said = _packed(clause).text
        total += len(said)
        best += max((_matched(said, _packed(source).text) for source in sources), default=0)
    return best / total if total else 1.0


def _matched(said: str, source: str) -> int:
    blocks = SequenceMatcher(None, source, said, autojunk=False).get_matching_blocks()
    return sum(b.size for b in blocks if b.size > 1)


def _change(said: _Packed, quote: _Packed, known: str) -> str | None:
    """Return the first change, "" where nothing was changed, None where the sentence is no repetition of the quote."""
    matcher = SequenceMatcher(None, quote.text, said.text, autojunk=False)
    if sum(b.size for b in matcher.get_matching_blocks()) < NEAR * len(said.text):
        return None
    return next(_changes(said, quote, known, matcher), "")


def _changes(said: _Packed, quote: _Packed, known: str, matcher: SequenceMatcher[str]) -> Iterator[str]:
    codes = [_clipped(code, said, quote) for code in matcher.get_opcodes()]
    for number, (kind, a, b, c, d) in enumerate(codes):
        old, new = quote.text[a:b], said.text[c:d]
        if kind == "delete" and d == len(said.text) and (lost := _AFTER.match(old)):
            yield f"漏了原文的“{lost.group()}”"
        if kind == "equal" or b - a > INSIDE or d - c >= INSIDE:
            continue
        inside = _inside(codes, number, said, quote)
        other = bool(old and new) and (_exchanged(old, new) or _sides(old, new))
        if (
            other
            or _at_edge(codes, number, said, quote, known)
            or (inside and new and _strange(said.text, (c, d), quote.text, (a, b), known))
        ):
            yield f"原文没有“{new}”" + (f"，此处原文为“{old}”" if old else "")
        elif inside and (lost := _LIMITS.search(old)) and lost.group() not in new:
            yield f"漏了原文的“{old}”"


def _clipped(code: Code, said: _Packed, quote: _Packed) -> Code:
    """Return an operation at the sentence's start or end with no more of the quote than the clause there."""
    kind, a, b, c, d = code
    if kind == "replace" and d == len(said.text):
        b = min((e for e in quote.edges if a < e <= b), default=b)
    if kind == "replace" and c == 0:
        a = max((e for e in quote.edges if a <= e < b), default=a)
    return kind, a, b, c, d


def _inside(codes: Codes, number: int, said: _Packed, quote: _Packed) -> bool:
    """Whether a change has the quote's own words on both sides of it in its clause."""
    if not 0 < number < len(codes) - 1:
        return False
    (kind, a, b, c, d), before, after = codes[number], codes[number - 1], codes[number + 1]
    left, right = before[4] - before[3], after[4] - after[3]
    if min(left, right) < 1 or (min(left, right) < 2 and left + right < BOTH):
        return False
    return not (any(c <= edge <= d for edge in said.edges) or (kind != "replace" and quote.edges & {a, b}))


def _at_edge(codes: Codes, number: int, said: _Packed, quote: _Packed, known: str) -> bool:
    """Whether a strange word opens or closes a clause, by itself or in the place of the word that does so in the quote.

    Words of a frame say nothing; neither does an item's number.
    """
    _, a, b, c, d = codes[number]
    opens, closes = c in said.edges and a in quote.edges, d in said.edges and b in quote.edges
    beside = codes[number + 1 : number + 2] if opens else codes[:number][-1:] if closes else ()
    if opens == closes or not beside or beside[0][4] - beside[0][3] < BESIDE:
        return False
    old, new = _LINKS.sub("", quote.text[a:b]), _LINKS.sub("", said.text[c:d])
    if not old:
        return opens and a == b and len(new) > 1 and new not in known
    return bool(new) and not old.isdigit() and not _around(said.text, c, d) & _around(quote.text, a, b)


def _strange(said: str, here: tuple[int, int], quote: str, there: tuple[int, int], known: str) -> bool:
    """Whether what was put in says something else than what it stands for; a word of the quote may change its place."""
    new, old = said[slice(*here)], quote[slice(*there)]
    if (_NUMERAL.search(new) and new not in old) or (old and _sides(old, new)):
        return True
    word = _LINKS.sub("", new)
    if not word or (len(word) > 1 and word in quote):
        return False
    if not old and len(new) > 1 and new in known:
        return False
    return not _around(said, *here) & _around(quote, *there)


def _exchanged(old: str, new: str) -> bool:
    """Whether a word stands in the place of another one of its class."""
    return any(old in words and new in words for words in _CLASSES)


def _sides(old: str, new: str) -> bool:
    """Whether the words that were exchanged are opposites, or one is a duty and the other is none."""
    theirs = {(group, side) for group, side, _, _ in turns(old)}
    if old + new in _TURNED or any((group, 1 - side) in theirs for group, side, _, _ in turns(new)):
        return True
    return any(one.search(old) and other.search(new) for one, other in ((DUTY, LEAVE), (LEAVE, DUTY)))


def _around(text: str, start: int, end: int) -> set[tuple[int, int]]:
    """Return how the words turn that reach into a stretch of text, or up to an empty one: 下降 and 降低 turn alike."""
    edge = start == end
    return {(g, s) for g, s, word, at in turns(text) if at - edge < end and at + len(word) + edge > start}
