"""Answers on a terminal: one printed whole, or a conversation at a prompt."""

from __future__ import annotations

import sys

from index.errors import InputError
from rag.service import PolicyQA
from rag.types import Answer, Citation

_WELCOME = "有据：直接输入问题，回车提问；空行或 Ctrl-D 退出。"
_REMEMBERED = 6


def print_answer(answer: Answer) -> None:
    """Write an answer, then its sources: title, 文号, place and the words themselves."""
    if answer.rewritten != answer.question:
        _write(f"（按上文理解为：{answer.rewritten}）")
    _write(answer.text)
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
        line = sys.stdin.readline()
        if not line.strip():
            return 0
        try:
            print_answer(qa.answer(line, history[-_REMEMBERED:]))
        except InputError as error:
            _write(error.line())
            continue
        history.append(line.strip())


def _source(citation: Citation) -> str:
    info = citation.info
    title = f"《{info.title}》" if info.title else citation.doc
    about = "，".join(part for part in (info.number, "、".join(info.issuers[:2]), info.date) if part)
    head = f"[{citation.n}] {title}" + (f"（{about}）" if about else "")
    place = citation.locator.label()
    return f"{head}{'，' + place if place else ''}\n    “{citation.quote}”"


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
