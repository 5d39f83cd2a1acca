"""Requests about what is stored: scheduled jobs, the do-not-contact list, stored data (``lexicon/special.toml``)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from . import lexicon
from .numbers import NUM, parse
from .rules import Rule, rule
from .tokens import Doc, klass

Draft = dict[str, Any]

_OPS: Final = ("resume", "pause", "cancel", "list", "run")
"""Of several words the first of these decides: 停掉正在跑的 stops."""
_NAME: Final = r"[\u4e00-\u9fffA-Za-z0-9_.\-·]{1,20}?"
_KIND: Final = rule(r"最|的\d|\d+个|前\d|所有|全部|以上|以下")
"""粉丝最多的5个 is a way to find people and nobody's name."""
_NAMES: Final = rf"{_NAME}(?:(?:、|和|跟|与)\s?{_NAME}){{0,4}}"
_AND: Final = re.compile(r"、|和|跟|与|及|,|\sand\s|\s?&\s?")
_THEY: Final = re.compile(
    r"(?:他们|她们|它们|这些|那些|这批|那批|这几|那几|这\d+|名单|这个|那个|这位|那位|他|她|它|ta|them|these|those|this|that|him|her|it)"
    r".{0,6}|.{0,4}(?:人|用户|博主|达人|账号|号)",
    re.IGNORECASE,
)
"""What stands for people and is nobody's name."""


@cache
def words(table: str, key: str) -> str:
    """The alternation of one list of the table."""
    return lexicon.alternation(lexicon.table("special")[table][key])


def talked_of(text: str, at: int) -> bool:
    """Is what stands at ``at`` only talked of (聊删除好友的帖子)?"""
    clause = re.split(r"[,，。;；!?\n]", text[:at])[-1]
    if re.search(rf"{words('talk', 'before')}[^,，。;；]{{0,10}}$", clause, re.IGNORECASE):
        return True
    behind = re.split(r"[,，。;；!?\n]", text[at:])[0]
    return bool(re.search(rf"的\s?(?:相关)?{words('talk', 'nouns')}s?$", behind.strip(), re.IGNORECASE)) and bool(
        re.match(r"\s*(?:帮我|给我|请)?(?:找|搜|抓|看|采集|收集)", clause)
    )


def _values(doc: Doc, kind: str, text: str | None = None) -> list[Any]:
    """The values of the tokens of a kind in (a part of) the text."""
    chars = doc.text if text is None else text
    return [doc.value(c) for c in chars if c in doc.tokens and doc.tokens[c].kind == kind]


# ---------------------------------------------------------------- jobs


@cache
def _job_cues() -> tuple[Rule, ...]:
    """A job and what is done to it; a named thing that is stopped; a report that is stopped; what is scheduled."""
    op = "(?:" + "|".join(words("jobs", o) for o in _OPS) + ")"
    halt = "(?:" + "|".join(words("jobs", o) for o in ("resume", "pause", "run")) + "|取消|撤掉|cancel)"
    noun = rf"{words('jobs', 'noun')}(?!{words('jobs', 'not')})"
    quote = klass("Q")
    sources = (
        rf"{op}[^。;；]{{0,40}}?{noun}|{noun}[^。;；]{{0,14}}{op}",
        rf"(?:把|将)?{quote}(?:这个|那个|的)?(?:先|都|给我|也|就|现在|马上|立刻|这会儿)*{halt}(?:一?下|掉|了|吧)*(?=$|[,，。!！])|"
        rf"^(?:请|先|帮我|麻烦|现在|就|给我|please\s|\s)*{halt}(?:一[次遍下])?(?:一下|掉|了)?\s?(?:the\s)?"
        rf"{quote}(?:了|吧|先)?(?=$|[,，。!！])",
        rf"(?:把|将)[^,，。]{{2,24}}{words('jobs', 'report')}(?:先|都|给我)*{halt}(?:一?下|掉|了|吧)*$",
        rf"^(?:请|先|帮我|给我|please\s)*{halt}(?:一下|掉|了)?\s?(?:the\s)?[^,，。;；]{{0,16}}?"
        rf"{words('jobs', 'report')}(?:吧|了)?(?=$|[,，。;；])",
        words("jobs", "asked"),
    )
    return tuple(rule(source) for source in sources)


