"""The queues and the places where people can be met, as tables. Chat, command line and screens all call these."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke import labels
from xunke.clock import DAY, moment
from xunke.errors import BadInput, UsageError
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import context, list_make, posts, queues
from xunke.outreach.queues import QUEUES, Queue, Rows, Waiting
from xunke.plan import Step
from xunke.storage import Project, rows
from xunke.storage.persons import people_map
from xunke.text import one_line

if TYPE_CHECKING:
    from xunke.engine import Engine

LIMIT: Final = 20
_TEXT: Final = 46
_SAYS: Final = 6
"""A quote of fewer characters tells nothing."""
STATES: Final = ("later", "dropped", "done", "open")
LATER: Final = 1
"""Days for which a row is put off if nobody says."""


async def queue(
    engine: Engine, name: str = "all", *, now: int, people: str | None = None, topic: str | None = None,
    limit: int = LIMIT, days: int | None = None, index: int = 0,
) -> AsyncIterator[Event]:  # fmt: skip
    """Show a queue, or all of them, what people write to us first. ``people``: a list or segment; ``topic``: words."""
    wanted = _named(name)
    project = engine.project
    authors = None if people is None else who(project, people, now)
    among = None if topic is None else about(engine, topic)
    if not queues.own(project):
        yield Warned("queue.no_own")
    read = queues.inbox_posts(project, now=now)
    asked = queues.question_posts(project, now=now, days=days or queues.DAYS, among=among)
    told = queues.opportunity_posts(project, now=now, authors=authors) if "opportunities" in wanted else []
    todo = [*read, *queues.own_posts(project), *(asked if "questions" in wanted else ()), *told]
    async for event in engine.understand(list(dict.fromkeys(todo))):
        yield event
    ours = queues.ours_about(project) if topic is None else {}
    for one in wanted:
        if one == "inbox":
            found = queues.inbox(project, read, now=now, days=days or queues.INBOX_DAYS, authors=authors)
        elif one == "questions":
            found = queues.questions(project, asked, now=now, about=ours, topic=topic is not None, authors=authors)
        else:
            if among is not None:
                told = [post for post in told if post in among]
            found = queues.opportunities(project, told, now=now, about=ours, authors=authors)
        for event in _shown(project, one, found, now, limit, index):
            yield event


def _named(name: str) -> Sequence[Queue]:
    if name == "all":
        return ("inbox", "questions", "opportunities")
    if name not in QUEUES:
        raise UsageError("queue.unknown", name=name, known="、".join((*QUEUES, "all")))
    return (name,)


def _shown(project: Project, name: Queue, found: Rows, now: int, limit: int, index: int) -> Iterator[Event]:
    shown = found.rows[:limit]
    known = {row.id: row for row in rows.posts(project, [w.post for w in shown])}
    body = [_row(name, one, known[one.post], now) for one in shown]
    columns = _COLUMNS[name]
    params = {"n": len(found.rows), "shown": len(shown), "posts": [[one.post] for one in shown],
              "hidden": ["score"]}  # fmt: skip
    yield Table(f"queue.title.{name}", list(columns), [[row[c] for c in columns] for row in body], params, index)
    if not shown:
        yield Done(f"queue.empty.{name}")
    for why, n in sorted(found.passed.items()):
        if n and why not in ("no_question", "passed"):
            yield Done(f"queue.passed.{why.removeprefix('funnel.')}", {"n": n})


_COLUMNS: Final[Mapping[Queue, tuple[str, ...]]] = {
    "questions": ("post", "name", "ago", "text", "why", "next_act", "best_before", "score", "url"),
    "opportunities": ("post", "name", "ago", "occasion", "why", "next_act", "best_before", "score", "url"),
    "inbox": ("post", "name", "ago", "mail", "text", "why", "state", "next_act", "url"),
}


def _row(name: Queue, one: Waiting, post: rows.PostRow, now: int) -> dict[str, Any]:
    return {
        "post": f"{post.platform}:{post.native_id}", "name": post.author_name, "ago": ago(now - one.created),
        "text": one_line(post.text, _TEXT), "why": [_reason(name, post, key, params) for key, params in one.why],
        "next_act": one.next, "best_before": None if one.until is None else left(one.until - now), "score": one.score,
        "url": post.url, "occasion": f"nlp.{'event' if 'event' in one.next else 'need'}.{one.kind}",
        "mail": f"mail.{one.kind}", "state": f"mail.state.{one.state}",
    }  # fmt: skip


def _reason(queue: Queue, post: rows.PostRow, key: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A reason; what it quotes is not said twice beside the post's text, and a word or two of it say nothing."""
    quote = str(params.get("quote", ""))
    bare = key == "queue.why.need" and (queue == "questions" or len(quote) < _SAYS)
    return {"key": f"{key}_bare" if bare else key, "params": _words(params)}


def _words(params: Mapping[str, Any]) -> dict[str, Any]:
    """A need as a code that the front end says in words, and a short quote."""
    out = {("what" if k == "need" else k): v for k, v in params.items()}
    return out | ({"quote": one_line(str(out["quote"]), _TEXT)} if "quote" in out else {})


