"""Seeds: greedy keeps its promise against brute force; budgets and quotas hold; the past does not know the future."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from graph.build import Events, InteractionGraph, build
from graph.level import measure
from graph.planted import START, planted
from graph.rank import actors, influence, top
from graph.seeds import GREEDY, Limits, cover, imm, most_seeds, pick, prefix
from graph.seedtest import Verdict, Window, compare, cut, lists
from graph.spread import Drawer, RRSets, probabilities
from graph.transmit import ESTIMATES, fit_scale, learn, log_likelihood, pairs_at, raw, scaled
from tests.graph.test_spread import PEOPLE, Edges, edges_of, exact, matrix

weights_of = st.lists(
    st.lists(st.sampled_from([0.0, 0.0, 0.2, 1.0, 3.0]), min_size=6, max_size=6), min_size=6, max_size=6
)


def merged(weights: np.ndarray, people: list[int], coupled: bool = False) -> float:
    """Influence of ``people`` together, from the definition."""
    mine = weights[:, people]
    return float((1 - np.exp(-(mine.max(axis=1) if coupled else mine.sum(axis=1)))).sum()) if people else 0.0


@settings(deadline=None, max_examples=60)
@given(weights_of, st.integers(1, 4), st.booleans())
def test_cover_is_greedy_and_near_the_best(rows: list[list[float]], k: int, coupled: bool) -> None:
    weights = np.array(rows)
    choice = cover(csr_array(weights), Limits(k), coupled=coupled)
    assert len(choice.people) == len(set(choice.people)) == k
    assert sum(choice.gains) == pytest.approx(merged(weights, choice.people, coupled))
    best = max(merged(weights, list(c), coupled) for c in itertools.combinations(range(6), k))
    assert sum(choice.gains) >= GREEDY * best - 1e-9
    picked: list[int] = []
    for person, gain in zip(choice.people, choice.gains, strict=True):
        before = merged(weights, picked, coupled)
        each = [merged(weights, [*picked, other], coupled) - before for other in range(6) if other not in picked]
        assert gain == pytest.approx(max(each)), "lazy gains are the true ones"
        picked.append(person)


@settings(deadline=None, max_examples=30)
@given(edges_of, st.integers(1, 3))
def test_imm_keeps_its_bound(edges: Edges, k: int) -> None:
    plan = imm(Drawer(matrix(edges), seed=9), Limits(k), epsilon=0.2)
    assert plan.complete
    best = max(exact(edges, set(c)) for c in itertools.combinations(range(PEOPLE), k))
    assert exact(edges, set(plan.choice.people)) >= (GREEDY - 0.2) * best
    assert plan.lower <= best * 1.05


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=1, max_size=25), st.integers(1, 4))
def test_picking_on_sets_is_greedy_coverage(found: list[set[int]], k: int) -> None:
    offsets = np.cumsum([0, *map(len, found)])
    sets = RRSets(offsets, np.array([p for one in found for p in sorted(one)], dtype=np.int32), 6, 6.0)
    choice = pick(sets, Limits(k))
    hit = [sum(bool(one & set(c)) for one in found) for c in itertools.combinations(range(6), k)]
    assert sum(choice.gains) == sets.hits(choice.people) >= GREEDY * max(hit) - 1e-9
    assert choice.gains == sorted(choice.gains, reverse=True)


def test_costs() -> None:
    weights = np.zeros((10, 10))
    weights[:6, 0] = 5.0  # six people, at a price that takes all of the budget
    weights[6:9, 1], weights[0:4, 2], weights[4:6, 3] = 5.0, 5.0, 5.0
    cost = np.array([9.0, 3.0, 3.0, 3.0, *[np.nan] * 6])
    choice = cover(csr_array(weights), Limits(9.0, cost))
    assert choice.by == "ratio"
    assert sorted(choice.people) == [1, 2, 3]
    assert choice.spent == 9.0
    dear = cover(csr_array(weights), Limits(9.0, np.array([9.0, 1.0, np.nan, np.nan, *[np.nan] * 6])))
    assert dear.people == [0], "what is dear may still be the better half"
    assert cover(csr_array(weights), Limits(2.0, cost)).people == []
    assert most_seeds(Limits(7.0, cost), 10) == 2


@settings(deadline=None, max_examples=40)
@given(weights_of, st.lists(st.floats(0.5, 9), min_size=6, max_size=6), st.floats(1, 20))
def test_no_budget_is_overdrawn(rows: list[list[float]], prices: list[float], budget: float) -> None:
    weights, cost = np.array(rows), np.array(prices)
    choice = cover(csr_array(weights), Limits(budget, cost))
    assert choice.spent == pytest.approx(cost[choice.people].sum())
    assert choice.spent <= budget * (1 + 1e-6)
    affordable = [
        list(c) for k in range(7) for c in itertools.combinations(range(6), k) if cost[list(c)].sum() <= budget
    ]
    best = max(merged(weights, c) for c in affordable)
    assert sum(choice.gains) >= GREEDY / 2 * best - 1e-9


def test_quotas_and_candidates() -> None:
    graph = build(planted(people=800, acts=8000, communities=4, skew=2.0))
    group = np.where(graph.nodes <= 48, (graph.nodes - 1) // 12 + 1, 9).astype(np.int64)
    free = cover(graph.weights, Limits(10)).people
    each = cover(graph.weights, Limits(8, group=group, each=2)).people
    assert max(np.bincount(group[each])) == 2
    assert (group[free] == 1).sum() > 2, "without quotas the largest community has more"
    shares = cover(graph.weights, Limits(10, group=group, caps={3: 4.0, 4: 3.0}, rest=3.0)).people
    assert [(group[shares] == c).sum() for c in (3, 4)] == [4, 3]
    assert len(shares) == 10
    only = np.flatnonzero(group == 2)
    assert set(cover(graph.weights, Limits(5, among=only)).people) <= set(only.tolist())
    order = np.argsort(-influence(graph), kind="stable").tolist()
    assert prefix(order, Limits(8, group=group, each=2), len(graph))[0] == order[0]
    sets = Drawer(probabilities(graph.weights), seed=3).draw(5000)
    assert max(np.bincount(group[pick(sets, Limits(8, group=group, each=2)).people])) == 2


def test_only_reaching_the_audience_counts() -> None:
    graph = build(planted(people=800, acts=8000, communities=4, mix=0.0))
    columns = graph.weights.tocsc()
    second = int(np.searchsorted(graph.nodes, 13))  # the first star of the second community
    audience = np.zeros(len(graph))
    audience[columns.indices[columns.indptr[second] : columns.indptr[second + 1]]] = 1.0
    assert cover(graph.weights, Limits(1), value=audience).people == [second]
    assert cover(graph.weights, Limits(1)).people != [second]


def test_same_input_same_answer_and_ties_go_to_the_lower_id() -> None:
    graph = build(planted(people=500, acts=4000))
    one, two = (imm(Drawer(probabilities(graph.weights), seed=6), Limits(5), epsilon=0.4) for _ in range(2))
    assert one.choice == two.choice
    assert len(one.sets) == len(two.sets) >= one.wanted
    assert cover(csr_array(np.eye(4)), Limits(2)).people == [0, 1]
    short = imm(Drawer(probabilities(graph.weights), seed=6), Limits(5), epsilon=0.05, max_members=1000)
    assert not short.complete
    assert len(short.choice.people) == 5


# -- chances -------------------------------------------------------------------------------------------------------


def until(events: Events, end: int) -> Events:
    kept = events.time <= end
    return Events(events.target[kept], events.time[kept], events.actor[kept], events.kind[kept], events.kinds)


def test_counts_of_pairs() -> None:
    hour = 3600
    rows = [(1, 9, 5), (1, 9, 5), (1, 8, 4), (2, 9, 5), (1, 9, 1), (2, 8, 3)]  # target, actor, hours ago
    table = np.array([(t, START - ago * hour, a) for t, a, ago in rows])
    events = Events(table[:, 0], table[:, 1], table[:, 2], np.ones(6, dtype=np.int64), {1: "repost"})
    pairs = pairs_at(events, START, hour)
    at = {(int(pairs.graph.nodes[a]), int(pairs.graph.nodes[t])): i
          for i, (a, t) in enumerate(zip(pairs.actor, pairs.target, strict=True))}  # fmt: skip
    i = at[9, 1]
    assert (pairs.acts[i], pairs.exposed[i], pairs.active[i]) == (2, 3, 2), "hours 5 and 1; 5, 4, 1; 5 and 1"
    assert pairs.credit[i] == pytest.approx(1 / 3 + 1 / 3 + 1)
    assert pairs.exposed[at[8, 1]] == 2, "what was before the actor came is no exposure"


def test_the_scale_is_the_likeliest() -> None:
    draw = np.random.default_rng(2)
    chance = draw.uniform(0.01, 0.9, 40_000)
    acted = draw.random(40_000) < scaled(chance, 0.3)
    c = fit_scale(chance, acted)
    assert c == pytest.approx(0.3, rel=0.05)
    assert all(
        log_likelihood(scaled(chance, c), acted) >= log_likelihood(scaled(chance, x), acted) for x in (c / 2, 2 * c)
    )


def test_learning_takes_the_likeliest_and_never_looks_ahead() -> None:
    events = planted(people=1500, acts=30_000)
    end = START + 20 * 86_400
    learnt, alone = learn(events, until=end), learn(until(events, end), until=end)
    assert learnt.by == alone.by == max(learnt.held, key=lambda h: h.likelihood).by
    assert {h.by for h in learnt.held} == set(ESTIMATES)
    assert np.array_equal(learnt.chance.data, alone.chance.data)
    assert learnt.held == alone.held
    assert 0 < learnt.chance.data.min() <= learnt.chance.data.max() < 1
    pairs = pairs_at(events, end, learnt.horizon)
    assert all(((raw(pairs, by) >= 0) & (raw(pairs, by) < 1)).all() for by in ESTIMATES)
    few = learn(planted(people=30, acts=40), until=end)
    assert few.held == ()
    assert few.by == "weight"


def test_the_level_is_what_came_for_each_point_of_influence() -> None:
    events = planted(people=1500, acts=30_000)
    end = START + 20 * 86_400
    found, alone = measure(events, until=end), measure(until(events, end), until=end)
    assert (found.level, found.error) == (alone.level, alone.error), "the future is not looked at"
    assert found.error is not None
    assert found.error < 0.3, "planted activity is steady"
    people = top(found.graph, influence(found.graph), 20)
    load = found.graph.weights.tocsc()[:, np.searchsorted(found.graph.nodes, people)].sum(axis=1)
    later = (events.time > end) & (events.time <= end + found.horizon) & np.isin(events.target, people)
    came = len(np.unique(events.actor[later]))
    assert found.level * float(-np.expm1(-load).sum()) == pytest.approx(came, rel=0.25)
    few = measure(planted(people=30, acts=40), until=end)
    assert (few.level, few.error) == (1.0, None)


# -- the past ------------------------------------------------------------------------------------------------------


def test_counting_a_shared_audience_once_pays_where_one_community_holds_the_top_of_the_list() -> None:
    def judged(skew: float) -> Verdict:
        events = planted(people=3000, acts=100_000, skew=skew, mix=0.02)
        ways = ("cover", "coupled", "influence")
        return compare(events, until=START + 28 * 86_400, ways=ways, sizes=(5, 10, 20))

    uneven, even = judged(1.5), judged(0.0)
    assert len(uneven.windows) == 6
    assert uneven.double > 0.4
    gains = [mark for k in (5, 10, 20) if (mark := uneven.mark(uneven.better(), k)) is not None]
    assert [mark.low > 0.02 and mark.wins == 6 for mark in gains] == [True] * 3
    assert all(abs(mark.gain) < 0.03 for mark in even.marks), "nothing to win where nothing is shared unevenly"


def test_money_is_tested_as_money() -> None:
    events = planted(people=1500, acts=30_000, skew=1.5, mix=0.02)

    def price(graph: InteractionGraph) -> np.ndarray:
        return 5.0 + actors(graph)

    ways = ("cover", "influence", "price")
    verdict = compare(events, until=START + 28 * 86_400, ways=ways, sizes=(100.0, 500.0), cost=price)
    assert {(m.way, m.size) for m in verdict.marks} == {(way, size) for way in ways for size in (100.0, 500.0)}
    mark = verdict.mark("cover", 500.0)
    assert mark is not None
    assert mark.gain > 0, "the dearest are not the best buy"


def test_picks_of_the_past_do_not_know_the_future() -> None:
    events = planted(people=600, acts=6000)
    at = START + 14 * 86_400
    ways = ("cover", "influence", "pagerank", "past")
    assert lists(build(events, until=at), ways, Limits(20)) == lists(
        build(until(events, at), until=at), ways, Limits(20)
    )
    late = events.time > START + 21 * 86_400
    other = Events(np.where(late, events.target % 96 + 1, events.target), *(
        getattr(events, name) for name in ("time", "actor", "kind", "kinds")))  # fmt: skip
    windows = [Window(at + d * 86_400, at + (d + 2) * 86_400) for d in (0, 2, 4)]
    assert compare(events, until=at, windows=windows) == compare(other, until=at, windows=windows)


def test_windows_lie_end_to_end_before_the_end_and_little_data_says_so() -> None:
    events = planted(people=600, acts=6000)
    end = START + 20 * 86_400
    windows = cut(events, end)
    assert len(windows) == 6
    assert windows[-1].end <= end
    assert all(a.end == b.at for a, b in itertools.pairwise(windows))
    assert compare(planted(people=20, acts=25), until=end + 10**7).marks == ()
    nothing = planted(people=5, acts=0)
    assert compare(nothing, until=end).windows == cut(nothing, end) == ()
