"""The interface that clients of OpenAI know: ``/v1/chat/completions`` and ``/v1/models``.

The last message of the user is the question, the earlier ones are its history. The text carries the marks [1] [2] and
ends with the references; the field ``youju`` holds the whole answer with exact places.

No deferred annotations here: FastAPI reads those of functions within functions.
"""

import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from index.errors import InputError, YoujuError
from rag.access import LOCAL, Who
from rag.desk import Answered, Desk
from rag.forms import Long, told
from rag.guard import KEY
from rag.llm.tokens import estimate
from rag.replies import Events, begun, frame, json_reply, status_of, stream_reply, unless_gone
from rag.types import Citation, Question, Text
from rag.wire import problem

if TYPE_CHECKING:
    from fastapi import FastAPI, Response

MODELS = ("youju", "youju-extractive")
"""The first answers as the server is set up, the second by quotation only."""
_LIVE = re.compile(r"(?<=!)\[|(?<=\])\(|<(?=[A-Za-z/!?])|`|\\(?=[!-/:-@\[-`{-~])")


class Part(BaseModel):
    """A piece of a message; others than text are passed over."""

    type: str
    text: Long = ""


class Turn(BaseModel):
    """A message of the conversation."""

    role: str
    content: Long | list[Part] | None = None

    def text(self) -> str:
        """Return the message's text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What else a stream tells."""

    include_usage: bool = False


class Completion(BaseModel):
    """The request. Fields that only make sense for a language model (temperature ...) are passed over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "youju", "messages": [{"role": "user", "content": "哪些技术适合焦化企业？"}]}]
        }
    )

    model: str = Field(MODELS[0], max_length=200)
    messages: list[Turn] = Field(min_length=1, max_length=200)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = None


def add_openai(app: "FastAPI", desk: Desk) -> None:
    """Add the routes under ``/v1``."""
    from fastapi import Request, Response

    @app.get("/v1/models", summary="模型（OpenAI 兼容）")
    async def models() -> Response:
        return json_reply({"object": "list", "data": [_model(name) for name in MODELS]})

    @app.get("/v1/models/{name}", summary="一个模型（OpenAI 兼容）")
    async def model(name: str) -> Response:
        return json_reply(_model(name)) if name in MODELS else _no_model(name)

    @app.post("/v1/chat/completions", summary="对话（OpenAI 兼容）")
    async def complete(form: Completion, request: Request) -> Response:
        if form.model not in MODELS:
            return _no_model(form.model)
        question = asked(form)
        who: Who = request.scope.get(KEY) or LOCAL
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": form.model}
        if form.stream:
            usage = bool(form.stream_options and form.stream_options.include_usage)
            first, rest = await unless_gone(request, begun(desk.events(who, question, "openai")))
            return stream_reply(_chunks(rest, head, question, usage))
        answered = await unless_gone(request, desk.answer(who, question, "openai"))
        return json_reply(_whole(answered, head, question))


def asked(form: Completion) -> Question:
    """Return the question of a conversation.

    Raises:
        InputError: the last message is not the user's, or several answers are asked for.
    """
    if form.n not in (None, 1):
        raise InputError("n 只能是 1")
    said = [turn.text() for turn in form.messages if turn.role == "user"]
    if not said or form.messages[-1].role != "user":
        raise InputError("最后一条消息应是用户的提问")
    return Question(said[-1], tuple(text for text in said[:-1] if text.strip())[-20:], llm=form.model == MODELS[0])


def references(citations: tuple[Citation, ...]) -> str:
    """Return the numbered references that follow an answer's text, "" where it has none."""
    lines = []
    for c in citations:
        title = f"《{c.info.title}》" if c.info.title else c.doc
        about = "，".join(part for part in (c.info.number, "、".join(c.info.issuers[:2]), c.info.date) if part)
        place = c.locator.label()
        head = f"[{c.n}] {title}{f'（{about}）' if about else ''}{f'，{place}' if place else ''}"
        lines.append(f"{head}：“{c.shown or c.quote}”")
    return "\n\n出处：\n" + "\n".join(lines) if lines else ""


def inert(text: str) -> str:
    """Return the text with a backslash before what Markdown or HTML would bring to life: images, links, tags, code.

    Clients show answers as Markdown; a picture in a document would otherwise be fetched from wherever it points.
    """
    return _LIVE.sub(lambda found: "\\" + found[0], text)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "youju"}


def _no_model(name: str) -> "Response":
    return json_reply(problem("没有这个模型，请用 " + " 或 ".join(MODELS), "model_not_found"), 404)


def _ending(answered: Answered) -> str:
    answer = answered.answer
    return inert(references(answer.citations) + (f"\n\n（{answer.note}）" if answer.note else ""))


def _usage(question: Question, text: str) -> dict[str, int]:
    """Return estimated token counts; no tokenizer is at hand."""
    before, after = estimate("".join((*question.history, question.text))), estimate(text)
    return {"prompt_tokens": before, "completion_tokens": after, "total_tokens": before + after}


def _whole(answered: Answered, head: dict[str, Any], question: Question) -> dict[str, Any]:
    text = inert(answered.answer.text) + _ending(answered)
    choice = {
        "index": 0, "message": {"role": "assistant", "content": text}, "logprobs": None, "finish_reason": "stop"
    }  # fmt: skip
    extra = told(answered.answer, answered.manifest)
    usage = _usage(question, text)
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage, "youju": extra}


async def _chunks(events: Events, head: dict[str, Any], question: Question, usage: bool) -> AsyncIterator[bytes]:
    """Yield the answer as chunks; its text is given out as it is checked, the references at the end."""
    written: list[str] = []

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: object) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return frame({**head, "object": "chat.completion.chunk", "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    async with aclosing(events):
        try:
            async for event in events:
                if event is None:
                    yield b": waiting\n\n"
                elif isinstance(event, Text):
                    written.append(inert(event.text))
                    yield chunk({"content": written[-1]})
                elif isinstance(event, Answered):
                    written.append(_ending(event))
                    if written[-1]:
                        yield chunk({"content": written[-1]})
                    yield chunk({}, "stop", youju=told(event.answer, event.manifest))
        except YoujuError as error:
            yield frame(problem(error.line(), status_of(error)[1]))
    if usage:
        counts = _usage(question, "".join(written))
        yield frame({**head, "object": "chat.completion.chunk", "choices": [], "usage": counts})
    yield frame("[DONE]")
