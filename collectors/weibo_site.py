"""The calls to m.weibo.cn: headers as its own pages send them, the user's cookie, the envelope of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.errors import BrokenAnswer, NeedsLogin
from xunke.text import one_line

from .address import origin_of
from .facts import inner
from .http import Answer, Transport
from .weibo_map import answered
from .weibo_replies import Replies, ended

INSTANCE: Final = "https://m.weibo.cn"
END: Final[Mapping[str, Any]] = {"cards": []}
"""What an answer that is an end holds."""
_AGENT: Final = "Mozilla/5.0 (Linux; Android; Mobile; compatible; Xunke/0.1; +audience research)"
_UNEVEN: Final = (0.0, 2.0)
_PAUSE: Final = (8.0, 15.0)
"""Seconds beyond the pace; the longer ones before every tenth request of a run."""
_READING: Final = 10
_API: Final = "/api/container/getIndex"


def cookie_of(credentials: Mapping[str, str]) -> str:
    """The user's own cookie as a header's value; the value of SUB alone is enough. Raises NeedsLogin without one."""
    cookie = credentials.get("cookie", "").strip()
    cookie = cookie[7:].strip() if cookie[:7].lower() == "cookie:" else cookie
    if not cookie:
        raise NeedsLogin("weibo.no_cookie")
    return cookie if "=" in cookie else f"SUB={cookie}"


class Site:
    """The calls. ``now``: when the last answer was given by the site's clock; ``fetched``: by ours."""

    def __init__(self, http: Transport, instance: str | None, cookie: str) -> None:
        self.http, self.base, self._cookie = http, origin_of(instance or INSTANCE).origin, cookie
        self.now = self.fetched = self._asked = 0

    async def get(
        self, path: str, params: Mapping[str, object], referer: str = "/", replies: Replies | None = None
    ) -> Mapping[str, Any]:
        """One answer, accepted by ``replies``: a page of a list, or its end."""
        headers = {
            "User-Agent": _AGENT,
            "Accept": "application/json, text/plain, */*",
            "X-Requested-With": "XMLHttpRequest",
            "MWeibo-Pwa": "1",
            "Referer": self.base + referer,
        }
        self._asked += 1
        if self._asked > 1:  # uneven, and now and then longer, as somebody who reads
            await self.http.rest(self.base, *(_PAUSE if self._asked % _READING == 0 else _UNEVEN))
        answer: Answer[Any] = await self.http.get_json(
            self.base + path, params, cookie=self._cookie, headers=headers, expect=dict, judge=replies or Replies()
        )
        self.fetched, self.now = answer.fetched, answered(answer.headers, answer.fetched)
        found: Mapping[str, Any] = answer.data
        return found

    async def index(
        self, containerid: str, more: Mapping[str, object], referer: str = "/", replies: Replies | None = None
    ) -> Mapping[str, Any]:
        """One page of cards: the answer's ``data``; ``END`` at an end. Raises BrokenAnswer if it has another shape."""
        found = await self.get(_API, {"containerid": containerid, **more}, referer, replies)
        if ended(found):
            return END
        data = found.get("data")
        if not isinstance(data, Mapping):
            raise BrokenAnswer("weibo.shape", what="data")
        return data

    async def who(self) -> str:
        """The uid that the cookie belongs to. Raises NeedsLogin if it is a visitor's."""
        data = inner(await self.get("/api/config", {}), "data")
        if data.get("login") is True:
            return one_line(str(data.get("uid") or ""), 40)
        if data.get("login") is False:
            raise NeedsLogin("weibo.visitor")
        raise BrokenAnswer("weibo.shape", what="login")


def search_id(kind: str, words: str) -> str:
    """The container of a search. It holds ``&`` and ``=`` itself, so it travels as one value of ``containerid``."""
    return f"100103type={kind}&q={one_line(words.replace('&', ' '), 200)}"
