"""Relative five-year plans are named as the titles number them; nothing else of a question is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build
from index.config import IndexSettings
from index.text import quote_of
from rag.config import Settings
from rag.eras import has_era, resolve
from rag.service import PolicyQA

TITLE = "清溪县工业节水“十五五”行动计划"
PLAN = f"""{TITLE}

一、基础

“十四五”期间，万元产值用水量下降18%。

二、目标

“十五五”期间，万元产值用水量下降12%。
"""


@pytest.mark.parametrize(
    ("text", "named", "gone"),
    [
        ("上一个五年用水量下降多少", "十四五", "上一"),
        ("上个五年规划期间用水量下降多少", "十四五", "上个"),
        ("上一轮用水量下降多少", "十四五", "上一轮"),
        ("这个五年用水量下降多少", "十五五", "这个"),
        ("本轮五年用水量下降多少", "十五五", "本轮"),
        ("这五年用水量下降多少", "十五五", "这五年"),
    ],
)
def test_a_relative_plan_is_named_by_the_plan_of_the_title(text: str, named: str, gone: str) -> None:
    resolved = resolve(text, [TITLE, "节水技术目录"])
    assert named in resolved and gone not in resolved and "用水量下降多少" in resolved


def test_both_plans_of_one_question_are_named() -> None:
    resolved = resolve("上一个五年和这个五年各下降多少", [TITLE])
    assert 0 <= resolved.find("十四五") < resolved.find("十五五")


@pytest.mark.parametrize("titles", [[], ["节水技术目录"], [TITLE, "工业发展“十四五”规划"]])
def test_without_a_single_plan_among_the_titles_the_question_stays(titles: list[str]) -> None:
    assert resolve("上一个五年用水量下降多少", titles) == "上一个五年用水量下降多少"


def test_several_documents_of_one_plan_are_one_plan() -> None:
    assert "十三五" in resolve("上一个五年下降多少", ["“十四五”规划", "“十四五”方案"])


@pytest.mark.parametrize("title", ["“十一五”规划", "“十九五”规划"])
def test_the_first_and_the_last_plan_that_can_be_named_break_nothing(title: str) -> None:
    assert "下降多少" in resolve("上一个五年下降多少", [title])
    assert title[1:4] in resolve("这个五年下降多少", [title])


@given(st.text(alphabet="水电下降多少2025年十四五个上一轮本这", max_size=20))
def test_a_question_without_a_relative_plan_stays_as_it_is(text: str) -> None:
    if "五" not in text and "轮" not in text:
        assert resolve(text, [TITLE]) == text


@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=3))
def test_naming_plans_twice_changes_nothing_more(text: str, titles: list[str]) -> None:
    once = resolve(text, titles)
    assert resolve(once, titles) == once


@pytest.mark.parametrize("text", ["2025年下降多少", "到2030年", "十四五期间", "1999年以前"])
def test_years_and_plans_are_eras(text: str) -> None:
    assert has_era(text)


@pytest.mark.parametrize("text", ["下降多少", "12025吨", "每年300万元", "20256号", "五年以上"])
def test_other_figures_are_no_eras(text: str) -> None:
    assert not has_era(text)


@pytest.mark.parametrize(("era", "figure", "other"), [("上一个五年", "18%", "12%"), ("这个五年", "12%", "18%")])
def test_the_figure_of_the_plan_meant_is_answered(tmp_path: Path, era: str, figure: str, other: str) -> None:
    (tmp_path / "计划.txt").write_text(PLAN, "utf-8")
    build([tmp_path / "计划.txt"], tmp_path / "index", IndexSettings())
    qa = PolicyQA.open(settings=Settings(index_dir=tmp_path / "index"))
    answer = qa.answer(f"{era}万元产值用水量下降多少？")
    assert figure in answer.text and other not in answer.text
    assert all(quote_of(qa.library.raw(c.doc), c.spans) == c.quote for c in answer.citations)
