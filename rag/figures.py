"""Every figure of a Chinese text with its place, exact value, unit and comparator.

Each digit of the text lies inside some figure: quantities, dates, 文号, ordinals (第三条, 专栏6), and names
that hold digits (CO2, GB 24500-2020), which are compared as printed. Numerals in characters count where a unit or
measure word follows. This module reads; whether a figure is supported is decided in ``rag.verify``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from rag import units
from rag.numerals import ARABIC, HAN, HAN_NUMBER, MULTIPLIER, multiplier, parse_arabic, parse_han, plain

Comparator = Literal["", ">=", "<=", ">", "<", "~"]
Kind = Literal["quantity", "date", "docnumber", "ordinal", "phone", "ratio", "name"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: ``text`` is ``source[start:end]``, comparator words included where they touch it.

    ``value`` is exact and in ``unit`` (5.3亿吨: 530000000 and 吨); ``high`` is the upper end of a range. ``key`` is
    what a date, 文号, ratio, name or phone number is compared by. ``noun`` is the measured thing as printed after
    the unit ("绿色工厂"), or "". ``spelled``: printed in characters, not digits.
    """

    text: str
    start: int
    end: int
    value: Decimal | None
    high: Decimal | None = None
    unit: str = ""
    comparator: Comparator = ""
    kind: Kind = "quantity"
    noun: str = ""
    key: str = ""
    spelled: bool = False


_UP, _DOWN = "大于等于 不低于 不少于 不小于 不得低于 不得少于 不应低于 至少", "小于等于 不超过 不高于 不大于 不多于 不得超过 不得高于 不得大于 不得多于 不应超过 至多 最多 控制在"
_BEFORE: dict[str, Comparator] = {
    **dict.fromkeys(_UP.split(), ">="),
    **dict.fromkeys(_DOWN.split(), "<="),
    **dict.fromkeys("超过 大于 高于 多于 逾 超".split(), ">"),
    **dict.fromkeys("小于 低于 少于 不足 未满 不满 不到 未超过 未达到 未达".split(), "<"),
    **dict.fromkeys("约为 大约 约 近 接近 将近 大概 约占 约有 约合 左右".split(), "~"),
    **{"≥": ">=", "≧": ">=", "⩾": ">=", ">=": ">=", "≤": "<=", "≦": "<=", "⩽": "<=", "<=": "<=", ">": ">", "<": "<"},
    **{"≈": "~", "~": "~", r"\geq": ">=", r"\leq": "<=", r"\ge": ">=", r"\le": "<="},
}
_AFTER: dict[str, Comparator] = {
    **dict.fromkeys("及以上 或以上 以上 之上".split(), ">="),
    **dict.fromkeys("及以下 或以下 以下 以内 之内 之下 封顶".split(), "<="),
    **dict.fromkeys("左右 上下 前后".split(), "~"),
}


def _words(table: dict[str, Comparator]) -> str:
    return "|".join(re.escape(word) for word in sorted(table, key=lambda w: (-len(w), w)))


