"""Order and limit."""

from __future__ import annotations

from typing import Final

from .numbers import whole
from .slot_words import MAKE, MEASURE, MOST, NOUN, TOP, Rule, bounds, const, limit, meaning_of, sort
from .tokens import ANY

RULES: Final[list[Rule]] = [
    (
        r"(?:还|比较|一直|仍然?|经常|都|在)*(?<!最)(?<!最为)活跃(?:着|过)?的(?=[,，。;；\s]|$|博主|达人|用户|账号|人|号)",
        const(),
    ),
    # order and limit
    (
        r"(?:男女|性别|地区|地域|平台|城市|年龄|时间|数量|粉丝量?|体量)(?:都|均)?不限|不限(?:男女|"
        r"性别|粉丝量?|体量|数量)",
        const(),
    ),
    (
        r"高(赞|收藏|播放|转发|评论|互动|阅读)(?:的)?(?=$|[^\u4e00-\u9fff]|的|帖|笔|视|微|文|内|回|作|影|图)",
        lambda m, d: sort(m[1]),
    ),
    (
        rf"(?:按|以|根据|sort(?:ed)?\sby|rank(?:ed)?\sby|order(?:ed)?\sby|in\sorder\sof|by)\s?(?:the\s|"
        rf"number\sof\s|most\s)?({MEASURE})(?:数|量)?(?:来|给我|最高的?)?(?:从低到高|从少到多|"
        rf"从小到大|升序|由低到高|由少到多|asc(?:ending)?|"
        rf"low(?:est)?\sto\shigh(?:est)?|(?:最早|旧)的?在前)(?:排序?|排列|排一?下)?",
        lambda m, d: sort(m[1], True),
    ),
    (
        rf"(?:按|以|根据|照|依)(?:照)?({MEASURE})(?:数|量)?(?:高低|多少|大小)?(?:来|给我|最高的?)?(?:从高到低|"
        rf"从多到少|从大到小|降序|倒序|由高到低|由多到少|"
        rf"倒着)?(?:地)?(?:排序|排列|排名|排个序|排一?排|排一?下|排个?名|排|列出?|取|挑|选|拉|给|"
        rf"看|找|留)?\s?(?:出|了|"
        rf"出来)?(?:{TOP})\s?({{N}})(?!\s?(?:天|周|个月|组|类))\s?{NOUN}?(?:的)?",
        lambda m, d: sort(m[1]) + (limit(m[2]) or ()),
    ),
    (
        rf"(?:按|以|根据|照|依)(?:照)?({MEASURE})(?:数|量)?(?:高低|多少|大小)?(?:来|给我|"
        rf"最高的?)?(?:从高到低|从多到少|从大到小|降序|倒序|由高到低|由多到少|"
        rf"倒着)?(?:地)?(?:排序|排列|排名|排个序|排一?排|排一?下|排个?名|排|从高到低|"
        rf"从多到少)(?:一?下)?|(?:按|以|照|依)({MEASURE})(?:从高到低|从多到少|从大到小|"
        rf"降序|倒序|来(?=[\s,，。;；]|$)|走(?=[\s,，。;；]|$))",
        lambda m, d: sort(m[1] or m[2]),
    ),
    (
        rf"(?:and\s)?(?:sort(?:ed)?|rank(?:ed)?|order(?:ed)?)(?:\s(?:them|it|those))?\s?(?:by|按|"
        rf"in\sorder\sof)\s?(?:the\s)?(?:number\sof\s|most\s)?({MEASURE})(?:\s?(?:desc(?:ending)?|"
        rf"high(?:est)?\s(?:to\slow(?:est)?|first)))?",
        lambda m, d: sort(m[1]),
    ),
    (rf"by\s({MEASURE})(?=\s?(?:[,，.?!]|$|{ANY}))", lambda m, d: (("by_measure", meaning_of("measures", m[1])),)),
    (
        rf"({MEASURE})(?:数|量)?(?:排名|排行|最[多高大强]的?|top)?\s?{TOP}\s?({{N}})(?!\s?(?:天|"
        rf"周|个月))\s?{NOUN}?(?:的)?",
        lambda m, d: sort(m[1]) + (limit(m[2]) or ()),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:最[多高大强热好快](?!不)|最为活跃|最猛)(?:的)?(?:那)?({{N}})?\s?{NOUN}?(?:的)?",
        lambda m, d: sort(m[1]) + ((limit(m[2]) or ()) if m[2] else ()),
    ),
    (rf"最(?:多|高)(?:人)?({MEASURE})(?:的)?", lambda m, d: sort(m[1])),
    (
        r"(?:最火爆?|最热门?|最火热|爆款|热度最高|互动最[高多])(?:的)?(?:那)?(?:({N})\s?(?:个|位|"
        r"名|条|篇|款|支)|(?=$|[^\u4e00-\u9fff\d]|的|"
        r"帖|笔|视|微|文|博|达|内|回|作|话))",
        lambda m, d: (("sort", "engagement"), *((limit(m[1]) or ()) if m[1] else ())),
    ),
    (r"(?:最近|近期|正|现在|比较)?(?:火|热门|爆)的(?=[,，。;；\s]|$)", const(("sort", "engagement"))),
    (
        r"(?:热|爆|火)(?:帖|文|贴)(?=$|[^\u4e00-\u9fff]|有|的|是|都|前|给)",
        const(("target", "posts"), ("sort", "engagement")),
    ),
    (r"(?:the\s)?({N})\s(?:newest|latest|most\srecent)(?=\s)", lambda m, d: (("sort", "time"), *(limit(m[1]) or ()))),
    (
        r"(?:最新|最近发布|刚发布?)(?:发布|发)?(?:的)?(?:({N})\s?(?:个|位|名|条|篇)|(?=$|"
        r"[^\u4e00-\u9fff\d]|的|帖|笔|视|微|文|内|回|作|动|"
        r"评))|(?:the\s)?(?:newest|latest)(?:\s(?={N}))?\s?({N})?(?=\s|$)(?!\s(?:week|month|day))",
        lambda m, d: (("sort", "time"), *((limit(m[1] or m[2]) or ()) if m[1] or m[2] else ())),
    ),
    (
        r"最早(?:发布)?(?:的)?({N})?(?:条|篇|个)?|oldest(?:\sfirst)?",
        lambda m, d: (("sort", "time"), ("order", "asc"), *((limit(m[1]) or ()) if m[1] else ())),
    ),
    (
        r"(?:最(?:有|具)影响力|most\sinfluential)(?:的)?\s?({N})?\s?(?:个|位|名)?",
        lambda m, d: (("sort", "influence"), *((limit(m[1]) or ()) if m[1] else ())),
    ),
    (
        r"(?:涨粉|粉丝增长|涨得?)最(?:快|猛|多)(?:的)?\s?(?:({N})\s?(?:个|位|名)|(?=$|"
        r"[^\u4e00-\u9fff\d]|博|达|账|作|的|号))|"
        r"fastest[- ]growing",
        lambda m, d: (("sort", "follower_growth"), *((limit(m[1]) or ()) if m.lastindex and m[1] else ())),
    ),
    (
        r"(?:最活跃|发得最勤|发帖最多|发文最多|最高产|most\sactive|most\sprolific)(?:的)?\s?({N})?\s?(?:个|位|名)?",
        lambda m, d: (("sort", "post_count"), *((limit(m[1]) or ()) if m.lastindex and m[1] else ())),
    ),
    (
        r"(?:the\s)?({N}\s)?(?:most|highest|top)[- ](liked|commented|shared|saved|viewed|watched|followed|"
        r"popular|engaging|discussed|read|bookmarked|upvoted|replied|retweeted)(?:\s({N}))?(?:\sfirst)?",
        lambda m, d: (("sort", MOST[m[2].lower()]), *((limit(m[1] or m[3]) or ()) if m[1] or m[3] else ())),
    ),
    (
        r"(?:with\s(?:the\s)?)?most\s(?:posts|notes|videos|tweets|articles)(?=\s|[,，.]|$)|(?:who|that)\s(?:post|posted|publish(?:ed)?)\s(?:the\s)?most",
        const(("sort", "post_count")),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:倒数|垫底|最低|最少|最差)(?:的)?(?:前)?\s?({{N}})?\s?{NOUN}?(?:的)?",
        lambda m, d: (*sort(m[1], True), *((limit(m[2]) or ()) if m[2] else ())),
    ),
    (rf"(?:with\sthe\s)?(?:most|highest)\s(?:number\sof\s)?({MEASURE})(?:\sfirst)?", lambda m, d: sort(m[1])),
    (
        rf"{TOP}\s?({{N}})(?!\s?(?:天|周|个月|年|组|类|岁|个季度|days|weeks|"
        rf"months))\s?(?:的)?\s?{NOUN}?(?:的)?(?=$|[^\d])",
        lambda m, d: limit(m[1]),
    ),
    (
        r"(?:各|每组|每类)?(?:来|要|取|挑|选|列|找|给我?|推荐|抓|采|爬|凑|整|弄|搞|筛|拿|拉|最多|"
        r"只要|留下?|一共|总共|大概|大约|差不多|约|限)?(?:出|够|满|"
        r"了)?\s?({N})(?:多|来|\+)?\s?(?:个|位|名|条|篇|则|号人|人(?=$|[,，。;；]))(?!月|小时|"
        r"星期|礼拜|季度|组|类|群|平台|城市|cit(?:y|ies)|省|地方|国家|版本|渠道|账号谁|话题|主题|圈|"
        r"品牌|标签|人群|赞|粉|评论|收藏|转发|播放|平|版|点)(?:左右|以内|就行|就够|就好|即可|出来)*",
        lambda m, d: () if m[1] in ("几", "些") else limit(m[1]) if (whole(m[1]) or 0) > 1 else None,
    ),
    (
        r"(?:数量|人数|条数|个数|名额)(?:改成|改为|改到|换成|调到|调成|设为|加到|减到|要|是)\s?({N})",
        lambda m, d: limit(m[1]),
    ),
    (
        r"(?:limit(?:ed)?\s(?:to\s|of\s)?|at\smost\s|max\s|give\sme\s|get\sme\s|up\sto\s|"
        r"just\s)({N})(?!\s?(?:%|likes|followers|views|days|weeks|comments))\b",
        lambda m, d: limit(m[1]),
    ),
    (
        r"(?<![\w.$])({N})\s(?=(?:(?:[a-z\-]+|{ANY})\s){0,4}(?:bloggers?|streamers?|reviewers?|moms|students|brands|"
        r"accounts|shops|creators?|influencers?|people|users|authors|youtubers|vloggers|accounts|posts|notes|"
        r"videos|tweets|articles|comments|kols?|kocs?|reels|threads)\b)",
        lambda m, d: limit(m[1]) if (whole(m[1]) or 0) > 1 else None,
    ),
    (
        rf"({MEASURE}){MAKE}({{N}})(?:个)?(?:左右|上下)?(?=的|[,，。]|$)",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2], None),
    ),
]
