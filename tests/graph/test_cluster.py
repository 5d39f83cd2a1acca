"""Clusters: planted groups are found, silhouettes are those of the definition, nothing depends on chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import cluster


def planted(sizes: tuple[int, ...] = (40, 30, 20), seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    centres = [(0, 0), (10, 0), (0, 10), (10, 10)]
    rows = np.concatenate([chance.normal(c, 1.0, (n, 2)) for c, n in zip(centres, sizes, strict=False)])
    return rows, np.repeat(np.arange(len(sizes)), sizes)


@pytest.mark.parametrize("method", [cluster.kmeans, cluster.hierarchical])
def test_planted_groups_are_found_the_largest_first(method: object) -> None:
    rows, truth = planted()
    order = np.random.default_rng(1).permutation(len(rows))
    labels = method(rows[order], 3)  # type: ignore[operator]
    assert (labels == truth[order]).all()


def test_density_finds_rings_and_leaves_strays_out() -> None:
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    rings = [np.c_[r * np.cos(angle), r * np.sin(angle)] for r in (1.0, 5.0)]
    rows = np.concatenate([*rings, [[20.0, 20.0]]])
    labels, reach = cluster.dbscan(rows, reach=0.9)
    assert reach == 0.9
    assert set(labels[:120]) == {0}
    assert set(labels[120:240]) == {1}
    assert labels[-1] == -1
    guessed, reach = cluster.dbscan(planted()[0])
    assert reach > 0
    assert guessed.max() >= 1


def test_silhouette_is_that_of_the_definition() -> None:
    rows, labels = planted((6, 5, 4))
    far = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    scores = []
    for i in range(len(rows)):
        own = far[i, (labels == labels[i]) & (np.arange(len(rows)) != i)].mean()
        other = min(far[i, labels == g].mean() for g in set(labels) - {labels[i]})
        scores.append((other - own) / max(own, other))
    assert cluster.silhouette(rows, labels) == pytest.approx(np.mean(scores), abs=1e-6)
    assert cluster.silhouette(rows, np.zeros(len(rows), dtype=np.int64)) is None


def test_the_number_of_groups_is_chosen_by_silhouette() -> None:
    k, scores = cluster.best_k(planted((40, 30, 20, 25))[0])
    assert k == 4
    assert scores[4] == max(scores.values())


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=40), st.integers(1, 6))
def test_every_row_has_a_group_and_the_same_one_again(points: list[tuple[float, float]], k: int) -> None:
    rows = np.array(points, dtype=np.float64)
    for method in (cluster.kmeans, cluster.hierarchical):
        labels = method(rows, k)
        assert len(labels) == len(rows)
        assert labels.min() == 0
        assert labels.max() < k
        assert (labels == method(rows, k)).all()
        sizes = np.bincount(labels)
        assert (np.diff(sizes) <= 0).all()


def test_many_rows_are_grouped_by_a_sample() -> None:
    rows, truth = planted((9000, 5000, 3000))
    assert len(rows) > cluster.LARGE
    labels, _ = cluster.dbscan(rows, reach=0.6)
    inside = labels >= 0
    assert inside.mean() > 0.9
    assert (labels[inside] == truth[inside]).mean() > 0.99
    k, _ = cluster.best_k(rows)
    assert k == 3
    assert (cluster.kmeans(rows, 3) == truth).mean() > 0.99
