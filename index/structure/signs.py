"""What a single line looks like: 文号, addressees, signature, title, heading, run-in title. No state, no raw text."""

from __future__ import annotations

import re

from index.joins import DATE, ends_sentence, is_date, is_organ, is_titled

# 工信部规〔2021〕178号, 晋环办函[2023]5号, 第123号 (orders)
DOC_NUMBER = re.compile(
    r"[\u4e00-\u9fffA-Za-z]{1,16}[〔\[（(【［﹝]\s*(?:19|20)\d{2}年?\s*[〕\]）)】］﹞]\s*第?\s*\d{1,4}\s*号"
)
ORDER_NUMBER = re.compile(
    r"(?:[\u4e00-\u9fff]{2,24}(?:令|公告)[（(]?)?(?:(?:19|20)\d{2}年)?第[\d〇零一二三四五六七八九十百]{1,6}号[）)]?"
)
_ADDRESSEE = re.compile(
    r"(?:各|有关|国务院各|省直|省政府|市直|市各|中央|部机关|部属|全国|你[省市部厅局]"
    r"|[\u4e00-\u9fff]{2,12}(?:厅|局|部|委|委员会|人民政府)[、，,：:])[^。；]{0,400}?[:：]"
)
_CIRCULATION = re.compile(
    r"(?:[\u4e00-\u9fff]{0,4}抄[送报]|主送|报送|分送)[:：]|[（(]此件[^。]{0,20}[)）]$|[（(](?:主动|依申请|不予)?公开[)）]?$"
)
_URGENT = re.compile(
    r"(?:特急|加急|急件|机密|秘密|绝密|内部|公开)(?:件|★.{0,10})?$|(?:签发人|发布时间|发文日期|成文日期|索引号|发文字号)[:：]"
)
_CONTACT = re.compile(
    r"(?:联系人|联系电话|联系方式|联系单位|邮寄地址|通[讯信]地址|地址|电话|传真|邮箱|电子邮[箱件]|邮编|邮政编码)[及和、\w]{0,10}[:：]"
)
_PHONE = re.compile(
    r"[\u4e00-\u9fff· ]{2,12}[:：]?[（(]?0?\d{2,4}[)）\- —]+\d{7,8}(?:[-—]+\d{1,6})?$"
    r"|[\u4e00-\u9fff]{2,4}[:： ]?1\d{10}$"
)
_PASSED = re.compile(
    rf"[（(]?(?:{DATE.pattern})[^。]{{0,200}}(?:通过|修正|修订|公布|施行|批准|发布|实施|公告|议定|废止|》)[)）]?[。]?$"
)
_NOTE = re.compile(r"(?:注|备注|说明|资料来源|数据来源|附注|填[表报]说明)[\d一二三四五六]?[:：]")
_LEAD = re.compile(r"(?:——|--|—)?([^，。,；;：:！？]{2,20})。(?=.{4})")
_LEAD_DOT = re.compile(r"([\u4e00-\u9fff]{2,12})·(?=[\u4e00-\u9fff]{4})")
_LEAD_COLON = re.compile(r"([^，。,；;：:]{1,20})[：:](?=.{4})")
_LEAD_SPACE = re.compile(r"([\u4e00-\u9fff]{4,12})[ \u3000]+(?=[\u4e00-\u9fff])")
# A short first sentence that begins so is a sentence, not a run-in title.
_NO_LEAD = re.compile(
    r"为了?[^\u4e00-\u9fff]?|到20|现[将就]|截至|本[法条规办意方]|但|根据|其中|同时|此外|以上|上述|因此|对于|如|指|需|应|须|可"
)
_TOC_TITLE = re.compile(r"目\s*[录次]")
_TOC_PAGE = re.compile(r"(?:[.…·．]{3,}|[\u4e00-\u9fff）)\]])\s*\d{1,3}$")
_PUNCTUATION = re.compile(r"[，。；：！？,;]")
_ATTACHED = re.compile(r"附[件录](?:\d{0,2})[:：]")


def is_toc_title(text: str) -> bool:
    """Whether a line is the title of a table of contents."""
    return bool(_TOC_TITLE.fullmatch(text))


def is_toc_entry(text: str) -> bool:
    """Whether a line ends in a page number, as entries of a table of contents do."""
    return len(text) <= 90 and bool(_TOC_PAGE.search(text))


def is_note(text: str) -> bool:
    """Whether a line begins a note (注：…)."""
    return bool(_NOTE.match(text))


def is_attached(text: str) -> bool:
    """Whether a line lists what is attached ("附件：1. …"), as notices do above the signature."""
    return bool(_ATTACHED.match(text)) or text in ("附件", "附")


def addressee(text: str) -> int:
    """Return the length of the addressee that a line begins with, up to its colon; 0 for none."""
    match = _ADDRESSEE.match(text)
    return match.end() if match else 0


def is_meta(text: str) -> bool:
    """Whether a line is one of those that are meta wherever they stand (文号, 抄送, dates, contacts)."""
    if len(text) > 400:
        return False
    number = DOC_NUMBER.match(text)
    return bool(
        (number and number.end() == len(text) <= 60)
        or _CIRCULATION.match(text)
        or _URGENT.match(text)
        or _CONTACT.match(text)
        or _PHONE.match(text)
        or is_date(text)
    )


def is_head_meta(text: str) -> bool:
    """Whether a line is meta when it stands above the body: letterhead, number of an order, dates of passing."""
    order = ORDER_NUMBER.fullmatch(text)
    number = DOC_NUMBER.search(text)
    return bool(
        is_organ(text)
        or order
        or _PASSED.match(text)
        or (DATE.match(text) and not ends_sentence(text))
        or (number and number.end() >= len(text) - 1 and len(text) <= 40 and "《" not in text)
    )


def is_title(text: str) -> bool:
    """Whether a line can be a document's title where one is expected."""
    if not 3 <= len(text) <= 100 or ends_sentence(text) or "。" in text or DATE.match(text):
        return False
    return is_titled(text) or "关于" in text or not _PUNCTUATION.search(text)


def is_short(rest: str) -> bool:
    """Whether what follows an ordinal is a heading's text: short, one phrase, no full stop."""
    return 1 <= len(rest) <= 50 and not re.search("[。；;！？]", rest) and rest[-1] not in "，,：:、"


def is_subhead(text: str) -> bool:
    """Whether an unnumbered line in the body can be a heading."""
    return 2 <= len(text) <= 25 and not re.search("[，。；：！？、,;:|\t]", text) and not text[-1].isdigit()


def lead_of(text: str, listed: bool, printed: str = "") -> tuple[str, int]:
    """Return the run-in title of a paragraph and the offset in ``text`` behind it ("", 0 for none).

    Args:
        text: the paragraph behind its ordinal.
        listed: it is an item of a list, where "名称：…" is a run-in title too.
        printed: the raw beginning where the lost full stop left only a space; given when the neighbours have titles.
    """
    for pattern in (_LEAD, _LEAD_DOT):
        match = pattern.match(text)
        if match and not _NO_LEAD.match(match.group(1)):
            return match.group(1), match.end()
    if listed and (match := _LEAD_COLON.match(text)):
        return match.group(1), match.end()
    if printed and (match := _LEAD_SPACE.match(printed)):
        return match.group(1), len(match.group(1))
    return "", 0


def is_heading_of_part(rest: str) -> bool:
    """Whether what follows the number of a part (章, 节, 附件, 专栏, 类别) is its name, not a sentence about it."""
    return len(rest) <= 60 and not re.search("[。；]", rest) and not rest.endswith(("，", ","))
