"""A trained encoder -> a folder that opens both ways: sentence-transformers (float32) and ``index.onnx`` (int8)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.onnx import ENCODER_CARD, GRAPH
from index.static import TOKENIZER, WEIGHTS, read_safetensors
from index.train.encoder.graph import write_graph
from index.train.encoder.network import Shape, save

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_KINDS = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
_NAMES = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}


def export(
    folder: Path,
    model: Any,  # noqa: ANN401
    tokenizer: Tokenizer,
    shape: Shape,
    recipe: Mapping[str, Any],
) -> None:
    """Write the model into the folder, which is made where absent.

    For use without torch ``model_int8.onnx``, ``tokenizer.json`` and ``encoder.json`` do alone.

    Raises:
        MissingPackageError: onnx is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save(model.to("cpu"), folder)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    stored = json.loads(tokenizer.to_str())
    (folder / TOKENIZER).write_text(json.dumps(stored, ensure_ascii=False, separators=(",", ":")), "utf-8")
    _write(folder / "tokenizer_config.json", _tokenizer_config(shape))
    _write(folder / "modules.json", _modules())
    _write(folder / "sentence_bert_config.json", {"max_seq_length": shape.tokens, "do_lower_case": False})
    _write(folder / "1_Pooling/config.json", {"word_embedding_dimension": shape.width, "pooling_mode": "mean"})
    (folder / "2_Normalize").mkdir(exist_ok=True)
    weights = {name: np.asarray(array) for name, array in read_safetensors(folder / WEIGHTS).items()}
    write_graph(folder / GRAPH, weights, shape.layers, shape.heads, float(model.config.layer_norm_eps))
    digest = hashlib.sha256((folder / GRAPH).read_bytes() + (folder / TOKENIZER).read_bytes())
    card = {"dimensions": shape.width, "tokens": shape.tokens, "revision": digest.hexdigest()[:12]}
    _write(folder / ENCODER_CARD, {**card, "recipe": dict(recipe)})


def _modules() -> list[dict[str, Any]]:
    root = "sentence_transformers.models"
    return [
        {"idx": number, "name": str(number), "path": path, "type": f"{root}.{kind}"}
        for number, (path, kind) in enumerate(_KINDS)
    ]


def _tokenizer_config(shape: Shape) -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.tokens,
        "unk_token": "[UNK]",
        "model_input_names": ["input_ids", "attention_mask"],
        **_NAMES,
    }


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
