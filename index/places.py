"""Where an offset of a text stands for people: its page, its cell or its paragraph."""

from __future__ import annotations

from bisect import bisect_right

from index.types import Source


class Places:
    """Finds page and cell (or sheet and paragraph) of an offset from the reader's marks."""

    def __init__(self, source: Source) -> None:
        """Sort the source's marks for quick look-ups."""
        kinds = ("page", "cell", "paragraph")
        marks = {kind: sorted((m.start, m.end, m.label) for m in source.marks if m.kind == kind) for kind in kinds}
        self._marks = {kind: (tuple(m[0] for m in found), found) for kind, found in marks.items()}

    def at(self, offset: int) -> tuple[str, str]:
        """Return (page, cell) labels, "" where not known; a paragraph number stands in for a missing cell."""
        cell = self._label("cell", offset)
        if not cell and (paragraph := self._label("paragraph", offset)):
            cell = f"第{paragraph}段"
        return self._label("page", offset), cell

    def _label(self, kind: str, offset: int) -> str:
        starts, found = self._marks[kind]
        at = bisect_right(starts, offset) - 1
        return found[at][2] if at >= 0 and offset < found[at][1] else ""
