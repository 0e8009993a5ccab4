"""What the encoder learns from: its tokenizer, blocks of free text, pairs as token numbers."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.train.batches import Ids
from index.train.encoder.kept import Data, keep, kept
from index.train.encoder.network import Specials
from index.train.make import Sources, encode, encoded, gather
from index.train.negatives import mine
from index.train.pairs import read_rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_log = logging.getLogger(__name__)
SPECIAL = ("[PAD]", "[CLS]", "[SEP]", "[MASK]")
_KEPT = "data.npz"
_NEVER = -99.0
"""Score of a special token: no text is cut into it."""


def with_specials(tokenizer: Tokenizer) -> tuple[Tokenizer, Specials]:
    """Return the words of the static model with the special tokens behind them, put around each text.

    Raises:
        InputError: the tokenizer is of another kind.
    """
    from tokenizers import Tokenizer, processors

    stored = json.loads(tokenizer.to_str())
    if stored["model"].get("type") != "Unigram":
        raise InputError("词表不是 index.train 造的那一种", "给出 index/model/tokenizer.json")
    words = [entry for entry in stored["model"]["vocab"] if entry[0] not in SPECIAL]
    stored["model"]["vocab"] = [*words, *([name, _NEVER] for name in SPECIAL)]
    first = len(words)
    added = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    kept = [each for each in stored["added_tokens"] if each["content"] not in SPECIAL]
    stored["added_tokens"] = [*kept, *({"id": first + n, "content": name, **added} for n, name in enumerate(SPECIAL))]
    made = Tokenizer.from_str(json.dumps(stored, ensure_ascii=False))
    specials = Specials(*range(first, first + len(SPECIAL)))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", specials.cls), ("[SEP]", specials.sep)]
    )
    return made, specials


def read_data(
    sources: Sources,
    texts: Sequence[Path],
    plain: Tokenizer,
    specials: Specials,
    work: Path,
    *,
    tokens: int,
    mined: int,
    seed: int,
) -> Data:
    """Read and tokenise everything, or take it from the folder ``work``, where it is kept.

    Args:
        sources: pairs and laws, as for the static model.
        texts: further free text, for pretraining only.
        plain: the tokenizer without special tokens.
        specials: their numbers.
        work: folder for what is kept.
        tokens: of a text at most.
        mined: questions that get negatives.
        seed: of what is drawn.

    Raises:
        InputError: a file cannot be read, or there are no pairs.
    """
    files = [*sources.pairs, *filter(None, (sources.laws, sources.words)), *texts]
    key = _key(files, [str(number) for number in (tokens, mined, seed, sources.hold_out, sources.share)], plain)
    if found := kept(work / _KEPT, key):
        _log.info("%d pairs, as read before", len(found.pairs.keys))
        return found
    random = Random(seed)
    pairs, free = gather(sources, random)
    if not pairs:
        raise InputError("没有可用的训练数据", '每行一个 {"query": ..., "positive": ...}')
    free = list(dict.fromkeys([*free, *(text for path in texts for text in read_texts(path))]))
    _log.info("%d pairs, %d texts", len(pairs), len(free))
    blocks = cut(encode(plain, free, 0), tokens, specials)
    made = Data(blocks, encoded(plain, mine(pairs, mined, random), tokens - 2), key)
    work.mkdir(parents=True, exist_ok=True)
    keep(work / _KEPT, made)
    return made


def _key(files: Sequence[Path], options: Sequence[str], plain: Tokenizer) -> str:
    """Return a hash of the files' content, their order, the words and the options."""
    digest = hashlib.sha256("\n".join([*options, plain.to_str()]).encode())
    for path in files:
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise InputError(f"{path} 读不出来：{error}", "检查文件名") from error
    return digest.hexdigest()[:16]


def read_texts(path: Path) -> Iterable[str]:
    """Yield free texts: the lines of a .txt file, or ``text`` of the lines of a .jsonl or .jsonl.gz file.

    Raises:
        InputError: the file cannot be read, or a line has another form.
    """
    if path.suffix == ".txt":
        try:
            yield from filter(None, map(str.strip, path.read_text("utf-8").split("\n")))
        except (OSError, ValueError) as error:
            raise InputError(f"{path} 读不出来：{error}", "应为 UTF-8 文字，一行一段") from error
        return
    for number, row in read_rows(path):
        if not isinstance(row.get("text"), str):
            raise InputError(f"{path} 第 {number} 行应有 text（文字）")
        yield str(row["text"])


def cut(texts: Sequence[Ids], tokens: int, specials: Specials) -> NDArray[Any]:
    """Return the texts end to end, [SEP] between them, in rows of so many tokens: [CLS], text, [SEP].

    Without padding nothing is computed in vain. What does not fill a row at the end is left out; of little text, it is
    gone through again.
    """
    stream = np.concatenate([part for text in texts for part in (text, np.array([specials.sep], np.int32))])
    inner = tokens - 2
    rows = np.resize(stream, (max(1, len(stream) // inner), inner))
    whole = np.full((len(rows), tokens), specials.sep, dtype=np.int32)
    whole[:, 0] = specials.cls
    whole[:, 1:-1] = rows
    return whole
