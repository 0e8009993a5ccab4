"""Pairs made from laws alone: law and chapter -> article, a sentence of an article -> the rest of it."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from index.errors import InputError
from index.train.pairs import Pair

_HEAD_END = "<!-- INFO END -->"
_CHAPTER = re.compile(r"^#+\s*(?:第[一二三四五六七八九十百零]+[编章节分]+)?\s*")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十])?\s*(.*)")
_SENTENCE, _CLAUSE = re.compile("(?<=[。；])|\n"), re.compile("[，。；、]")
_LEAST = 15
"""An article shorter than this says nothing."""
_DIGITS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a law."""

    law: str
    chapter: str
    text: str


def read_laws(path: Path) -> Iterator[Article]:
    """Read the articles of an archive of laws in Markdown, in the order of the file names.

    Raises:
        InputError: the archive cannot be read.
    """
    texts: dict[str, str] = {}
    try:
        with tarfile.open(path) as archive:
            # In the archive's own order: going back in a compressed file means unpacking it from its start.
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file:
                    texts[member.name] = file.read().decode("utf-8", "replace")
    except (OSError, tarfile.TarError) as error:
        raise InputError(f"{path} 读不出来：{error}", "应为 .tar.xz，内含 Markdown 格式的法律") from error
    for name in sorted(texts):
        yield from _articles(texts[name])


def _articles(text: str) -> Iterator[Article]:
    head, mark, body = text.partition(_HEAD_END)
    if not mark:
        return
    law = head.strip().split("\n")[0].lstrip("# ").strip()
    chapter, lines = "", list[str]()
    for line in (*filter(None, map(str.strip, body.split("\n"))), "# "):
        found = _ARTICLE.match(line)
        if (found or line.startswith("#")) and lines:
            yield Article(law, chapter, "\n".join(lines))
            lines = []
        if line.startswith("#"):
            chapter = re.sub(r"\s+", "", _CHAPTER.sub("", line))
        elif found:
            lines = [found.group(1)]
        elif lines:
            lines.append(line)


def law_pairs(articles: Iterator[Article] | list[Article], random: Random) -> Iterator[Pair]:
    """Yield at most one pair an article: 15% law and chapter -> article, else a sentence -> the rest of its article.

    Most positives carry the law's title and an article number, as passages of an index do, so that the model
    learns how little they say.
    """
    for article in articles:
        if len(article.text) < _LEAST:
            continue
        if random.random() < 0.15:
            yield Pair(f"{article.law} {article.chapter}", _headed(article.law, article.text, random), "headings")
            continue
        split = _cloze(article.text, random)
        if split:
            yield Pair(split[0], _headed(article.law, split[1], random), "cloze")


def _cloze(text: str, random: Random) -> tuple[str, str] | None:
    """Take one sentence (of a single sentence: one clause) out; one in ten times it also stays."""
    parts = [part for part in _SENTENCE.split(text) if len(part) > 8]
    stays = len(parts) > 1 and random.random() < 0.1
    if len(parts) < 2:
        parts = [part for part in _CLAUSE.split(text) if len(part) > 3]
    if len(parts) < 2 or (len(parts) == 2 and len(text) < 2 * _LEAST):
        return None
    at = random.randrange(len(parts))
    rest = "".join(parts[:at] + parts[at + 1 :])
    return parts[at], parts[at] + rest if stays else rest


def _headed(law: str, text: str, random: Random) -> str:
    chance = random.random()
    if chance < 0.4:
        return text
    number = f"第{_numeral(random.randrange(1, 200))}条"
    if chance < 0.8:
        return f"{law}{number}\n{text}"
    return f"{number} {text}" if chance < 0.9 else f"{law} {text}"


def _numeral(number: int) -> str:
    """Return a number below 200 in Chinese: 12 -> 十二, 105 -> 一百零五, 120 -> 一百二十."""
    hundred, rest = divmod(number, 100)
    ten, one = divmod(rest, 10)
    tens = (
        ("一十" if hundred else "十")
        if ten == 1
        else f"{_DIGITS[ten - 1]}十"
        if ten
        else "零"
        if hundred and one
        else ""
    )
    return ("一百" if hundred else "") + tens + (_DIGITS[one - 1] if one else "")
