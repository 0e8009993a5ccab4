"""Patterns of the figure reader, on ``plain`` text. Every repeat is bounded, so reading stays linear."""

from __future__ import annotations

import re

from rag import units
from rag.numerals import ARABIC, HAN, HAN_NUMBER, MULTIPLIER

NUMBER = re.compile(
    rf"({ARABIC})\s?([余多来几]|个多(?=小时|月|星期|工作日))?\s?"
    rf"({MULTIPLIER}(?:\d+(?:\.\d+)?{MULTIPLIER})?)?\s?([余多])?"
)
HAN_RUN = re.compile(HAN_NUMBER)
ARABIC_RUN = re.compile(ARABIC)
UNIT = re.compile(r"\s?(" + units.UNIT + ")")
PER = re.compile(r"\s?[/每]\s?(" + units.UNIT + r"|[A-Za-z]{1,4})")
PER_LEFT = re.compile(r"每(" + units.UNIT + r")(?:产品)?\s?$")
JOIN = re.compile(r"\s?(?:~|-{1,2}|—{1,2}|至|到)\s?")
JOIN_PART = re.compile(JOIN.pattern + "(?:百分之|千分之|万分之)?")
PARTS = re.compile(r"\s?/\s?(\d+)(?!\d)")
HEAD = re.compile(r"(?:百分之|千分之|万分之)\s?")
FRACTION = re.compile(rf"([{HAN}]{{1,6}})分之([{HAN}]{{1,6}})")
NOUN = re.compile(r"[\s“”\"']{0,2}([\u4e00-\u9fff]{1,6})")
SUBSTANCE = re.compile(r"\s?(?:标准煤|标煤|二氧化碳当量|二氧化碳|CO\s?[2₂]e?)")
ODD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,12}")
_Y, _M, _D = r"(?:19|20)\d\d", r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_NINE = "一二三四五六七八九"
_HAN_YEAR = f"[一二][零{_NINE}]{{3}}"
SPECIAL = re.compile(
    rf"""(?P<web>https?://[\x21-\x7e]{{1,200}}|(?<![\w.])[A-Za-z0-9._-]{{1,40}}@[A-Za-z0-9.-]{{1,40}})
    |(?P<number>[〔\[(【［]\s?(?P<ny>{_Y})\s?年?[〕\])】］]\s?第?\s?(?P<nn>\d{{1,5}})\s?号
      |(?P<ny2>{_Y})\s?年\s?第\s?(?P<nn2>\d{{1,5}})\s?号)
    |(?P<phone>(?<!\d)0\d{{2,3}}\s?-\s?\d{{7,8}}(?!\d)|(?<!\d)1[3-9]\d{{9}}(?!\d))
    |(?P<date>(?<!\d)(?P<y>{_Y})(?:\s?年(?:\s?(?P<m>{_M})\s?月(?:份|\s?(?P<d>{_D})\s?[日号]|(?!\d)))?
      |-(?P<m2>{_M})(?:-(?P<d2>{_D}))?(?![\d.%]|\s?[年~-])|(?P<sep>[./])(?P<m3>{_M})(?P=sep)(?P<d3>{_D})(?!\d)))
    |(?P<span>(?<!\d)(?P<y4>{_Y})(?:\s?(?:~|-{{1,2}}|—{{1,2}}|至|到)\s?)(?P<y5>{_Y})\s?年?(?!\d))
    |(?P<hdate>(?<![零{_NINE}])(?P<hy>{_HAN_YEAR})\s?年
      (?:\s?(?P<hm>十[一二]?|[{_NINE}])\s?月(?:\s?(?P<hd>[一二三]?十[{_NINE}]?|[{_NINE}])\s?日)?)?)
    |(?P<mday>(?<![\d.])(?P<m6>{_M})\s?月(?:份|\s?(?P<d6>{_D})\s?[日号]|(?!\d))
      |(?<![\d.])(?P<d7>{_D})\s?日(?!均|产|用|处))
    |(?P<dot>(?<![\d.·])(?P<m8>{_M})[·•](?P<d8>{_D})(?![\d.·]))
    |(?P<plan>[“"]?十[一二三四五]五[”"]?(?=规划|时期|期间|末|以来|以前|初|开局|收官|[”"，。、,;；工])
      |“十[一二三四五]五)
    |(?P<nth>第\s?(?:\d{{1,6}}|[{HAN}]{{1,8}})(?:\s?(?:(?=[、，,和及至-])|部分|[一-鿿]))?)
    |(?P<label>(?:专栏|附件|附表|附录|类别|序号|表|图)\s?
      (?:\d{{1,3}}(?![\d.%])|[{_NINE}十]{{1,3}}(?=[^一-鿿]|$)))
    |(?P<score>(?<![\d.:])\d{{1,4}}\s?[比:]\s?\d{{1,4}}(?![\d:]))
    |(?P<std>(?<![A-Za-z])[A-Z]{{2,6}}(?:/[A-Z]{{1,2}})?\s?\d{{2,6}}(?:\.\d{{1,3}})*\s?[-—]\s?{_Y}(?!\d))
    |(?P<name>[A-Za-z][A-Za-z_-]{{0,30}}\s?[₀-₉]+[A-Za-z0-9₀-₉]{{0,12}}
      |[A-Za-z][A-Za-z_-]{{0,30}}\d[A-Za-z0-9₀-₉-]{{0,30}}(?:\.\d+)?
      |\d{{1,6}}\s?[×xX*]\s?\d{{1,6}}(?:\s?[×xX*]\s?\d{{1,6}})?)
    |(?P<digit>\d)|(?P<frac>[{HAN}]{{1,6}}分之[{HAN}]|[百千万]分之\d)
    |(?P<half>一半|半数|过半)|(?P<han>[{HAN}])""",
    re.VERBOSE,
)
UNTIL = re.compile(
    rf"\s?(?:~|-{{1,2}}|—{{1,2}}|至|到)\s?(?=\d)("
    rf"(?:(?P<m6>{_M})\s?月(?:份|\s?(?P<d6>{_D})\s?[日号]|(?!\d))|(?P<d7>{_D})\s?[日号]))"
)
# Numerals in characters before these are parts of words ("一方面", "三级", "十分") more often than measures.
NO_HAN_UNIT = frozenset("方 度 分 点 路 道 头 口 号 时 步 段 面 部 角 章 节 字 句 行 线 门 团 群 双 所 间".split())
