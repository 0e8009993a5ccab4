"""Provinces, cities and national bodies as they stand in names of issuers: region and level of a document."""

from __future__ import annotations

import re

PROVINCES = {
    **dict.fromkeys(["北京", "天津", "上海", "重庆"], "市"),
    **dict.fromkeys(
        (
            "河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南"
            " 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾"
        ).split(),
        "省",
    ),
    "内蒙古": "自治区",
    "西藏": "自治区",
    "广西": "壮族自治区",
    "宁夏": "回族自治区",
    "新疆": "维吾尔自治区",
    "香港": "特别行政区",
    "澳门": "特别行政区",
}
"""Short name -> what its full name adds ("湖南" -> "省")."""

_PROVINCE = re.compile("|".join(f"(?:{name})(?:{end}|自治区)?" for name, end in PROVINCES.items()))
_CITY = re.compile(r"[\u4e00-\u9fff]{2,6}?(?:市|自治州|州|盟|地区)(?!场)")
_COUNTY = re.compile(r"[\u4e00-\u9fff]{2,6}?(?:自治县|县|区|旗)(?![域划块级])")
_NATIONAL = re.compile(
    r"(?:中华人民共和国|国务院|全国|中共中央|中央|国家|最高人民|中国人民银行|海关总署|审计署)"
    r"|[\u4e00-\u9fff]{2,12}(?:部|总局|总署)(?:办公厅|办公室)?$"
)


def place_of(name: str) -> tuple[str, str]:
    """Return (region, level) of an issuer's or title's name, ("", "") where it tells none.

    "湖南省生态环境厅" -> ("湖南省", "省级"); "生态环境部办公厅" -> ("全国", "国家级"); "丽水市…" -> ("丽水市", "市级").
    """
    province = _PROVINCE.match(name)
    rest = name[province.end() :] if province else name
    region = _full(province.group()) if province else ""
    if not province and _NATIONAL.match(name):
        return "全国", "国家级"
    city = _CITY.match(rest)
    county = None if city else _COUNTY.match(rest) if province else None
    if city:
        return region + city.group(), "市级"
    if county:
        return region + county.group(), "县级"
    return (region, "省级") if region else ("", "")


def _full(printed: str) -> str:
    for short, end in PROVINCES.items():
        if printed.startswith(short):
            return short + end
    return printed
