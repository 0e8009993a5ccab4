"""Where characters stand on a page -> lines, paragraphs, running heads. Pure geometry; knows no PDF package."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Char = dict[str, Any]
"""A character as pdfplumber describes it: text, x0, x1, top, bottom, size, upright."""

_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—·]")
_OPENING = "（《〈“‘「『【〔([{"
_CLOSING = '，。、；：？！）》〉”’」』】〕,.;:?!)]}%"'
_ORDINAL = re.compile(
    r"[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．\s]|第[一二三四五六七八九十百零〇\d]+[章节条]|附件|专栏|[①-⑳]"
)
_TERMINAL = "。；：！？;:!?"
_PAGE_NUMBER = re.compile(r"[-—–─·\s]*(?:第\s*)?(\d{1,4})(?:\s*页)?(?:\s*[/／共]\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–─·\s]*")
_TAB_EM, _WORD_TAB_EM, _SPACE_EM, _INDENT_EM, _TOUCH_EM = 0.45, 0.8, 0.22, 0.5, 0.06
_LONGEST_UNIT_EM = 6.0
_BLANK_LINE = 1.4


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line.

    ``inner`` is its right end without a closing mark, which may hang over the margin; ``unit`` the width of the
    shortest piece that could have moved to the line above.
    """

    text: str
    x0: float
    x1: float
    inner: float
    top: float
    bottom: float
    size: float
    unit: float

    @property
    def middle(self) -> float:
        """Return the height of the line's middle on the page."""
        return (self.top + self.bottom) / 2


def lines_of(chars: Sequence[Char]) -> list[Line]:
    """Group characters into lines from top to bottom; gaps become a space or, where wide, a tab."""
    if not chars:
        return []
    size = median(char["size"] for char in chars)
    rows: list[list[Char]] = []
    last = float("-inf")
    for char in sorted(chars, key=lambda c: (c["top"] + c["bottom"]) / 2):
        middle = (char["top"] + char["bottom"]) / 2
        if middle - last > 0.35 * size:
            rows.append([])
        rows[-1].append(char)
        last = middle
    return [line for row in rows if (line := _line(row))]


def _line(row: list[Char]) -> Line | None:
    chars = _without_doubles(sorted(row, key=lambda c: c["x0"]))
    while chars and chars[-1]["text"].isspace():
        chars.pop()
    while chars and chars[0]["text"].isspace():
        chars.pop(0)
    if not chars:
        return None
    size = median(char["size"] for char in chars)
    gaps = [after["x0"] - before["x1"] for before, after in zip(chars, chars[1:], strict=False)]
    text = _text(chars, gaps, size)
    last = chars[-2] if len(chars) > 1 and chars[-1]["text"] in _CLOSING else chars[-1]
    return Line(
        text.strip(),
        chars[0]["x0"],
        chars[-1]["x1"],
        last["x1"],
        min(char["top"] for char in chars),
        max(char["bottom"] for char in chars),
        size,
        min(_unit(chars), _LONGEST_UNIT_EM * size),
    )


def _text(chars: list[Char], gaps: list[float], size: float) -> str:
    """Return the characters with a tab or a space where the gap between two asks for it."""
    wide = [bool(_WIDE.match(char["text"])) for char in chars]
    both = [gap for gap, before, after in zip(gaps, wide, wide[1:], strict=False) if before and after]
    # Letters set far apart ("通　　知") are one word, not cells.
    spaced = bool(gaps) and median(gaps) >= _INDENT_EM * size
    # Where nearly all Chinese characters touch, the line is not stretched and the least gap is a tab's.
    exact = len(both) > 3 and sum(abs(gap) < _TOUCH_EM * size for gap in both) >= 0.8 * len(both)
    text = str(chars[0]["text"])
    for at, (gap, char) in enumerate(zip(gaps, chars[1:], strict=True)):
        least = _TAB_EM if wide[at] or wide[at + 1] else _WORD_TAB_EM
        if exact and wide[at] and wide[at + 1]:
            least = _TOUCH_EM
        if gap >= least * size and not spaced:
            text = text.rstrip(" ") + "\t"
        elif gap >= _SPACE_EM * size and not text.endswith((" ", "\t")) and not char["text"].isspace():
            text += " "
        text += char["text"]
    return text


