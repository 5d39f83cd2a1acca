"""What waits for us: questions nobody answered well, occasions that pass, and what people write to us.

Each row is a post with the reason why it is here. What was put off or left out is kept in ``queue_state`` and can be
taken back. Everything is read from rows that were analysed before (``*_posts`` say which).
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from xunke.clock import DAY
from xunke.storage import Project, acts
from xunke.storage.persons import own_accounts, people_map

from .list_edit import left_out
from .told import AD, OFFERS

Queue = Literal["questions", "opportunities", "inbox"]
QUEUES: Final[tuple[Queue, ...]] = ("questions", "opportunities", "inbox")
DAYS: Final = 14
"""Questions older than this are no longer asked."""
INBOX_DAYS: Final = 30
"""What people wrote to us longer ago waits no more."""
READ: Final = 4_000
"""Of the posts that may be in a queue the newest are analysed, not more than this."""
ANGRY_DAYS: Final = 90
"""Who complained to us so long ago is not approached otherwise."""
_FLOOR: Final = 0.05
_ASKS: Final = re.compile(
    r"[?？]|求(?!婚|职|婚|生|胜|学)|请问|请教|有没有|有木有|怎么(?!会|能这)|如何|哪里|哪家|哪款|哪个|推荐(?:一下|吗|个)|谁知道|在线等|能不能|可不可以|[什啥]么?时候|吗(?:[~～。!！\s]|$)"
    r"|\b(?:how|where|which|any(?:one|body)|recommend(?:ation)?s?|looking for)\b", re.I
)  # fmt: skip


@cache
def tables() -> dict[str, dict[str, Any]]:
    """The tables of ``queues.toml``."""
    return tomllib.loads((files("xunke.outreach") / "queues.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row. ``why``: message keys with parameters; ``next``: a message key of what to do; ``until``: best before,
    UTC seconds; ``parts``: the factors of ``score``; ``replies``: those seen of others, ``said`` by the platform.
    """

    post: int
    author: int
    created: int
    kind: str
    score: float
    why: tuple[tuple[str, dict[str, Any]], ...]
    next: str
    until: int | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Rows:
    """``rows`` in the order in which they should be met; ``passed`` {why: how many} of those that are not shown."""

    rows: tuple[Waiting, ...]
    passed: Mapping[str, int]


# -- what was put off ----------------------------------------------------------------------------------------------


def put(
    project: Project, queue: Queue, post: int, state: str | None, *, t: int, until: int | None = None,
    run: int | None = None,
) -> None:  # fmt: skip
    """Put a row off until a second (``later``), leave it out (``dropped``, ``done``), or take it in again (None)."""

    def write(db: sqlite3.Connection) -> None:
        row = db.execute(
            "select state, until, t from queue_state where queue = ? and item = ?", (queue, post)
        ).fetchone()
        _set(db, queue, post, None if state is None else (state, until, t))
        acts.note(db, "queue", {"queue": queue, "item": post, "before": row and list(row)}, run)

    project.writer.call(write)


def _set(db: sqlite3.Connection, queue: str, post: int, row: Sequence[Any] | None) -> None:
    db.execute("delete from queue_state where queue = ? and item = ?", (queue, post))
    if row is not None:
        db.execute("insert into queue_state(queue, item, state, until, t) values (?, ?, ?, ?, ?)", (queue, post, *row))


