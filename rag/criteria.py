"""By what a list chooses records: the words of the question that tell them apart, and how far a record meets them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.collection import Collection
from index.text import fold
from index.types import Passage, Record
from rag.eras import has_era
from rag.match import NEAR_CREDIT, Matcher, Target
from rag.query import Query

ITEM_NOUN = re.compile(
    "技术|案例|企业|单位|公司|厂|项目|谁|哪.?家|装备|工艺|产品|案子|例子|哪几项|哪些项|入选|收录"
)
LISTED = re.compile(
    "入选|上榜|(?:总共|一共|共)?收(?:录|进|入)?了?|列入|名单|目录|名录|清单|(?:典型)?案例|技术|项目|企业|单位|公司|厂|厂家|申报(?:单位)?|推荐|"
    "里|算|谁报|报|两家|有关|相关|做产品|产品|靠谱|都算|当|想拿|想要|搞|弄|开|做|动"
)
"""Words by which a list is asked for; they do not tell its entries apart."""
FOR_WHOM = re.compile("适合|适用|能用|可用|用得上|用得着|可以用|选哪些|可以.{0,12}选|推荐|对得上|靠谱")
MET = 0.6
"""A record of which a text says this share of a term meets the term."""
NAMED_MORE = 0.4
_ANY = re.compile("都算|都行|也算")
_OR = re.compile("、|或者?|还是")
SCOPE_FIELD = re.compile("适用|范围|领域|对象")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the table, its row passage, and the text that is held against the criteria: of its scope only?"""

    record: Record
    passage: Passage
    target: Target
    by_scope: bool = False

    @property
    def near(self) -> float:
        """What a related wording earns: where the scope of records is asked for, 电力 meets 火电."""
        return MET if self.by_scope else NEAR_CREDIT


def spoken(candidate: Candidate, matcher: Matcher) -> float:
    """Return the share of the question that the whole record and its table's name speak of."""
    record = candidate.record
    whole = Target.of(
        " ".join((record.name, record.table, record.group, *(f"{f.name} {f.text}" for f in record.fields)))
    )
    return matcher.coverage(whole | Target.of(candidate.passage.context))


def field_asked(query: Query, matcher: Matcher, candidates: Sequence[Candidate]) -> str:
    """Return the column that the question asks about ("哪些技术能省水": 节水效果), or "".

    Every other word of the question must be one of the table's own: what is asked of somebody or something is no
    question about a whole column.
    """
    record = candidates[0].record
    names = [f.name for f in record.fields]
    framed = matcher.profile(Target.of(" ".join((record.table, candidates[0].passage.context, *names))))
    words = [
        word
        for term, share in zip(query.terms, framed, strict=True)
        for word in (term.text, *term.same)
        if not term.carried and len(word) > 1 and share >= 0.6
    ]
    strange = [t for t, share in zip(query.terms, framed, strict=True) if share < 0.6 and not LISTED.fullmatch(t.text)]
    if strange:
        return ""
    shared = {
        n: max((len(w) for w in words if w in fold(n) and not (ITEM_NOUN.search(w) or LISTED.fullmatch(w))), default=0)
        + 2 * (fold(n).split("·")[0] in query.own)
        for n in names
        if not SCOPE_FIELD.search(n)
    }
    best = max(shared, key=lambda n: shared[n], default="")
    return best if best and shared[best] > 0 else ""


def is_of(noun: str, fields: Sequence[str]) -> bool:
    """Whether what the question counts or lists may be entries of a table with these fields."""
    return not noun or bool(ITEM_NOUN.search(noun)) or any(noun in name for name in fields)


def group_asked(query: Query, candidates: Sequence[Candidate]) -> str:
    """Return the group ("类别二：节能降碳") that the question names, or ""."""
    groups = dict.fromkeys(c.record.group for c in candidates if c.record.group)
    named = [g for g in groups if fold(g).split(":")[-1].split("：")[-1] in query.own]
    return max(named, key=len, default="")


