"""Keeping what was found: lists of people to approach, saved sets, files."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from xunke.clock import end_of
from xunke.config import default_db, user_path
from xunke.errors import NeedsAnswer
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import exports, lists
from xunke.persona import understand_people
from xunke.plan import Step
from xunke.storage import Project, acts

from .common import current
from .lists import may_leave
from .tables import Kept, last_table, write_table

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def make_list(engine: Engine, step: Step, session: Session) -> AsyncIterator[Event]:
    """Turn the newest people result into an outreach list with reasons."""
    if session.newest is None:
        raise NeedsAnswer("clarify.referent")
    name = step.purpose or " ".join(session.subject) or "outreach"
    entry = lists.save(
        engine.project,
        f"{name} {engine.today.isoformat()}",
        session.newest[1],
        session.newest[0],
        purpose=step.purpose or session.text,
        subject=session.subject,
        run=session.run,
    )
    session.list_id = entry.id
    yield Done("list.created", {"name": entry.name, "n": entry.size, "list": entry.id})
    if entry.left_out:
        yield Warned("list.barred", {"n": entry.left_out})


async def save(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Keep the current set under a name."""
    result, target = current(engine, step, session)
    entry = lists.save(
        engine.project, step.name or session.text or "list", target, result, purpose=session.text,
        subject=session.subject, run=session.run,
    )  # fmt: skip
    session.list_id = entry.id
    yield Done("list.created", {"name": entry.name, "n": entry.size, "list": entry.id})
    if entry.left_out:
        yield Warned("list.barred", {"n": entry.left_out})


async def export(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Write a file: of a saved list, of what was found before, or of the table of numbers before."""
    async for event in understand_people(engine.project):
        yield event
    folder = user_path(engine.options.folder) if engine.options.folder else default_folder(engine.project)
    table = _table(engine, step, session)
    if table is not None:
        written = [write_table(
            engine.project, table, step.format or "xlsx", path=step.path, folder=folder, lang=engine.options.lang
        )]  # fmt: skip
    else:
        what = _what(engine, step, session)
        if what.list_id is not None:  # the plan was shown and agreed to
            entry = lists.by_id(engine.project, what.list_id)
            for told in may_leave(engine.project, entry, now=end_of(engine.today), yes=True):
                yield told
        written = list(exports.write_files(
            engine.project, what, step.format or "xlsx", path=step.path, folder=folder,
            lang=engine.options.lang, columns=step.columns, split=step.split_by == "segment",
        ))  # fmt: skip
    if step.format is not None and written and step.format != written[0].format:
        yield Warned("export.instead", {"wanted": step.format, "format": written[0].format})
    names = "、".join(file.path for file in written)
    engine.project.writer.call(partial(acts.note, kind="export", detail={"file": names}, run=session.run))
    for file in written:
        yield file


def _table(engine: Engine, step: Step, session: Session) -> Table | Kept | None:
    """The numbers that are to be written, if the newest thing made is a table."""
    if step.source or step.split_by:
        return None
    return session.table if step.input != "last" else last_table(engine.project)


def _what(engine: Engine, step: Step, session: Session) -> exports.What:
    if step.source and step.source.startswith("saved:"):
        return exports.of_list(engine.project, lists.by_name(engine.project, step.source.removeprefix("saved:")))
    if session.list_id is not None and step.input != "last":
        return exports.of_list(engine.project, lists.by_id(engine.project, session.list_id))
    return exports.of_result(engine.project, *current(engine, step, session), subject=session.subject)


def default_folder(project: Project) -> Path:
    """Where files go that nobody named a place for: ``导出`` beside a project that the user placed themself;
    for the default project, which lies in a hidden folder, ``寻客导出`` in the home folder.
    """
    if project.path.parent == default_db().parent and not os.environ.get("XUNKE_DB"):
        return Path.home() / "寻客导出"
    return project.path.parent / "导出"
