"""What was read and tokenised, kept in one file: the next command of a run goes on in seconds."""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.train.batches import Encoded, Ids

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything a run reads."""

    blocks: NDArray[Any]
    pairs: Encoded
    key: str
    """Changes with the content of the files and what was made of them."""


def keep(path: Path, data: Data) -> None:
    """Write the file; a command that is killed leaves none or the whole."""
    pairs = data.pairs
    arrays: dict[str, NDArray[Any]] = {
        "key": np.array(data.key),
        "blocks": data.blocks,
        "keys": np.array(pairs.keys, dtype=np.int64),
        "groups": np.array(pairs.groups, dtype=np.str_),
        "counts": np.array([len(some) for some in pairs.negatives], dtype=np.int64),
    }
    negatives = [ids for some in pairs.negatives for ids in some]
    for name, texts in (("queries", pairs.queries), ("positives", pairs.positives), ("negatives", negatives)):
        arrays[name] = np.concatenate([*texts, np.zeros(0, np.int32)])
        arrays[f"{name}_sizes"] = np.array([len(ids) for ids in texts], dtype=np.int64)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    os.replace(beside, path)


def kept(path: Path, key: str) -> Data | None:
    """Return what is kept under that key; None: nothing, or it cannot be read."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as held:
            if str(held["key"]) != key:
                return None
            arrays = {name: held[name] for name in held.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        _log.info("%s cannot be read and is made anew: %s", path, error)
        return None
    texts = {n: _split(arrays[n], arrays[f"{n}_sizes"]) for n in ("queries", "positives", "negatives")}
    pairs = Encoded(
        texts["queries"],
        texts["positives"],
        arrays["keys"].tolist(),
        arrays["groups"].tolist(),
        _split(texts["negatives"], arrays["counts"]),
    )
    return Data(arrays["blocks"], pairs, key)


def _split(whole: Any, sizes: NDArray[Any]) -> Sequence[Any]:  # noqa: ANN401 - an array or a list
    ends = np.cumsum(sizes)
    parts: list[Ids] = [whole[start:end] for start, end in zip((ends - sizes).tolist(), ends.tolist(), strict=True)]
    return parts
