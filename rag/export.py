"""Answers as a document to hand on: Markdown, or Word, with numbered references. Documents' words are data here."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from index.errors import MissingPackageError
from rag.types import Answer, Citation

if TYPE_CHECKING:
    from docx.document import Document

TITLE = "问答记录"
_SIGNS = re.compile(r"[\\`*_\[\]<>&|~$^]")
_LINE_START = re.compile(r"^(\s*\d+)([.)])|^(\s*)([#+=-])")
_MARK = re.compile(r"\\\[(\d{1,4})\\\](?![:(])")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LINE_ENDS = re.compile("[\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
"""What XML does not allow, and what turns or hides text."""
_FONT = "宋体"


def to_markdown(answers: Answer | Sequence[Answer], *, exported: str = "", fingerprint: str = "") -> str:
    """Return one answer, or a conversation, as Markdown.

    Args:
        answers: in the order they were given.
        exported: date of the export, as it is to be printed; "" leaves it out.
        fingerprint: fingerprint of the index that answered; "" leaves it out.
    """
    several = _listed(answers)
    parts = [f"# {TITLE}"] if len(several) != 1 else []
    for answer in several:
        numbers = {c.n for c in answer.citations}
        parts.append(f"{'##' if len(several) > 1 else '#'} {_inline(answer.question)}")
        parts += [f"（理解为：{_inline(answer.rewritten)}）"] if _completed(answer) else []
        parts.append("\\\n".join(_marked(line, numbers) for line in _lines(answer.text)))
        parts += [f"*注：{_inline(answer.note)}*"] if answer.note else []
        parts += ["**依据**"] if answer.citations else []
        for citation in answer.citations:
            quote = "\\\n".join(f"> {_escaped(line)}" for line in _lines(citation.shown or citation.quote))
            parts.append(f"\\[{citation.n}\\] {_inline(reference(citation))}\n\n{quote}")
    if foot := _foot(exported, fingerprint):
        parts += ["---", _inline(foot)]
    return "\n\n".join(parts) + "\n"


def to_docx(answers: Answer | Sequence[Answer], *, exported: str = "", fingerprint: str = "") -> bytes:
    """Return one answer, or a conversation, as a Word file; the arguments are those of ``to_markdown``.

    Raises:
        MissingPackageError: python-docx is not installed.
    """
    try:
        import docx
    except ImportError as error:
        raise MissingPackageError("导出 .docx 需要 python-docx", "pip install python-docx") from error
    several = _listed(answers)
    document = docx.Document()
    _dress(document, several)
    if len(several) != 1:
        document.add_heading(TITLE, 0)
    for answer in several:
        _write(document, answer)
    if foot := _foot(exported, fingerprint):
        document.add_paragraph(_clean(foot), style="Caption")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def reference(citation: Citation) -> str:
    """Return where a quotation stands, for people: 《title》, 文号, issuers, date, status, place."""
    info = citation.info
    replaced = f"被{info.replaced_by}替代" if info.replaced_by else ""
    about = (info.number, "、".join(info.issuers), info.date, info.status, replaced, citation.locator.label())
    title = f"《{info.title}》" if info.title else citation.doc
    return "，".join((title, *(part for part in about if part)))


def _listed(answers: Answer | Sequence[Answer]) -> Sequence[Answer]:
    return (answers,) if isinstance(answers, Answer) else answers


def _completed(answer: Answer) -> bool:
    """Whether the answer is to a follow-up that was completed."""
    return " ".join(answer.rewritten.split()) not in ("", " ".join(answer.question.split()))


def _foot(exported: str, fingerprint: str) -> str:
    parts = (f"导出日期：{exported}" if exported else "", f"索引指纹：{fingerprint}" if fingerprint else "")
    return "；".join(part for part in parts if part)


def _clean(text: str) -> str:
    """Return the text without what cannot be printed; line breaks of any kind are line feeds."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text.replace("\r\n", "\n")))


def _lines(text: str) -> list[str]:
    """Return the lines that say something."""
    return [line.strip() for line in _clean(text).split("\n") if line.strip()]


def _inline(text: str) -> str:
    return _escaped(" ".join(_clean(text).split()))


def _escaped(line: str) -> str:
    """Return a line that every Markdown reader shows as it stands."""
    shown = _SIGNS.sub(lambda sign: _ENTITIES.get(sign.group(), f"\\{sign.group()}"), line)
    return _LINE_START.sub(lambda at: f"{at.group(1) or at.group(3) or ''}\\{at.group(2) or at.group(4)}", shown)


def _marked(line: str, numbers: set[int]) -> str:
    """Return an escaped line whose marks of given citations are plain again: [1]."""
    return _MARK.sub(lambda at: f"[{at.group(1)}]" if int(at.group(1)) in numbers else at.group(), _escaped(line))


def _dress(document: Document, answers: Sequence[Answer]) -> None:
    """Set a font that Chinese is printed in, and the properties."""
    from docx.oxml.ns import qn

    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Caption", "Quote"):
        style: Any = document.styles[name]
        style.font.name = _FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    question = " ".join(_clean(answers[0].question).split()) if len(answers) == 1 else TITLE
    document.core_properties.title = question[:120]
    document.core_properties.author = document.core_properties.comments = ""


def _write(document: Document, answer: Answer) -> None:
    document.add_heading(" ".join(_clean(answer.question).split()), 1)
    if _completed(answer):
        document.add_paragraph(_clean(f"（理解为：{answer.rewritten}）"))
    for line in _lines(answer.text):
        document.add_paragraph(line)
    if answer.note:
        document.add_paragraph().add_run(_clean(f"注：{answer.note}")).italic = True
    if answer.citations:
        document.add_heading("依据", 2)
    for style, text in _references(answer):
        document.add_paragraph(text, style=style)


def _references(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield style and text of each paragraph of the references."""
    for citation in answer.citations:
        yield "Normal", f"[{citation.n}] {_clean(reference(citation))}"
        for line in _lines(citation.shown or citation.quote):
            yield "Quote", line
