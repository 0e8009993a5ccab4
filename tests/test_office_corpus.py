"""The collection saved as .docx and .pdf by an office suite: built, searched, asked, cited with paragraph or page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from index.build import build
from index.text import key, normalise, quote_of
from rag.config import Settings
from rag.service import PolicyQA
from rag.types import Citation

ROOT = Path(__file__).resolve().parent.parent
SOFFICE = shutil.which("soffice")
FORMS = ("docx", "pdf")
TEXT = "--infilter=Text (encoded):UTF8,LF,,,"
ASKED = {
    "高耗水行业要遴选多少家水效领跑者企业？": "50家",
    "再生铅2025年的产量目标是多少？": "290万吨",
    "湖南的清洁生产实施意见，文号是什么？": "湘工信节能〔2024〕194号",
}
"""Question -> what both collections say."""


@pytest.fixture(scope="module")
def texts() -> list[Path]:
    """The real documents, or the sample collection's Markdown files where those are absent."""
    real = Path(os.environ.get("YOUJU_CORPUS", ROOT.parent / "shared" / "corpus"))
    return sorted(real.glob("*.txt")) or sorted((ROOT / "corpus").glob("*.md"))


@pytest.fixture(scope="module")
def original(texts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    """The library of the same documents as text files."""
    return _library(texts, tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="module")
def saved(texts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, PolicyQA]:
    """A library for each form; one office process a form converts all files."""
    if SOFFICE is None:
        pytest.skip("LibreOffice is not here: apt-get install libreoffice-writer-nogui fonts-noto-cjk")
    fonts = shutil.which("fc-list")
    if fonts and not subprocess.run([fonts, ":lang=zh"], capture_output=True, check=False, timeout=60).stdout:
        pytest.skip("no Chinese font is here: apt-get install fonts-noto-cjk")
    folder = tmp_path_factory.mktemp("office")
    words = _converted(folder, texts, "docx", TEXT)
    pages = _converted(folder, words, "pdf")
    return {form: _library(files, folder) for form, files in zip(FORMS, (words, pages), strict=True)}


def _converted(folder: Path, files: list[Path], form: str, *options: str) -> list[Path]:
    out = folder / form
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [str(SOFFICE), profile, "--headless", *options, "--convert-to", form, "--outdir", str(out)]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False, timeout=180)
    made = sorted(out.glob(f"*.{form}"))
    assert [p.stem for p in made] == [p.stem for p in files], done.stderr
    return made


def _library(files: list[Path], folder: Path) -> PolicyQA:
    settings = Settings(index_dir=folder / f"index{files[0].suffix}")
    report = build(files, settings.index_dir, settings.index)
    assert not report.skipped
    assert len(report.added) == len(files)
    return PolicyQA.open(settings=settings)


@pytest.mark.parametrize("form", FORMS)
def test_every_passage_quotes_its_file_and_has_a_place(saved: dict[str, PolicyQA], form: str) -> None:
    library = saved[form].library
    passages = [library.passage(row) for row in range(len(library))]
    assert len(passages) > 100
    for passage in passages:
        assert quote_of(library.raw(passage.locator.file), passage.spans) == passage.text
        place = passage.locator.page if form == "pdf" else passage.locator.cell
        assert re.fullmatch(r"\d+" if form == "pdf" else r"第\d+段", place), passage.locator


@pytest.mark.parametrize("form", FORMS)
def test_title_number_issuers_and_date_are_those_of_the_text_file(
    saved: dict[str, PolicyQA], original: PolicyQA, form: str
) -> None:
    found = {Path(entry.file).stem: entry.info for entry in saved[form].library.documents()}
    assert found == {Path(entry.file).stem: entry.info for entry in original.library.documents()}


def test_a_word_file_has_the_records_of_the_text_file(saved: dict[str, PolicyQA], original: PolicyQA) -> None:
    assert _records(saved["docx"]) == _records(original)


def _records(qa: PolicyQA) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    records = [record for entry in qa.library.documents() for record in qa.library.records(entry.file)]
    return [(r.number, r.name, tuple((f.name, f.text) for f in r.fields)) for r in records]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("question", ASKED)
def test_a_figure_is_answered_and_cited_with_its_place(saved: dict[str, PolicyQA], form: str, question: str) -> None:
    answer = saved[form].answer(question)
    assert not answer.refused
    assert key(ASKED[question]) in key(answer.text)
    assert answer.citations
    for citation in answer.citations:
        _stands_where_it_says(saved[form], citation, form)


@pytest.mark.parametrize("form", FORMS)
def test_a_record_of_the_catalogue_is_found_by_what_it_suits(
    saved: dict[str, PolicyQA], real_corpus: Path, form: str
) -> None:
    answer = saved[form].answer("目录里哪些技术适合焦化企业？")
    assert "焦炉上升管" in answer.text
    assert "焦炉上升管" in saved[form].search("焦炉余热回收", 3)[0].passage.text
    for citation in answer.citations:
        _stands_where_it_says(saved[form], citation, form)


def _stands_where_it_says(qa: PolicyQA, citation: Citation, form: str) -> None:
    raw = qa.library.raw(citation.doc)
    assert citation.doc.endswith(form)
    assert quote_of(raw, citation.spans) == citation.quote
    kind, number = ("page", citation.locator.page) if form == "pdf" else ("paragraph", citation.locator.cell[1:-1])
    assert (f"第{number}页" if form == "pdf" else f"第{number}段") in citation.locator.label()
    marks = qa.library.source(citation.doc).marks
    place = next(m for m in marks if m.kind == kind and m.label == number)
    assert place.start <= citation.spans[0].start < place.end
    assert normalise(raw[citation.spans[0].start : citation.spans[0].end]) in normalise(raw[place.start :])
