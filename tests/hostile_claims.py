"""Lies made from the prompt itself: altered figures and words, invented and misplaced keys, odd forms of citing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from tests.hostile_case import INVENTED, NO_KEY, Attack, Forged, Hostile, Prompt, Shown, attack
from tests.llm_server import Request

Read = Callable[[Request], Prompt]
Change = Callable[[str], str]
"""What an alteration does to the text that its pattern found; the same text means it has nothing to do there."""

_NUMBER = r"(?<![\d.A-Za-z〔\[])\d+(?:\.\d+)?(?![\d.]|[A-Za-z])"
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_WIDE = str.maketrans("0123456789.%", "０１２３４５６７８９．％")


def claims(read: Read) -> list[Hostile]:
    """Return the cases that need the prompt; ``read`` finds the passages in a request."""
    made = [*_figures(), *_words(), *_keys(), *_citing(), *_sentences()]
    return [attack(name, family, how, read) for name, family, how in made]


Named = tuple[str, str, Attack]


def _times(factor: float) -> Change:
    def change(figure: str) -> str:
        value = round(float(figure) * factor, 6)
        return str(int(value)) if value == int(value) else f"{value:g}"

    return change


def _plus(step: float) -> Change:
    return lambda figure: f"{max(0.0, round(float(figure) + step, 6)):g}" if float(figure) < 1e6 else figure


def _swapped(table: Mapping[str, str]) -> Change:
    return lambda word: table[word]


def _any_of(words: Mapping[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_FIGURES: dict[str, tuple[str, Change]] = {
    "plus-one": (_NUMBER, _plus(1)),
    "minus-one": (_NUMBER, _plus(-1)),
    "plus-tenth": (_NUMBER, _plus(0.1)),
    "times-ten": (_NUMBER, _times(10)),
    "tenth": (_NUMBER, _times(0.1)),
    "times-hundred": (_NUMBER, _times(100)),
    "doubled": (_NUMBER, _times(2)),
    "halved": (_NUMBER, _times(0.5)),
    "digits-reversed": (_NUMBER, lambda figure: figure[::-1] if "." not in figure else figure),
    "first-digit-dropped": (r"(?<![\d.])\d{2,}(?![\d.])", lambda figure: figure[1:].lstrip("0") or figure),
    "last-digit-dropped": (r"(?<![\d.])\d{2,}(?![\d.])", lambda figure: figure[:-1]),
    "digit-doubled": (_NUMBER, lambda figure: figure[0] + figure),
    "decimal-added": (r"(?<![\d.])\d+(?![\d.])", lambda figure: f"{figure}.5"),
    "made-range": (_NUMBER, lambda figure: f"{figure}—{_times(3)(figure)}"),
    "made-fraction": (_NUMBER, lambda figure: f"三分之{figure}"),
    "chinese-numeral-wrong": (_NUMBER, lambda figure: _plus(1)(figure).translate(_DIGITS).replace(".", "点")),
    "full-width-wrong": (_NUMBER, lambda figure: _plus(1)(figure).translate(_WIDE)),
    "thousands-wrong": (_NUMBER, lambda figure: f"{int(float(figure) * 1000) + 1000:,}"),
    "digits-spaced-wrong": (_NUMBER, lambda figure: " ".join(_times(11)(figure))),
    "digits-zero-width-wrong": (_NUMBER, lambda figure: "\u200b".join(_times(11)(figure))),
    "circled-wrong": (_NUMBER, lambda figure: "⑨"),
    "word-wrong": (_NUMBER, lambda figure: "约两千余"),
    "about": (_NUMBER, lambda figure: f"{_plus(3)(figure)}左右"),
    "year-later": (r"(?:19|20)\d\d(?=年)", lambda year: str(int(year) + 1)),
    "year-earlier": (r"(?:19|20)\d\d(?=年)", lambda year: str(int(year) - 1)),
    "year-in-words": (r"(?:19|20)\d\d(?=年)", lambda year: str(int(year) + 1).translate(_DIGITS)),
    "month-later": (r"(?<!\d)\d{1,2}(?=月)", lambda month: str(int(month) % 12 + 1)),
    "day-later": (r"(?<!\d)\d{1,2}(?=日)", lambda day: str(int(day) % 28 + 1)),
    "percent-to-points": (r"%|％", lambda sign: "个百分点"),
    "percent-to-permille": (r"%|％", lambda sign: "‰"),
    "percent-dropped": (r"%|％", lambda sign: "倍"),
    "ton-to-ten-thousand": (r"(?<=\d)\s?吨", lambda unit: "万吨"),
    "ten-thousand-dropped": (r"(?<=\d)\s?万(?=[吨元千个立])", lambda unit: ""),
    "ten-thousand-to-hundred-million": (r"(?<=\d)\s?万(?=[吨元千个立])", lambda unit: "亿"),
    "yuan-to-dollar": (r"元", lambda unit: "美元"),
    "unit-changed": (r"(?<=\d)\s?(?:吨|公里|米|家|项|个|天|日|月|元|年)", lambda unit: "公斤"),
    "per-year-to-per-month": (r"每年|年度|/年", _swapped({"每年": "每月", "年度": "月度", "/年": "/月"})),
}

_COMPARATORS = {
    "不低于": "不高于", "不高于": "不低于", "不少于": "不超过", "不超过": "不少于", "以上": "以下", "以下": "以上",
    "超过": "低于", "低于": "超过", "高于": "低于", "大于": "小于", "小于": "大于", "至少": "至多", "≥": "≤",
    "≤": "≥", "最高": "最低", "最低": "最高", "以内": "以外", "之前": "之后", "以前": "以后",
}  # fmt: skip
_DIRECTIONS = {
    "提高": "降低", "降低": "提高", "增加": "减少", "减少": "增加", "上升": "下降", "下降": "上升", "增长": "减少",
    "扩大": "缩小", "加快": "放慢", "加强": "削弱", "延长": "缩短",
}  # fmt: skip
_DUTIES = {
    "应当": "可以不", "不得": "可以", "必须": "无须", "禁止": "允许", "可以": "不得", "鼓励": "禁止", "允许": "禁止",
    "需要": "不需要", "适用": "不适用", "实行": "不实行",
}  # fmt: skip
_SCOPES = {
    "全国": "全省", "企业": "个人", "省": "市", "市": "县", "国家": "地方", "新建": "已建", "所有": "部分",
    "部分": "所有", "其中": "合计", "每年": "累计", "和": "或者", "或者": "和",
}  # fmt: skip

_WORDS: dict[str, tuple[str, Change]] = {
    "comparator": (_any_of(_COMPARATORS), _swapped(_COMPARATORS)),
    "comparator-dropped": (_any_of(_COMPARATORS), lambda word: ""),
    "direction": (_any_of(_DIRECTIONS), _swapped(_DIRECTIONS)),
    "duty": (_any_of(_DUTIES), _swapped(_DUTIES)),
    "scope": (_any_of(_SCOPES), _swapped(_SCOPES)),
}


def _altered(sentence: str, pattern: str, change: Change) -> tuple[str, int, int] | None:
    """Return the sentence with the first altered place, and where the new text stands; None where nothing changes."""
    for found in re.finditer(pattern, sentence):
        new = change(found[0])
        if new != found[0]:
            return sentence[: found.start()] + new + sentence[found.end() :], found.start(), found.start() + len(new)
    return None


def _bare(text: str) -> str:
    return "".join(text.split())


def _planted(sentence: str, start: int, end: int, prompt: str) -> str:
    """Return the altered place with as much around it as makes it a text that the prompt does not hold."""
    known = _bare(prompt)
    for wider in range(4, len(sentence) + 4, 4):
        text = sentence[max(0, start - wider) : end + wider // 2]
        if _bare(text) not in known:
            return text
    return sentence


_SPARE = (
    INVENTED, "自2031年5月6日起，补助资金每年增加 12.5 万元，单位产品用水量 340 吨以下的企业不得申报",
)  # fmt: skip


def _lie(pattern: str, change: Change, *, from_end: bool = False, after_truth: bool = False) -> Attack:
    """Return the attack that alters the first sentence it can, of the passages in order or from the last one."""

    def made(prompt: Prompt) -> Forged:
        passages = prompt.passages[::-1] if from_end else prompt.passages
        spare = [Shown(passages[0].key, text) for text in _SPARE]
        for shown in (*passages, *spare):
            for sentence in shown.sentences:
                if lie := _altered(sentence, pattern, change):
                    said = f"{lie[0]}{prompt.cite(shown.key)}。"
                    text = prompt.honest + said if after_truth else said
                    return Forged(text, (_planted(*lie, prompt.text),))
        raise AssertionError(f"no sentence to alter for {pattern}")

    return made


def _figures() -> Iterator[Named]:
    for name, (pattern, change) in _FIGURES.items():
        yield f"figure-{name}", "figure", _lie(pattern, change)
        yield f"figure-{name}-last-passage", "figure", _lie(pattern, change, from_end=True)
        yield f"figure-{name}-after-truth", "figure", _lie(pattern, change, after_truth=True)


def _words() -> Iterator[Named]:
    for name, (pattern, change) in _WORDS.items():
        yield f"word-{name}", name, _lie(pattern, change)
        yield f"word-{name}-last-passage", name, _lie(pattern, change, from_end=True)
        yield f"word-{name}-after-truth", name, _lie(pattern, change, after_truth=True)


def _keyed(make: Callable[[str], str]) -> Attack:
    """Return the attack that puts another key under a true sentence."""

    def made(prompt: Prompt) -> Forged:
        shown = prompt.passages[0]
        key = make(shown.key)
        return Forged(f"{shown.sentences[0]}{prompt.cite(key)}。", wrong_keys=(key,))

    return made


def _keys() -> Iterator[Named]:
    invented = {
        "invented": lambda key: NO_KEY,
        "zeros": lambda key: "0" * len(key),
        "upper-case": lambda key: key.upper() if key.upper() != key else "ABCDEF01",
        "one-character-off": lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"),
        "too-short": lambda key: key[:-1],
        "too-long": lambda key: key + "0",
        "reversed": lambda key: key[::-1] if key[::-1] != key else NO_KEY,
        "full-width": lambda key: key.translate(str.maketrans("0123456789abcdef", "０１２３４５６７８９ａｂｃｄｅｆ")),
        "look-alike": lambda key: "а" + key[1:],
        "not-hex": lambda key: "zzzzzzzz",
        "word": lambda key: "来源",
        "long": lambda key: "a" * 4000,
        "empty": lambda key: "",
    }
    for name, make in invented.items():
        yield f"key-{name}", "key", _keyed(make)
    yield "key-of-other-passage", "misplaced", _of_other
    yield "key-of-all-passages", "misplaced", _of_all
    yield "key-hundred-in-one-sentence", "key", _hundred
    yield "key-hundred-times-the-same", "key", _same_hundred
    yield "key-right-on-invention", "misplaced", _invention
    yield "key-right-on-document-title", "misplaced", _title


def _of_other(prompt: Prompt) -> Forged:
    first, other = prompt.passages[0], prompt.passages[-1]
    if other.key == first.key:
        other = Shown(NO_KEY, INVENTED)
    return Forged(f"{first.sentences[0]}{prompt.cite(other.key)}。", wrong_keys=(other.key,))


def _of_all(prompt: Prompt) -> Forged:
    keys = "".join(prompt.cite(shown.key) for shown in prompt.passages)
    return Forged(f"{prompt.passages[0].sentences[0]}{keys}。")


def _hundred(prompt: Prompt) -> Forged:
    keys = [f"{number:08x}" for number in range(100)]
    return Forged(f"{prompt.passages[0].sentences[0]}{''.join(map(prompt.cite, keys))}。", wrong_keys=tuple(keys))


def _same_hundred(prompt: Prompt) -> Forged:
    shown = prompt.passages[0]
    return Forged(f"{shown.sentences[0]}{prompt.cite(shown.key) * 100}。")


def _invention(prompt: Prompt) -> Forged:
    return Forged(f"{INVENTED}{prompt.cite(prompt.passages[0].key)}。", (INVENTED,))


def _title(prompt: Prompt) -> Forged:
    said = "《关于全面推行雨水入厂的紧急通知》（青雨发〔2031〕99号）对此作出了规定"
    return Forged(f"{said}{prompt.cite(prompt.passages[0].key)}。", (said,))


_FORMS: dict[str, Callable[[str, str], str]] = {
    "by-number": lambda said, key: f"{said}[1]。",
    "by-number-and-key": lambda said, key: f"{said}[1][{key}]。",
    "by-superscript": lambda said, key: f"{said}¹。",
    "by-caret": lambda said, key: f"{said}[^{key}]。",
    "in-lenticular-brackets": lambda said, key: f"{said}【{key}】。",
    "in-full-width-brackets": lambda said, key: f"{said}［{key}］。",
    "in-parentheses": lambda said, key: f"{said}（{key}）。",
    "in-round-brackets": lambda said, key: f"{said}({key})。",
    "in-braces": lambda said, key: f"{said}{{{key}}}。",
    "in-double-brackets": lambda said, key: f"{said}[[{key}]]。",
    "in-code": lambda said, key: f"{said}`[{key}]`。",
    "in-bold": lambda said, key: f"{said}**[{key}]**。",
    "in-tag": lambda said, key: f"{said}<cite>{key}</cite>。",
    "as-link": lambda said, key: f"{said}[{key}](http://198.51.100.7/)。",
    "as-image": lambda said, key: f"{said}![{key}](http://198.51.100.7/).",
    "without-brackets": lambda said, key: f"{said}{key}。",
    "with-blanks": lambda said, key: f"{said}[ {key} ]。",
    "with-word": lambda said, key: f"{said}[来源：{key}]。",
    "with-comma": lambda said, key: f"{said}[{key}, {key}]。",
    "unclosed": lambda said, key: f"{said}[{key}。",
    "unopened": lambda said, key: f"{said}{key}]。",
    "before-sentence": lambda said, key: f"[{key}]{said}。",
    "after-full-stop": lambda said, key: f"{said}。[{key}]",
    "on-own-line": lambda said, key: f"{said}。\n[{key}]\n",
    "at-the-end-of-all": lambda said, key: f"{said}。\n\n参考资料：\n[{key}]",
    "within-sentence": lambda said, key: f"{said[:4]}[{key}]{said[4:]}。",
    "within-number": lambda said, key: re.sub(r"(\d)(\d)", rf"\1[{key}]\2", said, count=1) + f"[{key}]。",
    "broken-by-line-end": lambda said, key: f"{said}[{key[:4]}\n{key[4:]}]。",
    "dropped": lambda said, key: f"{said}。",
}


def _citing() -> Iterator[Named]:
    """Yield true sentences, cited in other ways than asked for: none may crash, or leave a raw key in the answer."""
    for name, form in _FORMS.items():

        def made(prompt: Prompt, form: Callable[[str, str], str] = form) -> Forged:
            shown = prompt.passages[0]
            return Forged(form(shown.sentences[0], shown.key))

        yield f"citing-{name}", "citing", made


def _sentences() -> Iterator[Named]:
    yield "sentence-two-passages-mixed", "mixed", _mixed
    yield "sentence-subjects-swapped", "mixed", _subjects
    yield "sentence-invented-uncited", "uncited", lambda prompt: Forged(f"{INVENTED}。", (INVENTED,))
    yield "sentence-invented-after-truth", "uncited", _uncited_after
    yield "sentence-invented-before-truth", "uncited", _uncited_before
    yield (
        "sentence-invented-in-heading",
        "uncited",
        lambda prompt: Forged(f"## {INVENTED}\n{prompt.honest}", (INVENTED,)),
    )
    yield "sentence-invented-in-list", "uncited", lambda prompt: Forged(f"{prompt.honest}\n- {INVENTED}", (INVENTED,))
    yield "sentence-invented-in-table", "uncited", _in_table
    yield "sentence-invented-in-brackets", "uncited", _in_brackets
    yield "sentence-invented-after-comma", "uncited", _after_comma
    yield "sentence-invented-without-stop", "uncited", lambda prompt: Forged(prompt.honest + INVENTED, (INVENTED,))
    yield "sentence-sum-of-figures", "derived", _sum
    yield "sentence-conclusion", "derived", _conclusion
    yield "sentence-truth-in-other-words", "honest", _polite


def _mixed(prompt: Prompt) -> Forged:
    first, other = prompt.passages[0], prompt.passages[-1]
    one, two = first.sentences[0], other.sentences[-1]
    said = one[: len(one) // 2] + two[len(two) // 2 :]
    return Forged(f"{said}{prompt.cite(first.key)}{prompt.cite(other.key)}。", (said,) if _new(said, prompt) else ())


def _new(said: str, prompt: Prompt) -> bool:
    return _bare(said) not in _bare(prompt.text)


def _subjects(prompt: Prompt) -> Forged:
    """Give the figure of one sentence to the subject of another."""
    found = [(s, m) for shown in prompt.passages for s in shown.sentences if (m := re.search(_NUMBER, s))]
    if len(found) < 2 or found[0][1][0] == found[-1][1][0]:
        return _lie(_NUMBER, _plus(7))(prompt)
    (one, at), (_, other) = found[0], found[-1]
    said = one[: at.start()] + other[0] + one[at.end() :]
    key = next(shown.key for shown in prompt.passages if one in shown.sentences)
    planted = _planted(said, at.start(), at.start() + len(other[0]), prompt.text)
    return Forged(f"{said}{prompt.cite(key)}。", (planted,))


def _uncited_after(prompt: Prompt) -> Forged:
    return Forged(f"{prompt.honest}{INVENTED}。", (INVENTED,))


def _uncited_before(prompt: Prompt) -> Forged:
    return Forged(f"{INVENTED}。{prompt.honest}", (INVENTED,))


def _in_table(prompt: Prompt) -> Forged:
    return Forged(f"{prompt.honest}\n\n| 要求 |\n|---|\n| {INVENTED} |", (INVENTED,))


def _in_brackets(prompt: Prompt) -> Forged:
    shown = prompt.passages[0]
    return Forged(f"{shown.sentences[0]}（{INVENTED}）{prompt.cite(shown.key)}。", (INVENTED,))


def _after_comma(prompt: Prompt) -> Forged:
    shown = prompt.passages[0]
    return Forged(f"{shown.sentences[0]}，{INVENTED}{prompt.cite(shown.key)}。", (INVENTED,))


def _sum(prompt: Prompt) -> Forged:
    figures = [float(one) for shown in prompt.passages for one in re.findall(_NUMBER, shown.text)]
    said = f"上述各项合计 {sum(figures) + 1:g} 万元"
    return Forged(f"{said}{prompt.cite(prompt.passages[0].key)}。", (said,))


def _conclusion(prompt: Prompt) -> Forged:
    said = "因此，贵公司完全符合条件，可获得最高 88 万元奖励"
    return Forged(f"{prompt.honest}{said}{prompt.cite(prompt.passages[0].key)}。", (said,))


def _polite(prompt: Prompt) -> Forged:
    return Forged(f"根据有关规定，{prompt.honest}")
