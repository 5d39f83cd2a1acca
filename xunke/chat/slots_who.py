"""Who it is about, the form of a post and its mood."""

from __future__ import annotations

import re
from typing import Final

from . import lexicon
from .slot_words import AFTER_WHO, JOB, SEP, Rule, W, const, meaning_of, mood, sentiment, words_of
from .tokens import ANY

MOODS_EN: Final = lexicon.alternation(w for w in lexicon.values("words", "sentiment") if w.isascii())

RULES: Final[list[Rule]] = [
    # who
    (
        rf"({lexicon.alternation(lexicon.values('words', 'gender'))})(?:优先|为主|号主|"
        rf"博主)?(?<=[\u4e00-\u9fff]){AFTER_WHO}",
        lambda m, d: (
            ("gender", meaning_of("gender", re.sub("号主|博主", "", m[1]))),
            *((("target", "people"),) if m[0].endswith(("号主", "博主")) else (("who", True),)),
        ),
    ),
    (
        rf"\b({lexicon.alternation(w for w in lexicon.values('words', 'gender') if w.isascii())})(?=\s|[,，.]|"
        rf"$)(?!'s\s|s'\s)(?!\s(?:wear|clothing|fashion|shoes|health|skincare|bags))",
        lambda m, d: (("gender", meaning_of("gender", m[1])), ("who", True)),
    ),
    (
        r"(尾部|腰部|中腰部|头部)(?:及|和|或)?以上(?:的)?",
        lambda m, d: (("tier", ("tail", "waist", "head")["尾腰头".index(m[1].lstrip("中")[0]) :]), ("who", True)),
    ),
    (
        rf"({lexicon.said('words', 'tier')})(?=博主|达人|作者|用户|网红|创作者|号|账号|"
        rf"influencers?|creators?|的|都|也|或|[\u4e00-\u9fff]{{1,8}}(?:博主|达人|作者|网红|创作者|号主|账号)|"
        rf"[\s,，。、和]|{ANY}|$)(?:和|、|或)?",
        lambda m, d: (
            ("tier", (meaning_of("tier", m[1]),)),
            ("who", True),
            *((("target", "people"),) if meaning_of("tier", m[1]) in ("koc", "kol") else ()),
        ),
    ),
    (r"(未认证|没认证|没有认证|非认证|not\sverified|unverified|没加v)(?:的)?", const(("verified", False))),
    (
        r"only\s(?:from\s)?verified\s(?:accounts?|users?|creators?)|verified\s(?:accounts?|users?)\sonly",
        const(("verified", True)),
    ),
    (
        r"(?:经过|已|官方|机构|有|是|带)?(?:蓝v|黄v|橙v|红v|金v|加v|大v认证|认证(?!太|难|失败|"
        r"流程|攻略|教程|怎么))(?:的|机构号|账号|用户|过的|里面?|中)?|"
        r"verified(?:\s(?=account|user|creator))?|blue[- ]check",
        const(("verified", True)),
    ),
    (
        r"(新一线|一线|二线|三线|四线|五线)(?:和|、|及|以及|或)?(新一线|一线|二线|三线|四线|五线)?(?:城市)(?:的)?",
        lambda m, d: (("city_tier", tuple(x for x in (m[1], m[2]) if x)),),
    ),
    (r"(新一线|一线|二线|三线)(?=的|[,，。]|$)", lambda m, d: (("city_tier", (m[1],)),)),
    (
        r"tier[- ]?(1|2|3|one|two|three)\scit(?:y|ies)|first[- ]tier\scit(?:y|ies)",
        lambda m, d: (
            (
                "city_tier",
                ({"2": "二线", "two": "二线", "3": "三线", "three": "三线"}.get((m[1] or "1").lower(), "一线"),),
            ),
        ),
    ),
    (
        rf"{JOB}(?:{SEP}{JOB}){{0,5}}(?:这一?类|这种|之类|这些|等等?|们)的?(?:上班族|打工人|"
        rf"职场人|职业|人群|人)?(?:里面?|中|当中)?的?",
        lambda m, d: (("occupation", tuple(re.findall(JOB, m[0], re.IGNORECASE))), ("who", True)),
    ),
    (
        rf"(?:讲|说|用|写)({lexicon.said('platforms', 'languages')})的?(?!课|学习|教学|老师|\s[a-z])",
        lambda m, d: (("content_lang", lexicon.values("platforms", "languages")[m[1].lower()]),),
    ),
    (
        rf"(?:对)({W}{{1,12}}?)(?:比较|很|特别)?(?:感兴趣|有兴趣)",
        lambda m, d: (("interests", words_of(m[1], d)), ("who", True)),
    ),
    (
        r"(?<=的|{R})(阿姨|姐姐|姐妹|奶奶|大姐|女同学|大妈|姑娘|妹子)(?:们)?(?=[,，。;；\s]|$)|(?<=的|{R})(大哥|大叔|大爷|小哥|叔叔|"
        r"爷爷|老哥|大伯|男同学)(?:们)?(?=[,，。;；\s]|$)",
        lambda m, d: (("gender", "female" if m[1] else "male"), ("who", True)),
    ),
    (r"(?<![\u4e00-\u9fff])(?:评价)?(?:差|不好|坏)的(?=[按,，前取列挑])", const(("sentiment", "negative"))),
    # form of the post
    (
        r"(?:做|拍|发|更|剪|搞)(短视频|视频|图文|直播)的(?=[,，。;；]|$)",
        lambda m, d: (("media", "video" if "视频" in m[1] else "live" if m[1] == "直播" else "image"), ("who", True)),
    ),
    (
        r"(?:图文|视频|短视频|文字|直播|图片)(?:和|跟|与|、|还是)(?:图文|视频|短视频|文字|直播|"
        r"图片)(?:笔记|帖子)?(?:的)?(?:各占?多少|占比|比例|各有多少|分布|"
        r"哪个多|各占几成)",
        const(("action", "stats"), ("measure", ("share",)), ("by", ("media",))),
    ),
    (
        r"(?:男女|男生女生|男性女性|男的女的|男(?:生|性|的)?(?:和|跟|与|、|还是)女(?:生|性|"
        r"的)?)(?:的)?(?:各占?多少|占比|比例|比|各有多少|分布|哪个多|谁多|多)",
        const(("action", "stats"), ("measure", ("share",)), ("by", ("gender",))),
    ),
    (
        rf"(?:(?<![\u4e00-\u9fff])|(?<=[的上])|(?<={ANY})|(?:讲|说)|只要|只看|要|用|in\s|"
        rf"写的)({lexicon.said('platforms', 'languages')})(?:[- ](?:language|speaking))?(?:写的|的|"
        rf"内容)?(?=讨论|聊|帖|笔记|"
        rf"视频|内容|文章|评论|微博|推文|回答|、|\s?(?:posts?|notes?|videos?|articles?|tweets?|"
        rf"comments?|content|only)\b|"
        rf"[\s,，。]|{ANY}|$)",
        lambda m, d: (("content_lang", lexicon.values("platforms", "languages")[m[1].lower()]),),
    ),
    (
        r"(?:只要|只看|只留|要|得|必须|都)?(?:是)?(?:带|有|配|含)图片?(?:的)?(?=$|[^\u4e00-\u9fff]|的|帖|笔|文)|"
        r"with\s(?:images?|photos?|pictures?)|(?:image|photo|picture)s?\sonly|图文(?=笔记|帖|的|[,，。]|$)",
        const(("media", "image")),
    ),
    (
        r"(?:只要|只看|只留|仅)(?:短)?(?:视频|影片)(?:的|类)?(?=$|[,，。])|videos?\sonly|only\svideos?",
        const(("media", "video")),
    ),
    (r"(?:只要|只看)?(?:纯文字|纯文本|文字版)(?:的)?|text[- ]only", const(("media", "text"))),
    (
        r"(?:同时|都要?|必须都|全都?)(?:带(?:着|有|了)?|有(?=的|标签|话题|tag|这?[两几三]个|[,，。;；]|$)|包含|打了?)(?:这?[两几三]个)?(?:标签|话题|"
        r"tag)?(?:的)?|两个(?:标签|话题|tag)?都(?:要|得)?(?:有|带|"
        r"打)(?:的)?|both\stags|all\s(?:of\s)?(?:the(?:se)?\s)?tags",
        lambda m, d: (("match", "all"),),
    ),
    (r"直播(?=卖|带货|讲|教|聊|做|唱|跳|打|吃)", const(("media", "live"))),
    # mood
    (
        r"(?:更|比较|偏)(?:负面|正面|好评|差评)(?:一?[些点])?(?=$|[,，。;；?？吗呢])",
        const(("measure?", ("sentiment",)), ("more", "更")),
    ),
    (
        r"(?:是)?(?:好评(?:和|、|跟|与|还是|或)?差评|差评(?:和|、|跟|与|还是|或)?好评|正面(?:和|"
        r"、|跟|与|还是|/)?(?:中性)?(?:和|、|跟|与|还是|/)?负面|正负面?|褒贬)(?:都|各|的)?(?:占比|比例|"
        r"分布|各?占?多少|各有多少|情况|怎么样|如何)|(?:是)?(?:夸|好评|正面)的?(?:人)?多?(?:还是|"
        r"和|跟|与|、)(?:骂|黑|吐槽|差评|负面|喷)的?(?:人)?(?:多|"
        r"各占多少|各多少|占比|比例|哪个多|谁多)?|(?:好评率|差评率|负面率|负面占比|好评占比|"
        r"差评占比|正面占比)(?:有多少|多少|多高)?",
        const(("action", "stats"), ("measure", ("share",)), ("by", ("sentiment",))),
    ),
    (
        rf"(?:(?<=正)负面)|(?:都在|在|被|有人|一直|总在|"
        rf"老)?({lexicon.alternation(w for w in lexicon.values('words', 'sentiment') if not w.isascii())})(?:的|"
        rf"过|我们的?|了)?(?:是)?(?:啥|什么|些什么|哪些)?(?!占比|比例|词|分布|率|趋势|走势|程度|瓶)",
        lambda m, d: sentiment(m, d) if m[1] and mood(m) else None,
    ),
    (
        rf"\b(?:who\s(?:are\s)?|"
        rf"that\s(?:are\s)?)?({MOODS_EN})(?:\sabout)?(?=\s|"
        rf"[,，.]|$|[\u4e00-\u9fff])",
        sentiment,
    ),
]
