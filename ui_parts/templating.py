"""Templates -> HTML, in either language. Every value is escaped; only a template writes tags."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

HOME = Path(__file__).resolve().parent
LANGUAGES = ("zh", "en")
_TAGS = {"zh": "zh-CN", "en": "en"}


@lru_cache(1)
def words() -> Mapping[str, Mapping[str, str]]:
    """Return the words of the page: language -> key -> text."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    table = tomllib.loads((HOME / "words.toml").read_text("utf-8"))
    for key, (zh, en) in table.items():
        found["zh"][key], found["en"][key] = zh, en
    return found


def language_of(name: str) -> str:
    """Return a language that the page has; Chinese for any other name."""
    return name if name in LANGUAGES else LANGUAGES[0]


def preferred(accept: str) -> str:
    """Return the language of an Accept-Language header: English where it stands before Chinese, else Chinese."""
    wanted: list[tuple[float, int, str]] = []
    for at, part in enumerate(accept.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            share = float(quality) if quality else 1.0
        except ValueError:
            share = 0.0
        wanted.append((-share, at, tag.lower()[:2]))
    return next((tag for share, _, tag in sorted(wanted) if tag in LANGUAGES and share < 0), LANGUAGES[0])


@lru_cache(1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(HOME / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["size"] = _size
    return found


def render(template: str, language: str, **values: object) -> str:
    """Return a template filled in. ``w`` holds the words of the language, ``tag`` its name for browsers."""
    language = language_of(language)
    found = _environment().get_template(template)
    return found.render(w=words()[language], tag=_TAGS[language], lang=language, **values)


def _size(count: int) -> str:
    for unit, step in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} B"
