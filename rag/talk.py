"""Words on a terminal: an answer with its sources, a conversation at a prompt, hits, documents, a build's outcome."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import InputError
from index.types import Hit
from rag.types import Answer, Citation, Done, Event, Found, Text

if TYPE_CHECKING:
    from index.report import BuildReport
    from index.store import DocumentEntry
    from rag.service import PolicyQA

_WELCOME = "有据：直接输入问题，回车提问；空行或 Ctrl-D 退出。"
_REMEMBERED = 6
_SHOWN = 120


def print_answer(question: str, events: Iterable[Event]) -> Answer:
    """Write an answer as it comes, then its sources: title, 文号, place and the words themselves; return it."""
    for event in events:
        if isinstance(event, Found) and event.rewritten.split() != question.split():
            _write(f"（按上文理解为：{event.rewritten}）")
        elif isinstance(event, Text):
            sys.stdout.write(event.text)
            sys.stdout.flush()
        elif isinstance(event, Done):
            _write("")
            _print_sources(event.answer)
            return event.answer
    raise AssertionError("ask ended without Done")


def _print_sources(answer: Answer) -> None:
    if answer.note:
        _write(f"（{answer.note}）")
    if answer.citations:
        _write("\n最接近的段落：" if answer.refused else "\n出处：")
    for citation in answer.citations:
        _write(_source(citation))


def talk(qa: PolicyQA) -> int:
    """Answer questions from the terminal until an empty line or the end of input. Returns the exit code."""
    _write(_WELCOME)
    history: list[str] = []
    while True:
        sys.stdout.write("\n问> ")
        sys.stdout.flush()
        line = sys.stdin.readline().strip()
        if not line:
            return 0
        try:
            print_answer(line, qa.ask(line, history[-_REMEMBERED:]))
        except InputError as error:
            _write(error.line())
            continue
        history.append(line)


def print_hits(hits: Sequence[Hit]) -> None:
    """Write passages, best first, with their place and score."""
    if not hits:
        _write("没有找到相关的片段")
    for number, hit in enumerate(hits, 1):
        place = hit.passage.locator
        _write(f"{number}. {place.file}  {place.label()}  （{hit.score:.2f}）\n   {hit.passage.text[:_SHOWN]}")


def print_documents(entries: Sequence[DocumentEntry]) -> None:
    """Write a line for each document: file, title, 文号, issuers, date, region, status."""
    for entry in entries:
        info = entry.info
        about = "，".join(p for p in (info.number, "、".join(info.issuers), info.date, info.region, info.status) if p)
        _write("  ".join(part for part in (entry.file, f"《{info.title}》" if info.title else "", about) if part))


def print_report(report: BuildReport, folder: Path) -> None:
    """Write what a build did, and every file that it left out with the reason."""
    parts = (("新增", report.added), ("更新", report.updated), ("未变", report.unchanged), ("移除", report.removed))
    _write("，".join(f"{name} {len(files)} 份" for name, files in parts if files) or "没有读入文件")
    for file, reason in report.skipped:
        _write(f"  未读 {file}：{reason}")
    if report.generation:
        _write(f"索引 {folder}：{report.passages} 个片段，{report.records} 条记录，{report.seconds:.1f} 秒")


def _source(citation: Citation) -> str:
    info = citation.info
    title = f"《{info.title}》" if info.title else citation.doc
    about = "，".join(part for part in (info.number, "、".join(info.issuers[:2]), info.date) if part)
    head = f"[{citation.n}] {title}" + (f"（{about}）" if about else "")
    place = citation.locator.label()
    return f"{head}{'，' + place if place else ''}\n    “{citation.shown or citation.quote}”"


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
