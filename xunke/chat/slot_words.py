"""The vocabulary and the handlers of the second reading: bounds, ages, words, moods."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from . import lexicon
from .numbers import parse, whole
from .tokens import ANY, Doc, Effects

W: Final = r"[\u4e00-\u9fffA-Za-z0-9&+·.\-' ]"
END: Final = rf"(?=[,，。;；!?、]|{ANY}|$)"
MEASURE: Final = lexicon.said("words", "measures")
JOB: Final = lexicon.alternation(lexicon.table("words")["occupation"]["words"])
GENDER: Final = lexicon.alternation(lexicon.values("words", "gender"))
DROP: Final = lexicon.said("words", "drop")
COUNTED: Final = {
    "likes": "likes_min",
    "comments": "comments_min",
    "shares": "shares_min",
    "saves": "saves_min",
    "views": "views_min",
    "engagement_rate": "engagement_rate_min",
    "post_count": "posts_min",
    "followers": "followers_min",
}
NOT: Final = (
    r"(?:去掉|去除|not(?=\s)|别给我看|别让我看到|不想看到|别出现|除去|除掉|不要|不含|不包括|不包含|不看|不想看|排除掉?|过滤掉?|剔除掉?|剔掉|"
    r"筛掉|屏蔽掉?|扔掉|刨除|刨掉|别要|别带|别给我|"
    r"滤掉|滤除|踢掉|拿掉|除开|除了|撇开|(?<!有)没有|去(?!重)|非|不是|刷掉|without|no\b|"
    r"not?\sincluding|exclud(?:e|ing)|"
    r"filter(?:ing)?\s?(?:out|掉)|"
    r"remov(?:e|ing)|skip(?:ping)?|drop(?:ping)?|minus|ignor(?:e|ing)|except(?:\sfor)?|leave\sout|"
    r"leaving\sout|hide|non)"
)
OVER: Final = (
    r"(?:别低于|别少于|不能低于|不能少于|不要低于|超过|超|大于等于|大于|不少于|不低于|至少|起码|最少|高于|多于|过|破|满|上|达到|达|有|"
    r">=|≥|>|(?:of\s)?(?:at least|more than|over|"
    r"above|min(?:imum)?(?:\sof)?|no less than|greater than))"
)
UNDER: Final = (
    r"(?:(?:最多|最高|顶多)不要?能?超过|顶多|别超过?|不要超过?|不能超过?|不得超过|控制在|少于|不到|低于|不超过|不多于|小于等于|"
    r"小于|没到|最多|<=|≤|<|(?:of\s)?(?:less than|fewer than|"
    r"under|below|at most|up to|max(?:imum)?(?:\sof)?|no more than))"
)
UP: Final = r"(?:个|条|次|篇|人|位)?(?:以上|往上|之上|起步|起|开外|\+|(?:or|and)\s(?:more|above|over|up)|plus)"
DOWN: Final = r"(?:个)?(?:以下|以内|之内|之下|往下|(?:or|and)\s(?:less|fewer|below|under))"
TO: Final = r"\s?(?:个)?(?:到|至|-|~|to)\s?"
MAKE: Final = (
    r"(?:数量?|量|总量|总数)?(?:的?(?:门槛|下限|上限|要求|标准|范围|条件))?(?:(?:改|降|提高?|"
    r"放宽|调|升|降低|换|收紧|上调|下调|变)(?:成|到|"
    r"为))?(?:最好|卡在|落在|介于|必须|要求|大概|大约|差不多|控制|起码|一定|[也都还就只要得能在是为需:有刚]){0,4}?\s?"
)
AGE_TAIL: Final = r"\s?(?:周?岁|years?\sold|y/?o\b)"


def meaning_of(key: str, word: str) -> str:
    table = lexicon.values("words", key)
    folded = word.lower().strip().replace("-", " ")
    return table.get(word.lower()) or table.get(folded) or table[folded.replace(" ", "-")]


def bounds(measure: str, low: str | None, high: str | None) -> Effects | None:
    slot = COUNTED.get(measure)
    if slot is None and measure == "engagement":
        return None
    if slot is None:
        return None
    out: list[tuple[str, Any]] = []
    if low:
        number = number_of(low, measure)
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


def number_of(text: str, measure: str) -> float | None:
    if measure == "engagement_rate":
        value = parse(re.sub(r"[%％]|百分之|个点", "", text).strip())
        return None if value is None or value > 100 else round(value / 100, 6) if value >= 0.5 or "%" in text else value
    return whole(text)


def range(low: str, high: str) -> tuple[str, str]:
    """1-5万 means 1万 to 5万."""
    tail = re.search(r"(千|万|w|k|m)\s*$", high.strip(), re.IGNORECASE)
    if tail and re.fullmatch(r"[\d.]+|[一二两三四五六七八九十]", low.strip()):
        a, b = parse(low), parse(high[: tail.start()])
        if a is not None and b is not None and a <= b:
            return low.strip() + tail[1], high
    return low, high


def ages(low: float | None, high: float | None) -> Effects:
    out = []
    if low:
        out.append(("age_min", int(low)))
    if high:
        out.append(("age_max", int(high)))
    return tuple(out)


def generation(m: re.Match[str], doc: Doc) -> Effects | None:
    born = {"z": (1995, 2009)}.get(m[1][:1].lower())
    if born is None:
        number = int(m[1])
        if number % 5:
            return None
        year = 1900 + number if number >= 30 else 2000 + number
        born = (year, year + (4 if number % 10 == 5 else 9))
    return (("born", born),)


def words_of(m_text: str, doc: Doc) -> tuple[str, ...]:
    """Quoted words of a list, or the free words of one, split at 和 and the like."""
    quoted = [doc.value(c) for c in m_text if c in doc.tokens and doc.tokens[c].kind in "QT"]
    if quoted:
        return tuple(quoted)
    parts = re.split(r"、|(?<=..)(?:和|或者?|以及|跟)(?=..)|\sand\s|\sor\s|,\s?|，", doc.plain(m_text).strip())
    return tuple(p.strip(" 的了") for p in parts if p.strip(" 的了"))


def drop(m: re.Match[str], doc: Doc) -> Effects | None:
    found = re.findall(lexicon.said("words", "drop"), m[0], re.IGNORECASE)
    return (("drop", tuple(dict.fromkeys(meaning_of("drop", w) for w in found))),) if found else None


def sort(word: str, asc: bool = False) -> Effects:
    meaning = meaning_of("measures", word)
    sort = {"count": "post_count", "share": "shares", "sentiment": "relevance"}.get(meaning, meaning)
    return (("sort", sort), ("order", "asc")) if asc else (("sort", sort),)


def limit(text: str) -> Effects | None:
    number = whole(text)
    return (("limit", number),) if number and number <= 1_000_000 else None


def const(*effects: tuple[str, Any]) -> Callable[[re.Match[str], Doc], Effects]:
    return lambda _m, _d: effects


def sentiment(m: re.Match[str], doc: Doc) -> Effects:
    return (("sentiment", meaning_of("sentiment", m[1])),)


NOUN: Final = r"(?:个|位|名|条|篇|则|份|支|款|家|只|号)"
SEP: Final = r"(?:、|和|跟|与|或者?|以及|及|,\s?|，|\s?/\s?|\sand\s|\sor\s)"
LIST_Q: Final = rf"[{{Q}}](?:{SEP}?[{{Q}}]){{0,8}}".replace("[{Q}]", "{Q}")
AFTER_WHO: Final = (
    r"(?=的|"
    + lexicon.alternation(lexicon.table("words")["occupation"]["words"])
    + r"|主理人|博主|达人|作者|用户|号主|up主|网红|创作者|粉丝|网友|主播|玩家|大学生|学生|有多少|有几|"
    r"程序员|人|群体|在|爱|喜欢|都|们|[\s,，。;；、!?和]|{ANY}|$)"
)
TOP: Final = r"(?:前|top\s?|头|最前面?的?|first\s|best\s)"

MOST: Final = {
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
    "upvoted": "likes",
    "replied": "comments",
    "retweeted": "shares",
}


DECADES: Final = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60}


def decade(m: re.Match[str]) -> tuple[float | None, float | None]:
    if m[4]:
        return int(m[4]), None
    low = int(m[1]) if m[1] else DECADES[m[3].lower()]
    return (low, (int(m[2]) if m[2] else low) + 9) if 10 <= low <= 90 else (None, None)


def mood(m: re.Match[str]) -> bool:
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


Rule = tuple[str, Callable[[re.Match[str], Doc], Effects | None]]
