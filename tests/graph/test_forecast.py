"""Recency is learnt from the past, from nothing but the past, and from too little of it not at all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.build import Events, build
from graph.forecast import PRIOR, UNITS, Past, Recency, adds, answered, cuts_of, influence, learn
from graph.index import EventIndex
from graph.methods import TRIED, Known, method, scores
from graph.rank import influence as plain_influence

KINDS = {1: "repost", 2: "reply", 3: "mention", 4: "quote", 5: "like", 6: "follow"}
NOW = 1_795_000_000
HOUR, DAY = 3_600, 86_400

rows_of = st.lists(
    st.tuples(st.integers(1, 9), st.integers(NOW - 40 * DAY, NOW), st.integers(1, 9), st.integers(1, 6)),
    min_size=1, max_size=80,
)  # fmt: skip


def index_of(rows: list[tuple[int, int, int, int]]) -> EventIndex:
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return EventIndex.of(Events(table[:, 0], table[:, 1], table[:, 2], table[:, 3], KINDS))


def crowd(seed: int, people: int, events: int, span: int, memory: float) -> list[tuple[int, int, int, int]]:
    """Invented reposts: who is reposted next was reposted ``memory`` seconds ago or less, or is anybody."""
    draw = np.random.default_rng(seed)
    times = np.sort(draw.integers(NOW - span, NOW, events))
    rows: list[tuple[int, int, int, int]] = []
    for at, second in enumerate(times.tolist()):
        target = int(draw.integers(1, people))
        if at and draw.random() < 0.9:
            back = int(np.searchsorted(times, second - memory))
            target = rows[int(draw.integers(min(back, at - 1), at))][0]
        rows.append((target, second, people + int(draw.integers(1, 5 * people)), 1))
    return rows


def test_one_unit_is_the_documented_arithmetic() -> None:
    rows = [(1, NOW, 2, 1), (1, NOW - DAY, 2, 2), (1, NOW - 30 * DAY, 3, 5), (3, NOW - DAY, 1, 1)]
    index = index_of(rows)
    got = influence(index, Recency.plain(DAY), until=NOW)
    graph = build(index.events(), until=NOW, h0=DAY)
    assert got == pytest.approx(plain_influence(graph), abs=0, rel=1e-12)
    assert got[0] == pytest.approx((1 - math.exp(-(1 + 0.5 / 2))) + (1 - math.exp(-0.2 / 31)))


def test_a_mixture_is_the_sum_of_what_each_actor_adds() -> None:
    rows = [(1, NOW - 600, 2, 1), (1, NOW - 3 * DAY, 2, 1), (1, NOW - 50, 4, 2)]
    recency = Recency((60.0, DAY, math.inf), (0.5, 0.3, 0.2))
    got = influence(index_of(rows), recency, until=NOW)[0]
    two = [1 / (1 + 600 / u) + 1 / (1 + 3 * DAY / u) for u in (60.0, DAY)] + [2.0]
    four = [0.5 / (1 + 50 / u) for u in (60.0, DAY)] + [0.5]
    assert got == pytest.approx(adds(two, recency) + adds(four, recency))


def test_what_the_past_teaches_fits_it() -> None:
    """Attention that lives for an hour makes short units; attention that lives for weeks makes long ones."""
    short = learn(index_of(crowd(1, 60, 6_000, 30 * DAY, HOUR)), until=NOW)
    long = learn(index_of(crowd(1, 60, 6_000, 400 * DAY, 200 * DAY)), until=NOW)
    assert short.learnt
    assert long.learnt
    assert short.answers > 1_000

    def told_by_fresh(recency: Recency) -> float:
        """Weight of an act ten minutes old against one ten days old."""

        def weight(age: float) -> float:
            pairs = zip(recency.units, recency.shares, strict=True)
            return sum(s if math.isinf(u) else s / (1 + age / u) for u, s in pairs)

        return weight(600) / weight(10 * DAY)

    assert told_by_fresh(short) > 3 * told_by_fresh(long)
    assert sum(short.shares) == pytest.approx(1, abs=1e-5)


def test_expected_answers_are_of_the_right_size() -> None:
    """Influence times its weight forecasts how many people answer in one window."""
    rows = crowd(3, 80, 8_000, 60 * DAY, 5 * DAY)
    index = index_of(rows)
    times = np.sort(index.time)
    cut, end = int(times[-900]), int(times[-340])
    recency = learn(index, until=cut)
    forecast = recency.weight * influence(index, recency, until=cut).sum()
    came = answered(index, cut, end, [1]).sum()
    assert 0.5 < forecast / came < 2


@pytest.mark.parametrize("events", [0, 1, 30])
def test_little_data_teaches_nothing(events: int) -> None:
    rows = crowd(5, 10, events, 10 * DAY, DAY) or [(1, NOW, 2, 1)]
    assert learn(index_of(rows), until=NOW) == Recency.plain(6 * HOUR if events > 1 else HOUR)


def test_a_little_more_data_moves_it_a_little() -> None:
    """Sixty answers weigh less than what is known beforehand."""
    rows = crowd(7, 60, 330, 20 * DAY, 3 * DAY)
    recency = learn(index_of(rows), until=NOW)
    assert recency.learnt
    assert recency.answers < PRIOR
    assert DAY in recency.units


@settings(deadline=None, max_examples=60)
@given(rows_of, rows_of, st.integers(NOW - 30 * DAY, NOW - 1))
def test_the_future_never_changes_a_forecast(
    rows: list[tuple[int, int, int, int]], more: list[tuple[int, int, int, int]], cut: int
) -> None:
    """Whatever happens after the cut, nobody's score before it changes by a bit."""
    past = [row for row in rows if row[1] <= cut]
    if not past:
        return
    later = [(t, max(when, cut + 1), a, k) for t, when, a, k in more]
    small, large = index_of(past), index_of(past + later)
    at = np.searchsorted(large.nodes, small.nodes)
    for spec in TRIED:
        by = method(spec)
        before = scores(Known(small, cut), by)
        after = scores(Known(large, cut), by)[at]
        assert before.tobytes() == after.tobytes() or np.isnan(before).all()


