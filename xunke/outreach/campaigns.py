"""Campaigns: what is wanted by when, for whom, with which words, at what cost. The one place that writes them.

Days are ISO days of China time, both ends inclusive; money is CNY unless a note says otherwise; ``brief`` holds the
fields of ``outreach.brief``.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

from xunke.errors import BadInput, UsageError
from xunke.storage import Project, acts
from xunke.storage.project import write_audit
from xunke.text import one_line

from . import lists

STATES: Final = ("draft", "running", "ended")
PHASES: Final = ("pilot", "improve", "scale")
"""试点, 优化, 推广: the field ``phase`` of the brief."""
KINDS: Final = ("money", "ads", "gift", "sample", "content", "labour", "tool", "other")
"""What a cost is for; anything else is kept as it is said."""
ALPHABET: Final = "ACDEFGHJKMNPQRTUVWXY3479"
"""Letters and digits that nobody mistakes when they hear or read them: no I/1/L, O/0, S/5, Z/2, B/8, 6/G's twin."""
_CODE: Final = re.compile(r"[A-Z0-9一-鿿]{1,12}(-[A-Z0-9一-鿿]{1,12})?")
_COLUMNS: Final = ("goal", "kpi", "target", "baseline", "since", "until")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign. ``kpi``: a name of ``outreach.kpi``; ``target`` and ``baseline`` in its unit (rates: 0 to 1)."""

    id: int
    name: str
    state: str
    goal: str | None
    kpi: str | None
    target: float | None
    baseline: float | None
    since: str | None
    until: str | None
    created: int
    updated: int
    brief: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[int, ...] = ()

    @property
    def phase(self) -> str:
        """pilot, improve or scale; a new campaign is a pilot."""
        return str(self.brief.get("phase") or PHASES[0])


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent: money (CNY) or minutes of work, on a day."""

    id: int
    campaign: int
    day: str
    kind: str
    amount: float | None
    minutes: float | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Variant:
    """A version of the message; ``code``: the word by which its results are told."""

    id: int
    campaign: int | None
    name: str
    code: str | None
    body: str | None


_SELECT: Final = (
    "select id, name, state, goal, kpi, target, baseline, since, until, created, updated, brief from campaign"
)


def every(project: Project) -> list[Campaign]:
    """All campaigns, newest first."""
    return [_made(project, row) for row in project.query(f"{_SELECT} order by id desc")]


def by_id(project: Project, number: int) -> Campaign:
    """The campaign with our number. Raises BadInput("campaign.unknown")."""
    rows = project.query(f"{_SELECT} where id = ?", (number,))
    if not rows:
        raise BadInput("campaign.unknown", name=str(number), known=_known(project))
    return _made(project, rows[0])


def by_name(project: Project, name: str) -> Campaign:
    """The campaign called ``name`` (or of that number). Raises BadInput("campaign.unknown"), which tells the names."""
    rows = project.query(f"{_SELECT} where name = ?", (name,)) or project.query(
        f"{_SELECT} where id = ?", (name if name.isdecimal() and len(name) < 18 else None,)
    )
    if not rows:
        raise BadInput("campaign.unknown", name=name, known=_known(project))
    return _made(project, rows[0])


def newest(project: Project) -> Campaign | None:
    """The campaign that "the campaign" means: the newest that is not ended, else the newest."""
    rows = project.query(f"{_SELECT} order by state = 'ended', id desc limit 1")
    return _made(project, rows[0]) if rows else None


def _made(project: Project, row: Sequence[Any]) -> Campaign:
    linked = project.query("select list from campaign_list where campaign = ? order by list", (row[0],))
    number, name, state, goal, kpi, target, baseline, since, until, created, updated, brief = row
    return Campaign(
        number, name, state, goal, kpi, target, baseline, since, until, created, updated, json.loads(brief or "{}"),
        tuple(r[0] for r in linked),
    )  # fmt: skip


def _known(project: Project) -> str:
    names = [row[0] for row in project.query("select name from campaign order by id desc limit 10")]
    return "、".join(names) or "—"


# -- making and changing --------------------------------------------------------------------------------------------


