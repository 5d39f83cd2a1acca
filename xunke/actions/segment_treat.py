"""What the people of kept segments get, and what a segment sets going: lists that grow and tasks for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from xunke.clock import now_on
from xunke.events import Done, Event, Table, Warned
from xunke.i18n import messages
from xunke.outreach import segment_store, segment_then
from xunke.storage import Project

if TYPE_CHECKING:
    from xunke.engine import Engine

_PRICE: Final = re.compile(r"券|折|优惠|减|price|discount|coupon", re.I)


def suggestion(one: segment_store.Segment) -> str | None:
    """The message key of what is usually done with such a segment (O28); None where nothing is usual."""
    key = f"treat.{str(one.spec.get('group', '')).replace('.', '_')}"
    return key if key in messages() else None


def treatments(engine: Engine, *, index: int = 0) -> Table:
    """What the people of each segment get, or what is usual for them."""
    body = [
        [one.name, one.size, *_words(one.treatment).values(), suggestion(one)]
        for one in segment_store.saved(engine.project)
    ]
    columns = ["segment", "people", *segment_store.FIELDS, "advice"]
    return Table("segment.treatments" if body else "segment.list_empty", columns, body, {"n": len(body)}, index)


def treat(
    engine: Engine, name: str, *, offer: str | None = None, channel: str | None = None, cadence: str | None = None,
    then: str | None = None, review: date | None = None,
) -> list[Event]:  # fmt: skip
    """Say what the people of a segment get; the same for all of them, never a price of somebody's own. ``then``: what
    is set going for them, now and whenever the segment is computed again: list, task, none.
    """
    one = segment_store.by_name(engine.project, name)
    what = None if then is None else segment_then.then_of(then)
    changed = {"offer": offer, "channel": channel, "cadence": cadence, "then": "" if what == "none" else what}
    day = segment_store.review_day(engine.today, review) if review is not None else None
    kept = segment_store.treat(engine.project, one, changed, day)
    told: list[Event] = [said(kept)]
    if offer and _PRICE.search(offer):
        told.append(Warned("segment.same_price", {}))
    if what in ("list", "task"):
        told += set_going(engine.project, kept, engine.today)
        told.append(Done("segment.then_again", {"name": kept.name}))
    return told


def said(one: segment_store.Segment) -> Done:
    """What the people of a segment get, in a sentence."""
    words = {f: v or "—" for f, v in _words(one.treatment).items()}
    return Done("segment.treatment", {"name": one.name, "what": words.pop("then"), **words})


def _words(treatment: Mapping[str, str]) -> dict[str, str | None]:
    return {f: f"then.{v}" if f == "then" and v else v for f in segment_store.FIELDS for v in [treatment.get(f)]}


def set_going(project: Project, one: segment_store.Segment, today: date) -> list[Event]:
    """Let the list of a segment grow, or make its tasks, and tell what came of it; nothing where nothing is said."""
    started = segment_then.start(project, one, today, now_on(today))
    if started is None:
        return []
    told: list[Event] = []
    if started.name is not None and started.listed:
        told.append(Done("segment.listed", {"name": started.name, "n": started.listed}))
    elif started.name is None:
        told.append(Done("segment.tasks" if started.tasks else "segment.no_tasks",
                         {"name": one.name, "n": started.tasks}))  # fmt: skip
        if started.waiting:
            told.append(Warned("segment.tasks_waiting", {"n": started.waiting, "most": segment_then.MOST}))
    if started.left_out:
        told.append(Warned("segment.then_left_out", {"n": sum(started.left_out.values())}))
    return told