def jobs(doc: Doc) -> list[Draft] | None:
    """Listing, stopping, resuming, cancelling and running of scheduled jobs."""
    cue = next((m for known in _job_cues() if (m := known.search(doc.text))), None)
    if cue is None or talked_of(doc.text, cue.start()):
        return None
    text = doc.plain(doc.text)
    if re.search(words("jobs", "asked"), text, re.IGNORECASE):
        return [{"action": "jobs", "op": "list"}]
    unquoted = re.sub("『[^』]*』", "『』", text)
    op = next((o for o in _OPS if re.search(words("jobs", o), unquoted, re.IGNORECASE)), None)
    if op is None:
        return None
    return [job(doc, op)]


def job(doc: Doc, op: str) -> Draft:
    """The step that does ``op`` with the job that is named."""
    text = doc.plain(doc.text)
    step: Draft = {"action": "jobs", "op": op}
    if op != "list":
        quoted = _values(doc, "Q")
        if number := re.search(rf"{words('jobs', 'noun')}\s?#?(\d{{1,9}})(?!\d)", text, re.IGNORECASE):
            step["name"] = number[1]
        elif name := quoted[0] if quoted else _job_name(text):
            step["name"] = name
    return step


def _job_name(text: str) -> str | None:
    """The words for the job when manners, the verb and the word job are taken off."""
    noun = words("jobs", "noun")
    verbs = "|".join(words("jobs", o) for o in _OPS)
    manners = r"请|麻烦|帮我|给我|please|can you|把|将|先"
    mine = r"那个|这个|我的?|我们的?|the\s|my\s|our\s|that\s"
    if not re.match(rf"\s*{noun}", text, re.IGNORECASE):
        text = re.sub(rf"{noun}.*$", "", text, flags=re.IGNORECASE)
    for part in (
        rf"^(?:{manners}|{mine}|\s)+",
        rf"^(?:{verbs})(?:一?下|掉|了)?\s?",
        rf"^(?:{mine}|all\s|\s)+",
        rf"(?:先|都|给我)*(?:{verbs})(?:一?下|掉|了|吧)*$",
        r"(?:的|那个|这个|定时|\s)+$",
    ):
        text = re.sub(part, "", text, flags=re.IGNORECASE)
    return text if text and len(text) <= 40 and not re.fullmatch(r"所有|全部|all|it|这|那", text) else None


# ---------------------------------------------------------------- the do-not-contact list


_BARE: Final = (
    r"^(?!找|搜|查|看|列|有|谁|哪|怎|什么|把|将|请|帮)[^,，。?？!！的了在和\s]{2,20}\s?(?:勿扰|免打扰)(?:吧|了)?$"
)
"""A name and no more than that: 桃子姐姐勿扰."""


@cache
def _suppress_cues() -> tuple[Rule, ...]:
    """Somebody is put on the list or taken off it; the list is looked at; somebody wants to be left alone."""
    known = rf"{words('suppress', 'list')}(?!{words('suppress', 'not')})"
    act = "(?:" + "|".join(words("suppress", k) for k in ("put", "out", "ask")) + ")"
    who = f"(?:{klass('A')}|{klass('Q')})"
    stop = words("suppress", "stop")
    sources = (
        rf"{act}[^。;；]{{0,40}}?{known}|{known}(?:名单|列表|list)?(?:里|上|中)?(?:面)?(?:都)?\s?{act}|{known}(?:名单|列表)",
        rf"{who}[^。;；]{{0,16}}?{stop}|{stop}(?:一下)?\s?{who}|(?:把|将)[^,，。]{{1,20}}?拉黑|拉黑[^,，。]{{1,20}}$",
        r"(?:不再|不想再?|不要再?|别再?|拒绝|不愿)(?:接到|收到|被)?[^,，。]{0,8}?(?:联系|打扰|骚扰)(?!过|方式)",
        _BARE,
        rf"{stop}(?:她|他|ta|它|这个人|我们|him|her|them)?了?(?=$|[,，。!])",
    )
    return tuple(rule(source) for source in sources)


