"""Places in a request: provinces, cities, groups, tiers, districts behind a city; not the ones inside a noun."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from nlp import places

from . import lexicon
from .tokens import Doc, klass

_TIER: Final = r"(?:新一线|[一二三四五]线|[一二三四五](?=[、,和与及]?[二三四五]线))"
_TIER_JOIN: Final = r"(?:和|、|以及|及|与|或者?|到|至|-|,|，)?"
_ORDER: Final = ("一线", "新一线", "二线", "三线", "四线", "五线")
_EN_TIER: Final = {"1": "一线", "one": "一线", "2": "二线", "two": "二线", "3": "三线", "three": "三线"}
_LIVES: Final = (
    r"(?:(?<![a-z])ip(?:属地|地址)?|属地|坐标|定位|(?<![a-z])base|常驻|常住|现居|人在|位于|来自)(?:在|是|为|于|:|\s)*"
)
_SUFFIX: Final = r"(?:省|市|自治区|特别行政区)?(?:地区|本地|当地|本土|一带|周边)?"
_NO_PLACE: Final = r"(?!话|菜|大学|师大|理工|科技大|财大|路|风味|口味|口音|方言|帮|派|[角方部]$)"
_AREA: Final = r"[^的和在是有与跟小社景园地校郊片学商展灾山城专赛分省市,，。\s{R}]"


@cache
def _goods() -> str:
    """What a place lends its name to (热干面, 大米): 武汉热干面 is a dish, not a filter."""
    return lexicon.alternation(lexicon.table("local_names")["names"])


def read(doc: Doc) -> None:
    """Replace every place in ``doc`` by an R token with its short names, every tier of cities by an X."""
    doc.mask(
        rf"非?(?:{_TIER}{_TIER_JOIN}){{1,5}}(?:的?城市|(?=的[^\u4e00-\u9fff]|的(?!品牌|明星|员工|工人|生产|岗)|[,，。\s]|$))的?",
        "X",
        _tiers,
    )
    doc.mask(
        r"(?:tier[- ]?(1|2|3|one|two|three)(?:\s?(?:and|or|&|/|,)\s?(?:tier[- ]?)?(1|2|3|one|two|three))?|"
        r"(first)[- ]tier)\scit(?:y|ies)",
        "X",
        lambda m: (("city_tier", tuple(_EN_TIER[t.lower()] for t in (m[1], m[2]) if t) or ("一线",)),),
    )
    doc.mask(rf"(?:{_LIVES})?({_names()}){_SUFFIX}{_NO_PLACE}", "R", _region)
    doc.mask(
        rf"(?:(?:in|from|around|near|of|based in|living in)\s)?({_latin()})(?:[- ]based|\scity|\sprovince)?",
        "R",
        lambda m: places.expand(m[1]) or None,
    )
    # 四川成都 is Chengdu, 成都武侯区 too: the district is more than anybody states
    doc.mask(r"({R})\s?({R})(?:区|县)?", "R", lambda m: _inside(doc.value(m[1]), doc.value(m[2])))
    doc.mask(r"({R})(?:工业园区?|高新区|经开区|开发区|主城区|市区|岛内|岛外)", "R", lambda m: doc.value(m[1]))
    doc.mask(
        rf"({{R}}){_AREA.replace('{R}', klass('R')[1:-1])}{{1,3}}(?:新区|区|县)(?![别分域块间])",
        "R",
        lambda m: doc.value(m[1]),
    )
    joined = r"({R})(?:和|、|与|跟|或者?|以及|及|,|，|/| and | or |\s)({R})"
    for _ in range(6):
        before = doc.text
        doc.mask(joined, "R", lambda m: tuple(dict.fromkeys((*doc.value(m[1]), *doc.value(m[2])))))
        if doc.text == before:
            break
    doc.mask(r"({R})(?:这|等)?(?:[两二三四五六几]个?[地省市城]|等地)(?![铁位])", "R", lambda m: doc.value(m[1]))
    doc.text = re.sub(rf"不(?:在|住在|住|位于)(?={klass('R')})", "除了", doc.text)
    doc.text = re.sub(rf"除(?={klass('R')}(?:之|以)?外)", "除了", doc.text)


@cache
def _names() -> str:
    return "|".join(places.names())


@cache
def _latin() -> str:
    return lexicon.alternation(places.latin_names())


def _region(m: re.Match[str]) -> Any:
    name = m[1]
    after = m.string[m.end() : m.end() + 1]
    if places.is_also_a_word(name) and after not in ("市", "的", "本") and m[0] == name:
        return None
    if name == "阿里" or (name == "海南" and after == "鸡") or (name == "中山" and after in "装陵"):
        return None
    if m[0] == name and _longer(m):
        return None
    if m[0] == name and re.match(rf"{_goods()}(?![厂店馆铺街城])", m.string[m.end() :]):
        return None
    return places.expand(name) or None


def _longer(m: re.Match[str]) -> bool:
    """A word that only begins like a place (大理石, 中山公园)."""
    words = (m.string[m.start() : m.end() + more] for more in (1, 2))
    return any(w in lexicon.common() and w[-1] not in "人市省县区岛城站队" for w in words if len(w) > len(m[0]))


def _inside(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...] | None:
    """A city right behind its province, or a district's name that is also a city's (北京朝阳)."""
    if len(one) != 1 or len(two) != 1:
        return None
    first, second = places.normalize_place(one[0]), places.normalize_place(two[0])
    if first is None or second is None or second.city is None:
        return None
    if first.city is None and second.province == first.name:
        return two
    return one if first.city and places.is_also_a_word(second.name) else None


def _tiers(m: re.Match[str]) -> Any:
    found = [t if t.endswith("线") else t + "线" for t in re.findall(r"新一线|[一二三四五]线?", m[0])]
    if re.search("[到至-]", m[0]) and len(found) == 2 and _ORDER.index(found[0]) < _ORDER.index(found[1]):
        found = list(_ORDER[_ORDER.index(found[0]) : _ORDER.index(found[1]) + 1])
    if m[0].startswith("非"):
        found = [t for t in _ORDER if t not in found]
    return (("city_tier", tuple(dict.fromkeys(found))),) if "线" in m[0] else None
