"""How long rows are kept, and the sweep that deletes what is older.

A row's age is counted in days of China time since it was stored (posts, people, raw records) or since it happened
(edges, results, touches); a row as old as the rule says is kept, one day older goes. What is in use (a list that has
not expired, a kept segment, a running experiment or campaign, somebody we approached) is kept back and counted, unless
that is asked for too. The audit log is never shortened.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from xunke.clock import start_of
from xunke.errors import BadInput

from . import acts
from .deleting import delete_people, delete_posts
from .persons import OWN
from .project import Project, to_compact, write_audit

DEFAULTS: Final[Mapping[str, int | None]] = {
    "raw": 180, "posts": None, "comments": None, "edges": None, "people": None, "results": None, "touches": None,
}  # fmt: skip
"""{scope: days, or None for as long as the project}. posts, comments and people may be narrowed to a platform
(``posts:weibo``); ``source:N`` is what came from one source."""
_BY_PLATFORM: Final = frozenset({"posts", "comments", "people"})
LONGEST: Final = 36_500
_SWEPT: Final = "retention_swept"


@dataclass(frozen=True, slots=True)
class Rule:
    """``scope`` is kept ``days`` days (None: as long as the project); ``own``: the user said so."""

    scope: str
    days: int | None
    own: bool


@dataclass(frozen=True, slots=True)
class Due:
    """Of ``scope`` so many rows are older than ``days``: ``rows`` go, ``in_use`` are kept back."""

    scope: str
    days: int
    rows: int
    in_use: int


def rules(db: sqlite3.Connection) -> list[Rule]:
    """Every scope and how long it is kept; those that the user narrowed come behind theirs."""
    said = dict(db.execute("select scope, days from retention"))
    found = [Rule(scope, said.get(scope, days) or None, scope in said) for scope, days in DEFAULTS.items()]
    found += [Rule(scope, days or None, True) for scope, days in said.items() if scope not in DEFAULTS]
    order = list(DEFAULTS)
    place = {rule.scope: (order.index(head) if (head := rule.scope.partition(":")[0]) in order else len(order))
             for rule in found}  # fmt: skip
    return sorted(found, key=lambda rule: (place[rule.scope], rule.scope))


def check(project: Project, scope: str) -> str:
    """``scope`` as it is stored. Raises BadInput("retention.scope") for something that is none."""
    head, colon, rest = scope.strip().lower().partition(":")
    if not colon and head in DEFAULTS:
        return head
    if head in _BY_PLATFORM and rest:
        return f"{head}:{rest}"
    if head == "source" and rest.isdigit() and project.one("select 1 from source where id = ?", (int(rest),)):
        return f"source:{int(rest)}"
    raise BadInput("retention.scope", scope=scope, known=", ".join([*DEFAULTS, "posts:PLATFORM", "source:N"]))


def put(project: Project, asked: Mapping[str, int | None]) -> dict[str, int | None]:
    """Change how many days scopes are kept (None: as long as the project), in one transaction; what was before.

    Raises BadInput for an unknown scope or an impossible number.
    """
    wanted = {check(project, scope): days for scope, days in asked.items()}
    for scope, days in wanted.items():
        if days is not None and not 1 <= days <= LONGEST:
            raise BadInput("retention.days", scope=scope, days=days, longest=LONGEST)

    def write(db: sqlite3.Connection) -> dict[str, int | None]:
        said = dict(db.execute("select scope, days from retention"))
        now = int(time.time())
        for scope, days in wanted.items():
            if days is None and scope not in DEFAULTS:
                db.execute("delete from retention where scope = ?", (scope,))
            else:
                db.execute("insert or replace into retention(scope, days, created) values (?, ?, ?)",
                           (scope, days or 0, now))  # fmt: skip
        before = {scope: said.get(scope) for scope in wanted}
        acts.note(db, "retention_set", {"before": before})
        write_audit(db, "retention.set", {"days": wanted})
        return before

    return project.writer.call(write)


def restore(db: sqlite3.Connection, before: Mapping[str, int | None]) -> None:
    """Take a change of ``put`` back, inside a transaction."""
    for scope, days in before.items():
        db.execute("delete from retention where scope = ?", (scope,))
        if days is not None:
            db.execute("insert into retention(scope, days, created) values (?, ?, ?)", (scope, days, int(time.time())))
    write_audit(db, "retention.set", {"days": before, "undo": True})


# -- what is in use ------------------------------------------------------------------------------------------------

PEOPLE_IN_USE: Final = f"""
select m.item from list_member m join saved_list l on l.id = m.list
  where l.target = 'people' and (l.expires is null or l.expires >= :now)
