"""Files of questions -> files of answers, a JSON line each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import InputError
from rag.service import PolicyQA, answer_line, hit_line
from rag.types import Question

_Line = TypeVar("_Line", bound=BaseModel)


class BatchQuestion(BaseModel):
    """A line of ``youju ask --batch``."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str
    question: str
    history: list[str] = []
    context: list[str] = []
    max_chars: int | None = None


class BatchQuery(BaseModel):
    """A line of ``youju search --batch``."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str = Field(alias="_id")
    text: str


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a .jsonl file; blank lines are passed over.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object; the message names the line.
    """
    for number, line in enumerate(_text(path, "应为 UTF-8 的 .jsonl 文件").split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path.name} 第 {number} 行不是 JSON：{error}", "每行一个 JSON 对象") from error
        if not isinstance(value, dict):
            raise InputError(f"{path.name} 第 {number} 行不是 JSON 对象", "每行一个 JSON 对象")
        yield number, value


def ask_batch(qa: PolicyQA, questions: Path, out: Path) -> int:
    """Answer every line; an unusable question gets a refused line with the reason. Returns the exit code.

    Raises:
        InputError: a line has not the form of a question; nothing is written then.
    """
    asked = _checked(questions, out, BatchQuestion, "需要 id 与 question")
    _write(out, (_answered(qa, question) for question in asked))
    return 0


def _answered(qa: PolicyQA, asked: BatchQuestion) -> dict[str, Any]:
    question = Question(asked.question, tuple(asked.history), tuple(asked.context), asked.max_chars)
    try:
        return answer_line(asked.id, qa.answer(question))
    except InputError as error:
        return {
            "id": asked.id, "question": asked.question, "rewritten": asked.question, "answer": "", "refused": True,
            "reason": error.line(), "mode": "extractive", "citations": [], "elapsed_ms": 0.0,
        }  # fmt: skip


def search_batch(qa: PolicyQA, queries: Path, out: Path, k: int) -> int:
    """Search every line; write a run line each, an unusable query's with the reason. Returns the exit code.

    Raises:
        InputError: ``k`` is not positive, or a line has not the form of a query; nothing is written then.
    """
    if k < 1:
        raise InputError(f"返回条数应为正整数，而不是 {k}", "例如 -k 10")
    asked = _checked(queries, out, BatchQuery, '例如 {"_id": "q1", "text": "…"}')
    _write(out, (_found(qa, query, k) for query in asked))
    return 0


def _found(qa: PolicyQA, query: BatchQuery, k: int) -> dict[str, Any]:
    try:
        return {"_id": query.id, "hits": [hit_line(h) for h in qa.search(query.text, k)]}
    except InputError as error:
        return {"_id": query.id, "hits": [], "reason": error.line()}


def read_history(path: Path) -> tuple[str, ...]:
    """Return earlier questions, oldest first: a JSON array of strings, or a line each.

    Raises:
        InputError: the file cannot be read or is JSON of another form.
    """
    text = _text(path, "每行一个此前的问题，或 JSON 数组")
    if not text.lstrip().startswith("["):
        return tuple(line for line in text.splitlines() if line.strip())
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name} 不是 JSON 数组：{error}", '例如 ["第一个问题"]') from error
    if not all(isinstance(v, str) for v in value):
        raise InputError(f"{path.name} 里应全是字符串", '例如 ["第一个问题"]')
    return tuple(value)


def _text(path: Path, hint: str) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "不是 UTF-8 文本"
        raise InputError(f"读不了 {path.name}：{reason}", hint) from error


def _checked(path: Path, out: Path, form: type[_Line], hint: str) -> list[_Line]:
    """Return all lines in their form, before the first is worked on and ``out`` is touched."""
    if out.resolve() == path.resolve():
        raise InputError(f"结果会覆盖 {path.name}", "请给 --out 另一个文件名")
    found = []
    for number, value in read_lines(path):
        try:
            found.append(form.model_validate(value))
        except ValidationError as error:
            field = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise InputError(f"{path.name} 第 {number} 行的 {field} 不正确", hint) from error
    return found


def _write(out: Path, lines: Iterator[dict[str, Any]]) -> None:
    try:
        sink = out.open("w", encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"写不了 {out.name}：{error.strerror}", "检查 --out 的文件夹与权限") from error
    with sink:
        for line in lines:
            sink.write(json.dumps(line, ensure_ascii=False) + "\n")
