"""The model of likeness on small matrices: what it learns, and that a seed does not vote for itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from graph.build import Events, build
from graph.lookalike import chosen, fit, folds, nearness, shared_audience, walks

KINDS = {1: "repost"}


def features(n: int, seed: int) -> csr_array:
    chance = np.random.default_rng(seed)
    return csr_array((chance.random((n, 12)) < 0.2).astype(float))


def test_what_the_accepted_share_and_others_lack_is_learned() -> None:
    table = features(200, 1).toarray()
    table[:3, 0] = 1.0
    table[3:, 0] = 0.0
    table[50:60, 0] = 1.0
    table[:, 1] = 1.0  # everybody has it: it says nothing
    found = fit(csr_array(table), [0, 1, 2])
    assert found.weights[0] == max(found.weights)
    assert found.weights[0] > 5 * abs(found.weights[1])
    order = np.argsort(-found.scores(csr_array(table)))
    assert set(order[:13].tolist()) == {0, 1, 2, *range(50, 60)}


def test_the_minimum_is_a_minimum() -> None:
    table = features(80, 3)
    found = fit(table, [0, 1, 2, 3])
    label = np.where(np.arange(80) < 4, 1.0, -1.0)
    weight = np.where(np.arange(80) < 4, 1.0, 4 / 76)

    def loss(w: np.ndarray, b: float) -> float:
        return float((weight * np.log1p(np.exp(-label * (table @ w + b)))).sum() + 0.5 * (w @ w))

    least = loss(found.weights, found.bias)
    known = np.unique(table[[0, 1, 2, 3]].indices)
    for column in known:
        for move in (-0.01, 0.01):
            moved = found.weights.copy()
            moved[column] += move
            assert loss(moved, found.bias) > least - 1e-9
    assert loss(found.weights, found.bias + 0.01) > least - 1e-9


def test_rejected_people_turn_what_tells_them_apart() -> None:
    table = np.zeros((100, 3))
    table[:20, 0] = 1.0  # the accepted, the rejected and ten strangers share it
    table[5:15, 1] = 1.0  # the rejected have this besides, and so do five strangers
    alone = fit(csr_array(table), range(5))
    warned = fit(csr_array(table), range(5), range(5, 10))
    assert warned.weights[0] > 0.95 * alone.weights[0], "what all of them share is not turned"
    assert warned.weights[1] < -0.1
    with pytest.raises(ValueError, match="accepted"):
        fit(csr_array(table), [])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_the_same_rows_give_the_same_model(seed: int, count: int) -> None:
    table = features(60, seed)
    one, two = (fit(table, range(count), range(40, 40 + count)) for _ in range(2))
    assert np.array_equal(one.weights, two.weights)
    assert one.bias == two.bias
    assert np.isfinite(one.weights).all()


def network() -> object:
    """Fans 10..19 act on 1, 2 and 3; fans 20..29 act on 4."""
    pairs = [(target, fan) for target in (1, 2, 3) for fan in range(10, 20)] + [(4, fan) for fan in range(20, 30)]
    target, actor = (np.array(column) for column in zip(*pairs, strict=True))
    return build(Events(target, np.full(len(pairs), 100), actor, np.ones(len(pairs), dtype=np.int64), KINDS), until=100)


def test_shared_audience_and_nearness_leave_oneself_out() -> None:
    graph = network()
    row = graph.index  # type: ignore[attr-defined]
    audience = shared_audience(graph.weights, [row[1], row[2]])  # type: ignore[attr-defined]
    assert audience[row[3]] == pytest.approx(1.0)
    assert audience[row[1]] == pytest.approx(1.0), "by the other accepted one"
    assert audience[row[4]] == 0.0
    assert shared_audience(graph.weights, [row[1]])[row[1]] == 0.0  # type: ignore[attr-defined]
    seeds = [row[1], row[2]]
    columns = walks(graph.weights, seeds)  # type: ignore[attr-defined]
    assert columns.sum(axis=0) == pytest.approx(1.0)
    near = nearness(columns, seeds)
    assert near[row[3]] > near[row[4]] == 0.0
    assert near[row[1]] == pytest.approx(near[row[2]])
    assert near[row[1]] < nearness(columns[:, :1], seeds[:1], [])[row[3]] + 1
    held = nearness(columns, seeds, [1])
    assert held[row[1]] == 0.0, "alone, a seed has nobody to be near to"


def test_parts_and_seeds() -> None:
    assert sorted(i for part in folds(13) for i in part) == list(range(13))
    assert folds(0) == []
    assert len(folds(3)) == 3
    assert chosen(range(100), 10) == list(range(0, 100, 10))
    assert chosen([3, 1, 1]) == [1, 3]
