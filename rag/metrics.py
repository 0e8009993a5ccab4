"""Counters and durations as Prometheus reads them (text exposition format 0.0.4)."""

from __future__ import annotations

import resource
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of the duration buckets, in seconds."""
_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """What the server has done since its start. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: defaultdict[tuple[str, _Labels], int] = defaultdict(int)
        self._buckets: defaultdict[tuple[str, _Labels], list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._sums: defaultdict[tuple[str, _Labels], float] = defaultdict(float)

    def count(self, name: str, **labels: str) -> None:
        """Add one to a counter. Labels must come from a small fixed set."""
        with self._lock:
            self._counts[name, tuple(labels.items())] += 1

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        key = (name, tuple(labels.items()))
        with self._lock:
            self._buckets[key][bisect_left(BUCKETS, seconds)] += 1
            self._sums[key] += seconds

    def text(self, gauges: Mapping[str, float]) -> str:
        """Return everything, with the gauges, which are read at this moment."""
        with self._lock:
            counts, sums = sorted(self._counts.items()), sorted(self._sums.items())
            buckets = {key: list(found) for key, found in self._buckets.items()}
        lines: list[str] = []
        for name in dict.fromkeys(name for (name, _), _ in counts):
            lines.append(f"# TYPE {name} counter")
            lines += [f"{name}{_braced(labels)} {n}" for (each, labels), n in counts if each == name]
        for name in dict.fromkeys(name for (name, _), _ in sums):
            lines.append(f"# TYPE {name} histogram")
            for (each, labels), total in sums:
                if each == name:
                    lines += _histogram(name, labels, buckets[name, labels], total)
        for name, value in {**gauges, "process_resident_memory_bytes": resident_bytes()}.items():
            lines += [f"# TYPE {name} gauge", f"{name} {value:g}" if value < 1e6 else f"{name} {value:.0f}"]
        return "\n".join(lines) + "\n"


def _histogram(name: str, labels: _Labels, found: list[int], total: float) -> Iterator[str]:
    below = 0
    for bound, n in zip((*BUCKETS, None), found, strict=True):
        below += n
        le = "+Inf" if bound is None else f"{bound:g}"
        yield f"{name}_bucket{_braced((*labels, ('le', le)))} {below}"
    yield f"{name}_sum{_braced(labels)} {total:.6f}"
    yield f"{name}_count{_braced(labels)} {below}"


def _braced(labels: _Labels) -> str:
    quoted = (f'{name}="{_escaped(value)}"' for name, value in labels)
    return "{" + ",".join(quoted) + "}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def resident_bytes() -> float:
    """Return the memory that this process holds at the moment; its peak where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return float(pages * resource.getpagesize())
    except (OSError, IndexError, ValueError):
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
