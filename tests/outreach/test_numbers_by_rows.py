"""Every number of a campaign is made again from nothing but the rows that it names; others by scipy, numpy or hand."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from xunke.clock import DAY
from xunke.outreach import curve, funnel, judge, kpi, logistic, returns, sequential
from xunke.outreach import experiments as ab
from xunke.outreach.judge import Share
from xunke.outreach.kpi import Act, Came, Counted, Inputs

KINDS = ("reply", "positive", "negative", "complaint", "follow_back", "click", "like", "seen", "converted", "bought")
NPS = ("promoter", "passive", "detractor")
PERSON, WHEN = st.integers(1, 6), st.integers(0, 90)
MONEY = st.none() | st.integers(0, 500).map(float)


@st.composite
def campaigns(draw: st.DrawFn) -> Inputs:
    acts = draw(st.lists(st.tuples(PERSON, WHEN), max_size=15))
    came = draw(st.lists(st.tuples(PERSON, WHEN, st.sampled_from(KINDS), MONEY), max_size=15))
    counted = draw(st.lists(st.tuples(st.sampled_from(kpi.COUNTED), st.integers(0, 40), MONEY), max_size=8))
    return Inputs(
        [Act(10 + i, p, t * DAY) for i, (p, t) in enumerate(acts)],
        [Came(100 + i, p, t * DAY, kind, value) for i, (p, t, kind, value) in enumerate(came)],
        [Counted(200 + i, kind, n, value) for i, (kind, n, value) in enumerate(counted)],
        draw(st.frozensets(PERSON)), draw(st.integers(0, 900).map(float)), 30.0, (7,), now=100 * DAY,
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(campaigns())
def test_every_number_is_the_sum_of_the_rows_it_names(given_: Inputs) -> None:
    act, came = {a.id: a for a in given_.acts}, {c.id: c for c in given_.came}
    result = {c.id: c for c in given_.counted}
    for n in kpi.tree(given_):
        touched = Counter(act[i].person for i in n.touches)
        reacted = {came[i].person for i in n.outcomes}
        counts = sum(result[i].count for i in n.results)
        back = {i for i in n.results if result[i].kind == "refund"}
        money = math.fsum([came[i].value or 0.0 for i in n.outcomes]
                          + [(result[i].value or 0.0) * (-1 if i in back else 1) for i in n.results])  # fmt: skip
        if n.value is None:
            continue
        match n.name:
            case "reached":
                assert n.value == len(touched)
            case "frequency":
                assert n.value == touched.total() / len(touched)
            case "coverage":
                assert (n.top, n.bottom) == (len(touched), len(given_.audience))
            case "pressure":
                assert (n.top, n.bottom) == (sum(k > 4 for k in touched.values()), len(touched))
            case "views" | "clicks" | "conversions" | "new_followers":
                assert n.value == len(n.outcomes) + counts
            case "revenue":
                assert n.value == pytest.approx(money)
            case "roi":
                assert n.value == pytest.approx((money - given_.money) / given_.money)
            case "cac":
                won = len(reacted) + sum(result[i].count for i in n.results if i not in back)
                assert n.value == given_.money / won
            case "nps":
                votes = {k: sum(result[i].count for i in n.results if result[i].kind == k) for k in NPS}
                assert n.value == pytest.approx(100 * (votes[NPS[0]] - votes[NPS[2]]) / sum(votes.values()))
            case name if name.endswith("_rate") and name != "repeat_rate":
                assert (n.top, n.bottom) == (len(reacted & set(touched)), len(touched)), name


@settings(max_examples=60, deadline=None)
@given(campaigns())
def test_every_share_has_scipys_interval_and_the_return_is_its_own_sum(given_: Inputs) -> None:
    for n in kpi.tree(given_):
        if n.unit == "share" and n.name != "roi" and n.top is not None and n.bottom:
            told = stats.binomtest(int(n.top), int(n.bottom)).proportion_ci(method="wilson")
            assert (n.low, n.high) == pytest.approx((told.low, told.high), abs=1e-12)
    back = returns.balance(given_, draws=20)
    if back.roi is not None and back.revenue is not None:
        assert back.roi == pytest.approx((back.revenue - given_.money) / given_.money)


@settings(max_examples=60, deadline=None)
@given(campaigns(), st.permutations(range(1, 7)))
def test_precision_at_n_by_counting_again(given_: Inputs, ranked: list[int]) -> None:
    good = {c.person for c in given_.came if c.kind in kpi.GOOD}
    met = {a.person for a in given_.acts}
    for hit in funnel.precision(ranked, given_, (2, 4)):
        top = [p for p in ranked[: hit.n] if p in met]
        assert (hit.touched, hit.hits) == (len(top), len([p for p in top if p in good]))
        assert hit.rate == (hit.hits / hit.touched if top else None)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-60, 60), min_size=14, max_size=27))
def test_a_day_that_stands_out_by_scipys_mad(changes: list[int]) -> None:
    """Every third day, so that no weekday has a rhythm of its own: the rule is one line of scipy."""
    start = date(2026, 1, 1)
    levels = np.cumsum([1000, *changes]).tolist()
    found = curve.read([(start + timedelta(days=3 * i), level) for i, level in enumerate(levels)])
    rest = np.array(changes) - np.median(changes)
    mad = max(float(stats.median_abs_deviation(changes)), 0.6745)
    odd = [i for i, r in enumerate(rest) if abs(0.6745 * r / mad) >= 3.5 and abs(r) >= 3]
    assert [(one.day - start).days // 3 - 1 for one in found.odd] == odd


def test_power_of_means_by_the_distribution_itself() -> None:
    """Two-sample z at the size that is told has 80 % (Φ(δ/σ·√(n/2) − 1.96)), one person fewer has less."""
    for spread, change in ((50.0, 10.0), (120.0, 25.0), (3.0, 4.0)):
        n = judge.mean_size(spread, change)

        def power(size: int, spread: float = spread, change: float = change) -> float:
            return float(stats.norm.cdf(change / spread * math.sqrt(size / 2) - stats.norm.isf(0.025)))

        assert power(n) >= 0.8
        assert n == 2 or power(n - 1) < 0.8
        assert judge.mean_change(spread, n) <= change * (1 + 1e-9)


def test_calibration_by_numpy() -> None:
    chance = np.random.default_rng(12)
    said = chance.random(97)
    came = (chance.random(97) < said).astype(int)
    order = np.argsort(said, kind="stable")
    parts = logistic.bins(said.tolist(), came.tolist())
    edges = np.cumsum([p.n for p in parts])[:-1]
    groups = np.split(order, edges)
    for part, group in zip(parts, groups, strict=True):
        assert part.said == pytest.approx(said[group].mean())
        assert part.came == pytest.approx(came[group].mean())
    by_hand = sum(len(g) / 97 * abs(said[g].mean() - came[g].mean()) for g in groups)
    assert logistic.calibration_error(parts) == pytest.approx(by_hand)
    assert logistic.brier(said.tolist(), came.tolist()) == pytest.approx(float(((said - came) ** 2).mean()))


@pytest.mark.parametrize(("n", "m", "rate"), [(360, 40, 0.2), (60, 300, 0.3)])
def test_early_looks_at_arms_of_different_size_keep_their_promise(n: int, m: int, rate: float) -> None:
    """Ten looks, no difference: found, and missed by an interval, no oftener than 5 %."""
    chance, runs, wrong, missed = np.random.default_rng(77), 300, 0, 0
    for _ in range(runs):
        one, two = (np.cumsum(chance.random(k) < rate) for k in (n, m))
        looks = [
            judge.rates([Share(name, size * k // 10, int(hits[size * k // 10 - 1]), size)
                         for name, size, hits in (("A", n, one), ("B", m, two))])[0] for k in range(1, 11)
        ]  # fmt: skip
        wrong += any(j.ruling in ("higher", "lower") for j in looks)
        missed += any(not j.low <= 0 <= j.high for j in looks)
    most = stats.binom.ppf(0.999, runs, sequential.ALPHA)
    assert wrong <= most
    assert missed <= most


def test_the_last_look_is_the_two_proportion_test_at_the_bound() -> None:
    """At the end of the plan z is that of scipy's chi-square, its p that of the reflection principle."""
    (found,) = judge.rates([Share("A", 400, 40, 400), Share("B", 400, 66, 400)])
    z = math.sqrt(stats.chi2_contingency(np.array([[40, 360], [66, 334]]), correction=False).statistic)
    assert found.p == pytest.approx(min(1.0, 4 * float(stats.norm.sf(z))))
    assert found.ruling == ("higher" if z >= stats.norm.isf(0.0125) else "open")
    assert ab.p_value(40, 400, 66, 400) == pytest.approx(2 * float(stats.norm.sf(z)))
