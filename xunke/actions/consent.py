"""Who is not to be contacted, and what is to be forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from xunke.clock import moment
from xunke.config import user_path
from xunke.errors import NeedsAnswer
from xunke.events import Done, Event, Table
from xunke.plan import Step
from xunke.storage import erase as erasing
from xunke.storage import suppression
from xunke.storage.project import write_audit

from .common import lines_of, one_account, who_is

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def suppress(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Add to, take from or show the do-not-contact list."""
    project = engine.project
    if step.op == "list":
        found = project.query("select hex(hash), created, origin from suppression order by created, hash")
        table = [[h[:12], moment(t).strftime("%Y-%m-%d %H:%M"), origin] for h, t, origin in found]
        yield Table("suppress.title", ["hash", "time", "origin"], table, {"n": len(table)}, index)
        return
    names = list(step.accounts)
    if step.path:
        names += lines_of(user_path(step.path))
    names = [n.strip() for n in names if n.strip()]
    if not names:
        raise NeedsAnswer("clarify.account")
    accounts = who_is(project, names)

    def write(db: sqlite3.Connection) -> None:
        if step.op == "add":
            suppression.add(db, accounts, "user")
        else:
            suppression.remove(db, accounts)
        write_audit(db, f"suppress.{step.op}", {"n": len(names)})

    await project.writer.acall(write)
    yield Done(f"suppress.{step.op}", {"n": len(names), "names": "、".join(names[:5])})


async def erase(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Erase what is stored about somebody."""
    if not step.accounts:
        raise NeedsAnswer("clarify.scope")
    for who in step.accounts:
        person = one_account(engine.project, who)
        counts = erasing.person(engine.project, person.id)
        yield Done("erase.done", {"posts": counts["post"], "interactions": counts["interaction"]})
