"""What several actions share: who and what a step means, and the shape of a handler."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xunke import sources
from xunke.errors import BadInput, NeedsAnswer
from xunke.events import Event
from xunke.plan import Step
from xunke.storage import Project, rows
from xunke.storage.persons import own_accounts
from xunke.text import fold

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

_NAMESAKES = 5
Handler = Callable[["Engine", Step, int, "Session"], AsyncIterator[Event]]
"""What runs a step: the engine, the step, its place in the plan, what the steps of this run share."""


def last_result(project: Project, number: int | None = None) -> tuple[int, str] | None:
    """The result on the screen: ``number``, or the newest that no schedule made. (id, target)."""
    sql = (
        "select id, target from result where id = coalesce(:number, id) and (:number is not null or run is null "
        "or run not in (select run from schedule_run where run is not null)) order by id desc limit 1"
    )
    found = project.query(sql, {"number": number})
    return (int(found[0][0]), str(found[0][1])) if found else None


def at(project: Project, result: int, rank: int) -> int:
    """The item at a place. Raises BadInput("explain.no_rank")."""
    item = project.one("select item from score where result = ? and rank = ?", (result, rank))
    if item is None:
        total = project.one("select total from result where id = ?", (result,)) or 0
        raise BadInput("explain.no_rank", rank=rank, total=total)
    return int(item)


def own_followers(project: Project) -> list[int]:
    """Everybody seen acting on an account of the user's own, or following it and not gone since."""
    own = own_accounts(project)
    if not own:
        raise NeedsAnswer("clarify.own_account")
    sql = (
        "select actor from interaction where target in (select value from json_each(:own)) union "
        "select account from follower where own in (select value from json_each(:own)) and gone is null order by 1"
    )
    return [row[0] for row in project.query(sql, {"own": json.dumps(own)})]


def one_account(project: Project, who: str) -> rows.PersonRow:
    """The account that ``who`` means. Raises BadInput if none, NeedsAnswer if several people have that name."""
    found = rows.find_account(project, who)
    if not found:
        raise BadInput("person.unknown", who=who)
    if len(same := rows.people_called(project, who)) > 1:
        known = [f"{one.platform}:{one.native_id}" for one in same[:_NAMESAKES]]
        raise NeedsAnswer("clarify.namesakes", who=who, n=len(same), known="、".join(known))
    return found[0]


def who_is(project: Project, names: Sequence[str]) -> list[tuple[str, str | None, str | None, str | None]]:
    """(platform, native id, name, handle) of each name.

    Somebody known is meant also when the name is spelled with other widths, cases or unseen characters. Of somebody
    unknown the id or name on the platform that is said (``weibo:1700000001``), else on every platform.
    """
    found: list[tuple[str, str | None, str | None, str | None]] = []
    exact = {name: rows.find_account(project, name) for name in names}
    folded = {} if all(exact.values()) else rows.by_spelling(project)
    platforms = sources.every_name() | {row[0] for row in project.query("select name from platform")}
    for name in names:
        known = exact[name] or rows.people(project, folded.get(fold(name).lstrip("@"), []))
        found += [(p.platform, p.native_id, p.name, p.handle) for p in known]
        if not known:
            word = name.strip().lstrip("@＠")
            platform, _, native_id = word.partition(":")
            if platform not in platforms:  # an id may hold a colon of its own: did:plc:…
                platform, native_id = "*", word
            found.append((platform, native_id, native_id, None))
    return found


def lines_of(path: Path) -> list[str]:
    """The lines of a text file. Raises BadInput for something that is none."""
    try:
        if not path.is_file():
            raise BadInput("import.not_a_file", path=str(path))
        return path.read_text("utf-8-sig", "replace").splitlines()
    except OSError as error:
        raise BadInput("cli.bad_file", path=str(path), detail=error.strerror or "") from None


def current(engine: Engine, step: Step, session: Session) -> tuple[int, str]:
    """The result that the step goes on with: of a step before, or the one on the screen. (id, target).

    Raises NeedsAnswer("clarify.referent") if there is none.
    """
    if session.newest is not None and step.input != "last":
        return session.newest
    found = last_result(engine.project, engine.options.last)
    if found is None or step.input != "last":
        raise NeedsAnswer("clarify.referent")
    return found
