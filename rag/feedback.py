"""Readers' feedback: a thumb and a comment, kept with the question, the answer and the index it came from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from index.errors import InputError
from rag.config import Settings
from rag.jsonlines import append_line

Thumb = Literal["up", "down"]
ENDING = ".feedback.jsonl"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader thinks of an answer. ``generation`` and ``fingerprint`` name the index that it came from."""

    thumb: Thumb
    question: str
    answer: str
    comment: str = ""
    generation: str = ""
    fingerprint: str = ""


class Feedback:
    """Keeps opinions, a line of JSON each."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.beside(settings.feedback_file, ENDING)

    def add(self, who: str, opinion: Opinion) -> None:
        """Keep an opinion.

        Raises:
            InputError: the file cannot be written.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if not append_line(self.path, {"time": now, "who": who, **asdict(opinion)}):
            raise InputError("反馈没有存下来", "检查 feedback_file 所在文件夹的空间与权限")
