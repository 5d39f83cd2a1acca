"""What is behind a number of an answer: its posts, or its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import on

from tui.screens.tables import TableScreen
from tui.widgets.columns import PEOPLE, POSTS
from tui.widgets.vtable import VTable
from xunke.errors import BadInput
from xunke.labels import find_post
from xunke.storage import Project, rows
from xunke.storage.rows import PersonRow, PostRow, RowSource


class BehindScreen(TableScreen):
    """Enter shows the person; escape goes back to the answer."""

    name_ = "behind"

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__()
        self.refs = refs
        self.people = refs[0].startswith("person:")

    def table(self) -> VTable[Any]:
        """People, or posts with their authors."""
        if self.people:
            return VTable[PersonRow](PEOPLE, lambda r: r.id, id="rows")
        return VTable[PostRow](POSTS, lambda r: r.id, empty="tui.table.no_posts", id="rows")

    def load(self) -> None:
        """Those that are still stored."""
        project = self.xunke.project
        ids = [number for ref in self.refs if (number := number_of(project, ref)) is not None]
        source: RowSource[Any] = (
            RowSource(ids, lambda part: rows.people(project, part))
            if self.people
            else RowSource(ids, lambda part: rows.posts(project, part))
        )
        self.query_one(VTable).show(source)

    @on(VTable.Opened)
    def _opened(self, event: VTable.Opened) -> None:
        from tui.screens.person import PersonScreen

        row = event.table.current
        account = row.author if isinstance(row, PostRow) else row.id if isinstance(row, PersonRow) else None
        if account is None:
            self.xunke.tell("tui.person.unknown", "warning")
        else:
            self.xunke.push_screen(PersonScreen(account))


def number_of(project: Project, ref: str) -> int | None:
    """Our number of a post or person; None where it is not stored any more."""
    kind, _, name = ref.partition(":")
    if kind == "person":
        found = rows.find_account(project, name)
        return found[0].id if found else None
    try:
        return find_post(project, name)
    except BadInput:
        return None
