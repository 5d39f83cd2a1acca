"""Rules of segments in plain words: 30天内发过3条以上 #减肥 的上海女生, 粉丝过万且最近7天活跃的, followers over 5k in Shanghai.

A sentence is a run of phrases, one row of a table each, with words between them that say nothing. Where anything is left
that no row reads, there is no rule: what was not understood is never dropped. The strict language (``segment_rules``)
goes first and says what is wrong with a rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from xunke.errors import BadInput

from .segment_fields import FIELDS
from .segment_rules import MOST, Node, Test, all_of, any_of, parse

Found = Sequence[Node] | None
Make = Callable[["re.Match[str]", "int | None"], Found]

_N: Final = r"(?P<n>\d+(?:\.\d+)?\s?[万千百亿wkm]?|[一二两三四五六七八九十百千万]{1,6})\+?"
_OVER: Final = r"(?:至少|不少于|不低于|大于等于|>=|≥|大于|超过|多于|高于|>|过|满|有|at least|over|more than|above)?\s?"
_UP: Final = r"\s?(?:以上|及以上|起|or more|\+)?"
_WORD: Final = r"[『「“\"']?#?(?P<w>[^\s,，。;；、#『』「」“”\"'且或但的]{1,16}?)#?[』」”\"']?"
_END: Final = r"(?=\s?(?:[,，。;；、]|的|且|或|但|并且|而且|同时|和|$))"
_NOT: Final = r"(?:从来?没有?|从未|还没有?|没有?|未曾?|不曾)(?:有)?(?:被)?(?:我们)?(?:主动)?"
_US: Final = r"(?:跟|和|与|给|对|在|为|向)?(?:过)?(?:我们?|咱们?|品牌)?(?:家|店|的(?:帖子|笔记|号))?"
_DAYS: Final = {"天": 1, "日": 1, "周": 7, "个星期": 7, "星期": 7, "个礼拜": 7, "礼拜": 7, "个月": 30, "月": 30, "年": 365,
                "day": 1, "week": 7, "month": 30, "year": 365}  # fmt: skip
_WINDOW: Final = re.compile(
    r"(?:最近|近|过去|这|in the |within the |in |within )?\s?(?:the )?(?:last |past )?"
    r"(?P<n>\d{1,4}|[一二两三四五六七八九十半]{1,3})\s?(?P<unit>天|日|周|个?星期|个?礼拜|个?月|年|days?|weeks?|months?|years?)"
    r"(?:之内|以内|内|里|来)?(?:都|内)?"
)
_SAYS_NOTHING: Final = re.compile(
    r"(?:[\s,，。;；、的了]|并且|而且|同时|而|且|但是?|还有|还|又|也|都|是|在|住在|来自|位于|属于|有|人|用户|粉丝们?|博主|达人|客户|"
    r"她们|他们|所有|那些|这些|把|在我们|我们|people|users|who|that|are|is|have|has|and|but|the|in|from|of|living|based)"
)
_AMONG: Final = re.compile(r"^(?:把|将|所有|那些|要求|条件是?)\s?|(?:这些|那些|的)?(?:人|用户)?们?[。.]?$")
_AND: Final = re.compile(r"[,，;；]|并且|而且|同时|且|但是?|以及|还有|\band\b|\bbut\b")
_TALKS: Final = re.compile(r"(?:说过?|提到过?|聊过?|发过|喜欢|爱|想买)")
_OR: Final = re.compile(r"或者?|\bor\b")
_ONE: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNIT: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_SCALE: Final = {"万": 1e4, "w": 1e4, "千": 1e3, "k": 1e3, "百": 100.0, "亿": 1e8, "m": 1e6}


def read(text: str) -> Node:
    """The rule that ``text`` says, strictly or in plain words. Raises what the strict language says of it."""
    try:
        return parse(text)
    except BadInput:
        found = plain(text)
        if found is None:
            raise
        return found


def plain(text: str) -> Node | None:
    """The rule that a sentence says; None if any of its words is not understood."""
    if len(text) > MOST:
        return None
    text = unicodedata.normalize("NFKC", text).strip().lower()
    text = _AMONG.sub("", _places()[1].sub(r"\g<1>、", text)).strip()
    known: list[Node] = []
    for part in _OR.split(text):
        clauses = [_clause(clause) for clause in _AND.split(part) if not _fills(clause)]
        if clauses == [None] and known and (verb := _TALKS.match(text)) is not None:
            clauses = [_clause(verb[0] + part.strip())]  # 聊露营或者徒步
        if not clauses or any(clause is None for clause in clauses):
            return None
        known.append(all_of(list(dict.fromkeys(node for clause in clauses for node in clause or ()))))
    return any_of(known)


def _fills(clause: str) -> bool:
    return re.fullmatch(f"(?:{_SAYS_NOTHING.pattern})*", clause) is not None


def _clause(text: str) -> list[Node] | None:
    """What must hold together, read from left to right; days said anywhere in it are those of all of it."""
    window = _WINDOW.search(text)
    days = None if window is None else _days(window)
    if window is not None:
        text = f"{text[: window.start()]} {text[window.end() :]}"
    found: list[Node] = []
    at = 0
    while at < len(text):
        if (taken := _phrase(text, at, days)) is not None:
            found += taken[0]
            at = taken[1]
        elif (nothing := _SAYS_NOTHING.match(text, at)) is not None:
            at = nothing.end()
        else:
            return None
    used = days is None or any(isinstance(t, Test) and (t.days == days or t.field in _AGES) for t in found)
    return found if found and used else None


def _phrase(text: str, at: int, days: int | None) -> tuple[Sequence[Node], int] | None:
    for pattern, make in _table():
        match = pattern.match(text, at)
        if match is not None and match.end() > at and (tests := make(match, days)) is not None:
            return tests, match.end()
    return _place(text, at)


_AGES: Final = frozenset({"last_active", "last_dealing", "last_purchase"})
"""Fields that are days themselves."""


def _days(match: re.Match[str]) -> int:
    said, unit = match["n"], match["unit"].removesuffix("s").removeprefix("个")
    each = _DAYS[unit]
    return each // 2 if said == "半" else int(_number(said) or 0) * each


def _number(said: str) -> float | None:
    said = said.replace(" ", "").lower()
    if said[:1].isdigit():
        return float(said.rstrip("万千百亿wkm")) * _SCALE.get(said[-1], 1.0)
    total, part, digit = 0, 0, 0
    for sign in said:
        if sign in _ONE:
            digit = _ONE[sign]
        elif sign == "万":
            total, part, digit = (total + part + digit) * 10_000 or 10_000, 0, 0
        elif sign in _UNIT:
            part, digit = part + (digit or 1) * _UNIT[sign], 0
        else:
            return None
    return float(total + part + digit)


# -- the phrases -----------------------------------------------------------------------------------------------------


def _num(field: str, op: str) -> Make:
    """A number of a field, of the days said before it if it may be asked so."""

    def make(match: re.Match[str], days: int | None) -> Found:
        value = _number(match["n"])
        return None if value is None else [Test(field, op, value, days if FIELDS[field].window else None)]

    return make


def _is(field: str, op: str, value: float | tuple[str, ...]) -> Make:
    def make(_: re.Match[str], days: int | None) -> Found:
        return [Test(field, op, value, days if FIELDS[field].window else None)]

    return make


def _said(field: str, op: str = "has") -> Make:
    def make(match: re.Match[str], days: int | None) -> Found:
        return [Test(field, op, (match["w"],), days if FIELDS[field].window else None)]

    return make


def _age(field: str, op: str) -> Make:
    """So many days since: those said before (最近7天活跃), or as a part of the phrase."""

    def make(_: re.Match[str], days: int | None) -> Found:
        return None if days is None else [Test(field, op, float(days))]

    return make


def _between(match: re.Match[str], _: int | None) -> Found:
    low, high = _number(match["n"]), _number(match["m"])
    if low is None or high is None:
        return None
    if low < 1000 <= high and match["m"][-1] in _SCALE and match["n"][-1] not in _SCALE:
        low *= _SCALE[match["m"][-1]]  # 粉丝1到5万
    return [Test("followers", ">=", low), Test("followers", "<=", high)]


def _born(match: re.Match[str], _: int | None) -> Found:
    return [Test("age", "has", (match[0],))]


_FANS: Final = r"(?:粉丝(?:数|量)?|粉)(?:在|是)?\s?"
_ROWS: Final[tuple[tuple[str, Make], ...]] = (
    # how many follow them
    (rf"{_FANS}{_N}\s?(?:到|至|-|~)\s?(?P<m>\d+(?:\.\d+)?\s?[万千wk]?)(?:之间)?", _between),
    (rf"{_FANS}(?:少于|小于|低于|不到|不超过|<=?|≤)\s?{_N}", _num("followers", "<")),
    (rf"{_FANS}{_N}\s?(?:以下|以内)", _num("followers", "<=")),
    (rf"{_FANS}{_OVER}{_N}{_UP}", _num("followers", ">=")),
    (rf"{_N}\s?(?:粉丝|粉){_UP}", _num("followers", ">=")),
    (rf"{_FANS}过万", _is("followers", ">=", 10_000.0)),
    (rf"(?:with )?(?:fewer|less) than {_N} followers", _num("followers", "<")),
    (rf"followers (?:under|below|less than) {_N}", _num("followers", "<")),
    (rf"(?:with )?{_OVER}{_N}{_UP} followers", _num("followers", ">=")),
    (rf"followers {_OVER}{_N}", _num("followers", ">=")),
    # what they write, and when
    (rf"(?:发|发布|写|更新)(?:过|了)?(?:帖|文)?{_OVER}{_N}\s?(?:条|篇|个|次)(?:帖子?|笔记|微博|视频)?{_UP}(?:帖子?|笔记|微博|视频)?",
     _num("posts", ">=")),
    (rf"发帖(?:数|量)?{_OVER}{_N}\s?(?:条|篇|个|次)?{_UP}", _num("posts", ">=")),
    (rf"posted {_OVER}{_N}(?: times| posts)?", _num("posts", ">=")),
    (r"(?:有)?(?:活跃|发帖|发过帖|更新|冒泡|出现)(?:过)?", _age("last_active", "<=")),
    (r"(?:都)?(?:没|不|未)(?:有)?(?:再)?(?:活跃|发帖|发过帖|更新|冒泡|出现|动静)(?:过|了)?", _age("last_active", ">")),
    (r"active", _age("last_active", "<=")),
    (r"(?:活跃在|在)?(?P<w>凌晨|深夜|早上|上午|下午|晚上)(?:活跃|发帖|上线|在线)?" + _END, _said("daypart")),
    (rf"(?:带|用|聊|发|写)?(?:过|了)?\s?#(?P<w>[^\s#,，。;；、的]{{1,20}})#?(?:话题|标签)?(?:的)?(?:帖子?|笔记|微博|内容)?", _said("tag")),
    (r"(?:平均|篇均|条均)互动(?:量|数)?" + _OVER + _N + _UP, _num("engagement", ">=")),
    (rf"影响力(?:在)?前\s?{_N}\s?%", lambda m, _: [Test("influence", ">=", 100.0 - (_number(m["n"]) or 0.0))]),
    (rf"影响力{_OVER}{_N}{_UP}", _num("influence", ">=")),
    # they and we
    (rf"{_NOT}(?:联系|触达|接触|跟进|打扰)(?:过|了)?(?:的)?", _is("approached", "=", 0.0)),
    (r"(?:没人|我们没(?:有)?|还没)(?:联系|触达|接触|跟进)过", _is("approached", "=", 0.0)),
    (r"(?:never|not(?: yet)?|haven't been) contacted|uncontacted", _is("approached", "=", 0.0)),
    (rf"(?:我们)?(?:联系|触达|接触|跟进)(?:过|了){_OVER}{_N}次{_UP}", _num("approached", ">=")),
    (r"(?:我们)?(?:已经)?(?:联系|触达|接触|跟进)(?:过|了)|(?:already )?contacted", _is("approached", ">=", 1.0)),
    (rf"{_NOT}关注(?:过|了)?(?:我们?|咱们?|品牌|本店)?(?:的(?:账?号|店))?", _is("dealing", "lacks", ("关注",))),
    (r"(?:do(?:es)? not|don't|doesn't|not yet|not) follow(?:ing)?(?: us)?", _is("dealing", "lacks", ("关注",))),
    (r"(?:已经)?关注(?:过|了)(?:我们?|咱们?|品牌|本店)?|follow(?:s|ing)? us", _is("dealing", "has", ("关注",))),
    (rf"{_NOT}{_US}(?:有过)?互动(?:过|了)?(?:我们)?", _is("dealings", "=", 0.0)),
    (rf"(?:没|不){_US}互动", _age("last_dealing", ">")),
    (rf"{_US}互动(?:过|了)?{_OVER}{_N}次{_UP}", _num("dealings", ">=")),
    (rf"{_US}(?:有过)?互动(?:过|了)?(?:我们)?|interacted with us", _is("dealings", ">=", 1.0)),
    (rf"(?:{_US})?(?P<w>评论|点赞|转发|提到|提及|回复)(?:过|了)(?:我们?|咱们?|品牌)(?:的(?:帖子?|笔记))?",
     lambda m, _: [Test("dealing", "has", ({"提到": "提及"}.get(m["w"], m["w"]),))]),
    (r"(?:回|答复)过(?:我们?|消息|私信)", _is("outcome", "has", ("reply",))),
    (rf"{_NOT}(?:买|购买|下单|下单过|成交|消费)(?:过|了)?(?:单|东西)?(?:我们的?(?:东西|产品)?)?|(?:never|not) bought",
     _is("purchases", "=", 0.0)),
    (rf"(?:买|购买|下单|复购|成交|下)(?:过|了)(?:单)?{_OVER}{_N}(?:次|单){_UP}", _num("purchases", ">=")),
    (r"(?:老客户|回头客|买过|购买过|下过单|成交过|消费过)(?:我们的?)?(?:东西|产品)?|bought(?: from us)?|(?:is a )?customers?(?![a-z])",
     _is("purchases", ">=", 1.0)),
    (rf"(?:累计|一共|总共)?(?:消费|花|花费|买)(?:金额|额|了)?{_OVER}{_N}\s?(?:元|块钱?)?{_UP}", _num("money", ">=")),
    (rf"spent {_OVER}{_N}(?: yuan)?", _num("money", ">=")),
    (r"(?:最有价值|高价值|价值高)", _is("value", "has", ("most",))),
    (r"(?:最?具?(?:有)?(?:成长)?潜力)", _is("value", "has", ("growth",))),
    (r"负值|负价值", _is("value", "has", ("negative",))),
    (r"(?:处[于在])?(?P<w>认知|兴趣|考虑|互动|拥护|沉睡|流失)(?:阶段|期)", _said("stage")),
    (r"(?P<w>沉睡|流失|拥护)(?:的|了)?(?=粉丝|客户|用户|人|$|[,，])", _said("stage")),
    (r"不在名单\s?『?(?P<w>[^\s,，。;；、里中的『』]{1,30})』?(?:里|中)?", _said("list", "lacks")),
    (r"在?名单\s?『?(?P<w>[^\s,，。;；、里中的『』]{1,30})』?(?:里|中)?", _said("list")),
    (r"不在(?:细分|分群|客群)\s?『?(?P<w>[^\s,，。;；、里中的『』]{1,30})』?(?:里|中)?", _said("segment", "lacks")),
    (r"在?(?:细分|分群|客群)\s?『?(?P<w>[^\s,，。;；、里中的『』]{1,30})』?(?:里|中)?", _said("segment")),
    # who they are, as they say
    (r"女生们?|女性|女孩子?|女的|妹子|小姐姐|女(?=[,，、\s的且]|用户|粉丝|博主|$)|women|woman|girls?|female", _is("gender", "has", ("female",))),
    (r"男生们?|男性|男孩子?|男的|小哥哥|男(?=[,，、\s的且]|用户|粉丝|博主|$)|men|man|boys?|male", _is("gender", "has", ("male",))),
    (r"[6-9]0后|[6-9]5后|0[05]后", _born),
    (r"(?P<w>新?一线|二线|三线)(?:城市)?", _said("city_tier")),
    (r"(?P<w>微博|小红书|抖音|知乎|豆瓣|b站|哔哩哔哩|贴吧|快手)(?:上|平台)?(?:的)?", _said("platform")),
    (r"(?:有)?(?:未认证|没认证|没加v)", _is("verified", "has", ("no",))),
    (r"(?:已?认证|加v|大v|蓝v|黄v)(?:过)?", _is("verified", "has", ("yes",))),
    (r"(?P<w>学生|大学生|宝妈|宝爸|程序员|白领|上班族|老师|教师|医生|护士|设计师|全职妈妈|自由职业者?|会计|律师)", _said("occupation")),
    (rf"职业(?:是|为)?{_WORD}{_END}", _said("occupation")),
    (rf"(?:不|没)(?:说|提|聊|发)(?:过|到)?{_WORD}{_END}", _said("said", "lacks")),
    (rf"(?:喜欢|爱好|爱|热爱|对)\s?{_WORD}(?:感兴趣|有兴趣)?{_END}", _said("interest")),
    (r"(?:interested in|into|likes?) (?P<w>[a-z]{2,20})", _said("interest")),
    (rf"(?:看重|在意|在乎|注重){_WORD}{_END}", _said("cares")),
    (rf"(?:说过?|提到过?|提过|聊过?|发过|讲过?|谈过?|写过?)(?:想要)?\s?{_WORD}(?:的?(?:帖子?|笔记|内容|话题))?{_END}", _said("said")),
    (r"(?:talks?|talking|posts?|posted|said|mention(?:s|ed)?)(?: about)? (?P<w>(?!at least)[a-z]{2,20})", _said("said")),
    (rf"(?P<w>(?:想|要|打算|准备)(?:要|去)?(?:买|入手|换|学)[^\s,，。;；、且或但的]{{0,12}}?){_END}", _said("said")),
)


@cache
def _table() -> tuple[tuple[re.Pattern[str], Make], ...]:
    return tuple((re.compile(pattern), make) for pattern, make in _ROWS)


@cache
def _places() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Places in a row; and one with a joint behind it and another after that."""
    from nlp import places

    here = "|".join(re.escape(name) for name in places.names())
    there = "|".join(re.escape(name) for name in places.latin_names())
    one = rf"(?:(?:{here})[省市]?|(?:{there})(?![a-z]))"
    row = re.compile(rf"(?P<no>不是|不在|非|除了|not (?:in|from) )?(?P<row>{one}(?:、{one})*)(?:那边|地区|本地)?")
    return row, re.compile(rf"({one})\s?(?:或者?|和|、|/|or )\s?(?={one})")


def _place(text: str, at: int) -> tuple[Sequence[Node], int] | None:
    """A province, a city, or several: one of them."""
    from nlp import places

    match = _places()[0].match(text, at)
    if match is None:
        return None
    names = [name for said in match["row"].split("、") for name in places.expand(said.rstrip("省市"))]
    known = [place for name in names if (place := places.normalize_place(name)) is not None]
    op = "lacks" if match["no"] else "has"
    cities = tuple(place.city for place in known if place.city and place.city != place.province)
    regions = tuple(place.province for place in known if not (place.city and place.city != place.province))
    tests = [Test(field, op, said) for field, said in (("region", regions), ("city", cities)) if said]
    return ([any_of(tests)] if op == "has" else tests, match.end()) if tests else None


__all__ = ["plain", "read"]
