"""Who may do what: passwords, tokens and sessions -> a person with a role and the documents they may see."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from index.errors import InputError
from rag.accounts import Book, Role, Token, User, changing, read_book, today
from rag.config import Settings
from rag.passwords import (
    NOBODY,
    check_password,
    hash_password,
    new_token,
    same,
    sign,
    token_hash,
    token_identity,
)

ENDING = ".accounts.json"
LONGEST_NAME = 64
_RANK: dict[Role, int] = {"reader": 0, "editor": 1, "admin": 2}


@dataclass(frozen=True, slots=True)
class Who:
    """A person or program that has been let in. ``patterns``: of the documents they may see; None: all of them."""

    name: str
    role: Role
    patterns: tuple[str, ...] | None = None

    def may(self, role: Role) -> bool:
        """Return whether they may do what this role may."""
        return _RANK[self.role] >= _RANK[role]

    def sees(self, file: str) -> bool:
        """Return whether they may see this document."""
        return self.patterns is None or any(fnmatchcase(file, pattern) for pattern in self.patterns)

    def only(self, files: Iterable[str]) -> frozenset[str] | None:
        """Return which of the documents they may see; None: all."""
        return None if self.patterns is None else frozenset(file for file in files if self.sees(file))


LOCAL = Who("local", "admin")
"""Who sits at this machine, where there are no accounts."""


class Accounts:
    """The accounts of a server, read anew when their file changes. Safe to share between threads.

    Raises:
        InputError: the file is there and cannot be read.
    """

    def __init__(self, path: Path, session_hours: float = 12) -> None:
        self.path = path
        self.session_s = session_hours * 3600
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._book = Book()
        self._read()

    def __len__(self) -> int:
        """Return how many accounts there are."""
        return len(self._read().users)

    def signed_in(self, name: str, password: str) -> Who | None:
        """Return whose name and password these are, None for nobody's. Takes as long either way."""
        book = self._read()
        user = book.users.get(name)
        good = check_password(password, user.password if user and user.password else NOBODY)
        return _who(book, name) if user and good else None

    def of_token(self, token: str) -> Who | None:
        """Return whose API token this is, None for nobody's."""
        book = self._read()
        identity, hashed = token_identity(token), token_hash(token)
        for name, user in book.users.items():
            kept = user.tokens.get(identity)
            if kept and same(kept.hash, hashed):
                return _who(book, name)
        return None

    def session(self, name: str) -> str:
        """Return the value of a session's cookie: name, end and signature; a new password ends every session."""
        body = f"{base64.urlsafe_b64encode(name.encode()).decode()}.{int(time.time() + self.session_s)}"
        return f"{body}.{sign(body, _key(self._read(), name))}"

    def of_session(self, cookie: str) -> Who | None:
        """Return whose session this is, None where it is forged or over."""
        book = self._read()
        body, _, signature = cookie.rpartition(".")
        coded, _, until = body.partition(".")
        try:
            name, ends = base64.urlsafe_b64decode(coded).decode(), int(until)
        except ValueError:
            return None
        known = name in book.users and same(signature, sign(body, _key(book, name)))
        return _who(book, name) if known and ends > time.time() else None

    def _read(self) -> Book:
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
        except OSError:
            stamp = (0, 0)
        with self._lock:
            if stamp != self._stamp:
                self._book, self._stamp = read_book(self.path) or Book(), stamp
            return self._book


def _who(book: Book, name: str) -> Who:
    user = book.users[name]
    if user.role == "admin" or not user.groups:
        return Who(name, user.role)
    return Who(name, user.role, tuple(p for group in user.groups for p in book.groups.get(group, ())))


def _key(book: Book, name: str) -> str:
    return f"{book.secret}:{book.users[name].password}"


def open_accounts(settings: Settings) -> Accounts | None:
    """Return the accounts, None where there is no account at all.

    Raises:
        InputError: the file cannot be read.
    """
    accounts = Accounts(settings.beside(settings.access_file, ENDING), settings.access_session_hours)
    return accounts if len(accounts) else None


def add_user(path: Path, name: str, password: str | None, role: Role = "reader", groups: tuple[str, ...] = ()) -> None:
    """Make an account; without a password (None) only its tokens let in.

    Raises:
        InputError: the name is taken or odd, a group is unknown, the password too short.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(f"用户名应有 1 至 {LONGEST_NAME} 个可见字符")
    hashed = "" if password is None else hash_password(password)
    with changing(path) as book:
        if name in book.users:
            raise InputError(f"已有用户 {name!r}", "要改密码或角色，先 youju user remove，再 add")
        _known_groups(book, groups)
        book.users[name] = User(role=role, groups=groups, password=hashed)


def remove_user(path: Path, name: str) -> None:
    """Remove an account with its tokens and sessions. Raises InputError where there is none."""
    with changing(path) as book:
        _known(book, name)
        del book.users[name]


def add_token(path: Path, name: str, label: str = "") -> tuple[str, str]:
    """Return id and text of a new API token of the account. Raises InputError where there is no account."""
    identity, token, hashed = new_token()
    with changing(path) as book:
        user = _known(book, name)
        kept = {**user.tokens, identity: Token(hash=hashed, created=today(), label=label)}
        book.users[name] = user.model_copy(update={"tokens": kept})
    return identity, token


def revoke_token(path: Path, name: str, identity: str) -> None:
    """Revoke a token by its id. Raises InputError where the account has none of this id."""
    with changing(path) as book:
        user = _known(book, name)
        if identity not in user.tokens:
            raise InputError(f"{name!r} 没有令牌 {identity!r}", "youju user list 列出令牌")
        kept = {key: token for key, token in user.tokens.items() if key != identity}
        book.users[name] = user.model_copy(update={"tokens": kept})


def set_group(path: Path, group: str, patterns: tuple[str, ...]) -> None:
    """Say which documents a group sees, by patterns of their names; no pattern removes the group.

    Who is in a removed group sees nothing by it.
    """
    with changing(path) as book:
        if patterns:
            book.groups[group] = patterns
        elif book.groups.pop(group, None) is None:
            raise InputError(f"没有文件组 {group!r}")


def _known(book: Book, name: str) -> User:
    if name not in book.users:
        raise InputError(f"没有用户 {name!r}", "youju user list 列出用户")
    return book.users[name]


def _known_groups(book: Book, groups: tuple[str, ...]) -> None:
    if unknown := [group for group in groups if group not in book.groups]:
        raise InputError(f"没有文件组 {unknown[0]!r}", "先运行 youju user group 组名 --docs '文件名*'")
