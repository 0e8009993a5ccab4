"""A model's stream -> sentences: however it is cut into deltas, without anything that is not for reading."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.pieces import LONGEST, Piece, Pieces

A, B, C = "0a1b2c3d", "99887766", "deadbeef"

FRAGMENTS = (
    "企业应当", "节水", "。", "！", "？", "”", "）", "\n", "\r\n", "\r", " ", "\t", "，", "95%", "〔2024〕13号", "[2024]",
    f"[{A}]", f"【{B}】", f"［{C}］", f"[{A}, {B}]", f"[{A}][{B}]", f"[{A.upper()}]", "[资料1]", "[", "]", "(", ")", "!",
    "![图](http://a.b/c.png)", "[见此](https://a.b/c)",
    "[甲](#a)", "https://a.b/c?d=e", "ftp://x", "javascript:/x", "http",
    "<b>", "</b>", "<script>", "<|im_start|>", "<", ">", "<br/>", "```", "```json\n",
    "`", "**", "*", "__", "_", "#", "# ",
    "\n## ", "\n> ", "\n- ", "\x1b[31m", "\x1b]0;x\x07", "\x1b", "\u200b", "\u202e",
    "\ufeff", "\x00", "\U000e0041", "\ud800",
    "<think>", "<thinking>", "想一想。", "<thi", "nk>", "&lt;", "3. ", "①", "abc", "h", "d", "1",
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=4)), max_size=25).map("".join)
ORPHAN = re.compile("</think", re.IGNORECASE)


def fed(deltas: Iterable[str]) -> list[Piece]:
    cutter = Pieces()
    found = [piece for delta in deltas for piece in cutter.feed(delta)]
    return [*found, *cutter.rest()]


def raws(*deltas: str) -> list[str]:
    return [piece.raw for piece in fed(deltas)]


def shown(text: str, number: int = 1) -> str:
    return "".join(piece.lead + piece.written(lambda key: number) for piece in fed([text]))


# --- the cutting into deltas ---


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.data())
@example("甲。[链接](https://a.b/c)乙。", None)
@example("甲。   [0a1b2c3d]乙。", None)
@example("甲。\n[0a1b2c3d]\n乙。", None)
@example("甲。\r\n乙。", None)
@example("甲。htt<b>ps://a.b/c 乙。", None)
@example("甲。ht\u200btps://a.b/c 乙。", None)
@example("<th\u200bink>想。</think>甲。", None)
@example("[a![x](http://y)](http://z)。甲。", None)
@example("甲" * 1000 + "[0a1b2c3d]。", None)
@example("甲。\x1b[3", None)
def test_pieces_do_not_depend_on_how_the_text_was_cut_into_deltas(text: str, data: st.DataObject | None) -> None:
    """Only a closing think mark without an opening one is another matter: what went out before it stays out."""
    text = ORPHAN.sub("think", text)
    whole = fed([text])
    assert fed(text) == whole
    if data:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
        edges = [0, *cuts, len(text)]
        assert fed(text[a:b] for a, b in zip(edges, edges[1:], strict=False)) == whole


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_sentence_is_given_out_once_and_nothing_is_left_after_the_rest(text: str) -> None:
    cutter = Pieces()
    cutter.feed(text)
    cutter.rest()
    assert cutter.rest() == [] and cutter.preview() == ""
    assert cutter.chars == len(text)


def test_a_sentence_comes_as_soon_as_what_follows_shows_that_it_is_whole() -> None:
    cutter = Pieces()
    assert cutter.feed(f"甲方节水[{A}]。") == []
    assert [p.raw for p in cutter.feed("乙")] == [f"甲方节水[{A}]。"]
    assert [p.raw for p in cutter.rest()] == ["乙"]


# --- what is taken out ---

INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("<<b>script>甲。</<b>script>")
@example("htt<b>ps://a.b/c。")
@example('<a title="甲。">乙。')
@example("![[a](http://b)](http://c)。")
@example(f"甲[{A}](evil.example)。")
@example("</think>" * 3 + "<scr</think>ipt>甲。")
@example("h*ttps://a.b。")
def test_nothing_is_shown_that_is_not_for_reading(text: str) -> None:
    out = shown(text)
    assert not INVISIBLE.search(out.replace("\n", ""))
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in out.replace("\n", ""))
    assert not any(0xE0000 <= ord(c) <= 0xE007F for c in out)
    assert not re.search(r"<[A-Za-z/!?|]", out), out
    assert not re.search(r"https?:/|ftp:/", out, re.IGNORECASE), out
    assert "](" not in out, out
    assert "```" not in out and "**" not in out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**甲**是`乙`。", "甲是乙。"),
        ("# 标题\n正文。", "标题\n正文。"),
        ("> 引文。", "引文。"),
        ("见[通知](https://a.b/c)。", "见通知。"),
        ("见[通知](javascript:alert(1))。", "见通知)。"),
        ("![图](http://a.b/c.png)甲。", "甲。"),
        ("网址https://a.b/c?d=e，甲。", "网址，甲。"),
        ("<b>甲</b>乙。", "甲乙。"),
        ("<|im_start|>甲。<|im_end|>", "甲。"),
        ("```json\n甲。\n```", "甲。"),
        ("\x1b[31m甲\x1b[0m。\x1b]0;题\x07", "甲。"),
        ("甲\u200b乙\u202e丙\ufeff。", "甲乙丙。"),
        ("甲\t乙\r\n丙。", "甲 乙\n丙。"),
        ("能耗<5吨，水耗<10吨。", "能耗<5吨，水耗<10吨。"),
    ],
)
def test_mark_up_is_taken_out_and_the_words_stay(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text", ["国办发〔2024〕13号。", "国办发[2024]13号。", "按2024年[2025]执行。", "（一）甲；(二)乙。"]
)
def test_numbers_of_documents_and_years_in_brackets_survive(text: str) -> None:
    assert shown(text) == text
    (piece,) = fed([text])
    assert piece.bare == text and piece.keys == ()


# --- thoughts ---


@pytest.mark.parametrize("tag", ["think", "thinking", "THINK"])
def test_thoughts_are_taken_out(tag: str) -> None:
    assert raws(f"<{tag}>先想。再想\n[{A}]。</{tag}>\n\n甲。") == ["甲。"]
    assert raws(*f"甲。<{tag}>想。</{tag}>乙。") == ["甲。", "乙。"]


def test_thoughts_that_are_never_closed_are_taken_out() -> None:
    assert raws("甲。<think>想。再想。") == raws(*"甲。<think>想。再想。") == ["甲。"]
    assert raws("<think>想。" * 3) == []


def test_thoughts_that_are_only_closed_are_taken_out_as_far_as_they_are_not_out_yet() -> None:
    assert raws("先想。再想。</think>甲。") == ["甲。"]
    assert raws("先想。", "再想", "</think>", "甲。") == ["先想。", "甲。"]


def test_a_preview_shows_nothing_of_thoughts() -> None:
    cutter = Pieces()
    cutter.feed("<think>机密的想法")
    assert cutter.preview() == ""
    cutter.feed("</thi")
    assert cutter.preview() == ""
    cutter.feed("nk>公开的话")
    assert cutter.preview() == "公开的话"


# --- previews ---

PREVIEWED = re.compile("[\u4e00-\u9fff，。、；：！？…— ]*")
NUMERALS = set("零〇一二两兩三四五六七八九十百千万萬亿億壹贰叁肆伍陆柒捌玖拾佰仟廿卅半几多双")


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, max_size=4))
@example(["约①吨"])
@example(["占Ⅸ成"])
@example(["得½"])
@example(["共٣项"])
@example(["处壹万元"])
@example(["需廿日"])
@example(["是「甲」"])
@example(["в"])
def test_a_preview_holds_no_figure_no_bracket_and_no_foreign_letter(deltas: list[str]) -> None:
    cutter = Pieces()
    for delta in deltas:
        cutter.feed(delta)
        preview = cutter.preview()
        assert PREVIEWED.fullmatch(preview), preview
        assert not NUMERALS & set(preview)


def test_a_preview_ends_before_the_figure() -> None:
    cutter = Pieces()
    cutter.feed("企业应当节水，不低于")
    assert cutter.preview() == "企业应当节水，不低于"
    cutter.feed("95%的")
    assert cutter.preview() == "企业应当节水，不低于"


# --- keys ---


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"甲[{A}]。", (A,)),
        (f"甲。[{A}]", (A,)),
        (f"甲。 [{A}]", (A,)),
        (f"甲。\n[{A}]", (A,)),
        (f"甲【{A}】。", (A,)),
        (f"甲［{A}］。", (A,)),
        (f"甲[{A.upper()}]。", (A,)),
        (f"甲[{A}][{B}]。", (A, B)),
        (f"甲[{A},{B}]。", (A, B)),
        (f"甲[{A}、{B}；{C}]。", (A, B, C)),
        (f"甲[{A} {B}]。", (A, B)),
        (f"甲[{B}]，乙[{A}][{B}]。", (B, A)),
        (f"甲[#{A}]。", (A,)),
        (f"甲[标记：{A}]。", (A,)),
        (f"甲[key {A}]。", ()),
        ("甲[资料1]。", ()),
        ("甲[1]。", ()),
        ("甲。", ()),
    ],
)
def test_keys_are_found_in_the_forms_that_models_write(text: str, keys: tuple[str, ...]) -> None:
    (piece,) = fed([text])
    assert piece.keys == keys
    assert piece.bare.rstrip("。") in ("甲", "甲，乙")


def test_keys_after_the_full_stop_belong_to_the_sentence_before() -> None:
    found = fed([f"甲。[{A}]乙[{B}]。丙。【{C}】。丁"])
    assert [(p.bare.strip("。"), p.keys) for p in found] == [("甲", (A,)), ("乙", (B,)), ("丙", (C,)), ("丁", ())]


def test_written_puts_numbers_for_keys_and_leaves_unknown_ones_out() -> None:
    (piece,) = fed([f"甲[{A}]，乙[{B}, {C}]【{A}】[资料2]。"])
    assert piece.written({A: 1, C: 2}.get) == "甲[1]，乙[2][1]。"
    assert piece.written(lambda key: None) == "甲，乙。"


def test_a_number_is_written_once_in_a_mark() -> None:
    (piece,) = fed([f"甲[{A},{A}]。"])
    assert piece.written({A: 1}.get) == "甲[1]。"


def test_line_breaks_lead_the_next_sentence() -> None:
    assert [(p.raw, p.lead) for p in fed(["甲。乙。\n\n丙\n丁。"])] == [
        ("甲。", ""),
        ("乙。", ""),
        ("丙", "\n"),
        ("丁。", "\n"),
    ]


# --- size ---


def test_a_sentence_without_an_end_is_cut_and_nothing_of_it_is_lost() -> None:
    found = raws("甲" * 10_000)
    assert "".join(found) == "甲" * 10_000
    assert max(map(len, found)) <= LONGEST


def test_a_cut_of_a_long_sentence_does_not_go_through_a_key() -> None:
    for lead in range(LONGEST - 15, LONGEST + 5):
        keys = [key for piece in fed(["甲" * lead + f"[{A}]" + "乙" * 30 + "。"]) for key in piece.keys]
        assert keys == [A], lead


@pytest.mark.parametrize(
    "unit",
    ["甲", "甲。", "甲[0a1b2c3d]。", "<", "[", "![", "<think>", "<think>甲", "http://a", "*", "`", "_", "\n", " ", "\x1b[",
     "。", "[甲](", "<a ", "\u200b", "# ", "甲。 ", "[" + "甲" * 99],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 20_000])
def test_time_grows_with_the_length(unit: str, size: int) -> None:
    text = (unit * 20_000)[:20_000]
    cutter = Pieces()
    began = time.perf_counter()
    for at in range(0, len(text), size):
        cutter.feed(text[at : at + size])
        cutter.preview()
    cutter.rest()
    assert time.perf_counter() - began < 5
