"""A ``work`` step, where it runs, and what its words mean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from xunke.clock import now_on, waking_on
from xunke.errors import NeedsAnswer
from xunke.events import Event
from xunke.plan import Step
from xunke.storage import Project, rows

from .common import last_result

if TYPE_CHECKING:
    from xunke.engine import Engine


@dataclass(frozen=True, slots=True)
class Asked:
    """A step, where it runs, and what its words mean."""

    engine: Engine
    step: Step
    index: int
    run: int | None

    @property
    def project(self) -> Project:
        return self.engine.project

    @property
    def today(self) -> date:
        return self.engine.today

    @property
    def lang(self) -> str:
        return self.engine.options.lang

    @property
    def now(self) -> int:
        """The present second; of another day than today its last one: everything of that day counts."""
        return now_on(self.today)

    @property
    def noon(self) -> int:
        """The same for what is to be done: of another day its noon, when nobody sleeps."""
        return waking_on(self.today)

    @property
    def limit(self) -> dict[str, Any]:
        return {} if self.step.limit is None else {"limit": self.step.limit}

    @property
    def name(self) -> str:
        if self.step.name is None:
            raise NeedsAnswer("clarify.referent")
        return self.step.name

    @property
    def who(self) -> str:
        """Whom the step means: by name, by place in the result on the screen, or under the cursor."""
        if self.step.accounts:
            return self.step.accounts[0]
        account = _placed(self.project, self.step.ranks[0]) if self.step.ranks else self.engine.options.picked
        found = rows.people(self.project, [account]) if account is not None else []
        if not found:
            raise NeedsAnswer("clarify.account")
        return f"{found[0].platform}:{found[0].native_id}"

    @property
    def line(self) -> str:
        """The same where a place means a line of today's queue, if there is one."""
        from xunke.outreach import daily

        if not self.step.ranks or self.step.accounts:
            return self.who
        number = self.step.ranks[0]
        return str(number) if daily.line(self.project, number) is not None else self.who

    @property
    def people(self) -> int | None:
        """The result of people on the screen, if there is one."""
        found = last_result(self.project, self.engine.options.last)
        return found[0] if found is not None and found[1] == "people" else None

    @property
    def fields(self) -> dict[str, str]:
        """What was said of named fields."""
        return dict(self.step.fields)

    def share(self, name: str) -> float | None:
        """A field that is a share: ``10%`` or ``0.1``."""
        said = self.fields.get(name)
        return None if said is None else float(said.rstrip("%")) / (100 if said.endswith("%") else 1)

    def must(self, name: str, clarify: str = "clarify.referent") -> str:
        """A field without which nothing can be done. Raises NeedsAnswer."""
        found = self.fields.get(name)
        if found is None:
            raise NeedsAnswer(clarify)
        return found

    @property
    def number(self) -> int:
        """The number in a table that is meant."""
        if not self.step.ranks:
            raise NeedsAnswer("clarify.referent")
        return self.step.ranks[0]


def _placed(project: Project, rank: int) -> int | None:
    found = last_result(project)
    if found is None or found[1] != "people":
        return None
    item = project.one("select item from score where result = ? and rank = ?", (found[0], rank))
    return None if item is None else int(item)


Told = AsyncIterator[Event] | Iterable[Event] | Event


__all__ = ["Asked", "Told"]
