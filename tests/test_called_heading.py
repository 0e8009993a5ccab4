"""A heading's items are the list that was asked for when they are called by the noun asked; else it gives way."""

from __future__ import annotations

import pytest
from written_library import cited, written

from rag.service import PolicyQA

PLAN = """青石县节水规划

一、重点设备

（一）水泵。更换高效水泵。

（二）阀门。更换自动阀门。

二、重点行业

（一）造纸。推行白水回收。

（二）印染。推行逆流漂洗。

三、主要原则要求

（一）政府引导原则。政府给予资金支持。

（二）企业主体原则。企业承担节水责任。

四、节水奖励安排

（一）先行申报。申报在三月办理。

（二）集中审核。审核在五月办理。

五、经费

节水奖励资金由县财政和乡镇共同承担。
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("headings"), {"规划.txt": PLAN})


@pytest.mark.parametrize(
    ("question", "items"),
    [
        ("节水规划的重点行业有哪些？", ("造纸", "印染")),
        ("节水规划列了哪几种设备？", ("水泵", "阀门")),
        ("节水规划里有哪几条原则？", ("政府引导", "企业主体")),
    ],
)
def test_the_heading_or_items_called_by_the_noun_are_listed(
    qa: PolicyQA, question: str, items: tuple[str, ...]
) -> None:
    text = cited(qa, question).text
    assert "共2" in text and all(item in text for item in items)


def test_a_heading_that_is_not_called_by_the_noun_gives_way_to_the_sentence_that_is(qa: PolicyQA) -> None:
    text = cited(qa, "节水奖励安排有哪些资金？").text
    assert "县财政和乡镇" in text and "集中审核" not in text


def test_a_noun_that_the_document_lists_nothing_of_gets_no_other_list(qa: PolicyQA) -> None:
    answer = qa.answer("节水规划里有哪些重点区域？")
    assert answer.refused or "共2" not in answer.text
