"""BM25: against ten plain lines, against bm25s, and what a query may rely on."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import postings
from index.config import IndexSettings
from index.lexical import LexicalIndex

WORDS = st.sampled_from(["节", "能", "节能", "co2", "13.5%", "锅炉", "𠀀", "z"])
FIELD = st.lists(WORDS, max_size=9)
ROWS = st.lists(st.tuples(FIELD, FIELD), max_size=12)
QUERY = st.dictionaries(WORDS | st.just("没有"), st.sampled_from([1.0, 0.3, 2.0]), max_size=5)
CHOICES = st.builds(
    IndexSettings,
    k1=st.sampled_from([0.0, 0.9, 1.2, 5.0]),
    b=st.sampled_from([0.0, 0.4, 1.0]),
    context_weight=st.sampled_from([0.0, 0.5, 2.0]),
)


def reference(rows: list[tuple[list[str], list[str]]], weights: dict[str, float], s: IndexSettings) -> list[float]:
    w = s.context_weight
    counts = []
    for body, context in rows:
        counts.append(Counter(body))
        for token in context if w else ():
            counts[-1][token] += w
    average = sum(c.total() for c in counts) / len(counts) if counts else 0
    scores = [0.0] * len(rows)
    for token, weight in weights.items():
        df = sum(token in c for c in counts)
        idf = math.log(1 + (len(rows) - df + 0.5) / (df + 0.5))
        for i, c in enumerate(counts):
            if token in c:
                norm = s.k1 * (1 - s.b + s.b * c.total() / average)
                scores[i] += weight * idf * c[token] / (c[token] + norm)
    return scores


def make(rows: list[tuple[list[str], list[str]]], chosen: IndexSettings | None = None) -> LexicalIndex:
    return LexicalIndex.build((b for b, _ in rows), (c for _, c in rows), chosen or IndexSettings())


@given(ROWS, QUERY, CHOICES)
def test_scores_are_those_of_the_formula(
    rows: list[tuple[list[str], list[str]]], query: dict[str, float], chosen: IndexSettings
) -> None:
    assert np.allclose(make(rows, chosen).scores(query), reference(rows, query, chosen), atol=1e-5)


@settings(max_examples=20)
@given(ROWS, QUERY)
def test_chunks_do_not_change_the_scores(rows: list[tuple[list[str], list[str]]], query: dict[str, float]) -> None:
    whole = make(rows).scores(query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_CHUNK_TOKENS", 3)
        assert np.array_equal(make(rows).scores(query), whole)


def test_scores_are_those_of_bm25s_where_there_is_no_context() -> None:
    bm25s = pytest.importorskip("bm25s")
    random = np.random.default_rng(7)
    bodies = [[f"w{n}" for n in random.zipf(1.5, random.integers(1, 40)) if n < 99] or ["w1"] for _ in range(300)]
    peer = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    peer.index(bodies, show_progress=False)
    ours = make([(body, []) for body in bodies])
    for query in (["w1"], ["w2", "w7", "w30"], ["w5", "w98", "w3"]):
        assert np.allclose(ours.scores(dict.fromkeys(query, 1.0)), peer.get_scores(query), atol=1e-5)


@settings(max_examples=40)
@given(ROWS, QUERY)
def test_a_saved_index_answers_as_before(rows: list[tuple[list[str], list[str]]], query: dict[str, float]) -> None:
    import tempfile

    before = make(rows)
    with tempfile.TemporaryDirectory() as folder:
        before.save(Path(folder))
        after = LexicalIndex.open(Path(folder))
        assert after.search(query, 5) == before.search(query, 5)
        assert len(after) == len(rows)
        assert [after.idf(token) for token in query] == [before.idf(token) for token in query]


def test_the_index_is_mapped_not_read(tmp_path: Path) -> None:
    make([(["甲"], [])]).save(tmp_path)
    opened = LexicalIndex.open(tmp_path)
    assert isinstance(opened._scores.base, np.memmap)


def test_a_word_in_the_context_finds_its_row_and_counts_less_than_one_in_the_body() -> None:
    found = make([(["甲"], ["乙"]), (["乙"], ["甲"]), (["丙"], ["丁"])]).search({"乙": 1.0}, 9)
    assert [row for row, _ in found] == [1, 0]
    assert found[0][1] > found[1][1] > 0


def test_a_lower_weight_gives_a_lower_score() -> None:
    index = make([(["甲"], []), (["乙"], []), (["丙"], [])])
    assert [row for row, _ in index.search({"甲": 0.4, "乙": 1.0}, 5)] == [1, 0]


def test_the_rarer_word_tells_more_and_an_unknown_one_most() -> None:
    index = make([(["常", "稀"], []), (["常"], []), (["常"], [])])
    assert index.idf("没有") > index.idf("稀") > index.idf("常") > 0


def test_the_order_of_the_words_does_not_change_a_bit() -> None:
    rows = [(["甲", "乙", "丙"] * n, ["丁"]) for n in range(1, 9)]
    words = {"甲": 0.1, "乙": 0.7, "丙": 1.3, "丁": 0.9}
    assert make(rows).search(words, 9) == make(rows).search(dict(reversed(words.items())), 9)


def test_fields_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        LexicalIndex.build([["甲"]], [], IndexSettings())


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    make([(["甲"], [])]).save(tmp_path)
    np.save(tmp_path / "rows.npy", np.zeros(7, np.int32))
    with pytest.raises(ValueError, match="belong together"):
        LexicalIndex.open(tmp_path)
