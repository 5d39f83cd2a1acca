"""Learning from labels: what it is worth is told honestly. All texts are invented."""

from __future__ import annotations

import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import learn as learning
from nlp.learn import TOO_FEW, Delta, corrected, hashed, learn, logit
from nlp.types import MODEL_VERSION, Analysis
from nlp.user import EMPTY, UserModel, decided, model_version, odds_of

GOOD, BAD = ("倍儿攒劲", "巴适得板", "灵得很"), ("孬得很", "瘪犊子玩意", "闹心巴拉")
FILLER = ("这家店的面", "昨天买的鞋", "楼下的理发店", "新出的饮料", "公司的食堂", "那个快递", "周末的电影")


def _posts(n: int, seed: int = 0) -> tuple[list[str], list[float], list[float]]:
    """Texts in words that a shipped model does not know, their labels, and log-odds that are next to chance."""
    rng = random.Random(seed)
    texts, labels, odds = [], [], []
    for i in range(n):
        good = rng.random() < 0.5
        texts.append(f"{rng.choice(FILLER)}{rng.choice(GOOD if good else BAD)}，第{seed}{i}回")
        labels.append(float(good))
        odds.append(rng.gauss(0.3 if good else -0.1, 0.8))
    return texts, labels, odds


def test_a_dialect_is_learned_and_the_promise_is_kept() -> None:
    texts, labels, odds = _posts(60)
    fit = learn("sentiment", "", "v", texts, labels, odds)
    assert fit.delta is not None
    unseen, truth, before = _posts(300, seed=9)
    after = corrected(fit.delta, unseen, before)
    right = sum(bool(o > 0) == bool(y) for o, y in zip(after, truth, strict=True)) / 300
    assert right > 0.95
    assert fit.report.verdict == "better"
    assert fit.report.before is not None
    assert fit.report.after is not None
    assert fit.report.after > fit.report.before + 0.2
    assert fit.report.after == pytest.approx(right, abs=0.08)


def test_the_same_labels_give_the_same_correction() -> None:
    one, two = (learn("sentiment", "", "v", *_posts(40)).delta for _ in range(2))
    assert one is not None
    assert one == two
    assert one.digest() == two.digest()
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own bytes


def test_few_labels_are_too_few() -> None:
    texts, labels, odds = _posts(TOO_FEW - 1)
    fit = learn("sentiment", "", "v", texts, labels, odds)
    assert fit.delta is None
    assert fit.report.verdict == "too_few"
    assert fit.report.before is None
    again = learn("sentiment", "", "v", texts * 5, labels * 5, odds * 5)  # the same posts again are not more
    assert again.report.verdict == "too_few"


def test_labels_by_chance_are_not_called_better() -> None:
    rng = random.Random(4)
    texts, labels, _ = _posts(80)
    odds = [2.0 if y else -2.0 for y in labels]  # a shipped model that is right
    noise = [float(rng.random() < 0.5) for _ in labels]
    told = learn("sentiment", "", "v", texts, noise, odds).report
    assert told.after is not None
    assert told.after < 0.7
    right = learn("sentiment", "", "v", texts, labels, odds)
    assert right.report.after == pytest.approx(1.0, abs=0.03)


def test_correcting_only_mistakes_does_not_turn_the_model_over() -> None:
    """A user who labels what the model got wrong: the rest, which was right, must stay right."""
    texts, labels, _ = _posts(400, seed=2)
    odds = [3.0 if y else -3.0 for y in labels]
    odd = [f"{FILLER[i % 7]}可真是“{GOOD[i % 3]}”啊，呵呵，第{i}回" for i in range(20)]  # irony: the model says yes
    fit = learn(
        "sentiment", "", "v", odd, [0.0] * 20, [3.0] * 20, anchors=texts, anchor_odds=odds,
    )  # fmt: skip
    assert fit.delta is not None
    assert fit.report.selected
    assert fit.report.before == 0
    assert fit.report.overall_before is not None
    after = corrected(fit.delta, texts, odds)
    kept = sum(bool(o > 0) == bool(y) for o, y in zip(after, labels, strict=True)) / len(labels)
    assert kept > 0.97
    assert sum(o < 0 for o in corrected(fit.delta, odd, [3.0] * 20)) > 10