@pytest.mark.parametrize("kind", [1, 2, 5])
def test_the_future_never_changes_what_is_learnt(kind: int) -> None:
    """Not by a bit, also where pairs have many acts, and where kinds come that were not there before."""
    draw = np.random.default_rng(11)
    rows = [(t, s, 100 + int(draw.integers(0, 40)), 5) for t, s, _, _ in crowd(11, 60, 5_000, 30 * DAY, DAY)]
    cut = rows[3_500][1]
    past = [row for row in rows if row[1] <= cut]
    later = [(t, s, a, kind) for t, s, a, _ in rows if s > cut]
    small, large = index_of(past), index_of(past + later)
    recency = learn(small, until=cut)
    assert recency.learnt
    assert recency == learn(large, until=cut)
    one, two = influence(small, recency, until=cut), influence(large, recency, until=cut)
    assert one.tobytes() == two[np.searchsorted(large.nodes, small.nodes)].tobytes()


def test_the_order_of_rows_changes_nothing() -> None:
    rows = crowd(13, 40, 3_000, 30 * DAY, DAY)
    mixed = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    one, two = index_of(rows), index_of(mixed)
    recency = learn(one, until=NOW)
    assert recency == learn(two, until=NOW)
    assert influence(one, recency, until=NOW).tobytes() == influence(two, recency, until=NOW).tobytes()


def test_unknown_times_count_as_the_oldest_and_never_teach() -> None:
    rows = [*crowd(17, 40, 2_000, 30 * DAY, DAY), *((1, 0, 900 + i, 1) for i in range(500))]
    recency = learn(index_of(rows), until=NOW)
    assert recency == learn(index_of(rows), until=NOW)
    past = Past(index_of(rows), NOW, None, {"repost": 1.0})
    assert past.oldest == min(row[1] for row in rows if row[1])
    with_since = influence(index_of(rows), Recency.plain(DAY), until=NOW, since=NOW - 10 * DAY)
    without = influence(index_of([r for r in rows if r[1]]), Recency.plain(DAY), until=NOW, since=NOW - 10 * DAY)
    assert with_since.sum() == pytest.approx(without.sum())


def test_windows_of_equal_numbers() -> None:
    times = np.arange(1, 1_001)
    assert cuts_of(times, 4, 0.1) == [600, 700, 800, 900, 1_000]
    assert cuts_of(np.full(50, 7), 4, 0.1) == [7]
    assert cuts_of(np.zeros(0, dtype=np.int64), 4, 0.1) == []


def test_recency_survives_being_stored() -> None:
    recency = Recency((60.0, math.inf), (0.25, 0.75), 3.5, 7_200.0, 80, 4)
    assert Recency.of_json(recency.as_json()) == recency
    assert not Recency.plain(HOUR).learnt


@pytest.mark.parametrize("spec", [*TRIED, "influence@90m", "influence@ever+equal", "influence@2.5h"])
def test_names_of_rankers_are_read_and_written(spec: str) -> None:
    assert method(method(spec).spec) == method(spec)


@pytest.mark.parametrize("spec", ["", "influences", "influence@", "influence@0h", "influence@soon", "influence+some",
                                  "pagerank@6h", "influence@-1h", "hits+equal", "influence @6h"])  # fmt: skip
def test_wrong_names_are_refused(spec: str) -> None:
    with pytest.raises(ValueError) as raised:
        method(spec)
    assert raised.value.args == (spec,)


def test_units_stand_in_order() -> None:
    assert list(UNITS) == sorted(UNITS)
    assert {HOUR, 6 * HOUR, DAY} <= set(UNITS)  # the plain units are among them: the prior has a place


def test_of_very_many_events_some_people_teach_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(crowd(19, 300, 20_000, 60 * DAY, 2 * DAY))
    whole = learn(index, until=NOW)
    monkeypatch.setattr("graph.forecast.ENOUGH", 10_000)
    some = learn(index, until=NOW)
    assert some != whole
    assert 0.3 < some.answers / whole.answers < 0.7
    for recency in (whole, some):  # the level and the shape stay
        assert recency.weight * influence(index, recency, until=NOW).sum() == pytest.approx(
            whole.weight * influence(index, whole, until=NOW).sum(), rel=0.25
        )
