"""What people say about themselves, and nothing else.

Only explicit statements count (坐标上海, 90后, 宝妈, 本人女, 程序员一枚). Never read: names, pictures, star signs, style
of writing. Never returned: health, religion, ethnicity, sexuality, politics; there is no pattern for them. Somebody
who says that they are under 18 gets the one fact ``minor``: leave this person out altogether. What somebody says of
others (我男朋友是医生), of what is not so (不是学生, 如果我是), in quotes, or for a shop or a brand states nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, Literal

from xunke.text import clean

from . import stated_places
from .interests import interests
from .match import WordFinder
from .plain import plain_as_long
from .resources import table
from .segment import bare, own_words
from .types import MAX_CHARS, Fact, FactName, FactSource

BIO, TAG, POST, WEAK = 0.95, 0.95, 0.75, 0.6
"""Confidence in a statement in a bio, a profile tag, a post; and in one that follows from another."""
TagClass = Literal["age", "identity", "occupation", "hobby"]
_CLASS_OF: Final[dict[FactName, TagClass]] = {
    "age": "age", "gender": "identity", "family": "identity", "school": "identity", "region": "identity",
    "occupation": "occupation", "interest": "hobby",
}  # fmt: skip

_CLAUSE: Final = re.compile(
    r"[^\s|/·•,，。.;；、~!！?？…()（）\[\]【】\-—_:&+×\U0001f000-\U0001faff\u2600-\u2639\u263c-\u263f\u2641\u2643-\u27bf]+"
)
_SENTENCE: Final = re.compile(r"[^。！!？?\n；;…]+[？?]?")
_QUOTED: Final = re.compile(
    r"「[^」]{0,200}」|『[^』]{0,200}』|“[^”]{0,200}”|\"[^\"]{0,200}\"|《[^》]{0,80}》|【[^】]{0,80}】"
)
_SPEECH: Final = re.compile(
    r"(?:歌词|台词|转自|转载|网友|有人|[他她它]|妈|爸|同事|朋友|老师|说|问|答|回复?|写道|评论|名言|语录)[^:：]{0,10}[:：]"
)
_NO_PERSON: Final = re.compile(
    r"官方|旗舰店|客服|热线|加盟|本店|小店主营|主营|欢迎(?:选购|光临|加入|投稿)|专业团队|有限公司|后援会|应援站|粉丝团|数据[组站]|资讯站|反黑|公益组织|"
    r"招代理|带娃赚|在家赚|教你.{0,8}赚|致力于.{0,10}(?:提供|服务)|bot$|机器人|搬运|投稿(?:号|请)|树洞|表白墙|语录号|营销号|工作室官"
)
_UNREAL: Final = re.compile(
    r"不是|不算|[来去]当|[来去]做|不再|并非|非|别|曾经|曾是|曾|以前|从前|过去|前(?!端|台)$|如果|假如|要是|要不是|以为|梦[见到想]|假设|希望|幻想|假装|理想|想[当做成嫁娶找要]|努力成|成为|"
    r"当不了|羡慕|喜欢|讨厌|热爱|爱慕|嫁|娶|找|招|求|给|教|为了|像|差点|未来|立志|励志|目标|致力|服务于|适合|听|看|追|粉|懂|被|让|比|采访|关爱|致敬|感谢|献给|伪"
)
_OTHERS: Final = re.compile(
    r"男朋友|女朋友|男友|女友|老公|老婆|先生|太太|妈|爸|爹|娘|父|母|弟|妹(?!子)|哥|姐(?!姐一|们)|儿子|女儿|孩子|娃|闺女|同学|同事|朋友|室友|老师|老板|他|她|它|爷|奶(?!爸)|婆|闺蜜|"
    r"前任|对象|家里|大宝|二宝|侄|外甥|邻居|学生的|宝宝|家长|我们|咱|大家|你"
)
_FAN: Final = re.compile(
    r"(?:的)?(?:家属|家长|鼓励师|爱好者|粉|控(?!制)|文|饭|圈|群|团|制服|节|日记|故事|之家|俱乐部|帮|必备|推荐|老公|老婆|女友|男友|女朋友|男朋友|朋友|妈妈?|爸爸?|孩子|女儿|儿子|"
    r"娃|头发|同学|们|说|毕业|专用|考试|资格|证|成长|日常用|视角|鞋|装|款|裤|裙|包|表|团购|友|神|主角|一号|二号|频道|心理|职场|穿搭|朋友圈|足|篮|排|单|双|权|人味)"
)
_DECADE: Final = re.compile(r"(?<!\d)([5-9]0|[5-9]5|0[05]|[五六七八九]零|[五六七八九]五|零零|零五|〇〇)后")
_DECADE_NOT: Final = re.compile(
    r"\s*(?:看|听|们|都|也(?!是)|的?(?:频道|日记|故事|审美|心声|回忆|生活|世界|童年|孩子|父母|爸妈|员工|同事|儿子|女儿|老板|老公|老婆|男友|女友)|粉)"
)
_TO_OTHERS: Final = re.compile(r"(?:给|教|懂|帮|和|跟|被|为|看|让|把|对|比|像|不|带|养|招|聘|找)$")
_HAN_DIGITS: Final = str.maketrans("五六七八九零〇", "5678900")
_BORN: Final = re.compile(
    r"(?<![\d.])(?:((?:19|20)\d{2})\s*年?\s*(?:出生|生人|生(?=$|[\s,，|/·。])|年?(?:的)?(?:女|男|妹|小姐|宝妈|小朋友|小孩))"
    r"|([5-9]\d|0\d|1[0-5])\s*年(?=$|[\s,，|/·。]|女|男|妹|小|宝妈|出生|生(?:人|$)|的(?:$|[\s,，|/·。]|女|男|妹|人|小)))"
)
"""A birth year: four digits only with 出生, 生 or a gender behind them (2018年 is most often when something was)."""
_BORN_IN_POST: Final = re.compile(
    r"(?:我|本人)是?(?:((?:19|20)\d{2})|([5-9]\d|0\d|1[0-5]))\s*年(?:出生|生人|生|的?(?=$|[\s,，。!！女男]))"
)
_YEARS: Final = re.compile(
    r"(?:我今年|今年|本人|年龄:?|^|[\s,，|/·。])(\d{1,2})\s*岁(?!的?(?:儿|女儿|娃|宝|小朋友|孩|半|多|以|那|时|前|后|就|才|开始|的时候))"
)
_YEARS_IN_POST: Final = re.compile(
    r"(?<![说问为])(?:我今年(?:才|刚|已经|都)?|我才|我现在|本人(?:今年)?)\s*(\d{1,2})\s*(?:周?岁|(?=$|[,，。!！\s]))(?!的?(?:儿|女儿|娃|宝|小朋友|孩|半|多))"
)
_ALONE_AGE: Final = re.compile(r"^(?:(1[89]|[2-5]\d)|(19[4-9]\d|200\d))$")
_GENDER_SIGN: Final = {"♀": "female", "♂": "male", "she/her": "female", "he/him": "male"}
_SELF_GENDER: Final = re.compile(r"本人(?:是)?(?:一枚|一个|性别)?(女|男)(?!朋友|友|的朋友)")
_BANDS: Final = ((18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 120))
_ONE: Final = r"(?:一[枚只个名位]|在线|本人|日常|打卡|ing)?"
_BEFORE_NOUN: Final = r"(?:本人是?|我是|性别:?|[\u4e00-\u9fff]{1,3}族|我?是?一[枚只个名位]|(?:\d{2}|[五六七八九零〇]{2})后(?:的)?|\d{2,4}年(?:的)?|\d{2}岁(?:的)?|已婚|单身|普通|佛系|大龄|PLACE|的|小|老)*"
_MOTHER: Final = re.compile(
    r"(?:(?:[一二两三四俩仨]|\d)(?:个|位|只)?|男|女)?(?:小)?(?:孩子?|娃|宝宝?|女儿|儿子|闺女|双胞胎|龙凤胎|男孩|女孩|神兽|猴子?)(?:们)?(?:的|他|她)?(妈|爸|麻麻|粑粑|娘|爹)"
    r"(?:妈|爸|咪)?(?=$|[\s,，|/·。!！~～]|一枚|日常|在|的(?!妈|爸|朋友|老)|，)|后(妈|爸)(?:妈|爸)"
)
_CHILD: Final = re.compile(
    r"(?:我|俺)(?:们)?(?:家|的)?(?:里)?(?:的)?(?:大|小|二)?(?:儿子|女儿|孩子|娃|宝宝|宝贝|闺女|大宝|二宝|小宝|小朋友)[^。,，]{0,5}"
    r"(?:(?:\d{1,2}|[一二三四五六七八九十两半]{1,3})(?:岁|个?月|年级)|(?:上|读|今年)(?:小学|幼儿园|初|高|大|[一二三四五六]年级)|刚出生|满月|周岁)"
)
_WED: Final = re.compile(
    r"我(?:和|跟)(?:我)?(?:老公|老婆|爱人)(?:都|结婚|在|一起|住|的)|我(?:们)?(?:已经)?结婚(?:已经|都)?(?:\d+|[一二三四五六七八九十两半]+)(?:多)?(?:年|周年|个月)|我已婚|我刚?领证了|我们领证了"
)
_UNWED: Final = re.compile(r"(?:我|本人)(?:已经|刚|去年|今年)?(?:离婚了|离异|是离异)")
_EXPECTING: Final = re.compile(
    r"(?<![说喊叫问])(?:我|姐妹们我|本人)(?:终于|已经|好像)?(?:怀孕了|怀上了)|我(?:现在)?(?:怀孕|孕)(?:\d{1,2}|[一二三四五六七八九十]+)(?:周|个?月)|我的?预产期"
)
_LEAD: Final = re.compile(
    r"(?:本人|(?<![说问])我)(?:其实|也|就)?是(?:一[个名枚位只])?|(?:(?<![\u4e00-\u9fff])|(?<=[我而但到]))(?:作为|身为)一?[个名枚位只]?|我一[个名枚](?!人)|"
    r"(?<![\u4e00-\u9fff])本(?=宝妈|宝爸|程序员|社畜|打工人|老师|会计|护士|律师|学渣|高中生|初中生|大学生)|(?<![他她])(?:我)?(?:做|当|干)了[\d一二三四五六七八九十两几]{1,3}多?年(?:的)?"
)
_ANY_SELF: Final = re.compile(
    r"本人|我|作为|身为|坐标|人在|本宝|本程|本社|本打|本老|本会|本护|本律|本高|本初|本大|大[一二三四]|研[一二三]|今年[中高]考"
)
_ENDS: Final = re.compile(
    r"$|[^\u4e00-\u9fffa-z]|的?我|的(?=$|[^\u4e00-\u9fff])|来说|而言|表示|啊|了|呀|吧|狗|一枚|真|都|也|很|不|人士|们?(?:觉得|认为|希望|应该)|终于"
)
_STUDENT_CRY: Final = re.compile(
    r"^(?:我)?(?:一个|本)?(大[一二三四五]|研[一二三])(?:狗|党|新生|老狗|er|学生|学姐|学长|汪|老学姐|萌新)?(?:表示|报到|飘过|路过|一枚|来了|的我|在读|了我)"
)
_AT_SCHOOL: Final = re.compile(
    r"我(?:现在|今年|已经|都|刚)?(?:上|读|念|是)?(准?[初高][一二三]|小学[一二三四五六]?年?级?|[一二三四五六]年级|大[一二三四五]|研[一二三])(?!的时候|时|那|毕业|英语|语文|数学|物理|化学|的?老师|班主任|的?家长)(?:了|的?学生|啊|呀|党|狗|,|，|\s|$|在读|新生|女生|男生|生)"
)
_EXAM: Final = re.compile(
    r"(?<![\d年])(?:我)?(?:今年|明年|马上|就要|快要|要)(?:就)?(?:要)?(?:参加)?[中高]考(?!题|作文|分|录取|加油|结束|的?(?:孩子|学子|学生|考生|同学|家长|弟|妹|儿|女儿|数学|英语|语文)|政策|改革|志愿|成绩|难|报名|时间|延|人数)"
)
_EXAM_OTHERS: Final = re.compile(r"儿子|女儿|孩子|娃|弟|妹|表|侄|外甥|学生|大家|各位|你们|考生|学子|他|她|祝(?!我)")
_GRADE_END: Final = re.compile(
    r"^(?:学生|狗|党|新生|在读|女生|男生|女孩|男孩|的?学[渣霸生]|er|走读|住校|生|升|ing|了|开学|苦|加油|备考|努力|冲|一枚|$)"
)
_GRADE_NOT: Final = re.compile(
    r"(?:提|最|更|大年|正月|农历|腊月|元旦|年|很|再|月|孩|娃|儿子|女儿|宝|弟|妹|侄|带|教|曾|送|陪)$"
)
_TEACHES: Final = re.compile(
    r"(?:的)?(?:家长|妈|爸|老师|语文|数学|英语|物理|化学|教师|班主任|辅导|家教|作文|阅读|娃|学科|毕业|儿子|女儿|孩子|必备|请勿|勿|禁|不|知识|课|资料|教辅|学习机|培训|试卷|教材)"
)
_LEISURE: Final = re.compile(
    r"(?:喜欢|热爱|酷爱|爱好(?:是|:)?|痴迷|沉迷|日常|专注|分享|记录|业余|周末|兴趣(?:是|:)?|最爱|爱(?!上|好者|国|你|他|她|情|豆|心|的|人|自己|笑|生活|过|吗|吧))\s*([^。.!！?？;；\n|/,，]{1,24})"
    r"|([\w]{2,8}?)(?:重度)?(?:爱好者|发烧友|星人|达人)"
)


def stated_facts(
    bio: str | None, tags: Iterable[str] = (), text: str | None = None, *, year: int | None = None
) -> tuple[Fact, ...]:
    """Facts a person states in their bio, profile tags or a post of their own.

    ``year`` is the year in which they said so; with it 95年 becomes an age band (and a birth year may show a minor),
    and 95后 states the band that holds most of those years, too; without it the value stays the decade or year as
    said ("95后", "1995"). One fact of each name and value; the surest first. A minor gives exactly
    ``(Fact("minor", …),)``.
    """
    parts: list[tuple[str, FactSource]] = [(_readable(bio), "bio"), *((_readable(tag[:100]), "tag") for tag in tags)]
    facts = [fact for part, source in parts if part.strip() for fact in _from_profile(part, source, year)]
    if text:
        facts += _from_post(bare(own_words(clean(text[:MAX_CHARS]))), year)
    if young := next((fact for fact in facts if fact.fact == "minor"), None):
        return (young,)
    best: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        kept = best.get((fact.fact, fact.value))
        if kept is None or fact.confidence > kept.confidence:
            best[fact.fact, fact.value] = fact
    return tuple(sorted(_consistent(best.values()), key=lambda f: (-f.confidence, f.fact, f.value)))


def post_facts(text: str, year: int | None = None) -> tuple[Fact, ...]:
    """``stated_facts(None, (), text)``, quick for the many posts that say nothing of their author."""
    if _ANY_SELF.search(text) is None and text.isascii():
        return ()
    return stated_facts(None, (), text, year=year)


def classify_tag(tag: str, *, year: int | None = None) -> tuple[tuple[TagClass, Fact], ...]:
    """What a profile tag says of its owner: age, identity (gender, family, school, region), occupation or hobby.

    A tag that says none of it, or something we keep nothing of (belief, health, star sign), gives nothing. For a
    minor's tag the one answer is ("identity", Fact("minor", …)).
    """
    return tuple((_CLASS_OF.get(fact.fact, "identity"), fact) for fact in stated_facts(None, (tag,), year=year))


def _readable(text: str | None) -> str:
    return clean((text or "")[:MAX_CHARS]).strip()


def _consistent(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Somebody who says two genders at once ("他男我女") has stated none that we can use."""
    kept = list(facts)
    genders = {fact.value for fact in kept if fact.fact == "gender"}
    return (fact for fact in kept if fact.fact != "gender" or len(genders) == 1)


