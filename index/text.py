"""Text with an offset map: normalising, sentences, search tokens.

Three forms of a text, from faithful to loose:

* ``normalise``: the quote. Only white space and invisible characters change, so a reader can check it against
  the file. ``quote_of(raw, spans)`` is the right-hand side of the span promise.
* ``tidy``: for the eye. LaTeX debris and markup become plain characters. Never used as a quote.
* ``fold``: for comparing and searching. NFKC, lower case, simplified characters, no subscript underscores.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from index.types import Span

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f"
_GAP = re.compile(f"[\\s{_INVISIBLE}]+")
_ANY_SPACE = re.compile(f"[^{_INVISIBLE}]")
# A space beside one of these is never meant in Chinese print; it comes from line breaks and OCR.
_WIDE = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6"
    "\U00020000-\U0003ffff“”‘’…—·]"
)
# No space stands before these in print: subscripts split off by OCR, closing marks, percent signs.
_GLUE = frozenset("₀₁₂₃₄₅₆₇₈₉ₓ²³_%‰℃°,.;:)]}")


def _keeps_space(before: str, after: str) -> bool:
    return not (_WIDE.match(before) or _WIDE.match(after) or after in _GLUE)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A normalised text with the origin of each of its characters.

    ``starts[i]`` is the raw offset of ``text[i]``; ``pieces[i]`` numbers the span of raw it was taken from.
    Both have the length of ``text``. A kept space stands for a whole run of white space.
    """

    text: str
    starts: array[int]
    pieces: array[int]

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Return raw spans whose ``quote_of`` equals ``text[start:end]`` without spaces at its ends.

        Raises:
            IndexError: the range does not lie inside the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"range {start}:{end} outside text of {len(self.text)} characters")
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        spans: list[Span] = []
        at = start
        while at < end:
            piece, stop = self.pieces[at], at + 1
            while stop < end and self.pieces[stop] == piece:
                stop += 1
            spans.append(Span(self.starts[at], self.starts[stop - 1] + 1))
            at = stop
        return tuple(spans)


def map_spans(raw: str, spans: Sequence[Span]) -> Mapped:
    """Join the raw spans in the given order and normalise them, keeping the origin of each character."""
    joined = "".join(raw[s.start : s.end] for s in spans)
    origin, piece = array("l"), array("l")
    for number, span in enumerate(spans):
        origin.extend(range(span.start, span.end))
        piece.extend([number] * len(span))
    parts: list[str] = []
    starts, pieces = array("l"), array("l")
    at = 0
    for gap in _GAP.finditer(joined):
        first, last = gap.span()
        parts.append(joined[at:first])
        starts.extend(origin[at:first])
        pieces.extend(piece[at:first])
        at = last
        visible = _ANY_SPACE.search(gap.group())
        inside = first > 0 and last < len(joined)
        if visible and inside and _keeps_space(joined[first - 1], joined[last]):
            parts.append(" ")
            starts.append(origin[first + visible.start()])
            pieces.append(piece[first + visible.start()])
    parts.append(joined[at:])
    starts.extend(origin[at:])
    pieces.extend(piece[at:])
    return Mapped("".join(parts), starts, pieces)


def quote_of(raw: str, spans: Sequence[Span]) -> str:
    """Return the text of the spans, joined in order and normalised: what a citation of them must say."""
    return normalise("".join(raw[s.start : s.end] for s in spans))


def normalise(text: str) -> str:
    """Drop invisible characters and white space that Chinese print does not have; else one plain space.

    Idempotent, and local: the normal form of a slice is the slice of the normal form (up to spaces at its ends).
    """
    parts: list[str] = []
    at = 0
    for gap in _GAP.finditer(text):
        first, last = gap.span()
        parts.append(text[at:first])
        at = last
        inside = first > 0 and last < len(text)
        if inside and _ANY_SPACE.search(gap.group()) and _keeps_space(text[first - 1], text[last]):
            parts.append(" ")
    parts.append(text[at:])
    return "".join(parts)


_LATEX = (
    (re.compile(r"\\geq?(?![a-z])"), "≥"),
    (re.compile(r"\\leq?(?![a-z])"), "≤"),
    (re.compile(r"\\times(?![a-z])"), "×"),
    (re.compile(r"\\pm(?![a-z])"), "±"),
    (re.compile(r"\\sim(?![a-z])"), "~"),
    (re.compile(r"\\(?:text|mathrm|rm)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\([%$#&_{}])"), r"\1"),
    (re.compile(r"[_^]\{([^{}]*)\}"), r"\1"),
)
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,80}>|\*\*|\$")
_SUBSCRIPT = re.compile(r"(?<=[A-Za-z])_(?=[0-9A-Za-z])")


