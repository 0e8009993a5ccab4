"""What every search arm promises, held against each of them on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.config import IndexSettings
from index.embed import HashEmbedder
from index.lexical import LexicalIndex, Searcher
from index.part import LexicalPart, VectorPart
from index.text import tokens
from index.vectors import VectorIndex

TEXTS = [
    "锅炉改造节能",
    "锅炉改造节能",
    "污水处理回用",
    "锅炉改造",
    "节能",
    "固体废物利用",
    "锅炉改造节能",
    "节能锅炉",
] * 9


@dataclass(frozen=True)
class Arm:
    searcher: Searcher[Any]
    ask: Callable[[str], Any]


def lexical(folder: Path) -> Arm:
    LexicalIndex.build(map(tokens, TEXTS), ([] for _ in TEXTS), IndexSettings()).save(folder)
    return Arm(LexicalIndex.open(folder), lambda text: dict.fromkeys(tokens(text), 1.0))


def dense(folder: Path) -> Arm:
    VectorIndex.build(HashEmbedder().encode(TEXTS)).save(folder / "v")
    return Arm(VectorIndex.open(folder / "v"), lambda text: HashEmbedder().encode([text], query=True)[0])


MIXED = [row for text in TEXTS for row in (text, "锅炉节能改造的其他文件")]
INSIDE = np.arange(0, len(MIXED), 2)


def lexical_part(folder: Path) -> Arm:
    whole = LexicalIndex.build(map(tokens, MIXED), ([] for _ in MIXED), IndexSettings())
    return Arm(LexicalPart(whole, INSIDE), lambda text: dict.fromkeys(tokens(text), 1.0))


def dense_part(folder: Path) -> Arm:
    whole = VectorIndex.build(HashEmbedder().encode(MIXED))
    return Arm(VectorPart(whole, INSIDE), lambda text: HashEmbedder().encode([text], query=True)[0])


@pytest.fixture(params=[lexical, dense, lexical_part, dense_part])
def arm(request: pytest.FixtureRequest, tmp_path: Path) -> Arm:
    return request.param(tmp_path)


def test_it_knows_its_size(arm: Arm) -> None:
    assert len(arm.searcher) == len(TEXTS)


def test_the_row_that_says_it_comes_first(arm: Arm) -> None:
    assert TEXTS[arm.searcher.search(arm.ask("污水处理"), 1)[0][0]] == "污水处理回用"


@pytest.mark.parametrize("k", [1, 2, 5, 10, 26, 27, 28, 71, 72, 500])
def test_fewer_results_are_the_head_of_more_and_ties_go_by_row(arm: Arm, k: int) -> None:
    everything = arm.searcher.search(arm.ask("锅炉改造节能"), len(TEXTS))
    assert everything == sorted(everything, key=lambda hit: (-hit[1], hit[0]))
    assert arm.searcher.search(arm.ask("锅炉改造节能"), k) == everything[:k]


def test_equal_rows_have_equal_scores(arm: Arm) -> None:
    scores = dict(arm.searcher.search(arm.ask("锅炉节能"), len(TEXTS)))
    assert len({scores[row] for row, text in enumerate(TEXTS) if text == "锅炉改造节能"}) == 1


@pytest.mark.parametrize("as_mask", [False, True])
def test_only_allowed_rows_are_found_with_the_same_scores(arm: Arm, as_mask: bool) -> None:
    allowed = np.array([70, 3, 1, 14])
    given = np.isin(np.arange(len(TEXTS)), allowed) if as_mask else allowed
    free = arm.searcher.search(arm.ask("锅炉改造节能"), len(TEXTS))
    assert arm.searcher.search(arm.ask("锅炉改造节能"), 3, given) == [hit for hit in free if hit[0] in allowed][:3]


def test_nothing_allowed_finds_nothing(arm: Arm) -> None:
    assert arm.searcher.search(arm.ask("锅炉"), 3, np.array([], dtype=np.int64)) == []


def test_a_mask_of_another_size_is_refused(arm: Arm) -> None:
    with pytest.raises(ValueError, match="mask"):
        arm.searcher.search(arm.ask("锅炉"), 3, np.ones(2, dtype=np.bool_))


@pytest.mark.parametrize("k", [0, -1])
def test_no_place_no_result(arm: Arm, k: int) -> None:
    assert arm.searcher.search(arm.ask("锅炉"), k) == []


def test_results_are_plain_numbers(arm: Arm) -> None:
    assert {(type(row), type(score)) for row, score in arm.searcher.search(arm.ask("锅炉"), 3)} == {(int, float)}
