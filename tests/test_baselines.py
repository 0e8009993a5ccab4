"""The simple systems: ten lines of BM25 over fixed-size chunks, always answering, always citing exactly."""

import json
import math

import pytest

from eval.baselines import CHUNK, OVERLAP, Bm25, open_baseline
from eval.cases import Case
from eval.metrics import judge
from index.errors import InputError

RAWS = {
    "water.txt": "甲厂改造了冷却塔。\n每年节 水三十万吨。工人都说好。" + "乙厂没有动静。" * 80,
    "coal.txt": "丙厂烧煤。丁厂也烧煤。",
}
CASE = Case.model_validate_json(
    json.dumps(
        {
            "id": "c",
            "question": "每年节水多少万吨？",
            "type": "fact",
            "facts": [["三十万吨"]],
            "evidence": [{"doc": "water.txt", "quote": "每年节水三十万吨"}],
            "must_cite": [0],
        }
    )
)


def test_bm25_agrees_with_the_formula():
    index = Bm25(["wind wind sea", "sea"], k1=1.2, b=0.75)
    idf = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2))
    assert index.rank("wind", 5) == [(0, pytest.approx(expected))]


def test_bm25_breaks_ties_by_position_and_drops_what_does_not_match():
    assert [i for i, _ in Bm25(["风", "水", "水"]).rank("水", 5)] == [1, 2]
    assert Bm25([]).rank("水", 5) == []


def test_the_best_sentence_alone_is_the_naive_answer():
    answer = open_baseline("naive", RAWS).ask(CASE)
    assert answer["answer"] == "每年节水三十万吨。"
    judgement = judge(CASE, answer, RAWS)
    assert judgement.right and judgement.quotes_exact == 1


def test_the_passage_system_answers_with_the_whole_chunk():
    answer = open_baseline("bm25-passage", RAWS).ask(CASE)
    assert answer["answer"].startswith("甲厂改造了冷却塔。每年节水三十万吨。")
    assert len(answer["answer"]) > CHUNK - 20
    assert judge(CASE, answer, RAWS).quotes_exact == 1


@pytest.mark.parametrize("name", ["naive", "bm25-passage"])
def test_a_question_without_any_match_is_answered_all_the_same(name: str):
    answer = open_baseline(name, RAWS).ask(CASE.model_copy(update={"question": "zzz"}))
    assert answer["answer"] and not answer["refused"]
    assert judge(CASE, answer, RAWS).quotes_exact == 1


def test_chunks_cover_every_character_of_every_document():
    system = open_baseline("naive", {**RAWS, "short.txt": "一"})
    for doc, raw in system.raws.items():
        seen = {i for c in system.chunks if c.doc == doc for i in range(c.span.start, c.span.end)}
        assert seen == set(range(len(raw)))
    starts = [c.span.start for c in system.chunks if c.doc == "water.txt"]
    assert starts[1] - starts[0] == CHUNK - OVERLAP


def test_hits_name_the_place_of_the_chunk():
    hit = open_baseline("naive", RAWS).search("冷却塔", 1)[0]
    assert RAWS[hit["doc"]][hit["start"] : hit["end"]] == hit["text"]


def test_wrong_names_and_empty_libraries_are_refused():
    with pytest.raises(InputError, match="没有名为 'best'"):
        open_baseline("best", RAWS)
    with pytest.raises(InputError, match="没有文档"):
        open_baseline("naive", {})
    with pytest.raises(InputError, match=r"none\.txt"):
        open_baseline("naive", RAWS).raw("none.txt")
