"""A file -> Source: one reader a format, chosen by the file's suffix.

``raw`` of .txt and .md is the decoded file itself; every other reader produces its raw: a line a paragraph, a line
a table row with its cells between tabs. Cleaning and outline are not this package's job.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from index.config import Limits
from index.errors import LoadError
from index.load import docx, html, pdf, plain, sheet
from index.load.beir import read_beir
from index.load.guard import read_bytes
from index.load.writer import Draft
from index.types import Source

__all__ = ["LATER", "SUFFIXES", "load", "read_beir"]

_READERS: dict[str, Callable[[bytes, Limits], Draft]] = {
    ".txt": plain.read,
    ".md": plain.read,
    ".markdown": plain.read,
    ".html": html.read,
    ".htm": html.read,
    ".csv": sheet.read_csv,
    ".tsv": sheet.read_tsv,
    ".xlsx": sheet.read_xlsx,
    ".xlsm": sheet.read_xlsx,
    ".docx": docx.read,
    ".pdf": pdf.read,
}
_TEXT = frozenset({".txt", ".md", ".markdown", ".csv", ".tsv"})
_SAVE_AS = "请用 Word 或 WPS 另存为 {} 后再加入"
_OCR = "图片与扫描件要先做文字识别（OCR），该功能将作为附加组件提供；请先转成带文字层的 PDF 或 .txt"

SUFFIXES: frozenset[str] = frozenset(_READERS)
"""The suffixes (lower case, with the dot) that ``load`` reads."""

LATER: dict[str, str] = {
    ".doc": _SAVE_AS.format(".docx"),
    ".wps": _SAVE_AS.format(".docx"),
    ".rtf": _SAVE_AS.format(".docx"),
    ".odt": _SAVE_AS.format(".docx"),
    ".xls": _SAVE_AS.format(".xlsx"),
    ".et": _SAVE_AS.format(".xlsx"),
    ".ods": _SAVE_AS.format(".xlsx"),
    ".ppt": "请导出为 PDF 后再加入",
    ".pptx": "请导出为 PDF 后再加入",
    ".ofd": "请用 OFD 阅读器导出为 PDF 后再加入",
    ".zip": "请先解压，再加入其中的文件",
    ".rar": "请先解压，再加入其中的文件",
    ".7z": "请先解压，再加入其中的文件",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp"), _OCR),
}
"""Formats that are documents but have no reader yet: suffix -> what to do meanwhile."""


def load(path: Path, *, name: str, limits: Limits) -> Source:
    """Read one file.

    Args:
        path: the file.
        name: the document's key in the library; becomes ``Source.file``.
        limits: what is accepted.

    Raises:
        LoadError: the file cannot be read; message and hint say why and what to do.
        MissingPackageError: the format's package is not installed.
    """
    suffix = path.suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        known = "、".join(sorted(SUFFIXES))
        raise LoadError(f"还不能读取 {suffix or '无扩展名'} 格式：{name}", LATER.get(suffix, f"可读取的格式：{known}"))
    try:
        data = read_bytes(path, limits, check_lines=suffix in _TEXT)
        draft = reader(data, limits)
        if not draft.raw.strip():
            raise LoadError("文件里没有文字", "请检查文件内容，或从清单中去掉它")
    except LoadError as error:
        raise LoadError(f"{name}：{error.message}", error.hint) from error
    return Source(name, hashlib.sha256(data).hexdigest(), draft.raw, draft.marks)
