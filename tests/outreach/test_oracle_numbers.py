"""The statistics computed a second time, from the documents and with other tools (scipy, brute force, simulation)."""

from __future__ import annotations

import math
import random
import re
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from statistics import NormalDist, median

import numpy as np
import pytest
from scipy import optimize, stats

from graph.cluster import adjusted_rand, silhouette
from xunke.clock import DAY, ZONE
from xunke.outreach import cohorts, dormancy, judge, kpi, logistic, niches, pilots, returns, rfm, sequential
from xunke.outreach import experiments as ab
from xunke.outreach import segment_validity as validity
from xunke.outreach.judge import Amounts, Share
from xunke.outreach.kpi import Act, Came, Counted, Inputs

CASES = [(0, 1), (1, 1), (0, 7), (3, 10), (15, 300), (299, 300), (500, 1000)]


def test_wilson_and_newcombe_are_scipys() -> None:
    for hits, n in CASES:
        told = stats.binomtest(hits, n).proportion_ci(method="wilson")
        assert ab.wilson(hits, n) == pytest.approx((told.low, told.high), abs=1e-12)
    for (a, n), (b, m) in combinations(CASES, 2):
        one, two = (stats.binomtest(h, k).proportion_ci(method="wilson") for h, k in ((a, n), (b, m)))
        gap = b / m - a / n
        low = gap - math.hypot(b / m - two.low, one.high - a / n)
        high = gap + math.hypot(two.high - b / m, a / n - one.low)
        assert ab.difference(a, n, b, m) == pytest.approx((gap, low, high), abs=1e-12)


def test_p_values_holm_and_the_sample_ratio() -> None:
    table = np.array([[30, 270], [52, 248]])
    assert ab.p_value(30, 300, 52, 300) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert ab.p_value(1, 20, 4, 25) == pytest.approx(stats.fisher_exact(np.array([[1, 19], [4, 21]])).pvalue)
    p = [0.04, 0.001, 0.03, 0.5]
    by_hand = [0.09, 0.004, 0.09, 0.5]  # 4 × 0.001; 3 × 0.03; the next not below it; the last alone
    assert ab.holm(p) == pytest.approx(by_hand)
    assert judge.ratio_mismatch([530, 470], [1, 1]) == pytest.approx(stats.chisquare([530, 470]).pvalue)
    assert judge.ratio_mismatch([880, 120], [0.9, 0.1]) == pytest.approx(stats.chisquare([880, 120], [900, 100]).pvalue)


@pytest.mark.parametrize(("rate", "change"), [(0.05, 0.05), (0.1, 0.1), (0.3, 0.15), (0.2, -0.1)])
def test_people_for_a_difference_and_the_difference_for_people(rate: float, change: float) -> None:
    n = max(ab.sample_size(rate, change))
    normal, other = NormalDist(), rate + change
    pooled = (rate + other) / 2

    def power(size: int) -> float:
        flat, true = (
            math.sqrt(2 * pooled * (1 - pooled) / size),
            math.sqrt((rate * (1 - rate) + other * (1 - other)) / size),
        )
        return 1 - normal.cdf((normal.inv_cdf(0.975) * flat - abs(change)) / true)

    assert power(n) >= 0.8 > power(n - 1)
    if change > 0:
        found = judge.rate_change(rate, n)
        assert found is not None
        assert ab.sample_size(rate, found)[0] <= n < ab.sample_size(rate, found * 0.99)[0]
        assert found <= change


def test_the_bound_holds_for_a_brownian_path_on_a_fresh_seed() -> None:
    steps = np.random.default_rng(90_210).normal(0, math.sqrt(1 / 400), (8000, 400)).cumsum(axis=1)
    crossed = (np.abs(steps) >= sequential.height()).any(axis=1).mean()
    assert 0.035 < crossed <= 0.05 + 2.58 * math.sqrt(0.05 * 0.95 / 8000)
    assert sequential.bound(0.25) == pytest.approx(2 * stats.norm.isf(0.0125))


