"""Bilibili as its pages read it without a signature: search, topics, one video, comments, cards. Reads only.

Decided: no WBI signature, so nothing that asks for one (a person's own list of videos, a single dynamic). Everything
here is asked as a visitor, with the visitor's number that the platform gives out; the user's own cookie goes only
where a visitor is shown nothing (deeper pages of comments, lists of followers).
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Record, Rejected
from xunke.text import clean, fold, one_line

from .address import origin_of
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .bilibili_ids import aid_of
from .bilibili_map import (
    PLATFORM,
    Dynamic,
    card,
    comment,
    dynamic,
    found_video,
    number,
    one_video,
    person,
    repost,
)  # fmt: skip
from .facts import count, each, epoch, inner, line
from .http import USER_AGENT, Answer, Reply, Transport
from .walk import Item, Place, Sheet, Task, Unusable, Walk

API: Final = "api.bilibili.com"
APP: Final = "app.bilibili.com"
OLD: Final = "api.vc.bilibili.com"
WEB: Final = "https://www.bilibili.com/"
_AGENT: Final = f"Mozilla/5.0 (compatible) {USER_AGENT}"
"""As its pages are asked; who we are stays in it."""

MOST_PAGES: Final = 50
MOST_FOUND: Final = 1_000
FOLLOWER_PAGES: Final = 5
_PER_PAGE: Final = 20
_TOO_FAST: Final = 60.0
_CODE: Final = re.compile(r"-?[0-9]{1,9}")
_VISITOR: Final = re.compile(r"[\w.%+/=-]{4,200}")
_VIDEO: Final = re.compile(r"(?:^|/video/)(?:av)?(?P<aid>\d{1,19})/?$|(?:^|/video/)(?P<bvid>BV1\w{9})/?$", re.I)
_DYNAMIC: Final = re.compile(r"/(?:opus|dynamic)/\d+", re.I)

_CODES: Final[Mapping[int, tuple[type[CollectorError], str]]] = {
    -6: (NeedsLogin, "bilibili.needs_login"), -101: (NeedsLogin, "bilibili.needs_login"),
    -111: (NeedsLogin, "bilibili.needs_login"), -400: (BadQuery, "bilibili.bad_query"),
    -403: (Blocked, "bilibili.refused"), -404: (Gone, "bilibili.gone"), -412: (Blocked, "bilibili.risk"),
    -352: (Blocked, "bilibili.risk"), 12002: (Gone, "bilibili.comments_closed"),
    12009: (Gone, "bilibili.comments_none"), 22007: (Gone, "bilibili.followers_cut"),
    22115: (Gone, "bilibili.followers_hidden"), 62002: (Gone, "bilibili.gone"), 62004: (Gone, "bilibili.gone"),
    62012: (Gone, "bilibili.gone"),
}  # fmt: skip
_LATER: Final[Mapping[int, float]] = {-799: _TOO_FAST, -509: _TOO_FAST, -500: 300, -502: 300, -503: 300, -504: 300}
_ENDS: Final = frozenset(
    {"bilibili.comments_closed", "bilibili.comments_none", "bilibili.followers_cut", "bilibili.followers_hidden"}
)
"""What is gone on purpose: the end of a list with its reason, no post that vanished."""


def judge(reply: Reply) -> CollectorError | None:
    """Read the code inside an answer. A refusal may come as HTTP 412 (JSON or a page), as ``code`` -352 or -412, or as
    a good answer that holds nothing but a ``v_voucher`` (a ticket for a captcha)."""
    if reply.status == 412:
        return Blocked("bilibili.risk", code=412)
    data = reply.json()
    if not isinstance(data, Mapping):
        return None
    code = data.get("code")
    code = int(code) if isinstance(code, str) and _CODE.fullmatch(code) else code
    if "v_voucher" in inner(data, "data"):
        return Blocked("bilibili.risk", code=code if isinstance(code, int) else 0)
    if not isinstance(code, int) or isinstance(code, bool) or code == 0:
        return None
    if code in _LATER:
        return Retry("bilibili.later", _LATER[code], code=code)
    said = line(data, "message", 160) or line(data, "msg", 160) or ""
    kind, key = _CODES.get(code, (BrokenAnswer, "bilibili.code"))
    return kind(key, code=code, said=said)


class Bilibili:
    """Videos by keyword, tag, topic or person, one video, with comments, reposts and (with a cookie) followers."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"keyword", "tag", "topic", "account", "post"}),
        relations=frozenset({"replies", "reposts", "likes", "followers", "following"}),
        access=frozenset({"anonymous", "own_cookie"}),
        needs={"followers": "own_cookie", "following": "own_cookie"},
        logins=(Login("own_cookie", ("cookie",)),),
        default_instance="https://www.bilibili.com",
        pace=2.0,
        window_days=30,
        limits=(
            "bilibili.limit_search", "bilibili.limit_account", "bilibili.limit_comments", "bilibili.limit_reposts",
            "bilibili.limit_followers", "bilibili.limit_tag",
        ),
        legal=("bilibili.legal_letter", "bilibili.legal_volume"),
        experimental=True,
    )  # fmt: skip

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        return BilibiliWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Who the user's own cookie belongs to. Raises NeedsLogin if it is no longer good."""
        base = _base(instance) or f"https://{API}"
        http.share(API)
        answer = await http.get_json(
            base + "/x/web-interface/nav", cookie=_own(credentials) or None, expect=dict,
            headers={"Referer": WEB, "User-Agent": _AGENT},
            judge=judge,
        )  # fmt: skip
        facts = inner(answer.data, "data")
        if facts.get("isLogin") is not True:
            raise NeedsLogin("bilibili.needs_login", code=0, said="")
        name = line(facts, "uname", 200) or number(facts.get("mid"))
        if not name:
            raise BrokenAnswer("bilibili.no_name")
        return Known(name, notes=(("bilibili.cookie_reads", {}),))


