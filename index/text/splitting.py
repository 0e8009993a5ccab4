"""Sentences of a normalised text."""

from __future__ import annotations

import re

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
