"""Web pages: paragraphs, headings as "#" lines, tables with their spans unfolded; scripts and hidden parts left out."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Protocol

from index.config import Limits
from index.errors import LoadError, MissingPackageError
from index.load.encoding import decode
from index.load.writer import Draft, Writer, one_line
from index.load.xml import Element

_SKIP = frozenset(
    "script style noscript template head nav button select textarea svg iframe object audio video canvas rt rp".split()
)
_BLOCK = frozenset(
    "p div section article main header footer aside blockquote pre ul ol li dl dt dd table caption thead tbody tfoot"
    " tr td th form fieldset figure figcaption address hr body html center details summary".split()
)
_HEADING = {f"h{n}": "#" * n + " " for n in range(1, 7)}
_HIDDEN = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{2,20})""")
_NUMBERED = re.compile(r"[(（第]?[\d一二三四五六七八九十①-⑳]")
_SAME = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}
_MAX_SPAN = 200


def read(data: bytes, limits: Limits) -> Draft:
    """Read a page.

    Raises:
        LoadError: no text in a known encoding, or nothing that is markup.
    """
    try:
        from lxml import etree
    except ImportError as error:
        raise MissingPackageError("读取 .html 需要 lxml", "pip install lxml") from error
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(_decode(data).encode("utf-8", "replace"), parser)
    except SyntaxError as error:
        raise LoadError("网页无法解析", "请用浏览器打开后另存为网页或 PDF") from error
    page = _Page()
    if root is not None:
        page.walk(etree.iterwalk(root, events=("start", "end")))
    return page.writer.draft()


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = declared[1].decode().lower()
        try:
            return data.decode(_SAME.get(name, name))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def _skipped(element: Element) -> bool:
    style = element.get("style") or ""
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return element.tag in _SKIP or hidden or bool(_HIDDEN.search(style))


class _Events(Protocol):
    def __iter__(self) -> Iterator[tuple[str, Element]]: ...
    def skip_subtree(self) -> None: ...


class _Page:
    """Collects inline text and hands it to the writer at each block's edge."""

    def __init__(self) -> None:
        self.writer = Writer()
        self._text: list[str] = []
        self._prefix = ""
        self._pre = 0
        self._numbers: dict[Element, int] = {}

    def walk(self, events: _Events) -> None:
        for event, element in events:
            tag = element.tag
            if event == "start":
                if _skipped(element) or (tag == "table" and self._table(element)):
                    events.skip_subtree()
                    continue
                self._start(element)
                self._add(element.text)
            else:
                if tag in _BLOCK or tag in _HEADING:
                    self._flush()
                self._pre -= tag == "pre"
                self._add(element.tail)
        self._flush()

    def _start(self, element: Element) -> None:
        tag = element.tag
        if tag in _BLOCK or tag in _HEADING:
            self._flush()
        if tag == "br":
            self._text.append("\n")
        self._pre += tag == "pre"
        if tag in _HEADING:
            self._prefix = _HEADING[tag]
        elif tag == "li":
            self._prefix = self._ordinal(element)

    def _add(self, text: str | None) -> None:
        if text:
            self._text.append(text if self._pre else re.sub(r"\s+", " ", text))

    def _ordinal(self, element: Element) -> str:
        """Return the number that a browser prints before an item of an ordered list."""
        parent = element.getparent()
        if parent is None or parent.tag != "ol" or (parent.get("type") or "1") != "1":
            return ""
        start, value = parent.get("start") or "1", element.get("value") or ""
        last = self._numbers.get(parent, (int(start) if start.isdecimal() else 1) - 1)
        self._numbers[parent] = int(value) if value.isdecimal() else last + 1
        return f"{self._numbers[parent]}. "

    def _flush(self) -> None:
        lines = [one_line(line) for line in "".join(self._text).split("\n")]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
        self._text.clear()
        if not text:
            return
        heading = self._prefix.startswith("#")
        if heading:
            text = one_line(text)
        prefix = "" if not heading and _NUMBERED.match(text) else self._prefix
        self._prefix = ""
        self.writer.paragraph(text, prefix=prefix)

    def _table(self, table: Element) -> bool:
        """Write a table of data; False for a table that only lays out the page."""
        if table.find(".//table") is not None:
            return False
        rows = list(_grid(table))
        if len(rows) < 2 or max(len(cells) for cells in rows) < 2:
            return False
        self._flush()
        caption = table.find("caption")
        if caption is not None and (title := _cell(caption)):
            self.writer.paragraph(title)
        self.writer.table(enumerate(rows, 1))
        return True


def _grid(table: Element) -> Iterator[list[str]]:
    """Yield the rows with an empty cell at each place that a span covers."""
    covered: dict[int, int] = {}
    for row in table.iter("tr"):
        cells: list[str] = []
        later: dict[int, int] = {}
        for cell in row.iterchildren("td", "th"):
            while len(cells) in covered:
                cells.append("")
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            if high > 1:
                later.update(dict.fromkeys(range(len(cells), len(cells) + wide), high - 1))
            cells += [_cell(cell)] + [""] * (wide - 1)
        while len(cells) in covered:
            cells.append("")
        covered = {**{place: left - 1 for place, left in covered.items() if left > 1}, **later}
        yield cells


def _span(cell: Element, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isdecimal() else 1


def _cell(element: Element) -> str:
    return one_line("".join(_pieces(element)))


def _pieces(element: Element) -> Iterator[str]:
    """Yield the visible text inside the element, with a space at each edge of a block."""
    yield element.text or ""
    for child in element:
        if not _skipped(child):
            edge = " " if child.tag in _BLOCK or child.tag == "br" else ""
            yield edge
            yield from _pieces(child)
            yield edge
        yield child.tail or ""
