"""Weibo's mobile site (m.weibo.cn) with the user's own cookie: search, topics, super topics, people, posts.

Nobody promises these answers; the terms forbid automated collection that Weibo did not allow. So: the user's own login
only, slowly, little, and an end as soon as the site says no (``weibo_replies``). Objects: ``weibo_map``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone
from xunke.model import Account, Interaction, Membership, Post, Record, Rejected, Withdrawn
from xunke.scrub import scrub
from xunke.text import fold, one_line

from .base import Capabilities, Cursor, Known, Login, Page, Query
from .facts import count, each, ident, inner, local_time
from .http import Transport
from .importers import values
from .importers.values import CHINA
from .walk import WHOLE, Item, Place, Sheet, Task, Unusable, Walk
from .weibo_map import (
    PLATFORM,
    Mblog,
    account,
    cards,
    comment,
    cut_parts,
    ends_cut,
    is_hidden,
    mid_of,
    people_in,
    posts_in,
    slim,
    status,
    supertopic,
    uid_of,
)
from .weibo_names import account_named, post_number, supertopic_id
from .weibo_replies import Replies, ended
from .weibo_site import END, INSTANCE, Site, cookie_of, search_id

SEARCH_PAGES: Final = 50
PEOPLE_PAGES: Final = 20
_FEWER: Final[Mapping[str, str]] = {
    "replies": "weibo.fewer_replies", "reposts": "weibo.fewer_reposts", "likes": "weibo.fewer_likes",
    "followers": "weibo.people_cap", "following": "weibo.people_cap",
}  # fmt: skip
_NO_MORE: Final = (None, "", 0, "0", 1, "1")
"""``cardlistInfo.page`` on the last page of a search; the first is never the next."""


class Weibo:
    """Posts by words, topic, super topic, account or address, with comments, reposts, likes and followers."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"keyword", "tag", "topic", "group", "account", "post"}),
        relations=frozenset({"replies", "reposts", "likes", "followers", "following"}),
        access=frozenset({"own_cookie"}),
        logins=(Login("own_cookie", ("cookie",)),),
        default_instance=INSTANCE,
        pace=3.0,
        limits=(
            "weibo.limit_search", "weibo.limit_window", "weibo.limit_comments", "weibo.limit_people",
            "weibo.limit_likes", "weibo.limit_group",
        ),
        legal=("weibo.legal_terms", "weibo.legal_cookie", "weibo.legal_data"),
        experimental=True,
    )  # fmt: skip

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """See ``Collector.collect``."""
        return WeiboWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whose cookie it is. A visitor's cookie, and one of weibo.com, raise NeedsLogin."""
        site = Site(http, instance, cookie_of(credentials))
        return Known(await site.who())


