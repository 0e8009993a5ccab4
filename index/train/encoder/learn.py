"""The training loop of both stages: bounded in time, and the same whether interrupted or not.

Each step draws its chance from the seed and its own number, so a checkpoint holds weights, optimiser, step and the
order of the pairs that wait, and going on from it gives what an uninterrupted run gives.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.train.batches import Batches
from index.train.encoder.network import Shape, Specials, embed, masked_loss
from index.train.fit import contrastive_loss, matryoshka, pace

_log = logging.getLogger(__name__)
CHECKPOINT, LOSSES = "checkpoint.pt", "losses.jsonl"
_SAVED = 120.0
"""Seconds between checkpoints: a command that is killed loses no more."""
_REPORT = 20
_LARGEST = 1.0
"""Longer gradients are cut to this length."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of training: its loss at a step, and the state of whatever draws its data."""

    name: str
    steps: int
    rate: float
    loss: Callable[[int], Any]
    state: Callable[[], str] = lambda: ""
    restore: Callable[[str], None] = lambda state: None


def pretraining(
    model: Any,  # noqa: ANN401
    blocks: NDArray[Any],
    specials: Specials,
    *,
    steps: int,
    batch: int,
    rate: float,
    seed: int,
) -> Stage:
    """Return the stage that guesses masked words in blocks of free text."""

    def rows(step: int) -> NDArray[Any]:
        places = np.arange(step * batch, (step + 1) * batch)
        rounds = places // len(blocks)
        orders = {
            each: np.random.default_rng([seed, 1, each]).permutation(len(blocks)) for each in set(rounds.tolist())
        }
        return np.array(
            [orders[each][place % len(blocks)] for each, place in zip(rounds.tolist(), places, strict=True)]
        )

    def loss(step: int) -> Any:  # noqa: ANN401
        return masked_loss(model, blocks[rows(step)], specials, np.random.default_rng([seed, 2, step]))

    return Stage("pretrain", steps, rate, loss)


def contrast(
    model: Any,  # noqa: ANN401
    batches: Batches,
    specials: Specials,
    shape: Shape,
    *,
    steps: int,
    rate: float,
    scale: float,
    narrow: Sequence[int],
) -> Stage:
    """Return the stage that tells each question's passage from those of the others, and from its own negatives."""
    import torch

    sizes = matryoshka(shape.width, narrow)

    def loss(step: int) -> Any:  # noqa: ANN401
        batch = batches.draw()
        queries, documents = (embed(model, texts, specials, shape.tokens) for texts in (batch.queries, batch.documents))
        with torch.autocast(model.device.type, enabled=False):  # bfloat16 is too coarse for cosines times the scale
            return contrastive_loss(queries, documents, sizes, scale)

    return Stage("contrast", steps, rate, loss, batches.state, batches.restore)


def learn(
    model: Any,  # noqa: ANN401
    stages: Sequence[Stage],
    work: Path,
    settings: str,
    stop: Callable[[], bool],
    seed: int,
) -> bool:
    """Run what is left of the stages; return whether all are done.

    Args:
        model: is changed in place.
        stages: in their order.
        work: folder of the checkpoint and of ``losses.jsonl``.
        settings: what the run was started with; a checkpoint of other settings is refused.
        stop: asked after each step; true: write the checkpoint and return.
        seed: of dropout.

    Raises:
        InputError: the checkpoint is of a run with other settings, or cannot be read.
    """
    import torch

    held = _read(work / CHECKPOINT, settings)
    if held:
        model.load_state_dict(held["model"])
    model.train()
    for number, stage in enumerate(stages):
        if held and held["stage"] > number:
            continue
        optimiser = torch.optim.AdamW(model.parameters(), lr=stage.rate, betas=(0.9, 0.98), weight_decay=0.01)
        first = 0
        if held and held["stage"] == number:
            optimiser.load_state_dict(held["optimiser"])
            if held["drawn"]:
                stage.restore(held["drawn"])
            first = held["step"]
        if first:
            _log.info("%s: going on after step %d of %d", stage.name, first, stage.steps)

        def keep(
            step: int,
            number: int = number,
            stage: Stage = stage,
            optimiser: Any = optimiser,  # noqa: ANN401
        ) -> None:
            state = {"stage": number, "step": step, "settings": settings, "drawn": stage.state()}
            _write(work / CHECKPOINT, {**state, "model": model.state_dict(), "optimiser": optimiser.state_dict()})

        if not _steps(model, stage, optimiser, first, keep, stop, work / LOSSES, seed):
            return False
    return True


def _steps(
    model: Any,  # noqa: ANN401
    stage: Stage,
    optimiser: Any,  # noqa: ANN401
    first: int,
    keep: Callable[[int], None],
    stop: Callable[[], bool],
    losses: Path,
    seed: int,
) -> bool:
    import torch

    kept = time.monotonic()
    total, since = torch.zeros((), device=model.device), first
    for step in range(first, stage.steps):
        if stop():
            keep(step)
            _log.info("%s: time is over after step %d of %d; run the same command again", stage.name, step, stage.steps)
            return False
        torch.manual_seed(seed * 1_000_003 + step)
        for group in optimiser.param_groups:
            group["lr"] = stage.rate * pace(step + 1, stage.steps)
        with torch.autocast(model.device.type, torch.bfloat16, enabled=model.device.type == "cuda"):
            loss = stage.loss(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), _LARGEST)
        optimiser.step()
        total += loss.detach()
        if (step + 1) % _REPORT == 0 or step + 1 == stage.steps:
            _report(losses, stage, step + 1, float(total) / (step + 1 - since))
            total, since = torch.zeros((), device=model.device), step + 1
        if time.monotonic() - kept > _SAVED:
            keep(step + 1)
            kept = time.monotonic()
    keep(stage.steps)
    return True


def _report(losses: Path, stage: Stage, step: int, loss: float) -> None:
    _log.info("%s: step %d of %d: loss %.4f", stage.name, step, stage.steps, loss)
    with losses.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"stage": stage.name, "step": step, "loss": round(loss, 5)}) + "\n")


def _write(path: Path, state: dict[str, Any]) -> None:
    import torch

    beside = path.with_suffix(".new")
    torch.save(state, beside)
    os.replace(beside, path)


def _read(path: Path, settings: str) -> dict[str, Any] | None:
    import torch

    if not path.is_file():
        return None
    try:
        held: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        same = held["settings"] == settings
    except Exception as error:  # noqa: BLE001 - pickle, zip and torch errors have no common base
        reason = str(error).partition("\n")[0]
        raise InputError(f"检查点 {str(path)!r} 读不出来：{reason}", "删去它，从头训练") from error
    if not same:
        raise InputError(f"检查点 {str(path)!r} 是用别的参数或数据训练的", "用原来的参数，或换一个 --out")
    return held
