"""What the page needs from its surroundings: who is reading, the host of the index, where feedback goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from index.errors import InputError
from index.report import BuildReport
from index.store import Library
from index.store.manifest import Manifest
from rag.access import LOCAL, Who
from rag.service import PolicyQA
from rag.types import Answer


class Progress(Protocol):
    """How the last change of the library goes or went; ``state``: idle, running, done, failed."""

    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> str: ...  # noqa: D102
    @property
    def seen(self) -> int: ...  # noqa: D102
    @property
    def report(self) -> BuildReport | None: ...  # noqa: D102
    @property
    def error(self) -> str: ...  # noqa: D102


class Host(Protocol):
    """The index being served. Changes run in the background; answers go on from the generation before."""

    def qa(self) -> PolicyQA:
        """Return the service over the newest generation."""
        ...

    def rebuild(self, paths: Sequence[Any]) -> None:
        """Add or refresh documents."""
        ...

    def remove(self, files: Sequence[str]) -> None:
        """Remove documents by name."""
        ...

    def edit(self, file: str, values: Mapping[str, str]) -> None:
        """Correct what a document says about itself (``index.edits``)."""
        ...

    def progress(self) -> Progress:
        """Return how the last change goes or went."""
        ...

    def health(self) -> Any:  # noqa: ANN401
        """Return the figures of index and storage."""
        ...


Reader = Callable[[Any], Who]
"""From a request to the person who sent it."""
@dataclass(frozen=True, slots=True)
class Records:
    """Who is told of what readers do; None: nobody.

    ``feedback``: an opinion on an answer: thumb ("up", "down"), comment, question, answer, fingerprint.
    ``answered``: a finished answer, and the index that it came from. ``opened``: a document was read.
    ``changed``: kind of change, names of documents.
    """

    feedback: Callable[[Who, dict[str, str]], None] | None = None
    answered: Callable[[Who, Answer, Manifest], None] | None = None
    opened: Callable[[Who, str, Manifest], None] | None = None
    changed: Callable[[Who, str, tuple[str, ...]], None] | None = None


NOBODY = Records()


def everyone(request: object) -> Who:
    """Return the one person of a page without accounts."""
    return LOCAL


def require_editor(who: Who) -> None:
    """Raise InputError where this person may not change the library."""
    if not who.may("editor"):
        raise InputError("没有修改资料库的权限", "请联系管理员")


def sees(who: Who, library: Library) -> frozenset[str] | None:
    """Return the documents that this person may see; None: all."""
    return who.only(entry.file for entry in library.documents())


def require_visible(who: Who, library: Library, file: str) -> None:
    """Raise InputError where the library has no such document, or this person may not see it, which is the same."""
    seen = sees(who, library)
    if seen is not None and file not in seen:
        raise InputError(f"资料库里没有 {file!r}")
    library.document(file)
