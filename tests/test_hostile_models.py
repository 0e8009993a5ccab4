"""Every hostile endpoint of the catalogue against the whole service: no crash, no hang, no figure that was made up."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.store import Library
from rag.config import Settings
from rag.llm.endpoint import Endpoint
from rag.service import PolicyQA
from rag.types import Done, Text
from tests.hostile import Hostile, catalogue
from tests.llm_server import scripted
from tests.written_library import opened

pytest.importorskip("llama_index.llms.openai_like", reason="the extra `llm` is not installed")

LIMIT_S = 1.5
SLACK_S = 4.0
"""Search, checks and a busy machine; a request and its repair take at most ``LIMIT_S`` each."""
QUESTIONS = (
    "规划提出到2025年单位工业增加值二氧化碳排放降低多少？",
    "哪些技术适合焦化企业？",
    "石灰窑的工艺由几大系统构成？",
    "甜菊糖苷用酶转化和用全发酵，省水分别是百分之几？",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, sample_corpus: Path) -> Library:
    return opened(tmp_path_factory.mktemp("hostile"), sample_corpus).library


def squeezed(text: str) -> str:
    return re.sub(r"\[\d+\]|\s", "", text)


def faults(case: Hostile, question: str, library: Library) -> Iterator[str]:
    """Yield what is wrong with the answer that the service makes of a hostile endpoint."""
    with scripted(case.behaviour) as server:
        settings = Settings(
            llm_base_url=server.base_url, llm_model="scripted", llm_timeout_s=LIMIT_S, llm_retries=1
        )
        began = time.monotonic()
        events = list(PolicyQA(library, settings, Endpoint(settings)).ask(question))
        took = time.monotonic() - began
        answer = events[-1].answer if isinstance(events[-1], Done) else None
        if answer is None or not answer.text.strip():
            yield "no answer"
            return
        if took > 2 * LIMIT_S + SLACK_S:
            yield f"took {took:.1f} s"
        if "".join(e.text for e in events if isinstance(e, Text)) != answer.text:
            yield "the pieces do not add up to the answer"
        if answer.mode == "extractive" and not answer.note:
            yield "fell back without a word"
        request = server.requests[0] if server.requests else None
        if request is None:
            return
        shown = squeezed(answer.text)
        if case.family != "mixed":  # two true halves of one record are no made-up figure
            yield from (f"shows {p!r}" for p in case.planted(request) if squeezed(p) and squeezed(p) in shown)
        if re.search(r"[\x00-\x09\x0b-\x1f\u200b-\u200f\u202a-\u202e\ufeff]|https?:|<[a-z/!|]", answer.text):
            yield "shows characters or mark-up that are not for reading"


def test_no_hostile_endpoint_breaks_the_service_or_gets_a_made_up_figure_shown(library: Library) -> None:
    cases = catalogue()
    assert len(cases) >= 200
    asked = [(c, q) for n, c in enumerate(cases) for q in (QUESTIONS if c.forge else QUESTIONS[:1])[: 2 + n % 3]]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: list(faults(one[0], one[1], library)), asked))
    wrong = [f"{case.name}, {question}: {fault}" for (case, question), told in zip(asked, found, strict=True)
             for fault in told]  # fmt: skip
    assert not wrong, "\n".join(wrong)
