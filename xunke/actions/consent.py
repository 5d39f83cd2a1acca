"""Who is not to be contacted, and what is to be forgotten."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xunke.clock import stamp, start_of
from xunke.config import user_path
from xunke.errors import NeedsAnswer
from xunke.events import Done, Event, Table, Warned
from xunke.plan import Step
from xunke.storage import Project, acts, rows, suppression
from xunke.storage import erase as erasing
from xunke.storage.persons import people_map
from xunke.storage.project import write_audit

from .common import at, lines_of, one_account, who_is

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

Names = Sequence[tuple[str, str | None, str | None, str | None]]


async def suppress(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Add to, take from or show the do-not-contact list."""
    project = engine.project
    if step.op == "list":
        found = project.query("select hex(hash), created, origin from suppression order by created, hash")
        table = [[h[:12], stamp(t), origin] for h, t, origin in found]
        yield Table("suppress.title", ["hash", "time", "origin"], table, {"n": len(table)}, index)
        return
    people = None if step.input is None else shown(engine, step, session)
    names = names_of(step) if people is None else [name or native or "" for _, native, name, _ in people]
    changed = change(project, step.op or "", names, session.run, people)
    key = f"suppress.{step.op}" if changed else f"suppress.{step.op}_already"
    yield Done(key, {"n": len(names), "names": "、".join(names[:5])})


def names_of(step: Step) -> list[str]:
    """Whom the step names, also in a file. Raises NeedsAnswer("clarify.account") for nobody."""
    names = [*step.accounts, *(lines_of(user_path(step.path)) if step.path else ())]
    if names := [name.strip() for name in names if name.strip()]:
        return names
    raise NeedsAnswer("clarify.account")


def shown(engine: Engine, step: Step, session: Session) -> Names:
    """Everybody in the result on the screen, or who is at the places that were said, as ``who_is`` gives them. Raises
    NeedsAnswer if no people are there, BadInput("explain.no_rank") for a place that is not there.
    """
    among, origin = engine.among(step, session), engine.origin(step, session)
    if among is None or origin is None or among[1] != "people" or not among[0]:
        raise NeedsAnswer("clarify.account")
    meant = [at(engine.project, origin[1], rank) for rank in step.ranks] or among[0]
    return [(p.platform, p.native_id, p.name, p.handle) for p in rows.people(engine.project, meant)]


def change(project: Project, op: str, names: Sequence[str], run: int | None = None, people: Names | None = None) -> int:
    """Put ``names`` on the do-not-contact list or take them off; how many of the list's hashes that changed.

    ``people``: who they are, if that is known already.
    """
    accounts = people if people is not None else who_is(project, names)

    def write(db: sqlite3.Connection) -> int:
        before = _listed(db)
        (suppression.add(db, accounts, "user") if op == "add" else suppression.remove(db, accounts))
        after = _listed(db)
        write_audit(db, f"suppress.{op}", {"n": len(names)})
        if op == "add" and (new := sorted(after.keys() - before.keys())):
            acts.note(db, "suppress_add", {"hashes": new, "n": len(names)}, run)
        if op == "remove" and (gone := sorted(before.keys() - after.keys())):
            acts.note(db, "suppress_remove", {"rows": [[h, *before[h]] for h in gone], "n": len(names)}, run)
        return len(after.keys() ^ before.keys())

    return project.writer.call(write)


def _listed(db: sqlite3.Connection) -> dict[str, list[Any]]:
    rows = db.execute("select hex(hash), created, origin from suppression")
    return {h: [created, origin] for h, created, origin in rows}


def forget(project: Project, account: int) -> Iterator[Event]:
    """Erase the person of ``account``, with all accounts that are theirs; tell what else the user must delete."""
    n, files = erasing.exports_since(project, account)
    posts = interactions = 0
    for one in people_map(project).all(account):
        counts = erasing.person(project, one)
        posts, interactions = posts + counts["post"], interactions + counts["interaction"]
    yield Done("erase.done", {"posts": posts, "interactions": interactions})
    if n:
        yield Warned("erase.exports", {"n": n, "files": "、".join(files)})


def wipe(path: Path) -> Iterator[Event]:
    """Delete a whole project, closed by everybody: the file, its log and its index. Raises BadInput for what is no
    project's file. Nothing stays but what was exported; what a disk or a backup keeps is not in our hands.
    """
    with Project.open(path, create=False) as project:
        if project.readonly:
            assert project.writer  # noqa: S101 - raises
        people = int(project.one("select count(*) from account_key"))
    for name in (path, *(Path(f"{path}{end}") for end in ("-wal", "-shm", "-journal"))):
        if name.exists():
            os.truncate(name, 0)
            name.unlink()
    yield Done("erase.wiped", {"path": str(path), "n": people})


async def erase(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Erase people, or posts by platform, kind and age. Erased people stay out: a later import leaves them out."""
    project = engine.project
    if step.accounts:
        ids = [one_account(project, who).id for who in step.accounts]  # all are known before the first one goes
        for account in dict.fromkeys(map(people_map(project).one, ids)):
            for event in forget(project, account):
                yield event
        yield Warned("erase.kept_out", {"n": len(set(ids))})
        return
    if step.older_than_days is None and not named_platforms(step):
        raise NeedsAnswer("clarify.scope")
    counts = erasing.posts(
        project, platforms=named_platforms(step), before=old(engine.today, step), kind=step.target,
    )  # fmt: skip
    yield Done("erase.posts", {"posts": counts["post"], "people": counts["account"]})


def named_platforms(step: Step) -> list[str]:
    """The platforms that are really named."""
    return [p for p in step.platforms if p not in ("all", "llm")]


def old(today: date, step: Step) -> int | None:
    """The second before which posts are older than the step says."""
    return None if step.older_than_days is None else start_of(today - timedelta(days=step.older_than_days))
