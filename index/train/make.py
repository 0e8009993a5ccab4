"""From files of pairs to a model folder: the steps in order."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from index.errors import InputError
from index.static import TOKENIZER, WEIGHTS, read_safetensors
from index.thesaurus import default_thesaurus
from index.train.batches import Batches, Encoded, Ids
from index.train.export import export
from index.train.fit import Recipe, fit
from index.train.laws import law_pairs, read_laws
from index.train.negatives import mine
from index.train.pairs import SHARES, Pair, held_out, read_pairs, read_rows, word_pairs
from index.train.start import first_vectors, first_weights, word_counts
from index.train.vocabulary import known_words, train_tokenizer, word_parts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from index.lexical import Floats

_log = logging.getLogger(__name__)
_QUERY_WORDS, _DOCUMENT_WORDS = 40, 128
_CHARS = 4
"""Characters a word has at the most, on average: texts are cut before they are tokenised."""
_TOKENIZER_SHARE = 0.4
"""Of the texts: the words do not get better with more of them."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a model is made from."""

    pairs: tuple[Path, ...]
    laws: Path | None = None
    terms: Path | None = None
    words: Path | None = None
    """A tokenizer.json whose words are used, in place of fitting words."""
    start: Path | None = None
    """A model folder to go on from, in place of fitting words and first vectors."""
    hold_out: int = 20
    """Each so many-th passage of ``questions`` files is kept out, for choosing; 0: none."""
    share: float = 1.0
    """The part of the pairs that is used."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is made."""

    recipe: Recipe = field(default_factory=Recipe)
    batch: int = 2048
    mined: int = 0
    """Questions for which BM25 looks for negatives."""


def make(sources: Sources, plan: Plan, out: Path) -> None:
    """Read, tokenise, train and write the model folder.

    Raises:
        InputError: a file cannot be read, or there are no pairs.
        MissingPackageError: the extra ``models`` is not installed.
    """
    random = Random(plan.recipe.seed)
    pairs, plain = gather(sources, random)
    if not pairs:
        raise InputError("没有可用的训练数据", '每行一个 {"query": ..., "positive": ...}')
    _log.info("%d pairs, %d texts", len(pairs), len(plain))
    if sources.start:
        tokenizer, start, weights = _opened(sources.start)
    else:
        tokenizer = _tokenizer(plain, sources, Random(plan.recipe.seed))
        texts = encode(tokenizer, plain, 0)
        counts = word_counts(texts, tokenizer.get_vocab_size())
        weights = first_weights(counts)
        start = first_vectors(texts, len(counts), plan.recipe.dimensions, plan.recipe.seed)
    words = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    _log.info("%d words", len(words))
    pairs = mine(pairs, plan.mined, random)
    batches = Batches(encoded(tokenizer, pairs), SHARES, plan.batch, plan.recipe.seed)
    parts: Sequence[Sequence[int]] = [()] * len(words) if sources.start else word_parts(words)
    table = fit(batches, start, weights, parts, plan.recipe)
    export(out, tokenizer, table, {**asdict(plan.recipe), "batch": plan.batch, "pairs": len(pairs)})


def gather(sources: Sources, random: Random) -> tuple[list[Pair], list[str]]:
    """Return the pairs, and the plain texts for words and first vectors.

    Raises:
        InputError: a file cannot be read, or a line of it has another form.
    """
    pairs: list[Pair] = []
    for path in sources.pairs:
        read = list(read_pairs(path))
        barred = held_out(read_rows(path), sources.hold_out) if sources.hold_out else set()
        kept = [pair for pair in read if pair.group != "questions" or pair.positive not in barred]
        pairs += kept if sources.share >= 1 else random.sample(kept, round(len(kept) * sources.share))
    plain = list(chain.from_iterable((pair.query, pair.positive) for pair in pairs))
    if sources.laws:
        articles = list(read_laws(sources.laws))
        pairs += law_pairs(articles, random)
        plain += [article.text for article in articles]
    if any(pair.group != "own" for pair in pairs):
        pairs += word_pairs(default_thesaurus())
    return pairs, list(dict.fromkeys(plain))


def _tokenizer(plain: Sequence[str], sources: Sources, random: Random) -> Tokenizer:
    if sources.words:
        return read_tokenizer(sources.words)
    terms = sources.terms.read_text("utf-8").split("\n") if sources.terms else []
    terms = [term.strip() for term in terms if term.strip()]
    sample = random.sample(plain, max(1, round(len(plain) * _TOKENIZER_SHARE)))
    return train_tokenizer([*sample, *terms], known_words(terms, default_thesaurus()))


def _opened(folder: Path) -> tuple[Tokenizer, Floats, Floats]:
    """Return the tokenizer and the rows of a model folder, and their weights (one each: they are in the rows)."""
    arrays = read_safetensors(folder / WEIGHTS)
    rows = arrays["embeddings"].astype(np.float32) * arrays["weights"][:, None]
    return read_tokenizer(folder / TOKENIZER), rows, np.ones(len(rows), np.float32)


def read_tokenizer(path: Path) -> Tokenizer:
    """Open a tokenizer.json.

    Raises:
        InputError: it is none.
    """
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001 - the package raises bare Exception for a file that it cannot read
        raise InputError(f"{path} 不是词表：{error}", "给出模型文件夹里的 tokenizer.json") from error


def encode(tokenizer: Tokenizer, texts: Iterable[str], most: int) -> list[Ids]:
    """Return the token numbers of each text, the first ``most`` of them; 0: all."""
    found = tokenizer.encode_batch_fast([text[: most * _CHARS] if most else text for text in texts])
    return [np.array(each.ids[:most] if most else each.ids, dtype=np.int32) for each in found]


def encoded(tokenizer: Tokenizer, pairs: Sequence[Pair], most: int = _DOCUMENT_WORDS) -> Encoded:
    """Return the pairs as token numbers, at most ``most`` a passage; equal beginnings have equal keys."""
    numbers: dict[str, int] = {}
    return Encoded(
        encode(tokenizer, (pair.query for pair in pairs), _QUERY_WORDS),
        encode(tokenizer, (pair.positive for pair in pairs), most),
        [numbers.setdefault(pair.positive[:60], len(numbers)) for pair in pairs],
        [pair.group for pair in pairs],
        [encode(tokenizer, pair.negatives, most) for pair in pairs],
    )
