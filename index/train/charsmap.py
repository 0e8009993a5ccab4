"""Folding (NFKC, lower case, simplified characters) as one table that the ``tokenizers`` package applies by itself.

The table is what sentencepiece calls a precompiled character map: a double array over UTF-8 bytes (Darts) and the
replacements. So a tokenizer file alone folds a text, in whatever program it is opened.
"""

from __future__ import annotations

import struct
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.text import simplify

_LEAF, _IS_VALUE = 1 << 8, 1 << 31
_MOST = 1 << 21
"""Offsets beyond this need another form of unit; a table of single characters stays far below."""


@dataclass
class _Node:
    """A byte of the tree; ``value`` is where the replacement of the character that ends here begins."""

    children: dict[int, _Node] = field(default_factory=dict)
    value: int | None = None


def folded_characters() -> dict[str, str]:
    """Return every character that folding changes, with its replacement."""
    changed = {}
    for code in range(1, sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        folded = simplify(unicodedata.normalize("NFKC", char).lower())
        if folded != char:
            changed[char] = folded
    return changed


def charsmap(replacements: Mapping[str, str]) -> bytes:
    """Return the precompiled map of the replacements."""
    texts = bytearray()
    places: dict[str, int] = {}
    root = _Node()
    for char in sorted(replacements):
        folded = replacements[char]
        if folded not in places:
            places[folded] = len(texts)
            texts += folded.encode() + b"\0"
        node = root
        for byte in char.encode():
            node = node.children.setdefault(byte, _Node())
        node.value = places[folded]
    units = _double_array(root)
    packed = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(packed)) + packed + bytes(texts)


def _double_array(root: _Node) -> list[int]:
    """Lay the tree out: a child stands at its parent's base xor its byte, a value at the base itself.

    No two nodes share a base: a reader tells its own child by the label alone, and would take another's for it.
    """
    units: dict[int, int] = {0: 0}
    taken = {0}
    bases: set[int] = set()
    first_free = 1
    waiting = [(0, root, 0)]
    while waiting:
        place, node, label = waiting.pop()
        labels = [*node.children, *([0] if node.value is not None else [])]
        base = first_free
        while base in bases or any(base ^ byte in taken for byte in labels):
            base += 1
        bases.add(base)
        taken.update(base ^ byte for byte in labels)
        while first_free in taken:
            first_free += 1
        offset = place ^ base
        if offset >= _MOST:
            raise ValueError(f"the character map is too large: offset {offset}")
        units[place] = label | offset << 10 | (_LEAF if node.value is not None else 0)
        if node.value is not None:
            units[base] = node.value | _IS_VALUE
        waiting.extend((base ^ byte, child, byte) for byte, child in node.children.items())
    # A reader may look 255 units past the last one.
    return [units.get(at, 0) for at in range(max(units) + 257)]
