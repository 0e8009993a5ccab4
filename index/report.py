"""What a build did, document by document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

Progress = Callable[[str], None]
"""Told the key of each document before it is looked at."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The outcome of ``build`` or ``remove``. ``skipped`` names each file that was left out, with the reason.

    ``passages`` and ``records`` count the whole index as it is now; ``generation`` is its current generation
    ("" where there is no index because nothing could be read).
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    passages: int = 0
    records: int = 0
    seconds: float = 0.0
    generation: str = ""

    def to_json(self) -> str:
        """Return the report as one line of JSON."""
        values = asdict(self)
        values["skipped"] = [{"file": file, "reason": reason} for file, reason in self.skipped]
        return json.dumps(values, ensure_ascii=False)
