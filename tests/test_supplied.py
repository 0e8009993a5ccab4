"""Answers from passages that come with the question, and answers of a bounded length."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_library import plain, written

from index.config import IndexSettings
from index.text import normalise, quote_of
from rag.service import PolicyQA
from rag.supplied import supplied
from rag.types import Question

GIVEN = (
    "再生水利用率到2030年要达到40%，由水务局每年考核一次，考核结果向社会公布。",
    "",
    " \n ",
    "企业应当每三年做一次水平衡测试。",
)
LIBRARY = "青石市锅炉管理规定\n\n第一条 燃煤锅炉每年检修两次。\n\n第二条 锅炉工应当持证上岗。\n"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("supplied"), {"锅炉.txt": LIBRARY})


def test_passages_are_named_by_their_place_and_blank_ones_left_out() -> None:
    held = supplied(GIVEN, IndexSettings())
    assert [d.file for d in held.documents()] == ["passage-1", "passage-4"]
    assert held.raw("passage-4") == GIVEN[3]


@pytest.mark.parametrize(
    ("question", "told", "place"),
    [("再生水利用率要达到多少？", "40%", 1), ("水平衡测试多久做一次？", "每三年", 4)],
)
def test_the_passage_that_answers_is_cited_exactly(qa: PolicyQA, question: str, told: str, place: int) -> None:
    answer = qa.answer(Question(question, context=GIVEN))
    assert told in answer.text and not answer.refused
    for citation in answer.citations:
        assert citation.doc == f"passage-{place}"
        assert quote_of(GIVEN[place - 1], citation.spans) == citation.quote != ""


def test_the_library_answers_nothing_when_passages_are_given(qa: PolicyQA) -> None:
    assert not qa.answer("燃煤锅炉每年检修几次？").refused
    answer = qa.answer(Question("燃煤锅炉每年检修几次？", context=GIVEN))
    assert answer.refused and "两次" not in answer.text


def test_the_same_passage_twice_answers_once_and_well(qa: PolicyQA) -> None:
    answer = qa.answer(Question("水平衡测试多久做一次？", context=(GIVEN[3], GIVEN[3])))
    assert "每三年" in answer.text
    assert all(c.doc in {"passage-1", "passage-2"} for c in answer.citations)


def test_passages_of_white_space_alone_are_refused_not_a_fault(qa: PolicyQA) -> None:
    assert qa.answer(Question("水平衡测试多久做一次？", context=("", " \n"))).refused


@pytest.mark.parametrize("limit", [20, 30, 40, 60, 400])
@pytest.mark.parametrize("question", ["再生水利用率要达到多少？", "水平衡测试多久做一次？"])
def test_an_answer_keeps_its_bound_and_its_exact_citation(qa: PolicyQA, question: str, limit: int) -> None:
    answer = qa.answer(Question(question, context=GIVEN, max_chars=limit))
    assert not answer.refused and len(answer.text) <= limit
    assert answer.citations
    for citation in answer.citations:
        assert quote_of(GIVEN[int(citation.doc[-1]) - 1], citation.spans) == citation.quote != ""


def test_a_shortened_answer_keeps_what_was_asked_and_says_only_what_it_quotes(qa: PolicyQA) -> None:
    answer = qa.answer(Question("再生水利用率要达到多少？", context=GIVEN, max_chars=36))
    assert "40%" in answer.text and "社会公布" not in answer.text
    (citation,) = answer.citations
    assert plain(answer.text.removesuffix("[1]")) == plain(citation.quote)


def test_a_roomy_bound_changes_nothing(qa: PolicyQA) -> None:
    free = qa.answer(Question("再生水利用率要达到多少？", context=GIVEN))
    wide = qa.answer(Question("再生水利用率要达到多少？", context=GIVEN, max_chars=2000))
    assert (free.text, free.citations) == (wide.text, wide.citations)


def test_a_bound_holds_for_answers_from_the_library_too(qa: PolicyQA) -> None:
    answer = qa.answer(Question("锅炉管理规定第二条", max_chars=30))
    assert "持证上岗" in answer.text and len(answer.text) <= 30


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    passages=st.lists(st.text(alphabet="节水企业应当2达到40%。，；\n 年（一）、", max_size=40), min_size=1, max_size=4),
    limit=st.none() | st.integers(12, 120),
)
def test_any_passages_are_quoted_exactly(qa: PolicyQA, passages: list[str], limit: int | None) -> None:
    answer = qa.answer(Question("企业节水应当达到多少？", context=tuple(passages), max_chars=limit))
    for citation in answer.citations:
        raw = passages[int(citation.doc.rpartition("-")[2]) - 1]
        assert normalise(raw) and quote_of(raw, citation.spans) == citation.quote
    assert answer.refused or answer.citations


@pytest.mark.parametrize("limit", [12, 20])
def test_no_figure_is_cut_in_two(qa: PolicyQA, limit: int) -> None:
    told = qa.answer(Question("再生水利用率要达到多少？", context=GIVEN, max_chars=limit)).text.split("[")[0]
    assert not told or not told[-1].isdecimal()
