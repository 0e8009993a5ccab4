"""What the library does not say is refused: an unknown company, another year, an indicator, names, other talk."""

from __future__ import annotations

import pytest
from written_library import cited, written

from rag.service import PolicyQA

REPORT = """白鹭县用水报告

一、用水情况

2022年，园区取用新水90万吨，比上年减少6%。

2023年，园区取用新水70万吨，比2022年减少8%。

二、经营情况

园区共有企业30家，从业人员2000人，企业用地500亩。

三、工作安排

鼓励企业开展水平衡测试。

鼓励推行屋顶绿化。

支持园区建设再生水管网。

有关公司要编制节水计划。

丰谷园区、青石园区建设雨水收集池。

青石纸业公司、丰谷饮料公司安装计量水表。

推进水效对标，由青石纸业公司、丰谷饮料公司开展。
"""
TABLE = """序号,技术名称,申报单位,适用范围,节水效果
1,白水回收技术,白鹭水务公司,适用于造纸行业,每年节水20万吨
2,逆流漂洗技术,青石机电公司,适用于印染行业,每年节水5万吨
3,酒糟烘干技术,琅琊酒业,适用于酿酒行业,每年节水6万吨
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("absent"), {"报告.txt": REPORT, "节水技术目录.csv": TABLE})


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("霹雳虎电器一年取用新水多少吨？", "霹雳虎电器"),
        ("霓裳酒业的用水量是多少？", "霓裳酒业"),
        ("琥珀水务公司报了什么技术？", "琥珀水务公司"),
    ],
)
def test_a_company_that_nobody_in_the_library_mentions_is_refused_by_name(
    qa: PolicyQA, question: str, name: str
) -> None:
    answer = qa.answer(question)
    assert answer.refused and name in answer.reason


@pytest.mark.parametrize("question", ["白鹭水务公司报了什么技术？", "琅琊酒业报了什么技术？"])
def test_a_company_that_the_library_mentions_is_no_stranger(qa: PolicyQA, question: str) -> None:
    cited(qa, question)


@pytest.mark.parametrize("question", ["食品公司节水有什么要求？", "哪些公司安装计量水表？", "节能公司能节水多少？"])
def test_a_kind_of_company_is_no_name_of_one(qa: PolicyQA, question: str) -> None:
    assert "其中没有关于" not in qa.answer(question).reason


def test_why_something_happened_in_a_year_that_is_spoken_of_nowhere_is_refused(qa: PolicyQA) -> None:
    answer = qa.answer("为什么2019年园区取用新水减少？")
    assert answer.refused and "2019" in answer.reason
    assert "2022年" in cited(qa, "为什么2022年园区取用新水减少？").text


def test_a_figure_of_another_year_is_not_given_for_the_year_asked(qa: PolicyQA) -> None:
    answer = qa.answer("园区2021年取用新水多少吨？")
    assert answer.refused and "2021" in answer.reason


def test_an_indicator_that_no_statement_speaks_of_is_refused_by_name(qa: PolicyQA) -> None:
    answer = qa.answer("园区企业的营业收入是多少？")
    assert answer.refused and "营业收入" in answer.reason
    assert "2000人" in cited(qa, "园区企业的从业人员有多少？").text


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("开展水平衡测试的是哪家公司？", "具体单位"),
        ("推行屋顶绿化的是哪几个园区？", "具体的园区"),
        ("建设再生水管网的是哪几个园区？", "具体的园区"),
        ("要编制节水计划的是哪家公司？", "具体单位"),
    ],
)
def test_names_that_are_asked_for_and_given_nowhere_are_refused(qa: PolicyQA, question: str, lacking: str) -> None:
    answer = qa.answer(question)
    assert answer.refused and lacking in answer.reason


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("建设雨水收集池的是哪几个园区？", ("丰谷园区", "青石园区")),
        ("安装计量水表的是哪几家公司？", ("青石纸业公司", "丰谷饮料公司")),
    ],
)
def test_names_that_are_asked_for_are_given(qa: PolicyQA, question: str, names: tuple[str, str]) -> None:
    text = cited(qa, question).text
    assert all(name in text for name in names)


def test_a_question_of_everyday_words_is_answered_where_a_statement_says_them_all(qa: PolicyQA) -> None:
    assert "青石纸业公司" in cited(qa, "开展水效对标的是哪些公司？").text


@pytest.mark.parametrize(
    "question",
    [
        "今天天气怎么样？",
        "给我讲个笑话",
        "周末去哪里玩比较好？",
        "你喜欢吃火锅吗？",
        "周末带孩子去动物园玩有什么安排？",
    ],
)
def test_talk_of_other_things_is_refused(qa: PolicyQA, question: str) -> None:
    assert qa.answer(question).refused


@pytest.mark.parametrize("question", ["我家小猫不爱吃东西是什么情况？", "女朋友生气了应该怎么安排道歉？"])
def test_an_everyday_word_of_a_heading_is_no_answer_to_talk_of_other_things(qa: PolicyQA, question: str) -> None:
    assert qa.answer(question).refused
