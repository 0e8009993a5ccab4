"""Figures: notation in, exact value out; offsets always fit; linear time."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.figures import Figure, figures, same
from rag.numerals import parse_han

_WIDE = {ord(c): ord(c) + 0xFEE0 for c in "0123456789.%"}
_HAN = "零一二三四五六七八九"


def one(text: str) -> Figure:
    found = figures(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5.3 亿吨", "530000000", "吨"),
        ("53000万吨", "530000000", "吨"),
        ("530,000,000吨", "530000000", "吨"),
        ("１，２３４．５吨", "1234.5", "吨"),
        ("3千万元", "30000000", "元"),
        ("2万亿元", "2000000000000", "元"),
        ("1亿2000万元", "120000000", "元"),
        ("5 千克", "5", "千克"),
        ("3公斤", "3", "千克"),
        ("一百二十项", "120", "项"),
        ("三千家", "3000", "家"),
        ("两亿三千万吨", "230000000", "吨"),
        ("十三点五个百分点", "13.5", "百分点"),
        ("一百一十六点八万千瓦时", "1168000", "千瓦时"),
        ("百分之十三点五", "13.5", "%"),
        ("百分之20", "20", "%"),
        ("千分之三", "3", "‰"),
        ("三成", "30", "%"),
        ("一半", "50", "%"),
        ("13.5％", "13.5", "%"),
        ("0.305 千克标准煤/千瓦时", "0.305", "千克/千瓦时"),
        ("25000m ³ /h", "25000", "m3/小时"),
        ("358 万 Nm³", "3580000", "Nm3"),
        ("20万度电", "200000", "千瓦时"),
        ("45支/min", "45", "支/分钟"),
        ("3.99kgCO₂e", "3.99", "千克"),
        ("8个多小时", "8", "小时"),
        ("9起案件", "9", "起"),
    ],
)
def test_a_quantity_has_its_exact_value_and_canonical_unit(text: str, value: str, unit: str) -> None:
    figure = figures(text)[0]
    assert (figure.value, figure.unit, figure.kind) == (Decimal(value), unit, "quantity")


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("130~160℃", "130", "160", "℃"),
        ("16-17g/L", "16", "17", "克/升"),
        ("10%—15%", "10", "15", "%"),
        ("2至3万吨", "20000", "30000", "吨"),
        ("500千克至1吨", "500", "1000", "千克"),
        ("百分之十至百分之二十", "10", "20", "%"),
        ("10%至百分之二十", "10", "20", "%"),
        ("90个工作日至三十个工作日", "90", "30", "个工作日"),
        ("三至五年", "3", "5", "年"),
    ],
)
def test_a_range_keeps_both_ends_in_one_unit(text: str, low: str, high: str, unit: str) -> None:
    figure = one(text)
    assert (figure.value, figure.high, figure.unit) == (Decimal(low), Decimal(high), unit)


@pytest.mark.parametrize(
    ("text", "comparator"),
    [
        ("不低于 98%", ">="),
        ("≥ 3000 千卡 / 千克", ">="),
        ("50家以上", ">="),
        ("60mg/L 以下", "<="),
        ("不超过30天", "<="),
        ("超过10亿美元", ">"),
        ("不足5吨", "<"),
        ("约 40%", "~"),
        ("1500万人左右", "~"),
        ("1.23亿余元", "~"),
        ("节约50%", ""),
        ("5吨", ""),
    ],
)
def test_comparator_words_on_either_side_are_read(text: str, comparator: str) -> None:
    assert one(text).comparator == comparator


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("2024年6月11日", "date", "2024/06/11"),
        ("2024年6月11日10时", "date", "2024/06/11"),
        ("2023-05", "date", "2023/05/"),
        ("二〇二四年六月一日", "date", "2024/06/01"),
        ("2020年10家", "date", "2020//"),
        ("2016-2020年", "date", "2016//~2020//"),
        ("“十四五”时期", "date", "十四五"),
        ("按照环办气候〔2024〕2号", "docnumber", "环办气候|2024|2"),
        ("（工信部联规[2021]178 号）", "docnumber", "工信部联规|2021|178"),
        ("第三条", "ordinal", "条3"),
        ("专栏 6", "ordinal", "专栏6"),
        ("010-66018213", "phone", "01066018213"),
        ("GB 24500-2020", "name", "GB24500-2020"),
        ("CO ₂", "name", "CO2"),
        ("PM2.5", "name", "PM2.5"),
        ("R290", "name", "R290"),
        ("5G", "name", "5G"),
        ("4×4", "name", "4×4"),
        ("104比92", "ratio", "104:92"),
        ("1/8决赛", "ratio", "1/8"),
        ("三分之二", "ratio", "2/3"),
    ],
)
def test_dates_numbers_of_documents_and_names_are_no_quantities(text: str, kind: str, key: str) -> None:
    figure = figures(text)[0]
    assert (figure.kind, figure.key) == (kind, key)


@pytest.mark.parametrize("text", ["统一", "一方面", "二氧化碳", "十分重要", "万家灯火", "一些", "数千万元", "五金"])
def test_characters_inside_words_are_no_figures(text: str) -> None:
    assert figures(text) == ()


def test_the_end_of_a_period_inherits_year_and_month() -> None:
    assert [f.key for f in figures("2024年2月8日至17日")] == ["2024/02/08", "2024/02/17"]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("5.3亿吨", "53000万吨"),
        ("1130MWh", "113万千瓦时"),
        ("60 万度", "60万千瓦时"),
        ("500kg", "0.5吨"),
        ("20公顷", "20万平方米"),
        ("3000米", "3公里"),
        ("13.5%", "百分之十三点五"),
        ("0.5千克/吨", "500克/吨"),
        ("环办气候〔2024〕2号", "环办气候[2024]2号"),
        ("2024年6月", "2024-06-11"),
        ("130~160℃", "130至160摄氏度"),
    ],
)
def test_two_notations_of_one_figure_are_the_same(a: str, b: str) -> None:
    assert same(one(a), one(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("5.3亿吨", "5.3万吨"),
        ("5吨", "5千克"),
        ("5家", "5项"),
        ("13.5%", "13.5‰"),
        ("不低于98%", "不超过98%"),
        ("2025年", "2030年"),
        ("2024年6月11日", "2024年6月12日"),
        ("130~160℃", "130~165℃"),
        ("环办气候〔2024〕2号", "环办气候〔2024〕3号"),
        ("13%", "13个百分点"),
        ("R290", "R32"),
    ],
)
def test_another_value_unit_direction_or_date_is_not_the_same(a: str, b: str) -> None:
    assert not same(one(a), one(b))


def han(value: int) -> str:
    """Write 1..9999_9999 in characters; an independent writer for the round trip."""
    if value >= 10_000:
        head, tail = divmod(value, 10_000)
        return han(head) + "万" + (("零" if tail < 1000 else "") + han(tail) if tail else "")
    out, gap = "", False
    for step, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, step)
        if digit:
            out += ("零" if gap and out else "") + _HAN[digit] + mark
        gap = not digit
    return out


@given(st.integers(1, 99_999_999))
def test_numerals_in_characters_come_back_as_their_value(value: int) -> None:
    assert parse_han(han(value)) == value


@given(
    st.integers(0, 10**9),
    st.integers(0, 3),
    st.sampled_from(["", "万", "亿"]),
    st.sampled_from("吨 千瓦时 元 家".split()),
    st.booleans(),
    st.booleans(),
)
def test_any_printing_of_a_number_gives_its_value(
    digits: int, places: int, scale: str, unit: str, wide: bool, spaced: bool
) -> None:
    number = Decimal(digits).scaleb(-places)
    written = f"{number:,f}" if digits % 2 else f"{number:f}"
    text = f"{written}{' ' if spaced else ''}{scale}{' ' if spaced else ''}{unit}"
    text = text.translate(_WIDE) if wide else text
    expected = number * {"": 1, "万": 10**4, "亿": 10**8}[scale]
    assert one(f"达到{text}。").value == expected


@given(
    st.text(alphabet="一二三十百万亿点分之0123456789.,，年月日第条约%吨kmgh³₂×/~—〔〕号至到余个 （）CO", max_size=60)
)
def test_every_digit_lies_inside_a_figure_and_offsets_fit(text: str) -> None:
    covered: set[int] = set()
    last = 0
    for figure in figures(text):
        assert text[figure.start : figure.end] == figure.text
        assert figure.start >= last
        last = figure.end
        covered.update(range(figure.start, figure.end))
    assert all(i in covered for i, c in enumerate(text) if c in "0123456789")


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for figure in figures(text):
        assert text[figure.start : figure.end] == figure.text


@given(st.text(alphabet="3四5年万吨%约。,", max_size=30))
def test_a_shifted_text_has_shifted_figures(text: str) -> None:
    before = [(f.start, f.end, f.value) for f in figures("。" + text)]
    assert [(f.start - 2, f.end - 2, f.value) for f in figures("。。。" + text)] == before


@pytest.mark.parametrize(
    "piece", ["一二三四", "1,234", "a-", "1 ", "第", "约", "2024年", "每吨", "(2024)", "十", "9" * 50]
)
def test_a_hundred_thousand_characters_take_less_than_two_seconds(piece: str) -> None:
    began = time.perf_counter()
    figures((piece * 100_000)[:100_000])
    assert time.perf_counter() - began < 2
