"""Reach means what it says: exact worlds, brute force and Monte-Carlo agree; the same seed gives the same sets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import spearmanr

from graph.build import build
from graph.planted import planted
from graph.rank import influence
from graph.spread import Drawer, coupled, join, probabilities, simulate

PEOPLE = 6
edges_of = st.dictionaries(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)).filter(lambda e: e[0] != e[1]),
    st.sampled_from([0.05, 0.1, 0.25, 0.3, 0.5, 0.7, 0.99, 1.0]),
    min_size=1, max_size=12,
)  # fmt: skip
Edges = dict[tuple[int, int], float]


def matrix(edges: Edges, n: int = PEOPLE) -> csr_array:
    rows, columns = zip(*sorted(edges), strict=True)
    return csr_array(([edges[e] for e in sorted(edges)], (rows, columns)), shape=(n, n))


def exact(edges: Edges, seeds: set[int], value: list[float] | None = None, hops: int | None = None) -> float:
    """Expected reach over all live-edge worlds: what is live lets the actor (row) be moved by the target (column)."""
    total = 0.0
    listed = sorted(edges)
    for world in itertools.product((False, True), repeat=len(listed)):
        weight = np.prod([edges[e] if live else 1 - edges[e] for e, live in zip(listed, world, strict=True)])
        if weight == 0:
            continue
        moved, front, step = set(seeds), set(seeds), 0
        while front and (hops is None or step < hops):
            front = {a for (a, t), live in zip(listed, world, strict=True) if live and t in front} - moved
            moved |= front
            step += 1
        total += weight * (len(moved) if value is None else sum(value[i] for i in moved))
    return float(total)


def near(got: float, wanted: float, top: float, count: int) -> bool:
    """Within five standard errors of a mean of ``count`` values between 0 and ``top``."""
    share = min(max(wanted / top, 0.0), 1.0)
    return abs(got - wanted) <= 5 * top * np.sqrt(share * (1 - share) / count) + 1e-9 + 12 * top / count


@settings(deadline=None, max_examples=40)
@given(edges_of, st.sets(st.integers(0, PEOPLE - 1), min_size=1, max_size=3), st.sampled_from([None, 1, 2]))
def test_sets_and_simulation_agree_with_all_worlds(edges: Edges, seeds: set[int], hops: int | None) -> None:
    chance, wanted = matrix(edges), exact(edges, seeds, hops=hops)
    sets = Drawer(chance, seed=7, hops=hops).draw(20_000)
    assert near(sets.reach(sorted(seeds)), wanted, PEOPLE, 20_000)
    runs = simulate(chance, sorted(seeds), 4_000, seed=3, hops=hops)
    assert abs(runs.mean() - wanted) <= 5 * runs.std() / np.sqrt(4_000) + 0.01


@settings(deadline=None, max_examples=25)
@given(edges_of, st.lists(st.sampled_from([0.0, 1.0, 2.5]), min_size=PEOPLE, max_size=PEOPLE))
def test_reach_counts_value(edges: Edges, value: list[float]) -> None:
    drawer = Drawer(matrix(edges), seed=5, value=np.array(value))
    sets = drawer.draw(20_000)
    assert drawer.total == pytest.approx(sum(value))
    if sum(value) == 0:
        assert len(sets) == 0
        return
    for person in range(PEOPLE):
        assert near(sets.reach([person]), exact(edges, {person}, value), sum(value), 20_000)
    assert np.allclose(sets.single, [sets.reach([p]) for p in range(PEOPLE)])


def test_one_and_the_same_whatever_is_drawn_together() -> None:
    graph = build(planted(people=300, acts=3000))
    chance = probabilities(graph.weights, 3.0)
    whole = Drawer(chance, seed=11).draw(3000)
    for batch in (1, 7, 997):
        part = Drawer(chance, seed=11).draw(500, batch=batch)
        assert np.array_equal(part.members, whole.members[: whole.offsets[500]])
    first, rest = Drawer(chance, seed=11).draw(1200), Drawer(chance, seed=11).draw(1800, first=1200)
    joined = join(first, rest)
    assert np.array_equal(joined.members, whole.members)
    assert np.array_equal(joined.offsets, whole.offsets)
    assert not np.array_equal(Drawer(chance, seed=12).draw(3000).offsets, whole.offsets)
    for number in range(0, 3000, 100):
        mine = whole.members[whole.offsets[number] : whole.offsets[number + 1]]
        assert (np.diff(mine) > 0).all(), "no member twice"


def test_lists_and_marks_give_the_same_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = probabilities(build(planted(people=300, acts=3000)).weights, 3.0)
    marked = Drawer(chance, seed=4).draw(700)
    monkeypatch.setattr("graph.spread.MARKS", 0)
    monkeypatch.setattr("graph.spread.FRONT", 5)
    assert np.array_equal(Drawer(chance, seed=4).draw(700, batch=100).members, marked.members)


def test_one_hop_of_one_person_is_their_influence() -> None:
    graph = build(planted(people=400, acts=4000))
    sets = Drawer(probabilities(graph.weights), seed=2, hops=1).draw(200_000)
    best = np.argsort(-influence(graph))[:20]
    assert np.allclose(sets.single[best] - 1, influence(graph)[best], rtol=0.1)


@settings(deadline=None, max_examples=25)
@given(edges_of, st.sets(st.integers(0, PEOPLE - 1), min_size=1, max_size=3))
def test_one_luck_for_all_is_the_largest_chance(edges: Edges, seeds: set[int]) -> None:
    chance = matrix(edges)
    largest = chance.toarray()[:, sorted(seeds)].max(axis=1)
    largest[sorted(seeds)] = 1.0
    sets = coupled(chance, 20_000, seed=3)
    assert near(sets.reach(sorted(seeds)), float(largest.sum()), PEOPLE, 20_000)
    assert np.array_equal(coupled(chance, 9000, seed=3).members, sets.members[: sets.offsets[9000]])


def test_ranks_as_monte_carlo_does() -> None:
    graph = build(planted(people=1500, acts=15_000))
    chance = probabilities(graph.weights, 0.5)
    sets = Drawer(chance, seed=1).draw(200_000)
    stars = np.argsort(-sets.single, kind="stable")[:60]
    forward = [simulate(chance, [int(s)], 1500, seed=int(s)).mean() for s in stars]
    assert spearmanr(forward, sets.single[stars]).statistic >= 0.99


def test_work_can_be_stopped_and_memory_is_bounded() -> None:
    chance = probabilities(build(planted(people=300, acts=3000)).weights)
    seen: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Drawer(chance).draw(1000, batch=100, tick=stop)
    assert seen == [(100, 1000), (200, 1000)]
    short = Drawer(chance).draw(100_000, batch=100, max_members=500)
    assert 100 <= len(short) < 1000
    assert len(short.members) >= 500


def test_nothing_to_draw_from() -> None:
    empty = csr_array((0, 0))
    assert len(Drawer(empty).draw(10)) == 0
    alone = Drawer(csr_array((3, 3))).draw(50)
    assert (np.diff(alone.offsets) == 1).all()
    with pytest.raises(ValueError, match="negative"):
        Drawer(csr_array((2, 2)), value=np.array([1.0, -1.0]))


def test_another_seed_gives_other_sets_not_the_same_ones_shifted() -> None:
    chance = csr_array(np.full((40, 40), 0.05) - np.diag(np.full(40, 0.05)))
    one = Drawer(chance, seed=1).draw(400)
    for seed in (2, 3, 77):
        other = Drawer(chance, seed=seed).draw(400)
        for shift in (0, 1, 2, seed - 1):
            alike = sum(
                np.array_equal(
                    one.members[one.offsets[i + shift] : one.offsets[i + shift + 1]],
                    other.members[other.offsets[i] : other.offsets[i + 1]],
                )
                for i in range(300)
            )
            assert alike < 30, (seed, shift)
