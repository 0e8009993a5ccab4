"""专栏: which paragraph after a box's heading is still in the box, and which continues the section around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.ordinals import Ordinal

# Verbs that open the run-in titles of tasks; titles of a box's projects are mostly nouns.
_VERBS = frozenset(
    (
        "推进 推动 加快 加强 加大 强化 优化 完善 健全 建立 构建 培育 激发 提升 提高 实施 开展 深化"
        " 促进 壮大 发展 打造 创新 贯通 制定 明确 引导 支持 鼓励 落实 扩大 严格 坚持 巩固 拓展 大力"
        " 积极 统筹 规范 支撑 增强 做好 做强 升级 减少 削减 保障 建设 推广 改造 探索 夯实 聚焦 突出"
        " 稳步 着力 全面 深入"
    ).split()
)


@dataclass(slots=True)
class Box:
    """An open box: the run-in titles of the section before it, the section's counts, the titles inside so far."""

    section: tuple[str, ...]
    counts: Mapping[str, int]
    inside: list[str] = field(default_factory=list)

    def leaves(self, mark: Ordinal) -> bool:
        """Whether an ordinal continues the count of the section, not one of the box."""
        return mark.value > 1 and self.counts.get(mark.style, 0) == mark.value - 1

    def goes_back(self, lead: str) -> bool:
        """Whether a paragraph with that run-in title belongs to the section again.

        It does when its title opens with a verb while the box's own titles are nouns, and it resembles the
        section's titles: the same verb, or a length nearer to theirs than to the box's.
        """
        own = [t for t in self.inside if t]
        if not lead or not self.section or not own or lead[:2] not in _VERBS:
            return False
        if 2 * sum(t[:2] in _VERBS for t in own) >= len(own):
            return False
        if any(t[:2] == lead[:2] for t in self.section):
            return True
        return abs(len(lead) - _mean(self.section)) < abs(len(lead) - _mean(own))


def _mean(titles: tuple[str, ...] | list[str]) -> float:
    return sum(map(len, titles)) / len(titles)
