"""Slots: which kind of value a question asks for, and whether a text prints one."""

from __future__ import annotations

import pytest

from index.text import fold
from rag.slots import asked_slots, holds


def asked(question: str) -> list[str]:
    return [slot.name for slot in asked_slots(fold(question))]


def held(question: str, text: str) -> bool:
    return holds(asked_slots(fold(question))[0], fold(text))


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("联系电话是多少？", "联系电话"),
        ("一年省多少钱？", "金额"),
        ("罚款多少？", "金额"),
        ("年减排多少吨？", "重量"),
        ("一年省几公斤？", "重量"),
        ("一年少用多少度电？", "电量"),
        ("年节水多少立方米？", "体积"),
        ("降低了百分之几？", "比例"),
        ("多久能收回投资？", "时间"),
        ("什么时候施行？", "日期"),
        ("离江边多少公里？", "长度"),
        ("有多少家企业？", "家数"),
        ("由谁负责？", "部门"),
        ("收件的邮编是多少？", "邮政编码"),
    ],
)
def test_the_first_slot_of_a_question_is_what_it_asks_for(question: str, name: str) -> None:
    assert asked(question)[0] == name


@pytest.mark.parametrize("question", ["为什么要节水？", "哪些企业适合？", "怎么申报？", ""])
def test_a_question_for_no_value_has_no_slot(question: str) -> None:
    assert asked(question) == []


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("一年省多少钱？", "年节约 120 万元", "年节约用水120万吨"),
        ("年减排多少吨？", "减排3,600 吨", "减排明显，达到60%"),
        ("一年少用多少度电？", "节电61.0万千瓦时", "节电明显"),
        ("年节水多少立方米？", "节水30万m³", "节水明显"),
        ("降低了百分之几？", "下降１３．５％", "下降了三千元"),
        ("多久能收回投资？", "2.5年", "投资500万元"),
        ("什么时候施行？", "自2024年6月11日起施行", "共12项"),
        ("离江边多少公里？", "1公里范围内", "一律不得新建"),
        ("联系电话是多少？", "电话：010-12345678", "电话见通知"),
        ("有多少家企业？", "评出 2121 家", "评出若干"),
    ],
)
def test_a_text_holds_a_value_of_the_kind_or_not(question: str, yes: str, no: str) -> None:
    assert held(question, yes)
    assert not held(question, no)


def test_an_ordinal_at_the_head_is_no_value() -> None:
    assert not held("总数是多大？", "(1)建设要求")
    assert held("总数是多大？", "(1)总数为15")
