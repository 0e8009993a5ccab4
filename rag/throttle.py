"""Limits by key (a user, an address): so many requests a minute; longer and longer pauses after wrong passwords."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

KEPT = 10_000
"""Keys remembered; the one not seen for longest is forgotten first."""
FREE = 3
"""Wrong passwords in a row before the pauses begin."""
LONGEST_PAUSE_S = 300.0

Clock = Callable[[], float]


class Rate:
    """A bucket of ``per_minute`` requests for each key, filled again evenly. 0: no limit. Safe between threads."""

    def __init__(self, per_minute: int, clock: Clock = time.monotonic) -> None:
        self._size, self._clock = per_minute, clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one request out of the key's bucket; return 0.0, or the seconds to wait where it is empty."""
        if not self._size:
            return 0.0
        now = self._clock()
        with self._lock:
            left, then = self._held.pop(key, (float(self._size), now))
            left = min(float(self._size), left + (now - then) * self._size / 60)
            allowed = left >= 1
            self._held[key] = (left - 1 if allowed else left, now)
            if len(self._held) > KEPT:
                self._held.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / self._size


class Pauses:
    """After ``FREE`` failures in a row each further one doubles the pause before the next try. Safe between threads."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, *keys: str) -> float:
        """Return the seconds before another try with any of these keys is looked at; 0.0: now."""
        now = self._clock()
        with self._lock:
            return max(0.0, *(self._held[key][1] - now for key in keys if key in self._held), 0.0)

    def failed(self, *keys: str) -> None:
        """Note a failure."""
        now = self._clock()
        with self._lock:
            for key in keys:
                count = self._held.pop(key, (0, 0.0))[0] + 1
                pause = min(LONGEST_PAUSE_S, 2.0 ** (count - FREE)) if count >= FREE else 0.0
                self._held[key] = (count, now + pause)
                if len(self._held) > KEPT:
                    self._held.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """Forget the failures."""
        with self._lock:
            for key in keys:
                self._held.pop(key, None)
