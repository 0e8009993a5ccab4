"""What a language model is asked: the question, what it is handed, how the answer is formed; and the request for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prompts import load
from rag.handout import Handout
from rag.llm import Message
from rag.types import NOT_FOUND

Kind = Literal["answer", "compare", "list"]


@dataclass(frozen=True, slots=True)
class Task:
    """The completed question, the handout, the form of the answer and, where there is one, a limit of characters."""

    question: str
    handout: Handout
    kind: Kind
    max_chars: int | None = None


def messages_of(task: Task) -> tuple[Message, ...]:
    """Return the request for a task: the rules, then the passages and the question."""
    given = {"question": task.question, "passages": task.handout.passages}
    if task.kind != "list":
        given["excerpt"] = task.handout.excerpt
    if task.max_chars:
        given["question"] += f"（回答不超过 {task.max_chars} 字）"
    system = load("system").fill(not_found=NOT_FOUND)
    return (Message("system", system), Message("user", load(task.kind).fill(**given)))
