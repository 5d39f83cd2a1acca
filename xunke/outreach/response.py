"""Whether somebody will answer a step: learned from what was logged, and only used when it beats the base rate.

One row is one touch of the ladder whose fortnight is over; it was answered if a good reaction came within it and before
the next touch. Every feature is what was known when the touch was made: nothing after it is read. The rule-based
reachability is one feature, with the prior that it is right; without data the model says what the rule says.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from xunke.clock import DAY, day_of, moment
from xunke.storage import Project
from xunke.storage.persons import OWN, people_map
from xunke.storage.schema import KINDS

from . import logistic
from .dormancy import rhythm
from .lifecycle import ENGAGED_ACTS, ENGAGED_DAYS, ENGAGED_ON
from .logistic import Fit
from .touches import CHANNELS, GOOD, LADDER, Touch, outcomes, touches

KIND: Final = "response"
WAIT: Final = 14 * DAY
LEAST: Final = 30
LEAST_ANSWERS: Final = 10
WINDOW: Final = 90 * DAY
NEED_DAYS: Final = 30 * DAY
_EVER: Final = -(2**62)
SURE: Final = 1.2816
"""The gain over the base rate must be above nought by so many standard errors (90 %, one-sided)."""
BLOCKS: Final = 4
FEATURES: Final[Mapping[str, tuple[float, float]]] = {
    "rule": (0.5, 0.5), "answers": (0.0, 0.5), "posts": (0.0, 0.5), "quiet": (0.0, 0.5), "size": (0.0, 0.5),
    "size_unknown": (0.0, 0.5), "ratio": (0.0, 0.5), "score": (0.0, 0.5), "need": (0.0, 0.5), "knows_us": (0.0, 0.5),
    "touched": (0.0, 0.5), "unanswered": (0.0, 0.5), "answered": (0.0, 0.5), "evening": (0.0, 0.5),
    "private": (0.0, 0.5), "follows": (0.0, 0.5), "engaged": (0.0, 0.5), "asleep": (0.0, 0.5),
    "step_reply": (0.0, 0.5), "step_engage": (0.0, 0.5), "step_talk": (0.0, 0.5),
    "step_offer": (0.0, 0.5),
}  # fmt: skip
"""{feature: mean and standard deviation of its prior}; scales are fixed, about 1 apart (``row_of``)."""
INTERCEPT: Final = (-1.5, 1.5)
Known = list[tuple[int, int]]
"""(time, value) in the order of time."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: will ``account`` answer ``step`` made at ``t`` (UTC seconds)? ``score``: in the list it is from.
    ``timed``: whether the hour of ``t`` means anything.
    """

    account: int
    t: int
    step: str
    channel: str | None = None
    score: float | None = None
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Model:
    """What is in use. ``until``: the second up to which outcomes were read; it says nothing of earlier times."""

    fit: Fit
    n: int
    answers: int
    base: float
    until: int
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A fit and what held-out later touches say of it. ``state``: few (not enough data: ``n``, ``answers``), worse (no
    better than the base rate), better. ``gain``: mean log loss less than the base rate's, ``gain_low`` its lower bound;
    Brier, log loss and ECE of model and base on the held-out touches; ``bins`` (people, said, came).
    """

    state: str
    n: int
    answers: int
    held_out: int = 0
    held_answers: int = 0
    gain: float = 0.0
    gain_low: float = 0.0
    brier: float = 0.0
    brier_base: float = 0.0
    loss: float = 0.0
    loss_base: float = 0.0
    ece: float = 0.0
    bins: tuple[tuple[int, float, float], ...] = ()
    fit: Fit | None = None


# -- what was known at a second ------------------------------------------------------------------------------------


