"""Rankings mean what they say, and NetworkX agrees where it defines them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.build import Events, build, time_unit
from graph.rank import actors, hits, influence, kcore, pagerank, rank, top

KINDS = {1: "repost", 2: "reply", 3: "mention", 4: "quote", 5: "like", 6: "follow"}
NOW = 1_795_000_000
DAY = 86_400

events_of = st.lists(
    st.tuples(st.integers(1, 12), st.integers(NOW - 90 * DAY, NOW), st.integers(1, 12), st.integers(1, 6)),
    min_size=1, max_size=60,
)  # fmt: skip


def events(rows: list[tuple[int, int, int, int]]) -> Events:
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Events(array[:, 0], array[:, 1], array[:, 2], array[:, 3], KINDS)


def scores(rows: list[tuple[int, int, int, int]], by: str = "influence", **more: float) -> dict[int, float]:
    graph = build(events(rows), **more)  # type: ignore[arg-type]
    return dict(zip(graph.nodes.tolist(), rank(graph, by).tolist(), strict=True))  # type: ignore[arg-type]


def test_influence_is_the_documented_arithmetic() -> None:
    rows = [(1, NOW, 2, 1), (1, NOW - DAY, 2, 2), (1, NOW - 90 * DAY, 3, 5)]
    w2 = 1 / 1 + 0.5 / 2  # a repost now, a reply one unit (24 h) ago
    w3 = 0.2 / 91
    assert scores(rows)[1] == pytest.approx((1 - np.exp(-w2)) + (1 - np.exp(-w3)))


def test_many_people_beat_one_loud_fan() -> None:
    rows = [(1, NOW, 9, 1)] * 50 + [(2, NOW, actor, 1) for actor in range(3, 7)]
    got = scores([(t, when - i, a, k) for i, (t, when, a, k) in enumerate(rows)])
    assert got[2] > got[1]


def test_recent_beats_old() -> None:
    got = scores([(1, NOW, 3, 1), (2, NOW - 60 * DAY, 3, 1)])
    assert got[1] > got[2]


def test_unknown_times_count_as_the_oldest() -> None:
    got = scores([(1, 0, 3, 1), (2, NOW - 60 * DAY, 3, 1), (2, NOW, 4, 5)])
    assert got[1] == pytest.approx(1 - np.exp(-1 / 61))


@settings(deadline=None)
@given(events_of, st.integers(NOW - 80 * DAY, NOW))
def test_the_future_never_changes_a_ranking(rows: list[tuple[int, int, int, int]], cut: int) -> None:
    past = [row for row in rows if row[1] <= cut]
    if not past:
        return
    span = float(DAY)
    assert scores(rows, until=cut, h0=span) == pytest.approx(scores(past, until=cut, h0=span))


@settings(deadline=None)
@given(events_of, st.integers(100, 1000))
def test_relabelling_accounts_changes_nothing(rows: list[tuple[int, int, int, int]], shift: int) -> None:
    moved = [(t + shift, when, a + shift, k) for t, when, a, k in rows]
    assert scores(moved) == pytest.approx({node + shift: s for node, s in scores(rows).items()})


@settings(deadline=None)
@given(events_of)
def test_networkx_agrees(rows: list[tuple[int, int, int, int]]) -> None:
    graph = build(events(rows))
    if len(graph) == 0:
        return
    oracle = graph.to_networkx()
    expected = nx.pagerank(oracle, alpha=0.85, tol=1e-10, max_iter=1000)
    got = dict(zip(graph.nodes.tolist(), pagerank(graph, tol=1e-10, max_iter=1000).tolist(), strict=True))
    assert got == pytest.approx(expected, abs=1e-7)
    degrees = dict(oracle.in_degree())
    assert dict(zip(graph.nodes.tolist(), actors(graph).tolist(), strict=True)) == degrees
    assert kcore(graph).max() == max(nx.core_number(oracle.to_undirected()).values())


def test_hits_agrees_with_networkx() -> None:
    rng = np.random.default_rng(3)
    rows = [(int(t), NOW - int(i), int(a), 1) for i, (t, a) in enumerate(rng.integers(1, 30, (200, 2)))]
    graph = build(events(rows))
    expected = nx.hits(graph.to_networkx(), tol=1e-12, max_iter=1000)[1]
    assert dict(zip(graph.nodes.tolist(), hits(graph).tolist(), strict=True)) == pytest.approx(expected, abs=1e-5)


def test_ties_break_by_id_and_empty_is_fine() -> None:
    graph = build(events([(5, NOW, 1, 1), (4, NOW, 1, 1), (6, NOW, 1, 1)]))
    assert top(graph, influence(graph), 2).tolist() == [4, 5]
    nothing = build(Events(*(np.zeros(0, dtype=np.int64) for _ in range(4)), KINDS))
    assert len(nothing) == 0
    assert [len(rank(nothing, by)) for by in ("influence", "pagerank", "hits", "actors")] == [0, 0, 0, 0]


def test_time_unit_follows_the_span() -> None:
    assert [time_unit(d * DAY) for d in (5, 14, 400)] == [3600, 6 * 3600, DAY]
