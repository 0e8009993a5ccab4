"""A text that an office suite made into .docx and .pdf reads back as the same text, with its places."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from index.config import Limits
from index.load import load
from index.text import normalise
from index.types import Source

SOFFICE = shutil.which("soffice")
TIMEOUT = 60
TITLE = "白鹭湾垃圾分类奖补细则"
ROWS = ["序号\t对象名称\t奖补上限（元）\t说明事项", "1\t示范小区\t5000\t每年只评一次", "2\t回收站点\t800\t凭台账申领"]
CLAUSE = (
    "（{n}）凡在白鹭湾登记的小区，其第 {n} 次抽查得分不低于 {score} 分的，可在当月 25 日前提出申请，"
    "由街道核对称重单据、照片和签收表后公布结果；材料缺一不可，逾期视为放弃，下一年度重新计算次数。"
)


def _text() -> str:
    clauses = [CLAUSE.format(n=n, score=60 + n) for n in range(1, 31)]
    tail = ["三、附则", "本细则自公布之日起施行。"]
    return "\n".join([TITLE, "", "一、申请条件", *clauses, "", "二、奖补标准", *ROWS, *tail])


@pytest.fixture(scope="module")
def office_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with sample.docx and sample.pdf."""
    if SOFFICE is None:
        pytest.skip("LibreOffice is not here: apt-get install libreoffice-writer-nogui fonts-noto-cjk")
    fonts = shutil.which("fc-list")
    if fonts and not subprocess.run([fonts, ":lang=zh"], capture_output=True, check=False, timeout=TIMEOUT).stdout:
        pytest.skip("no Chinese font is here: apt-get install fonts-noto-cjk")
    folder = tmp_path_factory.mktemp("office")
    (folder / "sample.txt").write_text(_text(), "utf-8")
    _convert(folder, "sample.txt", "docx", "--infilter=Text (encoded):UTF8,LF,,,")
    _convert(folder, "sample.docx", "pdf")
    return folder


def _convert(folder: Path, name: str, form: str, *options: str) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [str(SOFFICE), profile, "--headless", *options, "--convert-to", form, "--outdir", str(folder)]
    done = subprocess.run([*command, str(folder / name)], capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert (folder / name).with_suffix(f".{form}").is_file(), done.stderr


def _read(folder: Path, form: str) -> Source:
    return load(folder / f"sample.{form}", name=f"sample.{form}", limits=Limits())


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_no_character_is_lost_or_added(office_files: Path, form: str) -> None:
    found = _read(office_files, form).raw
    assert "".join(found.split()) == "".join(_text().split())


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_each_clause_and_each_row_is_one_line_again(office_files: Path, form: str) -> None:
    found = [line for line in _read(office_files, form).raw.split("\n") if line.strip()]
    expected = [line for line in _text().split("\n") if line]
    assert [normalise(line) for line in found] == [normalise(line) for line in expected]
    assert [line for line in found if "\t" in line] == ROWS


def test_docx_paragraphs_are_marked(office_files: Path) -> None:
    source = _read(office_files, "docx")
    texts = [source.raw[mark.start : mark.end] for mark in source.marks if mark.kind == "paragraph"]
    assert texts == [line for line in _text().split("\n") if line]


def test_pdf_pages_are_marked_in_order_and_cover_the_text(office_files: Path) -> None:
    source = _read(office_files, "pdf")
    pages = [mark for mark in source.marks if mark.kind == "page"]
    assert len(pages) > 1
    assert [mark.label for mark in pages] == [str(n) for n in range(1, len(pages) + 1)]
    assert (pages[0].start, pages[-1].end) == (0, len(source.raw.rstrip("\n")))
    assert normalise(source.raw[pages[-1].start : pages[-1].end]).endswith("本细则自公布之日起施行。")
