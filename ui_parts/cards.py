"""A citation or a hit -> what the evidence panel shows of it, and the passages before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from index.errors import YoujuError
from index.places import Places
from index.store import Library
from index.text import quote_of
from index.types import DocumentInfo, Hit, Locator, Passage, Span
from rag.types import Citation
from ui_parts.highlight import Segment, surroundings, within


@dataclass(frozen=True, slots=True)
class Card:
    """One piece of evidence. ``gone``: the library has another text in its place by now, or none."""

    n: int
    doc: str
    title: str
    about: tuple[tuple[str, str], ...]
    path: tuple[str, ...]
    place: str
    segments: tuple[Segment, ...]
    start: int
    end: int
    link: str
    gone: bool = False


def citation_card(citation: Citation, library: Library, seen: frozenset[str] | None) -> Card:
    """Return the card of a citation; only its quote where the document is gone, has changed or may not be seen."""
    raw = _raw(library, citation.doc, seen)
    segments = surroundings(raw, citation.spans) if raw is not None else ()
    gone = raw is None or quote_of(raw, within(citation.spans, len(raw))) != citation.quote
    if gone:
        segments = (Segment(citation.shown or citation.quote, mark=True),)
    return _card(citation.n, citation.doc, citation.info, citation.locator, citation.spans, segments, gone)


def hit_card(n: int, hit: Hit, library: Library) -> Card:
    """Return the card of a passage that the search found."""
    passage, file = hit.passage, hit.passage.locator.file
    segments = surroundings(library.raw(file), passage.spans, 0)
    return _card(n, file, library.document(file).info, passage.locator, passage.spans, segments, False)


def neighbour(library: Library, file: str, start: int, end: int, step: int) -> Card | None:
    """Return the passage that follows (``step`` 1) or precedes (-1) a range of a document; None at its edge."""
    passages = [p for p in library.passages_of(file) if p.kind != "cell"]
    bounds = [(min(s.start for s in p.spans), max(s.end for s in p.spans), p) for p in passages]
    if step > 0:
        found = min((b for b in bounds if b[0] >= end), key=lambda b: (b[0], b[2].order), default=None)
    else:
        found = max((b for b in bounds if b[1] <= start), key=lambda b: (b[1], b[2].order), default=None)
    return None if found is None else _passage_card(library, file, found[2])


def document_link(doc: str, spans: Sequence[Span]) -> str:
    """Return the address of the whole document at these places, relative to the page's root."""
    at = ",".join(f"{s.start}-{s.end}" for s in spans[:20])
    return f"page/document?{urlencode({'doc': doc, 'at': at})}#here"


def _passage_card(library: Library, file: str, passage: Passage) -> Card:
    page, cell = Places(library.source(file)).at(passage.spans[0].start)
    place = Locator(file, page or passage.locator.page, cell or passage.locator.cell, passage.locator.path)
    segments = tuple(Segment(s.text, gap=s.gap) for s in surroundings(library.raw(file), passage.spans, 0))
    return _card(0, file, library.document(file).info, place, passage.spans, segments, False)


def _card(
    n: int,
    doc: str,
    info: DocumentInfo,
    place: Locator,
    spans: Sequence[Span],
    segments: tuple[Segment, ...],
    gone: bool,
) -> Card:
    issuers = "、".join(info.issuers)
    about = (("number", info.number), ("issuers", issuers), ("date", info.date), ("status", info.status))
    return Card(
        n=n,
        doc=doc,
        title=info.title or doc,
        about=tuple(pair for pair in about if pair[1]),
        path=place.path,
        place=Locator(doc, place.page, place.cell).label(),
        segments=segments,
        start=min((s.start for s in spans), default=0),
        end=max((s.end for s in spans), default=0),
        link=document_link(doc, spans),
        gone=gone,
    )


def _raw(library: Library, doc: str, seen: frozenset[str] | None) -> str | None:
    if seen is not None and doc not in seen:
        return None
    try:
        return library.raw(doc)
    except YoujuError:
        return None

