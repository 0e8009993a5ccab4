"""Corrections of what a document says about itself: they stand through every build and go with their document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.build import build, edit, remove
from index.config import IndexSettings
from index.edits import EDITS, checked, corrected, read_edits, write_edits
from index.errors import InputError
from index.store import Library
from index.store.check import check
from index.types import DocumentInfo

SETTINGS = IndexSettings()


@pytest.fixture
def index(tmp_path: Path) -> Path:
    (tmp_path / "甲.md").write_text("# 甲县水泵办法\n\n甲政发〔2020〕3号\n\n水泵每37天检修一次。\n", "utf-8")
    (tmp_path / "乙.md").write_text("# 乙县路灯办法\n\n路灯每晚开启。\n", "utf-8")
    build([tmp_path / "甲.md", tmp_path / "乙.md"], tmp_path / "index", SETTINGS)
    return tmp_path / "index"


def _info(index: Path, file: str = "甲.md") -> DocumentInfo:
    with Library.open(index) as library:
        return library.document(file).info


def test_a_correction_is_in_the_index_at_once_and_touches_nothing_else(index: Path) -> None:
    before = _info(index, "乙.md")
    report = edit("甲.md", {"date": "2020-05-06", "issuers": "甲县政府、甲县水务局", "status": "现行"}, index)
    assert (report.updated, report.added, report.removed) == (("甲.md",), (), ())
    info = _info(index)
    assert (info.date, info.issuers, info.status) == ("2020-05-06", ("甲县政府", "甲县水务局"), "现行")
    assert _info(index, "乙.md") == before
    assert check(index) == []


def test_a_correction_stands_when_the_file_or_the_settings_change(index: Path, tmp_path: Path) -> None:
    edit("甲.md", {"number": "甲政发〔2021〕9号", "title": "甲县泵站办法"}, index)
    (tmp_path / "甲.md").write_text("# 甲县水泵办法\n\n水泵每45天检修一次。\n", "utf-8")
    assert build([tmp_path / "甲.md"], index, SETTINGS).updated == ("甲.md",)
    assert (_info(index).number, _info(index).title) == ("甲政发〔2021〕9号", "甲县泵站办法")
    build([], index, IndexSettings(passage_chars=200))
    assert _info(index).number == "甲政发〔2021〕9号"
    with Library.open(index) as library:
        assert any("甲县泵站办法" in passage.context for passage in library.passages_of("甲.md"))


def test_the_same_files_again_leave_the_index_alone(index: Path, tmp_path: Path) -> None:
    edit("甲.md", {"region": "甲县"}, index)
    report = build([tmp_path / "甲.md", tmp_path / "乙.md"], index, SETTINGS)
    assert report.unchanged == ("乙.md", "甲.md") and not report.updated
    assert edit("甲.md", {"region": "甲县"}, index).updated == ()


def test_a_correction_that_a_killed_build_left_behind_is_made_good(index: Path) -> None:
    write_edits(index, {"甲.md": {"level": "县级"}})
    assert build([], index, SETTINGS).updated == ("甲.md",)
    assert _info(index).level == "县级"


def test_a_removed_document_takes_its_correction_along(index: Path, tmp_path: Path) -> None:
    edit("甲.md", {"status": "废止"}, index)
    remove(["甲.md"], index)
    assert read_edits(index) == {}
    build([tmp_path / "甲.md"], index, SETTINGS)
    assert _info(index).status != "废止"


@pytest.mark.parametrize(
    "values", [{"date": "去年"}, {"date": "2020/1/1"}, {"title": "长" * 301}, {"title": "a\x00b"}, {"sha256": "x"}]
)
def test_a_value_that_cannot_stand_is_refused_and_nothing_changes(index: Path, values: dict[str, str]) -> None:
    before = _info(index)
    with pytest.raises(InputError):
        edit("甲.md", values, index)
    assert _info(index) == before and not (index / EDITS).exists()


def test_an_unknown_document_and_a_broken_file_of_corrections_are_named(index: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有.md"):
        edit("没有.md", {"status": "现行"}, index)
    (index / EDITS).write_text(json.dumps({"甲.md": {"date": 3}}), "utf-8")
    with pytest.raises(InputError):
        build([tmp_path / "甲.md"], index, SETTINGS)


def test_a_new_number_leads_the_others_and_none_clears_them() -> None:
    info = DocumentInfo(number="甲1号", numbers=("甲1号", "乙2号"))
    assert corrected(info, {"number": "丙3号"}).numbers == ("丙3号", "乙2号")
    assert corrected(info, {"number": ""}).numbers == ()
    assert corrected(info, None) is info
    assert checked({"title": "  甲\n 乙 "}) == {"title": "甲 乙"}
