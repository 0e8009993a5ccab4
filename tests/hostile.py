"""The catalogue of endpoints that are broken or lie: over 300 named cases, the same ones each time.

for case in catalogue():
    with scripted(case.behaviour) as server:
        ...  # ask; then case.planted(server.requests[-1]) must not stand in the answer unmarked
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.hostile_case import KEYS, Hostile, prompt_of
from tests.hostile_claims import claims
from tests.hostile_text import texts
from tests.hostile_wire import wire

__all__ = ["KEYS", "Hostile", "catalogue"]


def catalogue(*families: str, keys: str = KEYS, cite: Callable[[str], str] = "[{}]".format) -> tuple[Hostile, ...]:
    """Return the cases of the families, all where none is named.

    Args:
        families: names as in ``Hostile.family``.
        keys: pattern of a citation key as the prompt hands it out, the key as its first group.
        cite: how an answer cites a key.
    """
    read = partial(prompt_of, keys=keys, cite=cite)
    cases = (*wire(read), *texts(read), *claims(read))
    if unknown := set(families) - {case.family for case in cases}:
        raise ValueError(f"no such family: {sorted(unknown)}")
    return tuple(case for case in cases if not families or case.family in families)
