"""Chinese dates as ISO dates, and from when a document is in force."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.ordinals import count

_CN = "〇○零一二三四五六七八九十"
_DATE = re.compile(
    rf"(?P<y>(?:19|20)\d{{2}}|[二一][〇○Oo零九][{_CN}]{{2}})年"
    rf"(?P<m>\d{{1,2}}|[{_CN}]{{1,2}})月(?:(?P<d>\d{{1,2}}|[{_CN}]{{1,3}})日)?"
)
_FROM = re.compile(
    rf"自(?P<when>{_DATE.pattern}|(?:公布|发布|印发|颁布|下发|签发)之?日)起?(?:正式)?(?:施行|实施|执行|生效)"
)
_ENACTED = re.compile(r"本[\u4e00-\u9fff]{0,12}自|现予[公发]布|[，,]自|^自")


def iso(text: str) -> str:
    """Return the first date of a text as "2024-06-11" ("2024-06" without a day), "" for none."""
    match = _DATE.search(text)
    return _iso(match) if match else ""


def in_force(texts: Sequence[str], date: str) -> str:
    """Return from when the document says that it applies; "自公布之日起" gives ``date``."""
    for text in reversed(texts):
        for match in _FROM.finditer(text):
            if not _ENACTED.search(text[max(0, match.start() - 16) : match.start() + 1]):
                continue
            return iso(match.group("when")) or date
    return ""


def _iso(match: re.Match[str]) -> str:
    year, month, day = (_number(match.group(part)) for part in ("y", "m", "d"))
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return ""
    return f"{year:04d}-{month:02d}" + (f"-{day:02d}" if day else "")


def _number(text: str | None) -> int:
    if not text:
        return 0
    return count(re.sub("[○Oo]", "〇", text))
