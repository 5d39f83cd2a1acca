"""What one fetch changed: posts and people that are new, edits, new names, posts that are gone."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Final

_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a project stood before a fetch: its newest account and post, the posts that were only spoken of (as
    somebody's parent), and those that were gone.
    """

    account: int
    post: int
    awaited: frozenset[int]
    gone: frozenset[int]


@dataclass(frozen=True, slots=True)
class Changes:
    """Our ids of what changed, the liveliest first; ``tags``: (tag, posts now, posts in as long a time before)."""

    posts: tuple[int, ...]
    comments: tuple[int, ...]
    people: tuple[int, ...]
    edited: tuple[int, ...]
    gone: tuple[int, ...]
    renamed: tuple[int, ...]
    tags: tuple[tuple[str, int, int], ...]


def mark(db: sqlite3.Connection) -> Mark:
    """Call before fetching."""

    def ids(sql: str) -> frozenset[int]:
        return frozenset(row[0] for row in db.execute(sql))

    return Mark(
        account=db.execute("select coalesce(max(id), 0) from account_key").fetchone()[0],
        post=db.execute("select coalesce(max(id), 0) from post_key").fetchone()[0],
        awaited=ids("select id from post_key except select id from post"),
        gone=ids("select id from post where gone is not null"),
    )


def since(db: sqlite3.Connection, before: Mark, jobs: tuple[int, ...]) -> Changes:
    """What the fetching ``jobs`` (job numbers) changed since ``before``."""
    ours = "source in (select id from source where job in (select value from json_each(:jobs)))"
    old = "t.id <= :post and t.id not in (select value from json_each(:awaited))"
    lively = "order by coalesce(t.likes, 0) + coalesce(t.comments, 0) + coalesce(t.shares, 0) desc, t.id limit :most"
    params = {
        "jobs": json.dumps(jobs), "account": before.account, "post": before.post, "most": _MOST,
        "awaited": json.dumps(sorted(before.awaited)), "was_gone": json.dumps(sorted(before.gone)),
    }  # fmt: skip

    def ids(sql: str) -> tuple[int, ...]:
        return tuple(row[0] for row in db.execute(sql, params))

    posts = ids(f"select t.id from post t where {ours} and not ({old}) and gone is null and kind <> 'comment' {lively}")
    last = "select max(x.fetched) from"
    return Changes(
        posts=posts,
        comments=ids(
            f"select t.id from post t where {ours} and not ({old}) and gone is null and kind = 'comment' {lively}"
        ),
        people=ids("select id from account where id > :account order by coalesce(followers, 0) desc, id limit :most"),
        edited=ids(
            f"select t.id from post t join post_history h on h.post = t.id where t.{ours} and {old} and gone is null "
            f"and h.text <> t.text and h.fetched = ({last} post_history x where x.post = t.id) "
            f"{lively}"
        ),
        gone=ids(
            "select id from post where gone is not null and id not in (select value from json_each(:was_gone)) "
            "order by id limit :most"
        ),
        renamed=ids(
            f"select a.id from account a join account_history h on h.account = a.id where a.{ours} "
            f"and h.name <> a.name and h.fetched = ({last} account_history x where x.account = a.id) "
            "order by a.id limit :most"
        ),
        tags=_rising(db, posts),
    )


def _rising(db: sqlite3.Connection, posts: tuple[int, ...]) -> tuple[tuple[str, int, int], ...]:
    """Tags of the new posts that were on fewer posts of as many older ones, the steepest first (at most ten)."""
    new = json.dumps(posts)
    counted = (
        "select g.name, count(*) n from post_tag pt join tag g on g.id = pt.tag where pt.post in ({}) group by g.id"
    )
    older = "select id from post where id not in (select value from json_each(:new)) order by id desc limit :many"
    params = {"new": new, "many": len(posts)}
    now = dict(db.execute(counted.format("select value from json_each(:new)"), params))
    was = dict(db.execute(counted.format(older), params))
    rising = [(name, n, was.get(name, 0)) for name, n in now.items() if n > was.get(name, 0) and n >= 2]
    return tuple(sorted(rising, key=lambda row: (row[2] - row[1], row[0]))[:10])


@dataclass(frozen=True, slots=True)
class Missed:
    """A post that an earlier run of the same query saw in this window and this one did not."""

    id: int
    platform: str
    native_id: str
    url: str | None


def missing(db: sqlite3.Connection, job: int, since: int | None, until: int) -> list[Missed]:
    """Posts stored by earlier jobs from the queries of ``job`` and created within the window (UTC seconds, inclusive)
    that ``job`` did not come across, the newest first. Only for a job whose every slice ended whole.
    """
    rows = db.execute(
        "select t.id, p.name, k.native_id, t.url from post t join post_key k on k.id = t.id "
        "join platform p on p.id = k.platform join source s on s.id = t.source "
        "where t.gone is null and t.kind <> 'comment' and t.created between ? and ? and s.job <> ?3 "
        "and exists (select 1 from source o where o.job = ?3 and o.name = s.name and o.query = s.query "
        "and o.tool is s.tool) "
        "and t.id not in (select post from job_seen where job = ?3) order by t.created desc, t.id desc",
        (0 if since is None else since, until, job),
    )
    return [Missed(*row) for row in rows]


def forget_seen(db: sqlite3.Connection, job: int) -> None:
    """The job has looked for what is missing."""
    db.execute("delete from job_seen where job = ?", (job,))
