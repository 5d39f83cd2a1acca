"""What only one act of ``works`` needs: caps, goals, parts of a brief, rules of a segment, what was agreed to."""

from __future__ import annotations

import re
from typing import Final

from xunke.plan import MAX_WORD

from . import doing_slots
from .numbers import parse, whole
from .rules import rule
from .work_said import AFTER, CALLED, SHARE, N, Said, Slots, about, names_in, ranks, until, who

_STEPS: Final = (
    ("follow", rule(r"关注|關注|follow")), ("talk", rule(r"私信|聊|沟通|说过话|谈|messag|talk|dm")),
    ("reply", rule(r"评论|評論|回了|回复|回覆|转发|留言|转评|评了|comment|repl|repost")),
    ("engage", rule(r"点赞|点了?个?赞|赞了|互动|收藏|like")), ("offer", rule(r"报价|推荐产品|推产品|试用邀请|优惠")),
)  # fmt: skip


def step(said: Said) -> Slots:
    return next(({"kind": kind} for kind, pattern in _STEPS if pattern.search(said.text)), {})


_PER: Final = rule(r"同一个人|每个人|一个人|单个用户|每人|per person|对同一")
_WINDOW: Final = (("week", rule(r"周|7天|星期|week")), ("month", rule(r"月|month")), ("day", rule(r"天|日|day")))
_COUNT: Final = rule(
    rf"(?:最多|不超过|别超过|不要超过|上限|限制|控制在|至多|只|at most|no more than|max)\D{{0,6}}?({N})"
)
_HOURS: Final = rule(rf"(?:晚上|夜里|夜间|晚间|凌晨|半夜)?\s?({N})点(?:半)?(?:\D{{0,4}}?(?:到|至|-)\D{{0,4}}?({N})点)?")


def limits(said: Said) -> Slots:
    """Caps (私信一天最多8个) and quiet hours (夜里10点到早上8点别打扰)."""
    count = _COUNT.search(said.text)
    if count and (number := whole(count[1])):
        window = next((name for name, pattern in _WINDOW if pattern.search(said.text)), "day")
        if _PER.search(said.text):
            return {"fields": {f"person_{window}": str(number)}}
        kind = step(said).get("kind")
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


_AIM: Final = rule(
    r"目标(?:是|[:：])?\s?(?P<kpi>[^\s\d,，:：]{1,8}?)\s?(?P<target>\d{1,7})\s?(?:[个位单条名]|$|[\s,，])"
)


def goal(said: Said) -> Slots:
    found = _GOAL.search(said.text)
    if found is None:
        aim = _AIM.search(said.text)
        return {} if aim is None else {"fields": {"target": aim["target"], "kpi": aim["kpi"]}}
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


def edit(said: Said) -> Slots:
    which = next((name for name, pattern in _EDITS if pattern.search(said.text)), None)
    if which in ("until", None):
        return until(said) if which else {}
    if which == "kpi":
        return goal(said)
    if which == "list" and said.names.get("list"):
        return {"fields": {"list": said.names["list"][0]}}
    owner = rule(r"(?:由|归)([^\s,，。]{1,10}?)(?:负责|管|跟)").search(said.text)
    value = _SET.search(said.typed) if owner is None else owner
    return {"fields": {which: value[1].strip()}} if value and which else {}


_VARIANT: Final = rule(r"([a-z甲乙一二\d])\s?(?:版|方案|组|文案|variant)|variant ([a-z\d])")


def variant(said: Said) -> Slots:
    found = _VARIANT.search(said.text)
    return {"fields": {"variant": (found[1] or found[2]).upper()}} if found else {}


_TASK: Final = rule(r"(?:任务|待办|事项|task)\s?[:：,，]\s?(.+)", re.DOTALL)


def task(said: Said) -> Slots:
    found = _TASK.search(said.typed) or AFTER.search(said.typed)
    return {"topic": (found[1] if found else said.typed).strip()[:MAX_WORD]}


_FACETS: Final = (
    "城市级别", "城市", "地区", "性别", "年龄", "兴趣", "粉丝数", "活跃度", "价值", "阶段", "需求",
    "city", "gender", "age", "interest", "value", "stage",
)  # fmt: skip


def items(said: Said) -> Slots:
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


def segment_rule(said: Said) -> Slots:
    """The rule in words (topic) or the group on the screen (ranks) that is to be kept."""
    if places := ranks(said):
        return {"ranks": places[:1]}
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


def treatment(said: Said) -> Slots:
    offer, cadence = _TREAT.search(_CADENCE.sub("", said.text)), _CADENCE.search(said.text)
    fields = {"offer": offer[1] if offer else "", "cadence": cadence[0] if cadence else ""}
    return {"fields": {name: value for name, value in fields.items() if value}}


_HOLD: Final = rule(r"(?:留|保留|留出|hold out|keep back)")
_PURPOSE: Final = rule(r"(?:目的|用途|用于|为了)(?:是|为|改成|设为|写成)?\s?[:：]?\s?([^\s,，。]{2,40})")


def hold(said: Said) -> Slots:
    share = SHARE.search(said.text)
    if share is None or not _HOLD.search(said.text):
        return {}
    value = doing_slots.share(share[1])
    return {} if value is None else {"fields": {"hold_out": value}}


def purpose(said: Said) -> Slots:
    found = _PURPOSE.search(said.text)
    return {"fields": {"purpose": found[1]}} if found else {}


def rename(said: Said) -> Slots:
    found = CALLED.search(said.text) or rule(r"(?:改成|改为|改名)\s?『?([^\s,，。』]{1,30})").search(said.text)
    known = {name for names in said.names.values() for name in names}
    if not found or found[1] in known or not re.search("改|更名|命名|rename", said.text):
        return {}
    return {"fields": {"rename": found[1].removeprefix("叫").removeprefix("为")}}


