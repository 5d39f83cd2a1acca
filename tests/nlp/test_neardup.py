"""Near-duplicates across accounts, and acting in step; all texts invented."""

from __future__ import annotations

import gc
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.neardup import (
    SHORTEST,
    by_member,
    copied_shares,
    groups,
    jaccard,
    normal,
    self_similarity,
    shingles,
    signatures,
    synchrony,
)

AD = "家人们这家的酵素真的好用一周瘦了三斤姐妹们快去看看吧错过就没有了"


def test_the_same_text_with_decorations_is_one_group() -> None:
    texts = [AD, AD + "！！", "【推荐】" + AD + " http://t.cn/abc", AD.replace("三斤", "五斤"), "#酵素# " + AD + "[心]"]
    found = groups([*texts, "今天去公园散步看到好多小狗特别开心"], ["a", "b", "c", "d", "e", "f"])
    assert [g.members for g in found] == [(0, 1, 2, 3, 4)]
    assert found[0].accounts == 5


def test_one_account_repeating_itself_is_no_copy_across_accounts() -> None:
    assert groups([AD, AD, AD], ["a", "a", "a"]) == ()
    assert groups([AD, AD, AD], ["a", "a", "a"], least_accounts=1)[0].accounts == 1


@pytest.mark.parametrize(
    "text",
    ["转发微博", "哈哈哈哈", "#加油#", "#一个很长很长很长的话题#", "//@某人:" + AD, "", "[泪][泪][泪]", "@甲 @乙"],
)
def test_what_everybody_says_is_left_out(text: str) -> None:
    assert normal(text) == ""
    assert groups([text] * 5, range(5)) == ()


def test_traditional_width_and_case_do_not_hide_a_copy() -> None:
    assert normal("ＡＢＣ 今天的活动真的非常不错大家快来") == normal("abc今天的活动真的非常不错大家快来！")


def test_ids_stay_when_more_is_found() -> None:
    times = [100, 200, 300]
    first = groups([AD, AD + "一", AD + "二"], ["a", "b", "c"], times)
    more = groups([AD + "三", AD, AD + "一", AD + "二"], ["d", "a", "b", "c"], [400, *times])
    assert first[0].id == more[0].id
    assert (first[0].span, more[0].span) == (200, 300)


def test_every_near_pair_is_found_and_no_far_pair() -> None:
    r = random.Random(7)
    signs = [chr(0x4E00 + i) for i in range(2000)]
    base = ["".join(r.choices(signs, k=50)) for _ in range(400)]
    near = [text[:20] + r.choice(signs) + text[21:] for text in base]
    found = groups(base + near, range(800))
    pairs = {g.members for g in found}
    assert sum((i, i + 400) in pairs for i in range(400)) >= 398
    assert all(len(g.members) == 2 for g in found)


def test_signatures_agree_as_often_as_the_sets_overlap() -> None:
    import numpy as np

    a, b = AD, AD[:24] + "完全不同的结尾说的是另外一件事"
    near = float(np.mean(np.equal(*signatures([a, b]))))
    assert near == pytest.approx(jaccard(shingles(a), shingles(b)), abs=0.25)


def test_time_grows_with_the_number_of_texts() -> None:
    r = random.Random(3)
    signs = [chr(0x4E00 + i) for i in range(2000)]
    texts = ["".join(r.choices(signs, k=40)) for _ in range(20_000)]

    def seconds(n: int) -> float:
        """CPU time of the best of four runs; without the collector, whose time is that of the whole test process."""
        took = []
        gc.disable()
        for _ in range(4):
            start = time.process_time()
            groups(texts[:n], range(n))
            took.append(time.process_time() - start)
        gc.enable()
        return min(took)

    seconds(1000)
    assert seconds(20_000) < 10 * max(seconds(5_000), 0.02)


def test_a_thousand_variants_of_one_text_are_one_group() -> None:
    found = groups([f"{AD}编号{i}" for i in range(1000)], range(1000))
    assert len(found) == 1
    assert found[0].accounts == 1000


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_any_texts_are_grouped_each_at_most_once(texts: list[str]) -> None:
    found = groups(texts, range(len(texts)))
    members = [m for g in found for m in g.members]
    assert len(members) == len(set(members))
    assert set(by_member(found)) == set(members)
    assert all(len(normal(texts[m])) >= SHORTEST for m in members)


def test_shares_need_three_comparable_posts() -> None:
    texts = [AD + x for x in "一二三"] * 3 + ["今天吃了一碗很好吃的牛肉面真满足"] * 1
    accounts = ["a"] * 3 + ["b"] * 3 + ["c"] * 3 + ["d"]
    assert copied_shares(groups(texts, accounts), texts, accounts) == {"a": 1.0, "b": 1.0, "c": 1.0}


def test_self_similarity() -> None:
    assert self_similarity([AD, AD]) is None
    assert self_similarity([AD, AD, AD]) == 1.0
    low = self_similarity(["今天去公园散步看到好多小狗", "加班到十点才回家真的好累啊", "新买的锅炒菜一点都不粘底"])
    assert low is not None
    assert low < 0.05


def test_acting_in_step_with_the_same_partners() -> None:
    acts = [(who, f"t{k}", 1000 * k + i) for k in range(5) for i, who in enumerate(("a", "b", "c"))]
    acts += [("d", f"t{k}", 1000 * k + 700) for k in range(5)]
    acts += [(f"crowd{i}", "hot", 50) for i in range(200)]
    found = synchrony([a for a, _, _ in acts], [t for _, t, _ in acts], [t for _, _, t in acts])
    assert found == {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0}


def test_a_huge_text_does_not_stop_it() -> None:
    start = time.process_time()
    assert len(groups(["啊" * 100_000 + "一二三四五六七八九十甲乙丙丁", AD, AD], [1, 2, 3])) == 1
    assert time.process_time() - start < 2
