"""The span promise: every block, field, passage and citation says exactly what its raw spans say, under any noise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from noisy import raws, source_of

from eval.cases import load_suite
from index.build import build
from index.config import IndexSettings
from index.pipeline import analyse, parse
from index.text import normalise, quote_of
from index.types import Document, Span
from rag.config import Settings
from rag.service import PolicyQA
from rag.types import Question

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = IndexSettings()
Quote = tuple[str, str, tuple[Span, ...]]


def quotes(document: Document) -> Iterator[Quote]:
    for block in document.blocks:
        yield f"{block.kind} block", block.text, block.spans
    for record in document.records:
        for field in record.fields:
            yield f"field {field.name}", field.text, field.spans
    for passage in document.passages:
        yield f"{passage.kind} passage", passage.text, passage.spans


def broken(raw: str, found: Iterator[Quote]) -> list[str]:
    wrong = []
    for what, text, spans in found:
        inside = all(0 <= span.start < span.end <= len(raw) for span in spans)
        said = normalise("".join(raw[span.start : span.end] for span in spans))
        if not inside or said != text or quote_of(raw, spans) != text:
            wrong.append(f"{what}: {text[:20]!r} at {spans[:3]}")
    return wrong


@settings(max_examples=150, deadline=None)
@given(raws())
def test_every_piece_of_a_noisy_document_quotes_its_spans(raw: str) -> None:
    document = analyse(source_of(raw), SETTINGS)
    assert document.passages
    assert broken(raw, quotes(document)) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=raws())
def test_offsets_count_in_the_file_as_it_was_written(raw: str, tmp_path: Path) -> None:
    path = tmp_path / "noisy.txt"
    path.write_bytes(raw.encode("utf-8"))
    document = parse(path, path.name, SETTINGS)
    decoded = path.read_bytes().decode("utf-8")
    assert broken(decoded, quotes(document)) == []


def check_documents(folder: Path, pattern: str) -> None:
    for path in sorted(folder.glob(pattern)):
        document = parse(path, path.name, SETTINGS)
        found = list(quotes(document))
        assert len(found) > 20
        assert broken(document.source.raw, iter(found)) == []


def test_every_piece_of_the_sample_collection_quotes_its_spans(sample_corpus: Path) -> None:
    check_documents(sample_corpus, "*")


def test_every_piece_of_the_real_documents_quotes_its_spans(real_corpus: Path) -> None:
    check_documents(real_corpus, "*.txt")


def check_answers(corpus: Path, suite: Path, index: Path) -> None:
    """Ask the whole suite; every citation must be exact, numbered in the text, and place what it names."""
    build([corpus], index, SETTINGS)
    qa = PolicyQA.open(settings=Settings(index_dir=index))
    cited = 0
    for case in load_suite(suite):
        answer = qa.answer(Question(case.question, case.history))
        for citation in answer.citations:
            raw = qa.library.raw(citation.doc)
            assert broken(raw, iter([(case.id, citation.quote, citation.spans)])) == []
            assert citation.quote
            assert citation.locator.file == citation.doc
            assert f"[{citation.n}]" in answer.text
            cited += 1
        assert answer.refused or answer.citations, case.id
    assert cited > 100


def test_every_citation_over_the_sample_collection_is_exact(sample_corpus: Path, tmp_path: Path) -> None:
    check_answers(sample_corpus, ROOT / "eval" / "suites" / "sample.jsonl", tmp_path / "index")


def test_every_citation_over_the_real_documents_is_exact(real_corpus: Path, tmp_path: Path) -> None:
    suite = real_corpus.parent / "eval" / "dev.jsonl"
    if not suite.is_file():
        pytest.skip("the questions over the real documents are not here")
    check_answers(real_corpus, suite, tmp_path / "index")
