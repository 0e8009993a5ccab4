"""Passages: nothing of a document is lost, each knows its place, none is too long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy import raws, source_of

from index.config import IndexSettings
from index.pipeline import analyse, parse
from index.text import normalise
from index.types import Document, Mark, Passage, Source, Span, passage_id

SETTINGS = IndexSettings()
LAW = "某市节水办法\n\n第一章 总则\n\n第一条 {0}\n\n第二条 取水应当计量。\n\n第二章 罚则\n\n第三条 {0}{0}{0}\n"


def made(raw: str, marks: tuple[Mark, ...] = (), **changed: int) -> Document:
    return analyse(replace(source_of(raw), marks=marks), SETTINGS.model_copy(update=changed))


def offsets(spans: tuple[Span, ...]) -> set[int]:
    return {i for span in spans for i in range(span.start, span.end)}


def lost(document: Document) -> list[str]:
    """Return what the document says and no passage holds; headings may live on in the path of a passage."""
    held = {i for passage in document.passages for i in offsets(passage.spans)}
    paths = {heading for passage in document.passages for heading in passage.locator.path}
    starts = {span.start for record in document.records for field in record.fields for span in field.spans}
    gone = []
    for block in document.blocks:
        here = {i for i in offsets(block.spans) if normalise(document.source.raw[i])}
        as_record = block.kind == "table" and bool(starts & here)
        carried = block.text in paths or block.text == document.source.info.title
        if block.kind != "toc" and not as_record and not here <= held and not carried:
            gone.append(f"{block.kind} {block.text[:30]!r}")
    for record in document.records:
        gone += [f"{f.name} {f.text[:30]!r}" for f in record.fields if f.text and not offsets(f.spans) <= held]
    return gone


@settings(max_examples=60, deadline=None)
@given(raws(), st.sampled_from([80, 200, 400]))
def test_no_clause_and_no_cell_is_lost(raw: str, size: int) -> None:
    document = made(raw, passage_chars=size)
    assert [line for line in lost(document) if not line.startswith("heading")] == []


@settings(max_examples=60, deadline=None)
@given(raws(), st.sampled_from([80, 200, 400]))
def test_ids_are_unique_made_of_the_place_and_the_same_every_time(raw: str, size: int) -> None:
    document = made(raw, passage_chars=size)
    again = made(raw, passage_chars=size)
    assert document == again
    assert len({p.id for p in document.passages}) == len(document.passages)
    for order, passage in enumerate(document.passages):
        assert passage.id == passage_id(document.source.sha256, passage.spans)
        assert passage.order == order
        assert passage.text


@settings(max_examples=60, deadline=None)
@given(raws(), st.sampled_from([80, 200, 400]))
def test_a_passage_is_no_longer_than_two_windows_unless_it_is_a_whole_row(raw: str, size: int) -> None:
    found = made(raw, passage_chars=size).passages
    long = [p for p in found if len(p.text) > 2 * size and not (p.kind == "row" and p.record >= 0)]
    assert [p for p in long if p.kind != "heading"] == []


def test_equal_clauses_in_two_places_stay_two() -> None:
    clause = "取水单位应当每年向水务部门报送用水计划。"
    found = [p for p in made(LAW.format(clause)).passages if clause in p.text]
    assert [p.locator.path[-1] for p in found if p.kind == "clause"] == ["第一章总则", "第二章罚则"]
    assert len({p.id for p in found}) == len(found)


def test_an_article_starts_a_passage_of_its_own() -> None:
    found = [p.text for p in made(LAW.format("节水优先。")).passages if p.kind == "clause"]
    assert [text.partition("条")[0] for text in found] == ["第一", "第二", "第三"]


def test_the_first_chapter_of_a_law_is_no_part_of_its_title() -> None:
    document = made(LAW.format("节水优先。"))
    assert document.source.info.title == "某市节水办法"
    assert [b.text for b in document.blocks if b.kind == "heading"] == ["第一章总则", "第二章罚则"]


def test_short_neighbours_below_one_heading_share_a_passage() -> None:
    raw = "某市节水办法\n\n一、要求\n\n按季报送。\n\n按年核查。\n\n二、保障\n\n落实资金。\n"
    found = {p.text: p.locator.path for p in made(raw).passages if p.kind == "clause"}
    assert found == {"按季报送。按年核查。": ("一、要求",), "落实资金。": ("二、保障",)}


def test_a_heading_with_headings_below_gives_a_passage_with_all_of_them() -> None:
    raw = "某市节水办法\n\n一、任务\n\n（一）节水\n\n换管网。\n\n（二）节电\n\n换电机。\n\n二、保障\n\n落实资金。\n"
    found = {p.text for p in made(raw).passages if p.kind == "heading"}
    assert "一、任务（一）节水（二）节电" in found


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    raw = (
        "某市节水办法\n\n一、要求\n\n" + "".join(f"第{n}批管网应当在冬季以前完成改造和验收。" for n in range(60)) + "\n"
    )
    found = [p for p in made(raw, passage_chars=100).passages if p.kind == "clause"]
    assert len(found) > 5
    assert all(p.text.endswith("。") and len(p.text) <= 100 for p in found)


def test_a_row_and_each_of_its_cells_are_passages_and_a_single_column_is_not_said_twice() -> None:
    raw = "某市目录\n\n序号\t名称\t适用范围\n1\t热泵\t印染厂\n2\t膜分离\t造纸厂\n"
    document = made(raw)
    rows = [p for p in document.passages if p.kind == "row"]
    cells = [(p.record, p.field, p.text) for p in document.passages if p.kind == "cell"]
    assert [p.record for p in rows] == [0, 1]
    assert (0, "适用范围", "印染厂") in cells and (1, "名称", "膜分离") in cells
    assert all("适用范围" in p.context for p in rows)


def test_page_and_path_are_those_of_the_first_character() -> None:
    raw = "某市节水办法\n\n一、要求\n\n按季报送。\n\n二、保障\n\n落实资金。\n"
    turn = raw.index("二、")
    marks = (Mark(0, turn, "page", "1"), Mark(turn, len(raw), "page", "2"))
    found = {p.text: p.locator for p in made(raw, marks).passages if p.kind == "clause"}
    assert (found["按季报送。"].page, found["按季报送。"].path) == ("1", ("一、要求",))
    assert (found["落实资金。"].page, found["落实资金。"].path) == ("2", ("二、保障",))


def test_a_place_without_marks_has_no_page_and_a_paragraph_stands_in_for_a_cell() -> None:
    raw = "某市节水办法\n\n按季报送。\n"
    at = raw.index("按季")
    (plain,) = [p for p in made(raw).passages if "按季" in p.text]
    assert (plain.locator.page, plain.locator.cell) == ("", "")
    (marked,) = [p for p in made(raw, (Mark(at, at + 5, "paragraph", "2"),)).passages if p.text == "按季报送。"]
    assert marked.locator.cell == "第2段"


def test_an_empty_or_blank_text_gives_no_passage() -> None:
    for raw in ("", " \n\u3000\n", "\u200b"):
        assert made(raw).passages == ()


def check(path: Path) -> None:
    document = parse(path, path.name, SETTINGS)
    assert lost(document) == []
    assert max(len(p.text) for p in document.passages if p.kind in ("clause", "cell", "note")) <= 2 * 400


@pytest.mark.parametrize("number", range(6))
def test_nothing_of_the_sample_collection_is_lost(sample_corpus: Path, number: int) -> None:
    check(sorted(sample_corpus.iterdir())[number])


@pytest.mark.parametrize("number", range(5))
def test_nothing_of_the_real_documents_is_lost(real_corpus: Path, number: int) -> None:
    check(sorted(real_corpus.glob("*.txt"))[number])


def of_kind(document: Document, kind: str) -> list[Passage]:
    return [p for p in document.passages if p.kind == kind]


def test_context_names_title_and_headings_and_is_not_quoted() -> None:
    raw = "某市节水办法\n\n一、要求\n\n按季报送。\n"
    (clause,) = of_kind(made(raw), "clause")
    assert clause.context == "某市节水办法 一、要求"
    assert clause.text == "按季报送。"


def test_a_source_of_another_hash_has_other_ids() -> None:
    raw = "某市节水办法\n\n按季报送。\n"
    one = analyse(Source("a.txt", "1" * 64, raw), SETTINGS)
    other = analyse(Source("a.txt", "2" * 64, raw), SETTINGS)
    assert not {p.id for p in one.passages} & {p.id for p in other.passages}


def test_a_title_is_a_passage_only_where_nothing_else_is() -> None:
    law = made(LAW.format("取水须有许可。"))
    assert law.source.info.title == "某市节水办法"
    assert all(p.text != "某市节水办法" for p in law.passages)
    assert all(p.context.startswith("某市节水办法") for p in law.passages)
    assert [p.text for p in made("某市节水办法").passages] == ["某市节水办法"]
