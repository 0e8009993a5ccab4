"""Both languages, light and dark, a phone's width, every page by the rules of axe-core; pictures of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from tests.browser.conftest import READY, Site, ask, shot, violations

LIST = "哪些技术适合焦化企业？"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def measured(serve: Callable[..., Site], index: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The page with a report of three runs, one case of the last one failed."""
    folder = tmp_path_factory.mktemp("reports")
    group = {"cases": 2, "right": 1, "median_chars": 20.0, "accuracy": 0.5}
    summary = {
        "cases": 2, "right": 1, "accuracy": 0.5, "interval": [0.1, 0.9], "refused_when_due": 1.0,
        "false_refusals": None, "citation_precision": 0.8, "quotes_exact": 1.0, "p95_ms": 61.0,
        "by_type": {"fact": group}, "by_document": {"甲<b>.md": group},
    }  # fmt: skip
    cases = [
        {"id": "q1", "type": "fact", "question": "问一？", "answer": "答一", "right": True, "reasons": []},
        {"id": "q2", "type": "fact", "question": "问二？", "answer": "答二<i>", "right": False, "reasons": ["缺要点 1/1"]},
    ]
    report = [{"at": "2031-01-03T09:00:00+08:00", "suite": "样例", "systems": [{"summary": summary, "cases": cases}],
               "gate": {"passed": False, "failures": ["正确率"]}}]  # fmt: skip
    (folder / "report.json").write_text(json.dumps(report), "utf-8")
    runs = [{"at": f"2031-01-0{day}T09:00:00+08:00", "suite": "样例", "cases": 2, "right": r, "accuracy": r / 2}
            for day, r in ((1, 1), (2, 2), (3, 1))]  # fmt: skip
    (folder / "runs.jsonl").write_text("\n".join(map(json.dumps, runs)) + "\nbroken\n", "utf-8")
    return serve(Settings(index_dir=index, ui_reports=folder))


def test_the_evaluation_shows_groups_failures_with_reasons_and_the_trend(
    measured: Site, open_page: Callable[..., Any]
) -> None:
    page = open_page(f"{measured.url}/zh/#eval")
    page.locator(".suite").wait_for()
    assert page.locator(".big").inner_text() == "50.0%"
    assert page.locator(".trend circle").count() == 3
    assert page.locator(".groups").first.inner_text().split()[4:8] == ["事实", "2", "1", "50.0%"]
    assert page.locator(".case").count() == 1
    page.click(".case summary")
    assert "缺要点" in page.locator(".case").inner_text()
    assert "答二<i>" in page.locator(".case").inner_text()
    assert violations(page) == []
    shot(page, "eval")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_an_accessibility_rule(scheme: str, measured: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(measured.url, color_scheme=scheme)
    assert violations(page) == []
    shot(page, f"start-{scheme}")
    page.click("[data-act=scope]")
    assert violations(page) == []
    page.click("[data-act=scope]")
    ask(page, LIST)
    page.locator(".cite").first.click()
    page.locator("[data-thumb=up]").click()
    assert violations(page) == []
    shot(page, f"answer-{scheme}")
    page.click("[data-page-link=library]")
    page.locator(".documents").wait_for()
    assert violations(page) == []
    shot(page, f"library-{scheme}")
    page.locator("[data-act=correct]").first.click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.click("[data-page-link=eval]")
    page.locator(".suite").wait_for()
    assert violations(page) == []
    page.goto(f"{measured.url}/page/document?lang=zh&at=3-20&doc=清洁生产先进技术目录2022（说明）.md")
    assert violations(page) == []


def test_the_switch_for_dark_holds_and_beats_the_system(measured: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(measured.url, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("[data-act=theme]")
    assert page.evaluate(ground) != light
    assert page.locator("[data-act=theme]").get_attribute("aria-pressed") == "true"
    page.reload()
    page.wait_for_selector(READY)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{measured.url}/page/document?lang=zh&doc=清洁生产先进技术目录2022（说明）.md")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_browsers_language_is_met_and_can_be_switched(measured: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(measured.url, locale="en-GB")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("[type=submit]").first.inner_text() == "Ask"
    ask(page, LIST)
    assert page.locator("[data-act=retry]").inner_text() == "Retry"
    assert violations(page) == []
    shot(page, "english")
    page.click("[data-act=language]")
    page.wait_for_url("**/zh/**")
    page.wait_for_selector(READY)
    assert page.locator("[type=submit]").first.inner_text() == "提问"
    assert page.locator(".chat").all_text_contents() == [LIST]
    page.goto(measured.url)
    page.wait_for_selector(READY)
    assert "/zh/" in page.url, "the choice is kept"
    other = open_page(measured.url, locale="fr-FR")
    assert "/zh/" in other.url, "Chinese stands first"


def test_a_phone_shows_everything_without_scrolling_sideways(measured: Site, open_page: Callable[..., Any]) -> None:
    page = open_page(measured.url, **PHONE)
    fits = """document.documentElement.scrollWidth <= innerWidth
        && [...document.querySelectorAll('.scroll, .wide-page')].every(e => e.scrollWidth <= e.clientWidth)"""
    assert page.evaluate(fits)
    shot(page, "phone-start")
    ask(page, LIST)
    assert page.evaluate(fits)
    shot(page, "phone-answer")
    assert not page.locator("#yj-evidence").is_visible()
    page.locator(".cite").first.tap()
    assert page.locator(".card.is-open mark").first.is_visible()
    assert page.evaluate(fits)
    page.wait_for_timeout(300)
    shot(page, "phone-evidence")
    page.click("[data-act=close-evidence]")
    assert not page.locator("#yj-evidence").is_visible()
    assert violations(page) == []
    for name, part in (("library", ".documents"), ("eval", ".suite")):
        page.click(f"[data-page-link={name}]")
        page.locator(part).wait_for()
        assert page.evaluate(fits), name
        assert violations(page) == []
        shot(page, f"phone-{name}")
