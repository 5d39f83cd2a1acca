"""Events sorted once, so that the graph of any window and any weights is one pass over them.

The order is (actor, target, time, kind): the events of a pair stand together, and the pairs stand as the rows and
columns of a compressed sparse row matrix do. It is total up to equal rows, so neither the order in which events
arrive nor the number of pieces they arrive in changes a bit of any result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .build import Events, InteractionGraph, Ints

    Rows = NDArray[np.int32]
    Codes = NDArray[np.integer[Any]]

_SPARSE: Final = 16
"""Ids that reach further than this many times their number are looked up by search instead of by table."""
_INT32: Final = 2**31
CHUNK: Final = 1 << 17


@dataclass(frozen=True, eq=False)
class EventIndex:
    """Events as pairs: pair p is nodes[actor[p]] -> nodes[target[p]] with the events start[p]:start[p + 1].

    ``nodes`` are ascending account ids; ``time`` is in UTC seconds (0: not known), ``kind`` in codes of ``kinds``.
    """

    nodes: Ints
    actor: Rows
    target: Rows
    start: Codes
    time: Codes
    kind: Codes
    kinds: Mapping[int, str]

    @classmethod
    def of(cls, events: Events) -> EventIndex:
        """Sort ``events``: linear time, and fastest when they come as the database has them (target, time, …)."""
        import numpy as np

        nodes, (target, actor) = _number(events.target, events.actor)
        order, rows, target = _sorted(actor, target, np.arange(len(target), dtype=np.int32), len(nodes))
        del actor
        first = _new(rows, target)
        start = _starts(first)
        actor = np.repeat(np.arange(len(nodes), dtype=np.int32), np.diff(rows))
        if len(start) <= len(first):
            actor, target = actor[first], target[first]
        del first
        time = _narrow(events.time)[order]
        kind = events.kind.astype(np.int8)[order]
        del order
        _in_time(start, time, kind)
        return cls(nodes, actor, target, start, time, kind, dict(events.kinds))

    def __len__(self) -> int:
        return len(self.time)

    @property
    def pairs(self) -> int:
        """How many different pairs (actor, target) there are."""
        return len(self.actor)

    def events(self) -> Events:
        """The events again, in the order of the index."""
        import numpy as np

        from .build import Events

        count = np.diff(self.start)
        actor, target = (np.repeat(self.nodes[rows], count) for rows in (self.actor, self.target))
        return Events(target, self.time.astype(np.int64), actor, self.kind, self.kinds)

    def updated(self, new: Events) -> EventIndex:
        """The index with ``new`` events too; the same, bit for bit, as one made of all of them at once."""
        import numpy as np

        if not len(new):
            return self
        more = EventIndex.of(new)
        nodes = np.union1d(self.nodes, more.nodes)
        old_row, new_row = (np.searchsorted(nodes, part.nodes).astype(np.int32) for part in (self, more))
        n = len(nodes)
        have = old_row[self.actor].astype(np.int64) * n + old_row[self.target]
        come = new_row[more.actor].astype(np.int64) * n + new_row[more.target]
        place = np.searchsorted(have, come)
        known = np.zeros(len(come), dtype=bool)
        inside = place < len(have)
        known[inside] = have[place[inside]] == come[inside]
        count = np.diff(more.start)
        # behind the last event of the pair, or of the pairs before it
        at = np.repeat(self.start[place + known], count)
        time, kind = np.insert(_wide(self.time, more.time), at, more.time), np.insert(self.kind, at, more.kind)
        pairs = np.insert(have, place[~known], come[~known])
        total = np.insert(np.diff(self.start), place[~known], 0)
        total[np.searchsorted(pairs, come)] += count
        start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(total)])
        if start[-1] < _INT32:
            start = start.astype(np.int32)
        _in_time(start, time, kind)
        rows = [part.astype(np.int32) for part in np.divmod(pairs, n)]
        return EventIndex(nodes, rows[0], rows[1], start, time, kind, {**self.kinds, **new.kinds})

    def weights(
        self,
        *,
        until: int | None = None,
        since: int | None = None,
        h0: float | None = None,
        kind_weights: Mapping[str, float] | None = None,
        kinds: Collection[str] | None = None,
    ) -> InteractionGraph:
        """The graph of the events between ``since`` and ``until`` (both inclusive), of ``kinds`` if given.

        The weight of a pair is the sum over its events of kind weight / (1 + age / h0). Ages count back from
        ``until`` (default: the newest event). An event without a time counts as old as the oldest that has one;
        with ``since`` nothing says that it happened since then, and it drops out. ``h0`` is in seconds (default:
        ``build.time_unit`` of the span). Acting on oneself does not count.
        """
        import numpy as np
        from scipy.sparse import csr_array

        from .build import KIND_WEIGHTS, InteractionGraph, time_unit

        given = KIND_WEIGHTS if kind_weights is None else kind_weights
        kept = self._kept(since, kinds)
        stands = self.time if kept is None else self.time[kept]
        end = int(until if until is not None else stands.max() if len(stands) else 0)
        if len(self.time) and int(self.time.max()) > end:
            early = self.time <= end
            kept = early if kept is None else kept & early
        timed = self.time > 0 if kept is None else kept & (self.time > 0)
        oldest = int(self.time[timed].min()) if timed.any() else end
        unit = time_unit(max(0, end - oldest)) if h0 is None else h0
        count = np.diff(self.start) if kept is None else _counts(kept, self.start)
        alive = (count > 0) & (self.actor != self.target)
        actor, target = self.actor, self.target
        if not alive.all():
            mask = np.repeat(alive, np.diff(self.start))
            kept = mask if kept is None else kept & mask
            actor, target = actor[alive], target[alive]
            count[~alive] = 0
        per_kind = np.zeros(max(self.kinds, default=0) + 1)
        for code, name in self.kinds.items():
            per_kind[code] = given.get(name, 0.0)
        data = np.empty(len(actor))
        done = 0
        for first, last in pieces(self.start):
            part = slice(self.start[first], self.start[last])
            time, kind = self.time[part], self.kind[part]
            if kept is not None:
                time, kind = time[kept[part]], kind[kept[part]]
            when = np.where(time > 0, time, oldest).astype(np.float64)
            weight = per_kind[kind] / (1.0 + (end - when) / unit)
            size = count[first:last]
            size = size[size > 0]
            if len(size):
                data[done : done + len(size)] = np.add.reduceat(weight, np.cumsum(size) - size)
                done += len(size)
        used = np.zeros(len(self.nodes), dtype=bool)
        used[actor], used[target] = True, True
        nodes = self.nodes
        if not used.all():
            row = (np.cumsum(used) - 1).astype(np.int32)
            nodes, actor, target = nodes[used], row[actor], row[target]
        n = len(nodes)
        indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(actor, minlength=n))])
        if len(target) < _INT32:
            indptr = indptr.astype(np.int32)  # as wide as the columns, which are then not copied
        matrix: Any = csr_array((data, target, indptr), shape=(n, n))
        matrix.has_canonical_format = True
        return InteractionGraph(nodes, matrix, end, unit, given)

    def _kept(self, since: int | None, kinds: Collection[str] | None) -> NDArray[np.bool_] | None:
        """Which events are of ``kinds`` and not before ``since``; None: all of them."""
        import numpy as np

        kept: NDArray[np.bool_] | None = None
        if since is not None:
            kept = self.time >= since
        if kinds is not None:
            codes = [code for code, name in self.kinds.items() if name in kinds]
            wanted = np.isin(self.kind, codes)
            kept = wanted if kept is None else kept & wanted
        return kept


def from_edges(source: Ints, target: Ints, weight: Any = None) -> InteractionGraph:
    """A graph of edges that have their weights already (None: 1 each); those of equal pairs are summed.

    Loops are left out, as everywhere in graphs of interactions. The order of the edges changes no bit.
    """
    import numpy as np
    from scipy.sparse import csr_array

    from .build import InteractionGraph

    proper = source != target
    if not proper.all():
        source, target = source[proper], target[proper]
        weight = None if weight is None else weight[proper]
    nodes, (into, out) = _number(target, source)
    data = np.ones(len(out)) if weight is None else np.asarray(weight, dtype=np.float64)
    data, indptr, into = _sorted(out, into, data, len(nodes))
    first = _new(indptr, into)
    start = _starts(first)
    if len(start) <= len(first):
        _ascending(start, data)
        into, data = into[first], np.add.reduceat(data, start[:-1])
        indptr = np.searchsorted(start, indptr).astype(indptr.dtype)
    n = len(nodes)
    matrix: Any = csr_array((data, into, indptr), shape=(n, n))
    matrix.has_canonical_format = True
    return InteractionGraph(nodes, matrix, 0, 1.0)


def _number(*ids: Ints) -> tuple[Ints, list[Rows]]:
    """All ids that occur, ascending, and each array as row numbers into them."""
    import numpy as np

    most = max((int(part.max()) for part in ids if len(part)), default=0)
    least = min((int(part.min()) for part in ids if len(part)), default=0)
    if least >= 0 and most < _SPARSE * (sum(map(len, ids)) + 1024):
        seen = np.zeros(most + 1, dtype=bool)
        for part in ids:
            seen[part] = True
        row = (np.cumsum(seen, dtype=np.int32) - 1).astype(np.int32)
        return np.flatnonzero(seen).astype(np.int64), [row[part] for part in ids]
    nodes = np.unique(np.concatenate([np.unique(part) for part in ids])).astype(np.int64)
    return nodes, [np.searchsorted(nodes, part).astype(np.int32) for part in ids]


def _sorted(by: Rows, then: Rows, data: Any, n: int) -> tuple[Any, Codes, Rows]:
    """``data`` in the order of ``by``, then of ``then``; where each row of ``by`` begins, and ``then`` in that order.

    Equals stay as they are. Two counting sorts (one where ``then`` ascends already, as the database has it): scipy's
    conversion of coordinates to rows and of rows to columns is that sort, in C, as long as it need not sum equals.
    """
    from scipy.sparse import coo_array

    if not len(by):
        import numpy as np

        return data, np.zeros(n + 1, dtype=np.int32), then
    ascends = not bool((then[1:] < then[:-1]).any())
    coordinates: Any = coo_array((data, (by, then) if ascends else (then, by)), shape=(n, n))
    coordinates.has_canonical_format = True
    made: Any = coordinates.tocsr()
    if not ascends:
        del coordinates
        made = made.tocsc()
    return made.data, made.indptr, made.indices


def _new(rows: Codes, then: Rows) -> NDArray[np.bool_]:
    """Where a new pair begins, in the order of ``_sorted``."""
    import numpy as np

    first = np.ones(len(then), dtype=bool)
    first[1:] = then[1:] != then[:-1]
    begins = rows[:-1]
    first[begins[begins < len(then)]] = True
    return first


def _starts(first: NDArray[np.bool_]) -> Codes:
    """The places of the pairs' first events, and the end."""
    import numpy as np

    wide = len(first) >= _INT32
    return np.append(np.flatnonzero(first), len(first)).astype(np.int64 if wide else np.int32)


