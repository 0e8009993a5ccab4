"""From the paths a user gives to the files to read, each with its key in the library."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import InputError

_BEIR = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read. ``name`` is its bare name, ``key`` its name in the library."""

    path: Path
    name: str
    key: str

    @property
    def is_beir(self) -> bool:
        """Return whether the file is a corpus with one document a line."""
        return self.name.lower().endswith(_BEIR)


def printable(name: str) -> str:
    """Return a file name that can be written as UTF-8."""
    return name.encode("utf-8", "replace").decode("utf-8")


def require(paths: Sequence[Path]) -> None:
    """Raise InputError for the first path that does not exist."""
    for path in paths:
        if not path.exists():
            raise InputError(f"找不到 {printable(str(path))!r}", "检查路径是否写对")


def collect(paths: Sequence[Path], index: Path, known: Container[str]) -> tuple[list[Input], list[tuple[str, str]]]:
    """Return the files to read, ordered by key, and what could not be listed, with the reason.

    A folder is searched to its depths, without hidden files and without the index itself. The key is the file's
    name; where two files share one, the path below the given folder. ``known`` holds the keys of the library:
    a file that is known by its path stays so.
    """
    skipped: list[tuple[str, str]] = []
    found: dict[Path, tuple[Path, str]] = {}
    for root in paths:
        listed = _walk(root, index.resolve(), skipped) if root.is_dir() else [root]
        base = root if root.is_dir() else root.parent
        for path in listed:
            label = base.resolve().name
            found.setdefault(path.resolve(), (path, f"{label}/{path.relative_to(base).as_posix()}"))
    names = Counter(path.name for path, _ in found.values())
    inputs = []
    for path, labelled in found.values():
        below = labelled.partition("/")[2]
        inputs.append((path, path.name if names[path.name] == 1 and below not in known else below, labelled))
    keys = Counter(key for _, key, _ in inputs)
    chosen = [Input(path, path.name, key if keys[key] == 1 else labelled) for path, key, labelled in inputs]
    return sorted(chosen, key=lambda each: (each.key, str(each.path))), skipped


def _walk(root: Path, index: Path, skipped: list[tuple[str, str]]) -> Iterator[Path]:
    def report(error: OSError) -> None:
        skipped.append((printable(str(error.filename)), f"文件夹读不出来：{error.strerror}"))

    for folder, below, files in os.walk(root, onerror=report):
        here = Path(folder)
        below[:] = sorted(name for name in below if not name.startswith(".") and (here / name).resolve() != index)
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                yield here / name
