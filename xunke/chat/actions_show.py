"""One account over time, where and when there is most, names and files."""

from __future__ import annotations

import re
from typing import Final

from .action_words import (
    BY,
    FORMAT,
    INTO,
    RESULT,
    WHERE,
    Handler,
    bys,
    counted,
    export_of,
    list_of,
    trend_of,
    word_of,
)
from .slot_words import MEASURE
from .tokens import ANY

RULES: Final[list[tuple[str, Handler]]] = [
    (
        r"(?:我们|我|咱们?|自家|自己|品牌|我们自己|本店|店铺|账号)(?:家|自己|账号|店铺|品牌|"
        r"号)?的?(?:所有)?(?:粉丝|关注者|followers)(?!数|量|{ANY})|"
        r"(?:our|my)\s(?:own\s)?(?:followers|fans|subscribers|audience)|"
        r"(?:已经|新|刚)?(?:关注|粉|追踪)了?(?:我们|咱们?|我家?|自家)(?:的?号|账号|店|品牌)?的?(?:人|用户|粉丝|账号|那些人)(?:里面?|中|当中)?|"
        r"(?:people|users|those|everyone|accounts)\s(?:who|that)\s(?:already\s)?follow(?:ed)?\s(?:us|me|our\s\w+)",
        lambda m, d: (("source", "own_followers"), ("target", "people")),
    ),
    (
        r"(?:(?<=把)|(?<![\u4e00-\u9fffA-Za-z0-9]))粉丝(?:里面?|中间?|当中)的?(?=[^,，。;；])",
        lambda m, d: (("source", "own_followers"), ("target", "people")),
    ),
    (
        r"what\s(?:are|do|did)\s(?:people|users|folks|they|everyone)\s(?:saying|say|think(?:ing)?|"
        r"talk(?:ing)?|post(?:ing)?|write|writing|share|sharing)(?:\sabout)?",
        lambda m, d: (("action", "find"), ("target", "posts")),
    ),
    (r"占(?:了)?(?:多少|几成|多大比例|多大比重)", lambda m, d: (("action", "stats"), ("measure", ("share",)))),
    (
        r"(?:是)?(?:哪天|哪一天|哪几天)",
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
        rf"how\s(?:did|have|has)\s(?:the\s)?({MEASURE})\s(?:of|for)\s({{A}})\s(?:change|changed|grow|grown|move|moved|develop|developed|evolve|evolved)",
        lambda m, d: (
            (
                ("A", d.value(m[2])),
                ("action", "stats"),
                ("past", True),
                ("trend", True),
                ("measure?", (counted(m[1]),)),
            )
            if counted(m[1])
            else None
        ),
    ),
    (
        r"(?:我们|咱们?|我)(?:家|号|账号)?(?:跟|和|与|同|对)\s?({A})(?=[^,，。;；]{0,12}(?:互动|往来|来往|交流|记录))",
        lambda m, d: (("A", d.value(m[1])), ("own", True), ("measure?", ("engagement",))),
    ),
    (
        r"(?:how\s(?:has|have|did|is|are)\s)({A})(?:'s)?\s(?:account\s)?(?:been\s)?(grown|grow|growing|do|doing|done|performed|perform|performing|changed|trending)(?:\son\b)?",
        lambda m, d: (
            ("A", d.value(m[1])),
            ("action", "stats"),
            ("past", True),
            ("trend", True),
            *((("measure?", ("followers",)),) if m[2].startswith("gr") else ()),
        ),
    ),
    (
        r"(?:跟|和|与|同|对)(?:我们|咱们?|我|品牌|本店|本品牌)(?:家|的|账号|账户|官号|号|"
        r"自己)*(?:都|还|之间|之前)?(?:有没有|有过|有啥|有什么|有些|有多少|有)?(?:过|些)?(?:啥|什么|哪些)?(?:的)?(?:所有|全部|"
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
            (
                "measure?",
                tuple(x for x in (word_of("measures", m[1]) or "count", word_of("measures", m[2] or "")) if x),
            ),
        ),
    ),
    (
        rf"(?<={ANY})的?({MEASURE})(?:数|量)?(?:和|、|跟|与)({MEASURE})(?:数|量)?(?=[,，。;；]|$)",
        lambda m, d: (
            (
                ("action", "stats"),
                ("past", True),
                ("two", True),
                ("measure?", tuple(x for g in (1, 2) if (x := counted(m[g])))),
            )
            if any(t.kind == "A" for t in d.tokens.values()) and any(t.kind == "D" for t in d.tokens.values())
            else None
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
                *trend_of(m[0]),
                (
                    "measure?",
                    tuple(
                        x
                        for x in (
                            word_of("measures", m[1]) or "count",
                            (word_of("measures", m[2]) or "count") if m[2] else "",
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
            (("action", "stats"), ("target", "people"), ("measure?", ("count",)), ("by", bys(m[1])))
            if bys(m[1])
            else None
        ),
    ),
    (
        rf"(?:which|what)\s({BY})\s(?:do\s|does\s|are\s|is\s|has\s|have\s)?(?:people\s|users\s)?(?:the\smost\s)?(?:talk|talks|talking|"
        rf"post|posts|posting|discuss|discusses|mention|mentions)?(?:\sthe)?\s?(?:most|posts)(?:\s(?:posts|people|mentions))?(?:\s(?:about|on|of))?",
        lambda m, d: (("action", "stats"), ("measure?", ("count",)), ("by", bys(m[1]))) if bys(m[1]) else None,
    ),
    (
        r"(?:的)?评价(?:怎么样|如何|咋样?|好不好|好吗|怎样)",
        lambda m, d: (("action", "stats"), ("measure", ("sentiment",))),
    ),
    # when, where and who there are most of
    (
        r"(?:一天(?:里|中|当中|之中)?)?(?:都)?(?:在|是)?(?:几点钟?|什么时候|什么时间段?|什么时段|哪个?(?:钟头|小时|钟点|点钟)|"
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
            (("action", "stats"), ("measure?", ("count",)), ("by", bys(m[1] or m[2]))) if bys(m[1] or m[2]) else None
        ),
    ),
    (
        r"(?:把|将)?(?:它|它们|这些|那些|这批|那批|这帮|这拨|这群|那拨|结果|名单)?(?:人)?(?:先|都|给我)?(?:存|保存|收藏)(?:起来|下来|一下|好|"
        r"成一?[个份])?[,，]?\s?(?:就)?(?:叫|名字?叫|取名|命名为|"
        r"名称|名为|名字是)做?\s?({Q})",
        lambda m, d: (("action", "save"), ("name", d.value(m[1]))),
    ),
    (
        r"从\s?({Q})(?:这个|那个|这批|那批)?(?:名单|人群包|列表|分组|人)?(?:里面?|中|当中)",
        lambda m, d: (("source", "saved:" + d.value(m[1])),),
    ),
    (
        rf"(?:导出|输出|导)(?:来|一下)?(?:这[批些个份张]|那[批些张]|上面的?|刚才的?|以上)(?:人|达人|表|表格|"
        rf"博主|用户|帖子|笔记|视频|数据|名单|评论|结果|作者)?(?:成|为|"
        rf"到)?\s?(?P<form>{FORMAT})?(?:文件|格式)?(?:给我)?(?:{INTO}{WHERE})?",
        export_of,
    ),
    # names and files
    (
        r"(?:先|帮我|给我|再|并|and\s)?(?:\bsave\s(?:it|them|this|these|that|the)(?:\s(?:list|results?|set|people))?|"
        r"(?:存|保存|收藏|记)(?:起来|下来|一下|一份|好)|收藏(?:这些|这批|他们)(?:人)?)(?=\s?(?:[,，.。;；!！]|$|吧|and\b))",
        lambda m, d: (("action", "save"),),
    ),
    (
        r"(?:把|将|从|打开|看看)\s?(?!这|那|上|刚|外联|寄样|邀约|合作|投放|建联|种草|达人|博主|作者|用户|粉丝|黑|勿扰|免打扰|退订|屏蔽|不联系|他|她|我)"
        r"((?:[\u4e00-\u9fffA-Za-z0-9]|{R}|{P}){2,10}?)(?:这个|那个|这份|那份|那批|这批)(?:人的?)?(?:名单|人群包)(?:里面?|中)?(?:的人)?|"
        r"(?:把|将|从|打开)\s?(?!这|那|上|刚|外联|寄样|邀约|合作|投放|建联|种草|达人|博主|作者|用户|粉丝|黑|勿扰|免打扰|退订|屏蔽|不联系|他|她|我)"
        r"((?:[\u4e00-\u9fffA-Za-z0-9]|{R}|{P}){2,10}?)(?:名单|人群包)(?:里面?|中)?(?:的人)?",
        lambda m, d: (("source", "saved:" + d.plain(m[1] or m[2]).strip()), ("target~", "people")),
    ),
    (
        r"(?:把|将)\s?({Q})(?:里的?人|的人|这批人|那批人|里)?(?=\s?(?:都|全部?|给我|再|重新)*(?:导|输出))",
        lambda m, d: (("source", "saved:" + d.value(m[1])),),
    ),
    (
        r"\b(?:and\s)?(?:save|store|keep)\s(?:it\s|them\s|this\s|these\s|the\s(?:list|results?|set)\s)?(?:as|under)\s(?:the\sname\s|a\slist\s(?:called|named)\s)?"
        rf"(?!(?:an?\s)?(?:{FORMAT}))((?:(?!and\b|then\b)[A-Za-z0-9_\-']+\s?){{1,6}}?)(?=[,，.。;；]|\s?(?:and|then)\s|$)",
        lambda m, d: (("action", "save"), ("name", m[1].strip())),
    ),
    (
        r"(?:并|再|然后|结果|把结果|把它|把这[些批](?:人|帖子)?|名单)?\s?(?:save[成为到]|存成|存为|保存成|"
        r"保存为|保存到|保存|存到|存进|存入|存|记成|记为|收藏为|命名为|取名叫?|起名叫?|名字叫|"
        r"叫做?|(?:and\s)?(?:save|store|keep|name)(?:\s(?:it|them|this|these|the\s(?:list|results?|"
        r"set)))?\s(?:as|under)?)\s?(?:一?个)?(?:新)?(?:名单|分组|人群包?|集合|名字|the\sname|"
        r"a\slist\scalled|list)?(?:里|叫|"
        r"named|called)?\s?({Q})(?:名单|人群包|这个名单|里)?",
        lambda m, d: (("action", "save"), ("name", d.value(m[1]))),
    ),
    (
        rf"(?:存成|存为|保存为|保存成|命名为|save(?:\s(?:it|them|this))?\sas|named?|取名叫?|起名叫?|名单叫做?|名字叫做?)\s?(?:一?个)?(?:名单|分组|"
        rf"人群包?)?(?:叫做?|名叫|名为)?(?!\s?(?:an?\s)?(?:{FORMAT}|文件|一份|一个|到))\s?((?:[\u4e00-\u9fffA-Za-z0-9_\-]|{{R}}|"
        rf"{{P}}){{1,30}}?)(?=[,，。;；\s]|$)",
        lambda m, d: (("action", "save"), ("name", d.plain(m[1]).strip())),
    ),
    (
        rf"(?:(?:每个?|各)(?:组|类|群|分组|人群|层|拨|堆)(?:各自?|都)?(?:单独|分别)?(?:导出|导个?|出个?|存个?|做个?)?(?:一个|一张|一份|存一个|分成?一个)?"
        rf"(?:文件|sheet|工作表|表(?!格)|档案?|(?P<form>{FORMAT}))|按(?:组|分组|群|类)(?:分别)?(?:拆|分)(?:成|开)?(?:不同|多个|几个)?(?:文件|sheet|表)?|"
        r"分组导出|再?按(?:组|群|类)导|one\s(?:file|sheet)\sper\s(?:group|segment|cluster)|split\sby\s(?:segment|group)|"
        r"(?:export\s)?(?:each|every)\s(?:group|segment|cluster)\s(?:as|to|in)(?:\sits\sown|\sa\sseparate|\sseparate)?"
        rf"(?:\s(?P<form2>{FORMAT}))?)",
        lambda m, d: (
            ("split_by", "segment"),
            *(
                (("action", "export"), ("format", word_of("format", m["form"] or m["form2"])))
                if m["form"] or m["form2"]
                else ()
            ),
        ),
    ),
    (
        rf"(?:一列|列|字段|columns?)(?:是|为|只要|:|"
        rf"\sare)?\s?([\u4e00-\u9fffA-Za-z、和 ]{{2,60}}?)(?=[,，。;；]|{ANY}|"
        rf"$)(?<=[^的])(?!x)",
        lambda m, d: (
            (("columns", list_of(m[1])),) if re.search(r"[、和]|and", m[1]) and re.match("字段|列|col", m[0]) else None
        ),
    ),
    (
        r"只(?:导出?|保留|留|要|带)((?:[\u4e00-\u9fffA-Za-z]{1,8}、){1,9}[\u4e00-\u9fffA-Za-z]{1,8}?)(?=这[几两三四]列|[,，。;；]|$)",
        lambda m, d: (*((("action", "export"),) if "导" in m[0] else ()), ("columns", list_of(m[1]))),
    ),
    (
        r"(?:只要|只留|只保留|只导|包含|包括|带上?|"
        r"要)([\u4e00-\u9fffA-Za-z、和 ]{2,60}?)(?:这)?(?:\d|[一二两三四五六几])?(?:列|个?字段)",
        lambda m, d: (("columns", list_of(m[1])),),
    ),
    (
        r"(?:导出|导|另存|存|保存|写|输出|放)(?:成|到|为|进|在|至)?\s?({U})|(?:and\s)?(?:write|dump|put|send|export|save)\s(?:it\s|them\s|this\s|these\s|the\s\w+\s)?(?:to|into|in|as)\s({U})",
        lambda m, d: (("action", "export"), ("path", d.value(m[1] or m[2]))),
    ),
    (
        rf"(?:{RESULT}(?:人|帖子|数据|内容)?(?:都|全|给我)?)?(?:导出来?|导成|导为|导一?下|"
        rf"导一?[份次]|导个|导(?=到|出|{FORMAT})|输出|另存为|转成|"
        rf"下载成|存成|存为|存到|保存成|保存为|保存到|生成|出(?={FORMAT})|(?:各|分别)?一个(?={FORMAT})|整理成|弄成|做成|整成|搞成|倒成|打成|打包成|出一?[份个张]|"
        rf"(?:and\s)?(?:export(?:\s(?:it|them|this|these|those|"
        rf"the\s(?:results?|list|data)))?|output|download|dump|save(?:\s(?:it|them|this|these|the\s(?:results?|"
        rf"list)))?(?=\s(?:as|to|in))))\s?(?:来|出来)?(?:给我)?(?:成|为|到|至|as|to|in|"
        rf"into)?\s?(?:an?\s)?(?:一?[个份张])?\s?(?:新的)?(?P<form>{FORMAT})(?:文件|格式|表格?|\sfile|"
        rf"\sformat)?(?:给我)?(?:{INTO}{WHERE})?",
        export_of,
    ),
    (
        rf"(?:{RESULT}(?:人|帖子|数据|内容)?(?:都|全|给我)?)?(?:导出来?|导到|导一?下|导(?=到)|"
        rf"输出|另存|存到|保存到|写到|写进|放到?|扔到?|丢到?|"
        rf"(?:and\s)?(?:export(?:\s(?:it|them|this|these|those|the\s(?:results?|list|data)))?|output|download|"
        rf"save(?:\s(?:it|them|this|these|the\s(?:results?|list)))?))\s?(?:成|为|到|至|to|in|into|on)?\s?(?:一个|文件|"
        rf"我的?)?{WHERE}(?:上|里|下)?",
        export_of,
    ),
    (
        rf"(?:存|放|搁|丢|扔|甩)(?:到|在|进|上)?(?:我的?|电脑)?{WHERE}(?:上|里)?\s?(?P<form>{FORMAT})?(?:格式|文件)?(?=[\s,，。;；]|$)",
        export_of,
    ),
    (rf"(?:用|以)?(?P<form>{FORMAT})(?:格式|文件)?(?:导出|输出|给我|下载)(?:来|一下|出来)?", export_of),
    (
        r"(?:全部|都|一起|给我|把?结果|把?名单)?(?:导出(?:来|一下|去)?|导一下|导一?次|"
        r"导个?(?=[,，。]|$)|输出成文件|(?:and\s)?export(?:ed|"
        r"ing)?(?:\s(?:it|them|this|these|those|the\s(?:results?|list|data)|everything))?)",
        lambda m, d: (("action", "export"),),
    ),
]
