"""Passwords, tokens and signatures: only hashes are kept, compared in constant time.

Passwords: scrypt (RFC 7914) with a salt each. Tokens: 256 random bits, of which the SHA-256 is kept, because what
cannot be guessed need not be slow to check.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from index.errors import InputError

_N, _R, _P = 2**15, 8, 1
_MEMORY = 2 * 128 * _N * _R
SHORTEST = 8
LONGEST = 1024
TOKEN_START = "youju_"


def hash_password(password: str) -> str:
    """Return the password's salted hash as text.

    Raises:
        InputError: the password is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(f"密码应有 {SHORTEST} 至 {LONGEST} 个字符")
    salt = secrets.token_bytes(16)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(_scrypt(password, salt, _N, _R, _P))}"


def check_password(password: str, stored: str) -> bool:
    """Return whether this is the password of the hash. It takes as long for a hash that nobody has (``NOBODY``)."""
    _, n, r, p, salt, wanted = stored.split("$")
    found = _scrypt(password[: LONGEST + 1], base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(wanted))


def new_token() -> tuple[str, str, str]:
    """Return a new token: its id, the token itself (shown once), and the hash to keep."""
    identity, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = f"{TOKEN_START}{identity}_{secret}"
    return identity, token, token_hash(token)


def token_hash(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def token_identity(token: str) -> str:
    """Return the id in a token, "" where it has not the form of one."""
    head, _, rest = token.removeprefix(TOKEN_START).partition("_")
    return head if token.startswith(TOKEN_START) and rest else ""


def sign(text: str, key: str) -> str:
    """Return the signature of a text."""
    return hmac.new(key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Return whether two texts are equal, without telling by the time taken where they differ."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


NOBODY = f"scrypt${_N}${_R}${_P}${_text(bytes(16))}${_text(bytes(32))}"
"""The hash that no password has: checked for an unknown name, so that the time tells nothing."""
