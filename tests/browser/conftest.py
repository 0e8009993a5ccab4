"""The page in Debian's chromium, over a server of this process. Skipped, with the reason, where either is missing."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from index.build import build
from rag.config import Settings
from tests.stand_in_host import StandInHost
from ui_parts.seams import Records

ROOT = Path(__file__).resolve().parent.parent.parent
SHOTS = ROOT / "reports" / "screenshots"
AXE = ROOT / "reports" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
READY = "#yj[data-ready=yes]"


@dataclass
class Site:
    """A running server with its host and the opinions that it was told."""

    url: str
    host: StandInHost
    opinions: list[dict[str, str]] = field(default_factory=list)
    noted: list[Any] = field(default_factory=list)

    def raw(self, doc: str) -> str:
        return self.host.qa().library.raw(doc)


def _chromium() -> str:
    pytest.importorskip("playwright", reason="playwright is not installed (the extra `dev-ui`)")
    pytest.importorskip("gradio", reason="gradio is not installed (the extra `ui`)")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is not installed (make system-deps)")
    return found


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., Site]]:
    """Start servers; they end with the module."""
    _chromium()
    import fastapi
    import uvicorn

    import ui

    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(settings: Settings, model: Any = None, reader: Any = None, slow: float = 0.0) -> Site:
        host = StandInHost(settings, model, slow)
        site = Site("", host)
        app = fastapi.FastAPI()
        records = Records(
            feedback=lambda who, told: site.opinions.append(dict(told)), answered=lambda *told: site.noted.append(told)
        )
        ui.mount(app, host, settings, reader, records)
        server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        site.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        running.append((server, thread))
        return site

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(10)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page") / "index"
    build([ROOT / "corpus"], folder, Settings().index)
    return folder


@pytest.fixture(scope="module")
def site(serve: Callable[..., Site], index: Path) -> Site:
    """The page over the sample collection."""
    return serve(Settings(index_dir=index, ui_reports=index.parent / "reports"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # Module by module: a started Playwright leaves an event loop in this thread, which other tests must not find.
    path = _chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open pages in windows of their own. At the end: no request has left this machine, no script has failed."""
    contexts, asked, wrong = [], [], []

    def opened(url: str, **options: Any) -> Any:
        defaults = {"locale": "zh-CN", "viewport": {"width": 1440, "height": 900}}
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(10_000)
        context.on("request", lambda request: asked.append(request.url))
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        if "/page/document" not in url:
            page.wait_for_selector(READY)
        return page

    yield opened
    for context in contexts:
        context.close()
    away = [url for url in asked if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname != "127.0.0.1"]
    assert not away, "requests to other hosts"
    assert asked
    assert not wrong, "errors in the page's scripts"


def ask(page: Any, question: str) -> Any:
    """Ask, wait for the whole answer, and return its turn."""
    before = page.locator("#yj-turns > .slot").count()
    page.fill("#yj-question", question)
    page.press("#yj-question", "Enter")
    slot = page.locator("#yj-turns > .slot").nth(before)
    slot.locator("[data-act=copy]").wait_for()
    return slot


def shot(page: Any, name: str) -> None:
    """Keep a picture of the page for the reader of the CI run."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def violations(page: Any) -> list[str]:
    """Return the serious and critical accessibility faults of what the page shows."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (make tests fetches it with npm)")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