# -- profiles ------------------------------------------------------------------------------------------------------


def _from_profile(part: str, source: FactSource, year: int | None) -> Iterator[Fact]:
    """Facts of a bio or tag. ``flat`` has a character for each one of ``part``, so that quotes are as written."""
    flat = _without_speech(plain_as_long(part))
    if _NO_PERSON.search(flat):
        return
    clauses = [(m.start(), m[0]) for m in _CLAUSE.finditer(flat)]
    if quote := _young_profile(flat, clauses, year):
        yield Fact("minor", "true", 0.95, quote, source)
        return
    yield from _regions(part, clauses, source)
    signs = [Fact("gender", v, BIO, s, source) for s, v in _GENDER_SIGN.items() if s in flat]
    signs += [
        Fact("gender", "female" if m[1] == "女" else "male", BIO, part[m.start() : m.end()], source)
        for m in _SELF_GENDER.finditer(flat)
    ]
    genders = signs + [fact for at, clause in clauses for fact in _gender(part, at, clause, source)]
    yield from genders
    yield from _ages(part, flat, clauses, source, year, gendered=bool(genders))
    for at, clause in clauses:
        yield from _listed(part, at, clause, source, BIO)
        yield from _parents(part, at, clause, source, BIO)
    yield from _hobbies(part, flat, clauses, source)


