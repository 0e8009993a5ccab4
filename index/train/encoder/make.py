"""From files of texts and pairs to an encoder's folder: the steps in order."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from index.errors import InputError
from index.static import FOLDER, TOKENIZER
from index.train.batches import Batches
from index.train.encoder import graph
from index.train.encoder.data import read_data, with_specials
from index.train.encoder.export import export
from index.train.encoder.learn import contrast, learn, pretraining
from index.train.encoder.network import Shape, build, device_named, packages
from index.train.make import Sources, read_tokenizer
from index.train.pairs import SHARES

_log = logging.getLogger(__name__)
WORK = "work"
"""Folder inside the model's, of what only training needs: the data as read, the checkpoint, the losses."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an encoder is made. Sizes and rates are a start from the literature; none was tried at full size."""

    shape: Shape = field(default_factory=Shape)
    pretrain_steps: int = 8000
    pretrain_batch: int = 256
    """Blocks of ``shape.tokens`` tokens."""
    pretrain_rate: float = 5e-4
    steps: int = 2000
    batch: int = 1024
    rate: float = 2e-4
    scale: float = 20.0
    """Cosines are multiplied by this before the softmax: one over the temperature."""
    narrow: tuple[int, ...] = ()
    """Matryoshka: the first so many dimensions must do alone."""
    noise: float = 0.2
    """Times the static model's share of words left out: word order is to be learned, so less of it is broken."""
    mined: int = 0
    seed: int = 1


def make(
    sources: Sources,
    texts: Sequence[Path],
    plan: Plan,
    out: Path,
    *,
    device: str = "",
    threads: int = 0,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Train until done or stopped; when done, write the folder. Return whether it is done.

    Args:
        sources: pairs, laws and, if not the built-in model's, the words.
        texts: further free text.
        plan: how.
        out: the model's folder; a checkpoint in it is gone on from.
        device: "cuda", "cpu"; "": CUDA where there is some.
        threads: of the processor; 0: the package decides.
        stop: asked after each step.

    Raises:
        InputError: a file cannot be read, there are no pairs, sizes do not fit each other, or ``out`` holds the
            checkpoint of another run.
        MissingPackageError: torch, transformers or onnx is not installed.
    """
    _check(plan)
    torch, _ = packages()
    graph.packages()
    place = device_named(device)
    if threads:
        torch.set_num_threads(threads)
    plain = read_tokenizer(sources.words or FOLDER / TOKENIZER)
    tokenizer, specials = with_specials(plain)
    shape, work = plan.shape, out / WORK
    data = read_data(sources, texts, plain, specials, work, tokens=shape.tokens, mined=plan.mined, seed=plan.seed)
    model = build(shape, specials, plan.seed).to(place)
    _log.info("%s, %d blocks, %d words", place, len(data.blocks), specials.words)
    batches = Batches(data.pairs, SHARES, plan.batch, plan.seed, noise=plan.noise)
    first = pretraining(
        model,
        data.blocks,
        specials,
        steps=plan.pretrain_steps,
        batch=plan.pretrain_batch,
        rate=plan.pretrain_rate,
        seed=plan.seed,
    )
    second = contrast(
        model, batches, specials, shape, steps=plan.steps, rate=plan.rate, scale=plan.scale, narrow=plan.narrow
    )
    settings = json.dumps({**asdict(plan), "data": data.key}, sort_keys=True)
    if not learn(model, (first, second), work, settings, stop, plan.seed):
        return False
    export(out, model.eval(), tokenizer, shape, asdict(plan))
    return True


def _check(plan: Plan) -> None:
    shape = plan.shape
    counts = {
        "--layers": shape.layers,
        "--width": shape.width,
        "--heads": shape.heads,
        "--pretrain-batch": plan.pretrain_batch,
        "--batch": plan.batch,
    }
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"{name} {count} 太小", "至少为 1")
    if plan.pretrain_steps < 0 or plan.steps < 0:
        raise InputError("步数不能是负数", "0 为跳过这一步")
    if shape.width % shape.heads:
        raise InputError(f"--width {shape.width} 不能被 --heads {shape.heads} 整除", "例如 --width 384 --heads 6")
    if shape.tokens < 8:
        raise InputError(f"--tokens {shape.tokens} 太小", "至少为 8")
