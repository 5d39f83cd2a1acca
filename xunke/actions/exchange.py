"""How many people our list and another marketer's share: counts, a row in the audit log, and what they do not say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xunke.events import Event, Table, Warned
from xunke.outreach import exchange, list_edit, lists
from xunke.storage import Project


def overlap(project: Project, name: str, path: Path, secret: str, *, now: int, index: int = 0) -> Iterator[Event]:
    """Compare the list ``name`` with a file of hashes that the other side made with the same ``secret``."""
    entry = lists.by_name(project, name, now)
    list_edit.only_people(entry)
    found = exchange.compare(project, entry, path, secret)
    project.audit("overlap", list=entry.id, people=found.mine, theirs=found.theirs)
    few = f"<{found.least}"
    body: list[list[Any]] = [["overlap.both", few if found.both is None else found.both]]
    if len(found.platforms) > 1:
        body += [[platform, few if n is None else n] for platform, n in found.platforms.items()]
    params = {"name": entry.name, "mine": found.mine, "theirs": found.theirs}
    yield Table("overlap.title", ["what", "people"], body, params, index)
    if found.both is None:
        yield Warned("overlap.hidden", {"least": found.least})
    yield Warned("overlap.law")
