"""What an act of ``works`` needs, read from anywhere in the sentence: who, which list, how many, until when.

One reader a kind of thing and a table of which act has which. Nothing here decides what is meant; what a sentence does
not say stays unsaid, and the act asks for it.
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

_N: Final = r"(?:\d{1,5}|[一二两三四五六七八九十百半]{1,5})"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: ``text`` folded, ``typed`` as it came, ``names`` of each kind that stand in it, in order."""

    text: str
    typed: str
    today: date
    names: Mapping[str, tuple[str, ...]]


# -- people ------------------------------------------------------------------------------------------------------------

_AT: Final = rule(r"@\s?([^\s,，。:：;；!！?？@『』()（）]{1,40})")
_PLACES: Final = rule(rf"第\s?({_N})\s?(?:到|至|-|~)\s?第?\s?({_N})")
_PLACE: Final = rule(rf"第\s?({_N})|(?:(?<!\d)#|no\.? ?|number )(\d{{1,4}})|({_N})号(?!前|之前|以前)|(?:任务|备忘|备注|item|task)\s?(\d{{1,4}})")
_FIRST: Final = rule(rf"(?:前|头)\s?({_N})\s?(?:个|位|名|条|人)?")
_TOP: Final = rule(r"头一(?:个|位|名|条)|排第一|\bthe first\b")
_TH: Final = rule(r"\bthe (second|third|fourth|fifth)\b")
_ORDER: Final = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}


def _ranks(said: Said) -> list[int]:
    if found := _PLACES.search(said.text):
        low, high = whole(found[1]) or 0, whole(found[2]) or 0
        return list(range(low, high + 1)) if 0 < low <= high < low + 200 else []
    ranks = [whole(next(filter(None, m.groups()))) or 0 for m in _PLACE.finditer(said.text)]
    if not ranks and (found := _FIRST.search(said.text)):
        return list(range(1, min(whole(found[1]) or 0, 200) + 1))
    if not ranks and (found := _TH.search(said.text)):
        return [_ORDER[found[1].lower()]]
    return [rank for rank in ranks if rank > 0] or ([1] if _TOP.search(said.text) else [])


def _who(said: Said) -> Slots:
    accounts = [m[1] for m in _AT.finditer(said.text)]
    if accounts:
        return {"accounts": list(dict.fromkeys(accounts))}
    ranks = _ranks(said)
    return {"ranks": list(dict.fromkeys(ranks))} if ranks else {}


def _lines(said: Said) -> Slots:
    ranks = _ranks(said)
    return {"ranks": list(dict.fromkeys(ranks))} if ranks else {}


# -- numbers and days --------------------------------------------------------------------------------------------------

_MINUTES: Final = rule(rf"({_N})\s?(?:分钟|分鐘|min)|(一刻钟)|({_N})\s?个?(?:半)?(?:小时|钟头|hours?)|(半)个?(?:小时|钟头)")
_PEOPLE: Final = rule(rf"({_N})\s?(?:个人|个用户|个客户|位|名|人|个|people|persons)")
_MONEY: Final = rule(r"(\d{1,9}(?:\.\d{1,2})?\s?[万千wk]?|[一二两三四五六七八九十百千]{1,6})\s?(?:元|块|yuan|rmb)|[¥￥]\s?(\d{1,9}(?:\.\d{1,2})?)|(?:花了|投了|支出|付了|花掉|砸了|花费|spent)\s?(\d{2,9})")
_SHARE: Final = rule(r"(\d{1,2}(?:\.\d)?\s?%|百分之[一二三四五六七八九十\d]{1,3}|[一二两三]成)")
_LATER: Final = rule(rf"过?\s?({_N})\s?天(?:之?后)?|(下周|下星期|下礼拜)|(明天|tomorrow)|(后天)|(下个月|下月)|(过两天|过几天|晚点|改天|以后)|(next week)")


