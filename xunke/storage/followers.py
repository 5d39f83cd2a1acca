"""Follower lists of own accounts into stretches of following: who was there from when to when.

A list says of each of its people that they followed at its time. A whole list also says of everybody else that they did
not. So a stretch of somebody's following runs over all lists that have them until a whole one lacks them; a list that
is not whole never ends one. The rows are a function of the lists alone: the order in which they arrive does not matter.

Everything here runs inside the writer's transaction.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from xunke.errors import BadInput
from xunke.model import Follower, Record
from xunke.text import fold

from .persons import OWN

_OWN: Final = (
    "select k.id, p.name, k.native_id, a.name, a.handle from account_key k join platform p on p.id = k.platform "
    "left join account a on a.id = k.id "
)
_THERE: Final = (
    "select k.native_id from account_key k join platform p on p.id = k.platform where p.name = ? and k.native_id = ?"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One time of following, as seen in lists (UTC seconds): from the first that has them to the last; ``gone``: the
    first whole list after that without them (None: nobody says that they left).
    """

    first: int
    last: int
    gone: int | None = None


# -- which account is meant -----------------------------------------------------------------------------------------


def named(db: sqlite3.Connection, records: Iterable[Record]) -> Iterator[Record]:
    """``records`` with every Follower's ``own`` as ``platform:id`` and its account's platform filled in.

    Raises BadInput("followers.which_own") where no account is named and there is not exactly one of the user's own,
    BadInput("followers.unknown_own") for a name that nobody has.
    """
    known: dict[str | None, tuple[str, str]] = {}
    for record in records:
        if not isinstance(record, Follower):
            yield record
            continue
        if record.own and record.account.platform and record.own.startswith(f"{record.account.platform}:"):
            yield record  # by id: nothing to look up
            continue
        if record.own not in known:
            known[record.own] = own_of(db, record.own)
        platform, native_id = known[record.own]
        account = record.account
        if not account.platform:
            account = replace(account, platform=platform)
        if account.native_id.startswith("name:"):  # a file of bare words: one that is an id here is meant as one
            there = db.execute(_THERE, (account.platform, account.native_id[5:])).fetchone()
            account = replace(account, native_id=there[0], name=None) if there else account
        yield replace(record, account=account, own=f"{platform}:{native_id}")


def own_of(db: sqlite3.Connection, name: str | None) -> tuple[str, str]:
    """(platform, native id) of the account whose followers a list names; raises as ``named``."""
    own = db.execute(f"{_OWN} where k.id in {OWN} order by k.id").fetchall()
    if name is None:
        if len(own) != 1:
            raise BadInput("followers.which_own", n=len(own))
        return own[0][1], own[0][2]
    word = fold(name).lstrip("@")
    found = [row for row in own if word in {fold(str(v)) for v in (*row[2:], f"{row[1]}:{row[2]}") if v}]
    if not found:
        rest = db.execute(_OWN + "where k.native_id = :n or a.name = :n or p.name || ':' || k.native_id = :n",
                          {"n": name.lstrip("@")})  # fmt: skip
        found = rest.fetchall()
    if len({row[0] for row in found}) != 1:
        raise BadInput("followers.unknown_own", name=name[:80])
    return found[0][1], found[0][2]


# -- lists ----------------------------------------------------------------------------------------------------------


