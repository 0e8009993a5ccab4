"""Prompt templates (*.md) for language models; their variables are checked when they are loaded.

The first line of a template names its variables, ``<!-- variables: question, passages -->``; in the text each stands
as ``{{question}}``. A person may edit the files: a variable that is misspelt, missing or not declared is an error
when the template is loaded, not an empty place in a prompt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.errors import InputError

FOLDER = Path(__file__).parent
_HEAD = re.compile(r"<!-- variables:([^\n]*)-->\n")
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt with places for its variables."""

    name: str
    text: str
    variables: frozenset[str]

    def fill(self, **values: str) -> str:
        """Return the prompt. A value is put in as it is: a ``{{...}}`` inside it is text.

        Raises:
            InputError: a variable is missing or unknown.
        """
        if wrong := self.variables ^ values.keys():
            raise InputError(f"提示词 {self.name} 的变量不符：{'、'.join(sorted(wrong))}", "见该文件第一行")
        return _PLACE.sub(lambda match: values[match.group(1)], self.text)


@cache
def load(name: str, folder: Path = FOLDER) -> Template:
    """Return the template ``name``.md.

    Raises:
        InputError: there is none, its first line names no variables, or names and places do not agree.
    """
    path = folder / f"{name}.md"
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了提示词 {path.name}：{error}", "提示词在 prompts/ 文件夹里") from error
    head = _HEAD.match(text)
    if head is None:
        raise InputError(f"提示词 {path.name} 的第一行没有写明变量", "例如 <!-- variables: question, passages -->")
    declared = {v.strip() for v in head.group(1).split(",") if v.strip()}
    used = set(_PLACE.findall(text))
    if wrong := declared ^ used:
        raise InputError(f"提示词 {path.name} 写明的变量与正文不符：{'、'.join(sorted(wrong))}", "两处应一致")
    return Template(name, text[head.end() :].strip(), frozenset(declared))
