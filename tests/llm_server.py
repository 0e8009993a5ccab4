"""A scripted OpenAI-compatible server on this machine: each request gets the answer that the test wrote for it.

A behaviour is a function from the request to steps: bytes to send as they are, seconds to wait, or ``RESET``. What
it sends need not be HTTP at all. The server records what it was asked and whether the client hung up before the end.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "scripted"
LONGEST = 30.0
"""Seconds after which a behaviour that would go on for ever ends by itself."""


class Reset:
    """The step that ends the connection with a TCP reset."""


RESET = Reset()
Step = bytes | float | Reset


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came. ``number`` counts from 0; ``body`` is the parsed JSON, or None; ``at`` is monotonic."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    at: float

    @property
    def stream(self) -> bool:
        """Return whether a stream was asked for."""
        return isinstance(self.body, dict) and bool(self.body.get("stream"))

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Return role and text of each message; parts of a message are joined."""
        found = self.body.get("messages", []) if isinstance(self.body, dict) else []
        return [(str(one.get("role")), _text_of(one.get("content"))) for one in found]

    @property
    def prompt(self) -> str:
        """Return the text of all messages."""
        return "\n".join(text for _, text in self.messages)


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


Behaviour = Callable[[Request], Iterable[Step]]
Written = str | Callable[[Request], str]
"""A text, or how to make it from the request."""


@dataclass
class Server:
    """What a running server tells the test."""

    base_url: str
    requests: list[Request] = field(default_factory=list)
    visits: list[Request] = field(default_factory=list)
    """Requests for the list of models."""
    hung_up: list[int] = field(default_factory=list)
    """Numbers of the requests that the client left before the last step."""
    finished: list[int] = field(default_factory=list)
    """Numbers of the requests that were answered to the last step."""
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def disconnected(self) -> bool:
        """Return whether the client has hung up early in any request."""
        return self.left.is_set()

    def wait_disconnected(self, seconds: float = 5.0) -> bool:
        """Return whether the client hangs up early within the time."""
        return self.left.wait(seconds)


# --- what goes over the wire ---


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Return status line and headers. The connection closes after the answer; headers given override."""
    lines = {"Content-Type": "application/json", "Connection": "close", **(headers or {})}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"HTTP/1.1 {status} Scripted\r\n{text}\r\n".encode("latin-1", "replace")


def packed(payload: Any) -> bytes:
    """Return the payload as JSON in UTF-8; escaped where it holds lone surrogates, which UTF-8 cannot carry."""
    try:
        return json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(payload).encode()


def chunk(delta: Any, finish: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return the object of one streamed event; ``changes`` replace its top fields."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": MODEL}
    return {**base, "choices": [choice], **changes}


def whole(text: Any, **changes: Any) -> dict[str, Any]:
    """Return the object of an answer that is not streamed."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    base = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": MODEL}
    return {**base, "choices": [choice], "usage": usage, **changes}


def event(payload: Any) -> bytes:
    """Return a server-sent event; bytes and text stand as they are."""
    data = payload if isinstance(payload, bytes) else payload.encode() if isinstance(payload, str) else packed(payload)
    return b"data: " + data + b"\n\n"


DONE = event("[DONE]")


