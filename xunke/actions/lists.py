"""Lists in the hands of a user: what there is, one of them row by row, making, changing and exporting them.

The command line, the chat and the screens all call these. Each gives events; each change can be taken back (``undo``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from xunke.clock import DAY, end_of, iso_day, stamp
from xunke.errors import BadInput, NeedsAnswer, UsageError
from xunke.events import Done, Event, Table, Warned
from xunke.i18n import Catalogue
from xunke.outreach import advice, exports, list_absence, list_edit, list_make, list_where, lists, step_minutes
from xunke.outreach.lists import SavedList
from xunke.outreach.people import barred_all
from xunke.storage import Project, acts, rows
from xunke.storage.persons import people_map

from . import consent
from .common import last_result, one_account

GUARD: Final = 1_000
"""People of a list that may be exported without a word."""
_GUARD: Final = "outreach.export_guard"
SORTS: Final = ("rank", "score", "name", "platform", "channel", "minutes", "segment", "added")
DOINGS: Final = ("remove", "suppress", "good", "bad")
"""What may be done to all whom a rule means."""
_EXAMPLES: Final = 5
SOON: Final = 7 * DAY
"""A list that ends so soon says so."""


def table(project: Project, *, now: int, index: int = 0) -> Iterator[Event]:
    """All lists, newest first."""
    found = [
        [
            e.id,
            e.name,
            e.size,
            e.purpose,
            e.basis,
            iso_day(e.expires),
            state_of(e, now),
            stamp(e.created),
        ]
        for e in lists.saved(project)
    ]
    if not found:
        yield Done("list.none")
    columns = ["id", "name", "size", "purpose", "basis", "expires", "state", "created"]
    yield Table("list.all", columns, found, {"n": len(found), "heads": {"name": "list_name"}}, index)


def state_of(entry: SavedList, now: int) -> str:
    """``expired``, ``ending`` (within a week), ``no_purpose`` or ``usable``."""
    if entry.expired(now):
        return "list_expired"
    if entry.target == "people" and not entry.purpose:
        return "list_no_purpose"
    return "list_ending" if entry.expires is not None and entry.expires - now < SOON else "list_usable"


def show(
    project: Project, name: str, *, cat: Catalogue, now: int, page: int | None = None, size: int = 50,
    sort: str = "rank", index: int = 0,
) -> Iterator[Event]:  # fmt: skip
    """A list of people row by row: why each, on which channel, when, with what first act, for how many minutes."""
    entry = lists.by_name(project, name)
    list_edit.only_people(entry)
    if sort not in SORTS:
        raise UsageError("list.sort", sort=sort, known="、".join(SORTS))
    sql = (
        "select m.item, m.rank, m.score, m.reason, m.channel, m.best_time, m.first_act, m.minutes, m.segment, m.added, "
        "a.name, p.name from list_member m join account_key k on k.id = m.item join platform p on p.id = k.platform "
        "left join account a on a.id = m.item where m.list = ? order by m.rank"
    )
    found = project.query(sql, (entry.id,))
    out = barred_all(project, [row[0] for row in found])
    kept = sorted((row for row in found if row[0] not in out), key=_ORDER[sort])
    most = max(1, -(-len(kept) // size))
    shown = kept if page is None else kept[(page - 1) * size : page * size]
    people = {row.id: row for row in rows.people(project, [row[0] for row in shown])}
    body: list[list[Any]] = []
    for item, rank, score, reason, channel, best, act, minutes, segment, *_ in shown:
        person, said = people[item], advice.time_words(best)
        body.append([
            rank, person.platform, person.native_id, person.name, None if score is None else round(score, 6),
            exports.reason_text(json.loads(reason or "[]"), cat), channel, said and said.cell(), act, minutes,
            segment,
        ])  # fmt: skip
    params = {"name": entry.name, "n": len(kept), "page": page or 1, "pages": most if page else 1}
    columns = ["rank", "platform", "id", "name", "score", "reason", "channel", "best_time", "first_act", "minutes",
               "segment"]  # fmt: skip
    yield Table("list.rows", columns, body, params, index)
    if not kept:
        yield Done("list.empty", {"name": entry.name})
    if out:
        yield Warned("list.barred", {"n": len(out)})
    yield from _notes(entry, now)


_ORDER: Final[dict[str, Any]] = {
    "rank": lambda r: r[1], "score": lambda r: (r[2] is None, -(r[2] or 0), r[1]),
    "name": lambda r: (r[10] or "", r[1]), "platform": lambda r: (r[11], r[1]),
    "channel": lambda r: (r[4] or "~", r[1]), "minutes": lambda r: (r[7] or 0, r[1]),
    "segment": lambda r: (r[8] is None, r[8] or "", r[1]), "added": lambda r: (-(r[9] or 0), r[1]),
}  # fmt: skip


def _notes(entry: SavedList, now: int) -> Iterator[Event]:
    """What stands in the way of using a list."""
    if entry.expired(now):
        yield Warned("list.is_expired", {"name": entry.name, "day": iso_day(entry.expires)})
    elif not entry.purpose:
        yield Warned("list.purpose_missing", {"name": entry.name})


# -- making --------------------------------------------------------------------------------------------------------


def create(
    project: Project, name: str, *, source: str | Sequence[str] | None = None, ask: list_make.Ask | None = None,
    now: int, today: date, purpose: str | None = None, basis: str | None = None, expires: str | None = None,
    subject: Sequence[str] = (), run: int | None = None, index: int = 0,
) -> Iterator[Event]:  # fmt: skip
    """Make a list: of ``source`` (a result's number, a segment or list by name; several: their people together; the
    newest result) under ``ask``.
    """
    end = until_of(expires, today)
    if source is None:
        newest = last_result(project)
        if newest is None:
            raise NeedsAnswer("clarify.referent")
        source = str(newest[0])
    given = [source] if isinstance(source, str) else list(source)
    if basis is not None and basis not in lists.BASES:
        raise BadInput("list.basis", basis=basis)
    if any(_posts(project, one) for one in given):
        if ask is not None or len(given) > 1:
            raise BadInput("seeds.no_result", number=given[0])
        entry = lists.save(
            project, name, "posts", int(given[0]), purpose=purpose, basis=basis or lists.BASIS, expires=end
        )
        yield Done("list.created", {"name": entry.name, "n": entry.size, "list": entry.id})
        return
    chosen = ask or list_make.Ask()
    made = list_make.make(
        project, name, list_make.together([list_make.source_of(project, one, now) for one in given]), chosen, now=now,
        until=end_of(today), purpose=purpose, basis=basis, expires=end, subject=subject, run=run,
    )  # fmt: skip
    entry = made.entry
    yield Done("list.created", {"name": entry.name, "n": entry.size, "list": entry.id})
    if made.left_out:
        body = [[f"list.out.{why.removeprefix('funnel.')}", n] for why, n in made.left_out.items()]
        yield Table("list.left_out", ["why", "people"], body, {"name": entry.name, "n": made.considered}, index)
    if chosen.rules.budget is not None:
        yield Done(f"list.spent.{chosen.unit}", {"spent": round(made.spent, 1), "budget": chosen.rules.budget,
                                                 "people": entry.size, "minutes": round(made.minutes)})  # fmt: skip
    if made.reach is not None:
        yield Done("list.reach", {"n": round(made.reach)})
    if made.held:
        yield Done("list.held", {"n": made.held, "seed": chosen.rules.seed})
    for group, gap in made.short.items():
        yield Warned("list.short", {"group": group, "gap": gap})
    if basis is None:
        yield Warned("list.basis_assumed", {"what": f"list.basis.{entry.basis}", "name": entry.name})
    yield from _notes(entry, now)


def _posts(project: Project, source: str) -> bool:
    number = int(source) if source.isascii() and source.isdigit() and len(source) < 18 else 0
    return bool(project.one("select target = 'posts' from result where id = ?", (number,)))


def until_of(text: str | None, today: date) -> int | None:
    """Until when: a date, a number of days from today (``30``, ``30d``), None if nobody says. Raises UsageError."""
    if text is None:
        return None
    days = text.strip().removesuffix("d").removesuffix("天")
    if days.isascii() and days.isdigit() and 0 < int(days) <= 3660:
        return end_of(today + timedelta(days=int(days)))
    try:
        return end_of(date.fromisoformat(text.strip()))
    except ValueError:
        raise UsageError("list.expires", text=text) from None


# -- changing ------------------------------------------------------------------------------------------------------


def set_fields(
    project: Project, name: str, *, today: date, purpose: str | None = None, basis: str | None = None,
    expires: str | None = None, rename: str | None = None, run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Say what a list is for, on what basis, until when, or how it is called from now on."""
    entry = list_edit.set_fields(
        project, lists.by_name(project, name), purpose=purpose, basis=basis, expires=until_of(expires, today),
        name=rename, run=run,
    )  # fmt: skip
    yield Done("list.set", {
        "name": entry.name, "purpose": entry.purpose or "—", "what": f"list.basis.{entry.basis or lists.BASIS}",
        "expires": iso_day(entry.expires) or "—",
    })  # fmt: skip