union select account from segment_member
union select a.account from arm a join experiment e on e.id = a.experiment where e.state = 'running'
union select account from touch union select account from outcome union select account from consent
union select account from purchase union select account from mark union select account from note where account > 0
union {OWN[1:-1]}
"""
"""Accounts that something is being done with."""
_POSTS_IN_USE: Final = """
select m.item from list_member m join saved_list l on l.id = m.list
  where l.target = 'posts' and (l.expires is null or l.expires >= :now)
union select post from touch where post is not null
union select post from calendar where post is not null
union select id from post where author in (select id from temp.in_use)
"""
_POSTS: Final = """
select t.id from post t join post_key k on k.id = t.id join platform p on p.id = k.platform
left join source s on s.id = t.source
where coalesce(t.fetched, s.fetched, t.created) < :before
"""
_PEOPLE: Final = """
select a.id from account a join account_key k on k.id = a.id join platform p on p.id = k.platform
left join source s on s.id = a.source
where coalesce(a.fetched, s.fetched) < :before
and not exists (select 1 from post t where t.author = a.id and coalesce(t.fetched, t.created) >= :before)
"""
_RESULTS: Final = """
select id from result where created < :before and id not in (select result from saved_list where result is not null)
and id not in (select result from segment where result is not null)
"""
_LIVE: Final = "(select id from campaign where state = 'running')"
_TOUCHES: Final[Mapping[str, str]] = {
    "touch": f"t < :before and coalesce(campaign, 0) not in {_LIVE}",
    "outcome": f"t < :before and coalesce(campaign, 0) not in {_LIVE}",
    "purchase": "t < :before",
    "note": "account is not null and t < :before and (done is not null or due is null)",
}


def _selects(scope: str, narrowed: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """The query of the ids of a scope of posts or people, without those that have a narrower rule of their own."""
    head, _, rest = scope.partition(":")
    others = [other.partition(":") for other in narrowed if other != scope]
    params: dict[str, Any] = {
        "platforms": json.dumps([r for h, _, r in others if h == head and not rest]),
        "sources": json.dumps([int(r) for h, _, r in others if h == "source"] if head != "source" else []),
        "rest": rest,
    }
    sql = _PEOPLE if head == "people" else _POSTS
    table = "a" if head == "people" else "t"
    if head == "source":
        return f"{sql} and t.source = cast(:rest as integer)", params
    if head != "people":
        sql += f" and t.kind {'=' if head == 'comments' else '<>'} 'comment'"
    sql += (
        " and p.name not in (select value from json_each(:platforms)) "
        f"and coalesce({table}.source, 0) not in (select value from json_each(:sources))"
    )
    return sql + (" and p.name = :rest" if rest else ""), params


def _use(db: sqlite3.Connection, now: int) -> None:
    """Fill ``temp.in_use`` and ``temp.posts_in_use``."""
    for name, sql in (("in_use", PEOPLE_IN_USE), ("posts_in_use", _POSTS_IN_USE)):
        db.execute(f"create temp table if not exists {name}(id integer primary key)")
        db.execute(f"delete from temp.{name}")
        db.execute(f"insert or ignore into temp.{name}(id) {sql}", {"now": now})


def before_of(today: date, days: int) -> int:
    """The first second that is kept: what happened earlier is older than ``days`` days."""
    return start_of(today - timedelta(days=days))


def _sweep(db: sqlite3.Connection, today: date, in_use: bool, dry: bool) -> list[Due]:
    every = rules(db)
    narrowed = [rule.scope for rule in every if ":" in rule.scope]
    _use(db, start_of(today))
    found = []
    for rule in every:
        if rule.days is None:
            continue
        before, head = before_of(today, rule.days), rule.scope.partition(":")[0]
        if head in ("posts", "comments", "people", "source"):
            sql, params = _selects(rule.scope, narrowed)
            ids = [row[0] for row in db.execute(sql, {**params, "before": before})]
            used = "in_use" if head == "people" else "posts_in_use"
            kept = {row[0] for row in db.execute(f"select id from temp.{used}")} if not in_use else set()
            going = [i for i in ids if i not in kept]
            if not dry:
                _delete(db, head, going)
            found.append(Due(rule.scope, rule.days, len(going), len(ids) - len(going)))
        else:
            found.append(Due(rule.scope, rule.days, _simple(db, head, before, dry), 0))
    return [one for one in found if one.rows or one.in_use]


def _delete(db: sqlite3.Connection, head: str, ids: list[int]) -> None:
    if head == "people":
        listed = json.dumps(ids)
        own = [row[0] for row in db.execute(
            "select id from post where author in (select value from json_each(?))", (listed,))]  # fmt: skip
        delete_posts(db, own)
        delete_people(db, ids)
    else:
        delete_posts(db, ids, edges=True)


def _simple(db: sqlite3.Connection, head: str, before: int, dry: bool) -> int:
    """Scopes whose rows nothing hangs on: how many are older, deleted unless ``dry``."""
    params = {"before": before}
    wheres = {
        "raw": [("post_raw", "post in (select id from post where coalesce(fetched, created) < :before)")],
        "edges": [("interaction", "t > 0 and t < :before")],
        "touches": list(_TOUCHES.items()),
        "results": [("result", f"id in ({_RESULTS})")],
    }[head]
    n = sum(int(db.execute(f"select count(*) from {t} where {w}", params).fetchone()[0]) for t, w in wheres)
    if dry or not n:
        return n
    if head == "results":
        db.execute(f"delete from score where result in ({_RESULTS})", params)
    for table, where in wheres:
        db.execute(f"delete from {table} where {where}", params)
    if head == "results":
        db.execute(
            "delete from run where created < :before and id not in (select run from result where run is not null) "
            "and id not in (select run from schedule_run where run is not null)",
            params,
        )
        db.execute("update act set run = null where run not in (select id from run)")
    return n


def due(project: Project, today: date, *, in_use: bool = False) -> list[Due]:
    """What a sweep on ``today`` would delete and keep back, by scope; nothing is changed."""

    def look(db: sqlite3.Connection) -> list[Due]:
        return _sweep(db, today, in_use, dry=True)

    return project.writer.call(look)


def sweep(project: Project, today: date, *, in_use: bool = False, asked: bool = True) -> list[Due]:
    """Delete what is older than the rules say, in one transaction, and make the file smaller; what went, by scope.

    ``in_use``: also what lists, segments and campaigns still use. ``asked``: the user asked for it (not the start of
    the program). The audit log gets the counts, nobody's name. Nothing brings the rows back.
    """

    def write(db: sqlite3.Connection) -> list[Due]:
        found = _sweep(db, today, in_use, dry=False)
        if gone := [one for one in found if one.rows]:
            counts = {one.scope: {"days": one.days, "deleted": one.rows, "in_use": one.in_use} for one in found}
            write_audit(db, "sweep", {"scopes": counts, "asked": asked})
            if asked:
                acts.note(db, "retention", {"n": sum(one.rows for one in gone)})
            db.execute("delete from meta where key = 'last_table'")
            to_compact(db)
        db.execute("insert or replace into meta(key, value) values (?, ?)", (_SWEPT, today.isoformat()))
        return found

    found = project.writer.call(write)
    if any(one.rows for one in found):
        project.compact()
    return found


def swept_on(project: Project) -> str:
    """The day of the newest sweep (ISO), or "" if there was none."""
    return project.meta(_SWEPT)
