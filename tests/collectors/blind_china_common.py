"""What the blind checks of the Chinese sources share: a walk against a loopback server, and views of what came."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import blind_china_feeds as feeds
import blind_china_forums as forums
import blind_china_video as video
import blind_china_weibo as weibo

from collectors.base import Page, Query, Relation
from collectors.registry import load
from collectors.testing import App, pages, scripted, transport
from collectors.testing.contract import check_record
from xunke.errors import CollectorError
from xunke.model import Account, Interaction, Post

HTML = {"Content-Type": "text/html; charset=utf-8"}
AnyError = CollectorError
LOGIN = {
    "weibo": {"cookie": weibo.COOKIE}, "weibo_open": {"token": weibo.TOKEN}, "bilibili": {"cookie": video.COOKIE},
    "douban": {"cookie": forums.DOUBAN_COOKIE}, "zhihu": {"token": forums.SECRET}, "rsshub": {"access_key": feeds.KEY},
}  # fmt: skip
SECRETS = ("blindsecret", "BlindSecret", forums.SECRET, feeds.KEY)


async def no_wait(seconds: float) -> None:
    await asyncio.sleep(0)


async def walk(
    app: App, folder: Path, platform: str, mode: Any, value: str, *with_: Relation, login: bool = True, **more: Any
) -> list[Page]:
    with scripted(app) as server:
        query = Query(mode, value, server.base, frozenset(with_), credentials=LOGIN[platform] if login else {}, **more)
        async with transport(server.base, folder, sleep=no_wait) as http:
            try:
                found = await pages(load(platform), query, http, most=200)
            except CollectorError as error:
                if any(secret in str(error) for secret in SECRETS):
                    raise AssertionError("an error tells a secret") from error
                raise
        assert not [a for a in server.asked if a.method != "GET"]
        assert len(server.asked) < 150
    for page in found:
        for record in page.records:
            check_record(record, getattr(record, "platform", platform))
        assert not any(secret in repr((page.records, page.cursor, page.notes)) for secret in SECRETS)
    assert found[-1].cursor is None
    return found


def posts(found: list[Page]) -> dict[str, Post]:
    all_ = [r for page in found for r in page.records if isinstance(r, Post)]
    once = {p.native_id: p for p in all_}
    assert len(once) == len(all_), f"doubled: {[p.native_id for p in all_]}"
    return once


def people(found: list[Page]) -> dict[str, Account]:
    """Every account that was told of, in whatever record, the fullest last."""
    known: dict[str, Account] = {}
    for record in (r for page in found for r in page.records):
        for one in (
            (record,) if isinstance(record, Account) else (record.author,) if isinstance(record, Post)
            else (record.actor, record.target) if isinstance(record, Interaction) else ()
        ):  # fmt: skip
            if one is not None and (one.native_id not in known or one.followers is not None):
                known[one.native_id] = one
    return known


def edges(found: list[Page], kind: str) -> list[tuple[str, str, int | None, str | None]]:
    all_ = [r for page in found for r in page.records if isinstance(r, Interaction) and r.kind == kind]
    return sorted((i.actor.native_id, i.target.native_id, i.time, i.post) for i in all_)


def rejected(found: list[Page]) -> int:
    return sum(len(page.rejected) for page in found)


def utc(text: str) -> int:
    """China time → UTC seconds."""
    from datetime import datetime, timedelta, timezone

    return int(datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(hours=8))).timestamp())


def newest(month_day_time: str) -> int:
    """A time without year: the newest year that is not in the future."""
    year = time.gmtime(time.time() + 8 * 3600).tm_year
    found = utc(f"{year}-{month_day_time}")
    return found if found <= time.time() else utc(f"{year - 1}-{month_day_time}")


def author(post: Post) -> str | None:
    return post.author.native_id if post.author else None


def counts(post: Post) -> tuple[int | None, ...]:
    return (post.likes, post.comments, post.shares)


def mentions(post: Post) -> list[str]:
    return [m.name for m in post.mentions]


W = "52300000000001{:02}".format
C = "523000000000{}".format
