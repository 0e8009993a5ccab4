"""One hostile case, and the reading of a prompt that the attacks made from it need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.llm_server import DONE, Behaviour, Request, Step, deltas, pieces_of, reply, stream

KEYS = r"\[([0-9a-f]{8})\]"
Outcome = Literal["none", "faulty", "text"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as the prompt shows it: its citation key and its text."""

    key: str
    text: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return the sentences of the passage that have some length, without their full stops."""
        found = (part.strip(' \t#*->|"：。；') for part in re.split(r"(?<=[。；！？])|\n", self.text))
        return tuple(part for part in found if len(part) >= 6)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What an attack knows: the passages handed out, in order, and the whole text."""

    passages: tuple[Shown, ...]
    text: str
    cite: Callable[[str], str] = "[{}]".format

    @property
    def honest(self) -> str:
        """Return an answer without fault: a sentence of the first passage with its key."""
        first = self.passages[0]
        return f"{first.sentences[0]}{self.cite(first.key)}。"


INVENTED = "企业每年应当减少用水量不低于 37 吨，改造后能耗提高 8%"
"""Stands in where a prompt holds no passage, or none that an attack can use."""
NO_KEY = "0000abcd"
_END = r"</|\n\s*(?:用户)?(?:问题|提问)|\n\s*#+ "
"""Where the last passage ends at the latest: an end mark, the question, a heading of the prompt."""


def prompt_of(request: Request, keys: str = KEYS, cite: Callable[[str], str] = "[{}]".format) -> Prompt:
    """Return the prompt of a request. A passage reaches from its key to the next key or to ``_END``.

    Args:
        request: the request with its messages.
        keys: pattern of a citation key as it is handed out, the key as its first group.
        cite: how a citation of a key is written.
    """
    found: dict[str, str] = {}
    for _, message in request.messages:
        marks = list(re.finditer(keys, message))
        for mark, following in zip(marks, [*marks[1:], None], strict=False):
            text = message[mark.end() : following.start() if following else len(message)]
            text = re.split(_END, text, maxsplit=1)[0]
            if len(text) > len(found.get(mark[1], "")) or mark[1] not in found:
                found[mark[1]] = text
    passages = [Shown(key, text) for key, text in found.items() if Shown(key, text).sentences]
    return Prompt(tuple(passages) or (Shown(NO_KEY, INVENTED),), request.prompt, cite)


@dataclass(frozen=True, slots=True)
class Forged:
    """An answer made from the prompt.

    ``planted``: texts that must not be shown unmarked (compare without white space, citations removed).
    ``wrong_keys``: keys that must not become citations of this answer.
    ``pieces``: the deltas in which it is streamed; none given: four characters each.
    """

    text: str
    planted: tuple[str, ...] = ()
    wrong_keys: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()


Attack = Callable[[Prompt], Forged]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A named behaviour of an endpoint that is broken, or lies.

    ``outcome``: what arrives. none: no visible text, with an error or without; faulty: text, with a fault in it or
    after it, which a client reads over or fails at; text: a whole answer, not to be trusted.
    This is of streamed requests; cases of the stream's form send a stream even where a whole answer was asked for.
    ``patience``: True where only the client's own limit of time or size ends it early.
    ``forge``: for content attacks, makes the answer from a request; ``behaviour`` sends just that.
    """

    name: str
    family: str
    behaviour: Behaviour
    outcome: Outcome = "text"
    patience: bool = False
    forge: Callable[[Request], Forged] | None = field(default=None, compare=False)

    def planted(self, request: Request) -> tuple[str, ...]:
        """Return the texts that the answer to this request must not show unmarked."""
        return self.forge(request).planted if self.forge else ()

    def wrong_keys(self, request: Request) -> tuple[str, ...]:
        """Return the keys that must not become citations of the answer to this request."""
        return self.forge(request).wrong_keys if self.forge else ()


def attack(name: str, family: str, made: Attack, read: Callable[[Request], Prompt]) -> Hostile:
    """Return the case that answers with what ``made`` forges from the prompt, streamed or whole as asked for."""

    def forge(request: Request) -> Forged:
        return made(read(request))

    def behave(request: Request) -> Iterator[Step]:
        forged = forge(request)
        if not request.stream:
            return iter(reply(forged.text)(request))
        return stream([*deltas(forged.pieces or pieces_of(forged.text)), DONE])

    return Hostile(name, family, behave, forge=forge)


def fixed(name: str, family: str, text: str, outcome: Outcome = "text", *pieces: str) -> Hostile:
    """Return the case that answers with the same text whatever it is asked."""
    return attack_free(name, family, Forged(text, pieces=pieces), outcome)


def attack_free(name: str, family: str, forged: Forged, outcome: Outcome = "text") -> Hostile:
    """Return the case that answers with the forged text whatever it is asked."""
    made = attack(name, family, lambda prompt: forged, lambda request: Prompt((), ""))
    return Hostile(name, family, made.behaviour, outcome, forge=made.forge)


def sse_bytes(text: str, done: bool = True) -> bytes:
    """Return the events of an answer as one run of bytes, without HTTP around it."""
    parts: Sequence[Step] = [*deltas(pieces_of(text)), *([DONE] if done else [])]
    return b"".join(part for part in parts if isinstance(part, bytes))


def split_keys(at: int) -> Attack:
    """Return the attack that streams an honest answer with a cut ``at`` characters into each citation."""

    def made(prompt: Prompt) -> Forged:
        text = prompt.honest
        mark = prompt.cite(prompt.passages[0].key)
        cut = text.index(mark) + min(at, len(mark))
        return Forged(text, pieces=(text[:cut], text[cut:]))

    return made
