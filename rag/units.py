"""Units of measure and measure words of Chinese documents: spellings, one canonical name, one base each."""

from __future__ import annotations

import re
from decimal import Decimal

# canonical name | factor to the first unit of its line's group | other spellings
_TABLE = """
千克 1 公斤 kg KG Kg; 吨 1000 公吨 t T; 克 0.001 g; 毫克 0.000001 mg; 微克 0.000000001 μg ug µg; 斤 0.5 市斤; 万吨级 1e7
千瓦时 1 kWh kW·h kwh KWh KWH kW.h kW•h 度电; 瓦时 0.001 Wh; 兆瓦时 1000 MWh MW·h; 吉瓦时 1000000 GWh; 太瓦时 1e9 TWh
千瓦 1 kW KW kw; 瓦 0.001 W; 兆瓦 1000 MW; 吉瓦 1000000 GW
千焦 1 kJ KJ; 焦耳 0.001 J 焦; 兆焦 1000 MJ; 吉焦 1000000 GJ; 太焦 1e9 TJ
千卡 1 kcal 大卡; 卡路里 0.001 cal
米 1 m; 厘米 0.01 cm; 毫米 0.001 mm; 微米 0.000001 μm um µm; 纳米 1e-9 nm; 公里 1000 千米 km
m2 1 平方米 平米 ㎡ m² m^2; 平方公里 1000000 平方千米 km2 km²; 公顷 10000 hm2 hm² ha; 平方厘米 0.0001 cm2 cm²
亩 1
m3 1 立方米 立方 m³ m^3 M3 M³ 方; 升 0.001 L l 公升; 毫升 0.000001 mL ml
Nm3 1 标准立方米 标立方米 标立方 标方 Nm³ Nm^3
℃ 1 摄氏度 °C ° C
度 1
帕 1 Pa; 千帕 1000 kPa KPa; 兆帕 1000000 MPa Mpa; 巴 100000 bar
伏 1 V; 千伏 1000 kV KV
安培 1 A
赫兹 1 Hz; 千赫 1000 kHz; 兆赫 1000000 MHz
分贝 1 dB dB(A)
元 1 元人民币 人民币 块钱; 角 0.1
美元 1; 美分 0.01
欧元 1; 
港元 1 港币
日元 1
英镑 1
% 1; ‰ 0.1
百分点 1 个百分点
成 1
折 1
倍 1
小时 1 个小时 h; 分钟 60e-2 min; 秒 1 s 秒钟
年 1 周年; 
个月 1 个自然月
天 1
个工作日 1 工作日
周 1 星期 个星期
季度 1 个季度
岁 1 周岁
人 1 名 位; 人次 1
ppm 1
转 1 r
"""
_TABLE = _TABLE.replace("分钟 60e-2 min; 秒 1 s 秒钟", "\n分钟 1 min; 秒 1 s 秒钟")
_COUNTERS = (
    "家 项 个 种 辆 台 套 条 座 处 户 批 次 例 件 只 头 艘 架 张 份 篇 部 所 间 层 栋 幢 块 片 株 棵 口 期 届 类 级 轮 "
    "场 点 分 支 瓶 桶 箱 袋 卷 册 本 幅 根 颗 粒 枚 把 艘次 架次 车次 尾 匹 组 队 班 列 趟 门 款 章 节 号 时 字 句 "
    "页 起 行 步 段 道 路 团 群 对 双 车 吨位 床 亿 标箱 公分 英里 海里 克拉 盎司 千字 万字 世纪 年代 工时 课时 学时 "
    "个以 亩次 人天 行政村 村 县 国 省 市 区"
)
_CANONICAL: dict[str, str] = {}
_BASE: dict[str, tuple[str, Decimal]] = {}


