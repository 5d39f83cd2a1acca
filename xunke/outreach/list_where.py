"""Who of a list is meant by a rule: ``score<0.3, idle>90, bio~代购``. All conditions must hold; what is not known of
somebody holds for no condition, and is counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import DAY
from xunke.errors import BadInput
from xunke.storage import Project
from xunke.text import fold

from .lists import SavedList

NUMBERS: Final = ("score", "followers", "posts", "idle", "minutes", "rank")
"""``idle``: days since they last wrote something that we have."""
WORDS: Final = ("platform", "segment", "channel", "region", "act", "bio", "reason", "name", "marked")
_SIGNS: Final = str.maketrans("＜＞＝！～，；≤≥", "<>=!~,;≦≧")
_ONE: Final = re.compile(r"\s*([a-z]+)\s*(<=|>=|!=|≦|≧|=|<|>|~)\s*(.+?)\s*")
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, "≦": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "≧": lambda a, b: a >= b, "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """``name`` of what is known of a member, how it is compared, with what."""

    name: str
    sign: str
    value: str


@dataclass(frozen=True, slots=True)
class Matched:
    """Members that a rule means, in the list's order, and how many are not known well enough to say."""

    items: tuple[int, ...]
    unknown: int


def parse(text: str) -> tuple[Condition, ...]:
    """The conditions of a rule. Raises BadInput("list.rule") for what is none, BadInput("list.rule_number")."""
    found = []
    for part in re.split(r"[,;]", text.translate(_SIGNS)):
        if not part.strip():
            continue
        match = _ONE.fullmatch(part)
        if match is None or match[1] not in (*NUMBERS, *WORDS):
            raise BadInput("list.rule", text=part.strip(), known="、".join((*NUMBERS, *WORDS)))
        name, sign, value = match.groups()
        if name in NUMBERS and (sign == "~" or _number(value) is None):
            raise BadInput("list.rule_number", text=part.strip())
        if name in WORDS and sign not in ("=", "!=", "~"):
            raise BadInput("list.rule", text=part.strip(), known="=、!=、~")
        found.append(Condition(name, sign, value))
    if not found:
        raise BadInput("list.rule", text=text, known="、".join((*NUMBERS, *WORDS)))
    return tuple(found)


def _number(text: str) -> float | None:
    flat = text.strip().removesuffix("万")
    if not re.fullmatch(r"-?\d{1,12}(?:\.\d{1,6})?", flat):
        return None
    return float(flat) * (10_000 if text.strip().endswith("万") else 1)


def holds(condition: Condition, value: Any) -> bool | None:
    """Whether a condition holds of a value; None where there is none."""
    if value is None or value == "":
        return None
    if condition.name in NUMBERS:
        wanted = _number(condition.value)
        return wanted is not None and _COMPARE[condition.sign](float(value), wanted)
    here, wanted_word = fold(str(value)), fold(condition.value)
    if condition.sign == "~":
        return wanted_word in here
    return (here == wanted_word) is (condition.sign == "=")


def matching(project: Project, entry: SavedList, rule: Sequence[Condition], *, now: int) -> Matched:
    """Members of a list that a rule means. ``now`` UTC seconds: from when idle days are counted."""
    items, unknown = [], 0
    for row in project.query(
        "select m.item, m.rank, m.score, m.minutes, m.segment, m.channel, m.first_act, m.reason, a.name, a.bio, "
        "a.region, a.followers, a.posts, p.name, (select max(created) from post where author = m.item), "
        "(select good from mark k where k.account = m.item and k.list in (m.list, 0) order by k.list desc limit 1) "
        "from list_member m left join account a on a.id = m.item join account_key k on k.id = m.item "
        "join platform p on p.id = k.platform where m.list = ? order by m.rank", (entry.id,),
    ):  # fmt: skip
        item, rank, score, minutes, segment, channel, act, reason, name, bio, region, followers, posts, platform = row[
            :14
        ]
        last, good = row[14:]
        known = {
            "rank": rank, "score": score, "minutes": minutes, "segment": segment, "channel": channel, "region": region,
            "act": (act or "").partition(".")[2], "name": name, "bio": bio, "followers": followers, "posts": posts,
            "platform": platform, "idle": None if last is None else max(0, (now - last) / DAY),
            "marked": None if good is None else "good" if good else "bad",
            "reason": " ".join(str(v) for _, params in json.loads(reason or "[]") for v in params.values()),
        }  # fmt: skip
        said = [holds(condition, known[condition.name]) for condition in rule]
        if all(said):
            items.append(item)
        elif None in said and False not in said:
            unknown += 1
    return Matched(tuple(items), unknown)
