"""From the project's interactions to arrays, in chunks and in bounded memory.

Two integers a row come out of SQLite, each packed of two: a Python object costs more than its share of the scan
(2.4 million rows a second; four columns and ``fetchall`` 1.2, packed text from ``group_concat`` 1.9:
docs/ranking.md). No object per row outlives its chunk.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable
from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from xunke.errors import BadInput
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.persons import Persons, people_map
from xunke.storage.schema import KINDS
from xunke.storage.writer import translate
from xunke.text import fold

from . import posts as posts_of

if TYPE_CHECKING:
    from graph.build import Events

Watch = Callable[[int, int], None]
"""Called with (rows so far, rows in the project) every few milliseconds; whatever it raises ends the reading."""

CHUNK: Final = 65_536
_STEPS: Final = 200_000
"""SQLite's instructions between two looks at the watch, for queries that find little: a few milliseconds."""
_KIND_BITS: Final = max(KINDS.values()).bit_length()
_ID_BITS: Final = 31
_TIME: Final = (
    "case when t > 0 then t else coalesce((select created from post where post.id = interaction.post), 0) end"
)
"""One without a time takes the time of the post it concerns; only such a row looks the post up."""


def load_events(
    project: Project,
    *,
    since: int | None = None,
    until: int | None = None,
    kinds: Iterable[str] | None = None,
    platforms: Collection[str] | None = None,
    posts: Collection[int] | None = None,
    tags: Collection[str] | None = None,
    groups: Collection[str] | None = None,
    watch: Watch | None = None,
) -> Events:
    """The interactions of the project as arrays, in the order (target, stored time, actor, kind, post).

    One without a time takes the time of the post it concerns; where that has none either, nothing says that it
    happened since ``since``: it only counts without one. ``since`` and ``until`` are UTC seconds, both inclusive.
    ``platforms``: of people there; ``posts`` (ids), ``tags`` and ``groups`` (names): those that concern such a post;
    what is given more than once must all hold. ``watch`` is told how far it is and may stop it. Accounts that a user
    accepted as one person's act and are acted on as the one account that stands for them.

    Raises BadInput("network.unknown_kind") for a kind that is none.
    """
    import numpy as np

    from graph.build import Events

    where, params = _where(since, until, kinds, platforms, posts, tags, groups)
    with project.snapshot():
        # never more rows than these; memory that is not written to is not taken
        total = int(project.one("select count(*) from interaction"))
        wide = int(project.one("select coalesce(max(id), 0) from account_key")) >> _ID_BITS > 0
        target, time, actor = (np.empty(total, dtype=np.int64) for _ in range(3))
        kind = np.empty(total, dtype=np.int8)
        ids = "target, actor" if wide else f"(target << {_ID_BITS}) | actor"
        done = 0
        for flat in _chunks(
            project, f"select {ids}, (w << {_KIND_BITS}) | kind from ({_ROWS}) where {where}", params, total, watch
        ):
            part = flat.reshape(-1, 3 if wide else 2)
            end = done + len(part)
            if wide:
                target[done:end], actor[done:end] = part[:, 0], part[:, 1]
            else:
                target[done:end], actor[done:end] = part[:, 0] >> _ID_BITS, part[:, 0] & ((1 << _ID_BITS) - 1)
            time[done:end], kind[done:end] = part[:, -1] >> _KIND_BITS, part[:, -1] & ((1 << _KIND_BITS) - 1)
            done = end
            if watch is not None:
                watch(done, total)
    one_person(people_map(project), target[:done], actor[:done])
    return Events(target[:done], time[:done], actor[:done], kind[:done], {code: name for name, code in KINDS.items()})


def one_person(persons: Persons, *columns: Any) -> None:
    """Write the account that stands for a person over each of their accounts, in place.

    What a person does to their own accounts becomes an act on oneself, which no graph counts.
    """
    if not persons:
        return
    import numpy as np

    known = np.array(sorted(persons.of), dtype=np.int64)
    stands = np.array([persons.of[account] for account in known.tolist()], dtype=np.int64)
    for ids in columns:
        place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        ids[:] = np.where(known[place] == ids, stands[place], ids)


def about(project: Project, words: str, day: date) -> list[int]:
    """The posts about a topic, by their numbers: what ``load_events(posts=…)`` takes."""
    found = posts_of.select(project, Step(action="find", topics=tuple(words.split())), day)
    return sorted(post.id for post in found.posts)


_ROWS: Final = f"select target, {_TIME} as w, actor, kind, post from interaction where t >= 0"


def _where(
    since: int | None,
    until: int | None,
    kinds: Iterable[str] | None,
    platforms: Collection[str] | None,
    posts: Collection[int] | None,
    tags: Collection[str] | None,
    groups: Collection[str] | None,
) -> tuple[str, list[object]]:
    """The conditions as SQL, and their parameters."""
    given: list[tuple[str, object]] = []
    if since is not None:
        given.append(("w >= ?", since))
    if until is not None:
        given.append(("w <= ?", until))
    if kinds is not None:
        wanted = list(kinds)
        if unknown := [kind for kind in wanted if kind not in KINDS]:
            raise BadInput("network.unknown_kind", kind=unknown[0], known=", ".join(KINDS))
        given.append(("kind in (select value from json_each(?))", [KINDS[kind] for kind in wanted]))
    if platforms is not None:
        given.append((
            "target in (select id from account_key where platform in (select id from platform where name in "
            "(select value from json_each(?))))",
            sorted(platforms),
        ))  # fmt: skip
    if posts is not None:
        given.append(("post in (select value from json_each(?))", sorted(posts)))
    if tags is not None:
        given.append((
            "post in (select g.post from post_tag g join tag on tag.id = g.tag where tag.folded in "
            "(select value from json_each(?)))",
            sorted({fold(tag) for tag in tags}),
        ))  # fmt: skip
    if groups is not None:
        given.append((
            "post in (select p.id from post p join group_ g on g.id = p.group_ where g.name in "
            "(select value from json_each(?)))",
            sorted({form for group in groups for form in posts_of.group_names(group)}),
        ))  # fmt: skip
    params = [json.dumps(value) if isinstance(value, list) else value for _, value in given]
    return " and ".join(["1", *(condition for condition, _ in given)]), params


def _chunks(project: Project, sql: str, params: list[object], total: int, watch: Watch | None) -> Iterable[Any]:
    """The integers of all rows, one after another, in arrays of ``CHUNK`` rows."""
    import numpy as np

    db = project.reader
    raised: list[BaseException] = []
    seen = 0

    def look() -> int:
        """SQLite's question whether to stop. An exception cannot pass through it, so it waits outside."""
        try:
            if watch is not None:
                watch(seen, total)
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)
            return 1
        return 0

    db.set_progress_handler(look, _STEPS)
    try:
        cursor = db.execute(sql, params)
        width = len(cursor.description)
        flat = chain.from_iterable(cursor)
        while len(part := np.fromiter(islice(flat, CHUNK * width), dtype=np.int64)):
            yield part
            seen += len(part) // width
    except sqlite3.Error as error:
        if raised:
            raise raised[0] from None
        stopped = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
        if stopped and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt from None  # Ctrl-C came while Python was entering ``look``
        raise translate(error, project.path) from None
    finally:
        db.set_progress_handler(None, 0)
