"""NetworkX's own tests that cannot hold on this backend, and why. All others must (tests/graph/test_conformance.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

_SHUFFLE: Final = (
    "expects the very communities that NetworkX's own Louvain finds for a seed; scikit-network's goes through the "
    "nodes in other orders and finds others of at least the same modularity"
)
EXPECTED: Final[Mapping[tuple[str, str], str]] = {
    ("test_louvain.py", "test_karate_club_partition"): _SHUFFLE,
    ("test_louvain.py", "test_undirected_selfloops"): _SHUFFLE,
    ("test_louvain.py", "test_directed_partition"): _SHUFFLE,
    ("test_louvain.py", "test_none_weight_param"): _SHUFFLE,
    ("test_louvain.py", "test_multigraph"): _SHUFFLE,
}
"""{(test file, test): why}."""


def mark(items: Iterable[Any]) -> None:
    """Mark the tests of ``EXPECTED`` among pytest's ``items`` as expected to fail."""
    import pytest

    for item in items:
        if reason := EXPECTED.get((item.path.name, item.name)):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