def suppress(doc: Doc) -> list[Draft] | None:
    """The do-not-contact list: add, remove, list. Asks for whom if nobody is named."""
    cue = next((m for known in _suppress_cues() if (m := known.search(doc.text))), None)
    if cue is None or talked_of(doc.text, cue.start()):
        return None
    clauses = [part for part in re.split(r"[,，;；]", doc.text) if _values(doc, "A", part)]
    if len(clauses) > 1:  # 把@a加勿扰，把@b移出来
        steps = [suppressed(doc, part) for part in clauses]
        if len({step["op"] for step in steps}) > 1:
            return steps
    return [suppressed(doc, doc.text)]


def suppressed(doc: Doc, text: str, known: str | None = None) -> Draft:
    """One step of the list, as one clause (or the whole text) says it; ``known``: what is to be done, if known."""
    plain = doc.plain(text)
    accounts = _values(doc, "A", text) or _values(doc, "Q", text) or _named(plain)
    bare = re.sub(words("suppress", "list"), " ", re.sub("『[^』]*』", " ", plain), flags=re.IGNORECASE)
    if re.search(words("suppress", "out"), bare, re.IGNORECASE) and not re.search("加|add|put", bare, re.IGNORECASE):
        op = "remove"
    elif not accounts and re.search(words("suppress", "ask"), bare, re.IGNORECASE) and not re.search("加|add", bare):
        op = "list"
    else:
        op = "add"
    op = known or op
    step: Draft = {"action": "suppress", "op": op}
    files = _values(doc, "U", text)
    if files and not accounts:
        step["path"] = files[0]
    elif op != "list" and accounts:
        step["accounts"] = accounts
    elif op != "list":
        step["clarify"] = ["account"]
    return step


def _named(text: str) -> list[str]:
    """Whoever stands where a name stands, with no @: 把桃子姐姐加入勿扰, 拉黑桃子姐姐."""
    act = "(?:" + "|".join(words("suppress", k) for k in ("put", "out")) + "|从|拉黑|给)"
    m = re.search(
        rf"^(?!把|将|请|帮|list|show|see|who|view)({_NAMES})(?:以后|之后|今后|从今)?\s?(?:都|也|就)*"
        rf"{words('suppress', 'stop')}|"
        rf"(?:把|将)\s?({_NAMES})\s?(?:都|也|先|给)*{act}|"
        rf"拉黑\s?({_NAME})(?:吧|了)?\s?(?=$|[,，。!])|"
        r"(?:add|put|move|remove|take)\s([A-Za-z0-9_.\-]{2,30}(?:\s(?:and\s)?[A-Za-z0-9_.\-]{2,30}){0,3}?)"
        r"\s(?:to|on|from|off|in|into|onto)\s",
        text,
        re.IGNORECASE,
    )
    if m is None:
        m = re.fullmatch(rf"({_NAMES})\s?(?:勿扰|免打扰)(?:吧|了)?", text) if re.search(_BARE, text) else None
    if m is None:
        return []
    names = [n.strip() for n in _AND.split(next(g for g in m.groups() if g))]
    return [n for n in names if n and not _THEY.fullmatch(n) and not _KIND.search(n)]


# ---------------------------------------------------------------- erasing

_DAYS: Final = {
    "天": 1,
    "日": 1,
    "day": 1,
    "周": 7,
    "星期": 7,
    "礼拜": 7,
    "week": 7,
    "月": 30,
    "month": 30,
    "年": 365,
    "year": 365,
}
_OLD: Final = rule(
    rf"({NUM})\s?(个?)(天|日|周|星期|礼拜|月|年|days?|weeks?|months?|years?)(半)?"
    r"(?:之?前|以前|以上|前|ago|\sold|\sor older)?|(半)(年)"
)
_BEFORE: Final = rule(r"前|以上|超过|早于|older|before|ago|over|more than|过期")
_TARGETS: Final = (
    ("comments", rule("评论|留言|弹幕|comments")),
    ("posts", rule("帖子|笔记|视频|文章|动态|(?<=的)微博(?!数据|的|内容)|posts|notes|videos")),
    ("people", rule("博主|用户|作者|达人|账号资料|people|users|creators|profiles")),
)


