"""What Douban's pages and JSON mean: every trap of their values, any page, and one row from a file and a live run."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import importers
from collectors.douban_map import comment, comments_of, list_time, person, rows_of, topic, topic_of
from collectors.html_tree import Tree
from collectors.walk import Unusable
from tests.collectors.contract import check_record
from tests.servers import douban as site
from tests.servers.douban import FIRST, seconds
from xunke.errors import BrokenAnswer
from xunke.model import Group, Post

GROUP = Group("douban", "500001", "示例咖啡小组", "douban_group")


def at(text: str) -> int:
    return seconds(text)


# ---------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "now", "want"),
    [
        ("11-20 21:30", "2026-11-22 12:00:00", "2026-11-20 21:30:00"),
        ("11-23 21:30", "2026-11-22 12:00:00", "2025-11-23 21:30:00"),
        ("12-31 23:59", "2027-01-01 00:00:30", "2026-12-31 23:59:00"),
        ("01-01 00:00", "2027-01-01 00:00:30", "2027-01-01 00:00:00"),
        ("11-22 12:05", "2026-11-22 12:00:00", "2026-11-22 12:05:00"),  # two clocks differ a little
        ("02-29 08:00", "2026-11-22 12:00:00", "2024-02-29 08:00:00"),
        ("2025-03-04", "2026-11-22 12:00:00", "2025-03-04 00:00:00"),
        ("2026-11-20 22:00:00", "2026-11-22 12:00:00", "2026-11-20 22:00:00"),
        ("13-40 25:61", "2026-11-22 12:00:00", None), ("", "2026-11-22 12:00:00", None),
        ("昨天", "2026-11-22 12:00:00", None),
    ],
)  # fmt: skip
def test_trap_the_list_tells_no_year(text: str, now: str, want: str | None) -> None:
    assert list_time(text, at(now)) == (at(want) if want else None)


def test_the_year_is_that_of_chinas_clock() -> None:
    new_year = at("2027-01-01 00:10:00")  # still 2026 in London
    assert list_time("01-01 00:05", new_year) == at("2027-01-01 00:05:00")


# ---------------------------------------------------------------------- pages


def test_rows_of_a_list() -> None:
    rows, name = rows_of(
        site.list_page([site.row(2, "11-20 21:30"), site.row(1, "2025-03-04", replies="")]), at("2026-11-22 12:00:00")
    )
    assert [(row.topic, row.last, row.replies) for row in rows] == [
        (str(FIRST + 2), at("2026-11-20 21:30:00"), 12), (str(FIRST + 1), at("2025-03-04 00:00:00"), None),
    ]  # fmt: skip
    assert name == "示例咖啡小组"


def test_trap_time_and_region_stand_in_one_string() -> None:
    (found,) = comments_of(site.topic_page(1, [site.comment_html(1)]))
    assert (found["create_time"], found["ip_location"]) == ("2026-11-20 22:00:00", "上海")
    bare = site.comment_html(1).replace(" 上海</span>", "</span>")
    assert comments_of(site.topic_page(1, [bare]))[0]["ip_location"] == ""


def test_trap_quoted_text_is_not_the_comments_own() -> None:
    (found,) = comments_of(site.topic_page(1, [site.comment_html(2, quote="求推荐", ref="4200000001")]))
    post = comment(found, str(FIRST + 1), GROUP)
    assert (post.text, post.reply_to) == ("去老城区看看2", "4200000001")
    inside = site.comment_html(3).replace(
        '<p class="reply-content">',
        '<div class="reply-quote-content"><p class="reply-content">求推荐</p></div><p class="reply-content">',
    )
    assert comments_of(site.topic_page(1, [inside]))[0]["text"] == "去老城区看看3"


@pytest.mark.parametrize(("vote", "want"), [("赞(3)", 3), ("赞 (1024)", 1_024), ("赞", 0)])
def test_trap_likes_stand_in_words(vote: str, want: int) -> None:
    (found,) = comments_of(site.topic_page(1, [site.comment_html(1, vote=vote)]))
    assert comment(found, "1", GROUP).likes == want


def test_no_button_says_nothing_of_likes() -> None:
    page = site.comment_html(1).replace("comment-vote lnk-fav", "other")
    assert comment(comments_of(site.topic_page(1, [page]))[0], "1", GROUP).likes is None


def test_trap_popular_comments_repeat_on_the_page() -> None:
    page = site.topic_page(1, [site.comment_html(1), site.comment_html(2)], popular=site.comment_html(2))
    assert sorted(one["id"] for one in comments_of(page)) == ["4200000001", "4200000002"]


def test_selectors_that_stand_in() -> None:
    """The author by the picture beside (as 4CAT reads it), the body under its older name."""
    old = site.topic_page(1, [site.comment_html(1).replace("bg-img-green", "x")]).replace('class="from"', 'class="x"')
    old = old.replace("rich-content topic-richtext", "topic-richtext").replace("create-ip", "ip-location")
    found = topic(topic_of(old, str(FIRST + 1)), GROUP)
    assert found.author is not None
    assert (found.author.native_id, found.author.name, found.text, found.region) == (
        "100000001", "示例组员1", "人在上海，第1次问", "上海",
    )  # fmt: skip
    (one,) = comments_of(old)
    assert one["author"] == {"uid": "100000051", "name": "示例组员51"}


@pytest.mark.parametrize("page", ["", "<html><body>登录</body></html>", "<h1>题</h1>", "x" * 1_000])
def test_another_page_is_none(page: str) -> None:
    for read in (lambda: topic_of(page, "1"), lambda: comments_of(page), lambda: rows_of(page, 1)):
        with pytest.raises(BrokenAnswer):
            read()


# ---------------------------------------------------------------------- people, files


@pytest.mark.parametrize(
    ("source", "want"),
    [({"id": "100000001", "uid": "lin-example"}, "lin-example"), ({"id": "100000001"}, "100000001"),
     ({"id": 100000001, "url": "https://www.douban.com/people/lin/"}, "lin"), ({}, None), ({"name": "林"}, None)],
)  # fmt: skip
def test_trap_uid_may_be_a_name_that_somebody_chose(source: dict[str, Any], want: str | None) -> None:
    found = person(source)
    assert (found.native_id if found else None) == want


@pytest.mark.parametrize(("said", "want"), [("M", "male"), ("F", "female"), ("U", None), ("", None), (None, None)])
def test_gender_is_only_what_is_said(said: object, want: str | None) -> None:
    found = person({"id": "1", "gender": said})
    assert found is not None
    assert found.gender == want


def test_a_topic_and_a_comment_from_a_file_and_from_a_live_run_are_one_row(tmp_path: Path) -> None:
    columns = ["id", "group_id", "thread_id", "group_name", "subject", "body", "author", "author_id", "timestamp",
               "likes", "is_highlighted", "is_reply", "is_topic_elite", "image_urls", "unix_timestamp"]  # fmt: skip
    rows = [
        [FIRST + 1, "500001", FIRST + 1, "示例咖啡小组", "求推荐咖啡店1", "人在上海，第1次问", "示例组员1", "100000001",
         "2026-11-11 12:00:00", 3, "no", "no", "no", "", seconds("2026-11-11 20:00:00")],
        [4_200_000_001, "500001", FIRST + 1, "示例咖啡小组", "", "去老城区看看1", "示例组员51", "100000051",
         "2026-11-20 14:00:00", 3, "no", "no", "no", "", seconds("2026-11-20 22:00:00")],
    ]  # fmt: skip
    path = tmp_path / "douban.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    records = [record for batch in importers.read_file(path, "4cat") for record in batch.records]
    live = [topic(site.topic(1), GROUP), comment(site.comment(1), str(FIRST + 1), GROUP)]
    for file_post, live_post in zip(records, live, strict=True):
        assert isinstance(file_post, Post)
        assert file_post.author is not None
        assert live_post.author is not None
        assert (live_post.author.native_id, live_post.author.name) == (
            file_post.author.native_id, file_post.author.name,
        )  # fmt: skip
        for name in ("platform", "native_id", "text", "title", "created", "zone", "kind", "likes", "group", "root"):
            assert getattr(live_post, name) == getattr(file_post, name), name


def test_contact_data_is_masked_in_what_is_kept() -> None:
    for raw in (topic(site.topic(1, content="微信 13800138000"), GROUP).raw,
                comment(site.comment(1, text="电话13800138000"), "1", GROUP).raw):  # fmt: skip
        assert b"13800138000" not in (raw or b"")


# ---------------------------------------------------------------------- anything

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@pytest.mark.parametrize("name", ["topic", "comment"])
@given(data=st.data())
def test_any_object_is_read_or_refused(name: str, data: st.DataObject) -> None:
    sample = site.topic(1) if name == "topic" else site.comment(1)
    extra = ["topic_tags", "video_info", "replies"]
    wrong = data.draw(st.dictionaries(st.sampled_from([*sample, *extra]), JSON, max_size=6) | JSON)
    source: Any = sample | wrong if isinstance(wrong, dict) else wrong
    try:
        found = topic(source, GROUP) if name == "topic" else comment(source, "1", None)
    except Unusable as error:
        reason = str(error)
    else:
        reason = "douban."
        check_record(found, "douban")
        if found.author:
            check_record(found.author, "douban")
    assert reason.startswith("douban.")


WORDS = (
    "<li class='comment-item' id=1>", "<ul id=comments>", "<div id='topic-content'>", "</div>", "<h1>", "</li>", "<tr>",
    "<a href='/people/x'>", "<span class=pubtime>", "2026-11-20 22:00:00 上海", "<table class=olt>", "<!--", "-->",
    "<td class=title>", "<script>", "</script>", "&amp;", "\x1b[31m", "<", ">", "<p class='reply-content'>", "'", '"',
    "<div class=rich-content>", "<a href='/group/topic/5/'>",
)  # fmt: skip
PIECES = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=40)


@given(PIECES)
def test_any_page_is_read_or_refused(pieces: list[str]) -> None:
    page = "".join(pieces)
    for read in (
        lambda: [comment(one, "1", None) for one in comments_of(page)], lambda: [topic(topic_of(page, "1"), None)],
        lambda: rows_of(page, 1_795_000_000)[0],
    ):  # fmt: skip
        try:
            records: list[Any] = read()
        except (BrokenAnswer, Unusable):
            continue
        for record in records:
            if isinstance(record, Post):
                check_record(record, "douban")


@given(PIECES)
def test_what_stands_inside_an_element_is_inside_of_it(pieces: list[str]) -> None:
    tree = Tree.of("".join(pieces))
    for one in tree.elements:
        assert one.number < one.last <= len(tree.elements)
        assert one.start <= one.end <= len(tree.source)
        for inner in tree.elements[one.number + 1 : one.last]:
            assert inner.last <= one.last
            assert one.start <= inner.start


@pytest.mark.parametrize(
    "page",
    ["<a " * 60_000, "<a href='" * 60_000, '<a x="' * 60_000, "<" * 200_000, "<!--" * 60_000, "<script>" * 60_000,
     "<div>" * 30_000, "</div>" * 60_000, "<div><span></div>" * 20_000, "<li class='comment-item'>" * 10_000,
     "<ul><li class='comment-item'>" * 10_000, "<tr>" * 20_000, "<p class='from'>" * 20_000,
     "<li class='comment-item'><p class='bg-img-green'>" * 8_000,
     "<a " + "b " * 90_000 + ">", "<a " + " " * 200_000 + ">", "&" * 200_000, "<p class=" + "x " * 90_000 + ">"],
    ids=lambda page: page[:18],
)  # fmt: skip
def test_hostile_pages_take_linear_time(page: str) -> None:
    frame = f"<table class='olt'>{page}</table><div id='topic-content'><h1>x</h1><p class='rich-content'>{page}"
    started = time.process_time()
    Tree.of(frame)
    for read in (lambda: rows_of(frame, 1), lambda: topic_of(frame, "1"), lambda: comments_of(frame)):
        try:
            read()
        except BrokenAnswer:
            continue
    assert time.process_time() - started < 8
