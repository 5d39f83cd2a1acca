"""The V2EX collector against a small hand-made server: invented topics and members, and every trap of its APIs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Query
from collectors.v2ex import V2ex
from collectors.v2ex_map import Floors, member, reply, topic
from collectors.walk import Unusable
from tests.collectors.contract import HOSTILE, CollectorContract, check_record, pages, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin, Retry
from xunke.model import Account, Post

SECRET = "invented-token-0123456789"
REPLIES = frozenset({"replies"})


def who(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 530_000 + n, "username": f"exampleuser{n}", "url": f"https://www.v2ex.com/u/exampleuser{n}",
        "website": "", "github": None, "location": "上海", "tagline": "", "bio": "", "created": 1_611_570_000, "pro": 0,
    } | more  # fmt: skip


NODE = {
    "id": 300, "name": "coffee", "title": "咖啡", "title_alternative": "Coffee", "topics": 45, "aliases": [],
    "url": "https://www.v2ex.com/go/coffee", "parent_node_name": "life",
}  # fmt: skip


def thread(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 1_192_000 + n, "title": f"示例主题 {n}", "url": f"https://www.v2ex.com/t/{1_192_000 + n}",
        "content": "想听听推荐 @exampleuser2", "replies": 3, "created": 1_795_200_000 - n * 60,
        "content_rendered": '想听听推荐 @<a target="_blank" href="/member/exampleuser2">exampleuser2</a>',
        "last_modified": 1_795_200_100, "last_touched": 1_795_210_000 - n * 60, "last_reply_by": "exampleuser3",
        "deleted": 0, "member": who(1), "node": NODE,
    } | more  # fmt: skip


def answer(n: int, root: int, text: str = "试试本地店", by: int = 3, **more: Any) -> dict[str, Any]:
    return {
        "id": 17_320_000 + n, "topic_id": root, "member_id": 530_000 + by, "content": text, "content_rendered": text,
        "created": 1_795_203_600 + n, "last_modified": 1_795_203_600, "member": who(by),
    } | more  # fmt: skip


class Site:
    """V2EX with both APIs: 45 topics in one node, 20 a page; replies of every topic as given."""

    def __init__(self) -> None:
        self.topics = [thread(n) for n in range(45)]
        self.replies: list[dict[str, Any]] = [answer(n, 0) for n in range(3)]
        self.fixed: dict[str, Reply] = {}
        self.circle = self.slow = self.paginated = False

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path
        if path in self.fixed:
            return self.fixed[path]
        if path == "/api/nodes/show.json":
            return Reply(NODE if asked.one("name") == "coffee" else {"status": "notfound"})
        if path == "/api/nodes/all.json":
            return Reply([{"name": "qna", "title": "问与答", "topics": 9}, NODE])
        if self.slow:
            return SILENCE
        if path == "/api/members/show.json":
            good = asked.one("username") == "exampleuser1" or asked.one("id") == "530001"
            return Reply(who(1, status="found") if good else {"status": "notfound"})
        if path == "/api/topics/show.json" and asked.one("id"):
            return Reply([t for t in self.topics if str(t["id"]) == asked.one("id")])
        if path in ("/api/topics/show.json", "/api/topics/hot.json", "/api/topics/latest.json"):
            return Reply(self.topics[:20])
        if path == "/api/replies/show.json":
            page, size = int(asked.one("page", "1")), min(int(asked.one("page_size", "100")), 100)
            return Reply(
                [r | {"topic_id": asked.one("topic_id")} for r in self.replies[(page - 1) * size : page * size]]
            )
        return self.v2(asked) if path.startswith("/api/v2/") else Reply({}, 404)

    def v2(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply({"success": False, "message": "Invalid token"}, 401)
        path, page = asked.path.removeprefix("/api/v2/"), int(asked.one("p", "1"))
        if path == "token":
            now = int(time.time())
            return Reply({"success": True, "result": {"token": SECRET, "created": now - 100, "expiration": 2_592_000}})
        if path == "member":
            return Reply({"success": True, "result": who(9)})
        if path == "nodes/coffee/topics":
            first = 0 if self.circle and page > 3 else (page - 1) * 20
            hidden = ("member", "node", "deleted")
            shown = self.topics[first : first + 20]
            rows = [{k: v for k, v in t.items() if k not in hidden} for t in shown]
            total = {"per_page": 20, "total": len(self.topics), "pages": 9 if self.circle else 3}
            return Reply({"success": True, "result": rows} | ({"pagination": total} if self.paginated else {}))
        if path.endswith("/replies"):
            rows = [{k: v for k, v in r.items() if k not in ("topic_id", "member_id", "last_modified")}
                    for r in self.replies[(page - 1) * 20 : page * 20]]  # fmt: skip
            return Reply({"success": True, "result": rows})
        found = [t for t in self.topics if isinstance(t, dict) and path == f"topics/{t['id']}"]
        if not found:
            return Reply({"success": False, "message": "Object Not Found"}, 404)
        return Reply(
            {"success": True, "result": found[0] | {"supplements": [{"content": "附言", "content_rendered": ""}]}}
        )


async def collect(site: App, folder: Path, mode: str = "group", value: str = "coffee", **more: Any) -> list[Any]:
    with scripted(site) as server:
        async with transport(server.base, folder) as http:
            return await pages(V2ex(), Query(mode, value, server.base, **more), http)  # type: ignore[arg-type]


def posts(found: list[Any], kind: str = "post") -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post) and r.kind == kind]


def deep(**more: Any) -> dict[str, Any]:
    return {"credentials": {"token": SECRET}} | more


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return V2ex()

    def query(self, base: str) -> Query:
        return Query("group", "coffee", base, REPLIES, credentials={"token": SECRET})

    def app(self, flaw: str) -> App:
        site = Site()
        site.circle = site.paginated = flaw == "circle"
        site.slow = flaw == "slow"
        if flaw == "hostile":
            evil = who(1) | dict.fromkeys(("username", "location", "bio", "tagline", "url"), HOSTILE)
            site.topics = [
                thread(1, title=HOSTILE, content=HOSTILE, content_rendered=HOSTILE, url=HOSTILE, member=evil)
            ]
            site.replies = [answer(1, 0, HOSTILE, member=evil)]
        if flaw == "one_bad":
            site.topics[4] = {k: v for k, v in site.topics[4].items() if k != "created"}
        return site

    async def test_one_bad_record_does_not_take_the_page_along(self, tmp_path: Path) -> None:
        self.query = lambda base: Query("group", "coffee", base, credentials={"token": SECRET})  # type: ignore[method-assign]
        await super().test_one_bad_record_does_not_take_the_page_along(tmp_path)


async def test_a_node_without_a_token_is_its_newest_and_says_so(tmp_path: Path) -> None:
    found = await collect(Site(), tmp_path)
    assert len(posts(found)) == 20
    assert found[-1].capped
    extent = found[-1].extents[-1]
    assert (extent.said, extent.seen, extent.reason) == (45, 20, "v2ex.newest_only")
    one = posts(found)[0]
    assert (one.native_id, one.created, one.comments) == ("1192000", 1_795_200_000, 3)
    assert one.group is not None
    assert (one.group.native_id, one.group.name) == ("coffee", "咖啡")
    assert one.author is not None
    assert (one.author.native_id, one.author.region) == ("530001", "上海")


async def test_what_was_touched_before_since_ends_the_newest_without_a_cap(tmp_path: Path) -> None:
    site = Site()
    since = site.topics[5]["last_touched"]
    for one in site.topics:
        one["created"] = one["last_touched"]
    found = await collect(site, tmp_path, since=since)
    assert len(posts(found)) == 6
    assert not found[-1].capped


@pytest.mark.parametrize("paginated", [True, False])
async def test_with_a_token_a_node_is_read_to_its_end_with_authors(tmp_path: Path, paginated: bool) -> None:
    site = Site()
    site.paginated = paginated
    found = await collect(site, tmp_path, **deep())
    assert [p.native_id for p in posts(found)] == [str(t["id"]) for t in site.topics]
    assert all(p.author and p.author.native_id == "530001" for p in posts(found))
    assert "附言" in posts(found)[0].text
    assert not found[-1].capped


async def test_authors_are_asked_for_within_the_time_and_number_wanted_only(tmp_path: Path) -> None:
    site = Site()
    with scripted(site) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("group", "coffee", server.base, limit=3, credentials={"token": SECRET})
            assert len(posts(await pages(V2ex(), query, http))) == 3
    assert sum("/topics/" in one.path for one in server.asked) == 3


async def test_trap_last_touched_in_the_future_or_before_created_ends_nothing(tmp_path: Path) -> None:
    site = Site()
    for one in site.topics[:20]:
        one["created"] -= 10**7
    site.topics[0]["last_touched"] = 1_999_999_999
    site.topics[30]["last_touched"] = 5
    since = 1_795_190_000
    wanted = [str(t["id"]) for t in site.topics if t["created"] >= since]
    assert [p.native_id for p in posts(await collect(site, tmp_path, since=since, **deep()))] == wanted


async def test_trap_replies_count_from_one_as_topics_do(tmp_path: Path) -> None:
    site = Site()
    site.replies = [answer(0, 0, id=1_192_000)]
    found = await collect(site, tmp_path, "post", "https://www.v2ex.com/t/1192000#reply3", relations=REPLIES)
    assert [p.native_id for p in posts(found)] == ["1192000"]
    assert [p.native_id for p in posts(found, "comment")] == ["r_1192000"]


@pytest.mark.parametrize("with_token", [True, False])
async def test_all_pages_of_replies_in_both_apis(tmp_path: Path, with_token: bool) -> None:
    site = Site()
    site.replies = [answer(n, 0, by=n % 7) for n in range(230)]
    site.topics[0]["replies"] = 230
    more = deep() if with_token else {}
    found = await collect(site, tmp_path, "post", "1192000", relations=REPLIES, **more)
    assert [p.native_id for p in posts(found, "comment")] == [f"r_{r['id']}" for r in site.replies]
    assert all(p.root == p.reply_to == "1192000" and p.author for p in posts(found, "comment"))
    [extent] = [e for page in found for e in page.extents if e.kind == "replies"]
    assert (extent.said, extent.seen) == (230, 230)


async def test_a_floor_is_an_answer_only_where_the_name_agrees(tmp_path: Path) -> None:
    site = Site()
    site.replies = [
        answer(1, 0, by=3), answer(2, 0, by=4),
        answer(3, 0, '@<a href="/member/exampleuser4">exampleuser4</a> #2 同意', by=5),
        answer(4, 0, "@exampleuser3 #2 楼层不对", by=6), answer(5, 0, "@exampleuser3 #1 和 @exampleuser4 #2", by=6),
    ]  # fmt: skip
    found = posts(await collect(site, tmp_path, "post", "1192000", relations=REPLIES), "comment")
    assert [p.reply_to for p in found] == ["1192000", "1192000", "r_17320002", "1192000", "1192000"]
    assert [(m.name, m.native_id) for m in found[2].mentions] == [("exampleuser4", "530004")]


@pytest.mark.parametrize("missing", [[], {"status": "notfound"}, {"status": "error", "message": "Object Not Found"}])
async def test_trap_what_is_unknown_is_an_empty_list_or_an_object_with_a_status(tmp_path: Path, missing: Any) -> None:
    site = Site()
    for path in ("nodes/show", "members/show", "topics/show"):
        site.fixed[f"/api/{path}.json"] = Reply(missing)
    with pytest.raises(BadQuery, match=r"no_(?:such_)?node"):
        await collect(site, tmp_path, "group", "teahouse")
    with pytest.raises(Gone, match="no_member"):
        await collect(site, tmp_path, "account", "nobody")
    with pytest.raises(Gone, match="no_topic"):
        await collect(site, tmp_path, "post", "77")


@pytest.mark.parametrize("name", ["咖啡", "#咖啡", "Coffee", "https://www.v2ex.com/go/coffee"])
async def test_a_node_by_name_title_or_link(tmp_path: Path, name: str) -> None:
    assert {p.group.native_id for p in posts(await collect(Site(), tmp_path, "group", name)) if p.group} == {"coffee"}


async def test_a_node_that_comes_near_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match="near=咖啡"):
        await collect(Site(), tmp_path, "group", "手冲咖啡")


async def test_a_node_with_topics_of_which_none_is_shown_is_no_empty_success(tmp_path: Path) -> None:
    site = Site()
    site.topics = []
    found = await collect(site, tmp_path)
    assert found[-1].capped
    assert found[-1].extents[-1].reason == "v2ex.node_hidden"


@pytest.mark.parametrize(
    "value", ["exampleuser1", "@exampleuser1", "https://www.v2ex.com/member/exampleuser1", "530001"]
)
async def test_an_account_and_its_newest(tmp_path: Path, value: str) -> None:
    found = await collect(Site(), tmp_path, "account", value)
    assert [r.native_id for page in found for r in page.records if isinstance(r, Account)] == ["530001"]
    assert len(posts(found)) == 20
    assert found[-1].capped


@pytest.mark.parametrize("board", ["hot", "最新"])
async def test_boards(tmp_path: Path, board: str) -> None:
    found = await collect(Site(), tmp_path, "topic", board)
    assert len(posts(found)) == 20
    assert found[-1].extents[-1].reason == "v2ex.board_only"


@pytest.mark.parametrize("mode", ["keyword", "tag"])
async def test_trap_there_is_no_search(tmp_path: Path, mode: str) -> None:
    with pytest.raises(BadQuery, match="no_search"):
        await collect(Site(), tmp_path, mode, "咖啡")


async def test_what_posts_are_about_is_their_node(tmp_path: Path) -> None:
    found = await collect(Site(), tmp_path, "topic", "咖啡")
    assert {p.group.native_id for p in posts(found) if p.group} == {"coffee"}
    assert ("v2ex.topic_as_node", {"name": "咖啡"}) in [note for page in found for note in page.notes]
    with pytest.raises(BadQuery, match=r"no_(?:such_)?node"):
        await collect(Site(), tmp_path, "topic", "露营")


async def test_trap_deleted_topics_leave_nothing(tmp_path: Path) -> None:
    site = Site()
    site.topics[3]["deleted"] = 1
    found = await collect(site, tmp_path)
    assert len(posts(found)) == 19
    assert [n for n, _ in found[-1].notes] == ["collect.gone_skipped"]
    with pytest.raises(Gone):
        await collect(site, tmp_path, "post", str(site.topics[3]["id"]))


async def test_a_topic_deleted_between_list_and_detail_is_skipped(tmp_path: Path) -> None:
    site = Site()
    site.fixed["/api/v2/topics/1192002"] = Reply({"success": False, "message": "Object Not Found"}, 404)
    assert len(posts(await collect(site, tmp_path, **deep()))) == 44


async def test_trap_a_403_page_is_the_challenge_and_not_an_end(tmp_path: Path) -> None:
    site = Site()
    site.fixed["/api/topics/show.json"] = Reply(b"<html>Just a moment</html>", 403)
    with pytest.raises(Blocked, match=r"v2ex\.challenge"):
        await collect(site, tmp_path)


@pytest.mark.parametrize("status", [403, 429])
async def test_a_used_up_hour_is_waited_for(tmp_path: Path, status: int) -> None:
    site = Site()
    reset = {
        "X-Rate-Limit-Limit": "120",
        "X-Rate-Limit-Remaining": "0",
        "X-Rate-Limit-Reset": str(int(time.time()) + 3_000),
    }
    site.fixed["/api/topics/show.json"] = Reply(b"<html>", status, reset)
    with pytest.raises(Retry) as caught:
        await collect(site, tmp_path)
    assert 2_900 < caught.value.after <= 3_000


@pytest.mark.parametrize("status", [200, 401])
async def test_a_bad_token_is_named_also_inside_a_200_and_never_shown(tmp_path: Path, status: int) -> None:
    site = Site()
    site.fixed["/api/v2/nodes/coffee/topics"] = Reply({"success": False, "message": "Invalid token"}, status)
    with pytest.raises(NeedsLogin, match="bad_token") as caught:
        await collect(site, tmp_path, **deep())
    assert SECRET not in str(caught.value)


async def test_an_error_inside_a_200_is_an_error(tmp_path: Path) -> None:
    site = Site()
    site.fixed["/api/v2/nodes/coffee/topics"] = Reply({"success": False, "message": "Something broke"})
    with pytest.raises(BrokenAnswer):
        await collect(site, tmp_path, **deep())


async def test_check_says_whose_token_and_how_long(tmp_path: Path) -> None:
    with scripted(Site()) as server:
        async with transport(server.base, tmp_path) as http:
            known = await V2ex().check(server.base, {"token": SECRET}, http)
            with pytest.raises(NeedsLogin):
                await V2ex().check(server.base, {"token": "other"}, http)
    assert known.name == "exampleuser9"
    assert known.expires is not None
    assert 2_591_000 < known.expires < 2_592_000


async def test_the_token_is_in_no_record_and_no_cursor(tmp_path: Path) -> None:
    found = await collect(Site(), tmp_path, relations=REPLIES, limit=2, **deep())
    assert SECRET not in repr(found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {}, optional={name: JSON | st.text() for name in (*thread(1), "supplements", "thanks", "member_id", "topic_id")}
)


@given(source=JSON | FIELDS | st.builds(lambda a, b: thread(1) | b | {"content": a}, st.text(), FIELDS))
def test_any_object_is_a_record_or_unusable(source: Any) -> None:
    for read in (topic, member, lambda one: reply(one, "1", Floors())):
        try:
            record = read(source)
        except Unusable:
            continue
        check_record(record, "v2ex")
        json.dumps(str(record))
