"""What the program needs of a language model, and the key of a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a request."""

    role: Role
    content: str


class LanguageModel(Protocol):
    """Answers a request with text, piece by piece. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Return the name to show."""

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Yield the pieces of the answer as they come. Closing the generator stops the model.

        Raises:
            ModelError: no answer, or none to the end; what was yielded before stands.
        """


def complete(model: LanguageModel, messages: Sequence[Message]) -> str:
    """Return the whole answer at once; ModelError as ``stream``."""
    return "".join(model.stream(messages))


def request_key(messages: Sequence[Message]) -> str:
    """Return the key of a request: 16 hex digits of the SHA-256 of its messages as JSON.

    The model's name and the endpoint are not part of it, so that answers of any model can be read back.
    """
    text = json.dumps([[m.role, m.content] for m in messages], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
