"""What a language model thinks of the answers, beside the exact metrics: faithful? complete? and how far both agree.

The exact metrics decide; an opinion is worth as much as its agreement with them says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.summary import CaseResult
from index.errors import ModelError

if TYPE_CHECKING:
    from rag.llm import LanguageModel


@dataclass(frozen=True, slots=True)
class Opinion:
    """A model's view of one answer; None where it gave none, with the cause in ``reason``."""

    id: str
    faithful: bool | None
    complete: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a model's view and the exact metric agree over ``cases``: share, and Cohen's kappa (chance taken off).

    Kappa (Cohen 1960) is None where one of the two says the same of every case.
    """

    cases: int
    judged: int
    exact: int
    share: float
    kappa: float | None


def opinions(results: Sequence[CaseResult], model: LanguageModel) -> list[Opinion]:
    """Ask the model about each answer that is no refusal and was due."""
    answered = [r for r in results if r.case.type != "unanswerable" and not r.judgement.refused]
    return [_opinion(result, model) for result in answered]


def _opinion(result: CaseResult, model: LanguageModel) -> Opinion:
    from prompts import load
    from rag.llm import Message, complete
    from rag.llm.objects import last_object

    case, answer = result.case, result.answer
    request = load("judge").fill(
        question=case.question,
        facts="\n".join(f"- {'，或：'.join(fact)}" for fact in case.facts) or "（没有）",
        sources="\n".join(f"[{n}] {c.quote}" for n, c in enumerate(answer.citations, 1)) or "（没有）",
        answer=answer.answer,
    )
    try:
        said = last_object(complete(model, [Message("user", request)]))
    except ModelError as error:
        return Opinion(case.id, None, None, error.message)
    return Opinion(case.id, _bit(said.get("faithful")), _bit(said.get("complete")), str(said.get("reason", ""))[:200])


def _bit(value: object) -> bool | None:
    return {"1": True, "0": False, "true": True, "false": False}.get(str(value).lower())


def agreement(pairs: Sequence[tuple[bool, bool]]) -> Agreement | None:
    """Return the agreement of (model, exact) pairs, None of nothing."""
    if not pairs:
        return None
    cases = len(pairs)
    judged, exact = sum(m for m, _ in pairs), sum(e for _, e in pairs)
    share = sum(m == e for m, e in pairs) / cases
    chance = (judged * exact + (cases - judged) * (cases - exact)) / cases**2
    return Agreement(cases, judged, exact, share, (share - chance) / (1 - chance) if chance < 1 else None)


def section(results: Sequence[CaseResult], found: Sequence[Opinion]) -> tuple[str, str]:
    """Return heading and text of the report's part on opinions."""
    exact = {r.case.id: r.judgement for r in results}
    complete = [(o.complete, exact[o.id].completeness >= 1) for o in found if o.complete is not None]
    faithful = [(o.faithful, not any("出现错误内容" in x for x in exact[o.id].reasons)) for o in found
                if o.faithful is not None]  # fmt: skip
    lines = [
        _line("完整（对照：要点齐全）", agreement(complete)),
        _line("忠实（对照：没有出现错误内容）", agreement(faithful)),
    ]
    silent = [o for o in found if o.complete is None and o.faithful is None]
    if silent:
        lines.append(f"没有给出评判的 {len(silent)} 题，例如 {silent[0].id}：{silent[0].reason or '回答不合格式'}")
    lines += [f"{o.id}：模型评为不忠实：{o.reason}" for o in found if o.faithful is False]
    return "语言模型评判（不计入正确率）", "\n".join(lines)


def _line(name: str, found: Agreement | None) -> str:
    if found is None:
        return f"{name}：没有评判"
    kappa = "—" if found.kappa is None else f"{found.kappa:.2f}"
    return (
        f"{name}：模型 {found.judged}/{found.cases}，精确指标 {found.exact}/{found.cases}，"
        f"一致 {found.share:.1%}，kappa {kappa}"
    )