def create(
    project: Project,
    name: str,
    *,
    now: int,
    goal: str | None = None,
    kpi: str | None = None,
    target: float | None = None,
    baseline: float | None = None,
    since: str | None = None,
    until: str | None = None,
    list_names: Sequence[str] = (),
    brief: Mapping[str, Any] | None = None,
    run: int | None = None,
) -> Campaign:
    """A new campaign in the state draft. Raises BadInput("campaign.taken"), UsageError for what cannot be.

    ``list_names``: saved lists, by name. The lists' people are not copied: they are who stands in the list.
    """
    name = one_line(name, 80)
    if not name:
        raise UsageError("campaign.no_name")
    if project.one("select 1 from campaign where name = ?", (name,)):
        raise BadInput("campaign.taken", name=name)
    linked = [lists.by_name(project, one, now).id for one in list_names]
    values = checked({"goal": goal, "kpi": kpi, "target": target, "baseline": baseline, "since": since, "until": until})
    _days_in_order(values.get("since"), values.get("until"))

    def write(db: sqlite3.Connection) -> int:
        row = db.execute(
            "insert into campaign(name, state, goal, kpi, target, baseline, since, until, brief, created, updated) "
            "values (?, 'draft', ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
            (name, *(values.get(c) for c in _COLUMNS), _json(brief or {}), now, now),
        ).fetchone()
        _link(db, row[0], linked)
        write_audit(db, "campaign.create", {"campaign": row[0], "lists": linked})
        acts.note(db, "campaign_make", {"campaign": row[0]}, run)
        return int(row[0])

    return by_id(project, project.writer.call(write))


def edit(
    project: Project,
    campaign: Campaign,
    *,
    now: int,
    columns: Mapping[str, Any] | None = None,
    brief: Mapping[str, Any] | None = None,
    list_names: Sequence[str] | None = None,
    state: str | None = None,
    run: int | None = None,
) -> Campaign:
    """Change columns (goal, kpi, target, baseline, since, until), fields of the brief (None: taken out), the lists or
    the state. One act, so that one ``undo`` brings everything back.
    """
    values = checked(columns or {})
    after = {c: values.get(c, getattr(campaign, c)) if c in values else getattr(campaign, c) for c in _COLUMNS}
    _days_in_order(after["since"], after["until"])
    filled = {k: v for k, v in {**campaign.brief, **(brief or {})}.items() if v is not None and v != "" and v != []}
    linked = campaign.lists if list_names is None else tuple(lists.by_name(project, one).id for one in list_names)
    if state is not None and state not in STATES:
        raise UsageError("campaign.bad_state", value=state, known=[f"campaign.state.{one}" for one in STATES])

    def write(db: sqlite3.Connection) -> None:
        acts.note(db, "campaign_edit", {"campaign": campaign.id, "before": snapshot(db, campaign.id)}, run)
        marks = ", ".join(f"{c} = ?" for c in _COLUMNS)
        db.execute(
            f"update campaign set {marks}, brief = ?, state = ?, updated = ? where id = ?",
            (*after.values(), _json(filled), state or campaign.state, now, campaign.id),
        )
        if list_names is not None:
            db.execute("delete from campaign_list where campaign = ?", (campaign.id,))
            _link(db, campaign.id, linked)
        if state is not None and state != campaign.state:
            write_audit(db, f"campaign.{'close' if state == 'ended' else state}", {"campaign": campaign.id})

    project.writer.call(write)
    return by_id(project, campaign.id)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as they are stored. Raises UsageError for a number or day that is none, BadInput for an unknown KPI."""
    from .kpi import MEASURES

    out: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _COLUMNS:
            raise UsageError("campaign.bad_field", name=name, known=[f"brief.{one}" for one in _COLUMNS])
        if value is None or value == "":
            out[name] = None
        elif name in ("target", "baseline"):
            out[name] = number(str(value))
        elif name in ("since", "until"):
            out[name] = day(str(value))
        elif name == "kpi":
            if value not in MEASURES:
                raise UsageError("campaign.bad_kpi", value=str(value), known=[f"kpi.{one}" for one in MEASURES])
            out[name] = value
        else:
            out[name] = one_line(str(value), 200)
    return out


def number(text: str) -> float:
    """A number as people write it: ``30%`` = 0.3, ``1,200``, ``1.2万`` = 12000. Raises UsageError."""
    word = text.strip().replace(",", "").replace("，", "").replace("％", "%").removeprefix("+").removeprefix("¥")
    factor = 1.0
    for end, by in (("%", 0.01), ("万", 1e4), ("亿", 1e8), ("w", 1e4), ("k", 1e3)):
        if word.lower().endswith(end):
            word, factor = word[: -len(end)].strip(), by
            break
    try:
        found = float(word)
    except ValueError:
        raise UsageError("campaign.bad_number", value=text) from None
    if not -1e15 < found < 1e15:
        raise UsageError("campaign.bad_number", value=text)
    return round(found * factor, 10)


def day(text: str) -> str:
    """An ISO day. Raises UsageError("cli.bad_date")."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise UsageError("cli.bad_date", date=text) from None


