"""Understanding what is stored: features for posts, each computed once (xunke.persona: facts for accounts).

Features carry the version of the rules that made them; a row that changed, or rules that changed, are read again.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from .events import Progress
from .events import progress as _progress
from .labels import Voice
from .storage import Project

if TYPE_CHECKING:
    from nlp.pool import Analyzer
    from nlp.types import Analysis, Engine

_INLINE: Final = 1500
"""Below this many posts starting processes takes longer than the work."""


class _Detail(msgspec.Struct):
    """The column ``feature.detail``."""

    interests: tuple[tuple[str, float], ...]
    topics: tuple[tuple[str, float], ...]
    needs: tuple[tuple[str, float], ...]
    spam_reasons: tuple[str, ...]
    life_events: tuple[str, ...]
    evidence: Mapping[str, tuple[str, ...]]
    quotes: Mapping[str, str]
    about: Mapping[str, str]


_encode = msgspec.json.Encoder().encode


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
    chunks = _texts(project, todo, 500 if engine == "xunke" else 40)
    if len(todo) < _INLINE:
        for ids, texts in chunks:
            found = await asyncio.to_thread(_analyse, texts, engine)
            heeded = await asyncio.to_thread(voice.heed, ids, texts, found)
            await project.writer.acall(_store_features(ids, heeded, model))
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


async def understand_author(project: Project, account: int, limit: int = 500) -> AsyncIterator[Progress]:
    """Analyse the newest posts of an account that no engine has read yet; nothing in a read-only project."""
    from nlp.pool import MODEL_VERSION, Analyzer

    if project.readonly:
        return
    rows = project.query(
        "select t.id from post t where t.author = ?1 and not exists (select 1 from feature f where f.post = t.id "
        "and f.model like '%:' || ?2) order by t.created desc, t.id desc limit ?3",
        (account, MODEL_VERSION, limit),
    )
    if not rows:
        return
    with Analyzer() as analyzer:
        async for event in understand_posts(project, [row[0] for row in rows], analyzer):
            yield event


def _analyse(texts: list[str], engine: Engine) -> list[Analysis]:
    from nlp.analyse import analyse_many

    return list(analyse_many(texts, engine))


def _without_features(project: Project, posts: Sequence[int], model: str) -> list[int]:
    have = project.query(
        "select post from feature where model = ? and post in (select value from json_each(?))",
        (model, json.dumps(list(posts))),
    )
    known = {row[0] for row in have}
    return [post for post in posts if post not in known]


def _texts(project: Project, posts: Sequence[int], size: int) -> Iterator[tuple[list[int], list[str]]]:
    for start in range(0, len(posts), size):
        rows = project.query(
            "select id, coalesce(title || ' ', '') || text from post where id in (select value from json_each(?))",
            (json.dumps(list(posts[start : start + size])),),
        )
        yield [row[0] for row in rows], [row[1] for row in rows]


def _store_features(posts: Sequence[int], found: Sequence[Analysis], model: str) -> Any:
    def rows() -> Iterator[tuple[Any, ...]]:
        for post, a in zip(posts, found, strict=True):
            detail = _Detail(
                a.interests, a.topics, a.needs, a.spam_reasons, a.life_events, a.evidence, a.quotes, a.about
            )
            yield post, model, a.lang, a.sentiment, a.label, a.spam, _encode(detail).decode()

    def write(db: sqlite3.Connection) -> None:
        db.executemany(
            "insert or replace into feature(post, model, lang, sentiment, label, spam, detail) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            rows(),
        )

    return write