def _minutes(said: Said) -> Slots:
    found = _MINUTES.search(said.text)
    if found is None:
        return {}
    value = 15.0 if found[2] else 30.0 if found[4] else (parse(found[1] or found[3]) or 0) * (1 if found[1] else 60)
    value = 30.0 if found[3] == "半" else value
    return {"minutes": float(value)} if value else {}


def _limit(said: Said) -> Slots:
    found = _PEOPLE.search(_FIRST.sub("", re.sub(r"第\s?\S", "", said.text)))
    count = whole(found[1]) if found else None
    return {"limit": count} if count and count < 100_000 else {}


def _amount(said: Said) -> Slots:
    found = _MONEY.search(said.text)
    value = parse(next(filter(None, found.groups()))) if found else None
    return {"amount": float(value)} if value else {}


def _days(said: Said) -> Slots:
    found = _LATER.search(said.text)
    if found is None:
        return {}
    count = whole(found[1]) if found[1] else {2: 7, 3: 1, 4: 2, 5: 30, 6: 3, 7: 7}[found.lastindex or 6]
    return {"days": count} if count else {}


def _coming(said: Said) -> tuple[date, date] | None:
    """The first day or stretch of days to come that is named."""
    doc = Doc(said.text)
    times.read(doc, said.today)
    for char in doc.text:
        if char in doc.tokens and isinstance(doc.value(char), Span):
            found = doing_slots.coming(doc.tokens[char].raw.strip(), said.today)
            if found is not None:
                return found
    return None


def _until(said: Said) -> Slots:
    found = _coming(said)
    return {} if found is None else {"until": found[1].isoformat()}


def _since(said: Said) -> Slots:
    found = _coming(said)
    return {} if found is None else {"since": found[1].isoformat()}


def _span(said: Said) -> Slots:
    """The first stretch of days to come that is named."""
    found = _coming(said)
    return {} if found is None else {"since": found[0].isoformat(), "until": found[1].isoformat()}


def _past(said: Said) -> Slots:
    cut = doing_slots.window(said.text, said.today)
    return {} if cut is None or cut[1] > said.today else {"since": cut[1].isoformat(), "until": cut[2].isoformat()}


# -- names and words ---------------------------------------------------------------------------------------------------

_QUOTED: Final = rule(r"『([^』]{1,60})』")
_CALLED: Final = rule(r"(?:名叫|叫做|取名|命名为|名为|名字叫|名称是|名字是|改名|改叫|更名为|重命名为|叫|called |named |(?:rename .{1,30} to ))\s?[:：]?\s?『?([^\s,，。:：;；!！?？『』]{1,30})")
_AFTER: Final = rule(r"[:：]\s?(.+)", re.DOTALL)
_KIND_WORDS: Final[Mapping[str, str]] = {
    "list": r"(?:外联)?名单|列表", "segment": r"分群|人群|细分|客群", "campaign": r"活动|推广计划|推广|战役",
    "experiment": r"实验|测试|试点",
}  # fmt: skip
_LEAD: Final = re.compile(
    r"^(?:帮我|帮忙|请|麻烦|给我|那|好|嗯|我想|想|看一?下?|看看|查看?一?下?|打开|列出|显示|把|将|给|对|从|用|拿|为|在|删除?掉?了?|"
    r"能不能|可以|该|是不是|要不要|更新一?下?|刷新|结束|关闭|出一?份|写一?份|做一?份|生成|整理|比较|对比|这个|那个|这场|新建|建|一个|个|[,，\s])+"
)
_TAIL: Final = re.compile(r"(?:这个|那个|这场|的|里|里面|中|这份)+$")
_NO_NAME: Final = frozenset({
    "", "这个", "那个", "什么", "哪些", "哪个", "所有", "全部", "我的", "我们", "我们的", "有", "有哪些", "有什么", "几个", "这些",
    "那些", "目标", "新", "停", "停掉", "结束", "做", "标题", "文案", "对照", "ab", "a/b", "该", "本", "此", "有效", "个", "推广", "营销", "都", "各", "每个",
})  # fmt: skip


