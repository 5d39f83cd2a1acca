"""Places of China: provinces, prefecture-level cities, their tiers, groups and English names.

One table for two readers: the chat parser (places said in a request) and the analysis of where people say
they live. City tiers follow the list that YiCai publishes yearly (cities below 三线 carry no tier).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct

_PEARL_RIVER: Final = ("广州", "深圳", "佛山", "东莞", "惠州", "中山", "珠海", "江门", "肇庆")
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "江浙沪": ("江苏", "浙江", "上海"),
    "江浙沪皖": ("江苏", "浙江", "上海", "安徽"),
    "包邮区": ("江苏", "浙江", "上海"),
    "江浙": ("江苏", "浙江"),
    "川渝": ("四川", "重庆"),
    "成渝": ("成都", "重庆"),
    "云贵川": ("云南", "贵州", "四川"),
    "东三省": ("黑龙江", "吉林", "辽宁"),
    "东北三省": ("黑龙江", "吉林", "辽宁"),
    "东北": ("黑龙江", "吉林", "辽宁"),
    "两广": ("广东", "广西"),
    "两湖": ("湖北", "湖南"),
    "北上广深": ("北京", "上海", "广州", "深圳"),
    "北上广": ("北京", "上海", "广州"),
    "广深": ("广州", "深圳"),
    "京津冀": ("北京", "天津", "河北"),
    "京沪": ("北京", "上海"),
    "港澳台": ("香港", "澳门", "台湾"),
    "港澳": ("香港", "澳门"),
    "长三角": ("上海", "江苏", "浙江", "安徽"),
    "珠三角": _PEARL_RIVER,
    "粤港澳大湾区": ("香港", "澳门", *_PEARL_RIVER),
    "大湾区": ("香港", "澳门", *_PEARL_RIVER),
    "粤港澳": ("广东", "香港", "澳门"),
    "云贵": ("云南", "贵州"),
    "陕甘宁": ("陕西", "甘肃", "宁夏"),
    "苏锡常": ("苏州", "无锡", "常州"),
    "杭嘉湖": ("杭州", "嘉兴", "湖州"),
    "闽南": ("厦门", "泉州", "漳州"),
    "潮汕": ("汕头", "潮州", "揭阳"),
    "北上广深杭": ("北京", "上海", "广州", "深圳", "杭州"),
    "苏杭": ("苏州", "杭州"),
    "广佛": ("广州", "佛山"),
    "厦漳泉": ("厦门", "漳州", "泉州"),
    "长株潭": ("长沙", "株洲", "湘潭"),
    "成德绵": ("成都", "德阳", "绵阳"),
    "湘鄂": ("湖南", "湖北"),
    "北上深": ("北京", "上海", "深圳"),
    "华东": ("上海", "江苏", "浙江", "安徽", "福建", "江西", "山东"),
    "华南": ("广东", "广西", "海南"),
    "华北": ("北京", "天津", "河北", "山西", "内蒙古"),
    "华中": ("河南", "湖北", "湖南"),
    "西南": ("重庆", "四川", "贵州", "云南", "西藏"),
    "西北": ("陕西", "甘肃", "青海", "宁夏", "新疆"),
}
"""Regions said in one word, expanded."""

EN_GROUPS: Final[dict[str, str]] = {
    "yangtze river delta": "长三角",
    "pearl river delta": "珠三角",
    "northeast china": "东北",
    "dongbei": "东北",
    "greater bay area": "大湾区",
    "east china": "华东",
    "south china": "华南",
    "north china": "华北",
    "central china": "华中",
    "southwest china": "西南",
    "northwest china": "西北",
}
ALIASES: Final[dict[str, str]] = {
    "魔都": "上海", "帝都": "北京", "羊城": "广州", "鹏城": "深圳", "蓉城": "成都", "山城": "重庆", "peking": "北京",
    "canton": "广州", "xi'an": "西安", "hongkong": "香港", "hk": "香港", "macao": "澳门", "xizang": "西藏",
    "neimenggu": "内蒙古", "taibei": "台北", "taizhong": "台中", "gaoxiong": "高雄", "新疆维吾尔": "新疆",
    "广西壮族": "广西", "宁夏回族": "宁夏", "吉林市": "吉林",
}  # fmt: skip
_AMBIGUOUS: Final = frozenset(
    [
        "红河",
        "天水",
        "白山",
        "山南",
        "海东",
        "海西",
        "海北",
        "黄南",
        "日照",
        "朝阳",
        "凉山",
        "大同",
        "北海",
        "中卫",
        "固原",
    ]
)
_END = re.compile(r"(?:特别行政区|自治区|自治州|地区|盟|省|市|州)$")


class Place(Struct, frozen=True):
    """A place by its short simplified names.

    ``city`` is None for a province; a municipality is its own province and city. ``tier`` is 一线, 新一线,
    二线, 三线 or None (not in the list).
    """

    name: str
    province: str
    city: str | None
    tier: str | None


@cache
def _table() -> tuple[dict[str, Place], dict[str, str]]:
    by_name: dict[str, Place] = {}
    latin: dict[str, str] = {}
    text = (Path(__file__).parent / "data" / "places.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    for name, kind, province, tier, _ in rows:
        city = None if kind in ("p", "t") else name
        by_name[name] = Place(name, province, city, tier or None)
    # the bigger city owns a romanised name that two share (suzhou = 苏州, not 宿州)
    order = {"一线": 0, "新一线": 1, "二线": 2, "三线": 3, "": 4}
    for name, _, _, _, roman in sorted(rows, key=lambda row: order[row[3]]):
        if roman:
            latin.setdefault(roman, name)
    return by_name, latin


def names() -> tuple[str, ...]:
    """Every Chinese name that stands for a place or a group, longest first; without names that are also words."""
    own = (n for n in _table()[0] if len(n) > 1)
    aliases = (a for a in ALIASES if not a.isascii())
    return tuple(sorted({*own, *aliases, *GROUPS}, key=lambda n: (-len(n), n)))


def latin_names() -> tuple[str, ...]:
    """Every English or romanised name, lower case, longest first."""
    aliases = (a for a in ALIASES if a.isascii())
    return tuple(sorted({*_table()[1], *aliases, *EN_GROUPS}, key=lambda n: (-len(n), n)))


def is_also_a_word(name: str) -> bool:
    """True for a place whose name is an everyday word (日照, 大同): takes a clearer cue than the name alone."""
    return name in _AMBIGUOUS


def expand(name: str) -> tuple[str, ...]:
    """The short simplified names that ``name`` stands for: one place, the members of a group, or nothing."""
    name = name.lower()
    name = EN_GROUPS.get(name, name)
    if name in GROUPS:
        return GROUPS[name]
    by_name, latin = _table()
    name = ALIASES.get(name, name)
    name = latin.get(name, name)
    return (name,) if name in by_name else ()


def normalize_place(text: str) -> Place | None:
    """The place that ``text`` says (``四川 成都``, ``成都市锦江区``, ``Chengdu, China``, ``IP属地：广东``), or None.

    The most exact place in the text wins: a city before its province. Districts and streets after a city are
    ignored, a group (江浙沪) is not one place and gives None.
    """
    text = unicodedata.normalize("NFKC", text).strip().lower()[:200]
    by_name, latin = _table()
    text = re.sub(r"^(?:ip属地|属地|坐标|位置|现居|来自|base)\s*:?\s*", "", text)
    whole = expand(_END.sub("", text)) or expand(text)
    if len(whole) == 1:
        return by_name[whole[0]]
    found: Place | None = None
    for piece in (p for p in re.split(r"[\s,，·\-/|:、]+", text) if p):
        place = _leading(piece, by_name, latin)
        if place and (found is None or (found.city is None and place.province == found.province)):
            found = place
    return found


def _leading(piece: str, by_name: dict[str, Place], latin: dict[str, str]) -> Place | None:
    """The place at the start of ``piece``, with the more exact one right behind it (四川成都 → 成都)."""
    found: Place | None = None
    while piece:
        for size in (5, 4, 3, 2):
            name = ALIASES.get(piece[:size], piece[:size])
            place = by_name.get(name)
            if place and len(piece) >= size:
                break
        else:
            break
        if found and (found.city or place.province != found.province):
            break
        found = place
        piece = re.sub(r"^(?:省|市|自治区|特别行政区)", "", piece[size:])
    return found or (by_name[latin[piece]] if piece in latin else None)
