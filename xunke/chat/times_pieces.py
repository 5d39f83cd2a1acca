"""The pieces that Chinese time expressions are made of: units, years, months, parts of a month, festivals."""

from __future__ import annotations

import re
from typing import Final

from . import calendar_feasts as feasts
from . import lexicon
from .calendar_days import Unit
from .numbers import NUM
from .tokens import ANY, klass

UNITS: Final[dict[str, Unit]] = {
    "天": "day", "日": "day", "周": "week", "礼拜": "week", "星期": "week", "月": "month", "季度": "quarter",
    "季": "quarter", "年": "year", "小时": "hour", "钟头": "hour", "d": "day", "h": "hour",
}  # fmt: skip
WEEK: Final = r"(?:周(?!边|末|岁|年|刊|报|杰|黑鸭|大福|深|迅|星驰|冬雨|润发|生生|六福)|礼拜(?!堂)|星期)"
LONG: Final = r"(?:月(?!份|饼|子|嫂|亮|经|季|光|入)|季度|季(?!节)|年(?!轻|货|夜|会|糕|味|龄|代|级|限|检|度|薪|卡|终))"
UNIT: Final = (
    rf"个?(?:自然|整)?(?P<unit>天(?!气|猫|然|花|丝|幕|窗|津)|日(?!本|料|常|用|语|系|记|式|均)|{WEEK}|{LONG}|小时|钟头|"
    r"[dh](?![a-z]))"
)
SAID_YEAR: Final = (
    r"(?:(?<!\d)(?P<year>(?:19|20|21)\d\d|\d\d(?=年))年?的?|(?P<rel>大前年|去年|上年|前年|今年|本年|明年|后年)的?)\s?"
)
YEAR: Final = rf"(?:{SAID_YEAR})?"
RELATIVE: Final = {
    "大前年": 3,
    "前年": 2,
    "去年": 1,
    "上年": 1,
    "今年": 0,
    "今": 0,
    "去": 1,
    "本年": 0,
    "明年": -1,
    "后年": -2,
    "last": 1,
    "this": 0,
}
BARE_MONTH: Final = (
    r"(?P<month>0?[1-9](?!\d)|1[0-9]|十[一二]?|[一二三四五六七八九]|正)月(?!饼|子|嫂|亮|经|季|光|薪|革命|怀胎)"
)
MONTH: Final = rf"(?<![\d.一二三四五六七八九十几]){BARE_MONTH}"
N: Final = r"(?:\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
NTH_DAY: Final = rf"(?P<day>{N})(?:号|日)(?!线|楼|院|店|机|馆|门|色)"
PARTS: Final = {
    "上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31),
    "上半月": (1, 15), "前半月": (1, 15), "下半月": (16, 31), "后半月": (16, 31),
}  # fmt: skip
PART: Final = (
    r"(?:的|里)?(?P<part>[上中下]旬|[上下前后]半个?月|第[一二三四1-4]个?(?:周|星期|礼拜)|最后一?个?(?:周|星期|礼拜)|"
    r"(?:头|前|最后)(?:几|\d{1,2}|[一二两三四五六七八九十]{1,2})[天日]|初(?!中|心|学|级|一|二|三)|中(?!旬|国|式|午|秋)|"
    r"底(?!妆|料)|末)"
)
FESTIVAL: Final = (
    "(?P<feast>"
    + lexicon.alternation(n for n in feasts.names() if n != "十一").replace("(?<![a-z0-9])", "(?<![a-z0-9.])")
    + r"|(?<![双二三四五六七八九十第周月\d])十一"
    r"(?=小?长?假|[这那]几天|[这那]阵子|那会|期间|前后|当天|的时候|之后|以后))"
)
DURING: Final = (
    r"(?:节日|大促|小?长假|连假|假期)*(?:的时候|期间|[这那]段时间|[这那]几天|[这那]阵子|那会儿?|预售那?几?天?(?:期间|期)?|"
    r"整个假期|长假|连假|假期|第[一二三]波|开门红|预热期?|返场|[这那]?[一二三四五六七八3-8]天(?:小?长?假期?)?(?=[跟和与同比的里内,，\s]|{ANY}|$)|\s(?:sales?|promos?|promotions?|"
    r"(?:shopping\s)?festival|holidays?|period|season)(?![a-z]))"
)
ONE_DAY: Final = rf"(?P<one>第(?P<nth>{N})天|最后一天|当[天日晚夜]|那[天晚]|前夜|正日子)"
CUE: Final = (
    rf"(?=之?间|结束|{ANY}|前后|前夕|前的?那?(?:{N}|两|半|几)|前[周天]|前那|之?前|之?后|过后|以后|以来|到|至|开始|起|的|"
    r"[\s,，。;；!?~\-]|$|在|上|里|发|聊|跟|和|与|比|vs|各)"
)
COUNTED: Final = re.compile(r"\s?[个条位篇赞名粉k万w元块人]")
PREFIX: Final = rf"(?:最近|过去|过往|往前|近|(?<![{klass('D')[1:-1]}月])(?:这|前))"
COUNT: Final = rf"(?:{N}\s?[-~到至]\s?)?(?P<count>{NUM})(?:来|多|几)?\s?(?:个(?P<half>半)(?=月|年))?"
REST: Final = rf"(?P<plus>半)?(?:[零又加](?P<count2>{N}|两)个?(?P<unit2>天|日|周|星期|礼拜|月))?"
WEEKDAYS: Final = "一二三四五六日天"
TODAY: Final = {
    "今": 0, "当": 0, "昨": 1, "寻": 1, "琴": 1, "前": 2, "大前": 3, "明": -1, "后": -2, "大后": -3,
}  # fmt: skip
RECENT_FORMS: Final[dict[tuple[str, int], str]] = {
    ("day", 1): "prev:day", ("hour", 24): "prev:day", ("week", 1): "prev:week", ("day", 7): "prev:week",
    ("month", 1): "prev:month", ("day", 30): "prev:month",
}  # fmt: skip
