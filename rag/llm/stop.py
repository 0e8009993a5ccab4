"""The way to stop an answer in the making: who reads it may leave while the language model is silent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stop:
    """Set once, from any thread; calls back what waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Callable[[], None]] = []
        self._set = False

    @property
    def is_set(self) -> bool:
        """Return whether nobody waits for the answer any more."""
        return self._set

    def set(self) -> None:
        """Stop; later calls do nothing."""
        with self._lock:
            self._set, calls, self._calls = True, self._calls, []
        for call in calls:
            call()

    def on(self, call: Callable[[], None]) -> None:
        """Have this called, in the thread that stops; at once where it has stopped already."""
        with self._lock:
            if not self._set:
                self._calls.append(call)
                return
        call()


_current: ContextVar[Stop | None] = ContextVar("youju_stop", default=None)


def current_stop() -> Stop | None:
    """Return what stops the answer that this thread is making, if anything can."""
    return _current.get()


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Let ``stop`` stop the language model in what this thread does within."""
    token = _current.set(stop)
    try:
        yield
    finally:
        _current.reset(token)
