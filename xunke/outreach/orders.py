"""Orders of purchase files: who bought when, for how much."""

from __future__ import annotations

from dataclasses import dataclass

from xunke.storage import Project
from xunke.storage.persons import people_map


@dataclass(frozen=True, slots=True)
class Order:
    """An order of ``person`` at ``t`` (UTC seconds). ``amount``: CNY; None where another currency was paid, which is
    no sum of ours. ``id``: our number of the row.
    """

    id: int
    person: int
    t: int
    amount: float | None


def orders(project: Project, until: int, *, since: int = 0) -> list[Order]:
    """Orders with a time between the two seconds (inclusive), the oldest first."""
    person = people_map(project).one
    found = project.query(
        "select id, account, t, case coalesce(currency, 'CNY') when 'CNY' then amount end from purchase "
        "where t between ? and ? order by t, id", (since, until),
    )  # fmt: skip
    return [Order(number, person(account), t, amount) for number, account, t, amount in found]
