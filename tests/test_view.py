"""Some documents answer as if there were no others: views, and questions with ``only``."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import pytest

from eval.cases import Case, load_suite
from index.build import build
from index.collection import MemoryCollection
from index.config import IndexSettings
from index.errors import InputError
from index.pipeline import analyse
from index.types import Source
from index.view import View
from rag.config import Settings
from rag.llm import Message
from rag.service import VIEWS, PolicyQA
from rag.types import Answer, Question
from tests.conftest import ROOT
from tests.written_library import written

CASES = load_suite(ROOT / "eval" / "suites" / "sample.jsonl")
FILES = sorted(path.name for path in (ROOT / "corpus").iterdir())
Opened = Callable[[frozenset[str]], PolicyQA]


@pytest.fixture(scope="module", params=["", "hash"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Returns the service over an index built of some documents of the sample collection."""

    @lru_cache
    def of(files: frozenset[str]) -> PolicyQA:
        folder = tmp_path_factory.mktemp("index")
        settings = Settings(index_dir=folder, index=IndexSettings(embedder=request.param))
        build([ROOT / "corpus" / name for name in sorted(files)], folder, settings.index)
        return PolicyQA.open(settings=settings)

    return of


def timeless(answer: Answer) -> Answer:
    return replace(answer, elapsed_ms=0.0)


def drawn(seed: int) -> tuple[frozenset[str], list[Case]]:
    """Return a choice of documents and questions about them and about others."""
    rng = random.Random(seed)
    return frozenset(rng.sample(FILES, rng.randint(1, len(FILES) - 1))), rng.sample(CASES, 30)


@pytest.mark.parametrize("seed", range(5))
def test_answers_and_hits_are_those_of_an_index_of_only_these_documents(opened: Opened, seed: int) -> None:
    only, cases = drawn(seed)
    whole, own = opened(frozenset(FILES)), opened(only)
    for case in cases:
        question = Question(case.question, tuple(case.history))
        answer = whole.answer(replace(question, only=only))
        assert timeless(answer) == timeless(own.answer(question)), case.id
        assert {c.doc for c in answer.citations} <= only
        assert whole.search(case.question, 60, only=only) == own.search(case.question, 60), case.id


@pytest.mark.parametrize("only", [frozenset([name]) for name in FILES], ids=range(len(FILES)))
def test_a_view_reads_as_an_index_of_only_these_documents(opened: Opened, only: frozenset[str]) -> None:
    view, own = View(opened(frozenset(FILES)).library, only), opened(only).library
    assert view.documents() == own.documents()
    for entry in own.documents():
        file = entry.file
        assert view.document(file) == entry and view.rows_of(file) == own.rows_of(file)
        for read in ("source", "raw", "blocks", "records", "passages_of"):
            assert getattr(view, read)(file) == getattr(own, read)(file), read
        assert [view.passage(row) for row in view.rows_of(file)] == list(own.passages_of(file))
        for record in range(len(own.records(file))):
            assert view.row_passage(file, record) == own.row_passage(file, record)
    with pytest.raises(IndexError):
        view.passage(len(own))
    with pytest.raises(IndexError):
        view.passage(-1)


SMALL = {
    "甲县.txt": "甲县节水办法\n\n第一条 灌溉用水每亩不超过300立方米。\n第二条 水务站负责计量。\n",
    "乙县.txt": "乙县节水办法\n\n第一条 灌溉用水每亩不超过450立方米。\n第二条 违反者罚款2000元。\n",
    "丙园.txt": "丙园绿化规定\n\n第一条 园内种植龙脑香樟，由金穗电器公司捐赠。\n",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("small"), SMALL)


@pytest.mark.parametrize(
    "question",
    ["乙县违反者罚款多少？", "金穗电器公司捐赠了什么？", "龙脑香樟种在哪里？", "灌溉用水每亩不超过多少？", "第二条说了什么？"],
)
def test_other_documents_show_nowhere(qa: PolicyQA, tmp_path: Path, question: str) -> None:
    only = frozenset({"甲县.txt"})
    own = written(tmp_path, {"甲县.txt": SMALL["甲县.txt"]})
    answer = qa.answer(Question(question, only=only))
    assert timeless(answer) == timeless(own.answer(question))
    shown = f"{answer.text}{answer.reason}{answer.trace}{qa.search(question, only=only)}"
    assert not any(word in shown for word in ("450", "2000", "龙脑香樟种植", "捐赠，", "乙县节水", "丙园", "3 份"))


