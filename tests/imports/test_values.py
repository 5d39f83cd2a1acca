"""Single values: counts, ids, times, places; tags and mentions in text; masking of contact data."""

# ruff: noqa: E501  (cases stand on one line)
from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.importers import values
from collectors.importers.values import BadValue
from collectors.text_tags import hashtags, mentions
from xunke.scrub import scrub

NOON = 1795320000  # 2026-11-22 12:00 +08:00


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("17", 17), (17, 17), ("1,234", 1234), ("1，234,567", 1234567), ("1.2万", 12000), ("1.2w", 12000), ("10万+", 100000),
        ("万+", 10000), ("3亿", 300000000), ("2.5k", 2500), ("1.05m", 1050000), ("999+", 999), ("赞", 0), ("", None), (None, None),
        ("无", None), (3.0, 3), ("３", 3), (0, 0), ("0", 0), (float("nan"), None),
    ],
)  # fmt: skip
def test_count(given_: object, expected: int | None) -> None:
    assert values.count(given_) == expected


@pytest.mark.parametrize("bad", [-1, 2**63, "-3", "abc", "1.2.3", "1万2", "9" * 5000, True, float("inf"), [], {}, "١x"])
def test_bad_count(bad: object) -> None:
    with pytest.raises(BadValue):
        values.count(bad)


@given(st.integers(0, 2**63 - 1))
def test_count_of_any_number_and_its_text(number: int) -> None:
    assert values.count(number) == values.count(str(number)) == values.count(f" {number:,}") == number


@given(st.integers(0, 10**9), st.integers(0, 9))
def test_count_in_wan(whole: int, tenth: int) -> None:
    assert values.count(f"{whole}.{tenth}万") == whole * 10_000 + tenth * 1_000


@given(st.text() | st.floats() | st.integers() | st.booleans())
def test_values_never_raise_anything_else(value: object) -> None:
    for read in (
        values.count,
        values.ident,
        values.when,
        values.region,
        values.gender,
        values.words,
        values.name,
        values.text,
        values.url,
    ):
        with suppress(BadValue):
            read(value)


@given(st.text() | st.floats() | st.integers())
def test_details_of_bad_values_are_short_and_clean(value: object) -> None:
    detail = BadValue("import.bad_id", value).detail
    assert len(detail) <= 80
    assert not set(detail) & {"\n", "\x1b"}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("5230000000000001\t", "5230000000000001"), (5230000000000001, "5230000000000001"), ("00123", "00123"), ("1e5", "1e5"),
        ("65f0e00000000", "65f0e00000000"), ("2026-11", "2026-11"), (3.0, "3"), ("17.0", "17"), ("", None), (None, None), (0, "0"),
    ],
)  # fmt: skip
def test_ident(given_: object, expected: str | None) -> None:
    assert values.ident(given_) == expected


@pytest.mark.parametrize("bad", ["5.23E+15", "5E+18", 5.23e15, 1e300])
def test_rounded_ids(bad: object) -> None:
    with pytest.raises(BadValue, match="id_rounded"):
        values.ident(bad)


@given(st.integers(0, values.LATEST - 1), st.integers(-12 * 60, 14 * 60))
def test_time_round_trips_through_every_spelling(epoch: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(epoch, timezone(timedelta(minutes=minutes)))
    zone = values._offset(moment)
    assert values.when(moment.isoformat()) == (epoch, zone)
    assert values.when(moment.strftime("%Y-%m-%d %H:%M:%S").zfill(19), zone) == (epoch, zone)
    assert values.when(f"{moment:%a %b %d %H:%M:%S} {zone.replace(':', '')} {moment:%Y}") == (epoch, zone)
    if epoch:
        assert values.when(epoch * 1000, unit="ms") == values.when(str(epoch), unit="s") == (epoch, "+08:00")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("刚刚", NOON), ("5分钟前", NOON - 300), ("3小时前", NOON - 10800), ("3天前", NOON - 3 * 86400), ("今天 08:00", NOON - 4 * 3600),
        ("昨天 12:00", NOON - 86400), ("11-20", 1795104000), ("11月20日 21:30", 1795181400),
        ("12-31", 1767110400),  # of the year before
    ],
)  # fmt: skip
def test_relative_times_count_from_the_reference_and_never_from_now(word: str, expected: int) -> None:
    moment = values.when(word, reference=NOON)
    assert moment == (expected, "+08:00"), moment and datetime.fromtimestamp(moment[0], UTC)
    with pytest.raises(BadValue, match="relative_time"):
        values.when(word)


@pytest.mark.parametrize(
    "word",
    [
        "2026-13-40",
        "2026-02-30",
        "11/12/2026",
        "10000-01-01",
        "1969-12-30",
        "3个月前",
        "去年",
        "13-40",
        "2026-11-20 25:00",
        -5,
        10**18,
    ],
)
def test_times_that_mean_nothing_are_refused(word: object) -> None:
    with pytest.raises(BadValue):
        values.when(word, reference=NOON)


def test_clocks_jump() -> None:
    with pytest.raises(BadValue):
        values.when("2026-03-29 02:30", "Europe/Berlin")
    assert values.when("2026-03-29 03:30", "Europe/Berlin") == (1774747800, "+02:00")
    with pytest.raises(BadValue):
        values.zone_of("Mars/Base")


