"""The outline under construction: open headings, the state of the walk, and the one way to add a block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.clean import Line
from index.ordinals import RANK_ATTACHMENT, RANK_BOX, RANK_PAREN_CN, RANK_SUBHEAD, Ordinal, decimal, ordinal
from index.structure import signs
from index.structure.boxes import Box
from index.types import Block, BlockKind, Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with what the decisions about it need: its ordinal, the text behind it, whether it is in a contents."""

    line: Line
    mark: Ordinal | None
    rest: str
    toc: bool = False


@dataclass(slots=True)
class Open:
    """An open heading. ``heading`` is False for an item's run-in title, which only stands in paths."""

    rank: float
    label: str
    heading: bool = True


@dataclass(slots=True)
class Build:
    """Blocks so far and the state of the walk.

    ``opening``: above the body of a document or of a part (title, 文号, addressee may come); ``article``: the
    printed number of the article (第X条) whose paragraphs follow; ``noting``: inside 注：; ``attached``: inside a
    list 附件：1. …; ``last``: the last value of each style of ordinal.
    """

    raw: str
    entries: Sequence[Entry]
    tables: Sequence[Span]
    flat: bool = False
    blocks: list[Block] = field(default_factory=list)
    stack: list[Open] = field(default_factory=list)
    opening: bool = True
    titled: bool = False
    article: str = ""
    noting: bool = False
    attached: bool = False
    box: Box | None = None
    last: dict[str, int] = field(default_factory=dict)

    @property
    def path(self) -> tuple[str, ...]:
        """The labels of the open headings, outermost first."""
        return tuple(o.label for o in self.stack)

    @property
    def previous(self) -> Block | None:
        """The block added last."""
        return self.blocks[-1] if self.blocks else None

    def add(
        self, kind: BlockKind, line: Line, number: str = "", lead: str = "", path: tuple[str, ...] | None = None
    ) -> None:
        """Append a block of the line; title, meta and contents stand at the root of the document."""
        root = kind in ("title", "meta", "toc")
        where = () if root else self.path if path is None else path
        self.blocks.append(Block(kind, line.text, line.spans, where, 0 if root else len(where) + 1, number, lead))

    def close(self, rank: float) -> None:
        """Close the open headings of that rank and deeper."""
        while self.stack and self.stack[-1].rank >= rank:
            self.stack.pop()

    def heading(self, rank: float, line: Line, number: str = "", lead: str = "") -> None:
        """Append a heading and open it."""
        self.close(rank)
        self.add("heading", line, number, lead)
        self.stack.append(Open(rank, line.text))
        self.opening, self.article, self.noting = False, "", False
        if rank < RANK_BOX:
            self.box = None

    def meta(self, line: Line) -> None:
        """Append a meta line; one behind a body ends it, so that a title may follow."""
        self.add("meta", line)
        if not self.opening:
            self.opening, self.titled, self.article, self.box = True, False, "", None
            self.close(RANK_ATTACHMENT + 2)

    def rank(self, mark: Ordinal) -> float:
        """Return an ordinal's rank, pushed below an open box that it belongs to."""
        if self.box is not None and mark.rank > RANK_PAREN_CN and not self.box.leaves(mark):
            return RANK_BOX + mark.rank / 100
        return float(mark.rank)

    def number(self, mark: Ordinal) -> str:
        """Return the printed number, or the one that the sequence tells where OCR has lost it."""
        numerals = "一二三四五六七八九十"
        if mark.style != "paren_cn" or any(c in numerals for c in mark.number):
            return mark.number
        value = mark.value or self.last.get(mark.style, 0) + 1
        return f"({numerals[value - 1]})" if value <= len(numerals) else mark.number

    def siblings(self) -> list[str]:
        """Return the run-in titles of the open section's paragraphs, those of its boxes left out."""
        path = tuple(o.label for o in self.stack if o.rank < RANK_BOX and o.heading)
        found: list[str] = []
        for block in reversed(self.blocks):
            if block.kind == "heading" and path and block.text == path[-1]:
                break
            if block.path == path and block.lead and block.kind == "clause":
                found.append(block.lead)
        return found


def entry(line: Line, toc: bool) -> Entry:
    """Return the line with its ordinal."""
    mark = ordinal(line.text)
    if line.marker == "ordinal" and mark is None:
        mark = Ordinal("paren_cn", RANK_PAREN_CN, 0, "", 0)
    if mark is None and len(line.text) <= 40:
        point = decimal(line.text)
        mark = point if point and signs.is_short(line.text[point.end :].strip()) else None
    return Entry(line, mark, line.text[mark.end :].strip() if mark else line.text, toc)


def flat_markdown(entries: Sequence[Entry]) -> bool:
    """Whether a converter gave headings of different depth the same number of # (then ordinals tell the depth)."""
    seen: dict[str, set[int]] = {}
    for item in entries:
        if item.line.marker.startswith("#") and item.mark is not None and item.mark.rank < RANK_SUBHEAD:
            seen.setdefault(item.line.marker, set()).add(item.mark.rank)
    return any(len(ranks) > 1 for ranks in seen.values())