def open_list(db: sqlite3.Connection, own: int, t: int, source: int | None, said: int | None = None) -> int:
    """The list of ``own`` that was read at ``t``, made if need be; ``said``: followers by the platform's own count."""
    db.execute(
        "insert into follower_list(own, t, complete, size, said, source) values (?, ?, 0, 0, ?, ?) "
        "on conflict(own, t) do update set said = coalesce(excluded.said, said)", (own, t, said, source),
    )  # fmt: skip
    row = db.execute("select id from follower_list where own = ? and t = ?", (own, t)).fetchone()
    return int(row[0])


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A list of ``t`` that lacks ``missing`` of the ``people`` of the whole list of ``before``. UTC seconds."""

    t: int
    before: int
    people: int
    missing: int


DOUBTED: Final = 10
"""So many people at least, and more than half, are missing in a list that is taken for a part of one."""


def promise(db: sqlite3.Connection, number: int, source: int) -> None:
    """The file ``source`` holds this whole list: ``close_all`` closes it when its last row is stored."""
    db.execute("update follower_list set complete = 2, source = ? where id = ? and complete <> 1", (source, number))


def see(db: sqlite3.Connection, number: int, accounts: Sequence[int]) -> int:
    """Note that ``accounts`` stand in a list; how many of them it did not have before."""
    own, t, complete = db.execute("select own, t, complete from follower_list where id = ?", (number,)).fetchone()
    whole = _whole(db, own)
    new = 0
    for account in dict.fromkeys(accounts):
        before = _stretches(db, own, account)
        if complete != 1:
            done = db.execute("insert or ignore into follower_seen(account, list) values (?, ?)", (account, number))
            new += done.rowcount
        else:
            new += not any(one.first <= t <= one.last for one in before)
        _replace(db, own, account, before, present(before, t, whole))
    db.execute("update follower_list set size = size + ? where id = ?", (new, number))
    return new


def close(db: sqlite3.Connection, number: int) -> int:
    """A list has been read to its end, and was whole: those who are missing in it have left. How many that told of."""
    own, t, complete = db.execute("select own, t, complete from follower_list where id = ?", (number,)).fetchone()
    if complete == 1:
        return 0
    there = {row[0] for row in db.execute("select account from follower_seen where list = ?", (number,))}
    times = _partial(db, own)
    changed = 0
    rows = db.execute(
        "select account, first, last, gone from follower where own = ? order by account, first", (own,)
    ).fetchall()
    by_account: dict[int, list[Stretch]] = {}
    for account, first, last, gone in rows:
        by_account.setdefault(account, []).append(Stretch(first, last, gone))
    whole = _whole(db, own)
    for account, before in by_account.items():
        if account not in there:
            after = absent(before, t, [*whole, *times.get(account, ())])
            changed += before != after
            _replace(db, own, account, before, after)
    db.execute("update follower_list set complete = 1 where id = ?", (number,))
    db.execute("delete from follower_seen where list = ?", (number,))
    return changed


def close_all(db: sqlite3.Connection, source: int, *, sure: bool = True) -> list[Shrunk]:
    """Close the whole lists that a file brought, when its last row is stored.

    Where nobody said that they are whole (not ``sure``), one that lacks most people of the whole list before it is
    taken for a part: it ends nobody's following. Those are returned; read again and ``sure``, they count as whole.
    """
    found = db.execute("select id from follower_list where source = ? and complete = 2 order by t", (source,))
    parts = []
    for (number,) in found.fetchall():
        if not sure and (shrunk := _shrunk(db, number)) is not None:
            parts.append(shrunk)
            db.execute("update follower_list set complete = 0 where id = ?", (number,))
        else:
            close(db, number)
    return parts


def _shrunk(db: sqlite3.Connection, number: int) -> Shrunk | None:
    own, t = db.execute("select own, t from follower_list where id = ?", (number,)).fetchone()
    before = next((one for one in reversed(_whole(db, own)) if one < t), None)
    if before is None:
        return None
    people, missing = db.execute(
        "select count(*), count(*) - count(s.account) from follower f left join follower_seen s "
        "on s.account = f.account and s.list = ?1 where f.own = ?2 and f.first <= ?3 and f.last >= ?3",
        (number, own, before),
    ).fetchone()
    return Shrunk(t, before, people, missing) if missing >= DOUBTED and 2 * missing > people else None


def _whole(db: sqlite3.Connection, own: int) -> list[int]:
    rows = db.execute("select t from follower_list where own = ? and complete = 1 order by t", (own,))
    return [row[0] for row in rows]


def _partial(db: sqlite3.Connection, own: int) -> dict[int, list[int]]:
    rows = db.execute(
        "select s.account, l.t from follower_seen s join follower_list l on l.id = s.list where l.own = ?", (own,)
    )
    found: dict[int, list[int]] = {}
    for account, t in rows:
        found.setdefault(account, []).append(t)
    return found


def _stretches(db: sqlite3.Connection, own: int, account: int) -> list[Stretch]:
    sql = "select first, last, gone from follower where own = ? and account = ? order by first"
    return [Stretch(*row) for row in db.execute(sql, (own, account))]


def _replace(
    db: sqlite3.Connection, own: int, account: int, before: Sequence[Stretch], after: Sequence[Stretch]
) -> None:
    if list(before) == list(after):
        return
    db.execute("delete from follower where own = ? and account = ?", (own, account))
    db.executemany(
        "insert into follower(own, account, first, last, gone) values (?, ?, ?, ?, ?)",
        [(own, account, one.first, one.last, one.gone) for one in after],
    )


# -- the rules, pure ------------------------------------------------------------------------------------------------


def present(before: Sequence[Stretch], t: int, whole: Sequence[int]) -> list[Stretch]:
    """Somebody's stretches once a list at ``t`` has them. ``whole``: times of whole lists, ascending.

    The new time joins the stretches beside it unless a whole list between lacks them.
    """
    if any(one.first <= t <= one.last for one in before):
        return list(before)
    earlier = [one for one in before if one.last < t]
    later = [one for one in before if one.first > t]
    following = bisect_right(whole, t)
    gone = whole[following] if following < len(whole) else None
    first = last = t
    # whole lists strictly between lack them: else they would be part of a stretch
    if earlier and bisect_right(whole, earlier[-1].last) == bisect_left(whole, t):
        first = earlier.pop().first
    if later and (gone is None or gone >= later[0].first):
        joined = later.pop(0)
        last, gone = joined.last, joined.gone
    return [*earlier, Stretch(first, last, gone), *later]


def absent(before: Sequence[Stretch], t: int, seen: Sequence[int]) -> list[Stretch]:
    """Somebody's stretches once a whole list at ``t`` lacks them. ``seen``: times of lists, those that have them among
    them; of those inside a stretch all but lists that are not whole and lack them, which must not be among them.
    """
    after: list[Stretch] = []
    for one in before:
        if one.first < t < one.last:
            inside = [one.first, *(s for s in seen if one.first <= s <= one.last and s != t), one.last]
            after.append(Stretch(one.first, max(s for s in inside if s < t), t))
            after.append(Stretch(min(s for s in inside if s > t), one.last, one.gone))
        elif one.last < t and (one.gone is None or one.gone > t):
            after.append(replace(one, gone=t))
        else:
            after.append(one)
    return after
