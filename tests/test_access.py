"""Accounts: passwords, tokens, sessions, groups that limit what is found, limits by key."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from youju_process import NAMES, environment

from index.errors import InputError
from rag import access
from rag.access import Accounts, Who
from rag.accounts import read_book
from rag.passwords import NOBODY, check_password, hash_password, new_token, token_hash
from rag.throttle import FREE, KEPT, LONGEST_PAUSE_S, Pauses, Rate
from tests.server import ASKED, Served, httpx, needed, restricted, served, world

PASSWORD = "正确的密码 horse battery"
TABLE_QUESTION = "哪些技术适合焦化企业？"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts.json"


# --- passwords and tokens ---


def test_a_password_is_kept_as_a_salted_hash_that_only_it_fits() -> None:
    stored = hash_password(PASSWORD)
    assert stored != hash_password(PASSWORD) and PASSWORD not in stored and stored.startswith("scrypt$")
    assert check_password(PASSWORD, stored)
    assert not any(check_password(wrong, stored) for wrong in (PASSWORD + " ", "", PASSWORD[:-1], "x" * 5000))
    assert not check_password("", NOBODY)


@pytest.mark.parametrize("password", ["", "short", "x" * 2000])
def test_a_password_that_is_too_short_or_long_is_refused(password: str) -> None:
    with pytest.raises(InputError):
        hash_password(password)


def test_tokens_are_never_the_same_and_only_their_hash_is_kept(file: Path) -> None:
    tokens = [new_token()[1] for _ in range(100)]
    assert len(set(tokens)) == 100 and all(len(token) > 50 for token in tokens)
    access.add_user(file, "bot", None)
    identity, token = access.add_token(file, "bot", "脚本")
    text = file.read_text("utf-8")
    assert token not in text and token_hash(token) in text
    accounts = Accounts(file)
    assert accounts.of_token(token) == Who("bot", "reader")
    for wrong in (token[:-1], token + "x", token.upper(), "", f"youju_{identity}_", f"youju_{identity}_x"):
        assert accounts.of_token(wrong) is None
    access.revoke_token(file, "bot", identity)
    assert accounts.of_token(token) is None, "at once, without a restart"
    with pytest.raises(InputError):
        access.revoke_token(file, "bot", identity)


def test_an_account_without_a_password_cannot_sign_in(file: Path) -> None:
    access.add_user(file, "bot", None)
    accounts = Accounts(file)
    assert all(accounts.signed_in("bot", password) is None for password in ("", "x", NOBODY))


def test_the_file_is_private_and_an_unknown_name_takes_as_long_as_a_wrong_password(file: Path) -> None:
    access.add_user(file, "zhang", PASSWORD, "admin")
    assert file.stat().st_mode & 0o077 == 0 and PASSWORD not in file.read_text("utf-8")
    accounts = Accounts(file)
    assert accounts.signed_in("zhang", PASSWORD) == Who("zhang", "admin")

    def seconds(name: str) -> float:
        began = time.process_time()
        for _ in range(5):
            assert accounts.signed_in(name, "wrong wrong") is None
        return time.process_time() - began

    known, unknown = seconds("zhang"), seconds("nobody")
    assert 0.4 < known / unknown < 2.5


# --- sessions ---


def test_a_session_holds_until_its_end_or_a_new_password(file: Path) -> None:
    access.add_user(file, "zhang", PASSWORD)
    accounts = Accounts(file)
    cookie = accounts.session("zhang")
    assert accounts.of_session(cookie) == Who("zhang", "reader")
    assert Accounts(file, session_hours=-1).of_session(Accounts(file, session_hours=-1).session("zhang")) is None
    access.remove_user(file, "zhang")
    assert accounts.of_session(cookie) is None
    access.add_user(file, "zhang", PASSWORD + "2")
    assert accounts.of_session(cookie) is None


@given(text=st.text(max_size=80))
def test_no_text_is_a_session_by_chance(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert _shared(tmp_path_factory).of_session(text) is None
    assert _shared(tmp_path_factory).of_token(text) is None


@given(at=st.integers(0, 200), char=st.characters(codec="ascii"))
def test_a_session_that_was_changed_anywhere_is_none(
    at: int, char: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    accounts = _shared(tmp_path_factory)
    cookie = accounts.session("zhang")
    at %= len(cookie)
    forged = cookie[:at] + char + cookie[at + 1 :]
    assert (accounts.of_session(forged) is None) == (forged != cookie)


_made: list[Accounts] = []


def _shared(factory: pytest.TempPathFactory) -> Accounts:
    if not _made:
        file = factory.mktemp("accounts") / "a.json"
        access.add_user(file, "zhang", PASSWORD)
        _made.append(Accounts(file))
    return _made[0]


# --- roles and groups ---


def test_groups_limit_what_is_seen_and_admins_see_all(file: Path) -> None:
    access.set_group(file, "节水", ("*节水*", "通知.txt"))
    access.set_group(file, "空", ("没有*",))
    access.add_user(file, "li", None, groups=("节水",))
    access.add_user(file, "wang", None, groups=("空", "节水"))
    access.add_user(file, "zhao", None, "admin", ("空",))
    bot = {name: Accounts(file).of_token(access.add_token(file, name)[1]) for name in ("li", "wang", "zhao")}
    files = ["节水办法.txt", "大气.txt", "通知.txt", "通知.txt.bak"]
    assert bot["li"].only(files) == bot["wang"].only(files) == {"节水办法.txt", "通知.txt"}
    assert bot["zhao"].only(files) is None
    access.set_group(file, "节水", ())
    again = Accounts(file).of_token(access.add_token(file, "li")[1])
    assert again.only(files) == frozenset(), "a group that is gone lets nobody see anything"


def test_roles_stand_above_one_another() -> None:
    ranks = ("reader", "editor", "admin")
    for at, role in enumerate(ranks):
        assert [Who("x", role).may(other) for other in ranks] == [n <= at for n in range(3)]


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "a\x00"])
def test_an_odd_name_is_refused(file: Path, name: str) -> None:
    with pytest.raises(InputError):
        access.add_user(file, name, PASSWORD)
    assert not file.exists()


def test_a_name_is_taken_once_and_an_unknown_group_is_told(file: Path) -> None:
    access.add_user(file, "zhang", PASSWORD)
    with pytest.raises(InputError, match="zhang"):
        access.add_user(file, "zhang", PASSWORD)
    with pytest.raises(InputError, match="外部"):
        access.add_user(file, "li", PASSWORD, groups=("外部",))
    assert list(read_book(file).users) == ["zhang"]


def test_a_damaged_file_lets_nobody_in(file: Path) -> None:
    access.add_user(file, "zhang", PASSWORD)
    accounts = Accounts(file)
    file.write_text("{", "utf-8")
    with pytest.raises(InputError, match="账户文件"):
        accounts.signed_in("zhang", PASSWORD)
    with pytest.raises(InputError):
        Accounts(file)


# --- limits ---


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again_for_each_key_by_itself() -> None:
    clock = Clock()
    rate = Rate(60, clock)
    assert [rate.wait("a") for _ in range(60)] == [0.0] * 60
    assert rate.wait("a") == pytest.approx(1.0) and rate.wait("b") == 0.0
    clock.now += 1.01
    assert rate.wait("a") == 0.0 and rate.wait("a") > 0
    clock.now += 3600
    assert [rate.wait("a") for _ in range(61)].count(0.0) == 60, "no more than the bucket holds"
    assert Rate(0).wait("a") == 0.0


def test_pauses_double_and_end_with_success_or_time() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    waits = []
    for _ in range(16):
        pauses.failed("name zhang", "address 1")
        waits.append(pauses.wait("name zhang"))
    assert waits[: FREE - 1] == [0.0] * (FREE - 1) and waits[FREE - 1 : FREE + 2] == [1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST_PAUSE_S and pauses.wait("name li", "address 1") == LONGEST_PAUSE_S
    assert pauses.wait("name li", "address 2") == 0.0
    clock.now += LONGEST_PAUSE_S
    assert pauses.wait("name zhang") == 0.0
    pauses.succeeded("name zhang")
    pauses.failed("name zhang")
    assert pauses.wait("name zhang") == 0.0


def test_limits_remember_a_bounded_number_of_keys() -> None:
    rate, pauses = Rate(5), Pauses()
    for number in range(KEPT + 50):
        rate.wait(str(number))
        pauses.failed(str(number))
    assert len(rate._held) == len(pauses._held) == KEPT


# --- a server with accounts ---


def youju_user(folder: Path, *arguments: str, said: str = "") -> str:
    command = [sys.executable, "-m", "rag.cli", "user", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        input=said,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    """A server with an admin, and a reader who may see the first document only; and their tokens."""
    needed()
    folder = world(tmp_path_factory.mktemp("guarded"))
    youju_user(folder, "group", "办法", "--docs", NAMES[0][:4] + "*")
    youju_user(folder, "add", "boss", "--role", "admin", said=f"{PASSWORD}\n")
    youju_user(folder, "add", "li", "--group", "办法", said=f"{PASSWORD}\n")
    tokens = {name: youju_user(folder, "token", name) for name in ("boss", "li")}
    with served(folder) as running:
        yield running, tokens


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/ask"), ("GET", "/api/documents"), ("GET", f"/api/source/{NAMES[0]}"), ("GET", "/v1/models"),
     ("POST", "/mcp"), ("GET", "/metrics"), ("GET", "/openapi.json"), ("GET", "/"), ("POST", "/gradio_api/upload"),
     ("GET", "//api/documents"), ("GET", "/healthz/../api/documents"), ("OPTIONS", "/api/ask")],
)  # fmt: skip
def test_nobody_gets_in_without_a_key(guarded: tuple[Served, dict[str, str]], method: str, path: str) -> None:
    server, _ = guarded
    for headers in ({}, bearer("youju_0_x"), {"cookie": "youju_session=x.9.y"}, {"authorization": "Basic eDp5"}):
        reply = server.client.request(method, path, headers=headers)
        assert reply.status_code == 401, (path, headers, reply.text)
        assert reply.headers["www-authenticate"] == "Bearer"


def test_health_without_a_key_tells_no_more_than_whether_it_is_well(guarded: tuple[Served, dict[str, str]]) -> None:
    server, tokens = guarded
    assert server.client.get("/healthz").json() == {"ok": True}
    assert server.client.get("/healthz", headers=bearer(tokens["li"])).json()["documents"] == 2


def test_metrics_are_for_admins(guarded: tuple[Served, dict[str, str]]) -> None:
    server, tokens = guarded
    assert server.client.get("/metrics", headers=bearer(tokens["li"])).status_code == 403
    assert server.client.get("/metrics", headers=bearer(tokens["boss"])).status_code == 200
    assert server.client.get("/api/me", headers=bearer(tokens["li"])).json() == {
        "name": "li", "role": "reader", "limited": True
    }  # fmt: skip


@restricted
def test_a_group_limits_every_way_of_finding_something(guarded: tuple[Served, dict[str, str]]) -> None:
    server, tokens = guarded
    boss, li = bearer(tokens["boss"]), bearer(tokens["li"])
    assert not server.ask(TABLE_QUESTION, headers=boss).json()["refused"]
    assert not server.ask(ASKED, headers=li).json()["refused"]
    told: list[str] = []

    def post(path: str, body: dict[str, Any]) -> httpx.Response:
        reply = server.client.post(path, json=body, headers={**li, "accept": "application/json, text/event-stream"})
        told.append(reply.text)
        return reply

    post("/api/ask", {"question": TABLE_QUESTION})
    told.append(server.ask(TABLE_QUESTION, headers=li).text)
    assert server.ask(TABLE_QUESTION, headers=li).json()["refused"]
    post("/api/search", {"query": "焦化企业 节水技术"})
    post("/v1/chat/completions", {"messages": [{"role": "user", "content": TABLE_QUESTION}]})
    post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "search", "arguments": {"query": "焦化企业 节水技术"}}})  # fmt: skip
    told.append(server.client.get("/api/documents", headers=li).text)
    secrets = ("节水技术目录", "闭式循环", "膜法", "干式除尘", "2 份文件")
    assert not [(word, text) for word in secrets for text in told if word in text]
    unknown = server.client.get("/api/source/没有.txt", headers=li)
    hidden = server.client.get(f"/api/source/{NAMES[1]}", headers=li)
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.text.replace(NAMES[1], "") == unknown.text.replace("没有.txt", ""), "nobody can tell which"
    asked = post("/api/ask", {"question": TABLE_QUESTION, "documents": [NAMES[1]]})
    assert asked.status_code == 404
    assert server.client.get(f"/api/source/{NAMES[0]}", headers=li).status_code == 200


def test_the_audit_log_names_who_asked(guarded: tuple[Served, dict[str, str]]) -> None:
    server, tokens = guarded
    server.client.get(f"/api/source/{NAMES[0]}", headers=bearer(tokens["li"]), params={"end": 10})
    line = server.lines("youju-index.audit.jsonl")[-1]
    assert (line["who"], line["what"], line["doc"]) == ("li", "source", NAMES[0])


def sign_in(
    server: Served, client: httpx.Client, name: str, password: str, there: str = "/", **headers: str
) -> httpx.Response:
    data = {"name": name, "password": password, "next": there}
    return client.post(f"{server.url}/login", data=data, headers=headers)


def test_a_person_signs_in_and_out(guarded: tuple[Served, dict[str, str]]) -> None:
    server, _ = guarded
    with httpx.Client(trust_env=False) as client:
        page = client.get(f"{server.url}/eval?run=1", headers={"accept": "text/html"})
        assert page.status_code == 303 and page.headers["location"] == "/login?next=%2Feval%3Frun%3D1"
        form = client.get(server.url + page.headers["location"], headers={"accept-language": "zh"})
        assert 'value="/eval?run=1"' in form.text and "登录" in form.text and "script-src" not in form.text
        assert "Sign in" in client.get(f"{server.url}/login", headers={"accept-language": "en-GB"}).text
        done = sign_in(server, client, "li", PASSWORD, "/eval?run=1")
        assert done.status_code == 303 and done.headers["location"] == "/eval?run=1"
        cookie = done.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie
        assert client.get(f"{server.url}/api/me").json()["name"] == "li"
        other_site = {"origin": "https://example.com"}
        assert client.post(f"{server.url}/api/search", json={"query": "水"}, headers=other_site).status_code == 403
        assert client.post(f"{server.url}/logout").status_code == 303
        assert client.get(f"{server.url}/api/me").status_code == 401


@pytest.mark.parametrize(
    "there",
    ["https://example.com/", "//example.com", "/\\example.com", "/a\r\nx: y", "javascript:alert(1)", '"><script>'],
)
def test_signing_in_leads_nowhere_else(guarded: tuple[Served, dict[str, str]], there: str) -> None:
    server, _ = guarded
    with httpx.Client(trust_env=False) as client:
        assert sign_in(server, client, "li", PASSWORD, there).headers["location"] == "/"
        page = client.get(f"{server.url}/login", params={"next": there})
        assert 'name="next" value="/"' in page.text and "<script>" not in page.text


def test_wrong_passwords_are_slowed_down(tmp_path: Path) -> None:
    needed()
    folder = world(tmp_path)
    youju_user(folder, "add", "li", said=f"{PASSWORD}\n")
    with served(folder) as server, httpx.Client(trust_env=False) as client:
        replies = [sign_in(server, client, "li", "wrong wrong") for _ in range(FREE + 1)]
        assert [reply.status_code for reply in replies] == [401] * FREE + [429]
        assert int(replies[-1].headers["retry-after"]) >= 1
        assert sign_in(server, client, "li", PASSWORD).status_code == 429, "the right one waits as well"
        assert sign_in(server, client, "someone", "wrong wrong").status_code == 429, "from the same address"
        time.sleep(1.1)
        assert sign_in(server, client, "li", PASSWORD).status_code == 303
        youju_user(folder, "remove", "li")
        assert client.get(f"{server.url}/api/me").status_code == 401, "a removed account is out at once"
        (folder / "youju-index.accounts.json").write_text("{", "utf-8")
        assert client.get(f"{server.url}/api/me", headers=bearer("youju_0_x")).status_code == 503


def test_a_token_is_revoked_at_once(guarded: tuple[Served, dict[str, str]]) -> None:
    server, _ = guarded
    token = youju_user(server.folder, "token", "li", "--label", "一次")
    assert server.client.get("/api/me", headers=bearer(token)).status_code == 200
    listed = youju_user(server.folder, "list")
    (identity,) = re.findall(r"令牌 (\w+)  \S+  一次", listed)
    assert token not in listed and PASSWORD not in listed and "办法" in listed
    youju_user(server.folder, "token", "li", "--revoke", identity)
    assert server.client.get("/api/me", headers=bearer(token)).status_code == 401


def test_accounts_with_openais_client(guarded: tuple[Served, dict[str, str]]) -> None:
    openai = pytest.importorskip("openai")
    server, tokens = guarded
    messages = [{"role": "user", "content": ASKED}]
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="sk-none").chat.completions.create(
            model="youju", messages=messages
        )
    reply = openai.OpenAI(base_url=f"{server.url}/v1", api_key=tokens["li"]).chat.completions.create(
        model="youju", messages=messages
    )
    assert "30万立方米" in reply.choices[0].message.content and json.dumps(reply.model_extra)
