"""What a language model is handed: whole passages, each sentence with its citation key. Documents are data here.

What could pass for a part of the prompt (square brackets, role marks, line breaks, invisible characters) is taken out
of the documents' words, so that a document can neither forge a key nor open a turn of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.collection import Collection
from index.text import tidy
from index.types import DocumentInfo, Hit
from rag.compose import Line, citation_key
from rag.llm.tokens import estimate
from rag.statement import Reader, Statement, statements

_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\U000e0000-\U000e007f]+"
)
_TAG = re.compile(r"<(?=[|/!?a-zA-Z])")
_BRACKETS = str.maketrans("[]【】［］", "〔〕〔〕〔〕")
NO_EXCERPT = "（没有）"


@dataclass(frozen=True, slots=True)
class Handed:
    """A statement handed out under a key, and the text by which a sentence that cites it is checked.

    ``found`` is what the program itself says by it ("共 6 步"), part of that text.
    """

    statement: Statement
    evidence: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class Handout:
    """``passages`` and ``excerpt`` as they stand in the prompt; ``held`` maps each key to what it stands for."""

    passages: str
    excerpt: str
    held: dict[str, Handed]


class _Desk:
    """Collects what is handed out, within a budget of tokens."""

    def __init__(self, library: Collection, budget: int) -> None:
        self._library = library
        self.left = budget
        self.held: dict[str, Handed] = {}

    def take(self, text: str, members: Iterable[Statement], found: str = "") -> bool:
        """Hand out the text with its statements, whole or not at all; the first text always fits.

        ``found`` is what the program itself says by them ("共 6 步"); it counts as evidence.
        """
        cost = estimate(text)
        if cost > self.left and self.held:
            return False
        self.left -= cost
        for member in members:
            info = self._library.document(member.doc).info
            key = citation_key(member.doc, member.spans)
            self.held.setdefault(key, Handed(member, f"{_evidence(member, info)}\n{found}".strip(), found))
        return True


def handout(lines: Sequence[Line], hits: Sequence[Hit], library: Collection, reader: Reader, budget: int) -> Handout:
    """Return the handout of an answer's lines and the best passages, within ``budget`` tokens (at least one text)."""
    desk = _Desk(library, budget)
    excerpt = [text for line in lines if line.sources and desk.take(text := _line(line), line.sources, line.text)]
    passages: list[str] = []
    for hit in hits:
        found = [s for s in statements([hit], reader) if not s.text.isdigit()]
        if found and desk.take(text := _passage(found, library.document(hit.passage.locator.file).info), found):
            passages.append(f"资料{len(passages) + 1} {text}")
    return Handout("\n\n".join(passages), "\n".join(excerpt) or NO_EXCERPT, desk.held)


def listed(lines: Sequence[Line], library: Collection, budget: int) -> Handout:
    """Return the handout of a list that is already found: its entries and nothing else."""
    desk = _Desk(library, budget)
    entries = [text for line in lines if line.sources and desk.take(text := _line(line), line.sources, line.text)]
    return Handout("\n".join(entries), NO_EXCERPT, desk.held)


def defused(text: str) -> str:
    """Return a document's words in one line, without anything that could pass for a part of the prompt."""
    flat = " ".join(_INVISIBLE.sub(" ", tidy(text)).split())
    return _TAG.sub("＜", flat.translate(_BRACKETS))


def _line(line: Line) -> str:
    keys = "".join(f"[{citation_key(s.doc, s.spans)}]" for s in line.sources)
    return f"{keys} {defused(line.text)}"


def _passage(found: Sequence[Statement], info: DocumentInfo) -> str:
    about = "，".join(part for part in (info.number, "、".join(info.issuers[:2]), info.date) if part)
    title = f"《{defused(info.title)}》" if info.title else defused(found[0].doc)
    place = " > ".join(defused(part) for part in found[0].passage.locator.path)
    head = "".join((title, f"（{defused(about)}）" if about else "", f" {place}" if place else ""))
    return "\n".join([head, *_sentences(found)])


def _sentences(found: Sequence[Statement]) -> Iterator[str]:
    for statement in found:
        name = f"{defused(statement.field)}：" if statement.field else ""
        yield f"[{citation_key(statement.doc, statement.spans)}] {name}{defused(statement.text)}"


def _evidence(statement: Statement, info: DocumentInfo) -> str:
    """Return the statement's words after what it stands under and what its document says about itself."""
    about = (info.title, *info.numbers, info.number, *info.issuers, info.date, info.effective)
    around = (statement.passage.context, *statement.passage.locator.path, statement.around.text, statement.field)
    printed = dict.fromkeys((statement.text, tidy(statement.text)))
    return "\n".join(part for part in (*about, *around, *printed) if part)