def _names(said: Said, kind: str) -> list[str]:
    """Names of this kind: those of the project, those in quotation marks, those beside the word for the kind."""
    found = list(said.names.get(kind, ()))
    if found:
        return found
    quoted = [m[1] for m in _QUOTED.finditer(said.text)]
    if quoted:
        return quoted
    words = _KIND_WORDS[kind]
    after = rule(rf"(?:{words})(?:叫|是|:|：)?\s?([^\s,，。:：;；!！?？的里中『』和跟与\d]{{1,20}})").search(said.text)
    before = rule(rf"([^\s,，。:：;；!！?？的『』]{{1,20}}?)(?:这个|那个|这场)?(?:{words})").search(said.text)
    for match in (before, after):
        name = _TAIL.sub("", _LEAD.sub("", match[1])) if match else ""
        if name and name not in _NO_NAME and len(name) > 1:
            return [name]
    return []


def _named(kind: str, slot: str = "name", at: int = 0) -> Callable[[Said], Slots]:
    def read(said: Said) -> Slots:
        names = _names(said, kind)
        if len(names) <= at:
            return {}
        return {slot: names[at]} if slot == "name" else {"fields": {slot: names[at]}}

    return read


def _new(said: Said) -> Slots:
    """The name something new is to have."""
    known = {name for names in said.names.values() for name in names}
    called = _CALLED.search(said.text)
    quoted = [m[1] for m in _QUOTED.finditer(said.text) if m[1] not in known]
    if called and called[1] not in known:
        return {"name": called[1]}
    if quoted:
        return {"name": quoted[0]}
    after = rule(
        r"(?:活动|推广计划|计划|推广|战役|名单|分群|人群|细分|实验|测试)\s?[:：,，]?\s?(?:叫)?([^\s,，。:：;；!！?？『』的]{2,20})"
    ).search(said.text)
    return {"name": after[1]} if after and after[1] not in known and not _CLAUSE.search(after[1]) else {}


_CLAUSE: Final = re.compile(r"目标|预算|目的|留|规则|条件|用于|有效|随机|哪|什么|怎么|吗|个人|里挑|里抽|里选|两组|实验|试水|计划叫")


def _topic(said: Said) -> Slots:
    """The user's own words: what stands after a colon, as it was typed."""
    found = _AFTER.search(said.typed)
    return {"topic": found[1].strip()[:MAX_WORD]} if found and found[1].strip() else {}


_VERB: Final = rule(
    r"(?:记一笔|记一下|记住|记|加个?备注|备注一下|备注|添加备注|笔记|备忘|提醒我|提醒|note|remember|remind me)[,，:：]?\s?(?:that )?"
)


def _note(said: Said) -> Slots:
    """The words of a note: after a colon, else the sentence without the verb, the person and the day."""
    topic = _topic(said)
    if topic:
        return topic
    rest = _VERB.sub("", said.text)
    rest = _AT.sub("", re.sub(r"^(?:给|帮|为|替|把)?\s?", "", rest)).strip(" ,，。的")
    return {"topic": rest[:MAX_WORD]} if rest else {}


def _tag(said: Said) -> Slots:
    if topic := _topic(said):
        return {"topic": topic["topic"].strip("『』“”\"")}
    quoted = [m[1] for m in _QUOTED.finditer(said.text) if not any(m[1] in names for names in said.names.values())]
    if quoted:
        return {"topic": quoted[0]}
    found = rule(r"(?:标签|tag)\s?(?:改成|换成|设为|是)?\s?([^\s,，。的]{1,20})|(?:打上|贴上|标上|加上|标为)\s?([^\s,，。]{1,20}?)(?:的)?(?:标签|tag)?$").search(said.text)
    word = (found[1] or found[2]) if found else None
    return {"topic": word} if word else {}


_ABOUT: Final = rule(r"(?:聊|谈|讨论|关心|喜欢|爱|关于|about )\s?#?([^\s,，。的人#]{1,12})的?")


