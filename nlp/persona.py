"""What people say about themselves, and nothing else.

Only explicit statements count (坐标上海, 90后, 宝妈, 本人女, 程序员一枚). Never read: names, pictures, style of
writing. Never returned: health, religion, ethnicity, sexuality, politics; there is no pattern for them. Somebody
who says that they are under 18 gets the one fact ``minor``: leave this person out altogether.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from xunke.text import clean

from .interests import interests
from .match import WordFinder, lower
from .resources import table
from .segment import bare, own_words
from .types import MAX_CHARS, Fact

BIO, POST = 0.95, 0.75
"""Confidence in a statement in a bio or a profile tag, and in one in a post."""

_PLACE: Final = r"[\u4e00-\u9fff]{2,8}?|[A-Za-z][A-Za-z .]{2,20}?"
_PLACE_END: Final = (
    r"(?=$|[\s,，。.;；|｜/、·!！?？~～(（)）\]】•📍🌏💌✨🌸☕]"
    r"|的?(?:女|男|妹|姑娘|小哥|人$|人[,，。\s]|土著|打工|妈|程序))"
)
_REGION: Final = (
    re.compile(
        rf"(?:(?:坐标|📍|🏠|(?<![a-z])base)\s*(?:在|是)?[:：丨|·\-]?|(?:定位|ip|ip属地|所在地|所在城市|城市)\s*[:：])"
        rf"\s*({_PLACE}){_PLACE_END}",
        re.I,
    ),
    re.compile(
        r"(?:现居|常居|常驻|居住在|生活在|定居|家住|家在|住在|漂在|来自)[:：]?\s*"
        r"([\u4e00-\u9fff]{2,6}?)"
        r"(?=$|[\s,，。.;；|｜/、·!！~～(（]|工作|上班|生活|上学|读书|带娃|打工|开店|的)"
    ),
    re.compile(r"(?:本人|我是)([\u4e00-\u9fff]{2,3}?)(?:人|土著|本地人)(?=$|[\s,，。.;；|｜/、!！~～])"),
)
_FEMALE: Final = re.compile(
    r"本人(?:是)?(?:一枚|一个)?女|(?:性别|gender)[:：\s]*女|(?:^|[\s,，|｜/·])(?:女|女生|女孩|妹子|小姐姐|girl)(?=$|[\s,，|｜/·。])"
    r"|我(?:是|一个|作为)?(?:一个|一名|一枚|个)?(?:女生|女孩子?|妹子|女的|小仙女|女程序员|女大学生|女博士|女司机|女打工人)"
    r"|(?:\d{2}|[零〇一二三四五六七八九]{2})(?:年|后)?(?:小)?(?:女生|女孩|妹子|女(?=$|[\s,，|｜/·。]))"
    r"|(?:女生|女孩|妹子|姑娘|小姐姐)(?:一枚|一只|一名)|she/her"
    r"|(?:宝妈|辣妈|孩儿妈|全职妈妈|新手妈妈|二胎妈妈|单亲妈妈|娃妈|两娃妈|老板娘|准新娘)(?=$|[\s,，|｜/·。!！~～]|一枚|日常|的)"
)
_MALE: Final = re.compile(
    r"本人(?:是)?(?:一枚|一个)?男|(?:性别|gender)[:：\s]*男|(?:^|[\s,，|｜/·])(?:男|男生|小哥哥|boy)(?=$|[\s,，|｜/·。])"
    r"|我(?:是|一个|作为)?(?:一个|一名|一枚|个)?(?:男生|男孩子?|大老爷们|男的|男大学生|糙汉)"
    r"|(?:\d{2}|[零〇一二三四五六七八九]{2})(?:年|后)?(?:小)?(?:男生|男孩|男(?=$|[\s,，|｜/·。]))"
    r"|(?:男生|男孩|小伙|小哥)(?:一枚|一只|一名)|he/him"
    r"|(?:宝爸|奶爸|孩儿爸|新手爸爸|二胎爸爸|娃爸|准新郎)(?=$|[\s,，|｜/·。!！~～]|一枚|日常|的)"
)
_SELF: Final = re.compile(
    r"本人|我是|我一个(?!人)|我在|我住|作为一个|作为一名|坐标|人在|我今年|本宝妈|本(?:程序员|社畜|打工人)"
)
_DECADE: Final = re.compile(r"(?<![\d年])([5-9]0|[5-9]5|0[05])\s*后")
_BORN: Final = re.compile(
    r"(?<![\d.])(?:((?:19|20)\d{2})\s*年?\s*(?:出生|生人|生(?=$|[\s,，|｜/·。])|年(?:的)?(?:女|男|妹|小姐|宝妈))"
    r"|([5-9]\d|0\d)\s*年(?=$|[\s,，|｜/·。]|女|男|妹|小|宝妈|出生|生|的(?:$|[\s,，|｜/·。]|女|男|妹|人)))"
)
"""A birth year: four digits only with 出生, 生 or a gender behind them (2018年 is most often when something was)."""
_BORN_IN_POST: Final = re.compile(
    r"(?:我|本人)是?(?:((?:19|20)\d{2})|([5-9]\d|0\d))\s*年(?:出生|生|的(?=$|[\s,，。!！]))"
)
_YEARS: Final = re.compile(
    r"(?:我今年|今年|本人|年龄[:：]?|^|[\s,，|｜/])(\d{2})\s*岁(?!的?(?:儿|女儿|娃|宝|小朋友|孩))"
)
_YEARS_IN_POST: Final = re.compile(r"(?:我今年|我现在|本人(?:今年)?)\s*(\d{2})\s*岁")
_MINOR_AGE: Final = re.compile(
    r"(?:我今年|本人|今年|年龄[:：]?\s*|^|[\s,，|｜/])(\d{1,2})\s*岁(?!的?(?:儿|女儿|娃|宝|小朋友|孩|半|多))"
)
_MINOR_AGE_IN_POST: Final = re.compile(r"(?:我今年|我才|我现在|本人(?:今年)?)\s*(\d{1,2})\s*岁")
_NOT_SELF: Final = re.compile(
    r"(?:我|家|有|带|大宝|二宝|娃|儿子|女儿|孩子|弟弟|妹妹|侄子|侄女|外甥|教|给|的|是|让|和|跟|为|帮|做|找|问|当过?|曾是?|前|嫁给?|像|讨厌|喜欢|羡慕|看|听|去|想当|不是|适合)"
    r"(?:一个|一名|个|位)?$"
)
_INTEREST_LEAD: Final = re.compile(
    r"(?:喜欢|热爱|酷爱|爱好(?:是|[:：])?|痴迷|沉迷|日常|专注|分享|记录)\s*([^。.!！?？;；\n|｜]{1,30})"
    r"|([\w、/ ]{2,12})(?:爱好者|发烧友|星人)"
)
_BANDS: Final = ((18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 120))


def stated_facts(
    bio: str | None, tags: Iterable[str] = (), text: str | None = None, *, year: int | None = None
) -> tuple[Fact, ...]:
    """Facts a person states in their bio, profile tags or a post of their own.

    ``year`` is the year in which they said so; with it 95年 becomes an age band (and a birth year may show a minor),
    without it the value stays the decade or year as said ("95后", "1995"). One fact of each name and value; the
    surest first. A minor gives exactly ``(Fact("minor", …),)``.
    """
    profile = clean((bio or "")[:MAX_CHARS])
    labels = [clean(tag[:100]).strip() for tag in tags]
    post = bare(own_words(clean((text or "")[:MAX_CHARS])))
    parts = [(part, BIO) for part in (profile, *labels) if part.strip()]
    for part, in_bio in [(p, True) for p, _ in parts] + [(post, False)]:
        if quote := _minor(part, in_bio, year):
            return (Fact("minor", "true", 0.95, quote),)
    facts: list[Fact] = []
    for part, confidence in parts:
        facts += _from_bio(part, confidence, year)
    if post.strip():
        facts += _from_post(post, year)
    best: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        kept = best.get((fact.fact, fact.value))
        if kept is None or fact.confidence > kept.confidence:
            best[fact.fact, fact.value] = fact
    return tuple(sorted(_consistent(best.values()), key=lambda f: (-f.confidence, f.fact, f.value)))


def _consistent(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Somebody who says two genders at once ("他男我女") has stated none that we can use."""
    kept = list(facts)
    genders = {fact.value for fact in kept if fact.fact == "gender"}
    return (fact for fact in kept if fact.fact != "gender" or len(genders) == 1)


