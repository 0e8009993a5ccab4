"""The HTTP interface as programs see it: a real server, real clients."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from youju_process import LAW, NAMES, youju

from index.text import normalise
from tests import llm_server
from tests.server import ASKED, Served, events, httpx, needed, restricted, served, world

needed()
KEYS = "question rewritten answer refused reason mode citations elapsed_ms note index".split()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(world(tmp_path_factory.mktemp("api")), serve_max_body_kb="64") as running:
        yield running


def check_spans(found: dict, folder: Path) -> None:
    """Check that each citation's spans hold its quote in the file itself."""
    assert found["citations"]
    for citation in found["citations"]:
        text = (folder / "docs" / citation["doc"]).read_text("utf-8")
        assert normalise("".join(text[start:end] for start, end in citation["spans"])) == citation["quote"]


def test_an_answer_as_json_has_citations_that_stand_in_the_file(server: Served) -> None:
    reply = server.ask()
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    found = reply.json()
    assert list(found) == KEYS
    assert "30万立方米" in found["answer"] and "[1]" in found["answer"] and not found["refused"]
    check_spans(found, server.folder)
    assert found["citations"][0]["number"] == "长水发〔2023〕15号"
    assert found["index"]["generation"].startswith("000001-")


def test_the_stream_holds_typed_events_whose_texts_add_up_to_the_answer(server: Served) -> None:
    accept = {"accept": "text/event-stream"}
    with server.client.stream("POST", "/api/ask", json={"question": ASKED}, headers=accept) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        told = list(events(reply.iter_lines()))
    names = [name for name, _ in told]
    assert names[0] == "found" and names[-1] == "done" and set(names) == {"found", "text", "cited", "done"}
    done = told[-1][1]
    assert "".join(value["text"] for name, value in told if name == "text") == done["answer"]
    assert [value for name, value in told if name == "cited"] == done["citations"]
    assert list(done) == KEYS


def test_curl_reads_the_stream(server: Served) -> None:
    curl = shutil.which("curl")
    if not curl:
        pytest.skip("curl is not installed")
    command = [curl, "-sSN", f"{server.url}/api/ask", "-H", "Accept: text/event-stream",
               "-H", "Content-Type: application/json", "-d", json.dumps({"question": ASKED})]  # fmt: skip
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=30)
    assert [name for name, _ in events(iter(done.stdout.splitlines()))][-1] == "done"


def test_history_context_and_length_are_honoured(server: Served) -> None:
    followed = server.ask("那多久做一次？", history=[ASKED]).json()
    assert "水平衡测试" in followed["rewritten"] and "三年" in followed["answer"]
    supplied = server.ask("补贴多少？", context=["对节水改造项目，每个项目补贴 12 万元。"]).json()
    assert "12万元" in supplied["answer"].replace(" ", "")
    assert len(server.ask("有哪些节水技术？", max_chars=30).json()["answer"]) <= 60


@restricted
def test_only_the_named_documents_answer(server: Served) -> None:
    assert not server.ask("哪些技术适合焦化企业？").json()["refused"]
    assert server.ask("哪些技术适合焦化企业？", documents=[NAMES[0]]).json()["refused"]
    hits = server.client.post("/api/search", json={"query": "节水", "documents": [NAMES[0]]}).json()["hits"]
    assert {hit["doc"] for hit in hits} == {NAMES[0]}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": "  "}, 400),
        ({"question": "问" * 5000}, 400),
        ({"question": ASKED, "documents": ["没有这份.txt"]}, 404),
        ({"question": ASKED, "max_chars": 0}, 422),
        ({"question": ASKED, "historie": []}, 422),
        ({"question": 7}, 422),
        ({}, 422),
    ],
)
def test_an_unfit_question_is_refused_in_one_line(server: Served, body: dict, status: int) -> None:
    for accept in ("application/json", "text/event-stream"):
        reply = server.client.post("/api/ask", json=body, headers={"accept": accept})
        assert reply.status_code == status, reply.text
        error = reply.json()["error"]
        assert re.search("[\u4e00-\u9fff]", error["message"]) and "\n" not in error["message"] and error["type"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"question": "\\ud800"}', b"null"])
def test_a_body_that_is_no_json_object_is_no_server_error(server: Served, body: bytes) -> None:
    reply = server.client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert reply.status_code in (400, 422), reply.text
    assert reply.json()["error"]["message"]


def test_search_and_documents_are_those_of_the_command_line(server: Served) -> None:
    hits = server.client.post("/api/search", json={"query": "水平衡测试", "k": 3}).json()["hits"]
    told = json.loads(youju("search", "水平衡测试", "-k", "3", "--json", cwd=server.folder).stdout)
    assert hits == told
    documents = server.client.get("/api/documents").json()["documents"]
    assert [d["doc"] for d in documents] == sorted(NAMES)
    assert documents[0]["number"] == "长水发〔2023〕15号" and documents[0]["chars"] == len(LAW)


