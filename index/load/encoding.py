"""Bytes -> text for Chinese files that do not say their encoding: UTF-8, UTF-16, GB18030, Big5."""

from __future__ import annotations

import codecs
import logging
import re

from index.errors import LoadError
from index.load.guard import kind_of
from index.text import fold

_LOG = logging.getLogger(__name__)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# The 500 most frequent characters of modern Chinese print, simplified; traditional text is folded first.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
    "同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自"
    "二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变"
    "条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总"
    "次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
    "几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器"
    "压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安"
    "场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集"
    "温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连"
    "断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属"
    "圆包火住调满县局照参红细引听该铁价严"
    "，。、；：？！“”‘’（）《》〈〉【】〔〕—…·％"
)
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_SAMPLE = 20_000
_MAX_DAMAGE = 0.001
_MAX_CONTROL = 0.02
_MIN_COMMON = 0.1


def decode(data: bytes) -> str:
    """Return the text of the bytes without its byte order mark.

    UTF-8 is taken when it fits strictly; else the legacy encoding whose text has more common characters. A file
    with a few damaged bytes (one in a thousand at most) is read with U+FFFD in their place.

    Raises:
        LoadError: binary data, or an encoding that is none of these.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _checked(_strict(data[len(bom) :], name), data)
    if b"\0" in data or kind_of(data):
        raise _binary(data)
    return _checked(_unmarked(data), data)


def _unmarked(data: bytes) -> str | None:
    utf8 = _strict(data, "utf-8")
    if utf8 is not None and (utf8.isascii() or max(utf8) >= "\u0800"):
        return utf8
    # Short GB18030 text can be valid UTF-8 by accident; it then gives letters of two bytes only.
    found = [(_likeness(utf8), utf8)] if utf8 is not None else []
    for name in ("gb18030", "big5hkscs", "cp950"):
        text = _strict(data, name)
        if text is not None:
            found.append((_likeness(text), text))
    if found:
        best = max(found, key=lambda pair: pair[0])
        if best[1] is utf8 or best[0] >= _MIN_COMMON or len(_foreign(best[1])) <= 3:
            return best[1]
        if utf8 is not None:
            return utf8
    return _damaged(data)


def _damaged(data: bytes) -> str | None:
    """Return the best reading with a few replacement characters, or None where there are too many."""
    found = []
    for name in ("utf-8", "gb18030", "big5hkscs"):
        text = data.decode(name, "replace")
        if text.count("\ufffd") <= _MAX_DAMAGE * len(text) and _likeness(text) >= _MIN_COMMON:
            found.append((text.count("\ufffd"), name, text))
    if not found:
        return None
    count, name, text = min(found)
    _LOG.warning("read as %s with %d damaged places", name, count)
    return text


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _foreign(text: str) -> str:
    """Return the first characters of the text that are not ASCII."""
    found, length = [], 0
    for match in _FOREIGN.finditer(text):
        found.append(match.group())
        length += len(match.group())
        if length >= _SAMPLE:
            break
    return "".join(found)[:_SAMPLE]


def _likeness(text: str) -> float:
    """Return the share of common Chinese characters among those that are not ASCII."""
    sample = _foreign(text)
    if not sample:
        return 0.0
    plain = sample + fold(sample)
    return sum(char in _COMMON for char in plain) / len(plain)


def _checked(text: str | None, data: bytes) -> str:
    if text is None:
        raise LoadError("认不出文字编码（不是 UTF-8、UTF-16、GB18030 或 Big5）", "请用记事本或 WPS 另存为 UTF-8")
    head = text[:_SAMPLE]
    if "\0" in text or len(_CONTROL.findall(head)) > _MAX_CONTROL * len(head):
        raise _binary(data)
    return text


def _binary(data: bytes) -> LoadError:
    kind = kind_of(data)
    if kind:
        return LoadError(f"内容是{kind}文件，不是文本", "请改回正确的扩展名")
    return LoadError("是二进制文件，不是文本", "请检查文件；文本文件请另存为 UTF-8")
