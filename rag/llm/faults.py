"""What went wrong at an endpoint: in one line for the reader, and whether another try makes sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

OPTIONAL = ("seed", "temperature", "max_tokens")
"""Fields of a request that an endpoint may not take; it is asked again without those that it complains of."""
LONGEST_WAIT_S = 20.0
"""A server that wants more time before the next try is not waited for."""
_TOO_LONG = re.compile("context|maximum.{0,20}length|too long|too many tokens|上下文|超长|长度", re.IGNORECASE)
_WORDS = {
    401: "语言模型服务不认这个密钥",
    402: "语言模型服务的余额不足",
    403: "语言模型服务拒绝访问",
    404: "语言模型服务没有这个地址或模型",
    413: "问题和资料超出了语言模型的长度上限",
    429: "语言模型服务繁忙",
}


CUT = {False: "语言模型的回答中途断了", True: "语言模型的回答超过了长度上限"}


class CutOffError(ValueError):
    """An answer ended without saying that it is whole; the text says how."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request failed: ``text`` (Chinese, one line).

    ``passing``: another try may succeed, after ``wait_s`` seconds where the server says so. ``unreachable``: nobody
    answers at that address. ``unwelcome``: optional fields that the endpoint does not take. ``missing``: a package.
    """

    text: str
    passing: bool = False
    wait_s: float | None = None
    unreachable: bool = False
    unwelcome: frozenset[str] = frozenset()
    missing: bool = False
    too_long: bool = False


@cache
def raised() -> tuple[type[Exception], ...]:
    """Return what the client libraries raise for a bad connection, a bad status, and an answer of another form.

    The last comes out of their parsing as plain errors of Python.
    """
    import httpx
    import openai

    parsing = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, AssertionError)
    return (openai.OpenAIError, httpx.HTTPError, httpx.InvalidURL, OSError, EOFError, *parsing)


def read_fault(error: Exception) -> Fault:
    """Return the fault that an exception of the client libraries means."""
    import httpx
    import openai

    if isinstance(error, CutOffError):
        return Fault(str(error))
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        connecting = isinstance(error.__cause__ or error, httpx.ConnectTimeout)
        return Fault("语言模型服务没有回应", unreachable=connecting)
    if isinstance(error, openai.APIConnectionError | httpx.ConnectError):
        refused = isinstance(error.__cause__ or error, httpx.ConnectError)
        text = "连不上语言模型服务" if refused else "与语言模型服务的连接断了"
        return Fault(text, passing=not refused, unreachable=refused)
    if isinstance(error, openai.APIStatusError):
        return _status(error.status_code, str(error), error.response.headers)
    if isinstance(error, httpx.HTTPError | OSError | EOFError):
        return Fault("与语言模型服务的连接断了", passing=True)
    return Fault("语言模型服务的回应不合格式", passing=False)


def _status(status: int, message: str, headers: Mapping[str, Any]) -> Fault:
    if status in (400, 413, 422):
        if status == 413 or _TOO_LONG.search(message):
            return Fault(_WORDS[413], too_long=True)
        unwelcome = {name for name in OPTIONAL if name in message}
        if "max_completion_tokens" in message:
            unwelcome |= {"max_tokens", "max_completion_tokens"}
        return Fault(f"语言模型服务不接受请求（{status}）", unwelcome=frozenset(unwelcome))
    passing = status in (408, 409, 425, 429) or status >= 500
    wait = _seconds(str(headers.get("retry-after", "")))
    if wait is not None and wait > LONGEST_WAIT_S:
        passing = False
    return Fault(_WORDS.get(status, f"语言模型服务出错（{status}）"), passing, wait)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
