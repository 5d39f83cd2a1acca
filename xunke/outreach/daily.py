"""The day's queue: who to turn to now, with which step, why, about which post, and what one could say.

Complaints and people who wait for an answer come first, then chances that expire, then the rest by expected gain. All
passes ``gate.may``; nothing stands here that could not be done right away under the limits of the day.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Final

from xunke.clock import DAY, day_of
from xunke.storage import Project
from xunke.storage.persons import people_map

from . import advice, drafts, gate, limits, step_minutes, touches, values
from .drafts import Said
from .gate_facts import Known
from .list_make import ours
from .touches import Outcome, Touch
from .value import unwanted

MOST: Final = 30
"""Lines of a queue at most: nobody gets through more with care."""
EXPIRES: Final = 7 * DAY
"""So long somebody who asked is still glad of an answer."""
_LOOKED_AT: Final = 400
"""People looked at, the best first."""
_ASKS: Final = ("seek_advice", "ask_where", "want_to_buy", "compare", "trouble")
_ODDS: Final[Mapping[str, float]] = {"offer": 0.5, "talk": 0.8, "engage": 0.7, "reply": 0.6, "follow": 0.4}
"""What a step is worth against another when the people are equally good: further up the ladder is closer to the aim."""
_META: Final = "touch_queue"
Why = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the queue. ``n`` from 1; ``why`` a message key with parameters; ``post`` our number; ``best``: their
    hours (China time); ``expires`` UTC seconds; ``rank`` 0 complaints, 1 answers, 2 notes, 3 chances, 4 the rest.
    """

    n: int
    account: int
    step: str
    why: Why
    rank: int
    gain: float
    minutes: float
    post: int | None = None
    url: str | None = None
    draft: str | None = None
    ready: bool = False
    best: str | None = None
    expires: int | None = None
    campaign: int | None = None
    list_id: int | None = None
    note: int | None = None
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """The lines, and how many people were left out for which reason (message keys); ``people`` looked at."""

    items: tuple[Item, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be turned to: how good they are (0..1), by which list and campaign, and what went on so far."""

    account: int
    score: float
    list_id: int | None
    campaign: int | None
    done: Sequence[Touch]
    came: Sequence[Outcome]


def queue(
    project: Project,
    now: int,
    *,
    minutes: float | None = None,
    list_id: int | None = None,
    segment: int | None = None,
    campaign: int | None = None,
    limit: int = MOST,
    own_first: bool = False,
) -> Queue:
    """What can be done at ``now`` (UTC seconds) within ``minutes``; in quiet hours for the moment they end.

    ``own_first``: among what is equally pressing those we have already, as keeping costs less than winning (O27).
    """
    caps = limits.limits_of(project)
    now = limits.quiet_until(now, caps["quiet_from"], caps["quiet_to"]) or now
    people = candidates(project, now, list_id=list_id, segment=segment, campaign=campaign)
    left, found, per_step = Counter[str](), list[Item](), step_minutes.of(project)
    hidden = {row[0] for row in project.query(
        "select item from queue_state where queue = 'touch' and (until is null or until > ?)", (now,))}  # fmt: skip
    whole, bad = not (list_id or segment or campaign), unwanted(project, day_of(now))
    found += [one for one in _notes(project, now, per_step["note"]) if whole]
    shelf = _shelf(project, people[:_LOOKED_AT], now)
    known = Known(project, [person.account for person in people[:_LOOKED_AT]])
    for person in people[:_LOOKED_AT]:
        if person.account in hidden:
            left["queue.left.later"] += 1
            continue
        if person.account in bad and not any(one.kind == "complaint" for one in person.came):
            left["queue.left.negative"] += 1
            continue
        item, reason = _next(known, shelf, person, now, per_step)
        if item is not None:
            found.append(item)
        else:
            left[reason] += 1
    found = _learned(project, found, now)
    have, one_of = (ours(project), people_map(project).one) if own_first else (frozenset[int](), int)
    found.sort(key=lambda one: (one.rank, own_first and one_of(one.account) not in have, one.expires or now + EXPIRES,
                                -one.gain, one.account))  # fmt: skip
    kept = list(_fit(project, found, now, caps, minutes, limit, left))
    hours = advice.best_hours(project, [one.account for one in kept])
    shown = tuple(_filled(project, one, n, now, hours.get(one.account)) for n, one in enumerate(kept, 1))
    return Queue(shown, dict(sorted(left.items())), len(people), sum(one.minutes for one in shown))


def candidates(
    project: Project, now: int, *, list_id: int | None = None, segment: int | None = None, campaign: int | None = None
) -> list[Person]:
    """People of the lists that hold (of a list, segment or campaign), and everybody we dealt with; the best first,
    each person once."""
    where, params = "l.target = 'people' and (l.expires is null or l.expires >= :now)", dict[str, Any](now=now)
    if list_id is not None:
        where, params["list"] = where + " and l.id = :list", list_id
    if campaign is not None:
        where += " and l.id in (select list from campaign_list where campaign = :campaign)"
        params["campaign"] = campaign
    rows: list[tuple[Any, ...]]
    if segment is not None:
        rows = project.query("select account, value, null, null from segment_member where segment = ?", (segment,))
    else:
        rows = project.query(
            "select m.item, m.score, l.id, (select min(c.campaign) from campaign_list c where c.list = l.id) "
            f"from list_member m join saved_list l on l.id = m.list where {where} order by l.id desc, m.rank", params,
        )  # fmt: skip
    persons = people_map(project)
    done, came = _by_person(persons.one, touches.touches(project)), _by_person(persons.one, touches.outcomes(project))
    known: dict[int, Person] = {}
    for account, score, of, by in rows:
        who = persons.one(account)
        if who not in known:
            value = min(1.0, max(0.0, 0.5 if score is None else score))
            known[who] = Person(account, value, of, campaign or by, done.get(who, ()), came.get(who, ()))
    if not (list_id or segment or campaign):
        for who in sorted({*done, *came} - known.keys()):
            known[who] = Person(who, 0.5, None, None, done.get(who, ()), came.get(who, ()))
    return sorted(known.values(), key=lambda one: (not one.came, -one.score, one.account))


def _by_person(one: Any, rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[one(row.account)].append(row)
    return found


def wanted(person: Person, now: int) -> Iterator[tuple[str, Why, int, int | None]]:
    """Steps that come into question, the best first: (step, why, rank, the post concerned)."""
    done = [one for one in person.done if one.happened and one.t <= now]
    came = [one for one in person.came if one.t <= now]
    last = done[-1].t if done else -1
    if (since := gate.complaint(came, now)) is not None:
        post = next((one.post for one in reversed(came) if one.kind == "complaint"), None)
        yield "service", ("queue.complaint", {"day": day_of(since).isoformat()}), 0, post
        return
    answers = [one for one in came if one.kind == "reply" and one.t > last]
    if answers and done:
        talked = any(one.step in ("talk", "offer") for one in done)
        why = ("queue.waiting", {"day": day_of(answers[-1].t).isoformat()})
        yield ("talk" if talked else "engage"), why, 1, answers[-1].post
    steps = {one.step for one in done}
    answered = [one.t for one in came if one.kind in gate.ANSWERS]
    talks = [one.t for one in done if one.step == "talk"]
    if talks and answered and answered[-1] > talks[0] and "offer" not in steps:
        yield "offer", ("queue.offer", {}), 4, None
    if answered or sum(one.step in ("reply", "engage") for one in done) >= 2:
        yield "talk", (("queue.talk_answered", {}) if answered else ("queue.talk", {"n": len(done)})), 4, None
    if not done:
        yield "follow", ("queue.follow", {}), 4, None
    reacted = any(one.kind in touches.GOOD for one in came)
    yield ("engage" if reacted and done else "reply"), ("queue.post", {}), 4, None


def _shelf(project: Project, people: Sequence[Person], now: int) -> drafts.Shelf:
    """What these people wrote lately, and the posts by which they answered."""
    about = [one.post for person in people for one in person.came if one.post is not None]
    return drafts.Shelf(project, {person.account: taken_up(person.done) for person in people}, now, about)


def _next(
    known: Known, shelf: drafts.Shelf, person: Person, now: int, per_step: Mapping[str, float]
) -> tuple[Item | None, str]:
    """The first step that may happen, or why none may."""
    may, first = partial(gate.may, known.project, person.account, now=now, known=known), None
    for step, why, rank, post in wanted(person, now):
        verdict = may(step, campaign=person.campaign, list_id=person.list_id)
        if verdict.reason == "gate.angry":
            verdict = may("service")
            step, why, rank = "service", ("queue.angry", {}), 0
        if not verdict.ok:
            first = first or f"queue.left.{(verdict.reason or '').removeprefix('gate.')}"
            continue
        about = shelf.best(person.account) if post is None else shelf.said(post)
        if about is None and step in ("reply", "engage"):
            first = first or "queue.left.no_post"
            continue
        return _item(person, step, why, rank, about, verdict, per_step), ""
    return None, first or "queue.left.no_post"


def _learned(project: Project, found: Sequence[Item], now: int) -> list[Item]:
    """The lines with what the project's own outcomes say of an answer, if a model was learned from them and is used:
    gain = score × probability."""
    from . import response

    model = response.current(project)
    steps = [one for one in found if one.step in touches.LADDER]
    if model is None or not steps:
        return list(found)
    asks = [response.Ask(one.account, now, one.step, score=one.gain / _ODDS[one.step], timed=False) for one in steps]
    chance = {id(one): p for one, (p, _, _) in zip(steps, response.chances(project, model, asks), strict=True)}
    return [
        replace(one, gain=one.gain / _ODDS[one.step] * chance[id(one)]) if id(one) in chance else one for one in found
    ]


def _item(
    person: Person, step: str, why: Why, rank: int, about: Said | None, verdict: gate.Verdict,
    per_step: Mapping[str, float],
) -> Item:  # fmt: skip
    expires, gain = None, person.score * _ODDS.get(step, 1.0)
    asks = about is not None and any(need in about.needs for need in _ASKS)
    if about is not None and why[0] in ("queue.post", "queue.follow") and about.quote:
        why = ("queue.asks" if asks else "queue.says", {"text": about.quote})
    if asks and rank == 4 and about is not None and about.created is not None and step in ("reply", "engage"):
        rank, expires = 3, about.created + EXPIRES
    return Item(
        0, person.account, step, why, rank, gain, per_step[step], about.post if about else None,
        about.url if about else None, expires=expires, campaign=person.campaign, list_id=person.list_id,
        advice=verdict.advice,
    )  # fmt: skip


def _fit(
    project: Project, found: Sequence[Item], now: int, caps: Mapping[str, float], minutes: float | None, limit: int,
    left: Counter[str],
) -> Iterator[Item]:  # fmt: skip
    """Those that fit into the minutes and the caps of the day, in order."""
    rest = float("inf") if minutes is None else minutes
    used: Counter[tuple[str, str]] = Counter()
    where = _platforms(project, [one.account for one in found])
    for (step, channel), times in taken(project, now).items():
        used[(step, channel)] = times
    shown = 0
    for one in found:
        place = (one.step, where.get(one.account, ""))
        if one.step in touches.STEPS and used[place] >= caps[f"{one.step}_day"]:
            left["queue.left.cap"] += 1
        elif one.minutes > rest or shown >= limit:
            left["queue.left.budget"] += 1
        else:
            used[place] += 1
            rest, shown = rest - one.minutes, shown + 1
            yield one


def taken(project: Project, now: int) -> dict[tuple[str, str], int]:
    """How often each (step, channel) was taken in the 24 hours before ``now``; the caps of the day count these."""
    states = json.dumps(touches.HAPPENED)
    rows = project.query(
        "select step, channel, count(*) from touch where t > ? and undone is null "
        "and state in (select value from json_each(?)) group by step, channel", (now - DAY, states),
    )  # fmt: skip
    return {(row[0], row[1] or ""): row[2] for row in rows}


def _platforms(project: Project, accounts: Sequence[int]) -> dict[int, str]:
    return dict(
        project.query(
            "select k.id, p.name from account_key k join platform p on p.id = k.platform "
            "where k.id in (select value from json_each(?))",
            (json.dumps(list(accounts)),),
        )
    )


def _notes(project: Project, now: int, minutes: float) -> list[Item]:
    """What was promised or noted with a day, and is due."""
    rows = project.query(
        "select id, account, body, due, campaign from note where due is not null and due <= ? and done is null "
        "and undone is null and account is not null order by due, id", (day_of(now).isoformat(),),
    )  # fmt: skip
    from .people import barred

    kept_out = barred(project, [row[1] for row in rows])
    return [
        Item(0, account, "note", ("queue.note", {"text": body, "day": due}), 2, 1.0, minutes, note=number,
             campaign=campaign)
        for number, account, body, due, campaign in rows if account not in kept_out
    ]  # fmt: skip


def _filled(project: Project, item: Item, n: int, now: int, best: str | None) -> Item:
    """The line with its number, link, draft and hours."""
    draft = None
    if item.post is not None and item.step not in ("follow", "note"):
        draft = draft_for(
            project, item.account, item.step, now=now, post=item.post, other="gate.other_need" in item.advice
        )
    url = item.url or project.one("select url from account where id = ?", (item.account,))
    ready = draft is not None and draft.value is not None and "〔" not in draft.text
    return replace(item, n=n, url=url, draft=draft.text if draft else None, ready=ready, best=best)


def taken_up(done: Sequence[Touch]) -> list[int]:
    """Posts that we said something about already; a follow says nothing."""
    return [one.post for one in done if one.post is not None and one.happened and one.step != "follow"]


def draft_for(
    project: Project, account: int, step: str, *, now: int, post: int | None = None, turn: int = 0, other: bool = False
) -> drafts.Draft | None:
    """A draft for somebody from one of their posts (None: the best of the last 30 days)."""
    if post is not None:
        said = drafts.Shelf(project, {}, now, [post]).said(post)
    else:
        said = drafts.Shelf(project, {account: taken_up(touches.touches(project, account=account))}, now).best(account)
    segments = segments_of(project, [account]).get(account, ())
    return drafts.make(said, step, values.snippets(project), now=now, segments=segments, turn=turn, other=other)


def segments_of(project: Project, accounts: Sequence[int]) -> dict[int, list[str]]:
    """{account: names of the segments that hold it, the oldest first}."""
    found: dict[int, list[str]] = defaultdict(list)
    for account, name in project.query(
        "select m.account, s.name from segment_member m join segment s on s.id = m.segment "
        "where m.account in (select value from json_each(?)) order by s.id", (json.dumps(list(accounts)),),
    ):  # fmt: skip
        found[account].append(name)
    return found


# -- the numbers of the queue that was shown -------------------------------------------------------------------------


def keep(project: Project, found: Queue) -> None:
    """Remember the lines (no words of anybody), so that ``touch done 3`` means the third one that was shown."""
    words: dict[str, Any] = {"why": ("", {}), "draft": None, "url": None}
    rows = [{**asdict(one), **words} for one in found.items]
    project.set_meta(_META, json.dumps(rows, ensure_ascii=False))


def kept(project: Project) -> list[Item]:
    """The queue that was shown last."""
    told = json.loads(project.meta(_META, "[]"))
    return [Item(**{**row, "why": tuple(row["why"]), "advice": tuple(row["advice"])}) for row in told]


def line(project: Project, n: int) -> Item | None:
    """The line ``n`` of the queue that was shown last."""
    return next((one for one in kept(project) if one.n == n), None)
