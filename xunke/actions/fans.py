"""Our own followers: who came, left, sleeps, is to be woken, speaks for us, answers; each as tables that cite rows.

The command line, the chat and the screens call ``fans``; what it can show stands in ``VIEWS``.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import day_of, end_of, start_of
from xunke.errors import NeedsAnswer, UsageError
from xunke.events import Done, Event, Table
from xunke.outreach import cohorts, followers, rates
from xunke.outreach import curve as curves
from xunke.outreach import fans as people
from xunke.outreach.orders import orders
from xunke.storage import Project, rows
from xunke.text import one_line

from .common import one_account

if TYPE_CHECKING:
    from xunke.engine import Engine

_PERSON: Final = ("name", "platform", "id")
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: of which own account, from when to when (UTC seconds), how many rows, of which person."""

    project: Project
    own: rows.PersonRow
    today: date
    since: int
    until: int
    limit: int
    person: int | None
    by: str | None
    index: int

    @property
    def name(self) -> str:
        """What the account is called."""
        return self.own.name or self.own.native_id

    def table(self, title: str, columns: Sequence[str], body: list[list[Any]], **more: Any) -> Table:
        """A table of the first ``limit`` rows; ``n`` counts them all."""
        params = {"name": self.name, "n": len(body), **more}
        return Table(title, list(columns), body[: self.limit], params, self.index)

    def who(self, accounts: Sequence[int]) -> dict[int, list[Any]]:
        """{account: name, platform, id}."""
        found = followers.names(self.project, accounts)
        return {a: [name, platform, native_id] for a, (platform, native_id, name) in found.items()}


async def fans(
    engine: Engine,
    what: str = "summary",
    *,
    account: str | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 50,
    person: str | None = None,
    by: str | None = None,
    index: int = 0,
) -> AsyncIterator[Event]:
    """What ``VIEWS`` has under ``what``, of the own account ``account`` (None: the one with lists of followers, else
    the first). ``person``: only of them (hours); ``by``: "month" for cohorts by month.

    Raises NeedsAnswer("clarify.own_account") if no account is our own, UsageError for another ``what``.
    """
    if what not in VIEWS:
        raise UsageError("followers.what", what=what, known=", ".join(VIEWS))
    project, today = engine.project, engine.today
    ask = Ask(
        project, own_of(project, account), today, 0 if since is None else start_of(since),
        end_of(today if until is None else until), limit,
        None if person is None else one_account(project, person).id, by, index,
    )  # fmt: skip
    view = VIEWS[what]
    if view.words:
        ids = [one.post for one in people.words(project, [ask.own.id], ask.until)]
        async for event in engine.understand(ids):
            yield event
    if view.judged:
        from xunke.accounts import judge_accounts

        async for event in judge_accounts(project, sorted(followers.stretches(project, ask.own.id))):
            yield event
    for event in view.show(ask):
        yield event


def own_of(project: Project, name: str | None) -> rows.PersonRow:
    """The own account that is meant."""
    if name is not None:
        return one_account(project, name)
    own = followers.own_account(project)
    if own is None:
        raise NeedsAnswer("clarify.own_account")
    return rows.people(project, [own])[0]


# -- who came, who left, how many ------------------------------------------------------------------------------------


