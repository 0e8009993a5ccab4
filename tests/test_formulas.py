"""Formulas: raised and lowered characters read as print shows them, for the eye and for the search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_library import cited, written

from index.text import fold, key, tidy
from rag.service import PolicyQA

PLAN = """青石县监测计划

一、监测安排

建设PM$_{2.5}$监测站12座，监测费用每年$3 \\times 10^{4}$元。

建设SO$_{2}$监测站5座。
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("formulas"), {"计划.txt": PLAN})


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("PM_{2.5}", "PM2.5"),
        ("PM$_{2.5}$", "PM2.5"),
        ("PM _{10}", "PM10"),
        ("CO_{2}", "CO2"),
        ("m^{3}", "m3"),
        ("10^{4}", "10^4"),
        ("$10^{-3}$", "10^-3"),
        ("集合{甲}", "集合{甲}"),
    ],
)
def test_a_power_of_a_number_keeps_its_sign_and_other_characters_stand_plain(raw: str, clean: str) -> None:
    assert tidy(raw) == clean
    assert fold(raw) == clean.lower()


@given(st.text("甲 mC", max_size=4), st.sampled_from("_^"), st.text("0123456789.", min_size=1, max_size=3))
def test_braces_around_a_raised_or_lowered_part_are_never_seen(before: str, sign: str, part: str) -> None:
    assert not set(tidy(f"{before}{sign}{{{part}}}")) & set("_^{}")
    assert key(f"10^{{{part}}}") == f"10^{part}"


def test_a_formula_in_braces_is_found_by_its_plain_name_and_shown_plain(qa: PolicyQA) -> None:
    text = cited(qa, "PM2.5监测站建设几座？").text
    assert "PM2.5监测站12座" in text and "10^4元" in text
    assert "5座" in cited(qa, "SO2监测站建设几座？").text
