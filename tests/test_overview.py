"""What a document or a numbered part is about, whole columns and groups of a table, and where a statement stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from written_library import cited, opened, written

from rag.service import PolicyQA

PLAN = """清溪县工业节水“十五五”行动计划

清溪县工业和信息化局

2026年2月1日

一、基础与形势

“十四五”期间，万元产值用水量下降18%。

二、主要目标

到2030年，再生水利用率达到40%。

三、重点任务

（一）推广循环冷却

企业应当把直流冷却改成循环冷却。

（二）建设再生水管网

园区应当铺设再生水管网20公里。

专栏2 节水改造工程

印染企业：推广小浴比染色。

造纸企业：推广白水回收。

四、保障措施

县财政每年安排节水资金300万元。
"""
LAW = """青石市供水管理办法

青石市水务局

2024年4月1日

第一章 总则

第一条 为了保障供水安全，制定本办法。

第二章 设施维护

第二条 供水管网每两年检查一次。

第三条 检查记录保存十年。

第三章 附则

第四条 本办法自2024年6月1日起施行。
"""
TABLE = """序号,技术名称,申报单位,适用范围,节水效果,节电效果
类别一：源头减量,,,,,
1,闭式循环冷却塔,甘泉机械厂,适用于水泥企业,每年省下12万吨,
2,双碱法脱硫装置,北岭环保公司,适用于陶瓷企业,未载明,每年省下5万度
类别二：末端回用,,,,,
3,双膜中水回用装置,南浦水处理公司,适用于印染企业,回用率达到70%,
4,干式除尘系统,东岸设备厂,适用于铸造企业,,每年省下3万度
"""
DOCUMENTS = {"计划.txt": PLAN, "供水办法.txt": LAW, "技术目录.csv": TABLE}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("overview"), DOCUMENTS)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("table"), {"技术目录.csv": TABLE})


@pytest.fixture(scope="module")
def sample(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return opened(tmp_path_factory.mktemp("sample"), sample_corpus)


def in_order(text: str, *words: str) -> bool:
    places = [text.replace(" ", "").find(w) for w in words]
    return -1 not in places and places == sorted(places)


@pytest.mark.parametrize("ask", ["介绍一下清溪县行动计划", "清溪县行动计划讲了什么？", "清溪县行动计划的主要内容"])
def test_a_document_is_introduced_by_its_name_and_its_uppermost_headings(small: PolicyQA, ask: str) -> None:
    answer = cited(small, ask)
    head, *lines = answer.text.splitlines()
    assert "清溪县工业节水“十五五”行动计划" in head and "2026-02-01" in head and "清溪县工业和信息化局" in head
    assert len(lines) == len(answer.citations) == 4
    assert in_order(answer.text, "基础与形势", "主要目标", "重点任务", "保障措施")
    assert "循环冷却" not in answer.text


def test_a_law_is_introduced_by_its_chapters(small: PolicyQA) -> None:
    answer = cited(small, "介绍一下供水管理办法")
    assert in_order(answer.text, "总则", "设施维护", "附则")
    assert {c.doc for c in answer.citations} == {"供水办法.txt"}


def test_a_numbered_box_is_told_with_all_it_holds_and_nothing_after_it(small: PolicyQA) -> None:
    answer = cited(small, "专栏2讲了什么？")
    assert in_order(answer.text, "专栏2节水改造工程", "小浴比染色", "白水回收")
    assert "保障措施" not in answer.text and "300" not in answer.text


def test_a_chapter_is_told_with_its_articles_up_to_the_next_chapter(small: PolicyQA) -> None:
    answer = cited(small, "供水管理办法第二章讲了什么？")
    assert in_order(answer.text, "第二章设施维护", "每两年检查一次", "保存十年")
    assert "供水安全" not in answer.text and "施行" not in answer.text


def test_a_question_of_substance_gets_no_overview(small: PolicyQA) -> None:
    answer = cited(small, "清溪县行动计划里再生水利用率要达到多少？")
    assert "40%" in answer.text and "的主要部分" not in answer.text


def test_a_named_group_is_listed_whole_and_alone(small: PolicyQA) -> None:
    answer = cited(small, "末端回用有哪些技术？")
    assert in_order(answer.text, "共2项", "双膜中水回用装置", "干式除尘系统")
    assert "双碱法" not in answer.text and "冷却塔" not in answer.text


def test_the_entries_of_a_named_group_are_counted(small: PolicyQA) -> None:
    answer = cited(small, "源头减量类一共几项技术？")
    assert in_order(answer.text, "共2项", "闭式循环冷却塔", "双碱法脱硫装置")


@pytest.mark.parametrize("asked", ["以“双”打头的技术有哪些？", "哪些技术以“双”开头？"])
def test_a_prefix_lists_the_entries_that_start_with_it(small: PolicyQA, asked: str) -> None:
    answer = cited(small, asked)
    assert in_order(answer.text, "共2项", "双碱法脱硫装置", "双膜中水回用装置")
    assert "闭式" not in answer.text and "干式" not in answer.text


def test_a_column_asked_for_lists_the_entries_where_it_is_filled(table: PolicyQA) -> None:
    answer = cited(table, "哪些技术能省电？")
    assert in_order(answer.text, "共2项", "双碱法脱硫装置", "干式除尘系统")
    assert "冷却塔" not in answer.text and "双膜" not in answer.text


def test_a_cell_that_says_not_stated_is_an_empty_one(table: PolicyQA) -> None:
    answer = cited(table, "哪些技术能省水？")
    assert in_order(answer.text, "共2项", "闭式循环冷却塔", "双膜中水回用装置")
    assert "双碱法" not in answer.text and "干式" not in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        "目录一共收录多少项技术？",
        "技术目录里共有多少项技术？",
    ],
)
def test_a_whole_table_is_counted_with_its_ends_and_without_group_rows(small: PolicyQA, asked: str) -> None:
    answer = cited(small, asked)
    assert in_order(answer.text, "共4项", "闭式循环冷却塔", "干式除尘系统")


def test_the_group_of_an_entry_is_said_and_cited(small: PolicyQA) -> None:
    answer = cited(small, "双膜中水回用装置属于哪一类？")
    assert "末端回用" in answer.text and "源头减量" not in answer.text
    assert any("末端回用" in c.quote for c in answer.citations)


def test_the_headings_above_a_statement_are_said_and_cited(small: PolicyQA) -> None:
    answer = cited(small, "铺设再生水管网20公里在哪一章？")
    assert in_order(answer.text, "20公里", "三、重点任务", "（二）建设再生水管网")
    quotes = "".join(c.quote for c in answer.citations)
    assert "重点任务" in quotes and "建设再生水管网" in quotes


SAMPLE: dict[str, Callable[[str], bool]] = {
    "专栏6讲了什么": lambda t: in_order(t, "专栏6", "钢铁行业", "机械行业"),
    "介绍一下湖南的意见": lambda t: in_order(t, "194号", "总体要求", "重点工作"),
    "哪些技术能省水？": lambda t: in_order(t, "共", "无氰镀金", "石灰窑") and t.count("\n") >= 10,
}


@pytest.mark.parametrize("question", SAMPLE)
def test_the_sample_collection_is_told_in_overview(sample: PolicyQA, question: str) -> None:
    answer = cited(sample, question)
    assert SAMPLE[question](answer.text), answer.text
    assert len({c.doc for c in answer.citations}) == 1


def test_a_count_says_as_many_entries_as_the_column_has_filled(sample: PolicyQA) -> None:
    head, *lines = cited(sample, "哪些技术能省水？").text.splitlines()
    assert f"共{len(lines)}" in head


def test_a_chapter_that_the_law_lacks_is_refused(small: PolicyQA) -> None:
    assert small.answer("供水管理办法第八章讲了什么？").refused


@pytest.mark.parametrize("asked", ["专栏9讲了什么？", "清溪县行动计划的专栏9讲了什么？"])
def test_a_part_that_no_document_has_is_refused(small: PolicyQA, asked: str) -> None:
    assert small.answer(asked).refused


def test_a_prefix_that_no_entry_has_is_refused(table: PolicyQA) -> None:
    assert table.answer("以“锌”打头的技术有哪些？").refused


def test_a_catalogue_is_introduced_by_its_groups(small: PolicyQA) -> None:
    answer = cited(small, "介绍一下技术目录")
    assert "源头减量" in answer.text and "末端回用" in answer.text


def test_the_only_table_of_a_library_is_counted(table: PolicyQA) -> None:
    assert "共4项" in table.answer("目录一共收录多少项技术？").text


def test_the_sample_catalogue_is_counted_whole(sample: PolicyQA) -> None:
    table = next(d for d in sample.library.documents() if d.file.endswith(".csv"))
    assert f"共{table.records}项" in sample.answer("目录里一共收录了多少项技术？").text


def test_the_count_of_a_table_tells_its_groups_and_the_sentence_that_says_so(tmp_path: Path) -> None:
    notice = "青石市技术目录说明\n\n青石市环境局\n\n2024年4月1日\n\n本次技术目录一共收录四项技术，分两类。\n"
    qa = written(tmp_path, {"技术目录.csv": TABLE, "说明.txt": notice})
    answer = cited(qa, "技术目录一共收录多少项技术？")
    assert in_order(answer.text, "共4项", "分2类", "源头减量（2项）", "末端回用（2项）", "一共收录四项技术")
    assert {c.doc for c in answer.citations} == {"技术目录.csv", "说明.txt"}


def test_a_count_of_what_nothing_speaks_of_is_refused(small: PolicyQA, sample: PolicyQA) -> None:
    for qa in (small, sample):
        assert qa.answer("外星人一共有多少项技术？").refused


def test_a_table_without_groups_is_introduced_by_its_first_entries(sample: PolicyQA) -> None:
    answer = cited(sample, "介绍一下清洁生产先进技术目录")
    head, *lines = answer.text.splitlines()
    assert "收录20项，前16项是" in head and len(lines) == len(answer.citations) == 16
