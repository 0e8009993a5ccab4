"""One cell or one line of cells: its spans without markup, and what kind of words stand in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.text import normalise, quote_of
from index.types import Span

Cell = tuple[Span, ...]

NUMBER_HEADER = re.compile(r"^(?:序号|编号|项次|序|号|No\.?|№)$", re.IGNORECASE)
NAME_HEADER = re.compile(r"名称|名字|姓名|题目|标题|题名")
_HEADER_WORD = re.compile(
    "序号|编号|名称|项目|单位|内容|类别|类型|分类|领域|范围|效果|成效|指标|地区|省份|城市|企业|时间|日期|金额|数量|备注|说明"
    "|联系|电话|地址|负责|来源|技术|案例|文号|标题|题目|年份|年度|比例|措施|做法|任务|要求|目标|等级|方式|产品|行业|工艺|设备"
    "|参数|标准|代码|姓名|职务|批次|规模|投资|所属|申报|推荐|机关|依据|期限|条件|方向|主体|部门|事项|数值|结果|状态|占比|属性"
)
_TAG = re.compile(
    r"(?:<|<\s?/\s?)(?:p|br|ol|ul|li|div|span|b|i|u|em|strong|sub|sup|table|tbody|thead|tr|td|th|input|font|a|img"
    r"|h[1-6])"
    r"(?:\s[^<>]{0,120})?/?>",
    re.IGNORECASE,
)
_ORDINAL = "[一二三四五六七八九十]+"
_GROUP = re.compile(rf"^(?:类别|第(?:{_ORDINAL}|\d+)[类批组部]|{_ORDINAL}、|[（(]{_ORDINAL}[）)])")
DIGITS = re.compile(r"^[\d.、,%\s]+$")
NO_LABEL = re.compile(r"[。；;！？!?，]|\d{5,}")
_YEAR = re.compile(r"^(?:19|20)\d\d年?$")
_BLANK = frozenset("/／\\-—－–空")
LONGEST_LABEL = 24
_LONGEST_HEADER = 80


def cell_spans(raw: str, start: int, end: int) -> Cell:
    """Return the spans of ``raw[start:end]`` without markup tags and without white space at the ends."""
    while start < end and raw[start].isspace():
        start += 1
    while end > start and raw[end - 1].isspace():
        end -= 1
    if start == end:
        return ()
    pieces: list[Span] = []
    at = start
    for tag in _TAG.finditer(raw, start, end) if "<" in raw[start:end] else ():
        pieces.append(Span(at, tag.start()))
        at = tag.end()
    pieces.append(Span(at, end))
    return _drop_spaces(raw, pieces)


def _drop_spaces(raw: str, pieces: Sequence[Span]) -> Cell:
    """Drop empty and white pieces; a white one stays only where it parts two Latin words."""
    solid = [p for p in pieces if normalise(raw[p.start : p.end])]
    kept: list[Span] = solid[:1]
    for before, after in pairwise(solid):
        white = next((p for p in pieces if before.end <= p.start < p.end <= after.start), None)
        if white and " " in normalise(f"{raw[before.end - 1]} {raw[after.start]}"):
            kept.append(white)
        kept.append(after)
    return tuple(kept)


def cell_text(raw: str, cell: Cell) -> str:
    """Return the cell's text as a quote."""
    return quote_of(raw, cell)


def is_blank(text: str) -> bool:
    """Tell whether a cell says nothing: empty, a slash, a dash."""
    return not text or (len(text) <= 2 and set(text) <= _BLANK)


def is_group_title(text: str) -> bool:
    """Tell whether a text reads like the title of a group of rows (类别一：…, 一、…, （二）…)."""
    return len(text) <= 40 and not text.endswith("。") and bool(_GROUP.match(text))


def is_label(text: str) -> bool:
    """Tell whether a text is short and plain enough to name a column or a part of one."""
    return 0 < len(text) <= LONGEST_LABEL and not DIGITS.match(text) and not NO_LABEL.search(text)


def has_header_word(text: str) -> bool:
    """Tell whether a usual word of headers and form labels stands in the text."""
    return bool(_HEADER_WORD.search(text))


def is_header(texts: Sequence[str], *, sure: bool = False) -> bool:
    """Tell whether a row of cells reads like a header: short labels, at least one of them a usual header word.

    With ``sure`` (a reader says that this is a table) two distinct labels are enough.
    """
    filled = [t for t in texts if t]
    if len(filled) < 2 or not all(is_label(t) or _YEAR.match(t) for t in filled):
        numbered = len(filled) > 2 and NUMBER_HEADER.match(filled[0])
        if not numbered or any(len(t) > _LONGEST_HEADER or t.endswith("。") or DIGITS.match(t) for t in filled):
            return False
    if len(filled) * 2 < len(texts) or len(set(filled)) < 2:
        return False
    words = sum(has_header_word(t) for t in filled)
    if len(texts) == 2:
        return words == 2 and not any(t[-1].isdigit() for t in filled)
    return words > 0 or sure
