"""Understanding a question: its kind, its terms and other words for them, its clauses, its search weights."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text import fold, tokens
from index.thesaurus import Thesaurus, default_thesaurus
from rag.query import Query, kind_of, understand

LINES = "pollutant\t颗粒物\t粉尘|烟粉尘\t除尘\nindustry\t焦化\t炼焦|coking\t钢铁\n"
ASKING = ("多少", "哪些", "怎么", "？", "吗", "的", "有", "几个", "为什么", "请问")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Thesaurus:
    folder = tmp_path_factory.mktemp("lexicon")
    (folder / "a.tsv").write_text(LINES, "utf-8")
    return Thesaurus.read(folder)


def texts(query: Query) -> list[str]:
    return [term.text for term in query.terms]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("哪些技术适合印染企业？", "list"),
        ("请列出全部重点任务", "list"),
        ("目录里有多少项技术？", "count"),
        ("一共分几类？", "count"),
        ("甲厂和乙厂哪个更省水？", "compare"),
        ("两项技术有什么区别？", "compare"),
        ("为什么要做水平衡测试？", "reason"),
        ("余热是怎样回收的？", "reason"),
        ("有没有补贴？", "yesno"),
        ("年节水多少吨？", "fact"),
        ("主管部门是谁", "fact"),
        ("", "fact"),
    ],
)
def test_the_kind_of_answer_follows_from_the_words(question: str, kind: str) -> None:
    assert kind_of(fold(question)) == kind


def test_question_words_are_no_terms_and_known_words_bring_others(small: Thesaurus) -> None:
    query = understand("请问哪些技术可以减少粉尘？", small)
    assert not {"哪些", "请问"} & set(texts(query))
    (dust,) = [term for term in query.terms if term.text == "粉尘"]
    assert "颗粒物" in dust.same and dust.near == ("除尘",)


def test_a_word_of_the_question_weighs_more_than_its_synonym_and_that_more_than_what_is_near(small: Thesaurus) -> None:
    weights = understand("粉尘怎么治？", small).weights
    assert weights["粉尘"] > weights["颗粒"] > weights["除尘"] > 0


def test_a_synonym_takes_the_place_of_a_word_that_the_library_never_says(small: Thesaurus) -> None:
    said = understand("粉尘", small, seen=lambda pair: True).weights
    unsaid = understand("粉尘", small, seen=lambda pair: pair != "粉尘").weights
    assert unsaid["颗粒"] > said["颗粒"]


def test_a_traditional_or_full_width_question_is_understood_like_a_plain_one(small: Thesaurus) -> None:
    plain = understand("煉焦企業一年減少多少CO2？", small)
    assert plain.text == fold("炼焦企业一年减少多少CO2？")
    assert texts(plain) == texts(understand("炼焦企业一年减少多少ＣＯ₂？", small))
    assert any("焦化" in term.same for term in plain.terms)


def test_clauses_are_parts_and_tell_whether_they_ask(small: Thesaurus) -> None:
    query = understand("焦化行业，粉尘要降多少？由谁负责？", small)
    assert [part.asks for part in query.parts] == [False, True, True]
    assert all(0 <= i < len(query.terms) for part in query.parts for i in part.terms)
    assert "焦化" in [query.terms[i].text for i in query.parts[0].terms]


def test_what_earlier_questions_gave_is_marked_and_weighs_less(small: Thesaurus) -> None:
    query = understand("焦化的粉尘排放——钢铁厂一年多少吨？", small, carried="焦化的粉尘排放")
    assert all(term.carried for term in query.terms if term.text in ("焦化", "粉尘"))
    alone = understand("焦化的粉尘排放钢铁厂一年多少吨？", small)
    assert query.weights["粉尘"] < alone.weights["粉尘"]
    assert query.kind == "fact" and all("焦化" not in part.text for part in query.parts)


def test_a_follow_up_that_names_nothing_of_its_own_asks_all_of_the_question_before(small: Thesaurus) -> None:
    query = understand("焦化的粉尘排放——一年多少吨？", small, carried="焦化的粉尘排放")
    assert not any(term.carried for term in query.terms)


def test_a_list_or_count_knows_what_its_items_are_called() -> None:
    assert understand("湖南列了哪几个行业？", default_thesaurus()).noun == "行业"
    query = understand("基本原则有哪几条？", default_thesaurus())
    assert (query.kind, query.measure) == ("list", "条")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*ASKING, "粉尘", "焦化", "锅炉", "2025", "CO2", "，", " ", "——", "Ａ", "煉"])
        | st.text(max_size=3)
    )
)
def test_any_text_is_understood_the_same_way_every_time(parts: list[str]) -> None:
    question = "".join(parts)
    query = understand(question, default_thesaurus())
    again = understand(question, default_thesaurus())
    assert query == again
    assert len(texts(query)) == len(set(texts(query)))
    assert all(weight > 0 for weight in query.weights.values())
    allowed = {t for term in query.terms for word in (term.text, *term.same, *term.near) for t in tokens(word)}
    assert set(query.weights) <= allowed
    assert {i for part in query.parts for i in part.terms} <= set(range(len(query.terms)))


def test_the_lexicon_of_a_question_comes_from_its_folder_alone(tmp_path: Path) -> None:
    assert understand("粉尘", Thesaurus.read(tmp_path)).terms[0].same == ()


def test_a_verb_parted_from_its_noun_is_put_together_where_the_library_says_it() -> None:
    said = understand("我刚献过一次血，多久能再献？", default_thesaurus(), seen=lambda pair: pair == "献血")
    assert "献血" in {term.text for term in said.terms}
    unsaid = understand("我刚献过一次血，多久能再献？", default_thesaurus(), seen=lambda pair: False)
    assert "献血" not in {term.text for term in unsaid.terms}


def test_how_much_money_is_no_word_to_search_for() -> None:
    terms = {term.text for term in understand("冒用居住证罚多少钱？", default_thesaurus()).terms}
    assert not any("钱" in term for term in terms)
