"""Whether accounts are real people: copies across accounts, acting in step, and the scorecard, kept in the project.

Each account is judged once for a state of its profile and posts and a version of the rules; ``basis`` in
``account_sign`` says for which. Copies are looked for over the whole project (its newest ``COPIES_OF`` posts)
whenever posts came or changed.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from .events import Progress
from .storage import Project

if TYPE_CHECKING:
    from nlp.accounts import Activity

COPIES_OF: Final = 300_000
"""So many posts, newest first, are compared with one another."""
COPIED_BY: Final = 3
"""From so many accounts on a text counts as copied."""
POSTS_READ: Final = 200
ACTS_READ: Final = 300_000
"""With more interactions than this only those among the accounts in question are looked at."""
_CHUNK: Final = 200


async def judge_accounts(project: Project, accounts: Sequence[int]) -> AsyncIterator[Progress]:
    """Bring ``account_sign`` up to date for ``accounts``; minors are passed over.

    A project that can only be read keeps what it has.
    """
    if project.readonly or not accounts:
        return
    young = barred_minors(project, accounts)
    accounts = [number for number in accounts if number not in young]
    await asyncio.to_thread(find_copies, project)
    stale = await asyncio.to_thread(_stale, project, accounts)
    if not stale:
        return
    steps = await asyncio.to_thread(_in_step, project, list(stale))
    order = sorted(stale)
    for start in range(0, len(order), _CHUNK):
        part = order[start : start + _CHUNK]
        rows = await asyncio.to_thread(_judge, project, part, stale, steps)
        await project.writer.acall(_store(rows))
        yield Progress("accounts", min(start + _CHUNK, len(order)), len(order))


def barred_minors(project: Project, accounts: Sequence[int]) -> set[int]:
    """Those who say that they are under 18; what was stored about them before goes."""
    listed = json.dumps(list(accounts))
    young = "select account from profile_fact where fact = 'minor' and account in (select value from json_each(?))"
    found = {row[0] for row in project.query(young, (listed,))}
    if found:
        gone = json.dumps(sorted(found))
        project.writer.call(
            lambda db: db.execute("delete from account_sign where account in (select value from json_each(?))", (gone,))
        )
    return found


def _version() -> str:
    from nlp.accounts import ACCOUNT_VERSION
    from nlp.types import MODEL_VERSION

    return f"{ACCOUNT_VERSION}/{MODEL_VERSION}"


def _stale(project: Project, accounts: Sequence[int]) -> dict[int, str]:
    """{account: basis} of those whose stored judgement is missing or of another state."""
    rows = project.query(
        "select a.id, s.basis, coalesce(a.fetched, 0) || ':' || count(p.id) || ':' || coalesce(max(p.id), 0) || ':' || "
        "coalesce(max(p.fetched), 0) || ':' || count(c.post) from account a left join post p on p.author = a.id "
        "left join post_copy c on c.post = p.id left join account_sign s on s.account = a.id "
        "where a.id in (select value from json_each(?)) group by a.id",
        (json.dumps(list(accounts)),),
    )
    version = _version()
    return {number: f"{version}:{state}" for number, known, state in rows if known != f"{version}:{state}"}


def find_copies(project: Project) -> None:
    """Bring ``post_copy`` up to date, if posts came or changed since."""
    from nlp.neardup import groups

    if project.readonly:
        return
    state = project.query("select count(*), coalesce(max(id), 0), coalesce(max(fetched), 0) from post")[0]
    basis = ":".join(map(str, (_version(), *state)))
    if project.meta("copies") == basis:
        return
    posts = project.query(
        "select id, author, text, created from post where author is not null order by id desc limit ?", (COPIES_OF,)
    )
    posts.reverse()
    found = groups(
        [row[2] for row in posts], [row[1] for row in posts], [row[3] for row in posts], least_accounts=COPIED_BY
    )
    rows = [(posts[m][0], group.id, group.accounts) for group in found for m in group.members]

    def write(db: sqlite3.Connection) -> None:
        db.execute("delete from post_copy")
        db.executemany("insert into post_copy(post, grp, accounts) values (?, ?, ?)", rows)
        db.execute("insert or replace into meta(key, value) values ('copies', ?)", (basis,))

    project.writer.call(write)


def _in_step(project: Project, accounts: Sequence[int]) -> Mapping[Hashable, float]:
    """{account: share of its acts done in step with steady partners}."""
    from nlp.neardup import synchrony

    sql = "select actor, case when post > 0 then post else -target end, t from interaction where t > 0"
    few = (project.one("select count(*) from (select 1 from interaction limit ?)", (ACTS_READ + 1,)) or 0) <= ACTS_READ
    if few:
        rows = project.query(sql)
    else:
        rows = project.query(
            f"{sql} and actor in (select value from json_each(?)) limit ?", (json.dumps(list(accounts)), ACTS_READ)
        )
    return synchrony([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


def _judge(
    project: Project, accounts: Sequence[int], basis: Mapping[int, str], steps: Mapping[Hashable, float]
) -> list[tuple[Any, ...]]:
    from nlp.accounts import authenticity

    rows = project.query(
        "select id, name, bio, followers, following, posts, verified from account "
        "where id in (select value from json_each(?))",
        (json.dumps(list(accounts)),),
    )
    out = []
    for number, name, bio, followers, following, posts, verified in rows:
        written, taken = _written(project, number)
        known = {
            "followers": followers, "following": following, "posts": posts, "verified": verified,
            "sync_share": steps.get(number), **_profile(name, bio, written, followers),
        }  # fmt: skip
        if len(written) >= COPIED_BY:
            known["copied_share"] = taken / len(written)
        verdict = authenticity(known)
        telling = {name: (name, value, odds) for name, value, odds in verdict.parts}
        detail = json.dumps([telling[name] for name in verdict.reasons])
        out.append((number, basis[number], verdict.p_spam, verdict.seen, detail))
    return out


def _profile(name: str | None, bio: str | None, written: Sequence[Activity], followers: int | None) -> dict[str, Any]:
    from nlp.accounts import behaviour, is_default_name

    known: dict[str, Any] = behaviour(written, followers=followers)
    if name:
        known["default_name"] = is_default_name(name)
    if bio is not None:
        known["has_bio"] = bool(bio.strip())
    return known


def _written(project: Project, account: int) -> tuple[list[Activity], int]:
    """The newest posts of an account, and how many of them are copied."""
    from nlp.accounts import Activity

    rows = project.query(
        "select t.text, t.created, t.kind, t.likes, t.comments, t.shares, f.spam, c.post from post t "
        "left join feature f on f.post = t.id left join post_copy c on c.post = t.id "
        "where t.author = ? order by t.created desc, t.id desc limit ?",
        (account, POSTS_READ),
    )
    written = [Activity(text, t, kind == "repost", _sum(*counts), p) for text, t, kind, *counts, p, _ in rows]
    return written, sum(row[-1] is not None for row in rows)


def _sum(*counts: int | None) -> int | None:
    known = [n for n in counts if n is not None]
    return sum(known) if known else None


def _store(rows: Sequence[tuple[Any, ...]]) -> Any:
    def write(db: sqlite3.Connection) -> None:
        db.executemany(
            "insert or replace into account_sign(account, basis, spam, seen, detail) values (?, ?, ?, ?, ?)", rows
        )

    return write
