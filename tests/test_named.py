"""How many documents name a document, and what that does to the order of passages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.config import IndexSettings
from index.store import Library
from rag.config import Settings
from rag.named import MANY, Named, name_of, named_in
from rag.service import PolicyQA

LIKE = "{}\n\n第一条 渔船出港前应当登记船员名单。\n\n第二条 渔船应当配备救生衣。\n"
NAMING = "{}\n\n第一条 渔港的秩序依照渔船登记条例维持。\n\n第二条 《渔船登记条例》另有要求的，从其要求。\n"


def library(folder: Path, texts: dict[str, str], embedder: str = "") -> Settings:
    """Build a library of the texts by title; its settings."""
    (folder / "in").mkdir()
    for title, text in texts.items():
        (folder / "in" / f"{title}.txt").write_text(text.format(title), "utf-8")
    settings = IndexSettings(embedder=embedder)
    build([folder / "in"], folder / "index", settings)
    return Settings(index_dir=folder / "index", index=settings)


def shares(settings: Settings) -> dict[str, float]:
    with Library.open(settings.index_dir, settings.index) as opened:
        entries = [e for e in opened.documents() if e.passages]
        found = Named(opened).shares(np.array([e.first + e.passages - 1 for e in entries]), opened)
        return {e.file.removesuffix(".txt"): float(s) for e, s in zip(entries, found, strict=True)}


def test_documents_count_once_however_often_they_name_another_and_never_for_themselves(tmp_path: Path) -> None:
    texts = {"渔船登记条例": NAMING, "渔港管理办法": NAMING, "渔村建设办法": LIKE}
    found = shares(library(tmp_path, texts))
    assert found["渔船登记条例"] == pytest.approx(np.log(2) / np.log(1 + MANY))
    assert found["渔港管理办法"] == found["渔村建设办法"] == 0


def test_more_documents_that_name_one_count_more_up_to_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"渔船登记条例": LIKE, "渔港管理办法": NAMING, "渔市管理办法": NAMING, "渔具管理办法": NAMING}
    settings = library(tmp_path, texts)
    assert shares(settings)["渔船登记条例"] == pytest.approx(np.log(4) / np.log(1 + MANY))
    monkeypatch.setattr("rag.named.MANY", 2)
    assert shares(settings)["渔船登记条例"] == 1.0


def test_articles_that_stand_as_documents_of_their_own_are_one_law(tmp_path: Path) -> None:
    rows = [("渔船登记条例第一条", "船员应当登记。"), ("渔船登记条例第二条", "登记依照渔船登记条例。")]
    rows += [(f"渔港管理办法第{n}条", "依照渔船登记条例。") for n in "一二三"]
    lines = [f'{{"_id": "{i}", "title": "{title}", "text": "{text}"}}\n' for i, (title, text) in enumerate(rows)]
    (tmp_path / "corpus.jsonl").write_text("".join(lines), "utf-8")
    settings = IndexSettings(embedder="")
    build([tmp_path / "corpus.jsonl"], tmp_path / "index", settings)
    found = shares(Settings(index_dir=tmp_path / "index", index=settings))
    assert found["0"] == found["1"] == pytest.approx(np.log(2) / np.log(1 + MANY))
    assert found["2"] == 0


def test_only_names_of_official_documents_count() -> None:
    assert name_of("中华人民共和国渔船登记条例（草案）第十二条之一") == "渔船登记条例"
    assert name_of("渔业法") == "渔业法"
    assert [name_of(title) for title in ("规定", "有关规定", "黄河", "", "第三条")] == [""] * 5


def test_of_two_passages_alike_the_one_of_the_document_that_others_name_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tokenizers")
    monkeypatch.setattr("index.config.LARGE", 1)
    monkeypatch.setattr("rag.retrieve.LARGE", 1)
    texts = {"渔艇登记条例": LIKE, "渔船登记条例": LIKE, "渔港管理办法": NAMING, "渔市管理办法": NAMING}
    qa = PolicyQA.open(settings=library(tmp_path, texts, "built-in"))
    assert qa.search("出港前要登记哪些人", 1)[0].passage.locator.file == "渔船登记条例.txt"
    assert qa.search("《渔艇登记条例》里出港前要登记哪些人", 1)[0].passage.locator.file == "渔艇登记条例.txt"


def test_a_library_is_read_for_names_once(tmp_path: Path) -> None:
    settings = library(tmp_path, {"渔船登记条例": LIKE})
    with Library.open(settings.index_dir, settings.index) as opened:
        assert named_in(opened) is named_in(opened)
