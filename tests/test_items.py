"""Articles of a law: items come with the sentence that introduces them, terms of one article stay together."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.text import quote_of
from rag.service import PolicyQA
from tests.written_library import cited, written

LAW = """青石市噪声管理条例

第一条 为了防治噪声，制定本条例。

第二条 有下列情形之一的，应当停止作业：

（一）学校举行考试的；

（二）医院抢救病人的；

（三）夜间未经许可的。

第三条 装修单位违反本条例的，处五百元以上二千元以下的罚款：

（一）午休时间使用电钻的；

（二）清晨搬运石材的。

第四条 居民可以向街道投诉。街道应当自收到投诉之日起七个工作日内答复；情况紧急的，应当在二十四小时内答复。

第五条 延迟缴纳罚款的，每日按罚款数额的百分之三加处。

第六条 本条例自2023年5月1日起施行。
"""
OTHER = """青石市绿地管理办法

第一条 单位应当养护绿地。

第二条 占用绿地的，应当自占用之日起十日内报告。
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("items"), {"噪声.txt": LAW, "绿地.txt": OTHER})


def test_a_list_gives_the_introduction_and_every_item(qa: PolicyQA) -> None:
    answer = cited(qa, "青石市噪声管理条例规定哪些情形应当停止作业？")
    assert [line.split("[")[0] for line in answer.text.splitlines()] == [
        "第二条有下列情形之一的，应当停止作业：",
        "（一）学校举行考试的；",
        "（二）医院抢救病人的；",
        "（三）夜间未经许可的。",
    ]


def test_the_items_are_counted(qa: PolicyQA) -> None:
    assert cited(qa, "应当停止作业的情形一共有几项？").text.startswith("共3项")


def test_a_fine_that_stands_before_the_items_is_given_with_the_item(qa: PolicyQA) -> None:
    answer = cited(qa, "午休时间使用电钻装修，罚多少钱？")
    assert "五百元以上二千元以下" in answer.text and "午休" in answer.text
    for citation in answer.citations:
        assert quote_of(qa.library.raw(citation.doc), citation.spans) == citation.quote


def test_an_item_is_found_by_the_words_of_its_introduction(qa: PolicyQA) -> None:
    hits = qa.search("考试期间停止作业", 1)
    assert "考试" in hits[0].passage.text and "停止作业" in f"{hits[0].passage.context}{hits[0].passage.text}"


def test_the_terms_of_one_article_stay_together(qa: PolicyQA) -> None:
    text = cited(qa, "街道收到投诉后最晚多久答复？").text
    assert "七个工作日" in text and "二十四小时" in text


def test_a_law_is_known_by_its_short_name(tmp_path: Path) -> None:
    texts = {"甲.txt": LAW.replace("青石市噪声管理条例", "噪声污染防治法"), "乙.txt": OTHER}
    answer = cited(written(tmp_path, texts), "噪污法从哪天起施行？")
    assert "2023年5月1日" in answer.text


def test_a_rate_of_another_order_is_no_answer(qa: PolicyQA) -> None:
    assert qa.answer("延迟缴纳罚款，每天按万分之几加处？").refused
