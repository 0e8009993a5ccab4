"""A language model completes a question and proposes what to search for. What it makes up is not taken over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prompts import load
from rag.llm import LanguageModel, Message, complete
from rag.llm.objects import last_object
from rag.types import Planned

QUERIES, PARTS = 3, 4
LONGER = 200
"""A completed question may be so many characters longer than what it was made from."""
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_NAMED = re.compile("《[^》]*》")


def plan(question: str, history: Sequence[str], model: LanguageModel) -> Planned:
    """Return the question completed, up to three search queries and the parts it falls into.

    An answer of another form, and anything with a figure or a title that the person did not mention, is left out;
    nothing left: the question as it is.

    Raises:
        ModelError: see ``LanguageModel.stream``.
    """
    earlier = "\n".join(history) or "（没有）"
    request = [Message("user", load("rewrite").fill(history=earlier, question=question))]
    said = last_object(complete(model, request))
    mentioned = f"{earlier}\n{question}"

    def lines(name: str, most: int) -> tuple[str, ...]:
        value = said.get(name)
        found = [_sound(item, mentioned) for item in value] if isinstance(value, list) else []
        return tuple(dict.fromkeys(line for line in found if line and line != question))[:most]

    completed = _sound(said.get("question"), mentioned)
    return Planned(completed or question, lines("queries", QUERIES), lines("parts", PARTS))


def _sound(value: object, mentioned: str) -> str:
    """Return the line, "" where it is none or names a figure or a title that was not mentioned."""
    if not isinstance(value, str):
        return ""
    line = " ".join(value.split())
    told = (*_FIGURE.findall(line), *_NAMED.findall(line))
    return line if len(line) <= len(mentioned) + LONGER and all(t in mentioned for t in told) else ""