def test_skewed_money_in_a_small_arm_is_not_called_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """One arm of a tenth, where few give much: Welch and the bootstrap erred in 11 to 24 % of such tests."""
    monkeypatch.setattr(judge, "BOOTSTRAPS", 300)
    chance = np.random.default_rng(4711)
    wrong = plain = 0
    for _ in range(150):
        one, two = ((chance.random(n) < 0.2) * chance.lognormal(4, 1.5, n) for n in (450, 40))
        (found,) = judge.means([Amounts("A", tuple(one), 450), Amounts("B", tuple(two), 40)], early=False)
        wrong += found.ruling in ("higher", "lower")
        plain += bool(stats.ttest_ind(one, two, equal_var=False).pvalue < 0.05)
        assert (found.p < 0.05) or found.ruling not in ("higher", "lower")
    assert plain > 150 * 0.1, "the cases are hard"
    assert wrong <= stats.binom.ppf(0.99, 150, 0.05)
    apart = [tuple(float(v) for v in chance.normal(m, 1, 60)) for m in (10, 12)]
    assert judge.means([Amounts("A", apart[0], 60), Amounts("B", apart[1], 60)])[0].ruling == "higher"


def test_nothing_is_concluded_on_too_little() -> None:
    few = [
        [Share("A", 29, 0, 29), Share("B", 29, 29, 29)], [Share("A", 500, 1, 500), Share("B", 500, 8, 500)],
        [Share("A", 0, 0, 9), Share("B", 0, 0, 9)], [Share("A", 1, 1, 1), Share("B", 1, 0, 1)],
    ]  # fmt: skip
    for arms in few:
        (found,) = judge.rates(arms)
        assert found.ruling == "few"
        assert not math.isnan(found.gap)
    nothing = judge.means([Amounts("A", (0.0,) * 90, 90), Amounts("B", (0.0,) * 90, 90)])[0]
    assert nothing.ruling == "few"
    refunds = judge.means([Amounts("A", (-5.0, 5.0) * 45, 90), Amounts("B", (0.0, 1.0) * 45, 90)])[0]
    assert refunds.ruling == "open"


def test_rfm_scores_are_mid_ranks_and_cells_those_of_the_document() -> None:
    chance = random.Random(8)
    values = [float(chance.randint(0, 12)) for _ in range(83)]
    ranks = stats.rankdata(values) - 0.5
    assert rfm.fifths(values) == [min(5, 1 + math.floor(5 * r / 83 + 1e-12)) for r in ranks]
    assert rfm.fifths([7.0] * 5) == [3] * 5
    assert rfm.fifths([]) == []
    doc = (Path(__file__).parents[2] / "docs/segments.md").read_text("utf-8")
    last: dict[str, str] = {}
    cells: dict[str, set[str]] = {}
    for row in re.findall(r"^\| R (\d) \|(.*)\|$", doc, re.M):
        for fm, cell in enumerate(row[1].split("|"), 1):
            word = cell.split()[0]
            last[word] = rfm.group_of(int(row[0]), fm)
            cells.setdefault(word, set()).add(last[word])
    assert len(cells) == 11
    assert all(len(groups) == 1 for groups in cells.values()), "one name, one group"


def test_dormancy_by_numpy_over_leap_days_and_years() -> None:
    chance = random.Random(3)
    for _ in range(200):
        days = {date(2023, 11, 1) + timedelta(days=chance.randint(0, 400)) for _ in range(chance.randint(1, 9))}
        today = date(2024, 12, 31)
        line = sorted(d.toordinal() for d in days)
        limit = max(60.0, 3 * float(np.median(np.diff(line)))) if len(line) > 1 else 60.0
        found = dormancy.rhythm(days, today)
        assert found is not None
        assert (found.limit, found.dormant) == (limit, today.toordinal() - line[-1] >= limit)
    assert dormancy.dormant([date(2024, 2, 29)], date(2024, 4, 29))  # sixty days on
    assert not dormancy.dormant([date(2024, 2, 29)], date(2024, 4, 28))


def test_clusters_by_brute_force() -> None:
    chance = np.random.default_rng(1)
    rows = np.vstack([chance.normal(m, 1, (12, 2)) for m in (0, 4, 9)])
    labels = np.repeat([0, 1, 2], 12)
    labels[5] = 1
    far = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(-1))
    told = []
    for i, g in enumerate(labels):
        inner = far[i, labels == g].sum() / ((labels == g).sum() - 1)
        outer = min(far[i, labels == h].mean() for h in range(3) if h != g)
        told.append((outer - inner) / max(inner, outer))
    assert silhouette(rows, labels) == pytest.approx(np.mean(told))
    assert silhouette(rows, np.zeros(36, int)) is None
    other = chance.integers(0, 3, 36)
    pairs = list(combinations(range(36), 2))
    a, b = ({p for p in pairs if cut[p[0]] == cut[p[1]]} for cut in (labels, other))
    hope = len(a) * len(b) / len(pairs)
    table = np.array([[((labels == i) & (other == j)).sum() for j in range(3)] for i in range(3)])
    assert adjusted_rand(table) == pytest.approx((len(a & b) - hope) / ((len(a) + len(b)) / 2 - hope))


