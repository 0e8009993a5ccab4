"""Answers over HTTP: JSON, server-sent events, errors with their status; a client that leaves stops the work."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from index.errors import IndexBusyError, InputError, MissingPackageError, YoujuError
from rag.desk import Answered, BusyError, UnknownDocumentError
from rag.forms import event_line
from rag.types import Done, Event
from rag.wire import packed, problem

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

_log = logging.getLogger(__name__)
Events = AsyncGenerator[Event | Answered | None, None]
STREAM = "text/event-stream"
GONE = 499
"""The status noted where the client has hung up."""
_T = TypeVar("_T")


class ClientGoneError(Exception):
    """The client has hung up; nobody waits for the answer."""


def status_of(error: YoujuError) -> tuple[int, str]:
    """Return the HTTP status of an error and its kind in one word."""
    match error:
        case BusyError():
            return 503, "busy"
        case UnknownDocumentError():
            return 404, "not_found"
        case InputError():
            return 400, "invalid_request"
        case IndexBusyError():
            return 409, "conflict"
        case MissingPackageError():
            return 501, "not_installed"
    return 503, "unavailable"


def json_reply(value: object, status: int = 200) -> "Response":
    """Return the value as JSON."""
    from fastapi import Response

    return Response(packed(value), status, media_type="application/json")


def error_reply(error: YoujuError) -> "Response":
    """Return the error as JSON with its status."""
    status, kind = status_of(error)
    reply = json_reply(problem(error.line(), kind), status)
    if status == 503:
        reply.headers["retry-after"] = "2"
    return reply


async def unless_gone(request: "Request", work: Coroutine[Any, Any, _T]) -> _T:
    """Return what the work returns; it is cancelled when the client hangs up.

    Raises:
        ClientGoneError: the client has hung up.
    """
    doing = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientGoneError
    finally:
        for task in (doing, leaving):
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def _left(request: "Request") -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def begun(events: Events) -> tuple[Event | Answered | None, Events]:
    """Wait for the first event, so that an error before it still sets the status; return it and the others."""
    return await anext(events), events


def stream_reply(frames: AsyncIterator[bytes]) -> "Response":
    """Return a reply of server-sent events."""
    from fastapi.responses import StreamingResponse

    return StreamingResponse(frames, media_type=STREAM, headers={"x-accel-buffering": "no"})


def frame(value: object, name: str = "") -> bytes:
    """Return one server-sent event. The JSON has no line break of its own."""
    data = value.encode() if isinstance(value, str) else packed(value)
    return (f"event: {name}\n".encode() if name else b"") + b"data: " + data + b"\n\n"


async def typed_frames(first: Event | Answered | None, rest: Events) -> AsyncIterator[bytes]:
    """Yield the events of an answer, each under its name; the last one, ``done``, holds the whole answer."""
    async with aclosing(_all(first, rest)) as events:
        try:
            async for event in events:
                if event is None:
                    yield b": waiting\n\n"
                elif isinstance(event, Answered):
                    name, value = event_line(Done(event.answer), event.manifest)
                    yield frame(value, name)
                elif not isinstance(event, Done):
                    name, value = event_line(event)
                    yield frame(value, name)
        except YoujuError as error:
            yield frame(problem(error.line(), status_of(error)[1]), "error")


async def _all(first: Event | Answered | None, rest: Events) -> Events:
    async with aclosing(rest):
        yield first
        async for event in rest:
            yield event


def translate_errors(app: "FastAPI") -> None:
    """Have the app answer every error in the one form of all interfaces."""
    from fastapi import Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import Response
    from starlette.exceptions import HTTPException

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, YoujuError)
        return error_reply(error)

    async def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return json_reply(problem(_wrong(error.errors()), "invalid_request"), 422)

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        reply = json_reply(problem(str(error.detail), "not_found" if error.status_code == 404 else "http"))
        reply.status_code = error.status_code
        reply.headers.update(error.headers or {})
        return reply

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=GONE)

    async def broken(request: Request, error: Exception) -> Response:
        return json_reply(problem("服务内部出错，已记入日志", "internal"), 500)

    app.add_exception_handler(YoujuError, ours)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(ClientGoneError, gone)
    app.add_exception_handler(Exception, broken)


def _wrong(errors: Sequence[Any]) -> str:
    """Return what is wrong with a request's fields, without repeating what was sent."""
    parts = (f"{'.'.join(str(p) for p in e['loc'] if p != 'body') or '请求'}：{e['msg']}" for e in errors[:5])
    return "请求的形式不对：" + "；".join(parts)
