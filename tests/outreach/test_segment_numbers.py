"""RFM cells, upper fifths, validity, choice and niches: small numbers worked by hand. All people are invented."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import cluster
from xunke.errors import UsageError
from xunke.outreach import niches, rfm, segment_choice, segment_validity, value
from xunke.outreach.segment_matrix import bands


def test_every_cell_has_one_group() -> None:
    for r in range(1, 6):
        for fm in range(1, 6):
            hits = [
                name for name, cells in rfm.GROUPS.items() if any(a <= r <= b and c <= fm <= d for a, b, c, d in cells)
            ]
            assert hits == [rfm.group_of(r, fm)]
    assert 8 <= len(rfm.GROUPS) <= 11


def test_fifths() -> None:
    assert rfm.fifths([10, 20, 30, 40, 50]) == [1, 2, 3, 4, 5]
    assert rfm.fifths([7, 7, 7, 7]) == [3, 3, 3, 3], "all alike: the middle, not the top"
    assert rfm.fifths([1, 1, 1, 1, 9]) == [3, 3, 3, 3, 5] or rfm.fifths([1, 1, 1, 1, 9])[0] < 4
    assert rfm.fifths([1]) == [3]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_fifths_keep_order_and_ties(values: list[int]) -> None:
    scores = rfm.fifths(values)
    assert all(1 <= s <= 5 for s in scores)
    for a, x in zip(values, scores, strict=True):
        for b, y in zip(values, scores, strict=True):
            assert (a == b) <= (x == y)
            assert (a < b) <= (x <= y)


def test_rfm_scores() -> None:
    found = rfm.score([1, 5, 20, 60, 100], [9, 4, 3, 2, 1], [20, 8, 5, 2, 1])
    assert [(s.r, s.f, s.d, s.fm) for s in found] == [
        (5, 5, 5, 5),
        (4, 4, 4, 4),
        (3, 3, 3, 3),
        (2, 2, 2, 2),
        (1, 1, 1, 1),
    ]
    assert [s.group for s in found] == [
        "rfm.champion", "rfm.champion", "rfm.attention", "rfm.hibernating", "rfm.lost",
    ]  # fmt: skip
    rich = rfm.score([1, 5, 20, 60, 100], [9, 4, 3, 2, 1], [20, 8, 5, 2, 1], [0, 0, 0, 0, 900])
    assert (rich[4].m, rich[4].fm) == (5, 2), "(1 + 1 + 5) / 3 rounds to 2"


def test_upper_fifth_is_at_most_a_fifth() -> None:
    assert value.upper({n: float(n) for n in range(1, 11)}) == {9, 10}
    assert value.upper(dict.fromkeys(range(10), 1.0)) == frozenset(), "all alike: nobody stands out"
    assert value.upper({1: 5.0, 2: 4.0}) == frozenset(), "too few to say"
    assert value.upper({**dict.fromkeys(range(8), 1.0), 8: 2.0, 9: 2.0, 10: 2.0}) == frozenset(), (
        "a tie wider than a fifth"
    )


def test_stability_tells_groups_from_noise() -> None:
    chance = np.random.default_rng(1)
    apart = np.concatenate([chance.normal(at, 0.3, (40, 2)) for at in (0.0, 5.0, 10.0)])
    k, _ = cluster.best_k(apart)
    assert k == 3
    held = cluster.stability(apart, cluster.kmeans(apart, 3))
    assert min(held.jaccard) > 0.95
    assert held.rand > 0.95
    noise = chance.normal(size=(120, 8))
    blurred = cluster.stability(noise, cluster.kmeans(noise, 5))
    assert max(blurred.jaccard) < cluster.STABLE
    assert cluster.stability(apart, cluster.kmeans(apart, 3)) == held, "the same resamples every time"


def test_best_k_avoids_crumbs() -> None:
    chance = np.random.default_rng(2)
    rows = np.concatenate([chance.normal(0, 0.4, (60, 2)), chance.normal(4, 0.4, (60, 2)), np.array([[90.0, 90.0]])])
    k, tried = cluster.best_k(rows)
    sizes = np.bincount(cluster.kmeans(rows, k))
    whole = [n for n in tried if np.bincount(cluster.kmeans(rows, n)).min() >= cluster.LEAST_SHARE * len(rows)]
    assert not whole or sizes.min() >= cluster.LEAST_SHARE * len(rows)


def test_adjusted_rand_by_hand() -> None:
    assert cluster.adjusted_rand(np.array([[3, 0], [0, 3]])) == 1.0
    # pairs together in both 2, in a 6, in b 7, of 15: expected 2.8, most 6.5 -> (2-2.8)/(6.5-2.8)
    assert cluster.adjusted_rand(np.array([[2, 1], [2, 1]])) == pytest.approx((2 - 6 * 7 / 15) / (6.5 - 6 * 7 / 15))


SEGMENTS = {
    "A": frozenset(range(10)), "B": frozenset(range(1, 11)), "C": frozenset(range(100, 140)),
    "D": frozenset({100, 101}),
    "E": frozenset[int](),
}  # fmt: skip


def test_overlaps_and_advice() -> None:
    first = segment_validity.overlaps(SEGMENTS)[0]
    assert (first.a, first.b, first.shared) == ("A", "B", 9)
    assert first.jaccard == pytest.approx(9 / 11)
    told = {a.name: (a.what, a.other) for a in segment_validity.advice(SEGMENTS, 200, [], frozenset({"C"}), {})}
    assert told["E"] == ("drop", None)
    assert told["A"] == ("merge", "B")
    assert told["D"] == ("part", "C")
    assert told["C"] == ("review", None)
    kept = {a.name: a.what for a in segment_validity.advice(SEGMENTS, 200, [], frozenset(), {"D": "C"})}
    assert kept["D"] == "small", "meant to lie inside: no advice to fold it in"


def test_pareto_counts_nobody_twice() -> None:
    amount = {**dict.fromkeys(range(11), 5.0), **dict.fromkeys(range(100, 140), 1.0)}
    shares = segment_validity.pareto(SEGMENTS, amount, 190.0)
    assert shares[0].name == "B"
    assert shares[1].name == "C"
    assert shares[1].together == pytest.approx(90 / 190)
    assert [s.main for s in shares[:2]] == [True, True]
    assert not any(s.main for s in shares[3:])
    assert segment_validity.coverage(SEGMENTS, 200) == 51 / 200


def test_precision_has_an_interval() -> None:
    assert segment_validity.precision(0, 0) is None
    found = segment_validity.precision(8, 2)
    assert found is not None
    assert found[0] == 0.8
    assert (round(found[1], 3), round(found[2], 3)) == (0.490, 0.943)  # Wilson, by any table


def test_choice() -> None:
    raw: dict[str, dict[str, float | None]] = {
        "big": {"size": 100.0, "growth": 0.5, "reach": 10.0, "competition": 0.0, "worth": 3.0, "near": 0.9, "mood": 0.8,
                "score": 0.5},
        "far": {"size": 10.0, "growth": 0.0, "reach": 1.0, "competition": 0.5, "worth": 1.0, "near": 0.1, "mood": 0.2,
                "score": 0.1},
        "dark": {"size": 55.0, "growth": None, "reach": 5.5, "competition": 0.25, "worth": 2.0, "near": 0.5,
            "mood": None,
                 "score": 0.3},
    }  # fmt: skip
    places = segment_choice.place(raw, segment_choice.weights({}))
    assert [(p.name, p.attraction, p.fit, p.cell, p.act) for p in places] == [
        ("big", 100.0, 100.0, "high×high", "invest"), ("dark", 50.0, 50.0, "middle×middle", "select"),
        ("far", 0.0, 0.0, "low×low", "hold"),
    ]  # fmt: skip
    with pytest.raises(UsageError):
        segment_choice.weights({"beauty": 1.0})
    assert segment_choice.fits_strategy("concentrated", ["big", "far"], {}, 0.3) == ["too_many"]
    assert segment_choice.fits_strategy("full", ["a", "b", "c"], {}, 0.3) == ["not_full"]
    assert segment_choice.fits_strategy("market", ["a", "b"], {"b": "a"}, 0.3) == []


def test_ratio_by_hand() -> None:
    lift, low, high = niches.ratio(10, 20, 10, 80)
    assert lift == 4.0
    half = 1.96 * math.sqrt(1 / 10 - 1 / 20 + 1 / 10 - 1 / 80)
    assert (low, high) == (pytest.approx(4 * math.exp(-half)), pytest.approx(4 * math.exp(half)))


def test_niches_find_what_was_put_in_and_nothing_in_noise() -> None:
    people = range(400)
    values = {
        "city": {p: ["上海" if p % 4 == 0 else "别处"] for p in people},
        "interest": {p: ["露营" if p % 5 == 0 else "其他"] for p in people},
    }
    planted = {p: (p % 20 == 0) or p % 37 == 0 for p in people}
    found, tried = niches.find(values, planted)
    assert found[0].slice == (("city", "上海"), ("interest", "露营"))
    assert (found[0].size, found[0].having) == (20, 20)
    assert tried == 4, "上海 alone is a quarter of everybody: no niche; 上海 without 露营 counts among those tried"
    noise, _ = niches.find(values, {p: (p * 7919) % 11 == 0 for p in people})
    assert noise == []


def test_bands() -> None:
    assert bands((1_000, 10_000)) == ["<1000", "1000–10000", "≥10000"]


def test_rfm_of_ten_people_worked_by_hand() -> None:
    """Days since, times, depth; ties share the fifth of their middle rank: with ten people each pair is a fifth."""
    days = [1, 1, 3, 3, 10, 10, 40, 40, 90, 90]
    times = [9, 9, 1, 1, 5, 5, 9, 9, 1, 1]
    depth = [20, 20, 1, 1, 9, 9, 20, 20, 1, 1]
    told = [(s.r, s.f, s.d, s.fm, s.group.removeprefix("rfm.")) for s in rfm.score(days, times, depth)]
    # times: four 1s have middle rank 2 of 10 -> fifth 2; two 5s middle rank 5 -> 3; four 9s middle rank 8 -> 5
    assert told[::2] == [
        (5, 5, 5, 5, "champion"), (4, 2, 2, 2, "potential"), (3, 3, 3, 3, "attention"), (2, 5, 5, 5, "at_risk"),
        (1, 2, 2, 2, "lost"),
    ]  # fmt: skip
    assert told[::2] == told[1::2], "who has the same numbers stands in the same group"
    money = [s.fm for s in rfm.score(days, times, depth, [0.0] * 9 + [100.0])]
    assert money[0] == 4, "(5 + 5 + 3) / 3 = 4.33: nine of ten spent nothing, which is the middle"
    assert money[9] == 3, "(2 + 2 + 5) / 3"


@given(st.lists(st.frozensets(st.integers(0, 12)), min_size=2, max_size=5))
def test_overlaps_and_shares_are_those_of_the_sets(groups: list[frozenset[int]]) -> None:
    named = {f"g{n}": who for n, who in enumerate(groups)}
    for pair in segment_validity.overlaps(named):
        a, b = named[pair.a], named[pair.b]
        assert pair.shared == len(a & b)
        assert pair.jaccard == pytest.approx(len(a & b) / len(a | b))
        assert pair.inside == pytest.approx(len(a & b) / min(len(a), len(b)))
    worth = {n: float(n) for n in range(13)}
    shares = segment_validity.pareto(named, worth, math.fsum(worth.values()))
    assert {s.name: round(s.share * 78, 6) for s in shares} == {n: round(math.fsum(w), 6) for n, w in named.items()}
    assert max((s.together for s in shares), default=0.0) * 78 == pytest.approx(sum(set().union(*groups)))
