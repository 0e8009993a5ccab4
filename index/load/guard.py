"""What every reader checks before it parses: size, kind of file, line length, archives that explode."""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib
from pathlib import Path

from index.config import Limits
from index.errors import LoadError

MB = 1 << 20
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)
"""What reading a damaged archive raises, besides errors of input and value."""
_CHUNK = 1 << 20
_HEAD = 1 << 16
_MAX_CHAR_BYTES = 4
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "Office 或压缩"),
    (_OLE, "旧版 Office"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF89a", "图片"),
    (b"GIF87a", "图片"),
    (b"\x1f\x8b", "压缩"),
    (b"Rar!", "压缩"),
    (b"7z\xbc\xaf", "压缩"),
)


def read_bytes(path: Path, limits: Limits, *, check_lines: bool = False) -> bytes:
    """Return the file's bytes; the size is checked before the first byte is read.

    Args:
        path: the file.
        limits: the size and, with ``check_lines``, the length of a line that are accepted.
        check_lines: stop at the first line that must be longer than the limit in any encoding.

    Raises:
        LoadError: no regular file, no permission, empty, or over a limit.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise LoadError("这是文件夹，不是文件", "请给出文件夹里的文件")
        if not stat.S_ISREG(found.st_mode):
            raise LoadError("不是普通文件", "请换成普通文件")
        if found.st_size == 0:
            raise LoadError("空文件", "请重新导出或下载该文件")
        if found.st_size > limits.max_file_mb * MB:
            size = found.st_size / MB
            raise LoadError(f"文件 {size:.1f} MB，超过上限 {limits.max_file_mb} MB", "请拆分文件，或调大 max_file_mb")
        return _read(path, limits, check_lines)
    except FileNotFoundError as error:
        raise LoadError("文件不存在", "请检查路径") from error
    except PermissionError as error:
        raise LoadError("没有读取权限", "请修改文件权限") from error
    except OSError as error:
        raise LoadError(f"读取失败：{error.strerror or error}", "请检查磁盘与文件") from error


def _read(path: Path, limits: Limits, check_lines: bool) -> bytes:
    data = bytearray()
    line_start = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            at = len(data)
            data += chunk
            if not check_lines:
                continue
            last = chunk.rfind(b"\n")
            line_start = at + last + 1 if last >= 0 else line_start
            if len(data) - line_start > limits.max_line_chars * _MAX_CHAR_BYTES:
                raise long_line(limits)
            if len(data) > limits.max_file_mb * MB:
                raise LoadError(f"文件超过上限 {limits.max_file_mb} MB", "请拆分文件，或调大 max_file_mb")
    return bytes(data)


def long_line(limits: Limits) -> LoadError:
    """Return the error for a line over the limit."""
    return LoadError(f"有一行超过 {limits.max_line_chars} 字", "这不像正常文档；请检查文件，或调大 max_line_chars")


def check_line_length(text: str, limits: Limits) -> None:
    """Raise LoadError where a line of the text is longer than the limit."""
    at = 0
    while len(text) - at > limits.max_line_chars:
        end = text.rfind("\n", at, at + limits.max_line_chars + 1)
        if end < 0:
            raise long_line(limits)
        at = end + 1


def kind_of(data: bytes) -> str:
    """Return in words what kind of binary file starts like this, or ""."""
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")


def check_zip(data: bytes, limits: Limits) -> None:
    """Check an Office archive before it is opened: whole, not encrypted, no bomb, no document type declaration.

    Raises:
        LoadError: one of these is not so.
    """
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise LoadError("文件已加密", "请在 Office 或 WPS 中去掉密码后再加入")
        raise LoadError("内容是旧版 Office 格式，与扩展名不符", "请另存为 .docx 或 .xlsx 后再加入")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if total > limits.max_unzipped_mb * MB:
                raise LoadError(
                    f"解压后约 {total / MB:.0f} MB，超过上限 {limits.max_unzipped_mb} MB，疑似压缩炸弹",
                    "请确认文件来源，或调大 max_unzipped_mb",
                )
            if any(member.flag_bits & 1 for member in members):
                raise LoadError("文件已加密", "请去掉密码后再加入")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _check_declaration(archive, member)
    except (*DAMAGED, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise LoadError("文件已损坏，或不是 Office 文件", "请重新下载，或用 Office 打开后另存一份") from error


def _check_declaration(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Office never writes a DOCTYPE; entity attacks need one."""
    with archive.open(member) as part:
        head = part.read(_HEAD).replace(b"\0", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise LoadError("文件含有 XML 实体声明，可能是攻击文件", "请确认文件来源；用 Office 打开后另存一份")
