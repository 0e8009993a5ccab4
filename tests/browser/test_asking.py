"""Asking in a real browser: answers, citations and their places, follow-ups, what a reader does with a turn."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Site, ask, shot

LIST = "哪些技术适合焦化企业？"
FIGURE = "“十四五”时期规模以上工业单位增加值能耗降低多少？"


def test_the_first_paint_comes_within_two_seconds(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert paint < 2000
    assert page.evaluate("performance.now()") < 8000
    assert page.locator(".example").count() >= 3
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_an_example_question_gets_an_answer_with_a_citation(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    example = page.locator(".example").first
    words = example.inner_text()
    example.click()
    page.locator("[data-act=copy]").wait_for()
    assert page.locator(".question").inner_text() == words
    assert page.locator(".cite").count() >= 1
    assert not page.locator("#yj-welcome").is_visible()


def _marked(card: Any) -> list[str]:
    return card.locator("mark").all_text_contents()


def _record(page: Any) -> dict[str, Any]:
    return json.loads(page.evaluate("localStorage.getItem('youju.chats')"))[0]["records"][-1]


def test_a_click_on_a_citation_shows_exactly_the_quoted_characters(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    slot = ask(page, LIST)
    slot.locator(".cite").first.click()
    card = page.locator(".card.is-open")
    assert card.count() == 1
    citation = _record(page)["answer"]["citations"][0]
    raw = site.raw(citation["doc"])
    spans = [raw[s["start"] : s["end"]] for s in citation["spans"]]
    assert len(spans) > 1, "a quotation in several places"
    assert _marked(card) == spans
    shown = card.locator(".source").text_content()
    first = citation["spans"][0]["start"]
    assert raw[first - 40 : first] + spans[0] in shown
    assert citation["info"]["title"] in card.inner_text()


def test_the_keyboard_alone_asks_opens_evidence_and_returns(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    page.focus("#yj-question")
    page.keyboard.type(FIGURE)
    page.keyboard.press("Enter")
    page.locator("[data-act=copy]").wait_for()
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.cite')"):
            break
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith("出处 1：《")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('.card.is-open')")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.cite')")


def test_figures_are_marked_as_checked(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    slot = ask(page, FIGURE)
    assert "13.5%✓" in [text.strip() for text in slot.locator(".figure").all_text_contents()]
    assert slot.locator(".is-wrong").count() == 0
    card = page.locator(".card").first
    assert "工信部规〔2021〕178号" in card.inner_text()
    assert "2021-11-15" in card.inner_text()
    assert "主要目标" in card.locator(".place").inner_text()


def test_the_passages_before_and_after_and_the_whole_document(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    slot = ask(page, FIGURE)
    slot.locator(".cite").first.click()
    card = page.locator(".card.is-open")
    quote = _marked(card)
    end = int(card.locator(".source").get_attribute("data-end"))
    card.locator("[data-act=walk][data-step='1']").click()
    page.wait_for_function(f"document.querySelector('.card.is-open .source').dataset.start >= {end}")
    after = card.locator(".source").text_content()
    card.locator("[data-act=walk][data-step='-1']").click()
    page.wait_for_function("old => document.querySelector('.card.is-open .source').textContent !== old", arg=after)
    card.locator("[data-act=unwalk]").click()
    assert _marked(card) == quote
    with page.context.expect_page() as opened:
        card.locator("a", has_text="在全文中打开").click()
    whole = opened.value
    whole.wait_for_load_state()
    assert whole.locator("mark").all_text_contents() == quote
    place = whole.locator("mark").first.bounding_box()
    assert place is not None and 0 < place["y"] < 900 - place["height"], "the quote is in view"
    citation = _record(page)["answer"]["citations"][0]
    assert whole.locator(".whole").text_content() == site.raw(citation["doc"])
    shot(whole, "document")


def test_a_follow_up_is_completed_and_can_be_asked_as_typed(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    ask(page, "湖南省清洁生产的主要目标是什么？")
    slot = ask(page, "那全国呢？")
    completed = slot.locator(".rewritten em").inner_text()
    assert completed != "那全国呢？" and "清洁生产" in completed
    slot.locator("[data-act=standalone]").click()
    page.locator(".rewritten", has_text="没有联系上文").wait_for()
    page.locator(".slot").nth(1).locator("[data-act=retry]").wait_for()
    assert _record(page)["answer"]["rewritten"] == "那全国呢？"
    page.uncheck("#yj-context")
    ask(page, "那全国呢？")
    assert _record(page)["standalone"] is True


def test_retry_and_edit_replace_the_turns_from_there_on(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    first = ask(page, FIGURE)
    ask(page, LIST)
    page.locator(".slot").nth(1).locator("[data-act=retry]").click()
    page.wait_for_function("document.querySelectorAll('.slot [data-act=copy]').length === 2")
    first.locator("[data-act=edit]").click()
    assert page.input_value("#yj-question") == FIGURE
    page.fill("#yj-question", LIST)
    page.press("#yj-question", "Enter")
    page.wait_for_function("document.querySelectorAll('.slot').length === 1")
    page.locator("[data-act=copy]").wait_for()
    assert page.locator(".question").inner_text() == LIST


def test_chats_stay_in_the_browser_and_open_again(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    slot = ask(page, FIGURE)
    answer = slot.locator(".answer").inner_text()
    page.click("[data-act=new-chat]")
    assert page.locator("#yj-welcome").is_visible()
    ask(page, LIST)
    page.reload()
    page.wait_for_selector("#yj[data-ready=yes]")
    assert page.locator(".chat").all_text_contents() == [LIST, FIGURE]
    page.locator(".chat").nth(1).click()
    page.locator("[data-act=copy]").wait_for()
    assert page.locator(".slot .answer").inner_text() == answer
    page.locator(".cite").first.click()
    assert page.locator(".card.is-open mark").count() >= 1
    page.locator("[data-act=delete-chat]").first.click()
    assert page.locator(".chat").count() == 1


def test_an_answer_is_copied_and_exported(site: Site, open_page: Callable[..., Any]) -> None:
    docx = pytest.importorskip("docx")
    page = open_page(site.url, permissions=["clipboard-read", "clipboard-write"])
    slot = ask(page, FIGURE)
    slot.locator("[data-act=copy]").click()
    page.locator("[data-act=copy]", has_text="已复制").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "13.5%" in copied and "[1] 《" in copied
    with page.expect_download() as downloaded:
        slot.locator("[data-format=md]").click()
    text = downloaded.value.path().read_text("utf-8")
    assert "13.5%" in text and "178号" in text
    ask(page, LIST)
    with page.expect_download() as downloaded:
        page.click("[data-act=export-chat]")
    assert downloaded.value.suggested_filename == "youju.docx"
    words = "\n".join(p.text for p in docx.Document(io.BytesIO(downloaded.value.path().read_bytes())).paragraphs)
    assert FIGURE in words and LIST in words


def test_an_opinion_is_kept_with_question_answer_and_index(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    slot = ask(page, FIGURE)
    slot.locator("[data-thumb=down]").click()
    page.keyboard.type("年份应写明")
    page.keyboard.press("Enter")
    slot.locator(".opinion", has_text="已记录").wait_for()
    told = site.opinions[-1]
    assert (told["thumb"], told["comment"], told["question"]) == ("down", "年份应写明", FIGURE)
    assert "13.5%" in told["answer"]
    assert told["fingerprint"] == site.host.qa().library.fingerprint


def test_a_limit_keeps_other_documents_out_of_the_answer(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    page.click("[data-act=scope]")
    page.locator("#yj-scope label", has_text="湖南省").first.click()
    shot(page, "scope")
    page.click("[data-act=scope]")
    assert page.locator(".chip").count() == 1
    slot = ask(page, "清洁生产的主要目标是什么？")
    assert "限定范围" in slot.locator(".limits").inner_text()
    docs = {c["doc"] for c in _record(page)["answer"]["citations"]}
    assert docs and all("湖南" in doc for doc in docs)
    page.locator(".chip").click()
    assert page.locator(".chip").count() == 0
    assert page.evaluate("document.querySelectorAll('#yj-scope input:checked').length") == 0


def test_a_question_without_an_answer_is_refused_with_the_nearest_passage(
    site: Site, open_page: Callable[..., Any]
) -> None:
    page = open_page(site.url)
    slot = ask(page, "火星移民基地的补贴标准是多少？")
    assert slot.locator(".is-refused").count() == 1
    assert "未找到依据" in slot.locator(".answer").inner_text()
    assert slot.locator(".tick").count() == 0


def test_a_question_that_is_too_long_says_so(site: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(site.url)
    page.evaluate("document.getElementById('yj-question').removeAttribute('maxlength')")
    page.fill("#yj-question", "问" * 4001)
    page.press("#yj-question", "Enter")
    page.locator(".note.is-error", has_text="超过上限").wait_for()
    assert page.locator("[type=submit]").first.is_visible()
