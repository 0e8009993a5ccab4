"""Corrections of what a document says about itself, kept beside the index so that no rebuild loses them.

``document_info.json`` in the index folder: file -> field -> value, only the fields that a person has set. A build
lays them over what it reads from the document; the document's text is never touched.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from index.errors import InputError
from index.store.manifest import flush_folder
from index.types import DocumentInfo

EDITS = "document_info.json"
FIELDS = ("title", "number", "issuers", "date", "region", "level", "status")
LONGEST = 300
_DATE = re.compile(r"(?:\d{4}(?:-\d{2}(?:-\d{2})?)?)?")
_BETWEEN = re.compile("[、;；]")
Edit = Mapping[str, str]
"""Field -> value; issuers stand in one string, with 、 between them."""


def read_edits(folder: Path) -> dict[str, Edit]:
    """Return the corrections of an index folder, by document.

    Raises:
        InputError: the file is there and cannot be read.
    """
    path = folder / EDITS
    try:
        stored = json.loads(path.read_text("utf-8"))
        return {str(file): checked(values) for file, values in stored.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{str(path)!r} 读不出来：{error}", "改正或删除这个文件") from error


def write_edits(folder: Path, edits: Mapping[str, Edit]) -> None:
    """Replace the corrections of an index folder in one step."""
    beside = folder / f"{EDITS}.new"
    with beside.open("w", encoding="utf-8") as file:
        json.dump({key: dict(values) for key, values in sorted(edits.items())}, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, folder / EDITS)
    flush_folder(folder)


def checked(values: Edit) -> dict[str, str]:
    """Return the values with white space tidied.

    Raises:
        InputError: a field that cannot be corrected, or a value that cannot stand there.
    """
    found = {}
    for name, value in values.items():
        if name not in FIELDS or not isinstance(value, str):
            raise InputError(f"不能修改 {name!r}", f"可以修改：{'、'.join(FIELDS)}")
        text = " ".join(value.split())
        if len(text) > LONGEST or not text.isprintable():
            raise InputError(f"{name} 超过 {LONGEST} 字，或含有不可见字符")
        if name == "date" and not _DATE.fullmatch(text):
            raise InputError(f"日期 {text!r} 的写法不对", "写作 2024-06-11、2024-06 或 2024")
        found[name] = text
    return found


def corrected(info: DocumentInfo, edit: Edit | None) -> DocumentInfo:
    """Return the info with the corrections laid over it."""
    if not edit:
        return info
    info = replace(
        info,
        title=edit.get("title", info.title),
        date=edit.get("date", info.date),
        region=edit.get("region", info.region),
        level=edit.get("level", info.level),
        status=edit.get("status", info.status),
    )
    if "issuers" in edit:
        info = replace(info, issuers=tuple(part for each in _BETWEEN.split(edit["issuers"]) if (part := each.strip())))
    if "number" in edit:
        others = tuple(n for n in info.numbers if n not in (info.number, edit["number"]))
        numbers = (edit["number"], *others) if edit["number"] else ()
        info = replace(info, number=edit["number"], numbers=numbers)
    return info
