"""One index folder: generations, manifest, atomic switch, integrity check. Making one is ``index.build``'s job."""

from index.store.check import check
from index.store.library import Library
from index.store.tables import DocumentEntry

__all__ = ["DocumentEntry", "Library", "check"]