class Past:
    """What is known of people, cut at any second: read once, asked often. ``first``: no question is of a second before
    it (None: of any), so that needs of long ago need not be read.
    """

    def __init__(self, project: Project, accounts: Iterable[int], *, first: int | None = None) -> None:
        self.persons = people_map(project)
        listed = {"who": json.dumps(self.persons.spread(accounts))}
        among = "in (select value from json_each(:who))"
        self.posts: dict[int, list[int]] = defaultdict(list)
        self.comments: dict[int, list[int]] = defaultdict(list)
        self.needs: dict[int, list[int]] = defaultdict(list)
        for author, created, kind in project.query(
            f"select author, created, kind from post where author {among} and created is not null order by created",
            listed,
        ):
            one = self.persons.one(author)
            self.posts[one].append(created)
            if kind == "comment":
                self.comments[one].append(created)
        for author, created in project.query(
            f"select p.author, p.created from post p join feature f on f.post = p.id where p.author {among} "
            "and p.created >= :old and (json_array_length(f.detail, '$.needs') > 0 "
            "or json_array_length(f.detail, '$.life_events') > 0) order by p.created",
            listed | {"old": _EVER if first is None else first - NEED_DAYS - 1},
        ):
            self.needs[self.persons.one(author)].append(created)
        self.sizes: dict[int, list[tuple[int, int | None, int | None]]] = defaultdict(list)
        for account, t, followers, following in project.query(
            f"select account, t, followers, following from follower_snapshot where account {among} union "
            f"select id, fetched, followers, following from account where id {among} and fetched is not null "
            "order by 2, 1", listed,
        ):  # fmt: skip
            self.sizes[account].append((t, followers, following))
        self.dealt: dict[int, list[int]] = defaultdict(list)
        self.acted: dict[int, list[int]] = defaultdict(list)
        self.stays: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
        for actor, t, kind in project.query(
            f"select actor, t, kind from interaction where actor {among} and t > 0 and target in {OWN} order by t",
            listed,
        ):
            self.dealt[self.persons.one(actor)].append(t)
            if kind != KINDS["follow"]:
                self.acted[self.persons.one(actor)].append(t)
        for account, first, gone in project.query(f"select account, first, gone from follower where account {among}",
                                                  listed):  # fmt: skip
            self.stays[self.persons.one(account)].append((first, gone))
        wanted = set(self.persons.spread(accounts))
        self.touched: dict[int, list[int]] = defaultdict(list)
        for touch in touches(project):
            if touch.account in wanted and touch.happened:
                self.touched[self.persons.one(touch.account)].append(touch.t)
        self.reacted: dict[int, list[int]] = defaultdict(list)
        for outcome in outcomes(project):
            if outcome.account in wanted and outcome.kind in GOOD:
                self.reacted[self.persons.one(outcome.account)].append(outcome.t)

    def followers(self, account: int, t: int) -> tuple[int | None, int | None]:
        """(followers, following) of the account as last seen by ``t``."""
        seen = [row for row in self.sizes.get(account, ()) if row[0] <= t]
        followers = next((row[1] for row in reversed(seen) if row[1] is not None), None)
        return followers, next((row[2] for row in reversed(seen) if row[2] is not None), None)

    def stage(self, one: int, t: int) -> dict[str, float]:
        """The stage of a person (``outreach.lifecycle``) as it could be known before ``t``: follows us, engaged,
        asleep.
        """
        acted = self.acted.get(one, [])[: bisect_left(self.acted.get(one, []), t)]
        lately = [x for x in acted if x > t - ENGAGED_DAYS * DAY]
        pulse = rhythm([day_of(x) for x in acted], day_of(t))
        return {
            "follows": float(any(first < t and (gone is None or gone >= t) for first, gone in self.stays.get(one, ()))),
            "engaged": float(len(lately) >= ENGAGED_ACTS and len({day_of(x) for x in lately}) >= ENGAGED_ON),
            "asleep": float(pulse is not None and pulse.dormant),
        }


def _within(times: Sequence[int], t: int, window: int) -> int:
    """How many of ``times`` lie in the window that ends just before ``t``."""
    return bisect_left(times, t) - bisect_right(times, t - window - 1)


