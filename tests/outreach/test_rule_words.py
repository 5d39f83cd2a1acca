"""Rules of segments in plain words. All sentences are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke.errors import BadInput
from xunke.outreach import rule_words
from xunke.outreach.segment_rules import parse, said

SAID = [
    ("30天内发过3条以上 #减肥 的上海女生",
     "近30天发帖数 >= 3 且 近30天话题 含 减肥 且 地区 = 上海 且 性别 = female"),
    ("粉丝数大于1万且最近7天活跃的", "粉丝数 >= 10000 且 最近活跃 <= 7"),
    ("没联系过的", "触达次数 = 0"),
    ("说过想买但还没关注我们的", "说过 含 想买 且 互动方式 不含 关注"),
    ("近30天聊宝宝的人", "近30天说过 含 宝宝"),
    ("粉丝1000到5万的江浙沪宝妈", "粉丝数 >= 1000 且 粉丝数 <= 50000 且 地区 含 (江苏、浙江、上海) 且 职业 含 宝妈"),
    ("杭州或上海的女生，粉丝五千以上", "(地区 = 上海 或 城市 = 杭州) 且 性别 = female 且 粉丝数 >= 5000"),
    ("买过两次以上的", "购买次数 >= 2"),
    ("从没买过但跟我们互动过的", "购买次数 = 0 且 互动我们 >= 1"),
    ("最近两周没发帖的", "最近活跃 > 14"),
    ("评论过我们但没买过的", "互动方式 含 评论 且 购买次数 = 0"),
    ("不在名单春季里的沉睡粉丝", "名单 不含 春季 且 阶段 = 沉睡"),
    ("聊露营或者徒步的人", "说过 含 露营 或 说过 含 徒步"),
    ("followers over 5k in Shanghai", "粉丝数 >= 5000 且 地区 = 上海"),
    ("women in Beijing active in the last 7 days", "性别 = female 且 地区 = 北京 且 最近活跃 <= 7"),
    ("people who never bought but follow us", "购买次数 = 0 且 互动方式 含 关注"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "rule"), SAID)
def test_plain_words_are_a_rule(words: str, rule: str) -> None:
    node = rule_words.read(words)
    assert said(node) == rule
    assert parse(rule) == parse(said(parse(rule)))


@pytest.mark.parametrize("words", ["今天天气不错的人", "粉丝过万而且很好看", "30天内的上海女生", "", "都是在"])
def test_what_is_not_understood_is_no_rule(words: str) -> None:
    with pytest.raises(BadInput):
        rule_words.read(words)


def test_the_strict_language_goes_first_and_says_what_is_wrong() -> None:
    assert said(rule_words.read("粉丝 >= 1000 且 地区 = 上海")) == "粉丝数 >= 1000 且 地区 = 上海"
    with pytest.raises(BadInput) as wrong:
        rule_words.read("颜色 = 红")
    assert wrong.value.key == "rule.no_field"


@given(st.text(max_size=60) | st.lists(st.sampled_from([words for words, _ in SAID]), max_size=3).map("，".join))
def test_any_text_is_a_rule_that_can_be_printed_and_read_or_none(text: str) -> None:
    node = rule_words.plain(text)
    if node is not None:
        assert said(parse(said(node))) == said(node)