def _days_in_order(since: str | None, until: str | None) -> None:
    if since and until and since > until:
        raise UsageError("campaign.days_reversed", since=since, until=until)


def _link(db: sqlite3.Connection, campaign: int, linked: Sequence[int]) -> None:
    db.executemany("insert or ignore into campaign_list values (?, ?)", [(campaign, one) for one in linked])


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)


# -- costs ----------------------------------------------------------------------------------------------------------


def add_cost(
    project: Project,
    campaign: Campaign,
    *,
    day: str,
    now: int,
    kind: str = "money",
    amount: float | None = None,
    minutes: float | None = None,
    note: str | None = None,
    run: int | None = None,
) -> int:
    """Write a cost down; returns its number. Raises UsageError if neither money nor minutes are told, or below zero."""
    if amount is None and minutes is None:
        raise UsageError("campaign.cost_of_what")
    if (amount or 0) < 0 or (minutes or 0) < 0:
        raise UsageError("campaign.cost_below_zero")

    def write(db: sqlite3.Connection) -> int:
        row = db.execute(
            "insert into cost(campaign, day, kind, amount, minutes, note, created) values (?, ?, ?, ?, ?, ?, ?) "
            "returning id",
            (campaign.id, day, one_line(kind, 40), amount, minutes, one_line(note, 200) if note else None, now),
        ).fetchone()
        acts.note(db, "cost_add", {"cost": row[0]}, run)
        return int(row[0])

    return project.writer.call(write)


def costs(project: Project, campaign: Campaign | None = None) -> list[Cost]:
    """Costs of a campaign, or of all, by day."""
    sql = (
        "select id, campaign, day, kind, amount, minutes, note from cost where :c is null or campaign = :c "
        "order by day, id"
    )
    return [Cost(*row) for row in project.query(sql, {"c": campaign.id if campaign else None})]


# -- variants and their codes ---------------------------------------------------------------------------------------


def variants(project: Project, campaign: Campaign | None = None) -> list[Variant]:
    """The versions of a campaign's message, oldest first."""
    sql = "select id, campaign, name, code, body from variant where :c is null or campaign = :c order by id"
    return [Variant(*row) for row in project.query(sql, {"c": campaign.id if campaign else None})]


def variant_called(project: Project, said: str, campaign: int | None = None) -> Variant:
    """The version of that name, code (however it is written) or number, among those of ``campaign`` if one is told.

    Raises BadInput("campaign.no_variant") for none and BadInput("campaign.which_variant") where campaigns share a name.
    """
    word = said.strip()
    among = [v for v in variants(project) if campaign is None or v.campaign in (None, campaign)]
    found = [v for v in among if word == v.name or word.upper() == v.code] or [v for v in among if word == str(v.id)]
    if len(found) != 1:
        known = "、".join(v.code or v.name for v in (found or among)[:10]) or "—"
        raise BadInput("campaign.which_variant" if found else "campaign.no_variant", name=word, known=known)
    return found[0]


def clean_code(text: str) -> str:
    """A code as it is stored: half-width capitals without spaces. Raises UsageError("campaign.bad_code")."""
    import unicodedata

    found = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper().replace("—", "-").replace("_", "-")
    if not _CODE.fullmatch(found):
        raise UsageError("campaign.bad_code", code=one_line(text, 40))
    return found


