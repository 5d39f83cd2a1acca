"""Zhihu's official open-data API (developer.zhihu.com), with the user's own Access Secret. Reads only.

Small by nature: a search gives at most ten rows and never a second page. The site's private API (signed, ``x-zse-96``)
is not used, nor anybody's relay of it: files (MediaCrawler) and feeds stand in for topics and other people's comments.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, NeedsLogin, Retry
from xunke.model import MISSING, Account, Group, Post, Record
from xunke.scrub import scrub
from xunke.text import clean, one_line

from . import pacing
from .address import origin_of
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .facts import count, each, epoch, ident, inner, kept, line, raw
from .http import Answer, Reply, Transport
from .markup import plain
from .text_tags import hashtags
from .walk import Item, Place, Sheet, Unusable, Walk

PLATFORM: Final = "zhihu"
BASE: Final = "https://developer.zhihu.com"
ZONE: Final = "+08:00"
MOST: Final = 10
"""Rows of one search, and there is no next page."""
_PER_PAGE: Final = 50
_DAY: Final = 86_400
_ANONYMOUS: Final = frozenset({"知乎用户", "匿名用户"})
_SPLIT: Final = re.compile(r"[|｜;；\n]+")
_CONTENT: Final = re.compile(r"/(?:answer|p|pin|zvideo)/(\d{1,20})")
_QUESTION: Final = re.compile(r"(?:^|/question/)(\d{1,20})(?:/|$)")
_QUOTAS: Final = {"keyword": "zhihu_search", "group": "question_discovery", "post": "user_data"}
_ITEM_KEPT: Final = (
    "Title", "ContentType", "ContentID", "ContentText", "CommentCount", "VoteUpCount", "EditTime", "AuthorityLevel",
    "AuthorBadgeText",
)  # fmt: skip


def judge(reply: Reply) -> CollectorError | None:
    """Read the code of the envelope, whatever the status is."""
    data = reply.json()
    code = data.get("Code") if isinstance(data, Mapping) else None
    code = int(code) if isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) < 10 else code
    if not isinstance(code, int) or isinstance(code, bool) or code == 0:
        return None
    said = line(data, "Message", 160) or ""
    if code == 30001:
        after = pacing.retry_after(reply.headers, time.time())
        return Retry("zhihu.too_fast", 60.0 if after is None else max(after, 1.0))
    if code == 30002:
        return _used_up()
    if code == 90001:
        return Retry("zhihu.internal", 300, said=said)
    kind: dict[int, tuple[type[CollectorError], str]] = {
        10001: (BadQuery, "zhihu.bad_query"), 20001: (NeedsLogin, "zhihu.bad_secret"), 30003: (Blocked, "zhihu.risk"),
    }  # fmt: skip
    error, key = kind.get(code, (BrokenAnswer, "zhihu.code"))
    return error(key, code=code, said=said)


def _used_up() -> Retry:
    """The day's calls are spent: come back after midnight in China."""
    return Retry("zhihu.quota_used", _DAY - (time.time() + 8 * 3_600) % _DAY)


class Zhihu:
    """Answers and articles by keyword, answers of a question, comments under the user's own posts."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"keyword", "group", "post"}),
        access=frozenset({"own_token"}),
        needs={"keyword": "own_token", "group": "own_token", "post": "own_token"},
        logins=(Login("own_token", ("token",)),),
        default_instance=BASE,
        pace=1.0,
        limits=(
            "zhihu.limit_search", "zhihu.limit_authors", "zhihu.limit_time", "zhihu.limit_question",
            "zhihu.limit_comments", "zhihu.limit_quota",
        ),
        legal=("zhihu.legal_official",),
    )  # fmt: skip

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        return ZhihuWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whether the secret is accepted, and how many searches are left. The call is free of charge."""
        left = await _left(instance, credentials.get("token", ""), "zhihu_search", http)
        return Known("developer.zhihu.com", notes=(("zhihu.quota", {"left": left, "what": "zhihu_search"}),))


def _base(instance: str | None) -> str:
    """Another server in the place of all of the platform's own hosts; "" where none, or its site itself, is named."""
    if not instance:
        return ""
    found = origin_of(instance)
    return "" if f".{found.host}".endswith(".zhihu.com") else found.origin


async def _ask(
    instance: str | None, secret: str, path: str, params: Mapping[str, object], http: Transport
) -> Answer[Any]:
    """One answer with Code 0."""
    base = _base(instance) or BASE
    http.share("developer.zhihu.com")
    if not secret:
        raise NeedsLogin("zhihu.needs_secret")
    headers = {"X-Request-Timestamp": str(int(time.time())), "Content-Type": "application/json"}
    answer = await http.get_json(base + path, params, secret, headers=headers, expect=dict, judge=judge)
    if str(answer.data.get("Code")) != "0" or not isinstance(answer.data.get("Data"), Mapping):
        raise BrokenAnswer("net.shape", url=BASE + path)
    return answer


