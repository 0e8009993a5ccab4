"""A term is near to what names it as related: the branch finds the whole, and never more than a few wordings of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.thesaurus import MAX_WIDER, Expansion, Thesaurus

LINES = (
    "industry\t电力行业\t电力|电业|供电|配电|售电\t火电|水电\n"
    "energy\t火力发电\t火电\t煤耗\n"
    "material\t煤耗\t耗煤\t\n"
    "industry\t造纸\t纸业\t\n"
    "material\t纸浆\t浆料\t\n"
    "material\t木浆\t浆料\t纸浆\n"
)


@pytest.fixture
def small(tmp_path: Path) -> Thesaurus:
    (tmp_path / "a.tsv").write_text(LINES, "utf-8")
    return Thesaurus.read(tmp_path)


def one(thesaurus: Thesaurus, text: str) -> Expansion:
    (found,) = thesaurus.expand(text)
    return found


def test_a_term_is_near_to_the_groups_that_name_it_as_related(small: Thesaurus) -> None:
    assert {"电力行业", "电力"} <= set(one(small, "火电").near)


def test_a_synonym_of_a_related_term_is_near_to_them_too(small: Thesaurus) -> None:
    assert {"电力行业", "电力"} <= set(one(small, "火力发电").near)
    assert {"火力发电", "火电"} == set(one(small, "耗煤").near)


def test_of_a_wide_group_only_the_first_wordings_are_near(small: Thesaurus) -> None:
    wide = {"电力行业", "电力", "电业", "供电", "配电", "售电"}
    assert len(wide & set(one(small, "火电").near)) == MAX_WIDER


def test_the_words_that_a_group_names_come_before_those_of_groups_that_name_it(small: Thesaurus) -> None:
    assert one(small, "火电").near[0] == "煤耗"


def test_a_term_that_nothing_names_has_nothing_near(small: Thesaurus) -> None:
    assert one(small, "造纸").near == ()


@pytest.mark.parametrize("text", ["火电", "火力发电", "电力", "煤耗", "耗煤", "纸浆", "木浆"])
def test_what_is_near_is_neither_the_term_nor_the_same(small: Thesaurus, text: str) -> None:
    found = one(small, text)
    assert text not in found.near and not set(found.near) & set(found.same)
