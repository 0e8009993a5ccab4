"""Questions asked in other words than their evidence stand apart in the report."""

from __future__ import annotations

from typing import Any

from eval.cases import Case, Evidence
from eval.report import as_json, console, sections
from eval.run import run_suite
from eval.summary import summarise

RAW = "锅炉补贴按吨计。\n货车改用电动车辆。\n"
def asked(name: str, question: str, quote: str) -> Case:
    return Case(id=name, question=question, type="fact", evidence=(Evidence(doc="a.txt", quote=quote),), must_cite=(0,))


CASES = (
    asked("same", "锅炉补贴", "锅炉补贴按吨计。"),
    asked("other", "卡车换新", "货车改用电动车辆。"),
    asked("lost", "大卡换掉", "锅炉补贴按吨计。"),
)


def measured(cases: tuple[Case, ...]):
    """Run a system that always finds the second line."""
    answer: dict[str, Any] = {"answer": "", "refused": False, "citations": []}
    start = RAW.index("货车")
    hits = [{"doc": "a.txt", "start": start, "end": len(RAW)}]
    return run_suite(cases, lambda case: {"id": case.id, **answer}, lambda text, k: hits, lambda name: RAW)


def test_they_are_counted_apart() -> None:
    summary = summarise(measured(CASES).results)
    assert summary.paraphrased == 2
    assert summary.paraphrased_at_5 == summary.paraphrased_at_10 == 0.5
    assert summary.all_evidence_at_10 == 1 / 3


def test_the_report_shows_them_within_5_and_10() -> None:
    run = measured(CASES)
    text = console(sections([run]))
    assert "换说法的 2 题" in text and "不足 20%" in text
    assert text.count("检索依据齐全@5 ") == 2 and text.count("检索依据齐全@10 ") == 2
    shown = as_json([run], None, None)["systems"][0]
    assert shown["summary"]["paraphrased_at_5"] == 0.5
    assert [case["shared_pairs"] for case in shown["cases"]] == [1.0, 0.0, 0.0]


def test_a_suite_without_them_has_no_such_part() -> None:
    assert "换说法" not in console(sections([measured(CASES[:1])]))
