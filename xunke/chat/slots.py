"""Second reading: filters, bounds, order and limits become X tokens with slot effects.

``RULES`` is the grammar: pattern and handler, in the order in which they are tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from . import lexicon
from .numbers import parse, whole
from .tokens import ANY, FREE, Doc, Effects

_W: Final = r"[\u4e00-\u9fffA-Za-z0-9&+·.\-' ]"
_END: Final = rf"(?=[,，。;；!?、]|{ANY}|$)"
MEASURE: Final = lexicon.said("words", "measures")
JOB: Final = lexicon.alternation(lexicon.table("words")["occupation"]["words"])
GENDER: Final = lexicon.alternation(lexicon.values("words", "gender"))
DROP: Final = lexicon.said("words", "drop")
_COUNTED: Final = {
    "likes": "likes_min",
    "comments": "comments_min",
    "shares": "shares_min",
    "saves": "saves_min",
    "views": "views_min",
    "engagement_rate": "engagement_rate_min",
    "post_count": "posts_min",
    "followers": "followers_min",
}
_NOT: Final = (
    r"(?:去掉|去除|除去|除掉|不要|不含|不包括|不包含|不看|不想看|排除掉?|过滤掉?|剔除掉?|剔掉|"
    r"筛掉|屏蔽掉?|扔掉|刨除|刨掉|别要|别带|别给我|"
    r"滤掉|滤除|踢掉|拿掉|除开|除了|撇开|(?<!有)没有|去(?!重)|非|不是|刷掉|without|no\b|"
    r"not?\sincluding|exclud(?:e|ing)|"
    r"filter(?:ing)?\s?(?:out|掉)|"
    r"remov(?:e|ing)|skip(?:ping)?|drop(?:ping)?|minus|ignor(?:e|ing)|except(?:\sfor)?|leave\sout|"
    r"leaving\sout|hide|non)"
)
_OVER: Final = (
    r"(?:超过|超|大于等于|大于|不少于|不低于|至少|起码|最少|高于|多于|过|破|满|上|达到|达|有|"
    r">=|≥|>|(?:of\s)?(?:at least|more than|over|"
    r"above|min(?:imum)?(?:\sof)?|no less than|greater than))"
)
_UNDER: Final = (
    r"(?:别超过?|不要超过?|不能超过?|不得超过|控制在|少于|不到|低于|不超过|不多于|小于等于|"
    r"小于|没到|最多|<=|≤|<|(?:of\s)?(?:less than|fewer than|"
    r"under|below|at most|up to|max(?:imum)?(?:\sof)?|no more than))"
)
_UP: Final = r"(?:个|条|次|篇|人|位)?(?:以上|往上|之上|起步|起|开外|\+|(?:or|and)\s(?:more|above|over|up)|plus)"
_DOWN: Final = r"(?:个)?(?:以下|以内|之内|之下|往下|(?:or|and)\s(?:less|fewer|below|under))"
_TO: Final = r"\s?(?:个)?(?:到|至|-|~|to)\s?"
_MAKE: Final = (
    r"(?:数量?|量|总量|总数)?(?:的?(?:门槛|下限|上限|要求|标准|范围|条件))?(?:(?:改|降|提高?|"
    r"放宽|调|升|降低|换|收紧|上调|下调|变)(?:成|到|"
    r"为))?(?:要求|要|得|在|是|为|需|必须|:)?\s?"
)
_AGE_TAIL: Final = r"\s?(?:周?岁|years?\sold|y/?o\b)"


def _meaning(key: str, word: str) -> str:
    table = lexicon.values("words", key)
    folded = word.lower().strip().replace("-", " ")
    return table.get(word.lower()) or table.get(folded) or table[folded.replace(" ", "-")]


def _bounds(measure: str, low: str | None, high: str | None) -> Effects | None:
    slot = _COUNTED.get(measure)
    if slot is None and measure == "engagement":
        return None
    if slot is None:
        return None
    out: list[tuple[str, Any]] = []
    if low:
        number = _number(low, measure)
        if number is None:
            return None
        out.append((slot, number))
    if high and measure == "followers":
        number = whole(high)
        if number is None:
            return None
        out.append(("followers_max", number))
    elif high and not low:
        return None
    return tuple(out) or None


def _number(text: str, measure: str) -> float | None:
    if measure == "engagement_rate":
        value = parse(re.sub(r"[%％]|百分之|个点", "", text).strip())
        return None if value is None or value > 100 else round(value / 100, 6) if value >= 0.5 or "%" in text else value
    return whole(text)


def _range(low: str, high: str) -> tuple[str, str]:
    """1-5万 means 1万 to 5万."""
    tail = re.search(r"(千|万|w|k|m)\s*$", high.strip(), re.IGNORECASE)
    if tail and re.fullmatch(r"[\d.]+|[一二两三四五六七八九十]", low.strip()):
        a, b = parse(low), parse(high[: tail.start()])
        if a is not None and b is not None and a <= b:
            return low.strip() + tail[1], high
    return low, high


def _ages(low: float | None, high: float | None) -> Effects:
    out = []
    if low:
        out.append(("age_min", int(low)))
    if high:
        out.append(("age_max", int(high)))
    return tuple(out)


def _generation(m: re.Match[str], doc: Doc) -> Effects | None:
    born = {"z": (1995, 2009)}.get(m[1][:1].lower())
    if born is None:
        number = int(m[1])
        if number % 5:
            return None
        year = 1900 + number if number >= 30 else 2000 + number
        born = (year, year + (4 if number % 10 == 5 else 9))
    return (("born", born),)


def _words_of(m_text: str, doc: Doc) -> tuple[str, ...]:
    """Quoted words of a list, or the free words of one, split at 和 and the like."""
    quoted = [doc.value(c) for c in m_text if c in doc.tokens and doc.tokens[c].kind in "QT"]
    if quoted:
        return tuple(quoted)
    parts = re.split(r"、|(?<=..)(?:和|或者?|以及|跟)(?=..)|\sand\s|\sor\s|,\s?|，", doc.plain(m_text).strip())
    return tuple(p.strip(" 的了") for p in parts if p.strip(" 的了"))


def _drop(m: re.Match[str], doc: Doc) -> Effects | None:
    found = re.findall(lexicon.said("words", "drop"), m[0], re.IGNORECASE)
    return (("drop", tuple(dict.fromkeys(_meaning("drop", w) for w in found))),) if found else None


def _sort(word: str, asc: bool = False) -> Effects:
    meaning = _meaning("measures", word)
    sort = {"count": "post_count", "share": "shares", "sentiment": "relevance"}.get(meaning, meaning)
    return (("sort", sort), ("order", "asc")) if asc else (("sort", sort),)


def _limit(text: str) -> Effects | None:
    number = whole(text)
    return (("limit", number),) if number and number <= 1_000_000 else None


def _const(*effects: tuple[str, Any]) -> Callable[[re.Match[str], Doc], Effects]:
    return lambda _m, _d: effects


def _sentiment(m: re.Match[str], doc: Doc) -> Effects:
    return (("sentiment", _meaning("sentiment", m[1])),)


_NOUN: Final = r"(?:个|位|名|条|篇|则|份|支|款|家|只|号)"
_SEP: Final = r"(?:、|和|跟|与|或者?|以及|及|,\s?|，|\s?/\s?|\sand\s|\sor\s)"
_LIST_Q: Final = rf"[{{Q}}](?:{_SEP}?[{{Q}}]){{0,8}}".replace("[{Q}]", "{Q}")
_AFTER_WHO: Final = (
    r"(?=的|"
    + lexicon.alternation(lexicon.table("words")["occupation"]["words"])
    + r"|主理人|博主|达人|作者|用户|号主|up主|网红|创作者|粉丝|网友|主播|玩家|大学生|学生|"
    r"程序员|人|群体|[\s,，。;；、!?和]|{ANY}|$)"
)
_TOP: Final = r"(?:前|top\s?|头|最前面?的?|first\s|best\s)"

_MOST: Final = {
    "liked": "likes",
    "commented": "comments",
    "shared": "shares",
    "saved": "saves",
    "viewed": "views",
    "watched": "views",
    "followed": "followers",
    "popular": "engagement",
    "engaging": "engagement",
    "discussed": "comments",
    "read": "views",
    "bookmarked": "saves",
}

RULES: Final[list[tuple[str, Callable[[re.Match[str], Doc], Effects | None]]]] = [
    # what must not be there
    (r"去重(?:复)?|dedup(?:e|licate)?d?|排重", _const(("drop", ("duplicates",)))),
    (
        r"(?:还|从)?(?:没|未|没有)(?:有)?(?:联系|合作|接触)过的?|not\s(?:yet\s)?contacted(?:\syet)?|"
        r"haven'?t\scontacted(?:\syet)?",
        _const(("drop", ("contacted",))),
    ),
    (
        rf"(?:把)?{_NOT}(?:掉|了|那些|所有|任何|任何的|the |all |any |those |已经|是|一些|"
        rf"里面的?)?\s?{DROP}(?:{_SEP}(?:{_NOT})?{DROP}){{0,4}}(?:发的|号|类|帖|内容|贴|的|账号|之外|以外|外)?(?=$|"
        rf"[^\u4e00-\u9fffA-Za-z]|的|再|按|并|后|然|取|留|只)",
        _drop,
    ),
    (
        rf"(?:把)?{DROP}(?:{_SEP}{DROP}){{0,4}}(?:的|们|类|号|帖|内容)?(?:都|全部|全|"
        rf"统统)?(?:给我)?(?:去掉|过滤掉?|剔除|排除|屏蔽|去除|筛掉|"
        rf"扔掉|除外|不要|不算|刨除|踢掉|滤掉|excluded|removed|filtered out)",
        _drop,
    ),
    (
        r"(?:只看|只要|只留|仅限?|得是|发的|必须是)?原创(?:的|内容|帖子?|博文)*(?=[\s,，。、;；]|"
        r"{ANY}|$|视频|笔记|微博|文章)|"
        r"original\s(?:posts?\s|content\s)?only|only original(?: posts| content)?",
        _const(("drop", ("reposts",))),
    ),
    (
        rf"(?:把)?{_NOT}(?:掉|在|住在)?\s?({{R}})(?:的|本地|当地|人|那边)*(?:以外|之外|外)?(?:的)?",
        lambda m, d: (("region_exclude", d.value(m[1])),),
    ),
    (r"({R})(?:的|人)?(?:除外|不要|不算|排除|去掉)", lambda m, d: (("region_exclude", d.value(m[1])),)),
    (
        rf"{_NOT}(?:掉|了)?(?:所有|那些|标题)?(?:含有?|带有?|提到|提及|包含|出现|有|写|posts\s|"
        rf"ones\s|mention(?:s|ing)?\s|"
        rf"containing\s|with\s|the\swords?\s|words?\s|关键词|词){{0,3}}\s?({_LIST_Q})(?:这个词|"
        rf"这些词|这几个词|字样|字眼|"
        rf"[一二两三四几]个字|的)?",
        lambda m, d: (("exclude", _words_of(m[1], d)),),
    ),
    (
        rf"(?:不要|排除|不含|别带|去掉|过滤掉?|剔除|不能|(?<!有)没有?|不)(?:掉)?(?:含有?|带有?|"
        rf"提到|提及|包含|出现|有)({_W}{{1,16}}?)(?:这个词|字样|字眼|"
        rf"的(?:帖子|笔记|视频|内容|都|那些)?)?(?:去掉|除外|不要)?{_END}",
        lambda m, d: (("exclude", _words_of(m[1], d)),),
    ),
    (
        rf"(?:exclud(?:e|ing)|without|not mentioning|not containing|"
        rf"no mention of)\s(?:the\s)?(?:posts?\s)?(?:words?\s|mentioning\s|containing\s|"
        rf"about\s)?({_W}{{1,30}}?)(?=[,，.。;；]|{ANY}|\s(?:from|in|on|and|sorted|since)\s|$)",
        lambda m, d: (("exclude", _words_of(m[1], d)),),
    ),
    (
        rf"(?:排除|剔除|屏蔽|不含)(?:掉)?({_W}{{2,12}}?)(?:的|这个词|字样)?{_END}",
        lambda m, d: (("exclude", _words_of(m[1], d)),),
    ),
    (
        rf"({MEASURE})(?:的)?(?:门槛|下限|标准|要求|线)?(?:再)?(?:提到|提高到?|升到|涨到|拉到|调到|"
        rf"调高到|降到|降低到|放宽到|改到|改成|设为|"
        rf"设成)\s?({{N}})(?:以上)?",
        lambda m, d: _bounds(_meaning("measures", m[1]), m[2], None),
    ),
    (
        rf"(?:{_NOT})(?:掉|那些|所有)?({GENDER})(?:的|博主|达人|用户|作者|号)?(?=$|[,，。;；\s])",
        lambda m, d: (("gender", "female" if _meaning("gender", m[1]) == "male" else "male"), ("who", True)),
    ),
    # what must literally be there
    (
        rf"(?:标题|内容|文案|正文|文中|里面|里|简介)?(?:里|中|都|要|得)*(?:提到|提及|提过|带有?|"
        rf"含有?|包含|出现|写到|写着|mention(?:s|ing|ed)?|"
        rf"contain(?:s|ing)?|with\sthe\swords?|including\sthe\swords?)(?:了|过|有)?(?:关键词|关键字|the\s(?:word|"
        rf"phrase)s?)?\s?({_LIST_Q})(?:字样|这个词|这几个字|这?[一二两三四五几\d]个字|这些词|关键词|二字|字眼)?",
        lambda m, d: (("keywords", _words_of(m[1], d)),),
    ),
    (
        rf"带(?:有|着)?({_W}{{1,12}}?)(?:字样|字眼|关键词|这个词|这几个字)",
        lambda m, d: (("keywords", _words_of(m[1], d)),),
    ),
    (
        rf"(?:关键词|关键字|keywords?)(?:是|为|:|\sis|\sare)?\s?({_LIST_Q})",
        lambda m, d: (("keywords", _words_of(m[1], d)),),
    ),
    (
        rf"(?:关键词|关键字)(?:是|为|:)?\s?({_W}{{1,16}}?)(?=的|{_END[3:]}",
        lambda m, d: (("keywords", _words_of(m[1], d)),),
    ),
    (
        rf"(?:标题|内容|文案|正文|文中|里面)?(?:里|中|都|要|得|有)*(?:提到|提及|提过|含有|包含|"
        rf"含(?!量|义|糖|金))(?:了|过)?({_W}{{1,16}}?)(?:这个词|"
        rf"字样)?(?=的|最多|{_END[3:]}",
        lambda m, d: (("keywords", _words_of(m[1], d)),) if not re.match(r"最", m[1]) else None,
    ),
    (
        rf"(?:that\s|who\s|which\s)?(?:mention(?:s|ing|ed)?|contain(?:s|ing)?)\s(?!counts?\b|volume|"
        rf"of\b)({_W}{{1,40}}?)(?=[,，.。;；!?]|{ANY}|\s(?:from|in|on|over|with|during|since|sorted|and\s(?:sort|"
        rf"export|have|then)|posted|only|that|at|by)\b|$)",
        lambda m, d: (("keywords", _words_of(m[1], d)),),
    ),
    # ages
    (r"({N})(?:岁|)" + _TO + r"({N})" + _AGE_TAIL + "(?:之间|左右)?", lambda m, d: _ages(parse(m[1]), parse(m[2]))),
    (
        r"(?:age[sd]?|aged)\s(?:between\s)?({N})(?:\s?(?:to|-|and|~)\s?)({N})|"
        r"between\s({N})\sand\s({N})\syears\sold",
        lambda m, d: _ages(parse(m[1] or m[3]), parse(m[2] or m[4])),
    ),
    (
        rf"({{N}}){_AGE_TAIL}?(?:以上|往上|\+|开外|及以上|起|or\s(?:over|older|"
        rf"above))(?<=[岁上d+r外起e])(?<!\d以上)(?<!万以上)",
        lambda m, d: _ages(parse(m[1]), None) if "岁" in m[0] or "old" in m[0].lower() else None,
    ),
    (
        rf"({{N}}){_AGE_TAIL}?(?:以下|以内|往下|及以下|or\s(?:under|younger))",
        lambda m, d: (
            _ages(None, parse(m[1])) if "岁" in m[0] or "old" in m[0].lower() or "young" in m[0].lower() else None
        ),
    ),
    (
        r"(?:年龄)?(?:超过|大于|over|above|older\sthan|满)\s?({N})(?:岁|\syears\sold|(?=\s(?:year|and\s|who\s|in\s)|"
        r"$))",
        lambda m, d: _ages(parse(m[1]), None) if "岁" in m[0] or int(parse(m[1]) or 999) < 100 else None,
    ),
    (
        r"(?:年龄)?(?:不到|小于|不超过|低于|under|below|younger\sthan)\s?({N})(?:岁|\syears\sold|"
        r"(?=\s(?:year|and\s|who\s|"
        r"in\s)|$))",
        lambda m, d: _ages(None, parse(m[1])) if "岁" in m[0] or int(parse(m[1]) or 999) < 100 else None,
    ),
    (
        r"(?:age\s)?(\d0)s(?:\sto\s(\d0)s)?|in\stheir\s(twenties|thirties|forties|fifties|sixties)|"
        r"(?:age\s)(\d{2})\+",
        lambda m, d: _ages(*_decade(m)),
    ),
    (
        r"([二三四五六七八九2-9])(?:十|0)(?:多|来|几)岁",
        lambda m, d: _ages(int(parse(m[1]) or 0) * 10, int(parse(m[1]) or 0) * 10 + 9),
    ),
    (
        r"([二三四五六七八九2-9])(?:十|0)(?:岁)?出头",
        lambda m, d: _ages(int(parse(m[1]) or 0) * 10, int(parse(m[1]) or 0) * 10 + 4),
    ),
    (
        r"([二三四五六2-6])(?:十|0)岁左右",
        lambda m, d: _ages(int(parse(m[1]) or 0) * 10 - 3, int(parse(m[1]) or 0) * 10 + 3),
    ),
    (r"(?<!\d)([03-9][05])(?:后|s\b)", _generation),
    (r"(?:gen(?:eration)?[ -]?|generation\s)(z)(?:ers?)?|(z)世代", lambda m, d: (("born", (1995, 2009)),)),
    # rates and counts
    (
        rf"(互动率|engagement\srate|\ber\b)\s?{_MAKE}{_OVER}?\s?((?:百分之)?{{N}}\s?[%％]?(?:个点)?)\s?{_UP}?",
        lambda m, d: _bounds("engagement_rate", m[2], None),
    ),
    (
        rf"{_OVER}?\s?((?:百分之)?{{N}}\s?[%％])\s?{_UP}?\s?(?:的)?(互动率|engagement(?:\srate)?)",
        lambda m, d: _bounds("engagement_rate", m[1], None),
    ),
    (
        rf"(?:有|with\s|between\s)?({{N}}){_TO}({{N}})\s?(?:个|的)?\s?({MEASURE})(?:量|数)?(?:之间)?",
        lambda m, d: _bounds(_meaning("measures", m[3]), *_range(m[1], m[2])),
    ),
    (
        rf"between\s({{N}})\sand\s({{N}})\s({MEASURE})",
        lambda m, d: _bounds(_meaning("measures", m[3]), *_range(m[1], m[2])),
    ),
    (
        rf"({MEASURE}){_MAKE}(?:between\s|介于)?({{N}})(?:{_TO}|\sand\s)({{N}})(?:之间|左右|的)?",
        lambda m, d: _bounds(_meaning("measures", m[1]), *_range(m[2], m[3])),
    ),
    (
        rf"({MEASURE}){_MAKE}([一二三四五六七八])([二两三四五六七八九])([十百千万]{{1,2}})(?:个)?(?:左右|的)?",
        lambda m, d: _bounds(_meaning("measures", m[1]), m[2] + m[4], m[3] + m[4]),
    ),
    (
        rf"({MEASURE}){_MAKE}{_OVER}?\s?({{N}})(?:\s?{_UP}[、,，\s但且而和]{{0,3}}|"
        rf"[、,，\s但且而和]{{1,3}})(?:又)?(?:{_UNDER}\s?({{N}})|({{N}})\s?{_DOWN})",
        lambda m, d: _bounds(_meaning("measures", m[1]), m[2], m[3] or m[4]),
    ),
    (rf"({MEASURE}){_MAKE}{_UNDER}\s?({{N}})", lambda m, d: _bounds(_meaning("measures", m[1]), None, m[2])),
    (rf"({MEASURE}){_MAKE}({{N}})\s?{_DOWN}", lambda m, d: _bounds(_meaning("measures", m[1]), None, m[2])),
    (
        rf"({MEASURE}){_MAKE}{_OVER}{{1,2}}\s?({{N}})\+?\s?{_UP}?(?:的)?",
        lambda m, d: _bounds(_meaning("measures", m[1]), m[2], None),
    ),
    (rf"({MEASURE}){_MAKE}({{N}})\s?{_UP}(?:的)?", lambda m, d: _bounds(_meaning("measures", m[1]), m[2], None)),
    (
        rf"(?:with\s|有|having\s)?{_UNDER}\s?({{N}})\s?(?:个|的)?\s?({MEASURE})",
        lambda m, d: _bounds(_meaning("measures", m[2]), None, m[1]),
    ),
    (
        rf"({{N}})\s?{_DOWN}(?:的)?\s?({MEASURE})|({{N}})\s?(?:个|的)?\s?({MEASURE})(?:量|数)?{_DOWN}",
        lambda m, d: _bounds(_meaning("measures", m[2] or m[4]), None, m[1] or m[3]),
    ),
    (
        rf"(?:with\s|有|having\s|got\s|that\s(?:have|got)\s)?(?:{_OVER}|with\s)\s?({{N}})\+?\s?(?:个|"
        rf"的)?\s?({MEASURE})(?:{_UP})?(?:的)?",
        lambda m, d: _bounds(_meaning("measures", m[2]), m[1], None),
    ),
    (
        rf"({{N}})\s?{_UP}\s?(?:的)?\s?({MEASURE})(?:量|数)?",
        lambda m, d: _bounds(_meaning("measures", m[2]), m[1], None),
    ),
    (
        rf"({{N}})\+?\s?(?:个)?\s?({MEASURE})(?:量|数)?\s?{_UP}(?:的)?",
        lambda m, d: _bounds(_meaning("measures", m[2]), m[1], None),
    ),
    (
        rf"(?<!前)(?<!前 )({{N}})\s?(?:个)?({MEASURE})(?=的|博主|达人|笔记|[,，。]|$)",
        lambda m, d: (
            _bounds(_meaning("measures", m[2]), m[1], None)
            if _meaning("measures", m[2]) in ("likes", "saves", "views", "followers", "shares")
            else None
        ),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:比较|最|更)?[多高大]的?(?:人|帖子|笔记|视频)?(?:都)?(?:排|放|摆|"
        rf"列)(?:在)?(?:最)?前(?:面|头|边)?",
        lambda m, d: _sort(m[1]),
    ),
    (rf"({MEASURE})(?:数|量)?(?:比较|更)?[多高大]的(?={{N}}[个条篇位名])", lambda m, d: _sort(m[1])),
    (
        rf"(?:发帖|发文|发笔记|发视频|更新|发布|发)(?:数|量|了)?{_OVER}\s?({{N}})\s?(?:篇|条|个|"
        rf"支)(?:以上)?(?:帖子?|笔记|视频|内容|作品)?(?:以上)?",
        lambda m, d: _bounds("post_count", m[1], None),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:从高到低|从多到少|从大到小|降序|倒序|由高到低|由多到少)(?:排序?|排列|来)?(?:一下)?",
        lambda m, d: _sort(m[1]),
    ),
    # order and limit
    (
        r"(?:男女|性别|地区|地域|平台|城市|年龄|时间|数量|粉丝量?|体量)(?:都|均)?不限|不限(?:男女|"
        r"性别|粉丝量?|体量|数量)",
        _const(),
    ),
    (
        r"高(赞|收藏|播放|转发|评论|互动|阅读)(?:的)?(?=$|[^\u4e00-\u9fff]|的|帖|笔|视|微|文|内|回|作|影|图)",
        lambda m, d: _sort(m[1]),
    ),
    (
        rf"(?:按|以|根据|sort(?:ed)?\sby|rank(?:ed)?\sby|order(?:ed)?\sby|in\sorder\sof|by)\s?(?:the\s|"
        rf"number\sof\s|most\s)?({MEASURE})(?:数|量)?(?:来|给我|最高的?)?(?:从低到高|从少到多|"
        rf"从小到大|升序|由低到高|由少到多|asc(?:ending)?|"
        rf"low(?:est)?\sto\shigh(?:est)?|(?:最早|旧)的?在前)(?:排序?|排列|排一?下)?",
        lambda m, d: _sort(m[1], True),
    ),
    (
        rf"(?:按|以|根据)({MEASURE})(?:数|量)?(?:高低|多少|大小)?(?:来|给我|最高的?)?(?:从高到低|"
        rf"从多到少|从大到小|降序|倒序|由高到低|由多到少|"
        rf"倒着)?(?:地)?(?:排序|排列|排名|排个序|排一?排|排一?下|排个?名|排|列出?|取|挑|选|拉|给|"
        rf"看|找|留)?\s?(?:出|了|"
        rf"出来)?(?:{_TOP})\s?({{N}})(?!\s?(?:天|周|个月|组|类))\s?{_NOUN}?(?:的)?",
        lambda m, d: _sort(m[1]) + (_limit(m[2]) or ()),
    ),
    (
        rf"(?:按|以|根据)(?:照)?({MEASURE})(?:数|量)?(?:高低|多少|大小)?(?:来|给我|"
        rf"最高的?)?(?:从高到低|从多到少|从大到小|降序|倒序|由高到低|由多到少|"
        rf"倒着)?(?:地)?(?:排序|排列|排名|排个序|排一?排|排一?下|排个?名|排|从高到低|"
        rf"从多到少)(?:一?下)?|(?:按|以)({MEASURE})(?:从高到低|从多到少|从大到小|"
        rf"降序|倒序)",
        lambda m, d: _sort(m[1] or m[2]),
    ),
    (
        rf"(?:and\s)?(?:sort(?:ed)?|rank(?:ed)?|order(?:ed)?)(?:\s(?:them|it|those))?\s?(?:by|按|"
        rf"in\sorder\sof)\s?(?:the\s)?(?:number\sof\s|most\s)?({MEASURE})(?:\s?(?:desc(?:ending)?|"
        rf"high(?:est)?\s(?:to\slow(?:est)?|first)))?",
        lambda m, d: _sort(m[1]),
    ),
    (rf"by\s({MEASURE})(?=\s?(?:[,，.?!]|$|{ANY}))", lambda m, d: (("by_measure", _meaning("measures", m[1])),)),
    (
        rf"({MEASURE})(?:数|量)?(?:排名|排行|最[多高大强]的?|top)?\s?{_TOP}\s?({{N}})(?!\s?(?:天|"
        rf"周|个月))\s?{_NOUN}?(?:的)?",
        lambda m, d: _sort(m[1]) + (_limit(m[2]) or ()),
    ),
    (
        rf"({MEASURE})(?:数|量)?(?:最[多高大强热好快]|最为活跃|最猛)(?:的)?(?:那)?({{N}})?\s?{_NOUN}?(?:的)?",
        lambda m, d: _sort(m[1]) + ((_limit(m[2]) or ()) if m[2] else ()),
    ),
    (rf"最(?:多|高)(?:人)?({MEASURE})(?:的)?", lambda m, d: _sort(m[1])),
    (
        r"(?:最火爆?|最热门?|最火热|爆款|热度最高|互动最[高多])(?:的)?(?:那)?(?:({N})\s?(?:个|位|"
        r"名|条|篇|款|支)|(?=$|[^\u4e00-\u9fff\d]|的|"
        r"帖|笔|视|微|文|博|达|内|回|作|话))",
        lambda m, d: (("sort", "engagement"), *((_limit(m[1]) or ()) if m[1] else ())),
    ),
    (
        r"(?:最新|最近发布|刚发布?)(?:发布|发)?(?:的)?(?:({N})\s?(?:个|位|名|条|篇)|(?=$|"
        r"[^\u4e00-\u9fff\d]|的|帖|笔|视|微|文|内|回|作|动|"
        r"评))|(?:the\s)?(?:newest|latest)(?:\s(?={N}))?\s?({N})?(?=\s|$)(?!\s(?:week|month|day))",
        lambda m, d: (("sort", "time"), *((_limit(m[1] or m[2]) or ()) if m[1] or m[2] else ())),
    ),
    (
        r"最早(?:发布)?(?:的)?({N})?(?:条|篇|个)?|oldest(?:\sfirst)?",
        lambda m, d: (("sort", "time"), ("order", "asc"), *((_limit(m[1]) or ()) if m[1] else ())),
    ),
    (
        r"(?:最(?:有|具)影响力|most\sinfluential)(?:的)?\s?({N})?\s?(?:个|位|名)?",
        lambda m, d: (("sort", "influence"), *((_limit(m[1]) or ()) if m[1] else ())),
    ),
    (
        r"(?:涨粉|粉丝增长|涨得?)最(?:快|猛|多)(?:的)?\s?(?:({N})\s?(?:个|位|名)|(?=$|"
        r"[^\u4e00-\u9fff\d]|博|达|账|作|的|号))|"
        r"fastest[- ]growing",
        lambda m, d: (("sort", "follower_growth"), *((_limit(m[1]) or ()) if m.lastindex and m[1] else ())),
    ),
    (
        r"(?:最活跃|发得最勤|发帖最多|发文最多|最高产|most\sactive|most\sprolific)(?:的)?\s?({N})?\s?(?:个|位|名)?",
        lambda m, d: (("sort", "post_count"), *((_limit(m[1]) or ()) if m.lastindex and m[1] else ())),
    ),
    (
        r"(?:the\s)?({N}\s)?(?:most|highest|top)[- ](liked|commented|shared|saved|viewed|watched|followed|"
        r"popular|engaging|discussed|read|bookmarked)(?:\s({N}))?",
        lambda m, d: (("sort", _MOST[m[2].lower()]), *((_limit(m[1] or m[3]) or ()) if m[1] or m[3] else ())),
    ),
    (rf"(?:with\sthe\s)?(?:most|highest)\s(?:number\sof\s)?({MEASURE})(?:\sfirst)?", lambda m, d: _sort(m[1])),
    (
        rf"{_TOP}\s?({{N}})(?!\s?(?:天|周|个月|年|组|类|岁|个季度|days|weeks|"
        rf"months))\s?(?:的)?\s?{_NOUN}?(?:的)?(?=$|[^\d])",
        lambda m, d: _limit(m[1]),
    ),
    (
        r"(?:各|每组|每类)?(?:来|要|取|挑|选|列|找|给我?|推荐|抓|采|爬|凑|整|弄|搞|筛|拿|拉|最多|"
        r"只要|留下?|一共|总共|大概|大约|差不多|约|限)?(?:出|够|满|"
        r"了)?\s?({N})(?:多|来|\+)?\s?(?:个|位|名|条|篇|则|号人|人(?=$|[,，。;；]))(?!月|小时|"
        r"星期|礼拜|季度|组|类|群|平台|渠道|账号谁|话题|主题|圈|"
        r"品牌|标签|人群|赞|粉|评论|收藏|转发|播放|平|版|点)(?:左右|以内|就行|就够|就好|即可|出来)*",
        lambda m, d: _limit(m[1]) if _limit(m[1]) and (whole(m[1]) or 0) > 1 else None,
    ),
    (
        r"(?:数量|人数|条数|个数|名额)(?:改成|改为|改到|换成|调到|调成|设为|加到|减到|要|是)\s?({N})",
        lambda m, d: _limit(m[1]),
    ),
    (
        r"(?:limit(?:ed)?\s(?:to\s|of\s)?|at\smost\s|max\s|give\sme\s|get\sme\s|up\sto\s|"
        r"just\s)({N})(?!\s?(?:%|likes|followers|views|days|weeks|comments))\b",
        lambda m, d: _limit(m[1]),
    ),
    (
        r"(?<![\w.$])({N})\s(?=(?:[a-z\-]+\s){0,4}(?:bloggers?|streamers?|reviewers?|moms|students|brands|"
        r"accounts|shops|creators?|influencers?|people|users|authors|youtubers|vloggers|accounts|posts|notes|"
        r"videos|tweets|articles|comments|kols?|kocs?|reels|threads)\b)",
        lambda m, d: _limit(m[1]) if (whole(m[1]) or 0) > 1 else None,
    ),
    (
        rf"({MEASURE}){_MAKE}({{N}})(?:个)?(?:左右|上下)?(?=的|[,，。]|$)",
        lambda m, d: _bounds(_meaning("measures", m[1]), m[2], None),
    ),
    # who
    (
        rf"({lexicon.alternation(lexicon.values('words', 'gender'))})(?:优先|为主|号主|"
        rf"博主)?(?<=[\u4e00-\u9fff]){_AFTER_WHO}",
        lambda m, d: (
            ("gender", _meaning("gender", re.sub("号主|博主", "", m[1]))),
            *((("target", "people"),) if m[0].endswith(("号主", "博主")) else (("who", True),)),
        ),
    ),
    (
        rf"\b({lexicon.alternation(w for w in lexicon.values('words', 'gender') if w.isascii())})(?=\s|[,，.]|"
        rf"$)(?!'s\s|s'\s)(?!\s(?:wear|clothing|fashion|shoes|health|skincare|bags))",
        lambda m, d: (("gender", _meaning("gender", m[1])), ("who", True)),
    ),
    (
        r"(尾部|腰部|中腰部|头部)(?:及|和|或)?以上(?:的)?",
        lambda m, d: (("tier", ("tail", "waist", "head")["尾腰头".index(m[1].lstrip("中")[0]) :]), ("who", True)),
    ),
    (
        rf"({lexicon.said('words', 'tier')})(?=博主|达人|作者|用户|网红|创作者|号|账号|"
        rf"influencers?|creators?|的|都|也|或|"
        rf"[\s,，。、和]|{ANY}|$)(?:和|、|或)?",
        lambda m, d: (
            ("tier", (_meaning("tier", m[1]),)),
            ("who", True),
            *((("target", "people"),) if _meaning("tier", m[1]) in ("koc", "kol") else ()),
        ),
    ),
    (r"(未认证|没认证|没有认证|非认证|not\sverified|unverified|没加v)(?:的)?", _const(("verified", False))),
    (
        r"(?:经过|已|官方|机构|有|是|带)?(?:蓝v|黄v|橙v|红v|金v|加v|大v认证|认证(?!太|难|失败|"
        r"流程|攻略|教程|怎么))(?:的|机构号|账号|用户|过的|里面?|中)?|"
        r"verified(?:\s(?=account|user|creator))?|blue[- ]check",
        _const(("verified", True)),
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
        rf"{JOB}(?:{_SEP}{JOB}){{0,5}}(?:这一?类|这种|之类|这些|等等?|们)的?(?:上班族|打工人|"
        rf"职场人|职业|人群|人)?(?:里面?|中|当中)?的?",
        lambda m, d: (("occupation", tuple(re.findall(JOB, m[0], re.IGNORECASE))), ("who", True)),
    ),
    (
        rf"(?:讲|说|用|写)({lexicon.said('platforms', 'languages')})的?(?!课|学习|教学|老师)",
        lambda m, d: (("content_lang", lexicon.values("platforms", "languages")[m[1].lower()]),),
    ),
    (
        rf"(?:对)({_W}{{1,12}}?)(?:比较|很|特别)?(?:感兴趣|有兴趣)",
        lambda m, d: (("interests", _words_of(m[1], d)), ("who", True)),
    ),
    (
        r"(?<=的)(阿姨|姐姐|姐妹|奶奶|大姐|女同学)(?:们)?(?=[,，。;；\s]|$)|(?<=的)(大哥|叔叔|"
        r"爷爷|老哥|大伯|男同学)(?:们)?(?=[,，。;；\s]|$)",
        lambda m, d: (("gender", "female" if m[1] else "male"), ("who", True)),
    ),
    (r"(?<![\u4e00-\u9fff])(?:评价)?(?:差|不好|坏)的(?=[按,，前取列挑])", _const(("sentiment", "negative"))),
    # form of the post
    (
        r"(?:做|拍|发|更|剪|搞)(短视频|视频|图文|直播)的(?=[,，。;；]|$)",
        lambda m, d: (("media", "video" if "视频" in m[1] else "live" if m[1] == "直播" else "image"), ("who", True)),
    ),
    (
        r"(?:图文|视频|短视频|文字|直播|图片)(?:和|跟|与|、|还是)(?:图文|视频|短视频|文字|直播|"
        r"图片)(?:笔记|帖子)?(?:的)?(?:各占?多少|占比|比例|各有多少|分布|"
        r"哪个多|各占几成)",
        _const(("action", "stats"), ("measure", ("share",)), ("by", ("media",))),
    ),
    (
        r"(?:男女|男生女生|男性女性|男的女的|男(?:生|性|的)?(?:和|跟|与|、|还是)女(?:生|性|"
        r"的)?)(?:的)?(?:各占?多少|占比|比例|比|各有多少|分布|哪个多|谁多|多)",
        _const(("action", "stats"), ("measure", ("share",)), ("by", ("gender",))),
    ),
    (
        rf"(?:(?<![\u4e00-\u9fff])|(?<=[的上])|(?:讲|说)|只要|只看|要|用|in\s|"
        rf"写的)({lexicon.said('platforms', 'languages')})(?:[- ](?:language|speaking))?(?:写的|的|"
        rf"内容)?(?=讨论|聊|帖|笔记|"
        rf"视频|内容|文章|评论|微博|推文|回答|、|\s?(?:posts?|notes?|videos?|articles?|tweets?|"
        rf"comments?|content|only)\b|"
        rf"[\s,，。]|{ANY}|$)",
        lambda m, d: (("content_lang", lexicon.values("platforms", "languages")[m[1].lower()]),),
    ),
    (
        r"(?:只要|只看|只留|要|得|必须|都)?(?:是)?(?:带|有|配|含)图片?(?:的)?(?:帖子|贴文|"
        r"笔记)?(?=$|[^\u4e00-\u9fff]|的|帖|笔|文)|"
        r"with\s(?:images?|photos?|pictures?)|(?:image|photo|picture)s?\sonly|图文(?=笔记|帖|的|[,，。]|$)",
        _const(("media", "image")),
    ),
    (
        r"(?:只要|只看|只留|仅)(?:短)?(?:视频|影片)(?:的|类)?(?=$|[,，。])|videos?\sonly|only\svideos?",
        _const(("media", "video")),
    ),
    (r"(?:只要|只看)?(?:纯文字|纯文本|文字版)(?:的)?|text[- ]only", _const(("media", "text"))),
    (
        r"(?:同时|都要?|必须都|全都?)(?:带|有|包含|打了?)(?:这?[两几三]个)?(?:标签|话题|"
        r"tag)?(?:的)?|两个(?:标签|话题|tag)?都(?:要|得)?(?:有|带|"
        r"打)(?:的)?|both\stags|all\s(?:of\s)?(?:the(?:se)?\s)?tags",
        lambda m, d: (("match", "all"),),
    ),
    (r"直播(?=卖|带货|讲|教|聊|做|唱|跳|打|吃)", _const(("media", "live"))),
    # mood
    (
        r"(?:是)?(?:好评(?:和|、|跟|与|还是|或)?差评|差评(?:和|、|跟|与|还是|或)?好评|正面(?:和|"
        r"、|跟|与|还是)负面|正负面?|褒贬)(?:都|各|的)?(?:占比|比例|"
        r"分布|各?占?多少|各有多少|情况|怎么样|如何)|(?:是)?(?:夸|好评|正面)的?(?:人)?多?(?:还是|"
        r"和|跟|与|、)(?:骂|黑|吐槽|差评|负面|喷)的?(?:人)?(?:多|"
        r"各占多少|各多少|占比|比例|哪个多|谁多)?|(?:好评率|差评率|负面率|负面占比|好评占比|"
        r"差评占比|正面占比)(?:有多少|多少|多高)?",
        _const(("action", "stats"), ("measure", ("share",)), ("by", ("sentiment",))),
    ),
    (
        rf"(?:(?<=正)负面)|(?:都在|在|被|有人|一直|总在|"
        rf"老)?({lexicon.alternation(w for w in lexicon.values('words', 'sentiment') if not w.isascii())})(?:的|"
        rf"过|我们的?|了)?(?:是)?(?:啥|什么|些什么|哪些)?(?!占比|比例|词|分布|率|趋势|走势|程度|瓶)",
        lambda m, d: _sentiment(m, d) if m[1] and _mood(m) else None,
    ),
    (
        rf"\b(?:who\s(?:are\s)?|"
        rf"that\s(?:are\s)?)?({lexicon.alternation(w for w in lexicon.values('words', 'sentiment') if w.isascii())})(?:\sabout)?(?=\s|"
        rf""
        rf"[,，.]|$|[\u4e00-\u9fff])",
        _sentiment,
    ),
]

_DECADES: Final = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60}


def _decade(m: re.Match[str]) -> tuple[float | None, float | None]:
    if m[4]:
        return int(m[4]), None
    low = int(m[1]) if m[1] else _DECADES[m[3].lower()]
    return (low, (int(m[2]) if m[2] else low) + 9) if 10 <= low <= 90 else (None, None)


def _mood(m: re.Match[str]) -> bool:
    """One-character moods (骂, 夸, 喷) inside a longer word are none; 正负面 is a way to split, not a mood."""
    before = m.string[: m.start(1)][-1:]
    if before == "正" or re.search(
        "(?:处理|应对|解决|防止|避免|面对|回应|回复|遇到|收到)$", m.string[max(0, m.start(1) - 4) : m.start(1)]
    ):
        return False
    if len(m[1]) > 1:
        return True
    after = m.string[m.end(1) : m.end(1) + 1]
    return (
        m[1] == "骂" or (m[1] == "夸" and after not in "张克") or (m[1] == "喷" and after not in "雾墨泉漆气头鼻水剂枪")
    )


def read(doc: Doc) -> None:
    """Apply all slot rules to ``doc``."""
    for rule, handler in RULES:
        doc.apply(rule, handler)


__all__ = ["FREE", "MEASURE", "RULES", "read"]