def _own(credentials: Mapping[str, str]) -> str:
    return credentials.get("cookie", "").strip().removeprefix("Cookie:").strip()


def _base(instance: str | None) -> str:
    """Another server in the place of all of the platform's own hosts; "" where none, or its site itself, is named."""
    if not instance:
        return ""
    found = origin_of(instance)
    return "" if f".{found.host}".endswith(".bilibili.com") else found.origin


class BilibiliWalk(Walk):
    """One run."""

    platform = PLATFORM
    capabilities = Bilibili.capabilities

    # ------------------------------------------------------------------ asking

    async def begin(self) -> None:
        """The visitor's number, once for many runs."""
        self.base = _base(self.query.instance)
        self.own = _own(self.query.credentials)
        self.http.share(API, APP, OLD)  # the site itself has no interface; what it may see goes to these
        if self.query.mode == "post":
            self.video()  # a wrong name is said before anything is asked
        kept = self.http.vault.get("visitor")
        self.visitor = kept or ""
        if not kept:
            answer = await self.get("/x/frontend/finger/spi")
            parts = [inner(answer.data, "data").get(name) for name in ("b_3", "b_4")]
            if not all(isinstance(part, str) and _VISITOR.fullmatch(part) for part in parts):
                raise BrokenAnswer("bilibili.no_visitor")
            self.visitor = f"buvid3={parts[0]}; buvid4={quote(str(parts[1]), safe='%')}"
            self.http.vault["visitor"] = self.visitor

    async def get(
        self, path: str, params: Mapping[str, object] | None = None, *, host: str = API, referer: str = WEB,
        own: bool = False,
    ) -> Answer[Any]:  # fmt: skip
        """One answer with code 0. ``own``: with the user's cookie, where there is one."""
        cookie = "; ".join(part for part in (self.visitor, self.own if own else "") if part)
        answer = await self.http.get_json(
            (self.base or f"https://{host}") + path, params, cookie=cookie or None,
            headers={"Referer": referer, "User-Agent": _AGENT},
            expect=dict, judge=judge,
        )  # fmt: skip
        if str(answer.data.get("code")) != "0" or not isinstance(answer.data.get("data"), dict | list):
            raise BrokenAnswer("net.shape", url=answer.url.partition("?")[0])
        return answer

    # ------------------------------------------------------------------ what is asked for

    async def opening(self) -> list[Record]:
        if self.query.mode == "topic":
            await self._find_topic()
        return await self._find_person() if self.query.mode == "account" else []

    async def _find_topic(self) -> None:
        value = clean(self.query.value).strip().strip("#＃").strip()
        topic = _parameter(value, "topic_id") or number(value)
        if topic:
            try:
                answer = await self.get("/x/topic/web/details/top", {"topic_id": topic}, host=APP)
            except BrokenAnswer:  # only a courtesy: the cards say whether there is such a topic
                return self._take_topic(topic, None)
            item = inner(inner(inner(answer.data, "data"), "top_details"), "topic_item")
            self.state.said = count(item.get("discuss"))
            return self._take_topic(topic, line(item, "name", 200))
        answer = await self.get(
            "/x/topic/pub/search", {"keyword": value, "page_num": 1, "page_size": _PER_PAGE}, host=APP
        )
        found: dict[str, Mapping[str, Any]] = {}
        for one in each(inner(answer.data, "data"), "topic_items"):
            found.setdefault(fold(str(one.get("name"))), one)
        item = found.get(fold(value), {})
        if not number(item.get("id")):
            near = "、".join(one_line(str(one.get("name")), 40) for one in list(found.values())[:5])
            raise Gone("bilibili.no_topic", name=one_line(value, 80), near=near)
        self.state.said = count(item.get("discuss"))
        return self._take_topic(number(item["id"]), line(item, "name", 200))

    def _take_topic(self, topic: str, name: str | None) -> None:
        self.state.memo |= {"topic": topic, "name": name or ""}

    async def _find_person(self) -> list[Record]:
        value = clean(self.query.value).strip().lstrip("@＠")
        path = _path(value)
        mid = number(value if path is None else path.strip("/").partition("/")[0])
        if not mid:
            params = {"search_type": "bili_user", "keyword": value, "page": 1, "order": "totalrank"}
            answer = await self.get("/x/web-interface/search/type", params, referer=_search_page(value))
            people = [
                one for one in each(inner(answer.data, "data"), "result") if fold(str(one.get("uname"))) == fold(value)
            ]
            mid = number(people[0].get("mid")) if people else ""
        if not mid:
            raise Gone("bilibili.no_person", name=one_line(value, 80))
        answer = await self.get("/x/web-interface/card", {"mid": mid})
        try:
            who = card(inner(answer.data, "data"), answer.fetched)
        except Unusable as error:
            raise BrokenAnswer(str(error)) from None
        if who.native_id != mid or not who.name:
            raise BrokenAnswer("net.shape", url=f"https://{API}/x/web-interface/card")
        self.state.memo |= {"who": mid, "name": who.name}
        self.note("bilibili.account_by_search", name=who.name)
        for relation in sorted(self.query.relations & {"followers", "following"}):
            self.ask(relation, mid, local=mid, who=mid, said=getattr(who, relation))
        return [who]

    def video(self) -> dict[str, str]:
        """The video that a query for one post names. Raises BadQuery."""
        value = clean(self.query.value).strip()
        path = _path(value)
        if path is not None and (_DYNAMIC.search(path) or "//t.bilibili.com/" in f"//{value}"):
            raise BadQuery("bilibili.dynamic_signed")
        found = _VIDEO.search(value if path is None else path) if path or "/" not in value else None
        if found and found["aid"]:
            return {"aid": found["aid"]}
        if found and aid_of(found["bvid"]):
            return {"bvid": "BV" + found["bvid"][2:]}
        raise BadQuery("bilibili.not_a_name", value=one_line(value, 80))

    # ------------------------------------------------------------------ posts

    def key_of(self, row: Any) -> str:
        """What an object is known by, whatever kind it is."""
        if isinstance(row, Mapping):
            inside = inner(row, "dynamic_card_item") or inner(row, "desc") or inner(row, "view") or row
            for name in ("rpid", "id_str", "dynamic_id_str", "aid", "mid", "id"):
                if number(inside.get(name)):
                    return f"{name}:{number(inside.get(name))}"
        return f"{row!r:.200}"

    async def listing(self, place: Place) -> Sheet:
        if self.query.mode == "post":
            return await self._one()
        if self.query.mode == "topic":
            return await self._cards(place)
        return await self._search(place)

    async def _one(self) -> Sheet:
        of = self.video()
        page = "https://www.bilibili.com/video/" + (of.get("bvid") or "av" + of["aid"])
        answer = await self.get("/x/web-interface/view", of, referer=page)
        try:
            tags = each((await self.get("/x/web-interface/view/detail/tag", of, referer=page)).data, "data")
        except Gone:
            tags = []
        return Sheet([{"view": answer.data["data"], "tags": tags}], said=1, fetched=answer.fetched)

    async def _search(self, place: Place) -> Sheet:
        """The newest videos for some words, a page of twenty; the platform ends at fifty pages."""
        mode, page = self.query.mode, int(place.get("page", 1))
        words = self.state.memo["name"] if mode == "account" else clean(self.query.value).strip().strip("#＃").strip()
        params: dict[str, object] = {
            "search_type": "video", "keyword": words, "page": page, "order": "pubdate", "tids": 0,
        }  # fmt: skip
        since, until = self.query.since, self.query.until
        if since is not None or until is not None:
            end = int(time.time()) if until is None else until
            params |= {"pubtime_begin_s": max(since or 0, 0), "pubtime_end_s": end}
        answer = await self.get("/x/web-interface/search/type", params, referer=_search_page(words))
        data = inner(answer.data, "data")
        rows, said = data.get("result"), count(data.get("numResults"))
        if rows is None and said == 0:  # a missing list means that nothing was found, but only then
            return Sheet([], said=0 if mode == "keyword" else None, fetched=answer.fetched)
        if not isinstance(rows, list) or (page == 1 and not rows and said != 0):
            raise BrokenAnswer("bilibili.no_result")
        last = count(data.get("numPages"))
        last = -(-(said or 0) // _PER_PAGE) if last is None else last
        full = (said or 0) >= MOST_FOUND or last >= MOST_PAGES
        over = page >= min(last, MOST_PAGES)
        return Sheet(
            [row for row in rows if not isinstance(row, Mapping) or row.get("type", "video") == "video"],
            None if over else {"page": page + 1},
            None if full or mode != "keyword" else said,
            answer.fetched,
            capped=over and full,
            reason="bilibili.search_full" if over and full else None,
        )

    async def _cards(self, place: Place) -> Sheet:
        """The newest posts of a topic."""
        params = {"topic_id": self.state.memo["topic"], "sort_by": 3, "offset": place.get("offset", ""),
                  "page_size": _PER_PAGE, "source": "Web"}  # fmt: skip
        referer = f"https://www.bilibili.com/v/topic/detail/?topic_id={self.state.memo['topic']}"
        answer = await self.get("/x/topic/web/details/cards", params, host=APP, referer=referer)
        data = inner(answer.data, "data")
        cards = inner(data, "topic_card_list")
        rows, onward = cards.get("items"), cards.get("offset")
        if rows is None and "topic_card_list" in data and not cards.get("has_more"):
            rows = []
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=f"https://{APP}/x/topic/web/details/cards")
        more = cards.get("has_more") in (True, 1) and isinstance(onward, str | int) and onward != ""
        return Sheet(rows, {"offset": str(onward)} if more else None, fetched=answer.fetched)

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        query = one_line(self.query.value, 200)
        if self.query.mode == "topic":
            return self._read_dynamic(row, sheet, query)
        if self.query.mode == "post":
            post = one_video(row["view"], row["tags"], sheet.fetched, query)
        else:
            post = found_video(row, sheet.fetched, query)
            if self.query.mode == "tag" and not self._carries_tag(row):
                return ()
            if self.query.mode == "account" and (not post.author or post.author.native_id != self.state.memo["who"]):
                return ()
        who = post.author.native_id if post.author else ""
        return (Item(post, author_local=who, memo={"oid": post.native_id, "type": 1}),)

    def _carries_tag(self, row: Mapping[str, Any]) -> bool:
        listed = row.get("tag")
        wanted = fold(self.query.value).strip("#＃")
        return isinstance(listed, str) and wanted in {fold(tag) for tag in listed.split(",")}

    def _read_dynamic(self, row: Any, sheet: Sheet, query: str) -> Iterable[Item]:
        source = row
        if isinstance(row, Mapping) and isinstance(row.get("dynamic_card_item"), Mapping):
            source = row["dynamic_card_item"]
        found: Dynamic = dynamic(source, sheet.fetched, query)
        memo: dict[str, Any] = {"dynamic": found.local}
        if found.oid:
            memo |= {"oid": found.oid, "type": found.kind}
        also = (found.original.post,) if found.original else ()
        who = found.post.author.native_id if found.post.author else ""
        return (Item(found.post, local=found.local, author_local=who, also=also, memo=memo),)

    # ------------------------------------------------------------------ what hangs on them

    async def relation(self, task: Task) -> Sheet:
        asks = {"replies": self._comments, "reposts": self._reposts, "likes": self._likes}
        try:
            return await asks.get(task.kind, self._people)(task)
        except Gone as error:
            if error.key in _ENDS:
                return Sheet([], reason=error.key)
            raise

    async def _comments(self, task: Task) -> Sheet:
        """Comments, newest first, twenty a page. A visitor is shown the first page only: deeper ones repeat or are
        empty without a word, so they are not asked for. Answers of one comment are open."""
        memo, page = task.memo, int(task.next.get("pn", 1))
        if not memo.get("oid"):
            return Sheet([], reason="bilibili.comments_none")
        params: dict[str, object] = {"type": memo["type"], "oid": memo["oid"], "pn": page, "ps": _PER_PAGE}
        if memo.get("root"):
            answer = await self.get("/x/v2/reply/reply", params | {"root": memo["root"]}, own=True)
        else:
            answer = await self.get("/x/v2/reply", params | {"sort": 0}, own=True)
        data = inner(answer.data, "data")
        if "replies" not in data and "page" not in data:
            raise BrokenAnswer("net.shape", url=f"https://{API}/x/v2/reply")
        rows = data.get("replies")
        if rows is not None and not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=f"https://{API}/x/v2/reply")
        rows, told = rows or [], inner(data, "page")
        said, size = count(told.get("count")), count(told.get("size")) or _PER_PAGE
        more = said is not None and page * size < said
        shown = [*each(data, "hots"), *rows] if page == 1 else rows
        if more and not (self.own or memo.get("root")):
            return Sheet(shown, said=said, fetched=answer.fetched, reason="bilibili.comments_first_page")
        if more and not rows:
            return Sheet(shown, said=said, fetched=answer.fetched, reason="bilibili.comments_withheld")
        return Sheet(shown, {"pn": page + 1} if more else None, said, answer.fetched)

    async def _reposts(self, task: Task) -> Sheet:
        """Who passed a dynamic on; the platform gives about 560 of them. A video has no such list."""
        if not task.memo.get("dynamic"):
            return Sheet([], reason="bilibili.no_such_list")
        params = {"dynamic_id": task.memo["dynamic"], "offset": task.next.get("offset", "")}
        answer = await self.get("/dynamic_repost/v1/dynamic_repost/repost_detail", params, host=OLD)
        data = inner(answer.data, "data")
        return self._listed(task, data, data.get("items"), answer.fetched, "bilibili.reposts_cut")

    async def _likes(self, task: Task) -> Sheet:
        """Who liked a dynamic. A video has no such list."""
        if not task.memo.get("dynamic"):
            return Sheet([], reason="bilibili.no_such_list")
        params = {"id": task.memo["dynamic"], "offset": task.next.get("offset", "")}
        answer = await self.get("/x/polymer/web-dynamic/v1/detail/reaction", params)
        data = inner(answer.data, "data")
        return self._listed(task, data, data.get("items"), answer.fetched, None, told=False)

    def _listed(
        self, task: Task, data: Mapping[str, Any], rows: Any, fetched: int, cut: str | None, *, told: bool = True
    ) -> Sheet:
        """A list that goes on by ``offset``; ``cut``: why it ended before the number it tells."""
        if rows is not None and not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=f"https://{API}/")
        rows, said = rows or [], count(data.get("total")) if told else None
        if not rows and "has_more" not in data:
            raise BrokenAnswer("net.shape", url=f"https://{API}/")
        onward = data.get("offset")
        if data.get("has_more") in (True, 1) and isinstance(onward, str | int) and onward not in ("", 0, "0"):
            return Sheet(rows, {"offset": str(onward)}, said, fetched)
        short = said is not None and task.seen + len(rows) < said
        return Sheet(rows, None, said, fetched, reason=cut if short else None)

    async def _people(self, task: Task) -> Sheet:
        """Followers, or who is followed: with the user's own cookie, and of others the first five pages."""
        if not self.own:
            raise NeedsLogin("bilibili.needs_cookie", relation=task.kind)
        page = int(task.next.get("pn", 1))
        params = {"vmid": task.local, "ps": _PER_PAGE, "pn": page}
        referer = f"https://space.bilibili.com/{task.local}/fans/{'fans' if task.kind == 'followers' else 'follow'}"
        what = "followers" if task.kind == "followers" else "followings"
        answer = await self.get(f"/x/relation/{what}", params, referer=referer, own=True)
        data = inner(answer.data, "data")
        rows, said = data.get("list"), count(data.get("total"))
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=f"https://{API}/x/relation/{what}")
        more = bool(rows) and (said is None or page * _PER_PAGE < said)
        if more and page >= FOLLOWER_PAGES:
            return Sheet(rows, None, said, answer.fetched, reason="bilibili.followers_cut")
        return Sheet(rows, {"pn": page + 1} if more else None, said, answer.fetched)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        if task.kind == "replies":
            return self._thread(task, row, sheet)
        if task.kind == "reposts":
            return (repost(row, task.key, sheet.fetched, one_line(self.query.value, 200)),)
        if not isinstance(row, Mapping):
            raise Unusable("collect.no_author")
        if task.kind == "likes" and "赞" not in str(row.get("action")):
            return ()
        who = person(row, sheet.fetched)
        if who is None:
            raise Unusable("collect.no_author")
        target = Account(PLATFORM, task.who)
        if task.kind == "likes":
            return (Interaction(PLATFORM, who, target, "like", post=task.key),) if task.who else ()
        actor, of = (who, target) if task.kind == "followers" else (target, who)
        return (Interaction(PLATFORM, actor, of, "follow", time=epoch(row.get("mtime"))),)

    def _thread(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """A comment and the answers that came along; the rest of its answers is asked for later."""
        found = comment(row, task.root, sheet.fetched)
        records: list[Record] = [found] if self.first_time(found.native_id) else []
        inside = each(row, "replies")
        for one in inside:
            try:
                answer = comment(one, task.root, sheet.fetched)
            except Unusable as error:
                self.rejected.append(Rejected(0, str(error), error.detail or found.native_id))
                continue
            if self.first_time(answer.native_id):
                records.append(answer)
        if not task.memo.get("root") and (found.comments or 0) > len(inside):
            memo = dict(task.memo) | {"root": found.native_id}
            self.ask("replies", found.native_id, who=task.who, root=task.root, depth=1, said=found.comments, memo=memo)
        return records


def _path(value: str) -> str | None:
    """The path of an address of Bilibili; None for what is none."""
    try:
        parts = urlsplit(value if "://" in value else f"//{value}")
        host = parts.hostname or ""
    except ValueError:
        return None
    return parts.path if host == "bilibili.com" or host.endswith(".bilibili.com") else None


def _parameter(address: str, name: str) -> str:
    found = re.search(rf"[?&]{name}=(\d{{1,19}})", address)
    return found[1] if found else ""


def _search_page(words: str) -> str:
    return "https://search.bilibili.com/all?keyword=" + quote(words, safe="")
