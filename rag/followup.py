"""A follow-up -> a question that stands on its own: what the last questions were about is put back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_POINTS_BACK = re.compile(
    "^(?:那么?|这|它们?|他们?|她|其|该|此|上述|前者|后者|例子|换成|改成|再|还有|另外|同样|上一个)|"
    "它们?|他们|那个$|这个$|这[项个段笔种类家套条]|那[项段笔种类家套条]|到时候|里有没有对得上|同样是"
)
_SWITCH = re.compile("^(?:那么?|至于|换成|改成|再说说)?(.{1,30}?)(?:那边|那里|这边|方面)?(?:呢|怎么样|如何)[？?。]?$")
_TURN = re.compile("^(?:那么?|至于|换成|改成)(.{1,20}?)(?:那边|那里|这边|方面)?呢?[，,]")
_PLACE_OR_TIME = re.compile(
    r"\d|全国|国家|[省市县区州]$|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|"
    "四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆"
)
"""A place or a year is no rival of a name: "湖南的能耗…那用水呢" still means 湖南."""
EXCHANGED = frozenset({"indicator", "pollutant", "industry", "energy", "material", "product", "equipment"})
"""Kinds of words of which a new one takes the place of an old one."""
_SHORT = 9
_NAMELESS = 18
_VALUE = re.compile("多少|几[个家年天吨度成]|百分之几|呢[，,]")
_ENDS = "？?。！! "


@dataclass(frozen=True, slots=True)
class Completed:
    """A question that stands alone.

    ``text`` is "前问——今问", ``carried`` the part taken from the history; ``switched`` says that a new name takes the
    place of the one before.
    """

    text: str
    carried: str = ""
    switched: bool = False


def complete(
    question: str,
    history: Sequence[str],
    known: Callable[[str], bool] = lambda name: False,
    kinds: Callable[[str], Sequence[tuple[str, frozenset[str]]]] = lambda text: (),
    telling: Callable[[str], bool] | None = None,
) -> Completed:
    """Return the question itself when it stands alone, else what the last questions were about and it.

    "那五粮液呢？" after a question about another company asks the same of 五粮液: the name is exchanged, as is an
    indicator for an indicator ("那能耗呢？"). ``known`` tells whether the library calls something by that name, ``kinds``
    finds the words of a text that the thesaurus knows, with their kinds; ``telling`` tells whether few names hold the
    word, so that it stands for one thing (default: ``known``).
    """
    asked = question.strip()
    earlier = [h.strip(_ENDS) for h in history if h.strip(_ENDS)]
    if not earlier or not (needs_history(asked) or _names_nothing(asked, telling)):
        return Completed(asked)
    if switched := _SWITCH.match(asked):
        name = switched.group(1).strip()
        rival = _rival(earlier[-1], name, known, kinds, telling or known)
        if rival:
            return Completed(earlier[-1].replace(rival, name, 1), switched=True)
        return Completed(f"{earlier[-1]}——{asked}", earlier[-1])
    if turned := _TURN.match(asked):
        rival = _rival(earlier[-1], turned.group(1), known, kinds, telling or known)
        before = earlier[-1].replace(rival, "", 1).strip(" ，,的") if rival else earlier[-1]
        return Completed(f"{before}——{asked}", before, bool(rival))
    before = " ".join(earlier[-2:])
    return Completed(f"{before}——{asked}", before)


def needs_history(question: str) -> bool:
    """Whether the question points back at what was said before, or is too short to stand alone."""
    return bool(_POINTS_BACK.search(question) or _SWITCH.match(question)) or len(question) <= _SHORT


def _names_nothing(question: str, telling: Callable[[str], bool] | None) -> bool:
    """Whether a shorter question asks for a value of something that it does not name."""
    short = len(question) <= _NAMELESS and _VALUE.search(question)
    return bool(short and telling and not _PLACE_OR_TIME.search(question) and not any(_stretches(question, telling)))


def _stretches(text: str, telling: Callable[[str], bool]) -> Iterator[bool]:
    return (telling(text[i:j]) for i in range(len(text)) for j in range(i + 2, min(i + 7, len(text)) + 1))


def _rival(
    before: str,
    name: str,
    known: Callable[[str], bool],
    kinds: Callable[[str], Sequence[tuple[str, frozenset[str]]]],
    telling: Callable[[str], bool],
) -> str:
    """Return the name, or the word of the same kind, that a new one takes the place of; "" when none."""
    if _PLACE_OR_TIME.search(name):
        return ""
    new = frozenset(k for _, found in kinds(name) for k in found) & EXCHANGED
    if new:
        rivals = [word for word, found in kinds(before) if found & new and word in before]
    elif known(name):
        rivals = _names(before, telling)
    else:
        return ""
    rival = max(rivals, key=len, default="")
    return rival if len(rival) > 1 else ""


def _names(before: str, telling: Callable[[str], bool]) -> list[str]:
    return [
        before[i:j]
        for i in range(min(len(before), 8))
        for j in range(len(before), i + 1, -1)
        if j - i <= 12 and not _PLACE_OR_TIME.search(before[i:j]) and telling(before[i:j])
    ]
