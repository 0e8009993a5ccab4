"""A question in a person's words -> a Query: its kind, its terms with other words for them, search weights.

Deterministic and without any model. Follow-ups are completed in ``followup``, document scope is found in ``scope``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from index.text import fold, tokens
from index.thesaurus import Expansion, Thesaurus

QuestionKind = Literal["fact", "list", "count", "compare", "reason", "yesno"]

SAME_WEIGHT = 0.5
"""Search weight of a synonym's tokens; the question's own tokens have 1."""
NEAR_WEIGHT = 0.12
"""Search weight of related terms."""
UNIGRAM_WEIGHT = 0.35
"""Search weight of a single character beside the pairs it stands in."""

_WEAK_KINDS = frozenset({"general", "action", "document", "quality"})
_ASKING = re.compile(
    "请问一?下?|请(?:列出|列举|对比|比较|告诉我|介绍)?|列出|列举|帮我?|想(?:知道|问|看)|查一?下|"
    "都?有?哪(?:些|几[个项种家条类位道]|[个家位年项种类月天里儿])?|都有(?:谁|啥)|什么(?:样|时候)?|为什么|为啥|凭什么|"
    "啥(?:样)?|多少|百分之几|几(?:成|[个项种家条类位道步度时])|怎么(?:样|着)?|怎样|如何|咋(?:样)?|是不是|是否|有没有|能不能|"
    "可不可以|到底|究竟|一共|总共|合计|分别|各自|一下|这个|那个|这些|那些|这块|那边|咱们|我们|你们|他们|[吗呢吧啊呀嘛]|"
    "对不对得上|打头|里面|当中"
)
_FUNCTION = frozenset("的了是有在和与及或我你他它这那就都也还被把让给用对从到由于要能会可得着过吗呢吧啊呀嘛哪几些么谁多少各其之为等个")

_GLUE = re.compile("[的了是在和与及把被让给就都也还吗呢吧着]|\\s+")
"""Where an unknown stretch of a question may be cut into terms."""

_KINDS: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = (
    (
        "compare",
        re.compile(
            "对比|相比|比一比|比较|哪个更|哪家更|谁更|更[大多高低少]|区别|差别|差异|不一样|不同|异同|"
            "能直接比|哪个.{0,8}[多少高低大小]$|分别从多少|两[家者个].{0,6}分别"
        ),
    ),
    (
        "count",
        re.compile(
            "一共(?:有|是|分|讲|发)?(?:了|给了)?(?:几|多少)|总共|共有?(?:几|多少)|有(?:几|多少)(?:个|项|家|类|条|种|块|道|步|例)|"
            "几(?:个|项|家|类|条|种|块|道|步|例|大)(?:行业|工序|部委|部门|司|步骤|类别|案例|技术|方面)|"
            "分(?:了|成)?几|多少(?:条|个部门|项技术|个案例)|抄给了几"
        ),
    ),
    ("reason", re.compile("为什么|为啥|为何|凭什么|原因|怎么(?!样才算)|怎样|如何|咋|原理|办法|措施|步骤|流程|几道关|做了什么|干嘛|什么招")),
    ("list", re.compile("哪些|哪几|有谁|都有哪|列出|列举|分别|名单|有啥|各是谁|哪.{0,6}(?:都算|的名)|包括什么|什么.{0,4}都|几样|谁家|找谁$")),
    ("yesno", re.compile("吗[？?]?$|是不是|是否|对不对|有没有|能不能|可不可以")),
)


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of the question that an answer should speak of.

    ``text`` is folded; ``same`` are interchangeable and ``near`` related wordings; ``weak`` marks everyday words.
    """

    text: str
    same: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """An understood question. ``text`` is completed and folded, ``weights`` maps search tokens to weights."""

    asked: str
    text: str
    kind: QuestionKind
    terms: tuple[Term, ...]
    weights: Mapping[str, float]


def understand(question: str, thesaurus: Thesaurus) -> Query:
    """Return the Query of a completed question."""
    folded = fold(question)
    terms = _terms(folded, thesaurus)
    return Query(question, folded, kind_of(folded), terms, _weights(terms))


def kind_of(folded: str) -> QuestionKind:
    """Return what kind of answer the folded question wants; "fact" when nothing else shows."""
    for kind, pattern in _KINDS:
        if pattern.search(folded):
            return kind
    return "fact"


def _terms(folded: str, thesaurus: Thesaurus) -> tuple[Term, ...]:
    """Cut the question at question words and marks; known terms and the stretches between them become Terms."""
    terms: dict[str, Term] = {}
    for piece in re.split(r"[\s,，。？?！!、;；:：（）()“”\"'‘’《》<>…~/]+", _ASKING.sub(" ", folded)):
        at = 0
        for known in thesaurus.expand(piece):
            _add(terms, piece[at : known.start])
            _add(terms, known.term, known)
            at = known.end
        _add(terms, piece[at:])
    return tuple(terms.values())


def _add(terms: dict[str, Term], text: str, known: Expansion | None = None) -> None:
    if known:
        weak = all(kind in _WEAK_KINDS for kind in known.kinds)
        terms[text] = Term(text, known.same, known.near, weak)
        return
    for part in _GLUE.split(text):
        if any(char not in _FUNCTION for char in part):
            terms.setdefault(part, Term(part))


def _weights(terms: tuple[Term, ...]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for term in terms:
        _weigh(weights, term.text, 1.0)
    for term in terms:
        factor = 0.5 if term.weak else 1.0
        for other in term.same:
            _weigh(weights, other, SAME_WEIGHT * factor)
        for other in term.near:
            _weigh(weights, other, NEAR_WEIGHT * factor)
    return weights


def _weigh(weights: dict[str, float], text: str, weight: float) -> None:
    for token in tokens(text):
        value = weight
        if len(token) == 1 and not token.isascii():
            if token in _FUNCTION:
                continue
            value *= UNIGRAM_WEIGHT
        elif not token.isascii() and token[0] in _FUNCTION and token[-1] in _FUNCTION:
            continue
        weights[token] = max(weights.get(token, 0.0), value)
