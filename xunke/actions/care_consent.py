"""``consent``: who agreed to what, from whom we know it, and the end of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from xunke.clock import moment
from xunke.errors import BadInput
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import consent
from xunke.outreach.people import barred
from xunke.storage import Project, rows

from .common import one_account


def give_consent(
    project: Project, who: str, kinds: Sequence[str], evidence: str | None, *, now: int
) -> Iterator[Event]:
    """Note that somebody agreed to ``kinds``, and how we know. Raises BadInput without evidence."""
    row = one_account(project, who)
    for kind in kinds:
        consent.add(project, row.id, kind, evidence or "", t=now)
        yield Done("consent.added", {"name": row.name or row.native_id, "what": f"kind.{consent.kind_of(kind)}"})


def withdraw_consent(project: Project, who: str, kinds: Sequence[str] = (), *, now: int) -> Iterator[Event]:
    """Note that somebody takes their yes back (no ``kinds``: to everything). It holds at once."""
    row = one_account(project, who)
    n = sum(consent.withdraw(project, row.id, kind, t=now) for kind in kinds or (None,))
    yield Done("consent.withdrawn" if n else "consent.none", {"name": row.name or row.native_id, "n": n})
    if n:
        yield Warned("consent.suppress_too", {"who": f"{row.platform}:{row.native_id}"})


def consents(project: Project, who: str | None = None, *, index: int = 0) -> Iterator[Event]:
    """Who agreed to what: of one person, or of everybody. People who appear nowhere are left out and counted."""
    of = None if who is None else one_account(project, who).id
    found = consent.listing(project, None if of is None else [of])
    never = barred(project, {one.account for one in found})
    shown = [one for one in found if one.account not in never]
    people = {row.id: row for row in rows.people(project, sorted({one.account for one in shown}))}
    table = [
        [people[one.account].platform, people[one.account].native_id, people[one.account].name, one.kind,
         moment(one.t).date().isoformat(), one.evidence,
         None if one.withdrawn is None else moment(one.withdrawn).date().isoformat()]
        for one in shown if one.account in people
    ]  # fmt: skip
    if table:
        columns = ["platform", "id", "name", "kind", "time", "evidence", "withdrawn"]
        yield Table("consent.title", columns, table, {"n": len(table)}, index)
    else:
        yield Done("consent.empty")
    if never:
        yield Warned("consent.left_out", {"n": len(never)})


def import_consents(project: Project, path: Path, *, now: int) -> Iterator[Event]:
    """Read a file of consents; tells how many were stored, unknown, left out and rejected."""
    if not path.is_file():
        raise BadInput("import.not_a_file", path=str(path))
    read = consent.bring_in(project, path, now=now)
    yield Done("consent.read", {"read": read.read, "stored": read.stored})
    if read.unknown:
        yield Warned("consent.unknown", {"n": read.unknown})
    if read.barred:
        yield Warned("consent.left_out", {"n": read.barred})
    for row, key, detail in read.rejected:
        yield Warned("consent.rejected", {"row": row, "reason": key, "kind": detail, "known": ", ".join(consent.KINDS),
                                          "date": detail})  # fmt: skip
