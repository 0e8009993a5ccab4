"""The JSON object in a model's answer, which may stand among prose, thoughts and code fences."""

from __future__ import annotations

import json
from typing import Any

LONGEST = 20_000
"""Characters of an answer, from its end, that are read."""
_DECODER = json.JSONDecoder()


def last_object(text: str) -> dict[str, Any]:
    """Return the last JSON object of a text that is none's part, {} where there is none."""
    text = text[-LONGEST:]
    found: dict[str, Any] = {}
    at = text.find("{")
    while at >= 0:
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return found
