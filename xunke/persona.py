"""What people show and say of themselves, as facts in the project: computed once for each state of a row.

Facts carry the version of the rules that made them; a row that changed, or rules that changed, are read again.
Nothing here guesses: facts are what the platform shows (origin platform) or the person states (bio, tag, post).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, Final

from .events import Progress, progress
from .storage import Project

PERSONA_VERSION: Final = "persona-3"
_CHUNK: Final = 500

FactRow = tuple[str, str, str, float, str | None]
"""fact, value, origin (platform, bio, tag, post), confidence, quote."""


def persona_facts(
    region: str | None, gender: str | None, occupation: str | None, bio: str | None, tags: Iterable[str], year: int
) -> Iterator[FactRow]:
    """Facts of one account. Somebody who says that they are under 18 gets the one fact ``minor``."""
    from nlp.persona import stated_facts

    stated = stated_facts(bio, tags, year=year)
    if young := next((fact for fact in stated if fact.fact == "minor"), None):
        yield ("minor", "true", young.source, young.confidence, None)
        return
    if gender:
        yield ("gender", gender, "platform", 1.0, None)
    if occupation:
        yield ("occupation", occupation, "platform", 1.0, None)
    if region:
        yield from _places(region, "platform", 0.9, region)
    for fact in stated:
        if fact.fact == "region":
            yield from _places(fact.value, fact.source, fact.confidence, fact.quote)
        elif fact.fact != "gender" or not gender:
            yield (fact.fact, fact.value, fact.source, fact.confidence, fact.quote)


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
    while total:
        rows = project.query(
            f"select id, region, gender, occupation, bio, tags, coalesce(fetched, 0) {where} order by id limit :chunk",
            params,
        )
        if not rows:
            break
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
        yield progress("personas", done, total, started)
        await asyncio.sleep(0)
    async for event in _read_posts(project):
        yield event


async def _read_posts(project: Project) -> AsyncIterator[Progress]:
    """Read what people say of themselves in posts that came or changed since the last time, all accounts'."""
    where = "from post where author is not null and (id > :last or coalesce(fetched, 0) > :seen)"
    version, last, seen = (project.meta("posts_read") or "::").split(":")
    params: dict[str, Any] = {"last": int(last or 0), "seen": int(seen or 0), "chunk": 10 * _CHUNK, "at": -1}
    if version != PERSONA_VERSION:
        params |= {"last": -1, "seen": -1}
    end = project.query("select coalesce(max(id), 0), coalesce(max(fetched), 0) from post")[0]
    mark = ":".join(map(str, (PERSONA_VERSION, *end)))
    if project.meta("posts_read") == mark:
        return
    total = project.one(f"select count(*) {where}", params) or 0
    done, started = 0, time.monotonic()
    while rows := project.query(
        f"select id, author, coalesce(title || ' ', '') || text, coalesce(created, fetched, 0) {where} and id > :at "
        "order by id limit :chunk",
        params,
    ):
        params["at"] = rows[-1][0]
        facts = await asyncio.to_thread(_facts_of_posts, rows)
        await project.writer.acall(_store_post_facts([row[0] for row in rows], facts))
        done += len(rows)
        yield progress("own_words", done, total, started)
    project.set_meta("posts_read", mark)


def _facts_of_posts(rows: Sequence[tuple[int, int, str, int]]) -> list[tuple[Any, ...]]:
    """(account, fact, value, confidence, quote, post) of every statement in these posts."""
    from nlp.persona import post_facts

    found: list[tuple[Any, ...]] = []
    for post, author, text, created in rows:
        for fact in post_facts(text, time.gmtime(created or None).tm_year):
            if fact.fact == "region":
                found += [
                    (author, name, value, confidence, quote, post)
                    for name, value, _, confidence, quote in _places(fact.value, "post", fact.confidence, fact.quote)
                ]
            else:
                quote = None if fact.fact == "minor" else fact.quote
                found.append((author, fact.fact, fact.value, fact.confidence, quote, post))
    return found


def _store_post_facts(posts: Sequence[int], facts: Sequence[tuple[Any, ...]]) -> Any:
    """A minor keeps no other fact; a gender that the platform or the profile tells is not contradicted by a post."""

    def write(db: sqlite3.Connection) -> None:
        db.execute("delete from profile_fact where post in (select value from json_each(?))", (json.dumps(posts),))
        db.executemany(
            "insert into profile_fact(account, fact, value, origin, confidence, quote, post, model) "
            f"values (?, ?, ?, 'post', ?, ?, ?, '{PERSONA_VERSION}') on conflict do update set "
            "confidence = max(confidence, excluded.confidence)",
            facts,
        )
        listed = json.dumps(sorted({row[0] for row in facts}))
        db.execute(
            "delete from profile_fact as f where account in (select value from json_each(?1)) and origin = 'post' and "
            "fact = 'gender' and exists (select 1 from profile_fact g where g.account = f.account "
            "and g.fact = 'gender' and (g.origin <> 'post' or g.value <> f.value))",
            (listed,),
        )
        db.execute(_ONLY_MINOR, (listed,))

    return write


_ONLY_MINOR: Final = (
    "delete from profile_fact where account in (select value from json_each(?)) and fact <> 'minor' "
    "and account in (select account from profile_fact where fact = 'minor')"
)


def _store_facts(accounts: Sequence[int], facts: Sequence[tuple[Any, ...]]) -> Any:
    def write(db: sqlite3.Connection) -> None:
        listed = json.dumps(accounts)
        db.execute(
            "delete from profile_fact where origin not in ('post', 'user') and account in "
            "(select value from json_each(?))",
            (listed,),
        )
        db.executemany(
            "insert or ignore into profile_fact(account, fact, value, origin, confidence, quote, model) "
            f"values (?, ?, ?, ?, ?, ?, '{PERSONA_VERSION}')",
            facts,
        )
        db.execute(_ONLY_MINOR, (listed,))
        db.execute(
            "update account set understood = ? where id in (select value from json_each(?))",
            (PERSONA_VERSION, listed),
        )

    return write
