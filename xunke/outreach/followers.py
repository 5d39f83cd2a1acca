"""Who follows our own accounts: who came, who left and when, who came again, and how the count moved.

Read from lists of followers (``storage.followers``). "Left" is only said of people whom a whole list lacks; when, lies
between the last list with them and the first without. Nobody "came" in the first whole list: it is where we begin.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xunke.clock import day_of, end_of, start_of
from xunke.storage import Project
from xunke.storage.followers import Stretch
from xunke.storage.persons import own_accounts, people_map
from xunke.storage.schema import KINDS

from . import curve
from .authentic import SURE, signs
from .experiments import wilson
from .people import barred


def own_account(project: Project) -> int | None:
    """The own account with the most lists of followers, else the first; None if no account is our own."""
    own = own_accounts(project)
    listed = project.query(
        "select own from follower_list where own in (select value from json_each(?)) group by own "
        "order by count(*) desc, own limit 1", (json.dumps(own),),
    )  # fmt: skip
    return int(listed[0][0]) if listed else own[0] if own else None


@dataclass(frozen=True, slots=True)
class FollowerList:
    """One reading of an own account's followers. ``t``: UTC seconds; ``whole``: it names all of them; ``said``: how
    many there are by the platform's own count."""

    id: int
    t: int
    whole: bool
    size: int
    said: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody came or left between two moments (UTC seconds): the list before, and the list that shows it.

    ``again``: they had left before, or (of one who left) are back now; ``stayed``: days from first to last seen.
    """

    account: int
    after: int
    by: int
    again: bool
    stayed: int


@dataclass(frozen=True, slots=True)
class Moves:
    """Those who came or left, newest first; ``hidden``: left out as they are on the do-not-contact list or minors."""

    found: tuple[Move, ...]
    hidden: int


def lists(project: Project, own: int) -> list[FollowerList]:
    """Every reading of the followers of ``own``, oldest first."""
    rows = project.query("select id, t, complete, size, said from follower_list where own = ? order by t", (own,))
    return [FollowerList(n, t, complete == 1, size, said) for n, t, complete, size, said in rows]


def stretches(project: Project, own: int) -> dict[int, list[Stretch]]:
    """{account: its times of following ``own``, oldest first}."""
    found: dict[int, list[Stretch]] = defaultdict(list)
    for account, first, last, gone in project.query(
        "select account, first, last, gone from follower where own = ? order by account, first", (own,)
    ):
        found[account].append(Stretch(first, last, gone))
    return dict(found)


def there(project: Project, own: int) -> list[int]:
    """Who follows ``own`` as far as lists tell, ascending, nobody barred; one account a person."""
    rows = project.query("select distinct account from follower where own = ? and gone is null", (own,))
    persons = people_map(project)
    found = sorted({persons.one(row[0]) for row in rows})
    hidden = barred(project, found)
    return [one for one in found if one not in hidden]


def came(project: Project, own: int, since: int = 0, until: int = 2**40) -> Moves:
    """Who came: first seen in a list between ``since`` and ``until`` after a whole list without them."""
    whole = [one.t for one in lists(project, own) if one.whole]
    by_person = _by_person(project, stretches(project, own))
    found = []
    for account, parts in by_person.items():
        for number, one in enumerate(parts):
            before = bisect_left(whole, one.first)
            if before and since <= one.first <= until:
                stayed = (one.last - one.first) // 86_400
                found.append(Move(account, whole[before - 1], one.first, number > 0, stayed))
    return _shown(project, found)


def left(project: Project, own: int, since: int = 0, until: int = 2**40) -> Moves:
    """Who left: missing in a whole list between ``since`` and ``until`` after a list with them."""
    found = []
    for account, parts in _by_person(project, stretches(project, own)).items():
        for number, one in enumerate(parts):
            if one.gone is not None and since <= one.gone <= until:
                back = number + 1 < len(parts)
                found.append(Move(account, one.last, one.gone, back, (one.last - one.first) // 86_400))
    return _shown(project, found)


def _by_person(project: Project, of_account: dict[int, list[Stretch]]) -> dict[int, list[Stretch]]:
    """Stretches of whole people: somebody who goes with one account and stays with another has not left."""
    persons = people_map(project)
    found: dict[int, list[Stretch]] = {a: parts for a, parts in of_account.items() if a not in persons.of}
    for account, group in persons.members.items():
        parts = sorted((one for a in group for one in of_account.get(a, ())), key=lambda s: (s.first, s.last))
        joined: list[Stretch] = []
        for one in parts:
            if joined and (joined[-1].gone is None or one.first < joined[-1].gone):
                newest = max(joined[-1], one, key=lambda s: (s.gone is None, s.gone or 0, s.last))
                joined[-1] = Stretch(joined[-1].first, max(joined[-1].last, one.last), newest.gone)
            else:
                joined.append(one)
        if joined:
            found[account] = joined
    return found


def _shown(project: Project, found: list[Move]) -> Moves:
    hidden = barred(project, {one.account for one in found})
    kept = [one for one in found if one.account not in hidden]
    return Moves(tuple(sorted(kept, key=lambda m: (-m.by, m.account))), len({m.account for m in found} & hidden.keys()))


# -- the count over time --------------------------------------------------------------------------------------------


def counts(project: Project, own: int, since: int = 0, until: int = 2**40) -> list[tuple[date, int]]:
    """(day, followers) from what the profile said and, on days without that, from whole lists; oldest first."""
    listed = {day_of(one.t): one.size for one in lists(project, own) if one.whole and since <= one.t <= until}
    said = project.query(
        "select t, followers from follower_snapshot where account = ? and followers is not null and t between ? and ? "
        "order by t", (own, since, until),
    )  # fmt: skip
    return sorted((listed | {day_of(t): n for t, n in said}).items())


@dataclass(frozen=True, slots=True)
class SameDay:
    """What else happened on a day that stands out and the day before: said beside it, never as its cause.

    ``posts``: our own (our numbers); ``named``: posts of others that name or repost us; ``acts``: acts on us, and
    ``usual``: the median of acts on two days in a row.
    """

    odd: curve.Odd
    posts: tuple[int, ...]
    named: tuple[int, ...]
    acts: int
    usual: float


def beside(project: Project, own: int, odd: Sequence[curve.Odd]) -> list[SameDay]:
    """What happened on the days that stand out."""
    from statistics import median

    acts: dict[date, int] = defaultdict(int)
    for t, n in project.query(
        "select t, count(*) from interaction where target = ? and t > 0 and kind <> ? group by t",
        (own, KINDS["follow"]),
    ):
        acts[day_of(t)] += n
    days = sorted(acts)
    usual = 0.0
    if days:
        span = range(days[0].toordinal(), days[-1].toordinal() + 1)
        usual = float(median(acts.get(date.fromordinal(d), 0) + acts.get(date.fromordinal(d - 1), 0) for d in span))
    found = []
    for one in odd:
        before = date.fromordinal(one.day.toordinal() - 1)
        window = (start_of(before), end_of(one.day))
        ours = project.query(
            "select id from post where author = ? and kind <> 'comment' and created between ? and ? order by created",
            (own, *window),
        )
        theirs = project.query(
            "select distinct p.id from interaction i join post p on p.author = i.actor and p.created = i.t "
            "where i.target = ? and i.kind in (?, ?, ?) and i.t between ? and ? order by p.id limit 50",
            (own, KINDS["mention"], KINDS["repost"], KINDS["quote"], *window),
        )
        n = acts.get(one.day, 0) + acts.get(before, 0)
        found.append(SameDay(one, tuple(r[0] for r in ours), tuple(r[0] for r in theirs), n, usual))
    return found


@dataclass(frozen=True, slots=True)
class AroundPost:
    """Followers gained or lost on the day of one of our posts and the day after, beside the ``usual`` two days."""

    post: int
    day: date
    text: str
    change: int | None
    usual: float | None


def around_posts(project: Project, own: int, since: int = 0, until: int = 2**40) -> list[AroundPost]:
    """Each of our posts, newest first, with the change of the count around it (None: not counted on those days)."""
    series = dict(counts(project, own))
    found = curve.read(sorted(series.items()))
    usual = None if found.usual is None or found.every != 1 else 2 * found.usual
    rows = project.query(
        "select id, created, coalesce(title, text) from post where author = ? and kind <> 'comment' and gone is null "
        "and created between ? and ? order by created desc, id desc", (own, since, until),
    )  # fmt: skip
    result = []
    for post, created, text in rows:
        day = day_of(created)
        # a count is of the beginning of a day in daily files, of any hour elsewhere: two days hold either
        before, after = series.get(day), series.get(date.fromordinal(day.toordinal() + 2))
        change = after - before if before is not None and after is not None else None
        result.append(AroundPost(post, day, text, change, usual))
    return result


# -- what kind of people --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quality:
    """A group of followers: ``judged`` of ``n`` as real or not; ``spam`` of those surely not; ``acted``: how many ever
    answered, reposted, liked or named us; ``stayed``: how many are still there. Intervals 95 % (Wilson)."""

    group: str
    n: int
    judged: int
    spam: int
    spam_low: float
    spam_high: float
    acted: int
    acted_low: float
    acted_high: float
    stayed: int


def quality(project: Project, own: int, groups: Mapping[str, Sequence[int]]) -> list[Quality]:
    """How real, how lively and how faithful each group of followers is (authenticity must have been judged before)."""
    acted = {
        row[0]
        for row in project.query(
            "select distinct actor from interaction where target = ? and kind <> ?", (own, KINDS["follow"])
        )
    }
    now = {row[0] for row in project.query("select account from follower where own = ? and gone is null", (own,))}
    persons = people_map(project)
    found = []
    for name, accounts in groups.items():
        everyone = sorted(set(accounts))
        judged = signs(project, everyone)
        spam = sum(sign.p_spam >= SURE and sign.is_spam for sign in judged.values())
        active = sum(any(a in acted for a in persons.all(one)) for one in everyone)
        here = sum(any(a in now for a in persons.all(one)) for one in everyone)
        found.append(
            Quality(
                name, len(everyone), len(judged), spam, *wilson(spam, len(judged)), active,
                *wilson(active, len(everyone)), here,
            )
        )  # fmt: skip
    return found


def names(project: Project, accounts: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """{account: (platform, native id, name or handle or id)}."""
    rows: list[tuple[Any, ...]] = project.query(
        "select k.id, p.name, k.native_id, coalesce(a.name, a.handle, k.native_id) from account_key k "
        "join platform p on p.id = k.platform left join account a on a.id = k.id "
        "where k.id in (select value from json_each(?))", (json.dumps(list(accounts)),),
    )  # fmt: skip
    return {n: (platform, native_id, name) for n, platform, native_id, name in rows}
