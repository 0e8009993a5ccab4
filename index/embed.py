"""Text to unit vectors: the Embedder contract, a deterministic stand-in, and sentence-transformers models."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from index.errors import InputError, MissingPackageError
from index.lexical import Floats
from index.text import tokens

_BATCH = 64


class Embedder(Protocol):
    """Turns texts into unit vectors. The same name means the same vectors."""

    @property
    def name(self) -> str:
        """Return the name under which ``open_embedder`` finds it."""

    @property
    def dim(self) -> int:
        """Return the number of dimensions."""

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one unit vector a text; ``query`` tells questions from documents."""


class HashEmbedder:
    """A stand-in without a model: search tokens hashed into buckets. For tests; it knows no meaning."""

    name = "hash"
    dim = 256

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one unit vector a text; a text without tokens gets the first axis."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for token, times in Counter(tokens(text)).items():
                code = zlib.crc32(token.encode("utf-8", "surrogatepass"))
                vectors[row, code % self.dim] += (1 if code & 0x8000_0000 else -1) * np.sqrt(times)
        return unit_rows(vectors)


class SentenceTransformerEmbedder:
    """A model of the sentence-transformers package, by name or local folder, loaded on first use.

    A prompt that the model itself names "query" or "document" (or "passage") is put before the texts.
    ``device`` is "cpu", "cuda", ... ; empty: the package decides.
    """

    def __init__(self, name: str, device: str = "") -> None:
        self.name = name
        self._device = device
        self._loaded: Any = None

    @property
    def dim(self) -> int:
        """Return the number of dimensions."""
        model = self._model()
        size = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
        return int(size())

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one unit vector a text.

        Raises:
            MissingPackageError: sentence-transformers is not installed.
            InputError: there is no such model.
        """
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        model = self._model()
        named = getattr(model, "prompts", None) or {}
        wanted = ("query",) if query else ("document", "passage")
        prompt = next((name for name in wanted if named.get(name)), None)
        vectors = model.encode(
            list(texts), prompt_name=prompt, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        return unit_rows(np.asarray(vectors, dtype=np.float32))

    def _model(self) -> Any:  # noqa: ANN401 - the package has no types
        if self._loaded is None:
            try:
                from sentence_transformers import SentenceTransformer
            except ImportError as error:
                hint = "运行 pip install sentence-transformers，或把 embedder 设为空"
                raise MissingPackageError(f"向量模型 {self.name!r} 需要 sentence-transformers", hint) from error
            try:
                self._loaded = SentenceTransformer(self.name, device=self._device or None)
            except (OSError, ValueError) as error:
                raise InputError(f"向量模型 {self.name!r} 打不开：{error}", "给出模型名称或本地文件夹") from error
        return self._loaded


def unit_rows(vectors: Floats) -> Floats:
    """Return the vectors at length one; a zero vector becomes the first axis, so that every row is a unit."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    units[lengths[:, 0] == 0, :1] = 1
    return np.asarray(units, dtype=np.float32)


def open_embedder(name: str) -> Embedder | None:
    """Return the embedder of that name: "" none, "hash" the stand-in, else a sentence-transformers model."""
    if not name:
        return None
    return HashEmbedder() if name == "hash" else SentenceTransformerEmbedder(name)