def ago(seconds: int) -> dict[str, Any]:
    """How long ago, in its largest unit, as a message."""
    for size, key in ((DAY, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return {"key": f"ago.{key}", "params": {"n": seconds // size}}
    return {"key": "ago.now", "params": {"n": 0}}


def left(seconds: int) -> dict[str, Any]:
    """How much time is left, as a message."""
    if seconds < 0:
        return {"key": "left.over", "params": {"n": 0}}
    size, key = (DAY, "days") if seconds >= 2 * DAY else (3600, "hours")
    return {"key": f"left.{key}", "params": {"n": seconds // size}}


def set_state(
    project: Project, state: str, said: str, *, now: int, name: str | None = None, days: int = LATER,
    run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Put a row of a queue off (``later``, for ``days``), leave it out (``dropped``), note it as ``done``, or take it
    in again (``open``). ``name``: the queue; None: of every queue."""
    if state not in STATES:
        raise UsageError("queue.state", state=state, known="、".join(STATES))
    if state == "later" and not 1 <= days <= 365:
        raise BadInput("queue.days", days=days)
    post = labels.find_post(project, said)
    until = now + days * DAY if state == "later" else None
    for one in QUEUES if name in (None, "all") else _named(str(name)):
        queues.put(project, one, post, None if state == "open" else state, t=now, until=until, run=run)
    day = None if until is None else moment(until).strftime("%m-%d %H:%M")
    yield Done(f"queue.done.{state}", {"post": said, "until": day or "—"})


# -- places --------------------------------------------------------------------------------------------------------


async def meet(
    engine: Engine, *, now: int, people: str | None = None, topic: str | None = None, limit: int = 10,
    days: int = context.DAYS, kinds: Collection[str] = context.KINDS, index: int = 0,
) -> AsyncIterator[Event]:  # fmt: skip
    """Where a segment, a list or those who talk about a topic can be met: a table, the surest places of each kind."""
    project = engine.project
    if unknown := set(kinds) - set(context.KINDS):
        raise UsageError("context.kind", kind="、".join(sorted(unknown)), known="、".join(context.KINDS))
    if (people is None) == (topic is None):
        raise UsageError("context.whom")
    accounts = who(project, people, now) if people is not None else writers(engine, str(topic))
    found = context.places(project, accounts, now=now, days=days, kinds=kinds)
    count: Counter[str] = Counter()
    body: list[list[Any]] = []
    for place in found.places:
        count[place.kind] += 1
        if count[place.kind] > limit:
            continue
        row, (label, ref, url) = place.index, _place(project, place)
        body.append([
            f"place.{place.kind}", label, row.having, round(row.share, 4), round(row.base_share, 4),
            _times(row.index), _times(row.low), _times(row.high), f"place.{place.verdict}",
            None if place.last is None else moment(place.last).strftime("%Y-%m-%d"), ref, url,
        ])  # fmt: skip
    columns = ["place", "where", "people_seen", "share", "everybody", "times", "low", "high", "more_there", "last_seen",
               "ref", "url"]  # fmt: skip
    name = people.removeprefix("segment:").removeprefix("list:") if people else topic or ""
    name = f"#{name}" if name.isdecimal() else name  # a result's number
    params = {"name": name, "n": found.size, "asked": found.asked, "base": found.base, "days": days}
    yield Table("context.title", columns, body, params, index)
    if found.size < 30:
        yield Warned("context.few", {"n": found.size, "least": 30})
    if not body:
        yield Done("context.empty")


def _times(value: float | None) -> float | None:
    """An index as a multiple: 100 is as much as everybody."""
    return None if value is None else round(value / 100, 2)


def _place(project: Project, place: context.Place) -> tuple[Any, str | None, str | None]:
    """How a place is called, what to name it by, and its link."""
    if place.kind == "tag":
        return f"#{place.item}", f"#{place.item}", None
    if place.kind == "time":
        kind, hour = place.item.split()
        span = f"{hour}:00-{(int(hour) + context.SPAN) % 24:02d}:00"
        return {"key": f"place.{kind}", "params": {"span": span}}, place.item, None
    if place.kind == "platform":
        return place.item, place.item, None
    if place.kind == "group":
        found = project.query(
            "select g.name, g.native_id, p.name from group_ g join platform p on p.id = g.platform where g.id = ?",
            (int(place.item),),
        )[0]
        return found[0] or found[1], f"{found[2]}:{found[1]}", None
    if place.kind == "account":
        people = rows.people(project, [int(place.item)])
        if not people:
            return place.item, None, None
        return people[0].name or people[0].native_id, f"{people[0].platform}:{people[0].native_id}", people[0].url
    post = rows.posts(project, [int(place.item)])
    if not post:
        return {"key": "place.lost", "params": {"n": 0}}, None, None
    text = one_line(post[0].title or post[0].text, _TEXT)
    return f"@{post[0].author_name or '?'}「{text}」", f"{post[0].platform}:{post[0].native_id}", post[0].url


def who(project: Project, name: str, now: int) -> set[int]:
    """The people of a segment, list (whose time is not over at ``now``) or result, each by the account that stands for
    them."""
    persons = people_map(project)
    return {persons.one(row[0]) for row in list_make.source_of(project, name, now).rows}


def about(engine: Engine, topic: str) -> set[int]:
    """The posts about ``topic``, with what was answered to them."""
    step = Step(action="find", topics=tuple(topic.split()))
    found = {post.id for post in posts.select(engine.project, step, engine.today).posts}
    sql = "select id from post where root in (select value from json_each(?))"
    return found | {row[0] for row in engine.project.query(sql, (json.dumps(sorted(found)),))}


def writers(engine: Engine, topic: str) -> set[int]:
    """Who wrote about ``topic``."""
    step = Step(action="find", topics=tuple(topic.split()))
    found = posts.select(engine.project, step, engine.today).posts
    persons = people_map(engine.project)
    return {persons.one(post.author) for post in found if post.author is not None}
