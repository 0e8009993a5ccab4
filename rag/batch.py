"""Files of questions -> files of answers, a JSON line each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from index.errors import InputError
from rag.service import PolicyQA, answer_line, hit_line
from rag.types import Question


class BatchQuestion(BaseModel):
    """A line of ``youju ask --batch``."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str
    question: str
    history: list[str] = []
    context: list[str] = []
    max_chars: int | None = None


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a .jsonl file; blank lines are passed over.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object; the message names the line.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了 {path.name}：{error}", "应为 UTF-8 的 .jsonl 文件") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path.name} 第 {number} 行不是 JSON：{error.msg}", "每行一个 JSON 对象") from error
        if not isinstance(value, dict):
            raise InputError(f"{path.name} 第 {number} 行不是 JSON 对象", "每行一个 JSON 对象")
        yield number, value


def ask_batch(qa: PolicyQA, questions: Path, out: Path) -> int:
    """Answer every line; an unusable question gets a refused line with the reason. Returns the exit code."""
    with out.open("w", encoding="utf-8") as sink:
        for number, value in read_lines(questions):
            try:
                asked = BatchQuestion.model_validate(value)
            except ValidationError as error:
                field = ".".join(str(p) for p in error.errors()[0]["loc"])
                raise InputError(f"{questions.name} 第 {number} 行的 {field} 不正确", "需要 id 与 question") from error
            sink.write(json.dumps(_answered(qa, asked), ensure_ascii=False) + "\n")
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
    """Search every line (``_id``, ``text``); write a run line each. Returns the exit code."""
    with out.open("w", encoding="utf-8") as sink:
        for number, value in read_lines(queries):
            if not isinstance(value.get("text"), str) or "_id" not in value:
                raise InputError(f"{queries.name} 第 {number} 行缺少 _id 或 text", '例如 {"_id": "q1", "text": "…"}')
            hits = qa.search(value["text"], k) if value["text"].strip() else ()
            line = {"_id": str(value["_id"]), "hits": [hit_line(h) for h in hits]}
            sink.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 0


def read_history(path: Path) -> tuple[str, ...]:
    """Return earlier questions, oldest first: a JSON array of strings, or a line each.

    Raises:
        InputError: the file cannot be read or is JSON of another form.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了 {path.name}：{error}", "每行一个此前的问题，或 JSON 数组") from error
    if text.lstrip().startswith("["):
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise InputError(f"{path.name} 不是 JSON 数组：{error.msg}", '例如 ["第一个问题"]') from error
        if not all(isinstance(v, str) for v in value):
            raise InputError(f"{path.name} 里应全是字符串", '例如 ["第一个问题"]')
        return tuple(value)
    return tuple(line for line in text.splitlines() if line.strip())
