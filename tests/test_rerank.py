"""Rerankers: order kept without one, a model's order with one, and clear words where a model is missing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.errors import InputError, MissingPackageError
from index.types import Hit, Locator, Passage
from rag.rerank import CrossEncoderReranker, open_reranker, rerank


def hit(name: str, score: float) -> Hit:
    return Hit(Passage(name, f"{name}文", (), Locator("a.txt"), "clause", context="题目"), score, ("lexical",))


HITS = [hit("甲", 3.0), hit("乙", 2.0), hit("丙", 1.0)]


class Scripted:
    name = "scripted"

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.read: list[str] = []

    def rank(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read = list(texts)
        return [self.scores[text[-2]] for text in texts]


def test_without_a_model_the_order_is_kept() -> None:
    assert rerank("问", HITS, None) == tuple(HITS)
    assert open_reranker("") is None


def test_a_model_orders_the_first_hits_and_reads_their_headings() -> None:
    model = Scripted({"甲": 0.1, "乙": 0.9})
    found = rerank("问", HITS, model, depth=2)
    assert [h.passage.id for h in found] == ["乙", "甲", "丙"]
    assert model.read == ["题目\n甲文", "题目\n乙文"]
    assert [h.score for h in found] == [2.0, 3.0, 1.0]
    assert [h.found_by for h in found] == [("lexical", "rerank")] * 2 + [("lexical",)]


def test_equal_scores_keep_their_order() -> None:
    found = rerank("问", HITS, Scripted(dict.fromkeys("甲乙丙", 0.5)))
    assert [h.passage.id for h in found] == ["甲", "乙", "丙"]


def test_without_the_package_the_pip_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingPackageError) as caught:
        CrossEncoderReranker("some/model").rank("问", ["文"])
    assert "pip install sentence-transformers" in caught.value.line()


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra `models` is not installed")
    with pytest.raises(InputError, match="打不开"):
        CrossEncoderReranker(str(tmp_path), device="cpu").rank("问", ["文"])


def test_a_local_cross_encoder_scores_pairs(tiny_cross_encoder: Path) -> None:
    model = open_reranker(str(tiny_cross_encoder), "cpu")
    assert model is not None
    scores = model.rank("节能", ["节能", "水"])
    assert len(scores) == 2
    assert scores == model.rank("节能", ["节能", "水"])
    assert model.rank("节能", []) == []
