"""Dense search over unit vectors: an exact inner-product index in one file, memory-mapped when opened."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arms import Ranking, Rows, allowed_mask, best_rows
from index.errors import MissingPackageError
from index.lexical import Floats

_DECIMALS = 6
_BAND = 2 * 10.0**-_DECIMALS


def _faiss() -> ModuleType:
    try:
        import faiss
    except ImportError as error:
        raise MissingPackageError("向量检索需要 faiss", "运行 pip install faiss-cpu") from error
    return faiss


class VectorIndex:
    """Rows of unit vectors. Scores are cosines, rounded so that equal vectors are equal whatever the kernel."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - a faiss index has no types
        self._index = index

    @classmethod
    def build(cls, vectors: Floats) -> VectorIndex:
        """Index the rows of a matrix of unit vectors."""
        index = _faiss().IndexFlatIP(int(vectors.shape[1]))
        if len(vectors):
            index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    def save(self, path: Path) -> None:
        """Write the index into one file."""
        _faiss().write_index(self._index, str(path))

    @classmethod
    def open(cls, path: Path) -> VectorIndex:
        """Map a saved index into memory.

        Raises:
            ValueError: the file is missing or not what ``save`` wrote.
        """
        faiss = _faiss()
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            raise ValueError(f"{path.name!r} is no vector index") from error

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Return the number of dimensions."""
        return int(self._index.d)

    def matrix(self) -> Floats:
        """Return all vectors, one a row."""
        return np.asarray(self._index.reconstruct_n(0, len(self)), dtype=np.float32).reshape(len(self), self.dim)

    def cosines(self, query: Floats, rows: Rows) -> Floats:
        """Return the cosine of each of the rows."""
        found = self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return np.asarray(found @ query, dtype=np.float32)

    def search(self, query: Floats, k: int, allowed: Rows | None = None) -> Ranking:
        """Return at most k (row, cosine), best first, equal scores by row; only rows of ``allowed`` if given.

        Raises:
            ValueError: the query has another number of dimensions.
        """
        if query.shape != (self.dim,):
            raise ValueError(f"a query of shape {query.shape} for vectors of {self.dim} dimensions")
        if k <= 0 or not len(self):
            return []
        options, _keep = self._options(allowed)
        asked = np.ascontiguousarray(query, dtype=np.float32)[None, :]
        scores, rows = self._index.search(asked, min(k + 1, len(self)), params=options)
        found = rows[0] >= 0
        if found.sum() > k and scores[0][k - 1] - scores[0][k] < _BAND:
            _, near, candidates = self._index.range_search(asked, float(scores[0][k - 1]) - _BAND, params=options)
        else:
            near, candidates = scores[0][found], rows[0][found]
        return best_rows(candidates, np.round(near, _DECIMALS), k)

    def _options(self, allowed: Rows | None) -> tuple[Any, NDArray[Any] | None]:
        """Return faiss search parameters, and the buffer that they point into and that must outlive them."""
        if allowed is None:
            return None, None
        faiss = _faiss()
        bits = np.packbits(allowed_mask(allowed, len(self)), bitorder="little")
        selector = faiss.IDSelectorBitmap(len(self), faiss.swig_ptr(bits))
        return faiss.SearchParameters(sel=selector), bits
