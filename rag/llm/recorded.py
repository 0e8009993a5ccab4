"""Requests and answers on disk: written down for another model to answer, recorded, read back.

A folder holds one ``KEY.json`` a request: ``{"key", "messages": [{"role", "content"}], "model", "response"}``; the
key is ``request_key`` of the messages. ``response`` is null where only the request was written down. An answer may
also lie beside it as plain text, ``KEY.txt`` or ``KEY.md``; it comes first.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import asdict
from pathlib import Path

from index.errors import InputError, ModelError
from rag.llm.model import LanguageModel, Message, request_key


class Replay:
    """Answers requests from a folder. It knows no other requests: those raise ModelError.

    Raises:
        InputError: there is no such folder.
    """

    name = "replay"

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"没有这个文件夹：{folder}", "--replay 要的是 --record 或 --dump-prompts 写出的文件夹")
        self._folder = folder

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Yield the stored answer in one piece.

        Raises:
            ModelError: the folder holds no answer to this request, or one that cannot be read.
        """
        key = request_key(messages)
        answer = stored(self._folder, key)
        if answer is None:
            raise ModelError(f"文件夹 {self._folder.name} 里没有请求 {key} 的回答")
        yield answer


class Recorder:
    """Passes requests on to a model, and writes request and answer into a folder."""

    def __init__(self, model: LanguageModel, folder: Path) -> None:
        self._model = model
        self._folder = folder
        _make(folder)

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self._model.name

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Yield the model's pieces; an answer that came to its end is stored."""
        pieces: list[str] = []
        answer = self._model.stream(messages)
        try:
            for piece in answer:
                pieces.append(piece)
                yield piece
        finally:
            answer.close()
        store(self._folder, messages, self.name, "".join(pieces))


class Dump:
    """Writes requests down. ``model`` answers them; without one, or where it cannot, ModelError says so."""

    def __init__(self, folder: Path, model: LanguageModel | None = None) -> None:
        self._folder = folder
        self._model = model
        _make(folder)

    @property
    def name(self) -> str:
        """Return the model's name, "none" without one."""
        return self._model.name if self._model else "none"

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Write the request down unless its file is there, then yield the model's pieces."""
        if not (self._folder / f"{request_key(messages)}.json").exists():
            store(self._folder, messages, "", None)
        if self._model is None:
            raise ModelError("只写出了提示词，没有连接语言模型")
        yield from self._model.stream(messages)


def store(folder: Path, messages: Sequence[Message], model: str, response: str | None) -> None:
    """Write a request, and its answer where there is one.

    Raises:
        InputError: the file cannot be written.
    """
    key = request_key(messages)
    held = {"key": key, "model": model, "messages": [asdict(m) for m in messages], "response": response}
    try:
        text = json.dumps(held, ensure_ascii=False, indent=1) + "\n"
        (folder / f"{key}.json").write_text(text, "utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"写不了 {folder.name}：{error.strerror}", "检查文件夹的权限与空间") from error


def stored(folder: Path, key: str) -> str | None:
    """Return the answer to the request of that key, None where there is none.

    Raises:
        ModelError: the file is no record of a request.
    """
    try:
        for suffix in (".txt", ".md"):
            if (file := folder / f"{key}{suffix}").is_file():
                return file.read_text("utf-8-sig")
        file = folder / f"{key}.json"
        if not file.is_file():
            return None
        response = json.loads(file.read_text("utf-8-sig"))["response"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(f"读不了请求 {key} 的回答：{error}") from error
    return response if isinstance(response, str) else None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"建不了文件夹 {folder}：{error.strerror}", "请换一个文件夹") from error
