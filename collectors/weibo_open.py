"""Weibo's open API (api.weibo.com) with the user's own token: own posts, one post, what hangs on it, own people.

No collector of topics: search, trends and other people's lists are closed to new applications. The token travels in
the query, as the platform wants it, and is kept out of every record, error, cursor and note.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Record
from xunke.text import fold, one_line

from .address import origin_of
from .base import Capabilities, Cursor, Known, Login, Note, Page, Query
from .facts import count, ident
from .http import Transport
from .walk import Item, Place, Sheet, Task, Walk
from .weibo_map import PLATFORM, account, answered, comment, mid_of, status, uid_of
from .weibo_names import account_named, post_number

if TYPE_CHECKING:
    from .answers import Reply

INSTANCE: Final = "https://api.weibo.com"
_POSTS: Final = 100
_ROWS: Final = 200
_ME: Final = frozenset({"me", "我", "我自己", "自己"})

BUSY: Final = frozenset({10001, 10002, 10003, 10009, 10010, 10011})
LIMITED: Final = frozenset({10004, 10022, 10023, 10024})
PRIVILEGE: Final = frozenset({10005, 10014, 10032})
LOGIN: Final = frozenset({10006, 10007, 10013, 21301, *range(21314, 21320), 21327, 21332})
WRONG: Final = frozenset({10008, 10012, 10016, 10017, 10018, 10020, 10021})
GONE: Final = frozenset({20003, 20101, 20201})
PRIVATE: Final = frozenset({20112})


def error_of(data: Mapping[str, Any]) -> CollectorError | None:
    """What an error body means; None if it is none. The code comes as text or number, ``request`` may be missing."""
    code = data.get("error_code")
    if code is None:
        return None
    try:
        number = int(str(code))
    except ValueError:
        number = 0
    text = data.get("error")
    said = one_line(text, 160) if isinstance(text, str) else ""
    if number in BUSY:
        return Retry("weibo_open.busy", 60, code=number)
    if number in LIMITED:
        return Retry("weibo_open.limited", 3_600, code=number)
    for codes, kind, key in (
        (PRIVILEGE, Blocked, "weibo_open.privilege"),
        (LOGIN, NeedsLogin, "weibo_open.login"),
        (WRONG, BadQuery, "weibo_open.wrong"),
        (GONE, Gone, "weibo_open.gone"),
        (PRIVATE, Gone, "weibo_open.private"),
    ):
        if number in codes:
            return kind(key, code=number, said=said)
    return BrokenAnswer("weibo_open.error", code=number, said=said)


class WeiboOpen:
    """The user's own posts, or one post; comments, reposts, own followers and followed accounts."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"account", "post"}),
        relations=frozenset({"replies", "reposts", "followers", "following"}),
        access=frozenset({"own_token"}),
        logins=(Login("own_token", ("token",)),),
        default_instance=INSTANCE,
        pace=1.0,
        quota=(100, 86_400),
        limits=("weibo_open.limit_closed", "weibo_open.limit_own", "weibo_open.limit_people", "weibo_open.limit_calls"),
        legal=("weibo_open.legal_terms", "weibo_open.legal_data"),
    )

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """See ``Collector.collect``."""
        return OpenWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whose token it is, and how many calls are left today, where that is told."""
        api = Api(http, instance, credentials)
        uid, notes = await api.own_uid(), list[Note]()
        try:
            left = count((await api.get("account/rate_limit_status", {})).get("remaining_user_hits"))
        except (BadQuery, Blocked, BrokenAnswer, Gone):
            left = None
        if left is not None:
            notes.append(("weibo_open.calls_left", {"count": left}))
        return Known(uid, notes=tuple(notes))


class Api:
    """The calls. ``now``: when the last answer was given by the platform's clock; ``fetched``: by ours."""

    def __init__(self, http: Transport, instance: str | None, credentials: Mapping[str, str]) -> None:
        self._token = credentials.get("token", "").strip()
        if not self._token:
            raise NeedsLogin("weibo_open.no_token")
        self.http, self.base = http, origin_of(instance or INSTANCE).origin
        self.now = self.fetched = 0

    async def get(self, name: str, params: Mapping[str, object]) -> Mapping[str, Any]:
        """One good answer. Errors are named by their code, whatever their status."""
        asked = {**params, "access_token": self._token}  # by its name the transport knows it for a secret
        answer = await self.http.get_json(f"{self.base}/2/{name}.json", asked, expect=dict, judge=_judge)
        self.fetched, self.now = answer.fetched, answered(answer.headers, answer.fetched)
        found: Mapping[str, Any] = answer.data
        return found

    async def own_uid(self) -> str:
        """The number of the account that the token belongs to."""
        uid = ident((await self.get("account/get_uid", {})).get("uid"))
        if not uid.isdecimal():
            raise BrokenAnswer("weibo_open.shape", what="uid")
        return uid


