"""A part of the word index scores as an index of only its rows, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import part
from index.config import IndexSettings
from index.lexical import LexicalIndex
from index.part import LexicalPart

WORDS = st.sampled_from(["节", "能", "节能", "co2", "锅炉", "水"])
FIELD = st.lists(WORDS, max_size=12)
ROWS = st.lists(st.tuples(FIELD, FIELD, st.booleans()), max_size=16)
QUERY = st.dictionaries(WORDS | st.just("没有"), st.sampled_from([1.0, 0.3, 2.0]), max_size=5)
CHOICES = st.builds(
    IndexSettings,
    k1=st.sampled_from([0.0, 0.9, 1.2, 5.0]),
    b=st.sampled_from([0.0, 0.4, 0.75, 1.0]),
    context_weight=st.sampled_from([0.0, 0.25, 0.5, 2.0]),
)
Row = tuple[list[str], list[str], bool]


def made(rows: list[Row], chosen: IndexSettings) -> LexicalIndex:
    return LexicalIndex.build((b for b, _, _ in rows), (c for _, c, _ in rows), chosen)


def inside(rows: list[Row]) -> np.ndarray:
    return np.flatnonzero(np.array([kept for _, _, kept in rows], dtype=bool))


@given(ROWS, QUERY, CHOICES)
def test_a_part_scores_as_an_index_of_only_its_rows(
    rows: list[Row], query: dict[str, float], chosen: IndexSettings
) -> None:
    own = made([row for row in rows if row[2]], chosen)
    some = LexicalPart(made(rows, chosen), inside(rows))
    assert len(some) == len(own)
    assert some.scores(query).tolist() == own.scores(query).tolist()
    for token in query:
        assert some.idf(token) == own.idf(token)
        assert [a.tolist() for a in some.frequencies(token)] == [a.tolist() for a in own.frequencies(token)]


@given(ROWS, ROWS, QUERY)
def test_a_part_of_a_part_is_a_part(rows: list[Row], more: list[Row], query: dict[str, float]) -> None:
    both = [*rows, *more]
    middle = [i for i, row in enumerate(both) if row[2]]
    inner = [n for n, i in enumerate(middle) if i >= len(rows)]
    nested = LexicalPart(LexicalPart(made(both, IndexSettings()), np.array(middle, int)), np.array(inner, int))
    assert nested.scores(query).tolist() == made([r for r in more if r[2]], IndexSettings()).scores(query).tolist()


@pytest.mark.parametrize("times", [1, 7, 60, 900])
@pytest.mark.parametrize("weight", [0.5, 0.3, 0.125])
def test_frequencies_are_read_back_from_scores(times: int, weight: float) -> None:
    bodies = [["水"] * times + ["能"] * 30, ["水"], ["能"] * 400]
    index = LexicalIndex.build(bodies, [["水"] * 3, [], []], IndexSettings(context_weight=weight))
    rows, found = index.frequencies("水")
    assert rows.tolist() == [0, 1]
    assert found.tolist() == pytest.approx([times + 3 * weight, 1.0], rel=1e-6)


def test_an_index_read_from_disk_has_the_same_parts(tmp_path: Path) -> None:
    rows: list[Row] = [(["节能", "水"], ["锅炉"], True), (["水"], [], False), (["水", "水"], ["节能"], True)]
    built = made(rows, IndexSettings(k1=0.9))
    built.save(tmp_path)
    opened = LexicalPart(LexicalIndex.open(tmp_path), inside(rows))
    assert opened.scores({"水": 1.0}).tolist() == LexicalPart(built, inside(rows)).scores({"水": 1.0}).tolist()


def test_lengths_of_another_index_are_damage(tmp_path: Path) -> None:
    made([(["水"], [], True)], IndexSettings()).save(tmp_path)
    np.save(tmp_path / "lengths.npy", np.ones(2))
    with pytest.raises(ValueError, match="lengths"):
        LexicalIndex.open(tmp_path)


def test_what_is_kept_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "KEPT_POSTINGS", 20)
    monkeypatch.setattr(part, "KEPT_COUNTS", 5)
    rows: list[Row] = [([f"词{i % 9}", "水"], [], True) for i in range(18)]
    some = LexicalPart(made(rows, IndexSettings()), inside(rows))
    before = [some.scores({f"词{i}": 1.0, "水": 1.0}).tolist() for i in range(9)]
    assert sum(len(kept) + 1 for kept, _ in some._kept.values()) == some._size <= 20
    assert [some.held(f"词{i}") for i in range(9)] == [2] * 9 and len(some._counts) <= 5
    assert [some.scores({f"词{i}": 1.0, "水": 1.0}).tolist() for i in range(9)] == before