def _without_speech(flat: str) -> str:
    """Quoted words are somebody else's, and so is what follows 歌词： on the same line."""
    flat = _QUOTED.sub(lambda m: " " * len(m[0]), flat)
    said = _SPEECH.search(flat)
    return flat if said is None else flat[: said.start()] + re.sub(r"[^\n]", " ", flat[said.start() :])


def _regions(part: str, clauses: list[tuple[int, str]], source: FactSource) -> Iterator[Fact]:
    found = [(at, place) for at, clause in clauses for place in stated_places.in_profile(clause)]
    pairs = zip(clauses, clauses[1:], strict=False)
    for (at, clause), (_, following) in pairs:  # the place may stand behind a mark: 坐标：上海, base|杭州
        if clause.endswith(("坐标", "base", "属地", "所在地", "城市", "现居", "定位", "常驻")) and clause != following:
            found += [(at, p) for p in stated_places.in_profile(f"坐标{following}")]
    living = [pair for pair in found if not pair[1].home]
    for at, place in living or found:
        quote = part[at + place.start : at + place.end].strip() or place.name
        yield Fact("region", place.name, BIO if not place.home else 0.8, quote, source)


@cache
def _nouns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    before = _BEFORE_NOUN.replace("PLACE", f"(?:{stated_places.known()})(?:市|本地)?")
    out = []
    for value in ("female", "male"):
        nouns = sorted(table("persona")["gender"][value].split(), key=lambda w: (-len(w), w))
        out.append((value, re.compile(rf"^{before}(?:{'|'.join(map(re.escape, nouns))}){_ONE}(?:在.{{2,8}}|喵|呀)?$")))
    return tuple(out)


