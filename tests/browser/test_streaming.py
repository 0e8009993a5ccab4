"""An answer as a language model writes it: what is checked, what is still being checked, and stopping it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.llm.choose import endpoint
from tests.browser.conftest import Site, ask, shot
from tests.llm_server import Request, Server, reply, scripted

_EXCERPT = re.compile(r"\[([0-9a-f]{8})\]\s*([^\n\[\]]{12,70})")
QUESTION = "“十四五”时期工业绿色发展的主要目标是什么？"


def _written(request: Request) -> str:
    """Say the passages over, each with its key: an answer that stands."""
    found = list(dict.fromkeys(_EXCERPT.findall(request.prompt)))[:4]
    return "".join(f"{words.strip('。；;，, ')}[{key}]。" for key, words in found)


@pytest.fixture(scope="module")
def spoken(serve: Callable[..., Site], index: Path) -> Iterator[tuple[Site, Server]]:
    with scripted(reply(_written, size=3, each=0.05)) as server:
        settings = Settings(index_dir=index, llm_base_url=server.base_url, llm_model="scripted")
        yield serve(settings, endpoint(settings)), server


def _begin(page: Any) -> Any:
    page.fill("#yj-question", QUESTION)
    page.press("#yj-question", "Enter")
    page.locator(".preview", has_text="核对中").wait_for()
    return page.locator(".slot").last


def test_a_sentence_is_shown_as_being_checked_before_it_is_given_out(
    spoken: tuple[Site, Server], open_page: Callable[..., Any]
) -> None:
    page = open_page(spoken[0].url)
    slot = _begin(page)
    assert page.locator("[data-act=stop]").is_visible()
    assert page.locator(".card").count() >= 1, "the passages found stand beside the answer in the making"
    shot(page, "streaming")
    slot.locator("[data-act=copy]").wait_for(timeout=30_000)
    assert slot.locator(".preview").count() == 0
    assert "语言模型作答" in slot.locator(".how").inner_text()
    assert slot.locator(".cite").count() >= 1
    assert page.locator(".card mark").count() >= 1


def test_stopping_ends_the_answer_at_once_and_the_model_soon(
    spoken: tuple[Site, Server], open_page: Callable[..., Any]
) -> None:
    site, server = spoken
    server.left.clear()
    page = open_page(site.url)
    slot = _begin(page)
    page.click("[data-act=stop]")
    assert slot.locator(".note", has_text="已停止").count() == 1
    assert page.locator("[type=submit]").first.is_visible()
    assert server.wait_disconnected(5), "the language model goes on for nobody"
    slot.locator("[data-act=retry]").click()
    page.locator("[data-act=copy]").wait_for(timeout=30_000)
    assert page.locator(".question").all_inner_texts() == [QUESTION]


def test_closing_the_page_stops_the_model(spoken: tuple[Site, Server], open_page: Callable[..., Any]) -> None:
    site, server = spoken
    server.left.clear()
    page = open_page(site.url)
    _begin(page)
    page.close()
    assert server.wait_disconnected(8)


def test_a_dead_model_leaves_the_quotations_and_says_so(
    serve: Callable[..., Site], index: Path, open_page: Callable[..., Any]
) -> None:
    with scripted(reply("")) as server:
        settings = Settings(
            index_dir=index, llm_base_url=server.base_url, llm_model="scripted", llm_retries=0, llm_timeout_s=2
        )
        site = serve(settings, endpoint(settings))
    began = time.monotonic()
    slot = ask(open_page(site.url), QUESTION)
    assert time.monotonic() - began < 15
    assert "摘录" in slot.locator(".note").inner_text()
    assert slot.locator(".cite").count() >= 1
