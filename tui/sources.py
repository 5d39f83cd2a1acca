"""Which rows the tables show: everything, a result or a saved list, in an order, filtered by a word."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from xunke.errors import BadInput
from xunke.outreach.people import barred
from xunke.plan import Plan, decode
from xunke.storage import Project, rows
from xunke.storage.rows import PersonRow, PostRow, RowSource

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: ``kind`` all, result or list with its number; ``name`` is a saved list's (foreign text)."""

    kind: Literal["all", "result", "list"] = "all"
    number: int = 0
    name: str = ""


PEOPLE_ORDERS: Final[dict[str, str]] = {
    "rank": "",
    "followers": "followers is null, followers desc, id",
    "name": "name is null, name, id",
    "posts": "posts is null, posts desc, id",
}
POST_ORDERS: Final[dict[str, str]] = {
    "rank": "",
    "time": "created is null, created desc, id desc",
    "likes": "likes is null, likes desc, id",
    "comments": "comments is null, comments desc, id",
}


def people(project: Project, scope: Scope, order: str = "rank", word: str = "") -> RowSource[PersonRow]:
    """People of a scope. Order ``rank`` is the scope's own (most followers first where there is none)."""
    if scope.kind == "result":
        source = _of_others(project, rows.result_people(project, scope.number))
    elif scope.kind == "list":
        source = _of_others(project, rows.list_people(project, scope.number))
    else:
        source = rows.all_people(project, "followers")
    where = "(:word = '' or instr(lower(coalesce(name, '') || ' ' || coalesce(handle, '')), lower(:word)))"
    return _narrowed(project, source, "account", where, PEOPLE_ORDERS[order], word)


def posts(project: Project, scope: Scope, order: str = "rank", word: str = "") -> RowSource[PostRow]:
    """Posts of a scope; of everything unless it is a result of posts."""
    found = scope.kind == "result"
    source = rows.result_posts(project, scope.number) if found else rows.all_posts(project, "time")
    where = "(:word = '' or instr(lower(coalesce(title, '') || ' ' || text), lower(:word)))"
    return _narrowed(project, source, "post", where, POST_ORDERS[order], word)


def _of_others(project: Project, source: RowSource[PersonRow]) -> RowSource[PersonRow]:
    """``source`` without those who by now are on the do-not-contact list or say that they are under 18."""
    out = barred(project, source.ids.tolist())
    return source.reordered([i for i in source.ids if i not in out]) if out else source


def _narrowed(project: Project, source: RowSource[T], table: str, where: str, order: str, word: str) -> RowSource[T]:
    if not order and not word:
        return source
    sql = f"select id from {table} where id in (select value from json_each(:ids)) and {where}"
    params = {"ids": json.dumps(source.ids.tolist()), "word": word}
    found = [row[0] for row in project.query(sql + (f" order by {order}" if order else ""), params)]
    if not order:
        kept = set(found)
        found = [i for i in source.ids if i in kept]
    return source.reordered(found)


def counts(project: Project) -> tuple[int, int]:
    """(people, posts) of the project."""
    row = project.query("select (select count(*) from account), (select count(*) from post)")[0]
    return int(row[0]), int(row[1])


@dataclass(frozen=True, slots=True)
class Past:
    """A result of an earlier request: its number, its kind of rows, their count and the sentence."""

    result: int
    target: str
    total: int
    text: str


def past(project: Project, limit: int = 30) -> list[Past]:
    """The newest results first."""
    sql = (
        "select r.id, r.target, r.total, coalesce(r.title, u.text, '') from result r "
        "left join run u on u.id = r.run order by r.id desc limit ?"
    )
    return [Past(*row) for row in project.query(sql, (limit,))]


@dataclass(frozen=True, slots=True)
class ListRow:
    """A saved list: times are UTC seconds."""

    id: int
    name: str
    target: str
    purpose: str | None
    count: int
    created: int


def lists(project: Project) -> list[ListRow]:
    """The saved lists, newest first."""
    sql = (
        "select l.id, l.name, l.target, l.purpose, (select count(*) from list_member m where m.list = l.id), "
        "l.created from saved_list l order by l.id desc"
    )
    return [ListRow(*row) for row in project.query(sql)]


def sentences(project: Project, limit: int = 100) -> list[str]:
    """What was asked before, oldest first."""
    sql = "select text from run where text is not null and text <> '' order by id desc limit ?"
    found = [str(row[0]) for row in project.query(sql, (limit,))]
    return list(dict.fromkeys(reversed(found)))


def sources_of(project: Project, account: int) -> list[tuple[str, str, int]]:
    """(kind, name, fetched) of what an account is known from."""
    sql = (
        "select distinct s.kind, s.name, s.fetched from source s where s.id in "
        "(select source from account where id = ?1 union select source from post where author = ?1) order by 3"
    )
    return [(str(k), str(n), int(f)) for k, n, f in project.query(sql, (account,))]


def facts_of(project: Project, account: int) -> list[tuple[str, str, str, str | None]]:
    """(fact, value, origin, quote) that a person states or the platform shows."""
    sql = "select fact, value, origin, quote from profile_fact where account = ? order by fact, confidence desc"
    return [(str(f), str(v), str(o), q) for f, v, o, q in project.query(sql, (account,))]


def detail_of(project: Project, post: int) -> dict[str, Any]:
    """What the analysis found in a post; empty where it has not been analysed."""
    found: dict[str, Any] = json.loads(project.one("select detail from feature where post = ?", (post,)) or "{}")
    return found


def suppressed(project: Project, person: PersonRow) -> bool:
    """Whether a person, by this or another account of theirs, is on the do-not-contact list."""
    return barred(project, [person.id]).get(person.id) == "funnel.suppressed"


def turn_of(project: Project, result: int) -> tuple[str, Plan] | None:
    """The sentence and the plan that a result came from, if it came from a sentence."""
    sql = "select u.text, u.plan from result r join run u on u.id = r.run where r.id = ?"
    found = project.query(sql, (result,))
    if not found or not found[0][0]:
        return None
    try:
        return str(found[0][0]), decode(found[0][1])
    except BadInput:  # an older version's plan
        return None


def title_of(project: Project, result: int) -> str:
    """The short name that the engine gave a result, "" if it has none."""
    title = project.one("select title from result where id = ?", (result,))
    return "" if title in (None, "-") else str(title)