def framed(data: bytes) -> bytes:
    """Return one chunk of chunked transfer coding."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def stream(
    parts: Iterable[Step], *, chunked: bool = True, end: bool = True, headers: Mapping[str, str] | None = None
) -> Iterator[Step]:
    """Yield the steps of a streamed answer; without ``end`` the last chunk is missing, as after a crash."""
    coding = {"Transfer-Encoding": "chunked"} if chunked else {}
    yield head(200, {"Content-Type": "text/event-stream; charset=utf-8", **coding, **(headers or {})})
    held = b""  # one step behind, so that the end goes out with the last event: a client may leave after [DONE]
    for part in parts:
        if held:
            yield held
        held = b""
        if isinstance(part, bytes):
            held = framed(part) if chunked else part
        else:
            yield part
    yield held + (b"0\r\n\r\n" if chunked and end else b"")


def deltas(pieces: Iterable[str], *, each: float = 0.0, finish: str = "stop") -> Iterator[Step]:
    """Yield the events of an answer in these pieces, with a wait before each, without the closing [DONE]."""
    yield event(chunk({"role": "assistant", "content": ""}))
    for piece in pieces:
        if each:
            yield each
        yield event(chunk({"content": piece}))
    yield event(chunk({}, finish))


def pieces_of(text: str, size: int = 4) -> list[str]:
    """Return the text cut every ``size`` characters."""
    return [text[at : at + size] for at in range(0, len(text), size)]


# --- behaviours ---


def reply(text: Written, *, size: int = 4, first: float = 0.0, each: float = 0.0, finish: str = "stop") -> Behaviour:
    """Answer with the text: in deltas of ``size`` characters where a stream is asked for, else whole.

    Args:
        text: the text, or how to make it from the request.
        size: characters of a delta.
        first: seconds before the first byte.
        each: seconds before each delta.
        finish: the reason given for the end.
    """

    def behave(request: Request) -> Iterator[Step]:
        made = text(request) if callable(text) else text
        yield first
        if not request.stream:
            yield each
            yield from _whole_steps(whole(made))
            return
        usage = (request.body.get("stream_options") or {}).get("include_usage")
        closing = [event(chunk({}, choices=[], usage=whole("")["usage"]))] if usage else []
        yield from stream([*deltas(pieces_of(made, size), each=each, finish=finish), *closing, DONE])

    return behave


def slow(text: Written, *, first: float = 1.0, each: float = 0.1) -> Behaviour:
    """Answer with the text, late and haltingly."""
    return reply(text, first=first, each=each)


def _whole_steps(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Iterator[Step]:
    body = payload if isinstance(payload, bytes) else payload.encode() if isinstance(payload, str) else packed(payload)
    yield head(status, {"Content-Length": str(len(body)), **(headers or {})})
    yield body


def status(code: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Behaviour:
    """Answer with a status; the body is text, bytes or JSON, by default an error as OpenAI words it."""
    told = {"error": {"message": f"scripted error {code}", "type": "scripted_error", "param": None, "code": None}}
    return lambda request: _whole_steps(told if body is None else body, code, headers)


def events(*payloads: Any, done: bool = True, **options: Any) -> Behaviour:
    """Stream these payloads, each as an event (objects, text, bytes) or a wait (float); options as of ``stream``."""

    def behave(request: Request) -> Iterator[Step]:
        parts = [one if isinstance(one, float) else event(one) for one in payloads]
        yield from stream([*parts, *([DONE] if done else [])], **options)

    return behave


def raw(*steps: Step) -> Behaviour:
    """Send these bytes as they are, with waits or ``RESET`` between, and close."""
    return lambda request: steps


def hang(seconds: float = LONGEST, *before: bytes) -> Behaviour:
    """Send what is given, then nothing for a time, then close."""
    return raw(*before, float(seconds))


def sequence(*behaviours: Behaviour) -> Behaviour:
    """Give the n-th request the n-th behaviour; the last one repeats."""
    return lambda request: behaviours[min(request.number, len(behaviours) - 1)](request)


def refused(request: Request) -> Iterable[Step]:
    """Stand for a port on which nobody listens; ``scripted`` opens none for it."""
    raise AssertionError("nobody listens here")


_MODELS = {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 1700000000, "owned_by": "tests"}]}

# --- the server ---


class _Stopped(Exception):
    """The test is over."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = LONGEST
    server: _Listener

    def do_GET(self) -> None:
        if self.path.endswith("/models"):
            self._serve(self.server.told.visits, self.server.models)
        else:  # a client that followed a redirection
            self._serve(self.server.told.requests, self.server.behaviour)

    def do_POST(self) -> None:
        self._serve(self.server.told.requests, self.server.behaviour)

    def _serve(self, seen: list[Request], behaviour: Behaviour) -> None:
        self.close_connection = True
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(data) if data else None
        except ValueError:
            body = None
        with self.server.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(len(seen), self.command, self.path, headers, data, body, time.monotonic())
            seen.append(request)
        told = self.server.told
        try:
            self._play(behaviour(request))
        except (_Stopped, TimeoutError):
            return
        except OSError:  # the client hung up
            told.hung_up.append(request.number)
            told.left.set()
            return
        told.finished.append(request.number)

    def _play(self, steps: Iterable[Step]) -> None:
        until = time.monotonic() + LONGEST
        for step in steps:
            if isinstance(step, Reset):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.rfile.close()
                self.connection.close()
                return
            if isinstance(step, bytes):
                self._wait(0.0)
                self.connection.sendall(step)
            else:
                self._wait(step)
            if time.monotonic() > until:
                return

    def _wait(self, seconds: float) -> None:
        """Wait; raise ConnectionError when the client hangs up meanwhile."""
        until = time.monotonic() + min(seconds, LONGEST)
        while True:
            if self.server.stopping.is_set():
                raise _Stopped
            left = max(0.0, until - time.monotonic())
            ready, _, _ = select.select([self.connection], [], [], min(left, 0.02))
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionAbortedError("the client hung up")
            if left <= 0:
                return
            if ready:
                time.sleep(0.005)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, behaviour: Behaviour, models: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour, self.models = behaviour, models
        self.told = Server(f"http://127.0.0.1:{self.server_address[1]}/v1")
        self.stopping, self.lock = threading.Event(), threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a client that vanished go."""


@contextmanager
def scripted(behaviour: Behaviour, *, models: Behaviour | None = None) -> Iterator[Server]:
    """Run a server that answers by the behaviour, and for the list of models by ``models`` (by default one model).

    For the behaviour ``refused`` the address is one on which nobody listens.
    """
    if behaviour is refused:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # bound, never listening: every connection is refused
            yield Server(f"http://127.0.0.1:{closed.getsockname()[1]}/v1")
        return
    listener = _Listener(behaviour, models or status(200, _MODELS))
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listener.told
    finally:
        listener.stopping.set()
        listener.shutdown()
        listener.server_close()
        thread.join(5)
