"""What a document says about itself: title, 文号, issuers, dates, region, level, status; empty where not said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import takewhile
from pathlib import PurePath
from typing import Any

from index.clean import front_matter
from index.joins import DATE, is_date, is_organ
from index.structure.dates import in_force, iso
from index.structure.places import place_of
from index.structure.signs import DOC_NUMBER, ORDER_NUMBER
from index.text import normalise
from index.types import Block, DocumentInfo, Source

_KEYS = {
    "title": "title", "标题": "title",
    "doc_number": "number", "number": "number", "文号": "number", "发文字号": "number",
    "issuers": "issuers", "issuer": "issuers", "发文机关": "issuers", "发布机关": "issuers",
    "date": "date", "发布日期": "date", "成文日期": "date",
    "effective": "effective", "施行日期": "effective",
    "region": "region", "地区": "region", "level": "level", "层级": "level", "效力级别": "level",
    "status": "status", "时效性": "status", "replaced_by": "replaced_by",
}  # fmt: skip
_NOTICE = re.compile(r"关于(?:联合)?(?:印发|转发|发布|公布|下达|颁布|公开)|(?:印发|转发|发布|公布)[《〈<]")
_ISSUED = re.compile(
    r"(?:印发|转发|发布|公布|下达|颁布)[^《〈<]{0,12}[《〈<](?P<title>.+)[》〉>](?:[^《》〈〉<>]{0,20})$"
)
_ISSUED_BARE = re.compile(r"关于(?:联合)?(?:印发|转发|发布|公布)(?P<title>[^《〈<]{4,60}?)的(?:通知|公告|函|通告)$")
_PASSED = re.compile(
    r"(?P<place>[\u4e00-\u9fff]{2,9}?)?第[一二三四五六七八九十\d]+届(?P<body>(?:全国)?人民代表大会(?:常务委员会)?)"
    r"|(?P<other>国务院|最高人民法院|最高人民检察院)"
)
_STATUS = re.compile(
    r"(?:时效性|效力状态|文件状态|状态)[:：](现行有效|现行|有效|废止|失效|已废止|已失效|尚未生效|已被修改)"
)
_BRACKETS = str.maketrans("[（(【［﹝]）)】］﹞", "〔〔〔〔〔〔〕〕〕〕〕〕")
_TAIL_BLOCKS = 15


def document_info(source: Source, blocks: Sequence[Block]) -> DocumentInfo:
    """Return what the document says about itself.

    The YAML block at the head of a file wins, then what the reader knew (``source.info``), then what the text
    says: for a notice that issues or forwards a document, ``title`` is that of the document, while ``number`` and
    the first issuer are the notice's own. A document forwarded by a province has both regions ("山西省、全国").
    """
    found = _read(source, blocks)
    stated = {f.name: v for f in fields(DocumentInfo) if (v := getattr(source.info, f.name))}
    stated.update(_stated(source.raw))
    found = replace(found, **stated)
    if found.number and found.number not in found.numbers:
        found = replace(found, numbers=(found.number, *found.numbers))
    if not found.region:
        found = replace(found, region=_joined(place_of(name)[0] for name in _named(found)))
    if not found.level:
        found = replace(found, level=_joined(place_of(name)[1] for name in _named(found)))
    return found


def _named(info: DocumentInfo) -> tuple[str, ...]:
    return info.issuers or (info.title,)


def _joined(values: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(v for v in values if v))


def _read(source: Source, blocks: Sequence[Block]) -> DocumentInfo:
    front = front_matter(source.raw)
    told = [b for b in blocks if b.kind in ("meta", "title") and not (front and b.spans[0].start < front)]
    numbers = _numbers(told)
    date = _date(told)
    tail = [b.text for b in blocks if b.kind in ("clause", "item")][-_TAIL_BLOCKS:]
    started = [iso(b.text) for b in told if b.kind == "meta" and re.search("日[^，。]{0,4}(?:施行|实施|生效)$", b.text)]
    return DocumentInfo(
        title=_title(source.file, blocks),
        number=numbers[0] if numbers else "",
        numbers=numbers,
        issuers=_issuers(source.raw, blocks, told),
        date=date,
        effective=in_force(tail, date) or next(iter(started), ""),
        status=next((m.group(1) for b in told if (m := _STATUS.search(b.text))), ""),
    )


def _stated(raw: str) -> dict[str, Any]:
    """Return the fields of a YAML block (flat keys, lists in either form)."""
    told: dict[str, Any] = {}
    key = ""
    for line in raw[: front_matter(raw)].splitlines():
        if line.lstrip().startswith("- ") and key == "issuers":
            told[key] = (*told.get(key, ()), _plain(line.lstrip()[2:]))
            continue
        name, colon, value = line.partition(":")
        key = _KEYS.get(name.strip().lower(), "") if colon else ""
        value = _plain(value)
        if key == "issuers":
            told[key] = tuple(p for p in (_plain(v) for v in re.split("[、,，;；]", value.strip("[]"))) if p)
        elif key and value:
            told[key] = value
    return told


def _plain(value: str) -> str:
    return normalise(value.strip()).strip("\"'")


def _title(file: str, blocks: Sequence[Block]) -> str:
    titles = [b for b in blocks if b.kind == "title"]
    notices = [i for i, b in enumerate(titles) if _NOTICE.search(b.text)]
    if notices:
        inner = titles[notices[-1] + 1 :]
        return inner[0].text if inner else _issued(titles[notices[-1]].text)
    if titles:
        first, at = titles[0], blocks.index(titles[0])
        after = blocks[at + 1] if at + 1 < len(blocks) else None
        if after is not None and after.kind == "title" and len(after.text) <= 12:
            return f"{first.text} {after.text}"
        return first.text
    heading = next((b.text for b in blocks if b.kind == "heading"), "")
    return heading or PurePath(file).stem


def _issued(notice: str) -> str:
    """Return the title of the document that a notice issues, however deep the notices are nested."""
    while True:
        match = _ISSUED.search(notice) or _ISSUED_BARE.search(notice)
        if match is None:
            return notice
        inner = match.group("title")
        if not _NOTICE.search(inner):
            return inner
        notice = inner


def _numbers(told: Sequence[Block]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for block in told:
        for match in DOC_NUMBER.finditer(block.text):
            number = re.sub(r"^(?:发文字号|文号|根据|按照|依据|见)", "", match.group())
            found[number.translate(_BRACKETS).replace(" ", "")] = None
    if not found:
        found = {b.text.strip("（()）"): None for b in told if b.kind == "meta" and ORDER_NUMBER.fullmatch(b.text)}
    return tuple(found)


def _date(told: Sequence[Block]) -> str:
    """Return the signature's date; without one the date of the last version (laws), then that of printing."""
    metas = [b.text for b in told if b.kind == "meta"]
    signed = [t for t in metas if is_date(t) and not re.search("印发|施行|实施", t[-3:])]
    passed = [t for t in metas if DATE.search(t) and re.search("通过|修正|修订|公布|发布|批准", t)]
    printed = [t for t in metas if is_date(t)]
    for texts in (signed[:1], passed[-1:], printed[:1]):
        if texts and (date := iso(texts[0])):
            return date
    return ""


