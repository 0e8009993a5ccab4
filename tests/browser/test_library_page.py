"""The library page in a real browser: uploads, what was not read and why, replacing, removing, correcting."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.build import build
from rag.access import Who
from rag.config import Settings
from tests.browser.conftest import Site, ask, shot

RULES = "# 甲县湿地水泵检修办法\n\n## 一、检修周期\n\n甲县湿地水泵每37天检修一次，检修时间不少于4小时。\n"
HOSTILE = "<img src=x onerror=window.broken=1><b>粗.md"


@pytest.fixture
def shelf(serve: Callable[..., Site], tmp_path: Path) -> Site:
    (tmp_path / "甲.md").write_text("# 乙市路灯管理规定\n\n路灯每晚18时30分开启。\n", "utf-8")
    build([tmp_path / "甲.md"], tmp_path / "index", Settings().index)
    return serve(Settings(index_dir=tmp_path / "index", ui_reports=tmp_path), slow=0.3)


def _upload(page: Any, *files: tuple[str, str | bytes], field: str = "#yj-files") -> None:
    sent = [{"name": n, "mimeType": "text/plain", "buffer": t.encode() if isinstance(t, str) else t} for n, t in files]
    page.set_input_files(field, sent)


def _outcome(page: Any, name: str, words: str) -> None:
    page.locator("#yj-progress li").filter(has_text=name).locator(".outcome", has_text=words).wait_for()


def test_an_uploaded_file_answers_at_once_and_a_bad_one_is_named_with_the_reason(
    shelf: Site, open_page: Callable[..., Any]
) -> None:
    page = open_page(f"{shelf.url}/zh/#library")
    page.locator(".documents tbody tr").wait_for()
    _upload(page, ("湿地水泵.md", RULES), ("坏.docx", b"PK\x03\x04nothing"), ("图.png", b"\x89PNG"))
    _outcome(page, "湿地水泵.md", "已加入")
    _outcome(page, "坏.docx", "未读入")
    _outcome(page, "图.png", "未读入")
    page.locator("#yj-change", has_text="新增 1").wait_for()
    page.locator(".documents tbody tr", has_text="湿地水泵").wait_for()
    shot(page, "library-upload")
    page.click("[data-page-link=ask]")
    slot = ask(page, "甲县湿地水泵多少天检修一次？")
    assert "37天" in slot.locator(".answer").inner_text()


def test_answers_go_on_from_the_old_index_while_a_file_is_read(shelf: Site, open_page: Callable[..., Any]) -> None:
    shelf.host.slow = 2.0
    page = open_page(f"{shelf.url}/zh/#library")
    page.locator(".documents tbody tr").wait_for()
    _upload(page, ("湿地水泵.md", RULES))
    page.locator("#yj-change", has_text="正在").wait_for()
    page.click("[data-page-link=ask]")
    slot = ask(page, "路灯几点开启？")
    assert "18时30分" in slot.locator(".answer").inner_text()
    assert shelf.host.progress().state == "running"
    page.click("[data-page-link=library]")
    _outcome(page, "湿地水泵.md", "已加入")


def test_a_document_is_replaced_and_removed(shelf: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(f"{shelf.url}/zh/#library")
    page.locator(".documents [data-act=replace]").wait_for()
    with page.expect_file_chooser() as chooser:
        page.click(".documents [data-act=replace]")
    chooser.value.set_files({"name": "新规定.md", "mimeType": "text/plain", "buffer": RULES.encode()})
    _outcome(page, "新规定.md", "已加入")
    page.wait_for_function("document.querySelectorAll('.documents tbody tr').length === 1")
    page.locator(".documents tbody tr", has_text="湿地水泵检修").wait_for()
    _upload(page, ("新规定.md", RULES.replace("37", "45")))
    _outcome(page, "新规定.md", "已更新")
    page.click(".documents [data-act=remove]")
    assert "湿地水泵" in page.locator("#yj-remove-words").inner_text()
    page.click("#yj-remove [data-act=dialog-close]")
    assert len(shelf.host.qa().library.documents()) == 1
    page.click(".documents [data-act=remove]")
    page.click("#yj-remove [type=submit]")
    page.locator("#yj-shelf .panel-note", has_text="没有符合的资料").wait_for()


def test_a_correction_shows_in_answers_and_outlives_the_next_upload(shelf: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(f"{shelf.url}/zh/#library")
    page.locator(".documents [data-act=correct]").click()
    page.fill("#yj-correct [name=number]", "乙政发〔2021〕7号")
    page.fill("#yj-correct [name=issuers]", "乙市人民政府、乙市城管局")
    page.fill("#yj-correct [name=date]", "去年")
    page.click("#yj-correct [type=submit]")
    page.locator("#yj-change.is-error", has_text="日期").wait_for()
    page.locator(".documents [data-act=correct]").click()
    page.fill("#yj-correct [name=number]", "乙政发〔2021〕7号")
    page.fill("#yj-correct [name=date]", "2021-03-04")
    page.click("#yj-correct [type=submit]")
    page.locator(".documents td", has_text="乙政发〔2021〕7号").wait_for()
    _upload(page, ("湿地水泵.md", RULES))
    _outcome(page, "湿地水泵.md", "已加入")
    page.click("[data-page-link=ask]")
    ask(page, "路灯几点开启？")
    assert "乙政发〔2021〕7号" in page.locator(".card").first.inner_text()
    assert "2021-03-04" in page.locator(".card").first.inner_text()


def test_hostile_names_and_texts_are_shown_as_text(shelf: Site, open_page: Callable[..., Any]) -> None:
    text = (
        "# <script>window.broken=2</script>丙镇渡口规定\n\n渡口每天7时开航，<img src=x onerror=\"window.broken=3\">"
        "票价2元。${window.broken=4}{{constructor.constructor('window.broken=5')()}}</blockquote><h1>大</h1>\n"
    )
    page = open_page(f"{shelf.url}/zh/#library")
    page.locator(".documents tbody tr").wait_for()
    _upload(page, (HOSTILE, text))
    _outcome(page, "<b>粗.md", "已加入")
    page.locator(".documents .file", has_text=HOSTILE).wait_for()
    page.click("[data-page-link=ask]")
    slot = ask(page, "渡口每天几时开航？")
    assert "7时" in slot.locator(".answer").inner_text()
    slot.locator(".cite").first.click()
    card = page.locator(".card.is-open")
    assert "onerror" in card.locator(".source").text_content()
    assert "<script>" in card.inner_text()
    page.reload()
    page.wait_for_selector("#yj[data-ready=yes]")
    page.locator(".chat").click()
    page.locator("[data-act=copy]").wait_for()
    with page.context.expect_page() as opened:
        page.locator(".card a").first.click()
    whole = opened.value
    whole.wait_for_load_state()
    assert text.splitlines()[2] in whole.locator(".whole").text_content()
    for each in (page, whole):
        assert each.evaluate("window.broken") is None
        assert each.locator("img[src=x], .whole h1, .source h1").count() == 0


def test_the_full_check_tells_of_damage(shelf: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(f"{shelf.url}/zh/#library")
    page.click("[data-act=check]")
    page.locator("#yj-check", has_text="没有问题").wait_for()
    library = shelf.host.qa().library
    damaged = next(p for p in (library.folder / "generations" / library.generation).rglob("*") if p.is_file())
    damaged.write_bytes(damaged.read_bytes() + b"x")
    page.click("[data-act=check]")
    page.locator("#yj-check .is-error").first.wait_for()


def test_a_reader_sees_only_their_documents_and_changes_nothing(
    serve: Callable[..., Site], tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    for name, words in (("公开.md", "丁村水井每周清洗2次。"), ("内部.md", "丁村水井密码是8848。")):
        (tmp_path / name).write_text(f"# 丁村水井{name[:2]}规定\n\n{words}\n", "utf-8")
    build([tmp_path], tmp_path / "index", Settings().index)
    site = serve(Settings(index_dir=tmp_path / "index"), reader=lambda request: Who("reader", "reader", ("公开*",)))
    page = open_page(f"{site.url}/zh/#library")
    page.locator(".documents tbody tr").wait_for()
    assert page.locator(".documents tbody tr").count() == 1
    assert page.locator("[data-act=remove], [data-act=correct]").count() == 0
    assert not page.locator("#yj-upload").is_visible()
    page.evaluate("window.youjuBridges.shelf.trigger('withdraw', {sent: {file: '公开.md', lang: 'zh'}})")
    page.locator("#yj-change").wait_for(state="attached")
    page.click("[data-page-link=ask]")
    slot = ask(page, "丁村水井密码是多少？")
    record = json.loads(page.evaluate("localStorage.getItem('youju.chats')"))[0]["records"][0]
    assert "8848" not in json.dumps(record) and "8848" not in slot.inner_text()
    assert all(c["doc"] == "公开.md" for c in record["answer"]["citations"])
    assert page.request.get(f"{site.url}/page/document?doc=内部.md").status == 404
    assert page.request.get(f"{site.url}/page/passage?doc=内部.md&start=0&end=0&step=1").status == 404
    assert len(site.host.qa().library.documents()) == 2
