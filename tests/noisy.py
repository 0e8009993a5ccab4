"""Generated documents with the noise of OCR: broken lines, stray spaces, page marks, LaTeX debris, torn tables."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from hypothesis import strategies as st

from index.types import Source

WORDS = (
    "锅炉", "改造", "园区", "管网", "节水", "电机", "余热", "回收", "粉尘", "排放", "企业", "补助", "申报", "核查",
    "污水", "清淤", "鼓励", "不低于", "达到", "减少", "每年", "窑炉", "水泥", "印染", "本市", "各区", "应当", "提交",
)  # fmt: skip
FIGURES = (
    "12.5%",
    "3,600 吨",
    "CO ₂",
    "NO _x",
    "80 %",
    "≥90%",
    "2 024 年",
    "5G",
    "PM2.5",
    "1.2万元",
    "$\\geq$ 30",
    "104℃",
)
DEBRIS = (
    "$(\\overline{\\underline{\\Xi}})$",
    "<p>",
    "</p>",
    "\u200b",
    "\u3000",
    "\ufeff",
    "**",
    "\\text{d}",
    "\x0c",
    "\xa0",
)
HEADINGS = (
    "一、总体要求",
    "二、主要任务",
    "（一）节水",
    "（二）节电",
    "第三章 罚则",
    "专栏 2 重点工程",
    "附件 1",
    "## 说明",
    "1. 管网",
)
PAGE = ("\n— 3 —\n", "\n\x0c某市文件选编\n", "\n- 12 -\n\n")


def sentence(rng: random.Random) -> str:
    """A sentence of words and figures that ends like one."""
    parts = [rng.choice(FIGURES if rng.random() < 0.2 else WORDS) for _ in range(rng.randint(3, 14))]
    if rng.random() < 0.4:
        parts.insert(len(parts) // 2, rng.choice("，、；：（）"))
    return "".join(parts) + rng.choice(("。", "。", "；", "！", ""))


def spoilt(text: str, rng: random.Random) -> str:
    """The text as OCR leaves it: breaks, spaces and debris between characters."""
    out = []
    for char in text:
        out.append(char)
        chance = rng.random()
        if chance < 0.06:
            out.append(rng.choice((" ", "  ", "\n", "\r\n", "\t" if chance < 0.001 else " ")))
        elif chance < 0.075:
            out.append(rng.choice(DEBRIS))
        elif chance < 0.08:
            out.append(rng.choice(PAGE))
    return "".join(out)


def table(rng: random.Random) -> str:
    """A table by tabs or pipes; cells may be empty, broken, merged away or shifted by one."""
    width, pipes = rng.randint(2, 5), rng.random() < 0.4
    rows = [["序号", *(rng.choice(("名称", "单位", "适用范围", "成效")) for _ in range(width - 1))]]
    for number in range(1, rng.randint(2, 6)):
        cells = ["".join(sentence(rng) for _ in range(rng.randint(0, 3))) for _ in range(width - 1)]
        cells = [f"<p>{c}</p>" if rng.random() < 0.1 else c for c in cells]
        row = [str(number) if rng.random() < 0.9 else "", *cells]
        rows.append(row[1:] if rng.random() < 0.05 else row)
        if rng.random() < 0.1:
            rows.append(rows[0])
    if pipes:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])
    return "\n".join("\t".join(row) for row in rows)


def paragraph(kind: str, seed: int) -> str:
    """One piece of a document."""
    rng = random.Random(seed)
    if kind == "heading":
        return rng.choice(HEADINGS)
    if kind == "table":
        return table(rng)
    text = "".join(sentence(rng) for _ in range(rng.randint(1, 40 if kind == "long" else 6)))
    if kind == "endless":
        return "".join(rng.choice((*WORDS, " ", "，")) for _ in range(rng.randint(50, 900)))
    if kind == "items":
        text = "".join(f"（{n}）{sentence(rng)}" for n in range(1, rng.randint(3, 6)))
    return spoilt(text, rng)


_KINDS = st.sampled_from(("heading", "clause", "clause", "items", "table", "long", "endless"))


def written(pieces: Sequence[tuple[str, int]]) -> str:
    """The raw text of the pieces."""
    return "\n\n".join(["某市节水办法（试行）", *(paragraph(kind, seed) for kind, seed in pieces)]) + "\n"


def raws() -> st.SearchStrategy[str]:
    """Raw texts of whole documents; they shrink by losing paragraphs."""
    piece = st.tuples(_KINDS, st.integers(0, 2**32 - 1))
    return st.lists(piece, min_size=1, max_size=12).map(written)


def source_of(raw: str, file: str = "某市办法.txt") -> Source:
    """A source as the plain reader gives it."""
    return Source(file, hashlib.sha256(raw.encode()).hexdigest(), raw)
