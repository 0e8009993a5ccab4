"""Physical lines, and which of them go on in the next one."""

from __future__ import annotations

from dataclasses import dataclass

from index.joins import Shape, continues, is_new
from index.markup import Segment


@dataclass(slots=True)
class Piece:
    """A physical line on its way to a logical one. ``region`` changes at every skipped range."""

    segment: Segment
    text: str
    gap: int
    region: int
    edge: bool


@dataclass(slots=True)
class Group:
    """Pieces that make one logical line, and their texts joined (for the rules, not for quotes)."""

    pieces: list[Piece]
    text: str


def groups_of(pieces: list[Piece], width: int) -> list[Group]:
    """Join until nothing changes: a line that has grown may now go on the one before it."""
    groups = [Group([piece], piece.text) for piece in pieces]
    while len(merged := _merged(groups, width)) < len(groups):
        groups = merged
    return groups


def _merged(groups: list[Group], width: int) -> list[Group]:
    merged: list[Group] = []
    for group in groups:
        if merged and goes_on(merged[-1], group, width):
            last = merged[-1]
            merged[-1] = Group(last.pieces + group.pieces, last.text + group.text)
        else:
            merged.append(group)
    return merged


def goes_on(group: Group, after: Group, width: int) -> bool:
    """Whether the second group goes on the line of the first; ``width`` is that of a full printed line, 0: none."""
    first, last, piece = group.pieces[0], group.pieces[-1], after.pieces[0]
    if last.region != piece.region or last.segment.row:
        return False
    if first.segment.bold == len(group.text) and first.segment.hard and not piece.segment.marker:
        # A bold run-in title that was cut in the middle.
        return group.text[-1] not in "。：:；" and not is_new(piece.text, group.text)
    shape = Shape(after.text, piece.segment.marker, piece.gap, piece.segment.row)
    return continues(group.text, first.segment.marker, shape, width, len(last.text))
