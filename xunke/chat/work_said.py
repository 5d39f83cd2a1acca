"""Who, which list, how many and until when, read from anywhere in a sentence that wants something done (``works``).

One reader a kind of thing: what the sentence says becomes slots of the step; what it does not say stays unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xunke.plan import MAX_WORD

from . import doing_slots, times
from .calendar_days import Span
from .numbers import parse, whole
from .rules import rule
from .tokens import Doc

Slots = dict[str, Any]

N: Final = r"(?:\d{1,5}|[一二两三四五六七八九十百半]{1,5})"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: ``text`` folded, ``typed`` as it came, ``names`` of each kind that stand in it, in order."""

    text: str
    typed: str
    today: date
    names: Mapping[str, tuple[str, ...]]


# -- people ------------------------------------------------------------------------------------------------------------

_AT: Final = rule(
    r"@\s?([^\s,，。:：;；!！?？@『』()（）]{1,40}?)(?=[\s,，。:：;；!！?？@『』()（）]|$|'s\b|的(?:帖|笔记|微博|视频|主页|链接|网址|画像|"
    r"备注|话术|投诉|标签|资料|数据|信息|评论|那条|联系|来往|问题)|(?<=\S\S)(?:吗|呢|说|让|写|起草|开口|私信|推迟|怎么|如何|贴|打上|加上|加个|"
    r"是个|是什么|不在|不想|没反应|没理|没回|已经|刚刚|回复|回了|回我|关注了|回关|投诉|下单|买了|成交|聊|现在|今天|下周|明天|发了|点了|点赞))"
)
_PLACES: Final = rule(rf"第\s?({N})\s?(?:到|至|-|~)\s?第?\s?({N})")
_PLACE: Final = rule(
    rf"第\s?({N})|(?:(?<!\d)#|no\.? ?|number )(\d{{1,4}})|({N})号(?!前|之前|以前)|"
    r"(?:任务|备忘|备注|item|task)\s?(\d{1,4})"
)
_FIRST: Final = rule(rf"(?:前|头)\s?({N})\s?(?:个|位|名|条|人)?")
_TOP: Final = rule(r"头一(?:个|位|名|条)|排第一|\bthe first\b")
_TH: Final = rule(r"\bthe (second|third|fourth|fifth)\b")
_ORDER: Final = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}


def ranks(said: Said) -> list[int]:
    if found := _PLACES.search(said.text):
        low, high = whole(found[1]) or 0, whole(found[2]) or 0
        return list(range(low, high + 1)) if 0 < low <= high < low + 200 else []
    ranks = [whole(next(filter(None, m.groups()))) or 0 for m in _PLACE.finditer(said.text)]
    if not ranks and (found := _FIRST.search(said.text)):
        return list(range(1, min(whole(found[1]) or 0, 200) + 1))
    if not ranks and (found := _TH.search(said.text)):
        return [_ORDER[found[1].lower()]]
    return [rank for rank in ranks if rank > 0] or ([1] if _TOP.search(said.text) else [])


def who(said: Said) -> Slots:
    accounts = [m[1] for m in _AT.finditer(said.text)]
    if accounts:
        return {"accounts": list(dict.fromkeys(accounts))}
    found = ranks(said)
    return {"ranks": list(dict.fromkeys(found))} if found else {}


def lines(said: Said) -> Slots:
    found = ranks(said)
    return {"ranks": list(dict.fromkeys(found))} if found else {}


# -- numbers and days --------------------------------------------------------------------------------------------------

_MINUTES: Final = rule(
    rf"({N})\s?(?:分钟|分鐘|min)|(一刻钟)|({N})\s?个?(?:半)?(?:小时|钟头|hours?)|(半)个?(?:小时|钟头)"
)
_PEOPLE: Final = rule(rf"({N})\s?(?:个人|个用户|个客户|位|名|人|个|people|persons)")
_MONEY: Final = rule(
    r"(\d{1,9}(?:\.\d{1,2})?\s?[万千wk]?|[一二两三四五六七八九十百千]{1,6})\s?(?:元|块|yuan|rmb)|[¥￥]\s?(\d{1,9}(?:\.\d{1,2})?)|(?:花了|投了|支出|付了|花掉|砸了|花费|下单了?|买了|成交了?|共|spent)\s?(\d{2,9})(?![个单件份])"
)
SHARE: Final = rule(r"(\d{1,2}(?:\.\d)?\s?%|百分之[一二三四五六七八九十\d]{1,3}|[一二两三]成)")
_LATER: Final = rule(
    rf"过?\s?({N})\s?天(?:之?后)?|(下周|下星期|下礼拜)|(明天|tomorrow)|(后天)|(下个月|下月)|"
    r"(过两天|过几天|晚点|改天|以后)|(next week)"
)


