"""Questions about a document itself: its 文号, issuers, date. Answered from the letterhead, cited there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.collection import Collection
from index.store import DocumentEntry
from index.text import key, map_spans
from index.types import Block, Locator, Passage, Span
from rag.compose import Line
from rag.match import Matcher, Target
from rag.query import Query
from rag.scope import Scope
from rag.statement import Statement

_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile("文号|发文字号|文件号|哪个号的?文|什么号")),
    (
        "issuers",
        re.compile(
            "(?:谁|哪.{0,4}(?:部门|部委|单位|机关|厅|家)|几.{0,3}(?:部门|部委|单位|厅|家)).{0,12}"
            "(?:印发|发布的|发的|下发|联名|联合|出台|制定的)|发文(?:机关|单位)|印发机关|哪些?(?:部门|部委|单位)发"
        ),
    ),
    (
        "date",
        re.compile(
            "(?:什么时候|啥时候|何时|哪(?:一?天|年|一年|个?月|一?日)|几月几[日号]).{0,6}(?:印发|印出来|发布|下发|发的|出台|成文|落款)"
            "|(?:落款|印发|发布|成文|发文)(?:是|日期|时间|在)?(?:是|在)?(?:哪|什么|几|多少|$)|(?:发布|印发|成文|发文|落款)(?:的)?日期|落款.{0,3}哪"
        ),
    ),
)
_WHEN = re.compile("什么时候|啥时候|何时|哪一?天|哪年|日期")
_ELSE = re.compile("抄送|主送|转发|废止|签发人|联系人|附件")
"""Other things that a letterhead says; they are looked for in its text."""
_WORDS = {"number": "文号", "issuers": "发文机关", "date": "日期"}
_FRAME = re.compile(
    "文号|发文字号|文件|通知|办公厅|部委|部门|单位|两家|几家|一块|一起|什么时候|啥时候|哪天|急件|一共|印发|发布|落款|日期|时间|联名|联合|机关"
)
MIN_NAMED = 0.5
"""Least share of the question's mass that the document's title and letterhead must speak of."""


@dataclass(frozen=True, slots=True)
class About:
    """An answer about a document, or the reason why the document does not say it."""

    lines: tuple[Line, ...]
    missing: str = ""


def about_document(query: Query, matcher: Matcher, scope: Scope, library: Collection) -> About | None:
    """Return what the document that the question names says of itself; None when it asks something else."""
    asked = [name for name, pattern in _ASKS if pattern.search(query.text)]
    if asked and "date" not in asked and _WHEN.search(query.own):
        asked.append("date")
    entry = _named(matcher, scope, library) if asked else None
    if entry is None or _ELSE.search(query.own):
        return None
    told = {name: line for name in asked if (line := _line(name, entry, library))}
    if not told:
        return About((), f"《{entry.info.title}》没有载明{'、'.join(_WORDS[name] for name in asked)}")
    return About(tuple(told.values()))


def _line(asked: str, entry: DocumentEntry, library: Collection) -> Line | None:
    """Return what the letterhead says of one thing, or None."""
    blocks = [b for b in library.blocks(entry.file) if b.kind in ("meta", "title")]
    values = _values(entry, asked)
    places = [p for value in values for p in _places(value, asked, blocks, entry.file, library)]
    if not values or not places:
        return None
    unique = list({p.spans: p for p in places}.values())
    said = "、".join(_in_words(value) if asked == "date" else value for value in values)
    count = f"（共 {len(values)} 个）" if asked == "issuers" and len(values) > 1 else ""
    return Line(f"《{entry.info.title}》的{_WORDS[asked]}{count}：{said}", tuple(unique))


def _in_words(iso: str) -> str:
    """Return 2024-06-11 as 2024年6月11日."""
    return _date_forms(iso)[0]


def _named(matcher: Matcher, scope: Scope, library: Collection) -> DocumentEntry | None:
    """Return the document that the question names, when little of the question speaks of anything else."""
    if not scope.boosts:
        return None
    best = max(scope.boosts, key=lambda f: (scope.boosts[f], f))
    entry = library.document(best)
    info = entry.info
    frame = Target.of(" ".join((info.title, info.region, *info.issuers, *info.numbers)))
    profile = matcher.profile(frame)
    frames = [1.0 if _FRAME.search(w.text) else p for w, p in zip(matcher.wanted, profile, strict=True)]
    named = sum(w.total * p for w, p in zip(matcher.wanted, frames, strict=True)) / matcher.total
    return entry if named >= MIN_NAMED else None


def _values(entry: DocumentEntry, asked: str) -> tuple[str, ...]:
    info = entry.info
    if asked == "number":
        return info.numbers
    if asked == "issuers":
        return info.issuers
    return (info.date,) if info.date else ()


def _places(value: str, asked: str, blocks: list[Block], file: str, library: Collection) -> Iterator[Statement]:
    """Yield where the letterhead prints the value: the value itself, or the block where it is printed apart."""
    wanted = _date_forms(value) if asked == "date" else (key(value),)
    for block in blocks:
        text = block.text
        folded = key(text)
        if not any(w in folded for w in wanted):
            continue
        at = text.find(value)
        mapped = map_spans(library.raw(file), block.spans)
        spans: tuple[Span, ...] = mapped.spans(at, at + len(value)) if at >= 0 else block.spans
        quote = value if at >= 0 else text
        passage = Passage("", quote, spans, Locator(file, path=block.path), "note")
        yield Statement(file, quote, spans, passage, Target.of(quote), Target.of(text))
        return


def _date_forms(iso: str) -> tuple[str, ...]:
    parts = [str(int(p)) for p in iso.split("-")]
    return ("".join(f"{n}{u}" for n, u in zip(parts, "年月日", strict=False)), iso)