def _summary(ask: Ask) -> Iterator[Event]:
    """Where we stand, in one table, each line with the command that opens it."""
    project, own = ask.project, ask.own.id
    read = followers.lists(project, own)
    counts = followers.counts(project, own, until=ask.until)
    if not read and not counts:
        yield Done("followers.none", {"name": ask.name})
        return
    month = end_of(ask.today - timedelta(days=30))
    found = cohorts.acts(project, [own], ask.today)
    came, left = (f(project, own, month, ask.until) for f in (followers.came, followers.left))
    tiers = people.tiers(project, own, ask.today)
    body: list[list[Any]] = [["count", counts[-1][1] if counts else None, "curve"]]
    before = [n for day, n in counts if day <= ask.today - timedelta(days=30)]
    body.append(["change30", counts[-1][1] - before[-1] if before else None, "curve"])
    body.append(["lists", len(read), "lists"])
    body.append(["came30", len(came.found), "came"])
    body.append(["left30", len(left.found), "left"])
    body.append(["acted90", sum(bool(d) and (ask.today - d[-1]).days < 90 for d in found.values()), "tiers"])
    body.append(["quiet", len(tiers["quiet"]), "tiers"])
    body.append(["asleep", len(tiers["asleep"]), "dormant"])
    yield ask.table("followers.summary", ("what", "count", "open"), [[f"followers.{w}", n, f"followers {o}"]
                                                                     for w, n, o in body])  # fmt: skip
    if not any(one.whole for one in read):
        yield Done("followers.no_whole")
    elif sum(one.whole for one in read) == 1:
        yield Done("followers.one_whole")
    yield Done("followers.next")


def _lists(ask: Ask) -> Iterator[Event]:
    """Every reading of the followers."""
    body = [
        [day_of(one.t).isoformat(), "yes" if one.whole else "no", one.size, one.said]
        for one in reversed(followers.lists(ask.project, ask.own.id))
    ]
    yield ask.table("followers.lists_table", ("day", "whole", "size", "said"), body)
    if not body:
        yield Done("followers.none", {"name": ask.name})


def _moves(ask: Ask, which: str) -> Iterator[Event]:
    read = followers.lists(ask.project, ask.own.id)
    if sum(one.whole for one in read) < 2:
        yield Done("followers.no_whole" if not any(one.whole for one in read) else "followers.one_whole")
        return
    find = followers.came if which == "came" else followers.left
    found = find(ask.project, ask.own.id, ask.since, ask.until)
    who = ask.who([one.account for one in found.found])
    body = [
        [*who[one.account], day_of(one.after).isoformat(), day_of(one.by).isoformat(), "yes" if one.again else "no",
         one.stayed]
        for one in found.found
    ]  # fmt: skip
    again = sum(one.again for one in found.found)
    between = ("not_yet", "there", "returned") if which == "came" else ("seen_last", "not_there", "back")
    columns = (*_PERSON, *between, "stayed")
    yield ask.table(f"followers.{which}_table", columns, body, again=again,
                    people=[one.account for one in found.found[: ask.limit]])  # fmt: skip
    if found.hidden:
        yield Done("followers.hidden", {"n": found.hidden})
    if body:
        yield Done(f"followers.{which}_note")


def _came(ask: Ask) -> Iterator[Event]:
    """Who came, between which lists."""
    yield from _moves(ask, "came")


def _left(ask: Ask) -> Iterator[Event]:
    """Who left, between which lists."""
    yield from _moves(ask, "left")


def _curve(ask: Ask) -> Iterator[Event]:
    """The count, what stands out, and what else happened on those days."""
    counts = followers.counts(ask.project, ask.own.id, ask.since, ask.until)
    found = curves.read(counts)
    body = [[one.day.isoformat(), one.followers, one.change, one.days] for one in reversed(found.changes)]
    yield ask.table("followers.curve_table", ("day", "followers", "change", "every_days"), body)
    if not found.enough:
        yield Done("followers.too_few_counts", {"n": found.judged, "least": curves.LEAST})
        return
    beside = followers.beside(ask.project, ask.own.id, found.odd)
    texts = _texts(ask.project, [post for one in beside for post in (*one.posts, *one.named)])
    odd = [
        [one.odd.day.isoformat(), one.odd.change, one.odd.usual, one.odd.z,
         [texts[p] for p in one.posts if p in texts] or None, len(one.named), one.acts, one.usual]
        for one in beside
    ]  # fmt: skip
    columns = ("day", "change", "usual_change", "z", "same_day", "named", "acts", "acts_usual")
    yield ask.table("followers.odd_table", columns, odd, posts=[[*one.posts, *one.named][:5] for one in beside])
    if odd:
        yield Done("followers.same_day")
    yield Done(f"followers.trend_{found.trend}", {"usual": found.usual, "days": found.every})
    if found.season is not None:
        best = max(found.season, key=lambda w: (found.season or {})[w])
        yield Done("followers.season", {"day": f"value.{_WEEKDAYS[best]}", "n": found.season[best]})
    if found.burst:
        yield Done("followers.burst", {"days": curves.BURST})


