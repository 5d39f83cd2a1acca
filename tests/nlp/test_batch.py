"""The folded stream of many texts: positions, own words, links, names, hashtags, n-grams. Texts are invented."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.batch import Batch, ngram_hashes
from nlp.types import MAX_CHARS
from xunke.text import clean

ODD = "减肥不好但#@/[]泪😍\ud800a1 求VＶ：http://t.cn//@www.著名看著說乾隆\n\0\u200b\ufe0f❤👍🏻\x1b[31m·-_转发微博"
TEXTS = st.lists(st.text(max_size=60) | st.text(alphabet=ODD, max_size=80), max_size=6)


def rows(*texts: str) -> list[str]:
    batch = Batch.of(texts)
    return [batch.row(i) for i in range(len(batch))]


def own(text: str) -> str:
    return Batch.of([text]).own(0)


def test_folds_width_case_script_and_signs() -> None:
    assert rows("ＡＢｃ，１２！“好”", "這個麵包裡有乾果", "𝐕Ⓧ") == ['abc,12!"好"', "这个面包里有干果", "vx"]


def test_characters_that_simplified_chinese_has_too_are_folded_in_traditional_text_only() -> None:
    assert rows("乾隆年间的著名瓷器", "看著她買餅乾", "說到著名的乾隆", "瞭望塔", "瞭解") == [
        "乾隆年间的著名瓷器", "看着她买饼干", "说到著名的乾隆", "瞭望塔", "了解",
    ]  # fmt: skip


def test_what_cannot_be_seen_is_left_out_and_positions_still_lead_to_the_text() -> None:
    batch = Batch.of(["加\u2060微👍🏻❤️好"])
    assert batch.row(0) == "加微👍❤好"
    assert batch.quote(0, 2, 4) == "👍🏻❤"
    assert batch.span(0, 0, 1) == (0, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("好吃//@路人:难吃", "好吃"),
        ("好吃// @路人:难吃//@某人:", "好吃"),
        ("轉發微博", ""),
        ("转发。", ""),
        (" Repost ", ""),
        ("//@某人:真好", ""),
        ("转发微博 好看", "转发微博 好看"),
        ("没有转发", "没有转发"),
    ],
)
def test_own_words(text: str, words: str) -> None:
    assert own(text) == words


def test_own_words_do_not_reach_into_the_next_text() -> None:
    assert own("看//") == Batch.of(["看//", "@某人 好"]).own(0) == "看//"


def test_links_and_names_are_blanked_and_counted() -> None:
    batch = Batch.of(["看http://t.cn/aBc?x=1，@小明 @ 在", "www.a.cn https://www.b.cn/@c", "", "http://"])
    assert batch.links.tolist() == [1, 2, 0, 0]
    assert batch.mentions.tolist() == [1, 1, 0, 0]
    assert [batch.row(i).split() for i in range(3)] == [["看", ",", "@", "在"], [], []]
    assert "http://t.cn/abc" in batch.folded_plain


def test_hashtags() -> None:
    batch = Batch.of(["#减肥# 打卡 #露营 #减肥#", "#a b#", "# #", "##", "＃搬家＃", "#长" + "长" * 50 + "#"])
    assert [batch.hashtags(i) for i in range(6)] == [
        ("减肥", "露营"), ("a",), (), (), ("搬家",), ("长" * 40,),
    ]  # fmt: skip
    assert batch.row(0).split() == ["减肥", "打卡", "露营", "减肥"]


def test_only_the_first_characters_are_read() -> None:
    batch = Batch.of(["好" * 100_000, "@" * 100_000, "#" * 100_000, "http://" + "a" * 100_000])
    assert [len(text) for text in batch.texts] == [MAX_CHARS] * 4
    assert batch.links.tolist() == [0, 0, 0, 1]


def test_row_sums_add_own_words_or_all() -> None:
    batch = Batch.of(["好好//@某人:好", "//@某人:好", "", "坏"])
    good = (batch.codes == ord("好")).astype(np.int8)
    assert batch.row_sums(good).tolist() == [2, 0, 0, 0]
    assert batch.row_sums(good, own=False).tolist() == [3, 1, 0, 0]
    assert batch.row_sums(batch.in_own).tolist() == [2, 0, 0, 1]
    assert Batch.of([]).row_sums(np.zeros(65)).tolist() == []


def test_ngrams_span_no_blank_and_no_two_texts() -> None:
    batch = Batch.of(["好吃", "好 吃 @某人 吃", "好"])
    one, two, three = ngram_hashes(batch)
    assert np.count_nonzero(one) == 6
    assert np.count_nonzero(two) == 1
    assert not three.any()
    assert one[batch.starts[0]] == one[batch.starts[1]] == one[batch.starts[2]]
    assert all(hashes.max() < 1 << 12 for hashes in ngram_hashes(batch, 2, bits=12))


def test_ngram_hashes_never_change() -> None:
    """Shipped models were trained with these numbers."""
    found = [int(hashes[0]) for hashes in ngram_hashes(Batch.of(["好吃啊"]))]
    assert found == [REFERENCE(text) for text in ("好", "好吃", "好吃啊")]


def REFERENCE(gram: str) -> int:
    state = 0
    for char in gram:
        state = (state + (0x9E3779B1 ^ ord(char))) & 0xFFFFFFFF
        state = state * 0x85EBCA6B & 0xFFFFFFFF
        state ^= state >> 15
        state = state * 0xC2B2AE35 & 0xFFFFFFFF
        state ^= state >> 13
    return state >> 12


def test_ngram_hashes_spread() -> None:
    same = sorted(set(rows("".join(map(chr, range(0x4E00, 0x4E00 + 210))))[0]))
    grams = [a + b for a in same for b in same]
    hashes = ngram_hashes(Batch.of([" ".join(grams[i : i + 600]) for i in range(0, len(grams), 600)]))[1]
    filled = len(np.unique(hashes[hashes > 0]))
    assert filled > 0.975 * (1 << 20) * (1 - np.exp(-len(grams) / (1 << 20)))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_a_text_among_others_is_the_text_alone(texts: list[str]) -> None:
    batch = Batch.of(texts)
    grams = ngram_hashes(batch)
    for i, text in enumerate(texts):
        alone = Batch.of([text])
        assert alone.row(0) == batch.row(i)
        assert alone.own(0) == batch.own(i)
        assert alone.texts[0] == batch.texts[i] == clean(text[:MAX_CHARS])
        assert (alone.links[0], alone.mentions[0]) == (batch.links[i], batch.mentions[i])
        assert alone.hashtags(0) == batch.hashtags(i)
        for here, there in zip(ngram_hashes(alone), grams, strict=True):
            assert here[: alone.ends[0]].tolist() == there[batch.starts[i] : batch.ends[i]].tolist()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet=ODD, max_size=80))
def test_every_position_leads_back_to_the_written_text(text: str) -> None:
    batch = Batch.of([text])
    for place in range(int(batch.ends[0])):
        start, end = batch.span(0, place, place + 1)
        assert end == start + 1
        alone = Batch.of([batch.texts[0][start]])
        char = alone.plain[0]
        assert batch.plain[place] == char or batch.texts[0][start] in "乾著瞭"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="好a@#/:. \n转发微博repost-·_http://www.t.cn,，", max_size=60))
def test_marks_agree_with_regular_expressions(text: str) -> None:
    """The same rules as patterns, one text at a time, without invisible characters."""
    batch = Batch.of([text])
    plain = batch.folded_plain[: batch.ends[0]]
    names = re.findall(r"@[\w\-·]{1,30}", plain)
    assert batch.mentions[0] == len(names)
    cut = re.search(r"//\s{0,8}@", plain)
    words = plain[: cut.start()] if cut else plain
    words = "" if re.fullmatch(r"\s*(?:转发微博|转发|repost)[。.!]?\s*", words) else words
    assert batch.own_ends[0] - batch.starts[0] == len(words)
    assert batch.links[0] == len(re.findall(r"https?://[\w./?=&%#~:+\-]+|www\.[\w./?=&%#~:+\-]+", text, re.ASCII))
