"""What must not be there, what must, ages and counts."""

from __future__ import annotations

import re
from typing import Final

from .numbers import parse
from .slot_words import (
    AGE_TAIL,
    DOWN,
    DROP,
    END,
    GENDER,
    LIST_Q,
    MAKE,
    MEASURE,
    NOT,
    OVER,
    SEP,
    TO,
    UNDER,
    UP,
    Rule,
    W,
    ages,
    bounds,
    const,
    decade,
    drop,
    generation,
    meaning_of,
    range,
    sort,
    words_of,
)
from .tokens import ANY

RULES: Final[list[Rule]] = [
    # what must not be there
    (r"去(?:一?下|个)?重(?:复)?(?![庆要])|dedup(?:e|licate)?d?|排重", const(("drop", ("duplicates",)))),
    (
        r"(?:还|从)?(?:没|未|没有)(?:有)?(?:联系|合作|接触)过的?|not\s(?:yet\s)?contacted(?:\syet)?|"
        r"haven'?t\scontacted(?:\syet)?",
        const(("drop", ("contacted",))),
    ),
    (
        rf"(?:把)?{NOT}(?:掉|了|那些|所有|任何|任何的|the |all |any |those |已经|是|一些|"
        rf"里面的?)?\s?{DROP}(?:{SEP}(?:{NOT})?{DROP}){{0,4}}(?:发的|号|类|帖|内容|贴|的|账号|之外|以外|外)?(?=$|"
        rf"[^\u4e00-\u9fffA-Za-z]|的|再|按|并|后|然|取|留|只)",
        drop,
    ),
    (
        rf"(?:把)?{DROP}(?:{SEP}{DROP}){{0,4}}(?:的|们|类|号|帖|内容|人)?(?:都|也|全部|全|"
        rf"统统|一律|先|就){{0,2}}(?:给我)?(?:去掉|过滤掉?|剔除掉?|剔掉|排除掉?|屏蔽掉?|去除|筛掉|筛出去|刷掉|拿掉|撇开|踢出去|删掉|不看|别要|"
        rf"扔掉|除外|不要了?|不算|刨除|刨掉|踢掉|滤掉|别放进?来?|别列|别带|excluded|removed|filtered out)",
        drop,
    ),
    (
        r"(?:只看|只要|只留|仅限?|得是|发的|必须是)?原创(?:的|内容|帖子?|博文)*(?=[\s,，。、;；]|"
        r"{ANY}|$|视频|笔记|微博|文章)|"
        r"original\s(?:posts?\s|content\s)?only|only original(?: posts| content)?",
        const(("drop", ("reposts",))),
    ),
    (
        rf"(?:把)?{NOT}(?:掉|在|住在)?\s?({{R}})({{R}})?({{R}})?(?:的|本地|当地|人|那边)*(?:以外|之外|外)?(?:的)?",
        lambda m, d: (("region_exclude", tuple(x for g in m.groups() if g for x in d.value(g))),),
    ),
    (r"({R})(?:的|人)?(?:除外|不要|不算|排除|去掉)", lambda m, d: (("region_exclude", d.value(m[1])),)),
    (
        rf"{NOT}(?:掉|了)?(?:所有|那些|标题)?(?:含有?|带有?|提到|提及|包含|出现|有|写|posts\s|"
        rf"ones\s|mention(?:s|ing)?\s|"
        rf"containing\s|with\s|the\swords?\s|words?\s|关键词|词){{0,3}}\s?({LIST_Q})(?:这个词|"
        rf"这些词|这几个词|字样|字眼|"
        rf"[一二两三四几]个字|的)?",
        lambda m, d: (("exclude", words_of(m[1], d)),),
    ),
    (
        rf"(?:不要|排除|不含|别带|去掉|过滤掉?|剔除|不能|(?<!有)没有?|不)(?:掉)?(?:含有?|带有?|"
        rf"提到|提及|包含|出现|有)({W}{{1,16}}?)(?:这个词|字样|字眼|"
        rf"的(?:帖子|笔记|视频|内容|都|那些)?)?(?:去掉|除外|不要)?{END}",
        lambda m, d: (("exclude", words_of(m[1], d)),),
    ),
    (
        rf"(?:exclud(?:e|ing)|without|not mentioning|not containing|"
        rf"no mention of)\s(?:the\s)?(?:posts?\s)?(?:words?\s|mentioning\s|containing\s|"
        rf"about\s)?({W}{{1,30}}?)(?=[,，.。;；]|{ANY}|\s(?:from|in|on|and|sorted|since)\s|$)",
        lambda m, d: (("exclude", words_of(m[1], d)),),
    ),
    (
        rf"(?:排除|剔除|屏蔽|不含)(?:掉)?({W}{{2,12}}?)(?:的|这个词|字样)?{END}",
        lambda m, d: (("exclude", words_of(m[1], d)),),
    ),
    (
        rf"({MEASURE})(?:的)?(?:门槛|下限|标准|要求|线)?(?:再)?(?:提到|提高到?|升到|涨到|拉到|调到|"
        rf"调高到|降到|降低到|放宽到|改到|改成|设为|"
        rf"设成)\s?({{N}})(?:以上)?",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2], None),
    ),
    (
        rf"(?:{NOT})(?:掉|那些|所有)?({GENDER})(?:的|博主|达人|用户|作者|号)?(?=$|[,，。;；\s])",
        lambda m, d: (("gender", "female" if meaning_of("gender", m[1]) == "male" else "male"), ("who", True)),
    ),
    # what must literally be there
    (
        rf"(?:标题|内容|文案|正文|文中|里面|里|简介)?(?:里|中|都|要|得)*(?:提到|提及|提过|带有?|"
        rf"含有?|包含|出现|写到|写着|mention(?:s|ing|ed)?|"
        rf"contain(?:s|ing)?|with\sthe\swords?|including\sthe\swords?)(?:了|过|有)?(?:关键词|关键字|the\s(?:word|"
        rf"phrase)s?)?\s?({LIST_Q})(?:字样|这个词|这几个字|这?[一二两三四五几\d]个字|这些词|关键词|二字|字眼)?",
        lambda m, d: (("keywords", words_of(m[1], d)),),
    ),
    (
        rf"带(?:有|着)?({W}{{1,12}}?)(?:字样|字眼|关键词|这个词|这几个字)",
        lambda m, d: (("keywords", words_of(m[1], d)),),
    ),
    (
        rf"(?:关键词|关键字|keywords?)(?:是|为|:|\sis|\sare)?\s?({LIST_Q})",
        lambda m, d: (("keywords", words_of(m[1], d)),),
    ),
    (
        rf"(?:关键词|关键字)(?:是|为|:)?\s?({W}{{1,16}}?)(?=的|{END[3:]}",
        lambda m, d: (("keywords", words_of(m[1], d)),),
    ),
    (
        rf"(?:标题|内容|文案|正文|文中|里面)?(?:里|中|都|要|得|有)*(?:提到|提及|提过|含有|包含|"
        rf"含(?!量|义|糖|金))(?:了|过)?({W}{{1,16}}?)(?:这个词|"
        rf"字样)?(?=的|最多|{END[3:]}",
        lambda m, d: (("keywords", words_of(m[1], d)),) if not re.match(r"最", m[1]) else None,
    ),
    (
        rf"(?:that\s|who\s|which\s)?(?:mention(?:s|ing|ed)?|contain(?:s|ing)?)\s(?!counts?\b|volume|"
        rf"of\b)({W}{{1,40}}?)(?=[,，.。;；!?]|{ANY}|\s(?:from|in|on|over|with|during|since|sorted|and\s(?:sort|"
        rf"export|have|then)|posted|only|that|at|by)\b|$)",
        lambda m, d: (("keywords", words_of(m[1], d)),),
    ),
    # ages
    (r"({N})(?:岁|)" + TO + r"({N})" + AGE_TAIL + "(?:之间|左右)?", lambda m, d: ages(parse(m[1]), parse(m[2]))),
    (
        r"(?:age[sd]?|aged)\s(?:between\s)?({N})(?:\s?(?:to|-|and|~)\s?)({N})|"
        r"between\s({N})\sand\s({N})\syears\sold",
        lambda m, d: ages(parse(m[1] or m[3]), parse(m[2] or m[4])),
    ),
    (
        rf"({{N}}){AGE_TAIL}?(?:以上|往上|\+|开外|及以上|起|or\s(?:over|older|"
        rf"above))(?<=[岁上d+r外起e])(?<!\d以上)(?<!万以上)",
        lambda m, d: ages(parse(m[1]), None) if "岁" in m[0] or "old" in m[0].lower() else None,
    ),
    (
        rf"({{N}}){AGE_TAIL}?(?:以下|以内|往下|及以下|or\s(?:under|younger))",
        lambda m, d: (
            ages(None, parse(m[1])) if "岁" in m[0] or "old" in m[0].lower() or "young" in m[0].lower() else None
        ),
    ),
    (
        r"(?:年龄)?(?:超过|大于|over|above|older\sthan|满)\s?({N})(?:岁|\syears\sold|(?=\s(?:year|and\s|who\s|in\s)|"
        r"$))",
        lambda m, d: ages(parse(m[1]), None) if "岁" in m[0] or int(parse(m[1]) or 999) < 100 else None,
    ),
    (
        r"(?:年龄)?(?:不到|小于|不超过|低于|under|below|younger\sthan)\s?({N})(?:岁|\syears\sold|"
        r"(?=\s(?:year|and\s|who\s|"
        r"in\s)|$))",
        lambda m, d: ages(None, parse(m[1])) if "岁" in m[0] or int(parse(m[1]) or 999) < 100 else None,
    ),
    (
        r"(?:age\s)?(\d0)s(?:\sto\s(\d0)s)?|in\stheir\s(twenties|thirties|forties|fifties|sixties)|"
        r"(?:age\s)(\d{2})\+",
        lambda m, d: ages(*decade(m)),
    ),
    (
        r"([二三四五六七八九2-9])(?:十|0)(?:多|来|几)岁",
        lambda m, d: ages(int(parse(m[1]) or 0) * 10, int(parse(m[1]) or 0) * 10 + 9),
    ),
    (
        r"([二三四五六七八九2-9])(?:十|0)(?:岁)?出头",
        lambda m, d: ages(int(parse(m[1]) or 0) * 10, int(parse(m[1]) or 0) * 10 + 4),
    ),
    (
        r"([二三四五六2-6])(?:十|0)岁左右",
        lambda m, d: ages(int(parse(m[1]) or 0) * 10 - 3, int(parse(m[1]) or 0) * 10 + 3),
    ),
    (r"(?<!\d)([03-9][05])(?:后|s\b)", generation),
    (r"(?:gen(?:eration)?[ -]?|generation\s)(z)(?:ers?)?|(z)世代", lambda m, d: (("born", (1995, 2009)),)),
    # what is taken away bounds from the other side: 去掉粉丝低于两千的, 粉丝不到五千的不要
    (
        rf"(?:把)?{NOT}(?:掉|了|那些|所有)?({MEASURE}){MAKE}(?:{UNDER}\s?({{N}})|({{N}})\s?{DOWN})(?:的)?(?:人|号|博主|达人|帖子?|笔记|视频)?(?:都|全)?",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2] or m[3], None),
    ),
    (
        rf"(?:把)?({MEASURE}){MAKE}(?:{UNDER}\s?({{N}})|({{N}})\s?{DOWN})的(?:那些)?(?:人|号|博主|达人|帖子?|笔记|视频)?(?:都|全部?|统统)?(?:给我)?"
        r"(?:去掉|过滤掉?|剔除掉?|剔掉|排除掉?|去除|筛掉|扔掉|除外|不要了?|不算|刨除|踢掉|滤掉|拿掉|删掉|不看)",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2] or m[3], None),
    ),
    (
        rf"(?:把)?({MEASURE}){MAKE}(?:{OVER}\s?({{N}})|({{N}})\s?{UP})的(?:那些)?(?:人|号|博主|达人)?(?:都|全部?|统统)?(?:给我)?"
        r"(?:去掉|过滤掉?|剔除掉?|剔掉|排除掉?|去除|筛掉|扔掉|除外|不要了?|不算|刨除|踢掉|滤掉|拿掉|删掉|不看)",
        lambda m, d: bounds(meaning_of("measures", m[1]), None, m[2] or m[3]),
    ),
    # rates and counts
    (
        rf"({{N}})\s?({MEASURE}){TO}({{N}})\s?({MEASURE})(?:之间|的)?",
        lambda m, d: bounds(meaning_of("measures", m[2]), m[1], m[3]) if m[2].lower() == m[4].lower() else None,
    ),
    (
        rf"追踪(?:者|人数|数)?{MAKE}({{N}}){TO}({{N}})(?:之间|的)?",
        lambda m, d: bounds("followers", *range(m[1], m[2])),
    ),
    (
        rf"({{N}})\s?(?:个)?追踪(?:者|人数|数)?\s?{UP}|追踪(?:者|人数|数)?{MAKE}{OVER}?\s?({{N}})\s?{UP}?(?!{TO}{{N}}|[\d.十百千万w])",
        lambda m, d: bounds("followers", m[1] or m[2] or m[3], None),
    ),
    (
        rf"(互动率|engagement\srate|\ber\b)\s?{MAKE}{OVER}?\s?((?:百分之)?{{N}}\s?[%％]?(?:个点)?)\s?{UP}?",
        lambda m, d: bounds("engagement_rate", m[2], None),
    ),
    (
        rf"{OVER}?\s?((?:百分之)?{{N}}\s?[%％])\s?{UP}?\s?(?:的)?(互动率|engagement(?:\srate)?)",
        lambda m, d: bounds("engagement_rate", m[1], None),
    ),
    (
        rf"(?:有|with\s|between\s)?({{N}}){TO}({{N}})\s?(?:个|的)?\s?({MEASURE})(?:量|数)?(?:之间)?",
        lambda m, d: bounds(meaning_of("measures", m[3]), *range(m[1], m[2])),
    ),
    (
        rf"between\s({{N}})\sand\s({{N}})\s({MEASURE})",
        lambda m, d: bounds(meaning_of("measures", m[3]), *range(m[1], m[2])),
    ),
    (
        rf"({MEASURE})(?:数|量)?的?下限(?:是|为)?({{N}})[,，、]?\s?上限(?:是|为)?({{N}})的?",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2], m[3]),
    ),
    (
        rf"({MEASURE}){MAKE}(?:between\s|介于)?({{N}})(?:{TO}|\sand\s)({{N}})(?:之间|左右|的)?",
        lambda m, d: bounds(meaning_of("measures", m[1]), *range(m[2], m[3])),
    ),
    (
        rf"({MEASURE}){MAKE}([一二三四五六七八])([二两三四五六七八九])([十百千万]{{1,2}})(?:个)?(?:左右|的)?",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2] + m[4], m[3] + m[4]),
    ),
    (
        rf"({MEASURE}){MAKE}{OVER}\s?({{N}})\s?{UNDER}\s?({{N}})",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2], m[3]),
    ),
    (
        rf"({MEASURE}){MAKE}{OVER}?\s?({{N}})(?:\s?{UP}[、,，\s但且而和]{{0,3}}|"
        rf"[、,，\s但且而和]{{1,3}})(?:又)?(?:{UNDER}\s?({{N}})|({{N}})\s?{DOWN})",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2], m[3] or m[4]),
    ),
    (rf"({MEASURE}){MAKE}{UNDER}\s?({{N}})", lambda m, d: bounds(meaning_of("measures", m[1]), None, m[2])),
    (rf"({MEASURE}){MAKE}({{N}})\s?{DOWN}", lambda m, d: bounds(meaning_of("measures", m[1]), None, m[2])),
    (
        rf"({MEASURE}){MAKE}{OVER}{{1,2}}\s?({{N}})\+?\s?{UP}?(?:的)?",
        lambda m, d: bounds(meaning_of("measures", m[1]), m[2], None),
    ),
    (rf"({MEASURE}){MAKE}({{N}})\s?{UP}(?:的)?", lambda m, d: bounds(meaning_of("measures", m[1]), m[2], None)),
    (
        rf"(?:with\s|有|having\s)?{UNDER}\s?({{N}})\s?(?:个|的)?\s?({MEASURE})",
        lambda m, d: bounds(meaning_of("measures", m[2]), None, m[1]),
    ),
    (
        rf"({{N}})\s?{DOWN}(?:的)?\s?({MEASURE})|({{N}})\s?(?:个|的)?\s?({MEASURE})(?:量|数)?{DOWN}",
        lambda m, d: bounds(meaning_of("measures", m[2] or m[4]), None, m[1] or m[3]),
    ),
    (
        rf"(?:with\s|有|having\s|got\s|that\s(?:have|got)\s)?(?:{OVER}|with\s)\s?({{N}})\+?\s?(?:个|"
        rf"的)?\s?({MEASURE})(?:{UP})?(?:的)?",
        lambda m, d: bounds(meaning_of("measures", m[2]), m[1], None),
    ),
    (
        rf"({{N}})\s?{UP}\s?(?:的)?\s?({MEASURE})(?:量|数)?",
        lambda m, d: bounds(meaning_of("measures", m[2]), m[1], None),
    ),
    (
        rf"({{N}})\+?\s?(?:个)?\s?({MEASURE})(?:量|数)?\s?{UP}(?:的)?",
        lambda m, d: bounds(meaning_of("measures", m[2]), m[1], None),
    ),
    (
        rf"(?<!前)(?<!前 )({{N}})\s?(?:个)?({MEASURE})(?=的|博主|达人|笔记|[,，。]|$)",
        lambda m, d: (
            bounds(meaning_of("measures", m[2]), m[1], None)
            if meaning_of("measures", m[2]) in ("likes", "saves", "views", "followers", "shares")
            else None
        ),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:比较|最|更)?[多高大]的?(?:人|帖子|笔记|视频)?(?:都)?(?:排|放|摆|"
        rf"列)(?:在)?(?:最)?前(?:面|头|边)?",
        lambda m, d: sort(m[1]),
    ),
    (rf"({MEASURE})(?:数|量)?(?:比较|更)?[多高大]的(?={{N}}[个条篇位名])", lambda m, d: sort(m[1])),
    (
        rf"(?:发帖|发文|发笔记|发视频|更新|发布|发)(?:数|量|了|过)?{OVER}\s?({{N}})\s?(?:篇|条|个|"
        rf"支)(?:以上)?(?:帖子?|笔记|视频|内容|作品)?(?:以上)?",
        lambda m, d: bounds("post_count", m[1], None),
    ),
    (
        r"(?:至少|起码|最少|不少于|不止)(?:发帖|发文|更新|发布|发|更|写|出)(?:过|了)?\s?({N})\s?(?:篇|条|个|支|次)(?:帖子?|笔记|视频|内容|作品)?(?:以上)?",
        lambda m, d: bounds("post_count", m[1], None),
    ),
    (
        r"(?:发帖|发文|发笔记|发视频|更新|发布|发|更|写|出)(?:过|了)?(?:至少|起码|不少于|最少)?\s?({N})\s?(?:篇|条|个|支|次)(?:帖子?|笔记|视频|内容|作品)?(?:以上|往上|\+|起)",
        lambda m, d: bounds("post_count", m[1], None),
    ),
    (
        rf"(?:按|照|依)?({MEASURE})(?:数|量)?(?:从低到高|从少到多|从小到大|升序|由低到高|由少到多)(?:排序?|排列|排一?下)?(?:来)?",
        lambda m, d: sort(m[1], True),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:比较|最|更)?[多高大好]的?(?:人|帖子|笔记|视频|号|那些)?(?:都|给我)?(?:先来|优先看?|先看|先排|先列|靠前|打头|优先排|在前|"
        r"(?:排|放|摆|列|搁)(?:在)?(?:最)?(?:前面?|前头|前边|上面|头里))",
        lambda m, d: sort(m[1]),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:从高到低|从多到少|从大到小|降序|倒序|由高到低|由多到少)(?:排序?|排列|来)?(?:一下)?",
        lambda m, d: sort(m[1]),
    ),
]
