"""The ``youju`` command: arguments in, words or JSON out. Errors become one clear line and exit code 2."""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from index.errors import InputError, YoujuError
from rag import options as takes

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.service import PolicyQA

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 (done), 1 (a gate failed, an index is damaged) or 2 (wrong usage or input)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # the terminal's encoding may lack a character
    if arguments[:1] == ["eval"]:
        return _guarded(lambda: int(importlib.import_module("eval.run").main(arguments[1:])))
    return _guarded(lambda: _run(_parser().parse_args(arguments)))


def _run(options: argparse.Namespace) -> int:
    code = int(options.run(options))
    sys.stdout.flush()
    return code


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
        where = f"设置 {place} 不能是 {first['input']!r}" if place else "设置读不懂"
        return fail(f"{where}：{first['msg']}（请检查 youju.toml 和 YOUJU_ 开头的环境变量）")
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        _drop_output()
        return fail(f"读写失败：{error.strerror or error} {error.filename or ''}".rstrip())
    except KeyboardInterrupt:
        return fail("已中断")


def _drop_output() -> None:
    """Send what nobody takes any more nowhere, so that leaving the program does not fail once more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str = "") -> None:
    """Write one line for the reader."""
    sys.stdout.write(text + "\n")


def fail(text: str) -> int:
    """Write one line of error; return the exit code of wrong usage."""
    sys.stderr.write(f"错误：{' '.join(text.split())}\n")
    return 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise InputError."""
        raise InputError(f"用法不对：{message}", f"{self.prog} --help 查看用法")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="youju", description="有据：每一句回答都指到文件原文的政策问答")
    parser.add_argument("--version", action="version", version=f"youju {takes.version()}")
    commands = parser.add_subparsers(title="命令", required=True, metavar="COMMAND")
    for name, help_text, run, add in _COMMANDS:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(run=run)
        add(command)
        command.add_argument("--index", type=Path, metavar="DIR", help="索引目录（默认 youju-index）")
    commands.add_parser("eval", help="用已知事实的题库评测", add_help=False)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    from rag.config import read_settings

    return read_settings(index_dir=options.index)


def _open(options: argparse.Namespace) -> PolicyQA:
    from rag.service import PolicyQA

    settings = _settings(options).model_copy(update={"llm_base_url": ""})
    return PolicyQA.open(settings=settings)


def _open_worded(options: argparse.Namespace) -> PolicyQA:
    from rag.llm.choose import choose_model
    from rag.service import PolicyQA

    settings = _settings(options)
    model = choose_model(settings, options.no_llm, options.record, options.replay, options.dump_prompts)
    return PolicyQA.open(settings=settings, model=model)


def _build(options: argparse.Namespace) -> int:
    from index.build import build
    from rag.talk import print_report

    settings = _settings(options)
    report = build(options.paths, settings.index_dir, settings.index)
    if options.json:
        say(report.to_json())
    else:
        print_report(report, settings.index_dir)
    return 0 if report.generation else fail("没有可读的文件，索引没有建立")


def _remove(options: argparse.Namespace) -> int:
    from index.build import remove
    from rag.talk import print_report

    settings = _settings(options)
    print_report(remove(options.files, settings.index_dir), settings.index_dir)
    return 0


def _docs(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from rag.talk import print_documents

    entries = _open(options).library.documents()
    if options.json:
        say(json.dumps([asdict(e) for e in entries], ensure_ascii=False))
        return 0
    print_documents(entries)
    return 0


def _search(options: argparse.Namespace) -> int:
    from rag.batch import search_batch
    from rag.service import hit_line
    from rag.talk import print_hits

    if options.batch:
        return search_batch(_open(options), options.batch, takes.needed(options.out, "--out"), options.k)
    hits = _open(options).search(takes.needed(options.question, "检索词"), options.k)
    if options.json:
        say(json.dumps([hit_line(h) for h in hits], ensure_ascii=False))
        return 0
    print_hits(hits)
    return 0


def _ask(options: argparse.Namespace) -> int:
    from rag.batch import ask_batch, read_history
    from rag.service import answer_line
    from rag.talk import print_answer, talk

    if options.batch:
        return ask_batch(_open_worded(options), options.batch, takes.needed(options.out, "--out"))
    if options.question is None:
        if not sys.stdin.isatty():
            raise InputError("没有问题", '请写成：youju ask "哪些技术适合焦化企业？"')
        return talk(_open_worded(options))
    history = read_history(options.history) if options.history else ()
    qa = _open_worded(options)
    if options.json:
        answer = qa.answer(options.question, history)
        trace = {"trace": answer.trace} if options.trace else {}
        say(json.dumps({**answer_line("", answer), **trace}, ensure_ascii=False))
        return 0
    answer = print_answer(options.question, qa.ask(options.question, history))
    if options.trace:
        say(json.dumps(answer.trace, ensure_ascii=False, indent=1))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from rag.claims import verify_batch, verify_draft

    if options.batch:
        return verify_batch(options.batch, takes.needed(options.out, "--out"))
    return verify_draft(takes.needed(options.draft, "草稿文件"), _open(options), as_json=options.json)


def _check(options: argparse.Namespace) -> int:
    from index.store import check
    from rag.llm.choose import check_model

    settings = _settings(options)
    problems = check(settings.index_dir)
    for problem in problems:
        say(problem)
    say("索引有问题，请用 youju build 重建" if problems else f"索引 {settings.index_dir} 完好")
    silent = settings.llm_base_url and check_model(settings)
    if settings.llm_base_url:
        say(f"语言模型 {settings.llm_model}：{silent or '有回应'}")
    return 1 if problems or silent else 0


def _server(name: str) -> Command:
    return lambda options: int(importlib.import_module("rag.serving").COMMANDS[name](options))


_COMMANDS: tuple[tuple[str, str, Command, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("build", "建立或更新索引", _build, takes.add_build),
    ("remove", "从索引中移除文件", _remove, takes.add_remove),
    ("docs", "列出文件及其标题、文号、机关、日期", _docs, takes.add_json),
    ("search", "检索片段", _search, takes.add_search),
    ("ask", "提问，得到带出处的回答", _ask, takes.add_ask),
    ("verify", "核对草稿或论断里的每个数字", _verify, takes.add_verify),
    ("check", "检查索引是否完好", _check, lambda p: None),
    ("serve", "提供网页与接口", _server("serve"), takes.add_serve),
    ("mcp", "经标准输入输出给本机的助手提供工具", _server("mcp"), takes.add_mcp),
    ("user", "管理账户、令牌与文件组", _server("user"), takes.add_user),
)

if __name__ == "__main__":
    sys.exit(main())
