"""A question, a draft by quotation and passages -> an answer by a language model, of which only what stands is shown.

The model's text is cut into sentences as it streams. Each is checked against the sources whose keys it carries; what
stands is shown at once. From the first sentence that does not, the text is held back: all that failed are sent back
once with the reason, and what still fails is replaced by the statement it cites, or left out, and the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from index.errors import ModelError
from prompts import load
from rag.llm import LanguageModel, Message, complete, request_key
from rag.pieces import Piece, Pieces
from rag.standing import Standing
from rag.statement import Statement
from rag.task import Task, messages_of
from rag.types import NOT_FOUND, Citation, Cited, Preview, Text

Fate = Literal["kept", "repaired", "quoted", "dropped"]

LONGEST = 6000
"""Characters of a model's answer that are read; what comes after is not waited for."""
_ANSWERED = re.compile(r"\s*(\d{1,3})\s*[.．、)）:：]\s*(.+)")
_STRUCK = re.compile("删去|删除|无法改正")


@dataclass(slots=True)
class Outcome:
    """How the model did: the text shown, its citations, what became of sentences that failed.

    ``refused``: the model found no answer in what it was handed. ``broken``: why it did not come to its end, or "".
    ``keys`` are those cited, ``request`` is the key of the request.
    """

    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    refused: bool = False
    failed: list[dict[str, Any]] = field(default_factory=list)
    request: str = ""
    broken: str = ""

    @property
    def note(self) -> str:
        """Return what the reader is told of sentences that failed, "" where none did."""
        if self.broken:
            return f"{self.broken}，回答没有写完"
        fates = [f["fate"] for f in self.failed]
        words = {"repaired": "按原文改正", "quoted": "改用原文", "dropped": "略去"}
        told = [f"{fates.count(fate)} 句{word}" for fate, word in words.items() if fate in fates]
        return f"有 {len(fates)} 句与所引原文不符：{'，'.join(told)}" if fates else ""


class Writer:
    """Turns a model's stream into events; ``outcome`` holds the result when they are at an end.

    ``cite`` makes the citation of a statement with a number.
    """

    def __init__(self, task: Task, model: LanguageModel, cite: Callable[[Statement, int], Citation]) -> None:
        self.outcome = Outcome()
        self._task = task
        self._standing = Standing(task)
        self._model = model
        self._cite = cite
        self._numbers: dict[str, int] = {}
        self._waiting: list[tuple[Piece, str]] = []
        self._preview = ""
        self._said: set[str] = set()

    def events(self) -> Iterator[Text | Preview | Cited]:
        """Yield the answer as it is written.

        Raises:
            ModelError: the model gave no answer, or broke off before anything of it could be shown.
        """
        request = messages_of(self._task)
        self.outcome.request = request_key(request)
        pieces = Pieces()
        stream = self._model.stream(request)
        try:
            for delta in stream:
                yield from self._taken(pieces.feed(delta))
                if not self._waiting and (preview := pieces.preview()) and preview != self._preview:
                    self._preview = preview
                    yield Preview(preview)
                if pieces.chars > LONGEST:
                    self.outcome.broken = "语言模型的回答过长"
                    break
        except ModelError as error:
            if not self.outcome.text:
                raise
            self.outcome.broken = error.message
        else:
            if not self.outcome.broken:
                yield from self._taken(pieces.rest())
        finally:
            stream.close()
        yield from self._mended(request)
        self.outcome.refused = self.outcome.refused and not self.outcome.keys

    def _taken(self, pieces: Sequence[Piece]) -> Iterator[Text | Cited]:
        for piece in pieces:
            if piece.bare in self._said:
                continue
            self._said.add(piece.bare)
            if NOT_FOUND in piece.bare and not self._standing.known(piece) and not self.outcome.text:
                self.outcome.refused = True
                continue
            judged = self._standing.judged(piece)
            if judged is None:
                continue
            piece, reason = judged
            if reason or self._waiting:
                self._waiting.append((piece, reason))
            else:
                yield from self._shown(piece)

    def _shown(self, piece: Piece) -> Iterator[Text | Cited]:
        if self._task.max_chars and len(self.outcome.text) + len(piece.bare) + 4 > self._task.max_chars:
            return
        for key in self._standing.known(piece):
            if key not in self._numbers:
                number = self._numbers[key] = len(self._numbers) + 1
                citation = self._cite(self._standing.handed(key).statement, number)
                self.outcome.citations.append(citation)
                self.outcome.keys.append(key)
                yield Cited(citation)
        text = piece.written(self._numbers.get)
        if self.outcome.text:
            text = (piece.lead or self._gap(text)) + text
        self.outcome.text += text
        self._preview = ""
        yield Text(text)

    def _gap(self, text: str) -> str:
        """Return what parts two sentences: nothing in Chinese text."""
        return " " if self.outcome.text[-1].isascii() and text[:1].isalnum() and text[:1].isascii() else ""

    def _mended(self, request: Sequence[Message]) -> Iterator[Text | Cited]:
        """Show what was held back: what stands, and for the rest what became of it."""
        failed = [(p, r) for p, r in self._waiting if r]
        repaired = self._repaired(request, failed) if failed else {}
        number = 0
        for piece, reason in self._waiting:
            if not reason:
                yield from self._shown(piece)
                continue
            number += 1
            fate: Fate = "dropped"
            better: Piece | None = None
            if (second := repaired.get(number)) and (judged := self._standing.judged(second)) and not judged[1]:
                better, fate = judged[0], "repaired"
            elif better := self._standing.quotation(piece, self._numbers):
                fate = "quoted"
            self.outcome.failed.append({"sentence": piece.bare, "reason": reason, "fate": fate})
            if better and fate != "dropped":
                yield from self._shown(Piece(better.raw, piece.lead))

    def _repaired(self, request: Sequence[Message], failed: Sequence[tuple[Piece, str]]) -> dict[int, Piece]:
        """Return the model's second try at the sentences that failed, by their number; {} where it has none."""
        listed = "\n".join(f"{n}. {piece.raw}（{reason}）" for n, (piece, reason) in enumerate(failed, 1))
        said = Message("assistant", "\n".join(piece.raw for piece, _ in failed))
        asked = Message("user", load("repair").fill(sentences=listed))
        try:
            answer = complete(self._model, [*request, said, asked])
        except ModelError:
            return {}
        cutter = Pieces()
        found = [*cutter.feed(answer[:LONGEST] + "\n"), *cutter.rest()]
        repaired: dict[int, Piece] = {}
        for match in (_ANSWERED.match(piece.raw) for piece in found):
            if match and not _STRUCK.search(match.group(2)):
                repaired.setdefault(int(match.group(1)), Piece(match.group(2)))
        return repaired
