"""Requests and answers on disk: the key of a request, what is stored, what is read back, what is never overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputError, ModelError
from rag.llm import Message, complete, request_key
from rag.llm.model import Role
from rag.llm.recorded import Dump, Recorder, Replay, store, stored

ASKED = (Message("system", "只按资料回答。"), Message("user", "资料：甲。\n问题：多少？"))
ROLES = st.sampled_from(get_args(Role))
MESSAGES = st.lists(st.builds(Message, ROLES, st.text(max_size=20)), max_size=4)


class Scripted:
    """Answers with the pieces; the last one may be an error. Counts requests, and says whether it was closed."""

    name = "scripted"

    def __init__(self, *pieces: str | ModelError) -> None:
        self.pieces = pieces
        self.requests = 0
        self.closed = False

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        self.requests += 1
        try:
            for piece in self.pieces:
                if isinstance(piece, ModelError):
                    raise piece
                yield piece
        finally:
            self.closed = True


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def held(folder: Path, messages: Sequence[Message] = ASKED) -> dict[str, object]:
    value = json.loads((folder / f"{request_key(messages)}.json").read_text("utf-8"))
    assert isinstance(value, dict)
    return value


# --- the key ---


def test_the_key_of_a_request_never_changes() -> None:
    """Folders recorded with an older version are read back with this one."""
    assert request_key([Message("user", "好")]) == hashlib.sha256('[["user","好"]]'.encode()).hexdigest()[:16]
    assert request_key([Message("user", "好")]) == "7f175ea4c98dd38e"


@given(MESSAGES)
def test_a_key_is_sixteen_hex_digits_and_the_same_each_time(messages: list[Message]) -> None:
    key = request_key(messages)
    assert len(key) == 16 and set(key) <= set("0123456789abcdef")
    assert key == request_key(tuple(Message(m.role, m.content) for m in messages))


@given(MESSAGES, MESSAGES)
def test_different_requests_have_different_keys(one: list[Message], other: list[Message]) -> None:
    assert (request_key(one) == request_key(other)) == (one == other)


@pytest.mark.parametrize(
    "other",
    [
        ASKED[::-1],
        ASKED[:1],
        (*ASKED, Message("user", "")),
        (Message("user", ASKED[0].content), ASKED[1]),
        (ASKED[0], Message("user", ASKED[1].content + " ")),
        (ASKED[0], Message("user", ASKED[1].content.replace("？", "?"))),
        (Message("system", ASKED[0].content + ASKED[1].content), Message("user", "")),
    ],
)
def test_order_role_and_every_character_count(other: tuple[Message, ...]) -> None:
    assert request_key(other) != request_key(ASKED)


# --- recording and reading back ---


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    recorder = Recorder(Scripted("甲[0a1b2c3d]。", "乙\r\n丙"), tmp_path / "a" / "b")
    assert complete(recorder, ASKED) == "甲[0a1b2c3d]。乙\r\n丙"
    assert recorder.name == "scripted"
    assert complete(Replay(tmp_path / "a" / "b"), ASKED) == "甲[0a1b2c3d]。乙\r\n丙"
    assert held(tmp_path / "a" / "b") == {
        "key": request_key(ASKED),
        "model": "scripted",
        "messages": [{"role": m.role, "content": m.content} for m in ASKED],
        "response": "甲[0a1b2c3d]。乙\r\n丙",
    }


@given(st.text())
def test_any_answer_is_read_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, answer: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    complete(Recorder(Scripted(answer), folder), ASKED)
    assert complete(Replay(folder), ASKED) == answer


def test_lone_surrogates_do_not_stop_a_recording(tmp_path: Path) -> None:
    asked = [Message("user", "问\ud83d")]
    complete(Recorder(Scripted("答\ude00。"), tmp_path), asked)
    assert complete(Replay(tmp_path), asked).startswith("答")


def test_an_answer_that_broke_off_is_not_recorded(tmp_path: Path) -> None:
    recorder = Recorder(Scripted("甲", ModelError("断了")), tmp_path)
    with pytest.raises(ModelError, match="断了"):
        complete(recorder, ASKED)
    assert files(tmp_path) == []


def test_an_answer_that_the_reader_left_is_not_recorded_and_the_model_is_stopped(tmp_path: Path) -> None:
    model = Scripted("甲", "乙")
    stream = Recorder(model, tmp_path).stream(ASKED)
    assert next(stream) == "甲"
    stream.close()
    assert model.closed and files(tmp_path) == []


def test_a_request_that_was_not_recorded_is_an_error_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=request_key(ASKED)):
        complete(Replay(tmp_path), ASKED)


def test_a_plain_text_beside_the_request_comes_first(tmp_path: Path) -> None:
    key = request_key(ASKED)
    store(tmp_path, ASKED, "m", "来自 json")
    assert complete(Replay(tmp_path), ASKED) == "来自 json"
    (tmp_path / f"{key}.md").write_text("来自 md", "utf-8")
    assert complete(Replay(tmp_path), ASKED) == "来自 md"
    (tmp_path / f"{key}.txt").write_text("来自 txt", "utf-8")
    assert complete(Replay(tmp_path), ASKED) == "来自 txt"


def test_a_plain_text_alone_is_an_answer_also_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / f"{request_key(ASKED)}.txt").write_bytes("\ufeff甲。\n".encode())
    assert complete(Replay(tmp_path), ASKED) == "甲。\n"


def test_a_request_written_down_without_an_answer_is_an_unknown_one(tmp_path: Path) -> None:
    store(tmp_path, ASKED, "", None)
    with pytest.raises(ModelError, match="没有请求"):
        complete(Replay(tmp_path), ASKED)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"7", b'"text"', b"null", b"{}", b"\xff\xfe\x00", b'{"answer": "x"}', b"[" * 100_000],
    ids=["empty", "cut", "list", "number", "string", "null", "no field", "no text", "other field", "deep"],
)
def test_a_broken_record_is_an_error_of_the_model_not_a_crash(tmp_path: Path, data: bytes) -> None:
    (tmp_path / f"{request_key(ASKED)}.json").write_bytes(data)
    with pytest.raises(ModelError, match=request_key(ASKED)) as caught:
        complete(Replay(tmp_path), ASKED)
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize("response", [7, [], {}, True])
def test_an_answer_that_is_no_text_is_none(tmp_path: Path, response: object) -> None:
    (tmp_path / f"{request_key(ASKED)}.json").write_text(json.dumps({"response": response}), "utf-8")
    with pytest.raises(ModelError):
        complete(Replay(tmp_path), ASKED)


def test_a_text_that_cannot_be_decoded_is_an_error_of_the_model(tmp_path: Path) -> None:
    (tmp_path / f"{request_key(ASKED)}.txt").write_bytes("国标".encode("gb18030"))
    with pytest.raises(ModelError):
        complete(Replay(tmp_path), ASKED)


def test_a_folder_that_is_missing_or_a_file_is_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none"):
        Replay(tmp_path / "none")
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(InputError):
        Replay(tmp_path / "file")
    with pytest.raises(InputError):
        Recorder(Scripted("甲"), tmp_path / "file" / "below")
    with pytest.raises(InputError):
        Dump(tmp_path / "file")


def test_a_folder_that_vanished_is_wrong_input_when_something_is_to_be_written(tmp_path: Path) -> None:
    recorder = Recorder(Scripted("甲"), tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(InputError, match="gone"):
        complete(recorder, ASKED)


def test_stored_tells_an_empty_answer_from_none(tmp_path: Path) -> None:
    store(tmp_path, ASKED, "m", "")
    assert stored(tmp_path, request_key(ASKED)) == ""
    assert stored(tmp_path, "0" * 16) is None


# --- writing requests down ---


def test_dump_writes_a_request_once_and_says_that_nobody_answers(tmp_path: Path) -> None:
    dump = Dump(tmp_path)
    assert dump.name == "none"
    for _ in range(2):
        with pytest.raises(ModelError, match="提示词"):
            complete(dump, ASKED)
    assert files(tmp_path) == [f"{request_key(ASKED)}.json"]
    assert held(tmp_path)["response"] is None
    assert held(tmp_path)["messages"] == [{"role": m.role, "content": m.content} for m in ASKED]


def test_dump_never_overwrites_a_recorded_answer(tmp_path: Path) -> None:
    complete(Recorder(Scripted("甲。"), tmp_path), ASKED)
    with pytest.raises(ModelError):
        complete(Dump(tmp_path), ASKED)
    assert held(tmp_path)["response"] == "甲。"


def test_dump_does_not_write_a_request_again_that_was_written(tmp_path: Path) -> None:
    dump = Dump(tmp_path)
    with pytest.raises(ModelError):
        complete(dump, ASKED)
    file = tmp_path / f"{request_key(ASKED)}.json"
    file.write_text('{"response": "由人填写。"}', "utf-8")
    with pytest.raises(ModelError):
        complete(dump, ASKED)
    assert complete(Replay(tmp_path), ASKED) == "由人填写。"


def test_dump_over_replay_answers_what_is_known_and_writes_down_the_rest(tmp_path: Path) -> None:
    answers, requests = tmp_path / "answers", tmp_path / "requests"
    complete(Recorder(Scripted("甲。"), answers), ASKED)
    dump = Dump(requests, Replay(answers))
    assert dump.name == "replay"
    assert complete(dump, ASKED) == "甲。"
    other = [Message("user", "另一个")]
    with pytest.raises(ModelError, match=request_key(other)):
        complete(dump, other)
    assert files(requests) == sorted(f"{request_key(m)}.json" for m in (ASKED, other))
    assert files(answers) == [f"{request_key(ASKED)}.json"]


def test_dump_and_replay_may_share_a_folder(tmp_path: Path) -> None:
    dump = Dump(tmp_path, Replay(tmp_path))
    with pytest.raises(ModelError):
        complete(dump, ASKED)
    (tmp_path / f"{request_key(ASKED)}.txt").write_text("乙。", "utf-8")
    assert complete(dump, ASKED) == "乙。"


def test_dump_over_a_recorder_keeps_the_recorded_answer(tmp_path: Path) -> None:
    model = Scripted("甲。")
    dump = Dump(tmp_path, Recorder(model, tmp_path))
    assert [complete(dump, ASKED), complete(dump, ASKED)] == ["甲。", "甲。"]
    assert held(tmp_path)["response"] == "甲。" and model.requests == 2
