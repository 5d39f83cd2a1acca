"""``retention``: how long what is kept, and the sweep of what is older, asked for or once a day at the start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from xunke.errors import UsageError
from xunke.events import Done, Event, Table, Warned
from xunke.storage import Project, retention

_PAIR: Final = re.compile(r"([^=＝]+)[=＝]\s*(\d{1,6}|forever|always|永久|一直)\s*(?:d|days?|天)?", re.I)

_WORDS: Final[Mapping[str, str]] = {
    "原始记录": "raw", "原文": "raw", "帖子": "posts", "发帖": "posts", "评论": "comments", "互动": "edges",
    "人": "people", "没接触过的人": "people", "结果": "results", "陪跑": "touches", "来源": "source",
    "interactions": "edges", "interaction": "edges", "accounts": "people", "persons": "people", "post": "posts",
    "comment": "comments", "touch": "touches", "scores": "results",
}  # fmt: skip


def retention_rules(project: Project, *, index: int = 0) -> Table:
    """How long each scope is kept: days, or None for as long as the project; and the day of the newest sweep."""
    rows = [
        [rule.scope, f"retention.what_{rule.scope.partition(':')[0]}", rule.days, "user" if rule.own else "default"]
        for rule in retention.rules(project.reader)
    ]
    return Table(
        "retention.title",
        ["scope", "what", "keep_days", "set_by"],
        rows,
        {
            "day": retention.swept_on(project) or "—",
            "hidden": [] if any(":" in str(row[0]) for row in rows) else ["scope"],
        },
        index,
    )


def pairs(words: Iterable[str]) -> dict[str, int | None]:
    """``SCOPE=DAYS`` as said: days, or ``forever``. Raises UsageError("retention.pair") for something else."""
    found: dict[str, int | None] = {}
    for word in words:
        said = _PAIR.fullmatch(word.strip())
        if said is None:
            raise UsageError("retention.pair", pair=word[:60])
        scope, colon, rest = said[1].strip().partition(":")
        found[_WORDS.get(scope, scope) + colon + rest] = int(said[2]) if said[2].isdigit() else None
    return found


def set_retention(project: Project, asked: Mapping[str, int | None]) -> Iterator[Event]:
    """Change how long scopes are kept, and show all rules. Raises BadInput for an unknown scope."""
    if not asked:
        raise UsageError("cli.missing", names="SCOPE=DAYS")
    retention.put(project, asked)
    yield Done("retention.set", {"n": len(asked)})
    yield retention_rules(project)


def run_retention(project: Project, *, today: date, dry_run: bool = False, in_use: bool = False,
                  index: int = 0) -> Iterator[Event]:  # fmt: skip
    """Delete what is older than the rules say, or only count it (``dry_run``). ``in_use``: also what lists, segments
    and campaigns use. Tells by scope what went and what was kept back; nothing brings it back.
    """
    found = retention.due(project, today, in_use=in_use) if dry_run else (
        retention.sweep(project, today, in_use=in_use)
    )  # fmt: skip
    n, kept = sum(one.rows for one in found), sum(one.in_use for one in found)
    if found:
        rows = [[one.scope, one.days, one.rows, one.in_use] for one in found]
        title = "retention.would" if dry_run else "retention.went"
        yield Table(title, ["scope", "keep_days", "older", "in_use"], rows, {"n": n}, index)
    if not n:
        yield Done("retention.nothing", {"day": today.isoformat()})
    elif dry_run:
        yield Warned("retention.for_good")
    else:
        yield Done("retention.done", {"n": n})
    if kept:
        yield Warned("retention.kept", {"n": kept})
    if n and any(one.scope.partition(":")[0] in ("posts", "comments", "source") for one in found):
        yield Warned("retention.edges")


def swept_at_start(project: Project, *, today: date) -> Event | None:
    """The sweep when a project is opened: at most once a day, told in one line; None if there was nothing to tell.

    ``today`` is the real day: a pretended one must not delete anything.
    """
    if project.readonly or retention.swept_on(project) == today.isoformat():
        return None
    found = retention.sweep(project, today, asked=False)
    n, kept = sum(one.rows for one in found), sum(one.in_use for one in found)
    if not n:
        return None
    return Warned("retention.swept", {"n": n, "kept": kept})