def test_magnitude_tells_seconds_from_milliseconds() -> None:
    assert (
        values.when(1795181400) == values.when(1795181400000) == values.when("1795181400123") == (1795181400, "+08:00")
    )


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("IP属地：上海", "上海"),
        ("来自江苏", "江苏"),
        ("发布于 上海", "上海"),
        ("上海", "上海"),
        ("未知", None),
        ("", None),
        ("IP属地:未知", None),
    ],
)
def test_region(given_: str, expected: str | None) -> None:
    assert values.region(given_) == expected


def test_gender_is_never_guessed() -> None:
    assert [values.gender(w) for w in ("f", "女", "Female", "m", "男", "Male")] == ["female"] * 3 + ["male"] * 3
    assert [values.gender(w) for w in ("", "保密", "Unknown", None, 1, "n")] == [None] * 6


@given(st.integers(10**14, 10**19))
def test_weibo_ids_both_ways(mid: int) -> None:
    assert values.bid_to_mid(values.mid_to_bid(str(mid))) == str(mid)


def test_strip_html() -> None:
    assert (
        values.strip_html('<a href="x">#茶#</a>&amp;<br/>好<img alt="[哈哈]"><script>x()</script>') == "#茶#&\n好[哈哈]"
    )


@given(st.text(alphabet="<>&;/ab\"'=!-x ", max_size=60))
def test_strip_html_never_raises(text: str) -> None:
    values.strip_html(text)


@pytest.mark.parametrize(
    ("platform", "text", "expected"),
    [
        ("weibo", "#咖啡# 好 #探店[超话]# #一个", ("咖啡", "探店")), ("xiaohongshu", "#咖啡[话题]# 好 #手冲 豆子", ("咖啡", "手冲")),
        ("douyin", "#咖啡 拉花 #520，#咖啡", ("咖啡", "520")), ("mastodon", "http://x.y/#top #Tea", ("Tea",)), ("weibo", "没有", ()),
    ],
)  # fmt: skip
def test_hashtags(platform: str, text: str, expected: tuple[str, ...]) -> None:
    assert hashtags(platform, text) == expected


def test_mentions() -> None:
    assert mentions("weibo", "转//@示例-乙:好 @丙 a@b.com") == ("示例-乙", "丙")
    assert mentions("mastodon", "@a@example.org @b x@y.z") == ("a@example.org", "b")


@given(st.sampled_from(["weibo", "xiaohongshu", "douyin", "mastodon"]), st.text(alphabet="#@[]话题a 咖\n", max_size=40))
def test_tags_are_short_words(platform: str, text: str) -> None:
    for word in hashtags(platform, text) + mentions(platform, text):
        assert word
        assert word == word.strip()
        assert "\n" not in word


@pytest.mark.parametrize("platform", ["weibo", "xiaohongshu", "douyin", "mastodon"])
def test_tags_of_regex_killers_are_fast(platform: str) -> None:
    import time

    begin = time.perf_counter()
    for text in ("#" * 100_000, "@" * 100_000, "#a" * 50_000, "#" + "a" * 100_000, "a@" * 50_000):
        hashtags(platform, text)
        mentions(platform, text)
        scrub(text)
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13812345678哦", "电话[手机号]哦"), ("+86 138-1234-5678", "[手机号]"), ("138 1234 5678", "[手机号]"),
        ("身份证11010119900307889X。", "身份证[身份证号]。"), ("邮箱 a.b@qq.com", "邮箱 [邮箱]"), ("a@b.cn", "[邮箱]"),
        ("微信：hello_world", "微信：[微信号]"), ("加vx abc12345", "加vx [微信号]"), ("wx:abcdef", "wx:[微信号]"),
        ("微信号 wxid_abc123", "微信号 [微信号]"), ("QQ：12345678", "QQ：[QQ号]"),
        ("１３８１２３４５６７８", "[手机号]"),
    ],
)  # fmt: skip
def test_scrub_masks_contact_data(text: str, expected: str) -> None:
    assert scrub(text) == expected


@pytest.mark.parametrize(
    "text",
    ["5230000000000001", "1795190000123", "https://weibo.com/1700000001/Qx1AbCdEf", "#咖啡# @示例用户乙", "微信支付 payment", "2026-11-20 21:30",
     "价格 1380 元, 12345678901 次", "用微信 WeChat", "65f000000000000000000001"],
)  # fmt: skip
def test_scrub_leaves_the_rest(text: str) -> None:
    assert scrub(text) == text


CONTACT = st.lists(
    st.sampled_from(
        [
            "13812345678",
            "11010119900307889X",
            "a.b@qq.com",
            "微信：",
            "abcdef1",
            "vx",
            " ",
            "加V",
            "QQ",
            ":",
            "号",
            "[微信号]",
            "咖啡",
            "1",
            "-",
            "@",
            "+86",
            "\n",
        ]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=500)
@given(CONTACT | st.text())
def test_scrub_is_idempotent(text: str) -> None:
    assert scrub(scrub(text)) == scrub(text)


@given(
    st.text(alphabet="咖啡好 ，。", max_size=10),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.text(alphabet="咖啡好 ，。", max_size=10),
)
def test_scrub_finds_every_phone_number(before: str, phone: str, after: str) -> None:
    assert phone not in scrub(before + phone + after)