def test_a_category_of_ones_own_from_yes_labels_only() -> None:
    inside = [f"{thing}到手了，{n}年的老物件，盘一盘" for n in range(15) for thing in ("核桃", "紫砂壶")][:24]
    others = [f"{text}，{n}" for n in range(40) for text in FILLER]
    fit = learn(
        "interest", "文玩", "v", inside, [1.0] * 24, [logit(0.1)] * 24, anchors=others,
        anchor_odds=[logit(0.1)] * len(others),
    )  # fmt: skip
    assert fit.delta is not None
    new = corrected(
        fit.delta,
        ["核桃到手，1962年的老物件", "紫砂壶到手，盘一盘", "周末的电影真好看", "公司的食堂涨价"],
        [logit(0.1)] * 4,
    )
    assert [bool(o > 0) for o in new] == [True, True, False, False]


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_has_features(texts: list[str]) -> None:
    rows, columns, values = hashed(texts)
    assert len(rows) == len(columns) == len(values)
    if len(columns):
        assert columns.min() >= 0
        assert columns.max() < learning.COLUMNS
    delta = Delta("sentiment", "", "v", 1.0, 0.5)
    assert list(corrected(delta, texts, [0.0] * len(texts))) == [0.5] * len(texts)


# -- what a user adds ----------------------------------------------------------------------------------------------

PLAIN = Analysis(lang="zh", sentiment=0.5, label="neutral")


def test_the_users_words_change_an_analysis() -> None:
    user = UserModel(sentiment=(("攒劲", 1.0), ("瘪犊子", -1.0)), interests=(("宠物/猫", "布偶", 1.0),))
    good, bad, turned, cat, none = user.adjust(
        ["这面攒劲", "真是瘪犊子", "这面不攒劲", "接布偶回家", "今天下雨"], [PLAIN] * 5
    )
    assert (good.label, bad.label, turned.label) == ("positive", "negative", "negative")
    assert good.evidence["sentiment"] == ("攒劲",)
    assert dict(cat.interests)["宠物"] >= 0.5
    assert dict(cat.topics)["宠物/猫"] >= 0.5
    assert cat.evidence["宠物"] == ("布偶",)
    assert none == PLAIN


def test_a_shipped_word_can_be_taken_away() -> None:
    found = Analysis(
        lang="zh", sentiment=0.5, label="neutral", interests=(("宠物", 0.6),), topics=(("宠物/猫", 0.6),),
        evidence={"宠物": ("猫",)},
    )  # fmt: skip
    user = UserModel(interests=(("宠物", "猫", 0.0),))
    (without,) = user.adjust(["躲猫猫"], [found])
    assert without.interests == ()
    assert without.topics == ()
    both = Analysis("zh", 0.5, "neutral", interests=(("宠物", 0.8),), evidence={"宠物": ("猫", "狗")})
    assert user.adjust(["猫和狗"], [both])[0].interests == both.interests


def test_the_version_changes_with_what_changes_results_and_with_nothing_else() -> None:
    assert model_version() == model_version(EMPTY) == MODEL_VERSION
    words = model_version(UserModel(sentiment=(("攒劲", 1.0),)))
    assert words != MODEL_VERSION
    assert words == model_version(UserModel(sentiment=(("攒劲", 1.0),), words=("露营风",), stop=("姐妹",)))
    assert words != model_version(UserModel(sentiment=(("攒劲", 0.5),)))
    learned = UserModel(deltas=(Delta("spam", "", MODEL_VERSION, 1.0, 0.5),))
    assert model_version(learned) != MODEL_VERSION
    asleep = UserModel(deltas=(Delta("spam", "", "another", 1.0, 0.5),))
    assert model_version(asleep) == MODEL_VERSION
    assert asleep.adjust(["好"], [PLAIN]) == [PLAIN]


@pytest.mark.parametrize(
    ("kind", "name", "value", "odds"),
    [
        ("sentiment", "", "negative", -1), ("sentiment", "", "positive", 1), ("spam", "", "yes", 1),
        ("spam", "", "no", -1), ("interest", "宠物", "yes", 1), ("interest", "宠物/猫", "yes", 1),
        ("need", "complain", "yes", 1),
    ],
)  # fmt: skip
def test_what_the_user_says_of_a_post_stands(kind: str, name: str, value: str, odds: int) -> None:
    found = decided(PLAIN, kind, name, value)
    assert odds_of(found, kind, name) * odds > 2
    if kind == "interest":
        assert "宠物" in dict(found.interests)
        assert decided(found, kind, "宠物", "no").interests == ()
