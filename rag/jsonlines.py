"""Files to which many threads and processes append a line of JSON each."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

_log = logging.getLogger(__name__)


def append_line(path: Path, value: Mapping[str, object]) -> bool:
    """Append one line, in one write, to a file that only its owner may read; return whether that worked.

    The file is opened anew each time, so that it can be moved away by a log rotation.
    """
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            return os.write(handle, data) == len(data)
        finally:
            os.close(handle)
    except OSError as error:
        _log.error("cannot write to %s: %s", path, error)
        return False
