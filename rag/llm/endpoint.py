"""Any OpenAI-compatible endpoint through llama-index: streamed, with a deadline, retries and cancellation.

Requests run on one event loop in a thread of its own: a task there can be cancelled at any moment, which closes the
connection, so that neither a reader who leaves nor a server that dribbles keeps anything busy.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Generator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from index.errors import InputError, MissingPackageError, ModelError, PromptTooLongError
from rag.config import Settings
from rag.llm.faults import Fault, raised, read_fault
from rag.llm.model import Message
from rag.llm.stop import current_stop

if TYPE_CHECKING:
    from llama_index.llms.openai_like import OpenAILike

CONNECT_S = 5.0
"""A machine that does not answer a connection within this time is not there."""
BACKOFF_S = 0.5
"""Pause before the first retry; doubled each time, within the deadline."""
REST_S = 20.0
"""After a failed connection the endpoint is left alone for so long: the next readers do not wait for it again."""
_GRACE_S = 2.0


class Endpoint:
    """A language model behind an OpenAI-compatible endpoint. Safe to share between threads.

    Raises:
        InputError: the settings name an endpoint but no model, or an address that is none.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.llm_base_url.startswith(("http://", "https://")):
            raise InputError(f"llm_base_url 不是网址：{settings.llm_base_url!r}", "例如 http://127.0.0.1:11434/v1")
        if not settings.llm_model:
            raise InputError("设置了 llm_base_url，没有设置 llm_model", "例如 YOUJU_LLM_MODEL=qwen3:8b")
        self._settings = settings
        self._left_out: frozenset[str] = frozenset()
        self._clients: dict[frozenset[str], OpenAILike] = {}
        self._rests_until = 0.0
        self._rests_for = ""

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self._settings.llm_model

    def prepare(self) -> None:
        """Start loading what the first request needs, without waiting for it."""
        asyncio.run_coroutine_threadsafe(_loaded(), _loop())

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Yield the pieces of the answer as they come; see ``LanguageModel``.

        Raises:
            ModelError: the endpoint is missing, slow, refuses, or its answer is malformed or cut off.
            MissingPackageError: the extra ``llm`` is not installed.
        """
        if time.monotonic() < self._rests_until:
            raise ModelError(f"{self._rests_for}，{REST_S:.0f} 秒内不再尝试")
        pieces: queue.SimpleQueue[str | Fault | None] = queue.SimpleQueue()
        if stop := current_stop():
            stop.on(lambda: pieces.put(Fault("已停止")))
        task = asyncio.run_coroutine_threadsafe(self._produce(messages, pieces), _loop())
        over = time.monotonic() + self._settings.llm_timeout_s + _GRACE_S
        try:
            while (piece := _next(pieces, over)) is not None:
                if isinstance(piece, Fault):
                    raise self._failed(piece)
                yield piece
        finally:
            task.cancel()

    def _failed(self, fault: Fault) -> ModelError | MissingPackageError:
        if fault.missing:
            return MissingPackageError(fault.text, 'pip install "youju[llm]"')
        if fault.unreachable:
            self._rests_until, self._rests_for = time.monotonic() + REST_S, fault.text
        return PromptTooLongError(fault.text) if fault.too_long else ModelError(fault.text)

    async def _produce(self, messages: Sequence[Message], pieces: queue.SimpleQueue[str | Fault | None]) -> None:
        try:
            async with asyncio.timeout(self._settings.llm_timeout_s):
                await _loaded()
                fault = await self._attempts(messages, pieces)
        except ImportError as error:
            fault = Fault(f"没有安装 {error.name}", missing=True)
        except TimeoutError:
            fault = Fault(f"语言模型 {self._settings.llm_timeout_s:g} 秒内没有答完")
        pieces.put(fault)

    async def _attempts(
        self, messages: Sequence[Message], pieces: queue.SimpleQueue[str | Fault | None]
    ) -> Fault | None:
        """Try until an answer came to its end or a fault is final; None: done. Nothing is tried after a first piece."""
        tries = 0
        while True:
            began = False
            try:
                async for piece in self._answer(messages):
                    began = True
                    pieces.put(piece)
            except raised() as error:
                fault = read_fault(error)
            else:
                return None if began else Fault("语言模型的回答是空的")
            if fault.unwelcome - self._left_out and not began:
                self._left_out |= fault.unwelcome
            elif began or not fault.passing or tries >= self._settings.llm_retries:
                return fault
            else:
                await asyncio.sleep(fault.wait_s if fault.wait_s is not None else BACKOFF_S * 2**tries)
                tries += 1

    async def _answer(self, messages: Sequence[Message]) -> AsyncIterator[str]:
        from llama_index.core.llms import ChatMessage

        turns = [ChatMessage(role=m.role, content=m.content) for m in messages]
        async for response in await self._client().astream_chat(turns):
            if response.delta:
                yield response.delta

    def _client(self) -> OpenAILike:
        """Return the client; one for each set of fields left out, because it holds the open connections."""
        if self._left_out not in self._clients:
            self._clients[self._left_out] = _open_client(self._settings, self._left_out)
        return self._clients[self._left_out]


def _open_client(settings: Settings, left_out: frozenset[str]) -> OpenAILike:
    import httpx
    from llama_index.llms.openai_like import OpenAILike

    limit = settings.llm_max_tokens
    sent = {"seed": settings.llm_seed, "temperature": 0.0, "max_tokens": limit}
    sent = {name: value for name, value in sent.items() if name not in left_out}
    if "max_completion_tokens" in left_out:
        sent["max_completion_tokens"] = limit
    return OpenAILike(
        model=settings.llm_model,
        api_base=settings.llm_base_url,
        api_key=settings.llm_api_key.get_secret_value() or "none",
        is_chat_model=True,
        context_window=settings.llm_context_tokens,
        max_retries=0,
        timeout=settings.llm_timeout_s,
        additional_kwargs={**sent, "extra_body": dict(settings.llm_extra)} if settings.llm_extra else sent,
        async_http_client=httpx.AsyncClient(
            timeout=httpx.Timeout(settings.llm_timeout_s, connect=min(CONNECT_S, settings.llm_timeout_s))
        ),
    )


async def _loaded() -> None:
    """Import what a request needs, outside the event loop."""
    await asyncio.to_thread(_import)


def _import() -> None:
    import llama_index.core.llms
    import llama_index.llms.openai_like  # noqa: F401


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="youju-llm", daemon=True).start()
    return loop


def _next(pieces: queue.SimpleQueue[str | Fault | None], over: float) -> str | Fault | None:
    try:
        return pieces.get(timeout=max(0.0, over - time.monotonic()))
    except queue.Empty:
        return Fault("语言模型没有回应")