def test_half_life_is_scipys_survival_curve() -> None:
    chance = random.Random(5)
    today = date(2026, 11, 22)
    acts = {
        who: sorted({today - timedelta(days=chance.randint(30, 900)) for _ in range(chance.randint(1, 5))})
        for who in range(60)
    }
    over: list[int] = []
    still: list[int] = []
    for days in acts.values():
        gaps = [(b - a).days for a, b in pairwise(days)]
        asleep = (today - days[-1]).days >= max(60, 3 * median(gaps) if gaps else 60)
        (over if asleep else still).append((days[-1] - days[0]).days)
    curve = stats.ecdf(stats.CensoredData(uncensored=over, right=still)).sf
    found = cohorts.half_life(acts, today)
    assert found.days == int(curve.quantiles[curve.probabilities <= 0.5][0])
    assert (found.n, found.ended) == (60, len(over))


def test_niches_lift_is_katz_and_noise_gives_none() -> None:
    told = stats.contingency.relative_risk(12, 40, 30, 400)
    interval = told.confidence_interval()
    assert niches.ratio(12, 40, 30, 400) == pytest.approx((told.relative_risk, *interval), rel=1e-4)
    assert niches.ratio(0, 10, 5, 90)[0] == 0
    false = 0
    for seed in range(12):
        chance = random.Random(seed)
        values = {f: {p: [str(chance.randrange(8))] for p in range(400)} for f in "abc"}
        found, tried = niches.find(values, {p: chance.random() < 0.05 for p in range(400)})
        false += bool(found)
        assert tried > 24, "also slices in which hardly anybody reaches the goal are among those tried"
    assert false <= 1


def test_overlap_and_pareto_by_hand() -> None:
    sets = {"甲": frozenset(range(10)), "乙": frozenset(range(5, 15)), "丙": frozenset({20})}
    (pair,) = validity.overlaps(sets)
    assert (pair.shared, pair.jaccard, pair.inside) == (5, 5 / 15, 0.5)
    found = validity.pareto(sets, {**dict.fromkeys(range(10), 8.0), 12: 10.0, 20: 10.0}, 100.0)
    assert [(s.name, s.share, s.together, s.main) for s in found] == [
        ("甲", 0.8, 0.8, True), ("乙", 0.5, 0.9, False), ("丙", 0.1, 1.0, False)]  # fmt: skip
    assert validity.pareto({}, {}, 0) == []
    assert validity.pareto({"空": frozenset()}, {}, 0)[0].share == 0


def test_the_pilot_is_beta_binomial() -> None:
    chance = np.random.default_rng(77)
    rate = chance.beta(6.5, 74.5, 200_000)
    rest = chance.binomial(720, rate)
    found = pilots.project(6, 80, 720, go=0.06)
    assert found.likely == pytest.approx((rate >= 0.06).mean(), abs=0.005)
    assert found.hits == pytest.approx(rest.mean(), rel=0.01)
    assert (found.hits_low, found.hits_high) == pytest.approx(np.quantile(rest, [0.025, 0.975]), abs=3)
    assert pilots.project(3, 29, 100, go=0.01).call == "few"


def test_the_logistic_fit_is_the_maximum() -> None:
    chance = np.random.default_rng(2)
    x, spreads = chance.normal(0, 1, (80, 3)), np.array([1.5, 0.5, 0.5, 0.5])
    y = (chance.random(80) < 1 / (1 + np.exp(1 - x[:, 0]))).astype(int)
    means = np.array([-1.5, 0.5, 0, 0])

    def worth(beta: np.ndarray) -> float:
        value = beta[0] + x @ beta[1:]
        return float(-(y * value - np.logaddexp(0, value)).sum() + 0.5 * (((beta - means) / spreads) ** 2).sum())

    best = optimize.minimize(worth, means, tol=1e-12).x
    fit = logistic.fit([list(r) for r in x], list(y), list(means), list(spreads))
    assert fit.beta == pytest.approx(best, abs=1e-4)


def test_one_week_before_and_after_has_an_interval_of_some_width() -> None:
    """Seven days drawn in one block of seven are the seven days: the interval had no width and everything was sure."""
    chance = np.random.default_rng(12)
    held = 0
    for _ in range(60):
        one, two = (list(map(float, chance.poisson(12, 7))) for _ in range(2))
        found = returns.before_after(one, two, draws=200)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.effect < found.high
        held += found.low <= 0 <= found.high
    assert held >= 52
    base = [float(v) for v in chance.poisson(12, 14)]
    moved = returns.before_after(base, [v + 4 for v in base], ([v / 2 for v in base], [v / 2 + 1 for v in base]))
    assert moved is not None
    assert moved.effect == pytest.approx(3)  # 4 of ours less 1 of theirs


