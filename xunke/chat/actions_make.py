"""Groups, lists of people, numbers and curves, comparisons, the verbs themselves."""

from __future__ import annotations

import re
from typing import Final

from . import lexicon
from .action_words import (
    BY,
    BYS,
    COLLECT,
    FIND,
    FORMAT,
    HEAD,
    METHOD,
    POLITE,
    TARGET,
    Handler,
    approach_of,
    by_phrase,
    bys,
    counted,
    dimension_of,
    export_of,
    measure_of,
    purpose_of,
    segment_of,
    share_of,
    trend_of,
    word_of,
)
from .numbers import whole
from .slot_words import MEASURE
from .tokens import ANY, klass

RULES: Final[list[tuple[str, Handler]]] = [
    # groups of people or posts
    (
        rf"(?:按(?:照)?|依|根据|用|by|based\son)\s?({BYS})(?!模型)\s?(?:来|给|把|将|"
        rf"对)?(?=(?:[^,，。;；]{{0,12}}?)(?:分[成为组群类拨]|分\s?{{N}}|切[成分]|拆[成分]|归[成为类]|聚类|"
        rf"聚成|划分|分层|segment|cluster|group))",
        lambda m, d: (("by", bys(m[1])),),
    ),
    (
        rf"(?:用|使用|采用|using|with|via|按|通过|做(?:个|一下)?|跑(?:个|一下)?|"
        rf"by)?\s?(?:the\s)?({METHOD})(?:模型|算法|方法|聚类|分析|法|"
        rf"\salgorithm|\smodel|\sclustering|\sanalysis)?",
        lambda m, d: (
            (("method", word_of("method", m[1])),)
            if m[1].lower() not in ("规则", "rules", "层次", "communities") or re.match("用|使用|按|us|with", m[0])
            else None
        ),
    ),
    (
        r"(?:分成?|分为|聚成|聚为|划分?[成为]|拆成|切成|归成|归为)\s?(?P<k>{N})\s?(?:个|大|"
        r"小)?(?:组|类|群|拨|堆|档|层|主题|话题|圈子|社群|圈层|群体|人群|"
        r"簇|部分|种|波)(?:人|用户)?",
        segment_of,
    ),
    (
        r"(?:and\s)?(?:segment|cluster|group|split|divide|break)(?:\s(?:them|it|these|those|up|"
        r"down))?(?:\s(?:the\s)?(?:authors|creators|people|users|posts|commenters))?\s?(?:in|"
        r"into)(?:to)?\s(?P<k>{N})\s(?:groups?|segments?|clusters?|buckets|parts|tribes)",
        segment_of,
    ),
    (
        r"(?:帮我|给|做(?:个|一下)?|来个)?(?:粉丝|用户|人群)?(?:分群|聚类|分层|分组|分个组|分个类|"
        r"分类|分一分|分分群|分个群|划分一下|分拨|分分类|聚一?下类|聚聚类|分分组|分分类|聚一?下|聚下类|分圈层|"
        r"分一?下圈[子层]|分圈子|圈层划分|分一?下[组类群]|聚个类)(?:一?下|分析)?|"
        r"(?:and\s)?\b(?:segment|cluster)(?:ing|ed)?\b",
        segment_of,
    ),
    (r"(?:in)?to\s(?P<k>{N})\s(?:groups?|segments?|clusters?|buckets|parts|tribes)", segment_of),
    (HEAD + r"(?:split|divide|group|break)\s(?!of\b)(?:up\s|down\s)?(?:the\s)?", segment_of),
    (r"in(?:to)?\s(?:groups|segments|clusters|buckets)\b", segment_of),
    (
        r"(?:in(?:to)?\s)?(?P<k>{N})\s?(?:个)?(?:组|类|群|groups|segments|clusters)(?=[,，。]|$|\s)",
        lambda m, d: (("k", whole(m["k"])),) if whole(m["k"]) else None,
    ),
    (
        r"(?:detect|find|discover|identify)\s(?:the\s)?communit(?:y|ies)(?:\s(?:among|in|within|of))?|(?:找|看|发现|识别|划)(?:一?下|出)?(?:里面)?(?:有)?(?:哪些|几个|什么)?(?:小)?(?:圈子|社群|小团体|抱团)",
        lambda m, d: (("action", "segment"), ("method", "community")),
    ),
    # people to approach
    (
        r"(?:做|整理|整|列|出|拉|弄|生成|搞|建|拟定?|草拟|准备)?(?:成|为|一?[个份]|个)?(?:外联|"
        r"寄样|邀约|建联|合作|投放|约稿|种草)(?:用)?的?(?:名单|清单|列表|"
        r"对象)",
        lambda m, d: (("action", "outreach"), *purpose_of(m[0])),
    ),
    (
        r"(?:约|请|邀请?|喊|叫)(?:他们|她们|这些人|这批人)?(?:来|去|到店)?(?P<p>探厂|探店|试吃|试用|体验|试驾|约拍|直播|参观|聚会|开箱|测评|看展|试睡|试穿|内测)(?=[\s,，。;；]|$)",
        lambda m, d: (("action", "outreach"), ("purpose", m["p"])),
    ),
    (
        r"(?:gifting|seeding|sampling|outreach|collab)\s(?:short\s?list|list)",
        lambda m, d: (
            ("action", "outreach"),
            *((("purpose", "gifting"),) if m[0].lower().startswith("gift") else purpose_of(m[0])),
        ),
    ),
    (
        r"(?:最)?(?:适合|合适|可以|能|方便|值得|准备|打算|想要?|要|用来|拿来|好)?(?:去)?(?:做|"
        r"找来|请来|被|给我们)?(?P<p>寄样|外联|建联|邀约|邀请|约稿|约拍|"
        r"试吃|试用|探店|合作|投放|带货|推广|置换|送测|送样|代言|试驾|体验|种草)(?:合作|对象|候选)?(?:的)?",
        lambda m, d: (("action", "outreach"), *purpose_of(m["p"])) if approach_of(m) else None,
    ),
    (
        r"(?:make|build|create|draft|prepare|put together)?\s?(?:it\s|them\s)?(?:into\s)?(?:an?\s|"
        r"the\s)?outreach(?:\slist)?|(?:to\s|worth\s|best\sto\s|we\scan\s|i\scan\s|suitable\sfor\s|"
        r"good\sfor\s)(?:reach\sout\sto|approach(?:ing)?|contact(?:ing)?|"
        r"send(?:ing)?\s(?:free\s)?samples(?:\sto)?|invite|pitch|seeding|sampling)(?:\sby\shand|\smanually)?|"
        r"for\s(?:sampling|seeding|outreach|(?:product\s)?gifting|collab(?:oration)?s?)",
        lambda m, d: (("action", "outreach"), *purpose_of(m[0])),
    ),
    (
        r"(?:得|必须|要|只要|需要|一定要?)?(?:是)?(?:有|留了?|带|公开了?|写了?|挂了?|留下)(?:了|"
        r"着|过)?(?:商务|合作|公开的?|工作)?(?:邮箱|联系方式|邮件|微信|"
        r"商务合作方式|email|contact(?:\sinfo)?)(?:地址)?(?:的)?|(?:with|who\s(?:have|list|has)|having|that\shave|must\shave|has|"
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
        r"(?:每(?:一?个)?|各个?)(?:组|类|群|簇|拨|分组|圈子)(?:里|中)?(?:各|都)?(?=有?(?:多少|几)|的?(?:人数|数量))|"
        r"\beach\s(?:group|segment|cluster)\b|(?:by|per)\s(?:group|segment|cluster)\b",
        lambda m, d: (("by", ("segment",)),),
    ),
    (
        rf"(?:各个?|每个|不同|各大|每一个|each\s)({BY})(?:的|里|上|间)?",
        lambda m, d: (("each", bys(m[1])),) if bys(m[1]) else None,
    ),
    (
        rf"({BYS})(?:的)?(?:上的)?(?:占比|比例|分布|百分比|构成|比重|结构|情况(?=怎|如|$)|"
        rf"\s(?:split|share|distribution|breakdown|"
        rf"ratio|mix))",
        share_of,
    ),
    (
        rf"(?:share|split|distribution|breakdown|proportion|percentage|ratio)\s(?:of\s\w+\s)?(?:by|of|across|"
        rf"per)\s({BYS})",
        share_of,
    ),
    (
        rf"(?:都|大多|主要|一般)?(?:是|干|做|搞|从事)?(?:啥|什么|哪些|哪种)({BY})的(?=[\s,，。?？]|$)",
        lambda m, d: (
            (("action", "stats"), ("target", "people"), ("measure?", ("count",)), ("by", bys(m[1])))
            if bys(m[1])
            else None
        ),
    ),
    (
        r"(?:都)?(?:是)?多大(?:的)?(?:岁数|年纪|年龄)",
        lambda m, d: (("action", "stats"), ("target", "people"), ("measure?", ("count",)), ("by", ("age",))),
    ),
    (r"(?:出|看|给|列)(?:个|一下|一个|看)?分布", lambda m, d: (("action", "stats"), ("measure", ("share",)))),
    (
        r"(?:的)?量(?:级)?(?=(?:[\s,，]|各|上)*(?:比一?比|比较|对比|哪个|谁|更?大|最?大))",
        lambda m, d: (("measure?", ("count",)),),
    ),
    (r"\b(day|week|month|hour)\sby\s\1\b", lambda m, d: (("by", (m[1].lower(),)),)),
    (
        r"(?P<m>engagement|likes|views|shares|saves|follower\sgrowth|sentiment)(?=\s(?:for|of|on|about|across|around)\s)",
        lambda m, d: (
            (("action", "stats"), *(measure_of(m, d) or ()))
            if m.start() == 0
            or m.string[: m.start()].rstrip()[-1:] in d.tokens
            or re.search(r"(?:^|[,，])\s?(?:\w+ly|total|average)\s$", m.string[: m.start()])
            else None
        ),
    ),
    (
        r"(?:占比|比例|百分比)(?:出|算|列|给|看|统计)(?:一下|一个|我|出来|看看)?|(?:as|in)\s(?:a\s)?percent(?:ages?)?",
        lambda m, d: (("action", "stats"), ("measure", ("share",))),
    ),
    (rf"({BYS})(?:各)?(?:占(?:多少|几成|比)|有?多少(?=人|条|[,，。]|$))", share_of),
    (
        rf"(?:再|都|就)?(?:按|按照|分|以|根据)\s?({BYS})(?:来|给我|分别|分开|去)?(?:(?:看一?看?一?下?)?(?:分布|占比|比例)|看一?看?|"
        rf"数一?数?一?下?|统计一?下?|算一?算?一?下?|汇总一?下?|"
        rf"拆一?下?|拆开|分布|展示|出|走势|趋势|分析|分一?下|对比|比一?比?一?下?|排|列)?",
        lambda m, d: by_phrase(m, d),
    ),
    (
        rf"(?:broken\sdown\s|break(?:\s(?:it|them))?\sdown\s|grouped\s|group\s(?:it|them)\s|split\s|"
        rf"count(?:ed)?\s)?(?:by|per|for\seach|across)\s(?:the\s)?({BYS})(?=$|[^a-z])",
        lambda m, d: (("by", bys(m[1])),) if bys(m[1]) else None,
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
        rf"(?P<m>{MEASURE})(?:数|量)?(?:和|、|跟|与|及|\sand\s)(?P<m2>{MEASURE})(?:数|量)?(?:的)?(?:总量|总数|总和|合计|加起来|均值|平均值?|平均数|各是?多少|分别多少)",
        lambda m, d: (
            ("action", "stats"),
            ("measure", tuple(v for g in ("m", "m2") if (e := counted(m[g])) for v in (e,))),
        ),
    ),
    (
        rf"(?P<m>{MEASURE})(?:数|量)?(?:的)?(?:总量|总数|总和|合计|加起来|均值|平均值?|平均数|一共多少)",
        lambda m, d: (("action", "stats"), *(measure_of(m, d) or ())),
    ),
    (
        rf"(?:平均|总|累计|人均|average|total|mean|avg\.?)\s?(?P<m>{MEASURE})(?:数|量)?",
        lambda m, d: (("action", "stats"), *(measure_of(m, d) or ())),
    ),
    (
        r"(?:声量|讨论量|提及量|发帖量|发帖数|发文量|发布量|讨论度|笔记数|帖子数|讨论热度|"
        r"发贴量)(?:的)?(?:走势|趋势|变化|曲线|情况|怎么样|如何|有多[高大少])?图?",
        lambda m, d: (("action", "stats"), ("measure", ("count",)), *trend_of(m[0])),
    ),
    (
        r"(?:compare|comparing)\s(?:the\s)?(?:number\sof\s)?(?:posts?\s(?:volume|count)s?|volume|mentions|posts|buzz|talk)\s(?:of|for|about|on)\s",
        lambda m, d: (("action", "compare"), ("measure?", ("count",))),
    ),
    (
        r"(?:\w+\s)?(?:volume|mentions|post\scounts?|number\sof\s(?:posts|mentions|notes|"
        r"videos))(?:\s(?:trend|curve|over\stime))?",
        lambda m, d: (
            (("action", "stats"), ("measure", ("count",)), *trend_of(m[0]))
            if not re.search(r"\b(?:that|who)\s+$", m.string[: m.start()])
            else None
        ),
    ),
    (
        rf"(?P<m>{MEASURE})(?:数|量|数量)?(?:的)?(?:走势|趋势|变化趋势|变化|曲线|波动|起伏|"
        rf"增长曲线|\strends?|\scurve|\sover\stime)(?:图|"
        rf"情况)?",
        lambda m, d: (("action", "stats"), *(measure_of(m, d) or ()), ("trend", True)),
    ),
    (
        r"(?:的)?(?:走势|趋势|变化趋势|变化曲线|曲线|时间线|trends?\s(?:of|for)|trend(?:\sline)?|"
        r"over\stime|timeline)(?:图)?(?=$|"
        r"[^\u4e00-\u9fff]|怎|如|是|给)",
        lambda m, d: (("action", "stats"), ("trend", True)),
    ),
    (
        r"(?:的)?(?:口碑|情感倾向|情感|情绪|好感度|正负面|舆情)(?:有啥变化|有什么变化|谁家?好|哪个好|怎么样|如何|好不好|情况|得分|"
        r"倾向|分析|变化)?(?=$|[^\u4e00-\u9fff]|怎|如|是|走|趋|变|"
        r"发)|(?:the\s)?sentiment(?:\s(?:towards?|of|for|on|about|around))?",
        lambda m, d: (("action", "stats"), ("measure", ("sentiment",))),
    ),
    # comparing
    (
        r"哪个?(?:平台|品牌|家|城市|地方|边|吧|话题|标签|tag|账号|博主)(?=[^,，。;；]{0,14}?(?:更?多|的?量大|更?大|更?火|更?高|更?热|"
        r"更?好|更?狠)(?:$|[,，。;；吧呢啊?？一些点]))",
        lambda m, d: (("action", "compare"), ("measure?", ("count",)), ("vs", "哪"), *dimension_of(m[0])),
    ),
    (
        r"(?:(?<![烫理美毛头染护卷长短直白黑秀假])发(?:帖|文)?(?:得|的)|发(?:帖|文)|帖子?|笔记)(?:更|比较)?(?:多|勤|频繁)(?:一?些)?",
        lambda m, d: (("measure?", ("count",)), ("more", "更多")),
    ),
    (
        r"({D})(?:的)?\s?(?:比|vs\.?|versus|compared\s(?:to|with)|than|相比|对比)\s?({D})(?:的)?|({D})(?:的)?\s?(?:跟|"
        r"和|与|同|and)\s?({D})(?:的)?(?:比|相比|对比|相比较|比较|哪个|谁|比起来)(?:一下|起来)?|(?:对比|比较|compare|"
        r"comparing)(?:一?下)?\s?({D})(?:的)?\s?(?:跟|和|与|同|、|and|to|with)\s?({D})(?:的)?",
        lambda m, d: (("action", "compare"), *(("D", d.value(g)) for g in m.groups() if g)),
    ),
    (
        r"(?:这)?(?:[两三四五六几]地|[两三四五六几]个?(?:城市|地方|省|平台|家|品牌|牌子))?(?:里面?|中)?(?:哪儿|哪里|哪个?地儿|哪个?(?:城市|地方|省))(?=[^,，。;；]{0,14}?(?:最|更)(?:多|火|高|热|好)(?:$|[,，。;；吧呢啊?？一些点]))",
        lambda m, d: (
            (("action", "compare"), ("measure?", ("count",)), ("vs", "哪"))
            if any(t.kind == "R" and len(t.value) > 1 for t in d.tokens.values())
            else None
        ),
    ),
    (
        rf"[两三四五六几](?:家|个品牌|个牌子|款)(?=(?:的)?\s?(?:{MEASURE}|口碑|{{ANY}}))",
        lambda m, d: (),
    ),
    (
        r"(?:对比一?下?|比比(?!皆)|比较一?下|比较(?=[\s,，]|{ANY}|$)|比一?比|比比看|比一下|pk一?下?|相比|"
        r"同比|环比|\bcompare[ds]?\b|\bcomparing\b|"
        r"comparison\s(?:of|between)|\bvs\.?|\bversus\b|哪个?(?:平台|品牌|家|城市|地方|个|边|款|"
        r"吧|小组|超话|账号|话题|标签)?(?=更|发|帖|"
        r"多|火|高|强|涨|好|聊|讨)|谁(?:家)?(?:的)?(?=更|发|涨|火|粉|互|声|多|高|口|热|评|点|好|强|差|低|大|赢|{ANY}(?:更|最)?(?:高|多|好|快|大|强|低)|"
        r"[^,，。;；]{0,12}(?:[得的更](?:更|比较)?(?:多|高|快|"
        r"好|火|狠|惨|勤|凶)|更受欢迎)(?:$|[,，。;；吧呢啊?？一些点])|\s?{ANY}\s?(?:$|"
        r"[,，。?？]))|哪家|哪边|which\s(?:platform|brand|"
        r"city|one|account)?(?:\s?gets)?|who\s(?=has|gets|got|grew|grows|is))",
        lambda m, d: (("action", "compare"), ("vs", m[0].lower().strip(" .")), *dimension_of(m[0])),
    ),
    (
        rf"(?P<m>{MEASURE})(?:数|量)?(?=更|涨了|差|对比|的对比|怎么样|如何|哪个|谁|"
        rf"[高好多大快强低]|比较|{ANY}|$|[,，。])",
        lambda m, d: (
            None
            if m["m"] in ("评论", "留言", "回复", "comments", "comment", "replies")
            and not re.match("更|涨|[高多]", m.string[m.end() :])
            else measure_of(m, d)
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
        rf"(?<=[\u4e00-\u9fff]|{ANY})(?:得|的)?(?:人|帖子?|笔记)?(?:更|比较)(?:多|勤|狠|惨|凶)(?:一?[些点])?(?:吧|呢|啊|吗)?(?=$|[,，。;；?？]|{{D}})|"
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
            measure_of(m, d)
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
    (
        rf"(?<=[,，])\s?(?:要|给我)?(?:一?[个份])?(?P<form>{FORMAT})(?:格式|文件)?(?:就行|的|吧)?(?=$|[,，。])",
        export_of,
    ),
    # doing it
    (
        r"(?:都|就|自动|给我|再|重新)*(?:更新|刷新|重?跑|查|看)一[次遍下轮回](?=[,，。;；!]|$)",
        lambda m, d: (("rerun", True),) if any(t.kind == "S" for t in d.tokens.values()) else None,
    ),
    (
        r"(?:都|全|全部|统统|给我|先)*(?:抓|爬|采|扒|拉|收|捞|薅|下载|搜集|收集|采集)(?:下来|回来|一[下遍]|起来|过来|全|(?<=[捞扒爬抓采拉薅])出来)(?=[\s,，。;；!]|再|并|然后|$)",
        lambda m, d: (("action", "collect"),),
    ),
    (
        r"(?:都|全|全部|统统|给我|先)*(?:找|挑|筛|列|搜|翻|选|拎|揪|挖|过滤|提取|整理|来|整|弄)(?:出来|一[下遍波批份]|一?列)(?:给我|看看?)?(?=[\s,，。;；!]|再|并|然后|$)",
        lambda m, d: (("action", "find"), ("said_find", True)),
    ),
    (
        r"(?<=[上里内在先来下])(?:collect|scrape|crawl|fetch)(?=[\s\u4e00-\u9fff\U000f0000-\U0010ffff])",
        lambda m, d: (("action", "collect"),),
    ),
    (
        r"(?<=[上里内在先来下])(?:find|search|show)(?=[\s\u4e00-\u9fff\U000f0000-\U0010ffff])(?:一下|下)?",
        lambda m, d: (("action", "find"), ("said_find", True)),
    ),
    (HEAD + COLLECT, lambda m, d: (("action", "collect"),)),
    (HEAD + FIND, lambda m, d: (("action", "find"), ("said_find", True))),
    (rf"(?:{POLITE}){{1,3}}(?:采集|收集|抓取|爬取|爬|抓)(?:一下|一遍|下)?", lambda m, d: (("action", "collect"),)),
    (
        rf"(?:as|in|to|into)\s(?:an?\s)?(?P<form>{FORMAT})(?:\sfile|\sformat)?(?=$|[,，。\s])|(?:成|"
        rf"为)(?P<form2>{FORMAT})(?:文件|格式)?",
        lambda m, d: (("format", word_of("format", m["form"] or m["form2"])),),
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
        r"喊)(?:一?下)?我(?:一下|一声)?|(?<![a-z])(?:notify|alert|remind|ping)(?:一下|下)?我|\b(?:notify|alert|"
        r"remind|ping|tell)\sme\b",
        lambda m, d: (("notify", True),),
    ),
    # what is looked for
    (rf"(?:排序?|按顺序)(?:一下|个序)?(?={ANY}|[,，。]|$)", lambda m, d: ()),
    (
        r"(?:上次|上回|之前|昨天|上周|我|我们|以前|先前|早先)?(?:存|保存|收藏|建|圈|攒|整理)(?:着|下来?|好|过|起来|了)?的?(?:那个|那拨|"
        r"那份|那批|一份)?(?:名单|人群包|列表)?({Q})(?:这个|那个|这份|那份|那批|那拨|那群|里面?|"
        r"中)?(?:的)?(?:名单|人群包|列表)?(?:里面?|中)?(?:的)?(?:那批人|那些人|那拨人|那群人|人)?",
        lambda m, d: (("source", "saved:" + d.value(m[1])), *((("target~", "people"),) if m[0].endswith("人") else ())),
    ),
    (
        r"(?:把|将)\s?({Q})(?:这个|那个|这份|那份)?(?:名单|列表|人群包)?(?:里的?人)?(?=(?:都|全部|再|重新)?(?:给我)?(?:导|输出|下载|转成|打包))",
        lambda m, d: (("source", "saved:" + d.value(m[1])),),
    ),
    (
        r"(?:the\s|my\s|our\s)?saved\s(?:list|set|group|segment)\s(?:called\s|named\s)?({Q})",
        lambda m, d: (("source", "saved:" + d.value(m[1])),),
    ),
    (
        r"(?:the\s|my\s|our\s)?(?:saved\s)(?:list|set|group|segment)?\s?(?:called\s|"
        r"named\s)?({Q})(?:\s(?:list|set|group))?|(?:the\s|my\s|our\s)?({Q})\s(?:list|set)(?:\swe\ssaved)?|"
        r"(?:名单|人群包|列表)(?:里的?)?({Q})(?:里|中)?(?:的)?(?:人)?|({Q})(?:这个|那个|这份|那份|"
        r"那批)?(?:名单|人群包|列表|那批人)(?:里|"
        r"中)?(?:的)?(?:人)?",
        lambda m, d: (
            ("source", "saved:" + d.value(next(g for g in m.groups() if g))),
            *((("target~", "people"),) if re.search("名单|人群包|人$", m[0]) else ()),
        ),
    ),
]
