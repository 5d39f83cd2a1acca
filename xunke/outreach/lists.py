"""Lists of people with a reason for each: what a result becomes when somebody is to act on it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import DAY, day_of, moment
from xunke.errors import BadInput, NeedsAnswer
from xunke.storage import Project, acts
from xunke.storage.project import write_audit
from xunke.text import one_line

from . import advice
from .people import barred_all
from .told import first_told

_QUOTE: Final = 60
TOLD: Final = 5
"""Among so many of the matching posts a need or life event is looked for, to be quoted as the reason."""
_TELLING: Final = ("tag:", "interest:", "word:", "occupation:", "family:", "region:", "city:")
"""Features of likeness whose names are words already."""
Reason = tuple[str, dict[str, Any]]
BASES: Final = ("consent", "contract", "public", "fans")
"""Why we may use the data (PIPL Art. 13): the person agreed; a contract with them; what they made public themselves,
within reason; they follow or write to us.
"""
BASIS: Final = "public"
"""What is assumed, and told, where nobody says."""
DAYS: Final = 90
"""How long a list may be used if nobody says."""


@dataclass(frozen=True, slots=True)
class SavedList:
    """A saved list and how many people (or posts) it holds. Times are UTC seconds.

    ``basis``: one of ``BASES``, None where nobody said; ``expires``: the last second on which it may be used, None for
    one made before lists had an end; ``left_out``: how many of the people found did not get on it, as it was saved.
    """

    id: int
    name: str
    target: str
    purpose: str | None
    created: int
    size: int
    basis: str | None = None
    expires: int | None = None
    left_out: int = 0

    def expired(self, now: int) -> bool:
        """Whether its time is over."""
        return self.expires is not None and now > self.expires


def saved(project: Project) -> list[SavedList]:
    """All lists, newest first."""
    rows = project.query(
        "select l.id, l.name, l.target, l.purpose, l.created, "
        "(select count(*) from list_member m where m.list = l.id), l.basis, l.expires "
        "from saved_list l order by l.id desc"
    )
    return [SavedList(*row) for row in rows]


def by_name(project: Project, name: str, now: int | None = None) -> SavedList:
    """The list called ``name``; BadInput("list.unknown") if there is none.

    ``now``: its people are to be used for something: NeedsAnswer("list.renew") where the time of the list is over.
    Without it an ended list can still be looked at, changed, renewed and deleted.
    """
    every = saved(project)
    numbered = (one for one in every if str(one.id) == name)  # a name goes before a number
    entry = next((one for one in every if one.name == name), None) or next(numbered, None)
    if entry is None:
        raise BadInput("list.unknown", name=name)
    if now is not None and entry.expires is not None and entry.expired(now):
        raise NeedsAnswer("list.renew", name=entry.name, day=day_of(entry.expires).isoformat())
    return entry


def by_id(project: Project, number: int) -> SavedList:
    """The list of this number, whatever others are called. Raises BadInput("list.unknown")."""
    found = next((entry for entry in saved(project) if entry.id == number), None)
    if found is None:
        raise BadInput("list.unknown", name=str(number))
    return found


def save(
    project: Project,
    name: str,
    target: str,
    result: int,
    *,
    purpose: str | None = None,
    subject: Sequence[str] = (),
    run: int | None = None,
    basis: str = BASIS,
    expires: int | None = None,
) -> SavedList:
    """Keep ``result`` as the list ``name``, with a reason, a channel, a best time and a first act for each person.

    A name in use gets a number behind it; nothing is overwritten. ``expires`` UTC seconds: in ``DAYS`` if nobody says.
    """
    free = free_name(project, name)
    rows = project.query("select item, rank, value, parts from score where result = ? order by rank", (result,))
    kept_out = barred_all(project, [row[0] for row in rows]) if target == "people" else {}
    found, rows = len(rows), [row for row in rows if row[0] not in kept_out]
    told = advice.advise(project, [row[0] for row in rows]) if target == "people" else {}
    members = []
    for item, rank, value, parts in rows:
        facts = json.loads(parts or "{}")
        why = json.dumps(reasons(project, facts, subject) if target == "people" else [], ensure_ascii=False)
        tip = told.get(item, advice.NONE)
        act = tip.act or ("reply" if facts.get("posts") else "follow")
        members.append(
            (item, rank, value, why, tip.channel, tip.best_time, f"first_act.{act}", facts.get("segment"))
        )  # fmt: skip
    now = int(time.time())
    end = now + DAYS * DAY if expires is None else expires

    def write(db: sqlite3.Connection) -> int:
        row = db.execute(
            "insert into saved_list(name, target, purpose, basis, created, expires, result) "
            "values (?, ?, ?, ?, ?, ?, ?) returning id",
            (free, target, purpose, basis, now, end, result),
        ).fetchone()
        db.executemany(
            "insert into list_member(list, item, rank, score, reason, channel, best_time, first_act, segment, added) "
            f"values ({row[0]}, ?, ?, ?, ?, ?, ?, ?, ?, {now})",
            members,
        )
        write_audit(db, "list.create", {"list": row[0], "basis": basis, "people": len(members)})
        acts.note(db, "list_make", {"list": int(row[0])}, run)
        return int(row[0])

    list_id = project.writer.call(write)
    return SavedList(list_id, free, target, purpose, now, len(members), basis, end, found - len(rows))


def free_name(project: Project, name: str) -> str:
    """``name`` on one line, with a number behind it if it is taken."""
    taken = {entry.name for entry in saved(project)}
    free = name = one_line(name, 80) or "名单"
    number = 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def delete(db: sqlite3.Connection, list_id: int) -> dict[str, Any]:
    """Remove a list and the marks made in it, inside a transaction; its name and size."""
    row = db.execute("select name from saved_list where id = ?", (list_id,)).fetchone()
    n = db.execute("delete from list_member where list = ?", (list_id,)).rowcount
    for place in ("mark", "list_out", "campaign_list"):
        db.execute(f"delete from {place} where list = ?", (list_id,))
    held = [row[0] for row in db.execute("select id from experiment where list = ?", (list_id,))]
    db.executemany("delete from arm where experiment = ?", [(number,) for number in held])
    db.executemany("delete from experiment where id = ?", [(number,) for number in held])
    db.execute("delete from saved_list where id = ?", (list_id,))
    write_audit(db, "list.delete", {"list": list_id, "people": n})
    return {"name": row[0] if row is not None else "?", "n": n}


def reasons(project: Project, facts: dict[str, Any], subject: Sequence[str]) -> list[Reason]:
    """Why this person: what they wrote about it, who acts on them, and their own words: a need or life event that they
    tell, else the first post.
    """
    raw = facts.get("raw", {})
    out: list[Reason] = []
    if quiet := facts.get("silence"):
        return [("reason.silence", quiet)]
    if seed := facts.get("seed"):
        return [("reason.seed", seed)]
    out += _of_cut(facts)
    if alike := [f[0].partition(":")[2] for f in facts.get("features", ()) if f[3] > 0 and f[0].startswith(_TELLING)]:
        out.append(("reason.alike", {"names": "、".join(alike[:4])}))
    if raw.get("matched") and subject:
        out.append(("reason.subject", {"subject": "、".join(subject), "posts": raw["matched"], "days": raw["days"]}))
    elif raw.get("matched"):
        out.append(("reason.posts", {"posts": raw["matched"], "days": raw["days"]}))
    if raw.get("actors"):
        out.append(("reason.actors", {"actors": raw["actors"], "top": max(1, round(raw["top"] * 100))}))
    if raw.get("answers"):
        out.append(("reason.answers", {"answers": raw["answers"]}))
    if way := raw.get("contact"):
        out.append(("reason.contact", {"kind": f"contact.{way[0]}", "quote": way[1]}))
    shown = facts.get("posts", [])[:TOLD]
    if (need := first_told(project, shown)) is not None:
        day = moment(need.created).strftime("%m-%d") if need.created else ""
        name = f"nlp.{'event' if need.kind == 'event' else 'need'}.{need.name}"
        return [*out, ("reason.need", {"need": name, "text": one_line(need.quote, _QUOTE), "day": day})]
    for post in shown[:1]:
        rows = project.query("select text, created from post where id = ?", (post,))
        if rows:
            day = moment(rows[0][1]).strftime("%m-%d") if rows[0][1] else ""
            out.append(("reason.quote", {"text": one_line(rows[0][0], _QUOTE), "day": day}))
    return out


def _of_cut(facts: dict[str, Any]) -> list[Reason]:
    """Why somebody is in a segment: its rule or group, and the numbers of the method that cut it."""
    raw, out = facts.get("raw", {}), list[Reason]()
    if kept := facts.get("kept"):
        out.append(("reason.kept_rule" if "rule" in kept else "reason.kept_group", kept))
    if worth := raw.get("worth"):
        names = ("total", "current", "potential", "referral")
        out.append(("reason.value_parts", {name: round(worth[name], 1) for name in names}))
    if (rfm := raw.get("rfm")) and rfm.get("recency") is not None:
        out.append(("reason.rfm", {"days": round(rfm["recency"]), "times": rfm["frequency"]}))
    if stage := raw.get("stage"):
        out.append(("reason.stage", {"evidence": f"evidence.{stage['rule']}"}))
    return out


# -- who is right and who is not -----------------------------------------------------------------------------------


def mark(project: Project, account: int, good: bool | None, list_id: int = 0) -> None:
    """Note that somebody is the right kind of person, or not (None: nothing is said), for a list or everywhere (0)."""

    def write(db: sqlite3.Connection) -> None:
        row = db.execute("select good from mark where account = ? and list = ?", (account, list_id)).fetchone()
        set_mark(db, account, good, list_id)
        write_audit(db, "mark", {"list": list_id, "good": good})  # nobody is named in the log
        before = None if row is None else bool(row[0])
        acts.note(db, "mark", {"account": account, "list": list_id, "before": before})

    project.writer.call(write)


def mark_all(project: Project, accounts: Sequence[int], good: bool, list_id: int, run: int | None = None) -> None:
    """``mark`` for many at once, as one change."""

    def write(db: sqlite3.Connection) -> None:
        before = [
            [account, (db.execute("select good from mark where account = ? and list = ?", (account, list_id)).fetchone()
                       or [None])[0]]
            for account in accounts
        ]  # fmt: skip
        for account in accounts:
            set_mark(db, account, good, list_id)
        write_audit(db, "mark", {"list": list_id, "good": good, "people": len(accounts)})
        acts.note(db, "marks", {"list": list_id, "before": before}, run)

    project.writer.call(write)


def set_mark(db: sqlite3.Connection, account: int, good: bool | None, list_id: int) -> None:
    """``mark`` inside a transaction, unlogged."""
    db.execute("delete from mark where account = ? and list = ?", (account, list_id))
    if good is not None:
        now = int(time.time())
        db.execute("insert into mark(account, list, good, created) values (?, ?, ?, ?)", (account, list_id, good, now))


def marked(project: Project, list_id: int | None = None) -> tuple[list[int], list[int]]:
    """Accounts marked good and bad: of one list and everywhere, or (None) of all."""
    rows = project.query(
        "select account, good from mark where :list is null or list in (:list, 0) order by account", {"list": list_id}
    )
    good, bad = ([row[0] for row in rows if bool(row[1]) is side] for side in (True, False))
    return list(dict.fromkeys(good)), list(dict.fromkeys(bad))


def members(project: Project, list_id: int) -> list[int]:
    """The people of a list, in its order."""
    return [row[0] for row in project.query("select item from list_member where list = ? order by rank", (list_id,))]
