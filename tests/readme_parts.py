"""The parts of the READMEs that come from the program. ``make readme`` writes them, tests/test_readme.py compares.

A part stands between ``<!-- name -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from rag.config import Settings

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh.md")
HEADS = {"README.md": ("setting", "environment", "default", "meaning"), "README.zh.md": ("设置", "环境变量", "缺省", "含义")}


def youju(*arguments: str, cwd: Path = ROOT) -> str:
    """Run the command line in a process of its own; return what it printed."""
    code = "import sys; from rag.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=True, timeout=120).stdout


def first_question() -> str:
    """Return the question of ``make run``."""
    found = re.search(r"^QUESTION := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert found, "Makefile has no QUESTION"
    return found[1].strip()


def answer(_: str) -> str:
    """Return what ``make run`` shows first after the build."""
    with tempfile.TemporaryDirectory(prefix="youju-readme-") as folder:
        youju("build", "corpus", "--index", folder)
        shown = youju("ask", first_question(), "--index", folder)
    return f"```text\n$ youju ask {first_question()}\n{shown.strip()}\n```"


def settings(readme: str) -> str:
    """Return the table of all settings."""
    rows = [HEADS[readme], ("---",) * 4, *_rows(Settings, "")]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        path = prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _rows(field.annotation, path + ".")
        else:
            variable = "YOUJU_" + path.replace(".", "__").upper()
            default = f"`{field.default}`" if str(field.default) else ""
            yield f"`{path}`", f"`{variable}`", default, field.description or ""


PARTS: Mapping[str, Callable[[str], str]] = {"answer": answer, "settings": settings}
"""Name of a part -> what makes it for a README."""


def part(text: str, name: str) -> str:
    """Return the part as the README has it."""
    found = _place(name).search(text)
    assert found, f"no <!-- {name} --> ... <!-- end -->"
    return found[1].strip()


def _place(name: str) -> re.Pattern[str]:
    return re.compile(f"<!-- {name} -->\n(.*?)<!-- end -->", re.DOTALL)


def refreshed(readme: str) -> str:
    """Return the README with its parts made anew."""
    text = (ROOT / readme).read_text("utf-8")
    for name, make in PARTS.items():
        written = f"<!-- {name} -->\n\n{make(readme)}\n\n<!-- end -->"
        text = _place(name).sub(lambda _, written=written: written, text)
    return text


if __name__ == "__main__":
    for each in READMES:
        (ROOT / each).write_text(refreshed(each), "utf-8")
