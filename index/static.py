"""The built-in embedding model: a table of word vectors, read with numpy and ``tokenizers``, without torch.

A model is a folder that sentence-transformers opens as well (``StaticEmbedding``): ``tokenizer.json``,
``model.safetensors`` with ``embeddings`` (one int8 row a token) and ``weights`` (one scale a row), and ``youju.json``.
A text's vector is the sum of its tokens' rows, at length one. ``index.train`` makes such folders.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.config import BUILT_IN
from index.errors import InputError, MissingPackageError
from index.lexical import Floats

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FOLDER = Path(__file__).parent / "model"
WEIGHTS, TOKENIZER, CARD = "model.safetensors", "tokenizer.json", "youju.json"

_TOKENISED = 8192
"""Texts tokenised at a time; the package spreads them over the cores."""
_SUMMED = 256
"""Texts whose rows are summed at a time: few enough that the rows stay in the processor's cache."""
_DTYPES = {"I8": np.int8, "F32": np.float32}


class StaticEmbedder:
    """Sums word vectors. Loaded on first use; safe to share between threads."""

    def __init__(self, folder: Path = FOLDER, name: str = BUILT_IN) -> None:
        """Read the model's card.

        Raises:
            InputError: the folder holds no such model.
        """
        self.name = name
        self._folder = folder
        try:
            card = json.loads((folder / CARD).read_text("utf-8"))
            self.dim = int(card["dimensions"])
            self.revision = str(card["revision"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unreadable(folder, error) from error

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one unit vector a text; questions and documents are treated alike.

        A text without a known word gets the first axis.

        Raises:
            MissingPackageError: tokenizers is not installed.
            InputError: the model's files cannot be read.
        """
        sums = np.zeros((len(texts), self.dim), dtype=np.float32)
        for first in range(0, len(texts), _TOKENISED):
            encoded = self._tokenizer.encode_batch_fast(
                list(texts[first : first + _TOKENISED]), add_special_tokens=False
            )
            ids = [each.ids for each in encoded]
            for at in range(0, len(ids), _SUMMED):
                part = slice(first + at, first + at + _SUMMED)
                sums[part] = self._sums(ids[at : at + _SUMMED])
        return unit_rows(sums)

    def split(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of each text's words, in order; unknown ones have the number 0.

        Raises:
            MissingPackageError, InputError: as ``encode``.
        """
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [each.ids for each in encoded]

    def word(self, number: int) -> str:
        """Return the word of a number, "" for the unknown one."""
        return (self._tokenizer.id_to_token(number) or "") if number else ""

    def vectors(self, numbers: NDArray[np.int64]) -> Floats:
        """Return the vectors of words, one row a number."""
        rows, scales = self._table
        return np.asarray(rows[numbers].astype(np.float32) * scales[numbers, None], dtype=np.float32)

    def _sums(self, ids: Sequence[Sequence[int]]) -> Floats:
        rows, scales = self._table
        lengths = np.fromiter(map(len, ids), dtype=np.int64, count=len(ids))
        flat = np.fromiter(chain.from_iterable(ids), dtype=np.int64, count=int(lengths.sum()))
        sums = np.zeros((len(ids), self.dim), dtype=np.float32)
        held = lengths > 0
        if flat.size:
            vectors = rows[flat].astype(np.float32)
            vectors *= scales[flat, None]
            starts = np.cumsum(lengths) - lengths
            sums[held] = np.add.reduceat(vectors, starts[held], axis=0)
        return sums

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingPackageError("自带的向量模型需要 tokenizers", "运行 pip install tokenizers") from error
        try:
            tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        except Exception as error:  # noqa: BLE001 - the package raises bare Exception for a file that it cannot read
            raise _unreadable(self._folder, error) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _table(self) -> tuple[NDArray[np.int8], Floats]:
        try:
            arrays = read_safetensors(self._folder / WEIGHTS)
            rows, scales = arrays["embeddings"], np.asarray(arrays["weights"], dtype=np.float32)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unreadable(self._folder, error) from error
        if rows.shape != (len(scales), self.dim) or rows.dtype != np.int8:
            raise _unreadable(self._folder, f"{rows.dtype} {rows.shape}")
        return rows, scales


def _unreadable(folder: Path, why: object) -> InputError:
    return InputError(
        f"向量模型文件夹 {str(folder)!r} 打不开：{why}", "重新安装 youju，或重新运行 python -m index.train"
    )


def is_static_model(folder: Path) -> bool:
    """Return whether the folder holds a model of this form."""
    return (folder / CARD).is_file()


def read_safetensors(path: Path) -> dict[str, NDArray[Any]]:
    """Map the arrays of a safetensors file into memory.

    Raises:
        OSError, ValueError, KeyError: the file is not what ``write_safetensors`` writes.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(size))
    content = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    arrays: dict[str, NDArray[Any]] = {}
    for name, entry in head.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            arrays[name] = content[start:end].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"]).view(np.ndarray)
    return arrays


def write_safetensors(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write float32 and int8 arrays; the same arrays make the same bytes."""
    names = {np.dtype(kind): name for name, kind in _DTYPES.items()}
    head: dict[str, object] = {}
    at = 0
    ordered = sorted(arrays.items(), key=lambda item: (-item[1].dtype.itemsize, item[0]))
    for name, array in ordered:
        head[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, array in ordered:
            file.write(np.ascontiguousarray(array).tobytes())


def unit_rows(vectors: Floats) -> Floats:
    """Return the vectors at length one; a zero vector becomes the first axis, so that every row is a unit."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    units[lengths[:, 0] == 0, :1] = 1
    return np.asarray(units, dtype=np.float32)