def whose(said: Said) -> Slots:
    """The people that a card or report is of: a segment, a list, one person, those on the screen."""
    if said.names.get("list") or "名单" in said.text:
        names = names_in(said, "list")
        return {"fields": {"list": names[0]}} if names else {}
    if found := who(said):
        return found
    names = [] if re.search("这些人|他们|她们|these|them", said.text) else names_in(said, "segment")
    return {"name": names[0]} if names else {"input": "last"}


def reported(said: Said) -> Slots:
    fields = {}
    if re.search("英文|english", said.text):
        fields["english"] = "yes"
    if re.search("(?:带|显示|写上|包含|要)(?:上)?(?:名字|姓名|昵称)|with names", said.text) and "不要" not in said.text:
        fields["names"] = "yes"
    for kind, slot in (("list", "list"), ("segment", "segment")):
        if said.names.get(kind):
            return {"fields": fields | {slot: said.names[kind][0]}}
    named = names_in(said, "campaign")
    return {"fields": fields} | ({"name": named[0]} if named else {})


_KEEP: Final = (
    ("comments", rule("评论")),
    ("touches", rule("触达|联系")),
    ("posts", rule("帖子|微博|笔记|数据|资料|保留|post")),
)


def keep(said: Said) -> Slots:
    found = rule(rf"({N})\s?(?:天|日|days)").search(said.text)
    days = whole(found[1]) if found else None
    what = next(name for name, pattern in _KEEP if pattern.search(said.text) or name == "posts")
    return {"fields": {what: str(days)}} if days else {}


_MEANS: Final = rule(r"邮件|短信|电话|私信|名片|共享|e-?mails?|sms|phone|calls|messages")
_EVIDENCE: Final = rule(r"(?:[,，(（]|(?<=了)\s)\s?([^,，()（）]{3,80}?)[)）]?$")


def agreed(said: Said) -> Slots:
    means, evidence = _MEANS.search(said.text.split(",")[0]), _EVIDENCE.search(said.text)
    fields = {"evidence": evidence[1]} if evidence else {}
    return ({"topic": means[0]} if means else {}) | ({"fields": fields} if fields else {})


_ARMS: Final = rule(r"([三四五3-5])\s?组")


def arms(said: Said) -> Slots:
    found = _ARMS.search(said.text)
    count = whole(found[1]) if found else None
    return {"fields": {"arms": ",".join("ABCDE"[:count])}} if count else {}


def go(said: Said) -> Slots:
    found = rule(rf"(?:超过|过|达到|高于|到|over|above)\s?了?{SHARE.source}|{SHARE.source}(?:以上)?\s?就").search(
        said.text
    )
    value = doing_slots.share(found[1] or found[2]) if found else None
    return {} if value is None else {"fields": {"go": value}}


def people_of(said: Said) -> Slots:
    for kind in ("list", "segment"):
        if said.names.get(kind):
            return {"fields": {"people": said.names[kind][0]}}
    names = names_in(said, "list") if "名单" in said.text else []
    return {"fields": {"people": names[0]}} if names else {}


def from_whom(said: Said) -> Slots:
    for kind in ("segment", "list"):
        if said.names.get(kind):
            return {"fields": {"from": said.names[kind][0]}}
    found = rule(r"从\s?『?([^\s,，。里』挑选抽]{1,20})(?:』|里|中|挑|选|抽)").search(said.text)
    return {"fields": {"from": found[1]}} if found and found[1] not in ("这些人", "结果", "他们") else {}


def place_of(said: Said) -> Slots:
    """Whose places are asked for: a group's, a list's, those who talk about something, else those on the screen."""
    for kind in ("segment", "list"):
        if said.names.get(kind):
            return {"name": said.names[kind][0]}
    if found := about(said):
        return found
    named = [] if re.search("这些|他们|她们|目标", said.text) else names_in(said, "segment")
    return {"name": named[0]} if named else {}


_POINTS: Final = rule(rf"({N})\s?(?:个点|个百分点|points?)")


def power(said: Said) -> Slots:
    """The rate that there is and the one that is to be told from it (5%到8%, 5%看出3个点)."""
    rates = [doing_slots.share(found[1]) for found in SHARE.finditer(said.text)]
    told = [rate for rate in rates if rate is not None]
    points = _POINTS.search(said.text)
    if len(told) == 1 and points is not None and (more := whole(points[1])):
        told.append(f"{float(told[0].rstrip('%')) + more:g}%")
    return {"fields": {"baseline": told[0], "target": told[1]}} if len(told) >= 2 else {}


_NUMBERED: Final = rule(r"(?:标签|tags?)\s?((?:\d{1,3}|[,，、\s第到至和-])*\d)|第\s?((?:\d{1,3}|[、第到至和-])*\d)")


def numbered(said: Said) -> Slots:
    """The tags that are meant, by their numbers (1、3-5)."""
    if found := _NUMBERED.search(said.text):
        return {"topic": (found[1] or found[2]).strip()}
    rank = ranks(said)
    return {"topic": "、".join(map(str, rank))} if rank else {}


_FACET: Final = rule(
    r"(?:看重的?东?西?|关注点|在意的点|value)(?:里|叫|是|[:：])?\s?(?:加上|补一条)?\s?[:：]?\s?(?P<name>[^\s,，:：]{1,20})"
    r"[\s,，:：]+(?:(?:关键)?词(?:有|用|是)|包含|words)?\s?[:：]?\s?(?P<topic>.{1,100})"
)


def facet(said: Said) -> Slots:
    """What people may care about, and the words that tell it."""
    found = _FACET.search(said.text)
    return {"name": found["name"], "topic": found["topic"].strip(" 。.")} if found else {}