def _posts(ask: Ask) -> Iterator[Event]:
    """Gains and losses around each of our posts."""
    found = followers.around_posts(ask.project, ask.own.id, ask.since, ask.until)
    body = [[one.day.isoformat(), one_line(one.text, 40), one.change, one.usual] for one in found]
    yield ask.table(
        "followers.posts_table", ("day", "text", "change", "usual_change"), body, posts=[[one.post] for one in found]
    )
    yield Done("followers.same_day" if any(row[2] is not None for row in body) else "followers.no_daily")


def _texts(project: Project, posts: Sequence[int]) -> dict[int, str]:
    sql = "select id, coalesce(title, text) from post where gone is null and id in (select value from json_each(?))"
    return {n: one_line(text, 24) for n, text in project.query(sql, (json.dumps(list(posts)),))}


# -- who stays, who sleeps, whom to wake -----------------------------------------------------------------------------


def _cohorts(ask: Ask) -> Iterator[Event]:
    """What share still acts in each month after the first act."""
    found = cohorts.acts(ask.project, [ask.own.id], ask.today)
    kept = cohorts.retention(found, ask.today, by=ask.by)
    body = [[k.cohort, k.month, k.n, k.kept, round(k.share, 4), round(k.low, 4), round(k.high, 4)] for k in kept]
    yield ask.table(
        "followers.cohorts_table", ("cohort", "month_number", "people", "kept", "share", "low", "high"), body
    )
    if not body:
        yield Done("followers.too_few_people", {"n": len(found), "least": cohorts.LEAST})
        return
    paid: dict[int, list[tuple[date, float]]] = {}
    for order in orders(ask.project, ask.until):
        paid.setdefault(order.person, []).append((day_of(order.t), order.amount or 0.0))
    lived = [
        [w.months, w.n, round(w.days, 2), round(w.days_low, 2), round(w.days_high, 2),
         *((round(w.money, 2), round(w.money_low, 2), round(w.money_high, 2)) if paid else (None, None, None))]
        for w in cohorts.worth(found, paid, ask.today)
    ]  # fmt: skip
    columns = ("months", "people", "act_days_mean", "low", "high", "money_mean", "money_low", "money_high")
    yield ask.table("followers.worth_table", columns, lived)
    yield Done("followers.worth_note" if paid else "followers.worth_unpaid")
    half = cohorts.half_life(found, ask.today)
    key = "followers.half_open" if half.days is None else "followers.half"
    yield Done(key, {"days": half.days, "low": half.low, "high": half.high, "n": half.n, "ended": half.ended})


def _dormant(ask: Ask) -> Iterator[Event]:
    """Who sleeps, and by which numbers of their own."""
    asleep = cohorts.sleeping(cohorts.acts(ask.project, [ask.own.id], ask.today), ask.today)
    who = ask.who(list(asleep))
    body = [[*who[a], one.last.isoformat(), one.quiet, one.gap, one.limit, one.days] for a, one in asleep.items()]
    yield ask.table("followers.dormant_table", (*_PERSON, "last_act", "quiet", "gap_days", "limit_days", "act_days"),
                    body, people=list(asleep)[: ask.limit])  # fmt: skip
    yield Done("followers.dormant_rule" if body else "followers.nobody_sleeps")


def _lost(ask: Ask) -> Iterator[Event]:
    """Who left or sleeps, with reasons as far as rows tell."""
    found = people.lost(ask.project, ask.own.id, ask.today)
    who = ask.who([one.account for one in found])
    body = [
        [*who[one.account], one.how, one.since.isoformat(), [f"why_{r}" for r in one.reasons],
         f"remedy_{min(one.reasons, key=people.REMEDIES.index)}"]
        for one in found
    ]  # fmt: skip
    gone = [one.account for one in found[: ask.limit]]
    posts = [list(one.posts) for one in found[: ask.limit]]
    columns = (*_PERSON, "how", "day", "reasons", "remedy")
    yield ask.table("followers.lost_table", columns, body, posts=posts, people=gone)
    yield Done("followers.lost_note")


