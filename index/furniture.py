"""Page furniture: the page numbers, and the headers and footers that repeat on the pages of a document."""

from __future__ import annotations

import re
from collections import Counter

from index.joins import is_new
from index.physical import Group, Piece, goes_on, groups_of

_PAGE_NUMBER = re.compile(
    r"[-—–－·~]{1,3}\s*\d{1,4}\s*[-—–－·~]{1,3}|第\s*\d{1,4}\s*页(?:[，,/]?\s*共\s*\d{1,4}\s*页)?"
    r"|\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?"
)
_DIGITS = re.compile(r"\d+")
_HEAD_LINES = 12


def without_furniture(pieces: list[Piece]) -> list[Piece]:
    """Leave out page numbers and the headers and footers that repeat on the pages."""
    numbers = _page_numbers(pieces)
    headers = _headers(pieces, numbers)
    kept: list[Piece] = []
    for i, piece in enumerate(pieces):
        if i in numbers or i in headers:
            continue
        if i - 1 in numbers or i - 1 in headers:
            piece.gap = max(piece.gap, 2)
        kept.append(piece)
    return kept


def _page_numbers(pieces: list[Piece]) -> set[int]:
    found = {i for i, p in enumerate(pieces) if len(p.text) <= 16 and _is_page_number(p)}
    bare = [i for i, p in enumerate(pieces) if len(p.text) <= 4 and p.text.isascii() and p.text.isdigit()]
    values = [int(pieces[i].text) for i in bare]
    rising = sum(b > a for a, b in zip(values, values[1:], strict=False))
    if len(bare) > 1 and rising >= 0.8 * (len(bare) - 1):
        return found | set(bare)
    return found | {i for i in bare if pieces[i].edge or i + 1 >= len(pieces) or pieces[i + 1].edge}


def _is_page_number(piece: Piece) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(piece.segment.printed) or _PAGE_NUMBER.fullmatch(piece.text))


def _headers(pieces: list[Piece], numbers: set[int]) -> set[int]:
    """Return repeated short lines of which at least one stands at a page break or inside a sentence."""
    keys = {i: _DIGITS.sub("#", p.text) for i, p in enumerate(pieces) if _may_repeat(p)}
    counts = Counter(keys.values())
    often = {k for k, n in counts.items() if n >= 3}
    if not often:
        return set()
    at = [i for i, k in keys.items() if k in often]
    whole = groups_of([p for i, p in enumerate(pieces) if i not in numbers], 0)
    homes = {id(p): number for number, group in enumerate(whole) for p in group.pieces}
    proven = {
        keys[i] for i in at if _at_break(pieces, numbers, i) or _inside(whole, homes.get(id(pieces[i]), -1))
    }
    first: set[str] = set()
    found: set[int] = set()
    for i in at:
        if keys[i] in proven and (keys[i] in first or i >= _HEAD_LINES):
            found.add(i)
        first.add(keys[i])
    return found


def _may_repeat(piece: Piece) -> bool:
    text = piece.text
    return (
        3 <= len(text) <= 50
        and not piece.segment.marker
        and not piece.segment.row
        and text[-1] not in "。；;：:，,、！？"
        and not is_new(text, "")
    )


def _at_break(pieces: list[Piece], numbers: set[int], i: int) -> bool:
    if pieces[i].edge or i - 1 in numbers or i + 1 in numbers:
        return True
    if not 0 < i < len(pieces) - 1:
        return False
    near = [Group([p], p.text) for p in pieces[i - 1 : i + 2]]
    return pieces[i + 1].edge or _inside(near, 1)


def _inside(groups: list[Group], i: int) -> bool:
    """Whether the i-th line stands inside a sentence: the one before it goes on in the one after it."""
    if not 0 < i < len(groups) - 1 or len(groups[i].pieces) > 1:
        return False
    before, after = groups[i - 1], groups[i + 1]
    region = before.pieces[-1].region == after.pieces[0].region
    return region and len(before.text) >= 15 and goes_on(before, after, 0)
