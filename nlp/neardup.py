"""Texts that are nearly the same, across accounts: MinHash over character shingles, LSH bands, exact check.

A text is compared by what its author wrote (the part before ``//@``), folded, without links, names, hashtags,
emoticons and punctuation; what is shorter than ``SHORTEST`` characters then is left out, because people say the
same short things without copying. Time and memory grow linearly with the number of texts: signatures come from
numpy in blocks, candidates from sorting each band, and every candidate is verified by the Jaccard index of its
shingles against a bounded number of leaders.

References: Broder, On the resemblance and containment of documents (1997); Leskovec, Rajaraman, Ullman, Mining
of Massive Datasets, ch. 3 (bands).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from xunke.text import fold

from .segment import bare, own_words
from .types import MAX_CHARS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHINGLE: Final = 3
"""Characters in a shingle."""
SHORTEST: Final = 12
"""Characters that a normalised text must have."""
SIMILAR: Final = 0.7
"""Jaccard index of the shingles from which two texts count as the same."""
BANDS: Final = 12
ROWS: Final = 3
"""12 bands of 3 rows find a pair of Jaccard .7 with probability .994, one of .3 with .28 (then refused exactly)."""
LEADERS: Final = 4
"""Leaders of one bucket that a text is compared with."""
_BLOCK: Final = 16_384
_HASHTAG: Final = re.compile(r"#[^#\s]{1,60}#|#[\w\-]{1,40}")
_NOISE: Final = re.compile(r"\[[^\[\]\s]{1,8}\]|[\W_]+")
_MINUTES: Final = 300
_CROWD: Final = 40
"""Actors in one bucket above which acting together means that something was popular, not agreed upon."""


class Group(NamedTuple):
    """Texts that are nearly the same. ``id``: stable as long as the earliest member is the same.

    ``members``: positions in the input, ascending; ``accounts``: distinct accounts behind them; ``span``: seconds
    from the first to the last of them, None where times are missing.
    """

    id: str
    members: tuple[int, ...]
    accounts: int
    span: int | None


def normal(text: str) -> str:
    """What is compared of a text; "" for one that is too short or holds only tags, names and links."""
    own = own_words(text[:MAX_CHARS])
    kept = _NOISE.sub("", fold(bare(_HASHTAG.sub(" ", own))))
    return kept if len(kept) >= SHORTEST else ""


def shingles(text: str) -> frozenset[str]:
    """The shingles of a normalised text."""
    return frozenset(text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared shingles over all shingles; 0 for two empty sets."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def groups(
    texts: Sequence[str],
    accounts: Sequence[Hashable],
    times: Sequence[int | None] | None = None,
    *,
    least_accounts: int = 2,
    similar: float = SIMILAR,
) -> tuple[Group, ...]:
    """Groups of near-duplicates that at least ``least_accounts`` accounts wrote, largest first.

    ``times``: UTC seconds. Likeness is chained: two members may each be near a third and less near each other.
    """
    by_text: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        if key := normal(text):
            by_text.setdefault(key, []).append(position)
    distinct = list(by_text)
    found: list[Group] = []
    for kin in _kin(distinct, similar):
        members = sorted(position for i in kin for position in by_text[distinct[i]])
        behind = {accounts[m] for m in members}
        if len(members) > 1 and len(behind) >= least_accounts:
            found.append(_group(members, texts, len(behind), times))
    return tuple(sorted(found, key=lambda g: (-g.accounts, -len(g.members), g.id)))


def _group(members: list[int], texts: Sequence[str], behind: int, times: Sequence[int | None] | None) -> Group:
    known = [(t, m) for m in members if times is not None and (t := times[m]) is not None]
    first = min(known)[1] if known else members[0]
    span = max(known)[0] - min(known)[0] if len(known) > 1 else None
    name = hashlib.blake2b(normal(texts[first]).encode(), digest_size=8).hexdigest()
    return Group(name, tuple(members), behind, span)


def _kin(distinct: Sequence[str], similar: float) -> Iterator[list[int]]:
    """Positions of like texts, each text in exactly one list (a text without its like stands alone)."""
    parent = list(range(len(distinct)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    sets = lru_cache(maxsize=50_000)(lambda i: shingles(distinct[i]))
    if len(distinct) > 1:
        for bucket in _buckets(signatures(distinct)):
            leaders: list[int] = []
            for i in bucket:
                for leader in leaders:
                    a, b = root(leader), root(i)
                    if a == b:
                        break
                    if jaccard(sets(leader), sets(i)) >= similar:
                        parent[max(a, b)] = min(a, b)
                        break
                else:
                    if len(leaders) < LEADERS:
                        leaders.append(i)
    kin: defaultdict[int, list[int]] = defaultdict(list)
    for i in range(len(distinct)):
        kin[root(i)].append(i)
    yield from kin.values()


def signatures(distinct: Sequence[str]) -> NDArray[np.uint32]:
    """MinHash signatures (``BANDS * ROWS`` columns) of normalised, non-empty texts."""
    import numpy as np

    size = BANDS * ROWS
    draw = np.random.default_rng(20_26)
    factors = draw.integers(1, 2**32, size, dtype=np.uint32) | np.uint32(1)
    shifts = draw.integers(0, 2**32, size, dtype=np.uint32)
    out = np.empty((len(distinct), size), dtype=np.uint32)
    for start in range(0, len(distinct), _BLOCK):
        block = distinct[start : start + _BLOCK]
        hashes, starts = _hashes(block)
        for column in range(size):
            mixed = hashes * factors[column] + shifts[column]
            out[start : start + len(block), column] = np.minimum.reduceat(mixed, starts)
    return out


def _hashes(block: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[Any]]:
    """Hashes of all shingles of a block of texts, and where each text's begin."""
    import numpy as np

    padded = [text if len(text) >= SHINGLE else text.ljust(SHINGLE, "\0") for text in block]
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter(map(len, padded), dtype=np.int64, count=len(padded))
    ends = np.cumsum(lengths)
    hashed = np.zeros(len(codes) - SHINGLE + 1, dtype=np.uint32)
    for offset in range(SHINGLE):
        hashed = hashed * np.uint32(0x01000193) ^ codes[offset : offset + len(hashed)]
    # murmur3's finaliser: neighbouring code points must not give neighbouring hashes
    hashed ^= hashed >> np.uint32(16)
    hashed *= np.uint32(0x85EBCA6B)
    hashed ^= hashed >> np.uint32(13)
    hashed *= np.uint32(0xC2B2AE35)
    hashed ^= hashed >> np.uint32(16)
    whole = np.ones(len(codes), dtype=bool)  # a shingle must not reach into the next text
    for back in range(1, SHINGLE):
        whole[ends - back] = False
    kept = whole[: len(hashed)]
    counts = lengths - SHINGLE + 1
    return hashed[kept], np.concatenate(([0], np.cumsum(counts)[:-1]))


