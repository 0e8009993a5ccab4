"""Small parts of HTTP for the layers around the app: headers of a request, an answer in JSON, security headers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PROGRAMS = ("/api", "/v1", "/mcp", "/metrics", "/healthz", "/openapi.json")
"""Paths that programs use: answered in JSON, never sent to the login page."""
_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""The chat page brings scripts of its own within the page; whatever it asks for, it asks this server alone."""
_SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def header(scope: Scope, name: bytes) -> str:
    """Return a header of the request, "" where it has none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def cookie(scope: Scope, name: str) -> str:
    """Return a cookie of the request, "" where it has none."""
    jar = SimpleCookie()
    try:
        jar.load(header(scope, b"cookie"))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def is_program(path: str) -> bool:
    """Return whether programs use this path, not people."""
    return any(path == start or path.startswith(start + "/") for start in PROGRAMS)


def problem(message: str, kind: str) -> dict[str, Any]:
    """Return an error as every interface words it: the form that clients of OpenAI expect."""
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def packed(value: object) -> bytes:
    """Return the value as JSON in UTF-8; half characters, which UTF-8 cannot carry, become question marks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def reply(send: Send, status: int, value: object, **headers: str) -> None:
    """Send a whole answer in JSON."""
    body = packed(value)
    fields = {"content-type": "application/json", "content-length": str(len(body)), **headers}
    raw = [(name.replace("_", "-").encode(), text.encode("latin-1")) for name, text in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


class SecureHeaders:
    """ASGI layer: adds the security headers to every answer that does not bring its own."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        program = is_program(scope["path"])

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message.get("headers", ())}
                wanted = {**_SECURITY, "content-security-policy": _NOTHING if program else _PAGE}
                if program:
                    wanted["cache-control"] = "no-store"
                if scope.get("scheme") == "https":
                    wanted["strict-transport-security"] = "max-age=31536000"
                added = [(n.encode(), v.encode()) for n, v in wanted.items() if n.encode() not in there]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self._app(scope, receive, secured)
