"""``youju serve`` as a process of its own, on a free port, for tests with real clients."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from youju_process import ROOT, environment, write_documents, youju

if TYPE_CHECKING:
    import httpx
else:
    httpx = pytest.importorskip("httpx", reason="the extra `serve` and its clients are not installed")

ASKED = "年取水量超过多少的企业要做水平衡测试？"
"""A question about the two documents of ``youju_process``."""
START_S = 60

restricted = pytest.mark.skipif(
    not (ROOT / "index" / "view.py").exists(), reason="an index cannot be restricted to some documents yet"
)
"""For tests that need ``Question.only`` and ``PolicyQA.search(only=...)`` to be honoured."""


@dataclass
class Served:
    """A running server: its address, its process, the folder that it runs in, a client without accounts' knowledge."""

    url: str
    process: subprocess.Popen[str]
    folder: Path
    client: httpx.Client
    log: list[str]

    def ask(self, question: str = ASKED, **more: Any) -> httpx.Response:
        """Ask over HTTP."""
        headers = more.pop("headers", {})
        return self.client.post("/api/ask", json={"question": question, **more}, headers=headers)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of a file of JSON lines in the server's folder."""
        return [json.loads(line) for line in (self.folder / name).read_text("utf-8").splitlines()]


def needed() -> None:
    """Skip the test where the extra ``serve`` is not installed."""
    for name in ("fastapi", "uvicorn", "mcp"):
        pytest.importorskip(name, reason="the extra `serve` is not installed")


def world(folder: Path) -> Path:
    """Write two documents and their index in the default place; return the folder."""
    write_documents(folder / "docs")
    done = youju("build", "docs", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@contextmanager
def served(folder: Path, *arguments: str, **settings: str) -> Iterator[Served]:
    """Run ``youju serve`` in the folder; settings are environment variables without ``YOUJU_``."""
    env = environment(**{f"YOUJU_{name.upper()}": value for name, value in settings.items()})
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=pipe, encoding="utf-8") as process:
        log: list[str] = []
        assert process.stdout and process.stderr
        reader = threading.Thread(target=log.extend, args=(process.stderr,), daemon=True)
        reader.start()
        watchdog = threading.Timer(START_S, process.kill)
        watchdog.start()
        line = process.stdout.readline()
        watchdog.cancel()
        url = next((word for word in line.split() if word.startswith("http://")), "")
        try:
            assert url, f"the server did not start: {line} {''.join(log)}"
            with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
                yield Served(url, process, folder, client, log)
        finally:
            process.terminate()
            process.wait(20)
            reader.join(5)


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Yield name and JSON of each server-sent event; comments are passed over."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])
            name = ""
