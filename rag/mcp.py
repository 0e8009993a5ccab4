"""Tools for assistants that speak the Model Context Protocol: ask, search, read_source.

No deferred annotations here: the package reads those of functions within functions.
"""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from index.errors import InputError, YoujuError
from rag.access import LOCAL, Who
from rag.desk import Desk
from rag.filters import Filter
from rag.forms import told
from rag.guard import KEY
from rag.service import hit_line
from rag.types import Question

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mcp.server import MCPServer
    from mcp.server.mcpserver import Context

LONGEST = 20_000
"""Characters of a document that ``read_source`` gives at once."""
_PURPOSE = "对政策文件提问，每句回答都带出处；引文可用 read_source 在原文核对。"


def make_mcp(desk: Desk) -> "MCPServer[Any]":
    """Return the server with its tools.

    Raises:
        MissingPackageError: the extra ``serve`` is not installed.
    """
    from mcp.server import MCPServer

    server: MCPServer[Any] = MCPServer("youju", title="有据", instructions=_PURPOSE, log_level="WARNING")
    _add_answers(server, desk)
    _add_source(server, desk)
    return server


def add_mcp(app: "FastAPI", desk: Desk) -> "_Sessions":
    """Add the tools to the app, at ``/mcp`` over streamable HTTP; the result must run as long as the app does."""
    from mcp.server.transport_security import TransportSecuritySettings

    server = make_mcp(desk)
    guarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # rag.guard does that for all paths
    inner = server.streamable_http_app(streamable_http_path="/mcp", stateless_http=True, transport_security=guarded)
    app.router.routes.extend(inner.routes)
    return _Sessions(server)


class _Sessions:
    """What has to run for the tools to be served."""

    def __init__(self, server: "MCPServer[Any]") -> None:
        self._server = server

    def run(self) -> AbstractAsyncContextManager[None]:
        """Return the context in which requests are served; to be entered once."""
        return self._server.session_manager.run()


def _add_answers(server: "MCPServer[Any]", desk: Desk) -> None:
    from mcp.server.mcpserver import Context
    from mcp.server.mcpserver.exceptions import ToolError

    @server.tool(title="提问", description="对资料库提问，返回回答与每处引文的文件、位置、原文。")
    async def ask(
        question: Annotated[str, Field(description="问题", max_length=20_000)],
        context: Context[Any, Any],
        history: Annotated[list[str] | None, Field(description="此前的问题，先问的在前", max_length=50)] = None,
        documents: Annotated[list[str] | None, Field(description="只依据这些文件", max_length=10_000)] = None,
    ) -> dict[str, Any]:
        try:
            asked = Question(question, tuple(history or ()))
            answered = await desk.answer(_who(context), asked, "mcp", Filter(tuple(documents or ())))
        except YoujuError as error:
            raise ToolError(error.line()) from error
        return told(answered.answer, answered.manifest)

    @server.tool(title="检索", description="按问题或关键词检索原文片段，返回文件、位置和文字。")
    async def search(
        query: Annotated[str, Field(description="问题或关键词", max_length=20_000)],
        context: Context[Any, Any],
        k: Annotated[int, Field(ge=1, le=200, description="返回的片段数")] = 10,
        documents: Annotated[list[str] | None, Field(description="只在这些文件里检索", max_length=10_000)] = None,
    ) -> dict[str, Any]:
        try:
            hits = await desk.search(_who(context), query, k, "mcp", Filter(tuple(documents or ())))
        except YoujuError as error:
            raise ToolError(error.line()) from error
        return {"hits": [hit_line(hit) for hit in hits]}


def _add_source(server: "MCPServer[Any]", desk: Desk) -> None:
    from mcp.server.mcpserver import Context
    from mcp.server.mcpserver.exceptions import ToolError

    @server.tool(title="读原文", description="读一份文件从 start 到 end 的原文；引文的 spans 就是这样的位置。")
    async def read_source(
        doc: Annotated[str, Field(description="文件名，见引文的 doc", max_length=1000)],
        context: Context[Any, Any],
        start: Annotated[int, Field(ge=0, description="起点（Unicode 字符）")] = 0,
        end: Annotated[int | None, Field(ge=0, description=f"终点，至多在起点后 {LONGEST} 字")] = None,
    ) -> dict[str, Any]:
        until = start + LONGEST if end is None else end
        try:
            if not start <= until <= start + LONGEST:
                raise InputError(f"end 应不小于 start，一次至多 {LONGEST} 字")
            source, _ = await desk.source(_who(context), doc, start, until, "mcp")
        except YoujuError as error:
            raise ToolError(error.line()) from error
        text = source.raw[start:until]
        return {"doc": doc, "start": start, "end": start + len(text), "chars": len(source.raw), "text": text}


def _who(context: "Context[Any, Any]") -> Who:
    """Return who calls: as the HTTP request was let in; at this machine for a process of their own."""
    request = context.request_context.request
    return request.scope.get(KEY) or LOCAL if request is not None else LOCAL
