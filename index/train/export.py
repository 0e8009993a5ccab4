"""A trained table -> a model folder: int8 rows, tokenizer, what sentence-transformers needs to open it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import Floats
from index.static import CARD, TOKENIZER, WEIGHTS, write_safetensors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]
_STEPS = 127


def export(folder: Path, tokenizer: Tokenizer, table: Floats, recipe: Mapping[str, Any]) -> None:
    """Write the model into the folder, which is made where absent."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, scales = quantise(table)
    write_safetensors(folder / WEIGHTS, {"embeddings": rows, "weights": scales})
    stored = json.loads(tokenizer.to_str())
    (folder / TOKENIZER).write_text(json.dumps(stored, ensure_ascii=False, separators=(",", ":")), "utf-8")
    (folder / "modules.json").write_text(json.dumps(_MODULES, indent=1) + "\n", "utf-8")
    card = {"dimensions": table.shape[1], "words": len(table), "revision": revision(folder), "recipe": dict(recipe)}
    (folder / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")


def revision(folder: Path) -> str:
    """Return a short hash of what decides the vectors: an index made by another revision is out of date."""
    digest = hashlib.sha256()
    for name in (WEIGHTS, TOKENIZER):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:12]


def quantise(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return int8 rows and the scale of each; the unknown word (row 0) says nothing."""
    table = table.copy()
    table[0] = 0
    scales = np.abs(table).max(axis=1) / _STEPS
    rows = np.rint(table / np.where(scales > 0, scales, 1)[:, None])
    return rows.astype(np.int8), scales.astype(np.float32)
