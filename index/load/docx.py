"""Word files: paragraphs with their automatic numbers, headings as "#" lines, tables, text boxes, footnotes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Protocol

from index.config import Limits
from index.errors import LoadError, MissingPackageError
from index.load.docx_styles import Styles, W, child, value
from index.load.guard import DAMAGED, check_zip
from index.load.writer import Draft, Writer, one_line
from index.load.xml import Element

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SKIP = frozenset({W + name for name in ("pPr", "rPr", "del", "moveFrom", "instrText", "rt")} | {_FALLBACK})
_INNER = frozenset(W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_FOOTNOTES = "/footnotes"
_BROKEN = (SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError, RecursionError)


def read(data: bytes, limits: Limits) -> Draft:
    """Read a document's body as it is shown: insertions in, deletions out; page heads and feet left out.

    Raises:
        LoadError: the file is damaged, encrypted or no Word file.
    """
    try:
        import docx
        from docx.opc.exceptions import PackageNotFoundError
    except ImportError as error:
        raise MissingPackageError("读取 .docx 需要 python-docx", "pip install python-docx") from error
    check_zip(data, limits)
    try:
        part = docx.Document(io.BytesIO(data)).part
        roots = {relation.reltype.rpartition("/")[2]: relation for relation in part.rels.values()}
        body = _Body(Styles(_root(roots.get("styles")), _root(roots.get("numbering"))))
        body.write(part.element.body, _root(roots.get("footnotes")))
    except (PackageNotFoundError, *DAMAGED, *_BROKEN) as error:
        raise LoadError("Word 文件已损坏，无法解析", "请用 Word 或 WPS 打开后另存为 .docx") from error
    return body.writer.draft()


class _Relation(Protocol):
    is_external: bool
    target_part: object


def _root(relation: _Relation | None) -> Element | None:
    """Return the XML root of a related part, or None."""
    if relation is None or relation.is_external:
        return None
    part = relation.target_part
    element: Element | None = getattr(part, "element", None)
    if element is None:
        from docx.oxml.parser import parse_xml

        element = parse_xml(getattr(part, "blob", b""))
    return element


class _Body:
    """Writes the blocks of a document in order."""

    def __init__(self, styles: Styles) -> None:
        self.writer = Writer()
        self._styles = styles
        self._blank = True

    def write(self, body: Element, footnotes: Element | None) -> None:
        blocks = list(_blocks(body))
        empty = sum(block.tag == W + "p" and not _text(block).strip() for block in blocks)
        # Where empty paragraphs part the text, a paragraph is only a line: keep lines and blank lines as they are.
        self._blank = empty * 8 < len(blocks)
        for block in blocks:
            self._block(block)
        for note in footnotes if footnotes is not None else ():
            if note.get(W + "type") is None:
                self._note(note)

    def _block(self, block: Element) -> None:
        if block.tag == W + "tbl":
            self._table(block)
            return
        text = _text(block).strip(" \n")
        number, heading = self._styles.describe(block)
        if text.strip():
            self.writer.paragraph(one_line(text) if heading else text, prefix=heading + number, blank=self._blank)
        elif not self._blank and self.writer.at:
            self.writer.end_line()
            self.writer.add("\n")
        for box in block.iter(W + "txbxContent"):
            if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
                for inner in _blocks(box):
                    self._block(inner)

    def _table(self, table: Element) -> None:
        rows = [_row(row) for row in _children(table, W + "tr")]
        if max((len(cells) for cells in rows), default=0) > 1:
            self.writer.table(enumerate(([self._cell(cell) for cell in cells] for cells in rows), 1))
            return
        # One column: a frame around text, not a table.
        for cells in rows:
            for cell in cells:
                for block in _blocks(cell) if cell is not None else ():
                    self._block(block)

    def _cell(self, cell: Element | None) -> str:
        """Return a cell's text in one line; a table inside it is flattened."""
        if cell is None:
            return ""
        parts = []
        for paragraph in cell.iter(W + "p"):
            if not any(parent.tag == _FALLBACK for parent in paragraph.iterancestors()):
                number, _ = self._styles.describe(paragraph)
                text = _text(paragraph)
                parts.append(number + text if text.strip() else "")
        return one_line(" ".join(parts))

    def _note(self, note: Element) -> None:
        text = one_line(" ".join(_text(paragraph) for paragraph in note.iter(W + "p")))
        if text:
            self.writer.paragraph(text, prefix="注：")


def _blocks(parent: Element) -> Iterator[Element]:
    """Yield paragraphs and tables, looking into content controls and insertions."""
    for element in parent:
        if element.tag in (W + "p", W + "tbl"):
            yield element
        elif element.tag in _INNER:
            yield from _blocks(element)


def _children(parent: Element, tag: str) -> Iterator[Element]:
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag in _INNER:
            yield from _children(element, tag)


def _row(row: Element) -> list[Element | None]:
    """Return the row's cells, None at each place that a merged cell covers."""
    cells: list[Element | None] = [None] * value(child(row, "trPr"), "gridBefore", 0)
    for cell in _children(row, W + "tc"):
        properties = child(cell, "tcPr")
        merge = child(properties, "vMerge")
        follows = merge is not None and merge.get(W + "val") in (None, "continue")
        cells += [None if follows else cell] + [None] * (value(properties, "gridSpan", 1) - 1)
    return cells


def _text(element: Element) -> str:
    return "".join(_pieces(element))


def _pieces(element: Element) -> Iterator[str]:
    """Yield the shown text below an element: no field codes, deletions, hidden runs, text boxes."""
    for part in element:
        tag = part.tag
        if tag in (W + "t", _MATH_TEXT):
            yield part.text or ""
        elif tag == W + "tab":
            yield "\t"
        elif tag in (W + "br", W + "cr"):
            yield "\n"
        elif tag == W + "noBreakHyphen":
            yield "-"
        elif tag in _SKIP or tag == W + "txbxContent":
            continue
        elif tag != W + "r" or child(child(part, "rPr"), "vanish") is None:
            yield from _pieces(part)
