"""A small transformer encoder without torch: an int8 ONNX file, run by ``onnxruntime``.

A model is a folder with ``model_int8.onnx`` (token numbers of one text in, one vector out), ``tokenizer.json`` and
``encoder.json``. ``index.train.encoder`` makes such folders; none is shipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import InputError, MissingPackageError
from index.lexical import Floats
from index.static import TOKENIZER, unit_rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

GRAPH, ENCODER_CARD = "model_int8.onnx", "encoder.json"
INPUT, OUTPUT = "ids", "vector"
_TOKENISED = 8192
"""Texts tokenised at a time."""


class OnnxEmbedder:
    """Runs each text alone: activations are quantised by their range, so a text's neighbours would change its vector.

    Loaded on first use; safe to share between threads.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Read the model's card.

        Raises:
            InputError: the folder holds no such model.
        """
        self.name = name
        self._folder = folder
        try:
            card = json.loads((folder / ENCODER_CARD).read_text("utf-8"))
            self.dim = int(card["dimensions"])
            self.revision = str(card["revision"])
            self._most = int(card["tokens"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unreadable(folder, error) from error

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one unit vector a text; questions and documents are treated alike. Long texts lose their end.

        Raises:
            MissingPackageError: onnxruntime or tokenizers is not installed.
            InputError: the model's files cannot be read.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for first in range(0, len(texts), _TOKENISED):
            encoded = self._tokenizer.encode_batch_fast(list(texts[first : first + _TOKENISED]))
            ids = [np.array(each.ids, dtype=np.int64) for each in encoded]
            self._session  # noqa: B018 - opened once, before the threads ask for it
            if len(ids) == 1:
                vectors[first] = self._vector(ids[0])
                continue
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                for row, vector in enumerate(pool.map(self._vector, ids), first):
                    vectors[row] = vector
        return unit_rows(vectors)

    def _vector(self, ids: Any) -> Floats:  # noqa: ANN401
        found: Floats = self._session.run([OUTPUT], {INPUT: ids})[0]
        return found

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingPackageError("这个向量模型需要 tokenizers", "运行 pip install tokenizers") from error
        try:
            tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        except Exception as error:  # noqa: BLE001 - the package raises bare Exception for a file that it cannot read
            raise _unreadable(self._folder, error) from error
        tokenizer.enable_truncation(self._most)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401
        try:
            import onnxruntime
        except ImportError as error:
            hint = "运行 pip install 'youju[onnx]'（即 pip install onnxruntime），或不设这个模型"
            raise MissingPackageError(f"模型 {self.name!r} 需要 onnxruntime", hint) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            return onnxruntime.InferenceSession(str(self._folder / GRAPH), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - the package's errors have no common base but Exception
            raise _unreadable(self._folder, str(error).partition("\n")[0]) from error


def is_onnx_model(folder: Path) -> bool:
    """Return whether the folder holds a model of this form."""
    return (folder / GRAPH).is_file()


def _unreadable(folder: Path, why: object) -> InputError:
    return InputError(f"向量模型文件夹 {str(folder)!r} 打不开：{why}", "重新运行 python -m index.train.encoder")
