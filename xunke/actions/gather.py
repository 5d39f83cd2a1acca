"""Data in: collecting from platforms, importing files, where to collect from."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Final

from xunke.clock import end_of, start_of
from xunke.config import user_path
from xunke.errors import NeedsAnswer, UsageError
from xunke.events import Done, Event, Warned
from xunke.plan import Platform, Step
from xunke.storage import Project, acts

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

LIVE: Final[Mapping[Platform, str]] = {"mastodon": "mastodon", "pixelfed": "mastodon"}
"""Platforms with a live collector, and its name; all others are imported from files."""
DEFAULT_LIMIT: Final = 200
"""Posts fetched of each tag, word or account when a sentence names neither a number nor a time."""


async def collect(engine: Engine, step: Step, run: int | None = None) -> AsyncIterator[Event]:
    """Fetch from the platforms that can be fetched from; say which cannot."""
    from collectors.base import Query
    from xunke.jobs import Live, Reach, run_collect

    named = [p for p in step.platforms if p not in ("all", "llm")]
    wanted: list[Live] = []
    for platform in named or list(LIVE):
        collector = LIVE.get(platform)
        if collector is None:
            yield Warned("collect.import_only", {"platform": platform})
            continue
        instance = engine.project.meta(f"instance.{platform}")
        if not instance:
            if named:
                yield Warned("collect.no_instance", {"platform": platform})
            continue
        since = None if step.since is None else start_of(step.since)
        limit = step.limit if step.limit is not None or since is not None else DEFAULT_LIMIT
        if limit != step.limit:
            yield Warned("collect.default_limit", {"limit": limit})
        until = None if step.until is None else end_of(step.until)
        for mode, words in (
            ("tag", step.tags), ("keyword", (*step.topics, *step.keywords)), ("account", step.accounts),
            ("group", step.groups),
        ):  # fmt: skip
            for word in words:
                query = Query(
                    mode=mode, value=word, instance=instance, since=since, until=until, limit=limit,  # type: ignore[arg-type]
                    relations=frozenset({"replies", "reposts", "likes"}),
                )  # fmt: skip
                wanted.append(Live(collector, query))
    if wanted:
        reach = Reach(engine.options.allow_private, unattended=engine.options.background)
        async for event in run_collect(engine.project, wanted, reach):
            yield event
        engine.project.writer.call(lambda db: acts.note(db, "collect", {}, run))
    else:
        yield Warned("collect.local")


async def bring(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Import a file."""
    from xunke.jobs import run_import

    if step.path is None:
        raise NeedsAnswer("clarify.referent")
    async for event in run_import(engine.project, [user_path(step.path)]):
        yield event
    engine.project.writer.call(lambda db: acts.note(db, "import", {}, session.run))


async def connect(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Remember where a platform is collected from, or which language model is asked."""
    platform = step.platforms[0] if step.platforms else None
    if platform == "llm":
        from xunke.llm import settings as llm

        yield Done("llm.connected", llm.told(llm.connect(step.endpoint, model=step.model, words=session.text or "")))
        return
    if platform not in LIVE or not step.instance:
        raise UsageError("connect.only", known=", ".join(LIVE))
    instance = remember(engine.project, str(platform), step.instance, session.run)
    yield Done("connect.done", {"platform": platform, "instance": instance})


def remember(project: Project, platform: str, instance: str, run: int | None = None) -> str:
    """Keep the server on which ``platform`` is collected; returns its origin.

    Raises CollectorError for an address that is none, or that holds a password.
    """
    from collectors.address import origin_of

    origin = origin_of(instance).origin
    key = f"instance.{platform}"
    before = project.meta(key) or None

    def write(db: sqlite3.Connection) -> None:
        db.execute("insert or replace into meta(key, value) values (?, ?)", (key, origin))
        acts.note(db, "connect", {"key": key, "before": before}, run)

    project.writer.call(write)
    return origin
