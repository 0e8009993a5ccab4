"""A typed 第X条 is answered by that article: the newest edition, another where its number is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_library import cited, plain, written

from index.build import build
from index.config import IndexSettings
from rag.articles import MAX_CHARS, value_of
from rag.config import Settings
from rag.scope import find_scope, titles_of
from rag.service import PolicyQA

OLD = """长河市工业节约用水管理办法

长水发〔2019〕7号

长河市水务局

2019年3月2日

第一章 总则

第一条 为了节约工业用水，制定本办法。

第二条 年取水量超过50万立方米的企业，应当每五年开展一次水平衡测试。

第三条 重复利用率达到85%以上的企业，给予奖励8万元。
"""
NEW = """长河市工业节约用水管理办法

长水发〔2023〕15号

长河市水务局

2023年5月8日

第一章 总则

第一条 为了规范工业用水，减少浪 费，制定本办法。

第二条 年取水量超过 30 万立方米的
企业，应当每三年开展一次水平衡测试。

第二章 奖励与处罚

第三条 有下列情形之一的，给予奖励：

（一）水的重复利用率达到 95% 以上的；

（二）提前完成改造任务的。

第四条 未按期开展测试的，由水务部门责令改正，处 5000 元罚款。

第十二条 本办法自2023年7月1日起施行。
"""
LAW, OTHER = "长河市工业节约用水管理办法", "青石市锅炉管理规定"
BOILERS = """青石市锅炉管理规定

青石市环境局

2024年1月5日

第一条 本规定适用于燃煤锅炉。

第二条 锅炉每年检修两次。
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    documents = {"旧.txt": OLD, "新.txt": NEW, "锅炉.txt": BOILERS}
    return written(tmp_path_factory.mktemp("articles"), documents)


@pytest.mark.parametrize(
    "asked", ["节约用水管理办法第二条是什么？", "长河市节约用水管理办法第2条", f"《{LAW}》第二条规定了什么"]
)
def test_an_article_comes_from_the_newest_edition(qa: PolicyQA, asked: str) -> None:
    answer = cited(qa, asked)
    assert "30万立方米" in plain(answer.text) and "每三年" in answer.text
    assert "50万" not in plain(answer.text)
    assert {c.doc for c in answer.citations} == {"新.txt"}


def test_a_typed_document_number_chooses_the_older_edition(qa: PolicyQA) -> None:
    answer = cited(qa, "长水发〔2019〕7号第二条")
    assert "50万立方米" in plain(answer.text)
    assert {c.doc for c in answer.citations} == {"旧.txt"}


def test_a_typed_year_chooses_the_edition_of_that_year(qa: PolicyQA) -> None:
    assert "50万立方米" in plain(cited(qa, "2019年的节约用水管理办法第二条是什么？").text)


def test_an_article_is_shown_whole_with_its_items_and_no_more(qa: PolicyQA) -> None:
    answer = cited(qa, "节约用水管理办法第三条的内容")
    told = plain(answer.text)
    assert "下列情形" in told and "95%" in told and "提前完成改造任务" in told
    assert "罚款" not in told and "8万元" not in told
    assert len(answer.citations) == len(answer.text.splitlines()) == 3


def test_an_article_names_the_chapter_that_it_stands_in(qa: PolicyQA) -> None:
    (citation,) = cited(qa, "节约用水管理办法第四条").citations
    assert "奖励与处罚" in citation.locator.label()


@pytest.mark.parametrize("asked", ["节约用水管理办法第十二条", "节约用水管理办法第12条"])
def test_an_article_is_found_in_figures_and_in_characters(qa: PolicyQA, asked: str) -> None:
    answer = cited(qa, asked)
    assert "施行" in answer.text and "水平衡" not in answer.text


def test_two_articles_are_both_shown_in_the_order_asked(qa: PolicyQA) -> None:
    told = plain(cited(qa, "节约用水管理办法第四条和第二条").text)
    assert 0 <= told.find("5000元") < told.find("30万立方米")


def test_the_article_of_another_document_is_its_own(qa: PolicyQA) -> None:
    answer = cited(qa, f"{OTHER}第二条")
    assert "检修两次" in answer.text
    assert {c.doc for c in answer.citations} == {"锅炉.txt"}


