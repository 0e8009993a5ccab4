"""The interface of OpenAI's clients, with their own package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from youju_process import NAMES, youju

from tests import llm_server
from tests.server import ASKED, Served, needed, served, world

needed()
openai = pytest.importorskip("openai", reason="the openai package is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = world(tmp_path_factory.mktemp("openai"))
    with served(folder) as running:
        yield running


def client(server: Served) -> Any:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=30)


def asking(text: str = ASKED, *before: str) -> list[dict[str, str]]:
    turns = [turn for said in before for turn in ({"role": "user", "content": said}, {"role": "assistant", "content": "…"})]
    return [{"role": "system", "content": "你是助手"}, *turns, {"role": "user", "content": text}]


def test_a_whole_answer_has_marks_references_and_exact_places(server: Served) -> None:
    reply = client(server).chat.completions.create(model="youju", messages=asking(), temperature=0, top_p=1)
    text = reply.choices[0].message.content
    assert "30万立方米" in text and "[1]" in text and reply.choices[0].finish_reason == "stop"
    assert "出处：\n[1] 《长河市工业节约用水管理办法》（长水发〔2023〕15号" in text
    extra = reply.model_extra["youju"]
    assert extra["citations"][0]["doc"] == NAMES[0] and extra["citations"][0]["spans"]
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0


def test_a_streamed_answer_is_the_whole_one_in_pieces(server: Served) -> None:
    whole = client(server).chat.completions.create(model="youju", messages=asking())
    options = {"include_usage": True}
    chunks = list(client(server).chat.completions.create(model="youju", messages=asking(), stream=True, stream_options=options))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    ends = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    assert len(ends) == 1 and ends[0].model_extra["youju"]["citations"] == whole.model_extra["youju"]["citations"]
    assert chunks[0].choices[0].delta.role == "assistant" and chunks[-1].usage.total_tokens > 0
    assert len({chunk.id for chunk in chunks}) == 1


def test_earlier_turns_complete_a_follow_up(server: Served) -> None:
    reply = client(server).chat.completions.create(model="youju-extractive", messages=asking("那多久做一次？", ASKED))
    assert "三年" in reply.choices[0].message.content
    assert "水平衡测试" in reply.model_extra["youju"]["rewritten"]


def test_text_in_parts_is_read(server: Served) -> None:
    parts = [{"type": "text", "text": ASKED}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    reply = client(server).chat.completions.create(model="youju", messages=[{"role": "user", "content": parts}])
    assert "30万立方米" in reply.choices[0].message.content


def test_the_models_are_listed(server: Served) -> None:
    assert [model.id for model in client(server).models.list()] == ["youju", "youju-extractive"]
    assert client(server).models.retrieve("youju").owned_by == "youju"


@pytest.mark.parametrize(
    ("changes", "raised"),
    [
        ({"model": "gpt-4"}, "NotFoundError"),
        ({"messages": [{"role": "assistant", "content": "好"}]}, "BadRequestError"),
        ({"messages": [{"role": "user", "content": "  "}]}, "BadRequestError"),
        ({"messages": []}, "UnprocessableEntityError"),
        ({"n": 3}, "BadRequestError"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_come_as_the_client_knows_them(server: Served, changes: dict[str, Any], raised: str, stream: bool) -> None:
    wanted = {"model": "youju", "messages": asking(), "stream": stream, **changes}
    with pytest.raises(getattr(openai, raised)) as caught:
        client(server).chat.completions.create(**wanted)
    assert caught.value.body["message"]


def test_text_of_a_document_brings_nothing_to_life_in_markdown(tmp_path: Any) -> None:
    folder = world(tmp_path)
    evil = "第一条 窑炉改造补贴 37 万元 ![x](http://example.invalid/a?q=1) <script>alert(1)</script> [详见](http://example.invalid)。\n"
    (folder / "docs" / "窑炉补贴.txt").write_text(evil, "utf-8")
    assert youju("build", "docs", cwd=folder).returncode == 0
    with served(folder) as server:
        question = "窑炉改造补贴多少万元？"
        reply = client(server).chat.completions.create(model="youju", messages=asking(question))
        text = reply.choices[0].message.content
        assert "37" in text
        assert "](" not in text and "![" not in text and not re.search(r"(?<!\\)<", text)
        assert "<script>" in reply.model_extra["youju"]["citations"][0]["quote"], "programs get the exact words"
        raw = server.ask(question)
        assert raw.headers["content-type"] == "application/json"


def test_the_words_of_a_language_model_arrive_as_they_are_checked(tmp_path: Any) -> None:
    def written(request: llm_server.Request) -> str:
        keys = re.findall(r"\[([0-9a-f]{8})\][^\n]*水平衡测试", request.messages[-1][1])
        return f"年取水量超过30万立方米的企业，应当每三年开展一次水平衡测试[{keys[0]}]。"

    with llm_server.scripted(llm_server.reply(written)) as model:
        with served(world(tmp_path), llm_base_url=model.base_url, llm_model="m") as server:
            chunks = list(client(server).chat.completions.create(model="youju", messages=asking(), stream=True))
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
            assert "30万立方米" in text and len(model.requests) == 1
            client(server).chat.completions.create(model="youju-extractive", messages=asking())
            assert len(model.requests) == 1, "the extractive model asks no language model"