def test_a_source_is_read_by_exact_offsets_with_its_surroundings(server: Served) -> None:
    at = LAW.index("第三条")
    path = f"/api/source/{quote(NAMES[0])}"
    found = server.client.get(path, params={"start": at, "end": at + 3, "context": 4}).json()
    assert (found["before"], found["text"], found["after"]) == (LAW[at - 4 : at], "第三条", LAW[at + 3 : at + 7])
    assert found["chars"] == len(LAW) and found["title"] == "长河市工业节约用水管理办法"
    whole = server.client.get(path).json()
    assert whole["text"] == LAW and whole["before"] == whole["after"] == ""
    beyond = server.client.get(path, params={"start": 10**8}).json()
    assert beyond["text"] == "" and beyond["start"] == len(LAW)
    for wrong in ({"start": 5, "end": 3}, {"start": 0, "end": 10**9}, {"start": -1}, {"start": "x"}):
        assert server.client.get(path, params=wrong).status_code in (400, 422)


@pytest.mark.parametrize(
    "path",
    [
        "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd",
        "%2fetc%2fpasswd", "..\\..\\etc\\passwd", "docs/../docs/" + quote(NAMES[0]), "youju-index/manifest.json",
        "%00", "file:///etc/passwd", "....//....//etc/passwd",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_library(server: Served, path: str) -> None:
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request("GET", f"/api/source/{path}")  # as it is: httpx would tidy it up
    reply = connection.getresponse()
    body = reply.read().decode()
    assert reply.status in (400, 404), body
    assert "root:" not in body and "fingerprint" not in body


def test_feedback_is_kept_with_question_answer_and_index(server: Served) -> None:
    found = server.ask().json()
    body = {"thumb": "down", "question": ASKED, "answer": found["answer"], "comment": "漏了\n一项", **found["index"]}
    assert server.client.post("/api/feedback", json=body).status_code == 201
    assert server.client.post("/api/feedback", json={"thumb": "up", "question": ASKED}).status_code == 201
    assert server.client.post("/api/feedback", json={"thumb": "sideways", "question": ASKED}).status_code == 422
    first, second = server.lines("youju-index.feedback.jsonl")
    assert {**first, "time": ""} == {**body, "time": "", "who": "local"}
    assert second["fingerprint"] == found["index"]["fingerprint"]


def test_the_audit_log_tells_who_asked_what_and_what_was_cited(server: Served) -> None:
    server.ask("审计的问题：水平衡测试多久一次？")
    line = server.lines("youju-index.audit.jsonl")[-1]
    assert (line["who"], line["via"], line["what"]) == ("local", "api", "ask")
    assert line["question"].startswith("审计的问题") and line["index"]["generation"]
    assert line["citations"][0]["doc"] == NAMES[0] and line["citations"][0]["spans"]
    assert (server.folder / "youju-index.audit.jsonl").stat().st_mode & 0o077 == 0


def test_health_and_metrics_tell_the_state(server: Served) -> None:
    health = server.client.get("/healthz").json()
    assert health["ok"] and health["documents"] == 2 and health["index_bytes"] > 0 and not health["rebuilding"]
    reply = server.client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = reply.text.splitlines()
    assert all(re.fullmatch(r'# TYPE \w+ \w+|\w+(\{(\w+="[^"]*",?)+\})? [-+.\deinf]+', line) for line in lines)
    assert any(line.startswith("youju_requests_total{path=") for line in lines)
    assert "youju_index_documents 2" in lines


def test_a_request_that_is_too_large_is_refused(server: Served) -> None:
    reply = server.client.post("/api/ask", json={"question": "问" * 50_000})
    assert reply.status_code == 413 and "64 KB" in reply.json()["error"]["message"]

    def endless() -> Iterator[bytes]:  # of no told length
        for _ in range(200):
            yield b" " * 1024

    try:
        reply = httpx.post(f"{server.url}/api/ask", content=endless(), timeout=10, trust_env=False)
        assert reply.status_code == 413
    except httpx.TransportError:
        pass  # the connection was closed while we were still sending
    assert server.ask().status_code == 200


def test_the_openapi_has_examples_and_every_route(server: Served) -> None:
    schema = server.client.get("/openapi.json").json()
    assert set(schema["paths"]) >= {
        "/api/ask", "/api/search", "/api/documents", "/api/source/{doc}", "/api/feedback", "/healthz", "/metrics",
        "/v1/chat/completions", "/v1/models",
    }  # fmt: skip
    for form in ("AskForm", "SearchForm", "FeedbackForm", "Completion"):
        assert schema["components"]["schemas"][form]["examples"]


def test_the_interface_withstands_whatever_its_schema_allows(server: Served) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, settings

    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    seen: set[str] = set()

    def probe(operation: object) -> None:
        @settings(
            max_examples=20, deadline=None, database=None, derandomize=True,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def one(case: object) -> None:
            reply = case.call(base_url=server.url, timeout=20)
            assert reply.status_code < 500, (case.formatted_path, case.body, reply.text)
            seen.add(case.path)

        from hypothesis import given

        given(case=operation.as_strategy())(one)()

    for result in schema.get_all_operations():
        probe(result.ok())
    assert {"/api/ask", "/api/search", "/v1/chat/completions"} <= seen


def test_no_answer_names_another_host_and_all_are_locked_down(server: Served) -> None:
    paths = (
        "/login",
        "/api/documents",
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/v1/models",
        "/nowhere",
        "/docs",
    )
    pages = ("/", "/zh/", "/en/")
    for path in (*pages, *paths):
        reply = server.client.get(path, follow_redirects=False)
        assert reply.headers["x-content-type-options"] == "nosniff", path
        assert reply.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert "referrer-policy" in reply.headers and "server" not in reply.headers
        there = r"(?:https?:)?//(?!127\.0\.0\.1)[\w-]+\.\w+"
        assert not re.findall(there, json.dumps(dict(reply.headers))), path
        loaded = rf"(?:src|href|url\(|@import)\s*[=(]?\s*[\"']?{there}" if path in pages else there
        assert not re.findall(loaded, reply.text), path
        if path in pages and reply.status_code == 200:
            policy = reply.headers["content-security-policy"]
            assert "default-src 'self'" in policy and "http" not in policy and "*" not in policy


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"host": "youju.example.com"}, 403),
        ("GET", {"host": "127.0.0.1.example.com"}, 403),
        ("GET", {"host": "["}, 403),
        ("GET", {"host": "localhost"}, 200),
        ("POST", {"origin": "https://example.com"}, 403),
        ("POST", {"origin": "null"}, 403),
        ("POST", {"sec-fetch-site": "cross-site"}, 403),
        ("POST", {"origin": "SELF"}, 200),
    ],
)
def test_pages_of_other_sites_reach_nothing(server: Served, method: str, headers: dict, status: int) -> None:
    headers = {name: server.url if value == "SELF" else value for name, value in headers.items()}
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    body = json.dumps({"query": "节水"}) if method == "POST" else None
    path = "/api/search" if method == "POST" else "/api/documents"
    connection.request(method, path, body, {"content-type": "application/json", **headers})
    reply = connection.getresponse()
    assert reply.status == status, reply.read()


