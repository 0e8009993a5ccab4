"""The dense arm beside BM25: it finds what no word of the question says, and is absent where no model was named."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.build import build
from index.config import IndexSettings
from rag.config import Settings
from rag.service import PolicyQA

PLAN = """青石市节水规划

一、造纸

造纸企业推行白水回收，水的重复利用率达到九成。

二、运输

货车改用电动车辆，柴油消耗逐年下降。

三、农业

农田推广滴灌，灌溉用水逐年减少。
"""


def opened(tmp_path: Path, embedder: str) -> PolicyQA:
    (tmp_path / "规划.txt").write_text(PLAN, "utf-8")
    settings = IndexSettings(embedder=embedder)
    build([tmp_path / "规划.txt"], tmp_path / "index", settings)
    return PolicyQA.open(settings=Settings(index_dir=tmp_path / "index", index=settings))


def test_the_built_in_model_finds_a_passage_that_shares_no_word_with_the_question(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    question = "卡车烧油"
    assert "柴油" in opened(tmp_path, "built-in").search(question, 1)[0].passage.text


def test_without_a_model_only_words_are_searched(tmp_path: Path) -> None:
    hits = opened(tmp_path, "").search("滴灌", 5)
    assert "滴灌" in hits[0].passage.text and all(hit.found_by == ("lexical",) for hit in hits)


def test_a_passage_that_says_the_question_stays_first_beside_the_dense_arm(tmp_path: Path) -> None:
    for embedder in ("", "hash"):
        (tmp_path / embedder).mkdir(exist_ok=True)
        assert "白水回收" in opened(tmp_path / embedder, embedder).search("造纸企业白水回收", 3)[0].passage.text
