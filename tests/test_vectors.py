"""The dense arm: cosines, saving, and ties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embed import unit_rows
from index.vectors import VectorIndex


def random_units(rows: int, dim: int = 24) -> np.ndarray:
    return unit_rows(np.random.default_rng(3).normal(size=(rows, dim)).astype(np.float32))


def test_scores_are_cosines_best_first() -> None:
    vectors = random_units(60)
    expected = vectors @ vectors[5]
    found = VectorIndex.build(vectors).search(vectors[5], 60)
    assert found[0][0] == 5
    assert np.allclose([score for _, score in found], np.sort(expected)[::-1], atol=2e-6)


@pytest.mark.parametrize("rows", [0, 1, 41])
def test_a_saved_index_answers_as_before(tmp_path: Path, rows: int) -> None:
    vectors = random_units(rows)
    before = VectorIndex.build(vectors)
    before.save(tmp_path / "v")
    after = VectorIndex.open(tmp_path / "v")
    query = random_units(1)[0]
    assert after.search(query, 9) == before.search(query, 9)
    assert np.array_equal(after.matrix(), vectors)
    assert (len(after), after.dim) == (rows, 24)


@pytest.mark.parametrize("copies", [3, 50, 257])
@pytest.mark.parametrize("k", [1, 2, 49])
def test_of_equal_vectors_the_first_rows_are_returned(copies: int, k: int) -> None:
    index = VectorIndex.build(np.repeat(random_units(2), copies, axis=0))
    wanted = list(range(copies))[:k]
    assert [row for row, _ in index.search(random_units(1)[0], k)][:copies] == wanted


def test_a_query_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="dimensions"):
        VectorIndex.build(random_units(3)).search(np.ones(7, np.float32), 2)


def test_a_file_that_is_no_index_is_named(tmp_path: Path) -> None:
    (tmp_path / "v.faiss").write_bytes(b"nonsense, long enough to look at")
    with pytest.raises(ValueError, match=r"v\.faiss"):
        VectorIndex.open(tmp_path / "v.faiss")


def test_the_cosines_of_chosen_rows_are_those_of_a_search() -> None:
    vectors = np.eye(4, dtype=np.float32)
    index = VectorIndex.build(vectors)
    asked = np.array([0.6, 0.8, 0.0, 0.0], dtype=np.float32)
    assert index.cosines(asked, np.array([1, 3, 0])) == pytest.approx([0.8, 0.0, 0.6])
