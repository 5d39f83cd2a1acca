"""What to do about our people: who went and why as far as rows tell, whom to wake and how, who speaks for us unpaid.

Reasons are codes from evidence, several at once where several hold, none where nothing is known: nobody is asked what
they think. Rates of return stand beside those of people left alone, as some come back by themselves.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from xunke.clock import DAY, day_of, end_of, start_of
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map
from xunke.storage.schema import KINDS

from . import cohorts, followers, gate_facts, touches
from .curve import read
from .dormancy import Rhythm, rhythm
from .experiments import difference, wilson
from .orders import orders
from .people import barred, load
from .value import value_of

MARK: Final = 0.23
"""«说法»: the share of woken members that the trade tells of; a yardstick, not a promise."""
TOLD: Final = 10
"""People woken from which on their return is held against anything."""
RETURN_DAYS: Final = 30
"""So long after a touch a return counts."""
BURST_DAYS: Final = 30
ANSWER_DAYS: Final = 7
ELSEWHERE_DAYS: Final = 30
THANK_DAYS: Final = 30
Split = Literal["high", "middle", "low"]
SPLITS: Final[tuple[Split, ...]] = ("high", "middle", "low")
REMEDIES: Final = ("complaint", "burst", "inactive", "elsewhere", "unknown")
"""The reasons, the one that is to be seen to first in front."""
TIERS: Final = ("core", "active", "light", "asleep", "quiet")
_PAID: Final = re.compile(
    r"广告|#?合作\b|商务合作|品牌合作|商单|恰饭|赞助|推广|体验官|免费试用|试用官|甲方|\bad\b|\bsponsored\b|\bgifted\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A post in which somebody speaks to or of us; ``mood``: label of the analysis, None before it; ``paid``: it says
    that it is an advertisement or a cooperation."""

    post: int
    account: int
    t: int
    text: str
    kind: str
    mood: str | None
    paid: bool


def words(project: Project, own: Sequence[int], until: int, accounts: Sequence[int] | None = None) -> list[Words]:
    """Posts that answer, name, repost or quote ``own``, oldest first."""
    names = {code: name for name, code in KINDS.items()}
    rows = project.query(
        "select p.id, p.author, p.created, p.text, min(i.kind), f.label from interaction i "
        "join post p on p.author = i.actor and p.created = i.t left join feature f on f.post = p.id "
        "where i.target in (select value from json_each(:own)) and i.t between 1 and :until and i.kind < 5 "
        "and p.gone is null and (:who is null or i.actor in (select value from json_each(:who))) "
        "group by p.id order by p.created, p.id",
        {"own": json.dumps(list(own)), "until": until, "who": None if accounts is None else json.dumps(list(accounts))},
    )
    return [Words(n, a, t, text, names[k], mood, bool(_PAID.search(text))) for n, a, t, text, k, mood in rows]