def candidates_of(query: Query, file: str, names: tuple[str, ...], library: Collection) -> list[Candidate]:
    """Return the table's records with the text that is held against the criteria."""
    rows = {p.record: p for p in library.passages_of(file) if p.kind == "row" and p.record >= 0}
    only_scope = bool(FOR_WHOM.search(query.text)) and any(SCOPE_FIELD.search(n) for n in names)
    found = []
    for number, record in enumerate(library.records(file)):
        if tuple(f.name for f in record.fields) != names or number not in rows:
            continue
        fields = [f for f in record.fields if not only_scope or SCOPE_FIELD.search(f.name)]
        text = " ".join((record.name, record.group, *(f.text for f in fields)))
        found.append(Candidate(record, rows[number], Target.of(text), only_scope))
    return found


def criteria_of(matcher: Matcher, candidates: Sequence[Candidate], title: str) -> list[int]:
    """Return the numbers of the terms that tell records apart: not the table's own words, met by some record."""
    if not candidates:
        return []
    record = candidates[0].record
    frame = Target.of(" ".join((title, record.table, *record.path, *(f.name for f in record.fields))))
    framed = matcher.profile(frame)
    profiles = [matcher.profile(c.target, c.near) for c in candidates]
    chosen = []
    for i in range(len(matcher.wanted)):
        met = sum(p[i] >= MET for p in profiles)
        if LISTED.fullmatch(matcher.wanted[i].text):
            continue
        if framed[i] < MET and 0 < met < 0.8 * len(candidates) + 1:
            chosen.append(i)
    return chosen


def content_mass(query: Query, matcher: Matcher, candidates: Sequence[Candidate]) -> float:
    """Return the mass of the terms that a list of these records has to meet: known words, not the table's own."""
    record = candidates[0].record
    framed = matcher.profile(Target.of(" ".join((record.table, *(f.name for f in record.fields)))))
    strong = [
        i
        for i, t in enumerate(query.terms)
        if t.same and not t.weak and framed[i] < 0.6 and not LISTED.fullmatch(t.text)
    ]
    return sum(matcher.wanted[i].total for i in strong)


def asks_more(query: Query, matcher: Matcher, candidates: Sequence[Candidate], title: str) -> bool:
    """Whether the question says anything that is neither the table's own words nor words by which lists are asked."""
    record = candidates[0].record
    framed = matcher.profile(Target.of(" ".join((title, record.table, *(f.name for f in record.fields)))))
    return any(
        not t.weak
        and framed[i] < MET
        and len(t.text) > 1
        and not (LISTED.fullmatch(t.text) or ITEM_NOUN.fullmatch(t.text) or has_era(t.text))
        for i, t in enumerate(query.terms)
    )


def alternatives(query: Query, criteria: Sequence[int]) -> list[list[int]]:
    """Return the criteria in groups: those that "、", "或" or "都算" makes alternatives of each other stand in one."""
    if _ANY.search(query.own):
        return [list(criteria)]
    groups: list[list[int]] = []
    ends: list[int] = []
    for i in criteria:
        start = query.own.find(query.terms[i].text)
        end = start + len(query.terms[i].text)
        home = next((g for g, at in zip(groups, ends, strict=True) if _OR.fullmatch(query.own[at:start])), None)
        if home is None:
            groups.append([i])
            ends.append(end)
        else:
            home.append(i)
            ends[groups.index(home)] = end
    return groups


def share_of(matcher: Matcher, candidate: Candidate, groups: Sequence[Sequence[int]]) -> float:
    """Return the share of the criteria's mass that a record meets; a term half said does not count.

    Of alternatives the best one counts. A word of the record's own name says what the record is: it earns more.
    """
    profile = matcher.profile(candidate.target, candidate.near)
    name = matcher.profile(Target.of(candidate.record.name))
    met = named = total = 0.0
    for group in groups:
        masses = [matcher.wanted[i].total for i in group]
        total += sum(masses) / len(masses)
        met += max(m * profile[i] if profile[i] >= MET else 0.0 for m, i in zip(masses, group, strict=True))
        named += max(m if name[i] >= MET else 0.0 for m, i in zip(masses, group, strict=True))
    return min(1.0, (met + NAMED_MORE * named) / total)
