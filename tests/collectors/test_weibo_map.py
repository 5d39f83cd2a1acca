"""What Weibo's values, texts and objects mean, field by field of the fact sheet. All people and posts are invented."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.importers import open_import
from collectors.importers.values import bid_to_mid, mid_to_bid
from collectors.walk import Unusable
from collectors.weibo_map import (
    Mblog,
    account,
    answered,
    cards,
    comment,
    cut_parts,
    is_hidden,
    people_in,
    posts_in,
    slim,
    status,
    supertopic,
    words,
)
from collectors.weibo_names import account_named, post_number, supertopic_id
from tests.collectors.contract import check_record
from tests.collectors.weibo_server import PLACE, SMILE, TAG, card, mblog, mid, user
from tests.collectors.weibo_server import comment as mobile_comment
from xunke.model import Account
from xunke.text import clean

NOW = 1_795_183_200  # Fri Nov 20 22:00:00 +0800 2026


# ---------------------------------------------------------------- times and counts


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Fri Nov 20 21:30:00 +0800 2026", NOW - 1_800), ("刚刚", NOW), ("30秒前", NOW - 30), ("5分钟前", NOW - 300),
        ("3小时前", NOW - 10_800), ("今天 09:30", NOW - 45_000), ("今天09:30", NOW - 45_000),
        ("昨天 12:30", NOW - 86_400 - 34_200), ("11-20", NOW - 79_200), ("11-19 08:00", NOW - 86_400 - 50_400),
        ("11月20日 21:30", NOW - 1_800), ("2025年11月20日 22:00", NOW - 365 * 86_400), ("2026-11-20", NOW - 79_200),
        ("2026-11-20 21:30", NOW - 1_800), ("2026-11-20 21:30:05", NOW - 1_795), ("12-31", NOW - 79_200 - 324 * 86_400),
    ],
)  # fmt: skip
def test_times_as_the_site_writes_them_are_china_time_by_the_replys_clock(said: str, seconds: int) -> None:
    post = status(mblog(1, created_at=said), NOW).post
    assert (post.created, post.zone) == (seconds, "+08:00")


def test_relative_times_count_from_the_servers_own_clock() -> None:
    assert answered({"date": "Fri, 20 Nov 2026 14:00:00 GMT"}, 99) == NOW
    assert answered({"date": "yesterday"}, 99) == 99
    assert answered({}, 99) == 99
    with pytest.raises(Unusable, match=r"weibo\.no_time"):
        status(mblog(1, created_at="刚刚"), None)


@pytest.mark.parametrize(
    ("said", "number"),
    [(17, 17), ("123", 123), ("1.2万", 12_000), ("100万+", 1_000_000), ("1.3亿", 130_000_000), ("转发", None),
     (None, None), (-1, None), (True, None), ({}, None)],
)  # fmt: skip
def test_counts_are_numbers_or_words_and_nothing_is_no_zero(said: Any, number: int | None) -> None:
    post = status(mblog(1, attitudes_count=said, comments_count=said, reposts_count=said), NOW).post
    assert (post.likes, post.comments, post.shares) == (number,) * 3


def test_a_floor_stays_to_be_seen_in_the_raw_record() -> None:
    raw = json.loads(status(mblog(1, attitudes_count="100万+"), NOW).post.raw or b"")
    assert raw["attitudes_count"] == "100万+"


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("html", "text", "names"),
    [
        (f"{TAG} 新店", "#咖啡# 新店", ()),
        ("好<a href='/n/示例用户乙'>@示例用户乙</a>同意", "好@示例用户乙同意", ("示例用户乙",)),
        ('<a href="/n/%E7%94%B2">@甲</a> @乙 在', "@甲 @乙 在", ("甲", "乙")),
        ('<a href="https://m.weibo.cn/n/甲?x=1">@甲</a>', "@甲", ("甲",)),
        (f"真好{SMILE}\u200b", "真好[偷笑]", ()),
        ('<img alt="[哈哈]" src=x><img alt=\'[泪]\'><img src="x">', "[哈哈][泪]", ()),
        ("一<br />二<br><br/>三", "一\n二\n三", ()),
        ('开头\u200b...<a href="/status/5230000000000001">全文</a>', "开头...", ()),
        (
            '<span class="url-icon"><img src="timeline_card_small_location_default.png"></span><span>上海·公园</span>',
            "上海·公园",
            (),
        ),
        ('<a href="https://weibo.cn/sinaurl?u=https%3A%2F%2Fexample.org">网页链接</a>', "网页链接", ()),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3", ()),
        ("说得好//@乙:同意//@丙:原话", "说得好//@乙:同意//@丙:原话", ("乙", "丙")),
    ],
)
def test_texts(html: str, text: str, names: tuple[str, ...]) -> None:
    assert words(html) == (text, names)


def test_a_super_topic_in_the_text_is_where_the_post_stands() -> None:
    link = f"<a href=\"https://m.weibo.cn/p/index?extparam=x&containerid={PLACE}&luicode=1\"><span class='url-icon'>"
    post = status(
        mblog(1, text=f'{link}<img src="x"></span><span class="surl-text">咖啡超话</span></a> 打卡'), NOW
    ).post
    assert post.group == supertopic(PLACE, "咖啡")
    assert post.text == "咖啡超话 打卡"


@pytest.mark.parametrize(
    "part", ["<a ", "<a href=/n/", "<img alt=", "<img ", "<a href='/n/x'>", f"<a {PLACE}", "@", "<a x>全文", "//@"]
)
def test_long_strange_texts_take_no_long_time(part: str) -> None:
    started = time.monotonic()
    status(mblog(1, text=part * 20_000), NOW)
    status(mblog(1, text="<a " + part[3:] * 20_000), NOW)
    assert time.monotonic() - started < 3


# ---------------------------------------------------------------- objects


def test_an_account_as_stated() -> None:
    who = account(user(1, verified=True, verified_type=2, followers_count=None), 5)
    assert (who.verified, who.kind, who.followers, who.gender, who.fetched) == (True, "brand", 12_000, "female", 5)
    assert account(user(1, verified_type=0)).kind == "person"
    assert account(user(1, gender="n")).gender is None
    for number in (-1, 8, 200, 220, None, "x", True):
        assert account(user(1, verified_type=number)).kind is None


@pytest.mark.parametrize("nobody", [None, [], {}, {"id": 0}, {"id": "x"}, {"screen_name": "甲"}])
def test_nobody_is_no_account(nobody: Any) -> None:
    with pytest.raises(Unusable, match=r"collect\.no_author"):
        account(nobody)


@pytest.mark.parametrize(
    ("more", "media"),
    [({"pics": {"0": {"url": "x"}}, "pic_num": 1}, "image"), ({"pics": [], "pic_num": 0, "pic_ids": []}, "text"),
     ({"page_info": {"type": "video"}}, "video"), ({"page_info": {"type": 0, "media_info": {"d": 1}}}, "video")],
)  # fmt: skip
def test_pictures_are_a_list_or_an_object(more: dict[str, Any], media: str) -> None:
    assert status(mblog(1, **{"pics": [], "pic_ids": [], "pic_num": 0} | more), NOW).post.media == media


def test_the_raw_record_is_an_allow_list_without_contact_data() -> None:
    raw = json.loads(
        status(mblog(1, text="电话13812345678", edit_count=2, edit_config={"edited": True}), NOW).post.raw or b""
    )
    assert raw["edit_count"] == 2
    assert raw["edit_config"] == {"edited": True}
    assert "13812345678" not in json.dumps(raw)
    assert not {"pics", "pic_ids"} & set(raw)
    assert "profile_image_url" not in raw["user"]


@pytest.mark.parametrize(
    ("visible", "hidden"), [({"type": 0}, False), ({"type": "0"}, False), ({"type": 1}, True), (None, False)]
)
def test_visible(visible: Any, hidden: bool) -> None:
    assert is_hidden({"visible": visible}) is hidden


def test_whole_texts_where_they_are_there() -> None:
    post = mblog(1, isLongText=True, longText={"longTextContent": "全部"})
    assert status(post, NOW) == status({**post}, NOW)
    assert (status(post, NOW).post.text, status(post, NOW).cut, cut_parts(post)) == ("全部", False, [])
    assert status(mblog(1, isLongText=True), NOW).cut


def test_the_post_of_a_slim_record_is_the_same_but_for_what_only_raw_keeps() -> None:
    for post in (mblog(1), mblog(2, retweeted_status=mblog(3)), mblog(4, pics={"0": {}}, page_info={"type": "video"})):
        small, whole = status(slim(post), NOW), status(post, NOW)
        assert small.post == whole.post
        assert slim(json.loads(json.dumps(slim(post)))) == slim(post)


@pytest.mark.parametrize("number", ["5230000000000001", "4000000000000000", "3500000100000009"])
def test_numbers_and_short_ids_are_one(number: str) -> None:
    assert bid_to_mid(mid_to_bid(number)) == number
    assert (
        status(
            {k: v for k, v in mblog(1, bid=mid_to_bid(number)).items() if k not in ("id", "mid")}, NOW
        ).post.native_id
        == number
    )


def test_comments_of_both_lists() -> None:
    new = comment(mobile_comment(1), mid(1), NOW)
    row = {"id": int(mid(1001)), "created_at": "11-20", "source": "来自江苏", "user": user(4)}
    words_of = {"text": "回复<a href='/n/乙'>@乙</a>:想去", "reply_id": 9, "like_counts": "1.2万"}
    old = comment(row | words_of, mid(1), NOW)
    assert new.native_id == old.native_id
    assert (new.reply_to, new.region, old.reply_to, old.likes, old.region) == (mid(1), "江苏", "9", 12_000, "江苏")
    assert [one.name for one in old.mentions] == ["乙"]


def test_cards_in_groups_in_groups_by_number_or_word() -> None:
    deep = {
        "card_type": 11,
        "card_group": [{"card_type": "11", "card_group": [card(mblog(2), card_type="9")]}, card(mblog(3))],
    }
    data = {"cards": [card(mblog(1)), {"card_type": 4}, "odd", deep, {"card_type": "9"}]}
    assert [one["mblog"] and one["mblog"]["id"] for one in posts_in(data)] == [mid(1), mid(2), mid(3), None]
    assert people_in({"cards": []}) == []


# ---------------------------------------------------------------- what is typed


@pytest.mark.parametrize(
    ("value", "found"),
    [("5230000000000001", "5230000000000001"), ("https://weibo.com/1700000001/5230000000000001", "5230000000000001"),
     ("https://m.weibo.cn/statuses/show?id=5230000000000001", "5230000000000001"), ("1700000001", None), ("你好", None),
     ("https://example.org/5230000000000001", None), ("", None),
     ("https://evil.example/weibo.com/5230000000000001", None)],
)  # fmt: skip
def test_which_post(value: str, found: str | None) -> None:
    assert post_number(value) == found


def test_which_account_and_super_topic() -> None:
    assert account_named("https://weibo.com/examplecafe?x=1") == ("custom", "examplecafe")
    assert account_named("https://m.weibo.cn/profile/1700000001") == ("uid", "1700000001")
    assert account_named("https://example.org/u/1700000001") == ("", "")
    assert (
        account_named("https://m.weibo.cn/detail/x") == ("", "") or account_named("https://m.weibo.cn/detail")[0] == ""
    )
    assert supertopic_id(f"https://m.weibo.cn/p/index?containerid={PLACE.upper()}_-_soul") == PLACE
    assert supertopic_id("咖啡") is None


@given(st.text(max_size=80) | st.from_regex(r"https?://(m\.)?weibo\.c(om|n)/[\w/%?=]{0,30}"))
def test_whatever_is_typed_is_read_without_a_crash(value: str) -> None:
    post_number(value)
    supertopic_id(value)
    kind, name = account_named(value)
    assert kind in ("uid", "name", "custom", "")
    assert clean(name) == name


# ---------------------------------------------------------------- files and live are one


def imported(row: dict[str, Any], folder: Path) -> list[Any]:
    file = folder / "weibo.json"
    file.write_text(json.dumps([row], ensure_ascii=False), "utf-8")
    opened = open_import(file)
    (batch,) = opened.importer.read(opened.source)
    assert not batch.rejected
    return list(batch.records)


def test_a_file_and_a_live_run_give_the_same_posts(tmp_path: Path) -> None:
    row = mblog(1, text="好<a href='/n/示例用户乙'>@示例用户乙</a>同意", retweeted_status=mblog(2))
    live = status(row, NOW)
    assert live.original is not None
    assert imported(row, tmp_path) == [live.original.post, live.post]


def test_crawl4weibos_own_shape_is_the_same_post_by_its_number(tmp_path: Path) -> None:
    row = {"id": mid(1), "user_id": "1700000001", "text": "#咖啡# 好", "bid": "x",
           "created_at": "2026-11-20T21:30:00+08:00", "attitudes_count": "1.2万", "comments_count": 5,
           "reposts_count": 2, "region_name": "发布于 上海"}  # fmt: skip
    (old,) = imported(row, tmp_path)
    new = status(mblog(1, text=f"{TAG} 好", created_at="2026-11-20 21:30", attitudes_count=12_000), NOW).post
    for name in (
        "platform",
        "native_id",
        "text",
        "created",
        "zone",
        "kind",
        "likes",
        "comments",
        "shares",
        "region",
        "tags",
    ):
        assert getattr(old, name) == getattr(new, name), name
    assert old.author.native_id == (new.author and new.author.native_id)


def test_a_row_of_a_file_without_a_time_is_still_taken(tmp_path: Path) -> None:
    (found,) = imported(mblog(1, created_at=None), tmp_path)
    assert (found.native_id, found.created) == (mid(1), None)


# ---------------------------------------------------------------- anything

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def spoiled(of: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The object with some of its fields replaced by anything, or gone."""
    fields = st.dictionaries(
        st.sampled_from([*of, "retweeted_status", "longText", "page_info", "title", "geo"]), ANY, max_size=5
    )
    gone = st.sets(st.sampled_from(list(of)), max_size=2)
    return st.tuples(fields, gone).map(lambda pair: {k: v for k, v in (of | pair[0]).items() if k not in pair[1]})