def _reactivate(ask: Ask) -> Iterator[Event]:
    """Whom to wake and how, in thirds by value; and what waking brought so far."""
    chosen = people.sleepers(ask.project, ask.own.id, ask.today)
    found = chosen.found
    who = ask.who([one.account for one in found])
    body = [
        [*who[one.account], one.split, f"treat_{one.split}", one.rhythm.quiet, one.acts, one.spent or None,
         "yes" if one.follows else "no"]
        for one in found
    ]  # fmt: skip
    columns = (*_PERSON, "split", "treatment", "quiet", "act_days", "spent_cny", "follows")
    yield ask.table("followers.wake_table", columns, body, people=[one.account for one in found[: ask.limit]])
    if chosen.declined:
        yield Done("followers.declined", {"n": chosen.declined})
    if chosen.unwanted:
        yield Done("followers.unwanted", {"n": chosen.unwanted})
    woken = people.woken(ask.project, ask.own.id, ask.today)
    told = [
        [f"group_{w.group}", w.n, w.back, None if w.share is None else round(w.share, 4),
         round(w.low, 4) if w.n else None, round(w.high, 4) if w.n else None]
        for w in woken
    ]  # fmt: skip
    yield ask.table("followers.woken_table", ("crowd", "people", "back_n", "share", "low", "high"), told)
    mark, beside = people.against(woken)
    params = {"n": next(w.n for w in woken if w.group == "touched"), "least": people.TOLD, "mark": people.MARK}
    yield Done(f"followers.woken_{mark}", params)
    if mark != "few":
        yield Done(f"followers.alone_{beside}", params)
    yield Done("followers.mark", {"mark": people.MARK, "days": people.RETURN_DAYS})


# -- who speaks for us, who answers ----------------------------------------------------------------------------------


def _advocates(ask: Ask) -> Iterator[Event]:
    """Who speaks well of us without being paid, and whom to thank."""
    found, paid = people.advocates(ask.project, ask.own.id, ask.today)
    who = ask.who([one.account for one in found])
    body = [
        [*who[one.account], len(one.posts), one.others, one.brought, one.followers,
         one.thanked.isoformat() if one.thanked else None, "yes" if one.due else "no"]
        for one in found
    ]  # fmt: skip
    columns = (*_PERSON, "praise", "others", "brought", "followers", "thanked", "thanks_due")
    shown = found[: ask.limit]
    posts = [list(one.posts[:5]) for one in shown]
    yield ask.table("followers.advocates_table", columns, body, posts=posts, people=[one.account for one in shown])
    if paid:
        yield Done("followers.paid", {"n": paid})
    yield Done("followers.advocates_note" if body else "followers.no_advocates")


def _rates(ask: Ask) -> Iterator[Event]:
    """Answers by step of the ladder."""
    found = rates.by_step(ask.project, ask.today)
    body = [
        [f"step_{one.step}", one.n, one.hits, None if one.share is None else round(one.share, 4),
         round(one.low, 4) if one.n else None, round(one.high, 4) if one.n else None, one.waiting]
        for one in found
    ]  # fmt: skip
    yield ask.table("followers.rates_table", ("step", "people", "answered_n", "share", "low", "high", "waiting"), body,
                    touches=[list(one.touches[:50]) for one in found])  # fmt: skip
    if not body:
        yield Done("followers.no_touches")
    else:
        yield Done("followers.rates_note", {"days": rates.DAYS, "least": rates.LEAST})