def _judge(reply: Reply) -> CollectorError | None:
    data = reply.json()
    return error_of(data) if isinstance(data, Mapping) else None


class OpenWalk(Walk):
    """One run. ``state.memo``: ``uid`` (own) and ``mid``."""

    platform = PLATFORM
    capabilities = WeiboOpen.capabilities
    api: Api

    async def begin(self) -> None:
        self.api = Api(self.http, self.query.instance, self.query.credentials)

    async def opening(self) -> list[Record]:
        """Who the token is, since nobody else's posts are shown; or the number of a post."""
        memo, value = self.state.memo, self.query.value
        if self.query.mode == "post":
            if (mid := post_number(value)) is None:
                raise BadQuery("weibo.which_post", value=one_line(value, 100))
            memo["mid"] = mid
            if not self.query.relations & {"followers", "following"}:
                return []
        memo["uid"] = uid = await self.api.own_uid()
        me = await self.api.get("users/show", {"uid": uid})
        if uid_of(me) != uid:
            raise BrokenAnswer("weibo_open.shape", what="user")
        who = account(me, self.api.fetched)
        kind, name = account_named(value)
        mine = name == uid if kind == "uid" else fold(name) in _ME or fold(name) == fold(who.name or "")
        if self.query.mode == "account" and not mine:
            raise BadQuery("weibo_open.own_only", name=one_line(value, 100))
        for relation, said in (("followers", who.followers), ("following", who.following)):
            if relation in self.query.relations:
                self.ask(relation, uid, local=uid, who=uid, said=said)
        return [who]

    async def listing(self, place: Place) -> Sheet:
        if self.query.mode == "post":
            found = await self.api.get("statuses/show", {"id": self.state.memo["mid"]})
            if not mid_of(found):
                raise BrokenAnswer("weibo_open.shape", what="id")
            return Sheet([found])
        asked = {"uid": self.state.memo["uid"], "count": self.at_most(_POSTS), **place}
        found = await self.api.get("statuses/user_timeline", asked)
        bounded = self.query.since is not None or self.query.until is not None
        return _sheet(found, "statuses", "max_id", bounded)

    def key_of(self, row: Any) -> str:
        """The number of what the row is."""
        return (mid_of(row) if isinstance(row, Mapping) else "") or f"{row!r:.200}"

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """A Status; its original comes with it where it is still shown."""
        found = status(row, self.api.now, self.api.fetched, one_line(self.query.value, 200))
        if found.hidden:
            return ()
        original = found.original
        return (Item(found.post, also=(original.post,) if original is not None and not original.hidden else ()),)

    async def relation(self, task: Task) -> Sheet:
        if task.kind in ("followers", "following"):
            name = "followers" if task.kind == "followers" else "friends"
            asked = {"uid": task.key, "count": self.at_most(_ROWS), "trim_status": 1, **task.next}
            return _sheet(await self.api.get(f"friendships/{name}", asked), "users", "cursor", True)
        name, rows = (
            ("comments/show", "comments") if task.kind == "replies" else ("statuses/repost_timeline", "reposts")
        )
        asked = {"id": task.local or task.key, "count": self.at_most(_ROWS), **task.next}
        return _sheet(await self.api.get(name, asked), rows, "max_id")

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """A comment, a repost, or somebody who follows or is followed."""
        if task.kind == "replies":
            return [comment(row, task.key, self.api.now, self.api.fetched)]
        if task.kind == "reposts":
            found = status(row, self.api.now, self.api.fetched)
            post = replace(found.post, kind="repost", repost_of=found.post.repost_of or task.key)
            return [] if found.hidden else [post]
        who, me = account(row, self.api.fetched), Account(PLATFORM, task.who)
        return [Interaction(PLATFORM, *((who, me) if task.kind == "followers" else (me, who)), "follow")]

    def _end(self, task: Task, reason: str | None = None, again: bool = False) -> None:
        if reason is None and task.said is not None and task.seen < task.said:
            reason = "weibo_open.people_cap" if task.kind in ("followers", "following") else "weibo_open.fewer"
        super()._end(task, reason, again)


def _sheet(data: Mapping[str, Any], name: str, cursor: str, unsaid: bool = False) -> Sheet:
    """A page of ``name``. It may hold fewer rows than asked for, even none, and not be the last: only the cursor says
    so (0 is the end), never the total."""
    rows = data.get(name)
    if not isinstance(rows, list):
        raise BrokenAnswer("weibo_open.shape", what=name)
    onward = ident(data.get("next_cursor"))
    said = None if unsaid else count(data.get("total_number"))
    return Sheet(rows, {cursor: onward} if onward not in ("", "0") else None, said)
