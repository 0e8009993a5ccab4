"""A model's opinion of answers: what counts as one, how far it agrees with the exact metrics, what the report says."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.cases import Case, parse_answer
from eval.metrics import judge
from eval.opinion import Agreement, Opinion, agreement, opinions, section
from eval.summary import CaseResult
from index.errors import ModelError
from rag.llm import Message

RAW = "企业应当每三年开展一次水平衡测试。未按期测试的，处五千元罚款。"
ASKED = {"question": "多久测试一次？", "facts": (("三年", "3年"),), "forbidden": ("五年",)}


class Scripted:
    """Answers each request with the next text; ModelError where that is None."""

    name = "scripted"

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        self.prompts.append("\n".join(m.content for m in messages))
        if (answer := self.answers.pop(0)) is None:
            raise ModelError("语言模型服务没有回应")
        yield answer


def result(identity: str, text: str = "每三年一次。", *, kind: str = "fact", refused: bool = False) -> CaseResult:
    asked = ASKED if kind != "unanswerable" else {"question": "多少钱？"}
    case = Case.model_validate({"id": identity, "type": kind, **asked})
    quote = {"doc": "d.txt", "quote": RAW[:16], "spans": [[0, 16]]}
    line = {"id": identity, "answer": text, "refused": refused, "citations": [] if refused else [quote]}
    return CaseResult(case, parse_answer(line), judge(case, line, {"d.txt": RAW}), None, 1.0)


def said(faithful: object, complete: object, reason: str = "") -> str:
    return json.dumps({"faithful": faithful, "complete": complete, "reason": reason}, ensure_ascii=False)


# --- asking ---


def test_the_model_sees_question_facts_sources_and_answer() -> None:
    model = Scripted(said(1, 1))
    opinions([result("a")], model)
    assert all(
        part in model.prompts[0] for part in ("多久测试一次？", "三年，或：3年", f"[1] {RAW[:16]}", "每三年一次。")
    )


def test_refusals_and_questions_without_an_answer_are_not_judged() -> None:
    model = Scripted(said(1, 0, "缺"))
    found = opinions([result("a", "", refused=True), result("b", kind="unanswerable"), result("c")], model)
    assert found == [Opinion("c", True, False, "缺")] and len(model.prompts) == 1


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        (said(1, 0), (True, False)),
        (said("1", "0"), (True, False)),
        (said(True, False), (True, False)),
        ("```json\n" + said(0, 1) + "\n```", (False, True)),
        ("我认为 {不好}。\n" + said(1, 1), (True, True)),
        (said(0, 0) + "\n更正：" + said(1, 1), (True, True)),
        (said(2, None), (None, None)),
        (said("是", 1), (None, True)),
        ("很好。", (None, None)),
        ("", (None, None)),
        ("[1, 1]", (None, None)),
        ("{faithful: 1}", (None, None)),
        ('{"faithful": 1, "complete": 1', (None, None)),
    ],
)
def test_what_counts_as_an_opinion(text: str, bits: tuple[bool | None, bool | None]) -> None:
    (found,) = opinions([result("a")], Scripted(text))
    assert (found.faithful, found.complete) == bits


def test_a_reason_with_braces_is_no_obstacle() -> None:
    (found,) = opinions([result("a")], Scripted(said(1, 0, "写了{甲}而不是{乙}")))
    assert (found.faithful, found.complete, found.reason) == (True, False, "写了{甲}而不是{乙}")


@given(st.text())
def test_no_answer_of_the_model_breaks_the_judging(text: str) -> None:
    assert len(opinions([result("a")], Scripted(text))) == 1


def test_a_model_that_does_not_answer_gives_no_opinion_and_the_rest_goes_on() -> None:
    found = opinions([result("a"), result("b")], Scripted(None, said(1, 1)))
    assert found == [Opinion("a", None, None, "语言模型服务没有回应"), Opinion("b", True, True, "")]


# --- agreement ---


def counted(both: int, model: int, exact: int, none: int) -> list[tuple[bool, bool]]:
    return [(True, True)] * both + [(True, False)] * model + [(False, True)] * exact + [(False, False)] * none


@pytest.mark.parametrize(
    ("table", "share", "kappa"),
    [
        ((20, 5, 10, 15), 0.7, 0.4),  # by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; (0.7 - 0.5) / 0.5
        ((45, 15, 25, 15), 0.6, 0.06 / 0.46),  # by chance 0.6 * 0.7 + 0.4 * 0.3 = 0.54
        ((1, 0, 0, 1), 1.0, 1.0),
        ((0, 1, 1, 0), 0.0, -1.0),
        ((1, 1, 1, 1), 0.5, 0.0),
        ((4, 1, 0, 0), 0.8, 0.0),  # by chance 1.0 * 0.8: no better
        ((5, 0, 0, 0), 1.0, None),
        ((0, 0, 0, 5), 1.0, None),
    ],
)
def test_share_and_kappa_agree_with_values_worked_out_by_hand(
    table: tuple[int, int, int, int], share: float, kappa: float | None
) -> None:
    found = agreement(counted(*table))
    assert found is not None
    assert (found.cases, found.judged, found.exact) == (sum(table), table[0] + table[1], table[0] + table[2])
    assert isclose(found.share, share)
    assert found.kappa is None if kappa is None else isclose(found.kappa or 0.0, kappa, abs_tol=1e-12)


def test_of_nothing_there_is_no_agreement() -> None:
    assert agreement([]) is None


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_kappa_lies_between_minus_one_and_one_and_does_not_care_who_is_who(pairs: list[tuple[bool, bool]]) -> None:
    found, turned = agreement(pairs), agreement([(b, a) for a, b in pairs])
    assert isinstance(found, Agreement) and isinstance(turned, Agreement)
    assert (found.share, found.kappa) == (turned.share, turned.kappa)
    assert found.kappa is None or -1 - 1e-9 <= found.kappa <= 1 + 1e-9


# --- the report's section ---


def test_the_section_tells_agreement_and_who_was_found_unfaithful() -> None:
    results = [
        result("a"),
        result("b", "每五年一次。"),
        result("c", "每三年一次，不是五年。"),
        result("d", "每月一次。"),
    ]
    found = [
        Opinion("a", True, True, ""),
        Opinion("b", False, False, "原文是三年"),
        Opinion("c", True, True, ""),
        Opinion("d", True, True, ""),
    ]
    heading, text = section(results, found)
    assert "不计入正确率" in heading
    complete, faithful, *rest = text.split("\n")
    assert complete == "完整（对照：要点齐全）：模型 3/4，精确指标 2/4，一致 75.0%，kappa 0.50"
    assert faithful == "忠实（对照：没有出现错误内容）：模型 3/4，精确指标 2/4，一致 75.0%，kappa 0.50"
    assert rest == ["b：模型评为不忠实：原文是三年"]


def test_silent_answers_are_counted_beside_the_agreement() -> None:
    results = [result(name) for name in "abc"]
    found = [
        Opinion("a", None, None, "语言模型服务没有回应"),
        Opinion("b", True, True, ""),
        Opinion("c", None, None, ""),
    ]
    text = section(results, found)[1]
    assert "模型 1/1" in text and "kappa —" in text
    assert "没有给出评判的 2 题，例如 a：语言模型服务没有回应" in text


def test_a_section_without_any_opinion_says_so() -> None:
    assert section([], [])[1].count("没有评判") == 2
