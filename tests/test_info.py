"""What documents say about themselves: titles of issued documents, 文号, issuers, dates, regions, levels."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.structure import document_info, outline
from index.structure.dates import in_force, iso
from index.structure.places import place_of
from index.types import DocumentInfo, Source, Span

NOTICE = """某省水利厅文件

湘水节[2024]12号

某省水利厅 关于转发《关于印发<小型锅炉
改造目录（2023）>的通知》的通知

各市水利局：

现转发给你们，请结合实际执行。

湖南省水利厅

2024 年 3 月 4 日

中华人民共和国水利部

水节约〔2023〕7号

关于印发《小型锅炉改造目录（2023）》的通知

各省水利厅：

请遵照执行。

小型锅炉改造目录（2023）

一、范围

本目录自印发之日起施行。
"""


def info(raw: str, file: str = "t.txt", known: DocumentInfo | None = None) -> DocumentInfo:
    source = Source(file, "0", raw, (), known or DocumentInfo())
    return document_info(source, outline(source))


def test_a_forwarding_notice_gives_the_title_of_the_document_and_both_numbers() -> None:
    found = info(NOTICE)
    assert found.title == "小型锅炉改造目录（2023）"
    assert found.numbers == ("湘水节〔2024〕12号", "水节约〔2023〕7号")
    assert found.number == "湘水节〔2024〕12号"
    assert (found.date, found.effective) == ("2024-03-04", "2024-03-04")


def test_a_notice_alone_names_the_document_that_it_issues() -> None:
    assert info("某省水利厅关于印发《节水方案》的通知\n\n各市：\n\n请执行。").title == "节水方案"
    assert info("关于转发《关于印发<节水方案>的通知》的通知\n\n各市：\n\n请执行。").title == "节水方案"


def test_a_letter_spaced_letterhead_gives_all_joint_issuers() -> None:
    raw = (
        "加 急\n\n生态 环 境 部 办 公 厅\n科 学 技 术 部 办 公 厅 文件\n交 通 运 输 部 办 公 厅\n\n"
        "环办〔2024〕3号\n\n关于印发《甲方案》的通知\n\n各省：\n\n请执行。\n\n生态环境部办公厅\n\n科技部办公厅\n\n"
        "2024年2月6日\n"
    )
    found = info(raw)
    assert found.issuers == ("生态环境部办公厅", "科学技术部办公厅", "交通运输部办公厅")
    assert (found.region, found.level, found.date) == ("全国", "国家级", "2024-02-06")


def test_signatures_name_the_issuers_where_there_is_no_letterhead() -> None:
    raw = (
        "湘水〔2024〕1号\n\n湖南省水利厅 湖南省财政厅关于印发《甲意见》的通知\n\n各市：\n\n请执行。\n\n"
        "湖南省水利厅\n\n湖南省财政厅 2024年6月1日\n\n甲意见\n\n本意见自公布之日起施行。"
    )
    found = info(raw)
    assert found.issuers == ("湖南省水利厅", "湖南省财政厅")
    assert (found.region, found.level, found.effective) == ("湖南省", "省级", "2024-06-01")


def test_front_matter_wins() -> None:
    raw = (
        "---\ntitle: 甲规划（摘要）\ndoc_number: 甲规〔2021〕1号\nissuers: 工业和信息化部、财政部\n"
        "date: 2021-11-15\nregion: 全国\nlevel: 国家级\n---\n\n"
        "# 别的标题\n\n正文一段。"
    )
    found = info(raw)
    assert (found.title, found.number, found.issuers) == (
        "甲规划（摘要）",
        "甲规〔2021〕1号",
        ("工业和信息化部", "财政部"),
    )
    assert (found.date, found.region, found.level) == ("2021-11-15", "全国", "国家级")


def test_a_law_tells_who_passed_it_and_since_when_it_applies() -> None:
    raw = (
        "# 江城市节水条例\n\n2006年3月29日 江城市第十届人民代表大会常务委员会第二次会议通过\n\n"
        "2017年9月30日 江城市第十二届人民代表大会常务委员会第四次会议修订\n\n<!-- INFO END -->\n\n"
        "第一条 为了节水，制定本条例。\n\n第二条 本条例自2006年6月1日起施行。2001年公布的旧办法同时废止。"
    )
    found = info(raw)
    assert found.issuers == ("江城市人民代表大会常务委员会",)
    assert (found.title, found.date, found.effective) == ("江城市节水条例", "2017-09-30", "2006-06-01")
    assert (found.region, found.level, found.status) == ("江城市", "市级", "")


def test_what_is_not_said_stays_empty() -> None:
    found = info("附件：\n\n2024年度节水典型案例名单\n\n甲厂安装水表。")
    assert found == DocumentInfo(title="2024年度节水典型案例名单")


def test_without_any_title_the_file_names_the_document() -> None:
    assert info("这里只有一段话，没有标题。", "用水记录.txt").title == "用水记录"
    assert info("", "空.txt").title == "空"


def test_what_the_reader_knows_stands() -> None:
    assert info("正文一段。", known=DocumentInfo(title="已知标题")).title == "已知标题"


@pytest.mark.parametrize(
    ("name", "region", "level"),
    [
        ("湖南省工业和信息化厅", "湖南省", "省级"),
        ("上海市水务局", "上海市", "省级"),
        ("内蒙古自治区水利厅", "内蒙古自治区", "省级"),
        ("广西壮族自治区人民政府", "广西壮族自治区", "省级"),
        ("浙江省宁波市人民政府", "浙江省宁波市", "市级"),
        ("生态环境部办公厅", "全国", "国家级"),
        ("国家发展改革委", "全国", "国家级"),
        ("某某有限公司", "", ""),
    ],
)
def test_the_issuer_tells_region_and_level(name: str, region: str, level: str) -> None:
    assert place_of(name) == (region, level)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024年6月11日", "2024-06-11"),
        ("二〇二一年十一月十五日", "2021-11-15"),
        ("2024年6月", "2024-06"),
        ("2024年13月1日", ""),
        ("无", ""),
    ],
)
def test_dates_become_iso(text: str, date: str) -> None:
    assert iso(text) == date


def test_only_the_documents_own_start_counts() -> None:
    assert in_force(["依照自2001年1月1日起施行的旧办法办理。"], "") == ""
    assert in_force(["本办法自2024年5月1日起施行。"], "") == "2024-05-01"


REAL = {
    "000": (
        "国家清洁生产先进技术目录（2022）",
        ("晋环办函〔2023〕5号", "环办科财函〔2023〕11号"),
        "",
        "山西省、全国",
        "省级、国家级",
        2,
    ),
    "001": ('"十四五"工业绿色发展规划', ("工信部规〔2021〕178号",), "2021-11-15", "全国", "国家级", 1),
    "002": (
        "关于深入推进全省工业领域清洁生产工作的实施意见",
        ("湘工信节能〔2024〕194号",),
        "2024-06-11",
        "湖南省",
        "省级",
        2,
    ),
    "003": ("国家重点低碳技术征集推广实施方案", ("环办气候〔2024〕2号",), "2024-02-06", "全国", "国家级", 6),
    "004": ("2024年度轻工业绿色低碳转型典型案例名单", (), "", "", "", 0),
}


@pytest.mark.parametrize("number", REAL)
def test_the_real_documents_say_who_they_are(real_corpus: Path, number: str) -> None:
    path = next(real_corpus.glob(f"{number}_*.txt"))
    source = Source(path.name, "0", path.read_bytes().decode("utf-8-sig"))
    rows = [Span(0, 0)]
    found = document_info(source, outline(source, rows))
    title, numbers, date, region, level, issuers = REAL[number]
    assert (found.title, found.numbers, found.date) == (title, numbers, date)
    assert (found.region, found.level, len(found.issuers)) == (region, level, issuers)
    assert found.effective == (found.date if number == "002" else "")


def test_the_sample_collection_says_who_it_is(sample_corpus: Path) -> None:
    found = {p.name[:4]: info(p.read_bytes().decode("utf-8-sig"), p.name) for p in sample_corpus.glob("*.md")}
    assert found["国家重点"].number == "环办气候〔2024〕2号"
    assert len(found["国家重点"].issuers) == 6
    assert found["湖南省工"].region == "湖南省"
    assert found["清洁生产"].title == "国家清洁生产先进技术目录（2022）：文件说明"
