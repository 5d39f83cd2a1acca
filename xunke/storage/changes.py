"""What one fetch changed: posts and people that are new, edits, new names, posts that are gone."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Final

from .project import Project

_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a project stood before a fetch: its newest account and the time, UTC seconds."""

    account: int
    time: int


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


def mark(project: Project, now: int) -> Mark:
    """Call before fetching."""
    return Mark(int(project.one("select coalesce(max(id), 0) from account_key")), now)


def since(project: Project, before: Mark, jobs: tuple[int, ...]) -> Changes:
    """What the fetching ``jobs`` (job numbers) changed since ``before``."""
    db = project.reader
    listed = ",".join(str(int(job)) for job in jobs) or "0"
    ours = f"t.source in (select id from source where job in ({listed}))"
    old = "exists (select 1 from post_history h where h.post = t.id and h.fetched < :time)"
    lively = "order by coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) desc, t.id limit :most"
    params = {"time": before.time, "account": before.account, "most": _MOST}

    def ids(sql: str) -> tuple[int, ...]:
        return tuple(row[0] for row in db.execute(sql, params))

    new = f"from post t where {ours} and not {old} and t.gone is null"
    posts = ids(f"select t.id {new} and kind <> 'comment' {lively}")
    return Changes(
        posts=posts,
        comments=ids(f"select t.id {new} and kind = 'comment' {lively}"),
        people=ids("select id from account where id > :account order by coalesce(followers, 0) desc, id limit :most"),
        edited=ids(
            f"select t.id from post t where {ours} and t.gone is null and exists (select 1 from post_history h "
            "where h.post = t.id and h.text <> t.text and h.fetched = "
            f"(select max(fetched) from post_history x where x.post = t.id and x.fetched < :time)) {lively}"
        ),
        gone=ids("select id from post t where gone >= :time order by id limit :most"),
        renamed=ids(
            f"select distinct h.account from account_history h join account a on a.id = h.account "
            f"where h.name <> a.name and a.source in (select id from source where job in ({listed})) "
            "and a.fetched >= :time order by h.account limit :most"
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
