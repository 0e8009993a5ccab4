"""Statements with figures from a folder of documents, for ``planted_faults``; shares no code with the checker."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_UNITS = (
    "万千瓦时 亿千瓦时 千瓦时 千克 公斤 吨 立方米 平方米 公里 毫米 米 万元 亿元 元 家 项 个 台 套 种 辆 支 人 小时 分钟 ℃ % "
    "kWh MWh kW MW mg/L g/L mg kg t Pa kPa MPa kV".split()
)
FIGURE = re.compile(
    r"(?<![\d.,A-Za-z~～—×-])(?P<n>\d+(?:\.\d+)?) ?(?P<m>万|亿)? ?(?P<u>"
    + "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
    + r")(?![A-Za-z度])"
)
YEAR = re.compile(r"(?<![\d~～—-])(20[0-3]\d)(?= ?年(?! ?第| ?[~～—至-]))")
NUMBER_OF = re.compile(r"[〔\[](20\d\d)[〕\]] ?(\d+) ?号")
_BREAK = re.compile(r"(?<=[。；;！？])|[\t\n]| (?=\d{1,2}[.、](?!\d))")


@dataclass(frozen=True)
class Statement:
    """A sentence of a document, the text around it and the whole document."""

    text: str
    near: str
    document: str
    others: tuple[str, ...]


def read_statements(folder: Path, part: str) -> list[Statement]:
    """Return the sentences with figures of all text files, one half or all of them."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".txt", ".md", ".csv", ".html"):
            continue
        text = re.sub(r"<[^<>]{1,80}>", " ", path.read_text("utf-8"))
        text = re.sub(r"(?<![\n\t。；：])[ ]*\n(?=[^\n|#-])", "", text) if path.suffix == ".txt" else text
        text = re.sub(r"[ \u3000]*\n+[ \u3000]*", "\n", text)
        at = 0
        for piece in _BREAK.split(text):
            start = text.find(piece, at) if piece else at
            at = start + len(piece)
            line = re.sub(r"\s+", " ", piece).strip()
            if not 14 <= len(line) <= 220 or not (FIGURE.search(line) or YEAR.search(line)):
                continue
            half = "dev" if hashlib.sha256(line.encode()).digest()[0] % 2 else "held"
            if part in (half, "all"):
                near = text[max(0, start - 350) : at + 350]
                others = tuple(m.group() for m in FIGURE.finditer(near))
                found.append(Statement(line, near, text, others))
    return found


def read_rows(folder: Path, part: str) -> list[Statement]:
    """Return "name of the row: sentence with a figure" for the numbered table rows of the files."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        text = re.sub(r"<[^<>]{1,80}>", " ", path.read_text("utf-8"))
        rows = [line.split("\t") for line in text.splitlines() if re.match(r"\d{1,3}\t", line) and line.count("\t") > 2]
        names = [re.sub(r"\s", "", cells[1]) for cells in rows]
        for name, cells in zip(names, rows, strict=True):
            others = tuple(f"ROW:{other}" for other in names if other != name)
            for piece in re.split(r"(?<=[。；;])", " ".join(cells[2:])):
                line = f"{name}：{' '.join(piece.split())}"
                half = "dev" if hashlib.sha256(name.encode()).digest()[0] % 2 else "held"
                if part in (half, "all") and len(line) < 220 and 4 < len(name) < 40 and FIGURE.search(piece):
                    found.append(Statement(line, text, text, others))
    return found
