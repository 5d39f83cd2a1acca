"""How far something spreads from a set of people: the independent cascade model (Kempe, Kleinberg, Tardos 2003).

A CSR matrix P[actor row, target column] holds the probability that the actor is moved by the target, once the
target is: information flows against the edge actor -> target. Rows and columns are those of a graph's ``nodes``.

Reach is estimated from reverse-reachable sets (Borgs, Brautbar, Chayes, Lucier 2014): a random person and all who
would have moved them in one random world. A set of people reaches the share of sets that it hits. Set number i of a
seed is one and the same whatever is drawn before or with it: every draw is a hash of (seed, i, edges, round).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from .build import Floats, Ints

    Words = NDArray[np.uint64]

Tick = Callable[[int, int], None]
"""Called with (done, total) between batches; what it raises ends the work."""

BATCH: Final = 8192
"""Sets drawn together."""
FRONT: Final = 1 << 17
"""People looked at together: bounds the memory of a step."""
MARKS: Final = 1 << 26
"""Bytes for marking who is in which set; larger batches keep sorted lists instead, better while sets are small."""
LARGE: Final = 40
"""Members a set from which marking is better."""
LEVELS: Final = 20
CANDIDATES: Final = 8
"""Chances below 2^-LEVELS share one ceiling; a run holds so many candidates on the mean."""
MAX_MEMBERS: Final = 150_000_000
"""Members of all sets together (4 bytes each, and 12 more while seeds are picked) at which drawing stops."""
_GOLDEN: Final = 0x9E3779B97F4A7C15
_ROOT: Final = 0xD1B54A32D192ED03


def probabilities(weights: csr_array, scale: float = 1.0) -> csr_array:
    """P = 1 - exp(-scale · w): influence, taken as chances. One hop of it from one person is their influence."""
    import numpy as np

    matrix: Any = weights.copy()
    matrix.sum_duplicates()
    matrix.data = -np.expm1(-scale * matrix.data)
    return matrix  # type: ignore[no-any-return]


@dataclass(frozen=True)
class RRSets:
    """Sets as one flat array: set i is ``members[offsets[i]:offsets[i + 1]]`` (rows, ascending).

    ``total`` is what everybody together is worth: each set stands for ``total / len(sets)``.
    """

    offsets: Ints
    members: NDArray[np.int32]
    n: int
    total: float

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def by_person(self) -> tuple[Ints, NDArray[np.int32]]:
        """(offsets, set numbers) of the sets in which each person is, in the order of persons."""
        import numpy as np
        from scipy.sparse import csr_array

        ones = np.ones(len(self.members), dtype=np.bool_)
        matrix: Any = csr_array((ones, self.members, self.offsets), shape=(len(self), self.n)).tocsc()
        return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False)

    def sets_of(self, person: int) -> NDArray[np.int32]:
        """The numbers of the sets in which ``person`` (a row) is."""
        offsets, numbers = self.by_person
        return numbers[offsets[person] : offsets[person + 1]]

    def hits(self, people: Sequence[int] | Ints) -> int:
        """How many sets at least one of ``people`` is in."""
        import numpy as np

        hit = np.zeros(len(self), dtype=np.bool_)
        for person in people:
            hit[self.sets_of(int(person))] = True
        return int(hit.sum())

    def reach(self, people: Sequence[int] | Ints) -> float:
        """Expected distinct reach of ``people`` together, they themselves included."""
        return self.total * self.hits(people) / max(1, len(self))

    @cached_property
    def single(self) -> Floats:
        """Expected reach of everybody alone."""
        import numpy as np

        counts = np.bincount(self.members, minlength=self.n)
        return np.asarray(counts * (self.total / max(1, len(self))), dtype=np.float64)


def join(first: RRSets, second: RRSets) -> RRSets:
    """Both, one after the other."""
    import numpy as np

    offsets = np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]])
    return RRSets(offsets, np.concatenate([first.members, second.members]), first.n, first.total)


def _mix(x: Words) -> Words:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014), in place."""
    import numpy as np

    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


