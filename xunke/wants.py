"""Requests for people by what they need or live through: 想买相机的, 抱怨物流的, 刚搬家的, to names of ``nlp``.

Only what the author of a post is said to do counts, not what posts are about (聊备婚的博主). Pregnancy, love and its
end are never a way to look for people: they are private (see the refusals of ``sensitive_profiling``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

FLAGS: Final = re.IGNORECASE
_NEEDS: Final[Mapping[tuple[str, ...], str]] = {
    ("want_to_buy",): (
        r"(?:想|想要|准备|打算|考虑|计划)(?:去)?(?:买|购买|入手|购入|下单|囤)|想(?:入|换)(?!成|为|个?(?:平台|城市|话题|条件|一批))"
        r"|(?<![重主])要买|求购|有(?:购买|采购)(?:意向|意愿|需求)"
    ),
    ("seek_advice", "ask_where"): (r"求(?:推荐|安利|种草|建议|攻略|支招|助|问)|请教|问怎么选"),
    ("ask_where",): (
        r"[在求]?问(?:哪里|哪儿|在哪|在哪里)(?:能|可以|有)?(?:买到?|有?卖)|求链接|问(?:链接|多少钱|价格|价)"
    ),
    ("complain",): r"抱怨|吐槽|投诉|避雷|踩雷|踩坑",
    ("compare",): r"在?纠结(?:买|选|入|要不要买)?",
    ("trouble",): r"(?:有|被)[^,，。]{0,8}困扰|(?:为|因)[^,，。]{1,8}(?:发愁|苦恼|烦恼)",
}
_ENGLISH: Final[Mapping[tuple[str, ...], str]] = {
    ("want_to_buy",): r"(?:want(?:s|ing)?|look(?:s|ing)?|plan(?:s|ning)?)\sto\sbuy",
    ("seek_advice", "ask_where"): r"(?:ask|look|seek)(?:s|ing)?\s(?:for\s)?(?:\w+\s){0,3}(?:advice|recommendations?)",
    ("ask_where",): r"ask(?:s|ing)?\s(?:where\sto\sbuy|for\sthe\slink)",
    ("complain",): r"complain(?:s|ing)?\s(?:about|of)|complaints?\s(?:about|of)",
    ("compare",): r"torn\sbetween",
}
_THEY: Final = r"(?=[^,，。;；!！?？]*(?:的|人|$))"
"""Others are meant when the clause goes on to a noun or ends the request: not 打算买广告位，帮我找……."""
_NOW: Final = r"(?:刚刚?|正在|准备|打算|计划|马上|即将|快|要|最近|近期){1,2}"
_EVENTS: Final[Mapping[str, str]] = {
    "wedding": rf"备婚中?|(?:{_NOW})(?:结婚|办婚礼|订婚)|筹备婚礼|准新[娘郎]|新婚|getting\smarried",
    "new_baby": (
        rf"(?:{_NOW})(?:生完?|当|做)了?(?:宝宝|宝妈|孩子|娃|妈妈|爸爸|妈|爸)|新手(?:宝?[妈爸]妈?爸?|父母)|new\s(?:mom|mother|parent)s?"
    ),
    "moving": rf"(?:{_NOW})(?:搬家|搬新家|搬进新家|搬到新家)|(?:just\smoved|moving\shouse)",
    "new_home": rf"(?:{_NOW})(?:买房|买了房|交房|收房|装修)|(?:装修|布置)新房|新房装修",
    "new_car": rf"(?:{_NOW})(?:提车|买车|提新车|买了车)",
    "new_job": rf"(?:{_NOW})(?:换工作|跳槽|入职)|(?:just\sstarted\sa\snew\sjob)",
    "graduation": rf"(?:{_NOW})毕业|应届毕业",
    "new_pet": rf"(?:{_NOW})(?:养|领养|接)了?(?:一只)?(?:小?猫|小?狗|宠物)|新手(?:猫|狗|宠物)?铲屎官",
    "retirement": rf"(?:{_NOW})退休|just\sretired",
    "going_abroad": rf"(?:{_NOW})(?:去)?(?:出国|留学)",
    "birthday": rf"(?:{_NOW})过?生日",
}
_TALK: Final = r"(?<![聊讲谈做写发晒教#])(?<!关于)(?<!介绍)(?<!分享)(?<!我)(?<!我们)(?<!咱们)"
_EDGE: Final = re.compile(r"^[的了完过\s]+|[的了完过人\s]+$")


class Asked(NamedTuple):
    """What the people that are looked for tell: names of ``nlp.types.NEEDS`` and of nlp/data/life_events.toml."""

    needs: tuple[str, ...]
    events: tuple[str, ...]


@cache
def _patterns() -> tuple[tuple[tuple[str, ...], str], ...]:
    chinese = [(names, f"{_TALK}(?:{words}){_THEY}") for names, words in _NEEDS.items()]
    english = [(names, rf"(?<!\bI\s)\b(?:{words})") for names, words in _ENGLISH.items()]
    return (*chinese, *english)


@cache
def _events() -> tuple[tuple[str, str], ...]:
    return tuple((name, _TALK + f"(?:{words})") for name, words in _EVENTS.items())


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, FLAGS)


def asked(text: str, search: Callable[[str, str], object] = _search) -> Asked:
    """Needs and life events that a request names, each once. ``search``: another ``re.search`` with ``FLAGS``."""
    needs = dict.fromkeys(name for names, pattern in _patterns() if search(pattern, text) for name in names)
    return Asked(tuple(needs), tuple(name for name, pattern in _events() if search(pattern, text)))


def bare(topics: Iterable[str], events: Iterable[str]) -> tuple[str, ...]:
    """``topics`` without those that only name one of ``events``: 刚搬家 is told in other words too."""
    wanted = set(events)
    patterns = [pattern for name, pattern in _events() if name in wanted]
    return tuple(topic for topic in topics if not any(_is(pattern, topic) for pattern in patterns))


def _is(pattern: str, topic: str) -> bool:
    found = _search(pattern, topic)
    if found is None:
        return False
    left = _EDGE.sub("", topic[: found.start()]) + _EDGE.sub("", topic[found.end() :])
    return left in ("", "宝宝", "孩子", "娃", "新家", "婚")
