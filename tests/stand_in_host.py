"""A host of the index for tests of the page: changes run in a thread of this process, answers go on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

from index.build import build, edit, remove
from index.errors import IndexBusyError, YoujuError
from index.report import BuildReport
from rag.config import Settings
from rag.service import PolicyQA


@dataclass(frozen=True)
class Progress:
    state: str = "idle"
    at: str = ""
    seen: int = 0
    report: BuildReport | None = None
    error: str = ""


class StandInHost:
    def __init__(self, settings: Settings, model=None, slow: float = 0.0) -> None:
        self.settings, self.model, self.slow = settings, model, slow
        self._qa: PolicyQA | None = None
        self._lock = threading.Lock()
        self._progress = Progress()

    def qa(self) -> PolicyQA:
        with self._lock:
            if self._qa is None or self._qa.library.stale():
                self._qa = PolicyQA.open(settings=self.settings, model=self.model)
            return self._qa

    def rebuild(self, paths: Sequence[Path]) -> None:
        self._change(lambda: build(list(paths), self.settings.index_dir, self.settings.index, self._at))

    def remove(self, files: Sequence[str]) -> None:
        self._change(lambda: remove(files, self.settings.index_dir))

    def edit(self, file: str, values: Mapping[str, str]) -> None:
        self._change(lambda: edit(file, values, self.settings.index_dir))

    def progress(self) -> Progress:
        return self._progress

    def health(self) -> SimpleNamespace:
        manifest = self.qa().library.manifest
        return SimpleNamespace(
            ok=True, problem="", documents=manifest.documents, passages=manifest.passages, records=manifest.records,
            index_bytes=sum(f.bytes for f in manifest.files.values()), free_bytes=1 << 34, created=manifest.created,
            model=self.model.name if self.model else "", generation=manifest.generation,
        )  # fmt: skip

    def _at(self, key: str) -> None:
        self._progress = replace(self._progress, at=key, seen=self._progress.seen + 1)
        threading.Event().wait(self.slow)

    def _change(self, work: Callable[[], BuildReport]) -> None:
        if self._progress.state == "running":
            raise IndexBusyError("另一次更新正在进行")
        self._progress = Progress("running")

        def run() -> None:
            try:
                self._progress = replace(self._progress, state="done", report=work())
            except YoujuError as error:
                self._progress = replace(self._progress, state="failed", error=error.line())

        threading.Thread(target=run, daemon=True).start()
