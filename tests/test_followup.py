"""Follow-ups: what points back is completed from the history, what stands alone is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.followup import complete, needs_history

BEFORE = "甲酒厂的废水处理一年能省多少钱？"
ALONE = (
    "到2025年工业用水量要下降多少个百分点？",
    "目录里适合印染企业的清洁生产技术有哪些？",
    "申报示范类技术需要提交哪几份材料才算齐全？",
)
BACK = (
    "它一年用多少电？",
    "那乙酒厂呢？",
    "这项技术适合哪些企业使用并推广？",
    "上述企业里哪一家的减排量最多？",
    "多少吨？",
)


@pytest.mark.parametrize("question", ALONE)
def test_a_question_that_stands_alone_takes_nothing_from_the_history(question: str) -> None:
    assert not needs_history(question)
    done = complete(question, [BEFORE])
    assert (done.text, done.carried) == (question, "")


@pytest.mark.parametrize("question", BACK)
def test_a_question_that_points_back_is_put_behind_what_was_asked(question: str) -> None:
    assert needs_history(question)
    done = complete(question, ["无关的旧话题是什么？", BEFORE])
    assert done.text.endswith(question) and done.text.startswith(done.carried) and done.carried
    assert "废水处理" in done.carried


@pytest.mark.parametrize("question", (*ALONE, *BACK))
@pytest.mark.parametrize("history", [(), ("",), ("  ", "？")])
def test_without_a_history_every_question_is_itself(question: str, history: tuple[str, ...]) -> None:
    assert complete(question, history).text == question
    assert complete(question, history).carried == ""


def test_another_name_takes_the_place_of_the_one_before() -> None:
    done = complete("那乙酒厂呢？", [BEFORE], lambda name: name in ("甲酒厂", "乙酒厂", "酒厂"))
    assert done.text == BEFORE.replace("甲酒厂", "乙酒厂").strip("？") and done.switched
    assert done.carried == ""


def test_an_indicator_takes_the_place_of_an_indicator_and_the_place_stays() -> None:
    kinds = {"用水量": frozenset({"indicator"}), "能耗": frozenset({"indicator"}), "湖南": frozenset({"place"})}
    done = complete(
        "那能耗呢？",
        ["湖南的用水量要降多少？"],
        lambda name: True,
        lambda text: [(word, found) for word, found in kinds.items() if word in text],
    )
    assert done.text == "湖南的能耗要降多少"


def test_a_name_that_nobody_knows_leaves_the_earlier_question_whole() -> None:
    assert BEFORE.strip("？") in complete("那乙酒厂呢？", [BEFORE], lambda name: False).text


def test_only_the_last_questions_are_carried() -> None:
    old = "很久以前问过的燃煤锅炉淘汰期限是哪一年？"
    assert "燃煤锅炉" not in complete("它要多少钱？", [old, "甲项目是什么？", "乙项目在哪里？"]).text


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=4), st.booleans())
def test_completing_never_loses_the_question_and_marks_what_it_carried(
    question: str, history: list[str], known: bool
) -> None:
    done = complete(question, history, lambda name: known)
    assert done.text.endswith(question.strip())
    assert done.text.startswith(done.carried)
    assert done == complete(question, history, lambda name: known)
    assert not done.carried or done.text == f"{done.carried}——{question.strip()}"
