"""The one place of eval that knows the system under test: ``rag.service`` opened, asked and searched."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval.cases import Case
from index.errors import InputError

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.service import PolicyQA


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

    def docs(self) -> list[str]:
        """Return the names of all documents."""
        return [entry.file for entry in self.qa.library.documents()]


@contextmanager
def open_system(index: Path | None, corpus: Sequence[Path], mode: str | None) -> Iterator[Youju]:
    """Open the index, or build one from ``corpus`` in a temporary folder that goes when the block ends.

    Args:
        index: index folder; None: the settings' own.
        corpus: files and folders to index first; with ``index`` the new index is kept there.
        mode: "extractive" or "llm"; None: as the settings say.
    """
    from rag.config import read_settings
    from rag.service import PolicyQA

    if mode == "llm":
        raise InputError("这个版本还不能用大模型回答", "去掉 --mode llm")
    settings = read_settings(index_dir=index)
    with tempfile.TemporaryDirectory(prefix="youju-eval-") as folder:
        place = index or (Path(folder) / "index" if corpus else settings.index_dir)
        if corpus:
            build_index(corpus, place, settings)
        yield Youju(PolicyQA.open(place, settings))


def build_index(corpus: Sequence[Path], place: Path, settings: Settings) -> None:
    """Index documents for a run; one that cannot be read would make the figures wrong, so it is an error."""
    from index.build import build

    for path in corpus:
        if not path.exists():
            raise InputError(f"找不到资料 {str(path)!r}")
    report = build(list(corpus), place, settings.index)
    for file, reason in report.skipped:
        raise InputError(f"资料 {file!r} 读不了：{reason}", "评测要求全部资料可读")
