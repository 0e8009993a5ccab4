"""The accounts file: people, their roles, tokens and groups, as JSON that is put in place in one step."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import InputError

Role = Literal["reader", "editor", "admin"]


class Token(BaseModel):
    """What is kept of an API token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hash: str
    created: str
    label: str = ""


class User(BaseModel):
    """One account. ``password`` is a hash; "": no login, tokens only. No groups: every document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role = "reader"
    groups: tuple[str, ...] = ()
    password: str = ""
    tokens: dict[str, Token] = {}


class Book(BaseModel):
    """All accounts. ``groups`` maps a group's name to patterns of file names; ``secret`` signs sessions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: str = Field(default_factory=lambda: secrets.token_urlsafe(32), min_length=32)
    users: dict[str, User] = {}
    groups: dict[str, tuple[str, ...]] = {}


def read_book(path: Path) -> Book | None:
    """Return the accounts; None where there is no file.

    Raises:
        InputError: the file cannot be read; nobody is let in then.
    """
    try:
        return Book.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"内容有误（{error.error_count()} 处）"
        raise InputError(f"账户文件 {str(path)!r} 读不出来：{reason}", "恢复备份，或删除后用 youju user add 重建") from error


@contextmanager
def changing(path: Path) -> Iterator[Book]:
    """Lend the accounts to be changed in place (their dicts); they are written when the block ends well.

    Raises:
        InputError: the file cannot be read or written.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InputError(f"账户文件 {str(path)!r} 不能写入：{error.strerror}", "换一个 access_file 或修改权限") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        book = read_book(path) or Book()
        yield book
        _write(path, book)
    finally:
        os.close(handle)


def today() -> str:
    """Return the date to note down."""
    return datetime.now(UTC).date().isoformat()


def _write(path: Path, book: Book) -> None:
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(book.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
