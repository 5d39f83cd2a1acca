"""Accounts of one person: what a user accepted as the same, and which account stands for all of them.

Nothing is merged here but by an accepted row of ``same_pair``. ``account.person`` and ``person`` are a function of
those rows alone, so that the order of accepting does not matter and taking one back restores what was.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .project import Project

OWN: Final = "(select value from json_each((select value from meta where key = 'own_accounts')))"
"""SQL: the numbers of the accounts that the user named as their own (``own_accounts``)."""


@dataclass(frozen=True, slots=True)
class Persons:
    """Who is whom: ``of`` {account: the account that stands for the person}, ``members`` {that account: all of them}.

    Accounts that stand alone are in neither.
    """

    of: Mapping[int, int] = field(default_factory=dict)
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of)

    def one(self, account: int) -> int:
        """The account that stands for the person of ``account``."""
        return self.of.get(account, account)

    def all(self, account: int) -> tuple[int, ...]:
        """Every account of the person of ``account``, ascending."""
        return self.members.get(self.one(account), (account,))

    def spread(self, accounts: Iterable[int]) -> list[int]:
        """These accounts and all others of the same people, ascending."""
        return sorted({other for account in accounts for other in self.all(account)})


def own_accounts(project: Project) -> list[int]:
    """Accounts that the user named as their own; ``OWN`` is the same inside SQL."""
    return [int(i) for i in json.loads(project.meta("own_accounts", "[]"))]


def people_map(project: Project) -> Persons:
    """The people of the project that have several accounts."""
    of = {int(a): int(p) for a, p in project.query("select id, person from account where person is not null")}
    members: dict[int, list[int]] = defaultdict(list)
    for account in sorted(of):
        members[of[account]].append(account)
    return Persons(of, {person: tuple(accounts) for person, accounts in members.items()})


def components(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Connected accounts, each group ascending, groups by their first account."""
    root: dict[int, int] = {}

    def find(account: int) -> int:
        while (up := root.setdefault(account, account)) != account:
            root[account] = account = root[up]
        return account

    for a, b in pairs:
        one, two = find(a), find(b)
        root[max(one, two)] = min(one, two)
    groups: dict[int, list[int]] = defaultdict(list)
    for account in sorted(root):
        groups[find(account)].append(account)
    return [tuple(groups[first]) for first in sorted(groups)]


def stands_for(accounts: Sequence[int], vague: Iterable[int]) -> int:
    """Which of one person's accounts stands for them: the first that is known by an id of the platform's."""
    unknown = set(vague)
    return min(accounts, key=lambda account: (account in unknown, account))


def rebuild(db: sqlite3.Connection) -> None:
    """Make ``person`` and ``account.person`` say what the accepted pairs say. Inside the writer's transaction."""
    pairs = db.execute("select a, b, found from same_pair where state = 'accepted' order by id").fetchall()
    vague = {
        row[0]
        for row in db.execute(
            "select id from account_key where (native_id like 'name:%' or native_id like 'hash:%') "
            "and id in (select a from same_pair union select b from same_pair)"
        )
    }
    wanted: dict[int, tuple[int, ...]] = {}
    for group in components((a, b) for a, b, _ in pairs):
        wanted[stands_for(group, vague)] = group
    begun = {account: found for a, b, found in reversed(pairs) for account in (a, b)}
    stored = {row[0] for row in db.execute("select id from person")}
    for person, group in sorted(wanted.items()):
        if person not in stored:
            db.execute("insert into person(id, created) values (?, ?)", (person, min(begun[a] for a in group)))
    target = {account: person for person, group in wanted.items() for account in group}
    now = dict(db.execute("select id, person from account where person is not null"))
    for account in sorted(now.keys() | target.keys()):
        if now.get(account) != target.get(account):
            db.execute("update account set person = ? where id = ?", (target.get(account), account))
    for person in sorted(stored - wanted.keys()):
        db.execute("delete from person where id = ?", (person,))
