"""What kind of value a question asks for (money, mass, share, a phone number ...) and whether a text holds one."""

from __future__ import annotations

import re
from dataclasses import dataclass

_N = r"(?:(?<![a-z\d.])\d|[一二三四五六七八九十百两半])[\d,.~～\-—–×xX万亿千百十]*\s?"


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of value: its name for people, how questions ask for it, how texts print it."""

    name: str
    asked: re.Pattern[str]
    printed: re.Pattern[str]
    strict: bool = True


_MUCH = "(?:多少|几|百分之几)"


def _slot(name: str, asked: str, printed: str, strict: bool = True) -> Slot:
    return Slot(name, re.compile(asked), re.compile(printed), strict)


SLOTS: tuple[Slot, ...] = (
    _slot("联系电话", "电话|联系方式|手机号|怎么联系|联系人", r"(?<!\d)(?:[(（]?0\d{2,3}[)）]?[-—\s]?)?\d{7,8}(?!\d)|1[3-9]\d{9}"),
    _slot("邮政编码", "邮编|邮政编码", r"(?<!\d)\d{6}(?!\d)"),
    _slot("邮箱", "邮箱|电子邮件|email|e-mail", r"[\w.-]+@[\w.-]+"),
    _slot("网址", "网址|哪个网站|官网", r"https?://|www\.|[a-z\d]+\.(?:cn|com|org|net)"),
    _slot("部门", "哪(?:几|些|两|三)?个?(?:部委|部门|司局|厅局|机关)|"
          "(?:由|归)(?:谁|哪家)(?:牵头|负责|管|组织|考评|考核)|谁来?(?:牵头|管|推荐|负责|组织|审[核批查]|考评|考核|评审|批准)",
          "(?:部|委|厅|局|办公室|署|人民政府|国务院)(?![分件门委位])", strict=False),
    _slot("厂家", "(?:哪家|哪个|什么)(?:公司|厂家|厂商|供应商).{0,6}(?:卖|买|供|生产)|(?:厂家|供应商)和|给.{0,3}厂家",
          "[一-鿿]{2,}(?:公司|集团|厂(?!家|区|房|商))"),
    _slot("金额", f"多少钱|多少.{{0,4}}费(?!电)|几块钱|{_MUCH}.{{0,3}}元|多少.{{0,4}}(?:电费|利润|收入|投资|罚款|补贴|奖励|成本|资金|经费|预算|补助)|"
          "投了多少|花了?多少|罚多少|"
          "(?:投资|罚款|补贴|奖励|成本|费用|收入|利润)[^低高降升减增省]{0,4}(?:多少|多大)", rf"{_N}(?:多|余)?元|{_N}(?:人民币|美元)"),
    _slot("重量", f"{_MUCH}(?:万|亿)?(?:吨|公斤|千克|斤)", rf"{_N}(?:多|余)?(?:吨|公斤|千克|t(?![a-z])|kg)"),
    _slot("克数", f"{_MUCH}克", rf"{_N}(?:克|g(?![a-z])|mg)"),
    _slot("温度", f"{_MUCH}(?:摄氏度|℃)|温度.{{0,8}}(?:多少|几)|(?<!电)几度(?!电)|多少度(?!电).{{0,4}}(?:降|升|到)", rf"{_N}(?:℃|°c|摄氏度|度)"),
    _slot("电量", f"{_MUCH}(?:万|亿)?(?:度电|千瓦时)|多少电(?!费)|[耗用]电[^,，。?？]{0,4}几度|{_MUCH}(?:万|亿)?度(?=电|$|[？?，,])",
          rf"{_N}(?:度|千瓦时|kwh|mwh|gwh|kw·h|%)"),
    _slot("体积", f"{_MUCH}(?:万|亿)?(?:立方米?|方)(?!面|案|向|法|式)", rf"{_N}(?:立方|方|n?m3|升|吨)"),
    _slot("万分比", "万分之几|千分之几", "[万千]分之[一二三四五六七八九十\\d]|[‰‱]"),
    _slot("比例", "百分之几|百分之多少|多大比例|比例是多少|占比多少|几成|降幅|增幅", rf"{_N}%|分之|{_N}(?:成|个百分点|倍)"),
    _slot("时间", "多少年|(?<![那这近前头])几年(?!级)|多久|多长时间|几个月|多少天|几天|几小时", rf"{_N}(?:年|个?月|天|日|个?工作日|小时|分钟|周|min|h(?![a-z]))"),
    _slot("日期", "何时|什么时候|哪一?[年天日]|哪个?月|几月几[日号]|几号(?!文)", r"\d{2,4}年|\d{1,2}月|之日|[十]?[一二三四五六七八九]年|世纪|年代|年前"),
    _slot("长度", f"{_MUCH}(?:公里|千米|米|厘米|毫米)", rf"{_N}(?:公里|千米|米|厘米|毫米|km|cm|mm|m(?![a-z0-9]))"),
    _slot("家数", f"{_MUCH}(?:家|户|个企业|座|个园区)", rf"{_N}(?:多|余)?(?:家|户|座|个|名)"),
    _slot("项数", f"{_MUCH}(?:项|种|款|条|个)", rf"{_N}(?:多|余)?(?:项|种|款|条|个|类|步)", strict=False),
    _slot("数值", "(?:目标值|指标值|数值|目标)(?:是|为|多少|定)?(?:多少)?$", r"(?<![a-z0-9])\d"),
    _slot("数值", "多少|多大|多高|百分之几", r"(?<![a-z0-9])\d|[一二三四五六七八九十百千万亿两][个项家种条类成倍]", strict=False),
)  # fmt: skip


def asked_slots(text: str) -> tuple[Slot, ...]:
    """Return the slots that a folded clause asks for, the most telling first."""
    measured = _MEASURED.search(text)
    special = (_measured(measured.group(1)),) if measured else ()
    return special + tuple(slot for slot in SLOTS if slot.asked.search(text))


def _measured(word: str) -> Slot:
    """Return the slot of a count in things that have a measure word of their own ("多少辆")."""
    same = next((group for group in _SAME_MEASURE if word in group), word)
    return Slot(f"多少{word}", _MEASURED, re.compile(rf"{_N}(?:多|余|万|亿|来)*[{same}]"))


def holds(slot: Slot, folded: str) -> bool:
    """Whether the folded text prints a value of that kind."""
    text = _ORDINALS.sub(" ", folded)
    return bool(slot.printed.search(text if slot.name in _DATED else _YEARS.sub(" ", text)))


_MEASURED = re.compile("(?:多少|几)(?:万|亿)?([瓶台辆只支套人次亩株棵座层份页届户艘架栋批])")
_SAME_MEASURE = ("只支个枚", "台套", "棵株", "户家")
_DATED = frozenset({"日期"})
_YEARS = re.compile(
    r"(?<!\d)(?:19|20)\d{2}年(?:\d{1,2}月)?(?:\d{1,2}日)?|(?<!\d)\d{1,2}月\d{1,2}日|"
    r"[“\"']?十[一二三四五六]五[”\"']?"
)
"""A year is the value of no other slot."""
_ORDINALS = re.compile(r"(?:^|(?<=[。；;：:]))[(（]?\d{1,2}[)）.、．](?!\d)")