# 节约, 合约, 最近, 赶超 end in a comparator's character and are none.
_LEFT = re.compile("(?<![节合制公契集最附靠邻临赶])(?<!其他)(" + _words(_BEFORE) + ")" + r"(?:到|了|于|为|在|至)?\s?[$]?\s?$")
_RIGHT = re.compile(rf"\s?\(?\s?(?:\(含\)|\(不含\))?({_words(_AFTER)})")
_NUMBER = re.compile(rf"({ARABIC})\s?([余多来几]|个多(?=小时|月|星期|工作日))?\s?({MULTIPLIER}(?:\d+(?:\.\d+)?{MULTIPLIER})?)?\s?([余多])?")
_HAN = re.compile(HAN_NUMBER)
_UNIT = re.compile(r"\s?(" + units.UNIT + ")")
_PER = re.compile(r"\s?[/每]\s?(" + units.UNIT + r"|[A-Za-z]{1,4})")
_PER_LEFT = re.compile(r"每(" + units.UNIT + r")(?:产品)?\s?$")
_JOIN = re.compile(r"\s?(?:~|-{1,2}|—{1,2}|至|到)\s?")
_HEAD = re.compile(r"(?:百分之|千分之|万分之)\s?")
_FRACTION = re.compile(rf"([{HAN}]{{1,6}})分之([{HAN}]{{1,6}})")
_NOUN = re.compile(r"[\s“”\"']{0,2}([\u4e00-\u9fff]{1,6})")
_Y, _M, _D = r"(?:19|20)\d\d", r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_HAN_YEAR = "[一二][零一二三四五六七八九]{3}"
_SPECIAL = re.compile(
    rf"""(?P<web>https?://[\x21-\x7e]{{1,200}}|(?<![\w.])[A-Za-z0-9._-]{{1,40}}@[A-Za-z0-9.-]{{1,40}})
    |(?P<number>[〔\[(【［]\s?(?P<ny>{_Y})\s?年?[〕\])】］]\s?第?\s?(?P<nn>\d{{1,5}})\s?号
      |(?P<ny2>{_Y})\s?年\s?第\s?(?P<nn2>\d{{1,5}})\s?号)
    |(?P<phone>(?<!\d)0\d{{2,3}}\s?-\s?\d{{7,8}}(?!\d)|(?<!\d)1[3-9]\d{{9}}(?!\d))
    |(?P<date>(?<!\d)(?P<y>{_Y})(?:\s?年\s?(?:(?P<m>{_M})\s?月(?:份|\s?(?P<d>{_D})\s?[日号]|(?!\d)))?
      |-(?P<m2>{_M})(?:-(?P<d2>{_D}))?(?![\d.%]|\s?[年~-])|(?P<sep>[./])(?P<m3>{_M})(?P=sep)(?P<d3>{_D})(?!\d)))
    |(?P<span>(?<!\d)(?P<y4>{_Y})(?:\s?(?:~|-{{1,2}}|—{{1,2}}|至|到)\s?)(?P<y5>{_Y})\s?年?(?!\d))
    |(?P<hdate>(?<![零一二三四五六七八九])(?P<hy>{_HAN_YEAR})\s?年(?:\s?(?P<hm>十[一二]?|[一二三四五六七八九])\s?月(?:\s?(?P<hd>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s?日)?)?)
    |(?P<mday>(?<![\d.])(?P<m6>{_M})\s?月(?:份|\s?(?P<d6>{_D})\s?[日号]|(?!\d))|(?<![\d.])(?P<d7>{_D})\s?日(?!均|产|用|处))
    |(?P<dot>(?<![\d.·])(?P<m8>{_M})[·•](?P<d8>{_D})(?![\d.·]))
    |(?P<plan>[“"]?十[一二三四五]五[”"]?(?=规划|时期|期间|末|以来|以前|初|开局|收官|[”"，。、,;；工])|“十[一二三四五]五)
    |(?P<nth>第\s?(?:\d{{1,6}}|[{HAN}]{{1,8}})(?:\s?(?:(?=[、，,和及至-])|个|条|款|项|章|节|批|次|届|类|期|位|名|部分|[一-鿿])){{0,1}})
    |(?P<label>(?:专栏|附件|附表|附录|类别|序号|表|图)\s?(?:\d{{1,3}}(?![\d.%])|[一二三四五六七八九十]{{1,3}}(?=[^一-鿿]|$)))
    |(?P<score>(?<![\d.:])\d{{1,4}}\s?[比:]\s?\d{{1,4}}(?![\d:]))
    |(?P<std>(?<![A-Za-z])[A-Z]{{2,6}}(?:/[A-Z]{{1,2}})?\s?\d{{2,6}}(?:\.\d{{1,3}})*\s?[-—]\s?{_Y}(?!\d))
    |(?P<name>[A-Za-z][A-Za-z_-]{{0,30}}\s?[₀-₉]+[A-Za-z0-9₀-₉]{{0,12}}|[A-Za-z][A-Za-z_-]{{0,30}}\d[A-Za-z0-9₀-₉-]{{0,30}}(?:\.\d+)?
      |\d{{1,6}}\s?[×xX*]\s?\d{{1,6}}(?:\s?[×xX*]\s?\d{{1,6}})?)
    |(?P<digit>\d)|(?P<frac>[{HAN}]{{1,6}}分之[{HAN}]|(?:百|千|万)分之\d)|(?P<half>一半|半数|过半)|(?P<han>[{HAN}])""",
    re.VERBOSE,
)
# Numerals in characters before these are parts of words ("一方面", "三级", "十分") more often than measures.
_NO_HAN_UNIT = frozenset("方 度 分 点 路 道 头 口 号 时 步 段 面 部 角 章 节 字 句 行 线 门 团 群 双 所 间".split())


