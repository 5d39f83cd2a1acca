"""What is stored about one person, why, from where and until when; and the data card of a whole project.

PIPL 45 and GDPR 15: a person may ask what is held about them and get a copy. ``SECTIONS`` names for every table that
has something of a person the query that shows it; a table that is in neither ``SECTIONS`` nor ``NOT_SHOWN`` fails the
tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from xunke.clock import day_of
from xunke.storage import Project, retention
from xunke.storage.deleting import POST_QUEUES
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from .people import barred


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the account: which ``tables`` it shows, the columns and the query (``:ids``: the person's accounts).
    ``scope``: which rule of retention its rows go by; ``together``: they go with the rows of that scope.
    """

    tables: tuple[str, ...]
    columns: tuple[str, ...]
    sql: str
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a section found. ``until``: the day (inclusive) until which the newest of it is kept; None: no end."""

    name: str
    columns: tuple[str, ...]
    rows: list[list[Any]]
    scope: str | None
    days: int | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """Everything about one person: their accounts, the parts, how we know them ourselves, why they are left out."""

    accounts: tuple[int, ...]
    name: str
    parts: tuple[Part, ...]
    own: tuple[str, ...]
    barred: str | None


_IDS: Final = "(select value from json_each(:ids))"
_KIND: Final = "case i.kind " + " ".join(f"when {n} then '{kind}'" for kind, n in KINDS.items()) + " end"
TIMES: Final = frozenset({"time", "saved_at", "expires", "withdrawn", "since_time", "until_time"})
"""Columns that are UTC seconds."""
_POSTS: Final = f"(select id from post where author in {_IDS})"

SECTIONS: Final[Mapping[str, Section]] = {
    "account": Section(
        ("account", "account_key", "platform", "person"),
        ("platform", "id", "name", "handle", "bio", "url", "region", "gender", "occupation", "followers", "following",
         "posts", "saved_at"),
        "select p.name, k.native_id, a.name, a.handle, a.bio, a.url, a.region, a.gender, a.occupation, a.followers, "
        "a.following, a.posts, a.fetched from account_key k join platform p on p.id = k.platform "
        f"left join account a on a.id = k.id where k.id in {_IDS} order by k.id", "people",
    ),
    "before": Section(
        ("account_history",), ("name", "handle", "bio", "saved_at"),
        f"select name, handle, bio, fetched from account_history where account in {_IDS} order by fetched", "people",
    ),
    "post": Section(
        ("post", "post_key", "post_fts"), ("platform", "id", "kind", "time", "text", "url", "saved_at"),
        "select p.name, k.native_id, t.kind, t.created, coalesce(t.title || '：', '') || t.text, t.url, t.fetched "
        "from post t join post_key k on k.id = t.id join platform p on p.id = k.platform "
        f"where t.author in {_IDS} order by t.created desc, t.id desc", "posts",
    ),
    "edited": Section(
        ("post_history",), ("id", "saved_at", "text"),
        "select k.native_id, h.fetched, h.text from post_history h join post_key k on k.id = h.post "
        f"where h.post in {_POSTS} and h.text is not null order by h.fetched", "posts",
    ),
    "made": Section(
        ("feature", "post_tag", "tag", "post_copy", "post_raw", "label"), ("what", "count"),
        f"select 'held.made_feature', count(*) from feature where post in {_POSTS} union all "
        f"select 'held.made_tag', count(*) from post_tag where post in {_POSTS} union all "
        f"select 'held.made_copy', count(*) from post_copy where post in {_POSTS} union all "
        f"select 'held.made_raw', count(*) from post_raw where post in {_POSTS} union all "
        f"select 'held.made_label', count(*) from label where post in {_POSTS}", "posts",
    ),
    "fact": Section(
        ("profile_fact",), ("fact", "value", "origin", "quote", "confidence"),
        f"select fact, value, origin, quote, confidence from profile_fact where account in {_IDS} order by 1, 2",
        "people",
    ),
    "sign": Section(
        ("account_sign",), ("spam", "posts"),
        f"select round(spam, 3), seen from account_sign where account in {_IDS}", "people",
    ),
    "acts": Section(
        ("interaction",), ("what", "kind", "count", "time"),
        f"select 'given', {_KIND}, count(*), max(nullif(i.t, 0)) from interaction i where i.actor in {_IDS} "
        "group by i.kind "
        f"union all select 'got', {_KIND}, count(*), max(nullif(i.t, 0)) from interaction i where i.target in {_IDS} "
        "group by i.kind", "edges",
    ),
    "mention": Section(
        ("mention",), ("what", "count"),
        f"select 'mentioned', count(*) from mention where account in {_IDS} union all "
        f"select 'mentions', count(*) from mention where post in {_POSTS}", "posts",
    ),
    "group": Section(
        ("membership", "group_"), ("platform", "name"),
        "select p.name, coalesce(g.name, g.native_id) from membership m join group_ g on g.id = m.group_ "
        f"join platform p on p.id = g.platform where m.account in {_IDS} order by 1, 2", "people",
    ),
    "size": Section(
        ("follower_snapshot",), ("time", "followers", "following", "posts"),
        f"select t, followers, following, posts from follower_snapshot where account in {_IDS} order by t", "people",
    ),
    "following": Section(
        ("follower", "follower_list", "follower_seen"), ("name", "since_time", "until_time"),
        "select coalesce(a.name, k.native_id), f.first, f.gone from follower f join account_key k on k.id = f.own "
        f"left join account a on a.id = k.id where f.account in {_IDS} or f.own in {_IDS} order by f.first", "people",
    ),
    "same": Section(
        ("same_pair",), ("platform", "id", "state", "probability"),
        "select p.name, k.native_id, s.state, round(s.p, 3) from same_pair s join account_key k on k.id = "
        f"case when s.a in {_IDS} then s.b else s.a end join platform p on p.id = k.platform "
        f"where s.a in {_IDS} or s.b in {_IDS} order by s.id", "people",
    ),
    "result": Section(
        ("score", "result", "run"), ("result", "name", "rank", "time"),
        "select r.id, r.title, s.rank, r.created from score s join result r on r.id = s.result "
        f"where r.target = 'people' and s.item in {_IDS} or r.target = 'posts' and s.item in {_POSTS} "
        "order by r.id desc, s.rank", "results",
    ),
    "list": Section(
        ("list_member", "saved_list"), ("list", "purpose", "basis", "reason", "saved_at", "expires"),
        "select l.name, l.purpose, l.basis, m.reason, m.added, l.expires from list_member m join saved_list l "
        f"on l.id = m.list where l.target = 'people' and m.item in {_IDS} or l.target = 'posts' and m.item in {_POSTS} "
        "order by l.id",
    ),
    "out": Section(
        ("list_out",), ("list", "what", "saved_at"),
        "select l.name, o.why, o.added from list_out o join saved_list l on l.id = o.list "
        f"where l.target = 'people' and o.item in {_IDS} order by l.id",
    ),
    "segment": Section(
        ("segment_member", "segment"), ("segment", "value", "time"),
        "select g.name, m.value, g.computed from segment_member m join segment g on g.id = m.segment "
        f"where m.account in {_IDS} order by g.id",
    ),
    "tag": Section(
        ("tag_verdict",), ("fact", "value", "what", "time"),
        f"select fact, value, case good when 1 then 'good' else 'bad' end, t from tag_verdict where account in {_IDS} "
        "order by 1, 2",
    ),
    "mark": Section(
        ("mark",), ("what", "time"),
        f"select case good when 1 then 'good' else 'bad' end, created from mark where account in {_IDS}",
    ),
    "arm": Section(
        ("arm", "experiment"), ("experiment", "arm", "state"),
        f"select e.name, a.arm, e.state from arm a join experiment e on e.id = a.experiment where a.account in {_IDS}",
    ),
    "touch": Section(
        ("touch", "campaign"), ("time", "step", "channel", "state", "campaign", "draft", "note"),
        "select t.t, t.step, t.channel, t.state, c.name, t.draft, t.note from touch t left join campaign c "
        f"on c.id = t.campaign where t.account in {_IDS} and t.undone is null order by t.t", "touches",
    ),
    "outcome": Section(
        ("outcome",), ("time", "kind", "value", "source", "note"),
        f"select t, kind, value, source, note from outcome where account in {_IDS} and undone is null order by t",
        "touches",
    ),
    "purchase": Section(
        ("purchase",), ("time", "amount", "currency", "what"),
        f"select t, amount, coalesce(currency, 'CNY'), what from purchase where account in {_IDS} order by t",
        "touches",
    ),
    "note": Section(
        ("note",), ("time", "kind", "text", "due"),
        f"select t, kind, body, due from note where account in {_IDS} and undone is null order by t", "touches",
    ),
    "queue": Section(
        ("queue_state",), ("queue", "state", "until_time"),
        f"select queue, state, until from queue_state where queue in {POST_QUEUES} and item in {_POSTS} "
        f"or queue not in {POST_QUEUES} and item in {_IDS}",
    ),
    "consent": Section(
        ("consent",), ("kind", "time", "evidence", "withdrawn"),
        f"select kind, t, evidence, withdrawn from consent where account in {_IDS} order by kind",
    ),
    "source": Section(
        ("source",), ("what", "name", "query", "saved_at", "purpose", "basis"),
        "select kind, name, query, fetched, purpose, basis from source where id in (select source from post where "
        f"author in {_IDS} union select source from account where id in {_IDS} union select source from purchase where "
        f"account in {_IDS}) order by id",
    ),
}  # fmt: skip
"""{part: what it shows}, in the order in which it is told."""

NOT_SHOWN: Final[Mapping[str, str]] = {
    "pending_edge": "answers to posts that are not here, without a name",
    "job_seen": "which posts a running job has met; emptied when it ends",
    "job": "what was fetched: told as the source", "job_slice": "as job",
    "gap": "what is lacking, nothing that is held",
    "refusal": "servers", "schedule": "what is fetched again: told as the source", "schedule_run": "as schedule",
    "act": "numbers for undo", "lexicon": "the user's words", "learned": "weights of words", "meta": "settings",
    "campaign_list": "lists of campaigns", "variant": "texts for everybody", "cost": "money",
    "calendar": "planned content",
    "model": "coefficients over everybody", "review": "figures over everybody",
    "result_count": "as review", "retention": "settings",
    "suppression": "keyed hashes: told as a reason to be left out", "audit": "keyed hashes and counts",
}  # fmt: skip
"""{table: why the account of a person does not show it}."""


def about(project: Project, account: int, *, today: date) -> Held:
    """What is held about the person of ``account``; all of their accounts that the user said to be one person's.

    Parts that hold nothing are left out.
    """
    from .consent import first_hand

    ids = people_map(project).all(account)
    params = {"ids": json.dumps(ids)}
    rules = {rule.scope: rule.days for rule in retention.rules(project.reader)}
    with project.snapshot():
        parts = []
        for name, section in SECTIONS.items():
            found = [list(row) for row in project.query(section.sql, params)]
            if "count" in section.columns:
                at = section.columns.index("count")
                found = [row for row in found if row[at]]
            if found:
                days = rules.get(section.scope or "")
                until = _until(section, found, days)
                parts.append(Part(name, section.columns, found, section.scope, days, until))
        names = project.query(
            "select coalesce(a.name, a.handle, k.native_id) from account_key k left join account a on a.id = k.id "
            "where k.id = ?", (account,)
        )  # fmt: skip
        own = sorted({how for hows in first_hand(project, ids).values() for how in hows})
        return Held(ids, str(names[0][0]) if names else "", tuple(parts), tuple(own),
                    barred(project, [account]).get(account))  # fmt: skip


def _until(section: Section, found: list[list[Any]], days: int | None) -> date | None:
    at = next((section.columns.index(c) for c in ("saved_at", "time") if c in section.columns), None)
    times = [row[at] for row in found if row[at]] if at is not None else []
    return None if days is None or not times else day_of(max(times)) + timedelta(days=days)


# -- the data card of a project -------------------------------------------------------------------------------------

SETTINGS: Final = ("purpose", "basis", "contact")
"""What the user says of a project: what it is for, on which legal basis, whom people can ask."""


@dataclass(frozen=True, slots=True)
class SourceCard:
    """Where rows came from and how many there are. Times are UTC seconds."""

    id: int
    kind: str
    name: str
    query: str | None
    fetched: int
    posts: int
    people: int
    own: bool
    purpose: str | None
    basis: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """The data card: settings, sources, how many rows of what, rules of retention, who can read the file."""

    settings: dict[str, str]
    sources: tuple[SourceCard, ...]
    counts: dict[str, int]
    rules: tuple[retention.Rule, ...]
    swept: str
    mode: str
    exports: int


_COUNTS: Final[Mapping[str, str]] = {
    "people": "select count(*) from account_key", "posts": "select count(*) from post where kind <> 'comment'",
    "comments": "select count(*) from post where kind = 'comment'", "raw": "select count(*) from post_raw",
    "edges": "select count(*) from interaction", "facts": "select count(*) from profile_fact",
    "lists": "select count(*) from saved_list", "touches": "select count(*) from touch where undone is null",
    "consents": "select count(*) from consent where withdrawn is null",
    "suppressed": "select count(*) from suppression",
}  # fmt: skip


def card(project: Project) -> Card:
    """The project's data card."""
    with project.snapshot():
        rows = project.query(
            "select s.id, s.kind, s.name, s.query, s.fetched, (select count(*) from post t where t.source = s.id), "
            "coalesce(s.own, 0), s.purpose, s.basis from source s order by s.id"
        )
        people = dict(project.query("select source, count(*) from account group by source"))
        sources = tuple(
            SourceCard(i, kind, name, query, t, posts, people.get(i, 0), bool(own), purpose, basis)
            for i, kind, name, query, t, posts, own, purpose, basis in rows
        )
        counts = {name: int(project.one(sql)) for name, sql in _COUNTS.items()}
        exports = int(project.one("select count(*) from audit where act = 'export'"))
        rules = tuple(retention.rules(project.reader))
    settings = {name: project.meta(f"card_{name}") for name in SETTINGS}
    mode = oct(project.path.stat().st_mode & 0o777)[2:]
    return Card(settings, sources, counts, rules, retention.swept_on(project), mode, exports)