def _gender(part: str, at: int, clause: str, source: FactSource) -> Iterator[Fact]:
    for value, pattern in _nouns():
        if pattern.match(clause):
            yield Fact("gender", value, BIO, part[at : at + len(clause)], source)


def _ages(
    part: str, flat: str, clauses: list[tuple[int, str]], source: FactSource, year: int | None, *, gendered: bool
) -> Iterator[Fact]:
    for match in _DECADE.finditer(flat):
        if not _DECADE_NOT.match(flat, match.end()) and not _TO_OTHERS.search(flat[: match.start()]):
            yield from _decade(match[1], part[match.start() : match.end()], BIO, source, year)
            break
    born = _BORN.search(flat)
    if born and (value := _age_of(_birth_year(born), year)):
        yield Fact("age", value, 0.9, part[born.start() : born.end()].strip(), source)
    years = _YEARS.search(flat)
    if years and not flat[: years.start(1)].endswith(("永远", "永远的")) and (band := _band(int(years[1]))):
        yield Fact("age", band, BIO, part[years.start() : years.end()].strip(), source)
    if gendered:  # 28/男, 武汉，女，1988: a bare number only beside a stated gender
        for at, clause in clauses:
            if (alone := _ALONE_AGE.match(clause)) is not None:
                value = _band(int(alone[1])) if alone[1] else _age_of(int(alone[2]), year)
                if value:
                    yield Fact("age", value, 0.85, part[at : at + len(clause)], source)


