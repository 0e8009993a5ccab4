"""The tools for assistants, with the client of the package mcp: over HTTP and over stdin and stdout."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from youju_process import LAW, NAMES, environment

from tests.server import ASKED, Served, needed, served, world

needed()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(world(tmp_path_factory.mktemp("mcp"))) as running:
        yield running


def with_client(transport: Any, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """Run the work with a client session."""
    from mcp.client import Client

    async def session() -> Any:
        async with Client(transport) as client:
            return await work(client)

    return asyncio.run(asyncio.wait_for(session(), 60))


def called(server: Served, tool: str, **arguments: Any) -> Any:
    """Return what a tool answers over HTTP."""
    return with_client(f"{server.url}/mcp", lambda client: client.call_tool(tool, arguments))


def test_the_tools_are_listed_with_what_they_take(server: Served) -> None:
    tools = {tool.name: tool for tool in with_client(f"{server.url}/mcp", lambda client: client.list_tools()).tools}
    assert set(tools) == {"ask", "search", "read_source"}
    assert set(tools["ask"].input_schema["properties"]) == {"question", "history", "documents"}
    assert all(tool.description for tool in tools.values())


def test_an_answer_found_passages_and_the_source_agree(server: Served) -> None:
    answer = called(server, "ask", question=ASKED).structured_content
    assert "30万立方米" in answer["answer"]
    place = answer["citations"][0]
    start, end = place["spans"][0]
    source = called(server, "read_source", doc=place["doc"], start=start, end=end).structured_content
    assert source["text"] == LAW[start:end] and source["chars"] == len(LAW)
    hits = called(server, "search", query="水平衡测试", k=2).structured_content["hits"]
    assert len(hits) == 2 and hits[0]["doc"] == NAMES[0]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("ask", {"question": " "}),
        ("ask", {"question": ASKED, "documents": ["没有.txt"]}),
        ("search", {"query": "水", "k": 0}),
        ("read_source", {"doc": "../../etc/passwd"}),
        ("read_source", {"doc": NAMES[0], "start": 5, "end": 1}),
    ],
)
def test_an_unfit_call_is_an_error_of_the_tool(server: Served, tool: str, arguments: dict[str, Any]) -> None:
    result = called(server, tool, **arguments)
    assert result.is_error and result.content[0].text and "root:" not in result.content[0].text


def test_the_audit_log_names_the_tools_questions(server: Served) -> None:
    called(server, "ask", question="审计：水平衡测试多久一次？")
    line = server.lines("youju-index.audit.jsonl")[-1]
    assert (line["via"], line["question"]) == ("mcp", "审计：水平衡测试多久一次？")


def test_the_tools_work_over_stdin_and_stdout(server: Served) -> None:
    from mcp.client.stdio import StdioServerParameters, stdio_client

    command = StdioServerParameters(
        command=sys.executable, args=["-m", "rag.cli", "mcp"], env=environment(), cwd=str(server.folder)
    )
    result = with_client(stdio_client(command), lambda client: client.call_tool("ask", {"question": ASKED}))
    assert "30万立方米" in result.structured_content["answer"]


def test_another_sites_page_cannot_call_a_tool(server: Served) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"accept": "application/json, text/event-stream", "origin": "https://example.com"}
    assert server.client.post("/mcp", json=body, headers=headers).status_code == 403
    assert Path(server.folder).is_dir()