class Drawer:
    """Draws reverse-reachable sets of one matrix of probabilities.

    ``value``: what it is worth to reach each person (default: 1 each); roots are drawn in proportion to it, so that
    reach counts value. ``hops``: how many steps count (None: all).

    Not every edge is looked at: within a run of edges of nearly equal chance the next candidate is found by one
    geometric jump and kept by its share of the run's ceiling (Guo, Wang, Wei, Chen 2020, SUBSIM).
    """

    def __init__(
        self, chance: csr_array, *, seed: int = 1, value: Floats | None = None, hops: int | None = None
    ) -> None:
        import numpy as np

        matrix: Any = chance
        self.n: int = matrix.shape[0]
        self.hops = hops
        # hashed: a plain multiple would make the sets of one seed those of another, shifted by a few
        self._key = _mix(np.array([(seed + 1) * _GOLDEN & (2**64 - 1)], dtype=np.uint64))[0]
        worth = np.ones(self.n) if value is None else np.asarray(value, dtype=np.float64)
        if (worth < 0).any():
            raise ValueError("a person's value cannot be negative")
        self._cumulated = np.cumsum(worth)
        self._last = int(np.flatnonzero(worth)[-1]) if worth.any() else 0
        self.total = float(self._cumulated[-1]) if self.n else 0.0
        self._runs(matrix)

    def _runs(self, matrix: Any) -> None:
        """Sort each row's edges by falling chance, and cut it into runs of one ceiling 2^-b, some CANDIDATES each."""
        import numpy as np

        if not matrix.has_sorted_indices:
            matrix = matrix.sorted_indices()
        row = np.repeat(np.arange(self.n, dtype=np.int64), np.diff(matrix.indptr))
        chance = np.clip(np.asarray(matrix.data, dtype=np.float64), 0.0, 1.0)
        kept = chance > 0
        row, chance, column = row[kept], chance[kept], matrix.indices[kept].astype(np.int64)
        level = np.minimum(-np.frexp(chance)[1], LEVELS)  # 2^-(b+1) <= p < 2^-b
        np.maximum(level, 0, out=level)
        group = row * (LEVELS + 1) + level
        order = np.argsort(group, kind="stable")  # rows are in order already: little to do
        row, chance, self._targets = row[order], chance[order], column[order]
        group, level = group[order], level[order].astype(np.int64)
        first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.zeros(0, dtype=np.int64)
        place = np.arange(len(group)) - np.repeat(first, np.diff(np.r_[first, len(group)]))
        cut = np.flatnonzero(place % (CANDIDATES << level) == 0)
        self._begin, self._end = cut, np.r_[cut[1:], len(group)].astype(np.int64)
        ceiling = np.ldexp(1.0, -level[cut])
        with np.errstate(divide="ignore"):
            self._stride = 1.0 / np.log1p(-ceiling)  # 0 where every edge is a candidate
        self._keep = np.ceil(chance / np.ldexp(1.0, -level) * 2.0**32).astype(np.uint64)
        self._rows = np.searchsorted(row[cut], np.arange(self.n + 1))

    def draw(
        self,
        count: int,
        *,
        first: int = 0,
        batch: int | None = None,
        max_members: int = MAX_MEMBERS,
        tick: Tick | None = None,
    ) -> RRSets:
        """Sets number ``first`` to ``first + count``; fewer, in whole batches, once they hold ``max_members``.

        ``batch``: how many are drawn together, which changes the time only.
        """
        import numpy as np

        sizes: list[Ints] = [np.zeros(1, dtype=np.int64)]
        members: list[NDArray[np.int32]] = [np.zeros(0, dtype=np.int32)]
        held = done = 0
        few = max(16, MARKS // max(1, self.n))
        size = batch or BATCH
        while done < count and held < max_members and self.total > 0:
            size = min(size, count - done)
            keys = self._batch(first + done, size)
            sets, nodes = np.divmod(keys, self.n)
            sizes.append(np.bincount(sets, minlength=size))
            members.append(nodes.astype(np.int32))
            held += len(nodes)
            done += size
            size = batch or (BATCH if held < LARGE * done else min(BATCH, few))
            if tick is not None:
                tick(done, count)
        return RRSets(np.cumsum(np.concatenate(sizes)), np.concatenate(members), self.n, self.total)

    def roots(self, first: int, size: int) -> tuple[Words, Ints]:
        """The luck and the root (a row) of ``size`` sets."""
        import numpy as np

        words = _mix(np.arange(first, first + size, dtype=np.uint64) * np.uint64(_GOLDEN) + self._key)
        share = (_mix(words ^ np.uint64(_ROOT)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return words, np.minimum(np.searchsorted(self._cumulated, share * self.total, side="right"), self._last)

    def _batch(self, first: int, size: int) -> Ints:
        """Ascending keys set · n + node of the members of ``size`` sets."""
        import numpy as np

        words, roots = self.roots(first, size)
        front = np.arange(size, dtype=np.int64) * self.n + roots
        marks = np.zeros(size * self.n, dtype=np.bool_) if size * self.n <= MARKS else None
        seen, fronts, step = front, [front], 0
        if marks is not None:
            marks[front] = True
        while len(front) and (self.hops is None or step < self.hops):
            reached = self._step(front, words)
            if marks is not None:
                front = np.unique(reached[~marks[reached]])
                marks[front] = True
                fronts.append(front)
            else:
                reached = np.unique(reached)
                at = np.searchsorted(seen, reached)
                at[at == len(seen)] = 0
                front = reached[seen[at] != reached]
                seen = np.sort(np.concatenate([seen, front]), kind="stable")  # two sorted runs: a merge
            step += 1
        return seen if marks is None else np.sort(np.concatenate(fronts))

    def _step(self, front: Ints, words: Words) -> Ints:
        """Keys of those behind the live edges of ``front``, some twice."""
        import numpy as np

        found: list[Ints] = [np.zeros(0, dtype=np.int64)]
        for low in range(0, len(front), FRONT):
            sets, nodes = np.divmod(front[low : low + FRONT], self.n)
            begin = self._rows[nodes]
            degree = self._rows[nodes + 1] - begin
            run = np.repeat(begin - (np.cumsum(degree) - degree), degree) + np.arange(int(degree.sum()))
            owner = np.repeat(sets, degree)
            word = words[owner] ^ (run.astype(np.uint64) * np.uint64(_GOLDEN))
            at, end, stride = self._begin[run] - 1, self._end[run], self._stride[run]
            while len(at):
                word = _mix(word + np.uint64(_ROOT))
                jump = np.log(((word >> np.uint64(32)).astype(np.float64) + 0.5) * 2.0**-32) * stride
                at = at + 1 + jump.astype(np.int64)
                inside = np.flatnonzero(at < end)
                at, end, stride, owner, word = at[inside], end[inside], stride[inside], owner[inside], word[inside]
                live = np.flatnonzero((word & np.uint64(0xFFFFFFFF)) < self._keep[at])
                found.append(owner[live] * self.n + self._targets[at[live]])
        return np.concatenate(found)


def coupled(
    chance: csr_array, count: int, *, seed: int = 1, value: Floats | None = None, tick: Tick | None = None
) -> RRSets:
    """Sets of direct reach where everybody has one luck for all: root and those whom they act on with a larger chance.

    The expected reach of people is the sum over actors of the largest chance to one of them (they themselves count 1),
    not 1 minus the product. Seed, values and order of sets as for ``Drawer``.
    """
    import numpy as np

    drawer = Drawer(chance, seed=seed, value=value, hops=0)
    matrix: Any = chance
    starts, targets = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    keys: list[Ints] = []
    for low in range(0, count if drawer.total > 0 else 0, BATCH):
        size = min(BATCH, count - low)
        words, roots = drawer.roots(low, size)
        luck = (_mix(words + np.uint64(_ROOT)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        begin, degree = starts[roots], starts[roots + 1] - starts[roots]
        edge = np.repeat(begin - (np.cumsum(degree) - degree), degree) + np.arange(int(degree.sum()))
        owner = np.repeat(np.arange(size, dtype=np.int64), degree)
        live = luck[owner] < matrix.data[edge]
        found = np.concatenate([np.arange(size) * drawer.n + roots, owner[live] * drawer.n + targets[edge[live]]])
        keys.append(np.unique(found) + low * drawer.n)
        if tick is not None:
            tick(low + size, count)
    sets, nodes = np.divmod(np.concatenate(keys) if keys else np.zeros(0, dtype=np.int64), max(1, drawer.n))
    offsets = np.r_[0, np.cumsum(np.bincount(sets, minlength=count if keys else 0))].astype(np.int64)
    return RRSets(offsets, nodes.astype(np.int32), drawer.n, drawer.total)


def simulate(
    chance: csr_array,
    people: Sequence[int],
    runs: int,
    *,
    seed: int = 1,
    value: Floats | None = None,
    hops: int | None = None,
) -> Floats:
    """Forward Monte-Carlo: the reach of ``people`` (rows) in each of ``runs`` random worlds.

    Written apart from the sets above, with another generator, so that each can check the other.
    """
    import numpy as np

    matrix: Any = chance
    n = matrix.shape[0]
    followers: Any = matrix.tocsc()
    worth = np.ones(n) if value is None else np.asarray(value, dtype=np.float64)
    generator = np.random.Generator(np.random.Philox(seed))
    reach = np.zeros(runs)
    start = np.unique(np.asarray(people, dtype=np.int64))
    together = max(1, min(runs, (1 << 23) // max(1, n)))
    for low in range(0, runs, together):
        size = min(together, runs - low)
        moved = np.zeros((size, n), dtype=np.bool_)
        moved[:, start] = True
        run, node, step = np.repeat(np.arange(size), len(start)), np.tile(start, size), 0
        reach[low : low + size] = worth[start].sum()
        while len(node) and (hops is None or step < hops):
            begin, end = followers.indptr[node].astype(np.int64), followers.indptr[node + 1].astype(np.int64)
            degree = end - begin
            first = np.cumsum(degree) - degree
            edge = np.arange(int(degree.sum())) - np.repeat(first - begin, degree)
            world = np.repeat(run, degree)
            lucky = generator.random(len(edge)) < followers.data[edge]
            world, audience = world[lucky], followers.indices[edge[lucky]].astype(np.int64)
            fresh = ~moved[world, audience]
            pairs = np.unique(world[fresh] * n + audience[fresh])
            run, node = np.divmod(pairs, n)
            moved[run, node] = True
            reach[low : low + size] += np.bincount(run, worth[node], minlength=size)
            step += 1
    return reach
