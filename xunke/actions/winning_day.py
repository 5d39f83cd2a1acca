"""What a ``work`` step does day by day: steps taken, drafts, notes, useful things, limits, queues."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Final

from xunke.errors import NeedsAnswer
from xunke.events import Done, Event, Table
from xunke.plan import Work

from .winning_asked import Asked, Told

_SHOWN: Final = "queue_shown"
"""The posts of the queue that was shown last, in its order, in the project's settings."""


def _touch(a: Asked) -> Told:
    from . import ladder

    match a.step.op:
        case "skip":
            return ladder.skip(a.project, a.line, now=a.noon)
        case "later":
            return ladder.later(a.project, a.line, now=a.noon, days=a.step.days or 3)
        case "open":
            return _address(a)
        case "may":
            return ladder.allowed(a.project, a.line, a.step.kind or "talk", now=a.noon)
        case "log":
            who = a.who if a.step.accounts or a.step.ranks else None
            return ladder.history(a.project, who, index=a.index, **a.limit)
        case _:
            return ladder.done(a.project, a.line, now=a.noon, step=a.step.kind)


def _address(a: Asked) -> Iterator[Event]:
    from . import ladder

    url, told = ladder.address(a.project, a.line, now=a.noon)
    yield from told
    if url is not None:
        yield Done("touch.address", {"url": url})


def _draft(a: Asked) -> Told:
    from . import ladder

    turn = 1 if a.step.op == "again" else 0
    return ladder.draft(a.project, a.line, now=a.noon, turn=turn, index=a.index)


def _note(a: Asked) -> Told:
    from . import ladder_words

    match a.step.op:
        case "add":
            due = None if a.step.until is None else a.step.until.isoformat()
            return ladder_words.note(a.project, a.step.topic or "", now=a.noon, who=a.who, due=due)
        case "done":
            return ladder_words.note_done(a.project, a.number, now=a.noon)
    who = a.who if a.step.accounts or a.step.ranks else None
    return ladder_words.note_table(a.project, who=who, open_only=who is None, index=a.index)


def _snippet(a: Asked) -> Told:
    from . import ladder_words

    match a.step.op:
        case "add":
            return ladder_words.value_add(a.project, a.step.topic or "")
        case "remove":
            return ladder_words.value_remove(a.project, a.number)
        case _:
            return ladder_words.value_table(a.project, index=a.index)


def _limits(a: Asked) -> Told:
    from . import ladder

    if a.step.op == "set":
        return ladder.set_limits(a.project, [f"{name}={said}" for name, said in a.step.fields])
    return ladder.limit_table(a.project, index=a.index)


def _queue(a: Asked) -> Told:
    from . import queues

    match a.step.op:
        case "later" | "done" | "dropped" | "open" as state:
            days = a.step.days or queues.LATER
            return queues.set_state(a.project, state, _shown(a), now=a.now, run=a.run, days=days)
        case _:
            return _show(a)


async def _show(a: Asked) -> AsyncIterator[Event]:
    """A queue; what stands in which line is kept, so that a line can be spoken of."""
    from . import queues

    posts: list[str] = []
    async for event in queues.queue(
        a.engine, a.step.op or "all", now=a.now, topic=a.step.topic, index=a.index, **a.limit
    ):
        if isinstance(event, Table) and event.columns[:1] == ["post"]:
            posts += [str(row[0]) for row in event.rows]
        yield event
    kept = json.dumps(posts, ensure_ascii=False)
    a.project.writer.call(
        lambda db: db.execute("insert or replace into meta(key, value) values (?, ?)", (_SHOWN, kept))
    )


def _shown(a: Asked) -> str:
    """The post of the line that is meant; the only line, where none was named."""
    posts: list[str] = json.loads(a.project.meta(_SHOWN, "[]"))
    number = a.step.ranks[0] if a.step.ranks else 1 if len(posts) == 1 else 0
    if not 1 <= number <= len(posts):
        raise NeedsAnswer("clarify.referent")
    return posts[number - 1]


TABLE: Final[Mapping[Work, Callable[[Asked], Told]]] = {
    "touch": _touch, "draft": _draft, "note": _note, "snippet": _snippet, "limits": _limits, "queue": _queue,
}  # fmt: skip
__all__ = ["TABLE"]
