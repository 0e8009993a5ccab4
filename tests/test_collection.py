"""A collection in memory and a library on disk, made of the same documents, hold and answer the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from youju_process import LAW, NAMES, write_documents

from index.build import build
from index.collection import MemoryCollection
from index.config import IndexSettings
from index.pipeline import analyse, parse
from index.store import Library
from index.text import quote_of
from index.types import Source
from rag.answerer import Answerer

SETTINGS = IndexSettings()
QUESTIONS = (
    "年取水量超过多少要做水平衡测试？",
    "未按期开展测试罚款多少？",
    "工业节约用水管理办法第三条",
    "哪些技术适合焦化企业？",
    "膜法中水回用装置的回用率是多少？",
    "介绍一下工业节约用水管理办法",
    "养老金每月多少？",
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryCollection, Library]:
    folder = tmp_path_factory.mktemp("collection")
    source = write_documents(folder / "source")
    build([source], folder / "index", SETTINGS)
    held = MemoryCollection([parse(source / name, name, SETTINGS) for name in NAMES], SETTINGS)
    return held, Library.open(folder / "index", SETTINGS)


Both = tuple[MemoryCollection, Library]


def test_documents_are_the_same_in_the_same_order(both: Both) -> None:
    held, stored = both
    assert [(d.file, d.sha256, d.info, d.chars, d.passages, d.records) for d in held.documents()] == [
        (d.file, d.sha256, d.info, d.chars, d.passages, d.records) for d in stored.documents()
    ]


@pytest.mark.parametrize("file", NAMES)
def test_a_document_is_the_same_in_all_its_parts(both: Both, file: str) -> None:
    held, stored = both
    assert held.raw(file) == stored.raw(file)
    assert held.source(file) == stored.source(file)
    assert held.blocks(file) == stored.blocks(file)
    assert held.records(file) == stored.records(file)
    assert tuple(held.passages_of(file)) == tuple(stored.passages_of(file))
    assert held.document(file).info == stored.document(file).info


@pytest.mark.parametrize("file", NAMES)
def test_rows_lead_to_the_passages_of_their_document(both: Both, file: str) -> None:
    for collection in both:
        assert [collection.passage(r) for r in collection.rows_of(file)] == list(collection.passages_of(file))
        assert all(p.locator.file == file for p in collection.passages_of(file))


def test_every_passage_of_both_quotes_its_document(both: Both) -> None:
    for collection in both:
        for entry in collection.documents():
            for passage in collection.passages_of(entry.file):
                assert quote_of(collection.raw(entry.file), passage.spans) == passage.text


def test_a_record_leads_to_the_same_row_passage(both: Both) -> None:
    held, stored = both
    table = NAMES[1]
    numbers = range(-1, len(held.records(table)) + 1)
    assert [held.row_passage(table, n) for n in numbers] == [stored.row_passage(table, n) for n in numbers]
    assert held.row_passage(table, 0) is not None and held.row_passage(NAMES[0], 0) is None


@pytest.mark.parametrize("word", ["水", "焦化", "罚款", "没有见过"])
def test_words_weigh_the_same(both: Both, word: str) -> None:
    held, stored = both
    assert held.lexical.idf(word) == pytest.approx(stored.lexical.idf(word))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_has_the_same_answer(both: Both, question: str) -> None:
    drafts = []
    for collection in both:
        answerer = Answerer(collection)
        draft = answerer.draft(answerer.find(question, (), 10))
        lines = [(line.text, [(s.doc, s.spans, s.text) for s in line.sources]) for line in draft.lines]
        drafts.append((draft.refused, draft.reason, lines))
        for line in draft.lines:
            assert all(quote_of(collection.raw(s.doc), s.spans) == s.text for s in line.sources)
    assert drafts[0] == drafts[1]


def test_the_order_in_which_documents_come_does_not_matter() -> None:
    documents = [analyse(Source(name, name, LAW), SETTINGS) for name in ("甲", "乙", "丙")]
    one, other = MemoryCollection(documents, SETTINGS), MemoryCollection(reversed(documents), SETTINGS)
    assert one.documents() == other.documents()
    assert [one.rows_of(d.file) for d in one.documents()] == [other.rows_of(d.file) for d in other.documents()]


def test_a_collection_of_nothing_holds_nothing() -> None:
    assert MemoryCollection((), SETTINGS).documents() == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="第一二条章水 企业。，\n5%（）", max_size=60), max_size=4))
def test_rows_of_any_documents_follow_each_other_without_a_gap(texts: list[str]) -> None:
    documents = [analyse(Source(f"文{i}", str(i), text), SETTINGS) for i, text in enumerate(texts)]
    held = MemoryCollection(documents, SETTINGS)
    rows = [row for entry in held.documents() for row in held.rows_of(entry.file)]
    assert rows == list(range(sum(len(d.passages) for d in documents)))
    assert all(quote_of(held.raw(held.passage(r).locator.file), held.passage(r).spans) for r in rows)