# -- who went --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody who left or sleeps. ``since``: the day from which that is known; ``reasons``: codes of ``REMEDIES``;
    ``posts``: complaints behind them."""

    account: int
    how: Literal["left", "asleep"]
    since: date
    reasons: tuple[str, ...]
    posts: tuple[int, ...] = ()


def lost(project: Project, own: int, today: date) -> list[Lost]:
    """Who left or sleeps, newest first, with reasons."""
    until = end_of(today)
    asleep = cohorts.sleeping(cohorts.acts(project, [own], today), today)
    gone = {m.account: m for m in reversed(followers.left(project, own, until=until).found) if not m.again}
    everyone = sorted({*asleep, *gone})
    spread = people_map(project)
    accounts = spread.spread(everyone)
    bursts = [(start_of(o.day - timedelta(days=1)), end_of(o.day)) for o in read(followers.counts(project, own)).odd
              if o.change > 0]  # fmt: skip
    came = {m.account: m for m in followers.came(project, own).found}
    unanswered = _unanswered(project, own, until, accounts)
    alive = _alive(project, own, accounts, until)
    found = []
    for who in everyone:
        reasons = []
        move, coming = gone.get(who), came.get(who)
        if (
            move
            and coming
            and move.by - coming.after <= BURST_DAYS * DAY
            and any(coming.after <= b and a <= coming.by for a, b in bursts)
        ):
            reasons.append("burst")
        bad = [post for a in spread.all(who) for post in unanswered.get(a, ())]
        if bad:
            reasons.append("complaint")
        seen = max((alive.get(a, 0) for a in spread.all(who)), default=0)
        if seen >= until - ELSEWHERE_DAYS * DAY:
            reasons.append("elsewhere")
        elif seen and seen < until - 60 * DAY:
            reasons.append("inactive")
        day = day_of(move.by) if move else asleep[who].last
        how: Literal["left", "asleep"] = "left" if move else "asleep"
        found.append(Lost(who, how, day, tuple(reasons) or ("unknown",), tuple(bad[:5])))
    return sorted(found, key=lambda one: (-one.since.toordinal(), one.account))


def _unanswered(project: Project, own: int, until: int, accounts: Sequence[int]) -> dict[int, list[int]]:
    """{account: their negative words to us that nobody of us answered within ``ANSWER_DAYS``}."""
    ours: dict[int, list[int]] = defaultdict(list)
    listed = json.dumps(list(accounts))
    for target, t in project.query(
        "select target, t from interaction where actor = ? and t > 0 and target in (select value from json_each(?))",
        (own, listed),
    ):
        ours[target].append(t)
    for one in touches.touches(project, until=until):
        if one.happened:
            ours[one.account].append(one.t)
    found: dict[int, list[int]] = defaultdict(list)
    for said in words(project, [own], until, accounts):
        answered = any(said.t <= t <= said.t + ANSWER_DAYS * DAY for t in ours[said.account])
        if said.mood == "negative" and not answered:
            found[said.account].append(said.post)
    return found


def _alive(project: Project, own: int, accounts: Sequence[int], until: int) -> dict[int, int]:
    """{account: when they last did anything that was not with us}."""
    rows = project.query(
        "select who, max(t) from (select actor as who, t from interaction where actor in (select value from "
        "json_each(:who)) and target <> :own and kind <> 6 and t between 1 and :until union all "
        "select author, created from post where author in (select value from json_each(:who)) and reply_to is null and "
        "created between 1 and :until) group by who",
        {"who": json.dumps(list(accounts)), "own": own, "until": until},
    )
    return {row[0]: row[1] for row in rows}


# -- whom to wake ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sleeper:
    """Somebody to wake: their third by value, their rhythm, days with an act, what they bought (CNY)."""

    account: int
    split: Split
    rhythm: Rhythm
    acts: int
    spent: float
    follows: bool


@dataclass(frozen=True, slots=True)
class Sleepers:
    """Whom to wake, the most valuable first; left out: ``declined`` say 勿扰 in their profile, ``unwanted`` are of
    negative value (spam, hostile, or touched in vain: a complaint is to be seen to first)."""

    found: tuple[Sleeper, ...]
    declined: int
    unwanted: int


def sleepers(project: Project, own: int, today: date) -> Sleepers:
    """Those who sleep, in thirds by their value (``outreach.value``). Ties stay in the upper third."""
    asleep = cohorts.sleeping(cohorts.acts(project, [own], today), today)
    profile = load(project, list(asleep))
    willing = [who for who in asleep if not (who in profile and profile[who].declines)]
    value = value_of(project, willing, today)
    worth = {who: value[who].total if who in value else 0.0 for who in willing}
    kept = [who for who in willing if who not in value or value[who].kind != "negative"]
    persons = people_map(project)
    bought: dict[int, float] = defaultdict(float)
    for paid in orders(project, end_of(today)):
        bought[paid.person] += paid.amount or 0.0
    here = {persons.one(row[0]) for row in project.query(
        "select account from follower where own = ? and gone is null", (own,))}  # fmt: skip
    order = sorted((worth[who] for who in kept), reverse=True)
    third = (len(order) + 2) // 3
    cuts = [order[min(third * k, len(order)) - 1] for k in (1, 2)] if order else []

    def split(who: int) -> Split:
        return "high" if worth[who] >= cuts[0] else "middle" if worth[who] >= cuts[1] else "low"

    found = [Sleeper(who, split(who), asleep[who], asleep[who].days, bought[who], who in here) for who in kept]
    found.sort(key=lambda s: (SPLITS.index(s.split), -worth[s.account], s.account))
    return Sleepers(tuple(found), len(asleep) - len(willing), len(willing) - len(kept))


@dataclass(frozen=True, slots=True)
class Woken:
    """Of ``n`` sleepers ``back`` acted on us again within ``RETURN_DAYS`` days. ``group``: "touched" or "alone" (not
    touched in the same time: those who come back by themselves), "left" (left, touched) or "left_alone"."""

    group: str
    n: int
    back: int
    share: float | None
    low: float
    high: float


def woken(project: Project, own: int, today: date) -> list[Woken]:
    """What waking brought so far: sleepers that were touched beside sleepers left alone, and those who had left."""
    found = cohorts.acts(project, [own], today)
    persons = people_map(project)
    done = [one for one in touches.touches(project, until=end_of(today)) if one.happened]
    first: dict[int, date] = {}
    for one in done:
        who, day = persons.one(one.account), day_of(one.t)
        before = rhythm(found.get(who, ()), day)
        if who not in first and before is not None and before.dormant and (today - day).days >= RETURN_DAYS:
            first[who] = day
    good = {(persons.one(o.account), day_of(o.t)) for o in touches.outcomes(project) if o.kind in touches.GOOD}
    then = today - timedelta(days=RETURN_DAYS)
    touched = {persons.one(one.account) for one in done}
    alone = {who: then for who, days in found.items() if who not in touched and _slept(days, then)}
    rows = [_back("touched", first, found, good), _back("alone", alone, found, good)]
    moves = followers.left(project, own, until=end_of(then))
    latest: dict[int, followers.Move] = {}
    for move in reversed(moves.found):
        latest[move.account] = move
    tried: dict[int, int] = {}
    for one in done:
        who = persons.one(one.account)
        tried[who] = max(one.t, tried.get(who, one.t))
    after = {who: who in tried and tried[who] >= move.after for who, move in latest.items()}
    for name, wanted in (("left", True), ("left_alone", False)):
        group = [latest[who] for who, came in after.items() if came is wanted]
        n, back = len(group), sum(m.again for m in group)
        rows.append(Woken(name, n, back, back / n if n else None, *wilson(back, n)))
    return rows


def against(rows: Sequence[Woken]) -> tuple[str, str]:
    """What the return of those we woke says: beside the mark ("few", "above", "below", "near") and beside those left
    alone ("few", "more", "less", "same"); intervals of 95 %, below ``TOLD`` people nothing.
    """
    of = {row.group: row for row in rows}
    touched, alone = of["touched"], of["alone"]
    if touched.n < TOLD:
        return "few", "few"
    mark = "above" if touched.low > MARK else "below" if touched.high < MARK else "near"
    if alone.n < TOLD:
        return mark, "few"
    _, low, high = difference(alone.back, alone.n, touched.back, touched.n)
    return mark, "more" if low > 0 else "less" if high < 0 else "same"


def _slept(days: Sequence[date], then: date) -> bool:
    one = rhythm(days, then)
    return one is not None and one.dormant


def _back(
    name: str, since: Mapping[int, date], found: Mapping[int, Sequence[date]], good: set[tuple[int, date]]
) -> Woken:
    def returned(who: int, day: date) -> bool:
        last = day + timedelta(days=RETURN_DAYS)
        return any(day < d <= last for d in found.get(who, ())) or any(w == who and day <= d <= last for w, d in good)

    n, back = len(since), sum(returned(who, day) for who, day in since.items())
    return Woken(name, n, back, back / n if n else None, *wilson(back, n))


# -- who speaks for us -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Advocate:
    """Somebody who speaks well of us and says nothing of pay. ``posts``: positive words; ``others``: distinct people
    who acted on their words about us; ``brought``: those of them whose first dealing with us came after; ``thanked``:
    when we last turned to them (None: never)."""

    account: int
    posts: tuple[int, ...]
    others: int
    brought: int
    followers: int | None
    thanked: date | None
    due: bool


def advocates(project: Project, own: int, today: date, *, least: int = 2) -> tuple[list[Advocate], int]:
    """Those with at least ``least`` positive posts to or of us, no paid or negative one and no complaint that
    waits, those who reach and bring most first; and how many were left out as something of theirs says 广告 or 合作."""
    until = end_of(today)
    persons = people_map(project)
    of: dict[int, list[Words]] = defaultdict(list)
    for one in words(project, [own], until):
        of[persons.one(one.account)].append(one)
    moods = gate_facts.angry(project, persons.spread(of), own_accounts(project))
    cross = {who for who, times in moods.items() if any(until - RETURN_DAYS * DAY <= t <= until for t in times)}
    hidden = cross.union(barred(project, of))
    liked = {who: said for who, said in of.items()
             if who not in hidden and sum(w.mood == "positive" for w in said) >= least
             and not any(w.mood == "negative" for w in said)}  # fmt: skip
    clean = {who: said for who, said in liked.items() if not any(w.paid for w in said)}
    begun = _begun(project, own)
    ours = _ours(project, own, until)
    profile = load(project, list(clean))
    acted = _acted(project, [w.post for said in clean.values() for w in said])
    found = []
    for who, said in clean.items():
        good = [w for w in said if w.mood == "positive"]
        reached: dict[int, int] = {}
        for post in (w.post for w in said):
            for actor, t in acted.get(post, ()):
                if actor not in (who, own):
                    reached.setdefault(persons.one(actor), t)
        brought = sum(1 for other, t in reached.items() if t and begun.get(other, 0) > t)
        last = max((ours.get(a, 0) for a in persons.all(who)), default=0)
        thanked = day_of(last) if last else None
        newest = day_of(max(w.t for w in good))
        due = (thanked is None or thanked < newest) and (thanked is None or (today - thanked).days >= THANK_DAYS)
        count = profile[who].followers if who in profile else None
        found.append(Advocate(who, tuple(w.post for w in reversed(good)), len(reached), brought, count, thanked, due))
    found.sort(key=lambda a: (-a.brought, -a.others, -len(a.posts), -(a.followers or 0), a.account))
    return found, len(liked) - len(clean)


def _acted(project: Project, posts: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """{post: who acted on it, and when first}."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for post, actor, t in project.query(
        "select post, actor, min(t) from interaction where post in (select value from json_each(?)) "
        "group by post, actor order by post, actor", (json.dumps(sorted(set(posts))),),
    ):  # fmt: skip
        found[post].append((actor, t))
    return found


