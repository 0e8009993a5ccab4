"""Common words are no proper names: a word is common when all its pairs of characters are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_library import written

from index.text import fold
from rag.answering import _anchors
from rag.common import is_common
from rag.names import Names
from rag.service import PolicyQA

TABLE = """序号,技术名称,申报单位,适用范围,节水效果
1,琥珀回用技术,白鹭水务公司,适用于造纸行业,每年节水20万吨
2,需要多次清洗技术,青石机电公司,适用于印染行业,每年节水5万吨
"""
CHARS = "的我们需要多次时间工作琥珀漂洗鹭a1"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("common"), {"节水技术目录.csv": TABLE})


@pytest.mark.parametrize("word", ["我们", "需要", "时间", "工作", "可以", "水"])
def test_words_of_everyday_text_are_common(word: str) -> None:
    assert is_common(word)


@pytest.mark.parametrize("word", ["琥珀", "霹雳", "琅琊", "我们琥珀"])
def test_words_with_a_rare_pair_are_not_common(word: str) -> None:
    assert not is_common(word)


@given(st.text(CHARS, max_size=6), st.text(CHARS, max_size=6))
def test_a_word_is_common_exactly_when_each_of_its_pairs_is(left: str, right: str) -> None:
    whole = left + right
    assert is_common(whole) == all(is_common(whole[i : i + 2]) for i in range(len(whole) - 1))
    assert not is_common(whole) or (is_common(left) and is_common(right))


def anchors(qa: PolicyQA, question: str) -> list[str]:
    query = qa._answerer.understood(fold(question))
    return [query.terms[i].text for i in _anchors(query, Names(qa.library))]


def test_a_rare_name_ties_the_answer_to_its_entry_and_a_common_word_does_not(qa: PolicyQA) -> None:
    assert anchors(qa, "琥珀一年节水多少？") == ["琥珀"]
    assert anchors(qa, "需要多次，一年节水多少？") == []
