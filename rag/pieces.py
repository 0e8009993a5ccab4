"""A model's stream of text -> whole sentences with the citation keys they carry, as soon as each is complete."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

KEY = re.compile(r"[0-9a-f]{8}")
_MARK = re.compile(r"\s*[\[【［]([^\[\]【】［］\n]{0,200})[\]】］]")
_KEYS = re.compile(r"[\s,，、;；|#k编号：:标记]*(?:[0-9a-fA-F]{8}[\s,，、;；|]*)+")
_FOREIGN = re.compile(r"[\s\dA-Za-z,，、;；|^#:_-]*|(?:资料|来源|出处|编号|标记|key)\s*[\dA-Za-z,，、 -]*")
_END = re.compile(r"[。！？!?]+[”’」』）)]*|\n")
_HELD_END = re.compile(r"(?:\s*[\[【［][^\[\]【】［］\n]{0,200}(?:[\]】］]|$))+[。；;，,]?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_THINK = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_ORPHAN = re.compile(r"\A.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(
    "\x1b(?:\\[[0-9;?]*[A-Za-z]|\\][^\x07\x1b]*\x07?)?|[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,400}\)")
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((?:https?:|/|#|data:|javascript:|www\.)[^)\n]{0,400}\)")
_URL = re.compile(r"(?:https?|ftp|data|javascript)://?[^\s，。；）)\]】]+", re.IGNORECASE)
_TAGS = re.compile(r"</?[A-Za-z!][^<>\n]{0,400}>|<\|[^<>|\n]{0,40}\|>|```[a-z]*")
_STRESS = re.compile(r"\*{1,3}|_{2,3}|`+|^\s{0,3}#{1,6}\s+|^\s{0,3}>\s?", re.MULTILINE)
_UNSAFE = re.compile(r"[0-9０-９零〇一二两三四五六七八九十百千万亿半几多双%‰％第《“\"\[【［〔<*#`!\\&_（(ａ-ｚＡ-Ｚa-zA-Z\ud800-\udfff]")
LONGEST = 400
"""Characters without an end mark after which a sentence is taken for complete."""


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

        return _MARK.sub(put, self.raw).strip()


def _keys(text: str) -> list[str]:
    return KEY.findall(text.lower())


def _is_mark(text: str) -> bool:
    """Whether what stands in brackets is a citation, real or made up, and not words of the sentence."""
    return not _YEAR.fullmatch(text) and bool(_KEYS.fullmatch(text) or _FOREIGN.fullmatch(text))


def plain_text(text: str) -> str:
    """Return a model's text without thoughts, links, mark-up and characters that are not for reading."""
    text = _ORPHAN.sub("", _THINK.sub("", text), count=1)
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return _STRESS.sub("", _TAGS.sub("", _URL.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text)))))


class Pieces:
    """Cuts a stream of text into sentences. Feed it each piece as it comes, then ``rest``."""

    def __init__(self) -> None:
        self._raw = ""
        self._taken = 0
        self.chars = 0

    def feed(self, delta: str) -> list[Piece]:
        """Return the sentences that became complete."""
        self._raw += delta
        self.chars += len(delta)
        return list(self._cut(last=False))

    def rest(self) -> list[Piece]:
        """Return what is left at the end of the stream."""
        return list(self._cut(last=True))

    def preview(self) -> str:
        """Return the start of the sentence that is being written, up to the first character of a figure or a name."""
        if self._thinking():
            return ""
        pending = plain_text(self._raw)
        found = _UNSAFE.search(pending)
        return pending[: found.start()].strip() if found else pending.strip()

    def _thinking(self) -> bool:
        opened = self._raw.lower().rfind("<think")
        return opened >= 0 and "</think" not in self._raw.lower()[opened:]

    def _cut(self, *, last: bool) -> Iterator[Piece]:
        if not last and self._thinking():
            return
        text = plain_text(self._raw) if last or _END.search(self._raw) or len(self._raw) > LONGEST else ""
        if not text:
            return
        at, lead = 0, ""
        while match := _END.search(text, at):
            end = match.end()
            marks = _HELD_END.match(text, end) if match.group() != "\n" else None
            stop = marks.end() if marks else end
            if not last and stop >= len(text) - 1:
                break  # the keys of this sentence may still come
            if sentence := text[at:stop].strip():
                yield Piece(sentence, lead)
                lead = ""
            if match.group() == "\n" or text[end:stop].find("\n") >= 0:
                lead = "\n"
            at = stop
        pending = text[at:]
        if last or len(pending) > LONGEST:
            if pending.strip():
                yield Piece(pending.strip(), lead)
            pending, lead = "", ""
        self._raw = ("\n" if lead else "") + pending
