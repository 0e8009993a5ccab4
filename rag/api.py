"""The HTTP interface: one FastAPI app for programs, on which the chat page is mounted.

No deferred annotations here: FastAPI reads those of functions within functions.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

from index.errors import InputError
from rag.access import LOCAL, Accounts, Who
from rag.accounts import Role
from rag.config import Settings
from rag.desk import Desk
from rag.feedback import Opinion
from rag.forms import AskForm, FeedbackForm, Hits, Problem, SearchForm, Told, document_line, told
from rag.guard import KEY, Guard
from rag.host import Host, health_line
from rag.login import add_login
from rag.mcp import add_mcp
from rag.metrics import CONTENT_TYPE
from rag.openai_api import add_openai
from rag.replies import STREAM, begun, json_reply, stream_reply, translate_errors, typed_frames, unless_gone
from rag.service import hit_line
from rag.types import Question
from rag.wire import App, Message, Receive, Scope, SecureHeaders, Send

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

LARGEST_PIECE = 200_000
"""Characters of a document in one reply."""
PIECE = 20_000
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        400: "问题为空或太长", 401: "没有登录", 403: "无权", 404: "没有这个文件", 408: "请求太慢", 413: "请求太大",
        422: "请求的形式不对", 429: "请求太频繁", 503: "没有索引，或请求太多",
    }.items()
}  # fmt: skip


def create_app(host: Host, settings: Settings, accounts: Accounts | None = None) -> "FastAPI":
    """Return the app over the host. Without accounts whoever reaches it may do everything: keep it on this machine."""
    from fastapi import FastAPI

    desk = Desk(host, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with app.state.mcp.run():
            yield
        desk.close()

    app = FastAPI(
        title="有据 youju", version="1", docs_url=None, redoc_url=None, lifespan=lifespan, responses=_ERRORS,
        description="对政策文件提问，得到带出处的回答；每处引文都可在原文核对。",
    )  # fmt: skip
    app.state.desk, app.state.host, app.state.accounts = desk, host, accounts
    translate_errors(app)
    _add_answers(app, desk)
    _add_documents(app, desk)
    _add_state(app, desk, accounts)
    add_login(app, settings, accounts)
    add_openai(app, desk)
    app.state.mcp = add_mcp(app, desk)
    app.add_middleware(Guard, settings=settings, accounts=accounts)
    app.add_middleware(SecureHeaders)
    app.add_middleware(_Counted, desk=desk)
    return app


def who_asks(request: "Request") -> Who:
    """Return who sent the request."""
    return request.scope.get(KEY) or LOCAL


class _Counted:
    """ASGI layer: counts and times the requests by route, method and status."""

    def __init__(self, app: App, desk: Desk) -> None:
        self._app, self._metrics = app, desk.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            path = getattr(scope.get("route"), "path", "") or "other"
            method = scope["method"] if scope["method"] in ("GET", "POST", "DELETE", "HEAD") else "other"
            self._metrics.count("youju_requests_total", path=path, method=method, status=str(status or 499))
            self._metrics.took("youju_request_seconds", time.perf_counter() - began, path=path)


def _add_answers(app: "FastAPI", desk: Desk) -> None:
    from fastapi import Request, Response

    streamed = {
        "model": Told,
        "content": {STREAM: {"schema": {"type": "string"}, "example": 'event: text\ndata: {"text":"共1项：…"}\n\n'}},
        "description": "JSON；Accept 为 text/event-stream 时逐个发送事件 planned、found、preview、text、cited、done",
    }

    @app.post("/api/ask", summary="提问", responses={200: streamed})
    async def ask(form: AskForm, request: Request) -> Response:
        question = Question(form.question, tuple(form.history), tuple(form.context), form.max_chars, form.llm)
        if STREAM not in request.headers.get("accept", ""):
            work = desk.answer(who_asks(request), question, "api", form.filter())
            answered = await unless_gone(request, work)
            return json_reply(told(answered.answer, answered.manifest))
        events = desk.events(who_asks(request), question, "api", form.filter())
        return stream_reply(typed_frames(*await unless_gone(request, begun(events))))

    @app.post("/api/search", summary="检索片段", responses={200: {"model": Hits}})
    async def search(form: SearchForm, request: Request) -> Response:
        hits = await desk.search(who_asks(request), form.query, form.k, "api", form.filter())
        return json_reply({"hits": [hit_line(hit) for hit in hits]})

    @app.post("/api/feedback", summary="评价一个回答", status_code=201)
    async def feedback(form: FeedbackForm, request: Request) -> Response:
        opinion = Opinion(**form.model_dump())
        if not opinion.generation:
            manifest = (await desk.run(desk.host.qa)).library.manifest
            opinion = Opinion(
                **{**form.model_dump(), "generation": manifest.generation, "fingerprint": manifest.fingerprint}
            )
        desk.feedback.add(who_asks(request).name, opinion)
        return json_reply({"kept": True}, 201)


def _add_documents(app: "FastAPI", desk: Desk) -> None:
    from fastapi import Path, Query, Request, Response

    @app.get("/api/documents", summary="列出文件")
    async def documents(request: Request) -> Response:
        return json_reply({"documents": [document_line(e) for e in await desk.documents(who_asks(request))]})

    @app.get("/api/source/{doc:path}", summary="读原文的一段")
    async def source(
        request: Request,
        doc: Annotated[str, Path(description="文件名，见 /api/documents", max_length=1000)],
        start: Annotated[int, Query(ge=0, le=10**9, description="起点（Unicode 字符）")] = 0,
        end: Annotated[int | None, Query(ge=0, le=10**9, description="终点；缺省为起点后 20000 字")] = None,
        context: Annotated[int, Query(ge=0, le=10_000, description="前后另给多少字")] = 200,
    ) -> Response:
        until = start + PIECE if end is None else end
        if not start <= until <= start + LARGEST_PIECE:
            raise InputError(f"end 应不小于 start，一次至多 {LARGEST_PIECE} 字")
        found, manifest = await desk.source(who_asks(request), doc, start, until, "api")
        raw = found.raw
        start, until = min(start, len(raw)), min(until, len(raw))
        index = {"generation": manifest.generation, "fingerprint": manifest.fingerprint}
        return json_reply({
            "doc": doc, "start": start, "end": until, "chars": len(raw), "text": raw[start:until],
            "before": raw[max(0, start - context) : start], "after": raw[until : until + context],
            "title": found.info.title, "number": found.info.number, "index": index,
        })  # fmt: skip


def _add_state(app: "FastAPI", desk: Desk, accounts: Accounts | None) -> None:
    from fastapi import HTTPException, Request, Response

    def allowed(request: Request, role: Role) -> None:
        if not who_asks(request).may(role):
            raise HTTPException(403, "无权查看")

    @app.get("/api/me", summary="以谁的身份访问")
    async def me(request: Request) -> Response:
        who = who_asks(request)
        return json_reply({"name": who.name, "role": who.role, "limited": who.patterns is not None})

    @app.get("/healthz", summary="是否正常")
    async def healthz(request: Request) -> Response:
        health = await desk.run(desk.host.health)
        known = accounts is None or request.scope.get(KEY) is not None
        told_all = health_line(health) if known else {"ok": health.ok}
        return json_reply(told_all, 200 if health.ok else 503)

    @app.get("/metrics", summary="Prometheus 指标（管理员）")
    async def metrics(request: Request) -> Response:
        allowed(request, "admin")
        health = await desk.run(desk.host.health)
        gauges = {
            "youju_index_ok": float(health.ok), "youju_index_documents": float(health.documents),
            "youju_index_passages": float(health.passages), "youju_index_bytes": float(health.index_bytes),
            "youju_disk_free_bytes": float(health.free_bytes), "youju_rebuilding": float(health.rebuilding),
            "youju_in_hand": float(desk.in_hand),
        }  # fmt: skip
        return Response(desk.metrics.text(gauges), media_type=CONTENT_TYPE)
