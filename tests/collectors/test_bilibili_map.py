"""What Bilibili's objects mean: every trap of their values, any JSON, and one row from a file and from a live run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import importers
from collectors.bilibili_ids import aid_of
from collectors.bilibili_map import card, comment, dynamic, found_video, number, one_video, person, repost, seconds
from collectors.walk import Unusable
from tests.collectors.contract import check_record
from tests.servers.bilibili import FIRST
from tests.servers.bilibili import card as card_of
from tests.servers.bilibili import comment as comment_of
from tests.servers.bilibili import dynamic as dynamic_of
from tests.servers.bilibili import video as video_of
from tests.servers.bilibili import view as view_of
from xunke.model import Post


def imported(folder: Path, name: str, row: dict[str, Any]) -> Post:
    """What a MediaCrawler file with this row gives."""
    path = folder / "bili" / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(row | {"last_modify_ts": FIRST * 1_000}, ensure_ascii=False), "utf-8")
    (found,) = [record for batch in importers.read_file(path) for record in batch.records]
    assert isinstance(found, Post)
    return found


def test_a_video_from_a_file_and_from_a_live_run_is_one_row(tmp_path: Path) -> None:
    row = {"video_id": "1150000001", "video_type": "video", "title": "第1杯手冲咖啡", "desc": "器具清单",
           "create_time": FIRST + 60, "user_id": "200000001", "nickname": "示例UP1", "liked_count": "800",
           "video_play_count": "12000", "video_favorite_count": "210", "video_share_count": "12",
           "video_coin_count": "90", "video_danmaku": "30", "video_comment": "2",
           "video_url": "https://www.bilibili.com/video/av1150000001", "source_keyword": "咖啡"}  # fmt: skip
    file, live = imported(tmp_path, "search_contents", row), found_video(video_of(1), query="咖啡")
    assert file.author is not None
    assert live.author is not None
    assert live.author.native_id == file.author.native_id
    for name in ("platform", "native_id", "text", "title", "created", "zone", "kind", "likes", "views", "saves",
                 "comments", "media", "url", "query"):  # fmt: skip
        assert getattr(live, name) == getattr(file, name), name


def test_a_comment_from_a_file_and_from_a_live_run_is_one_row(tmp_path: Path) -> None:
    row = {"comment_id": 250_000_000_002, "parent_comment_id": "250000000001", "create_time": FIRST + 1_002,
           "video_id": "1150000001", "content": "学会了2", "user_id": "300000002", "nickname": "示例观众2",
           "sex": "男", "sub_comment_count": "0", "like_count": 4}  # fmt: skip
    member = {"mid": "300000002", "uname": "示例观众2", "sex": "男"}
    source = comment_of(2, parent=250_000_000_001, root=250_000_000_001, member=member)
    file, live = imported(tmp_path, "search_comments", row), comment(source, "1150000001")
    assert file.author is not None
    assert live.author is not None
    assert (live.author.native_id, live.author.gender) == (file.author.native_id, "male")
    for name in ("native_id", "text", "created", "zone", "kind", "root", "reply_to", "likes", "comments"):
        assert getattr(live, name) == getattr(file, name), name


# ---------------------------------------------------------------------- traps


@pytest.mark.parametrize("mid", [200_000_001, "200000001"])
def test_trap_mid_is_a_number_here_and_text_there(mid: object) -> None:
    found = person({"mid": mid, "uname": "示例"})
    assert found is not None
    assert found.native_id == "200000001"


@pytest.mark.parametrize("mid", [0, "0", "", None, -5, True, 1.5, "abc", "１２", []])
def test_mid_of_nobody(mid: object) -> None:
    assert person({"mid": mid}) is None
    assert number(mid) == ""


def test_trap_titles_hold_html_and_entities() -> None:
    title = 'Q&amp;A：<em class="keyword">咖啡</em> &lt;三&gt; 问'
    assert found_video(video_of(1, title=title)).title == "Q&A：咖啡 <三> 问"


@pytest.mark.parametrize(
    ("value", "want"),
    [("12:5", 725), ("12:05", 725), ("1:02:03", 3_723), ("0:7", 7), (725, 725), ("", None), ("--", None), (None, None),
     ("9" * 40, None), ([], None)],
)  # fmt: skip
def test_trap_durations_have_no_padding(value: object, want: int | None) -> None:
    assert seconds(value) == want
    assert json.loads(found_video(video_of(1, duration=value)).raw or b"")["seconds"] == want


def test_trap_review_counts_comments_and_video_review_does_not() -> None:
    found = found_video(video_of(1, review=45, video_review=3_000))
    assert found.comments == 45
    assert json.loads(found.raw or b"")["video_review"] == 3_000


@pytest.mark.parametrize(("told", "want"), [("--", None), ("1.2万", 12_000), ("", None), (-1, None), (0, 0)])
def test_trap_counts_may_be_dashes(told: object, want: int | None) -> None:
    assert found_video(video_of(1, play=told, like=told)).views == want


def test_trap_the_time_of_a_dynamic_is_a_number_or_text() -> None:
    for told in (FIRST + 1, str(FIRST + 1)):
        source = dynamic_of(1)
        source["modules"]["module_author"]["pub_ts"] = told
        assert dynamic(source).post.created == FIRST + 1


@pytest.mark.parametrize(
    ("kind", "verified", "brand"),
    [(-1, False, None), (127, False, None), (0, True, None), (1, True, "brand"), (None, None, None)],
)  # fmt: skip
def test_marks_of_verification(kind: int | None, verified: bool | None, brand: str | None) -> None:
    found = card(card_of(card={"mid": "1", "name": "示例", "official_verify": {"type": kind}}))
    assert (found.verified, found.kind) == (verified, brand)


@pytest.mark.parametrize(("sex", "want"), [("男", "male"), ("女", "female"), ("保密", None), ("", None), (1, None)])
def test_gender_is_only_what_is_said(sex: object, want: str | None) -> None:
    found = person({"mid": 1, "sex": sex})
    assert found is not None
    assert found.gender == want


def test_a_video_by_its_other_name_alone() -> None:
    assert found_video(video_of(1, aid=None, id=None, bvid="BV17x411w7KC")).native_id == "170001"
    assert aid_of("BV1L9Uoa9EUx") == "111298867365120"
    assert aid_of("BV1000000000") is None
    assert aid_of("x" * 9_000) is None


@given(st.integers(1, 2**51 - 1))
def test_both_names_of_a_video_mean_the_same(aid: int) -> None:
    letters = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
    name, left = list("BV1000000000"), (2**51 | aid) ^ 23_442_827_791_579
    for place in (11, 10, 3, 8, 4, 6, 5, 7, 9):
        left, digit = divmod(left, 58)
        name[place] = letters[digit]
    assert aid_of("".join(name)) == str(aid)


def test_topics_and_mentions_of_a_dynamic() -> None:
    source = dynamic_of(1)
    nodes = [{"type": "RICH_TEXT_NODE_TYPE_AT", "text": "@示例 UP ", "rid": "200000009"},
             {"type": "RICH_TEXT_NODE_TYPE_TOPIC", "text": "#手冲 入门#"},
             {"type": "RICH_TEXT_NODE_TYPE_TEXT", "text": "好"}]  # fmt: skip
    source["modules"]["module_dynamic"]["desc"] = {"text": "@示例 UP #手冲 入门# 好", "rich_text_nodes": nodes}
    post = dynamic(source).post
    assert post.tags == ("咖啡", "手冲 入门")
    assert ("示例 UP", "200000009") in [(m.name, m.native_id) for m in post.mentions]


def test_a_new_kind_of_dynamic_keeps_its_words_in_opus() -> None:
    source = dynamic_of(1)
    source["modules"]["module_dynamic"] = {
        "desc": None, "major": {"opus": {"title": "周末", "summary": {"text": "打卡", "rich_text_nodes": []}}}
    }  # fmt: skip
    assert (dynamic(source).post.title, dynamic(source).post.text) == ("周末", "打卡")


def test_contact_data_is_masked_in_what_is_kept() -> None:
    for raw in (
        found_video(video_of(1, description="微信 13800138000")).raw,
        comment(comment_of(1, content={"message": "电话13800138000"}), "1").raw,
        one_video(view_of(desc="电话13800138000"), []).raw,
    ):
        assert b"13800138000" not in (raw or b"")


# ---------------------------------------------------------------------- any JSON

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
SHAPES: dict[str, tuple[Any, Any]] = {
    "video": (video_of(1), found_video), "view": (view_of(), lambda x: one_video(x, [x])),
    "comment": (comment_of(1), lambda x: comment(x, "1")), "dynamic": (dynamic_of(1), lambda x: dynamic(x).post),
    "card": (card_of(), lambda x: card(x if isinstance(x, dict) else {})),
    "repost": ({"desc": {}, "card": "{"}, lambda x: repost(x, "1")),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
def test_any_object_is_read_or_refused(name: str, data: st.DataObject) -> None:
    sample, read = SHAPES[name]
    wrong = data.draw(st.dictionaries(st.sampled_from([*sample, "stat", "aid", "orig"]), JSON, max_size=6) | JSON)
    source: Any = sample | wrong if isinstance(wrong, dict) else wrong
    nested = [key for key, value in sample.items() if isinstance(value, dict)]
    if isinstance(source, dict) and nested and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(nested))
        source = source | {
            key: sample[key] | data.draw(st.dictionaries(st.sampled_from(list(sample[key]) or ["x"]), JSON))
        }
    try:
        found = read(source)
    except Unusable as error:
        reason = str(error)
    else:
        reason = "bilibili."
        check_record(found, "bilibili")
    assert reason.startswith(("bilibili.", "collect."))


def test_long_hostile_text_takes_linear_time() -> None:
    started = time.process_time()
    for text in ("<a " * 60_000, "#" * 100_000, "@" * 100_000, "<em " * 50_000, "&" * 100_000):
        found_video(video_of(1, title=text, description=text, tag=text, duration=text))
        comment(comment_of(1, content={"message": text, "at_name_to_mid": {text: 1}}), "1")
    assert time.process_time() - started < 5