def _decade(said: str, quote: str, confidence: float, source: FactSource, year: int | None) -> Iterator[Fact]:
    digits = said.translate(_HAN_DIGITS)
    yield Fact("age", f"{digits}后", confidence, quote, source)
    if year is not None:
        first = int(digits) + (2000 if int(digits) < 30 else 1900)
        span = 5 if digits.endswith("5") else 10
        bands = [band for born in range(first, first + span) if (band := _band(year - born))]
        most = max(dict.fromkeys(bands), key=bands.count, default=None)
        if most is not None and bands.count(most) >= 0.6 * span:
            yield Fact("age", most, round(confidence - 0.1, 2), quote, source)


def _birth_year(found: re.Match[str]) -> int:
    number = int(found[1] or found[2])
    return number if number > 100 else 2000 + number if number < 30 else 1900 + number


def _age_of(born: int, year: int | None) -> str | None:
    if not 1930 <= born <= 2025:
        return None
    return str(born) if year is None else _band(year - born)


def _band(age: int) -> str | None:
    return next((f"{low}-{high}" for low, high in _BANDS if low <= age <= high), None)


@cache
def _finder() -> tuple[WordFinder, dict[str, tuple[tuple[FactName, str], ...]]]:
    """One search for the words of occupations, schools, families; {word: what it states}."""
    data, meant = table("persona"), dict[str, list[tuple[FactName, str]]]()
    for fact in ("occupation", "school", "family"):
        for value, words in data[fact].items():
            for word in words.split():
                meant.setdefault(word.lower(), []).append((fact, value))
                if fact == "school":
                    meant[word.lower()].append(("occupation", "学生"))
    for word in data["student"]["any"].split():
        meant.setdefault(word, []).append(("occupation", "学生"))
    for value, kin in (("妈妈", "female"), ("爸爸", "male")):
        for word in data["family"][value].split():
            meant[word.lower()].append(("gender", kin))
    for word, kin in (("孕妈", "female"), ("准妈妈", "female"), ("孕妈妈", "female"), ("准爸爸", "male"),
                      ("准新娘", "female"), ("准新郎", "male"), ("二胎孕妈", "female")):  # fmt: skip
        meant[word].append(("gender", kin))
    return WordFinder(meant), {word: tuple(dict.fromkeys(found)) for word, found in meant.items()}