def _about(said: Said) -> Slots:
    found = _ABOUT.search(said.text)
    return {"topic": found[1]} if found else {}


# -- one act's own -----------------------------------------------------------------------------------------------------

_STEPS: Final = (
    ("follow", rule(r"关注|關注|follow")), ("talk", rule(r"私信|聊|沟通|说过话|谈|messag|talk|dm")),
    ("reply", rule(r"评论|評論|回了|回复|回覆|转发|留言|转评|评了|comment|repl|repost")),
    ("engage", rule(r"点赞|点了?个?赞|赞了|互动|收藏|like")), ("offer", rule(r"报价|推荐产品|推产品|试用邀请|优惠")),
)  # fmt: skip


def _step(said: Said) -> Slots:
    return next(({"kind": kind} for kind, pattern in _STEPS if pattern.search(said.text)), {})


_PER: Final = rule(r"同一个人|每个人|一个人|单个用户|每人|per person|对同一")
_WINDOW: Final = (("week", rule(r"周|7天|星期|week")), ("month", rule(r"月|month")), ("day", rule(r"天|日|day")))
_COUNT: Final = rule(rf"(?:最多|不超过|别超过|不要超过|上限|限制|控制在|至多|只|at most|no more than|max)\D{{0,6}}?({_N})")
_HOURS: Final = rule(rf"(?:晚上|夜里|夜间|晚间|凌晨|半夜)?\s?({_N})点(?:半)?(?:\D{{0,4}}?(?:到|至|-)\D{{0,4}}?({_N})点)?")


def _limits(said: Said) -> Slots:
    """Caps (私信一天最多8个) and quiet hours (夜里10点到早上8点别打扰)."""
    count = _COUNT.search(said.text)
    if count and (number := whole(count[1])):
        window = next((name for name, pattern in _WINDOW if pattern.search(said.text)), "day")
        if _PER.search(said.text):
            return {"fields": {f"person_{window}": str(number)}}
        kind = _step(said).get("kind")
        return {"fields": {f"{kind}_day": str(number)}} if kind in ("follow", "reply", "engage", "talk") else {}
    if hours := _HOURS.search(said.text):
        start, end = whole(hours[1]), whole(hours[2]) if hours[2] else None
        if start is None or start > 24:
            return {}
        late = start + 12 if start < 12 and not re.search("早上|上午|凌晨", said.text[: hours.start(1)]) else start
        fields = {"quiet_from": f"{late % 24}:00"}
        return {"fields": fields | ({} if end is None or end > 24 else {"quiet_to": f"{end}:00"})}
    return {}


_GOAL: Final = rule(
    r"(涨粉|新增粉丝|成交|拿到|获得|新增|卖出|收到|增加|带来)\s?(\d{1,7}|[一二两三四五六七八九十百千]{1,6})\s?(?:个|位|单|条|名)?\s?([^\s,，。\d]{0,6})|"
    r"(\d{1,7})\s?(followers|orders|replies|likes|个?粉丝|单|条回复|个回复)"
)
_GOAL_WORDS: Final = {"涨粉": "新增粉丝", "成交": "成交", "卖出": "成交"}


def _goal(said: Said) -> Slots:
    found = _GOAL.search(said.text)
    if found is None:
        return {}
    number = parse(found[2] or found[4])
    word = found[5] or _GOAL_WORDS.get(found[1] or "") or found[3] or found[1]
    if number is None:
        return {}
    return {"fields": {"target": f"{number:g}", "kpi": re.sub("^[个条]", "", word or "")}}


_EDITS: Final = (
    ("statement", rule(r"定位|主张|口号|一句话")), ("offer", rule(r"优惠|福利|权益|利益点|折扣")),
    ("channels", rule(r"渠道|平台")), ("owner", rule(r"负责|owner|归")), ("kpi", rule(r"目标|指标|kpi")),
    ("until", rule(r"截止|时间|日期")), ("list", rule(r"名单")),
)  # fmt: skip
_SET: Final = rule(r"(?:(?:写成|改成|改为|设为|定为|调到|换成|改到|设成|是|为|用)\s?[:：]?|[:：])\s?『?([^』]{1,80})")


