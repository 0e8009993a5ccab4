"""The page's own addresses: fragments of HTML, the whole document, exports. Questions and changes go through Gradio."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import InputError, YoujuError
from rag.access import Who
from rag.export import to_docx, to_markdown
from rag.service import PolicyQA
from rag.types import Question
from ui_parts.cards import neighbour
from ui_parts.document import document_html, spans_of
from ui_parts.evals import eval_html
from ui_parts.examples import examples
from ui_parts.limits import choices
from ui_parts.seams import Host, Reader, Records, require_visible, sees
from ui_parts.shelf import shelf_html
from ui_parts.templating import HOME, language_of, preferred, render
from ui_parts.turns import turn_cards, turn_html, turn_of

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_log = logging.getLogger(__name__)
_BODY = 8_000_000
"""Bytes of a conversation that is sent for export or to be drawn anew."""
TYPES = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Pages:
    """Answers the requests of the page's scripts."""

    def __init__(self, host: Host, reader: Reader, reports: Path, can: tuple[str, ...], records: Records) -> None:
        self._host, self._reader, self._reports = host, reader, reports
        self._can, self._records = can, records
        self._examples: dict[tuple[str, frozenset[str] | None], list[str]] = {}

    def start(self, who: Who, values: dict[str, str]) -> Any:  # noqa: ANN401
        """Return what the chat begins with: examples, what can be chosen, what this person may do."""
        language, problem = values.get("lang", ""), ""
        count, asked, found = 0, [], {}
        try:
            qa = self._host.qa()
            seen = sees(who, qa.library)
            count = len(qa.library.documents()) if seen is None else len(seen)
            asked, found = self._asked(qa, seen), choices(qa.library, seen)
        except YoujuError as error:
            problem = error.line()
        return {
            "welcome": render("welcome.html", language, count=count, problem=problem, examples=asked),
            "scope": render("scope.html", language, choices=found),
            "editor": who.may("editor"),
        }

    def passage(self, who: Who, values: dict[str, str]) -> str:
        """Return the passage before or after a range of a document; "" at its edge."""
        library, doc = self._host.qa().library, values.get("doc", "")
        require_visible(who, library, doc)
        try:
            start, end, step = (int(values[name]) for name in ("start", "end", "step"))
        except (KeyError, ValueError) as error:
            raise InputError("位置不是数字") from error
        card = neighbour(library, doc, start, end, step)
        return render("passage.html", values.get("lang", ""), card=card) if card else ""

    def document(self, who: Who, values: dict[str, str]) -> str:
        """Return the page of a whole document."""
        library, doc = self._host.qa().library, values.get("doc", "")
        require_visible(who, library, doc)
        if self._records.opened:
            self._records.opened(who, doc, library.manifest)
        return document_html(library, doc, spans_of(values.get("at", "")), values.get("lang", ""))

    def shelf(self, who: Who, values: dict[str, str]) -> str:
        """Return the list of documents with the figures of the index."""
        return shelf_html(self._host, who, values.get("lang", ""), values.get("search", "")[:200])

    def eval(self, who: Who, values: dict[str, str]) -> str:
        """Return the results of the evaluation."""
        return eval_html(self._reports, values.get("lang", ""))

    def turns(self, who: Who, sent: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return the turns that a browser kept as HTML."""
        library, language = self._host.qa().library, str(sent.get("lang", ""))
        kept, seen = [turn_of(record) for record in sent.get("records", [])[:200]], sees(who, library)
        return [
            {"run": t.run, "html": turn_html(t, language, self._can), "cards": turn_cards(t, library, seen, language)}
            for t in kept
        ]

    def export(self, who: Who, sent: dict[str, Any]) -> tuple[bytes, str]:
        """Return a file of the answers that a browser kept, and its type."""
        form, kept = str(sent.get("format", "")), [turn_of(record) for record in sent.get("records", [])[:200]]
        if form not in TYPES or not kept:
            raise InputError("没有可导出的回答")
        answers = [turn.answer for turn in kept if turn.answer]
        about = {"exported": date.today().isoformat(), "fingerprint": kept[-1].fingerprint}
        return to_docx(answers, **about) if form == "docx" else to_markdown(answers, **about).encode(), TYPES[form]

    def _asked(self, qa: PolicyQA, seen: frozenset[str] | None) -> list[str]:
        key = (qa.library.generation, seen)
        if key not in self._examples:

            def answers(text: str) -> bool:
                answer = qa.answer(Question(text, llm=False, only=seen))
                return not answer.refused and bool(answer.citations)

            while len(self._examples) > 30:
                self._examples.pop(next(iter(self._examples)))
            self._examples[key] = examples(qa.library, seen, answers)
        return self._examples[key]

    def read(self, work: Callable[[Who, dict[str, str]], Any], request: Request) -> Response:
        """Answer a GET request; errors of ours become a line of text."""
        return self._answered(partial(work, self._reader(request), dict(request.query_params)))

    async def written(self, work: Callable[[Who, dict[str, Any]], Any], request: Request) -> Response:
        """Answer a POST request with a JSON object; errors of ours become a line of text."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import PlainTextResponse

        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _BODY:
                return PlainTextResponse("会话太长", 413)
        try:
            sent = json.loads(body)
        except ValueError:
            sent = None
        if not isinstance(sent, dict):
            return PlainTextResponse("不是 JSON 对象", 400)
        return await run_in_threadpool(self._answered, partial(work, self._reader(request), sent))

    def _answered(self, work: Callable[[], Any]) -> Response:
        from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

        try:
            found = work()
        except YoujuError as error:
            return PlainTextResponse(error.line(), 404)
        if isinstance(found, str):
            return HTMLResponse(found)
        if isinstance(found, tuple):
            return Response(found[0], media_type=found[1], headers={"Content-Disposition": "attachment"})
        return JSONResponse(found)


def add_routes(app: Starlette, pages: Pages) -> None:
    """Put the page's addresses, its styles and scripts, and the choice of language at "/" on the app."""
    from starlette.responses import RedirectResponse
    from starlette.staticfiles import StaticFiles

    def choose(request: Request) -> Response:
        chosen = request.cookies.get("youju_lang") or preferred(request.headers.get("accept-language", ""))
        return RedirectResponse(f"{language_of(chosen)}/", 307, {"Vary": "Accept-Language, Cookie"})

    def icon(request: Request) -> Response:
        return RedirectResponse("page/static/icon.svg", 307)

    app.add_route("/favicon.ico", icon, methods=["GET"], include_in_schema=False)
    app.add_route("/", choose, methods=["GET"], include_in_schema=False)
    for work in (pages.start, pages.passage, pages.document, pages.shelf, pages.eval):
        app.add_route(f"/page/{work.__name__}", partial(_read, pages, work), methods=["GET"], include_in_schema=False)
    for sent in (pages.turns, pages.export):
        written = partial(_written, pages, sent)
        app.add_route(f"/page/{sent.__name__}", written, methods=["POST"], include_in_schema=False)
    app.mount("/page/static", StaticFiles(directory=HOME / "static"), name="page-static")


def _read(pages: Pages, work: Callable[[Who, dict[str, str]], Any], request: Request) -> Response:
    return pages.read(work, request)


async def _written(pages: Pages, work: Callable[[Who, dict[str, Any]], Any], request: Request) -> Response:
    return await pages.written(work, request)
