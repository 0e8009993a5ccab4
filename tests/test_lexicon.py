"""The shipped word lists: each line well formed, each term clean, everyday words without one-sign terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.text import fold
from index.thesaurus import LEXICON, default_thesaurus

FILES = sorted(LEXICON.glob("*.tsv"))
EVERYDAY = LEXICON / "everyday.tsv"


def groups(path: Path) -> list[tuple[str, list[str]]]:
    """The place of each group and its columns."""
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    return [(f"{path.name}:{n}", line.split("\t")) for n, line in lines if line.strip() and not line.startswith("#")]


def interchangeable(columns: list[str]) -> list[str]:
    return [columns[1], *columns[2].split("|")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_group_has_three_or_four_columns_and_clean_terms(path: Path) -> None:
    for place, columns in groups(path):
        assert 3 <= len(columns) <= 4, place
        for term in interchangeable(columns):
            assert term, f"{place} holds an empty term"
            assert term == term.strip(), f"{place} holds white space around {term!r}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_group_says_a_term_twice(path: Path) -> None:
    for place, columns in groups(path):
        terms = interchangeable(columns)
        assert len(set(terms)) == len(terms), place


def test_everyday_groups_hold_no_term_of_one_character() -> None:
    """The older files keep one-sign metals and units, which the reader drops; everyday words have no such excuse."""
    for place, columns in groups(EVERYDAY):
        assert all(len(term) > 1 for term in interchangeable(columns)), place


def test_everyday_variants_stand_in_one_group_and_in_no_other_file() -> None:
    known = {fold(t) for path in FILES if path != EVERYDAY for _, c in groups(path) for t in interchangeable(c)}
    for place, columns in groups(EVERYDAY):
        for term in map(fold, columns[2].split("|")):
            assert term not in known, f"{place} repeats {term!r}"
            known.add(term)


def test_everyday_kinds_are_those_of_the_older_files() -> None:
    kinds = {columns[0] for path in FILES if path != EVERYDAY for _, columns in groups(path)}
    assert {columns[0] for _, columns in groups(EVERYDAY)} <= kinds


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("老板不发工资", "拖欠劳动报酬"),
        ("多久回本", "投资回收期"),
        ("泔水桶放哪", "餐厨垃圾"),
        ("上哪找钱", "资金支持"),
    ],
)
def test_a_lay_question_reaches_the_official_word(said: str, meant: str) -> None:
    assert meant in {word for found in default_thesaurus().expand(said) for word in found.same}


@pytest.mark.parametrize(
    "text", ["以上会议", "委托人", "保证人员", "主要钱款", "原告人数", "社会上项目", "治理污染", "报告人", "申报案例"]
)
def test_official_text_is_not_read_as_an_everyday_word_across_its_words(text: str) -> None:
    everyday = {fold(term) for _, columns in groups(EVERYDAY) for term in columns[2].split("|")}
    assert not everyday & {found.term for found in default_thesaurus().expand(text)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("审批", "备案"),
        ("免征", "减征"),
        ("责令停产停业", "责令关闭"),
        ("吊销许可证件", "暂扣许可证件"),
        ("废止", "失效"),
    ],
)
def test_legal_degrees_are_kept_apart(one: str, other: str) -> None:
    for place, columns in groups(EVERYDAY):
        words = {*interchangeable(columns), *(columns[3].split("|") if len(columns) > 3 else [])}
        assert not {one, other} <= words, place
