"""Every ranker beside influence: NetworkX where it has the function, brute force where it has not."""

from __future__ import annotations

import math
from itertools import combinations
from typing import get_args

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from graph.bridges import betweenness, both_ways, crossing
from graph.build import Events, InteractionGraph, build
from graph.impact import BCI_POSTS, BCI_SPREAD, bci, h_of, hindex
from graph.measures import REGISTRY, Context, Missing, Posts, measure, with_nodes
from graph.rank import RANKERS, influence, rank
from graph.reciprocity import RECENT, prior_of, reciprocity, returned
from graph.walks import GAMMA, topicrank, twitterrank
from xunke.model import RankerName

KINDS = {1: "repost", 2: "reply", 3: "mention", 4: "quote", 5: "like", 6: "follow"}
NOW = 1_795_000_000
DAY = 86_400

rows_of = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from([0, *range(NOW - 200 * DAY, NOW, 20 * DAY)]), st.integers(1, 9),
              st.integers(1, 6)),
    min_size=1, max_size=50,
)  # fmt: skip


def events(rows: list[tuple[int, int, int, int]]) -> Events:
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Events(array[:, 0], array[:, 1], array[:, 2], array[:, 3], KINDS)


def graph_of(edges: list[tuple[int, int]]) -> InteractionGraph:
    """A graph of actor -> target edges."""
    return build(events([(target, NOW, actor, 1) for actor, target in edges]), until=NOW)


def posts(rows: list[tuple[int, bool, int, int, int, int, int, int, int]]) -> Posts:
    array = np.array(rows, dtype=np.int64).reshape(-1, 9)
    author, original, *rest = array.T
    return Posts(author, original.astype(bool), *rest)


def test_the_registry_is_the_list_of_names_and_every_ranker_runs() -> None:
    assert tuple(REGISTRY) == RANKERS == get_args(RankerName)
    graph = graph_of([(1, 2), (2, 1), (3, 2), (1, 3)])
    full = Context(
        events=events([(2, NOW - 5, 1, 1), (1, NOW, 2, 1)]), posts=posts([(2, True, 3, 1, 0, 1, 1, 0, 0)]),
        topic=np.array([1.0, 0, 0]), topics=csr_array(np.array([[1.0], [0], [2]])),
    )  # fmt: skip
    for name in RANKERS:
        scores = measure(graph, name, full)
        assert scores.values.shape == (3,)
        assert all(part.shape == (3,) for part in scores.parts.values())
        assert np.isfinite(scores.values).all()
        assert (scores.values == rank(graph, name, full)).all()
    assert {r.name for r in REGISTRY.values() if r.forecast == "best"} == {"influence"}


@pytest.mark.parametrize("name", [n for n in RANKERS if REGISTRY[n].reads])
def test_what_a_ranker_lacks_is_named(name: RankerName) -> None:
    with pytest.raises(Missing) as caught:
        rank(graph_of([(1, 2)]), name)
    assert caught.value.args[0] in REGISTRY[name].reads


def test_people_on_whom_nobody_acted_get_a_row() -> None:
    graph = graph_of([(5, 2), (2, 7), (5, 7)])
    wide = with_nodes(graph, np.array([1, 7, 9, 6]))
    assert wide.nodes.tolist() == [1, 2, 5, 6, 7, 9]
    before = dict(zip(graph.nodes.tolist(), influence(graph).tolist(), strict=True))
    after = dict(zip(wide.nodes.tolist(), influence(wide).tolist(), strict=True))
    assert after == pytest.approx({**dict.fromkeys([1, 6, 9], 0.0), **before})
    assert with_nodes(graph, np.array([2, 5])) is graph


# -- h-index and BCI ---------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 12)), max_size=40))
def test_h_is_its_definition(rows: list[tuple[int, int]]) -> None:
    owner, counts = np.array([r[0] for r in rows], dtype=np.int64), np.array([r[1] for r in rows], dtype=np.int64)
    found = h_of(counts, owner, 4)
    for who in range(4):
        mine = [c for o, c in rows if o == who]
        assert found[who] == max(h for h in range(len(mine) + 1) if sum(c >= h for c in mine) >= h)


