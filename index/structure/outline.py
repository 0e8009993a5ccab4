"""Logical lines -> Blocks with their heading paths, in one pass with a stack of open headings."""

from __future__ import annotations

from collections.abc import Sequence

from index.clean import Line, lines
from index.joins import ends_sentence, is_date, is_organ, is_titled
from index.ordinals import RANK_ATTACHMENT, RANK_BOX, RANK_CAPTION, RANK_DASH, RANK_SUBHEAD
from index.structure import signs
from index.structure.build import Build, Entry, entry, flat_markdown
from index.structure.numbered import add_numbered
from index.structure.toc import contents
from index.text import map_spans, quote_of
from index.types import Block, Source, Span

_NOTE_STYLES = ("arabic", "paren", "circled", "close")


def outline(source: Source, tables: Sequence[Span] = ()) -> tuple[Block, ...]:
    """Return the document's blocks in reading order; each range of ``tables`` becomes one block of kind "table".

    The list is flat: nesting is in the paths. A heading's path is without itself. An item stands below its article
    (第X条) in its path, and what follows a numbered item with a run-in title stands below that title.
    """
    held = sorted(t for t in tables if quote_of(source.raw, (t,)))
    found = lines(source, tables)
    inside = contents([line.text for line in found])
    entries = [entry(line, i in inside) for i, line in enumerate(found)]
    build = Build(source.raw, entries, held, flat_markdown(entries))
    waiting = list(reversed(held))
    for i, item in enumerate(entries):
        while waiting and waiting[-1].start <= item.line.spans[0].start:
            _table(build, waiting.pop())
        _line(build, i, item)
    while waiting:
        _table(build, waiting.pop())
    return tuple(build.blocks)


def _table(build: Build, span: Span) -> None:
    build.opening = build.noting = build.attached = False
    build.add("table", Line(quote_of(build.raw, (span,)), (span,)))
    build.close(RANK_CAPTION)


def _line(build: Build, i: int, item: Entry) -> None:
    """Append the block or blocks of one line: the first rule that fits decides."""
    line = item.line
    if build.stack and build.stack[-1].rank == RANK_CAPTION:
        build.close(RANK_CAPTION)  # a caption holds the table below it, no text
    if item.toc:
        build.add("toc", line)
    elif line.marker == "yaml":
        build.add("meta", line)
    elif line.marker.startswith("#"):
        _markdown_heading(build, item)
    elif line.marker == ">" or _is_note(build, item):
        build.add("note", line, item.mark.number if item.mark else "")
    elif _is_meta(build, i, item):
        build.meta(line)
    elif item.mark is None or not add_numbered(build, i, item, item.mark):
        _unnumbered(build, i, line)


def _unnumbered(build: Build, i: int, line: Line) -> None:
    if _is_dash_heading(line):
        build.heading(RANK_DASH, line, "", line.text.lstrip("—-"))
    elif _is_title(build, line):
        build.titled = True
        build.add("title", line)
    elif _is_attachment_title(build, line):
        build.heading(RANK_ATTACHMENT + 1, line)
    elif _is_subhead(build, i, line):
        build.heading(RANK_SUBHEAD, line)
    else:
        _paragraph(build, line)


def _markdown_heading(build: Build, item: Entry) -> None:
    line, mark = item.line, item.mark
    front = all(b.kind in ("title", "meta", "note", "toc") for b in build.blocks)
    if line.marker == "#" and front:
        build.titled = True
        build.add("title", line)
        return
    rank = float(len(line.marker))
    if build.flat:
        rank = float(mark.rank) if mark is not None else RANK_SUBHEAD
    build.heading(rank, line, build.number(mark) if mark is not None else "")


def _is_note(build: Build, item: Entry) -> bool:
    """Whether the line is a note (注：…) or one of the lines listed below it."""
    if signs.is_note(item.line.text):
        build.noting = True
    elif build.noting:
        mark = item.mark
        build.noting = mark.style in _NOTE_STYLES if mark is not None else item.line.marker == "-"
    return build.noting