def _listed(part: str, at: int, clause: str, source: FactSource, confidence: float, lead: int = 0) -> Iterator[Fact]:
    """What the words of one clause state; ``lead``: where the author's own part begins (behind 我是)."""
    finder, meant = _finder()
    for hit in finder.find(clause):
        before = clause[lead : hit.start]
        if hit.start < lead or _UNREAL.search(clause[: hit.start]) or _OTHERS.search(before):
            continue
        if _FAN.match(clause, hit.end) and not clause.startswith(("一枚", "日常"), hit.end):
            continue
        if source == "post" and not _ENDS.match(clause, hit.end):
            continue
        for fact, value in meant[hit.word]:
            yield Fact(fact, value, confidence, part[at + hit.start : at + hit.end], source)


def _parents(part: str, at: int, clause: str, source: FactSource, confidence: float) -> Iterator[Fact]:
    """Mothers and fathers of …: 两个娃的妈, 男孩妈."""
    match = _MOTHER.search(clause)
    if match is None or _UNREAL.search(clause[: match.start()]) or _FAN.match(clause, match.end()):
        return
    quote = part[at + match.start() : at + match.end()]
    mother = (match[1] or match[2]) in ("妈", "麻麻", "娘")
    yield Fact("family", "妈妈" if mother else "爸爸", confidence, quote, source)
    yield Fact("gender", "female" if mother else "male", confidence, quote, source)


