"""Small libraries written for one test module, and answers whose quotations have been checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from index.build import build
from index.config import IndexSettings
from index.text import quote_of
from rag.config import Settings
from rag.service import PolicyQA
from rag.types import Answer


def opened(folder: Path, *sources: Path) -> PolicyQA:
    """Return the service over an index of the sources, built in the folder."""
    build(list(sources), folder / "index", IndexSettings())
    return PolicyQA.open(settings=Settings(index_dir=folder / "index"))


def written(folder: Path, documents: Mapping[str, str]) -> PolicyQA:
    """Return the service over documents given as file name and text."""
    source = folder / "source"
    source.mkdir()
    for name, text in documents.items():
        (source / name).write_text(text, "utf-8")
    return opened(folder, source)


def cited(qa: PolicyQA, question: str) -> Answer:
    """Return the answer after checking that each of its quotations stands in the document as it is quoted."""
    answer = qa.answer(question)
    assert answer.citations and not answer.refused, answer.text
    for citation in answer.citations:
        assert citation.quote and quote_of(qa.library.raw(citation.doc), citation.spans) == citation.quote
    return answer


def plain(text: str) -> str:
    """Return the text without white space."""
    return "".join(text.split())
