"""How m.weibo.cn says no: its refusals, walls and ends, each named by what to do.

Most of them are JSON with status 200. ``ok: 0`` is an end, a deletion or a limit, told apart by its words; what has
unknown words is asked again more slowly and never taken for an end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from xunke.errors import Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.text import one_line

if TYPE_CHECKING:
    from .answers import Reply

_END: Final = re.compile(r"还没有内容|还没有人|快来发表|没有更多|暂无|到底了")
_GONE: Final = re.compile(r"不存在|已被?删除|查看权限|没有权限|无权|已被作者|仅.{0,6}可见|加密|已?注销")
_LIMIT: Final = re.compile(r"频繁|歇歇|休息一下|稍后|稍候|繁忙|太快|too (?:many|often|fast)|busy", re.I)
_SIGN_IN: Final = re.compile(r"passport\.|/signin|/login|/visitor/", re.I)
_HUMAN: Final = re.compile(r"captcha|verify|geetest|security\.|unfreeze", re.I)
_VISITOR_PAGE: Final = re.compile(rb"Sina Visitor System|passport\.weibo|visitor_callback|/sso/signin", re.I)
_HUMAN_PAGE: Final = re.compile(rb"captcha|geetest|\xe9\xaa\x8c\xe8\xaf\x81\xe7\xa0\x81", re.I)

REFUSED_WAITS: Final = (60.0, 75.0, 100.0)
"""Seconds to stay away after 432, 418 and 403; the fourth in a row ends the run. Together, with the pace that doubles
meanwhile, less than a transport waits before it parks a job: so it comes to the end, and not back for ever."""
LIMIT_WAITS: Final = (20.0, 60.0, 120.0)
PARK: Final = 1_800.0
"""Seconds after which a job may come back whose requests were too many."""


def ended(data: Mapping[str, Any]) -> bool:
    """Whether an accepted answer is an end and no page: whatever is not ``ok: 1``."""
    return "ok" in data and str(data["ok"]) not in ("1", "True")


class Replies:
    """Reads the answers to one call, and counts its refusals.

    ``end``: any ``ok: 0`` without words of a limit ends this list (likes, replies of a comment). ``skip``: a list that
    stays refused is left out; without it the job parks. ``once``: a page, nothing or 403 instead of JSON is not asked
    for again: there is another way to the same.
    """

    def __init__(self, *, end: bool = False, skip: bool = False, once: bool = False) -> None:
        self.end, self.skip, self.once = end, skip, once
        self._refused = 0
        self._empty = 0

    def __call__(self, reply: Reply) -> CollectorError | None:
        """What to do about this answer; None: nothing, or the default judgement."""
        host = urlsplit(reply.url).hostname or ""
        where = reply.headers.get("location", "") if 300 <= reply.status < 400 else reply.url
        if _SIGN_IN.search(where) or reply.status in (401, 414):
            return NeedsLogin("weibo.login", said=f"HTTP {reply.status}")
        data = reply.json()
        if isinstance(data, Mapping) and (found := self._said(data, host)) is not None:
            return found
        if reply.status in (403, 418, 432):
            if self.once and reply.status == 403:
                return BrokenAnswer("weibo.no_list", status=reply.status)
            return self._slower(
                "weibo.refused", REFUSED_WAITS, Blocked("weibo.blocked", status=reply.status, host=host)
            )
        return self._page(reply, host) if reply.status == 200 else None

    def _page(self, reply: Reply, host: str) -> CollectorError | None:
        """A 200 that may be a page, or nothing."""
        head = reply.body.lstrip()[:65_536]
        if head.startswith(b"<"):
            if _VISITOR_PAGE.search(head):
                return NeedsLogin("weibo.login", said="Sina Visitor System")
            return Blocked("weibo.captcha", host=host) if _HUMAN_PAGE.search(head) else None
        if not head and not self.once:
            self._empty += 1
            return Retry("weibo.empty", 5) if self._empty == 1 else None
        return None

    def _said(self, data: Mapping[str, Any], host: str) -> CollectorError | None:
        ok, url, errno = str(data.get("ok")), data.get("url"), data.get("errno")
        message = data.get("msg") or data.get("message")
        said = one_line(message, 120) if isinstance(message, str) else ""
        shown = said or f"ok: {one_line(ok, 20)}"
        link = url if isinstance(url, str) else ""
        if _HUMAN.search(link):
            return Blocked("weibo.captcha", host=host)
        if ok == "-100" or str(errno) == "100005" or _SIGN_IN.search(link):
            return NeedsLogin("weibo.login", said=shown)
        if link and "data" not in data:
            return Blocked("weibo.captcha", host=host)
        if ok in ("1", "True") or ("ok" not in data and "data" in data):
            return None
        if "ok" not in data and not errno and not said:
            return BrokenAnswer("weibo.shape", what=", ".join(one_line(str(key), 20) for key in list(data)[:5]))
        if not _LIMIT.search(said):
            if _END.search(said) or (self.end and not _GONE.search(said)):
                return None
            if _GONE.search(said):
                return Gone("weibo.gone", said=shown)
            if self.skip:
                return self._slower("weibo.limited", LIMIT_WAITS[:2], Gone("weibo.said_no", said=shown), said=shown)
        return self._slower("weibo.limited", LIMIT_WAITS, Retry("weibo.limited", PARK, said=shown), said=shown)

    def _slower(self, key: str, waits: tuple[float, ...], last: CollectorError, **params: object) -> CollectorError:
        self._refused += 1
        return Retry(key, waits[self._refused - 1], **params) if self._refused <= len(waits) else last