@cache
def _hobby_words() -> dict[str, str]:
    return {word: value for value, words in table("persona")["hobby"].items() for word in words.split()}


def _hobbies(part: str, flat: str, clauses: list[tuple[int, str]], source: FactSource) -> Iterator[Fact]:
    known = _hobby_words()
    for at, clause in clauses:
        bareword = re.sub(r"^(?:爱|喜欢|热爱|业余|周末|资深|重度)|(?:控|党|爱好者|达人|日常|一枚|狂魔)$", "", clause)
        if value := known.get(clause) or known.get(bareword):
            yield Fact("interest", value, 0.85, part[at : at + len(clause)], source)
        elif source == "tag" and not _finder()[0].find(clause):
            for name, _ in interests(clause).first[:1]:
                if name not in ("健康", "情感"):
                    yield Fact("interest", name, 0.8, part[at : at + len(clause)], source)
    for match in _LEISURE.finditer(flat):
        said = match[1] or match[2]
        quote = part[match.start() : match.end()].strip()
        words = [value for word, value in known.items() if word in said]
        names = words or [name for name, _ in interests(said).first if name not in ("健康", "情感")]
        for name in dict.fromkeys(names):
            yield Fact("interest", name, 0.85, quote, source)


# -- under 18 ------------------------------------------------------------------------------------------------------


@cache
def _young_words() -> tuple[WordFinder, re.Pattern[str]]:
    data = table("persona")["minor"]
    grades = sorted(data["grade"].split(), key=lambda w: (-len(w), w))
    return WordFinder(data["any"].split()), re.compile("|".join(grades) + "|[一二三四五六]年级(?=小学生|学生|的小)")


def _young_profile(flat: str, clauses: list[tuple[int, str]], year: int | None) -> str | None:
    """The words by which a profile says that its owner is under 18."""
    age = _YEARS.search(flat)
    if age and 5 <= int(age[1]) < 18 and not _OTHERS.search(flat[: age.start()].rsplit("，", 1)[-1]):
        return age[0].strip()
    born = _BORN.search(flat)
    if year is not None and born and 0 < year - _birth_year(born) < 18:
        return born[0].strip()
    return next((said for _, clause in clauses if (said := _young_clause(clause))), None)


def _young_clause(clause: str, lead: int = 0) -> str | None:
    words, grades = _young_words()
    before = ""
    for hit in words.find(clause):
        before = clause[lead : hit.start]
        if not (_UNREAL.search(before) or _OTHERS.search(before) or _TEACHES.match(clause, hit.end)):
            return hit.word
    for match in grades.finditer(clause):
        before, after = clause[lead : match.start()], clause[match.end() :]
        own = not (_GRADE_NOT.search(before) or _UNREAL.search(before) or _OTHERS.search(before))
        if own and _GRADE_END.match(after) and not _TEACHES.match(after):
            return match[0]
    exam = _EXAM.search(clause)
    return exam[0] if exam and not _EXAM_OTHERS.search(clause) else None


# -- posts ---------------------------------------------------------------------------------------------------------


def _from_post(post: str, year: int | None) -> Iterator[Fact]:
    """Only what follows 本人, 我是, 坐标 … in the same sentence is about the author."""
    whole = plain_as_long(post)
    if _ANY_SELF.search(whole) is None:
        return
    flat = _without_speech(whole)
    for match in _SENTENCE.finditer(flat):
        if _ANY_SELF.search(match[0]):
            yield from _from_sentence(post, match.start(), match[0], year)