def features(past: Past, ask: Ask) -> dict[str, float]:
    """The features of one question, from what was known before ``ask.t``."""
    from .scoring import rule_reach

    one, t = past.persons.one(ask.account), ask.t
    followers, following = past.followers(ask.account, t)
    answers = _within(past.comments.get(one, ()), t, WINDOW)
    wrote = past.posts.get(one, [])
    before = bisect_left(wrote, t)
    quiet = (t - wrote[before - 1]) / DAY if before else 365.0
    touched = past.touched.get(one, [])[: bisect_left(past.touched.get(one, []), t)]
    reacted = past.reacted.get(one, [])[: bisect_left(past.reacted.get(one, []), t)]
    last = reacted[-1] if reacted else -1
    ratio = 0.0
    if followers is not None and following is not None:
        ratio = max(-2.0, min(2.0, math.log10((following + 1) / (followers + 1))))
    return {
        "rule": logistic.logit(rule_reach(answers, followers)),
        "answers": math.log1p(answers) / 2,
        "posts": math.log1p(_within(wrote, t, WINDOW)) / 2,
        "quiet": math.log1p(min(365.0, max(0.0, quiet))) / 3,
        "size": 0.0 if followers is None else (math.log10(followers + 1) - 3) / 2,
        "size_unknown": float(followers is None),
        "ratio": ratio,
        "score": 0.0 if ask.score is None else 2 * (ask.score - 0.5),
        "need": float(_within(past.needs.get(one, ()), t, NEED_DAYS) > 0),
        "knows_us": float(bisect_left(past.dealt.get(one, []), t) > 0),
        "touched": math.log1p(len(touched)),
        "unanswered": math.log1p(sum(x > last for x in touched)),
        "answered": float(bool(reacted)),
        "evening": float(ask.timed and 18 <= moment(t).hour <= 23),
        "private": float(ask.channel in CHANNELS),
        **past.stage(one, t),
        **{f"step_{step}": float(ask.step == step) for step in LADDER[1:]},
    }


def row_of(past: Past, ask: Ask) -> list[float]:
    """The features of a question in the order of ``FEATURES``."""
    found = features(past, ask)
    return [found[name] for name in FEATURES]


# -- learning ------------------------------------------------------------------------------------------------------


def examples(project: Project, now: int) -> list[tuple[Touch, int]]:
    """(touch, 1 if it was answered) of the ladder's touches whose fortnight was over by ``now``, in order of time."""
    persons = people_map(project)
    mine: dict[int, list[Touch]] = defaultdict(list)
    for touch in touches(project, until=now):
        if touch.happened:
            mine[persons.one(touch.account)].append(touch)
    answered: set[int] = set()
    for outcome in outcomes(project, until=now):
        if outcome.kind not in GOOD:
            continue
        before = [x for x in mine.get(persons.one(outcome.account), ()) if x.t <= outcome.t]
        named = [x for x in before if x.id == outcome.touch] if outcome.touch else before
        if named and outcome.t <= named[-1].t + WAIT:
            answered.add(named[-1].id)
    every = [x for group in mine.values() for x in group if x.step in LADDER and x.t + WAIT <= now]
    return [(x, int(x.id in answered)) for x in sorted(every, key=lambda x: (x.t, x.id))]


def _asks(project: Project, rows: Sequence[Touch]) -> list[Ask]:
    scores = {(a, b): (s, at) for a, b, s, at in project.query("select list, item, score, added from list_member")}

    def score(touch: Touch) -> float | None:
        value, added = scores.get((touch.list_id or 0, touch.account), (None, 0))
        return value if added <= touch.t else None

    return [Ask(x.account, x.t, x.step, x.channel, score(x)) for x in rows]


def learn(project: Project, now: int) -> Report:
    """Fit on everything known by ``now`` and test on held-out later touches; nothing is stored."""
    found = examples(project, now)
    n, answers = len(found), sum(y for _, y in found)
    if n < LEAST or answers < LEAST_ANSWERS or answers == n:
        return Report("few", n, answers)
    asks = _asks(project, [touch for touch, _ in found])
    past = Past(project, {ask.account for ask in asks})
    x, y = [row_of(past, ask) for ask in asks], [hit for _, hit in found]
    people = [past.persons.one(ask.account) for ask in asks]
    return judge(x, y, [ask.t for ask in asks], people)


