"""The one place of eval that knows the system under test: ``rag.service`` opened, asked and searched."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval.cases import Case
from index.errors import InputError

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.llm import LanguageModel
    from rag.service import PolicyQA


@dataclass(frozen=True, slots=True)
class Answers:
    """Folders of a language model's answers: recorded to, read back from, requests written to."""

    record: Path | None = None
    replay: Path | None = None
    dump: Path | None = None


class System(Protocol):
    """What the suite needs of a system."""

    def ask(self, case: Case) -> dict[str, Any]:
        """Answer a case's question; return its answer line."""
        ...

    def search(self, text: str, k: int) -> list[dict[str, Any]]:
        """Return the k best passages as hits."""
        ...

    def raw(self, doc: str) -> str:
        """Return a document's text as read; InputError where the library has none of that name."""
        ...

    def docs(self) -> list[str]:
        """Return the names of all documents."""
        ...


class Youju:
    """youju itself through its one door."""

    def __init__(self, qa: PolicyQA) -> None:
        self.qa = qa

    def ask(self, case: Case) -> dict[str, Any]:
        """Answer a case's question; return its answer line."""
        from rag.service import answer_line
        from rag.types import Question

        answer = self.qa.answer(Question(text=case.question, history=case.history))
        return answer_line(case.id, answer)

    def search(self, text: str, k: int) -> list[dict[str, Any]]:
        """Return the k best passages as hits."""
        from rag.service import hit_line

        return [hit_line(hit) for hit in self.qa.search(text, k)]

    def raw(self, doc: str) -> str:
        """Return a document's text as read."""
        return self.qa.library.raw(doc)

    def model(self) -> LanguageModel:
        """Return the language model.

        Raises:
            InputError: there is none.
        """
        if self.qa.model is None:
            raise InputError("--judge 需要语言模型", "与 --mode llm 一起用")
        return self.qa.model

    def docs(self) -> list[str]:
        """Return the names of all documents."""
        return [entry.file for entry in self.qa.library.documents()]


@contextmanager
def open_system(
    index: Path | None, corpus: Sequence[Path], mode: str | None, answers: Answers | None = None
) -> Iterator[Youju]:
    """Open the index, or build one from ``corpus`` in a temporary folder that goes when the block ends.

    Args:
        index: index folder; None: the settings' own.
        corpus: files and folders to index first; with ``index`` the new index is kept there.
        mode: "llm": answers in the words of the language model; else they are quotations.
        answers: where the model's answers are recorded or read back.

    Raises:
        InputError: the mode is "llm" and no model is set up.
    """
    from rag.config import read_settings
    from rag.service import PolicyQA

    settings = read_settings(index_dir=index)
    with tempfile.TemporaryDirectory(prefix="youju-eval-") as folder:
        place = index or (Path(folder) / "index" if corpus else settings.index_dir)
        if corpus:
            build_index(corpus, place, settings)
        yield Youju(PolicyQA.open(place, settings, _model(settings, mode, answers or Answers())))


def _model(settings: Settings, mode: str | None, answers: Answers) -> LanguageModel | None:
    from rag.llm.choose import choose_model

    if mode != "llm":
        if answers != Answers():
            raise InputError("--record、--replay、--dump-prompts 只与 --mode llm 一起用")
        return None
    model = choose_model(settings, False, answers.record, answers.replay, answers.dump)
    if model is None:
        raise InputError("没有设置语言模型", "请设置 YOUJU_LLM_BASE_URL 与 YOUJU_LLM_MODEL，或用 --replay")
    return model


def build_index(corpus: Sequence[Path], place: Path, settings: Settings) -> None:
    """Index documents for a run; one that cannot be read would make the figures wrong, so it is an error."""
    from index.build import build

    for path in corpus:
        if not path.exists():
            raise InputError(f"找不到资料 {str(path)!r}")
    report = build(list(corpus), place, settings.index)
    for file, reason in report.skipped:
        raise InputError(f"资料 {file!r} 读不了：{reason}", "评测要求全部资料可读")
