"""The Zhihu collector against a small server that plays the official API's answers and traps (invented data)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import importers
from collectors.base import Collector, Page, Query
from collectors.http import Reply as Heard
from collectors.walk import Unusable
from collectors.zhihu import Zhihu, _base, answer_of, author, comment_of, flat, found, judge
from tests.collectors.contract import HOSTILE, CollectorContract, check_record, pages, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, Scripted, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, NeedsLogin, Retry
from xunke.model import Post

SECRET = "planted-access-secret"
EDITED = 1_795_000_000


def ok(data: Any) -> Reply:
    return Reply({"Code": 0, "Message": "success", "Data": data})


def item(n: int, **more: Any) -> dict[str, Any]:
    """A row of the search."""
    return {
        "Title": "如何挑选咖啡豆？", "ContentType": "Answer", "ContentID": str(3_000_000_000 + n),
        "ContentText": f"先看<em>烘焙</em>日期{n}……",
        "Url": f"https://www.zhihu.com/question/600000001/answer/{3_000_000_000 + n}?utm_medium=openapi&utm_source=x",
        "CommentCount": 12, "VoteUpCount": 340, "AuthorName": f"示例答主{n}", "AuthorAvatar": "https://picx.zhimg.com/a.jpg",
        "AuthorBadge": "", "AuthorBadgeText": "", "EditTime": EDITED + n, "CommentInfoList": [{"Content": "学到了"}],
        "AuthorityLevel": "2", "RankingScore": 0.98,
    } | more  # fmt: skip


def answer(n: int, **more: Any) -> dict[str, Any]:
    url = f"https://www.zhihu.com/question/600000001/answer/{3_000_000_000 + n}"
    return {"ContentToken": str(3_000_000_000 + n), "Url": url, "Summary": f"先看烘焙日期{n}"} | more


def remark(n: int, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(11_000_000_000 + n), "AuthorToken": f"example-{n}", "CreatedAt": EDITED + n, "Content": "<p>同意</p>",
        "LikeCount": 3, "DislikeCount": 0,
    } | more  # fmt: skip


class Open:
    """The API. ``left``: calls that are left; ``answers`` of the question, three a page; ``fixed``: by path."""

    def __init__(self) -> None:
        self.items = [item(n) for n in range(4)]
        self.answers = [answer(n) for n in range(9)]
        self.left: Any = 4_988
        self.fixed: dict[str, Reply] = {}
        self.slow = self.circle = False

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return Reply({"Code": 20001, "Message": "invalid access secret", "Data": None}, 401)
        if asked.path in self.fixed:
            return self.fixed[asked.path]
        if asked.path == "/api/v1/quota":
            row = {"APIID": asked.one("APIIDs"), "APIName": "知乎", "TotalQuota": 5_000, "TotalUsed": 12}
            return ok({"Items": [row | {"RemainingQuota": self.left}]})
        if self.slow:
            return SILENCE
        if asked.path == "/api/v1/content/zhihu_search":
            return ok({"HasMore": False, "SearchHashId": "9f0", "Items": self.items, "EmptyReason": ""})
        if asked.path == "/api/v1/content/question_answers":
            at = int(asked.one("Offset"))
            found = self.answers[:3] if self.circle else self.answers[at : at + 3]
            over = not self.circle and at + 3 >= len(self.answers)
            return ok({"Items": found, "Paging": {"IsEnd": over, "NextOffset": at + 3, "Totals": len(self.answers)}})
        return Reply({"Code": 10001, "Message": "unknown path", "Data": None})


async def collect(
    app: App, folder: Path, mode: Any = "keyword", value: str = "咖啡豆", seen: Any = None, secret: str = SECRET,
    **more: Any,
) -> list[Page]:  # fmt: skip
    with scripted(app) as server:
        if seen is not None:
            seen.append(server)
        async with transport(server.base, folder) as http:
            query = Query(mode, value, server.base, credentials={"token": secret} if secret else {}, **more)
            return await pages(Zhihu(), query, http)


def posts(found: list[Page]) -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post)]


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Zhihu()

    def app(self, flaw: str) -> App:
        api = Open()
        api.slow, api.circle = flaw == "slow", flaw == "circle"
        if flaw == "hostile":
            api.answers = [answer(1, Summary=HOSTILE, Url=HOSTILE, ContentToken=HOSTILE)]
        if flaw == "one_bad":
            api.answers[4] = {"Url": "https://www.zhihu.com/", "Summary": "没有编号"}
        return api

    def query(self, base: str) -> Query:
        return Query("group", "600000001", base, credentials={"token": SECRET})


async def test_a_search_row_becomes_a_post(tmp_path: Path) -> None:
    first = posts(await collect(Open(), tmp_path))[0]
    assert (first.native_id, first.title, first.text) == ("3000000000", "如何挑选咖啡豆？", "先看烘焙日期0……")
    assert first.author is not None
    assert (first.author.native_id, first.author.name) == ("name:示例答主0", "示例答主0")
    assert (first.likes, first.comments) == (340, 12)
    assert first.group is not None
    assert (first.group.native_id, first.group.kind, first.group.name) == ("600000001", "question", "如何挑选咖啡豆？")
    assert first.url == "https://www.zhihu.com/question/600000001/answer/3000000000", "without utm marks"


async def test_every_call_carries_what_the_documentation_asks(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    result = await collect(Open(), tmp_path, seen=seen)
    for one in seen[0].asked:
        assert one.headers["authorization"] == f"Bearer {SECRET}"
        assert abs(int(one.headers["x-request-timestamp"]) - time.time()) < 60
        assert one.headers["content-type"] == one.headers["accept"] == "application/json"
    assert [one.path for one in seen[0].asked] == ["/api/v1/quota", "/api/v1/content/zhihu_search"]
    assert seen[0].asked[1].query == {"Query": ["咖啡豆"], "Count": ["10"]}
    assert SECRET not in repr(result)
    assert SECRET not in json.dumps([page.cursor for page in result])


async def test_trap_edit_time_is_not_the_time_of_writing(tmp_path: Path) -> None:
    result = posts(await collect(Open(), tmp_path, since=EDITED + 2))
    assert [post.native_id for post in result] == ["3000000002", "3000000003"], "edited before: written before"
    assert {post.created for post in result} == {None}
    assert json.loads(result[0].raw or b"")["EditTime"] == EDITED + 2


async def test_trap_all_anonymous_authors_share_one_name(tmp_path: Path) -> None:
    app = Open()
    app.items = [item(1, AuthorName="知乎用户"), item(2, AuthorName="匿名用户"), item(3, AuthorName="")]
    assert [post.author for post in posts(await collect(app, tmp_path))] == [None, None, None]
    assert author("知乎用户abc") is not None


async def test_trap_has_more_is_always_false_so_a_full_page_is_capped(tmp_path: Path) -> None:
    app = Open()
    app.items = [item(n) for n in range(10)]
    full = await collect(app, tmp_path)
    assert full[-1].capped
    assert [one.reason for page in full for one in page.extents] == ["zhihu.search_full"]
    app.items = app.items[:9]
    assert not (await collect(app, tmp_path))[-1].capped


async def test_several_narrower_words_are_several_searches(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    result = await collect(Open(), tmp_path, value="咖啡豆烘焙 | 咖啡豆产地；手冲", seen=seen)
    assert [one.one("Query") for one in seen[0].asked[1:]] == ["咖啡豆烘焙", "咖啡豆产地", "手冲"]
    assert len(posts(result)) == 4, "what comes twice is one"


@pytest.mark.parametrize("value", ["豆", "x" * 101, "咖啡豆|豆"])
async def test_the_length_of_a_query_is_checked_before_a_call_is_spent(tmp_path: Path, value: str) -> None:
    seen: list[Scripted] = []
    with pytest.raises(BadQuery):
        await collect(Open(), tmp_path, value=value, seen=seen)
    assert not seen[0].asked


async def test_what_is_left_is_asked_first_and_nothing_is_spent_beyond(tmp_path: Path) -> None:
    app = Open()
    assert ("zhihu.quota", {"left": 4_988, "what": "zhihu_search"}) in (await collect(app, tmp_path))[0].notes
    app.left, seen = 2, []  # type: ignore[var-annotated]
    with pytest.raises(Retry) as error:
        await collect(app, tmp_path, value="咖啡豆|手冲|烘焙", seen=seen)
    assert error.value.key == "zhihu.quota_used"
    assert 0 < error.value.after <= 86_400
    assert len(seen[0].asked) == 1 + 2
    for unknown in (None, "--", -1):
        app.left = unknown
        with pytest.raises(BrokenAnswer) as broken:
            await collect(app, tmp_path)
        assert broken.value.key == "zhihu.quota_unread"


async def test_nothing_found_is_an_end_and_says_why(tmp_path: Path) -> None:
    app = Open()
    app.fixed["/api/v1/content/zhihu_search"] = ok({"HasMore": False, "Items": None, "EmptyReason": "no result"})
    result = await collect(app, tmp_path)
    assert result[-1].cursor is None
    assert ("zhihu.empty", {"reason": "no result"}) in [note for page in result for note in page.notes]
    app.fixed["/api/v1/content/zhihu_search"] = ok({"HasMore": False})
    with pytest.raises(BrokenAnswer):
        await collect(app, tmp_path)


@pytest.mark.parametrize("value", ["600000001", "https://www.zhihu.com/question/600000001?x=1",
                                   "https://www.zhihu.com/question/600000001/answer/1"])  # fmt: skip
async def test_answers_of_a_question(tmp_path: Path, value: str) -> None:
    seen: list[Scripted] = []
    result = await collect(Open(), tmp_path, "group", value, seen)
    assert len(posts(result)) == 9
    assert {(post.group and post.group.native_id, post.author, post.created) for post in posts(result)} == {
        ("600000001", None, None)
    }
    assert [(one.said, one.seen) for page in result for one in page.extents] == [(9, 9)]
    assert [one.one("Offset") for one in seen[0].asked[1:]] == ["0", "3", "6"]
    assert seen[0].asked[1].one("QuestionUrl") == "https://www.zhihu.com/question/600000001"
    assert seen[0].asked[1].one("Limit") == "50"


async def test_comments_under_ones_own_content(tmp_path: Path) -> None:
    app = Open()
    rows = [{"Comment": remark(1), "Children": [{"Comment": remark(2)}, remark(3), {"Comment": {"ID": ""}}]}]
    paging = {"IsEnd": True, "NextOffset": 20, "Totals": 1}
    app.fixed["/api/v1/user/content_comments"] = ok({"Items": rows, "Paging": paging})
    mine = "https://www.zhihu.com/question/600000001/answer/3000000001"
    result = await collect(app, tmp_path, "post", mine + "?utm_source=x")
    assert [(p.native_id, p.reply_to, p.root, p.kind, p.text) for p in posts(result)] == [
        ("11000000001", "3000000001", "3000000001", "comment", "同意"),
        ("11000000002", "11000000001", "3000000001", "comment", "同意"),
        ("11000000003", "11000000001", "3000000001", "comment", "同意"),
    ]
    who = posts(result)[0].author
    assert who is not None
    assert (who.native_id, who.handle) == ("example-1", "example-1")
    assert len(result[0].rejected) == 1


@pytest.mark.parametrize(
    ("mode", "value"),
    [("group", "咖啡"), ("group", "https://evil.example/question/1"), ("post", "3000000001"), ("post", "http://[x"),
     ("post", "https://zhihu.com.evil.example/p/1")],
)  # fmt: skip
async def test_what_names_nothing_is_refused_before_a_call(tmp_path: Path, mode: str, value: str) -> None:
    seen: list[Scripted] = []
    with pytest.raises(BadQuery):
        await collect(Open(), tmp_path, mode, value, seen)
    assert not seen[0].asked


@pytest.mark.parametrize("status", [200, 400, 429, 500])
@pytest.mark.parametrize(
    ("code", "error", "key"),
    [(10001, BadQuery, "zhihu.bad_query"), (20001, NeedsLogin, "zhihu.bad_secret"),
     (30002, Retry, "zhihu.quota_used"), (30003, Blocked, "zhihu.risk"), (90001, Retry, "zhihu.internal"),
     (4, BrokenAnswer, "zhihu.code")],
)  # fmt: skip
def test_codes_are_named_by_what_to_do_whatever_the_status(
    status: int, code: int, error: type[CollectorError], key: str
) -> None:
    body = json.dumps({"Code": code, "Message": "说明", "Data": None}).encode()
    said = judge(Heard(status, {}, body, "https://developer.zhihu.com/x"))
    assert type(said) is error
    assert said.key == key


def test_too_fast_waits_as_long_as_it_is_told() -> None:
    body = b'{"Code":30001,"Message":"rate limit exceeded","Data":null}'
    for headers, want in (({"retry-after": "7"}, 7.0), ({}, 60.0)):
        said = judge(Heard(429, headers, body, "https://developer.zhihu.com/x"))
        assert isinstance(said, Retry)
        assert (said.key, said.after) == ("zhihu.too_fast", want)


async def test_without_a_secret_nothing_is_asked(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    with pytest.raises(NeedsLogin) as error:
        await collect(Open(), tmp_path, secret="", seen=seen)
    assert error.value.key == "zhihu.needs_secret"
    assert not seen[0].asked


async def test_check_costs_nothing_and_says_what_is_left(tmp_path: Path) -> None:
    with scripted(Open()) as server:
        async with transport(server.base, tmp_path) as http:
            known = await Zhihu().check(server.base, {"token": SECRET}, http)
            assert known.notes == (("zhihu.quota", {"left": 4_988, "what": "zhihu_search"}),)
            with pytest.raises(NeedsLogin):
                await Zhihu().check(server.base, {"token": "wrong"}, http)
        assert {one.path for one in server.asked} == {"/api/v1/quota"}


def test_an_answer_from_a_file_and_from_a_live_run_is_one_row(tmp_path: Path) -> None:
    row = {"content_id": "3000000001", "content_type": "answer", "content_text": "先看烘焙日期1……",
           "question_id": "600000001",
           "content_url": "https://www.zhihu.com/question/600000001/answer/3000000001", "title": "如何挑选咖啡豆？",
           "desc": "", "created_time": EDITED - 9, "updated_time": EDITED, "voteup_count": 340, "comment_count": 12,
           "source_keyword": "咖啡豆", "user_id": "abcdef", "user_link": "", "user_nickname": "示例答主1",
           "user_avatar": "", "user_url_token": "example", "last_modify_ts": EDITED * 1_000}  # fmt: skip
    path = tmp_path / "zhihu" / "search_contents.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    (file,) = [record for batch in importers.read_file(path) for record in batch.records]
    live = found(item(1), query="咖啡豆")
    for name in ("platform", "native_id", "text", "title", "url", "likes", "comments", "group", "query", "media"):
        assert getattr(live, name) == getattr(file, name), name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
SHAPES: dict[str, tuple[Any, Any]] = {
    "item": (item(1), lambda x: [found(x)]), "answer": (answer(1), lambda x: [answer_of(x, "1")]),
    "comment": ({"Comment": remark(1), "Children": [remark(2)]}, lambda x: [comment_of(one, "1") for one in flat([x])]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
def test_any_object_is_read_or_refused(name: str, data: st.DataObject) -> None:
    sample, read = SHAPES[name]
    wrong = data.draw(st.dictionaries(st.sampled_from(list(sample)), JSON, max_size=6) | JSON)
    source: Any = sample | wrong if isinstance(wrong, dict) else wrong
    if name == "comment" and isinstance(source, dict) and data.draw(st.booleans()):
        source = {"Comment": remark(1) | data.draw(st.dictionaries(st.sampled_from(list(remark(1))), JSON))}
    try:
        records = read(source)
    except Unusable as error:
        reason = str(error)
    else:
        reason = "zhihu."
        for record in records:
            check_record(record, "zhihu")
    assert reason.startswith("zhihu.")


def test_the_site_itself_as_the_server_means_the_platforms_own_hosts() -> None:
    assert _base(None) == _base("https://www.zhihu.com") == _base("zhihu.com") == ""
    assert _base("https://notzhihu.com") == "https://notzhihu.com"
