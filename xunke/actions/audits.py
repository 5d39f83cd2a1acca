"""The audit log: what happened to data about people, and whether the chain of its rows is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

from xunke.clock import moment
from xunke.events import Done, Event, Table, Warned
from xunke.storage import Project
from xunke.storage.project import verify_audit

MOST = 30
"""Newest rows that are shown."""


def log(project: Project, *, limit: int = MOST, index: int = 0) -> Iterator[Event]:
    """The newest rows of the log, the newest first, and whether it is whole."""
    rows = [
        [number, moment(t).strftime("%Y-%m-%d %H:%M"), act, "；".join(f"{k}={v}" for k, v in json.loads(detail).items())]
        for number, t, act, detail in project.query("select id, t, act, detail from audit order by id desc limit ?",
                                                    (limit,))
    ]  # fmt: skip
    if rows:
        yield Table("audit.title", ["id", "time", "act", "detail"], rows, {"n": len(rows)}, index)
    yield verify(project)


def verify(project: Project) -> Event:
    """Whether no row of the log was changed or taken out."""
    broken = verify_audit(project.reader)
    return Done("audit.ok") if broken is None else Warned("audit.broken", {"row": broken})


__all__ = ["log", "verify"]
