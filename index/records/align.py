"""Which cell belongs to which column, where a scan has lost, shifted, split or merged cells.

A row keeps its printed order. A cell moves only on evidence from its text (a scope that starts 适用于, carbon
dioxide amounts under a carbon header, a company, a sentence where a name must stand); without it, it stays where
it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.tables.cells import NAME_HEADER, NUMBER_HEADER, is_blank

SKIP, MERGE, MERGE_OPEN, MERGE_TAIL, REST = 1.0, 2.5, 1.8, 1.4, 0.3
DROP_EMPTY, DROP_SLASH = 0.2, 0.6
STRONG, DOUBT, WEAK = 3.0, 1.5, 0.8
_NUDGE = 0.01
_MAX_NAME = 60
_MOST_COLUMNS = 40
_SHORTEST_PROOF = 4

_POLLUTANT = (
    r"(?:SO\s*_?[2₂3₃]|NO\s*_?[xXₓ]|VOCs?|COD|PM|颗粒物|粉尘|烟尘|飞灰"
    r"|废水|废气|废渣|污水|污染物|二噁英|氨氮|固废)"
)
_LESS = r"(?:减少|减排|降低|削减|少排|减)"
_CARBON = r"(?:CO\s*_?[2₂]|二氧化碳|碳(?=排放|减排|足迹))"
_TEXT_KINDS = (
    ("carbon", re.compile(rf"{_LESS}[^。；;]{{0,10}}{_CARBON}|{_CARBON}[^。；;]{{0,6}}(?:排放|减)|减碳|降碳")),
    (
        "pollution",
        re.compile(rf"{_LESS}[^。；;]{{0,10}}{_POLLUTANT}|{_POLLUTANT}[^。；;]{{0,10}}(?:产生|排放|产排|降低|减)"),
    ),
    ("water", re.compile(r"节水|节约[^。；;]{0,8}水|用水|耗水|水耗|回用|新鲜水|冷凝水")),
    ("energy", re.compile(r"标准?煤|千瓦时|kWh|能耗|电耗|节电|节能|热耗|焦耳|GJ")),
    ("material", re.compile(r"材料|原料|原辅|耗材|辅料|药剂|溶剂|产率|利用率|回收率")),
)
_HEADER_KINDS = (
    ("carbon", re.compile("碳")),
    ("pollution", re.compile("减污|污染|产生量|排放量")),
    ("water", re.compile("节水")),
    ("energy", re.compile("节能(?!环保|减排)")),
    ("material", re.compile("节材")),
)
_SCOPE_HEADER = re.compile("适用|应用范围|应用领域|使用范围")
_SCOPE_TEXT = re.compile(r"^(?:主要|可|广泛)?(?:适用于|适合于|适用范围|应用于)")
_ORG_HEADER = re.compile("申报单位|单位名称|企业|公司|机构|机关|完成单位|实施单位|推荐单位|^单位$|技术依托单位|用户")
_ORG_TEXT = re.compile(r"^[^。；;：:]{2,40}(?:公司|集团|研究院|研究所|大学|学院|工厂|总厂)(?:[（(][^）)]*[）)])?$")
_TAIL = re.compile(r"^[）)，、。；：]|^[（(](?![一二三四五六七八九十\d])|^[（(][一二三四五六七八九十\d]+[^）)]")
_OPEN_END = re.compile(r"[。！？；]$")


def align(header: Sequence[str], texts: Sequence[str]) -> list[int]:
    """Return for each cell the column it belongs to, or -1 for a blank cell that has none.

    Columns never run backwards; a column met twice holds both cells.
    """
    columns = [_header_kind(h) for h in header]
    if len(header) > _MOST_COLUMNS or (len(texts) == len(header) and not any(columns)):
        return [min(j, len(header) - 1) for j in range(len(texts))]
    kinds = [_text_kinds(t) for t in texts]
    if len(texts) == len(header):
        printed = sum(_misfit(j, j, t, kinds[j], header, columns) for j, t in enumerate(texts))
        if printed < SKIP:
            return list(range(len(texts)))
    best: dict[int, tuple[float, tuple[int, ...]]] = {-1: (0.0, ())}
    for i, text in enumerate(texts):
        fit = [_misfit(i, j, text, kinds[i], header, columns) for j in range(len(header))]
        step: dict[int, tuple[float, tuple[int, ...]]] = {}
        for at, (cost, path) in best.items():
            for j, price in _moves(i, at, texts, path, len(header)):
                total = cost + price + (fit[j] if j >= 0 else 0.0)
                key = at if j < 0 else j
                if key not in step or (total, path) < step[key]:
                    step[key] = (total, (*path, j))
        best = step
    ends = ((cost + REST * (len(header) - 1 - at), path) for at, (cost, path) in best.items())
    return list(min(ends)[1])


def _moves(i: int, at: int, texts: Sequence[str], path: tuple[int, ...], width: int) -> list[tuple[int, float]]:
    """Return the places open to cell ``i`` when the last used column is ``at``, with the price of each."""
    text = texts[i]
    moves = [(j, SKIP * (j - at - 1)) for j in range(at + 1, width)]
    if is_blank(text):
        moves.append((-1, DROP_SLASH if text else DROP_EMPTY))
    elif at >= 0:
        before = next((texts[k] for k in range(i - 1, -1, -1) if path[k] == at), "")
        price = MERGE if is_blank(before) or _OPEN_END.search(before) else MERGE_OPEN
        moves.append((at, min(price, MERGE_TAIL) if _TAIL.match(text) else price))
    return moves


def _misfit(i: int, j: int, text: str, kinds: frozenset[str], header: Sequence[str], columns: Sequence[str]) -> float:
    """Return what it costs to put a text under a header; nothing where there is no evidence."""
    cost = _NUDGE * abs(i - j)
    if is_blank(text):
        return cost
    column = columns[j]
    if column == "number":
        return cost + (STRONG if len(text) > 8 else 0)
    if column == "name" and (len(text) > _MAX_NAME or text.endswith("。")):
        cost += STRONG
    for kind in ("scope", "org"):
        if kind in kinds and kind in columns and column != kind:
            cost += DOUBT if column == "name" else STRONG
    return cost + _effect_misfit(column, kinds, columns)


def _effect_misfit(column: str, kinds: frozenset[str], columns: Sequence[str]) -> float:
    if column not in ("carbon", "pollution", "water", "energy", "material") or not kinds:
        return 0.0
    if column in kinds and not (column == "pollution" and "mostly carbon" in kinds):
        return 0.0
    if column == "carbon":
        return STRONG if "pollution" in kinds else 0.0
    if "carbon" in kinds and "carbon" in columns:
        return STRONG
    return WEAK if any(kind in columns for kind in kinds) else 0.0


def _text_kinds(text: str) -> frozenset[str]:
    if len(text) < _SHORTEST_PROOF:
        return frozenset()
    hits = {name: len(pattern.findall(text)) for name, pattern in _TEXT_KINDS}
    found = {name for name, count in hits.items() if count}
    if hits["carbon"] and hits["carbon"] >= hits["pollution"]:
        found.add("mostly carbon")
    if _SCOPE_TEXT.match(text):
        found = {"scope"}
    if _ORG_TEXT.match(text):
        found = {"org"}
    return frozenset(found)


def _header_kind(name: str) -> str:
    if NUMBER_HEADER.match(name):
        return "number"
    if _SCOPE_HEADER.search(name):
        return "scope"
    if _ORG_HEADER.search(name):
        return "org"
    if NAME_HEADER.search(name):
        return "name"
    return next((kind for kind, pattern in _HEADER_KINDS if pattern.search(name)), "")
