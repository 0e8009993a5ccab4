"""Text to unit vectors: the Embedder contract, a deterministic stand-in, and sentence-transformers models.

The built-in model is ``index.static``; encoders in ONNX files are ``index.onnx``.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.config import BUILT_IN
from index.errors import InputError, MissingPackageError
from index.lexical import Floats
from index.onnx import OnnxEmbedder, is_onnx_model
from index.static import StaticEmbedder, is_static_model, unit_rows
from index.text import tokens

_BATCH = 64


class Embedder(Protocol):
    """Turns texts into unit vectors. The same name means the same vectors."""

    @property
    def name(self) -> str:
        """Return the name under which ``open_embedder`` finds it."""

    @property
    def revision(self) -> str:
        """Return which version of the named model this is, "" where that cannot be told."""

    @property
    def dim(self) -> int:
        """Return the number of dimensions."""

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one unit vector a text; ``query`` tells questions from documents."""


def identity(embedder: Embedder) -> str:
    """Return what must be equal for vectors to be comparable: the model's name and version."""
    return f"{embedder.name}@{embedder.revision}" if embedder.revision else embedder.name


class HashEmbedder:
    """A stand-in without a model: search tokens hashed into buckets. For tests; it knows no meaning."""

    name = "hash"
    revision = ""
    dim = 256

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one unit vector a text; a text without tokens gets the first axis."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for token, times in Counter(tokens(text)).items():
                code = zlib.crc32(token.encode("utf-8", "surrogatepass"))
                vectors[row, code % self.dim] += (1 if code & 0x8000_0000 else -1) * np.sqrt(times)
        return unit_rows(vectors)


_PROMPTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"bge-(?:small|base|large)-zh", re.I), "为这个句子生成表示以用于检索相关文章：", ""),
    (
        re.compile(r"(?:^|[/_-])e5-(?:small|base|large)|multilingual-e5-(?:small|base|large)(?!-instruct)", re.I),
        "query: ",
        "passage: ",
    ),
)
"""What known models want before questions and before documents, where their own files do not say it."""


class SentenceTransformerEmbedder:
    """A model of the sentence-transformers package, by name or local folder, loaded on first use.

    A prompt that the model itself names "query" or "document" (or "passage") is put before the texts; else what is
    known of models of that name. ``device`` is "cpu", "cuda", "cuda:1", "mps"; empty: the package decides.
    """

    revision = ""

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
        vectors = model.encode(
            list(texts),
            prompt=self._prompt(model, query=query),
            batch_size=_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return unit_rows(np.asarray(vectors, dtype=np.float32))

    def _prompt(self, model: Any, *, query: bool) -> str:  # noqa: ANN401
        named = getattr(model, "prompts", None) or {}
        own = next((named[kind] for kind in (("query",) if query else ("document", "passage")) if named.get(kind)), "")
        if own or any(named.values()):
            return str(own)
        known = next((pair for pattern, *pair in _PROMPTS if pattern.search(self.name)), ["", ""])
        return known[0] if query else known[1]

    def _model(self) -> Any:  # noqa: ANN401 - the package has no types
        if self._loaded is None:
            self._loaded = _load("SentenceTransformer", self.name, self._device)
        return self._loaded


def load_cross_encoder(name: str, device: str = "") -> Any:  # noqa: ANN401 - the package has no types
    """Open a CrossEncoder of the sentence-transformers package, which has its one owner here.

    Raises:
        MissingPackageError: sentence-transformers is not installed.
        InputError: there is no such model.
    """
    return _load("CrossEncoder", name, device)


def _load(kind: str, name: str, device: str) -> Any:  # noqa: ANN401
    try:
        import sentence_transformers
    except ImportError as error:
        hint = "运行 pip install 'youju[models]'（即 pip install sentence-transformers），或不设这个模型"
        raise MissingPackageError(f"模型 {name!r} 需要 sentence-transformers", hint) from error
    try:
        return getattr(sentence_transformers, kind)(name, device=device or None)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"模型 {name!r} 打不开：{reason}", "给出模型名称或本地文件夹，设备填 cpu、cuda 等") from error


def open_embedder(name: str, device: str = "") -> Embedder | None:
    """Return the embedder of that name.

    Args:
        name: "" for none, "built-in" for the shipped model, "hash" for the stand-in, a folder that ``index.train``
            or ``index.train.encoder`` made, else the name or folder of a sentence-transformers model.
        device: where a sentence-transformers model runs; "": the package decides.
    """
    if not name:
        return None
    if name == "hash":
        return HashEmbedder()
    if name == BUILT_IN:
        return StaticEmbedder()
    if is_onnx_model(Path(name)):
        return OnnxEmbedder(Path(name), name)
    if is_static_model(Path(name)):
        return StaticEmbedder(Path(name), name)
    return SentenceTransformerEmbedder(name, device)
