"""Changes of the library that the page asks for: uploads, removing, replacing, correcting, the full check."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import InputError, YoujuError
from index.store.check import check
from rag.access import Who
from ui_parts.seams import NOBODY, Host, Progress, Records, require_editor, require_visible
from ui_parts.shelf import progress_values
from ui_parts.templating import words

_log = logging.getLogger(__name__)
_LOOK = 0.15
"""Seconds between two looks at the progress."""
_LONGEST = 200
"""Bytes of a file's name."""
Said = Iterator[dict[str, Any]]


class Uploaded(BaseModel):
    """A file that lies in Gradio's folder of uploads, and its name at home."""

    model_config = ConfigDict(extra="forbid")

    name: str
    path: str


class Change(BaseModel):
    """What the browser asks for."""

    model_config = ConfigDict(extra="forbid")

    lang: Literal["zh", "en"] = "zh"
    files: list[Uploaded] = Field([], max_length=1000)
    replaces: str = ""
    file: str = ""
    values: dict[str, str] = {}


class Changes:
    """Does what editors ask for, and says how it goes; one change at a time, by the host's word."""

    def __init__(self, host: Host, uploads: Path, index_dir: Path, records: Records = NOBODY) -> None:
        self._host, self._uploads, self._index_dir, self._records = host, uploads, index_dir, records

    def add(self, sent: object, who: Who) -> Said:
        """Add uploaded files, or put one in the place of a document."""
        yield from self._guarded(sent, who, self._add)

    def remove(self, sent: object, who: Who) -> Said:
        """Remove a document."""
        yield from self._guarded(sent, who, self._remove)

    def correct(self, sent: object, who: Who) -> Said:
        """Correct what a document says about itself."""
        yield from self._guarded(sent, who, self._correct)

    def check(self, sent: object, who: Who) -> Said:
        """Look the whole index over."""
        w = words()[Change.model_validate(sent).lang]
        try:
            problems = check(self._index_dir)
        except YoujuError as error:
            problems = [error.line()]
        line = w["check_bad"].format(count=len(problems)) if problems else w["check_ok"]
        yield {"check": line, "problems": problems[:50], "at": time.time()}

    def _guarded(self, sent: object, who: Who, work: Any) -> Said:  # noqa: ANN401
        try:
            change = Change.model_validate(sent)
            require_editor(who)
            yield from work(change, who)
        except ValidationError:
            _log.warning("a change that no page of ours asks for")
        except YoujuError as error:
            names = [f.name for f in Change.model_validate(sent).files]
            failed = [{"name": name, "state": "failed", "words": error.line()} for name in names]
            yield {"state": "failed", "line": error.line(), "files": failed, "at": time.time()}

    def _add(self, change: Change, who: Who) -> Said:
        library = self._host.qa().library if change.replaces else None
        if library is not None:
            require_visible(who, library, change.replaces)
        with tempfile.TemporaryDirectory(prefix="youju-upload-") as folder:
            paths = [self._taken(upload, Path(folder)) for upload in change.files]
            self._host.rebuild(paths)
            self._noted(who, "rebuild", [path.name for path in paths])
            names = [path.name for path in paths]
            ended = yield from self._followed(names, change.lang)
        report = ended.report
        kept = {*report.added, *report.updated, *report.unchanged} if report else set()
        if change.replaces and kept and change.replaces not in kept:
            self._host.remove([change.replaces])
            self._noted(who, "remove", [change.replaces])
            yield from self._followed(names, change.lang, told=ended)

    def _remove(self, change: Change, who: Who) -> Said:
        require_visible(who, self._host.qa().library, change.file)
        self._host.remove([change.file])
        self._noted(who, "remove", [change.file])
        yield from self._followed([], change.lang)

    def _correct(self, change: Change, who: Who) -> Said:
        require_visible(who, self._host.qa().library, change.file)
        self._host.edit(change.file, change.values)
        self._noted(who, "edit", [change.file])
        yield from self._followed([], change.lang)

    def _noted(self, who: Who, kind: str, names: Sequence[str]) -> None:
        if self._records.changed:
            self._records.changed(who, kind, tuple(names))

    def _followed(self, names: Sequence[str], lang: str, told: Progress | None = None) -> Any:  # noqa: ANN401
        """Yield how the change goes, to its end; return its last state. ``told``: what the files are reported by."""
        while (progress := self._host.progress()).state == "running":
            yield {**progress_values(told or progress, names, lang), "state": "running", "at": time.time()}
            time.sleep(_LOOK)
        found = progress_values(progress if told is None or progress.state == "failed" else told, names, lang)
        yield {**found, "at": time.time()}
        return progress

    def _taken(self, upload: Uploaded, folder: Path) -> Path:
        """Move an uploaded file to the folder, under its own name."""
        path, name = Path(upload.path).resolve(), Path(upload.name.replace("\\", "/")).name
        if not path.is_relative_to(self._uploads.resolve()) or not path.is_file():
            raise InputError(f"没有收到文件 {name!r}", "请重新上传")
        hidden = not name.strip(". ") or name.startswith((".", "~$"))
        if hidden or len(name.encode()) > _LONGEST or not name.isprintable():
            raise InputError(f"文件名 {name[:60]!r} 不能用", "改名后再上传")
        if (folder / name).exists():
            raise InputError(f"两个文件同名：{name!r}", "改名后再上传")
        return Path(shutil.move(path, folder / name))
