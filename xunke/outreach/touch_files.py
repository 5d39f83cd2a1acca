"""Touches and outcomes that were written down elsewhere, into the project: what happened is recorded, nothing is asked.

People who are not to be contacted are left out; rows that were imported before are found again and not written twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from xunke.clock import DAY, day_of
from xunke.errors import BadInput
from xunke.model import Dealt, Rejected
from xunke.scrub import scrub
from xunke.storage import Project, acts, rows
from xunke.storage.project import write_audit
from xunke.text import clean

from . import touches
from .people import barred
from .touch_words import kind_of, step_of


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import came to; ``refused``: (row from 1, message key, the value to blame)."""

    read: int
    touches: int
    outcomes: int
    known: int
    left_out: int
    refused: tuple[tuple[int, str, str], ...]


def bring(project: Project, found: Iterable[Dealt | Rejected], *, now: int, store: bool = True) -> Brought:
    """Store rows of somebody's own book, all in one transaction that can be undone; ``store``: False only reads.

    Rows of a name that several people have, and of days that have not come by ``now``, are refused.
    """
    refused: list[tuple[int, str, str]] = []
    kept: list[tuple[Dealt, int, str | None, str | None, _Part]] = []
    parts = _Parts(project)
    number = left = 0
    who_is: dict[tuple[str | None, str], list[int]] = {}
    for number, row in enumerate(found, 1):
        if isinstance(row, Rejected):
            refused.append((row.row, row.reason, row.detail))
            continue
        key = (row.platform, row.who)
        if key not in who_is:
            who_is[key] = [one.id for one in rows.people_called(project, row.who, row.platform)]
        if len(who_is[key]) != 1:
            refused.append((number, "import.namesakes" if who_is[key] else "touch.import_nobody", row.who))
            continue
        account = who_is[key][0]
        if row.time > now + DAY:
            refused.append((number, "touch.import_future", day_of(row.time).isoformat()))
            continue
        try:
            step, kind = step_of(row.step), kind_of(row.outcome) if row.outcome else None
        except BadInput as bad:
            refused.append((number, "touch.import_what", str(bad.params["value"])))
            continue
        if (part := parts.of(row)) is None:
            refused.append((number, "touch.import_campaign", row.variant or row.campaign or ""))
            continue
        kept.append((row, account, step, kind, part))
    kept_out = barred(project, {one[1] for one in kept})
    left = sum(one[1] in kept_out for one in kept)
    kept = [one for one in kept if one[1] not in kept_out]
    if not store:
        acted, came = (sum(one[place] is not None for one in kept) for place in (2, 3))
        return Brought(number, acted, came, 0, left, tuple(refused))

    def write(db: sqlite3.Connection) -> tuple[list[int], list[int], int]:
        new: tuple[list[int], list[int]] = ([], [])
        known = 0
        for row, account, step, kind, part in kept:
            made = [_touch(db, row, account, step, part)] if step is not None else []
            touch = made[0][0] if made else _before(db, account, row.time)
            if made and made[0][1]:
                new[0].append(made[0][0])
            came = _outcome(db, row, account, kind, touch, part) if kind is not None else None
            if came is not None:
                new[1].append(came)
            known += not ((made and made[0][1]) or came is not None)
        if new[0] or new[1]:
            acts.note(db, "touch_import", {"touch": new[0], "outcome": new[1]})
            write_audit(db, "touches.import", {"touches": len(new[0]), "outcomes": len(new[1])})
        return *new, known

    new, fresh, known = project.writer.call(write)
    return Brought(number, len(new), len(fresh), known, left, tuple(refused))


_Part = tuple[int | None, int | None]
"""The campaign that a row belongs to, and its variant."""


class _Parts:
    """Campaigns and variants by the names that a book calls them."""

    def __init__(self, project: Project) -> None:
        self._campaigns: dict[str, int] = {}
        for number, name in project.query("select id, name from campaign order by id desc"):
            self._campaigns |= {str(number): number, name: number}
        self._variants: dict[tuple[int | None, str], _Part] = {}
        for number, campaign, name, code in project.query("select id, campaign, name, code from variant order by id"):
            for word in (name, code):
                if word:
                    self._variants[campaign, word.upper()] = self._variants[None, word.upper()] = (campaign, number)

    def of(self, row: Dealt) -> _Part | None:
        """Campaign and variant of a row; None where the project knows no such campaign or variant."""
        campaign = self._campaigns.get(row.campaign) if row.campaign else None
        if row.campaign and campaign is None:
            return None
        return self._variants.get((campaign, row.variant.upper())) if row.variant else (campaign, None)


def _touch(db: sqlite3.Connection, row: Dealt, account: int, step: str, part: _Part) -> tuple[int, bool]:
    """The number of the touch, and whether it is new."""
    same = "select id from touch where account = ? and t = ? and step = ? and undone is null"
    if (old := db.execute(same, (account, row.time, step)).fetchone()) is not None:
        return int(old[0]), False
    channel = (
        touches.channel_of(row.channel)
        or db.execute(
            "select p.name from account_key k join platform p on p.id = k.platform where k.id = ?", (account,)
        ).fetchone()[0]
    )
    number = touches.insert(
        db, account, row.time, step, channel, "imported", part[0], None, None, part[1], None, _words(row.text),
        row.minutes, row.owner, _words(row.note), noted=False,
    )  # fmt: skip
    return number, True


def _outcome(db: sqlite3.Connection, row: Dealt, account: int, kind: str, touch: int | None, part: _Part) -> int | None:
    """The number of a new outcome. It belongs to the campaign of the touch before it where none is named."""
    same = "select id from outcome where account = ? and t = ? and kind = ? and undone is null"
    if db.execute(same, (account, row.time, kind)).fetchone() is not None:
        return None
    if part == (None, None) and touch is not None:
        part = db.execute("select campaign, variant from touch where id = ?", (touch,)).fetchone()
    return touches.insert_outcome(db, account, row.time, kind, row.value, touch, *part, None, "file", _words(row.note))


def _before(db: sqlite3.Connection, account: int, t: int) -> int | None:
    found = db.execute(
        "select id from touch where account = ? and t <= ? and undone is null and state <> 'skipped' "
        "order by t desc, id desc limit 1", (account, t),
    ).fetchone()  # fmt: skip
    return None if found is None else int(found[0])


def _words(said: str | None) -> str | None:
    return None if said is None else scrub(clean(said).strip()) or None
