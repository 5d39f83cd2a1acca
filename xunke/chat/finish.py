"""What is left open in a draft when all clauses are read: free words to slots, spans to days, hints to values."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from xunke.plan import SLOTS

from . import clauses, lexicon
from .draft import Draft
from .items import compare_items

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
            "people"
            if draft.action == "segment" or "who" in draft.flags or slots_.keys() & _WHO
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
    """Sort the free words into interests, occupations and topics."""
    jobs = set(lexicon.table("words")["occupation"]["words"])
    quotes_only: list[str] = []
    junk = set(lexicon.table("function_words")["junk"])
    for piece in draft.loose:
        liked = re.match(
            r"\s*(?:有没有|那些|那种|有|找|也|都|平时|比较|特别|很|最|超|又|还|且|既|同时){0,4}(?:喜欢|喜爱|热爱|爱好|痴迷|沉迷|迷恋|爱(?!马仕|尔兰|"
            r"奇艺|丽丝|豆|心|情|国|玛|彼|琴))(?:上)?(.{1,20})|"
            r"\s*(?:who\s|that\s)?(?:also\s)?(?:loves?|likes?|enjoys?|(?:is |are )?(?:interested in|into|keen on|"
            r"fond of|passionate about))\s(.{2,40})",
            piece,
            re.IGNORECASE,
        )
        if liked and people:
            what, _, piece = (liked[1] or liked[2]).partition("的")
            for word in _parts(re.sub("(?:又|也|还|且)(?:喜欢|热爱|爱)", "、", clauses.strip(what))):
                draft.add("interests", word)
        stripped = clauses.strip(piece)
        if not stripped:
            continue
        for word in _parts(stripped):
            word = _understood(clauses.strip(word), draft)
            if not word or word.lower() in junk:
                continue
            if people:
                job = next(
                    (
                        j
                        for j in sorted(jobs, key=len, reverse=True)
                        if word == j
                        or (word.endswith(j) and not j.isascii())
                        or (word.startswith(j) and not j.isascii() and len(j) > 1)
                    ),
                    None,
                )
                if job:
                    draft.add("occupation", job)
                    word = clauses.strip(word.replace(job, "", 1))
                    if not word:
                        continue
            draft.add("topics", word)
    draft.loose = quotes_only


_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz")


def _understood(word: str, draft: Draft) -> str:
    """``word`` without what is clearly no topic: fingers run along the keyboard, verbs left alone."""
    kept: list[str] = []
    lost: list[str] = []
    for part in word.split(" "):
        garbage = len(part) > 3 and part.lower() != "qwerty" and any(part.lower() in row for row in _KEYS)
        (lost if garbage or part in lexicon.table("function_words")["unread"] else kept).append(part)
    if lost:
        draft.unread.append(" ".join(lost))
    return " ".join(kept)


def _parts(text: str) -> list[str]:
    parts = re.split(r"、|/|(?<=[^\s]{2})(?:和|与|跟|或者?|以及|及)(?=[^\s]{2})|\s(?:and|or|&)\s", text)
    return [p.strip() for p in parts if p and p.strip()]


def _hints(draft: Draft) -> None:
    """measure?, by_measure, trend: what they mean depends on the action."""
    slots_ = draft.slots
    hint = slots_.pop("measure?", ())
    slots_.pop("dimension?", None)
    by_measure = slots_.pop("by_measure", None)
    each = slots_.pop("each", ())
    if slots_.get("method") and draft.action in (None, "find"):
        draft.action = "segment"
    if draft.flags & {"own"} and draft.action in (None, "find"):
        draft.action = "stats"
    if each and draft.action in ("stats", "compare", None) and (draft.action or "measure" in slots_):
        draft.add("by", each)
    if "all platforms" in draft.flags and "platform" not in slots_.get("by", ()):
        draft.add("platforms", "all")
    if by_measure:
        if draft.action == "compare":
            draft.add("measure", by_measure)
        elif draft.action in ("stats", "segment") and by_measure in ("followers", "engagement", "influence"):
            draft.add("by", by_measure)
        else:
            slots_["sort"] = by_measure
    if draft.action == "find" and set(slots_.get("by", ())) & {"hour", "day", "week", "month"}:
        draft.action = "stats"
    if draft.action is None and ("by" in slots_ or "measure" in slots_):
        draft.action = "stats"
    if draft.action in ("stats", "compare"):
        if hint and not (slots_.get("measure") and hint == ("count",)):
            draft.add("measure", hint)
        if "share" in slots_.get("measure", ()) and "count" in slots_["measure"]:
            slots_["measure"] = tuple(m for m in slots_["measure"] if m != "count")
        if draft.action == "stats":
            slots_.setdefault("measure", ("count",))
            if "trend" in draft.flags and not set(slots_.get("by", ())) & {"hour", "day", "week", "month"}:
                draft.add("by", "day")
    elif draft.action not in ("segment",):
        by = slots_.pop("by", ())
        for word in by:
            if draft.action in ("find", "collect", "outreach") and word in ("followers", "engagement", "influence"):
                slots_.setdefault("sort", word)


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
    since, until = min(s.since for s in spans), max(s.until for s in spans)
    opened = [s for s in spans if s.form == "open"]
    if scheduled:
        form = next((s.form for s in spans if s.form and ":" in s.form), None)
        if form:
            draft.slots["window"] = form
        return
    if not opened and since > today:
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
