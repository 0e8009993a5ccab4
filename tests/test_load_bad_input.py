"""Every file that cannot be read gives one clear line with a hint: quickly, in little memory, and never a crash."""

from __future__ import annotations

import gzip
import io
import os
import random
import tempfile
import time
import tracemalloc
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.config import Limits
from index.errors import LoadError
from index.load import LATER, load, read_beir
from tests.load_files import WRITERS, PdfPage, pdf_bytes

OFFICE = [".docx", ".xlsx"]


def refused(path: Path, limits: Limits | None = None) -> LoadError:
    with pytest.raises(LoadError) as caught:
        load(path, name=path.name, limits=limits or Limits())
    error = caught.value
    assert error.hint and path.name in error.message and "\n" not in error.line()
    return error


@cache
def sample(suffix: str) -> bytes:
    """One file for all examples: archives bear the time of their making."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sample{suffix}"
        WRITERS[suffix](path)
        return path.read_bytes()


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def rezipped(path: Path, change: dict[str, bytes]) -> Path:
    """Write the archive again with some of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
        for name in set(change) - set(old.namelist()):
            new.writestr(name, change[name])
    return path


@pytest.mark.parametrize("suffix", WRITERS)
def test_empty_file(tmp_path: Path, suffix: str) -> None:
    assert "空文件" in refused(written(tmp_path, f"a{suffix}", b"")).message


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.html"])
def test_file_of_white_space(tmp_path: Path, name: str) -> None:
    assert "没有文字" in refused(written(tmp_path, name, b" \r\n\t\n ")).message


@pytest.mark.parametrize("suffix", WRITERS)
def test_folder_missing_file_and_pipe(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"folder{suffix}").mkdir()
    assert "文件夹" in refused(tmp_path / f"folder{suffix}").message
    assert "不存在" in refused(tmp_path / f"none{suffix}").message
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / f"pipe{suffix}")
        assert "普通文件" in refused(tmp_path / f"pipe{suffix}").message


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.txt", b"x")

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert "权限" in refused(path).message


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"MZ\x90\0\3\0\0\0" * 40, "二进制"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "图片"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"PK\x03\x04\x14\0\x06\0", "Office"),
        (bytes(range(1, 32)) * 50, "二进制"),
        (random.Random(7).randbytes(4000).replace(b"\0", b"\1"), ""),
        ("水".encode()[:2] + b"\xff\xff", "编码"),
        (b"\xff\xfe\x00", "编码"),
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".md", ".csv"])
def test_binary_renamed_to_text(tmp_path: Path, suffix: str, data: bytes, word: str) -> None:
    assert word in refused(written(tmp_path, f"a{suffix}", data)).message


def test_file_over_the_size_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    tracemalloc.start()
    start = time.perf_counter()
    assert "超过上限 100 MB" in refused(path).message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.perf_counter() - start < 1 and peak < 4 << 20


