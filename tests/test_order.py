"""The order of passages in a large library: words and word vectors weighed; vectors are built only where they help."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.config import AUTO, BUILT_IN, IndexSettings
from index.embed import identity, open_embedder
from index.errors import SettingsMismatchError
from index.soft import SOFT, soft_matches
from index.static import StaticEmbedder
from index.store import Library, check
from rag.config import Settings
from rag.order import MEASURES, candidates, measures, weights
from rag.service import PolicyQA

PLAN = """青石市节水规划

一、造纸

造纸企业推行白水回收，水的重复利用率达到九成。

二、运输

货车改用电动车辆，柴油消耗逐年下降。

三、农业

农田推广滴灌，灌溉用水逐年减少。
"""


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every library counts as large."""
    pytest.importorskip("tokenizers")
    monkeypatch.setattr("index.config.LARGE", 1)
    monkeypatch.setattr("rag.retrieve.LARGE", 1)


def built(tmp_path: Path, settings: IndexSettings) -> Path:
    (tmp_path / "规划.txt").write_text(PLAN, "utf-8")
    build([tmp_path / "规划.txt"], tmp_path / "index", settings)
    return tmp_path / "index"


def opened(tmp_path: Path, embedder: str = AUTO) -> PolicyQA:
    settings = IndexSettings(embedder=embedder)
    return PolicyQA.open(settings=Settings(index_dir=built(tmp_path, settings), index=settings))


def test_a_large_library_finds_what_no_word_of_the_question_says(tmp_path: Path, large: None) -> None:
    assert "柴油" in opened(tmp_path).search("卡车烧油", 1)[0].passage.text


def test_a_large_library_puts_the_passage_that_says_the_question_first(tmp_path: Path, large: None) -> None:
    hits = opened(tmp_path).search("造纸企业白水回收", 3)
    assert "白水回收" in hits[0].passage.text
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert all(h.score >= 0 for h in hits)


def test_passages_beyond_those_looked_at_closely_stand_behind_them(
    tmp_path: Path, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    qa = opened(tmp_path)
    whole = [h.passage.id for h in qa.search("农田滴灌用水", 10)]
    monkeypatch.setattr("rag.order.ORDERED", 1)
    cut = [h.passage.id for h in qa.search("农田滴灌用水", 10)]
    assert sorted(cut) == sorted(whole) and "滴灌" in qa.search("农田滴灌用水", 1)[0].passage.text


def test_the_weights_decide_the_order(tmp_path: Path, large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    qa = opened(tmp_path)
    monkeypatch.setattr("rag.order.weights", lambda: tuple(float(name == "brief") for name in MEASURES))
    lengths = [len(h.passage.text) for h in qa.search("造纸企业白水回收，货车和农田用水怎么办", 10)]
    assert len(set(lengths)) > 1 and lengths == sorted(lengths)


def test_a_named_document_comes_before_the_others(tmp_path: Path, large: None) -> None:
    (tmp_path / "乙.txt").write_text(PLAN.replace("青石市", "白沙市"), "utf-8")
    (tmp_path / "甲.txt").write_text(PLAN, "utf-8")
    settings = IndexSettings()
    build([tmp_path / "甲.txt", tmp_path / "乙.txt"], tmp_path / "index", settings)
    qa = PolicyQA.open(settings=Settings(index_dir=tmp_path / "index", index=settings))
    assert qa.search("青石市节水规划怎么说滴灌", 1)[0].passage.locator.file == "甲.txt"
    assert qa.search("白沙市节水规划怎么说滴灌", 1)[0].passage.locator.file == "乙.txt"


def test_shares_lie_between_none_and_all_and_every_measure_has_a_weight(tmp_path: Path, large: None) -> None:
    qa = opened(tmp_path)
    query = qa._answerer.understood("农田推广滴灌")
    found = candidates(query, query.weights, qa.library, 10, None)
    table = measures(query, found, [qa.library.passage(int(r)) for r in found.rows], qa.library)
    assert table.shape == (len(found.rows), len(MEASURES)) and len(weights()) == len(MEASURES)
    shares = np.delete(table, MEASURES.index("brief"), axis=1)
    assert (shares >= -1).all() and (shares <= 1.001).all()
    said = table[[("滴灌" in qa.library.passage(int(r)).text) for r in found.rows]][0]
    assert said[MEASURES.index("pairs")] == pytest.approx(1.0)
    assert said[MEASURES.index("chars")] == pytest.approx(1.0)


def test_auto_builds_vectors_only_for_a_large_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tokenizers")
    settings = IndexSettings()
    assert settings.embedder == AUTO
    assert settings.embedder_for(19_999) == "" and settings.embedder_for(20_000) == BUILT_IN
    with Library.open(built(tmp_path, settings), settings) as library:
        assert library.vectors is None and library.embedder is None and library.manifest.model == ""
    monkeypatch.setattr("index.config.LARGE", 4)
    (tmp_path / "新.txt").write_text("补充\n\n锅炉改用天然气。\n", "utf-8")
    build([tmp_path / "新.txt"], tmp_path / "index", settings)
    model = open_embedder(BUILT_IN)
    assert model is not None
    with Library.open(tmp_path / "index", settings) as library:
        assert library.vectors is not None and len(library.vectors) == len(library) >= 4
        assert library.manifest.model == identity(model)
    assert check(tmp_path / "index") == []
    assert build([tmp_path / "新.txt"], tmp_path / "index", settings).unchanged == ("新.txt",)


def test_an_index_of_the_older_default_asks_for_a_rebuild_in_one_line(tmp_path: Path) -> None:
    folder = built(tmp_path, IndexSettings(embedder=""))
    with pytest.raises(SettingsMismatchError) as caught:
        Library.open(folder, IndexSettings())
    assert "auto" in caught.value.line() and "youju build" in caught.value.line()


def test_each_word_asked_looks_for_its_own_best_match() -> None:
    pytest.importorskip("tokenizers")
    model = StaticEmbedder()
    texts = ["货车改用电动车辆", "农田推广滴灌", "", "卡车烧油" + "，农田推广滴灌" * 30]
    found = soft_matches(model, "卡车烧油", texts, lambda word: 1.0)
    whole, window = (found[:, SOFT.index(name)] for name in ("whole", "window"))
    assert whole[0] > whole[1] and not found[2].any()
    assert whole[3] == pytest.approx(1.0, abs=1e-5) and window[3] == pytest.approx(1.0, abs=1e-5)
    assert (window <= whole + 1e-6).all()


def test_words_without_weight_count_for_nothing() -> None:
    pytest.importorskip("tokenizers")
    model = StaticEmbedder()
    texts = ["锅炉补贴", "农田滴灌"]
    only = soft_matches(model, "锅炉滴灌", texts, lambda word: float("锅" in word or "炉" in word))
    assert only[0, 0] > only[1, 0]
    assert not soft_matches(model, "锅炉", texts, lambda word: 0.0).any()
    assert np.isfinite(only).all()
