"""Signs of advertising and spam, with invented posts."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.analyse import spam_rules
from nlp.batch import Batch
from nlp.gate import Gate
from nlp.plain import plain, plain_as_long
from nlp.spam import THRESHOLD, Rule, Spam, _repeated, has_contact, judge, rules, said, spam

ADS = [
    ("想瘦的姐妹加V：abc12345", "contact"),
    ("➕薇❤ shop8899 看款", "contact"),
    ("微❤：lina2020xx 备注来意", "contact"),
    ("咨询请加ＶＸ：ｌｉｎａ２０２０", "contact"),
    ("需要的加威信 lina2020，秒通过", "contact"),
    ("加\u200b微\u200b信\u200b lina8899", "contact"),
    ("有需要私信我领资料", "contact"),
    ("兼職日結，一單30元，在家賺錢", "money"),
    ("兼职日结，一单30元，日赚300不是梦", "money"),
    ("现货白银实盘指导，专业导师带你，欢迎投资者", "invest"),
    ("诚招代理，一件代发", "ad_words"),
    ("我司秉承客户至上的宗旨，竭诚为您服务", "mission"),
    ("本公司致力于为广大客户提供优质的产品和服务", "mission"),
    ("公司现有员工三百人，占地两万平米，荣获省级先进单位称号", "company"),
    ("学校先后被评为省级示范学校", "company"),
    ("某某集团是国内领先的环保设备制造商", "company"),
    ("年度新品震撼上市，敬请期待", "product"),
    ("精装洋房盛大开盘，首付30万起", "luxury_estate"),
    ("零基础小班课，免费试听，名额有限，报名从速", "course"),
    ("高薪诚聘销售若干，包吃住，有意者联系", "recruit"),
    ("日本代购现货，需要的私信", "shop"),
    ("今晚八点直播间秒杀，福利多多", "livestream"),
    ("关注并转发，抽三位送面膜一盒", "lottery"),
    ("互粉互关，回关秒回", "engagement_bait"),
    ("姐妹们快去打投，空瓶控评都做起来", "fan_campaign"),
    ("【广告】新品上市", "disclosed_ad"),
    ("欢迎新老顾客前来选购", "sales_call"),
    ("本产品采用先进工艺，操作简便，安全可靠", "corporate"),
]
PLAIN_TALK = [
    "今天跑了五公里，累但是开心",
    "求推荐一家好吃的火锅",
    "孩子终于睡了",
    "8月23日入住，房间很干净，服务员态度好",
    "公司没有五险一金，我要辞职",
    "客服电话一直打不通，太气人了",
    "我们学校食堂的饭真难吃",
    "有没有代购推荐，想买护手霜",
    "谨防刷单骗局，日赚千元都是骗人的",
    "看直播看到半夜，困死了",
    "买不起房，均价又涨了",
    "抽奖从来没中过",
    "酒店设施齐全，服务一流，下次还来",
    "有谁会装系统的，联系下QQ：1234567，求助",
    "我们公司今天团建，好累",
    "哈哈哈哈哈哈哈哈哈哈哈哈",
    "这款产品操作简单，我很喜欢，还会回购",
    "某某，男，1962年生，教授，获省级先进个人称号",
    "《某某》是由某某影视有限公司出品的电视剧",
]


@pytest.mark.parametrize(("text", "reason"), ADS)
def test_an_advertisement_has_its_reason(text: str, reason: str) -> None:
    found = spam(text)
    assert reason in found.reasons
    assert found.p >= 0.4
    if reason not in ("fan_campaign", "engagement_bait"):
        assert found.p >= THRESHOLD


@pytest.mark.parametrize("text", PLAIN_TALK)
def test_people_talking_are_no_spam(text: str) -> None:
    assert spam(text).p < THRESHOLD


@pytest.mark.parametrize(("text", "reason"), ADS)
def test_disguise_does_not_help(text: str, reason: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    hidden = "\u200b".join(text)
    for disguised in (wide, hidden, text.upper()):
        assert reason in spam(disguised).reasons


def test_contact_details_are_told_apart() -> None:
    assert has_contact("加V：abc12345")
    assert has_contact("电话 13800138000")
    assert not has_contact("今天加班到十点")
    assert not has_contact("见 http://a.cn/wx=abc12345678")


@settings(max_examples=20, deadline=None)
@given(st.data())
@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_every_match_of_a_rule_meets_a_condition(rule: Rule, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rule.patterns) - 1))
    text = data.draw(st.from_regex(rule.patterns[place], fullmatch=True))
    if rule.beside:
        text += data.draw(st.from_regex(data.draw(st.sampled_from(rule.beside)), fullmatch=True))
    batch = Batch.of([text])
    if rule.finds(said(batch, 0), range(len(rule.conditions))):
        assert rules().index(rule) in dict(spam_rules(batch).get(0, ()))


def ungated(text: str) -> Spam:
    batch = Batch.of([text])
    p, reasons = judge(batch, {0: [(number, tuple(range(len(r.conditions)))) for number, r in enumerate(rules())]})
    return Spam(p[0], reasons.get(0, ()))


WORDS = sorted(Gate([rule.conditions for rule in rules()]).words)
ALPHABET = (
    "加薇❤信vx12345：致力于为公司被评为示范转发抽位兼职日结名额下单直播间秒杀广告#@ http://a。！\n包邮代购现货私信"
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet=ALPHABET, max_size=80) | st.lists(
    st.sampled_from(WORDS), max_size=12).map("".join))  # fmt: skip
def test_looking_for_anchors_first_changes_nothing(text: str) -> None:
    found = spam(text)
    assert found == ungated(text)
    assert 0 <= found.p <= 1


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "😀" * 500, "公司" * 50_000, "加" * 100_000, "a1" * 50_000, "提供" * 50_000, "抽送" * 40_000,
        "#" * 100_000, "@" * 100_000, "((((" * 25_000, "转发关注" * 25_000, "加vvvv" * 20_000, "1" * 100_000,
        "\u200b" * 100_000, "e\u0301" * 50_000, "繁體中文的貼文", "家 " * 50_000, "wxid_" * 20_000,
    ],
)  # fmt: skip
def test_any_text_is_judged_quickly(text: str) -> None:
    spam("热身")
    start = time.process_time()
    found = spam(text)
    assert time.process_time() - start < 0.5
    assert 0 <= found.p <= 1


def test_plain_is_one_form_for_many() -> None:
    assert plain("ＶＸ：Ａｂｃ 致 力 於") == "vx:abc 致力于"
    assert plain_as_long("ＶＸ於İ") == "vx于İ"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100))
def test_plain_as_long_keeps_positions(text: str) -> None:
    assert len(plain_as_long(text)) == len(text)


def test_no_rule_repeats_without_end() -> None:
    """Unbounded quantifiers over wide classes are what makes expressions slow."""
    for rule in rules():
        for pattern in (*rule.patterns, *rule.beside, rule.unless):
            assert not re.search(r"(?<!\\)[.\]]\*|(?<!\\)[.\]]\+(?![^\]]*\])", pattern), rule.name


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="甲乙丙", max_size=60)
    | st.builds(lambda a, n, b: a * n + b, st.text(max_size=12), st.integers(0, 9), st.text(max_size=9))
)
def test_repetition_is_found_as_an_expression_finds_it(text: str) -> None:
    batch = Batch.of(["前", text, "后"])
    expected = re.search(r"(.{4,40}?)\1{3,}", batch.whole(1), re.DOTALL) is not None
    assert (_repeated(batch) == [1]) == expected or re.search(r"\s{3}", batch.whole(1))
