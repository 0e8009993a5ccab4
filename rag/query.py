"""A question in a person's words -> a Query: its kind, its terms with other words for them, search weights.

Deterministic and without any model. Follow-ups are completed in ``followup``, document scope is found in ``scope``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from index.text import fold
from index.thesaurus import Thesaurus
from rag.common import is_common
from rag.eras import has_era
from rag.terms import Term, terms_of, weights_of

QuestionKind = Literal["fact", "list", "count", "compare", "reason", "yesno"]




_CLAUSE = re.compile("[,，。？?！!;；]+|(?<=[^a-z0-9 ]) +(?=[^a-z0-9 ])|——")
_AMOUNTS = re.compile("多少|百分之几|几[成个项吨度元年天种家]|多大|多高")
_ASKS = re.compile(
    "多少|几|哪|什么|啥|谁|怎么|怎样|如何|咋|何时|何种|何地|多大|多高|多长|多久|为何|吗|是不是|是否|有没有|文号|发文字号|讲讲|比一比|[是为]$"
)
_ASKED_NOUN = re.compile(
    "(?:哪几|哪|几|多少)(?:[个条项种类块大道步家位样套部份款]|方面的?|些)(?:大|重点|主要)?([一-鿿]{2,4}?)(?=$|[的来去里中才，,。？?、和与及]|要|能|是|有|上|做|讲|说|需|可|归|分)"
)
_NOUN_BEFORE = re.compile("([一-鿿]{2})(?:一共|总共)?(?:有|分)(?:为|成|了)?(?:几|多少)[个条项种类块大道步家]")
_EXCEPT = re.compile(
    r"[(（][^()（）]*(?:不算|除外|不包括|不要)[)）]|"
    "(?:除了?|撇开|不算|抛开)[^,，。?？]{1,12}?(?:(?:以外|之外|不谈|不说)[,，]?|[,，](?=还|其他|另))|"
    r"[,，]而?不是[^,，。?？吗]{1,14}?的?(?=[,，。?？]|$)"
)
"""What a question leaves out; it must not be searched for."""
_NO_NOUN = re.compile("[能可会要得应该需已被是在没不做搞弄]")
"""What follows "哪些" and is no noun: "哪些能用", "哪些已经"."""
_ASKED_MEASURE = re.compile("(?:哪几|几|多少)([个条项种类块道步家位样套部份款])")
_AMOUNT = re.compile("(?:是|为|占|达到?|到)多少|(?:多少|几)(?:万|亿)?(?:吨|公斤|千克|克|度|元|钱|方|立方|百分)|百分之几|(?:减少|节约|下降|降低|增加|提高)(?:了)?多少")
_OFFICES = re.compile("哪(?:几|些|两|三)个?(?:部委|部门|司局|厅局|机关)")
"""Who did something is one statement, however many they were."""

_KINDS: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = (
    (
        "compare",
        re.compile(
            "[和跟与同].{1,24}(?:分别|各[能会可要]?[是有省减降节发产耗用花排占]?[了下掉]?[电水煤气]?多少|"
            "谁[^。]{0,12}[多大高低少]|哪[个家][^。]{0,14}[多大高低少]|差在哪|差多少|"
            "怎么区分)|对比|相比|比一比|比[^,，。?？]{1,10}多[降省少增减](?:了|低)?多少|比较|哪个更|哪家更|谁更|更[大多高低少]|区别|差别|差异|不一样|不同|异同|"
            "能直接比|又(?:是|定|要)?了?多少|哪个.{0,8}[多少高低大小]$|分别从多少|两[家者个].{0,6}分别"
        ),
    ),
    (
        "count",
        re.compile(
            "(?:一共|总共|共)[^,，。？?]{0,6}?(?:几|多少)(?:个|项|家|类|条|种|块|道|步|例|部|大)|"
            "有(?:几|多少)(?:个|项|家|类|条|种|块|道|步|例)|"
            "(?<!哪)几(?:个|项|家|类|条|种|块|道|步|例|大)(?:重点|主要)?(?:行业|工序|部委|部门|司|步骤|类别|案例|技术|方面)|"
            "分(?:成|为)?了?几|多少(?:条|个部门|项技术|个案例)|抄给了几"
        ),
    ),
    ("reason", re.compile("为什么|为啥|为何|凭什么|原因|怎么(?!样才算)|怎样|如何|咋|原理|(?:办法|措施|步骤|流程)(?![的里中第》规定])|几道关|做了什么|干嘛|什么招|"
            "(?:什么|啥|哪些)(?:好处|实惠|甜头|优惠|支持|扶持|待遇|便利|后果|影响|麻烦|难处|短板|安排|打算|机制|手段)")),
    (
        "list",
        re.compile(
            "哪些|哪几|哪[两二三四五六](?:家|个|项|种|类|条)|有谁|都有哪|列出|列举|分别|名单|有啥|各是谁|"
            "都算|哪.{0,6}的名|^[^?？多少几怎什谁哪啥]{6,}的[^的,，。?？]{0,8}(?:企业|公司|单位|技术|案例|项目|厂家)[?？。]?$|包括什么|什么.{0,4}都|几样|谁家|找谁$"
        ),
    ),
    ("yesno", re.compile("吗[？?]?$|是不是|是否|对不对|有没有|能不能|可不可以")),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A clause of the question: its folded text, the numbers of its terms, and whether it asks for something."""

    text: str
    terms: tuple[int, ...]
    asks: bool


