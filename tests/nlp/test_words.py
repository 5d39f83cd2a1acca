"""Keywords, topics, new words, rising terms and over-index. All texts and numbers are invented."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.keywords import Lexicon, keywords, log_odds_z, terms, topics
from nlp.newwords import is_word, new_words
from nlp.overindex import over_index, over_index_of
from nlp.trends import Mention, benjamini_hochberg, bursts, trends

FAT = [
    f"第{n}天，今天的减脂餐是{food}，减脂餐要坚持 #减脂日记# [开心]"
    for n, food in enumerate(["鸡胸", "玉米", "沙拉"] * 5)
]
CATS = [f"猫{n}号又把{thing}推下桌了，笑死" for n, thing in enumerate(["杯子", "手机", "花瓶"] * 5)]


def test_a_phrase_is_told_and_not_its_parts() -> None:
    found = keywords(FAT, CATS)
    by_word = {k.word: k for k in found}
    assert "减脂餐" in by_word
    assert "减脂" not in by_word
    assert by_word["#减脂日记"].kind == "tag"
    assert by_word["[开心]"].kind == "emoticon"
    assert by_word["减脂餐"].texts == len(FAT)
    assert all("减脂餐" in FAT[at] for at in by_word["减脂餐"].examples)
    assert {k.kind for k in keywords(FAT, CATS, kinds=("tag",))} == {"tag"}


def test_copies_do_not_shout() -> None:
    posts = ["转一下这个露营装备清单"] * 50 + CATS
    assert not {k.word for k in keywords(posts)} & {"露营", "清单", "装备"}


def test_the_users_words_are_kept_whole_and_stop_words_left_out() -> None:
    posts = [f"今天又是老钱风穿搭的第{n}天" for n in range(6)]
    own = Lexicon(frozenset({"老钱风"}), frozenset({"穿搭"}))
    words = {word for text in terms(posts, own=own).texts for word in text}
    assert "老钱风" in words
    assert not any("穿搭" in word for word in words)


def test_log_odds_are_even_for_even_sets_and_grow_with_evidence() -> None:
    assert log_odds_z(10, 1000, 10, 1000)[1] == pytest.approx(0)
    assert 0 < log_odds_z(10, 1000, 2, 1000)[1] < log_odds_z(100, 10000, 20, 10000)[1]
    assert log_odds_z(0, 0, 0, 0) == (0.0, 0.0)


def test_topics_are_words_that_stand_together() -> None:
    camping = [f"{a}和{b}，营地真不错{n}" for n in range(8) for a, b in (("帐篷", "天幕"), ("天幕", "帐篷"))]
    coffee = [f"{a}、{b}，第{n}回" for n in range(8) for a, b in (("咖啡", "豆子"), ("豆子", "咖啡"))]
    found = topics(terms(camping + coffee), min_texts=3)
    together = [set(topic.words) for topic in found]
    assert any({"帐篷", "天幕"} <= words for words in together)
    assert any({"咖啡", "豆子"} <= words for words in together)
    assert not any({"帐篷", "豆子"} <= words for words in together)
    assert found == topics(terms(camping + coffee), min_texts=3)
    assert topics(terms([])) == ()


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_texts_have_keywords_and_new_words(texts: list[str]) -> None:
    found = terms(texts)
    assert len(found.texts) == len(texts)
    assert all(word in found.kinds for text in found.texts for word in text)
    keywords(texts, texts[:3])
    topics(found, min_texts=1)
    new_words(texts, min_texts=1, min_cohesion=0, min_freedom=0)


def _invented_posts(n: int, seed: int = 1) -> list[str]:
    """Posts of random common characters, with an invented word in some of them and a habit of one author."""
    rng = random.Random(seed)
    common = "天人心水火山田木花草鸟鱼风云雨雪春夏秋冬东西南北左右前后红黄蓝白黑明亮清静高低远近新旧"
    out = []
    for i in range(n):
        text = [rng.choice(common) for _ in range(40)]
        if i % 10 == 0:
            at = rng.randrange(36)
            text[at : at + 3] = list("唧咕噜")
        out.append("".join(text))
    return out


def test_a_word_that_no_dictionary_has_is_found() -> None:
    posts = _invented_posts(400)
    found = new_words(posts)
    assert found[0].word == "唧咕噜"
    assert found[0].texts == pytest.approx(40, abs=2)
    assert found[0].cohesion > 3
    assert found[0].freedom > 1
    assert all("唧咕噜" in posts[at] for at in found[0].examples)
    assert not any(is_word(word.word) for word in found)
    assert "唧咕噜" not in {w.word for w in new_words(posts, known=["唧咕噜"])}


def test_one_loud_author_and_copies_make_no_new_word() -> None:
    posts = _invented_posts(400)
    assert not new_words(posts, owners=[0 if "唧咕噜" in post else n + 1 for n, post in enumerate(posts)])
    assert not new_words(["今天唧咕噜真好" for _ in range(50)])


@pytest.mark.slow
def test_a_hundred_thousand_posts_take_seconds() -> None:
    posts = _invented_posts(100_000)
    started = time.perf_counter()
    assert new_words(posts)[0].word == "唧咕噜"
    assert time.perf_counter() - started < 30  # about 5 on an idle core


# -- what rises ----------------------------------------------------------------------------------------------------


def _days(rate: float, risen: float, days: int = 35, people: int = 100, seed: int = 3) -> list[Mention]:
    """Invented: each day ``people`` authors; a term at ``rate``, in the last week at ``risen``."""
    rng = random.Random(seed)
    return [
        Mention(day, rng.randrange(5000), ["杯"] if rng.random() < (risen if day >= days - 7 else rate) else [])
        for day in range(days)
        for _ in range(people)
    ]


def test_a_term_that_more_people_use_rises() -> None:
    told = trends(_days(0.02, 0.08), 28, 34)
    (row,) = told.rows
    assert (row.verdict, told.problem, told.tested) == ("rising", "", 1)
    assert row.q is not None
    assert row.q < 0.001
    assert row.growth == pytest.approx(4, rel=0.5)
    assert row.expected == pytest.approx(14, rel=0.5)
    assert 28 <= row.peak <= 34
    assert len(row.series) == 35
    assert len(row.examples) == 3


def test_a_term_that_fewer_people_use_falls() -> None:
    (row,) = trends(_days(0.1, 0.02), 28, 34).rows
    assert row.verdict == "falling"
    assert row.z is not None
    assert row.z < 0


def test_a_busier_week_raises_nothing() -> None:
    """Three times as many people write, each as before."""
    quiet = _days(0.05, 0.05)
    more = [m._replace(author=(m.author or 0) + 5000 * n) for m in quiet if m.day >= 28 for n in (1, 2)]
    (row,) = trends([*quiet, *more], 28, 34).rows
    assert row.verdict == "steady"


def test_one_author_makes_no_trend() -> None:
    quiet = _days(0.0, 0.0)
    loud = [Mention(day, 7, ["清仓"]) for day in range(28, 35) for _ in range(40)]
    (row,) = trends([*quiet, *loud], 28, 34).rows
    assert row.authors == 7  # once a day
    assert trends([*quiet, *(m for m in loud if m.day < 31)], 28, 34).rows[0].verdict == "too_few"


def test_too_little_data_is_said_and_no_number_given() -> None:
    assert trends([], 28, 34).problem == "window"
    assert trends(_days(0.1, 0.1, days=9), 4, 8).problem == "baseline"
    for row in trends(_days(0.1, 0.1, days=9), 4, 8).rows:
        assert (row.z, row.q, row.growth, row.verdict) == (None, None, None, "too_few")


def test_noise_is_no_trend_even_where_days_differ_wildly() -> None:
    """A hundred terms that rise nowhere, some days thrice as much used as others: hardly a false alarm."""
    false = 0
    for seed in range(6):
        rng = random.Random(seed)
        words = [f"词{n}" for n in range(100)]
        mentions = []
        for day in range(35):
            loud = {word: rng.gammavariate(4, 0.25) for word in words}
            mentions += [
                Mention(
                    day, rng.randrange(3000), [w for n, w in enumerate(words) if rng.random() < 0.2 / (n + 2) * loud[w]]
                )
                for _ in range(80)
            ]
        false += sum(row.verdict in ("rising", "falling") for row in trends(mentions, 28, 34, limit=100).rows)
    assert false <= 3


def test_benjamini_hochberg() -> None:
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert benjamini_hochberg([]) == []


def test_a_burst_is_a_day_above_the_days_before() -> None:
    series = [5, 4, 6, 5, 5, 6, 4, 5, 30, 5]
    assert bursts(series, [100] * 10) == (8,)
    one_day = [m._replace(terms=["杯"]) if m.day == 31 and n % 3 == 0 else m for n, m in enumerate(_days(0.02, 0.02))]
    assert trends(one_day, 28, 34).rows[0].bursts == (31,)


# -- over-index ----------------------------------------------------------------------------------------------------


def test_what_a_group_has_more_of() -> None:
    group = {"露营": 60, "咖啡": 30, "稀有": 2}
    everybody = {"露营": 160, "咖啡": 300, "稀有": 9, "篮球": 200}
    rows = {row.item: row for row in over_index(group, 100, everybody, 1000)}
    camping, coffee = rows["露营"], rows["咖啡"]
    assert (camping.verdict, coffee.verdict, rows["稀有"].verdict, rows["篮球"].verdict) == (
        "over", "same", "too_few", "under",
    )  # fmt: skip
    assert camping.index is not None
    assert camping.low is not None
    assert camping.high is not None
    assert 300 < camping.index < 375  # 60 % against 16 % is 375; the prior draws it in
    assert 100 < camping.low < camping.index < camping.high
    assert rows["稀有"].index is None
    assert coffee.index == pytest.approx(100, abs=1)


def test_intervals_cover_the_truth() -> None:
    """Groups drawn at random from everybody have an index of 100: at least nine in ten intervals must hold it."""
    rng = random.Random(5)
    held = asked = 0
    for _ in range(150):
        people = [{"a"} if rng.random() < 0.3 else set() for _ in range(400)]
        for row in over_index_of(people[:80], people[80:]):
            assert row.low is not None
            assert row.high is not None
            held += row.low <= 100 <= row.high
            asked += 1
    assert held / asked > 0.9


def test_a_small_group_is_not_judged() -> None:
    assert {row.verdict for row in over_index({"露营": 20}, 20, {"露营": 50}, 500)} == {"too_few"}
    with pytest.raises(ValueError, match="no part"):
        over_index({"露营": 20}, 20, {"露营": 10}, 500)
