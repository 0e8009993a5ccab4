"""Fixtures shared by all tests: no network, the sample collection, the real documents where they are present."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {host!r}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield


@pytest.fixture(scope="session")
def real_corpus() -> Path:
    """The five real documents; YOUJU_CORPUS tells where they lie."""
    folder = Path(os.environ.get("YOUJU_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"the real documents are not here: {folder} (set YOUJU_CORPUS)")
    return folder


@pytest.fixture(scope="session")
def sample_corpus() -> Path:
    """The sample collection of the repository."""
    return ROOT / "corpus"