def _begun(project: Project, own: int) -> dict[int, int]:
    """{person: their first dealing with us}."""
    persons = people_map(project)
    found: dict[int, int] = {}
    for actor, t in project.query(
        "select actor, min(t) from interaction where target = ? and t > 0 group by actor", (own,)
    ):
        who = persons.one(actor)
        found[who] = min(found.get(who, t), t)
    return found


def _ours(project: Project, own: int, until: int) -> dict[int, int]:
    """{account: when we last turned to them}: our answers, likes and touches."""
    rows = project.query(
        "select target, max(t) from interaction where actor = ? and t between 1 and ? group by target", (own, until)
    )
    found: dict[int, int] = {row[0]: row[1] for row in rows}
    for one in touches.touches(project, until=until):
        if one.happened:
            found[one.account] = max(found.get(one.account, 0), one.t)
    return found


# -- tiers and order -------------------------------------------------------------------------------------------------


def tier_of(days: Sequence[date], today: date) -> str:
    """core: acts on six days or more of the last 90; active: two to five; light: one; asleep: by the dormant rule, or
    no act in 90 days; quiet: follows and never acted."""
    if not days:
        return "quiet"
    one = rhythm(days, today)
    lately = sum(0 <= (today - d).days < 90 for d in days)
    if one is None or one.dormant or not lately:
        return "asleep"
    return "core" if lately >= 6 else "active" if lately >= 2 else "light"


def tiers(project: Project, own: int, today: date) -> dict[str, list[int]]:
    """{tier: its people} of everybody who follows or ever acted on us."""
    found = cohorts.acts(project, [own], today)
    everyone = sorted({*found, *followers.there(project, own)} - {own})
    groups: dict[str, list[int]] = {name: [] for name in TIERS}
    for who in everyone:
        groups[tier_of(found.get(who, ()), today)].append(who)
    return groups
