"""Overlap of audiences against sets, and the interval of an affinity against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.overlap import MIN_AUDIENCE, affinity, overlap
from tests.graph.test_measures import events, rows_of


@settings(deadline=None)
@given(rows_of, st.lists(st.integers(1, 9), min_size=2, max_size=4, unique=True))
def test_overlap_is_that_of_sets(rows: list[tuple[int, int, int, int]], people: list[int]) -> None:
    found = overlap(events(rows), people)
    sets = [{a for t, _, a, _ in rows if t == p and a != p} for p in people]
    assert [set(a.tolist()) for a in found.audiences] == sets
    assert found.union == len(set().union(*sets))
    assert set(found.common.tolist()) == set.intersection(*sets)
    assert found.active == len({a for _, _, a, _ in rows})
    for pair in found.pairs:
        one, two = sets[pair.one], sets[pair.two]
        assert pair.shared == len(one & two)
        assert pair.jaccard == pytest.approx(len(one & two) / len(one | two) if one | two else 0)
        assert pair.affinity is None  # so few people say nothing
    for i, mine in enumerate(sets):
        assert found.added[i] == len(mine - set().union(*sets[:i]))
        assert found.only[i] == len(mine - set().union(*(s for j, s in enumerate(sets) if j != i)))


def test_too_little_is_no_number() -> None:
    assert affinity(5, MIN_AUDIENCE - 1, 500, 10_000) is None
    assert affinity(1, 30, 30, 10_000) is None
    assert affinity(0, 300, 300, 10_000) is not None


def test_what_the_interval_allows_to_say() -> None:
    more, less, chance = affinity(90, 300, 300, 10_000), affinity(1, 300, 300, 10_000), affinity(10, 300, 300, 10_000)
    assert more is not None
    assert less is not None
    assert chance is not None
    assert (more.verdict, less.verdict, chance.verdict) == ("more", "less", "chance")
    assert more.lift == pytest.approx(90.5 / 9.5)


@pytest.mark.parametrize("lift", [1.0, 3.0])
def test_the_interval_holds_the_truth_nineteen_times_in_twenty(lift: float) -> None:
    rng = np.random.default_rng(11)
    active, a, b = 4000, 0.05, 0.06
    p = lift * a * b
    tables = rng.multinomial(active, [p, a - p, b - p, 1 - a - b + p], size=1500)
    held = [
        found.low <= lift <= found.high
        for both, one, two, _ in tables.tolist()
        if (found := affinity(both, both + one, both + two, active)) is not None
    ]
    assert len(held) > 1400
    assert 0.93 <= sum(held) / len(held) <= 0.985