def _key_date(year: str | None, month: str | None, day: str | None) -> str:
    return "/".join((year or "", month.zfill(2) if month else "", day.zfill(2) if day else ""))


class _Reader:
    """One pass over a text; ``figure_at`` methods return the figure and where to go on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.flat = plain(text)
        self.found: list[Figure] = []

    def read(self) -> tuple[Figure, ...]:
        at = 0
        while match := _SPECIAL.search(self.flat, at):
            at = max(self._take(match), match.start() + 1)
        return tuple(self.found)

    def _take(self, match: re.Match[str]) -> int:
        groups = match.groupdict()
        if groups["digit"]:
            return self._quantity(match.start())
        if groups["han"]:
            return self._spelled(match.start())
        if groups["frac"] or groups["half"]:
            return self._part(match)
        for name, method in _SIMPLE.items():
            if groups[name]:
                return method(self, match)
        return match.end()

    def _add(self, start: int, end: int, kind: Kind, key: str, value: Decimal | None = None, unit: str = "") -> int:
        text = self.text[start:end]
        self.found.append(Figure(text, start, end, value, None, unit, "", kind, self._noun(end), key))
        return end

    def _noun(self, end: int) -> str:
        match = _NOUN.match(self.flat, end)
        return match.group(1) if match else ""

    # -- names, numbers of documents, ordinals

    def _name(self, match: re.Match[str]) -> int:
        flat = match.group()
        glued = re.fullmatch(r"([A-Za-z_-]+?)(\d{3,}|\d+\.\d+)", flat)
        if glued and _UNIT.match(self.flat, match.end()) and "-" not in flat:
            return self._quantity(match.start() + len(glued.group(1)))
        key = re.sub(r"\s", "", flat).translate(_SUBSCRIPT).upper()
        end = self._add(match.start(), match.end(), "name", key)
        left = _LEFT.search(self.flat[max(0, match.start() - 9) : match.start()])
        if left:
            self.found[-1] = replace(self.found[-1], comparator=_BEFORE[left.group(1)])
        return end

    def _phone(self, match: re.Match[str]) -> int:
        return self._add(match.start(), match.end(), "phone", re.sub(r"\D", "", match.group()))

    def _docnumber(self, match: re.Match[str]) -> int:
        year, number = match["ny"] or match["ny2"], match["nn"] or match["nn2"]
        start = match.start()
        if match["ny"]:
            left = re.search(r"[\u4e00-\u9fff\s]{0,14}$", self.flat[max(0, start - 14) : start])
            issuer = _LEAD.sub("", left.group() if left else "").strip()
            start -= len(issuer)
        issuer = re.sub(r"\s", "", self.flat[start : match.start()])
        return self._add(start, match.end(), "docnumber", f"{issuer}|{year}|{int(number)}")

    def _ordinal(self, match: re.Match[str]) -> int:
        word = re.search(rf"\d+|[{HAN}]+", match.group())
        if word is None:
            return match.end()
        value = parse_arabic(word.group()) if word.group().isdigit() else parse_han(word.group())
        tail = match.group()[word.end() :].strip() if match["nth"] else match.group()[: word.start()].strip()
        if match["nth"] and value is None:
            return match.end()
        return self._add(match.start(), match.end(), "ordinal", f"{tail[:1] if match['nth'] else tail}{value}", value, tail)

    def _score(self, match: re.Match[str]) -> int:
        pair = re.split(r"\s?[比:]\s?", match.group())
        return self._add(match.start(), match.end(), "ratio", ":".join(str(int(p)) for p in pair))

    # -- dates

    def _date(self, match: re.Match[str]) -> int:
        month = match["m"] or match["m2"] or match["m3"]
        day = match["d"] or match["d2"] or match["d3"]
        return self._until(self._add(match.start(), match.end(), "date", _key_date(match["y"], month, day)))

    def _years(self, match: re.Match[str]) -> int:
        key = f"{_key_date(match['y4'], None, None)}~{_key_date(match['y5'], None, None)}"
        return self._add(match.start(), match.end(), "date", key)

    def _handate(self, match: re.Match[str]) -> int:
        year, month, day = (parse_han(match[g]) if match[g] else None for g in ("hy", "hm", "hd"))
        key = _key_date(str(year), str(month) if month else None, str(day) if day else None)
        return self._add(match.start(), match.end(), "date", key)

    def _monthday(self, match: re.Match[str]) -> int:
        key = _key_date(None, match["m6"], match["d6"] or match["d7"])
        return self._until(self._add(match.start(), match.end(), "date", key))

    def _until(self, end: int) -> int:
        """Let the end of a period inherit year and month: 2月8日至17日, 2024年1月至3月."""
        match = _UNTIL.match(self.flat, end)
        if not match:
            return end
        year, month, _ = self.found[-1].key.split("/")
        key = _key_date(year, match["m6"] or month, match["d6"] or match["d7"])
        self._add(match.start(1), match.end(), "date", key)
        return match.end()

    def _event(self, match: re.Match[str]) -> int:
        """An event named by its day: “10·24”."""
        return self._add(match.start(), match.end(), "date", _key_date(None, match["m8"], match["d8"]))

    def _plan(self, match: re.Match[str]) -> int:
        word = re.sub(r"[“”\"]", "", match.group())
        return self._add(match.start(), match.end(), "date", word)

    # -- quantities

    def _part(self, match: re.Match[str]) -> int:
        """百分之十三点五, 千分之3, 三分之二, 一半."""
        start = match.start()
        if match["half"]:
            return self._finish(start, match.end(), Decimal(50), None, "%", True, 0)
        if head := _HEAD.match(self.flat, start):
            scale = {"百": ("%", 1), "千": ("‰", 1), "万": ("‰", 10)}[head.group()[0]]
            low, at = self._bare(head.end())
            if low is None:
                return match.end()
            high = None
            if join := re.compile(_JOIN.pattern + "(?:百分之|千分之)?").match(self.flat, at):
                high, stop = self._bare(join.end())
                at = stop if high is not None else at
            return self._finish(start, at, low / scale[1], high / scale[1] if high else None, scale[0], True, 0)
        fraction = _FRACTION.match(self.flat, start)
        below, above = (parse_han(fraction.group(i)) for i in (1, 2)) if fraction else (None, None)
        if fraction is None or not below or above is None:
            return match.end()
        return self._add(start, fraction.end(), "ratio", f"{above}/{below}")

    def _bare(self, at: int) -> tuple[Decimal | None, int]:
        if number := re.compile(ARABIC).match(self.flat, at):
            return parse_arabic(number.group()), number.end()
        if number := _HAN.match(self.flat, at):
            return parse_han(number.group()), number.end()
        return None, at

    def _quantity(self, start: int) -> int:
        low, unit, at, vague = self._measured(start)
        high: Decimal | None = None
        join = _JOIN.match(self.flat, at)
        if join and self.flat[join.end() : join.end() + 1].isdigit():
            high, other, stop, more = self._measured(join.end())
            if unit and other and units.base(unit)[0] != units.base(other)[0]:
                high = None
            else:
                low, high, unit = _common(low, unit, high, other, self.flat[at - 1] in "万亿")
                at, vague = stop, vague or more
        if not unit and re.match(r"\s?/\s?\d", self.flat[at : at + 3]) and high is None:
            other_match = re.compile(r"\s?/\s?(\d+)(?!\d)").match(self.flat, at)
            if other_match:
                return self._add(start, other_match.end(), "ratio", f"{low}/{other_match.group(1)}")
        if not unit and high is None and (first := self._listed(start)):
            return self._add(start, at, "ordinal", f"{first.unit[:1]}{low}", low, first.unit)
        at_unit = _ODD.match(self.flat, at) if not unit else None
        if at_unit and high is None:
            return self._add(start, at_unit.end(), "name", self.flat[start : at_unit.end()].upper())
        return self._finish(start, at, low, high, unit, False, vague)

    def _listed(self, start: int) -> Figure | None:
        """Return the ordinal that this number continues: 第7、8窟."""
        last = self.found[-1] if self.found else None
        if last and last.kind == "ordinal" and self.flat[last.end : start].strip() in ("、", "和", "及", "或", "至", "-"):
            return last
        return None

    def _measured(self, start: int) -> tuple[Decimal, str, int, int]:
        match = _NUMBER.match(self.flat, start)
        if match is None:
            return Decimal(0), "", start + 1, 0
        value = parse_arabic(match.group(1))
        scale, at, vague = match.group(3) or "", match.end(), 1 if match.group(2) or match.group(4) else 0
        mixed = re.fullmatch(rf"({MULTIPLIER})(\d+(?:\.\d+)?)({MULTIPLIER})", scale)
        if mixed:
            value = value * multiplier(mixed[1]) + parse_arabic(mixed[2]) * multiplier(mixed[3])
        elif scale:
            value *= multiplier(scale)
        unit, end = self._unit(at)
        if not unit:
            end = match.start() + len(match.group().rstrip())
        return value, unit, end, vague

    def _unit(self, at: int) -> tuple[str, int]:
        match = _UNIT.match(self.flat, at)
        if match is None:
            return "", at
        unit, end = units.canonical(match.group(1)), match.end()
        if unit in ("千克", "吨", "克") and self.flat.startswith("ce", end):
            end += 2
        per = _PER.match(self.flat, end)
        if per is None:
            substance = _SUBSTANCE.match(self.flat, end)
            per = _PER.match(self.flat, substance.end()) if substance else None
        if per:
            unit, end = f"{unit}/{units.canonical(per.group(1))}", per.end()
        return unit, end

    def _spelled(self, start: int) -> int:
        match = _HAN.match(self.flat, start)
        if match is None:
            return start + 1
        value = parse_han(match.group())
        before = self.flat[start - 1] if start else ""
        if value is None or before in "数几上成若第统唯单同均" and before:
            return match.end()
        more = re.compile("[余多来]").match(self.flat, match.end())
        unit, end = self._unit(more.end() if more else match.end())
        if not unit or (unit in _NO_HAN_UNIT):
            long = value >= 100 and len(match.group()) > 2
            if not long:
                return match.end()
            unit, end = "", match.end()
        if unit == "年" and value < 100 and "点" not in match.group() and before == "○":
            return match.end()
        return self._finish(start, end, value, None, unit, True, 1 if more else 0)

    def _finish(
        self, start: int, end: int, low: Decimal, high: Decimal | None, unit: str, spelled: bool, vague: int
    ) -> int:
        comparator: Comparator = "~" if vague else ""
        if unit == "成":
            low, high, unit = low * 10, high * 10 if high else None, "%"
        left = _LEFT.search(self.flat[max(0, start - 9) : start])
        if per := _PER_LEFT.search(self.flat[max(0, start - 6) : start]):
            unit = f"{unit}/{units.canonical(per.group(1))}" if unit and "/" not in unit else unit
        if left and not (self.found and self.found[-1].end > start - len(left.group())):
            comparator = _BEFORE[left.group(1)]
            start -= len(left.group())
        right = _RIGHT.match(self.flat, end)
        if right:
            comparator, end = _AFTER[right.group(1)], right.end()
        kind: Kind = "quantity"
        self.found.append(
            Figure(self.text[start:end], start, end, low, high, unit, comparator, kind, self._noun(end), "", spelled)
        )
        return end


_SUBSCRIPT = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_LEAD = re.compile(r"^.*(?:按照|根据|依据|关于|印发|文件|转发|通过|遵照|执行|文号|编号|为|由|见|的|和|及|与|以|是|了|\s(?=..))")
_SUBSTANCE = re.compile(r"\s?(?:标准煤|标煤|二氧化碳当量|二氧化碳|CO\s?[2₂]e?)")
_UNTIL = re.compile(rf"\s?(?:~|-{{1,2}}|—{{1,2}}|至|到)\s?(?=\d)((?:(?P<m6>{_M})\s?月(?:份|\s?(?P<d6>{_D})\s?[日号]|(?!\d))|(?P<d7>{_D})\s?[日号]))")
_ODD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,12}")
_SIMPLE = {
    "web": _Reader._name, "number": _Reader._docnumber, "phone": _Reader._phone, "date": _Reader._date,
    "span": _Reader._years, "hdate": _Reader._handate, "mday": _Reader._monthday, "dot": _Reader._event, "plan": _Reader._plan,
    "nth": _Reader._ordinal, "label": _Reader._ordinal, "score": _Reader._score, "std": _Reader._name,
    "name": _Reader._name,
}  # fmt: skip


def _common(
    low: Decimal, unit: str, high: Decimal, other: str, scaled: bool
) -> tuple[Decimal, Decimal, str]:
    """Bring both ends of a range to one unit: 2~3万吨, 60%~80%, 500千克至1吨."""
    if not unit or unit == other:
        ratio = high / low if low and not unit and not scaled else Decimal(0)
        for step in (10**4, 10**8):
            # "2至3万吨" prints the multiplier once.
            if ratio >= step and high >= step:
                low = low * step
                break
        return low, high, other or unit
    if not other:
        return low, high, unit
    factor = units.base(other)[1] / units.base(unit)[1]
    return low, high * factor, unit


@lru_cache(maxsize=2048)
def figures(text: str) -> tuple[Figure, ...]:
    """Return every figure of the text in order; offsets are those of ``text``. Linear in its length."""
    return _Reader(text).read()


def digits_of(figure: Figure) -> str:
    """Return what a figure of kind name, phone, ratio, date or docnumber is compared by."""
    return figure.key


def _date_covers(claim: str, source: str) -> bool:
    """Whether each part that the claim states stands in the source: 2024/06/ in 2024/06/11."""
    if claim == source:
        return True
    if "~" in claim or "~" in source:
        return "~" not in claim and claim in source.split("~")
    mine, theirs = claim.split("/"), source.split("/")
    if len(mine) != 3 or len(theirs) != 3:
        return False
    return all(m == t or not m for m, t in zip(mine, theirs, strict=True))


def same(a: Figure, b: Figure) -> bool:
    """Whether claim ``a`` says what source ``b`` says: equal value after conversion, comparators not opposed.

    A date may be less exact than its source (2024年6月 for 2024年6月11日), a 文号 may leave out its issuer.
    """
    if a.kind == "docnumber" and b.kind == "docnumber":
        (left, *mine), (right, *theirs) = a.key.split("|"), b.key.split("|")
        return mine == theirs and (not left or not right or left.endswith(right) or right.endswith(left))
    if a.kind == "date" and b.kind == "date":
        return _date_covers(a.key, b.key)
    if a.kind != "quantity" or b.kind != "quantity":
        return _key(a) == _key(b) and bool(_key(a))
    return same_value(a, b) and not opposed(a, b)


def _key(figure: Figure) -> str:
    if figure.kind == "quantity" and figure.high is not None and figure.value is not None:
        return f"{figure.value}:{figure.high}"
    return figure.key


def same_value(a: Figure, b: Figure) -> bool:
    """Whether two quantities are equal in base units; the comparator is not looked at."""
    if a.value is None or b.value is None or not same_unit(a.unit, b.unit):
        return False
    (_, fa), (_, fb) = units.base(a.unit), units.base(b.unit)
    if not a.unit or not b.unit or "度" in (a.unit, b.unit) or ("/" in a.unit) != ("/" in b.unit):
        fa, fb = units.base(a.unit.split("/")[0])[1], units.base(b.unit.split("/")[0])[1]
    if not a.unit or not b.unit:
        fa = fb = Decimal(1)
    if (a.high is None) != (b.high is None):
        return False
    if a.high is not None and b.high is not None and a.high * fa != b.high * fb:
        return False
    return a.value * fa == b.value * fb


def same_unit(a: str, b: str) -> bool:
    """Whether two units measure the same; a missing one fits any, a missing 每/per part fits its other form."""
    if a == b or not a or not b:
        return True
    (top_a, *per_a), (top_b, *per_b) = units.base(a)[0].split("/"), units.base(b)[0].split("/")
    if "度" in (top_a, top_b) and {top_a, top_b} & {"千瓦时", "℃"}:
        return True
    return top_a == top_b and (not per_a or not per_b or per_a == per_b)


def rival(claim: Figure, source: Figure) -> bool:
    """Whether the source figure could stand where the claim's stands: same kind, same unit or same date form."""
    if claim.kind != source.kind or claim.kind in ("name", "phone"):
        return False
    if claim.kind == "date":
        return [bool(x) for x in claim.key.split("/")] == [bool(x) for x in source.key.split("/")]
    return claim.kind != "quantity" or (same_unit(claim.unit, source.unit) and bool(claim.unit) == bool(source.unit))


def opposed(a: Figure, b: Figure) -> bool:
    """Whether two comparators point in opposite directions (不低于 against 不超过)."""
    return {a.comparator[:1], b.comparator[:1]} == {"<", ">"}
