"""Retrieval figures over BEIR files agree with their definitions; wrong files are named by line."""

import json
import math
from pathlib import Path

import pytest

from eval import beir
from index.errors import InputError


def test_ndcg_discounts_by_rank_and_divides_by_the_best_order():
    assert beir.ndcg(["x", "a"], {"a": 1}, 10) == pytest.approx(1 / math.log2(3))
    assert beir.ndcg(["a", "b"], {"a": 1, "b": 1}, 10) == pytest.approx(1.0)
    assert beir.ndcg(["b", "a"], {"a": 3, "b": 1}, 10) == pytest.approx((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))
    assert beir.ndcg(["x"] * 10 + ["a"], {"a": 1}, 10) == 0.0
    assert beir.ndcg(list("abcdefghij"), dict.fromkeys("abcdefghijklm", 1), 10) == pytest.approx(1.0)


def test_figures_are_means_over_the_judged_queries():
    run = {"q1": ["a", "x"], "q2": ["x"] * 6 + ["b"], "free": ["a"]}
    qrels = {"q1": {"a": 1.0, "c": 1.0}, "q2": {"b": 1.0}, "unasked": {"a": 0.0}}
    figures = beir.score_run(run, qrels)
    assert figures["accuracy@1"] == 0.5
    assert figures["accuracy@5"] == 0.5
    assert figures["accuracy@10"] == 1.0
    assert figures["recall@100"] == 0.75
    assert figures["mrr@10"] == pytest.approx((1 + 1 / 7) / 2)


def test_a_query_that_the_run_leaves_out_scores_zero():
    qrels = {"q1": {"a": 1.0}, "q2": {"a": 1.0}}
    assert beir.score_run({"q1": ["a"]}, qrels)["accuracy@1"] == 0.5


def test_documents_are_ranked_by_their_best_passage_and_the_search_goes_deeper_when_needed():
    passages = ["a"] * 5 + ["b", "a", "c"]
    asked: list[int] = []

    def search(text: str, k: int) -> list[dict[str, str]]:
        asked.append(k)
        return [{"doc": doc} for doc in passages[:k]]

    assert [hit["doc"] for hit in beir.search_deep(search, "q", 2)] == passages
    assert asked == [2, 4, 8]
    assert len(beir.search_deep(search, "q", 100)) == len(passages)
    assert beir.evaluate(search, {"q": "q"}, {"q": {"b": 1}})["mrr@10"] == 0.5


def test_answer_containment_looks_at_the_first_k_passages():
    texts = ["无", "答 案"] + ["无"] * 9 + ["别的"]
    assert beir.containment(texts, ["答案"]) == {"answer@1": 0.0, "answer@5": 1.0, "answer@10": 1.0}
    assert beir.containment(texts, ["别的"])["answer@10"] == 0.0


def test_evaluate_searches_only_judged_queries_and_reports_answers():
    def search(text: str, k: int) -> list[dict[str, str]]:
        return [{"doc": text, "text": f"{text} 的正文"}]

    figures = beir.evaluate(search, {"1": "a", "2": "b", "3": "c"}, {"1": {"a": 1}, "2": {"x": 1}}, {"1": ("正文",)})
    assert figures["queries"] == 2
    assert figures["ndcg@10"] == 0.5
    assert figures["answer@1"] == 1.0
    assert figures["p95_ms"] >= 0
    shown = beir.lines(figures)
    assert "nDCG@10 (ndcg@10): 0.5000" in shown and "hit@1 (accuracy@1): 0.5000" in shown and "queries: 2" in shown


def test_files_in_the_beir_form_are_read(tmp_path: Path):
    (tmp_path / "q.jsonl").write_text('{"_id": "1", "text": "问"}\n', "utf-8")
    (tmp_path / "r.tsv").write_text('query-id\tcorpus-id\tscore\n1\t"d\t2\n1\te\t0\n', "utf-8")
    hits = [{"doc": "d", "score": 2}, {"doc": "e", "score": 1}, {"doc": "d", "score": 0.5}]
    (tmp_path / "run.jsonl").write_text(json.dumps({"_id": "1", "hits": hits}), "utf-8")
    (tmp_path / "a.jsonl").write_text('{"_id": "1", "answers": [{"text": "甲", "start": 3}]}', "utf-8")
    assert beir.load_queries(tmp_path / "q.jsonl") == {"1": "问"}
    assert beir.load_qrels(tmp_path / "r.tsv") == {"1": {'"d': 2.0, "e": 0.0}}
    assert beir.load_run(tmp_path / "run.jsonl") == {"1": ["d", "e"]}
    assert beir.load_answers(tmp_path / "a.jsonl") == {"1": ("甲",)}


@pytest.mark.parametrize(
    ("reader", "content", "line"),
    [
        (beir.load_queries, '{"_id": 1, "text": "问"}', "第 1 行"),
        (beir.load_queries, '{"_id": "1", "text": "问"}\n{"_id": "1", "text": "问"}', "第 2 行"),
        (beir.load_qrels, "query-id\tcorpus-id\tscore\n1\td\tmany", "第 2 行"),
        (beir.load_qrels, "1 d 1", "第 1 行"),
        (beir.load_run, '{"_id": "1"}', "第 1 行"),
        (beir.load_run, '{"_id": "1", "hits": [3]}', "第 1 行"),
        (beir.load_answers, '{"_id": "1", "answers": 3}', "第 1 行"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, reader, content: str, line: str):
    path = tmp_path / "f"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError, match=line):
        reader(path)


def test_a_missing_qrels_file_and_strangers_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="读不了"):
        beir.load_qrels(tmp_path / "none.tsv")
    with pytest.raises(InputError, match="没有一个相同"):
        beir.score_run({"q": ["a"]}, {"other": {"a": 1.0}})