async def _left(instance: str | None, secret: str, what: str, http: Transport) -> int:
    """Calls of one kind that are left. Raises BrokenAnswer if that is not told: nothing is spent in the dark."""
    answer = await _ask(instance, secret, "/api/v1/quota", {"APIIDs": what}, http)
    for row in each(answer.data["Data"], "Items"):
        left = count(row.get("RemainingQuota"))
        if row.get("APIID") == what and left is not None:
            return left
    raise BrokenAnswer("zhihu.quota_unread", what=what)


class ZhihuWalk(Walk):
    """One run. Every start asks what is left first; each call after it is one of those."""

    platform = PLATFORM
    capabilities = Zhihu.capabilities
    ordered = False

    async def begin(self) -> None:
        query = self.query
        self.secret = (query.token or "").strip()
        self.words = [part.strip() for part in _SPLIT.split(clean(query.value)) if part.strip()]
        self.of = ""
        if query.mode == "keyword":
            for words in self.words:
                if not 2 <= len(words) <= 100:
                    raise BadQuery("zhihu.query_length", value=one_line(words, 60))
        else:
            self.of = self._named()
        self.search = 0
        self.left = await _left(query.instance, self.secret, _QUOTAS[query.mode], self.http)

    async def opening(self) -> list[Record]:
        self.note("zhihu.quota", left=self.left, what=_QUOTAS[self.query.mode])
        return []

    def _named(self) -> str:
        """The number of the question or content asked for. Raises BadQuery."""
        value = clean(self.query.value).strip()
        try:
            parts = urlsplit(value)
            host = parts.hostname or ""
        except ValueError:
            host = "?"
        ours = host == "zhihu.com" or host.endswith(".zhihu.com")
        if self.query.mode == "group":
            found = _QUESTION.search(parts.path if ours else value) if ours or "/" not in value else None
            key = "zhihu.not_a_question"
        else:
            found = _CONTENT.search(parts.path) if ours else None
            key = "zhihu.not_own_content"
        if found is None:
            raise BadQuery(key, value=one_line(value, 80))
        return found[1]

    async def get(self, path: str, params: Mapping[str, object]) -> Answer[Any]:
        if self.left <= 0:
            raise _used_up()
        self.left -= 1
        return await _ask(self.query.instance, self.secret, path, params, self.http)

    def key_of(self, row: Any) -> str:
        """A row of another search is another one: one that brings nothing new is no circle."""
        if isinstance(row, Mapping):
            number = ident(row.get("ContentID")) or ident(row.get("ContentToken"))
            if number := number or ident(inner(row, "Comment").get("ID")):
                return f"{self.search}:{number}"
        return f"{self.search}:{row!r:.200}"

    # ------------------------------------------------------------------ lists

    async def listing(self, place: Place) -> Sheet:
        if self.query.mode == "keyword":
            return await self._search(int(place.get("n", 0)))
        at = int(place.get("offset", 0))
        if self.query.mode == "group":
            path, params = "/api/v1/content/question_answers", {"QuestionUrl": _question_url(self.of)}
        else:
            path = "/api/v1/user/content_comments"
            params = {"ContentUrl": clean(self.query.value).strip().partition("?")[0], "Order": "ascending"}
        answer = await self.get(path, {**params, "Offset": at, "Limit": _PER_PAGE})
        data = answer.data["Data"]
        rows, paging = data.get("Items"), inner(data, "Paging")
        if not isinstance(rows, list) or "IsEnd" not in paging:
            raise BrokenAnswer("net.shape", url=BASE + path)
        onward, over = count(paging.get("NextOffset")), paging["IsEnd"] in (True, 1, "true", "True")
        more = not over and onward is not None and onward > at
        rows = flat(rows) if self.query.mode == "post" else rows
        return Sheet(rows, {"offset": onward} if more else None, count(paging.get("Totals")), answer.fetched)

    async def _search(self, n: int) -> Sheet:
        """One search. ``HasMore`` is always false, so a full page may not be all: said so, not passed over."""
        self.search = n
        answer = await self.get("/api/v1/content/zhihu_search", {"Query": self.words[n], "Count": MOST})
        data = answer.data["Data"]
        rows = data.get("Items", data)
        if rows is None:
            rows = []
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=BASE + "/api/v1/content/zhihu_search")
        if not rows and (why := line(data, "EmptyReason", 160)):
            self.note("zhihu.empty", reason=why)
        full = len(rows) >= MOST
        return Sheet(
            rows, {"n": n + 1} if n + 1 < len(self.words) else None, None, answer.fetched, capped=full,
            reason="zhihu.search_full" if full else None,
        )  # fmt: skip

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        query = one_line(self.query.value, 200)
        if self.query.mode == "keyword":
            post = found(row, sheet.fetched, query)
            return (Item(post, asks=False, memo={"edited": epoch(row.get("EditTime"))}),)
        if self.query.mode == "group":
            return (Item(answer_of(row, self.of, sheet.fetched, query), asks=False),)
        return (Item(comment_of(row, self.of, sheet.fetched, query), asks=False),)

    def wanted(self, item: Item) -> bool:
        """What was last edited before ``since`` was written before it; of all else the time of writing is unknown."""
        edited = item.memo.get("edited")
        if self.query.since is not None and edited is not None and edited < self.query.since:
            return False
        return super().wanted(item)


