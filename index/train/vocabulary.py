"""The tokenizer: words of Chinese text by a unigram language model, without glued-on grammar, folded by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import TYPE_CHECKING

from index.errors import MissingPackageError
from index.text import fold
from index.thesaurus import Thesaurus
from index.train.charsmap import charsmap, folded_characters

if TYPE_CHECKING:
    from tokenizers import Tokenizer

UNKNOWN = "[UNK]"
SEED_SIZE = 60_000
"""Words asked of the unigram model; those that are no words of the language are dropped afterwards."""
_LONGEST, _LONGEST_UNLISTED = 6, 4
"""A longer string counts as a word only when a word list has it."""
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUNS = rf"[{_HAN}]+|[0-9]+|[a-zα-ω]+|[^\W\d_{_HAN}a-zα-ω]+"
_FIRST = frozenset("的了与和及或在由时对为是被将把从向以于等之其该应须并且而也都就还本各每至按经因若如")
_LAST = _FIRST | frozenset("后前中上下内")
_WORD_FIRST, _WORD_LAST = frozenset("被从应还"), frozenset("前后中上下内等时")
"""These also begin or end short words: 被告, 婚前."""


def train_tokenizer(texts: Iterable[str], known: set[str], threads: int = 2) -> Tokenizer:
    """Fit the words to the texts and return the tokenizer, its words in the order of their characters.

    The package sums in no fixed order: two runs may differ in the last digits of the words' scores, and so,
    rarely, in a word.

    Raises:
        MissingPackageError: tokenizers is not installed.
    """
    try:
        from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
    except ImportError as error:
        raise MissingPackageError("训练向量模型需要 tokenizers", "运行 pip install 'youju[models]'") from error
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Precompiled(charsmap(folded_characters()))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_RUNS), behavior="removed", invert=True)
    trainer = trainers.UnigramTrainer(
        vocab_size=SEED_SIZE,
        max_piece_length=_LONGEST,
        special_tokens=[UNKNOWN],
        unk_token=UNKNOWN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    stored = json.loads(tokenizer.to_str())
    first, *entries = stored["model"]["vocab"]
    stored["model"]["vocab"] = [first, *sorted([w, round(s, 4)] for w, s in entries if is_word(w, known))]
    return Tokenizer.from_str(json.dumps(stored, ensure_ascii=False))


def known_words(terms: Iterable[str], thesaurus: Thesaurus) -> set[str]:
    """Return the words of OpenCC's phrase list (Apache-2.0), of the lexicon and of the given terms."""
    lines = (resources.files("opencc") / "dictionary" / "STPhrases.txt").read_text("utf-8").splitlines()
    words = {line.partition("\t")[0] for line in lines}
    words.update(term for group in thesaurus.groups() for term in group.terms)
    words.update(map(fold, terms))
    return words


def is_word(text: str, known: set[str]) -> bool:
    """Return whether an entry of the vocabulary stays: 规定的 and 由县级以上 are no words."""
    if len(text) < 2 or text in known or not re.match(f"[{_HAN}]", text):
        return True
    if len(text) > _LONGEST_UNLISTED:
        return False
    short = len(text) <= 3
    begins = text[0] in _FIRST and not (short and text[0] in _WORD_FIRST)
    ends = text[-1] in _LAST and not (short and text[-1] in _WORD_LAST)
    return not (begins or ends)


def word_parts(words: Sequence[str]) -> list[list[int]]:
    """Return for each word the numbers of all shorter words and characters inside it."""
    numbers = {word: number for number, word in enumerate(words)}
    parts: list[list[int]] = []
    for word in words:
        inner: list[int] = []
        if word != UNKNOWN:
            spans = ((i, j) for i in range(len(word)) for j in range(i + 1, len(word) + 1) if j - i < len(word))
            inner = [numbers[word[i:j]] for i, j in spans if word[i:j] in numbers]
        parts.append(inner)
    return parts