def _from_sentence(post: str, at: int, said: str, year: int | None) -> Iterator[Fact]:
    if quote := _young_sentence(said, year):
        yield Fact("minor", "true", 0.9, quote, "post")
        return
    unreal = re.search(r"如果|假如|要是|要不是|以为|梦[见到]|假设|希望|幻想|除非|当年|那年|小时候|曾经", said)
    limit = len(said) if unreal is None else unreal.start()

    def fact(name: FactName, value: str, start: int, end: int, confidence: float = POST) -> Fact:
        return Fact(name, value, confidence, post[at + start : at + end].strip(), "post")

    for place in stated_places.in_post(said):
        if place.start < limit:
            yield fact("region", place.name, place.start, place.end)
    for lead in _LEAD.finditer(said[:limit]):
        clause_end = next((m.start() for m in re.finditer(r"[,，、\s]", said[lead.end() :])), len(said) - lead.end())
        clause = said[lead.start() : min(lead.end() + min(clause_end, 14), len(said))]
        own = len(lead[0])
        yield from _listed(post, at + lead.start(), clause, "post", POST, own)
        yield from _parents(post, at + lead.start(), clause, "post", POST)
        head = clause[own:]
        for value, noun in _nouns():
            if noun.match(head) and "?" not in said and "？" not in said:
                yield fact("gender", value, lead.start(), lead.start() + len(clause))
        if (decade := _DECADE.match(head)) and not _DECADE_NOT.match(head, decade.end()):
            yield from _decade(decade[1], post[at + lead.start() : at + lead.end() + decade.end()], POST, "post", year)
    for own_gender in _SELF_GENDER.finditer(said[:limit]):
        yield fact("gender", "female" if own_gender[1] == "女" else "male", own_gender.start(), own_gender.end())
    if (born := _BORN_IN_POST.search(said[:limit])) and (value := _age_of(_birth_year(born), year)):
        yield fact("age", value, born.start(), born.end(), 0.7)
    if (years := _YEARS_IN_POST.search(said[:limit])) and (band := _band(int(years[1]))):
        yield fact("age", band, years.start(), years.end())
    for pattern in (_STUDENT_CRY, _AT_SCHOOL):
        if (student := pattern.search(said[:limit])) and (stage := _stage(student[1])):
            yield fact("school", stage, student.start(), student.end(), WEAK)
            yield fact("occupation", "学生", student.start(), student.end(), WEAK)
    for pattern, value in ((_CHILD, "有孩子"), (_WED, "已婚"), (_UNWED, "离异"), (_EXPECTING, "孕期")):
        if found := pattern.search(said[:limit]):
            yield fact("family", value, found.start(), found.end(), POST if value != "已婚" else WEAK)


def _stage(word: str) -> str | None:
    return "大学" if word.startswith("大") else "研究生" if word.startswith("研") else None


def _young_sentence(said: str, year: int | None) -> str | None:
    """The words by which the author of a post says that they are under 18."""
    age = _YEARS_IN_POST.search(said)
    if age and 5 <= int(age[1]) < 18:
        return age[0].strip()
    born = _BORN_IN_POST.search(said)
    if year is not None and born and 0 < year - _birth_year(born) < 18:
        return born[0].strip()
    if (school := _AT_SCHOOL.search(said)) and _stage(school[1]) is None and not _OTHERS.search(said[: school.start()]):
        return school[0].strip()
    for lead in _LEAD.finditer(said):
        clause = re.split(r"[,，、\s]", said[lead.start() :], maxsplit=1)[0]
        if not _UNREAL.search(said[: lead.start()]) and (word := _young_clause(clause[:24], len(lead[0]))):
            return word
    exam = _EXAM.search(said)
    return exam[0] if exam and (exam.start() == 0 or "我" in said) and not _EXAM_OTHERS.search(said) else None
