"""Tests that may be looked at early: bounds worked by hand, error rates on small fixed-seed draws, refusals."""

from __future__ import annotations

import math
import random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke.outreach import experiments as ab
from xunke.outreach import judge, pilots, sequential
from xunke.outreach.judge import Amounts, Share

NORMAL = NormalDist()


def at_most(n: int, p: float) -> int:
    """So many hits of ``n`` at chance ``p`` are passed once in 10,000 times (exact binomial)."""
    total, k = 0.0, 0
    while (total := total + math.comb(n, k) * p**k * (1 - p) ** (n - k)) < 0.9999:
        k += 1
    return k


def test_the_height_is_that_of_the_reflection_principle() -> None:
    assert sequential.height() == pytest.approx(2.2414, abs=1e-4)
    assert 4 * (1 - NORMAL.cdf(sequential.height())) == pytest.approx(0.05)
    assert sequential.bound(0.25) == pytest.approx(2 * sequential.height())
    assert sequential.bound(0) == math.inf
    assert sequential.inflation() == pytest.approx(1.211, abs=1e-3)


def test_the_p_value_meets_alpha_at_the_bound() -> None:
    for share in (0.1, 0.5, 1.0):
        assert sequential.always_p(sequential.bound(share), share) == pytest.approx(0.05)
    assert sequential.always_p(3.0, 0.0) == 1.0


def test_conditional_power_at_the_ends() -> None:
    assert sequential.conditional_power(3.0, 1.0, 0.0) == 1.0
    assert sequential.conditional_power(0.0, 1.0, 5.0) == 0.0
    drift = sequential.height() + NORMAL.inv_cdf(0.8)  # what the plan was made for
    assert sequential.conditional_power(0.0, 0.0, drift) == pytest.approx(0.8, abs=1e-3)
    assert sequential.conditional_power(-1.0, 0.8, drift) < sequential.FUTILE


def test_a_brownian_path_passes_the_bound_no_more_often_than_promised() -> None:
    chance, passed, runs, steps = random.Random(5), 0, 400, 100
    for _ in range(runs):
        b = 0.0
        for k in range(1, steps + 1):
            b += chance.gauss(0, 1 / math.sqrt(steps))
            if abs(b / math.sqrt(k / steps)) >= sequential.bound(k / steps):
                passed += 1
                break
    assert passed <= at_most(runs, 0.05)


def test_peeking_at_equal_arms_finds_a_difference_no_more_often_than_promised() -> None:
    chance, wrong, runs = random.Random(6), 0, 200
    for _ in range(runs):
        a = b = 0
        found = False
        for n in range(1, 201):
            a, b = a + (chance.random() < 0.2), b + (chance.random() < 0.2)
            if n % 20 == 0:
                found |= judge.rates([Share("A", n, a, 200), Share("B", n, b, 200)])[0].ruling in ("higher", "lower")
        wrong += found
    assert wrong <= at_most(runs, 0.05)


def test_a_planned_difference_is_found_about_as_often_as_planned() -> None:
    n = max(ab.sample_size(0.2, 0.15, z=sequential.height()))
    chance, found, runs = random.Random(7), 0, 200
    for _ in range(runs):
        a, b = (sum(chance.random() < rate for _ in range(n)) for rate in (0.2, 0.35))
        found += judge.rates([Share("A", n, a, n), Share("B", n, b, n)])[0].ruling == "higher"
    assert runs - found <= at_most(runs, 0.25)


def test_nothing_is_said_on_too_little_data() -> None:
    (few,) = judge.rates([Share("A", 20, 1, 200), Share("B", 20, 12, 200)])
    assert (few.ruling, few.needed, few.more) == ("few", 30, 10)
    (rare,) = judge.rates([Share("A", 100, 0, 500), Share("B", 100, 6, 500)], early=False)  # 3 of 100 expected
    assert rare.ruling == "few"
    assert rare.needed == 167  # 5 / 0.03
    assert rare.more == 67
    (none,) = judge.rates([Share("A", 0, 0, 100), Share("B", 0, 0, 100)])
    assert (none.ruling, none.low, none.high, none.more) == ("few", -1.0, 1.0, None)


def test_an_early_look_has_a_wider_interval_than_the_last() -> None:
    early = judge.rates([Share("A", 100, 10, 400), Share("B", 100, 25, 400)])[0]
    last = judge.rates([Share("A", 100, 10, 100), Share("B", 100, 25, 100)])[0]
    assert early.share == pytest.approx(0.25)
    assert early.low < last.low < 0.15 < last.high < early.high
    assert early.ruling == "open"
    assert early.p > last.p