@settings(max_examples=300)
@given(spoiled(mblog(1)) | spoiled(mblog(1)).map(lambda m: mblog(2, retweeted_status=m)) | ANY)
def test_any_post_is_a_post_or_unusable(source: Any) -> None:
    try:
        found: Mblog | None = status(source, NOW, 5, "咖啡")
    except Unusable:
        return
    while found is not None:
        check_record(found.post, "weibo")
        assert found.post.author is not None
        check_record(found.post.author, "weibo")
        found = found.original
    json.dumps(slim(source))
    status(slim(source), NOW)
    cut_parts(source)


@settings(max_examples=200)
@given(spoiled(mobile_comment(1)) | ANY, spoiled(user(1)) | ANY)
def test_any_comment_and_account(source: Any, who: Any) -> None:
    try:
        check_record(comment(source, mid(1), NOW, 5), "weibo")
        found = account(who)
    except Unusable:
        return
    assert isinstance(found, Account)
    check_record(found, "weibo")


@given(
    ANY
    | st.fixed_dictionaries(
        {"cards": st.lists(ANY | spoiled(card(mblog(1))) | st.fixed_dictionaries({"card_group": ANY}))}
    )
)
def test_any_cards(data: Any) -> None:
    if isinstance(data, dict):
        list(cards(data))
        assert all(set(one) == {"mblog", "pinned"} for one in posts_in(data))
        people_in(data)
