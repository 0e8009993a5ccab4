"""A clause of a question -> terms that an answer should speak of, and the weights by which they are searched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from index.text import tokens
from index.thesaurus import Thesaurus
from rag.amounts import amounts

SAME_WEIGHT = 0.5
"""Search weight of a synonym's tokens; the question's own tokens have 1."""
UNSAID_WEIGHT = 1.0
"""... and of a synonym of a word that the library never uses."""
NEAR_WEIGHT = 0.12
"""Search weight of related terms."""
UNIGRAM_WEIGHT = 0.6
"""Search weight of a single character beside the pairs it stands in."""
CARRIED = 0.35
"""What a word of an earlier question counts beside those of the question itself."""
_WEAK_KINDS = frozenset({"general", "action", "document", "quality"})
_ASKING = re.compile(
    "请问一?下?|请(?:列出|列举|对比|比较|告诉我|介绍)?|列出|列举|帮我?|想(?:知道|问|看)|查一?下|"
    "都?有?哪(?:些|几[个项种家条类位道样部份支块款]|[个家位年项种类月天里儿])?|都有(?:谁|啥)|什么(?:样|时候)?|为什么|为啥|凭什么|"
    "啥(?:样)?|多少(?:[个家类位篇钱]|项(?!目)|种(?!植)|条(?!例))?|百分之几|几大?(?:成|[个项种家条类位道步度时样部份支块款])|"
    "怎么(?:样|着)?|怎样|如何|咋(?:样)?|是不是|是否|有没有|能不能|"
    "可不可以|到底|究竟|一共有?|总共有?|共有?(?=多少|几)|分[成为]?(?=几[类种大])|合计|分别|各自|"
    "各(?=[省减降增节][了下掉去]?(?:多少|几|了))|一下|[这那](?:个|些|块|边|类|种|款|档|份)|咱们|我们|你们|他们|[吗呢吧啊呀嘛]|"
    "对不对得上|打头|里面|当中"
)
_FUNCTION = frozenset("的了是有在和与及或我你他它这那就都也还被把让给用对从到由于要能会可得着过吗呢吧啊呀嘛哪几些么谁多少各其之为等个里栏")
_MARKS = re.compile(r"""[、:：（）()“”"'‘’《》<>…~/]+|(?<![a-z0-9])\s+|\s+(?![a-z0-9])""")
_QUOTED = re.compile("[“\"「『]([^“”\"「」『』]{2,12})[”\"」』]")
"""A word in quotation marks is one term, where the library says all of it."""
_MODAL = re.compile("^[能会要可得]|[能会要可得]$")
_VERB_NOUN = re.compile(
    "([减省节排发产用耗增])(?:少|约|掉|下来?|出来?|了|得|能|排)*(?:多少|几)(?:万|亿)?(?:吨|度|方|克|公斤|千克|立方米?)?的?([电水煤碳气料油汽渣尘])"
)
"""An amount asked between verb and noun: "减多少碳" asks for 减碳."""
_PARTED = re.compile("([一-鿿])[过了完](?:[一两几多三]?[次个回天年场])?([一-鿿])")
"""A verb parted from its noun: "献过一次血" says 献血."""
_GLUE = re.compile(r"[的了是在和与及把被让给就都也还吗呢吧着]|\s+")
"""Where an unknown stretch of a question may be cut into terms."""


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of the question that an answer should speak of.

    ``text`` is folded; ``same`` are interchangeable and ``near`` related wordings; ``weak`` marks everyday words,
    ``carried`` words of an earlier question; ``kinds`` are those of the thesaurus ("indicator", "place").
    """

    text: str
    same: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    weak: bool = False
    carried: bool = False
    kinds: tuple[str, ...] = ()


def terms_of(clause: str, thesaurus: Thesaurus, seen: Callable[[str], bool]) -> tuple[Term, ...]:
    """Cut a clause at question words and marks; known terms and the stretches between them become Terms."""
    terms: dict[str, Term] = {}
    clause += "".join(f"、{verb}{noun}" for verb, noun in _VERB_NOUN.findall(clause))
    clause += "".join(f"、{verb}{noun}" for verb, noun in _PARTED.findall(clause) if seen(verb + noun))
    quoted = {q for q in _QUOTED.findall(clause) if not any(_apart(q[i : i + 2], seen) for i in range(len(q) - 1))}
    for piece in _pieces(_ASKING.sub(" ", clause), terms):
        if piece in quoted:
            found = [k for k in thesaurus.expand(piece) if k.term == piece]
            terms[piece] = Term(piece, found[0].same, found[0].near, kinds=found[0].kinds) if found else Term(piece)
            continue
        at = 0
        for known in thesaurus.expand(piece):
            _add_unknown(terms, piece[at : known.start], seen)
            weak = all(kind in _WEAK_KINDS for kind in known.kinds) and not re.search("[a-z0-9]", known.term)
            terms[known.term] = Term(known.term, known.same, known.near, weak, kinds=known.kinds)
            at = known.end
        _add_unknown(terms, piece[at:], seen)
    return tuple(terms.values())


def _pieces(text: str, terms: dict[str, Term]) -> Iterator[str]:
    """Yield the stretches between marks, without the amounts in them, which become terms."""
    for piece in _MARKS.split(text):
        at = 0
        for start, end, printings in amounts(piece):
            terms[piece[start:end]] = Term(piece[start:end], printings)
            yield piece[at:start]
            at = end
        yield piece[at:]


def _add_unknown(terms: dict[str, Term], text: str, seen: Callable[[str], bool]) -> None:
    """Add the terms of a stretch that the thesaurus does not know, cut at function words and unseen pairs."""
    for part in _GLUE.split(text):
        cuts = [0, *(i for i in range(1, len(part)) if _apart(part[i - 1 : i + 1], seen)), len(part)]
        pieces = [part[i:j] for i, j in zip(cuts, cuts[1:], strict=False)]
        whole = [p for p in pieces if len(p) > 1] or [part]
        for found in whole:
            piece = _MODAL.sub("", found) if len(found) > 2 else found
            if any(char not in _FUNCTION for char in piece):
                terms.setdefault(piece, Term(piece))


def _apart(pair: str, seen: Callable[[str], bool]) -> bool:
    return ord(pair[0]) >= 0x3400 and ord(pair[1]) >= 0x3400 and not seen(pair)


def weights_of(terms: tuple[Term, ...], seen: Callable[[str], bool]) -> dict[str, float]:
    """Return the search weights; where the library never says a term, its synonyms take its place."""
    weights: dict[str, float] = {}
    for term in terms:
        _weigh(weights, term.text, CARRIED if term.carried else 1.0)
    for term in terms:
        factor = (0.5 if term.weak else 1.0) * (CARRIED if term.carried else 1.0)
        said = all(seen(token) for token in tokens(term.text) if len(token) > 1)
        for other in term.same:
            _weigh(weights, other, (SAME_WEIGHT if said else UNSAID_WEIGHT) * factor)
        for other in term.near:
            _weigh(weights, other, NEAR_WEIGHT * factor)
    return weights


@lru_cache(10_000)
def _tokens(text: str) -> tuple[str, ...]:
    """Return the tokens of a term or synonym; a question's synonyms are always the same few thousand."""
    return tuple(tokens(text))


def _weigh(weights: dict[str, float], text: str, weight: float) -> None:
    for token in _tokens(text):
        value = weight
        if len(token) == 1 and not token.isascii():
            if token in _FUNCTION:
                continue
            value *= UNIGRAM_WEIGHT
        elif not token.isascii() and token[0] in _FUNCTION and token[-1] in _FUNCTION:
            continue
        weights[token] = max(weights.get(token, 0.0), value)
