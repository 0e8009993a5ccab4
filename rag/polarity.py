"""Words that turn a statement around: direction, permission, negation."""

from __future__ import annotations

import re
from functools import lru_cache

_OPPOSITES = (
    ("提高 提升 增加 增长 上升 上涨 扩大 增强 升高 增至 升至 提高到 提升至 高于 收涨 大涨 微涨 涨 "
     "增产 增收 新增 延长 加快 扩张 增幅 涨幅 多于 盈利",
     "降低 下降 减少 下跌 缩小 减弱 减至 降至 压减 削减 跌至 下滑 低于 收跌 大跌 微跌 跌 "
     "减产 减收 减排 缩短 放缓 收缩 降幅 跌幅 少于 亏损 节约 节省"),
    ("允许 鼓励 可以 支持 提倡 应当 应 必须 须", "禁止 严禁 不得 不准 不允许 不应 不可 不能 不予 不宜 限制"),
    ("超过 高于 大于 多于 以上 不低于 不少于 至少 不小于", "不超过 不高于 低于 小于 少于 以下 不大于 不多于 至多 不足"),
    ("达到 完成 实现 符合 满足 通过", "未达到 未完成 未实现 不符合 不满足 未通过 没有完成 未达"),
    ("纳入 列入 属于 包括 适用于 适用", "不纳入 不列入 不属于 不包括 不适用于 不适用 除外"),
    ("有 具有 具备", "无 没有 不具有 不具备"),
    ("首次 最高 最大 最多 最早", "末次 最低 最小 最少 最晚"),
    ("收入 进口 流入 买入 顺差", "支出 出口 流出 卖出 逆差"),
    ("提前 早于 之前 以前", "推迟 晚于 之后 以后 延后"),
)  # fmt: skip
_SIDES: dict[str, tuple[int, int]] = {}
for _group, (_one, _other) in enumerate(_OPPOSITES):
    for _side, _line in enumerate((_one, _other)):
        for _word in _line.split():
            _SIDES.setdefault(_word, (_group, _side))
_ANY = re.compile("(?:" + "|".join(sorted(_SIDES, key=lambda w: (-len(w), w))) + ")(?!值)")


@lru_cache(maxsize=4096)
def turns(text: str) -> tuple[tuple[int, int, str, int], ...]:
    """Return (group, side, word, offset) of every word of the text that has an opposite, in order."""
    found = []
    for match in _ANY.finditer(text):
        group, side = _SIDES[match.group()]
        found.append((group, side, match.group(), match.start()))
    return tuple(found)


def mask(text: str) -> str:
    """Replace every such word by one sign, so that a statement and its opposite look alike."""
    return _ANY.sub("±", text)


def nearest(left: str) -> dict[int, tuple[int, str]]:
    """Return, for each group, the side and word that stand last: nearest to a figure that follows ``left``."""
    return {group: (side, word) for group, side, word, _ in turns(left)}


def contradict(claim: str, source: str) -> str:
    """Return the word of the claim whose opposite stands in its place in the source, or "".

    ``claim`` and ``source`` are the words of one clause up to a figure; in each group the last word counts.
    """
    theirs = nearest(source)
    for group, (side, word) in nearest(claim).items():
        if group in theirs and theirs[group][0] != side:
            return word
    return ""
