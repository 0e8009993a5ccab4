"""A model's stream of text -> whole sentences with the citation keys they carry, as soon as each is complete."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.plain_text import PlainText, settled

KEY = re.compile(r"[0-9a-f]{8}")
_MARK = re.compile(r"\s*[\[【［]([^\[\]【】［］\n]{0,200})[\]】］]")
_KEYS = re.compile(r"[\s,，、;；|#k编号：:标记]*(?:[0-9a-fA-F]{8}[\s,，、;；|]*)+")
_FOREIGN = re.compile(r"[\s\dA-Za-z,，、;；|^#:_-]*|(?:资料|来源|出处|编号|标记|key)\s*[\dA-Za-z,，、 -]*")
NEAR = 20
"""Keys may follow the end of a sentence after so many spaces and line breaks."""
_END = re.compile(r"[。！？!?]{1,20}[”’」』）)]{0,20}|\n")
_HELD_END = re.compile(rf"(?:\s{{0,{NEAR}}}[\[【［][^\[\]【】［］\n]{{0,200}}(?:[\]】］]|\Z)){{1,20}}[。；;，,]?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_READ = re.compile("[\u4e00-\u9fff，。、；：！？… ]*")
_NUMERAL = re.compile("[零〇一二两兩三四五六七八九十百千万萬亿億壹贰貳叁參肆伍陆陸柒捌玖拾佰仟廿卅半几幾多双雙第]")
LONGEST = 400
"""A sentence of more characters without an end mark is cut, at a comma or before its keys where there are any."""
_PAUSE = re.compile(r"[，,、；;：:]")


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence as the model wrote it, with its keys in place; ``lead`` is the line break before it, or ""."""

    raw: str
    lead: str = ""

    @property
    def bare(self) -> str:
        """Return the sentence without keys and other marks."""
        return _MARK.sub(lambda m: "" if _is_mark(m.group(1)) else m.group(), self.raw).strip()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys in order, in lower case, each once."""
        found = (k for m in _MARK.finditer(self.raw) if _KEYS.fullmatch(m.group(1)) for k in _keys(m.group(1)))
        return tuple(dict.fromkeys(found))

    def written(self, number: Callable[[str], int | None]) -> str:
        """Return the sentence with each key as its number, "[1]"; a key without a number is left out."""

        def put(match: re.Match[str]) -> str:
            if not _is_mark(match.group(1)):
                return match.group()
            numbers = dict.fromkeys(number(k) for k in _keys(match.group(1)))
            return "".join(f"[{n}]" for n in numbers if n is not None)

        return _MARK.sub(put, self.raw).strip().replace("](", "] (")


def _keys(text: str) -> list[str]:
    return KEY.findall(text.lower())


def _is_mark(text: str) -> bool:
    """Whether what stands in brackets is a citation, real or made up, and not words of the sentence."""
    return not _YEAR.fullmatch(text) and bool(_KEYS.fullmatch(text) or _FOREIGN.fullmatch(text))


class Pieces:
    """Cuts a stream of text into sentences. Feed it each piece as it comes, then ``rest``.

    The sentences do not depend on how the stream was cut, but for a thought that ends and never began: of the text
    before it only what was not yet given out is taken back. ``chars`` counts what was fed beside thoughts.
    """

    def __init__(self) -> None:
        self._plain = PlainText()
        self._pending = ""
        self._lead = ""
        self._begun = False
        self.chars = 0

    def feed(self, delta: str) -> list[Piece]:
        """Return the sentences that became complete."""
        return list(self._cut(delta, last=False))

    def rest(self) -> list[Piece]:
        """Return what is left at the end of the stream."""
        return list(self._cut("", last=True))

    def preview(self) -> str:
        """Return the start of the sentence that is being written, up to the first character of a figure or a name."""
        if self._plain.hidden:
            return ""
        words = _READ.match(settled(self._pending))
        return _NUMERAL.split(words.group() if words else "", maxsplit=1)[0].strip()

    def _cut(self, delta: str, *, last: bool) -> Iterator[Piece]:
        hidden = self._plain.hidden
        words = self._plain.feed(delta, last=last)
        self.chars += 0 if hidden and self._plain.hidden else len(delta)
        self._pending = words if self._plain.restarted else self._pending + words
        text, at = self._pending, 0
        while at < len(text):
            stop, broken = _stop(text, at, last=last)
            if stop <= at:
                break
            if sentence := settled(text[at:stop].strip()):
                yield Piece(sentence, self._lead)
                self._lead, self._begun = "", True
            if broken and self._begun:
                self._lead = "\n"
            at = stop
        self._pending = text[at:]


def _stop(text: str, at: int, *, last: bool) -> tuple[int, bool]:
    """Return where the sentence that starts there ends, with its keys, and whether a line ends; 0: not known yet."""
    found = _END.search(text, at, at + LONGEST + 1)
    if not found:
        return (_short(text, at) if len(text) - at > LONGEST else len(text) if last else 0), False
    if found.group() == "\n":
        return found.end(), True
    found = _END.match(text, found.start()) or found  # without the limit
    end = found.end()
    marks = _HELD_END.match(text, end)
    stop = marks.end() if marks else end
    rest = text[stop : stop + NEAR + 1]
    if not last and len(rest) <= NEAR and not rest.strip():
        return 0, False  # the keys of this sentence may still come
    return stop, "\n" in text[end:stop]


def _short(text: str, at: int) -> int:
    """Return where a sentence that is too long is cut: before a key that is not closed, after a comma, or anywhere."""
    window = text[at : at + LONGEST]
    opened = max(window.rfind(mark) for mark in "[【［")
    if opened > 0 and not re.search(r"[\]】］]", window[opened:]):
        window = window[:opened]
    pauses = [m.end() for m in _PAUSE.finditer(window, LONGEST // 2)]
    return at + (pauses[-1] if pauses else len(window))
