"""The training loop: word vectors whose sums are near for a question and its passage. The one module with torch.

A word's vector is its own row plus the mean of the rows of all words and characters inside it, times a learned
weight: rare words learn from their parts, function words fade. The finished table is one plain row a word.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import MissingPackageError
from index.lexical import Floats
from index.train.batches import Batches, Ids

_log = logging.getLogger(__name__)
_WARM_UP = 0.05
_BACKWARD = 0.3
"""Weight of finding the question by its passage."""
_NARROW = 0.3
"""Weight of each smaller number of dimensions."""
_REPORT = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """What shapes a training run; the defaults made the shipped model."""

    dimensions: int = 512
    narrow: tuple[int, ...] = (128, 256)
    """Matryoshka: the first so many dimensions must do alone."""
    steps: int = 400
    rate: float = 0.003
    scale: float = 16.0
    """Cosines are multiplied by this before the softmax."""
    seed: int = 1
    threads: int = 2


def fit(batches: Batches, start: Floats, weights: Floats, parts: Sequence[Sequence[int]], recipe: Recipe) -> Floats:
    """Train and return one row a word.

    Args:
        batches: draws the pairs.
        start: the first vectors, one row a word.
        weights: the first weight of each word.
        parts: for each word the words inside it.
        recipe: how to train.

    Raises:
        MissingPackageError: torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingPackageError("训练向量模型需要 torch", "运行 pip install 'youju[models]'") from error
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
    spread, spread_back = _tensors(_composition(parts))
    multiply = _multiplication()
    vectors = torch.nn.Parameter(torch.from_numpy(np.ascontiguousarray(start, dtype=np.float32)))
    gates = torch.nn.Parameter(torch.from_numpy(np.log(weights)).float())
    optimiser = torch.optim.Adam([vectors, gates], lr=recipe.rate, betas=(0.9, 0.99), fused=True)

    def table() -> Any:  # noqa: ANN401 - torch is not imported for types
        return multiply(vectors, spread, spread_back) * torch.exp(gates)[:, None]

    def embed(rows: Any, texts: Sequence[Ids]) -> Any:  # noqa: ANN401
        return multiply(rows, *_tensors(_bags(texts, len(start))))

    sizes, total = matryoshka(recipe.dimensions, recipe.narrow), 0.0
    for step, batch in enumerate(_counted(batches, recipe.steps), 1):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * pace(step, recipe.steps)
        rows = table()
        loss = contrastive_loss(embed(rows, batch.queries), embed(rows, batch.documents), sizes, recipe.scale)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        total += float(loss.detach())
        if step % _REPORT == 0:
            _log.info("step %d of %d: loss %.4f", step, recipe.steps, total / _REPORT)
            total = 0.0
    with torch.no_grad():
        return np.asarray(table().numpy(), dtype=np.float32)


def _counted(batches: Batches, steps: int) -> Iterator[Any]:
    for _ in range(steps):
        yield batches.draw()


def matryoshka(dimensions: int, narrow: Sequence[int]) -> list[tuple[int, float]]:
    """Return the numbers of leading dimensions that must do, with the weight of each in the loss."""
    return [(dimensions, 1.0), *((size, _NARROW) for size in narrow)]


def pace(step: int, steps: int) -> float:
    """Return the share of the learning rate: a short rise, then a straight fall to zero."""
    return min(1.0, step / max(1.0, _WARM_UP * steps)) * (1 - (step - 1) / steps)


def contrastive_loss(
    queries: Any,  # noqa: ANN401
    documents: Any,  # noqa: ANN401
    sizes: Sequence[tuple[int, float]],
    scale: float,
) -> Any:  # noqa: ANN401
    """Return the cross entropy of finding each question's passage (row i of the documents) among all of the batch.

    ``sizes`` are numbers of leading dimensions with their weights, ``scale`` multiplies the cosines.
    """
    from torch import arange
    from torch.nn.functional import cross_entropy, normalize

    own = arange(len(queries), device=queries.device)
    losses: list[Any] = []
    for size, weight in sizes:
        asked = normalize(queries[:, :size], dim=1, eps=1e-6) * scale
        scores = asked @ normalize(documents[:, :size], dim=1, eps=1e-6).T
        backward = cross_entropy(scores[:, : len(own)].T, own)
        losses.append(weight * (cross_entropy(scores, own) + _BACKWARD * backward))
    return sum(losses)


def _composition(parts: Sequence[Sequence[int]]) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the matrix that adds to each word's row the mean of its parts' rows."""
    from scipy import sparse

    sizes = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    inner = np.fromiter((part for each in parts for part in each), dtype=np.int64, count=int(sizes.sum()))
    shares = np.repeat(1 / np.maximum(sizes, 1), sizes)
    mean = sparse.csr_matrix((shares, inner, np.r_[0, np.cumsum(sizes)]), shape=(len(parts), len(parts)))
    return (mean + sparse.eye(len(parts), format="csr")).tocsr()


def _bags(texts: Sequence[Ids], words: int) -> Any:  # noqa: ANN401
    """Return the matrix of how often each word stands in each text."""
    from scipy import sparse

    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    ids: NDArray[Any] = np.concatenate(texts)
    bags = sparse.csr_matrix(
        (np.ones(len(ids), np.float32), ids, np.r_[0, np.cumsum(sizes)]), shape=(len(texts), words)
    )
    bags.sum_duplicates()
    return bags


def _tensors(matrix: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return a sparse matrix and its transpose, as torch wants them."""
    import torch

    def tensor(csr: Any) -> Any:  # noqa: ANN401
        starts, columns = (torch.from_numpy(part.astype(np.int64)) for part in (csr.indptr, csr.indices))
        values = torch.from_numpy(csr.data.astype(np.float32))
        return torch.sparse_csr_tensor(starts, columns, values, size=csr.shape, check_invariants=False)

    return tensor(matrix), tensor(matrix.T.tocsr())


def _multiplication() -> Callable[[Any, Any, Any], Any]:
    """Return sparse times dense, with the gradient by the transpose: several times faster than an EmbeddingBag's."""
    import torch

    class Multiply(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, dense: Any, matrix: Any, transposed: Any) -> Any:  # noqa: ANN401
            ctx.transposed = transposed
            return matrix @ dense

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:  # noqa: ANN401
            return ctx.transposed @ gradients[0], None, None

    return Multiply.apply