def pieces(start: Codes) -> Iterator[tuple[int, int]]:
    """Ranges of pairs with about ``CHUNK`` events each: what is reckoned stays in the cache, and small."""
    import numpy as np

    cuts = np.searchsorted(start, np.arange(0, int(start[-1]), CHUNK))
    return pairwise([*np.unique(cuts).tolist(), len(start) - 1])


def _in_time(start: Codes, time: Codes, kind: Codes) -> None:
    """Put the events of each pair in the order of (time, kind), in place; touches only pairs that are not."""
    import numpy as np

    if len(time) < 2:
        return
    late = (time[1:] < time[:-1]) | ((time[1:] == time[:-1]) & (kind[1:] < kind[:-1]))
    at, pair = _disordered(start, late)
    order = np.lexsort((kind[at], time[at], pair))
    time[at], kind[at] = time[at][order], kind[at][order]


def _ascending(start: Codes, values: NDArray[np.float64]) -> None:
    """Put the values of each pair in rising order, in place."""
    import numpy as np

    at, pair = _disordered(start, values[1:] < values[:-1])
    values[at] = values[at][np.lexsort((values[at], pair))]


def _disordered(start: Codes, late: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The places of all events of the pairs in which one is ``late`` after the one before it, and whose they are."""
    import numpy as np

    late[start[1:-1] - 1] = False  # between two pairs nothing is out of order
    wrong = np.unique(np.searchsorted(start, np.flatnonzero(late), side="right") - 1)
    count = np.diff(start)[wrong].astype(np.int64)
    pair = np.repeat(np.arange(len(wrong)), count)
    return np.arange(len(pair)) + np.repeat(start[wrong] - (np.cumsum(count) - count), count), pair


def _narrow(time: Ints) -> Codes:
    """Times in half the memory where they fit (until 2038)."""
    import numpy as np

    if not len(time) or (int(time.max()) < _INT32 and int(time.min()) >= -_INT32):
        return time.astype(np.int32)
    return time


def _wide(time: Codes, more: Codes) -> Codes:
    """``time`` in the type that holds both."""
    import numpy as np

    return time.astype(np.promote_types(time.dtype, more.dtype))


def _counts(kept: NDArray[np.bool_], start: Codes) -> Ints:
    """How many events of each pair are kept."""
    import numpy as np

    if len(start) < 2:
        return np.zeros(0, np.int64)
    return np.add.reduceat(kept, start[:-1], dtype=np.int64)
