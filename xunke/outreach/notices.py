"""Tasks of a campaign, its end with the figures of that day, and its copy for 推广."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Final

from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.storage.project import write_audit
from xunke.text import one_line

from . import campaign_rows, campaigns, kpi
from .campaigns import Campaign

TASK: Final = "task"
"""The kind of note that a task is."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do by a day. ``done``: UTC seconds; ``campaign``: its name."""

    id: int
    campaign: str | None
    body: str
    due: str | None
    done: int | None
    owner: str | None


def add(
    project: Project, campaign: Campaign, body: str, *, now: int, due: str | None = None, owner: str | None = None,
    run: int | None = None,
) -> int:  # fmt: skip
    """Write a task down; its number."""

    def write(db: sqlite3.Connection) -> int:
        row = db.execute(
            "insert into note(campaign, t, kind, body, due, owner) values (?, ?, ?, ?, ?, ?) returning id",
            (campaign.id, now, TASK, one_line(body, 300), due, one_line(owner, 40) if owner else None),
        ).fetchone()
        acts.note(db, "task_add", {"note": row[0]}, run)
        return int(row[0])

    return project.writer.call(write)


def tasks(project: Project, campaign: Campaign | None = None) -> list[Task]:
    """Tasks by day, those without one last; of a campaign or of all."""
    rows = project.query(
        "select n.id, c.name, n.body, n.due, n.done, n.owner from note n left join campaign c on c.id = n.campaign "
        "where n.kind = ? and n.undone is null and (:c is null or n.campaign = :c) "
        "order by n.due is null, n.due, n.id".replace("?", ":k"),
        {"k": TASK, "c": campaign.id if campaign else None},
    )
    return [Task(*row) for row in rows]


def finish(project: Project, number: int, *, now: int, run: int | None = None) -> str:
    """A task is done; what it was. Raises BadInput("campaign.task_unknown")."""
    found = next((t for t in tasks(project) if t.id == number), None)
    if found is None:
        raise BadInput("campaign.task_unknown", id=number)

    def write(db: sqlite3.Connection) -> None:
        acts.note(db, "task_done", {"note": number, "before": found.done}, run)
        db.execute("update note set done = ? where id = ?", (now, number))

    project.writer.call(write)
    return found.body


def close(project: Project, campaign: Campaign, *, now: int, run: int | None = None) -> int:
    """End a campaign and keep its figures as a look back; the number of that row."""
    given = campaign_rows.inputs(project, campaign, now=now)
    figures = {n.name: {"value": n.value, "top": n.top, "bottom": n.bottom, "low": n.low, "high": n.high}
               for n in kpi.tree(given)}  # fmt: skip
    body = {"kpi": campaign.kpi, "target": campaign.target, "baseline": campaign.baseline, "numbers": figures,
            "lessons": campaign.brief.get("lessons")}  # fmt: skip

    def write(db: sqlite3.Connection) -> int:
        before = campaigns.snapshot(db, campaign.id)
        row = db.execute(
            "insert into review(t, campaign, kind, body) values (?, ?, 'campaign', ?) returning id",
            (now, campaign.id, json.dumps(body, ensure_ascii=False, sort_keys=True)),
        ).fetchone()
        db.execute("update campaign set state = 'ended', updated = ? where id = ?", (now, campaign.id))
        write_audit(db, "campaign.close", {"campaign": campaign.id})
        acts.note(db, "campaign_close", {"campaign": campaign.id, "before": before, "review": row[0]}, run)
        return int(row[0])

    return project.writer.call(write)


def scaled(project: Project, campaign: Campaign, *, now: int, run: int | None = None) -> Campaign:
    """A new campaign in the phase 推广 with the brief and the content that is still planned; people, costs, codes and
    results stay with the pilot, whose result becomes the baseline.
    """
    taken = {c.name for c in campaigns.every(project)}
    name = next(n for n in (f"{campaign.name} 推广{i or ''}" for i in range(100)) if n not in taken)
    given = campaign_rows.inputs(project, campaign, now=now)
    reached = kpi.number(given, campaign.kpi).value if campaign.kpi else None
    kept = {k: v for k, v in campaign.brief.items() if k not in ("lessons", "review")}

    def write(db: sqlite3.Connection) -> int:
        row = db.execute(
            "insert into campaign(name, state, goal, kpi, target, baseline, brief, created, updated) "
            "values (?, 'draft', ?, ?, ?, ?, ?, ?, ?) returning id",
            (name, campaign.goal, campaign.kpi, campaign.target, reached if reached is not None else campaign.baseline,
             json.dumps({**kept, "phase": "scale", "pilot": campaign.name}, ensure_ascii=False, sort_keys=True), now, now),
        ).fetchone()  # fmt: skip
        db.execute(
            "insert into calendar(campaign, day, at, category, title, channel, occasion, state, owner, created) "
            "select ?, day, at, category, title, channel, occasion, 'planned', owner, ? from calendar "
            "where campaign = ? and state = 'planned'",
            (row[0], now, campaign.id),
        )
        write_audit(db, "campaign.create", {"campaign": row[0], "pilot": campaign.id})
        acts.note(db, "campaign_make", {"campaign": row[0]}, run)
        return int(row[0])

    return campaigns.by_id(project, project.writer.call(write))