def _edit(said: Said) -> Slots:
    which = next((name for name, pattern in _EDITS if pattern.search(said.text)), None)
    if which in ("until", None):
        return _until(said) if which else {}
    if which == "kpi":
        return _goal(said)
    if which == "list" and said.names.get("list"):
        return {"fields": {"list": said.names["list"][0]}}
    owner = rule(r"(?:由|归)([^\s,，。]{1,10}?)(?:负责|管|跟)").search(said.text)
    value = _SET.search(said.typed) if owner is None else owner
    return {"fields": {which: value[1].strip()}} if value and which else {}


_VARIANT: Final = rule(r"([a-z甲乙一二\d])\s?(?:版|方案|组|文案|variant)|variant ([a-z\d])")


def _variant(said: Said) -> Slots:
    found = _VARIANT.search(said.text)
    return {"fields": {"variant": (found[1] or found[2]).upper()}} if found else {}


_TASK: Final = rule(r"(?:任务|待办|事项|task)\s?[:：,，]\s?(.+)", re.DOTALL)


def _task(said: Said) -> Slots:
    found = _TASK.search(said.typed) or _AFTER.search(said.typed)
    return {"topic": (found[1] if found else said.typed).strip()[:MAX_WORD]}


_FACETS: Final = (
    "城市级别", "城市", "地区", "性别", "年龄", "兴趣", "粉丝数", "活跃度", "价值", "阶段", "需求", "city", "gender", "age", "interest",
    "value", "stage",
)  # fmt: skip


def _items(said: Said) -> Slots:
    text, found = said.text.lower(), []
    for facet in _FACETS:
        if facet in text:
            found.append((text.index(facet), facet))
            text = text.replace(facet, "·" * len(facet))
    found.sort()
    return {"items": [facet for _, facet in found[:2]]} if len(found) >= 2 else {}


_RULE: Final = rule(r"(?:规则是?|条件是?|[:：])\s?[:：]?\s?(.{3,200})", re.DOTALL)
_KEPT: Final = rule(r"^(?:帮我|请|麻烦)?把(.{4,120}?)(?:存|保存|定义|设|建|做)(?:成|为|个)?")
_POINTED: Final = rule(r"这些人|他们|她们|这批|上面|结果|第.{1,3}[群组类]|那群|那一类")


def _segment_rule(said: Said) -> Slots:
    """The rule in words (topic) or the group on the screen (ranks) that is to be kept."""
    if ranks := _ranks(said):
        return {"ranks": ranks[:1]}
    kept = _KEPT.search(said.text)
    if kept and not _POINTED.search(kept[1]):
        return {"topic": kept[1].strip()}
    found = _RULE.search(said.text)
    group = rule(r"([^\s,，。把]{2,10})那(?:一)?[群类组]").search(said.text)
    if group:
        return {"fields": {"group": group[1]}}
    return {"topic": found[1].strip()} if found and not kept and len(found[1].strip()) > 4 else {}


_TREAT: Final = rule(r"(?:送|发|给|享受|推|用|安排)\s?([^\s,，。给对]{2,40}?)(?:$|[,，。])")
_CADENCE: Final = rule(r"每(?:周|月|天|季度|两周|半个?月|个月)(?:[一两二三]?次)?")


def _treatment(said: Said) -> Slots:
    offer, cadence = _TREAT.search(_CADENCE.sub("", said.text)), _CADENCE.search(said.text)
    fields = {"offer": offer[1] if offer else "", "cadence": cadence[0] if cadence else ""}
    return {"fields": {name: value for name, value in fields.items() if value}}


_HOLD: Final = rule(r"(?:留|保留|留出|hold out|keep back)")
_PURPOSE: Final = rule(r"(?:目的|用途|用于|为了)(?:是|为|改成|设为|写成)?\s?[:：]?\s?([^\s,，。]{2,40})")


