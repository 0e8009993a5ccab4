"""Does a printed line continue the one before it, or start something new? The rules of joining, without raw offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.ordinals import ordinal

_TERMINAL = re.compile(r"[。！？!?；;：:…][”’」』）)》\]\"']*$|(?<=[\u4e00-\u9fff])\.$")
_CLOSING = re.compile(r"[，。、；：）》”’」』％%,;)\]}℃°]|的|地(?=[\u4e00-\u9fff])(?!方|区|市|点|址|下|质|理|级)")
_OPEN_END = re.compile(r"[，,、（(《“‘·\-]$|[的和与及或将对]$")
_LABEL = re.compile(
    r"(?:抄送|主送|报送|分送|部内抄送|抄报|联系人|联系电话|联系方式|邮寄地址|通[讯信]地址|地址|电话|传真|邮箱|电子邮箱|邮编"
    r"|附件?注|注|备注|说明|来源|资料来源)[\d 和及、\w]{0,8}[:：]"
    r"|附件[:：]?|[（(]此件|目[\s]*[录次]$|(?:——|--)(?=[\u4e00-\u9fff])"
)
_REFERENCE = re.compile(r"第|规定|的|所|、|和|或|至|中|之|及|，|,|款|项|》|”")
_POINTS_AT = re.compile(r"[见如按据和及与或、依照至由之在从]$|(?:本法|条例|办法|规定|前款|》)$")
_IN_SENTENCE = re.compile(r"[，。、；：,;]|本|前款|应当?|可以?|不得|依照|依据|按照|根据|违反|遵守|符合|适用|执行|参照")
DATE = re.compile(
    r"(?:19|20)\d{2}年\d{1,2}月(?:\d{1,2}日)?"
    r"|二[〇○Oo0零]..年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)
_DATE_LINE = re.compile(rf"[^，。；：、]{{0,24}}(?:{DATE.pattern})(?:印发|发布|公布|施行|实施)?")
_TITLE_END = re.compile(
    r"(?:通知|意见|方案|办法|规定|决定|决议|函|公告|通告|规划|目录|细则|条例|计划|报告|批复|名单|指南|措施|纲要|要点|标准|规范|准则"
    r"|解释|案例|指引|要求|章程|制度|大纲|预案|政策|手册|申报[书表]|请示|公报|清单|导则|说明|规程)(?:[（(][^（）()]{1,24}[)）])?[》〉”\"]*$"
)
_ORG = re.compile(
    r"部|委|厅|局|办公室|委员会|人民政府|法院|检察院|银行|总署|总工会|联合会|协会|学会|司|国务院|公署|管委会|中心"
)
_ORG_LINE = re.compile(r"[\u4e00-\u9fff（()） 、]{3,120}")
_NO_ORG = re.compile(r"请|关于|印发|报送|开展|应当|按照|推进|加强|我[省市县部]|本[省市]|职责|分工")
_LONGEST = 5000
"""A paragraph of more characters is none: its lines are taken as they stand."""
_PAUSE = re.compile(r"[，。、；：,;]")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a rule sees of the second line: text, markdown marker, line breaks before it, table row or not."""

    text: str
    marker: str
    gap: int
    row: bool


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence or a lead-in does (。；：…)."""
    return bool(_TERMINAL.search(text[-4:]))


def is_date(text: str) -> bool:
    """Whether a whole line is a date, perhaps behind a signature ("2024年6月11日", "某某厅 2024年6月11日印发")."""
    return len(text) <= 48 and bool(_DATE_LINE.fullmatch(text))


def is_organ(text: str) -> bool:
    """Whether a whole line consists of names of public bodies (a letterhead, a signature)."""
    if not 3 <= len(text) <= 120 or not _ORG_LINE.fullmatch(text) or _NO_ORG.search(text):
        return False
    name = re.sub(r"(?:[（(][^（()）]{1,12}[）)])?(?:文件)?$", "", text)
    ends = [m.end() for m in _ORG.finditer(name)]
    return bool(ends) and ends[-1] == len(name) and all(b - a <= 26 for a, b in zip([0, *ends], ends, strict=False))


def is_titled(text: str) -> bool:
    """Whether a text ends as titles of documents do (…的通知, …方案, …目录（2022）)."""
    return bool(_TITLE_END.search(text[-40:]))


def is_new(text: str, before: str) -> bool:
    """Whether a line starts something of its own: an ordinal, a label, a date, a letterhead."""
    mark = ordinal(text)
    if mark is not None:
        rest = text[mark.end :]
        if before and mark.style in ("article", "part"):
            return not (_REFERENCE.match(rest) or _points_at(before))
        return not (before and mark.style in ("caption", "attachment") and _points_at(before))
    return bool(_LABEL.match(text)) or is_date(text) or (text[-1:] not in "。，；" and is_organ(text))


def continues(before: str, marker: str, line: Shape, width: int, last: int = 0) -> bool:
    """Return whether ``line`` continues the text ``before``.

    Args:
        before: the logical line so far.
        marker: its markdown marker.
        line: the next printed line.
        width: characters of a full printed line where the document is wrapped, else 0.
        last: characters of the last printed line of ``before``.
    """
    if line.row or (line.marker and not line.marker == marker == ">") or marker.startswith("#") or marker == "yaml":
        return False
    if len(before) > _LONGEST:
        return False
    after = line.text
    full = line.gap == 1 and 0 < 0.9 * width <= last
    if ends_sentence(before):
        return full and before[-1] in "。；;" and last >= width - 1 and not is_new(after, "") and not _leads(after)
    if _refers(before, after):
        return True
    if after[0] in "|—-" or is_new(after, before):
        return False
    if len(before) > 1 and _CLOSING.match(after):
        return True
    if _leader(before) or is_date(before):
        return False
    return (
        _unfinished(before)
        or _title_goes_on(before, line)
        or _sentence_goes_on(before, line)
        or (full and not ordinal(before))
        or _address_goes_on(before, line)
    )


def _refers(before: str, after: str) -> bool:
    """Whether "第十条…" at the start of the line is the object of the sentence before it."""
    mark = ordinal(after)
    return mark is not None and mark.style in ("article", "part") and _points_at(before)


def _points_at(before: str) -> bool:
    """Whether a text ends so that an ordinal can be its object; a title alone ("某市节水办法") does not."""
    return bool(_POINTS_AT.search(before)) and not (is_titled(before) and not _IN_SENTENCE.search(before))


def _leads(text: str) -> bool:
    return bool(re.match(r"[^，。,；：]{2,20}。", text))


def _leader(text: str) -> bool:
    """Whether the line is an entry of a table of contents: dots, or a short text with a page number."""
    return bool(re.search(r"[.…·]{4,}", text)) or (len(text) <= 30 and text[-1].isdigit())


def _unfinished(before: str) -> bool:
    if before.count("《") > before.count("》"):
        return True
    if len(before) >= 15 and max(before.count("（") + before.count("("), 0) > before.count("）") + before.count(")"):
        return True
    return len(before) >= 8 and bool(_OPEN_END.search(before))


def _title_goes_on(before: str, line: Shape) -> bool:
    return (
        line.gap <= 2
        and "关于" in before
        and "。" not in before
        and len(before) <= 80
        and not is_titled(before)
        and len(line.text) <= 60
        and is_titled(line.text)
    )


def _sentence_goes_on(before: str, line: Shape) -> bool:
    """Whether ``before`` plainly is a sentence that has lost its end, and the line can be that end."""
    if before[0] in "（(" and before[-1] in "）)":
        return False
    inside = "。" in before
    if not inside and (len(before) < (15 if line.gap == 1 else 20) or not re.search("[，,、]", before)):
        return False
    mark = ordinal(before)
    if not inside and mark is not None and len(before) <= 40:
        return line.gap == 1 and ends_sentence(line.text)
    return line.gap == 1 or bool(_PAUSE.search(line.text))


def _address_goes_on(before: str, line: Shape) -> bool:
    return (
        bool(re.match(r"[^：:]{0,6}地址[:：]", before))
        and len(line.text) <= 30
        and not re.search(r"[:：。]|\d{7}", line.text)
    )