def test_too_many_requests_are_told_to_wait(tmp_path: Path) -> None:
    with served(world(tmp_path), serve_rate_per_minute="5") as running:
        statuses = [running.client.get("/api/documents") for _ in range(8)]
        assert [reply.status_code for reply in statuses] == [200] * 5 + [429] * 3
        assert 1 <= int(statuses[-1].headers["retry-after"]) <= 12


def test_a_server_without_an_index_starts_and_takes_up_the_first_one(tmp_path: Path) -> None:
    with served(tmp_path) as running:
        assert running.client.get("/healthz").status_code == 503
        reply = running.ask()
        assert reply.status_code == 503 and "youju build" in reply.json()["error"]["message"]
        world(tmp_path)
        assert running.ask().status_code == 200
        assert running.client.get("/healthz").json()["ok"]


def test_a_rebuild_loses_no_request_and_its_documents_answer_at_once(tmp_path: Path) -> None:
    folder = world(tmp_path)
    with served(folder, serve_rate_per_minute="0") as running:
        over = threading.Event()
        statuses: list[int] = []
        generations: set[str] = set()

        def keep_asking() -> None:
            with httpx.Client(base_url=running.url, timeout=30, trust_env=False) as client:
                while not over.is_set():
                    reply = client.post("/api/ask", json={"question": ASKED})
                    statuses.append(reply.status_code)
                    generations.add(reply.json()["index"]["generation"])

        threads = [threading.Thread(target=keep_asking) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(3):
            (folder / "docs" / f"新{number}.txt").write_text(
                f"第一条 第{number}号窑炉每年检修 {number + 3} 次。\n", "utf-8"
            )
            assert youju("build", "docs", cwd=folder).returncode == 0
        assert "5次" in running.ask("第2号窑炉每年检修几次？").json()["answer"].replace(" ", "")
        over.set()
        for thread in threads:
            thread.join(30)
    assert set(statuses) == {200} and len(statuses) > 20
    assert len(generations) >= 3


@pytest.mark.parametrize("streamed", [True, False], ids=["stream", "json"])
@pytest.mark.parametrize("silent", [True, False], ids=["silent", "dribbling"])
def test_a_reader_who_hangs_up_stops_the_language_model(tmp_path: Path, streamed: bool, silent: bool) -> None:
    pytest.importorskip("openai")
    behaviour = llm_server.hang(20) if silent else llm_server.slow("水" * 500, first=0.1, each=0.2)
    with llm_server.scripted(behaviour) as model:
        with served(world(tmp_path), llm_base_url=model.base_url, llm_model="m", llm_timeout_s="25") as running:
            accept = "text/event-stream" if streamed else "application/json"
            place = urlsplit(running.url)
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
            headers = {"content-type": "application/json", "accept": accept}
            connection.request("POST", "/api/ask", json.dumps({"question": ASKED}), headers)
            until = time.monotonic() + 30
            while not model.requests and time.monotonic() < until:
                time.sleep(0.05)
            assert model.requests, "the model was not asked"
            time.sleep(0.5)
            connection.close()
            assert model.wait_disconnected(4), "the model is still writing for nobody"
            assert running.ask(llm=False).status_code == 200