def _read_table() -> None:
    for line in _TABLE.strip().splitlines():
        first = ""
        for entry in filter(str.strip, line.split(";")):
            name, factor, *others = entry.split()
            first = first or name
            _BASE[name] = (first, Decimal(factor))
            for spelling in (name, *others):
                _CANONICAL[spelling] = name
    _CANONICAL.pop("°", None)
    _CANONICAL.pop("C", None)
    for name in _COUNTERS.split():
        if name not in ("亿", "个以", "市", "区", "国", "省", "县"):
            _CANONICAL.setdefault(name, name)
            _BASE.setdefault(name, (name, Decimal(1)))


_read_table()

# A one-character unit is none when it begins one of these words.
_NOT_BEFORE: dict[str, str] = dict(
    entry.split(":")
    for entry in (
        "方:面案法式向便针阵略位针程 升:级高至到温 成:立为本员果效功分品就长熟都交 分:为别布析期之解类工子 "
        "点:击评名 个:体人性 人:民工口员才均机大类文 家:庭具电长乡 次:要氯级年 件:套 级:别 部:分门委署 "
        "种:植子业养 期:间货待限 节:能水约电煤气 时:期间代段 度:假量过 年:代度均 头:部 口:岸 场:景所馆 门:户 "
        "道:路 路:线径 本:身地质法 号:线 字:号 行:业动为政 步:骤 段:落 对:于比接应 组:织成合件分 车:间辆型 "
        "元:素器件旦 安:全装 米:粉饭 克:服 焦:炭化煤 周:边期转 天:然气 类:型似别 例:如外 条:件例 座:位谈 套:利 "
        "处:理置于 户:外 只:有能 张:力 份:额 所:有需 间:接距隔 层:次面 块:状 片:区 卷:材 团:队 列:入为 款:式 "
        "章:节 把:握 支:持撑付出 位:于置 名:称单录牌 倍:增 亩:均 转:型化移换变 折:合算标旧 起:到来重步始初源点草 "
        "双:碳 "
    ).split()
)


def _pattern() -> str:
    parts = []
    for name in sorted(_CANONICAL, key=lambda n: (-len(n), n)):
        spelled = re.escape(name)
        if name[-1].isascii() and name[-1].isalnum():
            # OCR sets spaces before the power: "m ³", "Nm ³".
            spelled = re.sub(r"([mM])(\\\^)?([23²³])$", r"\1\\s?\2[\3]", spelled)
            spelled = spelled.replace("[2]", "[2²]").replace("[3]", "[3³]")
            spelled += "(?!(?!ce(?![A-Za-z])|CO[2₂ ])[A-Za-z0-9])"
        elif _NOT_BEFORE.get(name):
            spelled += f"(?![{_NOT_BEFORE[name]}])"
        parts.append(spelled)
    return "(?:" + "|".join(parts) + ")"


UNIT = _pattern()
"""One unit or measure word, longest first, on ``plain`` text."""
_SPACE = re.compile(r"\s+")


def canonical(spelling: str) -> str:
    """Return the one name of a unit ("kWh" -> "千瓦时", "m ³" -> "m3"); unknown spellings come back as they are."""
    packed = _SPACE.sub("", spelling).replace("²", "2").replace("³", "3")
    if packed in _CANONICAL:
        return _CANONICAL[packed]
    return _CANONICAL.get(_SPACE.sub("", spelling), packed)


def base(unit: str) -> tuple[str, Decimal]:
    """Return the base unit and the factor into it; a compound such as 千克/吨 is converted part by part."""
    factor = Decimal(1)
    names: list[str] = []
    for i, part in enumerate(unit.split("/")):
        name, by = _BASE.get(part, (part, Decimal(1)))
        names.append(name)
        factor = factor * by if i == 0 else factor / by
    return "/".join(names), factor


def spellings(group: str) -> tuple[tuple[str, Decimal], ...]:
    """Return every spelling of the units whose base unit is ``group``, with its factor; () for a lone unit."""
    units = {name: by for name, (first, by) in _BASE.items() if first == group}
    return tuple((s, units[name]) for s, name in _CANONICAL.items() if name in units) if len(units) > 1 else ()