class WeiboWalk(Walk):
    """One run. ``state.memo`` keeps what ``opening`` found: ``uid``, ``tab``, ``place`` and ``title``, ``mid``."""

    platform = PLATFORM
    capabilities = Weibo.capabilities
    site: Site

    async def begin(self) -> None:
        """A run without the user's login would see a part only and not know it."""
        self.site = Site(self.http, self.query.instance, cookie_of(self.query.credentials))
        await self.site.who()

    # ------------------------------------------------------------------ what is asked for

    async def opening(self) -> list[Record]:
        """Who or where: an account by number or name, a super topic, the number of a post."""
        memo, value = self.state.memo, self.query.value
        if self.query.mode == "post":
            if (mid := post_number(value)) is None:
                raise BadQuery("weibo.which_post", value=one_line(value, 100))
            memo["mid"] = mid
        if self.query.mode == "group":
            memo["place"] = supertopic_id(value) or await self._find_place(value)
        return [await self._find_account(value)] if self.query.mode == "account" else []

    async def _find_account(self, value: str) -> Account:
        kind, name = account_named(value)
        if kind == "":
            raise BadQuery("weibo.which_account", name=one_line(value, 100))
        uid = name if kind == "uid" else await self._uid_of(kind, name)
        data = await self.site.index(f"100505{uid}", {"type": "uid", "value": uid}, f"/u/{uid}")
        profile = data.get("userInfo")
        if data is END:
            raise Gone("weibo.no_account", name=name)
        if not isinstance(profile, Mapping) or uid_of(profile) != uid:
            raise BrokenAnswer("weibo.shape", what="userInfo")
        who = account(profile, self.site.fetched)
        tabs = [
            ident(tab.get("containerid"))
            for tab in each(inner(data, "tabsInfo"), "tabs")
            if tab.get("tabKey") == "weibo"
        ]
        self.state.memo |= {"uid": uid, "tab": next((t for t in tabs if t.startswith("107603")), f"107603{uid}")}
        for relation, said in (("followers", who.followers), ("following", who.following)):
            if relation in self.query.relations:
                self.ask(relation, uid, local=uid, who=uid, said=said)
        return replace(who, region=await self._region_of(uid) or who.region)

    async def _uid_of(self, kind: str, name: str) -> str:
        """The number of the account of that very name. Raises Gone or BadQuery: the nearest is not the one."""
        data = await self.site.index(search_id("3", name), {"page_type": "searchall", "page": 1})
        for user in (one for card in cards(data) if isinstance(one := card.get("user"), Mapping)):
            named = (
                [user.get("screen_name")]
                if kind == "name"
                else [user.get(k) for k in ("domain", "weihao", "profile_url")]
            )
            words = [word.partition("?")[0].rstrip("/").rpartition("/")[2] for word in named if isinstance(word, str)]
            if fold(name) in map(fold, words) and (uid := uid_of(user)):
                return uid
        if kind == "custom":
            raise BadQuery("weibo.which_account", name=name)
        raise Gone("weibo.no_account", name=name)

    async def _region_of(self, uid: str) -> str | None:
        """Where the account writes from, as its page says; nothing if the page is not shown."""
        try:
            data = await self.site.index(f"230283{uid}_-_INFO", {}, f"/u/{uid}", Replies(end=True, skip=True))
        except (Gone, BrokenAnswer):
            return None
        facts = {str(one["item_name"]): one.get("item_content") for one in cards(data) if "item_name" in one}
        return values.region(facts.get("IP属地")) or values.region(facts.get("所在地"))

    async def _find_place(self, value: str) -> str:
        """The super topic of that very name. Topic search may not show it: then its address is needed."""
        wanted = supertopic("", value).name or ""
        try:
            data = await self.site.index(
                search_id("38", wanted), {"page_type": "searchall", "page": 1}, "/", Replies(end=True, skip=True)
            )
        except (Gone, BrokenAnswer):
            data = END
        for card in cards(data):
            words = [word for word in card.values() if isinstance(word, str)]
            place = next((found for word in words if (found := supertopic_id(word))), None)
            if place and fold(wanted) in (fold(supertopic("", word).name or "") for word in words):
                return place
        raise BadQuery("weibo.which_group", name=one_line(value, 100))

    # ------------------------------------------------------------------ the listing

    async def listing(self, place: Place) -> Sheet:
        if self.query.mode == "post":
            return await self._one_post(self.state.memo["mid"])
        if self.query.mode == "account":
            return await self._timeline(place)
        return await (
            self._supertopic(place) if self.query.mode == "group" else self._search(int(place.get("page", 1)))
        )

    async def _search(self, page: int) -> Sheet:
        """Newest first. The number of results is not told reliably, and after fifty pages nothing more is shown."""
        words = one_line(self.query.value, 200)
        words = f"#{words.strip('#＃ ')}#" if self.query.mode in ("tag", "topic") else words
        container = search_id("61", words)
        data = await self.site.index(container, {"page_type": "searchall", "page": page}, "/p/searchall")
        last = inner(data, "cardlistInfo").get("page") in _NO_MORE
        sheet = Sheet(_rows(data), None if last else {"page": page + 1})
        if not last and page >= SEARCH_PAGES:
            sheet.next, sheet.capped, sheet.reason = None, True, "weibo.search_cap"
        return sheet

    async def _timeline(self, place: Place) -> Sheet:
        uid, tab = self.state.memo["uid"], self.state.memo["tab"]
        data = await self.site.index(tab, {"type": "uid", "value": uid, **place}, f"/u/{uid}")
        info = inner(data, "cardlistInfo")
        since, rows = ident(info.get("since_id")), _rows(data)
        bounded = self.query.since is not None or self.query.until is not None
        said = None if bounded else count(info.get("total"))
        told = said if said is not None else self.state.said
        fewer = not since and not bounded and told is not None and told > self.state.seen + len(rows)
        return Sheet(rows, {"since_id": since} if since else None, said, reason="weibo.fewer_posts" if fewer else None)

    async def _supertopic(self, place: Place) -> Sheet:
        """By the time of posting. Older answers go on by ``since_id``, newer ones by what ``moreInfo`` says."""
        group = self.state.memo["place"]
        more = {"luicode": "10000011", "lfid": f"{group}_-_main"}
        referer = f"/p/index?containerid={group}_-_soul&luicode=10000011&lfid={group}_-_main"
        data = await self.site.index(f"{group}_-_sort_time", {**more, **place}, referer)
        info = inner(data, "pageInfo")
        self.state.memo["title"] = info.get("page_title") or self.state.memo.get("title") or self._title_typed()
        params = inner(inner(data, "moreInfo"), "params")
        named = {
            name: found
            for name in ("page", "since_id", "max_id")
            if (found := ident(params.get(name))) not in ("", "0")
        }
        if not named and (since := ident(info.get("since_id"))) not in ("", "0"):
            named = {"since_id": since}
        return Sheet(_rows(data), named or None)

    def _title_typed(self) -> str | None:
        return None if supertopic_id(self.query.value) else self.query.value

    async def _one_post(self, mid: str) -> Sheet:
        found = await self.site.get("/statuses/show", {"id": mid}, f"/detail/{mid}")
        data = found.get("data")
        if ended(found):
            raise Gone("weibo.gone", said=one_line(str(found.get("msg") or ""), 120))
        if not isinstance(data, Mapping) or not mid_of(data):
            raise BrokenAnswer("weibo.shape", what="data")
        if is_hidden(data):
            raise Gone("weibo.not_public")
        mblog = await self._at_once(data)
        if original := inner(mblog, "retweeted_status"):
            mblog["retweeted_status"] = await self._at_once(original)
        return Sheet([{"mblog": mblog, "pinned": False}])

    async def _at_once(self, mblog: Mapping[str, Any]) -> dict[str, Any]:
        """A post asked for by itself mostly has its whole text; else that is fetched now, for the first page."""
        if mblog.get("isLongText") is not True or not ends_cut(mblog):
            return {**mblog, "longTextContent": mblog.get("text")}
        return {**mblog, **await self._long_text(mid_of(mblog))}

    def key_of(self, row: Any) -> str:
        """The number of the post or comment; of a like or follower, the account."""
        if isinstance(row, Mapping):
            found = row.get("mblog", row)
            if isinstance(found, Mapping):
                return mid_of(found) or f"{found!r:.200}"
        return f"{row!r:.200}"

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """A card with a post. Posts that are not for everybody are left out, in a tag also those without it."""
        mblog = status(row["mblog"], self.site.now, self.site.fetched, one_line(self.query.value, 200))
        if mblog.hidden or (self.query.mode == "tag" and not self._tagged(mblog)):
            return ()
        hold = None
        cut = mblog.cut or (mblog.original is not None and mblog.original.cut)
        if cut and (self.query.mode == "post" or self.state.memo.get("short")):
            self.note("weibo.text_cut", count=1)
        elif cut:
            hold = {"mblog": slim(row["mblog"]), "now": self.site.now, "fetched": self.site.fetched}
        before, post = self._brought(mblog)
        author = post.author.native_id if post.author else ""
        return (Item(post, author_local=author, also=tuple(before), pinned=row["pinned"], hold=hold),)

    def _tagged(self, mblog: Mblog) -> bool:
        """Whether the post, or what it reposts, carries the tag."""
        wanted = fold(self.query.value).strip("#＃")
        tags = mblog.post.tags + (mblog.original.post.tags if mblog.original else ())
        return wanted in {fold(tag) for tag in tags}

    def _brought(self, mblog: Mblog) -> tuple[list[Record], Post]:
        """What comes with a post (its original, who is where), and the post itself."""
        found: list[Record] = []
        if mblog.original is not None and not mblog.original.hidden:
            found += self._originals(mblog.original)
        if mblog.withdrawn:
            found.append(Withdrawn(PLATFORM, mblog.withdrawn, self.site.fetched))
        post = mblog.post
        if self.query.mode == "group":
            post = replace(post, group=supertopic(self.state.memo["place"], self.state.memo.get("title")))
        if post.group is not None and post.author is not None:
            found.append(Membership(post.author, post.group))
        return found, post

    def _originals(self, mblog: Mblog) -> list[Post]:
        before = self._originals(mblog.original) if mblog.original is not None and not mblog.original.hidden else []
        return [*before, mblog.post]

    # ------------------------------------------------------------------ what hangs on a post

    async def relation(self, task: Task) -> Sheet:
        """The next page of a list; one that stays refused without a word of a limit is left out, and that is told."""
        calls = {
            WHOLE: self._whole, "replies": self._answers if task.depth else self._comments, "reposts": self._reposts,
            "likes": self._likes, "followers": self._people, "following": self._people,
        }  # fmt: skip
        try:
            return await calls[task.kind](task)
        except Gone as gone:
            if gone.key != "weibo.said_no":
                raise
            return Sheet([], reason="weibo.said_no", again=True)

    async def _whole(self, task: Task) -> Sheet:
        """The rest of a cut text, one request a step. Where it is not to be had the beginning stays, marked as cut."""
        mblog, tried = task.memo["mblog"], task.memo.setdefault("tried", [])
        parts = [part for part in cut_parts(mblog) if mid_of(part) not in tried]
        if parts and not self.state.memo.get("short"):
            mid = mid_of(parts[0])
            tried.append(mid)
            parts[0].update(await self._long_text(mid))  # type: ignore[attr-defined] # made by slim()
            if len(parts) > 1:
                return Sheet([], {"tried": len(tried)})
        if cut_parts(mblog):
            self.note("weibo.text_cut", count=1)
        return Sheet([mblog])

    async def _long_text(self, mid: str) -> dict[str, Any]:
        """The whole text and, where they come with it, the exact counts; {} if this one is not to be had."""
        try:
            found = await self.site.get("/statuses/extend", {"id": mid}, f"/detail/{mid}", Replies(end=True, skip=True))
        except (Gone, BrokenAnswer):
            return {}
        except Blocked:  # the posts come as they are, then the run ends at the next request
            self.state.memo["short"] = True
            return {}
        data = inner(found, "data")
        text = data.get("longTextContent")
        if ended(found) or not isinstance(text, str) or not text.strip():
            return {}
        exact = {
            k: v for k in ("reposts_count", "comments_count", "attitudes_count") if count(v := data.get(k)) is not None
        }
        return {"longTextContent": scrub(text[:100_000]), **exact}

    async def _comments(self, task: Task) -> Sheet:
        """Comments by heat. Both cursors go back as they came. Old posts have them in the old list only."""
        if "page" in task.next:
            return await self._old_comments(task, int(task.next["page"]))
        mid, first = task.local or task.key, not task.next
        replies = Replies(skip=True, once=first)
        try:
            found = await self.site.get(
                "/comments/hotflow", {"id": mid, "mid": mid, "max_id_type": "0", **task.next}, f"/detail/{mid}", replies
            )
        except BrokenAnswer:
            if not first:
                raise
            return await self._old_comments(task, 1)
        data = found.get("data")
        if ended(found) or not data:
            return Sheet([])
        if not isinstance(data, Mapping) or not isinstance(data.get("data"), list):
            raise BrokenAnswer("weibo.shape", what="comments")
        rows = data["data"]
        return Sheet(rows, _both(data) if rows else None, count(data.get("total_number")))

    async def _old_comments(self, task: Task, page: int) -> Sheet:
        mid = task.local or task.key
        rows, more, said = await self._pages("/api/comments/show", mid, page, Replies(skip=True))
        return Sheet(rows, {"page": page + 1} if more else None, said)

    async def _answers(self, task: Task) -> Sheet:
        """What was answered to one comment: the list stands at the top, without the inner ``data``."""
        found = await self.site.get(
            "/comments/hotFlowChild", {"cid": task.key, "max_id": "0", "max_id_type": "0", **task.next},
            f"/detail/{task.root}", Replies(end=True, skip=True),
        )  # fmt: skip
        if ended(found):
            return Sheet([], reason="weibo.child_closed", again=True)
        data = found.get("data")
        rows = data.get("data") if isinstance(data, Mapping) else data
        if not isinstance(rows, list):
            raise BrokenAnswer("weibo.shape", what="comments")
        return Sheet(rows, _both(data if isinstance(data, Mapping) else found) if rows else None)

    async def _reposts(self, task: Task) -> Sheet:
        page = int(task.next.get("page", 1))
        mid = task.local or task.key
        rows, more, said = await self._pages("/api/statuses/repostTimeline", mid, page, Replies(skip=True))
        return Sheet(rows, {"page": page + 1} if more else None, said)

    async def _likes(self, task: Task) -> Sheet:
        """Page after page until the answer is not ``ok: 1``."""
        page = int(task.next.get("page", 1))
        mid = task.local or task.key
        rows, _, said = await self._pages("/api/attitudes/show", mid, page, Replies(end=True, skip=True))
        return Sheet(rows, {"page": page + 1} if rows else None, said)

    async def _pages(self, path: str, mid: str, page: int, replies: Replies) -> tuple[list[Any], bool, int | None]:
        """Rows of a numbered page, whether ``max`` (the number of pages) tells of more, and how many there are."""
        found = await self.site.get(path, {"id": mid, "page": page}, f"/detail/{mid}", replies)
        data = found.get("data")
        if ended(found) or not data:
            return [], False, None
        if not isinstance(data, Mapping) or not isinstance(data.get("data"), list):
            raise BrokenAnswer("weibo.shape", what=path.rpartition("/")[2])
        rows = data["data"]
        return rows, bool(rows) and page < (count(data.get("max")) or 0), count(data.get("total_number"))

    async def _people(self, task: Task) -> Sheet:
        """Followers count their pages in ``since_id``, those followed in ``page``; both end after about twenty."""
        name, list_name = ("since_id", "fans") if task.kind == "followers" else ("page", "followers")
        page = int(task.next.get(name, 1))
        container = f"231051_-_{list_name}_-_{task.key}"
        data = await self.site.index(container, {name: page} if task.next else {}, f"/u/{task.key}", Replies(skip=True))
        if not isinstance(data.get("cards"), list):
            raise BrokenAnswer("weibo.shape", what="cards")
        rows = people_in(data)
        if page >= PEOPLE_PAGES:
            return Sheet(rows, None, reason="weibo.people_cap")
        return Sheet(rows, {name: page + 1} if rows else None)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """A held post made whole, a comment with what stands under it, a repost, or somebody."""
        if task.kind == WHOLE:
            mblog = status(row, task.memo["now"], task.memo["fetched"], one_line(self.query.value, 200))
            before, post = self._brought(mblog)
            return [*(one for one in before if not isinstance(one, Post) or self.first_time(one.native_id)), post]
        if task.kind == "replies":
            return self._thread(task, row)
        if task.kind == "reposts":
            return self._repost(task, row)
        target = Account(PLATFORM, task.who)
        if task.kind == "likes":
            if not isinstance(row, Mapping):
                raise Unusable("collect.no_author")
            who, written = account(row.get("user"), self.site.fetched), row.get("created_at")
            exact = local_time(written, CHINA, self.site.now) if ":" in str(written) else None
            return [Interaction(PLATFORM, who, target, "like", exact[0] if exact else None, task.key)]
        who = account(row, self.site.fetched)
        pair = (who, target) if task.kind == "followers" else (target, who)
        return [Interaction(PLATFORM, *pair, "follow")]

    def _thread(self, task: Task, row: Any) -> list[Record]:
        """A comment, the few answers that come with it, and a task for the rest of them."""
        if task.depth:
            post = comment(row, task.root, self.site.now, self.site.fetched, task.key)
            return [] if post.native_id in task.memo.get("known", ()) else [post]
        top = comment(row, task.key, self.site.now, self.site.fetched)
        under: list[Post] = []
        for one in each(row, "comments"):  # a list, or false
            try:
                under.append(comment(one, task.key, self.site.now, self.site.fetched, top.native_id))
            except Unusable as error:
                self.rejected.append(Rejected(len(under) + 1, str(error), error.detail))
        if (top.comments or 0) <= len(under):
            task.seen += len(under)
        else:  # the list of its own counts them all
            task.memo["apart"] = int(task.memo.get("apart", 0)) + (top.comments or 0)
            who = top.author.native_id if top.author else ""
            known = {"known": [one.native_id for one in under]}
            self.ask("replies", top.native_id, who=who, root=task.key, depth=1, said=top.comments, memo=known)
        return [top, *under]

    def _repost(self, task: Task, row: Any) -> list[Record]:
        mblog = status(row, self.site.now, self.site.fetched)
        if mblog.hidden or mblog.post.author is None:
            return []
        post = replace(mblog.post, kind="repost", repost_of=mblog.post.repost_of or task.key)
        if post.repost_of == task.key or not task.who:
            return [post]
        by_way = Interaction(PLATFORM, mblog.post.author, Account(PLATFORM, task.who), "repost", post.created, task.key)
        return [post, by_way]  # a repost of a repost names the first post only

    def _end(self, task: Task, reason: str | None = None, again: bool = False) -> None:
        if task.said is not None and (apart := int(task.memo.get("apart", 0))):
            task.said = max(task.said - apart, task.seen)
        if reason is None and task.said is not None and task.seen < task.said:
            reason = _FEWER.get(task.kind)
        super()._end(task, reason, again)


def _rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(data.get("cards"), list):
        raise BrokenAnswer("weibo.shape", what="cards")
    return posts_in(data)


def _both(data: Mapping[str, Any]) -> Place | None:
    """Where comments go on: both cursors, the second turns from 0 to 1 on the way. ``max_id`` 0 is the end."""
    place = {"max_id": ident(data.get("max_id")), "max_id_type": ident(data.get("max_id_type")) or "0"}
    return None if place["max_id"] in ("", "0") else place
