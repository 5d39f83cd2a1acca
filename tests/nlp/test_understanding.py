"""What the text functions make of invented posts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.analyse import analyse
from nlp.interests import interests, taxonomy
from nlp.keywords import keywords
from nlp.needs import life_events, needs
from nlp.score import score_line
from nlp.segment import cut, hashtags, own_words, words
from nlp.spam import spam
from nlp.types import Analysis, Engine


def sentiment(text: str, engine: Engine = "xunke") -> Analysis:
    return analyse(text, engine)


@pytest.mark.parametrize(
    "text",
    [
        "这家面馆太好吃了，下次还来",
        "用了两周皮肤真的变好了，爱了爱了😍",
        "有点贵但是真香",
        "从来没踩雷，质量很好",
        "终于提车了！开心[鼓掌]",
    ],
)
def test_glad_posts(text: str) -> None:
    assert sentiment(text).label == "positive"


@pytest.mark.parametrize(
    "text",
    [
        "避雷！客服态度太差，再也不买了[怒]",
        "不好吃，还贵",
        "减肥第30天又胖了[允悲][泪]",
        "看着很漂亮但是用了就烂脸，后悔",
        "等了两个小时，快递还是没到，无语",
        "下头，绝对智商税",
    ],
)
def test_sore_posts(text: str) -> None:
    assert sentiment(text).label == "negative"


def test_nothing_said_is_neutral_and_even() -> None:
    for text in ("", "   ", "转发微博", "123", "……", "@某人 http://t.cn/x"):
        assert (sentiment(text).sentiment, sentiment(text).label) == (0.5, "neutral")


def test_negation_turns_a_word_around() -> None:
    assert sentiment("好吃").sentiment > 0.5 > sentiment("不好吃").sentiment
    assert sentiment("失望").sentiment < sentiment("没失望").sentiment


def test_contrast_counts_what_follows() -> None:
    assert sentiment("颜值很高，但是很难用").sentiment < sentiment("很难用，但是颜值很高").sentiment


def test_own_words_of_a_repost_outweigh_what_it_forwards() -> None:
    assert sentiment("太棒了").sentiment > sentiment("太棒了//@路人甲:垃圾，恶心").sentiment > 0.6
    assert sentiment("太差了").sentiment < sentiment("太差了//@路人甲:好吃，开心").sentiment < 0.4
    alone, forwarded = sentiment("气死我了"), sentiment("转发微博//@路人甲:气死我了")
    assert alone.sentiment < forwarded.sentiment < 0.5
    assert own_words("转发微博") == ""


def test_snownlp_engine_is_snownlp() -> None:
    from snownlp import SnowNLP

    for text in ("这个东西真心很赞", "质量太差了，退货"):
        assert sentiment(text, "snownlp").sentiment == pytest.approx(SnowNLP(text).sentiments, abs=1e-4)


def test_taxonomy_is_two_level_and_wide() -> None:
    found = taxonomy()
    assert len(found) >= 20
    assert all(found.values())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("周末去营地搭天幕，带了睡袋", "户外"),
        ("今天的手冲用了浅烘的豆子", "咖啡"),
        ("敏感肌换季用什么面霜", "护肤"),
        ("哄睡两小时，宝宝还是醒", "母婴"),
        ("主子又拆了一包猫砂", "宠物"),
        ("打卡 #减肥#", "减肥"),
        ("考研倒计时，图书馆又满了", "教育"),
        ("想换个降噪耳机", "数码"),
    ],
)
def test_interest(text: str, name: str) -> None:
    assert name in dict(interests(text).first)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("动物园看熊猫", "宠物"),
        ("里面有猫腻", "宠物"),
        ("单身狗的周末", "宠物"),
        ("本宝宝饿了", "母婴"),
        ("这个词很美", "美妆"),
    ],
)
def test_words_inside_words_do_not_count(text: str, name: str) -> None:
    assert name not in dict(interests(text).first)


def test_a_hashtag_says_more_than_a_word() -> None:
    assert dict(interests("#咖啡# 早").first)["咖啡"] > dict(interests("咖啡 早").first)["咖啡"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("求推荐一款适合油皮的防晒", "seek_advice"),
        ("请问哪家健身房比较靠谱？", "seek_advice"),
        ("有没有姐妹推荐一下猫粮", "seek_advice"),
        ("好想买那台咖啡机", "want_to_buy"),
        ("准备换手机了", "want_to_buy"),
        ("避雷这家店，上菜慢还少发了一份", "complain"),
        ("客服根本没人理，售后太差", "complain"),
        ("姐妹们都给我冲，真的好用", "recommend"),
        ("安利一个护手霜", "recommend"),
        ("甲牌和乙牌哪个好用？", "compare"),
        ("出一台九成新的相机，自用闲置转让", "sell"),
    ],
)
def test_need(text: str, name: str) -> None:
    assert name in {found.name for found in needs(text)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("从来没踩雷，放心买", "complain"),
        ("再也不想买衣服了", "want_to_buy"),
        ("求推荐", "recommend"),
        ("不推荐", "recommend"),
        ("垃圾分类从今天开始", "complain"),
        ("今天天气不错", "seek_advice"),
        ("包邮吗", "sell"),
    ],
)
def test_no_need(text: str, name: str) -> None:
    assert name not in {found.name for found in needs(text)}


def test_needs_of_the_forwarded_author_are_not_mine() -> None:
    assert analyse("哈哈//@路人:求推荐一款面霜").needs == ()


def test_life_events() -> None:
    assert {name for name, _ in life_events("我们领证啦！下个月搬家")} == {"wedding", "moving"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("兼职日结，一单30元，日赚300不是梦", "money"),
        ("想瘦的加V：abc12345", "contact"),
        ("诚招代理，一件代发", "ad_words"),
        ("互粉互关，回关秒回", "engagement_bait"),
        ("【广告】新品上市", "disclosed_ad"),
    ],
)
def test_spam_has_a_reason(text: str, reason: str) -> None:
    found = spam(text)
    assert found.p >= 0.45
    assert reason in found.reasons


def test_plain_talk_is_no_spam() -> None:
    for text in ("今天跑了五公里，累但是开心", "求推荐一家好吃的火锅", "孩子终于睡了"):
        assert spam(text).p < 0.1


def test_words_and_tags() -> None:
    assert hashtags("#减肥# 打卡 #露营 今天") == ("减肥", "露营")
    assert "绝绝子" in cut("这杯绝绝子")
    assert words("@某人 http://a.cn/x 今天去露营[doge] 123") == ["露营"]


def test_keywords_find_what_marks_a_set() -> None:
    coffee = ["手冲咖啡好香", "今天的咖啡豆很酸", "拿铁加燕麦奶", "手冲用的滤杯", "燕麦奶拿铁回购"] * 2
    other = ["今天去跑步", "今天的猫很乖", "今天加班", "周末去爬山"] * 5
    marked = {found.word for found in keywords(coffee, other)}
    assert "手冲" in marked
    assert "今天" not in marked
    assert {found.word for found in keywords(coffee)} & {"手冲", "燕麦奶"}
    assert keywords([]) == ()
    assert keywords([], []) == ()
    assert keywords(coffee, coffee[:0])


def test_score_line_has_the_contract_shape() -> None:
    found = score_line("求推荐好喝的咖啡")
    assert set(found) == {"sentiment", "label", "interests", "needs", "spam"}
    assert found["interests"] == [["咖啡", 0.6]]
    assert score_line("")["label"] == "neutral"


def test_a_huge_line_is_cut_and_scored() -> None:
    huge = "这家店真的很好吃" * 12_000
    assert score_line(huge)["label"] == "positive"
    assert score_line("a" * 100_000)["label"] == "neutral"
    assert score_line("(((" * 40_000)["spam"] is not None


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.text(alphabet="减肥不好但#@/[]泪😍\ud800a1 求推荐加V：http://", max_size=80))
def test_any_text_has_an_answer_and_always_the_same(text: str) -> None:
    found = score_line(text)
    assert isinstance(found["sentiment"], float)
    assert 0 <= found["sentiment"] <= 1
    assert found == score_line(text)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_snownlp_engine_answers_any_text(text: str) -> None:
    found = sentiment(text, "snownlp")
    assert 0 <= found.sentiment <= 1