def test_unknown_money_is_not_nought() -> None:
    acts = [Act(i, i, 0) for i in range(12)]
    sold = [Came(i, i, 1, "bought") for i in range(4)]
    unknown = Inputs(acts=acts, came=sold, money=50.0, costs=(1,))
    assert (kpi.number(unknown, "revenue").value, kpi.number(unknown, "roi").value) == (None, None)
    back = returns.balance(unknown)
    assert (back.revenue, back.roi, back.break_even, back.lacking) == (None, None, None, "no_value")
    assert back.cac == 12.5
    half = returns.balance(Inputs(acts=acts, came=[*sold, Came(9, 9, 1, "bought", 200.0)], money=50.0, costs=(1,)))
    assert (half.roi, half.unpriced) == (3.0, 4)
    minutes_only = Inputs(acts=acts, came=sold, minutes=30.0, costs=(1,))
    assert kpi.number(minutes_only, "cac").value is None
    assert kpi.number(Inputs(acts=acts), "spent").value is None
    refunded = Inputs(acts=acts, counted=[Counted(1, "bought", 2, 100.0), Counted(2, "refund", 2, 130.0)], money=10.0,
                      costs=(1,))  # fmt: skip
    assert (kpi.number(refunded, "revenue").value, returns.balance(refunded).break_even) == (-30.0, None)


def test_two_purchases_on_one_day_of_china_are_one_day() -> None:
    from datetime import datetime

    morning, later = (int(datetime(2026, 12, 31, h, 30, tzinfo=ZONE).timestamp()) for h in (7, 9))  # two days in UTC
    once = Inputs(acts=[Act(1, 1, morning - DAY)], bought=[(1, morning), (1, later)])
    assert kpi.number(once, "repeat_rate").value == 0
    midnight = int(datetime(2027, 1, 1, 0, 10, tzinfo=ZONE).timestamp())  # one day in UTC with the morning before
    twice = Inputs(acts=[Act(1, 1, morning - DAY)], bought=[(1, later), (1, midnight)])
    assert kpi.number(twice, "repeat_rate").value == 1


def test_a_score_of_recommendation_has_a_width_where_all_agree() -> None:
    one = kpi.number(Inputs(counted=[Counted(1, "promoter", 1)]), "nps")
    assert (one.value, one.high) == (100, 100)
    assert one.low is not None
    assert one.low < 0
    chance = np.random.default_rng(6)
    held = 0
    for _ in range(400):
        p, q, d = (int(v) for v in chance.multinomial(15, [0.7, 0.2, 0.1]))
        told = kpi.number(Inputs(counted=[Counted(1, "promoter", p), Counted(2, "passive", q),
                                          Counted(3, "detractor", d)]), "nps")  # fmt: skip
        assert told.low is not None
        assert told.high is not None
        held += told.low <= 60 <= told.high
    assert held / 400 > 0.92


def test_no_number_of_nobody_is_nan_or_inf() -> None:
    for given in (Inputs(), Inputs(acts=[Act(1, 1, 0)]), Inputs(came=[Came(1, 1, 0, "bought", -5.0)], money=1.0)):
        for number in kpi.tree(given):
            for value in (number.value, number.low, number.high):
                assert value is None or math.isfinite(value), number.name


def test_the_interval_of_a_return_holds_as_often_as_it_says() -> None:
    """Fifty people, a fifth of whom pay, few of them much: the percentile interval alone held 81 times in 100."""
    chance, held, told = np.random.default_rng(31), 0, 120
    truth = (50 * 0.2 * math.exp(4.5) - 100) / 100
    for _ in range(told):
        paid = (chance.random(50) < 0.2) * chance.lognormal(4, 1, 50)
        came = [Came(i, i, 1, "bought", float(v)) for i, v in enumerate(paid) if v]
        back = returns.balance(Inputs(acts=[Act(i, i, 0) for i in range(50)], came=came, money=100.0, costs=(1,)),
                               draws=200)  # fmt: skip
        assert back.low is not None
        assert back.high is not None
        assert back.roi is not None
        assert back.low <= back.roi <= back.high
        held += back.low <= truth <= back.high
    assert held >= stats.binom.ppf(0.01, told, 0.95)
