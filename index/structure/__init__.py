"""What a document is made of: its outline (``outline``) and what it says about itself (``document_info``)."""

from index.structure.info import document_info
from index.structure.outline import outline

__all__ = ["document_info", "outline"]
