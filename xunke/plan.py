"""The Plan: what a sentence means, and the one validator that every plan passes.

The schema is the neutral one of the project's chat examples: an outcome, flat steps, refuse and clarify
codes. The offline parser, an optional language model, a saved schedule and a user's edit all come through
``decode``; nothing else makes a Plan from foreign data.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, Literal, get_args

import msgspec

from .errors import BadInput

Action = Literal[
    "collect", "find", "stats", "compare", "history", "segment", "outreach", "export", "save", "schedule",
    "jobs", "ab_test", "import", "suppress", "erase", "connect", "help", "undo", "explain", "work",
]  # fmt: skip
Explained = Literal[
    "why", "why_not", "versus", "term", "page", "silent", "more_topics", "backtest", "seeds", "cascade", "lookalike",
    "overlap", "seen", "empty",
]  # fmt: skip
"""What ``explain`` answers; ``xunke/answers`` has a function for each."""
Work = Literal[
    "today", "next", "touch", "outcome", "draft", "check", "preflight", "limits", "neglected", "note",
    "queue", "context", "lists", "segments", "value", "stage", "persona", "campaign", "calendar", "experiment",
    "review", "followers", "report", "retention", "held", "consent", "snippet", "audit",
    "followup",
]  # fmt: skip
"""What ``work`` does with people who were found; ``xunke/actions/winning.py`` has a function for each."""
Outcome = Literal["run", "partial", "refuse", "clarify"]
RefuseCode = Literal[
    "mass_contact", "fake_engagement", "private_data", "bypass_controls", "sensitive_profiling", "minors",
    "harassment", "ignore_opt_out", "unsafe_address", "out_of_scope",
]  # fmt: skip
ClarifyCode = Literal["subject", "referent", "account", "variants", "scope", "time_conflict", "number_conflict"]
Platform = Literal[
    "all", "llm", "weibo", "xiaohongshu", "douyin", "kuaishou", "bilibili", "zhihu", "douban", "tieba",
    "wechat_mp", "wechat_channels", "toutiao", "smzdm", "v2ex", "mastodon", "bluesky", "reddit", "x", "youtube",
    "instagram", "tiktok", "facebook", "threads", "telegram", "pixelfed", "lemmy", "hackernews", "linkedin",
]  # fmt: skip
Target = Literal["posts", "people", "comments"]
Sort = Literal[
    "likes", "comments", "shares", "saves", "views", "engagement", "engagement_rate", "followers",
    "follower_growth", "influence", "post_count", "time", "relevance",
]  # fmt: skip
Measure = Literal[
    "count", "share", "likes", "comments", "shares", "saves", "views", "engagement", "engagement_rate",
    "sentiment", "followers", "follower_growth",
]  # fmt: skip
By = Literal[
    "hour", "day", "week", "month", "platform", "region", "gender", "age", "tier", "tag", "topic", "keyword",
    "account", "sentiment", "media", "interest", "occupation", "segment", "engagement", "activity", "influence",
    "followers",
]  # fmt: skip
Drop = Literal["ads", "duplicates", "bots", "marketing", "reposts", "brand_accounts", "contacted"]
Tier = Literal["nano", "koc", "tail", "waist", "head", "kol"]
Method = Literal["rfm", "kmeans", "hierarchical", "dbscan", "topic_model", "community", "rules", "value", "stage"]
Format = Literal["xlsx", "csv", "json", "jsonl", "md", "html", "pdf", "parquet"]
Metric = Literal["engagement_rate", "click_rate", "reply_rate", "conversion_rate", "likes", "views"]
HistoryMetric = Literal["followers", "engagement", "likes", "comments", "posts"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Window = Literal["this:day", "prev:day", "this:week", "prev:week", "this:month", "prev:month"]

Words = tuple[str, ...]
MAX_STEPS: Final = 20
MAX_WORD: Final = 500
MAX_WORDS: Final = 200
MAX_NUMBER: Final = 10**12


class Step(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One step. Which slots an action may have is in ``SLOTS``; a slot at its default was not said.

    ``needs`` and ``life_events`` are what the author tells, of each any will do; the neutral schema has no such slots.
    ``explain`` is an action of ours (a question about what is shown): ``ranks`` are places in the result on the screen,
    ``topic`` is the term that is asked for. ``work`` is ours, too: ``do`` says what, ``op`` how, ``topic`` holds words
    of the user's own (a note, a draft to be checked), ``amount`` money, ``minutes`` and ``days`` time, ``fields`` pairs
    of a name in ``WORK_FIELDS`` and what was said of it.
    """

    action: Action
    target: Target | None = None
    input: Literal["last", "last_plan"] | None = None
    source: str | None = None
    platforms: tuple[Platform, ...] = ()
    tags: Words = ()
    topics: Words = ()
    keywords: Words = ()
    match: Literal["all", "any"] | None = None
    exclude: Words = ()
    groups: Words = ()
    accounts: Words = ()
    content_lang: str | None = None
    media: Literal["video", "image", "text", "live"] | None = None
    verified: bool | None = None
    drop: tuple[Drop, ...] = ()
    sentiment: Literal["positive", "negative", "neutral"] | None = None
    needs: Words = ()
    life_events: Words = ()
    region: Words = ()
    region_exclude: Words = ()
    city_tier: Words = ()
    gender: Literal["female", "male"] | None = None
    age_min: int | None = None
    age_max: int | None = None
    occupation: Words = ()
    interests: Words = ()
    tier: tuple[Tier, ...] = ()
    followers_min: int | None = None
    followers_max: int | None = None
    likes_min: int | None = None
    comments_min: int | None = None
    shares_min: int | None = None
    saves_min: int | None = None
    views_min: int | None = None
    engagement_rate_min: float | None = None
    posts_min: int | None = None
    since: date | None = None
    until: date | None = None
    window: Window | None = None
    sort: Sort | None = None
    order: Literal["asc", "desc"] | None = None
    limit: int | None = None
    by: tuple[By, ...] = ()
    measure: tuple[Measure, ...] = ()
    items: Words = ()
    dimension: str | None = None
    periods: tuple[tuple[date, date], ...] = ()
    with_: Literal["own"] | None = msgspec.field(name="with", default=None)
    metrics: tuple[HistoryMetric, ...] = ()
    method: Method | None = None
    k: int | None = None
    purpose: str | None = None
    require_contact: bool | None = None
    format: str | None = None
    path: str | None = None
    columns: Words = ()
    split_by: Literal["segment"] | None = None
    name: str | None = None
    every: str | None = None
    at: str | None = None
    on: tuple[Weekday, ...] = ()
    day: int | None = None
    notify: bool | None = None
    op: str | None = None
    variants: Words = ()
    arms: int | None = None
    metric: Metric | None = None
    split: tuple[float, ...] = ()
    baseline: float | None = None
    mde: float | None = None
    confidence: float | None = None
    data: tuple[tuple[str, int, int], ...] = ()
    instance: str | None = None
    model: str | None = None
    endpoint: str | None = None
    older_than_days: int | None = None
    topic: str | None = None
    what: Explained | None = None
    ranks: tuple[int, ...] = ()
    page: int | None = None
    do: Work | None = None
    kind: str | None = None
    amount: float | None = None
    minutes: float | None = None
    days: int | None = None
    fields: tuple[tuple[str, str], ...] = ()


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A whole request. ``unparsed`` are the words nobody understood.

    For showing only: it is not part of the neutral schema and never decides what runs.
    """

    outcome: Outcome
    steps: tuple[Step, ...] = ()
    refuse: tuple[RefuseCode, ...] = ()
    clarify: tuple[ClarifyCode, ...] = ()
    unparsed: Words = ()


_WHAT = (
    "platforms tags topics keywords match exclude groups accounts content_lang media verified drop sentiment "
    "needs life_events"
)
_WHO = "region region_exclude city_tier gender age_min age_max occupation interests tier followers_min followers_max"
_MUCH = "likes_min comments_min shares_min saves_min views_min engagement_rate_min posts_min"
_WHEN = "since until window"
_RANK = "sort order limit"
FILTERS: Final = frozenset(f"{_WHAT} {_WHO} {_MUCH} {_WHEN}".split())
RANK: Final = frozenset(_RANK.split())
_SRC: Final = frozenset({"input", "source"})


def _slots(words: str, *more: frozenset[str]) -> frozenset[str]:
    return frozenset(words.split()).union(*more)


OURS: Final = frozenset({"needs", "life_events"})
"""Slots that the neutral schema does not know."""
OURS_IN: Final = {"suppress": frozenset({"input", "ranks"})}
"""The same of one action: everybody in the result on the screen is put on the do-not-contact list, or who is at these
places of it."""
SLOTS: Final[dict[Action, frozenset[str]]] = {
    "collect": _slots("target", FILTERS, RANK),
    "find": _slots("target", _SRC, FILTERS, RANK),
    "stats": _slots("target by measure", _SRC, FILTERS, RANK),
    "compare": _slots("items dimension periods by measure", _SRC, FILTERS),
    "history": _slots(f"{_WHEN} platforms accounts with metrics by"),
    "segment": _slots("target method k by", _SRC, FILTERS, RANK),
    "outreach": _slots("purpose require_contact", _SRC, FILTERS, RANK),
    "export": _slots("format path columns split_by", _SRC),
    "save": _slots("name", _SRC),
    "schedule": _slots("input every at on day until notify"),
    "jobs": _slots("op name"),
    "ab_test": _slots("op variants arms metric split baseline mde confidence data", _SRC, FILTERS),
    "import": _slots("format path"),
    "suppress": _slots("op accounts path input ranks"),
    "erase": _slots("target platforms accounts older_than_days"),
    "connect": _slots("platforms instance model endpoint"),
    "help": _slots("topic"),
    "undo": frozenset(),
    "explain": _slots("what accounts ranks topic page op limit name", _SRC),
    "work": _slots(
        f"do accounts ranks topic op limit name kind amount minutes days format path items fields {_WHEN}", _SRC
    ),
}
OPS: Final[dict[Action, frozenset[str]]] = {
    "jobs": frozenset({"list", "pause", "resume", "cancel", "run"}),
    "ab_test": frozenset({"design", "evaluate", "sample_size"}),
    "suppress": frozenset({"add", "remove", "list"}),
}
WORK_FIELDS: Final = frozenset({
    "list", "from", "people", "other", "without", "hold_out", "quota", "quota_of", "expires", "purpose", "rename",
    "group", "offer", "cadence", "segment", "names", "english", "goal", "kpi", "target", "channels", "owner",
    "statement",
    "variant", "arms", "go", "baseline", "evidence", "talk_day", "follow_day", "reply_day", "engage_day", "person_day",
    "person_week", "person_month", "quiet_from", "quiet_to", "posts", "comments", "touches", "then",
})  # fmt: skip
"""What ``fields`` of a ``work`` step may name."""
_WORK_ASKS: Final = frozenset({
    ("retention", "run"), ("report", None), ("calendar", "export"), ("held", "export"), ("lists", "drop"),
    ("segments", "drop"),
})  # fmt: skip
_TURNS: Final = frozenset({None, "next", "previous"})
"""``op`` of a page that is asked for without its number."""
_EVERY = re.compile(r"[1-9]\d{0,3}[hdwm]\Z")
_AT = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
_COUNTS = frozenset({
    "age_min", "age_max", "followers_min", "followers_max", "likes_min", "comments_min", "shares_min", "saves_min",
    "views_min", "posts_min", "limit", "k", "arms", "day", "page", "days",
})  # fmt: skip
MAX_LIMIT: Final = 1_000_000


def asks_first(step: Step) -> bool:
    """Whether a ``work`` step deletes or writes a file; what else it changes, ``undo`` takes back."""
    return (step.do, step.op) in _WORK_ASKS


def said(step: Step) -> dict[str, Any]:
    """The slots of ``step`` that were said, by their schema names, as plain JSON values (``action`` left out)."""
    slots: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(step))
    del slots["action"]
    return slots


def encode(plan: Plan, *, neutral: bool = True) -> dict[str, Any]:
    """``plan`` as JSON values. ``neutral``: exactly the schema of the examples, without what is ours alone."""
    out: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plan))
    out.setdefault("steps", [])
    if neutral:
        out.pop("unparsed", None)
        out["steps"] = [_neutral(step) for step in out["steps"]]
    return out


def _neutral(step: dict[str, Any]) -> dict[str, Any]:
    if step["action"] in ("explain", "help", "work"):
        return {"action": "help"}
    return {k: v for k, v in step.items() if k not in OURS | OURS_IN.get(step["action"], frozenset())}


def decode(data: bytes | str | dict[str, Any]) -> Plan:
    """Make a valid Plan of JSON text or values.

    Raises BadInput("plan.invalid") naming the first thing that is wrong; never lets an unknown action, an
    unknown or misplaced slot, a wrong type, a number out of range or too many steps through.
    """
    try:
        if isinstance(data, dict):
            plan = msgspec.convert(data, Plan, strict=True)
        else:
            plan = msgspec.json.decode(data, type=Plan, strict=True)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise BadInput("plan.invalid", detail=str(error)[:200]) from None
    return check(plan)


def check(plan: Plan) -> Plan:
    """Return ``plan`` if it obeys the schema; raise BadInput("plan.invalid") otherwise."""

    def no(detail: str) -> BadInput:
        return BadInput("plan.invalid", detail=detail)

    runs = plan.outcome in ("run", "partial")
    if runs != bool(plan.steps):
        raise no("steps do not fit the outcome")
    if bool(plan.refuse) != (plan.outcome in ("refuse", "partial")):
        raise no("refuse codes do not fit the outcome")
    if bool(plan.clarify) != (plan.outcome == "clarify"):
        raise no("clarify codes do not fit the outcome")
    if len(plan.steps) > MAX_STEPS:
        raise no(f"{len(plan.steps)} steps, at most {MAX_STEPS}")
    for index, step in enumerate(plan.steps):
        problem = _problem(index, step, {s.action for s in plan.steps})
        if problem:
            raise no(f"step {index + 1} {step.action}: {problem}")
    return plan


def _problem(index: int, step: Step, actions: set[Action]) -> str | None:
    slots = said(step)
    misplaced = slots.keys() - SLOTS[step.action]
    if misplaced:
        return f"slot {min(misplaced)} does not belong here"
    for name, value in slots.items():
        words = value if isinstance(value, list) else [value]
        if len(words) > MAX_WORDS or any(isinstance(w, str) and not 0 < len(w) <= MAX_WORD for w in words):
            return f"slot {name} is empty or too long"
        if (
            name in _COUNTS
            and not (1 if name in ("limit", "k", "arms", "day", "page", "age_min", "age_max") else 0)
            <= value
            <= MAX_NUMBER
        ):
            return f"slot {name} is out of range"
    return _number_problem(step) or _shape_problem(index, step, actions)


def _number_problem(step: Step) -> str | None:
    if step.limit is not None and step.limit > MAX_LIMIT:
        return f"limit above {MAX_LIMIT}"
    if step.age_max is not None and (step.age_max > 130 or (step.age_min or 0) > step.age_max):
        return "age range"
    if any(part is not None and not 0 <= part <= MAX_NUMBER for part in (step.amount, step.minutes)):
        return "amount or minutes out of range"
    if step.followers_max is not None and (step.followers_min or 0) > step.followers_max:
        return "followers range"
    if step.day is not None and step.day > 31:
        return "day of month"
    if step.split and abs(sum(step.split) - 100) > 1e-6:
        return "split does not add up to 100"
    if any(hits > n or hits < 0 for _, n, hits in step.data):
        return "more hits than people"
    rates = (step.engagement_rate_min, step.baseline, step.mde, step.confidence)
    if any(rate is not None and not 0 <= rate <= 1 for rate in rates):
        return "a rate lies between 0 and 1"
    return None


def _shape_problem(index: int, step: Step, actions: set[Action]) -> str | None:
    if step.since and step.until and step.since > step.until:
        return "ends before it starts"
    if any(start > end for start, end in step.periods):
        return "a period ends before it starts"
    if step.input and index > 0:
        return "input stands on the first step only"
    if step.input == "last_plan" and step.action != "schedule":
        return "last_plan belongs to schedule"
    if step.action in OPS and step.op not in OPS[step.action]:
        return f"op {step.op}"
    if step.action == "explain" and (step.what is None or step.op not in _TURNS):
        return f"what {step.what} op {step.op}"
    if step.action == "work" and step.do is None:
        return "do is missing"
    if any(name not in WORK_FIELDS or not 0 < len(said) <= MAX_WORD for name, said in step.fields):
        return "fields"
    if any(not 1 <= rank <= MAX_LIMIT for rank in step.ranks):
        return "slot ranks is out of range"
    if step.format is not None and step.action == "export" and step.format not in get_args(Format):
        return f"format {step.format}"
    if step.every is not None and not _EVERY.match(step.every):
        return f"every {step.every}"
    if step.at is not None and not _AT.match(step.at):
        return f"at {step.at}"
    if step.window and "schedule" not in actions:
        return "window belongs to a schedule"
    return None
