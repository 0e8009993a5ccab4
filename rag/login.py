"""The login page: a plain form, a signed cookie. No script, nothing from anywhere else.

No deferred annotations here: FastAPI reads those of functions within functions.
"""

import asyncio
import base64
import hashlib
import math
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from rag.access import Accounts
from rag.config import Settings
from rag.guard import COOKIE
from rag.throttle import Pauses

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;"
    "background:#f5f5f4;color:#1c1917}form{background:#fff;padding:2rem;border-radius:.5rem;width:min(20rem,90vw);"
    "box-sizing:border-box}label,input,button{display:block;width:100%;box-sizing:border-box}input,button{font:inherit;"
    "padding:.5rem;margin:.25rem 0 1rem;border:1px solid #78716c;border-radius:.25rem}button{background:#1d4ed8;"
    "color:#fff;border-color:#1d4ed8;cursor:pointer}h1{font-size:1.25rem;margin:0 0 1rem}p{color:#b91c1c}"
    "@media(prefers-color-scheme:dark){body{background:#1c1917;color:#f5f5f4}form{background:#292524}"
    "input{background:#1c1917;color:inherit}p{color:#fca5a5}}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_WORDS = {
    "zh-CN": ("登录有据", "用户名", "密码", "登录", "用户名或密码不对", "尝试次数太多，请 {} 秒后再试"),
    "en": ("Sign in to youju", "User name", "Password", "Sign in", "Wrong user name or password",
           "Too many attempts; try again in {} seconds"),
}  # fmt: skip


def add_login(app: "FastAPI", settings: Settings, accounts: Accounts | None) -> None:
    """Add the pages ``/login`` and ``/logout``; without accounts they lead to the start page."""
    from fastapi import Request, Response

    pauses = Pauses()
    seconds = int(settings.access_session_hours * 3600)

    @app.get("/login", include_in_schema=False)
    async def form(request: Request, next: str = "/") -> Response:
        if accounts is None:
            return _to("/")
        return _page(request, next)

    @app.post("/login", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        if accounts is None:
            return _to("/")
        sent = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        name, password, there = (sent.get(key, [""])[0] for key in ("name", "password", "next"))
        client = request.client.host if request.client else ""
        keys = (f"name {name[:100]}", f"address {client}")
        if wait := pauses.wait(*keys):
            return _page(request, there, 429, 5, wait)
        pauses.failed(*keys)  # at once, so that attempts side by side are counted; taken back on success
        who = await asyncio.to_thread(accounts.signed_in, name, password)
        if who is None:
            return _page(request, there, 401, 4)
        pauses.succeeded(*keys)
        reply = _to(there)
        secure = request.url.scheme == "https"
        cookie = accounts.session(who.name)
        reply.set_cookie(COOKIE, cookie, max_age=seconds, httponly=True, samesite="lax", secure=secure, path="/")
        return reply

    @app.post("/logout", include_in_schema=False)
    async def sign_out() -> Response:
        reply = _to("/login")
        reply.delete_cookie(COOKIE, path="/")
        return reply


def own_path(there: str) -> str:
    """Return a path of this server to go on to; "/" for anything that a browser might take for another place."""
    plain = all(" " < char < "\x7f" for char in there)
    return there if plain and there.startswith("/") and "\\" not in there and not there.startswith("//") else "/"


def _to(there: str) -> "Response":
    from fastapi.responses import RedirectResponse

    return RedirectResponse(own_path(there), 303, headers={"cache-control": "no-store"})


def _page(request: "Request", there: str, status: int = 200, error: int = 0, wait: float = 0.0) -> "Response":
    """Return the form; ``error`` is the number of the line of ``_WORDS`` above it."""
    from fastapi.responses import HTMLResponse

    language = "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh-CN"
    words = _WORDS[language]
    seconds = math.ceil(wait)
    complaint = f'<p role="alert">{escape(words[error].format(seconds))}</p>' if error else ""
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{words[0]}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f'<main><form method="post" action="/login"><h1>{words[0]}</h1>{complaint}'
        f'<input type="hidden" name="next" value="{escape(own_path(there))}">'
        f'<label for="name">{words[1]}</label><input id="name" name="name" autocomplete="username" required autofocus>'
        f'<label for="password">{words[2]}</label><input id="password" name="password" type="password" '
        f'autocomplete="current-password" required><button>{words[3]}</button></form></main></body></html>'
    )
    headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
    if wait:
        headers["retry-after"] = str(seconds)
    return HTMLResponse(text, status, headers)
