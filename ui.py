"""The page: chat with evidence, library, evaluation. Puts the parts of ``ui_parts`` together on Gradio.

Gradio carries questions and changes to the server and their states back (its queue, its uploads); everything that is
seen is drawn by our own templates, styles and scripts, which come from this server alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from rag.access import Who
from rag.config import Settings
from rag.feedback import Opinion
from ui_parts.changes import Changes
from ui_parts.routes import Pages, add_routes
from ui_parts.seams import Host, Reader, Records, everyone
from ui_parts.shelf import EDITABLE
from ui_parts.talk import Talk
from ui_parts.templating import LANGUAGES, render
from ui_parts.turns import turn_of

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

    from rag.desk import Desk

_FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
_AT_ONCE = 64
"""Questions that are answered at the same time; more wait in the queue."""
_GRADIO = {
    "GRADIO_ANALYTICS_ENABLED": "False",  # tells nobody that it runs
    "GRADIO_ANALYTICS_MAX_EVENTS": "100",  # its own statistics, counted anew at every event otherwise
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
}
_BRIDGE = """
window.youjuBridges = window.youjuBridges || {};
window.youjuBridges[%r] = { trigger, props, watch };
document.dispatchEvent(new Event("youju-bridge"));
/* events: %s */
"""
_HEAD = """
<link rel="icon" href="../page/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../page/static/page.css">
<script type="module" src="../page/static/page.js"></script>
"""
_OPINION = TypeAdapter(Opinion)
Handler = Callable[[object, Who], Iterator[Mapping[str, Any]]]


def mount(
    app: FastAPI,
    host: Host,
    settings: Settings,
    reader: Reader | None = None,
    records: Records | None = None,
) -> FastAPI:
    """Put the page on the app: Chinese at /zh, English at /en, "/" goes to the browser's language.

    Args:
        app: the server.
        host: the index being served.
        settings: the settings in force.
        reader: from a request to the person who sent it; None: whoever sits at this machine.
        records: who is told of what readers do; None: the app's own desk, where it has one.
    """
    os.environ.update(_GRADIO)
    import gradio as gr

    records = records or _records(getattr(app.state, "desk", None))
    can = ("feedback",) if records.feedback else ()
    reader = reader or everyone
    add_routes(app, Pages(host, reader, settings.ui_reports, can, records))
    changes = Changes(host, Path(gr.utils.get_upload_folder()), settings.index_dir, records)
    parts = _Parts(Talk(host, can, records), changes, records, reader)
    theme = gr.themes.Base(font=_FONTS, font_mono=["monospace"])
    for language in LANGUAGES:
        gr.mount_gradio_app(
            app,
            _blocks(parts, language, can, settings),
            f"/{language}",
            theme=theme,
            head=_HEAD,
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            enable_monitoring=False,
            pwa=False,
            show_error=False,
            max_file_size=f"{min(settings.index.limits.max_file_mb, settings.serve_max_upload_mb)}mb",
            app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        )
    return app


def _records(desk: Desk | None) -> Records:
    """Return the records of a server: its feedback, audit log and metrics."""
    if desk is None:
        return Records()
    audit = desk.audit
    return Records(
        feedback=lambda who, told: desk.feedback.add(who.name, _OPINION.validate_python(told)),
        answered=lambda who, answer, manifest: desk.note(who, "page", answer, manifest),
        opened=lambda who, doc, manifest: audit.read(who.name, "page", doc, 0, 0, manifest),
        changed=lambda who, kind, names: audit.changed(who.name, "page", kind, names),
    )


class _Parts:
    """What the events of the page end in."""

    def __init__(self, talk: Talk, changes: Changes, records: Records, reader: Reader) -> None:
        self.talk, self.changes, self.records, self.reader = talk, changes, records, reader

    def stop(self, sent: object, who: Who) -> Iterator[Mapping[str, Any]]:
        """End a run."""
        self.talk.stop(sent.get("run") if isinstance(sent, dict) else "")
        return iter(())

    def opinion(self, sent: object, who: Who) -> Iterator[Mapping[str, Any]]:
        """Pass an opinion on, with the question, the answer and the index it is about."""
        from index.errors import YoujuError

        if self.records.feedback is None or not isinstance(sent, dict) or sent.get("thumb") not in ("up", "down"):
            return
        run, error = "", ""
        try:
            turn = turn_of(sent.get("record"))
            run, answer = turn.run, turn.answer
            assert answer is not None
            about = {"question": turn.question, "answer": answer.text, "fingerprint": turn.fingerprint}
            comment = str(sent.get("comment", ""))[:1000]
            self.records.feedback(who, {"thumb": sent["thumb"], "comment": comment, **about})
        except YoujuError as problem:
            error = problem.line()
        yield {"run": run, "error": error}


def _blocks(parts: _Parts, language: str, can: tuple[str, ...], settings: Settings) -> gradio.Blocks:
    import gradio as gr

    other = next(name for name in LANGUAGES if name != language)
    shell = render(
        "shell.html",
        language,
        other=other,
        other_tag={"zh": "zh-CN"}.get(other, other),
        can=can,
        editable=EDITABLE,
        max_chars=settings.max_question_chars,
    )
    title = "有据" if language == "zh" else "Youju"
    blocks: gradio.Blocks
    with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(shell, js_on_load=None, apply_default_css=False, elem_id="youju-shell")
        _bridge(parts, "ask", {"ask": parts.talk.ask}, _AT_ONCE)
        _bridge(parts, "act", {"stop": parts.stop, "feedback": parts.opinion}, _AT_ONCE)
        changes = parts.changes
        named = {"put": changes.add, "withdraw": changes.remove, "correct": changes.correct, "inspect": changes.check}
        _bridge(parts, "shelf", named, 4)
    return blocks


def _bridge(parts: _Parts, name: str, handlers: Mapping[str, Handler], at_once: int) -> None:
    """Make a component that draws nothing: its events come from our scripts, its value goes back to them."""
    import gradio as gr

    script = _BRIDGE % (name, ", ".join(repr(event) for event in handlers))
    bridge = gr.HTML(html_template="", js_on_load=script, apply_default_css=False, elem_classes="youju-bridge")
    for event, handler in handlers.items():

        def run(sent: Any, request: Any, handler: Handler = handler) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
            yield from handler(sent.sent, parts.reader(request.request))

        run.__annotations__ = {"sent": gr.EventData, "request": gr.Request}
        getattr(bridge, event)(
            run,
            None,
            bridge,
            show_progress="hidden",
            concurrency_limit=at_once,
            api_visibility="private",
            trigger_mode="multiple",
        )