def test_an_article_that_the_document_lacks_is_refused_by_its_number(qa: PolicyQA) -> None:
    answer = qa.answer("节约用水管理办法第九十九条的规定是什么？")
    assert answer.refused and "第九十九条" in answer.reason


def test_an_absent_article_is_not_answered_by_an_overview(qa: PolicyQA) -> None:
    assert qa.answer("节约用水管理办法第九十九条写了什么？").refused


def test_a_long_article_is_cut_between_paragraphs(tmp_path: Path) -> None:
    items = "\n\n".join(f"（{'一二三四五六七八九'[i]}）" + f"第{i}号设备应当登记造册并报备；" * 20 for i in range(9))
    (tmp_path / "长.txt").write_text(f"青石市设备管理办法\n\n2024年1月5日\n\n第一条 企业应当：\n\n{items}\n", "utf-8")
    build([tmp_path / "长.txt"], tmp_path / "index", IndexSettings())
    answer = cited(PolicyQA.open(settings=Settings(index_dir=tmp_path / "index")), "青石市设备管理办法第一条")
    assert len(answer.text) <= MAX_CHARS + 80
    assert answer.text.splitlines()[-1].split("[")[0].endswith("；")


@pytest.mark.parametrize(
    ("article", "value"),
    [("第四十二条", 42), ("第42条", 42), ("第十条", 10), ("第一百零三条", 103), ("第二百一十条", 210), ("第条", -1)],
)
def test_the_number_of_an_article_is_read(article: str, value: int) -> None:
    assert value_of(article) == (value, 0)


@pytest.mark.parametrize("article", ["第一百三十三条之二", "第133条之二", "第133条之2"])
def test_an_article_put_in_later_has_a_number_of_its_own(article: str) -> None:
    assert value_of(article) == (133, 2)


def test_an_article_put_in_later_is_not_the_one_before_it(tmp_path: Path) -> None:
    text = "青石市节水条例\n\n第八条 单位应当节水。\n\n第八条之一 单位应当装表。\n\n第九条 违者警告。\n"
    (tmp_path / "节水.txt").write_text(text, "utf-8")
    build([tmp_path / "节水.txt"], tmp_path / "index", IndexSettings())
    qa = PolicyQA.open(settings=Settings(index_dir=tmp_path / "index"))
    assert "装表" in cited(qa, "青石市节水条例第8条之一").text
    assert "装表" not in cited(qa, "青石市节水条例第八条").text


@given(st.integers(1, 9999))
def test_every_number_in_figures_is_read_as_itself(number: int) -> None:
    assert value_of(f"第{number}条") == (number, 0)


@given(st.text(alphabet="一二三四五六七八九十百千零", max_size=8))
def test_no_article_number_in_characters_breaks_the_reading(inner: str) -> None:
    assert value_of(f"第{inner}条")[0] >= -1


@given(st.text(alphabet="一二三四五六七八九十百千零〇0123456789甲", max_size=8))
def test_no_mixed_article_number_breaks_the_reading(inner: str) -> None:
    assert value_of(f"第{inner}条")[0] >= -1


def test_an_odd_article_number_is_refused_not_a_fault(qa: PolicyQA) -> None:
    assert qa.answer("节约用水管理办法第0一条").refused


def test_a_round_zero_before_the_number_changes_nothing(qa: PolicyQA) -> None:
    assert "浪费" in plain(cited(qa, "节约用水管理办法第〇一条").text)


def test_the_number_of_the_article_is_no_word_of_a_title(tmp_path: Path) -> None:
    other = "关于适用锅炉规定第十二条的解释\n\n青石市环境局\n\n2025年1月5日\n\n第一条 本解释自印发之日起施行。\n"
    others = {f"解释{n}.txt": other.replace("锅炉", word) for n, word in enumerate(("供热", "电梯", "燃气", "消防"))}
    qa = written(tmp_path, {"锅炉.txt": BOILERS, "解释.txt": other, **others})
    scopes = [find_scope(q, titles_of(qa.library), lambda word: True) for q in ("锅炉规定", "锅炉规定第十二条")]
    assert scopes[1].boosts == scopes[0].boosts != {}
    assert scopes[1].articles == ("第十二条",)
