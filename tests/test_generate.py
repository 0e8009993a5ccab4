"""Answers in a model's words: what stands is shown, what does not is repaired, quoted or left out, and said so."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence

import pytest

from index.errors import ModelError, PromptTooLongError
from index.text import quote_of
from rag.config import Settings
from rag.llm import Message
from rag.service import PolicyQA
from rag.types import NOT_FOUND, Answer, Cited, Done, Found, Preview, Question, Text
from tests.written_library import written

PLAN = """# 某市节水行动方案
云水政发〔2024〕7号

一、主要目标
到2025年，全市万元工业增加值用水量比2020年下降16%，再生水利用率不低于35%。新建园区应当同步建设再生水管网。

二、补助
企业完成节水改造并通过验收的，每个项目补助50万元。未通过验收的项目不得申请补助。申请在每年9月30日前提出。
"""
TABLE = "名称,单位,节水效果\n" + "".join(
    f"{name}循环水技术,{name}纺织有限公司,年节水{30 + n}万吨，适用于印染企业\n" for n, name in enumerate("甲乙丙")
)
QUESTION = "再生水利用率要达到多少？"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("generate"), {"方案.md": PLAN, "节水技术目录.csv": TABLE})


class Scripted:
    """A model whose answers are made from the request; ``asked`` keeps the requests."""

    name = "scripted"

    def __init__(self, *answers: str | Callable[[str], str] | ModelError, size: int = 3) -> None:
        self._answers = list(answers)
        self._size = size
        self.asked: list[Sequence[Message]] = []
        self.closed = 0

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        self.asked.append(messages)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if isinstance(answer, ModelError):
            raise answer
        text = answer(messages[1].content) if callable(answer) else answer
        try:
            for at in range(0, len(text), self._size):
                yield text[at : at + self._size]
        finally:
            self.closed += 1


def key_of(prompt: str, words: str) -> str:
    """Return the key under which the statement with these words was handed out."""
    found = [line for line in prompt.splitlines() if words in line and line.startswith("[")]
    assert found, f"{words} was not handed out:\n{prompt}"
    return found[-1][1:9]


def asked(library: PolicyQA, model: Scripted, question: Question | str = QUESTION) -> Answer:
    answer = PolicyQA(library.library, library.settings, model).answer(question)
    for citation in answer.citations:
        assert quote_of(library.library.raw(citation.doc), citation.spans) == citation.quote
    return answer


def said(text: str, words: str = "再生水利用率") -> Callable[[str], str]:
    """Return what answers with the text, KEY replaced by the key of the statement with these words."""
    return lambda prompt: text.replace("KEY", key_of(prompt, words))


def test_a_sentence_that_stands_is_shown_with_its_citation(library: PolicyQA) -> None:
    answer = asked(library, Scripted(said("到2025年，再生水利用率不低于35%[KEY]。")))
    assert answer.text == "到2025年，再生水利用率不低于35%[1]。"
    assert (answer.mode, answer.note, len(answer.citations)) == ("llm", "", 1)
    assert "再生水利用率不低于35%" in answer.citations[0].quote


@pytest.mark.parametrize(
    "form", ["再生水利用率不低于35%。[KEY]", "再生水利用率不低于35%【KEY】。", "再生水利用率不低于35% [KEY, 0000abcd]。",
             "**再生水利用率**不低于35%[KEY][9]。", "再生水利用率不低于35%[资料1][KEY]。"]
)  # fmt: skip
def test_citations_in_other_forms_become_numbers_and_unknown_keys_go(library: PolicyQA, form: str) -> None:
    answer = asked(library, Scripted(said(form)))
    assert re.sub(r"[\s。]", "", answer.text) == "再生水利用率不低于35%[1]"


@pytest.mark.parametrize("size", [1, 2, 7, 500])
def test_however_the_stream_is_cut_the_answer_is_the_same(library: PolicyQA, size: int) -> None:
    text = "再生水利用率不低于35%[KEY]。全市万元工业增加值用水量比2020年下降16%。[KEY]"
    answer = asked(library, Scripted(said(text), size=size))
    assert answer.text == "再生水利用率不低于35%[1]。全市万元工业增加值用水量比2020年下降16%。[1]"


def test_a_wrong_figure_is_sent_back_once_and_the_repaired_sentence_shown(library: PolicyQA) -> None:
    model = Scripted(said("再生水利用率不低于45%[KEY]。"), said("1. 再生水利用率不低于35%[KEY]。"))
    answer = asked(library, model)
    assert answer.text == "再生水利用率不低于35%[1]。"
    assert "1 句按原文改正" in answer.note
    assert "45%" in model.asked[1][-1].content and "35%" in model.asked[1][-1].content, "the reason goes along"


def test_what_cannot_be_repaired_is_replaced_by_the_statement_it_cites(library: PolicyQA) -> None:
    answer = asked(library, Scripted(said("再生水利用率不低于45%[KEY]。")))
    assert "45%" not in answer.text
    assert answer.text.startswith("到2025年，全市万元工业增加值用水量比2020年下降16%，再生水利用率不低于35%。")
    assert "改用原文" in answer.note


def test_an_invented_sentence_is_left_out_and_the_answer_says_so(library: PolicyQA) -> None:
    text = "再生水利用率不低于35%[KEY]。市长将亲自为获奖企业颁发金色奖牌并合影留念[KEY]。"
    answer = asked(library, Scripted(said(text), "1. 删去"))
    assert answer.text == "再生水利用率不低于35%[1]。"
    assert "1 句略去" in answer.note


@pytest.mark.parametrize(
    "text",
    ["企业通过验收的项目不得申请补助[KEY]。", "未通过验收的项目可以申请补助[KEY]。", "未通过验收的项目应当申请补助[KEY]。"],
)
def test_a_sentence_turned_around_does_not_stand(library: PolicyQA, text: str) -> None:
    answer = asked(library, Scripted(said(text, "不得申请")), "没有通过验收能申请补助吗？")
    assert re.sub(r"\[\d\]", "", text).rstrip("。") not in re.sub(r"\[\d\]", "", answer.text)


def test_a_sentence_without_a_key_gets_that_of_the_statement_that_says_it(library: PolicyQA) -> None:
    answer = asked(library, Scripted("申请在每年9月30日前提出。"), "什么时候申请补助？")
    assert answer.text == "申请在每年9月30日前提出。[1]" or answer.text == "申请在每年9月30日前提出[1]。"
    assert answer.citations[0].quote == "申请在每年9月30日前提出。"


def test_a_model_that_finds_nothing_is_believed(library: PolicyQA) -> None:
    answer = asked(library, Scripted(f"{NOT_FOUND}。"))
    assert answer.refused and answer.text.startswith(NOT_FOUND) and answer.mode == "llm"


def test_a_gap_may_be_named_after_what_was_found(library: PolicyQA) -> None:
    text = f"再生水利用率不低于35%[KEY]。{NOT_FOUND}：再生水利用率的现状。"
    answer = asked(library, Scripted(said(text)))
    assert not answer.refused and answer.text.endswith("再生水利用率的现状。")


@pytest.mark.parametrize(
    "fault", [ModelError("连不上语言模型服务"), PromptTooLongError("问题和资料超出了语言模型的长度上限")]
)
def test_without_the_model_the_quotation_answers_and_one_line_says_why(library: PolicyQA, fault: ModelError) -> None:
    answer = asked(library, Scripted(fault))
    assert answer.mode == "extractive" and "35%" in answer.text
    assert fault.message in answer.note and "\n" not in answer.note


def test_a_prompt_that_is_too_long_is_tried_once_more_with_half_of_it(library: PolicyQA) -> None:
    model = Scripted(PromptTooLongError("超长"), said("再生水利用率不低于35%[KEY]。"))
    tight = library.settings.model_copy(update={"llm_context_tokens": 1600, "llm_max_tokens": 100})
    assert PolicyQA(library.library, tight, model).answer(QUESTION).mode == "llm"
    first, second = (sum(len(m.content) for m in request) for request in model.asked)
    assert second < first


def test_an_answer_that_breaks_off_keeps_what_stands_and_says_so(library: PolicyQA) -> None:
    class Breaking(Scripted):
        def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
            yield from super().stream(messages)
            raise ModelError("语言模型的回答中途断了")

    answer = asked(library, Breaking(said("再生水利用率不低于35%[KEY]。到2025年，全市")))
    assert answer.text == "再生水利用率不低于35%[1]。" and "没有写完" in answer.note


def test_an_answer_without_an_end_is_not_read_to_its_end(library: PolicyQA) -> None:
    read: list[str] = []

    class Endless(Scripted):
        def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
            for piece in super().stream(messages):
                read.append(piece)
                yield piece

    model = Endless(said("再生水利用率不低于35%[KEY]。" * 2000), size=50)
    answer = asked(library, model)
    assert answer.text == "再生水利用率不低于35%[1]。", "what was said is not said again"
    assert "过长" in answer.note
    assert model.closed == 1 and len("".join(read)) < 10_000


def test_the_order_of_sentences_is_kept_when_one_of_them_is_repaired(library: PolicyQA) -> None:
    text = "再生水利用率不低于45%[KEY]。全市万元工业增加值用水量比2020年下降16%[KEY]。"
    answer = asked(library, Scripted(said(text), said("1. 再生水利用率不低于35%[KEY]。")))
    assert answer.text == "再生水利用率不低于35%[1]。全市万元工业增加值用水量比2020年下降16%[1]。"


def test_a_count_over_as_many_citations_stands(library: PolicyQA) -> None:
    def count(prompt: str) -> str:
        first, second = key_of(prompt, "补助50万元"), key_of(prompt, "不得申请")
        return f"补助规定共2条：完成节水改造并通过验收的每个项目补助50万元[{first}]，未通过验收的不得申请补助[{second}]。"

    answer = asked(library, Scripted(count, "1. 删去"), "补助有几条规定？说说看")
    assert "共2条" in answer.text and answer.note == ""


def test_text_events_add_up_to_the_answer_and_previews_hold_no_figure(library: PolicyQA) -> None:
    text = "园区应当同步建设再生水管网[KEY]。再生水利用率不低于35%[KEY]。"
    model = Scripted(lambda p: said(text.replace("KEY", key_of(p, "管网"), 1))(p), size=1)
    events = list(PolicyQA(library.library, library.settings, model).ask(QUESTION))
    assert isinstance(events[0], Found) and isinstance(events[-1], Done)
    assert "".join(e.text for e in events if isinstance(e, Text)) == events[-1].answer.text
    previews = [e.text for e in events if isinstance(e, Preview)]
    assert previews and not any(re.search(r"[\d\[%]", p) for p in previews)
    first_text = next(i for i, e in enumerate(events) if isinstance(e, Text))
    assert any(isinstance(e, Preview) for e in events[:first_text]), "the reader sees nothing until a sentence is whole"
    cited = [e.citation for e in events if isinstance(e, Cited)]
    assert [c.n for c in cited] == [1, 2] and tuple(cited) == events[-1].answer.citations


def test_a_reader_who_leaves_closes_the_model(library: PolicyQA) -> None:
    model = Scripted(said("再生水利用率不低于35%[KEY]。" * 5), size=1)
    events = PolicyQA(library.library, library.settings, model).ask(QUESTION)
    next(events), next(events)
    events.close()  # type: ignore[attr-defined]
    assert model.closed == 1


def test_a_question_may_ask_for_quotations_only(library: PolicyQA) -> None:
    model = Scripted("不该问我")
    assert asked(library, model, Question(QUESTION, llm=False)).mode == "extractive"
    assert not model.asked


def test_a_list_is_worded_by_the_model_and_decided_by_the_program(library: PolicyQA) -> None:
    question = "哪些技术适用于印染企业？"
    extractive = library.answer(question)
    assert extractive.text.startswith("共3项")

    def two_of_three(prompt: str) -> str:
        entries = [line for line in prompt.splitlines() if "循环水技术" in line and line.startswith("[")]
        assert len(entries) == 3
        lines = [f"{n}. {line.split('] ')[1].split('. ')[-1]}[{line[1:9]}]" for n, line in enumerate(entries[:2], 1)]
        return "共9项。\n" + "\n".join(lines) + "\n4. 丁循环水技术也适用[0000abcd]"

    answer = asked(library, Scripted(two_of_three, "1. 删去"), question)
    assert answer.mode == "llm"
    assert answer.text.startswith("共3项")
    assert all(f"{name}循环水技术" in answer.text for name in "甲乙丙") and "丁" not in answer.text
    assert "9项" not in answer.text and len(answer.citations) == 3


def test_passages_that_come_with_the_question_are_answered_from_alone(library: PolicyQA) -> None:
    question = Question("奖金多少？", context=("优秀项目奖金为8万元。", "别的规定。"), max_chars=60)
    model = Scripted(lambda p: f"奖金为8万元[{key_of(p, '奖金')}]。")
    answer = asked_alone(library, model, question)
    assert answer.text == "奖金为8万元[1]。" and answer.citations[0].doc == "passage-1"
    assert "节水" not in model.asked[0][1].content and "60" in model.asked[0][1].content


def asked_alone(library: PolicyQA, model: Scripted, question: Question) -> Answer:
    return PolicyQA(library.library, library.settings, model).answer(question)


def test_the_handout_stays_within_the_context(library: PolicyQA) -> None:
    tight = Settings(index_dir=library.settings.index_dir, llm_context_tokens=1200, llm_max_tokens=100)
    model = Scripted(said("再生水利用率不低于35%[KEY]。"))
    PolicyQA(library.library, tight, model).answer(QUESTION)
    assert sum(len(m.content) for m in model.asked[0]) < 1200
