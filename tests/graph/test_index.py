"""An index of events gives the same graph, bit for bit, however the events came; and it is the documented sum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import index as module
from graph.build import KIND_WEIGHTS, Events, InteractionGraph, build, time_unit
from graph.index import EventIndex, from_edges

KINDS = {1: "repost", 2: "reply", 3: "mention", 4: "quote", 5: "like", 6: "follow"}
NOW = 1_795_000_000
DAY = 86_400
Row = tuple[int, int, int, int]

times = st.one_of(st.just(0), st.integers(NOW - 90 * DAY, NOW), st.integers(NOW - 40, NOW))
ids = st.one_of(st.integers(1, 6), st.integers(1, 2**50))
rows_of = st.lists(st.tuples(st.one_of(st.integers(1, 6), ids), times, ids, st.integers(1, 6)), max_size=60)


def events(rows: list[Row]) -> Events:
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Events(array[:, 0], array[:, 1], array[:, 2], array[:, 3], KINDS)


def same(one: EventIndex, other: EventIndex) -> None:
    for name in ("nodes", "actor", "target", "start", "time", "kind"):
        left, right = getattr(one, name), getattr(other, name)
        assert left.dtype == right.dtype, name
        assert left.tobytes() == right.tobytes(), name


def same_graph(one: InteractionGraph, other: InteractionGraph) -> None:
    assert one.nodes.tolist() == other.nodes.tolist()
    assert (one.until, one.h0) == (other.until, other.h0)
    for name in ("indptr", "indices", "data"):
        assert getattr(one.weights, name).tobytes() == getattr(other.weights, name).tobytes(), name


@settings(deadline=None)
@given(rows_of, st.lists(st.integers(0, 60), max_size=4), st.randoms(use_true_random=False))
def test_at_once_in_pieces_and_in_any_order_are_the_same_bits(rows: list[Row], cuts: list[int], chance: object) -> None:
    whole = EventIndex.of(events(rows))
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    pieces = EventIndex.of(events([]))
    for first, last in pairwise(edges):
        pieces = pieces.updated(events(rows[first:last]))
    same(whole, pieces)
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    same(whole, EventIndex.of(events(mixed)))
    same(whole, EventIndex.of(events(sorted(rows))))
    same(whole, EventIndex.of(whole.events()))
    same_graph(whole.weights(), build(events(mixed)))
    same_graph(pieces.weights(h0=77.0, until=NOW - DAY), build(events(rows), h0=77.0, until=NOW - DAY))


@settings(deadline=None)
@given(
    rows_of,
    st.one_of(st.none(), st.integers(NOW - 95 * DAY, NOW + DAY)),
    st.one_of(st.none(), st.integers(NOW - 95 * DAY, NOW)),
    st.one_of(st.none(), st.sets(st.sampled_from(sorted(KINDS.values())))),
)
def test_a_window_is_the_graph_of_the_events_in_it(
    rows: list[Row], until: int | None, since: int | None, kinds: set[str] | None
) -> None:
    index = EventIndex.of(events(rows))
    kept = [r for r in rows if (since is None or r[1] >= since) and (kinds is None or KINDS[r[3]] in kinds)]
    same_graph(index.weights(until=until, since=since, kinds=kinds), build(events(kept), until=until))
    inside = [r for r in kept if until is None or r[1] <= until]
    same_graph(index.weights(until=until, since=since, kinds=kinds), build(events(inside), until=until))


@settings(deadline=None)
@given(rows_of, st.integers(NOW - 80 * DAY, NOW + DAY))
def test_weights_are_the_documented_sum(rows: list[Row], until: int) -> None:
    graph = EventIndex.of(events(rows)).weights(until=until)
    timed = [t for _, t, _, _ in rows if 0 < t <= until]
    oldest = min(timed, default=until)
    unit = time_unit(until - oldest)
    expected: dict[tuple[int, int], float] = {}
    for target, t, actor, kind in rows:
        if t <= until and target != actor:
            add = KIND_WEIGHTS[KINDS[kind]] / (1 + (until - (t or oldest)) / unit)
            expected[actor, target] = expected.get((actor, target), 0.0) + add
    coo = graph.weights.tocoo()
    got = {
        (int(graph.nodes[i]), int(graph.nodes[j])): float(w) for i, j, w in zip(coo.row, coo.col, coo.data, strict=True)
    }
    assert got == pytest.approx(expected)
    assert graph.nodes.tolist() == sorted({node for pair in expected for node in pair})
    assert graph.weights.has_sorted_indices


def test_times_beyond_2038_and_ids_beyond_32_bits() -> None:
    rows = [(2**40, 2**33, 2**41, 1), (2**40, 2**33 - DAY, 2**41, 1), (7, 5, 2**41, 2)]
    graph = EventIndex.of(events(rows[:1])).updated(events(rows[1:])).weights(h0=DAY)
    same_graph(graph, build(events(rows), h0=DAY))
    assert graph.nodes.tolist() == [7, 2**40, 2**41]
    assert graph.weights[[2], [1]].tolist() == [1.5]


def test_nothing_is_an_empty_graph() -> None:
    empty = EventIndex.of(events([]))
    assert len(empty) == empty.pairs == len(empty.weights()) == 0
    assert len(EventIndex.of(events([(1, NOW, 1, 1)])).weights()) == 0


def test_pieces_of_any_size_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(2)
    rows = [
        (int(a), int(NOW - t), int(b), int(k))
        for a, b, t, k in zip(*(chance.integers(1, high, 500) for high in (9, 9, 90 * DAY, 7)), strict=True)
    ]
    index = EventIndex.of(events(rows))
    whole = [index.weights(), index.weights(until=NOW - 9 * DAY, since=NOW - 60 * DAY, kinds={"reply", "repost"})]
    for size in (1, 7, 100):
        monkeypatch.setattr(module, "CHUNK", size)
        for graph, until, since, kinds in (
            (whole[0], None, None, None), (whole[1], NOW - 9 * DAY, NOW - 60 * DAY, {"reply", "repost"}),
        ):  # fmt: skip
            same_graph(graph, index.weights(until=until, since=since, kinds=kinds))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.floats(0, 10)), max_size=40),
    st.randoms(use_true_random=False),
)
def test_edges_with_weights_are_summed_in_any_order(rows: list[tuple[int, int, float]], chance: object) -> None:
    def graph(given: list[tuple[int, int, float]]) -> InteractionGraph:
        source, target, weight = (np.array([row[i] for row in given]) for i in range(3))
        return from_edges(source.astype(np.int64), target.astype(np.int64), weight.astype(np.float64))

    made = graph(rows)
    expected: dict[tuple[int, int], float] = {}
    for one, other, weight in rows:
        if one != other:
            expected[one, other] = expected.get((one, other), 0.0) + weight
    coo = made.weights.tocoo()
    pairs = zip(made.nodes[coo.row].tolist(), made.nodes[coo.col].tolist(), strict=True)
    assert dict(zip(pairs, coo.data.tolist(), strict=True)) == pytest.approx(expected)
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    same_graph(made, graph(mixed))
