"""Names of a library: what it calls things, which of them tell entries apart, and typos in them put right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from youju_process import write_documents

from index.build import build
from index.config import IndexSettings
from index.store import Library
from index.text import fold, tokens
from rag.names import Names


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    home = tmp_path_factory.mktemp("names")
    build([write_documents(home / "docs")], home / "index", IndexSettings())
    return Library.open(home / "index")


@pytest.fixture(scope="module")
def names(library: Library) -> Names:
    return Names(library)


def repaired(library: Library, names: Names, text: str) -> str:
    held = library.lexical.idf("\ue000")
    return names.repair(fold(text), lambda pair: all(library.lexical.idf(t) < held for t in tokens(pair) if len(t) > 1))


@pytest.mark.parametrize(
    "text", ["闭式循环冷却系统", "循环冷却", "节约用水管理办法", "閉式循環", "第二章 奖励", "干 式除尘"]
)
def test_titles_entries_and_headings_are_known_in_any_print(names: Names, text: str) -> None:
    assert names.known(text)


@pytest.mark.parametrize("text", ["", "水", "电动自行车", "奖励20万元"])
def test_a_single_character_or_what_is_called_so_nowhere_is_not_known(names: Names, text: str) -> None:
    assert not names.known(text)


def test_a_name_that_tells_entries_apart_is_rare(names: Names) -> None:
    assert names.rare("闭式循环冷却") and names.rare("膜法")
    assert not names.rare("电动自行车") and not names.rare("水")


@pytest.mark.parametrize(
    ("typed", "meant"), [("闭氏循环冷却系统", "闭式循环冷却系统"), ("干式徐尘系统省多少水", "干式除尘系统省多少水")]
)
def test_one_wrong_character_in_a_name_is_put_right(library: Library, names: Names, typed: str, meant: str) -> None:
    assert repaired(library, names, typed) == meant


@pytest.mark.parametrize("text", ["电动自行车充电桩", "闭式循环冷却系统", "", "年取水量超过多少？", "abc 123"])
def test_what_is_no_typo_stays(library: Library, names: Names, text: str) -> None:
    assert repaired(library, names, text) == fold(text)


@given(text=st.text(st.sampled_from("闭式循环冷却系统膜法中水回用干除尘甲乙丙"), max_size=16))
def test_repairing_keeps_the_length_and_is_done_at_once(library: Library, names: Names, text: str) -> None:
    found = repaired(library, names, text)
    assert len(found) == len(text)
    assert found == repaired(library, names, text)
