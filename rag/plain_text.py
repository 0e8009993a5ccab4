"""A model's stream of text -> the words to read: no thoughts, links, mark-up, or characters that are not for reading.

What is taken out does not depend on how the stream was cut: a mark that may still become one is held back until what
follows decides. Every mark has a greatest length, so that little is held back and time grows with the length alone.
"""

from __future__ import annotations

import re

_SCHEME = r"(?:https?:|ftp:|data:|javascript:)//?"
_REST = r"[^\s，。；）)\]】]"
_TARGET = r"(?:https?:|/|\#|data:|javascript:|www\.)"
_LABEL, _PLACE = r"\[[^\[\]\n]{0,200}", r"\([^)\n]{0,400}"


def _starts(*words: str) -> str:
    """Return the pattern of every beginning of the words, the longest first."""
    return "|".join(sorted({re.escape(word[:n]) for word in words for n in range(1, len(word) + 1)}, key=len)[::-1])


_MARKS = re.compile(
    rf"!{_LABEL}\]{_PLACE}\)|\[(?P<words>[^\[\]\n]{{1,200}})\]\({_TARGET}[^)\n]{{0,400}}\)|{_SCHEME}{_REST}{{1,2000}}"
    r"|</?[a-z!][^<>\n]{0,400}>|<\|[^<>|\n]{0,40}\|>|\*|_{2,20}|`{3}[a-z]{0,20}|`"
    r"|(?P<line>\n)[ ]{0,3}(?:\#{1,6}[ ]{1,20}|>[ ]?)",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    rf"(?:!?{_LABEL}(?:\](?:{_PLACE})?)?|!|{_SCHEME}{_REST}{{0,2000}}"
    rf"|<(?:/?[a-z!][^<>\n]{{0,400}}|/|\|[^<>|\n]{{0,40}}\|?)?"
    r"|_{1,20}|`{1,3}|`{3}[a-z]{0,20}|\n[ ]{0,3}(?:\#{1,6}[ ]{0,20}|>)?"
    rf"|{_starts('https://', 'http://', 'ftp://', 'data://', 'javascript://')})\Z",
    re.IGNORECASE,
)
_UNREAD = re.compile(
    "(?P<line>\r\n?)|(?P<space>\t)"
    "|\x1b(?:\\[[0-9;?]{0,20}[A-Za-z]|\\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\\\))?|[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNREAD_MAYBE = re.compile("(?:\r|\x1b(?:\\[[0-9;?]{0,20}|\\][^\x07\x1b\n]{0,200}\x1b?)?)\\Z")
_THOUGHT = re.compile(r"<(?P<close>/)?think(?:ing)?>", re.IGNORECASE)
_THOUGHT_MAYBE = re.compile(rf"(?:{_starts('<think>', '<thinking>', '</think>', '</thinking>')})\Z", re.IGNORECASE)


class PlainText:
    """Feed it the stream; it returns the words.

    ``hidden``: a thought is being written. ``restarted``: in the last feed one ended that never began, so that all text
    before it was thought.
    """

    def __init__(self) -> None:
        self._unread = _Sieve(_UNREAD, _UNREAD_MAYBE)
        self._marks = _Sieve(_MARKS, _MAYBE, "\n")
        self._thought = ""
        self.hidden = False
        self.restarted = False

    def feed(self, delta: str, *, last: bool = False) -> str:
        """Return the words that became certain; ``last``: nothing follows."""
        spoken = self._spoken(self._unread.feed(delta, last=last), last=last)
        return self._marks.feed(spoken, last=last)

    def _spoken(self, text: str, *, last: bool) -> str:
        """Return the text without thoughts."""
        text = self._thought + text
        at, out = 0, ""
        self.restarted = False
        for match in _THOUGHT.finditer(text):
            closes = bool(match.group("close"))
            if closes and not self.hidden:
                out, self.restarted = "", True
                self._marks = _Sieve(_MARKS, _MAYBE, "\n")
            elif not self.hidden:
                out += text[at : match.start()]
            self.hidden = not closes
            at = match.end()
        maybe = None if last else _THOUGHT_MAYBE.search(text, at)
        stop = maybe.start() if maybe else len(text)
        self._thought = text[stop:]
        return out if self.hidden else out + text[at:stop]


def settled(text: str) -> str:
    """Return a whole sentence without what taking out one mark made of the text around it."""
    for _ in range(_DEEPEST):
        if (less := _MARKS.sub(_put, f"\n{text}").strip()) == text:
            break
        text = less
    return _OPENED.sub("＜", _URL.sub("", text))


_DEEPEST = 5
"""Marks within marks are taken apart so many times; what is left of deeper ones is no mark any more by ``_OPENED``."""
_OPENED = re.compile(r"<(?=[A-Za-z/!?|]|\Z)")
_URL = re.compile(f"{_SCHEME}", re.IGNORECASE)


def _put(match: re.Match[str]) -> str:
    found = match.groupdict()
    return "\n" if found.get("line") else " " if found.get("space") else found.get("words") or ""


class _Sieve:
    """Takes marks out of a stream; ``maybe`` finds what may still become one at the end of the text."""

    def __init__(self, marks: re.Pattern[str], maybe: re.Pattern[str], held: str = "") -> None:
        self._marks, self._maybe, self._held = marks, maybe, held

    def feed(self, text: str, *, last: bool) -> str:
        """Return the text as far as it is certain."""
        text = self._held + text
        maybe = None if last else self._maybe.search(text)
        out, at = [], 0
        while match := self._marks.search(text, at):
            if maybe and maybe.start() <= match.start():
                break
            out.append(text[at : match.start()] + _put(match))
            at = match.end()
            if maybe and maybe.start() < at:
                maybe = self._maybe.search(text, at)
        stop = maybe.start() if maybe else len(text)
        self._held = text[stop:]
        return "".join(out) + text[at:stop]
