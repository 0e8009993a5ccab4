"""What a question asks for and the chosen statements, or the whole library, do not name: each check returns words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.text import fold
from rag.common import is_common
from rag.match import NEAR_CREDIT, Matcher
from rag.query import Query
from rag.scope import Scope
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
_NO_FIRM = re.compile("(?:有关|相关|各|该|本|其他|等|某.*|申报|推荐|参与|大型|中小|生产|的)(?:公司|集团|厂|医院|银行|大学)$")
_COMPANY = re.compile("[一-鿿]{2,}(?:公司|集团|厂|研究院|研究所|大学|医院|银行)")
_ORDINAL = re.compile("第[一二三四五六七八九十百\\d]+(?:批|届|版|期|号|章|条(?:之[一二三四五六七八九十]+)?)")
HOME = 1.9
"""Boost of a document that is about the region named."""


def stranger(query: Query, known: Callable[[str], bool]) -> str:
    """Return a company that the question names ("某某电器") and that stands nowhere in the library, or ""."""
    for found in _FIRM.finditer(query.own):
        name = found.group(1)
        if not known(name[:2]) and not is_common(name[:2]):
            return found.group()
    return ""


def unsaid_scope(query: Query, chosen: Sequence[Statement], scope: Scope) -> str:
    """Return a place or an ordinal ("第六批") of the question that none of the statements stands under, or ""."""
    told = " ".join(f"{c.target.text} {c.around.text} {fold(c.passage.locator.file)}" for c in chosen)
    for region in scope.regions:
        if region not in told and not any(scope.boosts.get(c.doc, 1.0) >= HOME for c in chosen):
            return region
    return next((o for o in _ORDINAL.findall(query.own) if o not in told), "")


def unmentioned_year(query: Query, chosen: Sequence[Statement], scope: Scope) -> str:
    """Return the year that a how or why presupposes and nothing near the statements speaks of, or ""."""
    if query.kind != "reason" or not scope.years or not _YEAR.search(query.own):
        return ""
    said = {y for c in chosen for y in c.years}
    told = " ".join(f"{c.target.text} {c.around.text}" for c in chosen)
    return "" if any(y in said or y in told for y in scope.years) else f"{scope.years[0]} 年"


def unsaid_indicator(query: Query, matcher: Matcher, chosen: Sequence[Statement]) -> str:
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
        _firm(c.text) or _firm(c.around.text) for c in chosen
    ):
        return f"已检索 {documents} 份文件，最接近的内容没有列出具体单位。"
    asked = _ASKS_PLACES.search(query.text)
    if asked and not any(_named(asked.group(1), c.text) for c in chosen):
        return f"已检索 {documents} 份文件，最接近的内容没有列出具体的{asked.group(1)}。"
    return ""


def _firm(text: str) -> bool:
    """Whether the text gives a company by name, not "有关公司" or "某公司"."""
    return any(not _NO_FIRM.search(found) for found in _COMPANY.findall(text))


def _named(kind: str, text: str) -> bool:
    """Whether the text gives something of a kind by name: what stands before the kind's word is no common word."""
    return any(not is_common(name) for name in re.findall(f"([一-鿿]{{2,6}}?){kind}", text))


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
