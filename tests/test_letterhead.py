"""Several things asked of a document at once: each of them is read off its letterhead."""

from __future__ import annotations

import pytest
from written_library import cited, written

from rag.service import PolicyQA

NOTICE = """清溪县水务局 清溪县财政局
清水发〔2024〕18号

关于印发《清溪县节水奖励办法》的通知

各乡镇人民政府：

现将《清溪县节水奖励办法》印发给你们，请遵照执行。

清溪县水务局
清溪县财政局
2024年3月8日

清溪县节水奖励办法

第一章 总则

第一条 节约用水的企业给予奖励。

第二条 园区内的企业应当安装计量表。
"""
NUMBER, DATE, ISSUERS = "清水发〔2024〕18号", "2024年3月8日", ("清溪县水务局", "清溪县财政局")


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("letterhead"), {"办法.txt": NOTICE})


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("清溪县节水奖励办法的文号是什么，什么时候印发的？", (NUMBER, DATE)),
        ("清溪县节水奖励办法的文号是多少，日期呢？", (NUMBER, DATE)),
        ("清溪县节水奖励办法是谁印发的，文号是多少？", (NUMBER, *ISSUERS)),
        ("清溪县节水奖励办法由谁发布的、文号是多少、什么时候发布的？", (NUMBER, *ISSUERS, DATE)),
        ("《清溪县节水奖励办法》是谁印发的，文号和日期是多少？", (NUMBER, *ISSUERS, DATE)),
    ],
)
def test_each_thing_asked_of_a_document_is_told_and_cited(qa: PolicyQA, question: str, told: tuple[str, ...]) -> None:
    answer = cited(qa, question)
    assert sorted(c.quote for c in answer.citations) == sorted(told)
    assert all(value in answer.text for value in told)


def test_what_is_not_asked_of_a_document_is_not_told(qa: PolicyQA) -> None:
    answer = cited(qa, "清溪县节水奖励办法的文号是什么？")
    assert [c.quote for c in answer.citations] == [NUMBER]
