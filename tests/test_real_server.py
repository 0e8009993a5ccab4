"""A server that none of us wrote (``transformers serve`` with a tiny model): stream, cancellation, errors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import ModelError
from rag.config import Settings
from rag.llm import Message, complete
from rag.llm.endpoint import Endpoint
from rag.service import PolicyQA
from tests import transformers_server
from tests.transformers_server import Running
from tests.written_library import opened

pytest.importorskip("llama_index.llms.openai_like", reason="the extra `llm` is not installed")
if transformers_server.missing():
    pytest.skip(f"not installed: {transformers_server.missing()} (extra dev-serving)", allow_module_level=True)

ASKED = [Message("user", "企业应当节约用水吗")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with transformers_server.running(tmp_path_factory.mktemp("model")) as running:
        yield running


def endpoint(server: Running, **more: object) -> Endpoint:
    given = {"llm_base_url": server.base_url, "llm_model": server.model, "llm_timeout_s": 60, "llm_max_tokens": 50}
    return Endpoint(Settings.model_validate({**given, **more}))


def test_it_streams_noise_and_says_when_the_limit_ended_it(server: Running) -> None:
    stream = endpoint(server).stream(ASKED)
    pieces = []
    with pytest.raises(ModelError, match="长度上限"):
        for piece in stream:
            pieces.append(piece)
    assert len(pieces) > 10


def test_leaving_frees_it_for_the_next_reader(server: Running) -> None:
    stream = endpoint(server, llm_max_tokens=4000).stream(ASKED)
    next(stream)
    stream.close()
    began = time.monotonic()
    with pytest.raises(ModelError, match="长度上限"):
        complete(endpoint(server), ASKED)
    assert time.monotonic() - began < 20


def test_a_model_it_does_not_have_is_one_clear_line(server: Running) -> None:
    with pytest.raises(ModelError, match="语言模型服务") as caught:
        complete(endpoint(server, llm_model="nobody/none"), ASKED)
    assert "\n" not in caught.value.message


def test_noise_never_becomes_an_answer(server: Running, tmp_path: Path, sample_corpus: Path) -> None:
    qa = opened(tmp_path, sample_corpus)
    question = "哪些技术适合焦化企业？"
    answer = PolicyQA(qa.library, qa.settings, endpoint(server)).answer(question)
    assert answer.mode == "extractive" and answer.note
    assert answer.text == qa.answer(question).text
