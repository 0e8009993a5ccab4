"""The manifest of an index folder: which generation is current, and what each of its files must be.

A folder holds ``manifest.json`` and ``generations/<name>/``. The manifest is the only file that is ever replaced,
in one atomic step, so a folder is always at one generation or at the next, never between.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.config import AUTO, FORMAT_VERSION, IndexSettings
from index.errors import IndexDamagedError, IndexMissingError, SettingsMismatchError

MANIFEST = "manifest.json"
GENERATIONS = "generations"
LIBRARY = "library.sqlite"
LEXICAL = "lexical"
VECTORS = "vectors.faiss"


class FileSum(BaseModel):
    """Size and hash of one file of a generation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What an index folder holds. ``code`` is the hash of the modules that read the documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    youju: str
    code: str
    created: str
    generation: str = Field(pattern=r"^[\w-]+$")
    previous: str = Field(pattern=r"^[\w-]*$")
    fingerprint: str
    settings: dict[str, Any]
    documents: int
    passages: int
    records: int
    documents_sha256: str
    model: str = ""
    """Name and version of the model that made the vectors; "" without vectors."""
    files: dict[str, FileSum]

    def read_settings(self) -> IndexSettings:
        """Return the settings the index was built with.

        Raises:
            SettingsMismatchError: this version of youju has other settings.
        """
        try:
            return IndexSettings.model_validate(self.settings)
        except ValidationError as error:
            message = f"索引由另一版本（youju {self.youju}）以不同的设置建立"
            raise SettingsMismatchError(message, "用原文件重新运行 youju build") from error


def generation_folder(folder: Path, name: str) -> Path:
    """Return where the files of a generation lie."""
    return folder / GENERATIONS / name


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an index folder.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError: the manifest cannot be read.
        SettingsMismatchError: the folder has the format of another version.
    """
    path = folder / MANIFEST
    try:
        stored = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        message = f"{str(folder)!r} 里没有索引"
        raise IndexMissingError(message, f"先运行 youju build 文件或文件夹 --index {folder}") from error
    except (OSError, ValueError) as error:
        raise IndexDamagedError(f"{str(path)!r} 读不出来：{error}", "删除该索引文件夹，再运行 youju build") from error
    version = stored.get("format") if isinstance(stored, dict) else None
    if isinstance(version, int) and version != FORMAT_VERSION:
        message = f"索引格式是第 {version} 版，本程序用第 {FORMAT_VERSION} 版"
        raise SettingsMismatchError(message, f"删除 {str(folder)!r}，用原文件重新运行 youju build")
    try:
        return Manifest.model_validate(stored)
    except ValidationError as error:
        message = f"{str(path)!r} 缺内容或内容有误（{error.error_count()} 处）"
        raise IndexDamagedError(message, "删除该索引文件夹，再运行 youju build") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a generation current: written beside, flushed to the disk, then put in place in one step."""
    beside = folder / f"{MANIFEST}.new"
    with beside.open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, folder / MANIFEST)
    flush_folder(folder)


def flush_folder(folder: Path) -> None:
    """Flush a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_sha256(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sum_files(generation: Path) -> dict[str, FileSum]:
    """Return size and hash of each file of a generation, by its path inside."""
    found = sorted(path for path in generation.rglob("*") if path.is_file())
    return {
        path.relative_to(generation).as_posix(): FileSum(bytes=path.stat().st_size, sha256=file_sha256(path))
        for path in found
    }


def wrong_files(folder: Path, manifest: Manifest, *, hashes: bool) -> list[str]:
    """Return one line for each file of the generation that is missing or changed; by size alone or by hash too."""
    problems = []
    generation = generation_folder(folder, manifest.generation)
    for name, expected in manifest.files.items():
        path = generation / name
        if not path.is_file():
            problems.append(f"缺文件 {name}")
        elif path.stat().st_size != expected.bytes:
            problems.append(f"文件 {name} 应有 {expected.bytes} 字节，实有 {path.stat().st_size} 字节")
        elif hashes and file_sha256(path) != expected.sha256:
            problems.append(f"文件 {name} 的校验和不符")
    return problems


def damaged(folder: Path, problem: str) -> IndexDamagedError:
    """Return the error of an index that is not what its manifest says."""
    return IndexDamagedError(
        f"索引 {str(folder)!r} 已损坏：{problem}", "运行 youju check 查看详情；删除该文件夹后用原文件重新 youju build"
    )


def mismatch(folder: Path, manifest: Manifest, settings: IndexSettings) -> SettingsMismatchError:
    """Return the error of an index that was built with other settings, which it names."""
    wanted = settings.model_dump(mode="json", exclude={"device"})
    other = [name for name, value in wanted.items() if manifest.settings.get(name) != value]
    if other == ["embedder"]:
        return other_model(folder, str(manifest.settings.get("embedder", "")), settings.embedder)
    message = f"索引 {str(folder)!r} 建立时的设置与现在不同：{'、'.join(other) or '格式'}"
    return SettingsMismatchError(message, "用现在的设置重新运行 youju build，或改回原来的设置")


def other_model(folder: Path, built: str, wanted: str) -> SettingsMismatchError:
    """Return the error of an index whose vectors come from another model than the one in force."""
    words = {"": "不用向量模型", AUTO: "自动选用向量模型（auto）"}
    before, now = (words.get(name, f"模型 {name!r}") for name in (built, wanted))
    message = f"索引 {str(folder)!r} 建立时是{before}，现在的设置是{now}"
    newer = built.partition("@")[0] == wanted.partition("@")[0]
    return SettingsMismatchError(
        message, "重新运行 youju build" + ("" if newer else f"，或把 index.embedder 改回 {built!r}")
    )
