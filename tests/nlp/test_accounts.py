"""The account scorecard, on invented accounts."""

from __future__ import annotations

import math
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.accounts import AccountSignals, Activity, authenticity, behaviour, is_default_name, signals
from nlp.resources import table

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

BOT = {
    "followers": 5, "following": 900, "posts": 4000, "age_days": 40, "has_bio": False, "default_name": True,
    "interval_cv": 0.2, "hour_entropy": 0.99, "self_similarity": 0.5, "link_share": 0.9, "mentions_per_post": 3,
    "contact_share": 0.4,
}  # fmt: skip
PERSON = {
    "followers": 300, "following": 250, "posts": 900, "age_days": 1500, "has_bio": True, "default_name": False,
    "interval_cv": 1.8, "hour_entropy": 0.8, "self_similarity": 0.03, "link_share": 0.05, "mentions_per_post": 0.2,
    "contact_share": 0.0,
}  # fmt: skip


def test_a_bot_and_a_person() -> None:
    assert authenticity(BOT).p_spam > 0.95
    assert authenticity(PERSON).p_spam < 0.05
    assert {"interval_cv", "contact_share"} <= set(authenticity(BOT).reasons)
    assert authenticity(PERSON).reasons == ()


def test_nothing_known_is_the_prior_and_says_so() -> None:
    nothing = authenticity({})
    assert nothing.seen == 0
    assert nothing.parts == ()
    assert nothing.p_spam == pytest.approx(1 / (1 + math.exp(-table("accounts")["prior"]["log_odds"])), abs=1e-4)
    assert nothing == authenticity(AccountSignals()) == authenticity({"followers": None, "interval_cv": math.nan})


@pytest.mark.parametrize("name", sorted(BOT))
def test_what_is_missing_is_no_penalty(name: str) -> None:
    """Leaving a number out moves the answer toward what the others say, never beyond what it said itself."""
    whole, without = authenticity(BOT), authenticity({k: v for k, v in BOT.items() if k != name})
    assert without.seen < whole.seen
    assert authenticity({"followers": None, **PERSON}).p_spam == authenticity(PERSON).p_spam


def test_parts_add_up() -> None:
    found = authenticity(PERSON)
    odds = table("accounts")["prior"]["log_odds"] + sum(part for _, _, part in found.parts)
    assert found.p_spam == pytest.approx(max(0.005, 1 / (1 + math.exp(-odds))), abs=1e-3)
    assert found.seen == len(found.parts) == len(PERSON)  # ratio and rate follow; following and posts alone say nothing


def test_a_number_in_another_unit_is_not_known() -> None:
    assert authenticity({"link_share": 35}).seen == 0
    assert authenticity({"hour_entropy": 4.1}).seen == 0
    assert authenticity({"link_share": 1.0}).seen == 1


def test_names_of_columns_that_mean_nothing_here_are_passed_over() -> None:
    assert signals({"label": 1, "id": "x", "followers": "12"}) == AccountSignals(followers=12.0)


@pytest.mark.parametrize("name", [n for n in table("accounts")["signal"] if n not in ("hour_entropy", "posts_per_day")])
def test_weights_are_monotone(name: str) -> None:
    """Only the hours of the day are suspicious at both ends."""
    said = [y for _, y in table("accounts")["signal"][name]["knots"]]
    xs = [x for x, _ in table("accounts")["signal"][name]["knots"]]
    assert xs == sorted(xs)
    assert said == sorted(said) or said == sorted(said, reverse=True)


def test_simulated_kinds_are_told_apart() -> None:
    """On simulated accounts with heavy overlap: says that the weights fit together, not how they do in the world."""
    import nlp_accounts as simulated

    for hidden, least in ((0.0, 0.96), (0.3, 0.93)):
        people = simulated.accounts(120, hidden, seed=11)
        found = [authenticity(s).p_spam for _, _, s in people]
        truth = [t for _, t, _ in people]
        assert simulated.auc(found, truth) >= least
    honest = [p for p, t in zip(found, truth, strict=True) if not t]
    assert sum(p >= 0.8 for p in honest) / len(honest) < 0.03


def test_auc_is_the_share_of_pairs_in_order() -> None:
    import nlp_accounts as simulated

    assert simulated.auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert simulated.auc([0.5, 0.5], [False, True]) == 0.5


@pytest.mark.parametrize(
    "name", ["用户123456", "手机用户88812345", "momo", "小红薯63AB12CD", "User_99887766", "abc12345678"]
)
def test_default_names(name: str) -> None:
    assert is_default_name(name)


@pytest.mark.parametrize("name", ["小美", "用户体验研究", "王丽娜", "momo酱", "lina", "", "阿强2008"])
def test_chosen_names(name: str) -> None:
    assert not is_default_name(name)


def test_behaviour_of_a_schedule_and_of_a_person() -> None:
    ad = "家人们这家的酵素真的好用一周瘦了三斤加V：abc12345 http://t.cn/x @甲 @乙"
    bot = behaviour([Activity(f"{ad}{i}", 1_700_000_000 + i * 3600) for i in range(100)], followers=100)
    assert bot["interval_cv"] == pytest.approx(0, abs=1e-9)
    assert bot["hour_entropy"] > 0.99
    assert bot["active_hours"] == 24
    assert bot["contact_share"] == bot["link_share"] == 1
    assert bot["mentions_per_post"] == 2
    assert bot["self_similarity"] > 0.8
    assert bot["posts_per_day"] == pytest.approx(24, rel=0.05)
    r = random.Random(5)
    talk = [
        "今天去公园散步看到好多小狗",
        "加班到十点才回家真的好累啊",
        "新买的锅炒菜一点都不粘底",
        "周末想去爬山有人一起吗",
    ]
    t, written = 1_700_000_000, []
    for i in range(120):
        t += int(r.lognormvariate(9.5, 1.6))
        t += (8 - h) * 3600 if (h := (t + 8 * 3600) // 3600 % 24) < 7 else 0
        written.append(Activity(talk[i % 4] + str(r.random()), t, repost=r.random() < 0.3, reactions=3))
    person = behaviour(written, followers=200)
    assert person["interval_cv"] > 1
    assert person["night_share"] < 0.05
    assert person["engagement_rate"] == pytest.approx(3 / 200)
    assert authenticity(bot).p_spam > 0.8 > 0.2 > authenticity(person).p_spam


def test_too_little_says_nothing() -> None:
    assert behaviour([]) == {}
    assert behaviour([Activity("一", 1), Activity("二", 2)]) == {}
    assert "interval_cv" not in behaviour([Activity("同时", 5)] * 6)


number = st.none() | st.floats() | st.integers() | st.booleans() | st.text(max_size=5)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted({*BOT, "engagement_rate", "active_hours", "x"})), number))
def test_any_numbers_have_an_answer(known: dict[str, object]) -> None:
    found = authenticity(known)
    assert 0 < found.p_spam < 1
    assert found.seen == len(found.parts)
    assert set(found.reasons) <= {name for name, _, _ in found.parts}


ACTIVITY = st.builds(
    Activity, st.text(max_size=40), st.none() | st.integers(0, 2**40), st.booleans(), st.none(), st.none()
)


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTIVITY, max_size=30))
def test_any_posts_give_finite_numbers(written: list[Activity]) -> None:
    assert all(math.isfinite(v) and v >= 0 for v in behaviour(written).values())
