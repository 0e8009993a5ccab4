"""The index folder as a reader sees it."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_library import SETTINGS, analyse, write

from index import pipeline
from index.build import build, remove
from index.config import FORMAT_VERSION, IndexSettings
from index.errors import IndexDamagedError, IndexMissingError, InputError, SettingsMismatchError
from index.store import Library, check, codec
from index.text import quote_of, tokens
from index.types import Block, DocumentInfo, Field, Locator, Mark, Passage, Record, Span

TEXTS = {
    "甲.txt": "甲办法\n第一条 锅炉应当节能。\n名称\t范围\t效果\n",
    "乙.md": "乙方案\n污水 处\n理\n",
    "空.txt": "丙\n",
}


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "analyse", analyse)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    build([write(tmp_path / "in", TEXTS)], tmp_path / "index", SETTINGS)
    return tmp_path / "index"


def test_a_document_comes_back_as_it_was_stored(index: Path) -> None:
    with Library.open(index, SETTINGS) as library:
        for name, text in TEXTS.items():
            made = analyse(library.source(name), SETTINGS)
            assert library.raw(name) == text
            assert library.source(name) == made.source
            assert library.blocks(name) == made.blocks
            assert library.records(name) == made.records
            assert library.passages_of(name) == made.passages
            assert library.document(name).info == made.source.info


def test_rows_go_by_document_key_and_reading_order(index: Path) -> None:
    with Library.open(index) as library:
        entries = library.documents()
        assert [e.file for e in entries] == sorted(TEXTS)
        in_order = [p for e in entries for p in library.passages_of(e.file)]
        assert library.passages(range(len(library))) == in_order
        assert [library.passages(list(library.rows_of(e.file))) for e in entries] == [
            list(library.passages_of(e.file)) for e in entries
        ]
        assert library.passages([3, 0, 3]) == [in_order[3], in_order[0], in_order[3]]


def test_a_hit_of_the_lexical_arm_is_the_passage_that_says_it(index: Path) -> None:
    with Library.open(index) as library:
        row, _ = library.lexical.search(dict.fromkeys(tokens("污水"), 1.0), 1)[0]
        passage = library.passage(row)
        assert passage.text == "污水处"
        assert quote_of(library.raw(passage.locator.file), passage.spans) == passage.text
        assert library.vectors is None


def test_the_dense_arm_has_the_same_rows(tmp_path: Path) -> None:
    chosen = IndexSettings(embedder="hash")
    build([write(tmp_path / "in", TEXTS)], tmp_path / "index", chosen)
    with Library.open(tmp_path / "index", chosen) as library:
        assert library.vectors is not None
        assert len(library.vectors) == len(library)
    assert check(tmp_path / "index") == []


@pytest.mark.parametrize("row", [-1, 7, 999])
def test_a_row_that_is_not_there_is_an_error(index: Path, row: int) -> None:
    with Library.open(index) as library, pytest.raises(IndexError, match="passages"):
        library.passage(row)


def test_an_unknown_document_is_named(index: Path) -> None:
    with Library.open(index) as library:
        for read in (library.source, library.records, library.passages_of, library.rows_of, library.document):
            with pytest.raises(InputError, match="没有这份"):
                read("没有这份")


def test_no_index_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError) as caught:
        Library.open(tmp_path / "nothing")
    assert "youju build" in caught.value.line()


def test_other_settings_are_named(index: Path) -> None:
    with pytest.raises(SettingsMismatchError) as caught:
        Library.open(index, IndexSettings(passage_chars=99))
    assert "passage_chars" in caught.value.message
    assert "youju build" in caught.value.hint


def test_another_format_asks_for_a_rebuild(index: Path) -> None:
    path = index / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99, "new": 1}))
    with pytest.raises(SettingsMismatchError, match="99"):
        Library.open(index)
    assert len(check(index)) == 1


def generation(index: Path) -> Path:
    return index / "generations" / json.loads((index / "manifest.json").read_text())["generation"]


@pytest.mark.parametrize("harm", ["flip", "cut", "delete"])
def test_every_harmed_file_is_found(index: Path, tmp_path: Path, harm: str) -> None:
    names = [p.relative_to(generation(index)) for p in generation(index).rglob("*") if p.is_file()]
    assert len(names) == 8
    for name in names:
        copy = tmp_path / "copy"
        shutil.copytree(index, copy)
        path = generation(copy) / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data if harm == "flip" else data[:-1])
        if harm == "delete":
            path.unlink()
        assert [name.as_posix() in line for line in check(copy)] == [True]
        if harm != "flip":
            with pytest.raises(IndexDamagedError, match=name.name):
                Library.open(copy)
        with pytest.raises(IndexDamagedError):
            remove(["甲.txt"], copy)
        shutil.rmtree(copy)


NOW = f'"format": {FORMAT_VERSION}'


@pytest.mark.parametrize("text", ["", "{", "[]", f"{{{NOW}}}", f'{{{NOW}, "generation": "../.."}}'])
def test_a_broken_manifest_is_one_clear_line(index: Path, text: str) -> None:
    (index / "manifest.json").write_text(text)
    with pytest.raises(IndexDamagedError, match=r"manifest\.json"):
        Library.open(index)
    assert len(check(index)) == 1


def test_a_passage_that_is_not_what_its_spans_say_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    def lying(source, settings, *more):
        made = analyse(source, settings, *more)
        return replace(made, passages=(replace(made.passages[0], text="改过的字"), *made.passages[1:]))

    monkeypatch.setattr(pipeline, "analyse", lying)
    build([write(tmp_path / "in", {"甲.txt": "甲\n乙\n"})], tmp_path / "index", SETTINGS)
    problems = check(tmp_path / "index")
    assert len(problems) == 1
    assert "甲.txt" in problems[0]


def test_a_sound_index_has_no_problems(index: Path) -> None:
    assert check(index) == []


def test_an_open_library_keeps_serving_and_knows_that_it_is_stale(index: Path, tmp_path: Path) -> None:
    with Library.open(index) as library:
        before = library.passages(range(len(library)))
        assert not library.stale()
        build([write(tmp_path / "in", {"甲.txt": "甲办法\n改过\n"})], index, SETTINGS)
        assert library.stale()
        assert library.passages(range(len(library))) == before
        with Library.open(index) as newer:
            assert newer.generation > library.generation
            assert newer.raw("甲.txt") == "甲办法\n改过\n"
            assert not newer.stale()


def test_many_threads_read_the_same(index: Path) -> None:
    with Library.open(index) as library:
        alone = library.passages(range(len(library)))
        start = threading.Barrier(8)

        def read(_: int) -> list[Passage]:
            start.wait()
            return [library.passage(row) for _ in range(20) for row in range(len(library))]

        with ThreadPoolExecutor(8) as pool:
            assert all(found == alone * 20 for found in pool.map(read, range(8)))


SPANS = st.lists(st.builds(Span, st.integers(0, 99), st.integers(0, 99)), max_size=3).map(tuple)
TEXT = st.text(st.characters(codec="utf-8"), max_size=9)
PATH = st.lists(TEXT, max_size=3).map(tuple)
NUMBER = st.integers(-1, 9)
BLOCK = st.builds(Block, st.sampled_from(["clause", "toc"]), TEXT, SPANS, PATH, NUMBER, TEXT, TEXT)
RECORD = st.builds(
    Record, TEXT, TEXT, st.lists(st.builds(Field, TEXT, TEXT, SPANS), max_size=3).map(tuple), TEXT, TEXT, PATH
)
PLACE = st.builds(Locator, st.just("文件"), TEXT, TEXT, PATH)
PASSAGE = st.builds(
    Passage, TEXT, TEXT, SPANS, PLACE, st.sampled_from(["row", "cell"]), TEXT, NUMBER, TEXT, NUMBER, NUMBER
)
INFO = st.builds(DocumentInfo, TEXT, TEXT, PATH, PATH, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
MARK = st.builds(Mark, NUMBER, NUMBER, st.sampled_from(["page", "cell"]), TEXT)


@given(
    st.lists(BLOCK, max_size=3).map(tuple),
    st.lists(RECORD, max_size=3).map(tuple),
    PASSAGE,
    INFO,
    st.lists(MARK, max_size=3).map(tuple),
)
def test_every_value_survives_being_written(
    blocks: tuple[Block, ...],
    records: tuple[Record, ...],
    passage: Passage,
    info: DocumentInfo,
    marks: tuple[Mark, ...],
) -> None:
    assert codec.read_blocks(codec.blocks_text(blocks)) == blocks
    assert codec.read_records(codec.records_text(records)) == records
    assert codec.read_passage(codec.passage_text(passage), "文件") == passage
    assert codec.read_info(codec.info_text(info)) == info
    assert codec.read_marks(codec.marks_text(marks)) == marks
