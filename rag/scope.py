"""Which documents a question speaks of: by title words, region, level, 文号 and year."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from index.collection import Collection
from index.store import DocumentEntry
from index.text import fold, tokens

TITLE_BOOST = 1.0
"""The most that title words add to the score of a document's passages."""
FEW = 20
"""In a library of more documents than this, a title without the name of a kind of document is rather a topic."""
TOPIC_SHARE = 0.4
"""What a pair of characters of a title counts by itself: a topic that a question shares is no name yet."""
GENRE_SHARE = 1.0
"""What the kind of a document (规划, 目录) counts beside the other words of its title: people call it by that."""
_GENRES = frozenset("规划 目录 名单 名录 意见 方案 办法 条例 通知 标准 规定 细则 计划 纲要 指南 公告 决定 案例".split())
_OFFICIAL = re.compile("(?:法|法典|条例|办法|规定|细则|解释|章程|准则|规则|制度)(?:[（(][^（()）]*[)）])?$")
_SHORT_NAME = re.compile("(?<![一-鿿])[一-鿿]{2,3}法(?![一-鿿]*(?:院|律|规|人|定|官))")
_NOTE = re.compile("[（(][^（()）]*[)）]|[《》]")
SHORTEST_NAME = 3
_STATE = re.compile("中华人民共和国")
REGION_BOOST = 2.0
"""Factor of the documents of a named province."""
WHOLE_TITLE = 2.0
"""... when the whole title is typed."""
NUMBER_BOOST = 2.0
"""Factor of a document whose 文号 is typed."""
OTHER_REGION = 0.7
"""Factor of the documents of a province where the question says 全国."""
MANY = 200
NATIONAL_BOOST = 1.15
"""Factor of national documents where the question says 国家, 全国 ..."""
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    "贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_REGION = re.compile(f"(?:{_PROVINCES})")
_NATIONAL = re.compile("国家|全国|我国|中央|国务院")
_NUMBER = re.compile(r"[一-鿿]{1,10}[〔\[(（【]?\d{4}[〕\])）】]?第?\d+号|[一-鿿]{2,10}\d+号")
_ARTICLE = re.compile(r"第(?:[一二三四五六七八九十百千零〇\d]+)条(?:之[一二三四五六七八九十\d]+)?")
_PLAN = re.compile("十([一二三四五六])五")
_PLAN_ENDS = {"一": "2010", "二": "2015", "三": "2020", "四": "2025", "五": "2030", "六": "2035"}
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年?")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question says about where to look.

    ``boosts`` maps a document to the factor (>= 1) of its passages' scores. ``regions`` are the provinces named,
    ``absent`` those of them that no document mentions; ``articles`` the "第X条" named; ``years`` the years.
    """

    boosts: dict[str, float] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    years: tuple[str, ...] = ()


class Titles:
    """What the documents of a collection are called, ready to be held against questions."""

    def __init__(self, documents: Sequence[DocumentEntry]) -> None:
        self.files = tuple(d.file for d in documents)
        self.by_word: dict[str, list[int]] = {}
        self.by_genre: set[int] = set()
        self.names: dict[str, list[int]] = {}
        self.sizes: list[int] = []
        self.regional = [(i, fold(d.info.region)) for i, d in enumerate(documents) if d.info.region]
        self.numbers = [(i, n) for i, d in enumerate(documents) for n in d.info.numbers]
        self.national = [i for i, d in enumerate(documents) if "国家级" in d.info.level]
        for i, entry in enumerate(documents):
            words = {t for t in tokens(_STATE.sub("", entry.info.title)) if len(t) > 1}
            self.sizes.append(len(words))
            for word in words:
                self.by_word.setdefault(word, []).append(i)
            name = fold(_NOTE.sub("", _STATE.sub("", entry.info.title)).partition(" ")[0])
            if words & _GENRES or _OFFICIAL.search(entry.info.title) or _OFFICIAL.search(name):
                self.by_genre.add(i)
            if len(name) >= SHORTEST_NAME or name.endswith("法"):
                self.names.setdefault(name, []).append(i)

    def abbreviated(self, short: str) -> str:
        """Return the one name that a short name stands for, "" where several or none may be meant."""
        if short in self.names:
            return ""
        meant = [name for name in self.names if len(name) > len(short) and _abbreviates(short, name)]
        return meant[0] if len(meant) == 1 else ""


def _abbreviates(short: str, name: str) -> bool:
    """Whether the short name begins and ends like the name and keeps the order of its characters (个保法)."""
    letters = iter(name)
    return short[0] == name[0] and short[-1] == name[-1] and all(char in letters for char in short)


_TITLES: WeakKeyDictionary[Collection, Titles] = WeakKeyDictionary()


def titles_of(library: Collection) -> Titles:
    """Return the titles of a collection; they are read once and go with it."""
    held = _TITLES.get(library)
    if held is None:
        held = _TITLES[library] = Titles(library.documents())
    return held


def find_scope(text: str, documents: Titles | Sequence[DocumentEntry], known: Callable[[str], bool]) -> Scope:
    """Return the scope of a completed, folded question; ``known`` tells whether the library holds a word."""
    titles = documents if isinstance(documents, Titles) else Titles(documents)
    regions = tuple(dict.fromkeys(_REGION.findall(text)))
    factors = _title_boosts(_ARTICLE.sub(" ", text), titles)
    for i, home in titles.regional if regions else ():
        if any(r in home for r in regions):
            factors[i] = factors.get(i, 1.0) * REGION_BOOST
    if _NATIONAL.search(text) and not regions and len(titles.files) <= MANY:
        for i in titles.national:
            factors[i] = factors.get(i, 1.0) * NATIONAL_BOOST
        for i, home in titles.regional:
            if "全国" not in home:
                factors[i] = factors.get(i, 1.0) * OTHER_REGION
    asked = _NUMBER.findall(text)
    for i, number in titles.numbers if asked else ():
        if any(_same_number(number, a) for a in asked):
            factors[i] = factors.get(i, 1.0) * NUMBER_BOOST
    return Scope(
        {titles.files[i]: factor for i, factor in sorted(factors.items())},
        regions,
        tuple(r for r in regions if not known(r)),
        tuple(_ARTICLE.findall(text)),
        tuple(sorted(_years(text))),
    )


def _title_boosts(text: str, titles: Titles) -> dict[int, float]:
    """Score each title by the words it shares with the question, rare title words counting more.

    One word that stands in no other title of the library counts 1; half of that is needed for any boost.
    """
    rare = math.log(len(titles.files) + 1)
    scores: dict[int, float] = {}
    shared: dict[int, int] = {}
    for word in sorted({t for t in tokens(text) if len(t) > 1 and t in titles.by_word}):
        holders = titles.by_word[word]
        worth = (1.0 - math.log(len(holders)) / rare) * (GENRE_SHARE if word in _GENRES else TOPIC_SHARE)
        for i in holders:
            scores[i] = scores.get(i, 0.0) + worth
            shared[i] = shared.get(i, 0) + 1
    # Of titles that share the same words, the one that is named whole is meant.
    scores = {i: s * (0.7 + 0.3 * shared[i] / titles.sizes[i]) for i, s in scores.items()}
    best = max(scores.values(), default=0.0)
    if best < 0.5:
        return _called(text, titles)
    few = min(1.0, FEW / len(titles.files))
    boosts = {
        i: 1.0
        + (WHOLE_TITLE if i in titles.by_genre and shared[i] == titles.sizes[i] and s == best else TITLE_BOOST)
        * min(1.0, best)
        * (s / best) ** 2
        * (1.0 if i in titles.by_genre else few)
        for i, s in scores.items()
        if s >= 0.4 * best
    }
    return boosts | _called(text, titles)


def _called(text: str, titles: Titles) -> dict[int, float]:
    """Return the boost of the documents whose name, 中华人民共和国 aside, stands in the question; the longest only."""
    named = [name for name in titles.names if name in text]
    named += [name for short in _SHORT_NAME.findall(text) if (name := titles.abbreviated(short))]
    longest = [name for name in named if not any(name != other and name in other for other in named)]
    return {i: 1.0 + WHOLE_TITLE for name in longest for i in titles.names[name] if i in titles.by_genre}


def _years(text: str) -> set[str]:
    """Return the years asked for; of a five-year plan its last one, the year of its targets."""
    found = set(_YEAR.findall(text))
    return found or {_PLAN_ENDS[p] for p in _PLAN.findall(text)}


def _same_number(number: str, asked: str) -> bool:
    """Whether a typed 文号 names this one: same letters and last number, brackets and year may be left out."""
    strip = re.compile(r"[〔〕\[\]()（）【】第\s]")
    full, part = strip.sub("", fold(number)), strip.sub("", fold(asked))
    if full.endswith(part):
        return True
    letters, digits = re.match(r"\D*", part), re.search(r"(\d+)号$", part)
    return bool(
        letters
        and digits
        and letters.group()
        and full.startswith(letters.group()[:4])
        and re.search(rf"(?<!\d){digits.group(1)}号$", re.sub(r"^(\D+\d{4})", r"\1 ", full))
    )
