"""The READMEs tell the truth: their answer is the real one, their settings and commands are those of the program."""

from __future__ import annotations

import argparse
import json
import re
from functools import cache
from pathlib import Path

import pytest

from eval.run import parser as eval_parser
from index.load import SUFFIXES
from index.text import normalise
from rag.cli import _parser as cli_parser
from tests.readme_parts import PARTS, READMES, ROOT, part, youju

TEXTS = {name: (ROOT / name).read_text("utf-8") for name in READMES}
_made = cache(lambda name, readme: PARTS[name](readme))


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("name", PARTS)
def test_what_a_readme_shows_is_what_the_program_says(readme: str, name: str) -> None:
    shown = part(TEXTS[readme], name)
    assert shown == _made(name, "" if name == "answer" else readme), "run: make readme"


def test_the_shown_answer_has_citations() -> None:
    shown = part(TEXTS["README.zh.md"], "answer")
    assert re.search(r"\[1\]", shown)
    assert "出处：" in shown


def test_the_lines_that_check_a_citation_give_its_quotation(tmp_path: Path) -> None:
    youju("build", "corpus", "--index", str(tmp_path))
    found = json.loads(youju("ask", "再生铅2025年的产量目标是多少？", "--json", "--index", str(tmp_path)))
    citation = found["citations"][0]
    name = {"README.md": "file.md", "README.zh.md": "文件.md"}
    for readme in READMES:
        lines = re.search(r"^    (text = .+)\n    (.+)$", TEXTS[readme], re.MULTILINE)
        assert lines
        scope = {"Path": Path, "citation": citation}
        exec(lines[1].replace(name[readme], str(ROOT / "corpus" / citation["doc"])), scope)
        assert normalise(eval(lines[2], scope)) == citation["quote"]


def _commands() -> dict[str, set[str]]:
    """Command -> its options, from the parsers."""
    actions = cli_parser()._subparsers._group_actions  # argparse has no public way to list sub-commands
    choices: dict[str, argparse.ArgumentParser] = actions[0].choices
    return {name: _options(eval_parser() if name == "eval" else p) for name, p in choices.items()}


def _options(parser: argparse.ArgumentParser) -> set[str]:
    return {text for action in parser._actions for text in action.option_strings} - {"-h", "--help"}


@pytest.mark.parametrize("readme", READMES)
def test_every_command_and_option_is_listed_and_no_other(readme: str) -> None:
    block = part(TEXTS[readme], "commands").replace("\n           ", " ")
    shown: dict[str, set[str]] = {}
    for name, rest in re.findall(r"^youju ([a-z]+)\b(.*)$", block, re.MULTILINE):
        shown.setdefault(name, set()).update(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rest))
    assert shown == _commands()


@pytest.mark.parametrize("readme", READMES)
def test_every_readable_format_is_named(readme: str) -> None:
    aliases = {".markdown", ".htm"}
    assert not [suffix for suffix in SUFFIXES - aliases if suffix not in TEXTS[readme]]


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_and_file_that_is_named_exists(readme: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?:^    |`)make ([a-z.0-9-]+)", TEXTS[readme], re.MULTILINE))
    assert targets >= {"run", "test", "eval", "bench"}
    assert not [name for name in targets if not re.search(rf"^{re.escape(name)}:", makefile, re.MULTILINE)]
    named = re.findall(r"\]\(([^)#]+)\)|`((?:eval|index|corpus)/[\w./]*)`", TEXTS[readme])
    assert named
    assert not [path for pair in named if not (ROOT / (path := pair[0] or pair[1])).exists()]
