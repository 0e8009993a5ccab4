"""Exported answers keep words, marks and references; nothing in a document's words becomes markup."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.config import Limits
from index.load.docx import read
from index.types import DocumentInfo, Locator, Span
from rag.export import reference, to_docx, to_markdown
from rag.service import PolicyQA
from rag.types import Answer, Citation
from tests.written_library import written

INFO = DocumentInfo(
    "节水办法", "甲发〔2021〕5号", ("甲发〔2021〕5号",), ("甲部", "乙部"), "2021-03-02", status="现行"
)
PLACE = Locator("a.pdf", "5", path=("二、任务", "(三) 灌溉"))
HOSTILE = (
    "<script>alert(1)</script>",
    "[点这里](javascript:alert(1)) ![图](http://x.invalid/p.png)",
    "# 不是标题",
    "1. 不是列表",
    "2) 不是列表",
    "- 不是列表",
    "===",
    "---",
    "```",
    "~~~",
    "> 不是引文",
    "| 甲 | 乙 |",
    "|---|---|",
    "[1]: http://x.invalid",
    "**不加粗** __也不__ *斜* `码` ~~删~~ $x^2$",
    "&lt;b&gt; &amp; &copy;",
    "<https://x.invalid>",
    "句末反斜杠\\",
)


def made(text: str, quote: str = "用水不超过300立方米。", note: str = "", rewritten: str = "用水多少？") -> Answer:
    cited = Citation(1, "k", "a.pdf", quote, (Span(0, 9),), PLACE, INFO, "p", quote)
    return Answer("用水多少？", rewritten, text, (cited,), note=note)


def paragraphs(data: bytes) -> list[str]:
    return [p.text for p in docx.Document(io.BytesIO(data)).paragraphs]


def shown(markdown: str) -> tuple[list[str], set[str]]:
    """Return the lines that a Markdown reader shows, and the kinds of elements in them."""
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    tokens = [token for block in parser.parse(markdown) for token in (block, *(block.children or ()))]
    lines = [line for token in tokens if token.type == "inline" for line in _text(token).split("\n")]
    return lines, {token.type for token in tokens}


def _text(token: Any) -> str:
    return "".join("\n" if "break" in child.type else child.content for child in token.children)


def test_a_reference_tells_title_number_issuers_date_and_place() -> None:
    line = reference(made("").citations[0])
    assert line == "《节水办法》，甲发〔2021〕5号，甲部、乙部，2021-03-02，现行，二、任务 > (三) 灌溉，第5页"


def test_a_document_that_says_nothing_of_itself_goes_by_its_file() -> None:
    assert reference(Citation(1, "k", "b.txt", "字", (), Locator("b.txt"), DocumentInfo())) == "b.txt"


def test_markdown_shows_question_answer_references_note_and_origin() -> None:
    text = to_markdown(made("不超过300立方米。[1]", note="语言模型连不上"), exported="2026-01-02", fingerprint="abc")
    lines, kinds = shown(text)
    assert lines[:2] == ["用水多少？", "不超过300立方米。[1]"]
    assert lines[2:5] == ["注：语言模型连不上", "依据", "[1] " + reference(made("").citations[0])]
    assert lines[5:] == ["用水不超过300立方米。", "导出日期：2026-01-02；索引指纹：abc"]
    assert {"heading_open", "blockquote_open", "em_open", "strong_open"} <= kinds
    assert "不超过300立方米。[1]" in text


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_a_document_become_markup(words: str) -> None:
    answer = made(f"{words}[1]\n{words}", words)
    plain = made("词[1]\n词", "词")
    lines, kinds = shown(to_markdown(answer))
    assert kinds <= shown(to_markdown(plain))[1] | {"text_special"}
    assert [line for line in lines if line in (words, f"{words}[1]")] == [f"{words}[1]", words, words]


@pytest.mark.parametrize("words", ["| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |", "甲 | 乙\n|---|---|", "标题\n===", "标题\n---"])
def test_lines_of_a_document_do_not_become_markup_together(words: str) -> None:
    lines, kinds = shown(to_markdown(made(words, words)))
    assert kinds <= shown(to_markdown(made("词\n词", "词\n词")))[1] | {"text_special"}
    assert "\n".join(lines).count(words) == 2


def test_what_looks_like_a_mark_without_a_citation_stays_text() -> None:
    assert "\\[7\\]" in to_markdown(made("见[7]和[1]。")) and "和[1]" in to_markdown(made("见[7]和[1]。"))


@given(st.text(max_size=60))
def test_any_text_is_shown_as_it_stands(words: str) -> None:
    lines, kinds = shown(to_markdown(made("完", f"始{words}")))
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "code_inline", "fence", "code_block"}
    assert to_docx(made(words, words))


def test_a_word_file_reads_back_with_every_part() -> None:
    answer = made("不超过300立方米。[1]\n由甲部负责。[1]", rewritten="", note="语言模型连不上")
    data = to_docx(answer, exported="2026-01-02", fingerprint="abc")
    assert paragraphs(data) == [
        "用水多少？",
        "不超过300立方米。[1]",
        "由甲部负责。[1]",
        "注：语言模型连不上",
        "依据",
        f"[1] {reference(answer.citations[0])}",
        "用水不超过300立方米。",
        "导出日期：2026-01-02；索引指纹：abc",
    ]
    assert docx.Document(io.BytesIO(data)).core_properties.title == "用水多少？"


def test_the_library_reads_its_own_export() -> None:
    raw = read(to_docx(made("不超过300立方米。[1]")), Limits()).raw
    assert "# 用水多少？" in raw and "不超过300立方米。[1]" in raw and "甲发〔2021〕5号" in raw


def test_control_characters_do_not_break_a_word_file() -> None:
    words = "甲\x00乙\x0b丙\x1b丁\ud800戊\u202e己\ufeff\r\n庚\u2028辛"
    assert paragraphs(to_docx(made(words, words)))[1:5] == ["甲乙", "丙丁戊己", "庚", "辛"]


def test_a_conversation_keeps_its_order_and_each_answer_its_own_references() -> None:
    both = [made("不超过300立方米。[1]"), made("由甲部负责。[1]", "甲部负责。", rewritten="用水多少——谁负责？")]
    lines, _ = shown(to_markdown(both))
    assert lines[0] == paragraphs(to_docx(both))[0] == "问答记录"
    for found in (lines, paragraphs(to_docx(both))):
        assert [line for line in found if "用水多少——谁负责？" in line] == ["（理解为：用水多少——谁负责？）"]
        assert found.index("用水不超过300立方米。") < found.index("由甲部负责。[1]") < found.index("甲部负责。")
        assert sum(line.startswith("[1] 《节水办法》") for line in found) == 2


def test_no_answers_export_as_an_empty_record() -> None:
    assert to_markdown([]).startswith("# 问答记录") and paragraphs(to_docx([])) == ["问答记录"]


def test_a_real_answer_and_a_refusal_export(tmp_path: Path) -> None:
    qa: PolicyQA = written(tmp_path, {"甲.txt": "节水办法\n\n第一条 灌溉用水每亩不超过300立方米。\n"})
    answers = [qa.answer("灌溉用水每亩不超过多少？"), qa.answer("红烧肉怎么做？")]
    assert answers[0].citations and answers[1].refused
    text = "\n".join(paragraphs(to_docx(answers)))
    for answer in answers:
        assert all(line in text for line in answer.text.split("\n"))
        assert all(c.quote in text for c in answer.citations)
