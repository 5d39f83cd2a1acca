"""The whole pass: one text is the batch of one, neighbours change nothing, any text will do. Texts are invented."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.analyse import analyse, analyse_many
from nlp.score import Score, score_stream, scores
from nlp.types import MAX_CHARS

TRAINING = Path(__file__).parents[2] / "training"
POSTS = [
    "求推荐一款适合油皮的防晒，预算100 #护肤# @小明 http://t.cn/x",
    "这家面馆太好吃了[馋嘴]//@某人:避雷这家店，客服太差",
    "終於領證了！看著她笑，我也笑了😍👍🏻",
    "加 微 信 abc12345 领优惠券，兼职日结，一单30元",
    "转发微博",
    "I really love this coffee shop",
    "讨厌下雨讨厌下雨讨厌下雨讨厌下雨",
    "",
]
ODD = "好坏求推荐想买了不但是//@#[]泪😍👍🏻\u200d\ufe0f\ud800\0\x1b[31m著看著ＶＸ：http://t.cn 加微信。\n"
TEXTS = st.lists(st.sampled_from(POSTS) | st.text(max_size=60) | st.text(alphabet=ODD, max_size=80), max_size=6)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_text_among_others_is_the_text_alone(texts: list[str]) -> None:
    assert list(analyse_many(texts)) == [analyse(text) for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet=ODD, max_size=200))
def test_any_text_has_an_answer_in_range(text: str) -> None:
    found = analyse(text)
    assert 0 <= found.sentiment <= 1
    assert 0 <= found.spam <= 1
    assert all(0 <= score <= 1 for _, score in (*found.interests, *found.topics, *found.needs))
    assert msgspec.json.decode(msgspec.json.encode(found))["label"] == found.label


@pytest.mark.parametrize(
    "text", ["好" * 100_000, "😍" * 100_000, "@" * 100_000, "\0" * 100_000, "a b" * 40_000, "\ud83d"]
)
def test_huge_and_broken_texts(text: str) -> None:
    assert analyse(text) == analyse(text[:MAX_CHARS])


def test_columns_are_a_sequence() -> None:
    found = analyse_many(POSTS)
    assert len(found) == len(POSTS)
    assert found[-1] == found[len(POSTS) - 1]
    assert found[1:3] == [found[1], found[2]]
    assert list(analyse_many([])) == []
    with pytest.raises(IndexError):
        found[len(POSTS)]


def test_traditional_full_width_and_spaced_out_text_is_read_as_any_other() -> None:
    for other, plain in (
        ("這款面霜很好用", "这款面霜很好用"),
        ("ＯＯＴＤ穿搭", "ootd穿搭"),
        ("减 肥 打 卡", "减肥打卡"),
    ):
        assert analyse(other).interests == analyse(plain).interests != ()
        assert analyse(other).sentiment == analyse(plain).sentiment


def test_a_stream_of_lines_has_an_answer_for_each() -> None:
    lines = ["好吃\r", "", "求推荐面霜", "好" * 50_000, "没有换行"]
    data = "\n".join(lines).encode() + b"\xff"
    answers = b"".join(score_stream(BytesIO(data))).splitlines()
    assert [msgspec.json.decode(line, type=Score) for line in answers] == scores(
        ["好吃", "", "求推荐面霜", "好" * 50_000, "没有换行\ufffd"]
    )
    assert b"".join(score_stream(BytesIO(b""))) == b""
    assert len(b"".join(score_stream(BytesIO(b"\n\n"))).splitlines()) == 2


@pytest.mark.parametrize("script", ["make_characters.py", "make_conditions.py"])
def test_generated_files_are_what_the_scripts_make(script: str) -> None:
    if script == "make_characters.py" and sys.version_info[:2] != (3, 11):
        pytest.skip("the file holds the Unicode tables of Python 3.11")
    done = subprocess.run([sys.executable, TRAINING / script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