def _from_bio(part: str, confidence: float, year: int | None) -> Iterator[Fact]:
    yield from _regions(part, confidence)
    yield from _gender(part, confidence)
    yield from _ages(part, confidence, year)
    yield from _listed("occupation", part, confidence)
    yield from _listed("family", part, confidence)
    for match in _INTEREST_LEAD.finditer(part):
        for name, _ in interests(match[1] or match[2]).first:
            yield Fact("interest", name, round(confidence - 0.1, 2), match[0].strip())


def _from_post(post: str, year: int | None) -> Iterator[Fact]:
    """In a post only what follows 本人, 我是, 坐标 … in the same sentence is about the author."""
    for sentence in re.split(r"[。！!？?\n；;]", post):
        if not (lead := _SELF.search(sentence)):
            continue
        said = sentence[lead.start() :]
        yield from _regions(said, POST)
        yield from _gender(said, POST)
        yield from _ages(said, POST, year)
        head = said[: len(lead[0]) + 10]
        yield from _listed("occupation", head, POST, lead[0])
        yield from _listed("family", head, POST, lead[0])


def _regions(part: str, confidence: float) -> Iterator[Fact]:
    for match in _plain_place().finditer(part):
        yield Fact("region", match[1], confidence, match[0].strip())
    for pattern in _REGION:
        for match in pattern.finditer(part):
            place = match[1].strip().removesuffix("市区")
            if place and place not in _not_places():
                yield Fact("region", place, confidence, match[0].strip())