def change(
    project: Project, op: str, name: str, words: Sequence[str] = (), *, now: int, run: int | None = None
) -> Iterator[Event]:
    """``add`` or ``remove`` people by name, ``merge`` or ``minus`` another list, ``dedupe``, ``drop``."""
    entry = lists.by_name(project, name)
    if op in ("add", "remove"):
        accounts = [one_account(project, word).id for word in words]
        n = (
            list_edit.add(project, entry, accounts, now=now, run=run)
            if op == "add"
            else list_edit.remove(project, entry, accounts, run=run)
        )
        yield Done(f"list.done.{op}", {"name": entry.name, "n": n})
        if n < len(accounts):
            yield Warned(f"list.less.{op}", {"n": len(accounts) - n})
    elif op in ("merge", "minus"):
        other = lists.by_name(project, words[0], now if op == "merge" else None)
        n = (list_edit.merge if op == "merge" else list_edit.minus)(project, entry, other, run)
        yield Done(f"list.done.{op}", {"name": entry.name, "other": other.name, "n": n})
    elif op == "drop":
        list_edit.drop(project, entry, run)
        yield Done("list.done.drop", {"name": entry.name, "n": entry.size})
    else:
        raise UsageError("list.op", op=op)


def dedupe(project: Project, name: str | None = None, *, run: int | None = None, index: int = 0) -> Iterator[Event]:
    """One person's accounts once, and which other lists the same people are on; without a name across all lists."""
    if name is not None:
        entry = lists.by_name(project, name)
        n = list_edit.dedupe(project, entry, run)
        yield Done("list.done.dedupe" if n else "list.done.dedupe_none", {"name": entry.name, "n": n})
        body: list[list[Any]] = [
            [other.name, both, round(both / max(1, entry.size), 4)]
            for other, both in list_edit.overlaps(project, entry)
        ]
        yield Table(
            "list.overlaps", ["saved_list", "people", "share"], body, {"name": entry.name, "n": len(body)}, index
        )
        return
    found = list_edit.shared(project)
    out = barred_all(project, [account for account, _ in found])
    people = {row.id: row for row in rows.people(project, [account for account, _ in found])}
    body = [
        [people[a].platform, people[a].native_id, people[a].name, len(on), [e.name for e in on]]
        for a, on in found if a not in out and a in people
    ]  # fmt: skip
    yield Table("list.shared", ["platform", "id", "name", "lists", "saved_list"], body, {"n": len(body)}, index)