def _hold(said: Said) -> Slots:
    share = _SHARE.search(said.text)
    if share is None or not _HOLD.search(said.text):
        return {}
    value = doing_slots.share(share[1])
    return {} if value is None else {"fields": {"hold_out": value}}


def _purpose(said: Said) -> Slots:
    found = _PURPOSE.search(said.text)
    return {"fields": {"purpose": found[1]}} if found else {}


def _rename(said: Said) -> Slots:
    found = _CALLED.search(said.text) or rule(r"(?:改成|改为|改名)\s?『?([^\s,，。』]{1,30})").search(said.text)
    known = {name for names in said.names.values() for name in names}
    if not found or found[1] in known or not re.search("改|更名|命名|rename", said.text):
        return {}
    return {"fields": {"rename": found[1].removeprefix("叫").removeprefix("为")}}


def _whose(said: Said) -> Slots:
    """The people that a card or report is of: a segment, a list, one person, those on the screen."""
    if said.names.get("list") or "名单" in said.text:
        names = _names(said, "list")
        return {"fields": {"list": names[0]}} if names else {}
    if found := _who(said):
        return found
    names = [] if re.search("这些人|他们|她们|these|them", said.text) else _names(said, "segment")
    return {"name": names[0]} if names else {"input": "last"}


def _reported(said: Said) -> Slots:
    fields = {}
    if re.search("英文|english", said.text):
        fields["english"] = "yes"
    if re.search("(?:带|显示|写上|包含|要)(?:上)?(?:名字|姓名|昵称)|with names", said.text) and "不要" not in said.text:
        fields["names"] = "yes"
    for kind, slot in (("list", "list"), ("segment", "segment")):
        if said.names.get(kind):
            return {"fields": fields | {slot: said.names[kind][0]}}
    named = _names(said, "campaign")
    return {"fields": fields} | ({"name": named[0]} if named else {})


_KEEP: Final = (("comments", rule("评论")), ("touches", rule("触达|联系")), ("posts", rule("帖子|微博|笔记|数据|资料|保留|post")))


def _keep(said: Said) -> Slots:
    found = rule(rf"({_N})\s?(?:天|日|days)").search(said.text)
    days = whole(found[1]) if found else None
    what = next(name for name, pattern in _KEEP if pattern.search(said.text) or name == "posts")
    return {"fields": {what: str(days)}} if days else {}


_MEANS: Final = rule(r"邮件|短信|电话|私信|名片|共享|e-?mails?|sms|phone|calls|messages")
_EVIDENCE: Final = rule(r"[,，(（]\s?([^,，()（）]{3,80}?)[)）]?$")


def _agreed(said: Said) -> Slots:
    means, evidence = _MEANS.search(said.text.split(",")[0]), _EVIDENCE.search(said.text)
    fields = {"evidence": evidence[1]} if evidence else {}
    return ({"topic": means[0]} if means else {}) | ({"fields": fields} if fields else {})


_ARMS: Final = rule(r"([三四五3-5])\s?组")


def _arms(said: Said) -> Slots:
    found = _ARMS.search(said.text)
    count = whole(found[1]) if found else None
    return {"fields": {"arms": ",".join("ABCDE"[:count])}} if count else {}


def _go(said: Said) -> Slots:
    found = rule(rf"(?:超过|过|达到|高于|到|over|above)\s?了?{_SHARE.source}").search(said.text)
    value = doing_slots.share(found[1]) if found else None
    return {} if value is None else {"fields": {"go": value}}


def _people_of(said: Said) -> Slots:
    for kind in ("list", "segment"):
        if said.names.get(kind):
            return {"fields": {"people": said.names[kind][0]}}
    names = _names(said, "list") if "名单" in said.text else []
    return {"fields": {"people": names[0]}} if names else {}


