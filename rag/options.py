"""The arguments of each command of ``youju``, and what is said of missing ones."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeVar

from index.errors import InputError

_T = TypeVar("_T")


def add_build(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju build``."""
    p.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="文件、文件夹或 BEIR 语料（.jsonl/.jsonl.gz）")
    add_json(p)


def add_remove(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju remove``."""
    p.add_argument("files", nargs="+", metavar="DOC", help="文件名，见 youju docs")


def add_json(p: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    p.add_argument("--json", action="store_true", help="输出 JSON")


def add_search(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju search``."""
    p.add_argument("question", nargs="?", help="检索词或问题")
    p.add_argument("-k", type=int, default=10, help="返回条数（默认 10）")
    p.add_argument("--batch", type=Path, metavar="QUERIES.jsonl", help="批量检索：每行 _id 与 text")
    p.add_argument("--out", type=Path, metavar="RUN.jsonl", help="批量结果")
    add_json(p)


def add_ask(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju ask``."""
    p.add_argument("question", nargs="?", help="问题；省略时进入对话")
    p.add_argument("--history", type=Path, metavar="FILE", help="此前的问题：每行一个，或 JSON 数组")
    add_model(p)
    p.add_argument("--trace", action="store_true", help="显示回答是怎样得出的")
    p.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help="批量提问")
    p.add_argument("--out", type=Path, metavar="ANSWERS.jsonl", help="批量结果")
    add_json(p)


def add_model(p: argparse.ArgumentParser) -> None:
    """Add what decides which language model words the answers, if any."""
    p.add_argument("--no-llm", action="store_true", help="不用语言模型，只摘录原文")
    p.add_argument("--record", type=Path, metavar="DIR", help="把发给语言模型的请求和回答存入文件夹")
    p.add_argument("--replay", type=Path, metavar="DIR", help="从文件夹读回语言模型的回答，不连接服务")
    p.add_argument("--dump-prompts", type=Path, metavar="DIR", help="把提示词写入文件夹，可由任何模型作答后用 --replay 读回")


def add_verify(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju verify``."""
    p.add_argument("draft", nargs="?", type=Path, help="草稿（.md .txt .docx）")
    p.add_argument("--batch", type=Path, metavar="CLAIMS.jsonl", help="批量核对")
    p.add_argument("--out", type=Path, metavar="VERDICTS.jsonl", help="批量结果")
    add_json(p)


def add_serve(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju serve``."""
    p.add_argument("--host", metavar="ADDRESS", help="监听的地址（默认 127.0.0.1，只有本机能访问）")
    p.add_argument("--port", type=int, metavar="N", help="端口（默认 7860；0 为任选）")
    p.add_argument("--no-llm", action="store_true", help="不用语言模型，只摘录原文")


def add_mcp(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju mcp``."""
    p.add_argument("--no-llm", action="store_true", help="不用语言模型，只摘录原文")


def add_user(p: argparse.ArgumentParser) -> None:
    """Add the arguments of ``youju user``."""
    actions = ("add", "remove", "list", "token", "group")
    p.add_argument("action", choices=actions, metavar="|".join(actions), help="做什么")
    p.add_argument("name", nargs="?", default="", help="用户名（group：文件组名）")
    p.add_argument("--role", choices=("reader", "editor", "admin"), default="reader", help="add：角色（默认 reader）")
    p.add_argument("--group", action="append", default=[], metavar="GROUP", help="add：只能看这个文件组，可多次")
    p.add_argument("--docs", action="append", default=[], metavar="PATTERN", help="group：文件名样式，可多次；不给则删组")
    p.add_argument("--no-password", action="store_true", help="add：不设密码，只用令牌")
    p.add_argument("--label", default="", help="token：用途")
    p.add_argument("--revoke", metavar="ID", help="token：吊销这个令牌")


def needed(value: _T | None, name: str) -> _T:
    """Return an argument that the command cannot do without. Raises InputError where it is missing."""
    if value is None:
        raise InputError(f"缺少 {name}", "见 youju --help")
    return value


def version() -> str:
    """Return the version for ``--version``."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("youju")
    except PackageNotFoundError:
        return "（未安装）"
