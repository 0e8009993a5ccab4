"""The page as ``youju serve`` gives it out: behind the guard, its security headers, accounts and login."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.build import build
from rag.access import add_user, open_accounts, set_group
from rag.config import Settings
from tests.browser.conftest import ask, violations

PASSWORD = "correct horse 27"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Settings], str]]:
    for package in ("mcp", "gradio", "playwright"):
        pytest.importorskip(package, reason=f"{package} is not installed (the extras `serve`, `ui`, `dev-ui`)")
    import uvicorn

    import ui
    from rag.api import create_app, who_asks
    from rag.host import Host

    ended: list[Callable[[], None]] = []

    def start(settings: Settings) -> str:
        host = Host(settings)
        app = create_app(host, settings, open_accounts(settings))
        app = ui.mount(app, host, settings, who_asks)
        server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)

        def end() -> None:
            server.should_exit = True
            thread.join(10)
            host.close()

        ended.append(end)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for end in ended:
        end()


def _library(folder: Path) -> Settings:
    for name, words in (("公开甲.md", "戊镇茶厂每年检修3次。"), ("内部乙.md", "戊镇茶厂每年亏损88万元。")):
        (folder / name).write_text(f"# 戊镇茶厂{name[:2]}规定\n\n{words}\n", "utf-8")
    settings = Settings(index_dir=folder / "index")
    build([folder / "公开甲.md", folder / "内部乙.md"], settings.index_dir, settings.index)
    return settings


def test_the_served_page_answers_uploads_and_keeps_its_log(
    served: Callable[[Settings], str], tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    settings = _library(tmp_path)
    url = served(settings)
    page = open_page(url)
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
    slot = ask(page, "戊镇茶厂每年检修几次？")
    assert "3次" in slot.locator(".answer").inner_text().replace("✓", "")
    slot.locator("[data-thumb=up]").click()
    page.keyboard.press("Enter")
    slot.locator(".opinion", has_text="已记录").wait_for()
    page.click("[data-page-link=library]")
    page.locator(".documents tbody tr").first.wait_for()
    new = {"name": "新.md", "mimeType": "text/plain", "buffer": "# 己县渔港办法\n\n己县渔港设泊位52个。\n".encode()}
    page.set_input_files("#yj-files", [new])
    page.locator("#yj-progress li .outcome", has_text="已加入").wait_for(timeout=20_000)
    page.locator(".documents tr", has_text="己县渔港").locator("[data-act=correct]").click()
    page.fill("#yj-correct [name=status]", "现行")
    page.click("#yj-correct [type=submit]")
    page.locator(".documents tr", has_text="己县渔港").locator("td", has_text="现行").wait_for(timeout=20_000)
    page.click("[data-page-link=ask]")
    slot = ask(page, "己县渔港有多少个泊位？")
    assert "52个" in slot.locator(".answer").inner_text().replace("✓", "")
    assert blocked == []
    log = [json.loads(line) for line in (tmp_path / "index.audit.jsonl").read_text("utf-8").splitlines()]
    assert [(each["via"], each["what"]) for each in log] == [
        ("page", "ask"), ("page", "rebuild"), ("page", "edit"), ("page", "ask")
    ]  # fmt: skip
    assert "戊镇茶厂" in (tmp_path / "index.feedback.jsonl").read_text("utf-8")


def test_who_is_not_logged_in_gets_nothing_and_a_reader_only_their_group(
    served: Callable[[Settings], str], tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    settings = _library(tmp_path)
    accounts = settings.beside(settings.access_file, ".accounts.json")
    set_group(accounts, "open", ("公开*",))
    add_user(accounts, "li", PASSWORD, "reader", ("open",))
    url = served(settings)
    page = open_page(f"{url}/page/document?doc=内部乙.md")
    assert "/login" in page.url
    assert page.request.get(f"{url}/page/start", headers={"accept": "application/json"}).status == 401
    assert violations(page) == []
    page.fill("input[name=name]", "li")
    page.fill("input[type=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(url)
    page.wait_for_selector("#yj[data-ready=yes]")
    slot = ask(page, "戊镇茶厂每年亏损多少？")
    assert "88" not in slot.inner_text()
    assert page.request.get(f"{url}/page/document?doc=内部乙.md").status == 404
    page.click("[data-page-link=library]")
    page.locator(".documents tbody tr").wait_for()
    assert page.locator(".documents tbody tr").count() == 1
    assert not page.locator("#yj-upload").is_visible()
