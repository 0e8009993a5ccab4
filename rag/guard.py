"""ASGI layer before everything else: who asks, from which page, how often and how much."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from index.errors import YoujuError
from rag.access import LOCAL, Accounts, Who
from rag.config import Settings
from rag.throttle import Rate
from rag.wire import App, Message, Receive, Scope, Send, cookie, header, is_program, problem, reply

COOKIE = "youju_session"
OPEN = ("/healthz", "/login", "/logout")
"""Paths for everybody."""
KEY = "youju.who"
"""Where a request's scope holds who asks."""
SLOWEST_BODY_S = 30.0
_HERE = ("localhost", "127.0.0.1", "::1")
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")


class TooMuch(Exception):
    """A body grew beyond its limit while it was read."""


class Guard:
    """Lets a request pass with ``scope[KEY]`` set to who asks, or answers it with the reason why not."""

    def __init__(self, app: App, settings: Settings, accounts: Accounts | None) -> None:
        self._app = app
        self._accounts = accounts
        self._hosts = (*_HERE, *settings.serve_hosts)
        self._rate = Rate(settings.serve_rate_per_minute)
        self._small = settings.serve_max_body_kb * 1024
        self._large = settings.serve_max_upload_mb * 1024 * 1024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif (refusal := foreign(scope, self._hosts if self._accounts is None else None)) is not None:
            await reply(send, 403, problem(refusal, "forbidden"))
        else:
            await self._named(scope, receive, send)

    async def _named(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        try:
            who = self._who(scope)
        except YoujuError as error:
            await reply(send, 503, problem(error.line(), "unavailable"))
            return
        if who is None and path not in OPEN:
            await _refused(scope, send)
            return
        client = (scope.get("client") or ("",))[0]
        wait = self._rate.wait(f"user {who.name}" if who and self._accounts else f"address {client}")
        if wait and is_program(path):
            await reply(send, 429, problem("请求太频繁，请稍后再试", "rate_limit"), retry_after=str(math.ceil(wait)))
            return
        scope[KEY] = who
        await self._limited(scope, receive, send)

    def _who(self, scope: Scope) -> Who | None:
        if self._accounts is None:
            return LOCAL
        kind, _, token = header(scope, b"authorization").partition(" ")
        if kind.lower() == "bearer":
            return self._accounts.of_token(token.strip())
        session = cookie(scope, COOKIE)
        return self._accounts.of_session(session) if session else None

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        small = is_program(scope["path"]) or scope["path"] in OPEN
        limit = self._small if small else self._large
        told = header(scope, b"content-length")
        if told and (not told.isdigit() or len(told) > 15 or int(told) > limit):
            await _too_much(send, limit)
            return
        if not small:
            await self._app(scope, _counted(receive, limit), send)
            return
        try:
            taken = await _whole(receive, limit)
        except TooMuch:
            await _too_much(send, limit)
        except TimeoutError:
            await reply(send, 408, problem("请求没有在时限内送完", "timeout"), connection="close")
        else:
            await self._app(scope, taken, send)


def foreign(scope: Scope, hosts: Sequence[str] | None) -> str | None:
    """Return why a request is not one that this server's own page or a program of its user makes; None: it is.

    ``hosts``: the names under which the server may be addressed, so that a page of another site cannot reach it by
    pointing its own name here (DNS rebinding); None: any, since accounts protect it. A browser tells with ``Origin``
    which page sends a form or script's request; another site's is refused (CSRF).
    """
    host = header(scope, b"host")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if hosts is not None and name not in hosts:
        return f"主机名 {name!r} 不是本机（可在 serve_hosts 里加上）"
    origin = header(scope, b"origin")
    if scope["method"] in _CHANGING:
        if origin and urlsplit_netloc(origin) != host.lower():
            return "请求来自别的网站"
        if header(scope, b"sec-fetch-site") == "cross-site":
            return "请求来自别的网站"
    return None


def urlsplit_netloc(origin: str) -> str:
    """Return host and port of an origin, "" where it is none ("null")."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


async def _refused(scope: Scope, send: Send) -> None:
    if is_program(scope["path"]) or "text/html" not in header(scope, b"accept"):
        await reply(send, 401, problem("请登录，或出示 API 令牌", "unauthorized"), www_authenticate="Bearer")
        return
    there = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope.get("query_string") else "")
    location = f"/login?next={quote(there, safe='')}"
    headers = [(b"location", location.encode("ascii")), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _too_much(send: Send, limit: int) -> None:
    size = f"{limit // 1024} KB" if limit < 1024 * 1024 else f"{limit // (1024 * 1024)} MB"
    await reply(send, 413, problem(f"请求超过上限 {size}", "too_large"), connection="close")


async def _whole(receive: Receive, limit: int) -> Receive:
    """Read the whole body; return what gives it out again, and then whatever comes after it."""
    parts: list[bytes] = []
    size, more = 0, True
    async with asyncio.timeout(SLOWEST_BODY_S):
        while more:
            message = await receive()
            if message["type"] != "http.request":
                break  # the client has gone
            parts.append(message.get("body", b""))
            size, more = size + len(parts[-1]), message.get("more_body", False)
            if size > limit:
                raise TooMuch
    held: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def again() -> Message:
        return held.pop() if held else await receive()

    return again


def _counted(receive: Receive, limit: int) -> Receive:
    """Return what gives the body out as it comes; an upload of unknown length is cut off where it grows too long."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise TooMuch
        return message

    return counted