def restore(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Take ``put`` back, inside a transaction."""
    _set(db, detail["queue"], detail["item"], detail["before"])
    return {"what": f"queue.{detail['queue']}"}


def hidden(project: Project, queue: Queue, now: int) -> dict[int, str]:
    """{post: state} of what is not shown now."""
    rows = project.query(
        "select item, state from queue_state where queue = ? and (until is null or until > ?)", (queue, now)
    )
    return dict(rows)


# -- which posts are read ------------------------------------------------------------------------------------------


def own(project: Project) -> list[int]:
    """Our own accounts, with all accounts of the same people."""
    return people_map(project).spread(own_accounts(project))


def question_posts(project: Project, *, now: int, days: int = DAYS, among: Collection[int] | None = None) -> list[int]:
    """Posts by others that read like a question, newest first."""
    rows = project.query(
        "select id, coalesce(title, '') || ' ' || text from post where created between ? and ? and gone is null "
        "and kind <> 'repost' and author is not null and author not in (select value from json_each(?)) "
        "order by created desc, id desc", (now - days * DAY, now, json.dumps(own(project))),
    )  # fmt: skip
    return [post for post, text in rows if (among is None or post in among) and _ASKS.search(text)][:READ]


def opportunity_posts(project: Project, *, now: int, authors: Collection[int] | None = None) -> list[int]:
    """Posts by others that may tell of a need or a change in life, newest first."""
    longest = max(days for name in ("needs", "events") for days in tables()[name].values())
    rows = project.query(
        "select id, author from post where created between ? and ? and gone is null and kind <> 'repost' "
        "and author is not null and author not in (select value from json_each(?)) order by created desc, id desc",
        (now - longest * DAY, now, json.dumps(own(project))),
    )  # fmt: skip
    return [post for post, author in rows if authors is None or author in authors][:READ]


def inbox_posts(project: Project, *, now: int, days: int = ANGRY_DAYS) -> list[int]:
    """Posts of others that mention, answer or quote us, newest first."""
    rows = project.query(
        "select p.id, p.created from post p where p.created between :since and :now and p.gone is null "
        "and p.kind <> 'repost' and p.author is not null and p.author not in (select value from json_each(:own)) and "
        "(exists (select 1 from mention m where m.post = p.id and m.account in (select value from json_each(:own))) "
        "or exists (select 1 from post t where t.id in (p.reply_to, p.quote_of, "
        "case when p.reply_to is null then p.root end) and t.author in (select value from json_each(:own)))) "
        "order by p.created desc, p.id desc",
        {"own": json.dumps(own(project)), "since": now - days * DAY, "now": now},
    )
    return [row[0] for row in rows][:READ]


# -- the queues ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """A post with what its analysis says."""

    id: int
    author: int
    created: int
    text: str
    likes: int
    said: int | None
    root: int | None
    sentiment: float | None
    label: str | None
    needs: tuple[str, ...]
    events: tuple[str, ...]
    interests: Mapping[str, float]
    quotes: Mapping[str, str]
    spam: float
    tags: frozenset[str]


def read(project: Project, posts: Iterable[int]) -> list[Read]:
    """Posts with their analysis; one that was not analysed says nothing."""
    found = []
    for row in project.query(
        "select p.id, p.author, p.created, coalesce(p.title || ' ', '') || p.text, coalesce(p.likes, 0), p.comments, "
        "p.root, f.sentiment, f.label, f.spam, f.detail, p.tags from post p left join feature f on f.post = p.id "
        "where p.id in (select value from json_each(?)) order by p.created desc, p.id desc", (json.dumps(list(posts)),),
    ):  # fmt: skip
        detail = json.loads(row[10] or "{}")
        found.append(Read(
            row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8],
            needs=tuple(name for name, _ in detail.get("needs", ())), events=tuple(detail.get("life_events", ())),
            interests=dict(detail.get("interests", ())), quotes=detail.get("quotes", {}), spam=row[9] or 0.0,
            tags=frozenset(json.loads(row[11] or "[]")),
        ))  # fmt: skip
    return found


def angry(project: Project, *, now: int) -> set[int]:
    """People who complained to us lately: they are heard first, and get no other word. The account that stands for
    each. The posts of ``inbox_posts`` must have been analysed."""
    persons = people_map(project)
    return {persons.one(post.author) for post in read(project, inbox_posts(project, now=now)) if complains(post)}


def complains(post: Read) -> bool:
    """Whether somebody who speaks to us complains: a need that was found, or words of the table ``complaint``."""
    return "complain" in post.needs or complaint_in(post.text) is not None


def complaint_in(text: str) -> str | None:
    """The words of a text that are a complaint, where somebody says them to us."""
    found = _complaint().search(text)
    return None if found is None else found[0]


@cache
def _complaint() -> re.Pattern[str]:
    return re.compile(str(tables()["complaint"]["any"]).replace("\n", ""))


def questions(
    project: Project, posts: Sequence[int], *, now: int, about: Mapping[str, float] | None = None, topic: bool = False,
    authors: Collection[int] | None = None,
) -> Rows:  # fmt: skip
    """Questions of ``posts`` that nobody answered, or not well, those that are worth most first.

    ``about``: what we know of (``ours_about``); ``topic``: the posts were chosen by one, so all of them fit.
    """
    rules, table = tables()["question"], tables()["help"]
    persons, passed = people_map(project), Counter[str]()
    found = read(project, posts)
    answers = _answers(project, [post.id for post in found])
    ours, cross, off = set(own(project)), angry(project, now=now), hidden(project, "questions", now)
    barred = left_out(project, {post.author for post in found})
    size = _sizes(project, {post.author for post in found})
    rows = []
    for post in found:
        asks = [name for name in post.needs if name in table] or (["question"] if _ASKS.search(post.text) else [])
        if not asks or post.spam >= AD or set(post.needs) & OFFERS:
            passed["no_question"] += 1
            continue
        if authors is not None and persons.one(post.author) not in authors:
            continue
        if (why := barred.get(post.author)) is not None:
            passed[why] += 1
            continue
        if post.id in off or persons.one(post.author) in cross:
            passed[off.get(post.id, "angry")] += 1
            continue
        verdict, others = _answered(post, answers.get(post.id, ()), ours, int(rules["few"]))
        if verdict in ("by_us", "well"):
            passed[f"answered_{verdict}"] += 1
            continue
        fit = 1.0 if topic else fit_of(post, about)
        if fit == 0.0:
            passed["off_topic"] += 1
            continue
        age = max(0, now - post.created)
        parts = {
            "fresh": 0.5 ** (age / 3600 / rules["half_life_hours"]), "fit": fit,
            "reach": min(1.0, math.log1p(post.likes + others + size.get(post.author, 0) / 100) / math.log(1000)),
            "help": max(table[name] for name in asks),
        }  # fmt: skip
        score = math.prod(max(_FLOOR, part) for part in parts.values())
        reasons: list[tuple[str, dict[str, Any]]] = [(f"queue.why.{verdict}", {"n": others, "said": post.said})]
        if asks != ["question"]:
            best = max(asks, key=lambda name: (table[name], name))
            reasons.insert(0, ("queue.why.need", {"need": f"nlp.need.{best}", "quote": post.quotes.get(best, "")}))
        rows.append(Waiting(
            post.id, post.author, post.created, max(asks, key=lambda n: (table[n], n)), round(score, 6), tuple(reasons),
            "queue.next.answer", post.created + int(rules["best_before"]) * DAY,
            {name: round(part, 4) for name, part in parts.items()},
        ))  # fmt: skip
    return Rows(tuple(sorted(rows, key=lambda r: (-r.score, -r.created, r.post))), passed)


def ours_about(project: Project) -> dict[str, float]:
    """What our own posts are about: {interest or #tag: share of our analysed posts}; empty if we have none."""
    count: Counter[str] = Counter()
    posts = read(project, own_posts(project))
    for post in posts:
        count.update({*post.interests, *(f"#{tag}" for tag in post.tags)})
    return {name: n / len(posts) for name, n in sorted(count.items())}


def own_posts(project: Project) -> list[int]:
    """Our own posts: what ``ours_about`` reads."""
    sql = "select id from post where author in (select value from json_each(?)) and kind = 'post' and gone is null"
    return [row[0] for row in project.query(sql + " order by created desc limit 500", (json.dumps(own(project)),))]


def fit_of(post: Read, about: Mapping[str, float] | None) -> float:
    """How near a post is to what we post of, 0 to 1: the largest share among our interests and tags that it has.

    0.5 where nothing is known of us; 0 where the post has none of it.
    """
    if not about:
        return 0.5
    shares = [about.get(name, 0.0) ** 0.5 for name in (*post.interests, *(f"#{tag}" for tag in post.tags))]
    return min(1.0, max(shares, default=0.0))


def _sizes(project: Project, authors: Collection[int]) -> dict[int, int]:
    sql = "select id, followers from account where followers is not null and id in (select value from json_each(?))"
    return dict(project.query(sql, (json.dumps(sorted(authors)),)))


def _answers(project: Project, posts: Sequence[int]) -> dict[int, list[tuple[int, int, str]]]:
    """{post: (author, time, text) of each answer to it}, oldest first."""
    sql = (
        "select coalesce(case when reply_to in (select value from json_each(:ids)) then reply_to end, root), author, "
        "coalesce(created, 0), text from post where author is not null and gone is null and kind <> 'repost' and "
        "(reply_to in (select value from json_each(:ids)) or root in (select value from json_each(:ids))) "
        "order by created, id"
    )
    found: dict[int, list[tuple[int, int, str]]] = {}
    for post, author, created, text in project.query(sql, {"ids": json.dumps(list(posts))}):
        found.setdefault(post, []).append((author, created, text))
    return found


def _answered(post: Read, answers: Sequence[tuple[int, int, str]], ours: Collection[int], few: int) -> tuple[str, int]:
    """How a question was answered: by_us, well, nobody, few, again (its author still asks), unseen (the platform says
    that there are answers, and we have none of them); and how many people answered that we see.
    """
    others = [a for a in answers if a[0] != post.author]
    if any(a[0] in ours for a in others):
        return "by_us", len(others)
    people = len({a[0] for a in others})
    again = [a for a in answers if a[0] == post.author and _ASKS.search(a[2])]
    if others and again and again[-1][1] >= others[-1][1]:
        return "again", people
    if not others:
        return ("unseen" if (post.said or 0) > few else "nobody"), 0
    return ("few" if people <= few and (post.said or 0) <= few + 1 else "well"), people


def opportunities(
    project: Project, posts: Sequence[int], *, now: int, about: Mapping[str, float] | None = None,
    authors: Collection[int] | None = None,
) -> Rows:  # fmt: skip
    """Occasions told in ``posts`` that have not passed, each person's newest of a kind once; the soonest to pass first
    among those of like fit (score = 1 - share of the time gone, times fit)."""
    needs, events = tables()["needs"], tables()["events"]
    persons, passed = people_map(project), Counter[str]()
    found = [post for post in read(project, posts) if post.needs or post.events]
    cross, off = angry(project, now=now), hidden(project, "opportunities", now)
    barred = left_out(project, {post.author for post in found})
    rows: list[Waiting] = []
    seen: set[tuple[int, str]] = set()
    for post in found:
        who = persons.one(post.author)
        told = [(name, "event", events[name]) for name in post.events if name in events]
        told += [(name, "need", needs[name]) for name in post.needs if name in needs]
        if post.spam >= AD or set(post.needs) & OFFERS or (authors is not None and who not in authors):
            continue
        for name, kind, days in told:
            until = post.created + int(days) * DAY
            if (who, name) in seen:
                continue
            seen.add((who, name))
            fit = fit_of(post, about) if kind == "need" else 1.0
            why = (
                barred.get(post.author) or off.get(post.id) or ("passed" if until < now else None)
                or ("angry" if who in cross else None) or ("off_topic" if fit == 0.0 else None)
            )  # fmt: skip
            if why is not None:
                passed[why] += 1
                continue
            left = (until - now) / (int(days) * DAY)
            quote = post.quotes.get(name, "")
            reason = (f"queue.why.{kind}", {"need": f"nlp.{kind}.{name}", "quote": quote})
            rows.append(Waiting(
                post.id, post.author, post.created, name, round(max(_FLOOR, fit) * left, 6), (reason,),
                f"queue.next.{kind}", until, {"fit": round(fit, 4), "left": round(left, 4)},
            ))  # fmt: skip
    return Rows(tuple(sorted(rows, key=lambda r: (-r.score, -r.created, r.post))), passed)


def inbox(
    project: Project, posts: Sequence[int], *, now: int, days: int = INBOX_DAYS, authors: Collection[int] | None = None
) -> Rows:
    """What people wrote to us in the last ``days``: what we have not answered first, complaints before questions,
    before what may be meant unkindly, before the rest, and of each the longest waiting; then what we answered, newest
    first. Suppressed people are not shown; those who decline to be approached are: they wrote to us.
    """
    from .people import barred

    found = [post for post in read(project, posts) if post.created >= now - days * DAY]
    ours, off = own(project), hidden(project, "inbox", now)
    out, passed = barred(project, {post.author for post in found}), Counter[str]()
    persons = people_map(project)
    answered = {(row[0]) for row in project.query(
        "select reply_to from post where author in (select value from json_each(?1)) and reply_to in "
        "(select value from json_each(?2)) and gone is null", (json.dumps(ours), json.dumps(list(posts))),
    )}  # fmt: skip
    rows = []
    for post in found:
        if authors is not None and persons.one(post.author) not in authors:
            continue
        if (why := out.get(post.author) or off.get(post.id)) is not None:
            passed[why] += 1
            continue
        done, wait = post.id in answered, now - post.created
        kind = _mail(post)
        quote = post.quotes.get("complain") or complaint_in(post.text) or ""
        rows.append(Waiting(
            post.id, post.author, post.created, kind, float(len(_MAIL) - _MAIL.index(kind)) if not done else 0.0,
            ((f"queue.why.{kind}", {"quote": quote}),), f"queue.next.{'none' if done else kind}",
            None, {"waiting_hours": round(wait / 3600, 1)}, "answered" if done else "open",
        ))  # fmt: skip
    rows.sort(key=lambda r: (-r.score, r.created if r.score > 0 else -r.created, r.post))
    return Rows(tuple(rows), passed)


_MAIL: Final = ("complaint", "question", "unhappy", "word")
"""Kinds of what people write to us, in the order in which they are answered."""


def _mail(post: Read) -> str:
    if complains(post):
        return "complaint"
    if _ASKS.search(post.text):
        return "question"
    return "unhappy" if post.label == "negative" else "word"
