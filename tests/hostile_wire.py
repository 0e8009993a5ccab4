"""Endpoints that break the protocol: statuses, truncated and malformed streams, resets, stalls, wrong types."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tests.hostile_case import Hostile, Prompt, sse_bytes
from tests.llm_server import (
    DONE,
    LONGEST,
    RESET,
    Behaviour,
    Request,
    Step,
    chunk,
    deltas,
    event,
    events,
    framed,
    hang,
    head,
    packed,
    pieces_of,
    raw,
    refused,
    reply,
    status,
    stream,
    whole,
)

Read = Callable[[Request], Prompt]
SSE = {"Content-Type": "text/event-stream"}
CHUNKED = {**SSE, "Transfer-Encoding": "chunked"}
PAGE = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>"
TOO_LONG = {
    "error": {
        "message": "This model's maximum context length is 4096 tokens. Your messages resulted in 9001 tokens.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}


def wire(read: Read) -> list[Hostile]:
    """Return the cases of the protocol; ``read`` finds the passages in a request."""
    return [*_statuses(), *_bodies(), *_connections(), *_truncated(read), *_framing(read), *_types(read), *_slow(read)]


def _statuses() -> Iterator[Hostile]:
    for code in (400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 429, 500, 501, 502, 503, 504, 529):
        yield Hostile(f"status-{code}", "status", status(code), "none")
    for code in (500, 502, 503, 429, 401, 404):
        yield Hostile(f"status-{code}-page", "status", status(code, PAGE, {"Content-Type": "text/html"}), "none")
        yield Hostile(f"status-{code}-empty", "status", status(code, ""), "none")
    for after in ("0", "1", "3600", "999999999999", "-5", "soon", "1e9", "nan", "Wed, 21 Oct 2099 07:28:00 GMT", ""):
        for code in (429, 503):
            name = f"retry-after-{code}-{after.replace(' ', '_') or 'blank'}"
            yield Hostile(name, "retry-after", status(code, None, {"Retry-After": after}), "none")
    for milliseconds in ("-1", "86400000"):
        told = status(429, None, {"retry-after-ms": milliseconds})
        yield Hostile(f"retry-after-ms-{milliseconds}", "retry-after", told, "none")
    yield Hostile("context-length-400", "context-length", status(400, TOO_LONG), "none")
    yield Hostile("context-length-413", "context-length", status(413, TOO_LONG), "none")
    yield Hostile("context-length-500", "context-length", status(500, TOO_LONG), "none")
    yield Hostile("context-length-text", "context-length", status(400, "prompt is too long"), "none")
    for code in (301, 302, 307, 308):
        loop = status(code, "", {"Location": "/v1/chat/completions"})
        yield Hostile(f"redirect-loop-{code}", "redirect", loop, "none")
    yield Hostile("redirect-nowhere", "redirect", status(307, ""), "none")
    yield Hostile("redirect-file", "redirect", status(307, "", {"Location": "file:///etc/hostname"}), "none")
    yield Hostile("redirect-dead", "redirect", status(307, "", {"Location": "http://127.0.0.1:9/v1"}), "none")


def _bodies() -> Iterator[Hostile]:
    json_type, page_type = {"Content-Type": "application/json"}, {"Content-Type": "text/html"}
    bodies: dict[str, tuple[Any, dict[str, str]]] = {
        "html-200": (PAGE, page_type),
        "html-as-json": (PAGE, json_type),
        "html-as-sse": (PAGE, SSE),
        "empty": ("", json_type),
        "empty-sse": ("", SSE),
        "no-content-204": ("", json_type),
        "error-with-200": (TOO_LONG, json_type),
        "null": ("null", json_type),
        "number": ("42", json_type),
        "list": ("[]", json_type),
        "string": ('"ok"', json_type),
        "empty-object": ("{}", json_type),
        "half-json": ('{"id": "x", "choices": [{"mess', json_type),
        "nan": ('{"choices": NaN}', json_type),
        "deep-json": ("[" * 20000, json_type),
        "binary": (bytes(range(256)), {"Content-Type": "application/octet-stream"}),
        "utf16": ('{"choices": []}'.encode("utf-16"), json_type),
        "gzip-that-is-none": ("plain", {**json_type, "Content-Encoding": "gzip"}),
        "gzip-stream-that-is-none": (DONE, {**SSE, "Content-Encoding": "gzip"}),
        "gzip-bomb": (_bomb(), {**SSE, "Content-Encoding": "gzip"}),
        "unknown-encoding": ("plain", {**json_type, "Content-Encoding": "x-none"}),
        "unknown-charset": (DONE, {"Content-Type": "text/event-stream; charset=klingon"}),
    }
    for name, (body, headers) in bodies.items():
        code = 204 if name.endswith("204") else 200
        yield Hostile(f"body-{name}", "body", status(code, body, headers), "none")


@cache
def _bomb() -> bytes:
    """Return 64 MB of blanks as 64 kB."""
    return gzip.compress(b" " * 64_000_000, 9)


def _connections() -> Iterator[Hostile]:
    first = event(chunk({"role": "assistant", "content": ""}))
    cases: dict[str, Behaviour] = {
        "refused": refused,
        "reset-at-once": raw(RESET),
        "close-at-once": raw(),
        "reset-in-status-line": raw(b"HTTP/1.1 2", RESET),
        "reset-in-headers": raw(head(200, SSE)[:40], RESET),
        "reset-after-headers": raw(head(200, CHUNKED), 0.05, RESET),
        "close-after-headers": raw(head(200, CHUNKED)),
        "reset-after-role": raw(head(200, CHUNKED), framed(first), 0.05, RESET),
        "not-http": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "http-0.9": raw(b"hello\n"),
        "status-line-broken": raw(b"HTTP/1.1 abc\r\n\r\n"),
        "status-999": raw(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"),
        "switching-protocols": raw(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
        "header-without-colon": raw(b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"),
        "header-endless": raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500_000 + b"\r\n\r\n"),
        "length-too-long": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{}"),
        "length-negative": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
        "length-word": raw(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}"),
        "lengths-two": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        "chunk-size-broken": raw(head(200, CHUNKED), b"zz\r\nhello\r\n"),
        "chunk-size-huge": raw(head(200, CHUNKED), b"ffffffffffffffff\r\nhello\r\n"),
        "chunk-too-short": raw(head(200, CHUNKED), b"40\r\nhello\r\n0\r\n\r\n"),
    }
    for name, behaviour in cases.items():
        yield Hostile(f"connection-{name}", "connection", behaviour, "none")


def _with_text(read: Read, make: Callable[[str], Iterator[Step]]) -> Behaviour:
    """Return the behaviour that breaks the stream of an honest answer."""
    return lambda request: make(read(request).honest)


def _truncated(read: Read) -> Iterator[Hostile]:
    for share, reset, chunked in itertools.product((0.3, 0.6, 0.9), (False, True), (False, True)):

        def cut(text: str, share: float = share, reset: bool = reset, chunked: bool = chunked) -> Iterator[Step]:
            data = sse_bytes(text)
            yield from stream([data[: int(len(data) * share)]], chunked=chunked, end=False)
            yield from (0.05, RESET) if reset else ()

        how = f"{'reset' if reset else 'close'}-{'chunked' if chunked else 'plain'}"
        yield Hostile(f"truncated-{int(share * 100)}-{how}", "truncated", _with_text(read, cut), "faulty")
    for chunked in (False, True):
        framing = "chunked" if chunked else "plain"

        def in_character(text: str, chunked: bool = chunked) -> Iterator[Step]:
            data = sse_bytes(text)
            last = max(at for at, byte in enumerate(data) if byte >= 0xC0)
            yield from stream([data[: last + 1]], chunked=chunked, end=False)

        def in_line(text: str, chunked: bool = chunked) -> Iterator[Step]:
            yield from stream(
                [*deltas(pieces_of(text)), b'data: {"id": "chatcmpl-1", "choi'], chunked=chunked, end=False
            )

        def no_done(text: str, chunked: bool = chunked) -> Iterator[Step]:
            yield from stream(deltas(pieces_of(text)), chunked=chunked)

        def no_finish(text: str, chunked: bool = chunked) -> Iterator[Step]:
            yield from stream([*list(deltas(pieces_of(text)))[:-1], DONE], chunked=chunked)

        yield Hostile(f"truncated-in-character-{framing}", "truncated", _with_text(read, in_character), "faulty")
        yield Hostile(f"truncated-in-json-{framing}", "truncated", _with_text(read, in_line), "faulty")
        yield Hostile(f"truncated-no-done-{framing}", "truncated", _with_text(read, no_done), "text")
        yield Hostile(f"truncated-no-finish-{framing}", "truncated", _with_text(read, no_finish), "text")
    for reason in ("length", "content_filter", "tool_calls", "unheard_of", ""):

        def ended(text: str, reason: str = reason) -> Iterator[Step]:
            half = text[: len(text) // 2]
            yield from stream([*deltas(pieces_of(half), finish=reason), DONE])

        yield Hostile(f"finish-{reason or 'blank'}", "finish", _with_text(read, ended), "text")


def _framing(read: Read) -> Iterator[Hostile]:
    """Server-sent events in forms that the standard allows, or nearly; a good client reads most of them."""

    def rewritten(change: Callable[[bytes], bytes], **options: Any) -> Behaviour:
        return _with_text(read, lambda text: stream([change(sse_bytes(text))], **options))

    changes: dict[str, Callable[[bytes], bytes]] = {
        "crlf": lambda data: data.replace(b"\n", b"\r\n"),
        "cr": lambda data: data.replace(b"\n", b"\r"),
        "no-blank": lambda data: data.replace(b"data: ", b"data:"),
        "bom": lambda data: b"\xef\xbb\xbf" + data,
        "comments": lambda data: data.replace(b"data: ", b": keep-alive\n\ndata: "),
        "fields": lambda data: data.replace(b"data: ", b"id: 1\nretry: 10\ndata: "),
        "event-names": lambda data: data.replace(b"data: ", b"event: message\ndata: "),
        "after-done": lambda data: data + event(chunk({"content": "结束之后的话"})),
        "two-dones": lambda data: data + DONE,
        "gb18030": lambda data: data.decode().encode("gb18030"),
    }
    for name, change in changes.items():
        yield Hostile(f"framing-{name}", "framing", rewritten(change), "none" if name == "gb18030" else "text")

    def bytewise(text: str) -> Iterator[Step]:
        yield from stream([bytes([byte]) for byte in sse_bytes(text)])

    yield Hostile("framing-byte-by-byte", "framing", _with_text(read, bytewise), "text")
    whole_anyway = _with_text(read, lambda text: iter(status(200, whole(text))(None)))  # type: ignore[arg-type]
    yield Hostile("framing-whole-though-streamed", "framing", whole_anyway, "none")
    error_event = b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'
    midway = _with_text(read, lambda text: stream([*list(deltas(pieces_of(text)))[:3], error_event]))
    yield Hostile("framing-error-event", "framing", midway, "faulty")
    named = _with_text(read, lambda text: stream([*list(deltas(pieces_of(text)))[:3], b"event: error\n" + error_event]))
    yield Hostile("framing-error-event-named", "framing", named, "faulty")


_CHOICE: dict[str, Any] = {"index": 0, "delta": {"content": "x"}, "finish_reason": None}
_WRONG: dict[str, Any] = {
    "choices-null": chunk({}, choices=None),
    "choices-empty": chunk({}, choices=[]),
    "choices-text": chunk({}, choices="none"),
    "choices-number": chunk({}, choices=3),
    "choices-of-null": chunk({}, choices=[None]),
    "choices-of-text": chunk({}, choices=["x"]),
    "choices-missing": {"id": "x", "object": "chat.completion.chunk"},
    "delta-null": chunk(None),
    "delta-missing": chunk({}, choices=[{"index": 0, "finish_reason": None}]),
    "delta-text": chunk("text"),
    "delta-list": chunk([]),
    "content-null": chunk({"content": None}),
    "content-number": chunk({"content": 12.5}),
    "content-true": chunk({"content": True}),
    "content-list": chunk({"content": [{"type": "text", "text": "x"}]}),
    "content-object": chunk({"content": {"text": "x"}}),
    "role-only": chunk({"role": "assistant"}),
    "role-number": chunk({"role": 1}),
    "index-text": chunk({}, choices=[{**_CHOICE, "index": "zero", "delta": {}}]),
    "finish-object": chunk({}, choices=[{**_CHOICE, "finish_reason": {}, "delta": {}}]),
    "usage-only": chunk({}, choices=[], usage={"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9}),
    "usage-text": chunk({}, choices=[], usage="many"),
    "null": None,
    "number": 7,
    "list": [],
    "text": '"text"',
    "not-json": "{not json}",
    "empty-line": "",
    "python": "{'choices': []}",
    "invalid-utf8": b'{"choices": [{"index": 0, "delta": {"content": "\xff\xfe"}}]}',
}


def _types(read: Read) -> Iterator[Hostile]:
    for name, payload in _WRONG.items():
        data = payload if isinstance(payload, bytes | str) else packed(payload)
        yield Hostile(f"type-{name}", "type", events(data), "faulty" if name == "invalid-utf8" else "none")

        def between(text: str, data: bytes | str = data) -> Iterator[Step]:
            parts = list(deltas(pieces_of(text)))
            yield from stream([*parts[:2], event(data), *parts[2:], DONE])

        yield Hostile(f"type-{name}-midway", "type-midway", _with_text(read, between), "faulty")


def _slow(read: Read) -> Iterator[Hostile]:
    role = framed(event(chunk({"role": "assistant", "content": ""})))
    yield Hostile("stall-before-headers", "stall", hang(), "none", patience=True)
    yield Hostile("stall-in-headers", "stall", hang(LONGEST, b"HTTP/1.1 200 OK\r\nX-A: "), "none", patience=True)
    yield Hostile("stall-after-headers", "stall", hang(LONGEST, head(200, CHUNKED)), "none", patience=True)
    yield Hostile("stall-after-role", "stall", hang(LONGEST, head(200, CHUNKED), role), "none", patience=True)
    half = _with_text(read, lambda text: stream([*list(deltas(pieces_of(text)))[:3], LONGEST]))
    yield Hostile("stall-after-delta", "stall", half, "faulty", patience=True)
    unfinished = _with_text(read, lambda text: stream([*deltas(pieces_of(text)), LONGEST]))
    yield Hostile("stall-before-done", "stall", unfinished, "faulty", patience=True)

    def kept_alive(request: Request) -> Iterator[Step]:
        yield from stream(part for _ in itertools.count() for part in (b": keep-alive\n\n", 0.05))

    def empty_deltas(request: Request) -> Iterator[Step]:
        yield from stream(part for _ in itertools.count() for part in (event(chunk({"content": ""})), 0.02))

    def dribbled(text: str) -> Iterator[Step]:
        yield from stream(part for byte in sse_bytes(text) * 100 for part in (bytes([byte]), 0.05))

    def headers(request: Request) -> Iterator[Step]:
        yield b"HTTP/1.1 200 OK\r\n"
        for number in itertools.count():
            yield b"X-%d: a\r\n" % number
            yield 0.05

    yield Hostile("stall-keep-alive-comments", "stall", kept_alive, "none", patience=True)
    yield Hostile("stall-empty-deltas", "stall", empty_deltas, "none", patience=True)
    yield Hostile("stall-dribbled-bytes", "stall", _with_text(read, dribbled), "faulty", patience=True)
    yield Hostile("stall-endless-headers", "stall", headers, "none", patience=True)
    late = reply(lambda request: read(request).honest, first=0.3, each=0.05)
    yield Hostile("stall-late-but-right", "stall", late, "text")
