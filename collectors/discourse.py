"""Discourse, the forums of brands and communities: tags, categories, groups, topics, search, people. Reads only.

Lists hold topics or excerpts; what was written is fetched topic by topic. So a page of a list leaves in
``memo["todo"]`` what to fetch, and each of the following steps of the listing fetches one of these.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import quote, unquote

from xunke.errors import BadQuery, BrokenAnswer, Gone, NeedsLogin
from xunke.model import Account, Interaction, Membership, Record
from xunke.text import clean, fold, one_line

from .address import origin_of, split
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .discourse_api import BATCH, Api, by_topic, day, tag_name, when_made
from .discourse_map import (
    PLATFORM,
    Forum,
    Said,
    Topic,
    account,
    categories_in,
    groups_named,
    is_system_line,
    said,
    topic,
)
from .facts import count, each, ident, inner, line, moment
from .http import Answer, Transport
from .walk import Item, Place, Sheet, Task, Unusable, Walk

_LIKERS: Final = 60
_MEMBERS: Final = 50
_MEMBER_PAGES: Final = 10
_SEARCH_PAGES: Final = 10
"""Search goes no further, whatever ``more_full_page_results`` says."""
_BAD: Final = 3
"""So many topics in a row that cannot be read: the forum has changed its format."""
_DAY: Final = 86_400


class Discourse:
    """Topics of a tag, category, group or search, the posts of a person; replies and likes."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "group", "topic", "keyword", "account", "post"}),
        relations=frozenset({"replies", "likes"}),
        access=frozenset({"anonymous", "own_token"}),
        needs_instance=True,
        limits=(
            "discourse.limit_followers",
            "discourse.limit_search",
            "discourse.limit_likes",
            "discourse.limit_time",
        ),
        logins=(Login("own_token", ("token",)),),
        pace=1.0,
        quota=(200, 60),
        legal=("discourse.legal",),
    )

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        return _DiscourseWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Who the user API key belongs to; see ``SignsIn.check``."""
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        api = Api(origin_of(instance).origin, credentials.get("token") or None, http)
        try:
            found = inner((await api.get("/session/current.json")).data, "current_user")
        except (Gone, NeedsLogin):
            found = {}
        if not line(found, "username"):
            raise NeedsLogin("discourse.bad_token", host=api.host)
        return Known(line(found, "username") or "")


class _DiscourseWalk(Walk):
    """One run over one forum. ``state.memo``: ``todo`` (what the list left to fetch), ``onward`` (the list's next
    page), ``done`` (topics seen lately), ``path``, ``who``, ``bad``."""

    platform = PLATFORM
    capabilities = Discourse.capabilities
    ordered = False

    async def begin(self) -> None:
        instance = self.query.instance or split(clean(self.query.value).strip()).netloc
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        self.api = Api(origin_of(instance).origin, self.query.token, self.http)
        try:
            facts = (await self.api.get("/site.json")).data
        except (Gone, BrokenAnswer) as error:
            if error.key not in ("net.gone", "net.html", "discourse.gone"):
                raise
            facts = {}
        if not any(isinstance(facts.get(name), list) for name in ("categories", "groups", "post_action_types")):
            raise BadQuery("discourse.not_discourse", host=self.api.host)
        self.facts = facts
        self.forum = Forum(self.api.host, self.api.base, categories_in(facts))
        self.about = Topic("")
        self.at = ""
        self.cache: dict[str, Answer[Any]] = {}

    # ------------------------------------------------------------------ what is asked for

    async def opening(self) -> list[Record]:
        value, memo = clean(self.query.value).strip(), self.state.memo
        steps = [unquote(step) for step in split(value).path.split("/") if step] if "://" in value else []
        match self.query.mode:
            case "tag":
                memo["path"] = f"/tag/{quote(tag_name(steps[-1] if steps[:1] == ['tag'] else value), safe='')}.json"
            case "group":
                return await self._find_group(value, steps)
            case "account":
                return await self._find_person(steps[1] if steps[:1] == ["u"] and len(steps) > 1 else value)
            case "topic" | "post":
                numbers = [step for step in steps or value.split("/") if step.isascii() and step.isdigit()]
                if not numbers or (steps and steps[0] != "t"):
                    raise BadQuery("discourse.bad_topic", value=one_line(value, 200))
                number = int(numbers[1][:9]) if len(numbers) > 1 and self.query.mode == "post" else 1
                memo["todo"], memo["onward"] = [{"id": numbers[0][:18], "number": number}], None
                self.state.next, self.state.said = {"page": 0, "at": 0}, 1
        return []

    async def _find_person(self, name: str) -> list[Record]:
        name = fold(name).lstrip("@")
        answer = await self.api.get(f"/u/{quote(name, safe='')}.json")
        user = inner(answer.data, "user")
        try:
            found = account(user, self.forum, answer.fetched)
        except Unusable as error:
            raise BrokenAnswer(str(error), host=self.api.host) from None
        self.state.memo["who"] = name
        if user.get("profile_hidden") is True:
            self.note("discourse.profile_hidden", name=found.native_id)
            self.state.next, self.state.reason = None, "discourse.hidden_by_person"
        return [found]

    async def _find_group(self, value: str, steps: Sequence[str]) -> list[Record]:
        """A category by number, slug or name, else a group of people by name. Raises BadQuery with what there is."""
        numbers = [step for step in steps[1:] if step.isascii() and step.isdigit()] if steps[:1] == ["c"] else []
        wanted = fold(numbers[-1] if numbers else steps[-1] if steps[:1] == ["c"] else value)
        if not self.forum.categories:
            more = categories_in((await self.api.get("/categories.json", {"include_subcategories": "true"})).data)
            self.forum = Forum(self.api.host, self.api.base, more)
        if steps[:1] not in (["g"], ["groups"]):
            for number, one in self.forum.categories.items():
                if wanted == number or wanted in (fold(str(one.get("slug") or "")), fold(str(one.get("name") or ""))):
                    self.state.memo["path"] = f"/c/{quote(line(one, 'slug') or '-', safe='')}/{number}.json"
                    said_, timeless = count(one.get("topic_count")), self.query.since is None is self.query.until
                    self.state.said = said_ if timeless else None
                    return []
        name = fold(steps[1]) if steps[:1] in (["g"], ["groups"]) and len(steps) > 1 else wanted.lstrip("@")
        known = groups_named(self.facts)
        if name not in known and not steps:
            nearest = [str(one.get("slug") or one.get("name")) for one in self.forum.categories.values()]
            nearest.sort(key=lambda other: (wanted not in fold(other), len(other)))
            names = one_line("、".join(nearest[:8]), 300)
            raise BadQuery("discourse.no_group", value=one_line(value, 60), host=self.api.host, names=names)
        self.state.memo["who"] = name
        return await self._members(name, known.get(name, {}))

    async def _members(self, name: str, source: Mapping[str, Any]) -> list[Record]:
        """Who is in a group of people, as far as the forum shows it."""
        place = self.forum.user_group(source, name)
        found: list[Record] = []
        for page in range(_MEMBER_PAGES):
            params = {"limit": _MEMBERS, "offset": page * _MEMBERS}
            try:
                answer = await self.api.get(f"/groups/{quote(name, safe='')}/members.json", params)
            except NeedsLogin:
                self.note("discourse.members_hidden", name=place.native_id)
                return []
            rows = each(answer.data, "members") + (each(answer.data, "owners") if page == 0 else [])
            people = {one.native_id: one for row in rows if (one := self._person(row, answer))}
            found += [Membership(one, place) for one in people.values()]
            total = count(inner(answer.data, "meta").get("total")) or 0
            if not rows or (page + 1) * _MEMBERS >= total:
                return found
        self.note("discourse.members_cut", name=place.native_id, count=len(found))
        return found

    def _person(self, row: Mapping[str, Any], answer: Answer[Any]) -> Account | None:
        try:
            return account(dict(row) | {"title": None}, self.forum, answer.fetched)
        except Unusable:
            return None

    # ------------------------------------------------------------------ lists of topics and posts

    async def listing(self, place: Place) -> Sheet:
        page, at = int(place.get("page", 0)), place.get("at")
        if at is not None:
            return await self._fetch(page, int(at))
        self.at = ""
        memo, lists = self.state.memo, self._lists()
        rows, entries, onward, capped = await lists(page)
        self._refuse_unknown(rows)
        done: list[str] = memo.get("done", [])
        keys = [f"{entry['id']}:{','.join(entry.get('posts', ()))}" for entry in entries]
        memo["todo"] = [entry for entry, key in zip(entries, keys, strict=True) if key not in done]
        memo["done"] = (done + [key for key in keys if key not in done])[-200:]
        memo["onward"] = {"page": page + 1} if onward else None
        following = {"page": page, "at": 0} if memo["todo"] else memo["onward"]
        reason = "discourse.search_cut" if capped else None
        return Sheet(rows, following, capped=capped, reason=reason)

    def _refuse_unknown(self, rows: Sequence[Any]) -> None:
        """Rows of a list that name nothing are told; where all do, the list has another shape."""
        posts = "path" not in self.state.memo
        good = [row for row in rows if isinstance(row, Mapping) and ident(row.get("topic_id" if posts else "id"))]
        if rows and not good:
            raise BrokenAnswer("collect.nothing_readable", platform=PLATFORM, reason="discourse.no_id")
        if len(good) < len(rows):
            self.note("discourse.rows_unread", count=len(rows) - len(good), host=self.api.host)

    def _lists(self) -> Callable[[int], Any]:
        if self.query.mode == "keyword":
            return self._search
        if self.query.mode == "account":
            return self._actions
        return self._topics if "path" in self.state.memo else self._group_posts

    async def _topics(self, page: int) -> tuple[list[Any], list[dict[str, Any]], bool, bool]:
        """A page of topics, newest first by creation: what is bumped meanwhile does not move."""
        memo, params = self.state.memo, {"page": page, "order": "created", "ascending": "false"}
        try:
            answer = await self.api.get(memo["path"], params)
        except Gone:
            if self.query.mode != "tag" or page:
                raise
            memo["path"] = await self._newer_tag_path()
            answer = await self.api.get(memo["path"], params)
        about = answer.data.get("topic_list")
        if not isinstance(about, Mapping) or not isinstance(about.get("topics"), list):
            raise BrokenAnswer("net.shape", url=self.api.host)
        rows = about["topics"]
        good = [row for row in rows if isinstance(row, Mapping) and ident(row.get("id"))]
        since, until = self.query.since, self.query.until
        entries, fresh = [], False
        for row in good:
            when = (moment(row.get("created_at")) or (None,))[0]
            new = when is None or since is None or when >= since
            fresh = fresh or (new and row.get("pinned") is not True)
            if new and topic(row).open and (when is None or until is None or when <= until):
                entries.append({"id": ident(row.get("id"))})
        full = len(rows) >= (count(about.get("per_page")) or 30)
        more = bool(rows) and (bool(about.get("more_topics_url")) or full)
        return rows, entries, more and (fresh or not good), False

    async def _newer_tag_path(self) -> str:
        """The address of a tag on newer forums, which number them."""
        wanted = fold(tag_name(clean(self.query.value)))
        named: list[str] = []
        for one in each((await self.api.get("/tags.json")).data, "tags"):
            name, number = line(one, "text") or line(one, "name") or "", ident(one.get("id"))
            if fold(name) == wanted and number.isdigit():
                slug = line(one, "slug") or "-"
                return f"/tag/{quote(slug, safe='')}/{number}.json"
            named.append(name)
        named.sort(key=lambda name: (wanted not in fold(name) and fold(name) not in wanted, len(name)))
        names = one_line("、".join(named[:8]), 300) or "—"
        raise BadQuery("discourse.no_tag", tag=one_line(wanted, 60), host=self.api.host, names=names)

    async def _search(self, page: int) -> tuple[list[Any], list[dict[str, Any]], bool, bool]:
        """A page of what a search finds; times are asked for in whole days, with one to spare."""
        words = one_line(self.query.value, 400)
        if self.query.since is not None:
            words += f" after:{day(self.query.since - _DAY)}"
        if self.query.until is not None:
            words += f" before:{day(self.query.until + 2 * _DAY)}"
        data = (await self.api.get("/search.json", {"q": f"{words} order:latest", "page": page + 1})).data
        rows = data.get("posts")
        if not isinstance(rows, list):
            if not isinstance(data.get("grouped_search_result"), Mapping) and "topics" not in data:
                raise BrokenAnswer("net.shape", url=self.api.host)
            rows = []
        topics = {ident(one.get("id")): one for one in each(data, "topics")}
        more = inner(data, "grouped_search_result").get("more_full_page_results") is True and bool(rows)
        capped = more and page + 1 >= _SEARCH_PAGES
        return rows, by_topic(rows, "id", topics), more and not capped, capped

    async def _actions(self, page: int) -> tuple[list[Any], list[dict[str, Any]], bool, bool]:
        """Topics and replies of a person; the numbers of the posts, for the list holds excerpts only."""
        offset = self.state.memo.get("offset", 0) if page else 0
        params: dict[str, object] = {"username": self.state.memo["who"], "filter": "4,5", "offset": offset}
        data = (await self.api.get("/user_actions.json", params)).data
        rows = data.get("user_actions")
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=self.api.host)
        self.state.memo["offset"] = offset + len(rows)
        return rows, self._in_time(rows, "post_id"), bool(rows) and not self._past(rows), False

    async def _group_posts(self, page: int) -> tuple[list[Any], list[dict[str, Any]], bool, bool]:
        """What the people of a group write, newest first, going on before the last post."""
        memo = self.state.memo
        params: dict[str, object] = memo.get("before", {}) if page else {}
        data = (await self.api.get(f"/groups/{quote(memo['who'], safe='')}/posts.json", params, (dict, list))).data
        rows = data.get("posts") if isinstance(data, dict) else data
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=self.api.host)
        if rows and isinstance(rows[-1], Mapping):
            memo["before"] = {"before": line(rows[-1], "created_at") or "", "before_post_id": ident(rows[-1].get("id"))}
        return rows, self._in_time(rows, "id"), bool(rows) and not self._past(rows), False

    def _in_time(self, rows: Sequence[Any], name: str) -> list[dict[str, Any]]:
        since, until = self.query.since, self.query.until
        good = []
        for row in rows:
            when = when_made(row)
            if when is None or ((since is None or when >= since) and (until is None or when <= until)):
                good.append(row)
        return by_topic(good, name, {})

    def _past(self, rows: Sequence[Any]) -> bool:
        times = [when for row in rows if (when := when_made(row)) is not None]
        return self.query.since is not None and bool(times) and max(times) < self.query.since

    # ------------------------------------------------------------------ what was written

    async def _fetch(self, page: int, at: int) -> Sheet:
        """The next of what the list left to fetch: a topic, or some posts of one."""
        memo, entry = self.state.memo, self.state.memo["todo"][0]
        memo["todo"] = memo["todo"][1:]
        following = {"page": page, "at": at + 1} if memo["todo"] else memo["onward"]
        self.at = f"{page}.{at}:"
        local = quote(entry["id"], safe="")
        try:
            if posts := entry.get("posts"):
                self.about = topic(entry)
                answer = await self._posts(local, posts)
                rows: list[Any] = each(inner(answer.data, "post_stream"), "posts")
            else:
                number = entry.get("number", 1)
                answer = await self.api.get(f"/t/{local}.json" if number == 1 else f"/t/{local}/{number}.json")
                if number == 1:
                    self.cache = {entry["id"]: answer}
                self.about = topic(answer.data)
                every = inner(answer.data, "post_stream").get("posts")
                if not isinstance(every, list):
                    raise BrokenAnswer("net.shape", url=self.api.host)
                rows = [one for one in every if isinstance(one, Mapping) and one.get("post_number") == number]
                if not rows and number > 1:
                    raise Gone("discourse.gone", host=self.api.host)
                rows = rows or every[:1]
        except Gone:
            if self._single:
                raise
            self.note("collect.gone_skipped", count=1)
            return Sheet([], following)
        except Unusable as error:
            raise BrokenAnswer(str(error), host=self.api.host) from None
        return Sheet(rows, following, fetched=answer.fetched)

    async def _posts(self, local: str, numbers: Iterable[str]) -> Answer[Any]:
        return await self.api.get(f"/t/{local}/posts.json", [("post_ids[]", number) for number in numbers])

    @property
    def _single(self) -> bool:
        return self.query.mode in ("topic", "post")

    def bearable(self, good: int) -> bool:
        """One topic that cannot be read may be odd; several in a row are another format."""
        memo = self.state.memo
        if good or not self.at:
            if self.at:
                memo.pop("bad", None)
            return good > 0
        memo["bad"] = memo.get("bad", 0) + bool(self.rejected)
        last = self.state.seen == 0 and memo["onward"] is None and not memo["todo"]
        return not (self._single or memo["bad"] >= _BAD or last)

    def key_of(self, row: Any) -> str:
        """Rows of a list by what they name; what was fetched is new each time (posts are known by themselves)."""
        if not isinstance(row, Mapping):
            return f"{self.at}{row!r:.200}"
        return f"{self.at}{row.get('post_id') or ''}:{row.get('id')}"

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        if not self.at:
            return []
        found = self._said(row, sheet)
        if found.gone:
            if self._single:
                raise Gone("discourse.gone", host=self.api.host)
            self.state.reason = self.state.reason or "discourse.hidden"
            return []
        post, about = found.post, self.about
        memo: dict[str, Any] = {"about": {"id": about.local, "slug": about.slug, "category_id": about.category}}
        if self.query.mode == "topic" and "replies" not in self.query.relations:
            more = {"local": about.local, "said": post.comments, "root": post.native_id, "memo": memo}
            self.ask("replies", post.native_id, **more)
        memo["post"] = {"id": found.local, "number": found.number}
        also: list[Record] = []
        if self.query.mode == "group" and post.author:
            if "path" not in self.state.memo:
                source = groups_named(self.facts).get(self.state.memo["who"], {})
                also = [Membership(post.author, self.forum.user_group(source, self.state.memo["who"]))]
            elif post.group:
                also = [Membership(post.author, post.group)]
        return [Item(post, about.local, also=tuple(also), memo=memo)]

    def _said(self, row: Any, sheet: Sheet) -> Said:
        return said(row, self.about, self.forum, sheet.fetched, one_line(self.query.value, 200))

    # ------------------------------------------------------------------ replies and likes

    async def relation(self, task: Task) -> Sheet:
        self.at = ""
        if task.kind == "likes":
            return await self._likes(task)
        self.about = topic(task.memo["about"])
        if inner(task.memo, "post").get("number", 1) != 1:
            return self._shown(task, *await self._answers_to(task))
        memo, local = task.memo, quote(self.about.local, safe="")
        if "rest" not in memo:
            answer = self.cache.pop(self.about.local, None) or await self.api.get(f"/t/{local}.json")
            stream = inner(answer.data, "post_stream")
            rows = each(stream, "posts")
            here = {ident(one.get("id")) for one in rows}
            every = stream.get("stream")
            named = [ident(one) for one in every] if isinstance(every, list) else []
            memo["rest"] = [one for one in named if one and one not in here]
        else:
            batch, memo["rest"] = memo["rest"][:BATCH], memo["rest"][BATCH:]
            answer = await self._posts(local, batch)
            rows = each(inner(answer.data, "post_stream"), "posts")
        rows = [one for one in rows if one.get("post_number") != 1]
        return self._shown(task, rows, {"left": len(memo["rest"])} if memo["rest"] else None, answer)

    async def _answers_to(self, task: Task) -> tuple[list[Mapping[str, Any]], Place | None, Answer[Any]]:
        """Direct answers to one post that is not the first of its topic."""
        local = quote(str(task.memo["post"]["id"]), safe="")
        answer = await self.api.get(f"/posts/{local}/replies.json", task.next, (list, dict))
        rows = each({"rows": answer.data}, "rows") if isinstance(answer.data, list) else each(answer.data, "posts")
        last = max((count(one.get("post_number")) or 0 for one in rows), default=0)
        more = bool(rows) and task.seen + len(rows) < (task.said or 0)
        return rows, {"after": last} if more else None, answer

    def _shown(self, task: Task, rows: Sequence[Mapping[str, Any]], place: Place | None, answer: Answer[Any]) -> Sheet:
        """Without lines of the forum itself, and without what was deleted or hidden, which is told."""
        kept: list[Any] = []
        sheet = Sheet(kept, place, fetched=answer.fetched)
        for row in rows:
            if is_system_line(row):
                continue
            try:
                if self._said(row, sheet).gone:
                    task.memo["gone"] = True
                    continue
            except Unusable:
                pass  # refused, with its reason, where it is read
            kept.append(row)
        sheet.reason = "discourse.hidden" if task.memo.get("gone") and place is None else None
        return sheet

    async def _likes(self, task: Task) -> Sheet:
        """Who liked a post. Newer forums cut long lists into pages and say how many there are."""
        page = int(task.next.get("page", 0))
        which = inner(task.memo, "post").get("id")
        params: dict[str, object] = {"id": which, "post_action_type_id": 2, "limit": _LIKERS, "page": page}
        answer = await self.api.get("/post_action_users.json", params)
        rows = answer.data.get("post_action_users")
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=self.api.host)
        total = count(answer.data.get("total_rows_post_action_users"))
        more = bool(rows) and total is not None and task.seen + len(rows) < total
        return Sheet(rows, {"page": page + 1} if more else None, said=total, fetched=answer.fetched)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        if task.kind == "likes":
            if not isinstance(row, Mapping):
                raise Unusable("collect.no_author")
            actor = account({**row, "title": None}, self.forum, sheet.fetched)
            target = Account(PLATFORM, task.who)
            return [Interaction(PLATFORM, actor, target, "like", post=task.key)] if task.who else []
        return [self._said(row, sheet).post]
