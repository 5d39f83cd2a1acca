"""What the commands on networks share: names of people who may be named, reading who is under 18."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from xunke.outreach import people as people_of
from xunke.storage import Project, rows
from xunke.text import one_line

if TYPE_CHECKING:
    from .main import Context

_WIDTH = 40


class Names:
    """Names of accounts and posts; those of people who appear nowhere are not told."""

    def __init__(self, project: Project, accounts: Iterable[int]) -> None:
        ids = sorted(set(accounts) - {0})
        self._rows = {row.id: row for row in rows.people(project, ids)}
        self._hidden = people_of.barred(project, ids)

    def shown(self, account: int) -> rows.PersonRow | None:
        """The person, None if unknown or not to be named."""
        return None if account in self._hidden else self._rows.get(account)

    def hidden(self, account: int) -> bool:
        """Whether this person appears nowhere."""
        return account in self._hidden

    def name(self, account: int, unknown: str) -> str:
        """What to call somebody in a text."""
        row = self.shown(account)
        return unknown if row is None else one_line(row.name or row.handle or row.native_id, _WIDTH)

    def as_json(self, account: int) -> dict[str, Any] | None:
        """Platform, id and name; None if unknown or not to be named."""
        row = self.shown(account)
        return None if row is None else {"platform": row.platform, "id": row.native_id, "name": row.name}


def listing(names: Names, accounts: Iterable[int]) -> list[dict[str, Any]]:
    """Platform, id and name of those who may be named."""
    return [person for account in accounts if (person := names.as_json(account)) is not None]


async def understand(context: Context) -> None:
    """Read what people say of themselves: who is under 18 appears nowhere."""
    from xunke.persona import understand_people

    async for event in understand_people(context.project):
        context.out.event(event)
