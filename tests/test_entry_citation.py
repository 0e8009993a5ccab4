"""What names an entry and what is said of it are one citation, and its quote is what the spans print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_library import cited, written

from index.text import quote_of
from rag.quote import identity_of, lines, one_source
from rag.service import PolicyQA
from rag.statement import Reader, Statement, of_record

FILE = "节水技术目录.csv"
TABLE = """序号,技术名称,申报单位,适用范围,节水效果
1,白水 回收技术,白鹭水务公司,适用于造纸行业,每年节水20万吨；无废水。
2,"逆流
漂洗技术",青石机电公司,适用于印染行业,每年节水5万吨
3,闭式循环技术, 丰谷金属公司 ,适用于有色行业,每年节水7 万吨
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("cited"), {FILE: TABLE})


def said(qa: PolicyQA) -> list[Statement]:
    """Return every statement of every entry."""
    rows = {p.record: p for p in qa.library.passages_of(FILE) if p.record >= 0}
    reader = Reader(qa.library)
    return [s for n, record in enumerate(qa.library.records(FILE)) for s in of_record(record, rows[n], 0, reader)]


@given(data=st.data())
def test_the_quote_of_an_entry_is_what_its_spans_print(qa: PolicyQA, data: st.DataObject) -> None:
    statement = data.draw(st.sampled_from(said(qa)))
    names = [i for i in identity_of(statement, Reader(qa.library)) if data.draw(st.booleans())]
    source = one_source(names, statement, Reader(qa.library))
    raw = qa.library.raw(FILE)
    assert source.text == quote_of(raw, source.spans)
    assert len(set(source.spans)) == len(source.spans)
    assert {s for part in (*names, statement) for s in part.spans} == set(source.spans)
    assert all(source.target.text.count(part.target.text) == 1 for part in (*names, statement))


@given(data=st.data())
def test_a_line_about_an_entry_has_one_source(qa: PolicyQA, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(said(qa)), min_size=1, max_size=4))
    for line in lines(chosen, Reader(qa.library)):
        assert len(line.sources) == 1
        assert line.sources[0].text == quote_of(qa.library.raw(FILE), line.sources[0].spans)


def test_a_figure_of_an_entry_has_one_citation_that_also_names_the_entry(qa: PolicyQA) -> None:
    answer = cited(qa, "闭式循环技术每年节水多少？")
    assert answer.text == "闭式循环技术（丰谷金属公司）：每年节水7万吨[1]"
    (citation,) = answer.citations
    assert citation.quote == "闭式循环技术丰谷金属公司每年节水7万吨"


def test_an_entry_that_is_named_is_not_said_a_second_time(qa: PolicyQA) -> None:
    assert cited(qa, "闭式循环技术的申报单位是谁？").text == "闭式循环技术：丰谷金属公司[1]"
