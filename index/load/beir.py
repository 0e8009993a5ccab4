"""Corpora in the BEIR form: one document a line of corpus.jsonl or corpus.jsonl.gz."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from index.config import Limits
from index.errors import LoadError
from index.load.guard import long_line
from index.types import DocumentInfo, Source

_HINT = '每行应是一个 JSON 对象：{"_id": "...", "title": "...", "text": "..."}'


def read_beir(path: Path, limits: Limits) -> Iterator[Source]:
    """Yield a Source for each line; memory does not grow with the file.

    raw is the title, a line break and the text, or the text alone where there is no title.

    Raises:
        LoadError: the file cannot be opened, or a line (named by its number) is no document.
    """
    longest = limits.max_line_chars * 4
    number = 0
    try:
        with _open(path) as file:
            while line := file.readline(longest + 1):
                number += 1
                if len(line) > longest:
                    raise long_line(limits)
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.strip():
                    yield _source(line.rstrip(b"\r\n"))
    except LoadError as error:
        raise LoadError(f"{path.name} 第 {number} 行：{error.message}", error.hint) from error
    except (OSError, EOFError, zlib.error) as error:
        raise LoadError(f"{path.name} 第 {number + 1} 行起读取失败：{error}", "请检查文件是否完整") from error


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def _source(line: bytes) -> Source:
    try:
        entry = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LoadError("不是 JSON", _HINT) from error
    if not isinstance(entry, dict):
        raise LoadError("不是 JSON 对象", _HINT)
    name, title, text = entry.get("_id"), entry.get("title") or "", entry.get("text")
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not (isinstance(name, str) and name and isinstance(title, str) and isinstance(text, str)):
        raise LoadError("缺少 _id 或 text，或类型不是字符串", _HINT)
    raw = f"{title}\n{text}" if title else text
    try:
        (name + raw).encode()
    except UnicodeEncodeError as error:
        raise LoadError("含有不完整的 Unicode 字符", "请修正该行的转义序列") from error
    return Source(name, hashlib.sha256(line).hexdigest(), raw, (), DocumentInfo(title=title))
