"""Time to the first visible token: what youju adds to the endpoint's own time, against an endpoint on this machine.

    python -m bench.first_token [CORPUS] [--questions SUITE.jsonl] [--wait SECONDS]

An endpoint scripted by the tests waits, then streams a sentence from the passages. The time from the question to the
first Preview or Text event is compared with that of the same request sent by the same client without youju, one after
the other, per question; Found (the evidence panel) must come before. Prints medians and 95th percentiles in ms.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.cases import load_suite
from eval.system import open_system
from rag.config import Settings
from rag.llm import Message
from rag.llm.endpoint import Endpoint
from rag.service import PolicyQA
from rag.types import Found, Preview, Text
from tests.llm_server import Request, reply, scripted

ROOT = Path(__file__).resolve().parent.parent


class Kept:
    """An endpoint that keeps the last request, so that it can be sent again without youju."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.name = endpoint.name
        self.messages: Sequence[Message] = ()

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pass the request on."""
        self.messages = messages
        return self._endpoint.stream(messages)


def _sentence(request: Request) -> str:
    found = re.search(r"^\[([0-9a-f]{8})\] (.+)$", request.prompt, re.MULTILINE)
    return f"{found[2]}[{found[1]}]" if found else "未找到依据。"


def _first(qa: PolicyQA, question: str) -> tuple[float, float]:
    """Return seconds to Found and to the first visible text."""
    began = time.perf_counter()
    found = 0.0
    events = qa.ask(question)
    for event in events:
        if isinstance(event, Found):
            found = time.perf_counter() - began
        if isinstance(event, Preview | Text):
            seen = time.perf_counter() - began
            events.close()  # type: ignore[attr-defined]
            return found, seen
    raise SystemExit("no text")


def _alone(endpoint: Endpoint, messages: Sequence[Message]) -> float:
    began = time.perf_counter()
    stream = endpoint.stream(messages)
    next(stream)
    seen = time.perf_counter() - began
    stream.close()
    return seen


def main() -> None:
    """Run the measurement."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("corpus", nargs="?", type=Path, default=ROOT / "corpus")
    p.add_argument("--questions", type=Path, default=ROOT / "eval/suites/sample.jsonl")
    p.add_argument("--wait", type=float, default=0.2, help="seconds that the endpoint takes to its first token")
    options = p.parse_args()
    questions = [case.question for case in load_suite(options.questions) if not case.history]
    with (
        scripted(reply(_sentence, first=options.wait)) as server,
        tempfile.TemporaryDirectory() as folder,
        open_system(Path(folder), [options.corpus], None) as system,
    ):
        settings = Settings(llm_base_url=server.base_url, llm_model="scripted", llm_timeout_s=30)
        kept = Kept(Endpoint(settings))
        qa = PolicyQA(system.qa.library, settings, kept)
        endpoint = Endpoint(settings)
        founds, added = [], []
        for number, question in enumerate(questions):
            found, seen = _first(qa, question)
            alone = _alone(endpoint, kept.messages)
            if number and kept.messages:  # the first question loads the client
                founds.append(1000 * found)
                added.append(1000 * (seen - alone))
            kept.messages = ()
    for name, values in (("passages found", founds), ("added before the first token", added)):
        ordered = sorted(values)
        print(f"{name}: p50 {statistics.median(ordered):.1f} ms, p95 {ordered[int(0.95 * len(ordered))]:.1f} ms")


if __name__ == "__main__":
    main()
