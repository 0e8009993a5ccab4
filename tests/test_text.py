"""Text with an offset map: quotes keep their exact place, sentences and tokens lose nothing."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import fold, fold_map, key, map_spans, normalise, quote_of, sentences, simplify, tidy, tokens
from index.types import Span

NOISE = st.sampled_from(
    ("锅", "炉", "第", "不低于", "。", "；", "，", "（", "）", "“", "·", "a", "CO", "₂", "_x", "12", ".5", "%", "℃", "kWh/t",
     " ", "  ", "\n", "\r\n", "\t", "\u3000", "\xa0", "\xad", "\u200b", "\ufeff", "\x00", "\x0c", "\x85", "\u2028",
     "<p>", "</p>", "**", "$\\geq$", "(1)", "①", "２", "Ａ", "é", "e\u0301", "𠮷", "😀", "\\", "|")
)  # fmt: skip
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
RAW = st.lists(NOISE | st.characters(exclude_categories=["Cs"]), max_size=60).map("".join)


@st.composite
def raw_and_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    raw = draw(RAW)
    place = st.integers(0, len(raw))
    return raw, [Span(*sorted(pair)) for pair in draw(st.lists(st.tuples(place, place), max_size=5))]


@given(RAW)
def test_normalising_twice_is_normalising_once(raw: str) -> None:
    assert normalise(normalise(raw)) == normalise(raw)


@given(RAW)
def test_the_map_of_the_whole_text_says_what_normalise_says(raw: str) -> None:
    mapped = map_spans(raw, [Span(0, len(raw))])
    assert mapped.text == normalise(raw) == quote_of(raw, [Span(0, len(raw))])
    assert len(mapped.starts) == len(mapped.pieces) == len(mapped.text)
    assert list(mapped.starts) == sorted(set(mapped.starts))
    assert all(char in (raw[at], " ") for char, at in zip(mapped.text, mapped.starts, strict=True))


@given(raw_and_spans(), st.data())
def test_a_slice_of_any_spans_quotes_itself(pair: tuple[str, list[Span]], data: st.DataObject) -> None:
    raw, spans = pair
    mapped = map_spans(raw, spans)
    assert mapped.text == quote_of(raw, spans)
    i, j = sorted((data.draw(st.integers(0, len(mapped.text))), data.draw(st.integers(0, len(mapped.text)))))
    found = mapped.spans(i, j)
    assert quote_of(raw, found) == mapped.text[i:j].strip(" ")
    assert all(any(whole.start <= s.start < s.end <= whole.end for whole in spans) for s in found)


def test_a_range_outside_the_text_is_an_error() -> None:
    mapped = map_spans("锅炉", [Span(0, 2)])
    for start, end in ((0, 3), (2, 1), (-1, 1)):
        with pytest.raises(IndexError, match="outside text of 2 characters"):
            mapped.spans(start, end)


@pytest.mark.parametrize(
    ("raw", "quote"),
    [
        ("余 热\n锅 炉", "余热锅炉"),
        ("减排 CO ₂ 约 3 吨", "减排CO₂约3吨"),
        ("rotary  kiln\nline", "rotary kiln line"),
        ("\ufeff一、 要求\u3000", "一、要求"),
        ("第\u200b三\x00条", "第三条"),
        ("NO _x 为 80 %", "NO_x为80%"),
        ("\u200b \u200b", ""),
    ],
)
def test_only_white_space_that_print_does_not_have_goes(raw: str, quote: str) -> None:
    assert normalise(raw) == quote


@given(RAW)
def test_sentences_are_in_order_inside_and_cover_every_visible_character(raw: str) -> None:
    text = normalise(raw)
    ranges = sentences(text)
    edges = [edge for pair in ranges for edge in pair]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(text) for start, end in ranges)
    assert all(text[start] != " " != text[end - 1] for start, end in ranges)
    assert "".join(text[start:end] for start, end in ranges).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("先停机。再检修！", ["先停机。", "再检修！"]),
        ("“可以吗？”他问。", ["“可以吗？”", "他问。"]),
        ("甲应登记；乙（含丙；丁）除外。", ["甲应登记；", "乙（含丙；丁）除外。"]),
        ("做法：1.停机2.检修3.开机", ["做法：", "1.停机", "2.检修", "3.开机"]),
        ("①停机②检修", ["①停机", "②检修"]),
        ("节水;节电", ["节水;", "节电"]),
        ("参数见表1.其余从略", ["参数见表1.其余从略"]),
        ("比上年提高 2.5 个百分点", ["比上年提高 2.5 个百分点"]),
        ("", []),
    ],
)
def test_sentences_end_at_stops_and_start_at_running_numbers(text: str, cut: list[str]) -> None:
    assert [text[i:j] for i, j in sentences(text)] == cut


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("13.5%", ["13.5%", "13.5"]),
        ("3,600 吨", ["3600", "吨"]),
        ("节水", ["节", "水", "节水"]),
        ("CO ₂", ["co2"]),
        ("PM2.5", ["pm2.5"]),
        ("VOCs治理", ["vocs", "治", "理", "治理"]),
        ("用MVR蒸發", ["用", "mvr", "蒸", "发", "蒸发"]),
        ("１２ 项", ["12", "项"]),
        ("（；。）", []),
        ("余 热", ["余", "热", "余热"]),
    ],
)
def test_tokens_are_characters_pairs_words_and_plain_numbers(text: str, wanted: list[str]) -> None:
    assert tokens(text) == wanted


@given(RAW)
def test_no_token_mixes_chinese_and_latin(raw: str) -> None:
    for token in tokens(raw):
        assert len({bool(HAN.fullmatch(char)) for char in token}) == 1


@given(st.text("锅炉改造节水管网", min_size=1, max_size=12), st.integers(0, 999))
def test_stray_spaces_change_no_token(text: str, seed: int) -> None:
    rng = random.Random(seed)
    broken = "".join(char + rng.choice(("", " ", "\n", "\u3000", "\u200b")) for char in text)
    assert tokens(broken) == tokens(text)
    assert key(broken) == key(text)


@given(st.text("鍋爐氣發電環廢減機關為", min_size=1, max_size=12))
def test_traditional_characters_have_the_tokens_of_simplified_ones(text: str) -> None:
    assert len(simplify(text)) == len(text)
    assert tokens(text) == tokens(simplify(text))
    assert simplify(simplify(text)) == simplify(text) != text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("$\\geq$ 90\\%", "≥ 90%"),
        ("CO$_{2}$", "CO2"),
        (r"$3 \times 10^{4}$ 吨", "3 × 10^4吨"),
        ("NO_x 与 SO_2", "NOx与SO2"),
        ("**节水**<br>改造", "节水改造"),
        ("\\text{kg}", "kg"),
        ("x < 5 且 y > 3", "x < 5且y > 3"),
    ],
)
def test_markup_is_tidied_for_the_eye(raw: str, clean: str) -> None:
    assert tidy(raw) == clean


@given(RAW)
def test_tidied_and_folded_texts_are_normal_forms(raw: str) -> None:
    assert tidy(raw) == normalise(tidy(raw))
    folded = fold(raw)
    assert folded == folded.strip() == simplify(folded)
    assert "  " not in folded
    assert key(raw) == folded.replace(" ", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＮＯｘ", "NO_x"),
        ("節約用水", "节 约\n用水"),
        ("８０％", "80 %"),
        ("CO₂", "CO$_{2}$"),
        ("（一）", "(一)"),
        ("MVR", "mvr"),
    ],
)
def test_two_printings_of_one_phrase_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@given(RAW)
def test_folded_characters_know_where_they_come_from(raw: str) -> None:
    folded, origin = fold_map(raw)
    assert len(folded) == len(origin)
    assert origin == sorted(origin)
    for at in set(origin):
        assert fold_map(raw[at])[0] == "".join(c for c, o in zip(folded, origin, strict=True) if o == at)
