"""Mastodon and what speaks its API (GoToSocial, Pleroma, Akkoma, Takahe, snac, Pixelfed, Hollo …). Reads only.

Server-local ids never leave the cursor: a post is known by its ``uri``, a person by ``user@server``.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, quote

from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin
from xunke.model import Account, Group, Interaction, InteractionKind, Membership, Post, Record
from xunke.text import clean, fold, one_line

from .address import origin_of, split
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .facts import ident
from .http import Answer, Transport
from .mastodon_map import PLATFORM, Status, account, domain_of, full_acct, group, status
from .walk import Item, Place, Sheet, State, Task, Unusable, Walk

_POSTS: Final = 40
_PEOPLE: Final = 80
_DEEPEST: Final = 20  # requests down one thread
_NEXT: Final = re.compile(r'<([^<>]*)>\s*;[^<]*?\brel="?next"?')
_PEOPLE_OF: Final[dict[str, tuple[str, InteractionKind]]] = {
    "reposts": ("/api/v1/statuses/{}/reblogged_by", "repost"),
    "likes": ("/api/v1/statuses/{}/favourited_by", "like"),
    "followers": ("/api/v1/accounts/{}/followers", "follow"),
    "following": ("/api/v1/accounts/{}/following", "follow"),
}
_LIST: Final = "list:"


class MastodonWalk(Walk):
    """One run over one server."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "keyword", "account", "group", "post"}),
        relations=frozenset({"replies", "reposts", "likes", "quotes", "followers", "following"}),
        access=frozenset({"anonymous", "own_token"}),
        needs_instance=True,
        needs={"quotes": "own_token"},
        streams=frozenset({"tag"}),
        logins=(Login("own_token", ("token",)),),
        limits=("mastodon.limit_search", "mastodon.limit_context", "mastodon.limit_followers", "mastodon.limit_lists"),
        legal=("mastodon.legal",),
    )

    def __init__(self, query: Query, state: State, http: Transport) -> None:
        super().__init__(query, state, http)
        instance = query.instance or _handle(query.value)[1]
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        self.base = origin_of(instance).origin
        self.domain = split(self.base).netloc
        self.access: Mapping[str, Any] = {}
        self.streaming = self.base

    # ------------------------------------------------------------------ the server

    async def get(
        self, path: str, params: Mapping[str, object] | None = None, expect: type | tuple[type, ...] = list
    ) -> Answer[Any]:
        return await self.http.get_json(self.base + path, params, self.query.token, expect=expect)

    async def begin(self) -> None:
        """What the server says about itself: its name in handles, and who may read what."""
        facts = await server_facts(self.http, self.base, self.query.token)
        self.domain = domain_of(facts, self.domain)
        configuration = facts.get("configuration")
        access = configuration.get("timelines_access") if isinstance(configuration, Mapping) else None
        self.access = access if isinstance(access, Mapping) else {}
        self.streaming = self.stream_base(configuration)

    def stream_base(self, configuration: object) -> str:
        """Where the server streams: at itself, or at a host of its own domain that it names (``streaming.``)."""
        urls = configuration.get("urls") if isinstance(configuration, Mapping) else None
        named = urls.get("streaming") if isinstance(urls, Mapping) else None
        host = (split(named).hostname or "") if isinstance(named, str) and len(named) < 300 else ""
        own = split(self.base).hostname or self.base
        if self.query.follow is None or not re.fullmatch(rf"[a-z0-9-]+\.{re.escape(own)}", host):
            return self.base
        self.http.share(host)
        return f"https://{host}"

    def tag_scope(self) -> dict[str, str]:
        """Which tag feeds are open to us (Mastodon 4.5 tells). Raises NeedsLogin or Blocked instead of trying."""
        feeds = self.access.get("hashtag_feeds")
        if not isinstance(feeds, Mapping):
            return {}
        fine = {"public", "authenticated"} if self.query.token else {"public"}
        local, remote = (feeds.get(side, "public") in fine for side in ("local", "remote"))
        if local and remote:
            return {}
        if local or remote:
            self.note("mastodon.only_local" if local else "mastodon.only_remote", host=self.domain)
            return {"local" if local else "remote": "true"}
        if not self.query.token and "authenticated" in feeds.values():
            raise NeedsLogin("mastodon.needs_token", host=self.domain)
        raise Blocked("mastodon.tags_closed", host=self.domain)

    # ------------------------------------------------------------------ who or what is asked for

    async def opening(self) -> list[Record]:
        if self.query.mode == "group" and self.query.value.startswith(_LIST):
            return await self.find_list(self.query.value.removeprefix(_LIST).strip())
        return await self.find_account() if self.query.mode in ("account", "group") else []

    async def find_list(self, name: str) -> list[Record]:
        """A list of the user's own, by number or title, with the people on it."""
        if not self.query.token:
            raise NeedsLogin("mastodon.list_needs_token", host=self.domain)
        lists = [one for one in (await self.get("/api/v1/lists")).data if isinstance(one, Mapping)]
        found = next((one for one in lists if name in (ident(one.get("id")), str(one.get("title", "")).strip())), None)
        if found is None:
            known = "、".join(one_line(str(one.get("title")), 40) for one in lists[:10])
            raise Gone("mastodon.no_list", name=one_line(name, 60), known=known or "-")
        local = ident(found.get("id"))
        place = Group(PLATFORM, f"{self.domain}/lists/{local}", one_line(str(found.get("title") or ""), 100), "list")
        self.state.memo |= {"local": local, "who": place.native_id, "name": place.name, "list": True}
        path = f"/api/v1/lists/{quote(local, safe='')}/accounts"
        answer = await self.get(path, {"limit": 0})
        people = [account(one, self.domain, answer.fetched) for one in answer.data]
        self.state.memo["members"] = [one.native_id for one in people]
        return [Membership(one, place) for one in people]

    async def find_account(self) -> list[Record]:
        name, server = _handle(self.query.value)
        acct = name if not server or server in (self.domain, split(self.base).netloc) else f"{name}@{server}"
        answer, source = await self.look_up(acct)
        try:
            person = account(source, self.domain, answer.fetched)
            local = ident(source.get("id"))
            if not local:
                raise Unusable("mastodon.no_id")
        except Unusable as error:
            raise BrokenAnswer(str(error), host=self.domain) from None
        if self.query.mode == "group" and source.get("group") is False:
            raise BadQuery("mastodon.not_a_group", name=person.native_id)
        self.state.memo |= {"local": local, "who": person.native_id, "name": person.name}
        if person.posts is not None and self.query.since is None and self.query.until is None:
            self.state.said = self.total = person.posts
            if self.query.limit is not None:
                self.total = min(person.posts, self.query.limit)
        for relation in sorted(self.query.relations & {"followers", "following"}):
            if source.get("hide_collections") is True:
                self.note("mastodon.followers_hidden", name=person.native_id)
            else:
                said = getattr(person, relation)
                self.ask(relation, person.native_id, local=local, who=person.native_id, said=said)
        return [person]

    async def look_up(self, acct: str) -> tuple[Answer[Any], Mapping[str, Any]]:
        wanted = acct if "@" in acct else f"{acct}@{self.domain}"
        try:
            answer = await self.get("/api/v1/accounts/lookup", {"acct": acct}, dict)
            return answer, answer.data
        except (Gone, BadQuery, BrokenAnswer):  # servers without lookup
            answer = await self.get("/api/v2/search", {"q": acct, "type": "accounts", "limit": 40}, dict)
            people = answer.data.get("accounts")
            listed = [p for p in people if isinstance(p, Mapping)] if isinstance(people, list) else []
            source = next((p for p in listed if full_acct(p, self.domain) == fold(wanted)), None)
            if source is None:
                raise Gone("mastodon.no_account", name=one_line(acct, 100), host=self.domain) from None
            return answer, source

    # ------------------------------------------------------------------ the listing

    async def listing(self, place: Place) -> Sheet:
        query, memo, value = self.query, self.state.memo, clean(self.query.value)
        size: dict[str, object] = {"limit": self.at_most(_POSTS)}
        if query.mode in ("account", "group"):
            local = quote(memo["local"], safe="")
            path = f"/api/v1/timelines/list/{local}" if memo.get("list") else f"/api/v1/accounts/{local}/statuses"
            return self.sheet(await self.get(path, size | place), place)
        if query.mode == "post":
            return await self.one_post(value)
        if query.mode == "keyword" and memo.get("via") != "tag":
            found = await self.search(value, size, place)
            if found is not None:
                return found
        words = [w for w in (fold(word).strip("#＃") for word in value.split()) if w]
        tag = words[0] if query.mode == "keyword" else fold(value).strip("#＃")
        more: dict[str, object] = {"all[]": words[1:5]} if query.mode == "keyword" and len(words) > 1 else {}
        path = f"/api/v1/timelines/tag/{quote(tag, safe='')}"
        return self.sheet(await self.get(path, size | more | self.tag_scope() | place), place)

    async def search(self, value: str, size: dict[str, object], place: Place) -> Sheet | None:
        """Full-text search; None where the server has none for us: the words are then looked for as tags."""
        memo = self.state.memo
        try:
            answer = await self.get("/api/v2/search", {"q": value, "type": "statuses"} | size | place, dict)
            rows = answer.data.get("statuses")
            if memo.get("via") or (isinstance(rows, list) and rows):
                memo["via"] = "search"
                self.ordered = False
                return self.sheet(replace(answer, data=rows if isinstance(rows, list) else []), place)
        except (NeedsLogin, BadQuery, Gone) as error:
            if self.query.token and isinstance(error, NeedsLogin):
                raise
            if memo.get("via"):  # the first page was free, the others are not
                self.note("mastodon.search_cut", host=self.domain)
                return Sheet([], reason="collect.needs_login", capped=True)
        memo["via"] = "tag"
        words = " ".join(w for w in (fold(word).strip("#＃") for word in value.split()) if w)
        self.note("mastodon.keyword_as_tag", tag=words, host=self.domain)
        return None

    async def one_post(self, value: str) -> Sheet:
        """A post by its address: asked of its own server by number, of another one through its search."""
        parts = split(value)
        local = parts.path.rstrip("/").rpartition("/")[2]
        if parts.scheme not in ("http", "https") or not local:
            raise BadQuery("mastodon.post_address", value=one_line(value, 100))
        if parts.netloc.lower() in (self.domain, split(self.base).netloc):
            answer = await self.get(f"/api/v1/statuses/{quote(local, safe='')}", expect=dict)
            return Sheet([answer.data], fetched=answer.fetched)
        params = {"q": value, "type": "statuses", "limit": 1} | ({"resolve": "true"} if self.query.token else {})
        answer = await self.get("/api/v2/search", params, dict)
        rows = answer.data.get("statuses")
        if not isinstance(rows, list) or not rows:
            raise Gone("mastodon.no_post", value=one_line(value, 200), host=self.domain)
        return Sheet(rows[:1], fetched=answer.fetched)

    def sheet(self, answer: Answer[Any], place: Place) -> Sheet:
        """A page of posts and the parameters of the next: from the Link header, else below the last id."""
        rows = answer.data
        following = _link(answer.headers) if rows else None
        if rows and following is None and not answer.headers.get("link"):
            last = ident(rows[-1].get("id")) if isinstance(rows[-1], Mapping) else ""
            if self.state.memo.get("via") == "search":
                following = {"offset": str(int(place.get("offset", "0")) + len(rows))}
            elif last:
                following = {"max_id": last}
        return Sheet(rows, following, fetched=answer.fetched)

    def understood(self, row: Any, sheet: Sheet) -> Status:
        return status(row, self.domain, sheet.fetched, one_line(self.query.value, 200))

    def open_to_all(self, one: Status) -> bool:
        """Public by its author's word; where the server does not say, what it shows without a token is."""
        return one.public if one.public is not None else self.query.token is None

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        one = self.understood(row, sheet)
        if self.query.mode in ("tag", "keyword"):  # snac lists a boost there now and then, under the author's name
            one = one.boosted or one
        original = one.boosted or one
        if not self.open_to_all(one) or not self.open_to_all(original):
            return
        item = Item(original.post, original.local, original.author_local)
        if self.query.mode == "group":
            yield from self.in_group(one, item)
            return
        if one.boosted is not None:
            item = Item(one.post, also=(original.post,), asks=False)
        yield item

    def in_group(self, one: Status, item: Item) -> Iterable[Item]:
        """A group account boosts what its members write, which is no act of theirs; on a list, boosts are boosts."""
        memo, author = self.state.memo, item.post.author
        if not memo.get("list"):
            place = group(Account(PLATFORM, memo["who"], memo["name"]))
            member = author is not None and author.native_id != memo["who"]
        else:
            place = Group(PLATFORM, memo["who"], memo["name"], "list")
            member = author is not None and author.native_id in memo["members"]
        if member or not memo.get("list"):
            item.post = replace(item.post, group=place)
        if one.boosted is not None and memo.get("list"):
            item = Item(one.post, also=(item.post,), asks=False)
        elif member and author is not None:
            item.also = (Membership(author, place),)
        yield item

    # ------------------------------------------------------------------ relations

    async def relation(self, task: Task) -> Sheet:
        local = quote(task.local, safe="")
        if task.kind == "replies":
            return await self.thread(task, await self.get(f"/api/v1/statuses/{local}/context", expect=dict))
        if task.kind == "quotes":
            return await self.quotes(task, local)
        path, _ = _PEOPLE_OF[task.kind]
        size: dict[str, object] = {"limit": self.at_most(_PEOPLE)}
        answer = await self.get(path.format(local), size | task.next)
        return Sheet(answer.data, _link(answer.headers), fetched=answer.fetched)

    async def quotes(self, task: Task, local: str) -> Sheet:
        try:
            size: dict[str, object] = {"limit": self.at_most(_POSTS)}
            answer = await self.get(f"/api/v1/statuses/{local}/quotes", size | task.next)
        except (Gone, BadQuery):  # Mastodon before 4.5, and its relatives
            self.note("mastodon.no_quotes", host=self.domain)
            self.close("quotes")
            return Sheet([], reason="mastodon.no_quotes_here")
        return self.sheet(answer, task.next)

    async def thread(self, task: Task, answer: Answer[Any]) -> Sheet:
        """The thread below a post; where the server cuts it off, branches that tell of more are asked for later."""
        above, below = (answer.data.get(side) for side in ("ancestors", "descendants"))
        if not isinstance(below, list):
            raise BrokenAnswer("net.shape", url=self.base)
        uris = {task.local: task.key}
        top = [uri for row in (above if isinstance(above, list) else []) if (uri := self.uri_of(row))]
        uris |= {ident(row.get("id")): self.uri_of(row) for row in below if isinstance(row, Mapping)}
        parents = {ident(row.get("in_reply_to_id")) for row in below if isinstance(row, Mapping)}
        task.memo = {"uris": uris, "answered": sorted(parents)}
        task.root = (task.root if task.depth else "") or (top[0] if top else task.key)
        return Sheet(below, fetched=answer.fetched)

    def uri_of(self, row: Any) -> str:
        try:
            return status(row, self.domain).post.native_id
        except Unusable:
            return ""

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        if task.kind in ("replies", "quotes"):
            one = self.understood(row, sheet)
            if not self.open_to_all(one) or one.boosted is not None:
                return
            if task.kind == "quotes":
                yield one.post if one.post.quote_of else replace(one.post, quote_of=task.key)
                return
            parent = task.memo["uris"].get(one.parent or "") or None
            post: Post = replace(one.post, kind="comment", reply_to=parent, root=task.root)
            yield post
            if one.post.comments and one.local not in task.memo["answered"] and task.depth < _DEEPEST:
                who = post.author.native_id if post.author else ""
                deeper = {"local": one.local, "who": who, "root": task.root, "depth": task.depth + 1}
                self.ask("replies", post.native_id, said=one.post.comments, **deeper)
            return
        actor, target = account(row, self.domain, sheet.fetched), Account(PLATFORM, task.who)
        if task.kind == "following":
            actor, target = target, actor
        kind = _PEOPLE_OF[task.kind][1]
        about = task.key if task.kind in ("reposts", "likes") else None
        yield Interaction(PLATFORM, actor, target, kind, post=about)