def test_h_takes_the_larger_number_and_says_whose_it_is() -> None:
    graph = graph_of([(2, 1)])
    # author, original, likes, comments, shares, people, liked, answered, shared
    written = [(1, True, -1, -1, -1, 3, 0, 0, 3), (1, True, 50, -1, -1, 0, 0, 0, 0), (1, True, 2, 3, 1, 1, 0, 1, 0)]
    scores = hindex(graph, Context(posts=posts(written)))
    assert scores.values.tolist() == [3, 0]
    assert {name: part[0] for name, part in scores.parts.items()} == {"posts": 3, "by_stored": 1, "by_platform": 2}


def test_bci_by_hand() -> None:
    assert sum(BCI_POSTS.values()) == pytest.approx(1)
    assert sum(BCI_SPREAD.values()) == pytest.approx(1)
    written = [(1, True, 100, 20, 30, 0, 0, 0, 0), (1, False, 5, -1, 4, 0, 0, 2, 1)]
    scores = bci(graph_of([(2, 1)]), Context(posts=posts(written)))
    w1 = 0.3 * math.log(3) + 0.7 * math.log(2)
    w2 = (
        0.2 * math.log(35) + 0.2 * math.log(23) + 0.25 * math.log(31) + 0.25 * math.log(21) + 0.1 * math.log(106)
    )  # shares 30 + 4, comments 20 + 2 stored, the original's own 30 and 20, likes 105
    assert scores.values[0] == pytest.approx((0.2 * w1 + 0.8 * w2) * 160)
    assert scores.values[1] == 0
    assert scores.parts["shares"][0] == 34


# -- walks -------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(rows_of, st.lists(st.integers(0, 4), min_size=9, max_size=9))
def test_topicrank_is_personalised_pagerank(rows: list[tuple[int, int, int, int]], about: list[int]) -> None:
    graph = build(events(rows), until=NOW)
    wrote = np.array([about[i - 1] for i in graph.nodes], dtype=float)
    if len(graph) == 0 or wrote.sum() == 0:
        return
    found = topicrank(graph, Context(topic=wrote)).values
    personal = dict(zip(graph.nodes.tolist(), wrote.tolist(), strict=True))
    oracle = nx.pagerank(graph.to_networkx(), personalization=personal, tol=1e-10, max_iter=1000)
    assert np.abs(found - [oracle[int(i)] for i in graph.nodes]).sum() < 1e-4 * len(graph)


@settings(deadline=None, max_examples=30)
@given(rows_of, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=9, max_size=9))
def test_twitterrank_is_the_papers_formula(rows: list[tuple[int, int, int, int]], wrote: list[tuple[int, int]]) -> None:
    graph = build(events(rows), until=NOW)
    n = len(graph)
    if n == 0:
        return
    counts = np.array([wrote[i - 1] for i in graph.nodes], dtype=float).reshape(n, 2)
    author = np.repeat(graph.nodes, counts.sum(axis=1).astype(int))
    zero = np.zeros(len(author), dtype=np.int64)
    context = Context(
        posts=Posts(author, zero == 0, zero, zero, zero, zero, zero, zero, zero), topics=csr_array(counts)
    )
    found = twitterrank(graph, context).values
    linked = graph.weights.toarray() != 0
    volume = np.maximum(counts.sum(axis=1), 1)
    expected = np.zeros(n)
    for t in range(2):
        if counts[:, t].sum() == 0:
            continue
        share = np.array([row[t] / row.sum() if row.sum() else 0.0 for row in counts])
        step = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                if linked[i, j]:
                    step[i, j] = volume[j] / volume[linked[i]].sum() * (1 - abs(share[i] - share[j]))
        restart = counts[:, t] / counts[:, t].sum()
        solved = np.linalg.solve(np.eye(n) - GAMMA * step.T, (1 - GAMMA) * restart)
        expected += counts[:, t].sum() / counts.sum() * solved
    assert found == pytest.approx(expected, abs=1e-7)


# -- reciprocity -------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(rows_of)
def test_answers_are_counted_in_the_order_of_time(rows: list[tuple[int, int, int, int]]) -> None:
    graph = build(events(rows), until=NOW)
    for since in (None, NOW - RECENT):
        found = returned(events(rows), graph.nodes, since)
        for at, person in enumerate(graph.nodes.tolist()):
            asked = answered = 0
            for other in {a for t, w, a, _ in rows if t == person and a != person and w > 0}:
                first = [w for t, w, a, _ in rows if (t, a) == (person, other) and w > 0 and w >= (since or 0)]
                if first:
                    asked += 1
                    answered += any(w > min(first) for t, w, a, _ in rows if (t, a) == (other, person))
            assert (found.asked[at], found.answered[at]) == (asked, answered)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=30))
