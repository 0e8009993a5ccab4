"""The endpoint: pieces as they come, deadline, retries, cancellation, and one clear line for every fault."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from index.errors import InputError, ModelError, PromptTooLongError
from rag.config import Settings
from rag.llm import Message, complete
from rag.llm.choose import check_model, choose_model
from rag.llm.endpoint import Endpoint
from tests.llm_server import Behaviour, Server, chunk, events, hang, refused, reply, scripted, sequence, slow, status

pytest.importorskip("llama_index.llms.openai_like", reason="the extra `llm` is not installed")

ASKED = [Message("system", "规则"), Message("user", "问题")]


def settings(server: Server, **more: Any) -> Settings:
    given = {"llm_base_url": server.base_url, "llm_model": "scripted", "llm_timeout_s": 5, **more}
    return Settings.model_validate(given)


def failure(behaviour: Behaviour, **more: Any) -> tuple[str, Server]:
    with scripted(behaviour) as server:
        with pytest.raises(ModelError) as caught:
            complete(Endpoint(settings(server, **more)), ASKED)
        return caught.value.message, server


def test_pieces_are_given_on_as_they_come() -> None:
    with scripted(slow("一二三四五六七八九十", first=0.0, each=0.15)) as server:
        stream = Endpoint(settings(server)).stream(ASKED)
        first = next(stream)
        assert not server.finished, "the first piece came with the whole answer"
        assert first + "".join(stream) == "一二三四五六七八九十"


def test_a_request_is_repeatable_temperature_zero_and_a_seed() -> None:
    with scripted(reply("好")) as server:
        endpoint = Endpoint(settings(server, llm_api_key="sk-secret", llm_seed=7, llm_extra={"enable_thinking": False}))
        assert complete(endpoint, ASKED) == "好"
    request = server.requests[0]
    assert request.body["temperature"] == 0 and request.body["seed"] == 7 and request.body["stream"] is True
    assert request.body["enable_thinking"] is False and request.body["max_tokens"] == 1500
    assert request.messages == [("system", "规则"), ("user", "问题")]
    assert request.headers["authorization"] == "Bearer sk-secret"


def test_a_key_of_another_service_in_the_environment_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with scripted(reply("好")) as server:
        complete(Endpoint(settings(server)), ASKED)
    assert "sk-other" not in str(server.requests[0].headers)


@pytest.mark.parametrize("code", [429, 500, 503, 408])
def test_a_busy_endpoint_is_asked_again(code: int) -> None:
    with scripted(sequence(status(code, headers={"Retry-After": "0"}), reply("好"))) as server:
        assert complete(Endpoint(settings(server)), ASKED) == "好"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("behaviour", "said", "times"),
    [
        (status(401), "密钥", 1),
        (status(402), "余额", 1),
        (status(404), "没有这个地址或模型", 1),
        (status(500, headers={"Retry-After": "0"}), "出错（500）", 3),
        (status(429, headers={"Retry-After": "86400"}), "繁忙", 1),
        (status(302, headers={"Location": "/v1/elsewhere"}), "302", 1),
        (events(b"{not json"), "不合格式", 1),
        (events(chunk({"content": ""}, "stop")), "空的", 1),
        (events(), "中途断了", 1),
    ],
)
def test_a_fault_is_one_clear_line(behaviour: Behaviour, said: str, times: int) -> None:
    message, server = failure(behaviour)
    assert said in message and "\n" not in message
    assert len(server.requests) == times


def test_an_answer_without_its_end_gives_its_pieces_and_then_says_so() -> None:
    for finish, said in ((None, "中途断了"), ("length", "长度上限"), ("content_filter", "中途断了")):
        with scripted(events(chunk({"content": "到期前"}), chunk({}, finish))) as server:
            stream = Endpoint(settings(server)).stream(ASKED)
            assert next(stream) == "到期前"
            with pytest.raises(ModelError, match=said):
                next(stream)
        assert len(server.requests) == 1, "nothing is asked again once a piece was given out"


def test_a_prompt_that_is_too_long_is_told_apart() -> None:
    for behaviour in (status(413), status(400, {"error": {"message": "maximum context length is 4096 tokens"}})):
        with scripted(behaviour) as server, pytest.raises(PromptTooLongError):
            complete(Endpoint(settings(server)), ASKED)


@pytest.mark.parametrize(
    ("complaint", "left_out", "instead"),
    [
        ("Unrecognized request argument supplied: seed", "seed", ""),
        ("Unsupported value: 'temperature' does not support 0.0", "temperature", ""),
        ("Unsupported: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens", "max_completion_tokens"),
    ],
)
def test_a_field_that_the_endpoint_does_not_take_is_left_out_from_then_on(
    complaint: str, left_out: str, instead: str
) -> None:
    with scripted(sequence(status(400, {"error": {"message": complaint}}), reply("好"))) as server:
        endpoint = Endpoint(settings(server))
        assert complete(endpoint, ASKED) == "好"
        assert complete(endpoint, ASKED) == "好"
    bodies = [request.body for request in server.requests]
    assert [left_out in body for body in bodies] == [True, False, False]
    assert not instead or bodies[1][instead] == 1500


def test_a_reader_who_leaves_stops_the_model() -> None:
    with scripted(slow("字" * 400, first=0.0, each=0.02)) as server:
        stream = Endpoint(settings(server)).stream(ASKED)
        next(stream)
        stream.close()
        assert server.wait_disconnected(3)


@pytest.mark.parametrize("behaviour", [hang(30), slow("字" * 4000, first=0.0, each=0.05)], ids=["silent", "dribbling"])
def test_the_deadline_holds_for_the_whole_answer(behaviour: Behaviour) -> None:
    began = time.monotonic()
    with scripted(behaviour) as server:
        with pytest.raises(ModelError, match="1 秒内没有答完|没有回应"):
            complete(Endpoint(settings(server, llm_timeout_s=1)), ASKED)
        assert time.monotonic() - began < 3
        assert server.wait_disconnected(3)


def test_after_a_refused_connection_the_next_readers_do_not_wait() -> None:
    with scripted(refused) as server:
        endpoint = Endpoint(settings(server))
        for said in ("连不上", "不再尝试"):
            with pytest.raises(ModelError, match=said):
                complete(endpoint, ASKED)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"llm_base_url": "ollama"}, "不是网址"),
        ({"llm_base_url": "http://127.0.0.1:1/v1"}, "llm_model"),
    ],
)
def test_incomplete_settings_are_named(given: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        choose_model(Settings.model_validate(given))


def test_without_settings_there_is_no_model() -> None:
    assert choose_model(Settings()) is None


def test_the_check_of_an_endpoint_says_what_is_wrong() -> None:
    cases: list[tuple[Behaviour, Callable[[str], bool]]] = [
        (reply("好"), lambda said: said == ""),
        (status(401), lambda said: "密钥" in said),
    ]
    for behaviour, right in cases:
        with scripted(behaviour) as server:
            assert right(check_model(settings(server)))
