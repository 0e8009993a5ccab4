"""Fixtures shared by all tests: no network, the sample collection, the real documents where they are present."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {host!r}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield


@pytest.fixture(scope="session")
def real_corpus() -> Path:
    """The five real documents; YOUJU_CORPUS tells where they lie."""
    folder = Path(os.environ.get("YOUJU_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"the real documents are not here: {folder} (set YOUJU_CORPUS)")
    return folder


@pytest.fixture(scope="session")
def sample_corpus() -> Path:
    """The sample collection of the repository."""
    return ROOT / "corpus"


_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "节", "能", "水", "问", "："]


def _tiny_transformer(folder: Path, *, labels: int) -> None:
    """Save a one-layer BERT of a few words with its tokenizer: a real model, small enough to be made by a test."""
    transformers = pytest.importorskip("transformers", reason="the extra `models` is not installed")
    torch = pytest.importorskip("torch")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(_WORDS), "utf-8")
    torch.manual_seed(1)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(
        vocab_size=len(_WORDS), max_position_embeddings=64, num_labels=labels or 2, **sizes
    )
    kind = transformers.BertForSequenceClassification if labels else transformers.BertModel
    kind(config).eval().save_pretrained(folder)
    words = {word: number for number, word in enumerate(_WORDS)}
    transformers.BertTokenizerFast(vocab=words).save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny_transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a transformer that sentence-transformers opens."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    _tiny_transformer(folder, labels=0)
    return folder


@pytest.fixture(scope="session")
def tiny_cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that scores pairs."""
    folder = tmp_path_factory.mktemp("models") / "pairs"
    _tiny_transformer(folder, labels=1)
    return folder
