"""A search and its draft -> events of an answer in a language model's words, or None where it is left to the draft."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from index.errors import ModelError, PromptTooLongError
from rag.answerer import Answerer, Search
from rag.answering import Draft
from rag.compose import Line
from rag.config import Settings
from rag.generate import Outcome, Writer
from rag.handout import NO_EXCERPT, Handout, handout, listed
from rag.llm import LanguageModel
from rag.llm.tokens import estimate
from rag.quote import identity_of, one_source
from rag.statement import Reader, Statement
from rag.task import Task, messages_of
from rag.types import Citation, Cited, Preview, Text

Cite = Callable[[Statement, int], Citation]
Events = Generator[Text | Preview | Cited, None, "Worded"]
_ROOM = 300
"""Tokens left free: an endpoint counts marks of its own."""
MISFIT = "语言模型的回答与原文不符"


@dataclass(frozen=True, slots=True)
class Worded:
    """What came of it: the outcome, or None with the reason in ``note``: the draft is the answer then."""

    outcome: Outcome | None
    note: str = ""


def worded(
    search: Search, draft: Draft, answerer: Answerer, model: LanguageModel, settings: Settings, cite: Cite,
    max_chars: int | None = None,
) -> Events:  # fmt: skip
    """Yield the answer as the model writes it; return how it went. Nothing was yielded where ``outcome`` is None."""
    question = search.completed.text
    cite = _naming(cite, answerer.reader)
    if is_list(draft):
        return (yield from _list(question, draft, answerer, model, settings, cite))
    compares = any(q.kind == "compare" for q in search.queries)
    empty = Task(question, Handout("", NO_EXCERPT, {}), "compare" if compares else "answer", max_chars)
    budget = _budget(empty, settings)
    for share in (1, 2):
        lines = () if draft.refused else draft.lines
        held = handout(lines, search.hits(settings.top_k), answerer.library, answerer.reader, budget // share)
        writer = Writer(replace(empty, handout=held), model, cite)
        try:
            yield from writer.events()
        except PromptTooLongError as error:
            if share == 1:
                continue
            return Worded(None, error.message)
        except ModelError as error:
            return Worded(None, error.message)
        break
    outcome = writer.outcome
    return Worded(outcome) if outcome.text or outcome.refused else Worded(None, MISFIT)


def is_list(draft: Draft) -> bool:
    """Whether the draft is a list over a whole collection: the model words it, it does not decide it."""
    return not draft.refused and ("list" in draft.trace or "numbered" in draft.trace)


def _naming(cite: Cite, reader: Reader) -> Cite:
    """Return what cites a cell together with the cells that name its record."""

    def named(statement: Statement, number: int) -> Citation:
        if statement.passage.record < 0 or statement.shown:
            return cite(statement, number)
        identity = tuple(i for i in identity_of(statement, reader) if i.spans != statement.spans)
        return cite(one_source(identity, statement, reader), number)

    return named


def _budget(task: Task, settings: Settings) -> int:
    """Return the tokens left for passages beside the rules, the question and the answer."""
    taken = sum(estimate(m.content) for m in messages_of(task)) + settings.llm_max_tokens + _ROOM
    return settings.llm_context_tokens - taken


def _list(
    question: str, draft: Draft, answerer: Answerer, model: LanguageModel, settings: Settings, cite: Cite
) -> Events:
    """Yield the count, the entries in the model's words, and those that it left out as the draft has them."""
    entries = [line for line in draft.lines if line.sources]
    task = Task(question, Handout("", NO_EXCERPT, {}), "list")
    held = listed(entries, answerer.library, _budget(task, settings))
    if not all(line.text for line in entries) or len(held.held) < len({s.at for e in entries for s in e.sources}):
        return Worded(None, "条目太多，没有交给语言模型")
    writer = Writer(replace(task, handout=held), model, cite)
    head = next((line.text for line in draft.lines if not line.sources), "")
    begun = False
    try:
        for event in writer.events():
            if head and not begun and not isinstance(event, Preview):
                yield Text(f"{head}\n")
                begun = True
            yield event
    except ModelError as error:
        return Worded(None, error.message)
    outcome = writer.outcome
    if not outcome.text:
        return Worded(None, MISFIT)
    for line in entries:
        yield from _added(line, outcome, cite)
    outcome.text = f"{head}\n{outcome.text}" if head else outcome.text
    outcome.refused = False
    return Worded(outcome)


def _added(line: Line, outcome: Outcome, cite: Cite) -> Generator[Text | Cited, None, None]:
    """Yield the entry as the draft has it, unless the model's text cites it."""
    cited = {(c.doc, c.spans) for c in outcome.citations}
    if any(source.at in cited for source in line.sources):
        return
    marks = ""
    for source in line.sources:
        citation = cite(source, len(outcome.citations) + 1)
        outcome.citations.append(citation)
        marks += f"[{citation.n}]"
        yield Cited(citation)
    text = f"\n{line.text}{marks}"
    outcome.text += text
    yield Text(text)
