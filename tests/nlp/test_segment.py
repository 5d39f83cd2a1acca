"""Cutting into words: two libraries, one answer; batches. Texts are invented."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.batch import Batch
from nlp.segment import _jieba, _rjieba, cut, cut_many, words, words_many

pytest.importorskip("rjieba")

POSTS = [
    "今天去露营，带了睡袋和天幕，哈哈哈哈哈哈哈 太开心了！！！",
    "這家麵館的湯麵真的好好吃啊啊啊啊，下次還來[馋嘴]",
    "求推荐适合油皮的防晒霜，预算200元，SPF50+ 的",
    "避雷！！客服态度太差了，等了3.5小时，再也不买iPhone 15 Pro Max了😡",
    "绝绝子yyds，这个早C晚A的精华也太好用了吧～～～",
    "转发微博//@某人:上海疫情期间的物流到底什么时候恢复",
    "南京市长江大桥的夜景，研究生命起源，结婚的和尚未结婚的",
    "C++和.NET哪个好学？A股、5G、4K、T恤、K歌、AA制",
    "",
    " \n\t ",
]
COMMON = "的一是不了人我在有他这中大来上国和也子时说要就出会可对生能而那得着下自之年过发后作里好吃喝玩乐看哈啊呀吗呢"


def both(text: str) -> tuple[list[str], list[str]]:
    batch = Batch.of([text])
    return cut_many(batch, _rjieba())[0], cut_many(batch, _jieba())[0]


@pytest.mark.parametrize("text", POSTS)
def test_jieba_cuts_as_rjieba_does(text: str) -> None:
    ours, theirs = both(text)
    assert ours == theirs


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet=COMMON + "abcXYZ019 +-_.%&#[]，。😀", max_size=60))
def test_jieba_and_rjieba_cut_any_text_into_the_same_characters(text: str) -> None:
    """Ties may be cut differently ("好好" + "吃" or "好" + "好吃"); then the number of words is the same."""
    ours, theirs = both(text)
    assert "".join(ours) == "".join(theirs)
    assert ours == theirs or len(ours) == len(theirs)


def test_a_run_of_one_character_is_one_word() -> None:
    assert cut("哈哈哈哈哈") == ["哈哈哈哈哈"]
    assert cut("好好好看") == ["好好好", "看"]
    assert cut("看看") == ["看看"]
    assert cut("啊啊啊啊哈哈哈\n呜呜呜") == ["啊啊啊啊", "哈哈哈", "呜呜呜"]


def test_our_own_words_stay_whole() -> None:
    assert "绝绝子" in cut("这杯绝绝子")


def test_words_leave_out_what_is_not_worth_counting() -> None:
    assert words("@某人 http://a.cn/x 今天去露营[doge] 123") == ["露营"]
    assert words("露营//@某人:滑雪") == ["露营"]
    assert words("转发微博") == []
    assert words("[露营") == ["露营"]
    assert words_many([]) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=30) | st.sampled_from(POSTS) | st.text(alphabet="哈啊[]#@好/\0\ufdd0 a", max_size=20)))
def test_a_text_among_others_is_cut_as_alone(texts: list[str]) -> None:
    assert words_many(texts) == [words(text) for text in texts]
    assert cut_many(Batch.of(texts)) == [cut_many(Batch.of([text]))[0] for text in texts]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=COMMON + "哈啊 a1，。", max_size=60))
def test_a_text_is_cut_as_in_a_batch(text: str) -> None:
    assert cut(text) == cut_many(Batch.of([text.replace(" ", ",")]))[0] or " " in text


def test_jieba_is_not_loaded_where_rjieba_is() -> None:
    code = "import sys; from nlp.segment import words; words('去露营'); print('jieba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
