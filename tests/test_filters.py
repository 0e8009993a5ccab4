"""Filters keep the documents that say what was chosen, and menus offer what occurs."""

from __future__ import annotations

import pytest

from index.view import View
from rag.filters import UNSTATED, Choices, Filter, values_of
from rag.service import PolicyQA
from tests.written_library import written

HEAD = "---\ntitle: {}\nregion: {}\nlevel: {}\ndate: {}\nstatus: {}\ndoc_number: {}\n---\n"
LIBRARY = {
    "a.md": HEAD.format("节水办法", "全国", "国家级", "2021-03-02", "现行", "甲发〔2021〕5号") + "各地应当节水。\n",
    "b.md": HEAD.format("节水细则", "云南省", "省级", "2023-07", "现行", "乙发〔2023〕18号") + "取水应当计量。\n",
    "c.md": HEAD.format("节水转发", "云南省、全国", "省级", "2023", "废止", "丙发〔2023〕7号") + "现予转发。\n",
    "d.txt": "喷灌优先用再生水。\n",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("filters"), LIBRARY)


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        (Filter(files=("a.md", "d.txt", "nowhere.md")), {"a.md", "d.txt"}),
        (Filter(regions=("全国",)), {"a.md", "c.md"}),
        (Filter(regions=("云南省",), years=("2021", "2023")), {"b.md", "c.md"}),
        (Filter(levels=("省级",), statuses=("现行",)), {"b.md"}),
        (Filter(years=("2023",)), {"b.md", "c.md"}),
        (Filter(years=("２０２１",)), {"a.md"}),
        (Filter(numbers=("乙发[2023]18号",)), {"b.md"}),
        (Filter(numbers=("乙发〔2023〕8号",)), set()),
        (Filter(regions=(UNSTATED,)), {"d.txt"}),
        (Filter(statuses=("废止", UNSTATED)), {"c.md", "d.txt"}),
        (Filter(files=("a.md",), regions=("云南省",)), set()),
    ],
)
def test_a_filter_keeps_what_meets_each_of_its_fields(qa: PolicyQA, chosen: Filter, kept: set[str]) -> None:
    assert chosen.files_of(qa.library) == kept


def test_an_empty_filter_sets_no_limit(qa: PolicyQA) -> None:
    assert Filter().files_of(qa.library) is None


def test_menus_offer_what_occurs(qa: PolicyQA) -> None:
    found = values_of(qa.library)
    assert found.files[:2] == (("a.md", "节水办法"), ("b.md", "节水细则"))
    assert found.regions == ("全国", "云南省", UNSTATED)
    assert found.levels == ("国家级", "省级", UNSTATED)
    assert found.years == ("2023", "2021", UNSTATED)
    assert set(found.statuses) == {"现行", "废止", UNSTATED}
    assert len(found.numbers) == 4


def test_each_offered_value_keeps_some_document(qa: PolicyQA) -> None:
    found = values_of(qa.library)
    for name in ("regions", "levels", "years", "statuses", "numbers"):
        assert getattr(found, name)
        assert all(Filter(**{name: (value,)}).files_of(qa.library) for value in getattr(found, name))


def test_menus_over_a_view_offer_nothing_of_other_documents(qa: PolicyQA) -> None:
    found = values_of(View(qa.library, {"b.md"}))
    assert found == Choices(
        (("b.md", "节水细则"),), ("云南省",), ("省级",), ("2023",), ("现行",), ("乙发〔2023〕18号",)
    )


def test_nothing_stated_is_nothing_offered(qa: PolicyQA) -> None:
    assert values_of(View(qa.library, {"d.txt"})).statuses == ()