def minutes(said: Said) -> Slots:
    found = _MINUTES.search(said.text)
    if found is None:
        return {}
    value = 15.0 if found[2] else 30.0 if found[4] else (parse(found[1] or found[3]) or 0) * (1 if found[1] else 60)
    value = 30.0 if found[3] == "半" else value
    return {"minutes": float(value)} if value else {}


def limit(said: Said) -> Slots:
    found = _PEOPLE.search(_FIRST.sub("", re.sub(r"第\s?\S", "", said.text)))
    count = whole(found[1]) if found else None
    return {"limit": count} if count and count < 100_000 else {}


def amount(said: Said) -> Slots:
    found = _MONEY.search(said.text)
    value = parse(next(filter(None, found.groups()))) if found else None
    return {"amount": float(value)} if value else {}


def days(said: Said) -> Slots:
    found = _LATER.search(said.text)
    if found is None:
        return {}
    count = whole(found[1]) if found[1] else {2: 7, 3: 1, 4: 2, 5: 30, 6: 3, 7: 7}[found.lastindex or 6]
    return {"days": count} if count else {}


def _coming(said: Said, *, last: bool = False) -> tuple[date, date] | None:
    """The first day or stretch of days to come that is named, or the ``last``."""
    doc = Doc(said.text)
    times.read(doc, said.today)
    for char in reversed(doc.text) if last else doc.text:
        if char in doc.tokens and isinstance(doc.value(char), Span):
            found = doing_slots.coming(doc.tokens[char].raw.strip(), said.today)
            if found is not None:
                return found
    return None


def until(said: Said) -> Slots:
    found = _coming(said, last=True)
    return {} if found is None else {"until": found[1].isoformat()}


_REMIND: Final = rule(r"提醒|之?前|remind|by ")


def reminded(said: Said) -> Slots:
    """The day that one wants to be reminded (周五提醒我), not one in the words of a note (周末才回)."""
    return until(said) if _REMIND.search(said.text) else {}


def since(said: Said) -> Slots:
    found = _coming(said)
    return {} if found is None else {"since": found[1].isoformat()}


def span(said: Said) -> Slots:
    """The first stretch of days to come that is named."""
    found = _coming(said)
    return {} if found is None else {"since": found[0].isoformat(), "until": found[1].isoformat()}


def past(said: Said) -> Slots:
    cut = doing_slots.window(said.text, said.today)
    return {} if cut is None or cut[1] > said.today else {"since": cut[1].isoformat(), "until": cut[2].isoformat()}


# -- names and words ---------------------------------------------------------------------------------------------------

_QUOTED: Final = rule(r"『([^』]{1,60})』")
CALLED: Final = rule(
    r"(?:名叫|叫做|取名|命名为|名为|名字叫|名称是|名字是|改名|改叫|更名为|重命名为|叫|"
    r"called |named |(?:rename .{1,30} to ))"
    r"\s?[:：]?\s?『?([^\s,，。:：;；!！?？『』]{1,30})"
)
AFTER: Final = rule(r"[:：]\s?(.+)", re.DOTALL)
KIND_WORDS: Final[Mapping[str, str]] = {
    "list": r"(?:外联)?名单|列表", "segment": r"分群|人群|细分|客群", "campaign": r"活动|推广计划|推广|战役",
    "experiment": r"实验|测试|试点",
}  # fmt: skip
_LEAD: Final = re.compile(
    r"^(?:帮我|帮忙|请|麻烦|给我|那|好|嗯|我想|想|看一?下?|看看|查看?一?下?|打开|列出|显示|把|将|给|对|从|用|拿|为|在|删除?掉?了?|"
    r"能不能|可以|该|是不是|要不要|更新一?下?|刷新|结束|关闭|出一?份|写一?份|做一?份|生成|整理|比较|对比|这个|那个|这场|新建|建|一个|个|[,，\s])+"
)
_TAIL: Final = re.compile(r"(?:这个|那个|这场|的|里|里面|中|这份)+$")
_NO_NAME: Final = frozenset({
    "这个", "那个", "什么", "哪些", "哪个", "所有", "全部", "我的", "我们", "我们的", "有", "有哪些", "有什么", "几个",
    "这些", "那些", "目标", "新", "停", "停掉", "结束", "做", "标题", "文案", "对照", "ab", "a/b", "该", "本", "此",
    "有效", "个", "推广", "营销", "都", "各", "每个",
})  # fmt: skip