def _from(said: Said) -> Slots:
    for kind in ("segment", "list"):
        if said.names.get(kind):
            return {"fields": {"from": said.names[kind][0]}}
    found = rule(r"从\s?『?([^\s,，。里』挑选抽]{1,20})(?:』|里|中|挑|选|抽)").search(said.text)
    return {"fields": {"from": found[1]}} if found and found[1] not in ("这些人", "结果", "他们") else {}


def _place_of(said: Said) -> Slots:
    """Whose places are asked for: a group's, a list's, those who talk about something, else those on the screen."""
    for kind in ("segment", "list"):
        if said.names.get(kind):
            return {"name": said.names[kind][0]}
    if found := _about(said):
        return found
    named = [] if re.search("这些|他们|她们|目标", said.text) else _names(said, "segment")
    return {"name": named[0]} if named else {}


Reader = Callable[[Said], Slots]
_L, _S, _C, _E = (_named(kind) for kind in _KIND_WORDS)
READERS: Final[Mapping[str, tuple[Reader, ...]]] = {
    "today": (_minutes, _limit, _named("list", "list")), "next": (_who,), "touch": (_who,), "touch:done": (_who, _step),
    "touch:may": (_who, _step), "touch:later": (_who, _days), "outcome": (_who,), "outcome:bought": (_who, _amount),
    "draft": (_who,), "check": (_topic,), "preflight": (_L,), "limits:set": (_limits,),
    "note:add": (_who, _note, _until), "note:list": (_who,), "note:done": (_lines,), "snippet:add": (_topic,),
    "snippet:remove": (_lines,), "queue": (_lines,), "queue:later": (_lines, _days), "context": (_place_of,),
    "lists:show": (_L,), "lists:why_not": (_L, _who), "lists:dedupe": (_L,), "lists:tag": (_L, _tag),
    "lists:merge": (_L, _named("list", "other", 1)), "lists:minus": (_L, _named("list", "other", 1)),
    "lists:add": (_L, _who), "lists:remove": (_L, _who), "lists:drop": (_L,), "lists:set": (_L, _rename, _purpose, _until),
    "lists:create": (_new, _from, _minutes, _limit, _hold, _purpose, _until),
    "segments:show": (_S,), "segments:refresh": (_S,), "segments:save": (_new, _segment_rule), "segments:matrix": (_items,),
    "segments:treat": (_S, _treatment), "segments:as_list": (_S,), "segments:drop": (_S,),
    "persona": (_whose,), "persona:tag": (_who, _tag), "campaign:new": (_new, _goal, _until, _named("list", "list")),
    "campaign": (_C,), "campaign:list": (), "campaign:maturity": (), "campaign:edit": (_C, _edit), "campaign:cost": (_C, _amount, _minutes),
    "campaign:code": (_C, _variant), "campaign:task": (_C, _task), "campaign:task_done": (_lines,),
    "campaign:compare": (_C, _named("campaign", "other", 1)), "calendar": (_span,), "calendar:mix": (), "calendar:add": (_since, _topic),
    "calendar:move": (_lines, _since), "calendar:done": (_lines,), "calendar:drop": (_lines,),
    "experiment": (_E,), "experiment:new": (_new, _people_of, _hold, _arms), "experiment:pilot": (_new, _people_of, _limit, _go),
    "experiment:list": (), "review": (_C,), "followers": (_past,), "report": (_reported,), "retention:set": (_keep,),
    "held": (_who,), "held:card": (), "consent:add": (_who, _agreed), "consent:withdraw": (_who, _agreed),
}  # fmt: skip


def slots(code: str, said: Said) -> Slots:
    """The slots of an act (``touch:done``) that the sentence says."""
    found: Slots = {}
    fields: dict[str, str] = {}
    for read in READERS.get(code, READERS.get(code.partition(":")[0], ())):
        part = read(said)
        fields |= part.pop("fields", {})
        found |= part
    if fields:
        found["fields"] = [[name, value[:200]] for name, value in sorted(fields.items()) if value]
    return found
