"""A turn that goes on from the one before: with its result, or with its question changed."""

from __future__ import annotations

import re
from typing import Any, Final

from xunke.plan import SLOTS, Plan, encode

from .draft import LISTS, Draft
from .planner import Reading
from .rules import rule

Step = dict[str, Any]

_ALSO: Final = rule(
    r"也算|也加|也要|也看|也一起|也带|也包括|也放|加上|加进|再加|还要|还有|算上|补上|一并|"
    r"\b(?:also|too|as well|include|add|plus)\b",
    re.IGNORECASE,
)
_CHANGE: Final = rule(
    r"改成|改为|换成|换到|换|改到|改|只看|只要|只留|仅看|限定|放宽|缩小|扩大|收窄|调成|调到|"
    r"调整|变成|不要|去掉|排除|别要|剔除|过滤|不限|"
    r"\b(?:only|instead|change|make it|switch|narrow|widen|extend|limit|just|exclude|without|drop|remove)\b",
    re.IGNORECASE,
)
_UNLIMIT: Final = rule(
    r"(?P<said>平台|地区|地域|城市|时间|日期|粉丝量?|性别|年龄|数量|男女)(?:都|也|"
    r"就)?(?:先)?(?:不限|不限制|随便|不用限|无所谓|不要限制|放开)(?:了|制|吧)*|"
    r"(?:不限|不限制|去掉|取消|不要|别限|放开|remove|drop|no|"
    r"any)\s?(?:了)?(?:the\s)?(?P<what>平台|地区|地域|城市|时间|日期|粉丝|性别|年龄|"
    r"数量|platforms?|region|time|date|follower|gender|age|limit)\w*\s?(?:的)?(?:限制|条件|要求|limits?|filters?|"
    r"restrictions?)?",
    re.IGNORECASE,
)
_UNLIMITED: Final = {
    "平台": ("platforms",),
    "地区": ("region", "region_exclude"),
    "地域": ("region",),
    "城市": ("region", "city_tier"),
    "时间": ("since", "until"),
    "日期": ("since", "until"),
    "粉丝": ("followers_min", "followers_max"),
    "性别": ("gender",),
    "男女": ("gender",),
    "年龄": ("age_min", "age_max"),
    "数量": ("limit",),
    "platform": ("platforms",),
    "region": ("region",),
    "time": ("since", "until"),
    "date": ("since", "until"),
    "follower": ("followers_min", "followers_max"),
    "gender": ("gender",),
    "age": ("age_min", "age_max"),
    "limit": ("limit",),
}
_GOES_ON: Final = frozenset({"export", "save", "segment", "stats", "outreach", "history", "compare"})
_FRESH: Final = frozenset({"collect", "find"})