@cache
def _not_places() -> frozenset[str]:
    return frozenset(table("persona")["places"]["never"].split())


@cache
def _plain_place() -> re.Pattern[str]:
    """A well-known place standing alone ("上海 | 减脂") or naming its people ("上海女生一枚")."""
    places = "|".join(sorted(table("persona")["places"]["known"].split(), key=len, reverse=True))
    return re.compile(
        rf"(?:^|[\s,，。|｜/·、;；📍]|我在|(?<![\u4e00-\u9fff])人在|本人在|我住在?)({places})市?"
        r"(?=$|[\s,，。|｜/·、;；!！~～]|女|男|妹|姑娘|小伙|土著|宝妈|宝爸|打工|工作|上班|上学|读书|生活|人(?:$|[\s,，。|｜/·]))"
    )


def _gender(part: str, confidence: float) -> Iterator[Fact]:
    for value, pattern in (("female", _FEMALE), ("male", _MALE)):
        if match := pattern.search(part):
            yield Fact("gender", value, confidence, match[0].strip())


def _ages(part: str, confidence: float, year: int | None) -> Iterator[Fact]:
    if match := _DECADE.search(part):
        yield Fact("age", f"{match[1]}后", confidence, match[0])
    in_bio = confidence == BIO
    born = (_BORN if in_bio else _BORN_IN_POST).search(part)
    if born and (value := _age_of(_birth_year(born), year)):
        yield Fact("age", value, round(confidence - 0.05, 2), born[0].strip())
    years = (_YEARS if in_bio else _YEARS_IN_POST).search(part)
    if years and (band := _band(int(years[1]))):
        yield Fact("age", band, confidence, years[0].strip())


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
def _finder(fact: str) -> tuple[WordFinder, dict[str, str]]:
    words = {word.lower(): value for value, entry in table("persona")[fact].items() for word in entry.split()}
    return WordFinder(words), words


def _listed(fact: str, part: str, confidence: float, lead: str = "") -> Iterator[Fact]:
    finder, values = _finder(fact)
    text = lower(part)
    for hit in finder.find(text):
        before = text[: hit.start]
        if lead and before.endswith(("我是", "本人", "作为一名", "作为一个", "我是一名", "我是一个", "我是个", "本")):
            before = ""
        if not _NOT_SELF.search(before) and not text.startswith(("家属", "朋友", "老公", "老婆", "的"), hit.end):
            yield Fact("occupation" if fact == "occupation" else "family", values[hit.word], confidence, hit.word)


def _minor(part: str, in_bio: bool, year: int | None) -> str | None:
    text = lower(part)
    age = (_MINOR_AGE if in_bio else _MINOR_AGE_IN_POST).search(text)
    if age and 5 <= int(age[1]) < 18:
        return age[0].strip()
    born = (_BORN if in_bio else _BORN_IN_POST).search(text)
    if year is not None and born and 0 < year - _birth_year(born) < 18:
        return born[0].strip()
    for hit in _minor_words().find(text):
        before = text[: hit.start]
        said = before.rstrip().endswith(
            ("我是", "本人", "我是一名", "我是个", "我是一个", "作为一个", "作为", "本", "我今年", "我现在")
        )
        if said or (in_bio and not _NOT_SELF.search(before) and not _TEACHES.match(text, hit.end)):
            return hit.word
    return None


_TEACHES: Final = re.compile(
    r"(?:的)?(?:家长|妈|爸|老师|语文|数学|英语|物理|化学|教师|班主任|辅导|家教|作文|阅读|娃|学科|毕业|儿子|女儿)"
)


@cache
def _minor_words() -> WordFinder:
    return WordFinder(table("persona")["minor"]["any"].split())