@pytest.mark.parametrize("file", ["乙县.txt", "没有这份.txt"])
def test_a_document_outside_is_as_unknown_as_one_that_does_not_exist(qa: PolicyQA, file: str) -> None:
    view = View(qa.library, {"甲县.txt"})
    for read in (view.document, view.source, view.raw, view.blocks, view.records, view.rows_of, view.passages_of):
        with pytest.raises(InputError, match="资料库里没有"):
            read(file)
    with pytest.raises(InputError):
        view.row_passage(file, 0)


@pytest.mark.parametrize("only", [frozenset(), frozenset({"没有这份.txt"})])
def test_nothing_to_answer_from_is_a_refusal(qa: PolicyQA, only: frozenset[str]) -> None:
    for question in ("灌溉用水每亩不超过多少？", "第二条说了什么？", "介绍一下第三章", "有哪些文件？", "共有多少项技术？"):
        answer = qa.answer(Question(question, only=only))
        assert answer.refused and not answer.citations
        assert "已检索 0 份文件" in answer.reason
        assert qa.search(question, only=only) == ()


def test_without_a_limit_and_with_all_documents_nothing_changes(qa: PolicyQA) -> None:
    free = timeless(qa.answer("灌溉用水每亩不超过多少？"))
    assert timeless(qa.answer(Question("灌溉用水每亩不超过多少？", only=frozenset(SMALL) | {"没有这份.txt"}))) == free
    assert {c.doc for c in free.citations} <= {"甲县.txt", "乙县.txt"} and free.citations


def test_a_follow_up_stays_within_the_documents(qa: PolicyQA) -> None:
    asked = Question("那罚款呢？", ("乙县灌溉用水每亩不超过多少？",), only=frozenset({"甲县.txt"}))
    assert "2000" not in qa.answer(asked).text


def test_a_view_of_a_view_holds_what_both_hold(qa: PolicyQA) -> None:
    inner = View(View(qa.library, {"甲县.txt", "丙园.txt"}), {"乙县.txt", "丙园.txt"})
    assert [d.file for d in inner.documents()] == ["丙园.txt"]
    assert [p.locator.file for p in map(inner.passage, inner.rows_of("丙园.txt"))] == ["丙园.txt"] * len(inner.lexical)
    assert inner.lexical.held("罚款") == 0


def test_a_view_over_documents_in_memory_works_as_well() -> None:
    settings = IndexSettings()
    documents = [analyse(Source(name, name, text), settings) for name, text in SMALL.items()]
    view = View(MemoryCollection(documents, settings), {"乙县.txt"})
    own = MemoryCollection([d for d in documents if d.source.file == "乙县.txt"], settings)
    assert view.documents() == own.documents()
    assert view.vectors is None and view.embedder is None


class Listening:
    """A model that keeps what it is told and says nothing of use."""

    name = "listening"

    def __init__(self) -> None:
        self.told: list[str] = []

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Keep the request."""
        self.told += [m.content for m in messages]
        yield "无法回答"


def test_a_language_model_is_told_nothing_of_other_documents(qa: PolicyQA) -> None:
    model = Listening()
    modelled = PolicyQA(qa.library, qa.settings, model)
    modelled.answer(Question("灌溉用水每亩不超过多少？", only=frozenset({"甲县.txt"})))
    told = "".join(model.told)
    assert "300" in told and "450" not in told and "乙县" not in told


def test_many_choices_at_once_do_not_mix(qa: PolicyQA) -> None:
    fresh = PolicyQA(qa.library, qa.settings)
    choices = [frozenset(some) for size in (1, 2, 3) for some in combinations(SMALL, size)]
    asked = [Question(f"{about}多少？", only=only) for only in choices for about in ("灌溉用水每亩不超过", "罚款")] * 3
    with ThreadPoolExecutor(8) as pool:
        found = [timeless(answer) for answer in pool.map(fresh.answer, asked)]
    assert found == [timeless(qa.answer(question)) for question in asked]


def test_a_choice_of_documents_stays_open_for_the_next_question(qa: PolicyQA) -> None:
    first = qa._answerer_of(frozenset({"甲县.txt"}))
    assert qa._answerer_of(frozenset({"甲县.txt", "没有这份.txt"})) is first
    assert qa._answerer_of(frozenset({"丙园.txt"})) is not first
    assert qa._restricted.cache_info().maxsize == VIEWS