@cache
def _erase_cues() -> tuple[Rule, ...]:
    """A verb of deleting that governs data, an account or a platform, before it or behind 把; the verb all alone."""
    verb, thing = words("erase", "verb"), words("erase", "object")
    known = f"(?:{thing}|{klass('A')}|{klass('P')})"
    manners = r"(?:要求|请|把|都|全|帮我|帮忙|麻烦|给我|我想|我要|想|可以|能不能|please\s|can\syou\s|\s)*"
    jobs_ = r"(?![^。]{0,30}(?:任务|定时|jobs?\b|tasks?\b))(?!\s?(?:the\s)?(?:weekly|daily))"
    sources = (
        rf"(?:^|(?<=[,，。;；!\s])){manners}{verb}{jobs_}[^。]{{0,40}}?{known}",
        rf"(?:把|将)[^,，。]{{0,30}}{known}(?:都|全|全部|统统|给我|也)*{verb}(?:了|掉|吧|干净)*",
        rf"^(?:把|将)(?:她|他|ta)(?:们)?的?[^,，。]{{0,8}}{verb}|^[^。]{{0,20}}{thing}[^。]{{0,14}}?(?:都|全|全部|统统|给我|帮我)*{verb}(?:了|掉|吧|干净)*$",
        rf"^{manners}{verb}(?:吧|它|掉|了|it|that|this|everything|all|\s)*[\s,，。.!！?？]*$",
    )
    return tuple(rule(source) for source in sources)


def names_data(text: str) -> bool:
    """Does ``text`` speak of stored things, and not only of a platform or a place?"""
    return re.search(words("erase", "object"), text, re.IGNORECASE) is not None


def erase(doc: Doc) -> list[Draft] | None:
    """Deleting of stored data. Asks how much if nothing narrows it."""
    cue = next((m for known in _erase_cues() if (m := known.search(doc.text))), None)
    if cue is None or talked_of(doc.text, cue.start()):
        return None
    return erased(doc)


def erased(doc: Doc) -> list[Draft]:
    """The deleting that ``doc`` asks for."""
    plain = doc.plain(doc.text)
    step: Draft = {"action": "erase"}
    if accounts := _values(doc, "A"):
        step["accounts"] = accounts
    meant = [v for effects in _values(doc, "X") for slot, v in effects if slot == "platform?"]  # 微博 after 的
    if platforms := [*_values(doc, "P"), *meant]:
        step["platforms"] = list(dict.fromkeys(platforms))
    if (days := _age(plain)) is not None:
        step["older_than_days"] = days
    target = next((t for t, noun in _TARGETS if noun.search(plain)), None)
    if target and not (target == "people" and accounts):
        step["target"] = target
    if len(step) > 1 and step.keys() <= {"action", "target", "platforms"} and _of_somebody(doc.text):
        return [{"clarify": ["scope"]}]  # 删除抹茶笔记的数据: a name ends in the word for posts; never all posts for it
    return [step] if len(step) > 1 else [{"clarify": ["scope"]}]


_ALL_OF_IT: Final = rule(
    r"所有|全部|全都|整个|一切|那边|这边|那里|这里|平台|自己|以前|之前|存着|存了|存下来|存的|存|采集|抓取|收集|抓|我们|我|库里|项目里|本地|数据库|里面|里|上|把|将|请|帮忙|帮|麻烦|给|都|全|"
    r"也|的|了|掉|吧|干净|一下|旧|老|这些|那些|数据|记录|内容|资料|帖子|笔记|视频|文章|动态|微博|评论|留言|弹幕|博主|用户|作者|达人|账号|信息"
)


def _of_somebody(text: str) -> bool:
    """Whether what is to be deleted is narrowed by words that nothing made anything of."""
    rest = _ALL_OF_IT.sub("", rule(words("erase", "verb")).sub("", text))
    return re.search(r"[\u4e00-\u9fff]{2}", rest) is not None


def _age(plain: str) -> int | None:
    old = _OLD.search(plain)
    if not old or not _BEFORE.search(plain):
        return None
    number = parse(old[1]) if old[1] else 0.5
    days = _DAYS[(old[3] or old[6]).lower().rstrip("s")]
    if not number:
        return None
    value = number + (0.5 if old[4] else 0)
    return 180 if (days, value) == (365, 0.5) else int(value * days)