def names_in(said: Said, kind: str) -> list[str]:
    """Names of this kind: those of the project, those in quotation marks, those beside the word for the kind."""
    found = list(said.names.get(kind, ()))
    if found:
        return found
    quoted = [m[1] for m in _QUOTED.finditer(said.text)]
    if quoted:
        return quoted
    words = KIND_WORDS[kind]
    after = rule(rf"(?:{words})(?:叫|是|:|：)?\s?([^\s,，。:：;；!！?？的里中『』和跟与\d]{{1,20}})").search(said.text)
    before = rule(rf"([^\s,，。:：;；!！?？的『』]{{1,20}}?)(?:这个|那个|这场)?(?:{words})").search(said.text)
    for match in (before, after):
        name = _TAIL.sub("", _LEAD.sub("", match[1])) if match else ""
        if name and name not in _NO_NAME and len(name) > 1:
            return [name]
    return []


def named(kind: str, slot: str = "name", at: int = 0) -> Callable[[Said], Slots]:
    def read(said: Said) -> Slots:
        names = names_in(said, kind)
        if len(names) <= at:
            return {}
        return {slot: names[at]} if slot == "name" else {"fields": {slot: names[at]}}

    return read


def new_name(said: Said) -> Slots:
    """The name something new is to have."""
    known = {name for names in said.names.values() for name in names}
    called = CALLED.search(said.text)
    quoted = [m[1] for m in _QUOTED.finditer(said.text) if m[1] not in known]
    if called and called[1] not in known:
        return {"name": called[1]}
    if quoted:
        return {"name": quoted[0]}
    after = rule(
        r"(?:活动|推广计划|计划|推广|战役|名单|分群|人群|细分|实验|测试)\s?[:：,，]?\s?(?:叫)?([^\s,，。:：;；!！?？『』的]{2,20})"
    ).search(said.text)
    return {"name": after[1]} if after and after[1] not in known and not _CLAUSE.search(after[1]) else {}


_CLAUSE: Final = re.compile(
    r"目标|预算|目的|留|规则|条件|用于|有效|随机|哪|什么|怎么|吗|个人|里挑|里抽|里选|两组|实验|试水|计划叫"
)


def topic(said: Said) -> Slots:
    """The user's own words: what stands after a colon, as it was typed."""
    found = AFTER.search(said.typed)
    return {"topic": found[1].strip()[:MAX_WORD]} if found and found[1].strip() else {}


_VERB: Final = rule(
    r"(?:记一笔|记一下|记住|记|加个?备注|备注一下|备注|添加备注|笔记|备忘|提醒我|提醒|note|remember|remind me)"
    r"[,，:：]?\s?(?:that )?"
)


def note(said: Said) -> Slots:
    """The words of a note: after a colon, else the sentence without the verb, the person and the day."""
    if after := topic(said):
        return after
    rest = _VERB.sub("", said.text)
    rest = _AT.sub("", re.sub(r"^(?:给|帮|为|替|把)?\s?", "", rest)).strip(" ,，。的")
    return {"topic": rest[:MAX_WORD]} if rest else {}


def tag(said: Said) -> Slots:
    if after := topic(said):
        return {"topic": after["topic"].strip('『』“”"')}
    quoted = [m[1] for m in _QUOTED.finditer(said.text) if not any(m[1] in names for names in said.names.values())]
    if quoted:
        return {"topic": quoted[0]}
    found = rule(
        r"(?:标签|tag)\s?(?:改成|换成|设为|是)?\s?([^\s,，。的]{1,20})|(?:打上|贴上|标上|加上|标为|打个标|贴个标|打标)[:：\s]{0,2}([^\s,，。]{1,20}?)(?:的)?(?:标签|tag)?$"
    ).search(said.text)
    word = (found[1] or found[2]) if found else None
    return {"topic": word} if word else {}


_ABOUT: Final = rule(r"(?:聊|谈|讨论|关心|喜欢|爱|关于|about )\s?#?([^\s,，。的人#]{1,12})的?")


def about(said: Said) -> Slots:
    found = _ABOUT.search(said.text)
    return {"topic": found[1]} if found else {}