def _buckets(signed: NDArray[np.uint32]) -> Iterator[list[int]]:
    """Positions that share a band, band by band, ascending in each."""
    import numpy as np

    for band in range(BANDS):
        key = np.zeros(len(signed), dtype=np.uint64)
        for row in range(ROWS):
            key = (key ^ signed[:, band * ROWS + row]) * np.uint64(0x9E3779B97F4A7C15)
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
        for i in np.flatnonzero(np.diff(edges) > 1):
            yield order[edges[i] : edges[i + 1]].tolist()


def self_similarity(texts: Sequence[str], most: int = 40) -> float | None:
    """Mean Jaccard index of all pairs of (the first ``most``) own texts; None with fewer than three to compare."""
    sets = [shingles(key) for text in texts if (key := normal(text))][:most]
    if len(sets) < 3:
        return None
    pairs = [jaccard(a, b) for a, b in combinations(sets, 2)]
    return sum(pairs) / len(pairs)


def copied_shares(
    found: Sequence[Group], texts: Sequence[str], accounts: Sequence[Hashable], *, least_accounts: int = 3
) -> dict[Hashable, float]:
    """{account: share of its comparable posts that at least ``least_accounts`` accounts wrote}.

    Accounts with fewer than three comparable posts are left out: nothing can be said about them.
    """
    copied = {m for group in found if group.accounts >= least_accounts for m in group.members}
    total: Counter[Hashable] = Counter()
    taken: Counter[Hashable] = Counter()
    for position, (text, account) in enumerate(zip(texts, accounts, strict=True)):
        if normal(text):
            total[account] += 1
            taken[account] += position in copied
    return {account: taken[account] / n for account, n in total.items() if n >= 3}


def synchrony(
    actors: Sequence[Hashable],
    targets: Sequence[Hashable],
    times: Sequence[int],
    *,
    window: int = _MINUTES,
    least: int = 3,
) -> dict[Hashable, float]:
    """{actor: share of their acts done within ``window`` seconds of a steady partner on the same target}.

    Partners are steady when they met like this on at least ``least`` targets (Cao et al., SynchroTrap, 2014).
    Actors with fewer than ``least`` acts are left out; buckets with a crowd in them say nothing and are passed over.
    """
    buckets: defaultdict[tuple[Hashable, int], set[Hashable]] = defaultdict(set)
    for actor, target, t in zip(actors, targets, times, strict=True):
        buckets[target, t // window].add(actor)
    met: defaultdict[tuple[Hashable, Hashable], set[Hashable]] = defaultdict(set)
    for (target, _), together in buckets.items():
        if 2 <= len(together) <= _CROWD:
            for pair in combinations(sorted(together, key=repr), 2):
                met[pair].add(target)
    steady: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
    for (one, other), shared in met.items():
        if len(shared) >= least:
            steady[one].add(other)
            steady[other].add(one)
    acts: Counter[Hashable] = Counter()
    joint: Counter[Hashable] = Counter()
    for actor, target, t in zip(actors, targets, times, strict=True):
        acts[actor] += 1
        joint[actor] += not steady[actor].isdisjoint(buckets[target, t // window]) if actor in steady else 0
    return {actor: joint[actor] / n for actor, n in acts.items() if n >= least}


def by_member(found: Sequence[Group]) -> Mapping[int, Group]:
    """{position: its group}."""
    return {m: group for group in found for m in group.members}
