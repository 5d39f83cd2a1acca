"""A/B arithmetic against published examples and scipy; balance and repeatability of the assignment."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke.outreach import experiments as ab


def test_wilson_as_newcombe_prints_it() -> None:
    # Newcombe 1998a, table I (method 3): 81/263, 15/148, 0/20, 1/29
    table = ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718))
    for hits, n, low, high in table:
        assert ab.wilson(hits, n) == pytest.approx((low, high), abs=6e-5)


def test_difference_as_newcombe_prints_it() -> None:
    # Newcombe 1998b, table II, method 10: 56/70 - 48/80 and 9/10 - 3/10
    gap, low, high = ab.difference(48, 80, 56, 70)
    assert (gap, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=6e-5)
    gap, low, high = ab.difference(3, 10, 9, 10)
    assert (gap, low, high) == pytest.approx((0.6, 0.1705, 0.8090), abs=6e-5)


def test_p_is_that_of_the_chi_square_and_of_fisher() -> None:
    from scipy.stats import chi2_contingency, fisher_exact

    table = [[84, 1116], [121, 1059]]
    assert ab.p_value(84, 1200, 121, 1180) == pytest.approx(chi2_contingency(table, correction=False).pvalue)
    assert ab.p_value(1, 20, 5, 20) == pytest.approx(fisher_exact([[1, 19], [5, 15]]).pvalue)


def test_sample_sizes_of_the_textbook() -> None:
    # Fleiss, Levin & Paik 2003, table A.4 without correction; 3 % -> 4 % as every calculator of the trade prints it
    assert ab.sample_size(0.03, 0.01) == (5301, 5301)
    assert ab.sample_size(0.10, 0.05) == (686, 686)
    assert ab.sample_size(0.5, 0.1) == (388, 388)
    first, second = ab.sample_size(0.03, 0.01, ratio=3 / 7)
    assert 7000 < first < 11000
    assert second == pytest.approx(first * 3 / 7, abs=1)
    for wrong in ((0.0, 0.1), (0.5, 0.0), (0.95, 0.1)):
        with pytest.raises(ValueError, match="no two rates"):
            ab.sample_size(*wrong)


def test_enough_data_says_so_and_too_little_says_how_much_is_missing() -> None:
    arms, (pair,) = ab.evaluate([("A", 1200, 84), ("B", 1180, 121)])
    assert [a.rate for a in arms] == pytest.approx([0.07, 0.10254], abs=1e-4)
    assert pair.verdict == "higher"
    assert pair.low > 0
    assert pair.more == 0
    _, (pair,) = ab.evaluate([("A", 1000, 52), ("B", 1000, 60)])
    assert pair.verdict == "open"
    assert pair.low < 0 < pair.high
    assert pair.needed is not None
    assert pair.more == pair.needed - 1000 > 0


def test_several_arms_are_corrected() -> None:
    two = ab.evaluate([("A", 1000, 50), ("B", 1000, 72)])[1][0]
    three = ab.evaluate([("A", 1000, 50), ("B", 1000, 72), ("C", 1000, 55)])[1]
    assert two.verdict == "higher"
    assert [(p.first.name, p.second.name) for p in three] == [("A", "B"), ("A", "C"), ("B", "C")]
    assert three[0].p > two.p
    assert three[0].verdict == "open"
    assert three[0].high - three[0].low > two.high - two.low


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_and_keeps_the_order(p: list[float]) -> None:
    corrected = ab.holm(p)
    assert all(a <= b <= 1 for a, b in zip(p, corrected, strict=True))
    order = sorted(range(len(p)), key=lambda i: p[i])
    assert [corrected[i] for i in order] == sorted(corrected)


@given(st.integers(0, 400), st.sampled_from([(50.0, 50.0), (70.0, 30.0), (30.0, 70.0), (20.0, 30.0, 50.0), ()]))
def test_arms_have_their_parts_and_the_same_seed_the_same_people(n: int, split: tuple[float, ...]) -> None:
    parts = ab.shares(split, len(split) or 3)
    people = list(range(1000, 1000 + n))
    arms = ab.assign(people, parts, seed=7)
    assert arms == ab.assign(people, parts, seed=7)
    sizes = Counter(arms.values())
    assert sum(sizes.values()) == n
    for arm, part in enumerate(parts):
        assert abs(sizes[arm] - n * part) <= 1 + 1e-6


def test_assignment_is_balanced_along_the_ranking_and_random() -> None:
    people = list(range(200))
    arms = ab.assign(people, [0.5, 0.5], seed=1)
    for start in range(0, 200, 10):
        assert sum(arms[p] for p in people[start : start + 10]) == 5
    assert arms != ab.assign(people, [0.5, 0.5], seed=2)
