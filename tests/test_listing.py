"""Lists over a whole table: every entry that matches, none that does not, the count said, each entry cited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from youju_process import write_documents

from index.build import build
from index.config import IndexSettings
from rag.config import Settings
from rag.service import PolicyQA

INDUSTRIES = ("焦化", "印染", "造纸", "水泥", "酿酒")
TECHNIQUES = ("余热回收", "膜分离", "变频控制", "干式除尘", "热泵干燥", "逆流漂洗", "闭式冷却", "雨水收集")


def asked(folder: Path, table: str) -> PolicyQA:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "节能技术目录.csv").write_text(table, "utf-8")
    build([folder / "节能技术目录.csv"], folder / "index", IndexSettings())
    return PolicyQA.open(settings=Settings(index_dir=folder / "index"))


def catalogue(entries: list[tuple[str, str]]) -> str:
    rows = [f"{n},{name}技术,适用于{industry}企业,每年节电{n}万千瓦时" for n, (name, industry) in enumerate(entries, 1)]
    return "\n".join(["序号,技术名称,适用范围,节能效果", *rows]) + "\n"


@settings(max_examples=20, deadline=None)
@given(
    names=st.lists(st.sampled_from(TECHNIQUES), unique=True, min_size=4, max_size=8),
    scopes=st.lists(st.sampled_from(INDUSTRIES), min_size=8, max_size=8),
    kind=st.sampled_from(["哪些技术适合{}企业？", "适用于{}企业的技术有哪些？"]),
)
def test_exactly_the_entries_for_an_industry_are_listed_with_their_count(
    names: list[str], scopes: list[str], kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    entries = list(zip(names, scopes, strict=False))
    if len(set(scopes[: len(names)])) == 1:
        return
    qa = asked(tmp_path_factory.mktemp("list"), catalogue(entries))
    industry = entries[0][1]
    wanted = {name for name, scope in entries if scope == industry}
    answer = qa.answer(kind.format(industry))
    assert {name for name in names if f"{name}技术" in answer.text} == wanted
    assert f"共{len(wanted)}" in answer.text
    for name in wanted:
        assert any(f"{name}技术" in c.quote for c in answer.citations)


def test_entries_stand_in_printed_order_and_are_numbered(tmp_path: Path) -> None:
    entries = [
        ("膜分离", "印染"),
        ("余热回收", "焦化"),
        ("干式除尘", "焦化"),
        ("热泵干燥", "造纸"),
        ("闭式冷却", "焦化"),
    ]
    text = asked(tmp_path, catalogue(entries)).answer("哪些技术适合焦化企业？").text
    listed = re.findall(r"(?m)^(\d+)\. (.{2,5}?)技术", text)
    assert listed == [("1", "余热回收"), ("2", "干式除尘"), ("3", "闭式冷却")]


def test_the_scope_that_strayed_into_another_column_still_counts(tmp_path: Path) -> None:
    table = catalogue([("膜分离", "印染"), ("余热回收", "焦化"), ("热泵干燥", "造纸")])
    strayed = table + "4,干式除尘技术,每年节电4万千瓦时,适用于焦化企业\n"
    answer = asked(tmp_path, strayed).answer("哪些技术适合焦化企业？")
    assert "余热回收" in answer.text and "膜分离" not in answer.text


def test_a_synonym_of_the_industry_finds_the_same_entries(tmp_path: Path) -> None:
    qa = asked(tmp_path, catalogue([("膜分离", "印染"), ("余热回收", "焦化"), ("热泵干燥", "造纸")]))
    answer = qa.answer("哪些技术适合炼焦企业？")
    assert "余热回收" in answer.text and "膜分离" not in answer.text


def test_the_entries_of_a_table_are_counted(tmp_path: Path) -> None:
    entries = [(name, INDUSTRIES[i % 5]) for i, name in enumerate(TECHNIQUES)]
    answer = asked(tmp_path, catalogue(entries)).answer("节能技术目录一共收录了多少项技术？")
    assert "8" in answer.text and answer.citations


def test_a_list_that_nothing_matches_is_not_made_up(tmp_path: Path) -> None:
    qa = asked(tmp_path, catalogue([("膜分离", "印染"), ("余热回收", "焦化"), ("热泵干燥", "造纸")]))
    answer = qa.answer("哪些技术适合幼儿园？")
    assert answer.refused or len(answer.citations) < 6


def test_items_of_a_clause_are_listed_when_no_table_is_asked(tmp_path: Path) -> None:
    write_documents(tmp_path / "docs")
    build([tmp_path / "docs"], tmp_path / "index", IndexSettings())
    qa = PolicyQA.open(settings=Settings(index_dir=tmp_path / "index"))
    text = qa.answer("办法鼓励企业采用哪些措施？").text
    assert all(item in text for item in ("循环冷却", "中水回用", "雨水收集"))
