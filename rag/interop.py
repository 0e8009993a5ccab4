"""youju inside llama-index: the search as a BaseRetriever, the whole as a CustomQueryEngine.

The classes are made on first use, because they inherit from llama-index's, which takes over a second to import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from index.types import Hit
from rag.service import PolicyQA, answer_line

if TYPE_CHECKING:
    from llama_index.core.query_engine import CustomQueryEngine
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle


def as_retriever(qa: PolicyQA, k: int = 10) -> BaseRetriever:
    """Return the search as a llama-index retriever: ``k`` passages a question, best first.

    A node's text is the passage, its id the passage's; the metadata hold ``doc``, ``title``, ``number``, ``locator``
    and ``spans`` ([start, end) in the document's text as read), so that whatever is built on it can cite the place.

    Raises:
        ImportError: llama-index-core is not installed (extra ``llm``).
    """
    retriever: BaseRetriever = _classes()[0](qa, k)
    return retriever


def as_query_engine(qa: PolicyQA) -> CustomQueryEngine:
    """Return the whole as a llama-index query engine: its response is the verified answer.

    The response's source nodes are the citations; its metadata are the answer line of ``youju ask --json``.

    Raises:
        ImportError: llama-index-core is not installed (extra ``llm``).
    """
    engine: CustomQueryEngine = _classes()[1](qa=qa)
    return engine


def _node(hit: Hit, qa: PolicyQA) -> NodeWithScore:
    passage = hit.passage
    info = qa.library.document(passage.locator.file).info
    return _cited(
        passage.id, passage.text, hit.score, passage.locator.file, info.title, info.number, passage.locator.label(),
        [[s.start, s.end] for s in passage.spans],
    )  # fmt: skip


def _cited(
    identity: str, text: str, score: float | None, doc: str, title: str, number: str, place: str, spans: list[list[int]]
) -> NodeWithScore:
    from llama_index.core.schema import NodeWithScore, TextNode

    about: dict[str, Any] = {"doc": doc, "title": title, "number": number, "locator": place, "spans": spans}
    return NodeWithScore(
        node=TextNode(
            id_=identity, text=text, metadata=about, excluded_llm_metadata_keys=["spans"],
            excluded_embed_metadata_keys=["spans"],
        ),
        score=score,
    )  # fmt: skip


@cache
def _classes() -> tuple[Any, Any]:
    from llama_index.core.base.response.schema import Response
    from llama_index.core.query_engine import CustomQueryEngine
    from llama_index.core.retrievers import BaseRetriever
    from pydantic import PrivateAttr

    class YoujuRetriever(BaseRetriever):
        def __init__(self, qa: PolicyQA, k: int) -> None:
            super().__init__()
            self._qa, self._k = qa, k

        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            return [_node(hit, self._qa) for hit in self._qa.search(query_bundle.query_str, self._k)]

    class YoujuQueryEngine(CustomQueryEngine):
        _qa: PolicyQA = PrivateAttr()

        def __init__(self, qa: PolicyQA) -> None:
            super().__init__()
            self._qa = qa

        def custom_query(self, query_str: str) -> Response:
            answer = self._qa.answer(query_str)
            nodes = [
                _cited(
                    c.key, c.quote, None, c.doc, c.info.title, c.info.number, c.locator.label(),
                    [[s.start, s.end] for s in c.spans],
                )
                for c in answer.citations
            ]  # fmt: skip
            return Response(response=answer.text, source_nodes=nodes, metadata=answer_line("", answer))

    return YoujuRetriever, YoujuQueryEngine