def add_variant(
    project: Project,
    campaign: Campaign,
    name: str,
    *,
    now: int,
    code: str | None = None,
    body: str | None = None,
    run: int | None = None,
) -> Variant:
    """A version of the message with a code of its own: the one that is said, or one that is made of campaign and name
    (the same each time it is asked for). Raises BadInput for a name or code in use.
    """
    name = one_line(name, 40)
    if any(one.name == name for one in variants(project, campaign)):
        raise BadInput("campaign.variant_taken", name=name, campaign=campaign.name)
    taken = {row[0] for row in project.query("select code from variant where code is not null")}
    found = clean_code(code) if code else _free_code(campaign.name, name, taken)
    if found in taken:
        raise BadInput("campaign.code_taken", code=found)

    def write(db: sqlite3.Connection) -> int:
        row = db.execute(
            "insert into variant(campaign, name, code, body, created) values (?, ?, ?, ?, ?) returning id",
            (campaign.id, name, found, body, now),
        ).fetchone()
        acts.note(db, "variant_add", {"variant": row[0]}, run)
        return int(row[0])

    return Variant(project.writer.call(write), campaign.id, name, found, body)


def _free_code(campaign: str, name: str, taken: set[str]) -> str:
    """XK- and three signs; four where three are used up. No two codes differ in one sign only, as long as that lasts,
    so that a slip of the finger is noticed instead of counted for another version.
    """
    for size, apart in ((3, 2), (4, 2), (5, 1)):
        for attempt in range(200):
            seed = sha256(f"{campaign}\n{name}\n{size}\n{attempt}".encode()).digest()
            code = "XK-" + "".join(ALPHABET[b % len(ALPHABET)] for b in seed[:size])
            if all(_apart(code, other) >= apart for other in taken):
                return code
    raise BadInput("campaign.no_code")


def _apart(a: str, b: str) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True)) if len(a) == len(b) else 2


# -- taking back ----------------------------------------------------------------------------------------------------


def snapshot(db: sqlite3.Connection, campaign: int) -> dict[str, Any]:
    """A campaign's row and lists as they are, for ``restore``."""
    names = ("state", *_COLUMNS, "brief", "updated")
    row = db.execute(f"select {', '.join(names)} from campaign where id = ?", (campaign,)).fetchone()
    linked = [r[0] for r in db.execute("select list from campaign_list where campaign = ? order by list", (campaign,))]
    return {**dict(zip(names, row, strict=True)), "lists": linked} if row else {"lists": linked}


def restore(db: sqlite3.Connection, campaign: int, before: Mapping[str, Any]) -> str:
    """Bring a campaign back to a snapshot, in the caller's transaction; its name."""
    names = [name for name in before if name != "lists"]
    marks = ", ".join(f"{name} = ?" for name in names)
    db.execute(f"update campaign set {marks} where id = ?", (*(before[n] for n in names), campaign))
    db.execute("delete from campaign_list where campaign = ?", (campaign,))
    here = [n for n in before["lists"] if db.execute("select 1 from saved_list where id = ?", (n,)).fetchone()]
    _link(db, campaign, here)
    return name_in(db, campaign)


def remove(db: sqlite3.Connection, campaign: int) -> str:
    """Take a campaign out with what hangs on it, in the caller's transaction; its name. Touches and outcomes stay: they
    happened, but belong to no campaign any more.
    """
    name = name_in(db, campaign)
    for table in ("touch", "outcome", "note", "review", "experiment"):
        db.execute(f"update {table} set campaign = null where campaign = ?", (campaign,))
    for table in ("touch", "outcome", "calendar"):
        db.execute(
            f"update {table} set variant = null where variant in (select id from variant where campaign = ?)",
            (campaign,),
        )
    for table in ("campaign_list", "variant", "cost", "calendar"):
        db.execute(f"delete from {table} where campaign = ?", (campaign,))
    db.execute("delete from campaign where id = ?", (campaign,))
    write_audit(db, "campaign.delete", {"campaign": campaign})
    return name


def name_in(db: sqlite3.Connection, campaign: int) -> str:
    """The name of a campaign, "?" for one that is gone."""
    row = db.execute("select name from campaign where id = ?", (campaign,)).fetchone()
    return str(row[0]) if row else "?"
