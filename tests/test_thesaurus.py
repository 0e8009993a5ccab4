"""Synonyms: the longest known term counts, Latin terms are whole words, a bad line is named by file and number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputError
from index.text import fold
from index.thesaurus import LEXICON, Expansion, Thesaurus, default_thesaurus

LINES = "# 说明\n\nequipment\t热泵\theat pump|熱泵\t余热回收|空气源热泵\nequipment\t空气源热泵\t空气能\nplant\tPET\t涤纶树脂\t\n"


@pytest.fixture
def small(tmp_path: Path) -> Thesaurus:
    (tmp_path / "a.tsv").write_text(LINES, "utf-8")
    return Thesaurus.read(tmp_path)


def terms(found: tuple[Expansion, ...]) -> list[str]:
    return [each.term for each in found]


def test_comments_and_blank_lines_are_no_groups(small: Thesaurus) -> None:
    assert len(small) == 3


def test_the_longest_term_is_taken_and_none_inside_it(small: Thesaurus) -> None:
    assert terms(small.expand("空气源热泵和热泵")) == ["空气源热泵", "热泵"]


def test_same_and_near_words_are_kept_apart_and_never_hold_the_term_itself(small: Thesaurus) -> None:
    (found,) = small.expand("新装热泵")
    assert (found.start, found.end, found.kinds) == (2, 4, ("equipment",))
    assert found.same == ("heat pump",)
    assert found.near == ("余热回收", "空气源热泵")


def test_a_traditional_question_finds_the_simplified_group(small: Thesaurus) -> None:
    assert terms(small.expand("熱泵機組")) == ["热泵"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("carpet", []),
        ("petrol", []),
        ("PET瓶", ["pet"]),
        ("用PET", ["pet"]),
        ("PET-1", ["pet"]),
        ("PET2", []),
        ("heat  pump", ["heat pump"]),
    ],
)
def test_a_latin_term_matches_whole_words_only(small: Thesaurus, text: str, found: list[str]) -> None:
    assert terms(small.expand(text)) == found


@pytest.mark.parametrize("line", ["只有一列", "两列\t热泵", "用空格  代替  制表符"])
def test_a_line_with_too_few_columns_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.tsv").write_text(f"kind\t甲乙\t丙丁\n{line}\n", "utf-8")
    with pytest.raises(InputError, match="bad.tsv:2") as caught:
        Thesaurus.read(tmp_path)
    assert "TAB" in caught.value.hint


def test_every_line_of_the_shipped_lexicon_has_kind_term_and_variants() -> None:
    files = sorted(LEXICON.glob("*.tsv"))
    assert files
    for path in files:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                columns = line.split("\t")
                assert 3 <= len(columns) <= 4, f"{path.name}:{number}"
                assert columns[0].isascii() and columns[1].strip(), f"{path.name}:{number}"


@pytest.mark.parametrize(("said", "meant"), [("SO2", "二氧化硫"), ("二氧化硫", "so2"), ("养猪场", "生猪养殖")])
def test_the_shipped_lexicon_knows_everyday_words(said: str, meant: str) -> None:
    assert meant in {word for found in default_thesaurus().expand(said) for word in found.same}


@given(
    st.lists(st.sampled_from(["热泵", "空气能", "PET", "pet", " ", "，", "锅炉", "Heat pump", "ａ", "\n"])).map("".join)
)
def test_found_terms_stand_where_they_are_said_to_and_never_overlap(text: str) -> None:
    folded, end = fold(text), 0
    for found in default_thesaurus().expand(text):
        assert folded[found.start : found.end] == found.term
        assert found.start >= end
        assert found.term not in found.same
        end = found.end
