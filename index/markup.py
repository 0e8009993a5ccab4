"""One printed line -> the spans of its content: markdown, HTML and LaTeX marks are left out, never rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.ordinals import Ordinal, ordinal
from index.text import normalise
from index.types import Span

_NAMES = (
    "p|br|li|ol|ul|dl|dt|dd|div|tr|td|th|table|thead|tbody|h[1-6]|section|article|hr|html|body|head"
    "|span|b|i|u|s|em|strong|sub|sup|font|a|input|label|img|center|small|code|pre|blockquote|o:p|title|meta|link"
)
_TAG = re.compile(
    rf"</?(?P<name>{_NAMES})(?=[\s/>])(?:\s[^<>]{{0,300}})?/?>|<!--.{{0,2000}}?-->|<!DOCTYPE[^>]{{0,300}}>", re.I
)
_BLOCK = frozenset("p br li ol ul dl dt dd div tr td th table h1 h2 h3 h4 h5 h6 section article hr title".split())
# A formula without any digit or letter of its own at the start of a line is an ordinal that OCR could not read.
_LATEX_ORDINAL = re.compile(r"\$[\s（(]*(?:\\[a-zA-Z]+|[\s{}()（）=\-—一])+\$(?=\s*[\u4e00-\u9fff])")
_IMAGE = re.compile(r"!\[[^\]]{0,300}\]\([^)]{0,300}\)")
_INLINE = re.compile(rf"{_TAG.pattern}|{_IMAGE.pattern}|\*\*", re.I)
_SUSPECT = re.compile(r"[<*!]")
_HEADING = re.compile(r"(#{1,6})[ \t\u3000]+")
_QUOTE = re.compile(r">+[ \t]?")
_BULLET = re.compile(r"[-*+][ \t\u3000]+(?!\d{1,4}\s*[-—]\s*$)|[•●■◆▪▶◇]\s*")
_RULE = re.compile(r"\s*(?:(?:[-*_=~]\s*){3,}|`{3,}.*)$")
_COMMENT = re.compile(r"\s*<!--.*-->\s*$")
# Where a reader has put the next item on the line of the last: "…。- 2、…", "…；（三）…"
_NEXT_ITEM = re.compile(r"[。；;]\s*(?:[-*+]\s+)?(?=[（(]?\s*(?:\d|[一二三四五六七八九十]))")
_COUNTED = ("cn", "paren_cn", "arabic", "paren")
_LEFT = re.compile(r"[\s\ufeff\u200b-\u200f\u00ad]*")
_SENTENCE_END = "。；！？"


@dataclass(frozen=True, slots=True)
class Segment:
    """The content of a printed line, or of a part of it between block tags.

    ``printed`` is the line as it stands (without white space at its ends), ``hard`` tells that a block tag or a
    bold beginning stood before it, ``row`` that it is a row of a table.
    """

    spans: tuple[Span, ...]
    printed: str
    marker: str = ""
    hard: bool = False
    row: bool = False
    bold: int = 0


def segments(raw: str, start: int, end: int, front: int = 0) -> Iterator[Segment]:
    """Yield the segments of the printed line ``raw[start:end]``; ``front``: where a YAML block ends."""
    start, end = _trim(raw, start, end)
    if start >= end:
        return
    printed = raw[start:end]
    if start < front:
        if not printed.startswith("---"):
            yield Segment((Span(start, end),), printed, "yaml")
        return
    if _RULE.match(printed) or _COMMENT.match(printed):
        return
    row = printed.count("\t") >= 2 or printed[0] == "|"
    marker, at = _marker(raw, start, end)
    if row or not _SUSPECT.search(raw, at, end):
        if at < end:
            yield Segment((Span(at, end),), printed, marker, row=row)
        return
    for first, last, tag_marker, hard in _split(raw, at, end):
        spans = _content(raw, first, last)
        if spans:
            hidden = "" if hard else marker
            yield Segment(spans, printed, tag_marker or hidden, hard, bold=_bold(raw, first, last))


def items(raw: str, segment: Segment) -> Iterator[Segment]:
    """Yield the items of a numbered segment: a new one starts where, after a sentence, the count goes on by one."""
    mark = _mark(raw, segment.spans[0])
    if mark is None or mark.style not in _COUNTED or len(segment.spans) > 1 or segment.row:
        yield segment
        return
    start, end = segment.spans[0].start, segment.spans[0].end
    part = segment
    for found in _NEXT_ITEM.finditer(raw, start, end):
        after = _mark(raw, Span(found.end(), end))
        if after is not None and (after.style, after.value) == (mark.style, mark.value + 1):
            sentence = found.start() + 1
            yield replace(part, spans=(Span(start, sentence),))
            start, mark = found.end(), after
            part = replace(part, spans=(Span(start, end),), hard=True, bold=0)
    yield part


def _mark(raw: str, span: Span) -> Ordinal | None:
    return ordinal(normalise(raw[span.start : min(span.end, span.start + 16)]))


def _trim(raw: str, start: int, end: int) -> tuple[int, int]:
    found = _LEFT.match(raw, start, end)
    start = found.end() if found else start
    while end > start and (raw[end - 1].isspace() or raw[end - 1] in "\ufeff\u200b"):
        end -= 1
    return start, end


def _marker(raw: str, start: int, end: int) -> tuple[str, int]:
    """Return the markdown marker at the start of a line and the offset behind it."""
    first = raw[start]
    if first == "#" and (found := _HEADING.match(raw, start, end)):
        return found.group(1), found.end()
    if first == ">" and (found := _QUOTE.match(raw, start, end)):
        return ">", found.end()
    if first in "-*+•●■◆▪▶◇" and (found := _BULLET.match(raw, start, end)):
        return "-", found.end()
    if first == "$" and (found := _LATEX_ORDINAL.match(raw, start, end)):
        return "ordinal", found.end()
    return "", start


def _split(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str, bool]]:
    """Yield (start, end, marker, hard) of the parts between block tags and before bold run-in titles."""
    at, marker, hard, opening = start, "", False, True
    for mark in _INLINE.finditer(raw, start, end):
        name = (mark.group("name") or "").lower()
        cut = name in _BLOCK
        if mark.group() == "**":
            before = raw[at : mark.start()].rstrip()
            cut = opening and bool(before) and before[-1] in _SENTENCE_END
            opening = not opening
        if cut:
            yield at, mark.start(), marker, hard
            at, hard = mark.start(), True
            marker = _tag_marker(name, mark.group()) or (marker if mark.group()[:2] != "</" and not name else "")
    yield at, end, marker, hard


def _tag_marker(name: str, tag: str) -> str:
    if tag.startswith("</"):
        return ""
    if name == "li":
        return "-"
    return "#" * int(name[1]) if len(name) == 2 and name[0] == "h" and name[1].isdigit() else ""


def _content(raw: str, start: int, end: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = start
    for mark in _INLINE.finditer(raw, start, end):
        if mark.start() > at:
            spans.append(Span(at, mark.start()))
        at = mark.end()
    if at < end:
        spans.append(Span(at, end))
    while spans and not raw[spans[0].start : spans[0].end].strip():
        spans.pop(0)
    while spans and not raw[spans[-1].start : spans[-1].end].strip():
        spans.pop()
    return tuple(spans)


def _bold(raw: str, start: int, end: int) -> int:
    """Return how many characters of normalised text at the start are bold."""
    if not raw.startswith("**", start):
        return 0
    close = raw.find("**", start + 2, end)
    return len(normalise(raw[start + 2 : close])) if close > 0 else 0
