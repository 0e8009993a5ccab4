"""The network and its two losses: a small BERT, masked words, questions and passages. With ``learn``, all the torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError, MissingPackageError
from index.train.batches import Ids

_MASKED = 0.15
_REPLACED, _KEPT = 0.8, 0.1
"""Of the masked words: the share that becomes [MASK], and the share that stays; the rest becomes any word."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The network's sizes."""

    layers: int = 6
    width: int = 384
    heads: int = 6
    tokens: int = 256
    """The most tokens of a text, [CLS] and [SEP] included."""


@dataclass(frozen=True, slots=True)
class Specials:
    """Numbers of the special tokens; all words have smaller ones."""

    pad: int
    cls: int
    sep: int
    mask: int

    @property
    def words(self) -> int:
        """Return the size of the vocabulary, special tokens included."""
        return self.mask + 1


def packages() -> tuple[Any, Any]:
    """Return ``torch`` and ``transformers``.

    Raises:
        MissingPackageError: they are not installed.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingPackageError("训练编码器需要 torch 与 transformers", "运行 pip install 'youju[models]'") from error
    return torch, transformers


def device_named(name: str) -> Any:  # noqa: ANN401 - torch is not imported for types
    """Return the device; "": CUDA where there is some.

    Raises:
        InputError: there is no such device.
    """
    torch, _ = packages()
    found = torch.cuda.is_available()
    try:
        device = torch.device(name or ("cuda" if found else "cpu"))
    except RuntimeError as error:
        raise InputError(f"没有 {name!r} 这样的设备", "--device 填 cuda 或 cpu") from error
    if device.type == "cuda" and not found:
        raise InputError("这台机器没有可用的 CUDA 设备", "--device 填 cpu，或换一台有显卡的机器")
    return device


def build(shape: Shape, specials: Specials, seed: int) -> Any:  # noqa: ANN401
    """Return a new ``BertForMaskedLM``; the same seed makes the same weights."""
    torch, transformers = packages()
    torch.manual_seed(seed)
    config = transformers.BertConfig(
        vocab_size=specials.words,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.width,
        max_position_embeddings=shape.tokens,
        type_vocab_size=1,
        pad_token_id=specials.pad,
    )
    return transformers.BertForMaskedLM(config)


def masked_loss(
    model: Any,  # noqa: ANN401
    blocks: NDArray[Any],
    specials: Specials,
    random: np.random.Generator,
) -> Any:  # noqa: ANN401
    """Return the cross entropy of the masked words (Devlin et al. 2019), scored at their places only.

    Args:
        model: a ``BertForMaskedLM``.
        blocks: token numbers, a row a block, without padding.
        specials: numbers of the special tokens; they are not masked, nor is the unknown word (0).
        random: draws the places, anew each time.
    """
    import torch

    chosen = (random.random(blocks.shape) < _MASKED) & (blocks > 0) & (blocks < specials.pad)
    if not chosen.any():  # without any there is no loss
        chosen[0, 1] = True
    fate = random.random(blocks.shape)
    shown = np.where(chosen & (fate < _REPLACED), specials.mask, blocks)
    other = chosen & (fate >= _REPLACED + _KEPT)
    shown[other] = random.integers(1, specials.pad, int(other.sum()))
    ids, places = (torch.from_numpy(array).to(model.device) for array in (shown.astype(np.int64), chosen))
    hidden = model.bert(input_ids=ids).last_hidden_state[places]
    wanted = torch.from_numpy(blocks[chosen].astype(np.int64)).to(model.device)
    return torch.nn.functional.cross_entropy(model.cls(hidden).float(), wanted)


def embed(model: Any, texts: Sequence[Ids], specials: Specials, most: int) -> Any:  # noqa: ANN401
    """Return one vector a text, the mean over its tokens, special ones included; at most ``most`` tokens each."""
    import torch

    cut = [text[: most - 2] for text in texts]
    ids = np.full((len(cut), max(map(len, cut)) + 2), specials.pad, dtype=np.int64)
    for row, text in enumerate(cut):
        ids[row, : len(text) + 2] = [specials.cls, *text, specials.sep]
    tokens = torch.from_numpy(ids).to(model.device)
    held = tokens != specials.pad
    hidden = model.bert(input_ids=tokens, attention_mask=held.long()).last_hidden_state.float()
    return (hidden * held[:, :, None]).sum(1) / held.sum(1, keepdim=True)


def save(model: Any, folder: Path) -> None:  # noqa: ANN401
    """Write the encoder as ``transformers`` reads it: ``config.json`` and ``model.safetensors`` (float32)."""
    torch, transformers = packages()
    plain = transformers.BertModel(model.config)
    plain.load_state_dict(model.bert.state_dict(), strict=False)
    with torch.no_grad():  # not used, and the same in every export
        plain.pooler.dense.weight.zero_()
        plain.pooler.dense.bias.zero_()
    plain.save_pretrained(folder)