def tag(
    project: Project, name: str, label: str, *, where: str | None = None, people: Sequence[str] = (), now: int,
    run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Put people of a list into the group ``label``: those named, those a rule means, or all."""
    entry = lists.by_name(project, name)
    if people:
        items: Sequence[int] = [one_account(project, word).id for word in people]
    elif where is not None:
        items = list_where.matching(project, entry, list_where.parse(where), now=now).items
    else:
        items = lists.members(project, entry.id)
    yield Done(
        "list.done.tag", {"name": entry.name, "n": list_edit.tag(project, entry, items, label, run), "tag": label}
    )


def bulk(
    project: Project, name: str, do: str, where: str, *, now: int, yes: bool = False, run: int | None = None,
    index: int = 0,
) -> Iterator[Event]:  # fmt: skip
    """Do one thing to everybody of a list whom a rule means. Without ``yes`` nothing is done: who it would be."""
    if do not in DOINGS:
        raise UsageError("list.doing", do=do, known="、".join(DOINGS))
    entry = lists.by_name(project, name)
    list_edit.only_people(entry)
    found = list_where.matching(project, entry, list_where.parse(where), now=now)
    params = {"name": entry.name, "n": len(found.items), "size": entry.size, "what": f"list.do.{do}", "rule": where}
    if not found.items:
        yield Done("list.bulk_none", params)
    elif not yes:
        hidden = barred_all(project, found.items)
        shown = rows.people(project, [item for item in found.items if item not in hidden][:_EXAMPLES])
        yield Table("list.bulk_dry", ["platform", "id", "name"], [[p.platform, p.native_id, p.name] for p in shown],
                    params, index)  # fmt: skip
    else:
        _act(project, entry, do, found.items, run)
        yield Done("list.bulk_done", params)
    if found.unknown:
        yield Warned("list.bulk_unknown", {"n": found.unknown})


def _act(project: Project, entry: SavedList, do: str, items: Sequence[int], run: int | None) -> None:
    if do == "remove":
        list_edit.remove(project, entry, items, run=run)
    elif do == "suppress":
        who = [(p.platform, p.native_id, p.name, p.handle) for p in rows.people(project, items)]
        consent.change(project, "add", [], run, who)
    else:
        lists.mark_all(project, items, do == "good", entry.id, run)


def why_not(project: Project, name: str, who: str, *, now: int) -> Iterator[Event]:
    """Why somebody is not on a list."""
    entry = lists.by_name(project, name)
    person = one_account(project, who)
    found = list_absence.why_not(project, entry, person.id, now=now)
    told = {"name": person.name or person.native_id, "list": entry.name}
    if found.inside is not None:
        yield Done("list.not.inside", {**told, "rank": found.inside})
    for key, params in found.reasons:
        yield Done(key, {**params, **{k: v for k, v in told.items() if k not in params}})
    if found.result is not None:
        yield Done("list.not.see_result", {**told, "result": found.result})


# -- settings and leaving ------------------------------------------------------------------------------------------


def minutes(project: Project, changes: dict[str, float] | None = None, *, index: int = 0) -> Iterator[Event]:
    """How many minutes one act of each step of the ladder takes, and changing it."""
    known = step_minutes.put(project, changes) if changes else step_minutes.of(project)
    yield Table("list.minutes", ["step", "minutes"], [[f"step.{s}", m] for s, m in known.items()], {}, index)


def guard(project: Project, people: int | None = None) -> Iterator[Event]:
    """Up to how many people of a list may be exported without ``--yes``, and changing it."""
    if people is not None:
        if not 1 <= people <= 1_000_000:
            raise BadInput("list.guard_number", n=people)

        def write(db: sqlite3.Connection) -> None:
            row = db.execute("select value from meta where key = ?", (_GUARD,)).fetchone()
            db.execute("insert or replace into meta(key, value) values (?, ?)", (_GUARD, str(people)))
            acts.note(db, "connect", {"key": _GUARD, "before": row and row[0]})

        project.writer.call(write)
    yield Done("list.guard", {"n": int(project.meta(_GUARD, str(GUARD)))})


def may_leave(project: Project, entry: SavedList, *, now: int, yes: bool) -> Iterator[Event]:
    """What is checked before a list of people leaves the project: what for, on what basis, whether its time is over,
    how many. Raises NeedsAnswer ("list.no_purpose", "list.renew", "list.many"); yields what is assumed.
    """
    if entry.target != "people":
        return
    if not entry.purpose:
        raise NeedsAnswer("list.no_purpose", name=entry.name)
    if entry.expired(now):
        raise NeedsAnswer("list.renew", name=entry.name, day=iso_day(entry.expires))
    most = int(project.meta(_GUARD, str(GUARD)))
    if entry.size > most and not yes:
        raise NeedsAnswer("list.many", name=entry.name, n=entry.size, most=most)
    basis = f"list.basis.{entry.basis or lists.BASIS}"
    yield Done("list.leaves", {"name": entry.name, "purpose": entry.purpose, "what": basis,
                               "expires": iso_day(entry.expires) or "—"})  # fmt: skip


def people_of(project: Project, name: str) -> list[int]:
    """The accounts of a list that may be used now, each person once: none of an expired list, nobody barred.

    Raises NeedsAnswer("list.renew") is left to ``may_leave``; a queue simply finds nobody.
    """
    entry = lists.by_name(project, name)
    list_edit.only_people(entry)
    found = lists.members(project, entry.id)
    out, persons = barred_all(project, found), people_map(project)
    return list({persons.one(a): a for a in reversed(found) if a not in out}.values())[::-1]
