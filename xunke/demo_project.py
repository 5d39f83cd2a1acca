"""The sample project on disk: invented people and posts, marked as such wherever they are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import islice

from .clock import end_of
from .errors import BadInput
from .events import Progress
from .jobs import Meter
from .model import Provenance
from .storage import Project
from .storage.ingest import resolve_mentions, source_id

_OWN = "demo-own"


def build(project: Project, today: date) -> Iterator[Progress]:
    """Fill an empty ``project`` with the sample for ``today``; one that is filled for this day already stays.

    Raises BadInput("demo.not_demo") if it holds anything but a sample.
    """
    from .demo import records

    if project.one("select count(*) from account") and project.meta("demo") != "1":
        raise BadInput("demo.not_demo", path=str(project.path))
    if project.meta("demo_day") == today.isoformat():
        return
    project.set_meta("demo", "1")
    fetched = end_of(today)
    source = project.writer.call(lambda db: source_id(db, Provenance("demo", "sample", fetched=fetched)))
    made, meter, done = iter(records(today)), Meter("demo"), 0
    while part := list(islice(made, 1000)):
        project.writer.call(lambda db, part=part: project.store(db, part, source, fetched))  # type: ignore[misc]
        done += len(part)
        yield meter.at(done, None)
    project.writer.call(resolve_mentions)
    own = [row[0] for row in project.query("select id from account_key where native_id = ?", (_OWN,))]
    project.set_meta("own_accounts", json.dumps(own))
    project.set_meta("demo_day", today.isoformat())