def test_the_prior_is_sane_and_shrinks(pairs: list[tuple[int, int]]) -> None:
    asked = np.array([float(max(p)) for p in pairs])
    answered = np.array([float(min(p)) for p in pairs])
    prior = prior_of(answered, asked)
    assert 0 < prior.mean < 1
    assert 1 <= prior.strength <= 1000
    shrunk = prior.shrink(answered, asked)
    assert ((shrunk > 0) & (shrunk < 1)).all()


def test_the_prior_finds_the_spread_that_made_the_data() -> None:
    rng = np.random.default_rng(7)
    asked = rng.integers(5, 60, 4000).astype(float)
    truth = rng.beta(2.0, 6.0, 4000)
    prior = prior_of(rng.binomial(asked.astype(int), truth).astype(float), asked)
    assert prior.mean == pytest.approx(0.25, abs=0.01)
    assert prior.strength == pytest.approx(8.0, rel=0.15)


def test_who_answers_ranks_above_who_does_not() -> None:
    rows = [(1, NOW - 10 - n, 10 + n, 2) for n in range(6)] + [(2, NOW - 10 - n, 10 + n, 2) for n in range(6)]
    rows += [(10 + n, NOW, 1, 2) for n in range(6)] + [(10 + n, NOW - 999, 2, 2) for n in range(6)]
    graph = build(events(rows), until=NOW)
    scores = reciprocity(graph, Context(events=events(rows)))
    assert scores.values[0] > 0.5 > scores.values[1]
    assert scores.parts["n"][:2].tolist() == [6, 6]
    assert scores.parts["answered"][:2].tolist() == [6, 0]


# -- bridges -----------------------------------------------------------------------------------------------------

edges_of = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)).filter(lambda e: e[0] != e[1]), min_size=1)


@settings(deadline=None)
@given(edges_of)
def test_betweenness_with_every_pivot_is_networkx(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    oracle = nx.betweenness_centrality(graph.to_networkx().to_undirected())
    found = betweenness(both_ways(graph), len(graph))
    if len(graph) > 2:
        assert found == pytest.approx([oracle[int(i)] for i in graph.nodes])


def test_sampled_betweenness_is_near_and_the_same_twice() -> None:
    net = nx.barabasi_albert_graph(600, 3, seed=2)
    graph = graph_of([(a + 1, b + 1) for a, b in net.edges])
    exact = betweenness(both_ways(graph), 600)
    near = betweenness(both_ways(graph), 200, seed=5)
    assert (near == betweenness(both_ways(graph), 200, seed=5)).all()
    assert len(set(np.argsort(-exact)[:20]) & set(np.argsort(-near)[:20])) >= 16
    assert near.sum() == pytest.approx(exact.sum(), rel=0.1)


def test_betweenness_of_a_long_chain_ends() -> None:
    graph = graph_of([(i, i + 1) for i in range(1, 20_000)])
    found = betweenness(both_ways(graph), 2)
    assert found.max() > 0
    seen: list[int] = []
    betweenness(both_ways(graph), 1, tell=lambda done, total: seen.append(total))
    assert seen == [1]


@settings(deadline=None)
@given(edges_of, st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_crossing_is_its_definition(edges: list[tuple[int, int]], groups: list[int]) -> None:
    graph = graph_of(edges)
    labels = np.array([groups[i - 1] for i in graph.nodes])
    ties = both_ways(graph)
    found = crossing(ties, labels)
    dense = ties.toarray()
    for i in range(len(graph)):
        into = [dense[i, labels == c].sum() for c in range(4)]
        total = sum(into)
        assert found.across[i] == pytest.approx(1 - into[labels[i]] / total)
        assert found.participation[i] == pytest.approx(1 - sum((x / total) ** 2 for x in into))
        assert found.communities[i] == sum(x > 0 for x in into)


def test_relabelling_accounts_changes_no_exact_measure() -> None:
    edges = [(a, b) for a, b in combinations(range(1, 8), 2) if (a * b) % 3]
    one, two = graph_of(edges), graph_of([(a + 100, b + 100) for a, b in edges])
    for name in ("hits", "kcore", "betweenness", "pagerank"):
        assert rank(one, name) == pytest.approx(rank(two, name))
