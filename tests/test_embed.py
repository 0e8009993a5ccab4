"""Embedders: unit rows, determinism, and what happens without the package."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import HashEmbedder, SentenceTransformerEmbedder, identity, open_embedder
from index.errors import InputError, MissingPackageError


@given(st.lists(st.text(max_size=30), max_size=6))
def test_the_stand_in_gives_unit_rows_for_any_text(texts: list[str]) -> None:
    vectors = HashEmbedder().encode(texts)
    assert vectors.shape == (len(texts), 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_stand_in_is_the_same_in_every_process() -> None:
    vector = HashEmbedder().encode(["工业节能"])[0]
    assert np.flatnonzero(vector).tolist() == [55, 65, 110, 132, 179, 199, 247]


def test_texts_that_share_words_are_nearer() -> None:
    near, other, query = HashEmbedder().encode(["锅炉节能改造", "污水处理", "锅炉改造"])
    assert query @ near > query @ other


def test_names_open_their_embedder() -> None:
    assert open_embedder("") is None
    assert isinstance(open_embedder("hash"), HashEmbedder)
    named = open_embedder("some/model")
    assert isinstance(named, SentenceTransformerEmbedder)
    assert named.name == "some/model"


def test_without_the_package_the_pip_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingPackageError) as caught:
        SentenceTransformerEmbedder("some/model").encode(["甲"])
    assert "pip install sentence-transformers" in caught.value.line()


def test_a_local_model_gives_unit_rows(tmp_path: Path) -> None:
    package = pytest.importorskip("sentence_transformers", reason="the extra `models` is not installed")
    tokenizers = pytest.importorskip("tokenizers")
    models = pytest.importorskip("sentence_transformers.models")
    words = {"[UNK]": 0, "节": 1, "能": 2, "水": 3}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split("", "isolated")
    weights = np.random.default_rng(1).normal(size=(4, 8)).astype(np.float32)
    package.SentenceTransformer(modules=[models.StaticEmbedding(tokenizer, embedding_weights=weights)]).save(
        str(tmp_path)
    )
    embedder = SentenceTransformerEmbedder(str(tmp_path), device="cpu")
    vectors = embedder.encode(["节能", "水"])
    assert vectors.shape == (2, embedder.dim) == (2, 8)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.encode([]).shape == (0, 8)


def test_a_local_transformer_gives_the_same_vector_alone_and_in_a_batch(tiny_transformer: Path) -> None:
    embedder = open_embedder(str(tiny_transformer), "cpu")
    assert isinstance(embedder, SentenceTransformerEmbedder)
    together = embedder.encode(["节能", "水", "节水"])
    assert together.shape == (3, embedder.dim) == (3, 8)
    assert np.allclose(together[1], embedder.encode(["水"])[0], atol=1e-5)
    assert np.allclose(embedder.encode(["节能"], query=True), embedder.encode(["节能"]), atol=1e-6)


@pytest.mark.parametrize("document", ["document", "passage"])
def test_the_prompts_of_a_model_stand_before_questions_and_documents(
    tiny_transformer: Path, tmp_path: Path, document: str
) -> None:
    package = pytest.importorskip("sentence_transformers", reason="the extra `models` is not installed")
    model = package.SentenceTransformer(
        str(tiny_transformer), device="cpu", prompts={"query": "问：", document: "水："}
    )
    model.save(str(tmp_path / "m"))
    embedder = SentenceTransformerEmbedder(str(tmp_path / "m"), device="cpu")
    plain = SentenceTransformerEmbedder(str(tiny_transformer), device="cpu")
    assert np.allclose(embedder.encode(["节能"], query=True), plain.encode(["问：节能"]), atol=1e-5)
    assert np.allclose(embedder.encode(["节能"]), plain.encode(["水：节能"]), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "question", "document"),
    [
        ("bge-small-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        ("multilingual-e5-small", "query: ", "passage: "),
        ("other", "", ""),
    ],
)
def test_models_known_to_want_prompts_get_them(
    tiny_transformer: Path, tmp_path: Path, name: str, question: str, document: str
) -> None:
    (tmp_path / name).symlink_to(tiny_transformer)
    embedder = SentenceTransformerEmbedder(str(tmp_path / name), device="cpu")
    plain = SentenceTransformerEmbedder(str(tiny_transformer), device="cpu")
    assert np.allclose(embedder.encode(["节能"], query=True), plain.encode([question + "节能"]), atol=1e-5)
    assert np.allclose(embedder.encode(["节能"]), plain.encode([document + "节能"]), atol=1e-5)


def test_a_model_or_device_that_is_not_there_is_named(tiny_transformer: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="打不开"):
        SentenceTransformerEmbedder(str(tmp_path / "none"), device="cpu").encode(["甲"])
    with pytest.raises(InputError, match="打不开"):
        SentenceTransformerEmbedder(str(tiny_transformer), device="nothing").encode(["甲"])


def test_the_version_of_a_model_is_part_of_its_identity() -> None:
    assert identity(HashEmbedder()) == "hash"
    built_in = open_embedder("built-in")
    assert built_in is not None
    assert identity(built_in) == f"built-in@{built_in.revision}"
