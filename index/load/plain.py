"""Text and Markdown: raw is the decoded file, code point for code point."""

from __future__ import annotations

from index.config import Limits
from index.load.encoding import decode
from index.load.guard import check_line_length
from index.load.writer import Draft


def read(data: bytes, limits: Limits) -> Draft:
    """Decode the file; only a byte order mark is left out, line ends stay as they are.

    Raises:
        LoadError: no text in a known encoding, or a line over the limit.
    """
    text = decode(data)
    check_line_length(text, limits)
    return Draft(text)