class Mastodon:
    """Posts of a tag, keyword, account, group or list, with replies, boosts, likes, quotes and followers on request."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = MastodonWalk.capabilities

    def __init__(self) -> None:
        self.size: int | None = None

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        if query.follow is not None:
            return _listen(query, cursor, http, self.size)
        return MastodonWalk.pages(query, cursor, http, self.size)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whose token this is."""
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        base = origin_of(instance).origin
        facts = await server_facts(http, base, credentials.get("token"))
        answer = await http.get_json(
            f"{base}/api/v1/accounts/verify_credentials", None, credentials.get("token"), expect=dict
        )
        domain = domain_of(facts, split(base).netloc)
        return Known(account(answer.data, domain).native_id)


async def _listen(query: Query, cursor: Cursor | None, http: Transport, size: int | None) -> AsyncIterator[Page]:
    from .mastodon_stream import Listener

    walk = await MastodonWalk.start(query, cursor, http, size)
    if query.mode not in walk.capabilities.streams:
        raise BadQuery("collect.no_stream", mode=query.mode, platform=PLATFORM)
    async for page in Listener(walk).pages():
        yield page


async def server_facts(http: Transport, base: str, token: str | None) -> Mapping[str, Any]:
    """What the server at ``base`` says about itself. Raises BadQuery if it does not speak this API."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        try:
            found: Mapping[str, Any] = (await http.get_json(base + path, None, token, expect=dict)).data
        except (Gone, BadQuery, BrokenAnswer):
            continue
        return found
    raise BadQuery("mastodon.not_mastodon", host=split(base).netloc)


def _link(headers: Mapping[str, str]) -> dict[str, str] | None:
    """The parameters of ``rel="next"``. Only those: the address itself is ours, whatever the header says."""
    found = _NEXT.search(headers.get("link", ""))
    if found is None:
        return None
    pairs: Iterable[tuple[str, str]] = parse_qsl(split(found[1]).query)
    place = {k: v for k, v in pairs if not k.endswith("[]") and k != "limit" and len(v) < 2_000}
    return place or None


def _handle(value: str) -> tuple[str, str]:
    """Name and server ("" if not said) of ``lin``, ``@lin@far.example`` or the address of a profile."""
    text = clean(value).strip()
    if "://" in text:
        parts = split(text)
        last = parts.path.rstrip("/").rpartition("/")[2].lstrip("@")
        name, _, server = last.partition("@")
        return name, (server or parts.netloc.rpartition("@")[2]).lower()
    name, _, server = text.lstrip("@").partition("@")
    return name, server.lower()