@pytest.mark.parametrize("suffix", [".txt", ".md", ".csv", ".tsv"])
def test_endless_line_is_refused_early(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"line{suffix}"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    tracemalloc.start()
    assert "一行超过" in refused(path, Limits(max_file_mb=300)).message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20


def test_line_just_over_the_limit(tmp_path: Path) -> None:
    limits = Limits(max_line_chars=100)
    assert "一行超过 100 字" in refused(written(tmp_path, "a.txt", b"ok\n" + b"x" * 101 + b"\nok"), limits).message
    source = load(written(tmp_path, "b.txt", b"ok\n" + b"x" * 100 + b"\nok"), name="b", limits=limits)
    assert len(source.raw) == 106


@pytest.mark.parametrize("suffix", OFFICE)
def test_zip_bomb_is_refused_by_its_table_of_contents(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bomb{suffix}"
    WRITERS[suffix](path)
    rezipped(path, {"word/media/a.xml": b"\0" * (3 << 20)})
    assert "压缩炸弹" in refused(path, Limits(max_unzipped_mb=2)).message


@pytest.mark.parametrize("suffix", OFFICE)
@pytest.mark.parametrize("data", [b"PK\x03\x04 not a zip", b"plain words", b"%PDF-1.4"])
def test_no_archive(tmp_path: Path, suffix: str, data: bytes) -> None:
    assert "损坏" in refused(written(tmp_path, f"a{suffix}", data)).message


@pytest.mark.parametrize("suffix", OFFICE)
def test_archive_of_something_else(tmp_path: Path, suffix: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "损坏" in refused(written(tmp_path, f"a{suffix}", out.getvalue())).message
    other = ".xlsx" if suffix == ".docx" else ".docx"
    path = tmp_path / f"b{suffix}"
    WRITERS[other](path)
    assert "损坏" in refused(path).message


@pytest.mark.parametrize("suffix", OFFICE)
def test_encrypted_and_old_office_files(tmp_path: Path, suffix: str) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
    locked = ole + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500
    assert "已加密" in refused(written(tmp_path, f"a{suffix}", locked)).message
    assert "旧版 Office" in refused(written(tmp_path, f"b{suffix}", ole)).message


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]><x>&c;&f;</x>"""


@pytest.mark.parametrize(("suffix", "part"), [(".docx", "word/document.xml"), (".xlsx", "xl/worksheets/sheet1.xml")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_office_files_are_refused(tmp_path: Path, suffix: str, part: str, encoding: str) -> None:
    path = tmp_path / f"a{suffix}"
    WRITERS[suffix](path)
    attack = LAUGHS.decode().encode(encoding)
    assert "实体" in refused(rezipped(path, {part: attack})).message


def test_entities_in_web_pages_do_nothing(tmp_path: Path) -> None:
    page = LAUGHS.replace(b"<x>", b"<p>start ").replace(b"</x>", b" end</p>")
    raw = load(written(tmp_path, "a.html", page), name="a", limits=Limits()).raw
    assert "root:" not in raw and "haha" not in raw and "start" in raw


def test_deeply_nested_page_is_read_or_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.html", b"<div>" * 20000 + "底".encode() + b"<table>" * 20000)
    try:
        load(path, name="a", limits=Limits())
    except LoadError as error:
        assert error.hint


def test_scanned_pdf_is_called_a_scan(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "scan.pdf"
    Image.new("RGB", (60, 80), "white").save(path, save_all=True, append_images=[Image.new("RGB", (60, 80), "grey")])
    error = refused(path)
    assert "扫描件" in error.message and "OCR" in error.hint


def test_pdf_over_the_pages(tmp_path: Path) -> None:
    path = written(tmp_path, "a.pdf", pdf_bytes([PdfPage([(72, 700, 12, f"第{n}页的字")]) for n in range(4)]))
    assert "共 4 页，超过上限 3 页" in refused(path, Limits(max_pages=3)).message


def test_encrypted_pdf(tmp_path: Path) -> None:
    secret = "00" * 32
    trailer = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{secret}> /U <{secret}> >> /ID [<00> <00>]"
    data = pdf_bytes([PdfPage([(72, 700, 12, "秘密")])], trailer)
    assert "密码" in refused(written(tmp_path, "a.pdf", data)).message


def test_cut_off_and_wrong_pdf(tmp_path: Path) -> None:
    for number, data in enumerate((b"%PDF-1.4\n1 0 obj\n<<", b"hello", b"%PDF-1.4\ntrailer << /Root 9 0 R >>\n%%EOF")):
        refused(written(tmp_path, f"a{number}.pdf", data))


@pytest.mark.parametrize("suffix", [*LATER, ".xyz", ""])
def test_formats_without_reader_say_what_to_do(tmp_path: Path, suffix: str) -> None:
    assert "格式" in refused(written(tmp_path, f"a{suffix}", b"data")).message


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pdf", ".html"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_load_or_are_refused_but_never_crash(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    path = tmp_path / f"damaged{suffix}"
    whole = bytearray(sample(suffix))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[at] = data.draw(st.integers(0, 255))
    path.write_bytes(whole[: data.draw(st.integers(1, len(whole)))])
    try:
        load(path, name="a", limits=Limits())
    except LoadError as error:
        assert error.hint


@pytest.mark.parametrize(("suffix", "part"), [(".docx", "word/document.xml"), (".xlsx", "xl/worksheets/sheet1.xml")])
@pytest.mark.parametrize("share", [0.0, 0.9])
def test_a_damaged_stream_inside_an_office_file_is_refused(
    tmp_path: Path, suffix: str, part: str, share: float
) -> None:
    path = tmp_path / f"stream{suffix}"
    path.write_bytes(sample(suffix))
    noise = random.Random(7).randbytes(400_000).hex().encode()
    rezipped(path, {part: zipfile.ZipFile(path).read(part) + b"<!--" + noise + b"-->"})
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(part)
    whole = bytearray(path.read_bytes())
    at = member.header_offset + 30 + len(part) + int(member.compress_size * share)
    whole[at : at + 64] = b"\xff" * 64
    path.write_bytes(whole)
    assert "损坏" in refused(path).message


@pytest.mark.parametrize(("suffix", "part"), [(".docx", "word/document.xml"), (".xlsx", "xl/worksheets/sheet1.xml")])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_parts_load_or_are_refused(tmp_path: Path, suffix: str, part: str, data: st.DataObject) -> None:
    path = tmp_path / f"part{suffix}"
    path.write_bytes(sample(suffix))
    with zipfile.ZipFile(path) as archive:
        body = archive.read(part)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    rezipped(path, {part: body[:start] + data.draw(st.sampled_from([b"", b"&x;", b"-1", b"9" * 30])) + body[end:]})
    try:
        load(path, name="a", limits=Limits())
    except LoadError as error:
        assert error.hint


def test_beir_corpus_that_is_no_gzip_or_cut_off(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"_id": "a", "text": "x"}\n' * 50000)
    for data in (b"no gzip", whole[:-20], whole[: len(whole) // 2]):
        with pytest.raises(LoadError, match="corpus.jsonl.gz"):
            list(read_beir(written(tmp_path, "corpus.jsonl.gz", data), Limits()))
    with pytest.raises(LoadError, match="一行超过"):
        list(read_beir(written(tmp_path, "corpus.jsonl", b"x" * 3000), Limits(max_line_chars=100)))
    with pytest.raises(LoadError, match="读取失败"):
        list(read_beir(tmp_path / "none.jsonl", Limits()))
