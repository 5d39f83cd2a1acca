"""Data in: collecting from platforms, importing files, where to collect from."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

from xunke import sources
from xunke.clock import end_of, start_of
from xunke.config import user_path
from xunke.errors import NeedsAnswer, UsageError
from xunke.events import Done, Event, Imported, Warned
from xunke.plan import Step
from xunke.storage import Project, acts

if TYPE_CHECKING:
    from collectors.base import Mode, Relation
    from xunke.engine import Engine, Session
    from xunke.jobs import Live

DEFAULT_LIMIT: Final = 200
"""Posts fetched of each tag, word or account when a sentence names neither a number nor a time."""


_ASKED: Final[tuple[tuple[Mode, str], ...]] = (
    ("tag", "tags"), ("topic", "topics"), ("keyword", "keywords"), ("account", "accounts"), ("group", "groups"),
)  # fmt: skip
"""How each slot of a step is read."""
_RELATIONS: Final[tuple[Relation, ...]] = ("likes", "replies", "reposts")


async def collect(engine: Engine, step: Step, run: int | None = None) -> AsyncIterator[Event]:
    """Fetch from the platforms that are named, else from those that are connected; say what cannot be fetched."""
    from xunke.jobs import Reach, run_collect

    wanted: list[Live] = []
    for event in _chosen(engine.project, step, wanted):
        yield event
    if wanted:
        reach = Reach(engine.options.allow_private, unattended=engine.options.background)
        async for event in run_collect(engine.project, wanted, reach):
            yield event
        engine.project.writer.call(lambda db: acts.note(db, "collect", {}, run))
    else:
        yield Warned("collect.local")


def readable(project: Project, step: Step) -> tuple[list[Live], list[Warned]]:
    """What ``collect`` would fetch for ``step``, and what it would say of the rest. Asks nobody."""
    wanted: list[Live] = []
    said = [event for event in _chosen(project, step, wanted) if isinstance(event, Warned)]
    return wanted, said


def _chosen(project: Project, step: Step, wanted: list[Live]) -> Iterator[Event]:
    """Fill ``wanted``, and tell what is left out and why."""
    from collectors.base import Query
    from xunke.jobs import Live

    named = [p for p in step.platforms if p not in ("all", "llm")]
    since = None if step.since is None else start_of(step.since)
    until = None if step.until is None else end_of(step.until)
    limit = step.limit if step.limit is not None or since is not None else DEFAULT_LIMIT
    told = limit == step.limit
    for platform in named or sources.connected(project):
        served = list(sources.sources(project, platform))
        if not served:
            yield Warned("collect.import_only", {"platform": platform})
            continue
        for asked, slot in _ASKED:
            words = getattr(step, slot)
            if not words:
                continue
            choices = [(one, *sources.instead(one, asked)) for one in served]
            choices.sort(key=lambda choice: sources.ready(choice[0], choice[1]) is not None)
            found, mode, note = choices[0]  # the sort is stable: the platform's own collector, if it can
            if note is not None:
                key = "collect.no_instance" if note[0] == "source.no_instance" else note[0]
                if named or sources.ready(found, mode) is None:
                    yield Warned(key, dict(note[1]))
            if sources.ready(found, mode) is not None:
                continue
            if not told:
                told = True
                yield Warned("collect.default_limit", {"limit": limit})
            relations: frozenset[Relation] = frozenset(r for r in _RELATIONS if sources.ready(found, r) is None)
            for word in words:
                query = Query(mode, word, found.instance, relations, since=since, until=until, limit=limit)
                wanted.append(Live(found.name, query))


async def bring(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Import a file."""
    from xunke.jobs import books, run_import

    if step.path is None:
        raise NeedsAnswer("clarify.referent")
    rows = False
    said = "followers" if step.format == "followers" else "auto"  # other formats are seen in the file itself
    async for event in run_import(engine.project, [user_path(step.path)], format=said):
        rows |= isinstance(event, Imported) and event.format != books.FORMAT  # a book notes its own act
        yield event
    if rows:
        engine.project.writer.call(lambda db: acts.note(db, "import", {}, session.run))


async def connect(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Remember where a platform is collected from, or which language model is asked.

    A login is never taken from a sentence: it would stand in the history. The command that asks for it is told.
    """
    platform = step.platforms[0] if step.platforms else None
    if platform == "llm":
        from xunke.llm import settings as llm

        yield Done("llm.connected", llm.told(llm.connect(step.endpoint, model=step.model, words=session.text or "")))
        return
    if platform is None or not sources.named(platform):
        raise UsageError("connect.only", known=", ".join(sources.platforms()))
    found = sources.source(engine.project, platform, instance=step.instance)
    if found.can.needs_instance and found.instance is None:
        raise UsageError("source.no_instance", platform=platform)
    if "anonymous" not in found.can.access:
        if found.kept is None:
            raise UsageError("connect.by_command", platform=platform, command=sources.command(found, "anonymous"))
        yield Done("connect.done", {"platform": platform, "instance": found.server or platform})
        return
    remember(engine.project, platform, found.instance, session.run)
    yield Done("connect.done", {"platform": platform, "instance": found.server or platform})
    if found.can.logins and found.kept is None:
        yield Warned("connect.more", {"command": sources.command(found, "anonymous", found.can.logins[0])})


def remember(project: Project, platform: str, instance: str | None, run: int | None = None) -> None:
    """Keep the server on which ``platform`` is collected; None: the platform's own."""
    _place(project, platform, instance or sources.OWN, run)


def forget_place(project: Project, platform: str, run: int | None = None) -> bool:
    """Forget that server; False if none was kept."""
    if not project.meta(f"instance.{platform}"):
        return False
    _place(project, platform, None, run)
    return True


def _place(project: Project, platform: str, value: str | None, run: int | None) -> None:
    key = f"instance.{platform}"
    before = project.meta(key) or None

    def write(db: sqlite3.Connection) -> None:
        if value is None:
            db.execute("delete from meta where key = ?", (key,))
        else:
            db.execute("insert or replace into meta(key, value) values (?, ?)", (key, value))
        acts.note(db, "connect", {"key": key, "before": before}, run)

    project.writer.call(write)
