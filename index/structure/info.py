"""What a document says about itself: title, 文号, issuers, dates, region, level, status."""

from __future__ import annotations

from collections.abc import Sequence

from index.types import Block, DocumentInfo, Source


def document_info(source: Source, blocks: Sequence[Block]) -> DocumentInfo:
    """Return it."""
    return DocumentInfo()
