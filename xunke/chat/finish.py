"""What is left open in a draft when all clauses are read: free words to slots, spans to days, hints to values."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from xunke.plan import SLOTS

from . import lexicon
from .draft import Draft
from .items import compare_items
from .noise import typed_blindly

_WHO: Final = frozenset(
    [
        "gender",
        "age_min",
        "age_max",
        "occupation",
        "interests",
        "tier",
        "followers_min",
        "followers_max",
        "posts_min",
        "city_tier",
    ]
)
_TARGETED: Final = frozenset({"collect", "find", "stats", "segment"})


def finish(draft: Draft, drafts: list[Draft], clarify: list[str], today: date, scheduled: bool) -> None:
    """Free words to slots, spans to days, hints to values."""
    if draft.action in ("import", "export", "save"):
        tail = str(draft.slots.get("path", "")).rsplit(".", 1)[-1].lower()
        if draft.action == "export" and "format" not in draft.slots and tail in lexicon.values("words", "format"):
            draft.slots["format"] = lexicon.values("words", "format")[tail]
        return
    slots_ = draft.slots
    if draft.action == "compare" and slots_.get("dimension?") == "platform" and not slots_.get("platforms"):
        before = [d.slots["platforms"] for d in drafts[: drafts.index(draft)] if len(d.slots.get("platforms", ())) > 1]
        slots_["platforms"] = before[-1] if before else ()  # 抓快手和抖音……再比比哪个平台的量大
    compare_items(draft)
    if (platform := slots_.pop("platform?", None)) and not slots_.get("platforms"):
        draft.add("platforms", platform)
    about_people = slots_.get("target") == "people" or (
        not slots_.get("target") and ("who" in draft.flags or draft.slots.keys() & _WHO)
    )
    words(draft, bool(about_people) or draft.action == "outreach")
    _hints(draft)
    if draft.action is None:
        draft.action = "find"
    if draft.action in _TARGETED and not draft.target:
        earlier = next((d.target for d in drafts[: drafts.index(draft)] if d.target), None) or _file_of(drafts)
        guess = (
            "posts"
            if slots_.get("method") == "topic_model"
            else "people"
            if (draft.action == "segment" and earlier != "posts")
            or {"gender", "age", "occupation", "interest", "tier", "followers", "activity"} & set(slots_.get("by", ()))
            or slots_.get("source")
            or slots_.get("sort") in ("followers", "follower_growth")
            or "who" in draft.flags
            or slots_.keys() & _WHO
            else earlier or "posts"
        )
        slots_["target"] = guess
        draft.flags.add("guessed_target")
    if draft.target == "comments":
        slots_.pop("media", None)  # the videos are where the comments stand
    _when(draft, clarify, today, scheduled)
    for low, high in (("age_min", "age_max"), ("followers_min", "followers_max")):
        if slots_.get(low) and slots_.get(high) and slots_[low] > slots_[high]:
            clarify.append("number_conflict")
    _history(draft)


def _file_of(drafts: list[Draft]) -> str | None:
    """What an imported file holds, by its name."""
    path = next((str(d.slots.get("path", "")) for d in drafts if d.action == "import"), "")
    return (
        "people" if re.search("粉丝|博主|达人|用户|名单|followers|creators|people|users", path, re.IGNORECASE) else None
    )


def words(draft: Draft, people: bool) -> None:
    """Words of the subject to slots: what people are by work is no topic."""
    jobs = lexicon.table("words")["occupation"]["words"]
    draft.unread += [word for word in draft.loose if typed_blindly(word)]
    for word in (word for word in draft.loose if not typed_blindly(word)):
        draft.add("occupation" if people and word.lower() in jobs else "topics", word)
    draft.loose = []


_TIMES: Final = frozenset({"hour", "day", "week", "month"})
_BANDS: Final = frozenset({"followers", "engagement", "influence"})


def _hints(draft: Draft) -> None:
    """measure?, by_measure, trend: what they mean depends on the action."""
    slots_ = draft.slots
    hint = slots_.pop("measure?", ())
    slots_.pop("dimension?", None)
    by_measure, each = slots_.pop("by_measure", None), slots_.pop("each", ())
    _action(draft)
    if each and draft.action in ("stats", "compare", None) and (draft.action or "measure" in slots_):
        draft.add("by", each)
    if "all platforms" in draft.flags and "platform" not in slots_.get("by", ()):
        draft.add("platforms", "all")
    if by_measure:
        _by_measure(draft, by_measure)
    by = set(slots_.get("by", ()))
    if (draft.action == "find" and by & _TIMES) or (draft.action is None and (by or "measure" in slots_)):
        draft.action = "stats"
    if draft.action in ("stats", "compare"):
        _measured(draft, hint)
    elif draft.action != "segment":
        for word in slots_.pop("by", ()):
            if draft.action in ("find", "collect", "outreach") and word in _BANDS:
                slots_.setdefault("sort", word)


def _action(draft: Draft) -> None:
    """What a method or our own account makes of a find."""
    if draft.action in (None, "find"):
        if draft.slots.get("method"):
            draft.action = "segment"
        elif "own" in draft.flags:
            draft.action = "stats"


def _by_measure(draft: Draft, measure: str) -> None:
    """by likes: what is measured, what splits, or the order."""
    if draft.action == "compare":
        draft.add("measure", measure)
    elif draft.action in ("stats", "segment") and measure in _BANDS:
        draft.add("by", measure)
    else:
        draft.slots["sort"] = measure


def _measured(draft: Draft, hint: tuple[str, ...]) -> None:
    """The measures of a table or comparison; a curve without a unit goes by days."""
    slots_ = draft.slots
    if draft.action == "stats" and slots_.get("by") and slots_.get("sort") == "post_count":
        slots_.pop("sort")  # 哪几天发帖最多: most is what is counted
    if hint and not (slots_.get("measure") and hint == ("count",)):
        draft.add("measure", hint)
    if "share" in slots_.get("measure", ()):
        slots_["measure"] = tuple(m for m in slots_["measure"] if m != "count")
    if draft.action == "stats":
        slots_.setdefault("measure", ("count",))
        if "trend" in draft.flags and not _TIMES & set(slots_.get("by", ())):
            draft.add("by", "day")


def _when(draft: Draft, clarify: list[str], today: date, scheduled: bool) -> None:
    spans = draft.spans
    if any(s.conflict for s in spans):
        clarify.append("time_conflict")
        return
    spans = [s for s in spans if s.form not in ("year_back", "month_back")]
    if draft.action == "compare" and draft.slots.get("periods"):
        return
    if not spans or (draft.action in ("segment",) and not spans):
        return
    since, until = max(s.since for s in spans), min(s.until for s in spans)
    if since > until:  # said side by side (国庆和中秋), not one inside the other (9月，中秋前一周)
        since, until = min(s.since for s in spans), max(s.until for s in spans)
    opened = [s for s in spans if s.form == "open"]
    if scheduled:
        form = next((s.form for s in spans if s.form and ":" in s.form), None)
        if form:
            draft.slots["window"] = form
        return
    if any(s.since > today for s in spans):
        clarify.append("time_conflict")
        return
    until = min(until, today)
    if opened and len(spans) == len(opened):
        draft.slots["until"] = until
    else:
        draft.slots["since"], draft.slots["until"] = since, until


_METRICS: Final = {
    "followers": "followers",
    "follower_growth": "followers",
    "engagement": "engagement",
    "likes": "likes",
    "comments": "comments",
    "count": "posts",
}


def _history(draft: Draft) -> None:
    """Numbers about one account over time are its history."""
    accounts = draft.slots.get("accounts", ())
    if (
        draft.action == "stats"
        and "past" in draft.flags
        and not set(draft.slots) - {"target", "measure", "by", "since", "until"}
    ):
        draft.slots, draft.action = {}, "history"  # whose? is asked
        return
    if draft.action not in ("stats", "find") or not accounts:
        return
    own = "own" in draft.flags
    if draft.action == "find" and not own and "past" not in draft.flags:
        return
    if (draft.slots.get("topics") or draft.slots.get("tags") or draft.slots.get("keywords")) and not own:
        return
    measures = [_METRICS[m] for m in draft.slots.get("measure", ()) if m in _METRICS]
    if (
        draft.action == "stats"
        and not own
        and "past" not in draft.flags
        and "trend" not in draft.flags
        and not set(measures) - {"posts"}
    ):
        return
    if len(measures) > 1 and "posts" in measures and "posts" not in draft.flags:
        measures.remove("posts")
    keep = {k: v for k, v in draft.slots.items() if k in SLOTS["history"]}
    if "trend" in draft.flags and keep.get("by") == ("day",):
        keep.pop("by")
    draft.slots = (
        keep | ({"with": "own"} if own else {}) | ({"metrics": tuple(dict.fromkeys(measures))} if measures else {})
    )
    draft.slots.pop("target", None)
    draft.action = "history"