def test_more_arms_raise_the_bar() -> None:
    two = judge.rates([Share("A", 500, 50, 500), Share("B", 500, 75, 500)], early=False)[0]
    four = judge.rates([Share(n, 500, h, 500) for n, h in (("A", 50), ("B", 75), ("C", 52), ("D", 49))], early=False)
    assert four[0].p == pytest.approx(3 * two.p)
    assert four[0].low < two.low


def test_futility_is_told_for_what_was_planned() -> None:
    (found,) = judge.rates([Share("A", 400, 60, 500), Share("B", 400, 58, 500)], change=0.1)
    assert found.futile
    (open_,) = judge.rates([Share("A", 100, 15, 500), Share("B", 100, 17, 500)], change=0.1)
    assert not open_.futile


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 300), st.integers(1, 300), st.integers(0, 900))
def test_a_verdict_never_contradicts_its_interval(h1: int, h2: int, n1: int, n2: int, more: int) -> None:
    arms = [Share("A", n1, min(h1, n1), n1 + more), Share("B", n2, min(h2, n2), n2 + more)]
    (found,) = judge.rates(arms)
    assert found.low - 1e-9 <= found.gap <= found.high + 1e-9
    assert 0 <= found.p <= 1
    if found.ruling in ("higher", "lower"):
        assert (found.gap > 0) == (found.ruling == "higher")
        assert found.low > 0 or found.high < 0
        assert min(n1, n2) >= ab.SMALL


def test_means_by_welch_with_a_bootstrap_beside_it() -> None:
    chance = random.Random(8)
    one = tuple(chance.gauss(10, 2) for _ in range(80))
    (found,) = judge.means([Amounts("A", one, 80), Amounts("B", tuple(v + 2 for v in one), 80)], early=False)
    assert found.gap == pytest.approx(2)
    assert found.ruling == "higher"
    assert found.boot is not None
    assert found.low <= found.boot[0] < 2 < found.boot[1] <= found.high
    (rare,) = judge.means([Amounts("A", (0.0,) * 79 + (500.0,), 80), Amounts("B", (0.0,) * 80, 80)], early=False)
    assert rare.ruling == "few"


def test_the_two_ways_of_the_calculator_agree() -> None:
    z = sequential.height()
    n = max(ab.sample_size(0.05, 0.03, z=z))
    change = judge.rate_change(0.05, n, z=z)
    assert change == pytest.approx(0.03, rel=0.01)
    assert judge.rate_change(0.5, 3) is None
    people = judge.mean_size(10, 2, z=z)
    assert judge.mean_change(10, people, z=z) == pytest.approx(2, rel=0.01)
    assert judge.mean_size(10, 2, z=1.959964) == 393  # 2·((1.96 + 0.8416)·5)²


def test_a_wrong_dealing_out_is_noticed() -> None:
    assert judge.ratio_mismatch([500, 500], [0.5, 0.5]) == pytest.approx(1.0)
    assert judge.ratio_mismatch([600, 400], [0.5, 0.5]) < judge.SUSPICIOUS
    assert judge.ratio_mismatch([600, 400], [0.6, 0.4]) == pytest.approx(1.0)
    assert judge.standard_difference([1, 2, 3], [2, 3, 4]) == pytest.approx(1.0)
    assert not judge.unbalanced(0.3, 20, 20)
    assert judge.unbalanced(0.3, 400, 400)


def test_the_rule_of_a_pilot() -> None:
    go = pilots.project(15, 80, 720, go=0.08)
    assert go.call == "go"
    assert go.hits == pytest.approx(720 * 15.5 / 81)
    assert go.hits_low < go.hits < go.hits_high
    assert pilots.project(1, 80, 720, go=0.08).call == "no_go"
    middle = pilots.project(7, 80, 720, go=0.08)
    assert middle.call == "open"
    assert pilots.project(5, 20, 100, go=0.01).call == "few"
    assert pilots.size(0.05, guess=0.1) == 139  # 1.96² · 0.09 / 0.0025 = 138.3
    assert pilots.size(0.05, guess=0.1, people=200) == 83


def test_a_projection_holds_what_comes() -> None:
    chance, held, runs = random.Random(9), 0, 200
    for _ in range(runs):
        people = [chance.random() < 0.15 for _ in range(300)]
        found = pilots.project(sum(people[:60]), 60, 240, go=0.1)
        held += found.hits_low <= sum(people[60:]) <= found.hits_high
    assert runs - held <= at_most(runs, 0.07)