def _hours(ask: Ask) -> Iterator[Event]:
    """When our followers, or one person, are awake."""
    chosen = [ask.person] if ask.person is not None else followers.there(ask.project, ask.own.id)
    found, n = rates.hours(ask.project, chosen or None, [ask.own.id])
    if not found:
        yield Done("followers.too_few_acts", {"n": n, "least": rates.HOURS_LEAST})
        return
    body = [
        [f"{one.value:02d}:00–{one.value + rates.SLOT:02d}:00" if one.kind == "hours" else _WEEKDAYS[one.value],
         one.acts, round(one.share, 4), round(one.base, 4), round(one.low, 4), round(one.high, 4),
         "yes" if one.clear else "no"]
        for one in found
    ]  # fmt: skip
    yield ask.table(
        "followers.hours_table", ("slot", "acts", "share", "base", "gap_low", "gap_high", "clear"), body, acts=n
    )
    clear = [row[0] for row in body if row[-1] == "yes"]
    yield Done("followers.hours_clear", {"slots": clear}) if clear else Done("followers.hours_none")


def _quality(ask: Ask) -> Iterator[Event]:
    """How real and how lively those who came are, beside those who were there before."""
    of = followers.stretches(ask.project, ask.own.id)
    read = [one for one in followers.lists(ask.project, ask.own.id) if one.whole]
    if not read:
        yield Done("followers.no_whole")
        return
    month = end_of(ask.today - timedelta(days=30))
    came = followers.came(ask.project, ask.own.id, ask.since or month, ask.until)
    new = {one.account for one in came.found}
    bursts = [one.day for one in curves.read(followers.counts(ask.project, ask.own.id)).odd if one.change > 0]
    jumped = {
        one.account for one in followers.came(ask.project, ask.own.id).found
        if any(day_of(one.after) <= day <= day_of(one.by) for day in bursts)
    }  # fmt: skip
    first = {a for a, parts in of.items() if parts[0].first == read[0].t}
    groups: dict[str, list[int]] = {
        name: sorted(kept)
        for name, kept in (("first", first), ("new", new), ("burst", jumped))
        if kept
    }  # fmt: skip
    found = followers.quality(ask.project, ask.own.id, groups)
    body = [
        [f"group_{q.group}", q.n, q.judged, q.spam, round(q.spam_low, 4), round(q.spam_high, 4), q.acted,
         round(q.acted / q.n, 4), q.stayed, round(q.stayed / q.n, 4)]
        for q in found
    ]  # fmt: skip
    columns = ("crowd", "people", "judged", "spam", "low", "high", "acted", "acted_share", "here", "here_share")
    yield ask.table("followers.quality_table", columns, body)
    yield Done("followers.quality_note")


def _tiers(ask: Ask) -> Iterator[Event]:
    """Everybody by how lively they are, with what to do for each."""
    groups = people.tiers(ask.project, ask.own.id, ask.today)
    total = sum(map(len, groups.values()))
    body = []
    for name, members in groups.items():
        who = ask.who(members[:3])
        share = round(len(members) / total, 4) if total else None
        body.append([f"tier_{name}", len(members), share, [who[a][0] for a in members[:3]] or None, f"perk_{name}"])
    yield ask.table("followers.tiers_table", ("tier", "people", "share", "names", "perk"), body)
    yield Done("followers.tiers_note")


@dataclass(frozen=True, slots=True)
class View:
    """How one thing is shown; ``words``: posts that speak to us must have been understood; ``judged``: followers judged
    as real or not."""

    show: Callable[[Ask], Iterator[Event]]
    words: bool = False
    judged: bool = False


VIEWS: Final[dict[str, View]] = {
    "summary": View(_summary), "lists": View(_lists), "came": View(_came), "left": View(_left), "curve": View(_curve),
    "posts": View(_posts), "cohorts": View(_cohorts), "dormant": View(_dormant), "lost": View(_lost, words=True),
    "reactivate": View(_reactivate, words=True), "advocates": View(_advocates, words=True),
    "rates": View(_rates), "hours": View(_hours),
    "quality": View(_quality, judged=True), "tiers": View(_tiers),
}  # fmt: skip
"""What can be shown."""
