"""Several questions in one are cut where a clause has a document or a subject of its own, and all are answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from youju_process import write_documents

from index.build import build
from index.config import IndexSettings
from index.text import fold, quote_of
from index.thesaurus import default_thesaurus
from rag.config import Settings
from rag.query import understand
from rag.scope import Scope
from rag.service import PolicyQA
from rag.split import MAX_PARTS, subquestions


def scope_of(text: str) -> Scope:
    """Documents called 甲城, 乙城, ... by their first word; a bare 城 is none."""
    return Scope({name: 2.0 for name in "甲乙丙丁戊" if f"{name}城" in text})


def parts(question: str, known: bool = False) -> list[str]:
    return subquestions(understand(question, default_thesaurus()), scope_of, lambda name: known)


def test_one_question_stays_whole() -> None:
    assert parts("甲城的罚款是多少？") == [fold("甲城的罚款是多少？")]


def test_clauses_that_name_documents_of_their_own_are_cut() -> None:
    assert parts("甲城罚款多少，乙城奖励多少？") == ["甲城罚款多少", "乙城奖励多少"]


def test_two_questions_about_one_document_stay_together() -> None:
    assert len(parts("甲城罚款多少，奖励多少？")) == 1
    assert len(parts("甲城罚款多少，甲城奖励多少？")) == 1


def test_a_clause_that_asks_nothing_goes_with_every_question() -> None:
    found = parts("到2030年，甲城罚款多少，乙城奖励多少？")
    assert len(found) == 2 and all(f.startswith("到2030年") for f in found)
    assert "罚款" not in found[1] and "奖励" not in found[0]


@pytest.mark.parametrize("back", ["它的", "其", "这个", "该城的"])
def test_a_clause_that_points_back_stays_with_the_one_before(back: str) -> None:
    assert len(parts(f"甲城罚款多少，{back}奖励多少？", known=True)) == 1


def test_a_comparison_is_never_cut() -> None:
    assert len(parts("甲城和乙城的罚款有什么区别，乙城哪里更多？")) == 1


def test_more_questions_than_can_be_answered_stay_one() -> None:
    assert len(parts("，".join(f"{c}城罚款多少" for c in "甲乙丙丁"))) == MAX_PARTS
    assert len(parts("，".join(f"{c}城罚款多少" for c in "甲乙丙丁戊"))) == 1


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="甲乙城罚款奖励多少，？。；它2030年是什么", max_size=40))
def test_no_question_is_lost_or_made_up(question: str) -> None:
    found = parts(question)
    assert 1 <= len(found) <= MAX_PARTS
    assert set("".join(found)) <= set(fold(question)) | {","} | {"，"}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    folder = tmp_path_factory.mktemp("split")
    build([write_documents(folder / "source")], folder / "index", IndexSettings())
    return PolicyQA.open(settings=Settings(index_dir=folder / "index"))


@pytest.fixture(scope="module")
def sample(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    folder = tmp_path_factory.mktemp("split-sample")
    build([sample_corpus], folder / "index", IndexSettings())
    return PolicyQA.open(settings=Settings(index_dir=folder / "index"))


def test_both_questions_are_answered_with_their_own_document(qa: PolicyQA) -> None:
    answer = qa.answer("工业节约用水管理办法里未按期开展测试罚款多少，节水技术目录里膜法中水回用装置的回用率是多少？")
    told = "".join(answer.text.split())
    assert "5000元" in told and "70%" in told
    assert len({c.doc for c in answer.citations}) == 2
    assert all(quote_of(qa.library.raw(c.doc), c.spans) == c.quote for c in answer.citations)


def test_two_documents_of_the_sample_answer_one_question(sample: PolicyQA) -> None:
    answer = sample.answer("2025年大宗工业固废综合利用率要达到多少，湖南单位增加值能耗要下降多少？")
    assert "57%" in answer.text and "14%" in answer.text
    assert len({c.doc for c in answer.citations}) == 2
    assert all(quote_of(sample.library.raw(c.doc), c.spans) == c.quote for c in answer.citations)
