"""Shares over time as a small line chart in SVG, which reads the same on paper, in the dark and without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 190, 44, 60, 14, 30


@dataclass(frozen=True, slots=True)
class Point:
    """One run: when, its share (0..1) and what to call it."""

    at: str
    share: float
    words: str


def trend_svg(points: Sequence[Point], name: str) -> Markup:
    """Return the chart, named for screen readers; its axis starts at the multiple of a tenth below the lowest share."""
    from markupsafe import Markup

    low = min((int(p.share * 10) / 10 for p in points), default=0.0)
    low = max(0.0, min(low, 0.9) - (0.1 if len(points) and low > 0.5 else 0.0))
    places = [(_x(i, len(points)), _y(p.share, low)) for i, p in enumerate(points)]
    parts = [Markup('<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(_WIDTH, _HEIGHT, name)]
    for tenth in range(round(low * 10), 11):
        share = tenth / 10
        y = _y(share, low)
        line = '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}">{}</text>'
        parts.append(Markup(line).format(_LEFT, _WIDTH - _RIGHT, y, y, _LEFT - 8, y + 4, f"{share:.0%}"))
    if len(places) > 1:
        path = " ".join(f"{x},{y}" for x, y in places)
        parts.append(Markup('<polyline class="line" points="{}"/>').format(path))
    for point, (x, y) in zip(points, places, strict=True):
        told = f"{point.at}  {point.share:.1%}  {point.words}"
        dot = '<circle class="dot" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>'
        parts.append(Markup(dot).format(x, y, told))
    if places:
        (x, y), last = places[-1], points[-1]
        parts.append(Markup('<text class="last" x="{}" y="{}">{}</text>').format(x + 9, y + 4, f"{last.share:.1%}"))
        for at, words, anchor in ((0, points[0].at[:10], "start"), (-1, last.at[:10], "end")):
            if at == 0 or len(places) > 1:
                text = '<text class="tick {}" x="{}" y="{}">{}</text>'
                parts.append(Markup(text).format(anchor, places[at][0], _HEIGHT - 8, words))
    return Markup("").join([*parts, Markup("</svg>")])


def _x(at: int, count: int) -> float:
    room = _WIDTH - _LEFT - _RIGHT
    return round(_LEFT + (room * at / (count - 1) if count > 1 else room / 2), 1)


def _y(share: float, low: float) -> float:
    room = _HEIGHT - _TOP - _BOTTOM
    return round(_TOP + room * (1 - (share - low) / (1 - low)), 1)
