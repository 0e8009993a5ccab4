"""The test machinery itself: the scripted endpoint, the catalogue of hostile ones, the documents with instructions."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from index.build import build
from index.config import IndexSettings
from tests.hostile import Hostile, catalogue
from tests.hostile_case import NO_KEY, Shown, prompt_of
from tests.injection import Injection, write
from tests.llm_server import (
    DONE,
    Request,
    framed,
    hang,
    raw,
    refused,
    reply,
    scripted,
    sequence,
    slow,
    status,
    stream,
)
from tests.transformers_server import Running, missing, running
from tests.written_library import opened, plain

PROMPT = (
    "[1a2b3c4d] 作坊每年用水量超过 1200 吨的，应当在2025年6月1日前安装水表。\n"
    "[99887766] 补助不超过 30%，最高 20 万元；回用率提高至 70% 以上。\n问题：补助多少？"
)
MESSAGES = [{"role": "system", "content": "引用写成 [标识]。"}, {"role": "user", "content": PROMPT}]


def post(base_url: str, *, stream: bool, timeout: float = 5.0, **more: Any) -> http.client.HTTPResponse:
    """Ask for an answer and return the response with its headers read."""
    place = urlsplit(base_url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=timeout)
    body = json.dumps({"model": "m", "stream": stream, "messages": MESSAGES, **more})
    connection.request("POST", f"{place.path}/chat/completions", body, {"Content-Type": "application/json"})
    return connection.getresponse()


def pieces(response: http.client.HTTPResponse, *, done: bool = True) -> Iterator[str]:
    """Yield the texts of a streamed answer as they arrive; fails where ``done`` is asked for and [DONE] is missing."""
    while line := response.readline():
        data = line.decode().strip().removeprefix("data: ")
        if data == "[DONE]":
            return
        if data:
            payload = json.loads(data)
            assert payload["object"] == "chat.completion.chunk"
            yield from (choice["delta"].get("content") or "" for choice in payload["choices"])
    assert not done, "the stream ended without [DONE]"


def whole_text(response: http.client.HTTPResponse) -> str:
    """Return the text of an answer that is not streamed."""
    return json.loads(response.read())["choices"][0]["message"]["content"]


def test_a_reply_is_streamed_or_whole_as_the_request_asks() -> None:
    with scripted(reply("你好，世界。")) as server:
        assert [text for text in pieces(post(server.base_url, stream=True)) if text] == ["你好，世", "界。"]
        assert whole_text(post(server.base_url, stream=False)) == "你好，世界。"
        assert [request.stream for request in server.requests] == [True, False]
        assert server.requests[0].messages[1] == ("user", PROMPT)
        assert server.requests[0].headers["content-type"] == "application/json"
        assert not server.disconnected


def test_a_stream_that_is_asked_for_its_usage_tells_it_before_the_end() -> None:
    with scripted(reply("好")) as server:
        told = post(server.base_url, stream=True, stream_options={"include_usage": True}).read().decode()
    assert '"choices": [], "usage"' in told and told.endswith("data: [DONE]\n\n")


def test_a_slow_reply_arrives_bit_by_bit() -> None:
    with scripted(slow("一二三四五六七八", first=0.1, each=0.1)) as server:
        started = time.monotonic()
        times = [time.monotonic() - started for text in pieces(post(server.base_url, stream=True)) if text]
    assert len(times) == 2 and times[0] > 0.15 and times[1] - times[0] > 0.05


def test_a_sequence_gives_each_request_its_own_behaviour_and_repeats_the_last() -> None:
    with scripted(sequence(status(429, None, {"Retry-After": "7"}), reply("好"))) as server:
        first = post(server.base_url, stream=False)
        assert (first.status, first.headers["Retry-After"]) == (429, "7")
        assert json.loads(first.read())["error"]["message"]
        assert [whole_text(post(server.base_url, stream=False)) for _ in range(2)] == ["好", "好"]
        assert [request.number for request in server.requests] == [0, 1, 2]


def test_a_client_that_leaves_a_stream_is_noticed_and_one_that_reads_it_is_not() -> None:
    with scripted(slow("一二三四五六七八" * 50, first=0.0, each=0.05)) as server:
        response = post(server.base_url, stream=True)
        response.readline()
        assert not server.disconnected
        response.close()
        assert server.wait_disconnected() and server.hung_up == [0] and not server.finished


def test_a_hanging_server_hangs_and_lets_the_test_end() -> None:
    started = time.monotonic()
    with scripted(hang()) as server, pytest.raises(TimeoutError):
        post(server.base_url, stream=True, timeout=0.2)
    assert time.monotonic() - started < 3


def test_a_client_that_leaves_a_silent_server_is_noticed_and_no_thread_stays_behind() -> None:
    before = threading.active_count()
    with scripted(hang()) as server:
        with pytest.raises(TimeoutError):
            post(server.base_url, stream=True, timeout=0.2)
        assert server.wait_disconnected(2)
        waiting = http.client.HTTPConnection("127.0.0.1", urlsplit(server.base_url).port)
        waiting.request("POST", "/v1/chat/completions", "{}")  # keeps the connection open beyond the server's end
        until = time.monotonic() + 5
        while len(server.requests) < 2 and time.monotonic() < until:
            time.sleep(0.01)
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert len(server.requests) == 2 and threading.active_count() <= before


def test_a_stream_ends_together_with_its_last_event_so_that_leaving_after_it_is_not_early() -> None:
    assert list(stream([b"a", 0.5, DONE]))[1:] == [b"1\r\na\r\n", 0.5, framed(DONE) + b"0\r\n\r\n"]


def test_nobody_listens_where_connections_are_refused() -> None:
    with scripted(refused) as server, pytest.raises(ConnectionRefusedError):
        post(server.base_url, stream=True)


def test_raw_bytes_go_out_as_they_are() -> None:
    with scripted(raw(b"HTTP/1.1 418 Odd\r\nContent-Length: 2\r\n\r\nok")) as server:
        response = post(server.base_url, stream=False)
        assert (response.status, response.read()) == (418, b"ok")


def test_the_models_are_listed_and_do_not_count_as_requests() -> None:
    with scripted(status(500)) as server:
        place = urlsplit(server.base_url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
        connection.request("GET", "/v1/models")
        assert json.loads(connection.getresponse().read())["data"][0]["id"] == "scripted"
        assert len(server.visits) == 1 and not server.requests


# --- the catalogue ---

CASES = catalogue()


def _request(prompt: str = PROMPT, *, stream: bool = True) -> Request:
    body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": prompt}]}
    return Request(0, "POST", "/v1/chat/completions", {}, b"", body, 0.0)


def test_the_catalogue_has_hundreds_of_cases_each_with_a_name_of_its_own() -> None:
    assert len(CASES) >= 500
    assert max(Counter(case.name for case in CASES).values()) == 1
    assert len({case.family for case in CASES}) >= 30


def test_a_family_can_be_chosen_and_an_unknown_one_is_refused() -> None:
    assert {case.family for case in catalogue("status", "figure")} == {"status", "figure"}
    with pytest.raises(ValueError, match="no such family"):
        catalogue("statuses")


def test_the_passages_of_a_prompt_are_found_without_the_question() -> None:
    passages = prompt_of(_request()).passages
    assert [shown.key for shown in passages] == ["1a2b3c4d", "99887766"]
    assert passages[1].sentences == ("补助不超过 30%，最高 20 万元", "回用率提高至 70% 以上")
    other = prompt_of(_request('<p id="k1">甲乙丙丁戊己庚辛</p>'), keys=r'id="(k\d)"').passages
    assert other == (Shown("k1", ">甲乙丙丁戊己庚辛"),) and other[0].sentences == ("甲乙丙丁戊己庚辛",)
    assert prompt_of(_request("没有任何资料")).passages[0].key == NO_KEY


@pytest.mark.parametrize(
    "prompt",
    [
        PROMPT,
        "没有任何资料",
        "[1a2b3c4d] 各地要加强组织领导，确保落实到位。",
        "[1a2b3c4d] 甲类作坊用水量超过 12 吨的登记。\n[99887766] 乙类工坊用水量超过 13 吨的登记。",
    ],
)
def test_each_planted_text_is_in_the_answer_and_not_in_the_prompt(prompt: str) -> None:
    request = _request(prompt)
    planted = [(case.name, text, case) for case in CASES for text in case.planted(request)]
    assert len(planted) >= 130
    for name, text, case in planted:
        assert text in case.forge(request).text and plain(text) not in plain(prompt), name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("figure-plus-one", "超过 1201 吨"),
        ("figure-year-later", "2026年6月"),
        ("figure-percent-to-points", "30个百分点"),
        ("figure-ton-to-ten-thousand", "1200万吨"),
        ("figure-ten-thousand-dropped", "20元"),
        ("word-comparator-last-passage", "补助不少于 30%"),
        ("word-direction", "降低至"),
        ("key-of-other-passage", "水表[99887766]"),
        ("citing-in-lenticular-brackets", "【1a2b3c4d】"),
        ("citing-after-full-stop", "。[1a2b3c4d]"),
    ],
)
def test_an_attack_says_what_its_name_tells(name: str, said: str) -> None:
    case = next(case for case in CASES if case.name == name)
    assert said in case.forge(_request()).text


def test_the_pieces_of_an_attack_are_its_text() -> None:
    for case in CASES:
        if case.forge and (forged := case.forge(_request())).pieces:
            assert "".join(forged.pieces).encode("utf-16", "surrogatepass") == forged.text.encode(
                "utf-16", "surrogatepass"
            ), case.name


def _read(case: Hostile) -> tuple[Hostile, bool]:
    """Ask a case once, as a client that takes at most 200 kB and waits at most 0.3 seconds; tell whether it was met."""
    with scripted(case.behaviour) as server:
        try:
            response = post(server.base_url, stream=True, timeout=0.3)
            until = time.monotonic() + 0.5
            size = 0
            while (data := response.read1(65536)) and size < 200_000 and time.monotonic() < until:
                size += len(data)
            response.close()
        except (OSError, http.client.HTTPException, ValueError):
            pass
        return case, len(server.requests) == 1 or case.behaviour is refused


def test_every_case_can_be_played_and_lets_go_of_the_test() -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        missed = [case.name for case, met in pool.map(_read, CASES) if not met]
    assert not missed
    assert time.monotonic() - started < 120


# --- the documents with instructions ---


@pytest.fixture(scope="module")
def injections(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Injection]]:
    folder = tmp_path_factory.mktemp("injections")
    return folder, write(folder / "source")


def test_fifty_documents_with_instructions_are_indexed_without_a_complaint(
    injections: tuple[Path, list[Injection]],
) -> None:
    folder, written = injections
    report = build([folder / "source"], folder / "other", IndexSettings())
    assert not report.skipped and sorted(report.added) == sorted(one.file for one in written)
    for values in zip(*((one.file, one.marker, one.carries, one.question) for one in written), strict=True):
        assert len(set(values)) == len(written) >= 50


def test_quotation_answers_from_these_documents_and_repeats_no_order(
    injections: tuple[Path, list[Injection]],
) -> None:
    folder, written = injections
    qa = opened(folder, folder / "source")
    answers = {one: plain(qa.answer(one.question).text) for one in written}
    assert not [one.carries for one, text in answers.items() if one.marker in text]
    assert sum(plain(one.fact) in text for one, text in answers.items()) >= 49


# --- the server that none of us wrote ---


@pytest.fixture(scope="module")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if lacking := missing():
        pytest.skip(f"the extra `dev-serving` is not installed: {', '.join(lacking)}")
    with running(tmp_path_factory.mktemp("serve")) as server:
        yield server


def test_a_real_server_answers_whole_and_in_a_stream_with_the_same_text(real_server: Running) -> None:
    asked = {"model": real_server.model, "max_tokens": 30}
    said = whole_text(post(real_server.base_url, stream=False, timeout=60, **asked))
    streamed = [text for text in pieces(post(real_server.base_url, stream=True, **asked), done=False) if text]
    assert said and "".join(streamed) == said
    assert len(streamed) > 3


def test_a_real_server_sends_the_first_word_long_before_the_last(real_server: Running) -> None:
    started = time.monotonic()
    times = []
    for text in pieces(post(real_server.base_url, stream=True, model=real_server.model, max_tokens=1500), done=False):
        if text:
            times.append(time.monotonic() - started)
    assert times[0] < times[-1] / 4


def test_a_real_server_stops_working_when_the_client_hangs_up(real_server: Running) -> None:
    psutil = pytest.importorskip("psutil")
    process = psutil.Process(real_server.process.pid)

    def worked(seconds: float) -> float:
        before = process.cpu_times()
        time.sleep(seconds)
        after = process.cpu_times()
        return (after.user + after.system) - (before.user + before.system)

    response = post(real_server.base_url, stream=True, model=real_server.model, max_tokens=30000)
    for _ in range(20):
        response.readline()
    assert worked(0.5) > 0.05, "the answer ended too early to tell"
    response.close()
    until = time.monotonic() + 10
    while (still := worked(0.5)) > 0.05 and time.monotonic() < until:
        pass
    assert still <= 0.05


def test_a_real_server_names_a_model_that_it_does_not_have(real_server: Running) -> None:
    assert post(real_server.base_url, stream=True, model="other").status == 400