def tidy(text: str) -> str:
    """Return the text for reading: LaTeX signs and markup replaced by plain characters."""
    if "\\" in text or "$" in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    return normalise(_SUBSCRIPT.sub("", _TAGS.sub("", text)))


@cache
def _simplified() -> dict[int, str]:
    """One-to-one traditional -> simplified characters, from OpenCC's dictionary (Apache-2.0)."""
    table: dict[int, str] = {}
    lines = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8").splitlines()
    for line in lines:
        traditional, _, simplified = line.partition("\t")
        if len(traditional) == 1 and simplified:
            table[ord(traditional)] = simplified.split(" ")[0]
    table[ord("\u5e7a")] = "\u4e48"
    return table


def simplify(text: str) -> str:
    """Replace traditional characters by simplified ones, one to one; the length stays."""
    return text.translate(_simplified())


def fold(text: str) -> str:
    """Return the form for comparing: NFKC, lower case, simplified characters, subscripts plain.

    White space is kept (one space a run) because it separates Latin words; see ``key``.
    """
    folded = unicodedata.normalize("NFKC", tidy(text)).lower().translate(_simplified())
    return re.sub(r"\s+", " ", folded).strip()


def key(text: str) -> str:
    """Return ``fold`` without white space: two printings of one phrase have the same key."""
    return fold(text).replace(" ", "")


def fold_map(text: str) -> tuple[str, list[int]]:
    """Fold character by character; return the folded text and, for each of its characters, its index in ``text``.

    Markup is left in place (``tidy`` is not applied), so that the map stays exact.
    """
    table = _simplified()
    out: list[str] = []
    origin: list[int] = []
    for i, char in enumerate(text):
        folded = unicodedata.normalize("NFKC", char).lower().translate(table)
        out.append(folded)
        origin.extend([i] * len(folded))
    return "".join(out), origin


_TOKEN = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
    r"|\d+(?:[.,]\d+)*%?|[^\W\d_]+\d*(?:\.\d+)?"
)


def tokens(text: str) -> list[str]:
    """Return search tokens: each Chinese character, each pair of neighbours, Latin words, numbers.

    Numbers lose their thousands separators and keep decimal point and percent sign ("13.5%" gives "13.5%"
    and "13.5"). Measured against word segmentation: shared evaluation notes, section 3.
    """
    found: list[str] = []
    for match in _TOKEN.finditer(fold(text)):
        run = match.group()
        if run[0].isdigit():
            number = run.replace(",", "")
            found.append(number)
            if number.endswith("%"):
                found.append(number[:-1])
        elif run[0] >= "\u3400" and not run[0].isascii():
            found.extend(run)
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            found.append(run)
    return found


_ENDS = re.compile(r"[。！？!?][”’」』）)]*|[；;]")
_ORDINAL = re.compile(r"(?<![\d.])(?:[(（]?(\d{1,2})[)）.、．](?!\d)|([①-⑳]))")
_OPEN, _CLOSE = "（(《〈", "）)》〉"


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the ``(start, end)`` of each sentence of a normalised text, in order, without spaces at the ends.

    Breaks follow 。！？ and, outside brackets, ；. An ordinal (1. / (1) / ①) that continues the running count
    starts a new sentence even where the one before has lost its full stop.
    """
    cuts = [0]
    for match in _ENDS.finditer(text):
        if match.group()[0] not in "；;" or not _depth(text, cuts[-1], match.start()):
            cuts.append(match.end())
    ordered = sorted({*cuts, *_ordinal_cuts(text), len(text)})
    found = []
    for start, end in zip(ordered, ordered[1:], strict=False):
        while start < end and text[start] == " ":
            start += 1
        while end > start and text[end - 1] == " ":
            end -= 1
        if start < end:
            found.append((start, end))
    return found


def _depth(text: str, start: int, end: int) -> int:
    depth = 0
    for char in text[start:end]:
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
    return depth


def _ordinal_cuts(text: str) -> set[int]:
    cuts: set[int] = set()
    expected = 1
    for match in _ORDINAL.finditer(text):
        value = int(match.group(1)) if match.group(1) else ord(match.group(2)) - ord("①") + 1
        if value == expected or value == 1:
            cuts.add(match.start())
            expected = value + 1
    return cuts if len(cuts) > 1 else set()
