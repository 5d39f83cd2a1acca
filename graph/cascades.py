"""Cascades: what grew from a post, as a forest of parent pointers. Everything is linear and nothing recurses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .build import Ints

NONE: Final = -1


@dataclass(frozen=True)
class Forest:
    """Trees over nodes 0 … n-1. ``parent``: the node above, -1 for a root; ``time``: UTC seconds, 0 where unknown.

    ``root``: the root of each node's tree; ``depth``: steps to it; ``order``: all nodes, parents before children.
    ``cut``: how many parent pointers were dropped because they went round in a circle.
    """

    parent: Ints
    time: Ints
    root: Ints
    depth: Ints
    order: Ints
    cut: int

    def __len__(self) -> int:
        return len(self.parent)

    @cached_property
    def below(self) -> Ints:
        """How many nodes stand below each node: the reposts that came by way of it, the second-order ones too."""
        import numpy as np

        size, parent = [0] * len(self), self.parent.tolist()
        for node in reversed(self.order.tolist()):
            if parent[node] != NONE:
                size[parent[node]] += size[node] + 1
        return np.array(size, dtype=np.int64)

    @cached_property
    def children(self) -> Ints:
        """How many nodes stand directly below each node."""
        import numpy as np

        return np.bincount(self.parent[self.parent != NONE], minlength=len(self)).astype(np.int64)

    @cached_property
    def kids(self) -> tuple[list[int], list[int]]:
        """The children of all nodes, one after another by time and number; those of v: ``start[v]:start[v + 1]``."""
        import numpy as np

        below = np.flatnonzero(self.parent != NONE)
        nodes = below[np.lexsort((below, _last_if_unknown(self.time[below]), self.parent[below]))]
        start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(self.children)])
        return start.tolist(), nodes.tolist()


@dataclass(frozen=True)
class Shapes:
    """The trees of a forest, one value a root in ``roots`` (ascending nodes).

    ``size``: nodes with the root; ``depth``: of the deepest; ``breadth``: most nodes at one depth; ``virality``: the
    mean distance of two of its nodes (structural virality, Goel, Anderson, Hofman, Watts 2016), 0 for a lone root;
    ``duration``: seconds from the root (or its first node with a time) to the last; ``half``: seconds until half of the
    nodes below the root were there. The last two are -1 where times are missing.
    """

    roots: Ints
    size: Ints
    depth: Ints
    breadth: Ints
    virality: NDArray[np.float64]
    duration: Ints
    half: Ints


def _last_if_unknown(time: Ints) -> Ints:
    """Times for sorting: what is not known comes last."""
    import numpy as np

    return np.where(time > 0, time, np.iinfo(np.int64).max)


def forest(parent: Ints, time: Ints) -> Forest:
    """Build the forest; ``parent`` holds nodes or -1. A node that is its own parent is a root.

    Where pointers go round in a circle, the earliest node of the circle (of equal ones the first) becomes a root.
    """
    import numpy as np

    n = len(parent)
    above = np.where(parent == np.arange(n), NONE, parent).astype(np.int64)
    rounds = max(1, int(n).bit_length())
    # pointer jumping over a copy in which roots point at themselves: after 2^rounds >= n steps a node is at its root,
    # or somewhere on a circle; the least rank met on the way tells where to cut a circle
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort((np.arange(n), _last_if_unknown(time)))] = np.arange(n)
    far, least = np.where(above == NONE, np.arange(n), above), rank.copy()
    for _ in range(rounds):
        least = np.minimum(least, least[far])
        far = far[far]
    on_circle = np.zeros(n, dtype=bool)
    on_circle[far[above[far] != NONE]] = True
    cut = on_circle & (least == rank)
    above[cut] = NONE
    far = np.where(above == NONE, np.arange(n), above)
    steps = (above != NONE).astype(np.int64)
    for _ in range(rounds):
        steps = steps + steps[far]
        far = far[far]
    order = np.argsort(steps, kind="stable").astype(np.int64)
    return Forest(above, time, far, steps, order, int(cut.sum()))


def shapes(trees: Forest) -> Shapes:
    """Measure every tree of the forest."""
    import numpy as np

    n = len(trees)
    roots = np.flatnonzero(trees.parent == NONE)
    tree = np.full(n, NONE, dtype=np.int64)
    tree[roots] = np.arange(len(roots))
    tree = tree[trees.root]
    size = np.bincount(tree, minlength=len(roots)).astype(np.int64)
    deepest = np.zeros(len(roots), dtype=np.int64)
    np.maximum.at(deepest, tree, trees.depth)
    wide = int(trees.depth.max(initial=0)) + 1
    levels, counts = np.unique(tree * wide + trees.depth, return_counts=True)
    breadth = np.zeros(len(roots), dtype=np.int64)
    np.maximum.at(breadth, levels // wide, counts)
    # every tie lies on the paths between those below it and all others
    mine = (trees.below + 1).astype(np.float64)
    crossed = np.where(trees.parent == NONE, 0.0, mine * (size[tree] - mine))
    pairs = size * (size - 1) / 2.0
    virality = np.divide(
        np.bincount(tree, weights=crossed, minlength=len(roots)), pairs, out=np.zeros(len(roots)), where=size > 1
    )
    duration, half = _pace(trees, tree, roots)
    return Shapes(roots, size, deepest, breadth, virality, duration, half)


def _pace(trees: Forest, tree: Ints, roots: Ints) -> tuple[Ints, Ints]:
    import numpy as np

    duration = np.full(len(roots), NONE, dtype=np.int64)
    half = duration.copy()
    timed = np.flatnonzero(trees.time > 0)
    order = timed[np.lexsort((trees.time[timed], tree[timed]))]
    which, start, count = np.unique(tree[order], return_index=True, return_counts=True)
    first = trees.time[order[start]]
    begin = np.where(trees.time[roots[which]] > 0, trees.time[roots[which]], first)
    duration[which] = np.maximum(0, trees.time[order[start + count - 1]] - begin)
    follower = order[trees.parent[order] != NONE]
    which, start, count = np.unique(tree[follower], return_index=True, return_counts=True)
    begun = np.zeros(len(roots), dtype=np.int64)
    begun[np.unique(tree[order])] = begin
    half[which] = np.maximum(0, trees.time[follower[start + (count - 1) // 2]] - begun[which])
    duration[begun == 0] = NONE
    return duration, half


def subtree(trees: Forest, top: int) -> Ints:
    """``top`` and everything below it, parents before children, each node's children in the order of time and number.

    Depth first, as a tree is read; takes as long as the subtree is large.
    """
    import numpy as np

    start, nodes = trees.kids
    read, waiting = [], [top]
    while waiting:
        node = waiting.pop()
        read.append(node)
        low, high = start[node], start[node + 1]
        if high > low:
            waiting.extend(nodes[low:high][::-1])
    return np.array(read, dtype=np.int64)
