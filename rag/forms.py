"""What programs send to the interfaces and get back: the forms of requests and answers, with examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from index.store import DocumentEntry
from index.store.manifest import Manifest
from rag.filters import Filter
from rag.service import answer_line, hit_line
from rag.types import Answer, Citation, Cited, Done, Event, Found, Planned, Preview, Text

Short = Annotated[str, Field(max_length=20_000)]
Long = Annotated[str, Field(max_length=200_000)]
Name = Annotated[str, Field(min_length=1, max_length=1000)]
ASKED = "哪些技术适合焦化企业？"


class Form(BaseModel):
    """A request's body; unknown fields are an error, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Chosen(Form):
    """Which documents answer: of each field that is given, one of its values."""

    documents: list[Name] | None = Field(None, min_length=1, max_length=10_000, description="只用这些文件")
    regions: list[Name] = Field([], max_length=100, description="只用这些地区的文件，例如 湖南省、全国")
    levels: list[Name] = Field([], max_length=100, description="只用这些级别的文件，例如 国家级")
    years: list[Name] = Field([], max_length=100, description="只用这些年份发布的文件")
    statuses: list[Name] = Field([], max_length=100, description="只用这些状态的文件，例如 现行")
    numbers: list[Name] = Field([], max_length=100, description="只用这些文号的文件")

    def filter(self) -> Filter:
        """Return the choice as a filter."""
        values = (self.regions, self.levels, self.years, self.statuses, self.numbers)
        return Filter(tuple(self.documents or ()), *map(tuple, values))


class AskForm(Chosen):
    """A question."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": ASKED}, {"question": "那节能效果呢？", "history": [ASKED]}]}
    )

    question: Short = Field(description="问题")
    history: list[Short] = Field([], max_length=50, description="此前的问题，先问的在前")
    context: list[Long] = Field([], max_length=200, description="只依据这些段落回答，不查资料库")
    max_chars: int | None = Field(None, ge=1, le=100_000, description="回答的字数上限")
    llm: bool = Field(True, description="false：只摘录原文，不用语言模型")


class SearchForm(Chosen):
    """A search."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "水平衡测试", "k": 5}]})

    query: Short = Field(description="检索词或问题")
    k: int = Field(10, ge=1, le=200, description="返回的片段数")


class FeedbackForm(Form):
    """What a reader thinks of an answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"thumb": "down", "question": ASKED, "answer": "共1项：……", "comment": "漏了一项"}]
        }
    )

    thumb: Literal["up", "down"]
    question: Short
    answer: Long = ""
    comment: Annotated[str, Field(max_length=5000)] = ""
    generation: Annotated[str, Field(max_length=100)] = Field("", description="回答所用的索引，见回答的 index")
    fingerprint: Annotated[str, Field(max_length=100)] = ""


class Index(BaseModel):
    """The index that an answer came from."""

    generation: str
    fingerprint: str


class CitedPlace(BaseModel):
    """A citation. ``spans`` are offsets (Unicode code points) into the document's text, see ``/api/source``."""

    n: int
    doc: str
    title: str
    number: str
    locator: str
    quote: str
    spans: list[tuple[int, int]]
    key: str
    shown: str
    issuers: list[str]
    date: str


class Told(BaseModel):
    """An answer."""

    question: str
    rewritten: str
    answer: str
    refused: bool
    reason: str
    mode: Literal["extractive", "llm"]
    citations: list[CitedPlace]
    elapsed_ms: float
    note: str
    index: Index


class HitLine(BaseModel):
    """A passage that a search found."""

    doc: str
    start: int
    end: int
    spans: list[tuple[int, int]]
    text: str
    score: float
    found_by: list[str]
    locator: str


class Hits(BaseModel):
    """The passages that a search found, best first."""

    hits: list[HitLine]


class Problem(BaseModel):
    """Why a request was not carried out."""

    class Error(BaseModel):
        """One line for the reader and the kind of error."""

        message: str
        type: str
        param: str | None = None
        code: str | None = None

    error: Error


def told(answer: Answer, manifest: Manifest) -> dict[str, Any]:
    """Return an answer as the interfaces give it."""
    line = answer_line("", answer)
    del line["id"]
    index = {"generation": manifest.generation, "fingerprint": manifest.fingerprint}
    return {**line, "citations": [cited(c) for c in answer.citations], "note": answer.note, "index": index}


def cited(citation: Citation) -> dict[str, Any]:
    """Return a citation as the interfaces give it."""
    info = citation.info
    return {
        "n": citation.n, "doc": citation.doc, "title": info.title, "number": info.number,
        "locator": citation.locator.label(), "quote": citation.quote,
        "spans": [[s.start, s.end] for s in citation.spans], "key": citation.key,
        "shown": citation.shown or citation.quote, "issuers": list(info.issuers), "date": info.date,
    }  # fmt: skip


def event_line(event: Event, manifest: Manifest | None = None) -> tuple[str, dict[str, Any]]:
    """Return an event's name and its JSON values; the index goes with the last one."""
    match event:
        case Planned():
            return "planned", {"question": event.question, "queries": event.queries, "parts": event.parts}
        case Found():
            return "found", {"hits": [hit_line(hit) for hit in event.hits]}
        case Preview():
            return "preview", {"text": event.text}
        case Text():
            return "text", {"text": event.text}
        case Cited():
            return "cited", cited(event.citation)
        case Done():
            assert manifest is not None
            return "done", told(event.answer, manifest)


def document_line(entry: DocumentEntry) -> dict[str, Any]:
    """Return a document as the interfaces list it."""
    info = entry.info
    return {
        "doc": entry.file, "title": info.title, "number": info.number, "issuers": list(info.issuers),
        "date": info.date, "effective": info.effective, "region": info.region, "level": info.level,
        "status": info.status, "replaced_by": info.replaced_by, "chars": entry.chars, "passages": entry.passages,
        "records": entry.records, "sha256": entry.sha256,
    }  # fmt: skip
