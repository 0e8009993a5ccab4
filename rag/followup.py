"""A follow-up -> a question that stands on its own: what the last questions were about is put back."""

from __future__ import annotations

import re
from collections.abc import Sequence

_POINTS_BACK = re.compile(
    "^(?:那么?|这|它们?|他们?|她|其|该|此|上述|前者|后者|例子|换成|改成|再|还有|另外|同样)|"
    "(?:它们?|他们|那个|这个|该|上一个|这项|那项|这家|那家|同样)"
)
_SWITCH = re.compile("^(?:那么?|至于|换成|改成|再说说)?(.{1,30}?)(?:那边|那里|这边|方面)?(?:呢|怎么样|如何)[？?。]?$")
_SHORT = 12


def complete(question: str, history: Sequence[str]) -> str:
    """Return the question itself when it stands alone, else the last questions and it, joined.

    The form "前问；今问" keeps every word that was typed: nothing is guessed, and the reader sees what was asked.
    """
    asked = question.strip()
    earlier = [h.strip() for h in history if h.strip()]
    if not earlier or not needs_history(asked):
        return asked
    if switched := _SWITCH.match(asked):
        return f"{earlier[-1].rstrip('？?。 ')}——{switched.group(1)}？"
    before = " ".join(h.rstrip("？?。 ") for h in earlier[-2:])
    return f"{before}——{asked}"


def needs_history(question: str) -> bool:
    """Whether the question points back at what was said before, or is too short to stand alone."""
    return bool(_POINTS_BACK.search(question) or _SWITCH.match(question)) or len(question) <= _SHORT


def earlier_part(completed: str, asked: str) -> str:
    """Return what ``complete`` put before the question as typed; "" when nothing."""
    head, dash, _ = completed.rpartition("——")
    return head if dash and completed != asked else ""
