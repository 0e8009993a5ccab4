"""Which of a model's sentences stand: each is held against the statements whose keys it carries."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.alike import altered, repeats
from rag.handout import Handed, defused
from rag.pieces import Piece
from rag.support import check_claim, has_figure, shared
from rag.task import Task
from rag.types import NOT_FOUND

INTRODUCTION = 40
"""A line up to this length in words of the question that ends with a colon introduces what follows: no source."""
QUOTED = 240
"""A statement of more characters is not put in the place of a sentence."""
SAME = 0.6
"""A statement that holds this share of a sentence's letter pairs says it."""
NEAREST = 3
CLOSE = 0.3
"""Share of a failed sentence that a statement must speak of to take its place."""
NAMED = 0.15
"""Share of what a model says is missing that must be the question's own words."""
_ORDINAL = re.compile(r"^\s*\d{1,2}[.、．]\s*(?!\d)")
_TOTAL = re.compile(r"^\W*(?:以上)?(?:总?共|合计|总计)(?:有|计)?\s?\d+\s?\S{1,3}[。:：]?$")


class Standing:
    """Judges the sentences of one answer."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._held = task.handout.held

    def handed(self, key: str) -> Handed:
        """Return what was handed out under a key."""
        return self._held[key]

    def known(self, piece: Piece) -> list[str]:
        """Return those keys of a sentence that were handed out."""
        return [key for key in piece.keys if key in self._held]

    def judged(self, piece: Piece) -> tuple[Piece, str] | None:
        """Return the sentence and why it does not stand ("" where it does); None where nothing is to be said of it.

        One that its own keys do not carry gets the key of a statement that says it, where there is one.
        """
        bare = piece.bare
        if not re.search(r"\w", bare) or (self._task.kind == "list" and _TOTAL.match(bare)):
            return None
        keys = self.known(piece)
        if not keys and self._needs_no_source(bare):
            return piece, ""
        if not keys and bare.startswith(NOT_FOUND):
            return None
        reason = self._checked(bare, keys)
        if reason and (key := self._said_by(bare, keys)):
            return Piece(f"{bare}[{key}]", piece.lead), ""
        return piece, reason

    def quotation(self, piece: Piece, used: Collection[str]) -> Piece | None:
        """Return the statement that a sentence cites, in its place, when it speaks of the same and is not yet used."""
        cited = [(key, self._held[key]) for key in self.known(piece) if key not in used]
        fit = [(shared(piece.bare, h.statement.text), key, h.found or h.statement.text) for key, h in cited]
        best = max((f for f in fit if len(f[2]) <= QUOTED), key=lambda f: f[0], default=None)
        if best is None or best[0] < CLOSE:
            return None
        return Piece(f"{_ORDINAL.sub('', defused(best[2]))}[{best[1]}]", piece.lead)

    def _checked(self, bare: str, keys: Sequence[str]) -> str:
        held = [self._held[k] for k in keys]
        quotes = [quote for h in held for quote in (h.statement.text, h.found) if quote]
        return check_claim(bare, [h.evidence for h in held], self._task.question, quotes).reason

    def _said_by(self, bare: str, cited: Sequence[str]) -> str:
        """Return the key of the statement that says a sentence and carries it, or "".

        A rewording is not taken for said where a statement near it, or one that it cites, has been altered in it.
        """
        rated = [(shared(bare, h.statement.text), key) for key, h in self._held.items()]
        near = [key for _, key in sorted((r for r in rated if r[0] >= SAME), key=lambda r: -r[0])[:NEAREST]]
        sound = [key for key in near if not self._checked(bare, [key])]
        if exact := next((key for key in sound if repeats(bare, self._held[key].statement.text)), ""):
            return exact
        if any(altered(bare, [self._held[k].statement.text], self._held[k].evidence) for k in (*near, *cited)):
            return ""
        return next(iter(sound), "")

    def _needs_no_source(self, bare: str) -> bool:
        if has_figure(bare):
            return False
        if NOT_FOUND in bare:
            return shared(bare.replace(NOT_FOUND, ""), self._task.question) >= NAMED
        introduces = bare.endswith(("：", ":")) and len(bare) <= INTRODUCTION
        return introduces and shared(bare, self._task.question) >= CLOSE
