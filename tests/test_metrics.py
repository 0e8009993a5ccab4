"""Each part of the rule of what is right, one by one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.cases import Case, load_suite
from eval.metrics import Retrieval, covered, judge, locate, retrieval, shared_pairs

RAW = "第一条 本厂每年节水 三十\n万吨。第二条 煤耗降到 8 成。第三条 设专人看管。第四条 每年节水 三十万吨。尾部。"
RAWS = {"a.txt": RAW, "b.txt": "另一份文件，说的是电。"}


def case(**change: Any) -> Case:
    base: dict[str, Any] = {
        "id": "c",
        "question": "节水多少？",
        "type": "fact",
        "facts": [["三十万吨", "30万吨"]],
        "evidence": [{"doc": "a.txt", "quote": "煤耗降到8成"}, {"doc": "a.txt", "quote": "设专人看管"}],
        "must_cite": [0],
    }
    return Case.model_validate_json(json.dumps({**base, **change}))


def cite(text: str, doc: str = "a.txt", quote: str | None = None) -> dict[str, Any]:
    start = RAWS[doc].index(text)
    quote = quote if quote is not None else text
    return {"n": 1, "doc": doc, "quote": quote, "spans": [[start, start + len(text)]]}


def line(answer: str = "节水三十万吨。", *citations: dict[str, Any], refused: bool = False) -> dict[str, Any]:
    return {"id": "c", "answer": answer, "refused": refused, "reason": "", "citations": list(citations)}


COAL = cite("煤耗降到 8 成", quote="煤耗降到8成")


def test_an_answer_with_the_fact_and_its_citation_is_right():
    judgement = judge(case(), line("节水三十万吨。", COAL), RAWS)
    assert judgement.right and judgement.reasons == ()
    assert (judgement.facts_found, judgement.facts_total) == (1, 1)
    assert (judgement.must_cite_covered, judgement.citations_on_evidence, judgement.quotes_exact) == (1, 1, 1)


@pytest.mark.parametrize("answer", ["节水 30 万\n吨", "节水３０万吨", "三十万吨"])
def test_any_printing_of_a_fact_counts(answer: str):
    assert judge(case(), line(answer, COAL), RAWS).right


def test_every_fact_is_needed_and_the_missing_one_is_named():
    judgement = judge(case(facts=[["三十万吨"], ["八成"]]), line("三十万吨", COAL), RAWS)
    assert not judgement.right
    assert judgement.completeness == 0.5
    assert judgement.reasons == ("缺要点 1/2：「八成」",)


def test_a_forbidden_word_makes_the_answer_wrong():
    judgement = judge(case(forbidden=["五十 万吨"]), line("三十万吨，不是五十万 吨", COAL), RAWS)
    assert judgement.reasons == ("出现错误内容：「五十 万吨」",)


def test_a_refusal_of_an_answerable_question_is_wrong_whatever_it_says():
    judgement = judge(case(), line("三十万吨", COAL, refused=True), RAWS)
    assert judgement.reasons == ("不该拒答",)
    assert judgement.refused


def test_an_unanswerable_question_is_right_exactly_when_refused():
    nothing = case(type="unanswerable", facts=[], evidence=[], must_cite=[])
    assert judge(nothing, line("未找到", refused=True), RAWS).right
    assert judge(nothing, line("三十万吨"), RAWS).reasons == ("应拒答而作答",)


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("fact", 400), ("field", 400), ("count", 600), ("followup", 600), ("list", 1500), ("reason/method", 1500)]
    + [("compare", 1500), ("multi_doc", 1500)],
)
def test_a_dump_is_wrong(kind: str, limit: int):
    fits = "三十万吨".ljust(limit, "。")
    assert judge(case(type=kind), line(fits, COAL), RAWS).right
    assert judge(case(type=kind), line(fits + "。", COAL), RAWS).reasons == (
        f"过长：{limit + 1:,} 字（上限 {limit:,}）",
    )


def test_half_of_an_evidence_must_be_cited():
    half, less = cite("8 成。"), cite("耗降")
    evidence = [{"doc": "a.txt", "quote": "8成。第"}]
    assert judge(case(evidence=evidence), line("三十万吨", half), RAWS).right
    assert not judge(case(), line("三十万吨", less), RAWS).right
    assert judge(case(), line("三十万吨", cite("煤耗降")), RAWS).right


def test_two_citations_cover_an_evidence_together():
    assert judge(case(), line("三十万吨", cite("煤耗"), cite("8 成")), RAWS).right


def test_the_same_offsets_in_another_document_cover_nothing():
    elsewhere = {**COAL, "doc": "b.txt"}
    judgement = judge(case(), line("三十万吨", elsewhere), RAWS)
    assert not judgement.right
    assert judgement.citations_on_evidence == 0


def test_four_of_five_required_evidences_are_enough_and_three_are_not():
    words = ["第一条", "第二条", "第三条", "第四条", "尾部"]
    wide = case(evidence=[{"doc": "a.txt", "quote": w} for w in words], must_cite=[0, 1, 2, 3, 4])
    assert judge(wide, line("三十万吨", *(cite(w) for w in words[:4])), RAWS).right
    judgement = judge(wide, line("三十万吨", *(cite(w) for w in words[:3])), RAWS)
    assert judgement.must_cite_covered == 3
    assert "引用只覆盖 3/5 条必引依据" in judgement.reasons[0]


def test_any_printing_of_the_evidence_in_the_document_counts():
    twice = case(evidence=[{"doc": "a.txt", "quote": "节水三十万吨"}])
    for text in ("节水 三十\n万吨", "节水 三十万吨"):
        assert judge(twice, line("三十万吨", cite(text)), RAWS).right


def test_evidence_that_is_not_in_the_document_is_reported_as_a_fault_of_the_case():
    judgement = judge(case(evidence=[{"doc": "a.txt", "quote": "不存在的话"}]), line("三十万吨", COAL), RAWS)
    assert "用例有误" in judgement.reasons[0]


def test_precision_counts_evidence_that_need_not_be_cited():
    judgement = judge(case(), line("三十万吨", COAL, cite("设专人"), cite("另一份", "b.txt")), RAWS)
    assert (judgement.citations_on_evidence, judgement.citations) == (2, 3)


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "煤耗降到 8 成"},
        {"quote": ""},
        {"spans": []},
        {"spans": [[5, 5]]},
        {"spans": [[0, 10**9]]},
        {"spans": [[-3, 4]]},
        {"doc": "unknown.txt"},
    ],
)
def test_a_quote_that_is_not_what_stands_at_its_spans_is_not_exact(change: dict[str, Any]):
    assert judge(case(), line("三十万吨", COAL), RAWS).quotes_exact == 1
    assert judge(case(), line("三十万吨", {**COAL, **change}), RAWS).quotes_exact == 0


@pytest.mark.parametrize("span", [[len(RAW) - 3, len(RAW) + 1], [-3, len(RAW)]])
def test_offsets_outside_the_document_are_not_exact_even_where_the_text_agrees(span: list[int]):
    tail = {"doc": "a.txt", "quote": "尾部。", "spans": [span]}
    assert judge(case(), line("三十万吨", tail), RAWS).quotes_exact == 0


def test_a_quote_may_join_several_spans():
    joined = {"doc": "a.txt", "quote": "第一条煤耗", "spans": [cite("第一条")["spans"][0], cite("煤耗")["spans"][0]]}
    assert judge(case(), line("三十万吨", joined), RAWS).quotes_exact == 1


@given(st.permutations([COAL, cite("设专人"), cite("另一份", "b.txt"), cite("煤耗", quote="错")]))
def test_the_order_of_citations_changes_nothing(citations: list[dict[str, Any]]):
    assert judge(case(), line("三十万吨", *citations), RAWS) == judge(
        case(), line("三十万吨", COAL, cite("设专人"), cite("另一份", "b.txt"), cite("煤耗", quote="错")), RAWS
    )


@given(st.lists(st.integers(0, len(RAW) - 5), max_size=6))
def test_another_citation_never_takes_coverage_away(starts: list[int]):
    more = [{"doc": "a.txt", "quote": "x", "spans": [[at, at + 5]]} for at in starts]
    with_more = judge(case(), line("三十万吨", COAL, *more), RAWS)
    assert with_more.right and with_more.must_cite_covered == 1


@given(st.text(alphabet="甲乙 \n\u3000\u200b", max_size=30), st.data())
def test_a_slice_is_found_at_its_own_place_whatever_its_spaces(raw: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    visible = [i for i in range(start, end) if raw[i] in "甲乙"]
    found = [list(place) for place in locate(raw, " ".join(raw[start:end]))]
    assert (visible in found) if visible else found == []


def test_overlapping_occurrences_are_all_found():
    assert [list(place) for place in locate("甲 甲甲", "甲甲")] == [[0, 2], [2, 3]]


def test_private_characters_of_a_font_are_part_of_the_text():
    assert [list(place) for place in locate("甲\ue000乙", "甲乙")] == []
    assert [list(place) for place in locate("甲\u200b乙", "甲乙")] == [[0, 2]]


def test_coverage_counts_visible_characters_only():
    assert covered([[0, 5]], {5})
    assert not covered([[0, 5, 6]], {5})


def test_retrieval_joins_the_passages_up_to_k():
    start = RAW.index("煤耗")
    far = {"doc": "b.txt", "start": 0, "end": 5}
    gap = {"doc": "a.txt", "start": 0, "end": len(RAW), "spans": [[start, start + 2]]}
    rest = {"doc": "a.txt", "start": start + 4, "end": start + 9}
    guard = cite("设专人")["spans"][0]
    last = {"doc": "a.txt", "start": guard[0], "end": guard[1]}
    found = retrieval(case(), [far, far, far, gap, rest, last], RAWS)
    assert found.recall == {5: 0.5, 10: 1.0}
    assert not found.complete(5) and found.complete(10)


def test_a_passage_with_gaps_covers_only_its_spans():
    whole = {"doc": "a.txt", "start": 0, "end": len(RAW)}
    assert retrieval(case(), [whole], RAWS).complete(5)
    assert retrieval(case(), [{**whole, "spans": [[0, 2]]}], RAWS).recall[5] == 0.0


def test_the_development_suite_agrees_with_its_documents(real_corpus: Path):
    suite = Path(os.environ.get("YOUJU_DEV_SUITE", real_corpus.parent / "eval" / "dev.jsonl"))
    if not suite.is_file():
        pytest.skip(f"the development suite is not here: {suite} (set YOUJU_DEV_SUITE)")
    raws = {path.name: path.read_bytes().decode() for path in real_corpus.glob("*.txt")}
    lost = [(c.id, i) for c in load_suite(suite) for i, e in enumerate(c.evidence) if not locate(raws[e.doc], e.quote)]
    assert lost == []


def test_a_question_in_other_words_than_its_evidence_is_told_by_shared_pairs() -> None:
    assert shared_pairs("锅炉补贴", ["锅炉补贴按吨计。"]) == 1.0
    assert shared_pairs("锅炉，补贴", ["锅炉很多"]) == pytest.approx(0.5)
    assert shared_pairs("卡车烧油", ["货车消耗柴油"]) == 0.0
    assert Retrieval({5: 1.0, 10: 1.0}, 0.19).paraphrased and not Retrieval({5: 1.0, 10: 1.0}, 0.2).paraphrased
