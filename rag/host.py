"""Host: one index folder served for days. Answers come from its newest generation while the next one is built."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from index.edits import checked
from index.errors import IndexBusyError, InputError, YoujuError
from index.report import BuildReport
from index.store.manifest import MANIFEST, generation_folder
from rag.config import Settings
from rag.llm import LanguageModel
from rag.rebuild import report_of
from rag.service import PolicyQA

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
State = Literal["idle", "running", "done", "failed"]
Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How the last rebuild goes or went. ``at`` names the document in hand, ``seen`` counts them.

    ``started`` and ``ended`` are seconds since the epoch, 0.0: not yet. ``error`` is one line (Chinese).
    """

    state: State = "idle"
    kind: str = ""
    names: tuple[str, ...] = ()
    at: str = ""
    seen: int = 0
    started: float = 0.0
    ended: float = 0.0
    report: BuildReport | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the index and of its storage. ``problem`` is one line (Chinese), "" where all is well."""

    ok: bool
    problem: str
    generation: str
    fingerprint: str
    created: str
    documents: int
    passages: int
    records: int
    embedder: str
    index_bytes: int
    free_bytes: int
    model: str
    rebuilding: bool


class Host:
    """Opens the newest generation for every question and rebuilds in the background. Safe to share between threads."""

    def __init__(self, settings: Settings, model: LanguageModel | None = None) -> None:
        self.settings = settings
        self.model = model
        self._opening = threading.Lock()
        self._held: PolicyQA | None = None
        self._stamp: Stamp = None
        self._problem = ""
        self._changing = threading.Lock()
        self._progress = Progress()
        self._child: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None

    def qa(self) -> PolicyQA:
        """Return the service over the newest generation; who holds an older one may go on with it.

        A generation that cannot be opened leaves the one before in place; ``health`` tells why.

        Raises:
            IndexMissingError, IndexDamagedError, SettingsMismatchError: nothing can be opened.
        """
        held = self._held
        if held is not None and self._stamp == _stamp(self.settings.index_dir):
            return held
        if held is not None and not self._opening.acquire(blocking=False):
            return held  # another thread is opening the new one
        if held is None:
            self._opening.acquire()
        try:
            return self._reopened()
        finally:
            self._opening.release()

    def _reopened(self) -> PolicyQA:
        stamp = _stamp(self.settings.index_dir)
        if self._held is not None and stamp == self._stamp:
            return self._held
        try:
            opened = PolicyQA.open(settings=self.settings, model=self.model)
        except YoujuError as error:
            if self._held is None:
                raise
            self._problem, self._stamp = error.line(), stamp
            _log.warning("the new generation cannot be opened: %s", error.line())
            return self._held
        self._held, self._stamp, self._problem = opened, stamp, ""
        return opened

    def rebuild(self, paths: Sequence[Path | str]) -> None:
        """Add or refresh documents in the background; ``progress`` tells how it goes.

        Raises:
            IndexBusyError: another change is under way.
            InputError: no path, or one that does not exist.
        """
        names = [str(Path(p).resolve()) for p in paths]
        if missing := [name for name in names if not Path(name).exists()]:
            raise InputError(f"没有这个文件或文件夹：{missing[0]}")
        self._change("rebuild", names)

    def remove(self, files: Sequence[str]) -> None:
        """Remove documents, by name, in the background.

        Raises:
            IndexBusyError: another change is under way.
            InputError: no name, or one that is not in the library.
        """
        for file in files:
            self.qa().library.document(file)
        self._change("remove", list(files))

    def edit(self, file: str, values: Mapping[str, str]) -> None:
        """Correct what a document says about itself, in the background (``index.edits``); errors as ``remove``."""
        self.qa().library.document(file)
        self._change("edit", [file], checked(values))

    def progress(self) -> Progress:
        """Return how the last change goes or went."""
        return self._progress

    def wait(self, seconds: float | None = None) -> Progress:
        """Wait until no change is under way, or for so many seconds; return how it went."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._progress

    def health(self) -> Health:
        """Return the state of index and storage; never raises for an index in trouble."""
        folder = self.settings.index_dir
        name = self.model.name if self.model else ""
        running = self._progress.state == "running"
        place = next(p for p in (folder, *folder.resolve().parents) if p.exists())
        free = shutil.disk_usage(place).free
        try:
            manifest = self.qa().library.manifest
        except YoujuError as error:
            return Health(False, error.line(), "", "", "", 0, 0, 0, "", 0, free, name, running)
        size = sum(file.bytes for file in manifest.files.values())
        missing = "" if generation_folder(folder, manifest.generation).is_dir() else "索引的文件不见了"
        problem = self._problem or missing
        return Health(
            not problem, problem, manifest.generation, manifest.fingerprint, manifest.created, manifest.documents,
            manifest.passages, manifest.records, manifest.model, size, free, name, running,
        )  # fmt: skip

    def close(self) -> None:
        """Stop a rebuild that is under way; the index keeps its generation."""
        child = self._child
        if child is not None:
            child.terminate()
        self.wait(10)

    def _change(self, kind: str, names: list[str], values: Mapping[str, str] | None = None) -> None:
        if not names:
            raise InputError("没有给出文件")
        if not self._changing.acquire(blocking=False):
            raise IndexBusyError("另一次更新正在进行", "等它结束后再试；查询不受影响")
        self._progress = Progress("running", kind, tuple(names), started=time.time())
        order = {
            "kind": kind,
            "names": names,
            "folder": str(self.settings.index_dir.resolve()),
            "settings": self.settings.index.model_dump(mode="json"),
            "values": dict(values or {}),
        }
        self._thread = threading.Thread(target=self._run, args=(order,), name="youju-rebuild", daemon=True)
        self._thread.start()

    def _run(self, order: dict[str, Any]) -> None:
        ended: dict[str, Any] = {}
        try:
            ended = self._followed(order)
            if "report" in ended:
                self.qa()
        except (OSError, ValueError, YoujuError) as error:
            ended = {"error": error.line() if isinstance(error, YoujuError) else str(error)}
        finally:
            self._child = None
            report = report_of(ended["report"]) if "report" in ended else None
            error_line = "" if report else str(ended.get("error") or "更新中断，索引未变")
            state: State = "done" if report else "failed"
            self._progress = replace(self._progress, state=state, ended=time.time(), report=report, error=error_line)
            self._changing.release()

    def _followed(self, order: dict[str, Any]) -> dict[str, Any]:
        """Run the child process to its end; return its last word."""
        paths = os.pathsep.join(p for p in (str(_ROOT), os.environ.get("PYTHONPATH", "")) if p)
        command = [sys.executable, "-m", "rag.rebuild"]
        environment = {**os.environ, "PYTHONPATH": paths, "PYTHONUTF8": "1"}
        pipe = subprocess.PIPE
        ended: dict[str, Any] = {}
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as child:
            self._child = child
            assert child.stdin and child.stdout
            child.stdin.write(json.dumps(order) + "\n")
            child.stdin.flush()
            for line in child.stdout:
                told = json.loads(line)
                if "at" in told:
                    self._progress = replace(self._progress, at=told["at"], seen=self._progress.seen + 1)
                else:
                    ended = told
        return ended


def _stamp(folder: Path) -> Stamp:
    """Return what changes when another generation becomes current: a file put in place anew."""
    try:
        found = (folder / MANIFEST).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def health_line(health: Health) -> dict[str, Any]:
    """Return the state as JSON values."""
    return asdict(health)
