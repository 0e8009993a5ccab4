"""Composing: marks count citations by first use, one place is cited once, keys name the place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from noisy import source_of

from index.places import Places
from index.text import quote_of
from index.types import DocumentInfo, Locator, Mark, Passage, Span
from rag.compose import Line, citation_key, compose
from rag.match import Target
from rag.statement import Statement
from rag.types import Citation

RAW = "取水应当计量。\n窑炉余 热应当回收。\n粉尘应当收集。\n"
INFO = DocumentInfo("节水办法", "长水发〔2023〕15号")
STARTS = (0, 8, 19)


def statement(number: int, doc: str = "a.txt") -> Statement:
    start = STARTS[number]
    spans = (Span(start, RAW.index("\n", start)),)
    text = quote_of(RAW, spans)
    passage = Passage(f"p{number}", text, spans, Locator(doc, path=("一、总则",)), "clause")
    return Statement(doc, text, spans, passage, Target.of(text), Target.of(""))


def composed(*lines: Line, marks: tuple[Mark, ...] = ()) -> tuple[str, tuple[Citation, ...]]:
    source = source_of(RAW)
    places = Places(type(source)(source.file, source.sha256, RAW, marks))
    return compose(lines, lambda doc: INFO, lambda doc: places)


def test_marks_are_numbered_by_first_use_and_a_place_keeps_its_number() -> None:
    one, two = statement(0), statement(1)
    text, citations = composed(Line("甲", (one,)), Line("乙", (two, one)), Line("丙", (two,)))
    assert text == "甲[1]\n乙[2][1]\n丙[2]"
    assert [(c.n, c.quote) for c in citations] == [(1, "取水应当计量。"), (2, "窑炉余热应当回收。")]


def test_one_mark_stands_once_in_a_line() -> None:
    one = statement(0)
    assert composed(Line("甲", (one, one)))[0] == "甲[1]"


def test_equal_places_in_two_documents_are_two_citations() -> None:
    text, citations = composed(Line("甲", (statement(0), statement(0, "b.txt"))))
    assert text == "甲[1][2]"
    assert len({c.key for c in citations}) == 2


def test_a_citation_carries_document_place_and_words() -> None:
    marks = (Mark(0, 8, "page", "1"), Mark(8, len(RAW), "page", "2"))
    _, (citation,) = composed(Line("乙", (statement(1),)), marks=marks)
    assert (citation.doc, citation.info, citation.passage_id) == ("a.txt", INFO, "p1")
    assert (citation.locator.page, citation.locator.path) == ("2", ("一、总则",))
    assert quote_of(RAW, citation.spans) == citation.quote
    assert citation.key == citation_key("a.txt", citation.spans)


def test_a_line_without_a_source_has_no_mark_and_nothing_is_nothing() -> None:
    assert composed(Line("共2项：", ()), Line("1. 甲", (statement(0),)))[0] == "共2项：\n1. 甲[1]"
    assert composed() == ("", ())


@given(st.lists(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab")), max_size=4), max_size=6))
def test_every_number_in_the_text_has_its_citation_and_every_citation_its_number(
    chosen: list[list[tuple[int, str]]],
) -> None:
    text, citations = composed(*(Line("文", tuple(statement(n, f"{d}.txt") for n, d in line)) for line in chosen))
    assert [c.n for c in citations] == list(range(1, len(citations) + 1))
    assert all(f"[{c.n}]" in text for c in citations)
    assert f"[{len(citations) + 1}]" not in text
    assert len({(c.doc, c.spans) for c in citations}) == len(citations) == len({c.key for c in citations})
    first = [text.index(f"[{c.n}]") for c in citations]
    assert first == sorted(first)
