"""Text: the span promise under OCR noise, folding, sentences, search tokens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text import fold, fold_map, key, map_spans, normalise, quote_of, sentences, simplify, tidy, tokens
from index.types import Span

_PIECE = st.sampled_from(
    ["节水", "改造", "园区", "１２", "13.5%", "CO", "₂", "CO _2", "kWh/t", "不低于", "，", "。", "（", "）", "A", "b", "-", "$"]
)
_NOISE = st.sampled_from(
    ["", "", " ", "\n", "\n\n", "\t", "\u3000", "\u00a0", "\u200b", "\ufeff", " \u00ad ", "\x0c", "\r\n"]
)
NOISY = st.lists(st.one_of(_PIECE, _NOISE), max_size=30).map("".join)


@st.composite
def noisy_spans(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    raw = draw(NOISY)
    cuts = sorted(draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    return raw, tuple(Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b)


@settings(max_examples=300, deadline=None)
@given(noisy_spans(), st.data())
def test_each_part_of_a_mapped_text_quotes_its_raw_spans(
    case: tuple[str, tuple[Span, ...]], data: st.DataObject
) -> None:
    raw, spans = case
    mapped = map_spans(raw, spans)
    assert mapped.text == quote_of(raw, spans)
    start = data.draw(st.integers(0, len(mapped.text)))
    end = data.draw(st.integers(start, len(mapped.text)))
    assert quote_of(raw, mapped.spans(start, end)) == mapped.text[start:end].strip(" ")


@settings(max_examples=300, deadline=None)
@given(NOISY)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert "".join(normalise(text).split()) == "".join(normalise("".join(text.split())).split())


@settings(max_examples=200, deadline=None)
@given(NOISY)
def test_folded_characters_know_where_they_come_from(text: str) -> None:
    folded, origin = fold_map(text)
    assert len(folded) == len(origin)
    assert origin == sorted(origin)
    assert all(fold_map(text[i])[0].count(c) for c, i in zip(folded, origin, strict=True))


def test_a_range_outside_the_text_is_an_error() -> None:
    with pytest.raises(IndexError, match="outside text of 2 characters"):
        map_spans("甲乙", [Span(0, 2)]).spans(1, 3)


@pytest.mark.parametrize(
    ("raw", "quote"),
    [
        ("节 约\n用水", "节约用水"),
        ("Green  Star\nplan", "Green Star plan"),
        ("CO ₂ 排放", "CO₂排放"),
        ("共 12 项", "共12项"),
        ("a\u200bb", "ab"),
        ("\ufeff标题 ", "标题"),
    ],
)
def test_only_white_space_that_print_does_not_have_goes(raw: str, quote: str) -> None:
    assert normalise(raw) == quote


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (r"$\geq$ 90\%", "≥ 90%"),
        (r"$3 \times 10^{4}$ 吨", "3 × 104吨"),
        ("**节水**<br>改造", "节水改造"),
        ("NO_x 与 SO_2", "NOx与SO2"),
        ("x < 5 且 y > 3", "x < 5且y > 3"),
    ],
)
def test_markup_is_tidied_for_the_eye(raw: str, clean: str) -> None:
    assert tidy(raw) == clean


@pytest.mark.parametrize(("left", "right"), [("ＣＯ２", "co_2"), ("節約用水", "节 约\n用水"), ("１３.５％", "13.5 %")])
def test_two_printings_of_one_phrase_have_one_key(left: str, right: str) -> None:
    assert key(left) == key(right)
    assert len(simplify(left)) == len(left)
    assert fold(fold(left)) == fold(left)


def test_sentences_end_at_full_stops_and_semicolons_outside_brackets() -> None:
    text = "甲应当登记；乙（含丙；丁）除外。戊“可以。”己"
    assert [text[a:b] for a, b in sentences(text)] == ["甲应当登记；", "乙（含丙；丁）除外。", "戊“可以。”", "己"]


def test_a_running_count_parts_sentences_that_lost_their_stop() -> None:
    text = "1.清理台账 2.更换水表 3.公示结果"
    assert [text[a:b] for a, b in sentences(text)] == ["1.清理台账", "2.更换水表", "3.公示结果"]
    assert len(sentences("比上年提高 2.5 个百分点")) == 1


@settings(max_examples=200, deadline=None)
@given(NOISY.map(normalise))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    found = sentences(text)
    assert "".join(text[a:b] for a, b in found).replace(" ", "") == text.replace(" ", "")
    assert all(a < b for a, b in found)
    assert all(left[1] <= right[0] for left, right in zip(found, found[1:], strict=False))


def test_tokens_are_characters_pairs_words_and_plain_numbers() -> None:
    assert tokens("节水率 1,200吨，约13.5% COD") == [
        "节", "水", "率", "节水", "水率", "1200", "吨", "约", "13.5%", "13.5", "cod",
    ]  # fmt: skip
