"""The part of an XML element that the readers use, so that they can be typed without importing lxml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, Self


class Element(Protocol):
    """An element of lxml, or of a library built on it."""

    tag: str
    text: str | None
    tail: str | None

    def get(self, name: str) -> str | None: ...  # noqa: D102
    def find(self, path: str) -> Self | None: ...  # noqa: D102
    def iter(self, *tags: str) -> Iterator[Self]: ...  # noqa: D102
    def iterchildren(self, *tags: str) -> Iterator[Self]: ...  # noqa: D102
    def iterancestors(self, *tags: str) -> Iterator[Self]: ...  # noqa: D102
    def getparent(self) -> Self | None: ...  # noqa: D102
    def __iter__(self) -> Iterator[Self]: ...
