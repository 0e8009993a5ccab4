"""The ``youju`` command: arguments in, words or JSON out. Errors become one clear line and exit code 2."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from index.errors import InputError, YoujuError

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 (done), 1 (a gate failed, an index is damaged) or 2 (wrong usage or input)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["eval"]:
        return _guarded(lambda: int(importlib.import_module("eval.run").main(arguments[1:])))
    options = _parser().parse_args(arguments)
    return _guarded(lambda: options.run(options))


def _guarded(run: Callable[[], int]) -> int:
    """Translate errors to words here and nowhere else."""
    from pydantic import ValidationError

    try:
        return run()
    except YoujuError as error:
        return fail(error.line())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return fail(f"设置 {place} 不正确：{first['msg']}（请检查 youju.toml、YOUJU_ 开头的环境变量和命令行参数）")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return fail("已中断")


def say(text: str = "") -> None:
    """Write one line for the reader."""
    sys.stdout.write(text + "\n")


def fail(text: str) -> int:
    """Write one line of error; return the exit code of wrong usage."""
    sys.stderr.write(f"错误：{text}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="youju", description="有据：每一句回答都指到文件原文的政策问答")
    parser.add_argument("--version", action="version", version=f"youju {_version()}")
    commands = parser.add_subparsers(title="命令", required=True, metavar="COMMAND")
    for name, help_text, run, add in _COMMANDS:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(run=run)
        add(command)
        command.add_argument("--index", type=Path, metavar="DIR", help="索引目录（默认 youju-index）")
    commands.add_parser("eval", help="用已知事实的题库评测", add_help=False)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("youju")
    except PackageNotFoundError:
        return "（未安装）"


def _settings(options: argparse.Namespace) -> Any:
    from rag.config import read_settings

    return read_settings(index_dir=options.index)


def _open(options: argparse.Namespace) -> Any:
    from rag.service import PolicyQA

    return PolicyQA.open(settings=_settings(options))


def _build(options: argparse.Namespace) -> int:
    from index.build import build

    settings = _settings(options)
    report = build(options.paths, settings.index_dir, settings.index)
    if options.json:
        say(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        _print_report(report, settings.index_dir)
    return 0 if report.documents else 2


def _print_report(report: Any, folder: Path) -> None:
    parts = (("新增", report.added), ("更新", report.updated), ("未变", report.unchanged), ("移除", report.removed))
    say("，".join(f"{name} {len(files)} 份" for name, files in parts if files) or "没有可读的文件")
    for file, reason in report.skipped:
        say(f"  未读 {file}：{reason}")
    say(f"索引 {folder}：{report.documents} 份文件，{report.passages} 个片段，{report.records} 条记录，{report.seconds:.1f} 秒")


def _remove(options: argparse.Namespace) -> int:
    from index.build import remove

    settings = _settings(options)
    _print_report(remove(options.files, settings.index_dir), settings.index_dir)
    return 0


def _docs(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    entries = _open(options).library.documents()
    if options.json:
        say(json.dumps([asdict(e) for e in entries], ensure_ascii=False))
        return 0
    for entry in entries:
        info = entry.info
        about = "，".join(p for p in (info.number, "、".join(info.issuers), info.date, info.region, info.status) if p)
        say(f"{entry.file}  《{info.title}》" + (f"  {about}" if about else ""))
    return 0


def _search(options: argparse.Namespace) -> int:
    from rag.batch import search_batch
    from rag.service import hit_line

    if options.batch:
        return search_batch(_open(options), options.batch, _needed(options.out, "--out"), options.k)
    hits = _open(options).search(_needed(options.question, "检索词"), options.k)
    if options.json:
        say(json.dumps([hit_line(h) for h in hits], ensure_ascii=False))
        return 0
    for number, hit in enumerate(hits, 1):
        place = hit.passage.locator
        say(f"{number}. {place.file}  {place.label()}  （{hit.score:.2f}）\n   {hit.passage.text[:120]}")
    return 0


def _ask(options: argparse.Namespace) -> int:
    from rag.batch import ask_batch, read_history
    from rag.service import answer_line
    from rag.talk import print_answer, talk

    if options.batch:
        return ask_batch(_open(options), options.batch, _needed(options.out, "--out"))
    if not options.question:
        if not sys.stdin.isatty():
            raise InputError("没有问题", '请写成：youju ask "哪些技术适合焦化企业？"')
        return talk(_open(options))
    answer = _open(options).answer(options.question, read_history(options.history) if options.history else ())
    if options.json:
        say(json.dumps(answer_line("", answer), ensure_ascii=False))
    else:
        print_answer(answer)
    if options.trace:
        say(json.dumps(answer.trace, ensure_ascii=False, indent=1))
    return 0


def _verify(options: argparse.Namespace) -> int:
    module = importlib.import_module("rag.claims")
    if options.batch:
        return int(module.verify_batch(options.batch, _needed(options.out, "--out")))
    return int(module.verify_draft(_needed(options.draft, "草稿文件"), _open(options), as_json=options.json))


def _check(options: argparse.Namespace) -> int:
    from index.store import check

    settings = _settings(options)
    problems = check(settings.index_dir)
    for problem in problems:
        say(problem)
    say("索引有问题，请用 youju build 重建" if problems else f"索引 {settings.index_dir} 完好")
    return 1 if problems else 0


def _needed(value: Any, name: str) -> Any:
    if value is None:
        raise InputError(f"缺少 {name}", "见 youju --help")
    return value


def _build_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="文件、文件夹或 BEIR 语料（.jsonl/.jsonl.gz）")
    p.add_argument("--json", action="store_true", help="输出 JSON")


def _remove_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("files", nargs="+", metavar="DOC", help="文件名，见 youju docs")


def _json_option(p: argparse.ArgumentParser) -> None:
    p.add_argument("--json", action="store_true", help="输出 JSON")


def _search_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("question", nargs="?", help="检索词或问题")
    p.add_argument("-k", type=int, default=10, help="返回条数（默认 10）")
    p.add_argument("--batch", type=Path, metavar="QUERIES.jsonl", help="批量检索：每行 _id 与 text")
    p.add_argument("--out", type=Path, metavar="RUN.jsonl", help="批量结果")
    _json_option(p)


def _ask_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("question", nargs="?", help="问题；省略时进入对话")
    p.add_argument("--history", type=Path, metavar="FILE", help="此前的问题：每行一个，或 JSON 数组")
    p.add_argument("--no-llm", action="store_true", help="不用语言模型（目前总是如此）")
    p.add_argument("--trace", action="store_true", help="显示回答是怎样得出的")
    p.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help="批量提问")
    p.add_argument("--out", type=Path, metavar="ANSWERS.jsonl", help="批量结果")
    _json_option(p)


def _verify_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("draft", nargs="?", type=Path, help="草稿（.md .txt .docx）")
    p.add_argument("--batch", type=Path, metavar="CLAIMS.jsonl", help="批量核对")
    p.add_argument("--out", type=Path, metavar="VERDICTS.jsonl", help="批量结果")
    _json_option(p)


_COMMANDS: tuple[tuple[str, str, Command, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("build", "建立或更新索引", _build, _build_options),
    ("remove", "从索引中移除文件", _remove, _remove_options),
    ("docs", "列出文件及其标题、文号、机关、日期", _docs, _json_option),
    ("search", "检索片段", _search, _search_options),
    ("ask", "提问，得到带出处的回答", _ask, _ask_options),
    ("verify", "核对草稿或论断里的每个数字", _verify, _verify_options),
    ("check", "检查索引是否完好", _check, lambda p: None),
)

if __name__ == "__main__":
    sys.exit(main())
