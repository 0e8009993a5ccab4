"""Numbered lines: is this one a heading, an article, an item, the heading of a box?"""

from __future__ import annotations

from index.clean import Line
from index.ordinals import RANK_BOX, RANK_CN, Ordinal
from index.structure import signs
from index.structure.boxes import Box
from index.structure.build import Build, Entry, Open

_PARTS = ("part", "attachment", "box", "class", "caption")


def add_numbered(build: Build, i: int, entry: Entry, mark: Ordinal) -> bool:
    """Append the numbered line ``entries[i]``; return False where its ordinal only begins a sentence."""
    line = entry.line
    if mark.style in _PARTS and not signs.is_heading_of_part(entry.rest):
        return False
    if mark.style == "article":
        _article(build, line, mark)
    elif mark.style == "box":
        _box(build, line, mark)
    elif mark.style in _PARTS:
        build.heading(mark.rank, line, mark.number)
    elif _is_heading(build, i, entry, mark):
        build.heading(build.rank(mark), line, build.number(mark))
    else:
        _item(build, entry, mark)
    build.last[mark.style] = mark.value or build.last.get(mark.style, 0) + 1
    return True


def _article(build: Build, line: Line, mark: Ordinal) -> None:
    build.close(mark.rank)
    build.opening, build.article, build.noting = False, mark.number, False
    build.add("clause", line, mark.number)


def _box(build: Build, line: Line, mark: Ordinal) -> None:
    build.close(RANK_BOX)
    while build.stack and not build.stack[-1].heading:
        build.stack.pop()
    box = Box(tuple(build.siblings()), dict(build.last))
    build.heading(RANK_BOX, line, mark.number)
    build.box = box


def _is_heading(build: Build, i: int, entry: Entry, mark: Ordinal) -> bool:
    """Whether a short numbered line is a heading: something of its own must follow, not the next short item."""
    if not signs.is_short(entry.rest) or (build.article and mark.rank > RANK_CN):
        return False
    after = build.entries[i + 1] if i + 1 < len(build.entries) else None
    start = entry.line.spans[0].start
    end = after.line.spans[0].start if after else len(build.raw)
    if any(start < table.start < end for table in build.tables):
        return True
    if after is not None and after.mark is not None:
        return not (after.mark.style == mark.style and after.mark.value == mark.value + 1)
    return not _ends_list(build, mark)


def _ends_list(build: Build, mark: Ordinal) -> bool:
    """Whether the block before is the item before this one in a list of short items."""
    last = build.previous
    return (
        last is not None
        and last.kind == "item"
        and not last.lead
        and mark.value > 1
        and build.last.get(mark.style) == mark.value - 1
    )


def _item(build: Build, entry: Entry, mark: Ordinal) -> None:
    """Append an item, or a numbered clause: "五、本意见自公布之日起施行。" counts as an article."""
    line = entry.line
    rank, number = build.rank(mark), build.number(mark)
    clause = mark.style == "cn"
    build.opening = False
    build.close(rank)
    lead, end = ("", 0) if build.article and not clause else signs.lead_of(entry.rest, mark.rank > RANK_CN)
    if clause:
        build.article = "" if lead else number
        build.add("clause", line, number, lead)
    else:
        build.add("item", line, number, lead, build.path + ((build.article,) if build.article else ()))
    if lead and not build.article:
        label = line.text[: mark.end + end].rstrip("。：:·")
        build.stack.append(Open(rank, label, heading=False))