def _is_meta(build: Build, i: int, item: Entry) -> bool:
    text, mark = item.line.text, item.mark
    if build.attached:
        build.attached = mark is not None and mark.style == "arabic" and len(text) <= 80 and not ends_sentence(text)
        if build.attached:
            return True
    if mark is not None or item.line.marker:
        return False
    if signs.is_attached(text):
        build.attached = len(text) > 3
        return True
    if signs.is_meta(text) or (build.opening and signs.is_head_meta(text)):
        return True
    if build.opening and signs.addressee(text) == len(text):
        return True
    return is_organ(text) and _is_signature(build, i)


def _is_signature(build: Build, i: int) -> bool:
    """Whether a line of names of bodies is a signature: dates, other signatures or nothing follow it."""
    if build.previous is not None and build.previous.kind == "meta":
        return True
    for item in build.entries[i + 1 : i + 8]:
        if is_date(item.line.text) or signs.is_meta(item.line.text):
            return True
        if not is_organ(item.line.text):
            return False
    return True


def _is_dash_heading(line: Line) -> bool:
    return line.text.startswith(("——", "--")) and len(line.text) <= 30 and not ends_sentence(line.text)


def _is_title(build: Build, line: Line) -> bool:
    if not build.opening or line.marker or build.stack or not signs.is_title(line.text):
        return False
    if not any(block.kind == "title" for block in build.blocks):
        return True
    named = is_titled(line.text) or "关于" in line.text
    fresh = not build.titled or (build.previous is not None and build.previous.kind == "meta")
    return named and fresh


def _is_attachment_title(build: Build, line: Line) -> bool:
    last = build.previous
    return (
        last is not None
        and last.kind == "heading"
        and build.stack[-1].rank == RANK_ATTACHMENT
        and len(last.text) <= 8
        and signs.is_title(line.text)
    )


def _is_subhead(build: Build, i: int, line: Line) -> bool:
    """Whether an unnumbered short line between paragraphs is a heading: a long paragraph must follow it."""
    if build.opening or build.article or line.marker or line.gap < 2 or not signs.is_subhead(line.text):
        return False
    after = build.entries[i + 1].line if i + 1 < len(build.entries) else None
    return after is not None and not after.marker and len(after.text) >= 40 and ends_sentence(after.text)


def _paragraph(build: Build, line: Line) -> None:
    cut = signs.addressee(line.text) if build.opening else 0
    if 0 < cut < len(line.text):
        line = _addressed(build, line, cut)
    build.opening = False
    listed = line.marker == "-"
    lead = "" if build.article else _lead(build, line, listed)
    if build.box is not None and not listed:
        _in_box(build, lead)
    if listed:
        build.add("item", line, "", lead, build.path + ((build.article,) if build.article else ()))
    else:
        build.add("clause", line, build.article, lead)


def _addressed(build: Build, line: Line, cut: int) -> Line:
    """Append the addressee that OCR has put on one line with a sentence; return the sentence."""
    mapped = map_spans(build.raw, line.spans)
    head, tail = mapped.spans(0, cut), mapped.spans(cut, len(mapped.text))
    build.add("meta", Line(quote_of(build.raw, head), head))
    return Line(quote_of(build.raw, tail), tail)


def _lead(build: Build, line: Line, listed: bool) -> str:
    last, printed = build.previous, ""
    if last is not None and last.lead and last.kind == "clause":
        start = line.spans[0].start
        printed = build.raw[start : start + 24].lstrip()
    lead, _ = signs.lead_of(line.text, listed, printed)
    bold = line.text[: line.bold].rstrip("。：: ")
    return bold if not lead and 2 <= len(bold) <= 20 and line.bold < len(line.text) else lead


def _in_box(build: Build, lead: str) -> None:
    """Close the open box where the paragraph plainly continues the section around it."""
    if build.box is None:
        return
    if build.box.goes_back(lead):
        build.close(RANK_BOX)
        build.box = None
    else:
        build.box.inside.append(lead)
