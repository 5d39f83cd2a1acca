"""How a Discourse forum is asked, and the small readings of its lists that need no walk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from xunke.errors import CollectorError, Gone, NeedsLogin, Retry
from xunke.text import clean

from .address import split
from .answers import Reply
from .facts import count, ident, inner, moment
from .http import Answer, Transport

BATCH: Final = 20
"""So many posts of a topic are asked for at once."""
_KEY_QUOTA: Final = (20, 60)
"""Requests in seconds that a user API key may make by default."""


class Api:
    """The calls of one forum."""

    def __init__(self, base: str, token: str | None, http: Transport) -> None:
        self.base, self.token, self.http = base, token, http
        self.host = split(base).netloc

    async def get(
        self,
        path: str,
        params: Mapping[str, object] | list[tuple[str, object]] | None = None,
        expect: type | tuple[type, ...] = dict,
    ) -> Answer[Any]:
        """One call. Raises as the transport does, with the forum's own errors named."""
        headers = None
        if self.token:
            await self.http.turn(self.base, "key", _KEY_QUOTA)
            headers = {"User-Api-Key": self.token}
        return await self.http.get_json(self.base + path, params, headers=headers, expect=expect, judge=self.judge)

    def judge(self, reply: Reply) -> CollectorError | None:
        """A forum for members leads to its login page; some limits are told in JSON."""
        if split(reply.url).path.rstrip("/").endswith("/login"):
            return NeedsLogin("discourse.needs_login", host=self.host)
        if reply.status == 200:
            return None
        told = reply.json()
        if not isinstance(told, Mapping):
            return None
        kind = told.get("error_type")
        wait = count(inner(told, "extras").get("wait_seconds"))
        if kind == "rate_limit" or (reply.status == 429 and wait):
            return Retry("discourse.rate_limit", wait or 10, host=self.host)
        if kind in ("invalid_access", "not_logged_in"):
            return NeedsLogin("discourse.not_public", host=self.host)
        if kind == "not_found":
            return Gone("discourse.gone", host=self.host)
        return None


def tag_name(value: str) -> str:
    """A tag as the forum writes it in addresses."""
    return re.sub(r"\s+", "-", clean(value).strip().lstrip("#＃").strip())


def day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(max(seconds, 0), UTC):%Y-%m-%d}"


def when_made(row: Any) -> int | None:
    return (moment(row.get("created_at")) or (None,))[0] if isinstance(row, Mapping) else None


def by_topic(rows: Sequence[Any], name: str, topics: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Posts named in a list, those of one topic that stand together as one thing to fetch."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if not isinstance(row, Mapping) or row.get("deleted") is True or row.get("hidden") is True:
            continue
        local, number = ident(row.get("topic_id")), ident(row.get(name))
        if not local or not number:
            continue
        if found and found[-1]["id"] == local and len(found[-1]["posts"]) < BATCH:
            found[-1]["posts"].append(number)
            continue
        about = topics.get(local) or inner(row, "topic") or row
        entry = {key: about[key] for key in ("title", "slug", "category_id", "tags", "posts_count") if key in about}
        found.append(entry | {"id": local, "posts": [number]})
    return found
