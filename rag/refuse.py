"""When no statement answers: say so, say what was searched and what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.text import fold
from rag.common import is_common
from rag.eras import has_era
from rag.match import NEAR_CREDIT, Matcher
from rag.query import Query
from rag.rank import Ranked
from rag.scope import Scope
from rag.slots import asked_slots, holds
from rag.statement import Statement

_EDITION = re.compile(r"((?:19|20)\d{2})年?(?:度|版|新版|发布的?|印发的?|的)*(?=[《“一-鿿])")
_TITLE_YEAR = re.compile(r"(?:19|20)\d{2}")
_ASKS_COMPANIES = re.compile(
    "(?:哪些|哪几家|哪家|哪个|都是哪些|都有哪些)(?:公司|厂家|供应商)|给.{0,3}名单|公司名单|企业名单"
)
_ASKS_PLACES = re.compile("(?:是|有|在)哪(?:些|几个?|几家|个)(园区|开发区|市州|县区?|城市|高校|大学|医院)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}年")
_AMOUNT = re.compile("多少|几[年个家项]|百分之几|多大|多高")
_ANY_FIGURE = re.compile("指标|目标|数值|数据|数字|情况|水平")
AFTER = 2
"""Characters after an amount within which its subject may begin ("几年能回本")."""
_INDICATOR = frozenset({"indicator", "policy"})
_FIRM = re.compile(
    "(?<![一-鿿])(?![能可会要我你他这那想请说给让把被])([一-鿿]{2,4}?)"
    "(?:公司|集团|股份|电器|食品|酒业|乳业|钢铁|化工|科技|药业|汽车|能源|水泥|纸业|电子|实业|控股)"
)
_COMPANY = re.compile("[一-鿿]{2,}(?:公司|集团|厂|研究院|研究所|大学|医院|银行)")
_ORDINAL = re.compile("第[一二三四五六七八九十百\\d]+(?:批|届|版|期|号|章|条)")
HOME = 1.9
"""Boost of a document that is about the region named."""
HALF = 0.5
"""Some word of the question, not an everyday one, must be met by this share in some statement."""
RESCUE = 60
ON_SUBJECT = 0.6
"""A statement that holds the figure must speak of this share of what the best one does."""
MIN_COVERAGE = 0.12
"""Least share of the question that the best statement and what is around it must speak of."""


def refusal(
    query: Query, ranked: Sequence[Ranked], scope: Scope, documents: int, known: Callable[[str], bool]
) -> str:
    """Return why the library does not answer (Chinese, one or two sentences), or "" when it does.

    ``known`` tells whether the library holds a pair of characters.
    """
    searched = f"已检索 {documents} 份文件"
    if not ranked:
        return f"{searched}，没有任何段落与问题相关。"
    if scope.absent:
        return f"{searched}，其中没有关于{'、'.join(scope.absent)}的文件。"
    if name := _stranger(query, known):
        return f"{searched}，其中没有关于{name}的内容。"
    telling = [not (t.weak or "place" in t.kinds or has_era(t.text)) for t in query.terms]
    if not any(own and (t.same or not is_common(t.text)) for own, t in zip(telling, query.terms, strict=True)):
        telling = [not (t.weak or has_era(t.text)) for t in query.terms]
    named = [own and (bool(t.same) or not is_common(t.text)) for own, t in zip(telling, query.terms, strict=True)]
    touched = any(share >= HALF and own for r in ranked for share, own in zip(r.full, telling, strict=True))
    spoken = any(share >= HALF and own for r in ranked for share, own in zip(r.full, named, strict=True))
    best = max(r.all for r in ranked)
    if best < MIN_COVERAGE or not touched or not (spoken or best >= HALF):
        return f"{searched}，最接近的段落也没有说到所问的内容。"
    return ""


def _stranger(query: Query, known: Callable[[str], bool]) -> str:
    """Return a company that the question names ("某某电器") and that stands nowhere in the library, or ""."""
    for found in _FIRM.finditer(query.own):
        name = found.group(1)
        pairs = [name[i : i + 2] for i in range(len(name) - 1)]
        if not any(known(p) for p in pairs) and not any(is_common(p) for p in pairs):
            return found.group()
    return ""


def missing(
    query: Query, matcher: Matcher, chosen: Sequence[Statement], anchors: Sequence[int], scope: Scope, documents: int
) -> str:
    """Return what the chosen statements lack of what was asked (Chinese), or "" when they hold it.

    A figure of the asked kind must stand in a statement that speaks of the subject as well as the others do, and for
    the asked year.
    """
    searched = f"已检索 {documents} 份文件"
    if unsaid := _unsaid(query, chosen, scope) or _unmentioned(query, chosen, scope):
        return f"{searched}，最接近的内容没有说到{unsaid}。"
    if query.kind not in ("fact", "yesno"):
        return ""
    if attribute := _attribute(query, matcher, chosen):
        return f"{searched}，最接近的内容没有给出{attribute}。"
    slots = [s for p in query.parts if p.asks for s in asked_slots(p.text)[:1] if s.strict]
    if not slots:
        return ""
    subject = _Subject(query, matcher, chosen, anchors)
    held = [c for c in chosen if subject.meant(c) and any(holds(s, c.target.text) for s in slots)]
    names = [query.terms[i].text for i in anchors]
    about = f"关于{'、'.join(names)}的" if names else "最接近的"
    if not held:
        return f"{searched}，{about}内容没有给出{'、'.join(dict.fromkeys(s.name for s in slots))}。"
    years = {y for c in held for y in c.years}
    if scope.years and years and not years & set(scope.years):
        return f"{searched}，{about}内容说的是 {_span(years)} 年，没有给出 {'、'.join(scope.years)} 年的数值。"
    return ""


def rescued(
    query: Query,
    matcher: Matcher,
    chosen: Sequence[Statement],
    ranked: Sequence[Ranked],
    anchors: Sequence[int],
    scope: Scope,
) -> list[Statement]:
    """Return the statements, or, where none of them holds the asked value, the best one that does.

    It must speak of the subject as well as they do, and of the asked year.
    """
    slots = [s for p in query.parts if p.asks for s in asked_slots(p.text)[:1] if s.strict]
    if query.kind not in ("fact", "yesno") or not slots:
        return list(chosen)
    subject = _Subject(query, matcher, chosen, anchors)
    if any(subject.meant(c) and holds(s, c.target.text) for s in slots for c in chosen):
        return list(chosen)
    wanted = set(scope.years)
    for place, candidate in enumerate(ranked):
        statement = candidate.statement
        if place >= RESCUE and not subject.same_entry(statement):
            continue
        fits = not wanted or not statement.years or wanted & statement.years
        if fits and any(holds(s, statement.target.text) for s in slots) and subject.meant(statement):
            return [statement]
    return list(chosen)


def on_subject(
    query: Query, matcher: Matcher, chosen: Sequence[Statement], anchors: Sequence[int]
) -> list[Statement]:
    """Return the first statement, and of the others those of its entry and those that speak of what was asked."""
    if query.kind not in ("fact", "yesno") or len(chosen) < 2:
        return list(chosen)
    subject = _Subject(query, matcher, chosen, anchors)
    first, *others = chosen
    return [first, *(c for c in others if _beside(c, first) or (subject.meant(c) and c.passage.record < 0))]


def _unsaid(query: Query, chosen: Sequence[Statement], scope: Scope) -> str:
    """Return a place or an ordinal ("第六批") of the question that none of the statements stands under, or ""."""
    told = " ".join(f"{c.target.text} {c.around.text} {fold(c.passage.locator.file)}" for c in chosen)
    for region in scope.regions:
        if region not in told and not any(scope.boosts.get(c.doc, 1.0) >= HOME for c in chosen):
            return region
    return next((o for o in _ORDINAL.findall(query.own) if o not in told), "")


def _beside(one: Statement, other: Statement) -> bool:
    """Whether two statements stand in one record."""
    return one.passage.record >= 0 and (one.doc, one.passage.record) == (other.doc, other.passage.record)


def _unmentioned(query: Query, chosen: Sequence[Statement], scope: Scope) -> str:
    """Return the year that a how or why presupposes and nothing near the statements speaks of, or ""."""
    if query.kind != "reason" or not scope.years or not _YEAR.search(query.own):
        return ""
    said = {y for c in chosen for y in c.years}
    told = " ".join(f"{c.target.text} {c.around.text}" for c in chosen)
    return "" if any(y in said or y in told for y in scope.years) else f"{scope.years[0]} 年"


def _attribute(query: Query, matcher: Matcher, chosen: Sequence[Statement]) -> str:
    """Return the indicator asked for ("营业收入多少") when none of the statements speaks of it or of one near it."""
    profiles = [matcher.profile(c.target | c.around) for c in chosen]
    for part in query.parts:
        asked = _AMOUNT.search(part.text) if part.asks else None
        stop = asked.end() + AFTER if asked else 0
        before = [i for i in part.terms if 0 <= part.text.find(query.terms[i].text) < stop]
        known = [i for i in before if query.terms[i].same and not query.terms[i].weak and not query.terms[i].carried]
        known = [i for i in known if not _ANY_FIGURE.fullmatch(query.terms[i].text)]
        if known and _INDICATOR.intersection(query.terms[known[-1]].kinds):
            if max(p[known[-1]] for p in profiles) < NEAR_CREDIT:
                return query.terms[known[-1]].text
    return ""


class _Subject:
    """Tells whether a statement speaks of what was asked as well as the best one does."""

    def __init__(self, query: Query, matcher: Matcher, chosen: Sequence[Statement], anchors: Sequence[int]) -> None:
        self._matcher, self._anchors = matcher, anchors
        self._strong = [i for i, t in enumerate(query.terms) if t.same and not t.weak and not t.carried]
        profiles = {c.spans: matcher.profile(c.target | c.around) for c in chosen}
        self._profiles = profiles
        self._best = max(matcher.weigh(p) for p in profiles.values())
        self._most = max(self._mass(p) for p in profiles.values())
        first = max(chosen, key=lambda c: matcher.weigh(profiles[c.spans]))
        self._entry = (first.doc, first.passage.record)

    def meant(self, statement: Statement) -> bool:
        """Whether the statement stands under the names asked for and says most of what the best one says."""
        profile = self._profiles.get(statement.spans)
        if profile is None:
            profile = self._matcher.profile(statement.target | statement.around)
        if not all(profile[i] >= 0.6 for i in self._anchors):
            return False
        if self.same_entry(statement):
            return True
        return (
            self._matcher.weigh(profile) >= ON_SUBJECT * self._best and self._mass(profile) >= ON_SUBJECT * self._most
        )

    def same_entry(self, statement: Statement) -> bool:
        """Whether the statement stands in the record of the best one."""
        return statement.passage.record >= 0 and (statement.doc, statement.passage.record) == self._entry

    def _mass(self, profile: Sequence[float]) -> float:
        return sum(self._matcher.wanted[i].total * profile[i] for i in self._strong)


def uncounted(query: Query, chosen: Sequence[Statement], documents: int) -> str:
    """Return the refusal of a count that no statement gives, by a number or by listing, or ""."""
    measures = f"(?:{query.measure}|个|项|家|条|种|类|道|步)"
    number = re.compile(rf"[\d一二三四五六七八九十百千两]+\s?(?:多|余|万)?{measures}")
    if any(number.search(c.target.text) for c in chosen):
        return ""
    return f"已检索 {documents} 份文件，最接近的内容没有给出数目。"


def unnamed(query: Query, chosen: Sequence[Statement], documents: int) -> str:
    """Return the refusal of a question for the names of companies or places where the statements name none, or ""."""
    if _ASKS_COMPANIES.search(query.text) and not any(
        _COMPANY.search(c.text) or _COMPANY.search(c.around.text) for c in chosen
    ):
        return f"已检索 {documents} 份文件，最接近的内容没有列出具体单位。"
    asked = _ASKS_PLACES.search(query.text)
    if asked and not any(_named(asked.group(1), c.text) for c in chosen):
        return f"已检索 {documents} 份文件，最接近的内容没有列出具体的{asked.group(1)}。"
    return ""


def _named(kind: str, text: str) -> bool:
    """Whether the text gives something of a kind by name: what stands before the kind's word is no common word."""
    return any(not is_common(found) for found in re.findall(f"[一-鿿]{{2,6}}{kind}", text))


def other_edition(query: Query, titles: Sequence[str], documents: int) -> str:
    """Return the refusal of a question about another year's edition of a document than the library holds, or ""."""
    asked = _EDITION.search(query.text)
    if not asked:
        return ""
    rest = query.text[asked.end() :].lstrip("《“的")
    for title in titles:
        held = _TITLE_YEAR.findall(title)
        if held and asked.group(1) not in held and rest[:4] and rest[:4] in fold(title):
            return f"已检索 {documents} 份文件，收录的是《{title}》，没有 {asked.group(1)} 年的版本。"
    return ""


def _span(years: set[str]) -> str:
    return min(years) if len(years) == 1 else f"{min(years)}—{max(years)}"
