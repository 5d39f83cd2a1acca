"""The vocabulary and the handlers of the third reading: verbs, measures, formats, files, purposes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from . import lexicon
from .numbers import whole
from .tokens import Doc, Effects

BY: Final = lexicon.said("words", "by")
FORMAT: Final = lexicon.said("words", "format")
METHOD: Final = lexicon.said("words", "method")
TARGET: Final = lexicon.said("words", "targets")
SEP: Final = r"(?:、|和|跟|与|及|以及|还有|,\s?|\s?/\s?|\sand\s|\s?&\s?|\s)"
BYS: Final = rf"{BY}(?:{SEP}{BY}){{0,3}}"
POLITE: Final = (
    r"(?:帮我|帮忙|帮|请你?|麻烦你?|给我|替我|我想要?|我要|想要?|能不能|能否|可以|可不可以|"
    r"劳驾|先|再|然后|接着|最后|顺便|并且|并|同时|还要?|也|去|来|就|"
    r"把|将|只|都|全部?|各|分别|重新|另外|快|赶紧|给|咱|我们|再帮我|现在|一起|在|从|pls|"
    r"please|can you|could you|i want to|i'd like to|"
    r"i need to|let's|help me|now|then|and|also|just|first|go)"
)
HEAD: Final = rf"(?<![\u4e00-\u9fffA-Za-z0-9])(?:{POLITE}\s?){{0,5}}"
COLLECT: Final = (
    r"(?:捞一?下|捞(?!面|饭|汁)|抓取|抓一?下|抓(?!狂|娃娃|马|住|周|夹)|采集|采(?!购|访|光|暖|"
    r"耳)|爬取|爬一?下|爬(?!山|虫|行|宠|楼)|扒拉|扒一?扒|扒一?下|"
    r"扒(?!饭)|拉取|拉一下|拉(?!面|黑|萨|花|伸|链|丁|皮|筹|布|夫)|"
    r"收集|搜集|(?<![还在常有刚])更新一?[遍下]?(?!的|过|频|中|了|得|慢|快)|盯着?|监控|监测|"
    r"抓到|采一?下|收一?下|收一收|下载(?!文件|到|夹)|collect|"
    r"scrape|scraping|pull(?!\sup)|crawl|fetch|gather|grab|harvest|monitor|track|watch)(?!(?<=[a-z])[a-z])(?:下来|"
    r"回来|取|一?下|点|些|来|到|all\s|the\s)?"
)
FIND: Final = (
    r"(?:找一?找|找出来?|找一?下|找(?!工作|房|对象|茬|平替|搭子)|搜索|搜一?搜|搜一?下|"
    r"搜出?(?!集)|查找|查一?查|查一?下|查(?!重)|看一?看|看一?下|看(?!法|书|"
    r"病|电影|展|球|海|剧|点|车|房|牙|娃|相)|"
    r"列出来?|列一?下|列(?!车)|筛选|筛出来?|筛一?下|筛|挑选|挑出来?|挑(?!战|食|染)|选出?(?!择|"
    r"购)|推荐(?!指数|理由)|瞅瞅|瞧瞧|翻一?翻|瞄一?眼|来点|想看|"
    r"(?:来|整|弄|搞|出|凑|攒)(?:上|个)?(?:一?[份批波拨]|[几些点]个?儿?)|摸一?[下摸]|盘一?[下盘点]|圈[出一]?[下出]?|扫一?[下圈]|"
    r"(?:想)?知道|了解一?下?(?:一下)?|有没有(?=[^,，。;；]{0,30}(?:博主|达人|用户|号主|作者|人|帖|笔记|视频))|有(?=谁|哪些人)|"
    r"check\s?(?:下|out)?|find|show(?:\sme)?|list|search(?:\sfor)?|look(?:ing)?\sfor|"
    r"get(?:\sme)?|give\sme|pick(?:\sout)?|see|display|browse|who\sare|which|what\sare|need|want|"
    r"filter)(?!(?<=[a-z])[a-z])(?:一下|出|来|几个|些|the\s|all\s|out\s|点)?"
)
RESULT: Final = (
    r"(?:这些|那些|这批|那批|这帮|那帮|这拨|那拨|这群|那群|这波|这份|上面(?:的|这些)?|刚才(?:的|那些|那批)?|刚刚(?:的)?|以上|"
    r"这个|这\d+(?:个|条|位)|结果|名单|它们?|他们|她们|上一?步的?|"
    r"them|these|those|it|this|that|the\s(?:results?|list|set))"
)

Handler = Callable[["re.Match[str]", Doc], "Effects | None"]


def word_of(key: str, said: str) -> str | None:
    table = lexicon.values("words", key)
    said = said.lower().strip()
    return table.get(said) or table.get(said.replace("-", " ")) or table.get(said.replace(" ", ""))


def bys(text: str) -> tuple[str, ...]:
    found = [word_of("by", w) for w in re.findall(BY, text, re.IGNORECASE)]
    return tuple(dict.fromkeys(f for f in found if f))


def export_of(m: re.Match[str], doc: Doc) -> Effects | None:
    out: list[tuple[str, Any]] = [("action", "export")]
    form = m.groupdict().get("form")
    if form and (meaning := word_of("format", form)):
        out.append(("format", meaning))
    where = m.groupdict().get("where")
    if where:
        out.append(("path", path_of(where, doc)))
    return tuple(out)


def path_of(text: str, doc: Doc) -> str:
    text = text.strip().lower()
    if text in doc.tokens:
        return str(doc.value(text))
    if "桌面" in text or "desktop" in text:
        return "~/Desktop"
    return "~/Downloads"


WHERE: Final = (
    r"(?P<where>{U}|桌面|下载(?:文件夹|目录|里)?|(?:my\s|the\s)?desktop|(?:my\s|the\s)?downloads(?:\sfolder)?)"
)
INTO: Final = (
    r"(?:\s?(?:并|，|,)?\s?(?:放到?|放在|到|存到|存在|保存到|扔到?|丢到?|写到|写进|至|to|into|"
    r"on|in|as|at)\s?(?:我的?)?)"
)


def segment_of(m: re.Match[str], doc: Doc) -> Effects:
    out: list[tuple[str, Any]] = [("action", "segment")]
    groups = m.groupdict()
    if groups.get("k") and groups["k"] not in ("几", "数") and (number := whole(groups["k"])) and number > 1:
        out.append(("k", number))
    return tuple(out)


def share_of(m: re.Match[str], doc: Doc) -> Effects | None:
    by = bys(m[1])
    return (("action", "stats"), ("measure", ("share",)), ("by", by)) if by else None


def counted(word: str) -> str | None:
    """The measure that a word names, if it can be counted up."""
    meaning = word_of("measures", word)
    return None if meaning in ("influence", "post_count", "time", "relevance") else meaning


def measure_of(m: re.Match[str], doc: Doc) -> Effects | None:
    meaning = "count" if word_of("measures", m["m"]) == "post_count" else counted(m["m"])
    return (("measure?", (meaning,)),) if meaning else None


def list_of(text: str) -> tuple[str, ...]:
    text = re.sub(r"^\s*(?:只|就|仅)?(?:留|要|保留|导|导出|带|放|给我|包括|包含)+", "", text)
    return tuple(w.strip(" 的") for w in re.split(r"、|和|跟|,|，|\sand\s", text) if w.strip(" 的"))


def trend_of(text: str) -> Effects:
    return (("trend", True),) if re.search("走势|趋势|变化|曲线|trend|curve|over time", text) else ()


def dimension_of(text: str) -> Effects:
    for word, dimension in (
        ("平台", "platform"),
        ("platform", "platform"),
        ("品牌", "brand"),
        ("brand", "brand"),
        ("城市", "region"),
        ("city", "region"),
        ("地方", "region"),
        ("account", "account"),
        ("家", "brand"),
    ):
        if word in text:
            return (("dimension?", dimension),)
    return ()


PURPOSES: Final = (
    "寄样",
    "邀约",
    "建联",
    "约稿",
    "试吃",
    "试用",
    "探店",
    "合作",
    "投放",
    "带货",
    "推广",
    "置换",
    "送测",
    "送样",
    "代言",
    "试驾",
    "体验",
    "种草",
    "约拍",
)


def purpose_of(text: str) -> Effects:
    for word in PURPOSES:
        if word in text:
            return (("purpose", word),)
    if re.search(r"sampl|gifting", text, re.IGNORECASE):
        return (("purpose", "寄样"),)
    return ()


def approach_of(m: re.Match[str]) -> bool:
    """Words such as 探店, 体验 are also topics: they mean approaching only after 适合, 准备 … or as 外联 and 寄样."""
    if m["p"] in ("外联", "寄样", "建联", "邀约", "约稿", "送样", "送测"):
        return True
    return (
        bool(
            re.match(
                r"最?(?:适合|合适|可以|能|方便|值得|准备|打算|想要?|用来|拿来|好)(?:去)?(?:做|找来|请来|被|给)?", m[0]
            )
        )
        and m[0] != m["p"]
    )


_BANDS: Final = frozenset({"followers", "engagement", "influence", "activity"})
"""Measures that split people into bands; 按影响力来 alone is an order."""


def by_phrase(m: re.Match[str], doc: Doc) -> Effects | None:
    by = bys(m[1])
    if not by or (set(by) <= _BANDS and not re.search("数|统计|算|汇总|分|拆", m[0][len(m[1]) + 1 :])):
        return None
    out: list[tuple[str, Any]] = [("by", by)]
    if re.search("数|统计|算|汇总|分布|占比|比例|走势|趋势", m[0][len(m[1]) :]):
        out.insert(0, ("action", "stats"))
        if re.search("分布|占比|比例", m[0]):
            out.append(("measure", ("share",)))
    return tuple(out)
