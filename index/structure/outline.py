"""Logical lines -> Blocks with their heading paths, in one pass with a stack of open headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.clean import Line, lines
from index.joins import ends_sentence, is_date, is_organ
from index.ordinals import (
    RANK_ATTACHMENT,
    RANK_BOX,
    RANK_CN,
    RANK_DASH,
    RANK_PAREN_CN,
    RANK_SUBHEAD,
    Ordinal,
    decimal,
    ordinal,
)
from index.structure import signs
from index.structure.boxes import Box
from index.structure.toc import contents
from index.text import map_spans, normalise, quote_of
from index.types import Block, BlockKind, Source, Span

_ARTICLES_MAKE_A_LAW = 3


def outline(source: Source, tables: Sequence[Span] = ()) -> tuple[Block, ...]:
    """Return the document's blocks in reading order; each range of ``tables`` becomes one block of kind "table".

    Headings carry their own path (without themselves); articles (第X条) and numbered items with a run-in title
    also stand in the path of what is printed below them. The outline is flat: nesting is in the paths.
    """
    return _Outliner(source, tables).run()


@dataclass(slots=True)
class _Open:
    """An open heading: its rank, its label in paths, and whether it is a true heading (not an item's run-in title)."""

    rank: float
    label: str
    heading: bool = True


@dataclass(slots=True)
class _Entry:
    """A line with what all decisions about it need: its ordinal and the text behind it."""

    line: Line
    mark: Ordinal | None
    rest: str
    toc: bool = False


@dataclass(slots=True)
class _State:
    stack: list[_Open] = field(default_factory=list)
    opening: bool = True
    titled: bool = False
    article: str = ""
    noting: bool = False
    attached: bool = False
    box: Box | None = None
    last: dict[str, int] = field(default_factory=dict)


class _Outliner:
    """Walks over the lines once; every method that emits appends exactly one block per line (or two parts of it)."""

    def __init__(self, source: Source, tables: Sequence[Span]) -> None:
        self.raw = source.raw
        self.tables = sorted(t for t in tables if quote_of(source.raw, (t,)))
        found = lines(source, tables)
        inside = contents([line.text for line in found])
        self.entries = [_entry(line, i in inside) for i, line in enumerate(found)]
        articles = sum(1 for e in self.entries if e.mark is not None and e.mark.style == "article")
        self.law = articles >= _ARTICLES_MAKE_A_LAW
        self.flat = _flat_markdown(self.entries)
        self.blocks: list[Block] = []
        self.at = _State()

    def run(self) -> tuple[Block, ...]:
        """Return all blocks."""
        waiting = list(self.tables)
        for i, entry in enumerate(self.entries):
            while waiting and waiting[0].start <= entry.line.spans[0].start:
                self._table(waiting.pop(0))
            self._line(i, entry)
        for span in waiting:
            self._table(span)
        return tuple(self.blocks)

    # -- emitting

    def _path(self) -> tuple[str, ...]:
        return tuple(o.label for o in self.at.stack)

    def _emit(
        self, kind: BlockKind, line: Line, number: str = "", lead: str = "", path: tuple[str, ...] | None = None
    ) -> None:
        where = self._path() if path is None else path
        level = 0 if kind in ("title", "meta", "toc") else len(where) + 1
        self.blocks.append(Block(kind, line.text, line.spans, where, level, number, lead))

    def _table(self, span: Span) -> None:
        self.at.opening = self.at.noting = False
        self._emit("table", Line(quote_of(self.raw, (span,)), (span,)))
        while self.at.stack and self.at.stack[-1].rank > RANK_DASH:
            self.at.stack.pop()

    def _meta(self, line: Line) -> None:
        self._emit("meta", line, path=())

    def _open(self, rank: float, label: str, heading: bool = True) -> None:
        while self.at.stack and self.at.stack[-1].rank >= rank:
            self.at.stack.pop()
        self.at.stack.append(_Open(rank, label, heading))

    # -- deciding

    def _line(self, i: int, entry: _Entry) -> None:
        line = entry.line
        if entry.toc:
            self._emit("toc", line, path=())
        elif line.marker == "yaml":
            self._meta(line)
        elif line.marker.startswith("#"):
            self._markdown_heading(entry)
        elif line.marker == ">" or self._is_note(entry):
            self._emit("note", line, entry.mark.number if entry.mark else "")
        elif self._is_meta(i, entry):
            self._meta_line(line)
        elif entry.mark is not None:
            self._numbered(i, entry)
        elif line.text.startswith(("——", "--")) and len(line.text) <= 30 and not ends_sentence(line.text):
            self._dash_heading(line)
        elif self._is_title(i, entry):
            self._title(line)
        elif self._is_attachment_title(line):
            self._emit_heading(RANK_ATTACHMENT + 1, line)
        elif self._is_subhead(i, line):
            self._emit_heading(RANK_SUBHEAD, line)
        else:
            self._paragraph(entry)

    def _is_note(self, entry: _Entry) -> bool:
        at, line = self.at, entry.line
        if signs.is_note(line.text):
            at.noting = True
            return True
        if not at.noting:
            return False
        listed = line.marker == "-" or (entry.mark is not None and entry.mark.rank >= 60)
        at.noting = listed and entry.mark is None or (
            entry.mark is not None and entry.mark.style in ("arabic", "paren", "circled", "close")
        )
        return at.noting

    def _is_meta(self, i: int, entry: _Entry) -> bool:
        at, text = self.at, entry.line.text
        if at.attached:
            mark = entry.mark
            at.attached = mark is not None and mark.style == "arabic" and len(text) <= 80 and not ends_sentence(text)
            if at.attached:
                return True
        if entry.mark is not None:
            return False
        if signs.is_attached(text):
            at.attached = text not in ("附件：", "附件:", "附件", "附")
            return True
        if signs.is_meta(text) or (at.opening and signs.is_head_meta(text)):
            return True
        return is_organ(text) and len(text) <= 60 and self._signed(i)

    def _signed(self, i: int) -> bool:
        """Whether a line of bodies' names is a signature: dates, other signatures or nothing follow it."""
        if self.blocks and self.blocks[-1].kind == "meta":
            return True
        for entry in self.entries[i + 1 : i + 8]:
            if is_date(entry.line.text) or signs.is_meta(entry.line.text):
                return True
            if not is_organ(entry.line.text):
                return False
        return True

    def _meta_line(self, line: Line) -> None:
        at = self.at
        closing = not at.opening
        self._meta(line)
        if closing:
            at.opening, at.titled, at.article, at.box = True, False, "", None
            at.stack = [o for o in at.stack if o.rank <= RANK_ATTACHMENT + 1]

    def _is_title(self, i: int, entry: _Entry) -> bool:
        at, line = self.at, entry.line
        if not at.opening or line.marker or at.stack or not signs.is_title(line.text):
            return False
        if signs.addressee(line.text) == len(line.text):
            return False
        if not at.titled:
            return True
        last = self.blocks[-1] if self.blocks else None
        return last is not None and (last.kind == "meta" and signs.is_titled(line.text))

    def _title(self, line: Line) -> None:
        self.at.titled = True
        self._emit("title", line, path=())

    def _is_attachment_title(self, line: Line) -> bool:
        last = self.blocks[-1] if self.blocks else None
        return (
            last is not None
            and last.kind == "heading"
            and bool(self.at.stack)
            and self.at.stack[-1].rank == RANK_ATTACHMENT
            and len(last.text) <= 8
            and signs.is_title(line.text)
        )

    def _is_subhead(self, i: int, line: Line) -> bool:
        if self.at.opening or self.law or line.marker or line.gap < 2 or not signs.is_subhead(line.text):
            return False
        after = self.entries[i + 1].line if i + 1 < len(self.entries) else None
        return after is not None and not after.marker and len(after.text) >= 40 and ends_sentence(after.text)

    # -- headings

    def _emit_heading(self, rank: float, line: Line, number: str = "", lead: str = "") -> None:
        at = self.at
        while at.stack and at.stack[-1].rank >= rank:
            at.stack.pop()
        self._emit("heading", line, number, lead)
        at.stack.append(_Open(rank, line.text))
        at.opening, at.article, at.noting = False, "", False
        if rank < RANK_BOX:
            at.box = None

    def _markdown_heading(self, entry: _Entry) -> None:
        line, depth = entry.line, len(entry.line.marker)
        if depth == 1 and not any(b.kind not in ("title", "meta", "note", "toc") for b in self.blocks):
            self._title(line)
            return
        rank = float(depth)
        if self.flat:
            rank = float(entry.mark.rank) if entry.mark is not None else RANK_SUBHEAD
        self._emit_heading(rank, line, entry.mark.number if entry.mark is not None else "")

    def _dash_heading(self, line: Line) -> None:
        self._emit_heading(RANK_DASH, line, "", line.text.lstrip("—-"))

    def _numbered(self, i: int, entry: _Entry) -> None:
        mark = entry.mark
        assert mark is not None
        line, rest = entry.line, entry.rest
        if mark.style == "article":
            self._article(line, mark)
        elif mark.style == "box" and signs.is_article_heading(mark, rest):
            self._box_heading(line, mark)
        elif mark.style in ("part", "attachment", "class", "caption") and signs.is_article_heading(mark, rest):
            self._emit_heading(mark.rank, line, mark.number)
            self.at.titled = self.at.titled or mark.style == "part"
        elif mark.style in ("part", "attachment", "box", "class", "caption"):
            self._paragraph(entry)
        elif self._is_heading(i, entry, mark):
            self._emit_heading(self._rank(mark), line, self._number(mark))
        else:
            self._item(entry, mark)
        self.at.last[mark.style] = mark.value

    def _number(self, mark: Ordinal) -> str:
        """Return the printed number, or the one that the sequence tells where OCR lost it."""
        if mark.style == "paren_cn" and not re.search("[一二三四五六七八九十]", mark.number):
            value = mark.value or self.at.last.get(mark.style, 0) + 1
            digits = "零一二三四五六七八九"
            return f"({digits[value]})" if value < 10 else mark.number
        return mark.number

    def _rank(self, mark: Ordinal) -> float:
        """Return the mark's rank, pushed below an open box that it belongs to."""
        box = self.at.box
        if box is not None and mark.rank > RANK_PAREN_CN and not box.leaves(mark):
            return RANK_BOX + mark.rank / 10
        return float(mark.rank)

    def _is_heading(self, i: int, entry: _Entry, mark: Ordinal) -> bool:
        if not signs.is_short(entry.rest):
            return False
        if self.law and mark.rank > RANK_CN:
            return False
        after = self.entries[i + 1] if i + 1 < len(self.entries) else None
        if after is None or after.mark is None:
            return not self._listed(mark) or (after is not None and len(after.line.text) >= 30)
        sibling = after.mark.style == mark.style and after.mark.value == mark.value + 1
        between = any(entry.line.spans[0].start < t.start < after.line.spans[0].start for t in self.tables)
        return not sibling or between

    def _listed(self, mark: Ordinal) -> bool:
        """Whether the line before is the item before it in a list of short items."""
        last = self.blocks[-1] if self.blocks else None
        return last is not None and last.kind == "item" and not last.lead and self.at.last.get(mark.style) == mark.value - 1

    def _box_heading(self, line: Line, mark: Ordinal) -> None:
        at = self.at
        leads = [b.lead for b in self._siblings()]
        while at.stack and not at.stack[-1].heading:
            at.stack.pop()
        while at.stack and at.stack[-1].rank >= RANK_BOX:
            at.stack.pop()
        at.box = Box(tuple(leads), dict(at.last))
        self._emit_heading(RANK_BOX, line, mark.number)

    def _siblings(self) -> list[Block]:
        """Return the paragraphs with run-in titles of the section that is open, boxes left out."""
        path = tuple(o.label for o in self.at.stack if o.rank < RANK_BOX and o.heading)
        found: list[Block] = []
        for block in reversed(self.blocks):
            if block.kind == "heading" and len(block.path) < len(path) and block.text not in path[-1:]:
                break
            if block.path == path and block.lead and block.kind == "clause":
                found.append(block)
            if block.kind == "heading" and path and block.text == path[-1]:
                break
        return found

    # -- running text

    def _article(self, line: Line, mark: Ordinal) -> None:
        at = self.at
        at.stack = [o for o in at.stack if o.rank < mark.rank]
        at.opening, at.article, at.noting = False, mark.number, False
        self._emit("clause", line, mark.number)

    def _item(self, entry: _Entry, mark: Ordinal) -> None:
        at, line = self.at, entry.line
        rank = self._rank(mark)
        at.opening = False
        while at.stack and at.stack[-1].rank >= rank:
            at.stack.pop()
        lead, end = ("", 0) if self.law else signs.lead_of(entry.rest, mark.rank > RANK_CN)
        sentence = mark.style == "cn"
        number = self._number(mark)
        if sentence and not lead:
            at.article = ""
            self._emit("clause", line, number)
            at.article = number
            return
        path = self._path() + ((at.article,) if at.article else ())
        self._emit("clause" if sentence else "item", line, number, lead, path)
        if lead and not at.article:
            label = line.text[: mark.end + end].rstrip("。：:·")
            at.stack.append(_Open(rank, label, heading=False))
        if sentence:
            at.article = ""

    def _paragraph(self, entry: _Entry) -> None:
        at, line = self.at, entry.line
        if at.opening and (cut := signs.addressee(line.text)):
            self._addressed(entry, cut)
            return
        at.opening = False
        listed = line.marker == "-"
        lead = self._lead(line, listed)
        if at.box is not None and not listed:
            self._in_box(line, lead)
        path = self._path() + ((at.article,) if at.article and listed else ())
        self._emit("item" if listed else "clause", line, "" if listed else at.article, lead, path)

    def _lead(self, line: Line, listed: bool) -> str:
        if self.law:
            return ""
        last = self.blocks[-1] if self.blocks else None
        printed = ""
        if last is not None and last.lead and last.kind == "clause":
            printed = self.raw[line.spans[0].start : line.spans[0].start + 24].lstrip()
        lead, _ = signs.lead_of(line.text, listed, printed)
        bold = normalise(line.text[: line.bold]).rstrip("。：: ")
        return bold if not lead and 2 <= len(bold) <= 24 and line.bold < len(line.text) else lead

    def _in_box(self, line: Line, lead: str) -> None:
        """Close the box where the paragraph plainly continues the section around it."""
        at = self.at
        assert at.box is not None
        if at.box.goes_back(lead):
            while at.stack and at.stack[-1].rank >= RANK_BOX:
                at.stack.pop()
            at.box = None
        else:
            at.box.inside.append(lead)

    def _addressed(self, entry: _Entry, cut: int) -> None:
        """Split an addressee from the sentence that OCR has put behind it on the same line."""
        line = entry.line
        if cut >= len(line.text):
            self._meta(line)
            return
        mapped = map_spans(self.raw, line.spans)
        head, tail = mapped.spans(0, cut), mapped.spans(cut, len(mapped.text))
        self._meta(Line(quote_of(self.raw, head), head))
        self.at.opening = False
        self._emit("clause", Line(quote_of(self.raw, tail), tail))


def _entry(line: Line, toc: bool) -> _Entry:
    mark = ordinal(line.text)
    if line.marker == "ordinal" and mark is None:
        mark = Ordinal("paren_cn", RANK_PAREN_CN, 0, "", 0)
    if mark is None and (point := decimal(line.text)) and signs.is_short(line.text[point.end :].strip()):
        mark = point if len(line.text) <= 40 else None
    return _Entry(line, mark, line.text[mark.end :].strip() if mark else line.text, toc)


def _flat_markdown(entries: Sequence[_Entry]) -> bool:
    """Whether a converter gave headings of different depth the same number of # (then ordinals tell the depth)."""
    seen: dict[str, set[int]] = {}
    for entry in entries:
        if entry.line.marker.startswith("#") and entry.mark is not None:
            seen.setdefault(entry.line.marker, set()).add(entry.mark.rank)
    return any(len(ranks & {20, 30, RANK_CN, RANK_PAREN_CN, 60}) > 1 for ranks in seen.values())
