"""What the suite reads: cases (a line of JSON each) and answer lines. Wrong input is named by file and line."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from index.errors import InputError

CaseType = Literal[
    "fact", "field", "list", "compare", "count", "reason/method", "multi_doc", "followup", "unanswerable"
]

_PROBLEMS = {
    "missing": "缺少",
    "extra_forbidden": "多余的字段",
    "literal_error": "取值不在允许范围内",
    "string_type": "应为字符串",
    "tuple_type": "应为数组",
    "list_type": "应为数组",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
}


class Evidence(BaseModel):
    """A place of a document that carries the answer: ``quote`` stands in ``doc``, white space aside."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    doc: str
    quote: str


class Case(BaseModel):
    """A question with the facts that its answer must hold. Each fact is a tuple of equal printings."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str
    question: str
    type: CaseType
    history: tuple[str, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    must_cite: tuple[int, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        texts = (self.id, self.question, *self.history, *self.forbidden)
        quotes = (*(e.doc for e in self.evidence), *(e.quote for e in self.evidence))
        if any(not text.strip() for text in (*texts, *quotes)):
            yield "id、question、history、forbidden、evidence 里有空白内容"
        if any(not fact or any(not alt.strip() for alt in fact) for fact in self.facts):
            yield "facts 里有空的要点或空的写法"
        bad = [i for i in self.must_cite if not 0 <= i < len(self.evidence)]
        if bad:
            yield f"must_cite 的序号 {bad[0]} 超出 evidence（共 {len(self.evidence)} 条）"
        if len(set(self.must_cite)) != len(self.must_cite):
            yield "must_cite 里有重复的序号"
        if self.type != "unanswerable" and not (self.facts or self.must_cite):
            yield "可答的用例既没有 facts 也没有 must_cite，什么回答都会算对"


class CitationLine(BaseModel):
    """What the suite needs of a citation in an answer line."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    doc: str
    quote: str
    spans: tuple[tuple[int, int], ...]


class AnswerLine(BaseModel):
    """What the suite needs of an answer in its batch form (one JSON object a line)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    answer: str
    refused: bool
    rewritten: str = ""
    reason: str = ""
    citations: tuple[CitationLine, ...] = ()


def comparable(text: str) -> str:
    """Return the form in which facts are compared: no white space, NFKC, lower case."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def parse_answer(line: Mapping[str, Any]) -> AnswerLine:
    """Check an answer line.

    Raises:
        InputError: a needed field is missing or of the wrong type.
    """
    try:
        return AnswerLine.model_validate(line)
    except ValidationError as error:
        raise InputError(f"回答行 {line.get('id', '?')!r} 格式不对：{_explain(error.errors()[0])}") from None


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield ``(line number, object)`` of a JSON-lines file (.gz too), blank lines left out.

    Raises:
        InputError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except (OSError, EOFError) as error:
        raise InputError(f"读不了文件 {str(path)!r}：{getattr(error, 'strerror', '') or '文件损坏'}") from None
    except UnicodeDecodeError:
        raise InputError(f"文件 {str(path)!r} 不是 UTF-8 文本", "请另存为 UTF-8") from None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path} 第 {number} 行不是 JSON：{error}") from None
        if not isinstance(value, dict):
            raise InputError(f"{path} 第 {number} 行应为一个 JSON 对象")
        yield number, value


def load_suite(path: Path | str) -> tuple[Case, ...]:
    """Read a suite, one case a line, in the order of the file.

    Raises:
        InputError: the file cannot be read, holds no case, or a line is no valid case; names file, line and fault.
    """
    path = Path(path)
    cases: dict[str, Case] = {}
    for number, value in read_lines(path):
        try:
            case = Case.model_validate_json(json.dumps(value))
        except ValidationError as error:
            raise InputError(f"{path} 第 {number} 行：{_explain(error.errors()[0])}") from None
        if case.id in cases:
            raise InputError(f"{path} 第 {number} 行：用例编号 {case.id!r} 重复")
        cases[case.id] = case
    if not cases:
        raise InputError(f"{path} 里没有用例")
    return tuple(cases.values())


def _explain(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    field = ".".join(str(part) for part in detail["loc"])
    return f"字段 {field!r} {_PROBLEMS.get(detail['type'], detail['msg'])}"