# ---------------------------------------------------------------------- what its objects mean


def _question_url(number: str) -> str:
    return f"https://www.zhihu.com/question/{number}"


def _address(value: object) -> str | None:
    """An address without the marks of where it was found (``utm_…``)."""
    if not isinstance(value, str) or not value.startswith("https://") or len(value) > 2_000:
        return MISSING
    return one_line(re.split(r"[?#]", value, maxsplit=1)[0], 400) or MISSING


def author(name: object, fetched: int | None = MISSING) -> Account | None:
    """An author whose id is not told. 知乎用户 is what all anonymous ones are called: nobody."""
    said = one_line(name, 200) if isinstance(name, str) else ""
    return Account(PLATFORM, f"name:{said}", said, fetched=fetched) if said and said not in _ANONYMOUS else MISSING


def found(source: object, fetched: int | None = MISSING, query: str | None = MISSING) -> Post:
    """A row of the search. ``EditTime`` is when it was last edited, not when it was written: kept in ``raw`` only.
    Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("zhihu.not_content")
    number, words = ident(source.get("ContentID")), source.get("ContentText")
    if not number:
        raise Unusable("zhihu.no_id")
    if not isinstance(words, str):
        raise Unusable("zhihu.no_text")
    address, kind = _address(source.get("Url")), ident(source.get("ContentType")).lower()
    heading = source.get("Title")
    title = one_line(plain(heading), 400) if isinstance(heading, str) else ""
    question = re.search(r"/question/(\d{1,20})", address or "")
    return Post(
        platform=PLATFORM,
        native_id=number,
        text=plain(words),
        author=author(source.get("AuthorName"), fetched),
        title=title or MISSING,
        url=address,
        tags=hashtags(PLATFORM, plain(words)),
        likes=count(source.get("VoteUpCount")),
        comments=count(source.get("CommentCount")),
        group=Group(PLATFORM, question[1], title or MISSING, "question") if question else MISSING,
        media="video" if kind == "zvideo" else MISSING,
        query=query,
        fetched=fetched,
        raw=raw(kept(source, _ITEM_KEPT, ("Title", "ContentText", "AuthorBadgeText"))),
    )


def answer_of(source: object, question: str, fetched: int | None = MISSING, query: str | None = MISSING) -> Post:
    """A row of a question's answers: a summary, without author and time. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("zhihu.not_content")
    number, words = ident(source.get("ContentToken")), source.get("Summary")
    if not number:
        raise Unusable("zhihu.no_id")
    if not isinstance(words, str):
        raise Unusable("zhihu.no_text")
    return Post(
        platform=PLATFORM,
        native_id=number,
        text=plain(words),
        url=_address(source.get("Url")),
        tags=hashtags(PLATFORM, plain(words)),
        group=Group(PLATFORM, question, MISSING, "question"),
        query=query,
        fetched=fetched,
        raw=raw({"ContentToken": number, "Summary": scrub(words)}),
    )


def flat(rows: Iterable[object]) -> list[object]:
    """Comments and the answers to them (``Children``) one after the other, each answer with what it answers."""
    found: list[object] = []
    for row in rows:
        found.append(row)
        if isinstance(row, Mapping):
            parent = ident(inner(row, "Comment").get("ID"))
            for child in each(row, "Children"):
                found.append({"Comment": inner(child, "Comment") or child, "parent": parent})
    return found


def comment_of(row: object, root: str, fetched: int | None = MISSING, query: str | None = MISSING) -> Post:
    """A comment under the user's own post, or an answer to one. Raises Unusable."""
    if not isinstance(row, Mapping):
        raise Unusable("zhihu.not_content")
    return _comment(inner(row, "Comment"), root, ident(row.get("parent")) or root, fetched, query)


def _comment(source: Mapping[str, Any], root: str, parent: str, fetched: int | None, query: str | None) -> Post:
    number, words, when = ident(source.get("ID")), source.get("Content"), epoch(source.get("CreatedAt"))
    if not number:
        raise Unusable("zhihu.no_id")
    if not isinstance(words, str):
        raise Unusable("zhihu.no_text")
    if when is None:
        raise Unusable("zhihu.no_time", source.get("CreatedAt"))
    token = ident(source.get("AuthorToken"))
    return Post(
        platform=PLATFORM,
        native_id=number,
        text=plain(words),
        author=Account(PLATFORM, token, handle=token, url=f"https://www.zhihu.com/people/{token}", fetched=fetched)
        if token
        else MISSING,
        created=when,
        zone=ZONE,
        kind="comment",
        likes=count(source.get("LikeCount")),
        reply_to=parent,
        root=root,
        query=query,
        fetched=fetched,
        raw=raw({"ID": number, "CreatedAt": source.get("CreatedAt"), "Content": scrub(words)}),
    )
