"""The arguments of each command of ``youju``."""

from __future__ import annotations

import argparse
from pathlib import Path


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
