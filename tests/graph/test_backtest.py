"""The back-test measures what it says, sees nothing of the future, and refuses to prove what it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_forecast import DAY, NOW, crowd, index_of

from graph.backtest import TooLittle, backtest, horizon_cuts
from graph.measure import Bootstrap, Truth, measure, order_of, reach, spearman
from graph.methods import TRIED, method

SPECS = [method(s) for s in ("influence", "actors", "pagerank-classic", "activity", "chance")]


def truth_of(gain: list[int], among: list[bool] | None = None) -> Truth:
    flags = np.array(among if among is not None else [True] * len(gain))
    pairs = [(t, 100 + a) for t, n in enumerate(gain) for a in range(n)]
    target, actor = (
        (np.array(x, dtype=np.int64) for x in zip(*pairs, strict=True)) if pairs else (np.zeros(0, int),) * 2
    )
    return Truth(np.where(flags, gain, 0), flags, target, actor)


def plain(truth: Truth, score: list[float], k: int) -> dict[str, float]:
    order = order_of(np.array(score), truth.among)
    best = truth.best()
    told, _ = measure([truth], [order], [np.array(score)], [best], Bootstrap([truth], [best], 0), k)
    return {name: float(value[0]) for name, value in told.items()}


def test_measures_by_hand() -> None:
    truth = truth_of([5, 0, 3, 1])
    got = plain(truth, [1.0, 9.0, 5.0, 0.0], 2)  # picks the second and the third
    assert got["cap"] == pytest.approx(3 / 8)
    assert got["ndcg"] == pytest.approx((np.log(4) / np.log2(3)) / (np.log(6) + np.log(4) / np.log2(3)))
    assert got["lift_chance"] == pytest.approx((3 / 2) / (9 / 4))
    assert got["reach"] == pytest.approx(3 / 5)  # people 100, 101, 102 of 100..104
    assert got["top"] == 3


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=25), st.integers(1, 8))
def test_against_the_definitions(rows: list[tuple[int, int]], k: int) -> None:
    from scipy.stats import spearmanr

    gain, score = [g for g, _ in rows], [float(s) for _, s in rows]
    truth = truth_of(gain)
    got = plain(truth, score, k)
    order = sorted(range(len(rows)), key=lambda i: (-score[i], i))[:k]
    ideal = sorted(gain, reverse=True)[:k]
    if sum(ideal):
        assert got["cap"] == pytest.approx(sum(gain[i] for i in order) / sum(ideal))
        dcg = [sum(np.log1p(g) / np.log2(p + 2) for p, g in enumerate(gs)) for gs in ([gain[i] for i in order], ideal)]
        assert got["ndcg"] == pytest.approx(dcg[0] / dcg[1])
    else:
        assert np.isnan(got["cap"])
    if len(set(gain)) > 1 and len(set(score)) > 1:
        assert spearman(np.array(score), truth) == pytest.approx(spearmanr(score, gain).statistic)


def test_people_without_a_score_come_last_and_only_candidates_count() -> None:
    truth = truth_of([4, 9, 2], [True, False, True])
    assert order_of(np.array([np.nan, 5.0, 0.0]), truth.among).tolist() == [2, 0]
    assert reach(truth, np.array([0])) == pytest.approx(4 / 9)  # all who answered anybody are the whole


def test_who_is_answered_next_is_found() -> None:
    """Attention lives for a day: recency beats counting, counting beats chance; intervals hold their means."""
    index = index_of(crowd(2, 150, 9_000, 40 * DAY, DAY))
    verdict = backtest(index, SPECS, until=NOW, k=15)
    cap = {s.method.name: s.measures["cap"].mean or 0 for s in verdict.standings}
    assert cap["influence"] > 1.1 * cap["actors"] > 1.1 * cap["chance"]
    assert verdict.picked.spec == "influence"
    assert verdict.surely
    for standing in verdict.standings:
        estimate = standing.measures["cap"]
        assert estimate.low is not None
        assert estimate.low <= estimate.mean <= estimate.high  # type: ignore[operator]
    assert verdict.of(method("chance")).measures["lift_chance"].mean == pytest.approx(1)
    assert all(w.cut < w.end and w.best >= w.answers * 15 / w.candidates for w in verdict.windows)


def test_something_else_is_picked_where_it_is_surely_better() -> None:
    index = index_of(crowd(2, 150, 9_000, 40 * DAY, DAY))
    order = [method("actors"), method("influence"), method("chance")]
    verdict = backtest(index, order, until=NOW, k=15)
    assert verdict.default.spec == "actors"
    assert verdict.picked.spec == "influence"
    assert verdict.of(method("influence")).ahead.low > 0  # type: ignore[operator]


def test_noise_beats_nothing() -> None:
    """Nobody is likelier than anybody: no ranker is surely better, and the default stays."""
    draw = np.random.default_rng(4)
    times = np.sort(draw.integers(NOW - 30 * DAY, NOW, 6_000)).tolist()
    rows = [(int(draw.integers(1, 200)), t, int(draw.integers(300, 900)), 1) for t in times]
    verdict = backtest(index_of(rows), [method("actors"), method("influence"), method("chance")], until=NOW)
    assert verdict.picked.spec == "actors"
    assert abs(verdict.of(method("actors")).measures["lift_chance"].mean - 1) < 0.2  # type: ignore[operator]


def test_the_same_input_gives_the_same_verdict() -> None:
    rows = crowd(5, 60, 3_000, 30 * DAY, DAY)
    mixed = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    assert backtest(index_of(rows), SPECS, until=NOW) == backtest(index_of(mixed), SPECS, until=NOW)


def test_what_comes_after_until_changes_nothing() -> None:
    rows = crowd(6, 60, 4_000, 30 * DAY, DAY)
    until = rows[3_000][1]
    past = [row for row in rows if row[1] <= until]
    few, many = (backtest(index_of(r), SPECS, until=until) for r in (past, rows))
    assert [w.answers for w in few.windows] == [w.answers for w in many.windows]
    assert few.standings == many.standings


@pytest.mark.parametrize("events", [0, 5, 120])
def test_too_little_is_refused(events: int) -> None:
    rows = crowd(8, 20, events, 20 * DAY, DAY) or [(1, NOW, 2, 1)]
    with pytest.raises(TooLittle) as raised:
        backtest(index_of(rows), SPECS, until=NOW)
    assert raised.value.windows < 3


def test_windows_of_equal_length() -> None:
    times = np.array([NOW - 100 * DAY, NOW - 3 * DAY, NOW])
    assert horizon_cuts(times, 3, 7 * DAY) == [NOW - 21 * DAY, NOW - 14 * DAY, NOW - 7 * DAY, NOW]
    assert horizon_cuts(times, 3, 60 * DAY) == [NOW - 60 * DAY, NOW]  # no past before the others


def test_followers_as_known_then_and_only_candidates_asked_for() -> None:
    index = index_of(crowd(9, 60, 3_000, 30 * DAY, DAY))
    asked: list[int] = []

    def followers(cut: int) -> np.ndarray:
        asked.append(cut)
        return np.arange(len(index.nodes), dtype=np.float64)

    among = np.arange(len(index.nodes)) % 2 == 0
    verdict = backtest(index, [method("influence"), method("followers")], until=NOW, followers=followers, among=among)
    assert asked == [w.cut for w in verdict.windows]
    assert verdict.of(method("influence")).measures["lift_followers"].mean > 1  # type: ignore[operator]
    assert verdict.windows[0].candidates <= among.sum()


def test_every_ranker_that_is_tried_runs() -> None:
    verdict = backtest(index_of(crowd(10, 60, 2_500, 30 * DAY, DAY)), [method(s) for s in TRIED], until=NOW)
    unknown = [s.method.spec for s in verdict.standings if s.measures["cap"].mean is None]
    assert unknown == ["followers"]  # nobody's are known here
