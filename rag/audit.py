"""The audit log: who asked what and when, of which index, and which places the answer cited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from index.store.manifest import Manifest
from rag.config import Settings
from rag.jsonlines import append_line
from rag.types import Answer

Via = Literal["api", "openai", "mcp", "page"]
ENDING = ".audit.jsonl"


class Audit:
    """Writes a line of JSON for each question, search and opened source, unless it is switched off."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.beside(settings.audit_file, ENDING)
        self.enabled = settings.audit_enabled

    def asked(self, who: str, via: Via, answer: Answer, manifest: Manifest) -> None:
        """Write down a question with the places that its answer cites."""
        cited = [{"doc": c.doc, "spans": [[s.start, s.end] for s in c.spans]} for c in answer.citations]
        self._write(
            who, via, "ask", manifest, question=answer.question, rewritten=answer.rewritten, refused=answer.refused,
            mode=answer.mode, citations=cited, elapsed_ms=answer.elapsed_ms,
        )  # fmt: skip

    def searched(self, who: str, via: Via, text: str, found: int, manifest: Manifest) -> None:
        """Write down a search and how many passages it found."""
        self._write(who, via, "search", manifest, question=text, found=found)

    def read(self, who: str, via: Via, doc: str, start: int, end: int, manifest: Manifest) -> None:
        """Write down that a part of a document was opened."""
        self._write(who, via, "source", manifest, doc=doc, start=start, end=end)

    def changed(self, who: str, via: Via, kind: str, names: tuple[str, ...]) -> None:
        """Write down that documents were added, refreshed or removed."""
        if self.enabled:
            append_line(self.path, {"time": _now(), "who": who, "via": via, "what": kind, "names": list(names)})

    def _write(self, who: str, via: Via, what: str, manifest: Manifest, **more: object) -> None:
        if not self.enabled:
            return
        index = {"generation": manifest.generation, "fingerprint": manifest.fingerprint}
        append_line(self.path, {"time": _now(), "who": who, "via": via, "what": what, "index": index, **more})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