def apply(text: str, reading: Reading, steps: list[Step], prev: Plan) -> list[Step] | None:
    """The steps of a turn that follows ``prev``, or None if it stands on its own."""
    before = encode(prev, neutral=False).get("steps", [])
    if not before:
        return None
    drafts = reading.drafts
    if reading.schedule.get("every") and not _data(drafts):
        return [{"action": "schedule", "input": "last_plan", **reading.schedule}]
    if unlimited := _UNLIMIT.search(text):
        what = _UNLIMITED.get((unlimited["what"] or unlimited["said"].rstrip("量")).lower().rstrip("s"), ())
        if what and len(text) < 24:
            return _without(before, what)
    if not steps:
        return None
    if len(steps) > 1 and reading.refers and steps[0]["action"] == "find" and not set(steps[0]) - {"action", "target"}:
        steps = steps[1:]  # 导出这批达人: the noun only names the result
    first = steps[0]
    own = _own_subject(first)
    action = first["action"]
    if action in ("export", "save"):
        return (
            [{"action": action, "input": "last", **{k: v for k, v in first.items() if k != "action"}}, *steps[1:]]
            if "source" not in first
            else None
        )
    if action in ("segment", "stats", "outreach", "compare") and not own and "source" not in first:
        if before[-1]["action"] == action and _CHANGE.search(text):
            return _changed(before, first, text)
        if action == "compare":
            return None
        made = {"action": action, "input": "last", **{k: v for k, v in first.items() if k != "action"}}
        if "target" in SLOTS[action] and "guessed_target" in _flags(drafts):
            made["target"] = (
                "people"
                if action == "segment"
                else next((s["target"] for s in reversed(before) if "target" in s), made.get("target", "posts"))
            )
        return [made, *steps[1:]]
    if action in _FRESH:
        change = bool(_CHANGE.search(text) or _ALSO.search(text)) or reading.fragment
        subject = {"topics", "tags", "keywords"} & first.keys()
        if (
            subject
            and not (
                (reading.fragment or re.match(r"(?:再|那|顺便|帮我)*也(?:帮我)?(?:看|找|搜|抓|要|加|查)", text))
                and re.search(r"换成|改成|改为|改搜|instead|change|switch|也|算上|加上|also|include", text)
            )
            and not (reading.refers and not subject)
        ):
            return None
        if action == "collect" and first.get("target") not in (None, before[0].get("target")) and reading.refers:
            return None
        if not change and not reading.refers and (action == "collect" or own) and not _only_rank(first):
            return None
        if (
            reading.refers
            and first.get("target")
            and first["target"] != next((s.get("target") for s in reversed(before) if s.get("target")), None)
            and "guessed_target" not in _flags(drafts)
            and action == "find"
        ):
            return [{**first, "input": "last"}, *steps[1:]]
        return [*_changed(before, first, text), *steps[1:]]
    return None


def _flags(drafts: list[Draft]) -> set[str]:
    return drafts[0].flags if drafts else set()


def _data(drafts: list[Draft]) -> bool:
    return any(
        set(d.slots) - {"target", "sort", "order"} or d.action in ("stats", "compare")
        for d in drafts
        if d.action not in (None, "export", "save")
    )


def _own_subject(step: Step) -> bool:
    return bool({"topics", "tags", "keywords", "groups", "accounts", "platforms", "source"} & step.keys())


def _only_rank(step: Step) -> bool:
    return not step.keys() - {"action", "target", "sort", "order", "limit"}


def _home(before: list[Step], slots: set[str]) -> int:
    """The step of the plan before that a change belongs to: one that has the slot, else the last that may have it."""
    for index, step in enumerate(before):
        if slots & step.keys() and step["action"] not in ("export", "save", "schedule"):
            return index
    for index, step in enumerate(before):
        if slots <= SLOTS[step["action"]]:
            return index
    return 0


def _changed(before: list[Step], change: Step, text: str) -> list[Step]:
    """The whole plan of the turn before with the change made."""
    out = [dict(step) for step in before]
    slots = {k: v for k, v in change.items() if k not in ("action", "target", "input")}
    at = _home(before, set(slots))
    step = out[at]
    step.pop("input", None)
    also = bool(_ALSO.search(text)) and not re.search(r"改成|换成|改为|instead", text)
    for slot, value in slots.items():
        if slot not in SLOTS[step["action"]]:
            continue
        if slot in LISTS and step.get(slot) and (also or slot in ("drop", "exclude", "region_exclude", "keywords")):
            step[slot] = [*step[slot], *(v for v in value if v not in step[slot])]
        else:
            step[slot] = value
        if slot == "region_exclude" and "region" in step:
            step["region"] = [r for r in step["region"] if r not in value] or step["region"]
            if len(step["region"]) < len(before[at]["region"]):
                step.pop("region_exclude", None)
        if slot in ("since", "until"):
            step.pop("window", None)
        if slot == "sort" and "order" not in slots:
            step.pop("order", None)
    if "since" in slots and "until" not in slots:
        step.pop("until", None)
    return out


def _without(before: list[Step], slots: tuple[str, ...]) -> list[Step]:
    return [{k: v for k, v in step.items() if k not in slots} for step in before]
