"""Third reading: what is to be done, with which measure, split by what, into which file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from . import lexicon
from .numbers import whole
from .slots import MEASURE
from .tokens import ANY, Doc, Effects, klass

BY: Final = lexicon.said("words", "by")
FORMAT: Final = lexicon.said("words", "format")
METHOD: Final = lexicon.said("words", "method")
TARGET: Final = lexicon.said("words", "targets")
_SEP: Final = r"(?:、|和|跟|与|及|以及|还有|,\s?|\s?/\s?|\sand\s|\s?&\s?|\s)"
_BYS: Final = rf"{BY}(?:{_SEP}{BY}){{0,3}}"
_POLITE: Final = (
    r"(?:帮我|帮忙|帮|请你?|麻烦你?|给我|替我|我想要?|我要|想要?|能不能|能否|可以|可不可以|"
    r"劳驾|先|再|然后|接着|最后|顺便|并且|并|同时|还要?|也|去|来|就|"
    r"把|将|只|都|全部?|各|分别|重新|另外|快|赶紧|给|咱|我们|再帮我|现在|一起|在|从|pls|"
    r"please|can you|could you|i want to|i'd like to|"
    r"i need to|let's|help me|now|then|and|also|just|first|go)"
)
_HEAD: Final = rf"(?<![\u4e00-\u9fffA-Za-z0-9])(?:{_POLITE}\s?){{0,5}}"
_COLLECT: Final = (
    r"(?:捞一?下|捞(?!面|饭|汁)|抓取|抓一?下|抓(?!狂|娃娃|马|住|周|夹)|采集|采(?!购|访|光|暖|"
    r"耳)|爬取|爬一?下|爬(?!山|虫|行|宠|楼)|扒拉|扒一?扒|扒一?下|"
    r"扒(?!饭)|拉取|拉一下|拉(?!面|黑|萨|花|伸|链|丁|皮|筹|布|夫)|"
    r"收集|搜集|(?<![还在常有刚])更新一?[遍下]?(?!的|过|频|中|了|得|慢|快)|盯着?|监控|监测|"
    r"抓到|采一?下|收一?下|收一收|下载(?!文件|到|夹)|collect|"
    r"scrape|scraping|pull|crawl|fetch|gather|grab|harvest|monitor|track|watch)(?!(?<=[a-z])[a-z])(?:下来|"
    r"回来|取|一?下|点|些|来|到|all\s|the\s)?"
)
_FIND: Final = (
    r"(?:找一?找|找出来?|找一?下|找(?!工作|房|对象|茬|平替|搭子)|搜索|搜一?搜|搜一?下|"
    r"搜出?(?!集)|查找|查一?查|查一?下|查(?!重)|看一?看|看一?下|看(?!法|书|"
    r"病|电影|展|球|海|剧|点|车|房|牙|娃|相)|"
    r"列出来?|列一?下|列(?!车)|筛选|筛出来?|筛一?下|筛|挑选|挑出来?|挑(?!战|食|染)|选出?(?!择|"
    r"购)|推荐(?!指数|理由)|瞅瞅|瞧瞧|翻一?翻|瞄一?眼|来点|想看|"
    r"check\s?(?:下|out)?|find|show(?:\sme)?|list|search(?:\sfor)?|look(?:ing)?\sfor|"
    r"get(?:\sme)?|give\sme|pick(?:\sout)?|see|display|browse|who\sare|which|what\sare|need|want|"
    r"filter)(?!(?<=[a-z])[a-z])(?:一下|出|来|几个|些|the\s|all\s|out\s|点)?"
)
_RESULT: Final = (
    r"(?:这些|那些|这批|那批|这份|上面(?:的|这些)?|刚才(?:的|那些|那批)?|刚刚(?:的)?|以上|"
    r"这个|这\d+(?:个|条|位)|结果|名单|它们?|他们|她们|上一?步的?|"
    r"them|these|those|it|this|that|the\s(?:results?|list|set))"
)

Handler = Callable[["re.Match[str]", Doc], "Effects | None"]


def _word(key: str, said: str) -> str | None:
    table = lexicon.values("words", key)
    said = said.lower().strip()
    return table.get(said) or table.get(said.replace("-", " ")) or table.get(said.replace(" ", ""))


def _bys(text: str) -> tuple[str, ...]:
    found = [_word("by", w) for w in re.findall(BY, text, re.IGNORECASE)]
    return tuple(dict.fromkeys(f for f in found if f))


def _export(m: re.Match[str], doc: Doc) -> Effects | None:
    out: list[tuple[str, Any]] = [("action", "export")]
    form = m.groupdict().get("form")
    if form and (meaning := _word("format", form)):
        out.append(("format", meaning))
    where = m.groupdict().get("where")
    if where:
        out.append(("path", _path(where, doc)))
    return tuple(out)


def _path(text: str, doc: Doc) -> str:
    text = text.strip().lower()
    if text in doc.tokens:
        return str(doc.value(text))
    if "桌面" in text or "desktop" in text:
        return "~/Desktop"
    return "~/Downloads"


_WHERE: Final = (
    r"(?P<where>{U}|桌面|下载(?:文件夹|目录|里)?|(?:my\s|the\s)?desktop|(?:my\s|the\s)?downloads(?:\sfolder)?)"
)
_INTO: Final = (
    r"(?:\s?(?:并|，|,)?\s?(?:放到?|放在|到|存到|存在|保存到|扔到?|丢到?|写到|写进|至|to|into|"
    r"on|in|as|at)\s?(?:我的?)?)"
)


def _segment(m: re.Match[str], doc: Doc) -> Effects:
    out: list[tuple[str, Any]] = [("action", "segment")]
    groups = m.groupdict()
    if groups.get("k") and (number := whole(groups["k"])) and number > 1:
        out.append(("k", number))
    return tuple(out)


def _share(m: re.Match[str], doc: Doc) -> Effects | None:
    by = _bys(m[1])
    return (("action", "stats"), ("measure", ("share",)), ("by", by)) if by else None


def _measure_of(m: re.Match[str], doc: Doc) -> Effects | None:
    meaning = _word("measures", m["m"])
    if meaning is None or meaning in ("influence", "post_count", "time", "relevance"):
        meaning = "count" if meaning == "post_count" else None
    return (("measure?", (meaning,)),) if meaning else None


RULES: Final[list[tuple[str, Handler]]] = [
    (
        r"(?:我们|我|咱们?|自家|自己|品牌|我们自己|本店|店铺|账号)(?:家|自己|账号|店铺|品牌|"
        r"号)?的?(?:所有)?(?:粉丝|关注者|followers)(?!数|量|{ANY})|"
        r"(?:our|my)\s(?:own\s)?(?:followers|fans|subscribers|audience)",
        lambda m, d: (("source", "own_followers"), ("target", "people")),
    ),
    (
        r"what\s(?:are|do)\s(?:people|users|folks|they|everyone)\s(?:saying|say|think(?:ing)?|"
        r"talk(?:ing)?)(?:\sabout)?",
        lambda m, d: (("action", "find"), ("target", "posts")),
    ),
    (r"占(?:了)?(?:多少|几成|多大比例|多大比重)", lambda m, d: (("action", "stats"), ("measure", ("share",)))),
    (
        r"(?:是)?(?:哪天|哪一天|哪几天)(?=[^,，。;；]{0,14}?(?:多|活跃|高|火))",
        lambda m, d: (("action", "stats"), ("measure?", ("count",)), ("by", ("day",))),
    ),
    (r"(?:上|里)?(?:火不火|热不热|多不多|好不好|高不高)(?:啊|呢)?", lambda m, d: ()),
    (
        r"(?:what|which)\s(?:share|percent(?:age)?|proportion|fraction)\sof\s(?:the\s)?",
        lambda m, d: (("action", "stats"), ("measure", ("share",))),
    ),
    (r"(?:相)?差(?:了|得|距)?(?:有)?(?:多少|多大)|差距(?:有)?(?:多大|多少)?", lambda m, d: (("action", "compare"),)),
    (
        r"(?:放|摆)(?:在)?一?(?:起|块)(?:比一?比|看一?看|对比一?下?|比较一?下?|画)?(?:一下)?",
        lambda m, d: (("action", "compare"), ("vs", "比")),
    ),
    # one account over time
    (
        r"(?:跟|和|与|同|对)(?:我们|咱们?|我|品牌|本店|本品牌)(?:家|的|账号|账户|官号|号|"
        r"自己)*(?:有没有|有过|有啥|有什么|有多少)?(?:的)?(?:所有|全部|"
        r"历史)?(互动|往来|交流|评论|接触|联系)?(?:的)?(?:记录|历史|往来|情况|互动)?",
        lambda m, d: (
            (("own", True), ("measure?", ("comments",) if m[1] == "评论" else ("engagement",)))
            if re.search("互动|往来|交流|评论|接触|记录|历史", m[0])
            else None
        ),
    ),
    (
        r"(?:interactions?|dealings|history|engagement|conversations?)\s(?:with|between)\s(?:us|"
        r"our\s(?:own\s)?(?:account|brand|page))(?:\s(?:account|brand))?|how\s(?:often\s)?(?:has\s|"
        r"did\s)?{A}\s(?:has\s)?(?:interact|engag)\w*\swith\s(?:us|our\s\w+)",
        lambda m, d: (
            ("own", True),
            ("measure?", ("engagement",)),
            *((("A", d.value(next(c for c in m[0] if c in d.tokens))),) if any(c in d.tokens for c in m[0]) else ()),
        ),
    ),
    (
        rf"({MEASURE}|粉|发帖|发文)(?:数|量)?(?:(?:和|、|跟|与|and)({MEASURE}|粉|发帖|发文))?(?:数|"
        rf"量)?(?:的)?(?:历史|记录|变化|历程|轨迹|"
        rf"增减|涨跌|\shistory|\sover\stime|\sgrowth|\schanges?)(?:曲线|趋势|情况|记录|数据|走势|图)?",
        lambda m, d: (
            ("action", "stats"),
            ("past", True),
            ("trend", True),
            ("measure?", tuple(x for x in (_word("measures", m[1]) or "count", _word("measures", m[2] or "")) if x)),
        ),
    ),
    (
        r"(?:历史|过往)(?:数据|表现|走势|记录|趋势)?(?=$|[^\u4e00-\u9fff]|怎|如|变)|(?:数据|"
        r"表现)(?:变化|走势|曲线|怎么样|如何)|"
        r"\bhistory\b(?:\sof)?|(?:怎么|如何|咋)(?:变化|变|发展|涨)(?:的|了)?",
        lambda m, d: (("action", "stats"), ("past", True), ("trend", True)),
    ),
    (
        r"(?:掉粉|涨粉|粉丝(?:掉|涨))(?:了)?(?:没有?|吗|咋样?|怎样|多少|多不多|情况|怎么样|如何)|"
        r"(?:掉|涨)了?(?:多少|几个)粉",
        lambda m, d: (("action", "stats"), ("past", True), ("trend", True), ("measure?", ("follower_growth",))),
    ),
    (
        rf"({MEASURE}|发帖|发文)(?:数|量)?(?:(?:和|、|跟|与|and)({MEASURE}|发帖|发文))?(?:数|"
        rf"量)?(?:的)?(?:情况|表现|数据|走势|趋势|曲线|"
        rf"变化)图?",
        lambda m, d: (
            (
                ("action", "stats"),
                ("past", True),
                *_trend(m[0]),
                (
                    "measure?",
                    tuple(
                        x
                        for x in (
                            _word("measures", m[1]) or "count",
                            (_word("measures", m[2]) or "count") if m[2] else "",
                        )
                        if x
                    ),
                ),
                *((("two", True),) if m[2] else ()),
            )
            if any(t.kind == "A" for t in d.tokens.values())
            else None
        ),
    ),
    (
        r"(?:how\s(?:often|many\stimes|much)\s)?(?:has\s|have\s|did\s|does\s)?{A}\s(?:has\s|have\s)?(comment|"
        r"repl|interact|engag|lik|respond)\w*\s(?:with|on|to)\s(?:us|our(?:\sown)?(?:\s\w+)?)",
        lambda m, d: (
            ("own", True),
            (
                "measure?",
                ("comments",)
                if m[1].lower() in ("comment", "repl", "respond")
                else ("likes",)
                if m[1].lower() == "lik"
                else ("engagement",),
            ),
            *(("A", d.value(c)) for c in m[0] if c in d.tokens and d.tokens[c].kind == "A"),
        ),
    ),
    (
        rf"(?:都)?(?:是)?(?:哪(?:些|几个|个)?|什么)({BY})的?(?:人|用户|网友|粉丝|博主)(?:都|最|更|"
        rf"比较)*(?:爱|喜欢|常|多)?(?=聊|讨论|发|晒|说|关注|"
        rf"看|在)",
        lambda m, d: (
            (("action", "stats"), ("target", "people"), ("measure?", ("count",)), ("by", _bys(m[1])))
            if _bys(m[1])
            else None
        ),
    ),
    (
        r"(?:的)?评价(?:怎么样|如何|咋样?|好不好|好吗|怎样)",
        lambda m, d: (("action", "stats"), ("measure", ("sentiment",))),
    ),
    # when, where and who there are most of
    (
        r"(?:一天(?:里|中|当中|之中)?)?(?:都)?(?:在|是)?(?:几点钟?|什么时候|什么时间段?|什么时段|"
        r"哪个?时间段|哪个?时段)(?=[^,，。;；]{0,14}?(?:多|活跃|"
        r"高|集中|火))|(?:what|which)\s(?:time|hour)s?(?:\sof\s(?:the\s)?day)?",
        lambda m, d: (("action", "stats"), ("measure?", ("count",)), ("by", ("hour",))),
    ),
    (
        rf"(?:都|主要|大多|大部分|集中|一般)*(?:是|在|分布在?|来自|集中在?)?(?:哪(?:些|几个|个)?|"
        rf"什么)({BY})(?:的)?(?:人|用户|粉丝|博主)?(?:最多|居多|"
        rf"为主|较多|比较多|占多数)|(?:都|主要|大多|大部分|集中|一般)+(?:是|在|分布在?|来自|"
        rf"集中在?)(?:哪(?:些|几个|个)?|什么)({BY})",
        lambda m, d: (
            (("action", "stats"), ("measure?", ("count",)), ("by", _bys(m[1] or m[2]))) if _bys(m[1] or m[2]) else None
        ),
    ),
    (
        r"(?:把|将)?(?:它|它们|这些|这批|结果|名单)?(?:先)?(?:存|保存|收藏)(?:起来|下来|一下|好|"
        r"成一?[个份])?[,，]?\s?(?:就)?(?:叫|名字?叫|取名|命名为|"
        r"名称|名为|名字是)做?\s?({Q})",
        lambda m, d: (("action", "save"), ("name", d.value(m[1]))),
    ),
    (
        r"从\s?({Q})(?:这个|那个|这批|那批)?(?:名单|人群包|列表|分组|人)?(?:里面?|中|当中)",
        lambda m, d: (("source", "saved:" + d.value(m[1])),),
    ),
    (
        rf"(?:导出|输出|导)(?:来|一下)?(?:这[批些个份]|那[批些]|上面的?|刚才的?|以上)(?:人|达人|"
        rf"博主|用户|帖子|笔记|视频|数据|名单|评论|结果|作者)?(?:成|为|"
        rf"到)?\s?(?P<form>{FORMAT})?(?:文件|格式)?(?:给我)?(?:{_INTO}{_WHERE})?",
        _export,
    ),
    # names and files
    (
        r"(?:并|再|然后|结果|把结果|把它|把这[些批](?:人|帖子)?|名单)?\s?(?:存成|存为|保存成|"
        r"保存为|保存到|保存|存到|存进|存入|存|收藏为|命名为|取名叫?|起名叫?|名字叫|"
        r"叫做?|(?:and\s)?(?:save|store|keep|name)(?:\s(?:it|them|this|these|the\s(?:list|results?|"
        r"set)))?\s(?:as|under)?)\s?(?:一?个)?(?:新)?(?:名单|分组|人群包?|集合|名字|the\sname|"
        r"a\slist\scalled|list)?(?:里|叫|"
        r"named|called)?\s?({Q})(?:名单|人群包|这个名单|里)?",
        lambda m, d: (("action", "save"), ("name", d.value(m[1]))),
    ),
    (
        rf"(?:存成|存为|保存为|保存成|命名为|save(?:\s(?:it|them|this))?\sas|named?|取名叫?|起名叫?)\s?(?:名单|分组|"
        rf"人群包?)?(?!\s?(?:an?\s)?(?:{FORMAT}|文件|一份|一个|到))\s?((?:[\u4e00-\u9fffA-Za-z0-9_\-]|{{R}}|"
        rf"{{P}}){{1,30}}?)(?=[,，。;；\s]|$)",
        lambda m, d: (("action", "save"), ("name", d.plain(m[1]).strip())),
    ),
    (
        r"(?:每个?(?:组|类|群|分组)(?:各)?(?:单独)?(?:导|出)?(?:一个|存一个|分成?一个|"
        r"一份)?(?:文件|sheet|工作表|表)|按(?:组|分组|群|"
        r"类)(?:分别)?(?:拆|分)(?:成|开)?(?:不同|多个|几个)?(?:文件|sheet|表)?|分组导出|"
        r"one\s(?:file|sheet)\sper\s(?:group|"
        r"segment|cluster)|split\sby\s(?:segment|group))",
        lambda m, d: (("split_by", "segment"),),
    ),
    (
        rf"(?:一列|列|字段|columns?)(?:是|为|只要|:|"
        rf"\sare)?\s?([\u4e00-\u9fffA-Za-z、和 ]{{2,60}}?)(?=[,，。;；]|{ANY}|"
        rf"$)(?<=[^的])(?!x)",
        lambda m, d: (
            (("columns", _list(m[1])),) if re.search(r"[、和]|and", m[1]) and re.match("字段|列|col", m[0]) else None
        ),
    ),
    (
        r"(?:只要|只留|只保留|只导|包含|包括|带上?|"
        r"要)([\u4e00-\u9fffA-Za-z、和 ]{2,60}?)(?:这)?(?:\d|[一二两三四五六几])?(?:列|个?字段)",
        lambda m, d: (("columns", _list(m[1])),),
    ),
    (
        r"(?:导出|导|另存|存|保存|写|输出|放)(?:成|到|为|进|在|至)?\s?({U})",
        lambda m, d: (("action", "export"), ("path", d.value(m[1]))),
    ),
    (
        rf"(?:{_RESULT}(?:人|帖子|数据|内容)?(?:都|全|给我)?)?(?:导出来?|导成|导为|导一?下|"
        rf"导一?[份次]|导个|导(?=到|出|{FORMAT})|输出|另存为|转成|"
        rf"下载成|存成|存为|存到|保存成|保存为|保存到|生成|整理成|弄成|做成|出一?[份个张]|"
        rf"(?:and\s)?(?:export(?:\s(?:it|them|this|these|those|"
        rf"the\s(?:results?|list|data)))?|output|download|dump|save(?:\s(?:it|them|this|these|the\s(?:results?|"
        rf"list)))?(?=\s(?:as|to|in))))\s?(?:来|出来)?(?:给我)?(?:成|为|到|至|as|to|in|"
        rf"into)?\s?(?:an?\s)?(?:一?[个份张])?\s?(?:新的)?(?P<form>{FORMAT})(?:文件|格式|表格?|\sfile|"
        rf"\sformat)?(?:给我)?(?:{_INTO}{_WHERE})?",
        _export,
    ),
    (
        rf"(?:{_RESULT}(?:人|帖子|数据|内容)?(?:都|全|给我)?)?(?:导出来?|导到|导一?下|导(?=到)|"
        rf"输出|另存|存到|保存到|写到|写进|放到?|扔到?|丢到?|"
        rf"(?:and\s)?(?:export(?:\s(?:it|them|this|these|those|the\s(?:results?|list|data)))?|output|download|"
        rf"save(?:\s(?:it|them|this|these|the\s(?:results?|list)))?))\s?(?:成|为|到|至|to|in|into|on)?\s?(?:一个|文件|"
        rf"我的?)?{_WHERE}(?:上|里|下)?",
        _export,
    ),
    (rf"(?:用|以)?(?P<form>{FORMAT})(?:格式|文件)?(?:导出|输出|给我|下载)(?:来|一下|出来)?", _export),
    (
        r"(?:全部|都|一起|给我|把?结果|把?名单)?(?:导出(?:来|一下|去)?|导一下|导一?次|"
        r"导个?(?=[,，。]|$)|输出成文件|(?:and\s)?export(?:ed|"
        r"ing)?(?:\s(?:it|them|this|these|those|the\s(?:results?|list|data)|everything))?)",
        lambda m, d: (("action", "export"),),
    ),
    # groups of people or posts
    (
        rf"(?:按(?:照)?|依|根据|用|by|based\son)\s?({_BYS})\s?(?:来|给|把|将|"
        rf"对)?(?=(?:[^,，。;；]{{0,12}}?)(?:分[成为组群类]|聚类|"
        rf"聚成|划分|分层|segment|cluster|group))",
        lambda m, d: (("by", _bys(m[1])),),
    ),
    (
        rf"(?:用|使用|采用|using|with|via|按|通过|做(?:个|一下)?|跑(?:个|一下)?|"
        rf"by)?\s?(?:the\s)?({METHOD})(?:模型|算法|方法|聚类|分析|法|"
        rf"\salgorithm|\smodel|\sclustering|\sanalysis)?",
        lambda m, d: (
            (("method", _word("method", m[1])),)
            if m[1].lower() not in ("规则", "rules", "层次", "communities") or re.match("用|使用|按|us|with", m[0])
            else None
        ),
    ),
    (
        r"(?:分成?|分为|聚成|聚为|划分?[成为]|拆成|切成|归成|归为)\s?(?P<k>{N})\s?(?:个|大|"
        r"小)?(?:组|类|群|拨|堆|档|层|主题|话题|圈子|社群|圈层|群体|人群|"
        r"簇|部分|种|波)(?:人|用户)?",
        _segment,
    ),
    (
        r"(?:and\s)?(?:segment|cluster|group|split|divide|break)(?:\s(?:them|it|these|those|up|"
        r"down))?(?:\s(?:the\s)?(?:authors|creators|people|users|posts|commenters))?\s?(?:in|"
        r"into)(?:to)?\s(?P<k>{N})\s(?:groups?|segments?|clusters?|buckets|parts|tribes)",
        _segment,
    ),
    (
        r"(?:帮我|给|做(?:个|一下)?|来个)?(?:粉丝|用户|人群)?(?:分群|聚类|分层|分组|分个组|分个类|"
        r"分类|聚一?下类|聚聚类|分分组|分分类|聚一?下|聚下类|分圈层|"
        r"分一?下圈[子层]|分圈子|圈层划分|分一?下[组类群]|聚个类)(?:一?下|分析)?|"
        r"(?:and\s)?\b(?:segment|cluster)(?:ing|ed)?\b",
        _segment,
    ),
    (r"(?:in)?to\s(?P<k>{N})\s(?:groups?|segments?|clusters?|buckets|parts|tribes)", _segment),
    (_HEAD + r"(?:split|divide|group|break)\s(?:up\s|down\s)?(?:the\s)?", _segment),
    (
        r"(?:in(?:to)?\s)?(?P<k>{N})\s?(?:个)?(?:组|类|群|groups|segments|clusters)(?=[,，。]|$|\s)",
        lambda m, d: (("k", whole(m["k"])),) if whole(m["k"]) else None,
    ),
    # people to approach
    (
        r"(?:做|整理|整|列|出|拉|弄|生成|搞|建|拟定?|草拟|准备)?(?:成|为|一?[个份]|个)?(?:外联|"
        r"寄样|邀约|建联|合作|投放|约稿|种草)(?:用)?的?(?:名单|清单|列表|"
        r"对象)",
        lambda m, d: (("action", "outreach"), *_purpose(m[0])),
    ),
    (
        r"(?:最)?(?:适合|合适|可以|能|方便|值得|准备|打算|想要?|要|用来|拿来|好)?(?:去)?(?:做|"
        r"找来|请来|被|给我们)?(?P<p>寄样|外联|建联|邀约|邀请|约稿|约拍|"
        r"试吃|试用|探店|合作|投放|带货|推广|置换|送测|送样|代言|试驾|体验|种草)(?:合作|对象|候选)?(?:的)?",
        lambda m, d: (("action", "outreach"), *_purpose(m["p"])) if _approach(m) else None,
    ),
    (
        r"(?:make|build|create|draft|prepare|put together)?\s?(?:it\s|them\s)?(?:into\s)?(?:an?\s|"
        r"the\s)?outreach(?:\slist)?|(?:to\s|worth\s|best\sto\s|we\scan\s|i\scan\s|suitable\sfor\s|"
        r"good\sfor\s)(?:reach\sout\sto|approach(?:ing)?|contact(?:ing)?|"
        r"send(?:ing)?\s(?:free\s)?samples(?:\sto)?|invite|pitch|seeding|sampling)(?:\sby\shand|\smanually)?|"
        r"for\s(?:sampling|seeding|outreach|(?:product\s)?gifting|collab(?:oration)?s?)",
        lambda m, d: (("action", "outreach"), *_purpose(m[0])),
    ),
    (
        r"(?:得|必须|要|只要|需要|一定要?)?(?:是)?(?:有|留了?|带|公开了?|写了?|挂了?|留下)(?:了|"
        r"着|过)?(?:商务|合作|公开的?|工作)?(?:邮箱|联系方式|邮件|微信|"
        r"商务合作方式|email)(?:地址)?(?:的)?|(?:with|who\s(?:have|list|has)|having|that\shave|must\shave|has|"
        r"have)\s(?:an?\s)?(?:public\s|business\s|listed\s|contact\s)*(?:e-?mails?|"
        r"contacts?)(?:\s(?:address(?:es)?|info|listed))?",
        lambda m, d: (("require_contact", True),),
    ),
    # numbers, tables, curves
    (
        rf"({TARGET})(?:的)?(?:总)?(?:数量|总数|条数|数|量)(?=$|[^\u4e00-\u9fff]|走|趋|变|对|怎|有|是|和|的|排)",
        lambda m, d: (
            (("action", "stats"), ("measure", ("count",)), ("target", lexicon.values("words", "targets")[m[1].lower()]))
            if lexicon.values("words", "targets")[m[1].lower()] != "comments" and m[1] not in ("号",)
            else None
        ),
    ),
    (
        rf"(?:各个?|每个|不同|各大|每一个|each\s)({BY})(?:的|里|上|间)?",
        lambda m, d: (("each", _bys(m[1])),) if _bys(m[1]) else None,
    ),
    (
        rf"({_BYS})(?:的)?(?:上的)?(?:占比|比例|分布|百分比|构成|比重|结构|情况(?=怎|如|$)|"
        rf"\s(?:split|share|distribution|breakdown|"
        rf"ratio|mix))",
        _share,
    ),
    (
        rf"(?:share|split|distribution|breakdown|proportion|percentage|ratio)\s(?:of\s\w+\s)?(?:by|of|across|"
        rf"per)\s({_BYS})",
        _share,
    ),
    (rf"({_BYS})(?:各)?(?:占(?:多少|几成|比)|有?多少(?=人|条|[,，。]|$))", _share),
    (
        rf"(?:再|都|就)?(?:按|按照|分|以|根据)\s?({_BYS})(?:来|给我|分别|分开|去)?(?:看一?看?|"
        rf"数一?数?一?下?|统计一?下?|算一?算?一?下?|汇总一?下?|"
        rf"拆一?下?|拆开|分布|展示|出|走势|趋势|分析|分一?下|对比|比一?比?一?下?|排|列)?",
        lambda m, d: _by_phrase(m, d),
    ),
    (
        rf"(?:broken\sdown\s|break(?:\s(?:it|them))?\sdown\s|grouped\s|group\s(?:it|them)\s|split\s|"
        rf"count(?:ed)?\s)?(?:by|per|for\seach|across)\s(?:the\s)?({_BYS})(?=$|[^a-z])",
        lambda m, d: (("by", _bys(m[1])),) if _bys(m[1]) else None,
    ),
    (
        r"画(?:一?[个张幅条]|出|一?下)(?=[^,，。]{0,24}(?:曲线|走势|趋势|图|分布))|(?:统计一?下?|"
        r"统计(?:近|下)|数一?数|数一下|算一?算|算一?下|汇总一?下?|"
        r"\b(?:count(?:\sup)?|calculate|compute|tally|work\sout|plot|chart)\b)(?:of\s)?",
        lambda m, d: (("action", "stats"),),
    ),
    (
        r"(?:(?:一?共|总共)?有|发了?|写了?|到底|究竟)?(?:多少|几)(?:条|个|篇|人|位|"
        r"名)?(?:人)?(?:在)?(?!钱|度|岁)|how\smany",
        lambda m, d: (
            ("action", "stats"),
            ("measure?", ("count",)),
            *((("target", "people"),) if m[0].endswith(("人", "位", "名")) else ()),
        ),
    ),
    (
        rf"(?:平均|总|累计|人均|average|total|mean|avg\.?)\s?(?P<m>{MEASURE})(?:数|量)?",
        lambda m, d: (("action", "stats"), *(_measure_of(m, d) or ())),
    ),
    (
        r"(?:声量|讨论量|提及量|发帖量|发帖数|发文量|发布量|讨论度|笔记数|帖子数|讨论热度|"
        r"发贴量)(?:的)?(?:走势|趋势|变化|曲线|情况|怎么样|如何|有多[高大少])?图?",
        lambda m, d: (("action", "stats"), ("measure", ("count",)), *_trend(m[0])),
    ),
    (
        r"(?:\w+\s)?(?:volume|mentions|post\scounts?|number\sof\s(?:posts|mentions|notes|"
        r"videos))(?:\s(?:trend|curve|over\stime))?",
        lambda m, d: (
            (("action", "stats"), ("measure", ("count",)), *_trend(m[0]))
            if not re.search(r"\b(?:that|who)\s+$", m.string[: m.start()])
            else None
        ),
    ),
    (
        rf"(?P<m>{MEASURE})(?:数|量|数量)?(?:的)?(?:走势|趋势|变化趋势|变化|曲线|波动|起伏|"
        rf"增长曲线|\strends?|\scurve|\sover\stime)(?:图|"
        rf"情况)?",
        lambda m, d: (("action", "stats"), *(_measure_of(m, d) or ()), ("trend", True)),
    ),
    (
        r"(?:的)?(?:走势|趋势|变化趋势|变化曲线|曲线|时间线|trends?\s(?:of|for)|trend(?:\sline)?|"
        r"over\stime|timeline)(?:图)?(?=$|"
        r"[^\u4e00-\u9fff]|怎|如|是|给)",
        lambda m, d: (("action", "stats"), ("trend", True)),
    ),
    (
        r"(?:的)?(?:口碑|情感倾向|情感|情绪|好感度|正负面|舆情)(?:怎么样|如何|好不好|情况|得分|"
        r"倾向|分析|变化)?(?=$|[^\u4e00-\u9fff]|怎|如|是|走|趋|变|"
        r"发)|(?:the\s)?sentiment(?:\s(?:towards?|of|for|on|about|around))?",
        lambda m, d: (("action", "stats"), ("measure", ("sentiment",))),
    ),
    # comparing
    (
        r"(?:发(?:帖|文)?(?:得|的)|发(?:帖|文)|帖子?|笔记)(?:更|比较)?(?:多|勤|频繁)(?:一?些)?",
        lambda m, d: (("measure?", ("count",)), ("more", "更多")),
    ),
    (
        r"({D})(?:的)?\s?(?:比|vs\.?|versus|compared\s(?:to|with)|than|相比|对比)\s?({D})(?:的)?|({D})(?:的)?\s?(?:跟|"
        r"和|与|同|and)\s?({D})(?:的)?(?:比|相比|对比|相比较|比较|哪个|谁|比起来)(?:一下|起来)?|(?:对比|比较|compare|"
        r"comparing)(?:一?下)?\s?({D})(?:的)?\s?(?:跟|和|与|同|、|and|to|with)\s?({D})(?:的)?",
        lambda m, d: (("action", "compare"), *(("D", d.value(g)) for g in m.groups() if g)),
    ),
    (
        r"哪个?(?:平台|品牌|家|城市|地方|边|吧)(?=[^,，。;；]{0,14}?(?:更?多|更?火|更?高|更?热|"
        r"更?好|更?狠)(?:$|[,，。;；吧呢啊?？一些点]))",
        lambda m, d: (("action", "compare"), ("measure?", ("count",)), ("vs", "哪"), *_dimension(m[0])),
    ),
    (
        r"(?:对比一?下?|比较一?下|比较(?=[\s,，]|{ANY}|$)|比一?比|比比看|比一下|pk一?下?|相比|"
        r"同比|环比|\bcompare[ds]?\b|\bcomparing\b|"
        r"comparison\s(?:of|between)|\bvs\.?|\bversus\b|哪个?(?:平台|品牌|家|城市|地方|个|边|款|"
        r"吧|小组|超话|账号|话题|标签)?(?=更|发|帖|"
        r"多|火|高|强|涨|好|聊|讨)|谁(?:家)?(?:的)?(?=更|发|涨|火|粉|互|声|多|高|口|热|评|点|"
        r"[^,，。;；]{0,12}(?:[得的更](?:更|比较)?(?:多|高|快|"
        r"好|火|狠|惨|勤|凶)|更受欢迎)(?:$|[,，。;；吧呢啊?？一些点])|\s?{ANY}\s?(?:$|"
        r"[,，。?？]))|哪家|哪边|which\s(?:platform|brand|"
        r"city|one|account)?(?:\s?gets)?|who\s(?=has|gets|got|grew|grows|is))",
        lambda m, d: (("action", "compare"), ("vs", m[0].lower().strip(" .")), *_dimension(m[0])),
    ),
    (
        rf"(?P<m>{MEASURE})(?:数|量)?(?=更|涨了|差|对比|的对比|怎么样|如何|哪个|谁|"
        rf"[高好多大快强低]|比较|{ANY}|$|[,，。])",
        lambda m, d: (
            None
            if m["m"] in ("评论", "留言", "回复", "comments", "comment", "replies")
            and not re.match("更|涨|[高多]", m.string[m.end() :])
            else _measure_of(m, d)
        ),
    ),
    (
        rf"(?<={ANY})(?:更|比较|最)?(?:高|好|多|大|强|低|差|快)(?:一?些|一?点)?(?=$|[,，。])|"
        rf"(?:比较多|比较火|比较高|更多|更火|更高|更热|更强|更好|"
        rf"多一?些|高一?些|火一?些|更受欢迎|is\s(?:bigger|higher|better|more\spopular)|has\smore|"
        rf"gets\smore|more\s(?:posts|"
        rf"popular|buzz|engagement)|grew\sfaster|涨得?更?快)",
        lambda m, d: (("more", m[0].lower()),),
    ),
    (
        rf"(?<=[\u4e00-\u9fff]|{ANY})(?:得|的)(?:人|帖子?|笔记)?(?:更|比较)?(?:多|勤|狠|惨|"
        rf"凶)(?:一?[些点])?(?:吧|呢|啊|吗)?(?=$|"
        rf"[,，。;；?？]|{{D}})",
        lambda m, d: (("measure?", ("count",)), ("more", "更多")),
    ),
    (
        r"(?:变|增|减)?(?:多|少|涨|升|降|增加|减少|上升|下降)了(?:没有?|吗|多少|不少)?(?=$|[,，。?？])",
        lambda m, d: (("measure?", ("count",)), ("more", "更多")),
    ),
    (
        rf"(?P<m>{MEASURE})(?=\s(?:for|on|about|around|of)\s)",
        lambda m, d: (
            _measure_of(m, d)
            if re.search(r"\bcompare", d.plain(d.text), re.IGNORECASE)
            or any(("action", "compare") in t.value for t in d.tokens.values() if t.kind == "X")
            else None
        ),
    ),
    (
        rf"(?:^|(?<=[,，。;；\s看找列]))(?:都|有)?谁(?:都)?(?=[^,，。;；]{{0,10}}(?:聊|讨论|提|晒|"
        rf"推荐|买|发过|写过|种草|说|{klass('X')}))",
        lambda m, d: (("target", "people"), ("who", True)),
    ),
    (rf"(?<=[,，])\s?(?:要|给我)?(?:一?[个份])?(?P<form>{FORMAT})(?:格式|文件)?(?:就行|的|吧)?(?=$|[,，。])", _export),
    # doing it
    (_HEAD + _COLLECT, lambda m, d: (("action", "collect"),)),
    (_HEAD + _FIND, lambda m, d: (("action", "find"), ("said_find", True))),
    (rf"(?:{_POLITE}){{1,3}}(?:采集|收集|抓取|爬取|爬|抓)(?:一下|一遍|下)?", lambda m, d: (("action", "collect"),)),
    (
        rf"(?:as|in|to|into)\s(?:an?\s)?(?P<form>{FORMAT})(?:\sfile|\sformat)?(?=$|[,，。\s])|(?:成|"
        rf"为)(?P<form2>{FORMAT})(?:文件|格式)?",
        lambda m, d: (("format", _word("format", m["form"] or m["form2"])),),
    ),
    (
        r"(?:都|就|自动|给我|再|并|要)*(?:重?跑|执行|运行|重复|做|更新|刷新|来|查|看|推送?|"
        r"发)(?:一[遍次下轮回]|同样的)?(?:这个|它|刚才(?:这个|的)?|上面(?:的|"
        r"这个)?|同样的|一样的|这一?步|这些)?(?:查询|搜索|任务|操作|计划|流程|report|"
        r"报告)?(?:一[遍次下轮回])(?:这个|它|刚才的)?\s?(?:报告|查询|任务|"
        r"report|query|search)?(?=$|[,，。])|(?:都|自动|定时|给我|再)+(?:跑|执行|运行|更新|"
        r"推送)(?:一下|起来)?(?=$|[,，。])|(?:跑|执行|运行|"
        r"重复)(?:这个|它|刚才的?|上面的)(?:查询|搜索|任务|操作)?|(?:re)?(?:run|repeat|do|refresh|"
        r"rerun)\s(?:this|it|that|"
        r"the\s(?:same|search|query))(?:\s(?:again|search|query))?",
        lambda m, d: (("rerun", True),),
    ),
    (
        r"(?:有(?:新的?|变化|动静|更新|结果)?(?:了)?(?:就|时)?)?(?:提醒|通知|告诉|推送给|叫|"
        r"喊)(?:一?下)?我(?:一下|一声)?|\b(?:notify|alert|"
        r"remind|ping|tell)\sme\b",
        lambda m, d: (("notify", True),),
    ),
    # what is looked for
    (rf"(?:排序?|按顺序)(?:一下|个序)?(?={ANY}|[,，。]|$)", lambda m, d: ()),
    (
        r"(?:上次|之前|昨天|上周|我|以前|先前)?(?:存|保存|收藏|建)(?:下|好|过|起来)?的?(?:那个|"
        r"那份|那批)?(?:名单)?({Q})(?:这个|那个|那批|里|"
        r"中)?(?:的)?(?:名单|人群包|列表)?(?:里|中)?(?:的)?(?:那批人|那些人|人)?",
        lambda m, d: (("source", "saved:" + d.value(m[1])),),
    ),
    (
        r"(?:the\s|my\s|our\s)?(?:saved\s)(?:list|set|group|segment)?\s?(?:called\s|"
        r"named\s)?({Q})(?:\s(?:list|set|group))?|(?:the\s|my\s|our\s)?({Q})\s(?:list|set)(?:\swe\ssaved)?|"
        r"(?:名单|人群包|列表)(?:里的?)?({Q})(?:里|中)?(?:的)?(?:人)?|({Q})(?:这个|那个|这份|那份|"
        r"那批)?(?:名单|人群包|列表|那批人)(?:里|"
        r"中)?(?:的)?(?:人)?",
        lambda m, d: (("source", "saved:" + d.value(next(g for g in m.groups() if g))),),
    ),
]


def _list(text: str) -> tuple[str, ...]:
    return tuple(w.strip(" 的") for w in re.split(r"、|和|跟|,|，|\sand\s", text) if w.strip(" 的"))


def _trend(text: str) -> Effects:
    return (("trend", True),) if re.search("走势|趋势|变化|曲线|trend|curve|over time", text) else ()


def _dimension(text: str) -> Effects:
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


_PURPOSES: Final = (
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


def _purpose(text: str) -> Effects:
    for word in _PURPOSES:
        if word in text:
            return (("purpose", word),)
    if re.search(r"sampl|gifting", text, re.IGNORECASE):
        return (("purpose", "寄样"),)
    return ()


def _approach(m: re.Match[str]) -> bool:
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


def _by_phrase(m: re.Match[str], doc: Doc) -> Effects | None:
    by = _bys(m[1])
    if not by:
        return None
    out: list[tuple[str, Any]] = [("by", by)]
    if re.search("数|统计|算|汇总|分布|走势|趋势", m[0][len(m[1]) :]):
        out.insert(0, ("action", "stats"))
        if "分布" in m[0]:
            out.append(("measure", ("share",)))
    return tuple(out)


def read(doc: Doc) -> None:
    """Apply the action rules, then mark the words for what is looked for."""
    for rule, handler in RULES:
        doc.apply(rule, handler)
    _targets(doc)


_CLASSIFIER: Final = r"(?:条|篇|个|位|些|那些|这些|所有|相关|有关)?"
_BEHIND: Final = (
    rf"(?=$|[^\u4e00-\u9fffA-Za-z]|的|里|中|上|下|都|全|有|和|跟|与|或|们|是|在|给|再|按|并|"
    rf"然?后|最|要|得|也|只|吗|呢|吧|啊|了|来|量|还|哪|怎|"
    rf"一|各|(?<=[\u4e00-\u9fff])[A-Za-z]|这|那|发|聊|谈|讲|说|跑|做|从|,|{klass('X')})"
)


def _targets(doc: Doc) -> None:
    table = lexicon.values("words", "targets")
    media = lexicon.values("words", "media")
    weak = {
        "人",
        "号",
        "who",
        "讨论",
        "内容",
        "直播",
        "threads",
        "话题讨论",
        "动态",
        "日志",
        "用户",
        "账号",
        "帐号",
        "anyone",
        "accounts",
    }

    def target(m: re.Match[str]) -> Effects | None:
        word = m[1].lower()
        meaning = table.get(word)
        if meaning is None:
            return None
        before = doc_before(m)
        if word in ("人", "号") and not (before in "的个位名批些" or ord(before or " ") > 0xF0000 or before == ""):
            return None
        weakly = word in weak and not (word == "人" and before == "的")
        out: list[tuple[str, Any]] = [("target~" if weakly else "target", meaning)]
        if word in media and meaning == "posts" and word not in ("图文",):
            out.append(("media", media[word]))
        if word in ("直播", "livestreams"):
            out.append(("media", "live"))
        if word in ("tweet", "tweets"):
            out.append(("platform?", "x"))
        if word in ("kol", "kols"):
            out.append(("tier", ("kol",)))
        if word in ("koc", "kocs"):
            out.append(("tier", ("koc",)))
        return tuple(out)

    def doc_before(m: re.Match[str]) -> str:
        return m.string[: m.start(1)][-1:]

    doc.apply(rf"{_CLASSIFIER}({TARGET})(?:们)?(?:里面?|中|下面?|底下)?{_BEHIND}", lambda m, _d: target(m))