def judge(x: Sequence[Sequence[float]], y: Sequence[int], times: Sequence[int], people: Sequence[int]) -> Report:
    """Fit on all rows (in the order of time); test each later block on a fit of what was over before it began."""
    n = len(y)
    said: list[float] = []
    base: list[float] = []
    held: list[int] = []
    for block in range(BLOCKS):
        first, last = n // 2 + block * (n - n // 2) // BLOCKS, n // 2 + (block + 1) * (n - n // 2) // BLOCKS
        train = [i for i in range(first) if times[i] + WAIT <= times[first]] if first < last else []
        if len(train) < LEAST // 2:
            continue
        model = fit([x[i] for i in train], [y[i] for i in train])
        rate = (sum(y[i] for i in train) + 0.5) / (len(train) + 1)
        for i in range(first, last):
            held.append(i)
            said.append(model.chance(x[i]))
            base.append(rate)
    whole = fit(x, y)
    if len(held) < LEAST // 3 or not 0 < sum(y[i] for i in held) < len(held):
        return Report("few", n, sum(y), len(held), sum(y[i] for i in held))
    truth = [y[i] for i in held]
    gains = [b - a for a, b in zip(logistic.losses(said, truth), logistic.losses(base, truth), strict=True)]
    mean = sum(gains) / len(gains)
    low = mean - SURE * _clustered(gains, [people[i] for i in held])
    parts = logistic.bins(said, truth)
    return Report(
        "better" if low > 0 else "worse", n, sum(y), len(held), sum(truth), mean, low, logistic.brier(said, truth),
        logistic.brier(base, truth), sum(logistic.losses(said, truth)) / len(truth),
        sum(logistic.losses(base, truth)) / len(truth), logistic.calibration_error(parts),
        tuple((b.n, round(b.said, 4), round(b.came, 4)) for b in parts), whole,
    )  # fmt: skip


def fit(x: Sequence[Sequence[float]], y: Sequence[int]) -> Fit:
    """The fit under the priors of ``FEATURES``."""
    means, spreads = zip(INTERCEPT, *FEATURES.values(), strict=True)
    return logistic.fit(x, y, means, spreads)


def _clustered(values: Sequence[float], people: Sequence[int]) -> float:
    """The standard error of a mean whose values come in clusters, one for each person."""
    mean, sums = sum(values) / len(values), dict[int, float]()
    for value, person in zip(values, people, strict=True):
        sums[person] = sums.get(person, 0.0) + value - mean
    k = len(sums)
    return math.sqrt(sum(s * s for s in sums.values()) * k / max(1, k - 1)) / len(values)


# -- using ---------------------------------------------------------------------------------------------------------


def body_of(report: Report, now: int) -> tuple[str, str, str]:
    """(basis, body, report) as the table ``model`` keeps them. Raises ValueError for a report without a fit."""
    if report.fit is None:
        raise ValueError("no fit")
    body = {
        "names": list(FEATURES), "beta": report.fit.beta, "cov": report.fit.cov, "n": report.n,
        "answers": report.answers, "until": now,
    }  # fmt: skip
    told = {k: v for k, v in asdict(report).items() if k != "fit"}
    return f"touch:{report.n}:{report.answers}:{now}", json.dumps(body), json.dumps(told)


def current(project: Project) -> Model | None:
    """The model in use, or None: then the rule-based reachability counts."""
    rows = project.query("select body, report from model where kind = ?", (KIND,))
    if not rows:
        return None
    body = json.loads(rows[0][0])
    if body["names"] != list(FEATURES):  # made by another version: its numbers mean something else
        return None
    fitted = Fit(tuple(body["beta"]), tuple(tuple(row) for row in body["cov"]))
    return Model(fitted, body["n"], body["answers"], body["answers"] / body["n"], body["until"], json.loads(rows[0][1]))


def chances(project: Project, model: Model, asks: Sequence[Ask]) -> list[tuple[float, float, float]]:
    """(probability, low, high) of each question, 90 %."""
    past = Past(project, {ask.account for ask in asks})
    rows = [row_of(past, ask) for ask in asks]
    return [(model.fit.chance(row), *model.fit.interval(row)) for row in rows]


def parts(project: Project, model: Model, ask: Ask) -> list[tuple[str, float, float]]:
    """(feature, its value, what it adds to the log odds) of one question, the strongest first."""
    found = features(Past(project, [ask.account]), ask)
    rows = [(name, found[name], model.fit.beta[i] * found[name]) for i, name in enumerate(FEATURES, 1)]
    return sorted((row for row in rows if abs(row[2]) >= 0.005), key=lambda row: (-abs(row[2]), row[0]))