@dataclass(frozen=True, slots=True)
class Query:
    """An understood question.

    ``text`` is completed and folded, ``own`` the part of it that was typed last, ``weights`` maps search tokens to
    weights.

    ``noun`` is the kind of thing that a list or count is asked of ("原则", "行业"), or "";
    ``measure`` its measure word as the question has it ("条", "个"), else 项.
    """

    asked: str
    text: str
    own: str
    kind: QuestionKind
    terms: tuple[Term, ...]
    parts: tuple[Part, ...]
    noun: str
    measure: str
    weights: Mapping[str, float]


def understand(
    question: str, thesaurus: Thesaurus, carried: str = "", seen: Callable[[str], bool] = lambda pair: True
) -> Query:
    """Return the Query of a completed question.

    ``carried`` is the part of it that earlier questions gave; ``seen`` tells whether the library holds a pair of
    characters: unknown stretches are cut where it does not.
    """
    folded, before = fold(question), fold(carried)
    folded = _EXCEPT.sub("", folded)
    asked = folded[len(before) :] if before and folded.startswith(before) else folded
    # "那能耗呢？" asks what the question before asked: its words count less, but the asking is all there.
    newer = fold(asked) if before and not _ASKS.search(asked) else ""
    if newer:
        asked, before = folded, ""
    terms: dict[str, Term] = {}
    parts: list[Part] = []
    for clause in _clauses(asked):
        own = terms_of(clause, thesaurus, seen)
        for term in own:
            old = bool(newer) and term.text not in newer
            terms.setdefault(term.text, replace(term, carried=True) if old else term)
        numbers = tuple(i for i, text in enumerate(terms) if any(t.text == text for t in own))
        if own or _ASKS.search(clause):
            parts.append(Part(clause.strip(), numbers, bool(_ASKS.search(clause))))
    for clause in _CLAUSE.split(before):
        for term in terms_of(clause, thesaurus, seen):
            if has_era(term.text) and has_era(asked):
                continue
            terms.setdefault(term.text, replace(term, carried=True))
    if before and not any(says_something(t) for t in terms.values() if not t.carried):
        terms = {text: replace(t, carried=False) for text, t in terms.items()}
    every = tuple(terms.values())
    nouns = (_noun(asked), _measure(asked))
    return Query(question, folded, asked, kind_of(asked), every, tuple(parts), *nouns, weights_of(every, seen))


def _clauses(asked: str) -> Iterator[str]:
    """Yield the clauses of a question; "用水省几成、能耗低几成" are two."""
    for clause in _CLAUSE.split(asked):
        cuts = [m.end() for m in re.finditer("、", clause)]
        cuts = [at for at in cuts if _AMOUNTS.search(clause[:at]) and _AMOUNTS.search(clause[at:])]
        for start, end in zip([0, *cuts], [*cuts, len(clause)], strict=True):
            yield clause[start:end].strip("、")


def says_something(term: Term) -> bool:
    """Whether a term names a thing: not a time, not an everyday word, not a word that the thesaurus lacks."""
    return not (term.weak or has_era(term.text)) and (bool(term.same) or not is_common(term.text))


def _noun(folded: str) -> str:
    """Return the noun right after "哪几条", "几个", "哪些" ...: what the items of a list are called."""
    found = _ASKED_NOUN.search(folded) or _NOUN_BEFORE.search(folded)
    noun = found.group(1) if found else ""
    return "" if _NO_NOUN.match(noun) or noun.endswith("的") else noun


def _measure(folded: str) -> str:
    found = _ASKED_MEASURE.search(folded)
    return found.group(1) if found else "项"


def kind_of(folded: str) -> QuestionKind:
    """Return what kind of answer the folded question wants; "fact" when nothing else shows."""
    for kind, pattern in _KINDS:
        if pattern.search(folded) and not (kind == "list" and (_AMOUNT.search(folded) or _OFFICES.search(folded))):
            return kind
    return "fact"
