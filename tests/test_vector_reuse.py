"""Vectors of an index: kept by the words of a passage, made anew by another model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.build import build, remove
from index.config import IndexSettings
from index.embed import HashEmbedder
from index.errors import SettingsMismatchError
from index.lexical import Floats
from index.store import Library
from index.store import generation as generation_module

SETTINGS = IndexSettings(embedder="counting")


class Counting(HashEmbedder):
    """Remembers what it was asked to encode."""

    name = "counting"
    revision = "1"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        self.seen += texts
        return super().encode(texts, query=query)


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    model = Counting()
    for module in ("index.work", "index.store.generation", "index.store.library"):
        monkeypatch.setattr(f"{module}.open_embedder", lambda name, device="": model if name else None)
    yield model


def write(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def matrix(index: Path) -> Floats:
    with Library.open(index) as library:
        assert library.vectors is not None
        return library.vectors.matrix()


def test_only_new_words_are_encoded(tmp_path: Path, embedder: Counting) -> None:
    source = write(tmp_path / "in", {"a.txt": "甲\n锅炉节能", "b.txt": "乙\n污水处理"})
    build([source], tmp_path / "index", SETTINGS)
    first = len(embedder.seen)
    embedder.seen.clear()
    write(source, {"c.txt": "丙\n绿电", "b.txt": "乙\n污水处理"})
    build([source], tmp_path / "index", SETTINGS)
    assert first > 0
    assert embedder.seen
    assert all("绿电" in text for text in embedder.seen)
    embedder.seen.clear()
    remove(["a.txt"], tmp_path / "index")
    assert embedder.seen == []


def test_other_settings_keep_the_vectors_of_passages_that_stay_the_same(tmp_path: Path, embedder: Counting) -> None:
    source = write(tmp_path / "in", {"a.txt": "甲\n锅炉节能", "b.txt": "乙\n污水处理"})
    build([source], tmp_path / "index", SETTINGS)
    before = matrix(tmp_path / "index")
    embedder.seen.clear()
    report = build([source], tmp_path / "index", SETTINGS.model_copy(update={"k1": 1.5}))
    assert report.updated == ("a.txt", "b.txt")
    assert embedder.seen == []
    assert np.array_equal(matrix(tmp_path / "index"), before)


def test_a_new_version_of_the_model_makes_all_vectors_anew(tmp_path: Path, embedder: Counting) -> None:
    source = write(tmp_path / "in", {"a.txt": "甲\n锅炉节能"})
    build([source], tmp_path / "index", SETTINGS)
    made = len(embedder.seen)
    embedder.revision = "2"
    with Library.open(tmp_path / "index", SETTINGS) as library, pytest.raises(SettingsMismatchError) as caught:
        _ = library.embedder
    assert "'counting@1'" in caught.value.line()
    assert "'counting@2'" in caught.value.line()
    assert "youju build" in caught.value.hint
    report = build([source], tmp_path / "index", SETTINGS)
    assert report.unchanged == ("a.txt",)
    assert len(embedder.seen) == 2 * made
    with Library.open(tmp_path / "index", SETTINGS) as library:
        assert library.embedder is embedder
        assert library.manifest.model == "counting@2"


def test_another_model_asks_for_a_rebuild_in_one_line(tmp_path: Path, embedder: Counting) -> None:
    build([write(tmp_path / "in", {"a.txt": "甲\n锅炉"})], tmp_path / "index", SETTINGS)
    with pytest.raises(SettingsMismatchError) as caught:
        Library.open(tmp_path / "index", IndexSettings(embedder="other"))
    assert "建立时是模型 'counting'，现在的设置是模型 'other'" in caught.value.message
    assert caught.value.hint == "重新运行 youju build，或把 index.embedder 改回 'counting'"
    assert "\n" not in caught.value.line()
    with pytest.raises(SettingsMismatchError, match="现在的设置是不用向量模型"):
        Library.open(tmp_path / "index", IndexSettings(embedder=""))


def test_the_device_is_no_reason_to_rebuild(tmp_path: Path, embedder: Counting) -> None:
    build([write(tmp_path / "in", {"a.txt": "甲\n锅炉"})], tmp_path / "index", SETTINGS)
    elsewhere = SETTINGS.model_copy(update={"device": "cuda"})
    assert build([tmp_path / "in"], tmp_path / "index", elsewhere).unchanged == ("a.txt",)
    Library.open(tmp_path / "index", elsewhere).close()


def test_an_index_without_vectors_has_no_model(tmp_path: Path, embedder: Counting) -> None:
    build([write(tmp_path / "in", {"a.txt": "甲\n锅炉"})], tmp_path / "index", IndexSettings())
    with Library.open(tmp_path / "index") as library:
        assert library.embedder is None
        assert library.manifest.model == ""


def test_progress_is_told_while_vectors_are_made(
    tmp_path: Path, embedder: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation_module, "_BATCH", 1)
    told: list[str] = []
    build([write(tmp_path / "in", {"a.txt": "甲\n锅炉", "b.txt": "乙\n水"})], tmp_path / "index", SETTINGS, told.append)
    vectors = [line for line in told if line.startswith("向量")]
    assert vectors[-1] == f"向量 {len(vectors)}/{len(vectors)}"