def _without_doubles(chars: list[Char]) -> list[Char]:
    """Drop characters printed twice at one place to look bold."""
    out: list[Char] = []
    for char in chars:
        twin = any(char["text"] == other["text"] and abs(char["x0"] - other["x0"]) < 1 for other in out[-2:])
        if not twin:
            out.append(char)
    return out


def _unit(chars: list[Char]) -> float:
    end = 1
    while end < len(chars) and not chars[end]["text"].isspace():
        before, here = chars[end - 1]["text"], chars[end]["text"]
        latin = not _WIDE.match(here) and (not _WIDE.match(before) or before in _CLOSING)
        if not latin and before not in _OPENING and here not in _CLOSING:
            break
        end += 1
    return float(chars[end - 1]["x1"] - chars[0]["x0"])


def right_edge(lines: Sequence[Line], width: float) -> float:
    """Return where full lines end; infinity where no two lines reach the right part of the page."""
    ends = sorted((line.inner for line in lines if line.inner > 0.7 * width), reverse=True)
    for number, end in enumerate(ends):
        near = sum(end - other <= 1.5 * lines[0].size for other in ends[number:])
        if near >= max(2, 0.02 * len(lines)):
            return end
    return float("inf")


def pitch_of(lines: Sequence[Line]) -> float:
    """Return the usual distance between a line and the next."""
    steps = [after.middle - before.middle for before, after in zip(lines, lines[1:], strict=False)]
    return median(step for step in steps if step > 0) if any(step > 0 for step in steps) else float("inf")


def continues(before: Line, after: Line, right: float) -> bool:
    """Tell whether the paragraph runs on: the next line's first piece had no room at the end of this one."""
    size = max(before.size, after.size)
    if abs(before.size - after.size) > 0.15 * size or after.x0 > before.x0 + _INDENT_EM * size:
        return False
    if before.text[-1] in _TERMINAL and _ORDINAL.match(after.text):
        return False
    return right - before.x1 < after.unit + 0.3 * size


def blank_between(before: Line, after: Line, pitch: float) -> bool:
    """Tell whether the gap between two lines of a page is that of an empty line."""
    step = after.middle - before.middle
    return step > _BLANK_LINE * pitch + 0.5 * abs(after.size - before.size)


def glue(before: str, after: str) -> str:
    """Return what stands between two joined lines: nothing in Chinese, a space between Latin words."""
    wide = _WIDE.match(before[-1:]) or _WIDE.match(after[:1])
    return "" if wide or before.endswith("\t") else " "


def joined(texts: Sequence[str]) -> str:
    """Return the lines of a table cell as one text."""
    out = ""
    for text in texts:
        out += (glue(out, text) if out else "") + text.replace("\t", " ")
    return out


def running(pages: Sequence[Sequence[Line]]) -> set[tuple[int, int]]:
    """Return (page, line) of running heads and page numbers: at a page's edge, at one height, on most pages."""
    edges: dict[tuple[int, int], tuple[str, int]] = {}
    for number, lines in enumerate(pages):
        for at in {0, 1, len(lines) - 2, len(lines) - 1} & set(range(len(lines))):
            line = lines[at]
            if line.text.count("\t") < 2:
                edges[number, at] = (re.sub(r"[\d\s]+", "#", line.text), round(line.middle / 6))
    counts = Counter(edges.values())
    need = max(3, 0.4 * len(pages))
    out = set()
    for (number, at), (text, height) in edges.items():
        near = counts[text, height] + counts[text, height - 1] + counts[text, height + 1]
        found = _PAGE_NUMBER.fullmatch(pages[number][at].text)
        outer = at in (0, len(pages[number]) - 1)
        if near >= need or (found and outer and int(found[1]) == number + 1 and len(pages) > 1):
            out.add((number, at))
    return out
