"""Understanding what is stored: persona facts for accounts, features for posts, each computed once.

Facts and features carry the version of the rules that made them; a row that changed, or rules that changed,
are read again. Nothing here guesses: facts are what the platform shows or the person states.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from .events import Progress
from .labels import Voice
from .storage import Project

if TYPE_CHECKING:
    from nlp.pool import Analyzer
    from nlp.types import Analysis, Engine

PERSONA_VERSION: Final = "persona-2"
_CHUNK: Final = 500
_INLINE: Final = 1500
"""Below this many posts starting processes takes longer than the work."""

FactRow = tuple[str, str, str, float, str | None]
"""fact, value, origin (platform, bio), confidence, quote."""


def persona_facts(
    region: str | None, gender: str | None, occupation: str | None, bio: str | None, tags: Iterable[str], year: int
) -> Iterator[FactRow]:
    """Facts of one account. Somebody who says that they are under 18 gets the one fact ``minor``."""
    from nlp.persona import stated_facts

    stated = stated_facts(bio, tags, year=year)
    if any(fact.fact == "minor" for fact in stated):
        yield ("minor", "true", "bio", 0.95, None)
        return
    if gender:
        yield ("gender", gender, "platform", 1.0, None)
    if occupation:
        yield ("occupation", occupation, "platform", 1.0, None)
    if region:
        yield from _places(region, "platform", 0.9, region)
    for fact in stated:
        if fact.fact == "region":
            yield from _places(fact.value, "bio", fact.confidence, fact.quote)
        elif fact.fact != "gender" or not gender:
            yield (fact.fact, fact.value, "bio", fact.confidence, fact.quote)


def _places(text: str, origin: str, confidence: float, quote: str) -> Iterator[FactRow]:
    from nlp.places import normalize_place

    place = normalize_place(text)
    if place is not None:
        yield ("region", place.province, origin, confidence, quote)
        if place.city is not None:
            yield ("city", place.city, origin, confidence, quote)
        if place.tier is not None:
            yield ("city_tier", place.tier, origin, confidence, quote)


async def understand_people(project: Project, among: Sequence[int] | None = None) -> AsyncIterator[Progress]:
    """Bring ``profile_fact`` up to date for every account (of ``among``, if given) that is new or changed.

    A project that can only be read is shown with the facts that it has.
    """
    if project.readonly:
        return
    where = "from account where (understood is null or understood <> :version) and id > :last"
    params: dict[str, Any] = {"version": PERSONA_VERSION, "last": 0, "chunk": _CHUNK}
    if among is not None:
        where += " and id in (select value from json_each(:among))"
        params["among"] = json.dumps(list(among))
    total = project.one(f"select count(*) {where}", params) or 0
    done, started = 0, time.monotonic()
    while True:
        rows = project.query(
            f"select id, region, gender, occupation, bio, tags, coalesce(fetched, 0) {where} order by id limit :chunk",
            params,
        )
        if not rows:
            return
        params["last"] = rows[-1][0]
        facts = [
            (number, *fact)
            for number, region, gender, occupation, bio, tags, fetched in rows
            for fact in persona_facts(
                region, gender, occupation, bio, json.loads(tags or "[]"), time.gmtime(fetched or None).tm_year
            )
        ]
        await project.writer.acall(_store_facts([row[0] for row in rows], facts))
        done += len(rows)
        yield _progress("personas", done, total, started)
        await asyncio.sleep(0)


def _store_facts(accounts: Sequence[int], facts: Sequence[tuple[Any, ...]]) -> Any:
    def write(db: sqlite3.Connection) -> None:
        listed = json.dumps(accounts)
        db.execute("delete from profile_fact where account in (select value from json_each(?))", (listed,))
        db.executemany(
            "insert or ignore into profile_fact(account, fact, value, origin, confidence, quote, model) "
            f"values (?, ?, ?, ?, ?, ?, '{PERSONA_VERSION}')",
            facts,
        )
        db.execute(
            "update account set understood = ? where id in (select value from json_each(?))",
            (PERSONA_VERSION, listed),
        )

    return write


async def understand_posts(
    project: Project, posts: Sequence[int], analyzer: Analyzer, engine: Engine = "xunke"
) -> AsyncIterator[Progress]:
    """Compute the features of those of ``posts`` that have none of this engine, model version and user's say yet."""
    voice = Voice(project, engine)
    model = voice.model
    todo = _without_features(project, posts, model)
    if not todo:
        return
    done, started = 0, time.monotonic()
    yield _progress("analysis", 0, len(todo), started)
    chunks = _texts(project, todo)
    if len(todo) < _INLINE:
        from nlp.analyse import analyse

        for ids, texts in chunks:
            found = [await asyncio.sleep(0, analyse(text, engine)) for text in texts]
            await project.writer.acall(_store_features(ids, voice.heed(ids, texts, found), model))
            done += len(ids)
            yield _progress("analysis", done, len(todo), started)
        return
    queue: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        for ids, texts in chunks:
            queue.extend(zip(ids, texts, strict=True))
            yield from texts

    async for found in analyzer.stream(feed(), engine):
        part, queue[: len(found)] = queue[: len(found)], []
        ids, texts = [post for post, _ in part], [text for _, text in part]
        await project.writer.acall(_store_features(ids, voice.heed(ids, texts, found), model))
        done += len(ids)
        yield _progress("analysis", done, len(todo), started)


def _without_features(project: Project, posts: Sequence[int], model: str) -> list[int]:
    have = project.query(
        "select post from feature where model = ? and post in (select value from json_each(?))",
        (model, json.dumps(list(posts))),
    )
    known = {row[0] for row in have}
    return [post for post in posts if post not in known]


def _texts(project: Project, posts: Sequence[int], size: int = 100) -> Iterator[tuple[list[int], list[str]]]:
    for start in range(0, len(posts), size):
        rows = project.query(
            "select id, coalesce(title || ' ', '') || text from post where id in (select value from json_each(?))",
            (json.dumps(list(posts[start : start + size])),),
        )
        yield [row[0] for row in rows], [row[1] for row in rows]


def _store_features(posts: Sequence[int], found: Sequence[Analysis], model: str) -> Any:
    rows = [
        (
            post, model, a.lang, a.sentiment, a.label, a.spam,
            msgspec.json.encode({
                "interests": a.interests, "topics": a.topics, "needs": a.needs, "spam_reasons": a.spam_reasons,
                "life_events": a.life_events, "evidence": a.evidence,
            }).decode(),
        )
        for post, a in zip(posts, found, strict=True)
    ]  # fmt: skip

    def write(db: sqlite3.Connection) -> None:
        db.executemany(
            "insert or replace into feature(post, model, lang, sentiment, label, spam, detail) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    return write


def _progress(stage: str, done: int, total: int, started: float) -> Progress:
    elapsed = time.monotonic() - started
    rate = done / elapsed if done and elapsed > 0 else None
    return Progress(stage, done, total, elapsed, rate, (total - done) / rate if rate else None)