def _issuers(raw: str, blocks: Sequence[Block], told: Sequence[Block]) -> tuple[str, ...]:
    """Return the letterhead's bodies; without one the signatures, the names before 关于, the body that passed it."""
    heads: list[str] = []
    signed: list[str] = []
    for i, block in enumerate(blocks):
        if block.kind != "meta" or not (names := _bodies(raw, block)):
            continue
        run = [block, *takewhile(lambda b: b.kind == "meta" and bool(_bodies(raw, b)), blocks[i + 1 : i + 12])]
        after = blocks[i + len(run)] if i + len(run) < len(blocks) else None
        dated = any(is_date(b.text) for b in run) or (after is not None and is_date(after.text))
        number = after is not None and DOC_NUMBER.search(after.text)
        lettered = not dated and after is not None and (number or (after.kind == "title" and not heads and not signed))
        (heads if lettered else signed).extend(names)
    for group in (heads, signed, _before_about(raw, told), _passers(told)):
        if group:
            return tuple(dict.fromkeys(_official(name) for name in group))
    return ()


def _official(name: str) -> str:
    return re.sub(r"^中华人民共和国(?=[\u4e00-\u9fff]{3,}(?:部|委员会|总局|署|厅)$)|文件$", "", name)


def _bodies(raw: str, block: Block) -> list[str]:
    """Return the bodies that a line consists of, a date behind them aside; spaces part bodies (or only letters)."""
    text = re.sub(rf"(?:{DATE.pattern})(?:印发|发布|公布)?$", "", block.text).strip()
    if not text or not is_organ(text):
        return []
    return _parted("".join(raw[s.start : s.end] for s in block.spans), text)


def _parted(printed: str, text: str) -> list[str]:
    parts = [p for p in re.split(r"[\s、，,]+", printed) if p]
    bodies = [re.sub("文件$", "", p) for p in parts if is_organ(p)]
    if bodies and "".join(bodies) == re.sub(r"文件$|[ 、，,]", "", text):
        return bodies
    return [re.sub("文件$", "", text)]


def _before_about(raw: str, told: Sequence[Block]) -> list[str]:
    for block in told:
        if block.kind != "title":
            continue
        printed = "".join(raw[s.start : s.end] for s in block.spans).split("关于", 1)
        text = normalise(printed[0])
        if len(printed) == 2 and text and is_organ(text):
            return _parted(printed[0], text)
    return []


def _passers(told: Sequence[Block]) -> list[str]:
    for block in told:
        match = _PASSED.search(block.text) if block.kind == "meta" else None
        if match and match.group("other"):
            return [match.group("other")]
        if match:
            place = re.sub("^.*[日 ]", "", match.group("place") or "")
            return [place + match.group("body")]
    return []
