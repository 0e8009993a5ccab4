"""``youju serve``, ``youju mcp`` and ``youju user``: the server, and who may use it."""

from __future__ import annotations

import argparse
import getpass
import importlib
import importlib.util
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import InputError, MissingPackageError
from rag import access
from rag.accounts import Book, read_book
from rag.config import Settings, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.host import Host

_LOG = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_NEEDED = ("fastapi", "uvicorn", "mcp")


def user(options: argparse.Namespace) -> int:
    """Run ``youju user``."""
    if options.action != "list" and not options.name:
        raise InputError("缺少用户名或文件组名", "例如 youju user add zhang")
    settings = read_settings(index_dir=options.index)
    _ACTIONS[options.action](options, settings)
    return 0


def serve(options: argparse.Namespace) -> int:
    """Run ``youju serve`` until it is interrupted."""
    settings = read_settings(index_dir=options.index, serve_host=options.host, serve_port=options.port)
    accounts = access.open_accounts(settings)
    if accounts is None and not is_local(settings.serve_host):
        hint = "先建账户：youju user add 用户名 --role admin；或只在本机使用 --host 127.0.0.1"
        raise InputError(f"没有账户，不能监听 {settings.serve_host}：同一网络里的人都能看到全部文件", hint)
    _require()
    import uvicorn

    from rag.api import create_app

    logging.basicConfig(level=logging.INFO, format=_LOG, stream=sys.stderr)
    with _host(settings, options.no_llm) as host, _bound(settings) as listening:
        app = create_app(host, settings, accounts)
        app = _with_page(app, host, settings)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5,
            timeout_keep_alive=30, ws="none", lifespan="on",
        )  # fmt: skip
        _say(f"有据已在 {_address(listening)} 运行，按 Ctrl-C 停止")
        if problem := host.health().problem:
            _say(problem)
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # uvicorn hands it on when it is done
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    return 0


def mcp(options: argparse.Namespace) -> int:
    """Run ``youju mcp``: the tools over stdin and stdout, for an assistant on this machine."""
    _require()
    from rag.desk import Desk
    from rag.mcp import make_mcp

    settings = read_settings(index_dir=options.index)
    with _host(settings, options.no_llm) as host:
        make_mcp(Desk(host, settings)).run("stdio")
    return 0


def is_local(address: str) -> bool:
    """Return whether only this machine reaches the address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


@contextmanager
def _host(settings: Settings, no_llm: bool) -> Iterator[Host]:
    from rag.host import Host
    from rag.llm.choose import choose_model

    host = Host(settings, choose_model(settings, no_llm))
    try:
        yield host
    finally:
        host.close()


@contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """Lend the listening socket.

    Raises:
        InputError: the address cannot be had.
    """
    address, port = settings.serve_host.strip("[]"), settings.serve_port
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((address, port), family=family, backlog=512)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"不能监听 {address} 端口 {port}：{reason}", "换一个端口：youju serve --port 7861") from error
    with listening:
        yield listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _with_page(app: FastAPI, host: Host, settings: Settings) -> FastAPI:
    """Return the app with the chat page, where the extra ``ui`` is installed."""
    if any(importlib.util.find_spec(name) is None for name in ("ui", "gradio")):
        return app
    from rag.api import who_asks

    mounted: Any = importlib.import_module("ui").mount(app, host, settings, who_asks)
    page: FastAPI = mounted
    return page


def _require() -> None:
    """Raise MissingPackageError where the extra ``serve`` is not installed."""
    for name in _NEEDED:
        if importlib.util.find_spec(name) is None:
            raise MissingPackageError(f"没有安装 {name}", 'pip install "youju[serve]"')


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def add(options: argparse.Namespace, settings: Settings) -> None:
    """Make an account."""
    password = None if options.no_password else _password()
    access.add_user(_file(settings), options.name, password, options.role, tuple(options.group))
    _say(f"已建账户 {options.name}（{options.role}）；正在运行而没有账户的服务要重新启动")


def remove(options: argparse.Namespace, settings: Settings) -> None:
    """Remove an account."""
    access.remove_user(_file(settings), options.name)
    _say(f"已删除账户 {options.name}，它的登录和令牌随即失效")


def token(options: argparse.Namespace, settings: Settings) -> None:
    """Make or revoke an API token."""
    if options.revoke:
        access.revoke_token(_file(settings), options.name, options.revoke)
        _say(f"已吊销令牌 {options.revoke}")
        return
    identity, made = access.add_token(_file(settings), options.name, options.label)
    _say(made)
    sys.stderr.write(f"令牌只显示这一次；吊销：youju user token {options.name} --revoke {identity}\n")


def group(options: argparse.Namespace, settings: Settings) -> None:
    """Say which documents a group sees."""
    access.set_group(_file(settings), options.name, tuple(options.docs))
    _say(f"文件组 {options.name}：{'、'.join(options.docs) or '已删除，组内的人不再因它看到任何文件'}")


def show(options: argparse.Namespace, settings: Settings) -> None:
    """List accounts, tokens and groups."""
    book = read_book(_file(settings)) or Book()
    for name, user in book.users.items():
        _say(f"{name}  {user.role}  {'文件组 ' + '、'.join(user.groups) if user.groups else '全部文件'}")
        for identity, kept in user.tokens.items():
            _say(f"    令牌 {identity}  {kept.created}  {kept.label}".rstrip())
    for name, patterns in book.groups.items():
        _say(f"文件组 {name}：{'、'.join(patterns)}")
    if not book.users:
        _say("还没有账户；youju user add 用户名 --role admin 建第一个")


def _file(settings: Settings) -> Path:
    return settings.beside(settings.access_file, access.ENDING)


def _password() -> str:
    """Return a password typed twice at the terminal, or the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != typed:
        raise InputError("两次输入的密码不同")
    return typed


_ACTIONS = {"add": add, "remove": remove, "list": show, "token": token, "group": group}
COMMANDS = {"serve": serve, "mcp": mcp, "user": user}
