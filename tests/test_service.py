"""PolicyQA, the one door: events in order, one answer for all threads, figures with their source."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy import raws
from youju_process import write_documents

from index.build import build, remove
from index.config import IndexSettings
from index.errors import IndexMissingError, InputError, SettingsMismatchError
from index.text import quote_of
from rag.config import Settings
from rag.service import PolicyQA, answer_line, hit_line
from rag.types import NOT_FOUND, Answer, Cited, Done, Found, Question, Text

PLAN, HUNAN, TABLE = "工业绿色发展规划", "湖南省工业领域", "清洁生产先进技术目录2022（要点整理）.csv"
FIGURES = (
    ("到2025年，大宗工业固废综合利用率要达到多少？", "57%", PLAN),
    ("废纸到2025年要回收多少吨？", "6000万吨", PLAN),
    ("到2025年，湖南规模以上工业单位增加值能耗比2020年下降多少？", "14%", HUNAN),
    ("无氰镀金与含氰镀金相比节水多少？", "80%", TABLE),
)
NOWHERE = ("电动自行车充电桩每个补贴多少钱？", "广东省万元工业增加值用水量要下降多少？", "幼儿园招生年龄是几岁？")
QUESTIONS = (
    *(question for question, _, _ in FIGURES),
    *NOWHERE,
    "哪些技术适合焦化企业？",
    "目录里一共收录了多少项技术？",
)


@pytest.fixture(scope="module")
def qa(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    index = tmp_path_factory.mktemp("service") / "index"
    build([sample_corpus], index, IndexSettings())
    return opened(index)


def opened(index: Path) -> PolicyQA:
    return PolicyQA.open(settings=Settings(index_dir=index))


def timeless(answer: Answer) -> Answer:
    return replace(answer, elapsed_ms=0.0)


@pytest.mark.parametrize("question", QUESTIONS)
def test_events_come_in_order_and_add_up_to_the_answer(qa: PolicyQA, question: str) -> None:
    events = list(qa.ask(question))
    kinds = [type(event) for event in events]
    assert kinds[0] is Found and kinds[-1] is Done
    texts = [i for i, kind in enumerate(kinds) if kind is Text]
    cited = [i for i, kind in enumerate(kinds) if kind is Cited]
    assert texts and kinds.count(Found) == kinds.count(Done) == 1
    assert all(i > texts[0] for i in cited)
    done = events[-1]
    assert isinstance(done, Done)
    assert "".join(e.text for e in events if isinstance(e, Text)) == done.answer.text
    assert tuple(e.citation for e in events if isinstance(e, Cited)) == done.answer.citations
    found = events[0]
    assert isinstance(found, Found)
    assert [h.score for h in found.hits] == sorted((h.score for h in found.hits), reverse=True)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_keeps_what_every_reader_relies_on(qa: PolicyQA, question: str) -> None:
    answer = qa.answer(question)
    assert (answer.question, answer.rewritten, answer.mode) == (question, question, "extractive")
    assert answer.elapsed_ms > 0 and answer.trace
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in answer.citations:
        raw = qa.library.raw(citation.doc)
        assert quote_of(raw, citation.spans) == citation.quote != ""
        assert f"[{citation.n}]" in answer.text
        assert citation.info == qa.library.document(citation.doc).info
        assert citation.locator.file == citation.doc and citation.key
    assert answer.citations or answer.refused
    assert bool(answer.reason) or not answer.refused
    assert answer.text.startswith(NOT_FOUND) == answer.refused
    assert answer_line("x", answer)["citations"] or answer.refused


@pytest.mark.parametrize(("question", "figure", "document"), FIGURES)
def test_a_figure_is_answered_with_the_document_that_says_it(
    qa: PolicyQA, question: str, figure: str, document: str
) -> None:
    answer = qa.answer(question)
    assert not answer.refused
    assert figure in answer.text.replace(" ", "")
    assert any(document in c.doc and figure in c.quote.replace(" ", "") for c in answer.citations)
    assert len(answer.text) < 400


@pytest.mark.parametrize("question", NOWHERE)
def test_what_no_document_says_is_refused_with_what_was_searched(qa: PolicyQA, question: str) -> None:
    answer = qa.answer(question)
    assert answer.refused
    assert f"{len(qa.library.documents())} 份文件" in answer.reason


def test_a_list_names_every_matching_entry_with_the_count(qa: PolicyQA) -> None:
    answer = qa.answer("哪些技术适合焦化企业？")
    assert "上升管余热回收" in answer.text and "共" in answer.text
    assert {c.doc for c in answer.citations} == {TABLE}


def test_a_traditional_question_has_the_answer_of_the_simplified_one(qa: PolicyQA) -> None:
    assert "57%" in qa.answer("到2025年，大宗工業固廢綜合利用率要達到多少？").text


def test_stray_spaces_and_full_width_figures_change_no_answer(qa: PolicyQA) -> None:
    question, figure, _ = FIGURES[0]
    for spoilt in (f"  {question}\n", question.replace("2025", "２０２５"), question.replace("，", "\u200b，")):
        assert figure in qa.answer(spoilt).text


def test_a_follow_up_is_completed_from_the_history(qa: PolicyQA) -> None:
    before = "到2025年，湖南单位工业增加值用水量比2020年下降多少？"
    answer = qa.answer("那能耗呢？", [before])
    assert answer.question == "那能耗呢？"
    assert "湖南" in answer.rewritten and "能耗" in answer.rewritten and "用水量" not in answer.rewritten
    assert "14%" in answer.text
    assert any(HUNAN in c.doc for c in answer.citations)
    assert timeless(qa.answer(Question("那能耗呢？", (before,)))) == timeless(answer)


GIVEN = ("甲市规定，达标企业一次性奖励30万元。", "乙市的达标企业免交一年水费。", "两市均要求企业每三年核查一次。")


def test_given_passages_are_answered_from_instead_of_the_library(qa: PolicyQA) -> None:
    answer = qa.answer(Question("达标企业奖励多少钱？", context=GIVEN))
    assert "30万元" in answer.text and not answer.refused
    assert all(any(c.quote in passage for passage in GIVEN) for c in answer.citations) and answer.citations
    assert FIGURES[0][1] not in qa.answer(Question(FIGURES[0][0], context=GIVEN)).text


@settings(max_examples=25, deadline=None)
@given(
    passages=st.lists(raws(), min_size=1, max_size=3),
    question=st.sampled_from(["补助多少万元？", "锅炉怎么改造？", "哪些企业要核查？"]),
)
def test_quotes_of_given_passages_are_exact_and_answers_keep_their_limit(
    qa: PolicyQA, passages: list[str], question: str
) -> None:
    answer = qa.answer(Question(question, context=tuple(passages), max_chars=200))
    for citation in answer.citations:
        assert any(quote_of(passage, citation.spans) == citation.quote for passage in passages)
    assert answer.refused or len(answer.text) <= 200


def test_a_question_that_stands_alone_takes_nothing_from_the_history(qa: PolicyQA) -> None:
    question, figure, _ = FIGURES[0]
    answer = qa.answer(question, ["幼儿园招生年龄是几岁？", FIGURES[3][0]])
    assert answer.rewritten == question and figure in answer.text


def test_the_same_question_has_the_same_answer_twice_and_after_a_rebuild(
    qa: PolicyQA, sample_corpus: Path, tmp_path: Path
) -> None:
    for number, path in enumerate(sorted(sample_corpus.iterdir(), reverse=True)):
        build([path], tmp_path / "grown", IndexSettings())
        if number == 2:
            remove([path.name], tmp_path / "grown")
            build([path], tmp_path / "grown", IndexSettings())
    again = opened(tmp_path / "grown")
    for question in QUESTIONS:
        first = timeless(qa.answer(question))
        assert timeless(qa.answer(question)) == first
        assert timeless(again.answer(question)) == first
        assert again.search(question, 20) == qa.search(question, 20)


def test_many_threads_get_the_answers_of_one(sample_corpus: Path, tmp_path: Path) -> None:
    build([sample_corpus], tmp_path / "index", IndexSettings())
    expected = {q: timeless(opened(tmp_path / "index").answer(q)) for q in QUESTIONS}
    shared, start = opened(tmp_path / "index"), threading.Barrier(8)

    def run(turn: int) -> list[bool]:
        start.wait(timeout=30)
        order = QUESTIONS[turn % len(QUESTIONS) :] + QUESTIONS[: turn % len(QUESTIONS)]
        return [timeless(shared.answer(q)) == expected[q] for q in order]

    with ThreadPoolExecutor(8) as pool:
        assert all(all(same) for same in pool.map(run, range(8)))


def test_an_open_library_keeps_answering_while_it_is_rebuilt(tmp_path: Path) -> None:
    docs = write_documents(tmp_path / "docs")
    build([docs], tmp_path / "index", IndexSettings())
    question = "年取水量超过多少的企业要做水平衡测试？"
    open_before = opened(tmp_path / "index")
    first = timeless(open_before.answer(question))
    path = docs / "工业节水办法.txt"
    path.write_text(path.read_text("utf-8").replace("30 万立方米", "50 万立方米"), "utf-8")
    build([docs], tmp_path / "index", IndexSettings())
    assert timeless(open_before.answer(question)) == first
    assert "50万立方米" in opened(tmp_path / "index").answer(question).text


def test_search_gives_the_best_first_and_no_more_than_asked(qa: PolicyQA) -> None:
    ten = qa.search("焦炉上升管余热", 10)
    assert 1 < len(ten) <= 10 and qa.search("焦炉上升管余热", 3) == ten[:3]
    assert "上升管" in ten[0].passage.text
    line = hit_line(ten[0])
    assert line["start"] == min(s for s, _ in line["spans"]) and line["end"] == max(e for _, e in line["spans"])
    assert line["score"] > 0 and line["found_by"]


def test_nothing_is_found_for_words_that_no_document_has(qa: PolicyQA) -> None:
    assert qa.search("zzzzqqqq", 5) == ()
    assert qa.answer("zzzzqqqq？").refused


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\ufeff\x00", "？" * 4001, "长" * 4001])
def test_an_empty_or_endless_question_is_an_input_error(qa: PolicyQA, text: str) -> None:
    with pytest.raises(InputError):
        qa.answer(text)
    with pytest.raises(InputError):
        qa.search(text)


@pytest.mark.parametrize(
    "text", ["？", "。。。", "的", "a", "1", "吗", "——", "——？", "《》", "第条", "2025年", "%", "😀", "是的——"]
)
def test_an_odd_question_is_answered_or_refused_but_never_fails(qa: PolicyQA, text: str) -> None:
    for history in ((), (text, ""), (FIGURES[0][0], text)):
        answer = qa.answer(text, history)
        assert answer.text and (answer.refused or answer.citations)
    qa.search(text)


@pytest.mark.parametrize("k", [0, -1])
def test_a_search_for_no_hits_is_an_input_error(qa: PolicyQA, k: int) -> None:
    with pytest.raises(InputError, match=str(k)):
        qa.search("水", k)


def test_a_long_history_costs_no_more_than_its_last_questions(qa: PolicyQA) -> None:
    question, figure, _ = FIGURES[0]
    answer = qa.answer("那要达到多少？", [*(["无关的话" * 50] * 200), question])
    assert figure in answer.text and answer.elapsed_ms < 5000


def test_opening_says_what_is_wrong_with_the_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        opened(tmp_path / "none")
    build([write_documents(tmp_path / "docs")], tmp_path / "index", IndexSettings(passage_chars=200))
    with pytest.raises(SettingsMismatchError, match="passage_chars"):
        opened(tmp_path / "index")


def test_a_library_without_documents_refuses(tmp_path: Path) -> None:
    docs = write_documents(tmp_path / "docs")
    build([docs], tmp_path / "index", IndexSettings())
    remove([path.name for path in docs.iterdir()], tmp_path / "index")
    empty = opened(tmp_path / "index")
    assert empty.answer("年取水量超过多少？").refused
    assert empty.search("取水") == ()
