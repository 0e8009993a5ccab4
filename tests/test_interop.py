"""youju inside llama-index: the retriever in a stock pipeline, the query engine, and places that can be checked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from index.text import quote_of
from index.types import Span
from rag.service import PolicyQA
from tests.written_library import written

pytest.importorskip("llama_index.core", reason="the extra `llm` is not installed")

from rag.interop import as_query_engine, as_retriever  # noqa: E402

LAW = """长河市工业节水办法

长水发〔2023〕15号

第一条 年取水量超过 30 万立方米的
企业，应当每三年开展一次水平衡测试。

第二条 未按期开展测试的，处5000元罚款。
"""
ASKED = "年取水量超过多少的企业要做水平衡测试？"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    return written(tmp_path_factory.mktemp("interop"), {"节水.txt": LAW})


def check_place(qa: PolicyQA, node: Any) -> None:
    """Check that the node's text is what stands at the spans of its metadata."""
    about = node.metadata
    assert set(about) == {"doc", "title", "number", "locator", "spans"}
    assert (about["doc"], about["title"], about["number"]) == ("节水.txt", "长河市工业节水办法", "长水发〔2023〕15号")
    spans = tuple(Span(start, end) for start, end in about["spans"])
    assert spans and quote_of(qa.library.raw(about["doc"]), spans) == node.get_content()


def test_the_retriever_returns_what_the_search_finds_in_its_order(qa: PolicyQA) -> None:
    nodes = as_retriever(qa, k=3).retrieve(ASKED)
    hits = qa.search(ASKED, 3)
    assert [(n.node_id, n.score, n.text) for n in nodes] == [(h.passage.id, h.score, h.passage.text) for h in hits]
    assert nodes and "水平衡测试" in nodes[0].text
    for node in nodes:
        check_place(qa, node)


def test_the_retriever_works_without_waiting(qa: PolicyQA) -> None:
    retriever = as_retriever(qa, k=2)
    waited = [n.node_id for n in retriever.retrieve(ASKED)]
    assert [n.node_id for n in asyncio.run(retriever.aretrieve(ASKED))] == waited


def test_the_retriever_serves_a_stock_pipeline(qa: PolicyQA) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    engine = RetrieverQueryEngine.from_args(as_retriever(qa, k=2), llm=MockLLM())
    response = engine.query(ASKED)
    assert "水平衡测试" in str(response), "the mock repeats the prompt, which holds the passages"
    assert "spans" not in str(response) and "长水发〔2023〕15号" in str(response)
    assert len(response.source_nodes) == 2
    for node in response.source_nodes:
        check_place(qa, node)


def test_the_query_engine_gives_the_verified_answer_with_its_citations(qa: PolicyQA) -> None:
    response = as_query_engine(qa).query(ASKED)
    answer = qa.answer(ASKED)
    assert str(response) == answer.text and "30万立方米" in str(response)
    assert [n.node_id for n in response.source_nodes] == [c.key for c in answer.citations]
    assert response.metadata["mode"] == "extractive" and response.metadata["refused"] is False
    assert [c["quote"] for c in response.metadata["citations"]] == [c.quote for c in answer.citations]
    for node in response.source_nodes:
        check_place(qa, node)


def test_the_query_engine_refuses_as_the_program_does(qa: PolicyQA) -> None:
    response = as_query_engine(qa).query("月球上的氦三储量是多少？")
    assert response.metadata["refused"] is True and "未找到依据" in str(response)


def test_the_query_engine_works_without_waiting(qa: PolicyQA) -> None:
    assert str(asyncio.run(as_query_engine(qa).aquery(ASKED))) == qa.answer(ASKED).text


def test_nodes_can_be_stored_and_read_back(qa: PolicyQA) -> None:
    from llama_index.core.schema import TextNode

    (node, *_) = as_retriever(qa, k=1).retrieve(ASKED)
    again = TextNode.from_json(node.node.to_json())
    assert (again.text, again.metadata, again.node_id) == (node.text, node.metadata, node.node_id)
