"""Years: which a text speaks of, and that they are the value of nothing else."""

from __future__ import annotations

import pytest

from index.text import fold
from rag.slots import asked_slots, holds
from rag.statement import years_of


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2023年用水量下降8%", {"2023"}),
        ("2023年用水量比2020年下降8%", {"2023"}),
        ("较2020年下降8%", set()),
        ("“十三五”时期用水量下降", {"2016", "2017", "2018", "2019", "2020"}),
        ("12023年度编号", set()),
        ("用水量下降8%", set()),
    ],
)
def test_a_text_speaks_of_its_own_years_and_not_of_those_it_is_measured_by(text: str, years: set[str]) -> None:
    assert years_of(text) == years


def held(question: str, text: str) -> bool:
    return holds(asked_slots(fold(question))[0], fold(text))


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("总数是多大？", "2023年建成，“十四五”期间扩建", "2023年建成15座"),
        ("有多少项？", "2023年“十四五”规划", "2023年共12项"),
        ("收件的邮编是多少？", "2023年收件，电话88123456", "邮编412300"),
        ("邮箱是什么？", "请寄至县水务局", "js@qingxi.cn"),
        ("电子邮件发到哪里？", "www.qingxi.cn", "js.x-1@qingxi.cn"),
        ("哪几个部门负责？", "部分企业、文件和局门", "县水务局"),
        ("由谁牵头？", "大会议程", "省工业和信息化厅"),
    ],
)
def test_a_year_or_a_part_of_another_word_is_no_value(question: str, text: str, value: str) -> None:
    assert not held(question, text)
    assert held(question, value)


@pytest.mark.parametrize("question", ["什么时候施行？", "哪一年建成？"])
def test_a_year_is_a_date(question: str) -> None:
    assert held(question, "2023年建成")


@pytest.mark.parametrize(
    ("question", "name"),
    [("邮政编码是什么", "邮政编码"), ("电子邮件是什么", "邮箱"), ("哪两个司局管", "部门"), ("一年耗电几度？", "电量")],
)
def test_the_slot_is_the_kind_of_value_that_is_asked(question: str, name: str) -> None:
    assert asked_slots(fold(question))[0].name == name
