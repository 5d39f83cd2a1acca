"""First reading: quotes, paths, tags, accounts, schedules, times, platforms, places become tokens."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from . import entities_places, lexicon, normalize, schedules, times
from .numbers import whole
from .tokens import Doc

_HAN = r"\u4e00-\u9fff"
_STOP = (
    r"(?=的|这个|那个|最近|近\d|近[一两三半俩]|[,，。;；!?:：、\s#@『』()]|话题|标签|超话|"
    r"和[#@]|跟|与[#@]|[在上里下]|说|"
    r"互动|粉丝|涨粉|谁|从|过去|今年|去年|上周|本月|加到?|加入|加进|移|拉黑|都拉|都加|都移|都删|删|不想|以后|别再|退订|账号|"
    r"帐号|是|对比|比(?=[\w@\U000f0000-\U0010ffff])(?!退订)|也|每|按|vs|$)"
)
_MORE = re.compile(
    r"的(?:微博|小红书|抖音|快手|[bB]站|ins|视频|笔记|帖|评论|互动|账号|帐号|作品|直播|涨粉|粉丝|数据|发帖|更新|动态|内容|文章|主页|号)|"
    r"最近|近[\d一两三半]|[去今]年|上周|上个?月|本月|跟我|和我|与我|和@|这个|那个|加入|加到|拉黑|移|删|对比|说|要求|账号|谁|是|也|都"
)
"""What follows a name with no blank between."""
_EXT = "xlsx|xls|csv|jsonl|json|md|html|pdf|parquet|txt|zip|db"


def read(text: str, today: date) -> Doc:
    """A Doc of the folded ``text`` in which every entity is a token and slips in fixed words are mended."""
    doc = Doc(text)
    doc.mask(r"『([^『』]{1,300})』", "Q", lambda m: m[1].strip() or None)
    doc.mask(r'"([^"]{1,300})"', "Q", lambda m: m[1].strip() or None)
    doc.mask(r"(?<![a-z0-9])'([^']{1,200})'(?![a-z0-9])", "Q", lambda m: m[1].strip() or None)
    doc.mask(r"https?://[\w.:/\[\]%~?=&+\-]+", "U", lambda m: m[0].rstrip(".,"))
    doc.mask(r"(?:[A-Za-z]:\\|~/|\.{1,2}/|(?<![A-Za-z0-9])/(?=\w+[/.]))[^\s,，。;；『』!]+", "U", lambda m: m[0])
    doc.mask(rf"(?<![\w@#.])[\w{_HAN}\-]+\.(?:{_EXT})\b", "U", lambda m: m[0])
    doc.mask(
        r"(?<![\w@.])(?:\d{1,3}(?:\.\d{1,3}){3}|localhost|\[[0-9a-f:]+\])(?::\d+)?(?:/[\w/.\-]*)?",
        "U",
        lambda m: m[0],
    )
    doc.mask(
        r"(?<![\w@.#])(?:[A-Za-z0-9\-]+\.){1,4}(?:com|cn|org|net|io|social|local|app|dev|internal|xyz|me|"
        r"online|space|club|world|lan|ai|tech|site|de|jp|uk)(?::\d+)?(?:/[\w/.\-]*)?(?![\w])",
        "U",
        lambda m: None if m[0].lower() == "x.com" else m[0],
    )
    doc.mask(r"#([^#@\s,，。;；『』]{1,30})#", "T", lambda m: m[1])
    doc.mask(r"#\s?{Q}", "T", lambda m: doc.value(m[0][-1]))
    doc.mask(rf"#([A-Za-z0-9_]{{1,40}})(?![{_HAN}A-Za-z0-9_])", "T", lambda m: m[1])
    doc.mask(rf"#([A-Za-z0-9_]{{1,40}}){_STOP}", "T", lambda m: m[1])
    doc.mask(rf"#([A-Za-z0-9_]{{0,30}}[{_HAN}A-Za-z0-9_]{{1,20}}?){_STOP}", "T", lambda m: m[1])
    doc.mask(r"{Q}(?:这个|这一)?(?:话题|标签|\s?tag|\s?hashtag)(?!下?的?博主)", "T", lambda m: doc.value(m[0][0]))
    doc.mask(r"(?:话题|标签|hashtag|tag)(?:是|为|叫|:)?\s?{Q}", "T", lambda m: doc.value(m[0][-1]))
    doc.mask(r"(?<![\w/])(?:r|subreddit)/([A-Za-z0-9_]{2,30})", "G", lambda m: ("reddit", m[1]))
    doc.mask(r"@\s?{Q}", "A", lambda m: doc.value(m[0][-1]))
    doc.mask(r"@([A-Za-z0-9_.\-]{1,40}@[a-z0-9.\-]{3,60})", "A", lambda m: m[1])
    doc.mask(rf"@([A-Za-z0-9_.\-]{{1,40}})(?![{_HAN}A-Za-z0-9_.\-])", "A", lambda m: m[1].rstrip("."))
    doc.mask(rf"@([{_HAN}A-Za-z0-9_.\-·]{{2,14}})(?=\s)", "A", lambda m: None if _MORE.search(m[1]) else m[1])
    doc.mask(rf"@([{_HAN}A-Za-z0-9_.\-·]{{1,24}}?){_STOP}", "A", lambda m: m[1])
    doc.text = _chain(normalize.mend(doc.text))
    doc.mask(
        r"每个?(天|日|周|星期|月|小时)一个(?:数|点)|一(天|周|月)一个(?:数|点)",
        "X",
        lambda m: (("by", ({"天": "day", "日": "day", "月": "month", "小时": "hour"}.get(m[1] or m[2], "week"),)),),
    )
    schedules.read(doc)
    _groups(doc)
    doc.mask(r"(?:最近|最新)(?:发布?)?的?\s?({N})\s?(?:条|篇|个(?=帖|视频|笔记))", "X", _newest)
    _platforms(doc)
    times.read(doc, today)
    entities_places.read(doc)
    return doc


def _chain(text: str) -> str:
    """A vs B vs C as A vs B、C: one list of three."""
    first, *rest = re.split(r"\s?(?<![a-z])(?:vs\.?|versus)(?![a-z])\s?", text, flags=re.IGNORECASE)
    return first + " vs " + "、".join(rest) if len(rest) > 1 else text


def _groups(doc: Doc) -> None:
    word = rf"[{_HAN}A-Za-z0-9]"
    verbs = r"爬取?|抓取?|采集?|收集|扒|捞|拉取?|盯|找|看看?|搜|帮我?|请|在|去|从|把|[集取一]"
    begin = rf"(?:(?<![{_HAN}A-Za-z0-9])|(?<=[爬抓采集扒捞拉取盯找看搜我请在去从把的下]))(?!{verbs})"
    doc.mask(
        rf"({word}{{1,10}}?吧)(?:跟|和|与|、|vs|对比?)\s?({word}{{1,8}}?吧)(?=[^。]{{0,16}}(?:哪个|谁|比|更|哪边))",
        "X",
        lambda m: (("action", "compare"), ("P", "tieba"), ("groups", tuple(_bar(g) for g in m.groups()))),
    )
    doc.mask(r"(?:微博)?超话\s?{Q}", "G", lambda m: ("weibo", doc.value(m[0][-1])))
    doc.mask(r"(?:社团|社群|群组|群|社区)\s?{Q}", "G", lambda m: (None, doc.value(m[0][-1])))
    doc.mask(r"(?:豆瓣|douban)?\s?小组\s?{Q}", "G", lambda m: ("douban", doc.value(m[0][-1])))
    doc.mask(r"{T}\s?超话", "G", lambda m: ("weibo", doc.value(m[0][0])))
    doc.mask(
        r"{Q}\s?(?:超话|小组|社团|社群|群组|群(?=里|内|中|上|的|[,，。]|$)|\s(?:group|channel|community)\b|吧(?![,，。\s]|$))",
        "G",
        lambda m: (None, doc.value(m[0][0])),
    )
    doc.mask(
        rf"{begin}(?:豆瓣)?(?:的)?({word}{{2,12}}?)小组(?!件)",
        "G",
        lambda m: (
            None
            if m[1].lower().endswith(("豆瓣", "douban"))
            else _group(m[1], "小组", "douban" if "豆瓣" in m[0] else None)
        ),
    )
    doc.mask(
        rf"{begin}(?:微博)?(?:的)?({word}{{2,12}}?)超话",
        "G",
        lambda m: _group(m[1], "超话", "weibo" if "微博" in m[0] else None),
    )
    doc.mask(
        rf"(?:百度)?贴吧(?:的|里的?|上的?)?\s?({word}{{1,8}}?吧)(?=[里上的和跟与、,，\s]|最近|近|$)",
        "G",
        lambda m: ("tieba", m[1]),
    )
    doc.mask(
        rf"(?:^|(?<=[\s,，在去从看搜抓爬]))({word}{{1,6}}吧)(?=里|上|的|最近|近)",
        "G",
        lambda m: None if m[1][:2] in ("贴吧", "酒吧") or m[1].endswith("贴吧") else ("tieba", m[1]),
    )
    doc.mask(
        r"(?:the )?([A-Za-z0-9_]{2,30}) subreddit|subreddit ([A-Za-z0-9_]{2,30})",
        "G",
        lambda m: ("reddit", m[1] or m[2]),
    )


def _bar(name: str) -> str:
    return re.sub(r"^(?:对比|比较|比一?比|看看?|百度|贴吧|里面?|上|的)+(?=..)", "", name)


def _newest(m: re.Match[str]) -> Any:
    number = whole(m[1])
    return (("sort", "time"), ("limit", number)) if number and number <= 1_000_000 else None


def _group(name: str, kind: str, platform: str | None) -> tuple[str | None, str] | None:
    name = re.sub(r"^(?:帮我|请|抓取?|爬取?|采集?|收集|找|看看?|搜|在|去|从|微博|豆瓣|的|上|里)+", "", name)
    return (platform, name + kind if kind == "超话" and len(name) < 2 else name) if name else None


def _platforms(doc: Doc) -> None:
    table = lexicon.values("platforms", "platforms")
    # 微博 is a platform and also what is posted there: after 的 it is the target
    doc.mask(
        r"(?<=的)微博(?![上里的和、号]|数据|记录|资料|帖|视频|内容|博主|用户|话题|文章|评论|账号|超话|粉丝)",
        "X",
        lambda m: (("target", "posts"), ("platform?", "weibo")),
    )
    doc.mask(
        r"(?:on|from|across|in)\s(?:x|X)(?![\w.])|(?:(?<=scrape\s)|(?<=pull\s)|(?<=search\s)|(?<=collect\s)|(?<=crawl\s)|(?<=monitor\s)|"
        r"(?<=watch\s)|(?<=check\s))(?:x|X)(?![\w.])|"
        r"(?<![\w])X(?:上|平台)|(?<![A-Za-z0-9])[xX](?=(?:和|、|跟|与|\sand\s)(?:threads|bluesky|mastodon|instagram|reddit|youtube|tiktok|微博|小红书))|(?<!\w)x(?=\s(?:posts?|tweets?|users?|accounts?|creators?|threads?)\b)",
        "P",
        lambda m: "x",
    )
    # 抖 for 抖音 only where platforms are listed, 蓝天 for Bluesky only where something is said there
    doc.mask(
        r"(?<=[、和与跟及])抖(?=[、和与跟及,，\s上里]|{P}|$)|(?<![\u4e00-\u9fff])抖(?=[、和与跟及])",
        "P",
        lambda m: "douyin",
    )
    doc.mask(r"(?<![干清香酥爽松薄嘎焦脆爆])脆(?:上面?|里)|(?<![\u4e00-\u9fff])脆(?=的)", "P", lambda m: "threads")
    doc.mask(r"蓝天(?=上的?[聊讲说发讨有])", "P", lambda m: "bluesky")
    doc.mask(
        r"各个?大?(平台|渠道)|不同平台|每个平台|(?:each|every)\splatform",
        "X",
        lambda m: (("all~", True), ("each", "platform")),
    )
    doc.mask(
        r"(?:across|on|from)\s(?:all\s|any\s)?(?:the\s)?platforms",
        "X",
        lambda m: (("all~", True),),
    )
    doc.mask(
        rf"(?:(?:on|from|across|"
        rf"via)\s(?:the\s)?)?({lexicon.said('platforms', 'platforms')})(?:上(?=上[个周星礼月季]|火[的爆过了]|热门))?",
        "P",
        lambda m: _platform(m, table),
    )


def _platform(m: re.Match[str], table: dict[str, str]) -> str | None:
    word = m[1].lower().replace("-", " ")
    before, after = m.string[max(0, m.start() - 1) : m.start()], m.string[m.end() : m.end() + 2]
    if word == "头条" and (after[:1] in ("新", "文") or before in ("上", "热")):
        return None
    if word in ("threads", "ig", "ks", "dy", "wb", "hn", "yt", "tk", "ins") and before.isascii() and before.isalpha():
        return None
    if (
        word == "threads"
        and m[0] == m[1]
        and before == " "
        and m.string[: m.start() - 1][-1:].isascii()
        and m.string[: m.start() - 1][-1:].isalpha()
    ):
        return None  # "find threads about": posts
    return table.get(word) or table.get(word.replace(" ", ""))
