"""``undo``: the newest change is taken back, or it is said why it cannot be. Asked again, it goes one further."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from xunke import labels
from xunke.events import Done, Event, Warned
from xunke.outreach import campaign_undo, consent, list_edit, lists, persona_tags, queues, reviews, tag_offers, trials
from xunke.plan import Step
from xunke.storage import Project, acts, retention
from xunke.storage import schedules as rows
from xunke.storage.project import write_audit

from . import segment_undo
from .care_held import card_back
from .undo_ladder import LADDER

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

Inverse = Callable[[sqlite3.Connection, Mapping[str, Any]], dict[str, Any]]
"""Takes a change back in its transaction; gives what is to be told."""


def _list(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    return lists.delete(db, detail["list"])


def _unlist(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    db.executemany("delete from suppression where hash = ?", [(bytes.fromhex(h),) for h in detail["hashes"]])
    write_audit(db, "suppress.remove", {"n": detail["n"], "undo": True})
    return {"n": detail["n"]}


def _relist(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    db.executemany(
        "insert or ignore into suppression(hash, created, origin) values (?, ?, ?)",
        [(bytes.fromhex(h), created, origin) for h, created, origin in detail["rows"]],
    )
    write_audit(db, "suppress.add", {"n": detail["n"], "undo": True})
    return {"n": detail["n"]}


def _schedule(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    found = rows.load(db, detail["schedule"])
    rows.delete(db, detail["schedule"])
    return {"name": found.name if found is not None else "?"}


def _states(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    names = []
    for number, (state, due) in detail["before"].items():
        rows.set_state(db, int(number), state, due)
        if (found := rows.load(db, int(number))) is not None:
            names.append(found.name)
    return {"name": "、".join(names[:3]), "n": len(names), "op": f"undo.op.{detail['op']}"}


def _setting(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    if detail["before"] is None:
        db.execute("delete from meta where key = ?", (detail["key"],))
    else:
        db.execute("insert or replace into meta(key, value) values (?, ?)", (detail["key"], detail["before"]))
    return {"what": detail["key"].partition(".")[2] or detail["key"]}


def _label(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    gone = labels.take_back(db, detail["label"])
    return {"what": gone.value if gone is not None else "?"}


def _mark(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    lists.set_mark(db, detail["account"], detail["before"], detail["list"])
    row = db.execute("select name from account where id = ?", (detail["account"],)).fetchone()
    return {"name": row[0] if row is not None and row[0] else "?"}


def _experiment(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": trials.delete(db, detail["experiment"])}


def _stopped(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": trials.reopen(db, detail["experiment"])}


def _marks(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    for account, good in detail["before"]:
        if db.execute("select 1 from account_key where id = ?", (account,)).fetchone():  # not erased since
            lists.set_mark(db, account, None if good is None else bool(good), detail["list"])
    return {"n": len(detail["before"])}


def _review(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    reviews.take_back(db, detail)
    return {}


def _days(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    retention.restore(db, detail["before"])
    return {"n": len(detail["before"])}


INVERSES: Final[Mapping[str, Inverse]] = {
    "list_make": _list, "suppress_add": _unlist, "suppress_remove": _relist, "schedule_make": _schedule,
    "schedule_state": _states, "connect": _setting, "label": _label, "mark": _mark,
    "experiment_make": _experiment, "experiment_stop": _stopped, "review": _review,
    "persona_tag": persona_tags.take_back, "tag_verdict": tag_offers.take_back,
    **segment_undo.INVERSES,
    "touch_limit": _setting, "touch_value": _setting, **LADDER,
    "list_edit": list_edit.restore, "marks": _marks, "queue": queues.restore,
    **campaign_undo.INVERSES,
    "retention_set": _days, "consent_add": consent.take_back, "consent_withdraw": consent.take_back,
    "card_set": card_back,
}  # fmt: skip
NEVER: Final = frozenset({"export", "erase", "import", "collect", "retention"})
"""Changes that nothing takes back; ``undo.never.KIND`` says why."""


def stale(db: sqlite3.Connection, act: acts.Act) -> bool:
    """Whether what the change made is gone already, by another way."""
    if act.kind == "label":
        return not db.execute("select 1 from label where id = ? and undone is null", (act.detail["label"],)).fetchone()
    if act.kind in segment_undo.INVERSES:
        return segment_undo.stale(db, act)
    if act.kind == "list_make":
        return not db.execute("select 1 from saved_list where id = ?", (act.detail["list"],)).fetchone()
    if act.kind == "schedule_make":
        return rows.load(db, act.detail["schedule"]) is None
    return False


def next_act(project: Project) -> acts.Act | None:
    """The change that ``undo`` would take back, or would say that it cannot."""
    return next((act for act in acts.listing(project.reader) if not stale(project.reader, act)), None)


def said(project: Project, act: acts.Act) -> str:
    """The request that made the change, if it is still stored."""
    return str(project.one("select text from run where id = ?", (act.run,)) or "") if act.run else ""


async def undo(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Take the newest change back."""
    project = engine.project
    act = next_act(project)
    if act is None:
        yield Done("undo.nothing")
        return
    told = {"said": said(project, act)}
    if act.kind in NEVER:
        await project.writer.acall(lambda db: acts.done(db, act.id))
        yield Warned(f"undo.never.{act.kind}", {**told, **act.detail})
        following = next_act(project)
        if following is not None and following.kind not in NEVER:
            words = said(project, following)
            yield Warned("undo.next" if words else "undo.next_unsaid",
                         {"what": f"undo.what.{following.kind}", "said": words})  # fmt: skip
        return

    def write(db: sqlite3.Connection) -> dict[str, Any]:
        params = INVERSES[act.kind](db, act.detail)
        acts.done(db, act.id)
        write_audit(db, "undo", {"kind": act.kind})
        return params

    params = await project.writer.acall(write)
    yield Done(f"undo.done.{act.kind}", {**told, **params})
