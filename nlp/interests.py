"""What a text is about, in the marketing taxonomy of nlp/data/interests, with the words that say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .taxonomy import Taxonomy, merged, shipped
from .taxonomy import senses as senses_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .batch import Batch, Ints
    from .lexicon import Hits, Lexicon

    Said = tuple[Ints, Ints, Ints]  # row, group, word

TAG = 0.85
"""Chance that a word in a hashtag says what a text is about."""
THRESHOLD = 0.5
REPOST_SHARE = 0.6
"""What the forwarded part of a repost counts: forwarding is a weaker sign than writing."""
SHORT, DILUTED, LEAST = 40, 100, 0.6
"""A word says less of what a longer text is about: beyond SHORT characters its chance is divided by
1 + (characters beyond) / DILUTED, down to LEAST of it. Words in hashtags are not diluted."""

Scores = tuple[tuple[str, float], ...]


class Interests(NamedTuple):
    """First-level names, second-level names ("美食/烘焙甜品"), both with a score, best first; words by name."""

    first: Scores = ()
    second: Scores = ()
    evidence: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Found:
    """Interests of the texts of a batch: ``first`` and ``second`` by row; rows without any are missing."""

    def __init__(
        self, index: Index, first: dict[int, Scores], said: Said, second: Callable[[], dict[int, Scores]]
    ) -> None:
        self.first = first
        self._index, self._second = index, second
        self._rows, self._names, self._words = said

    @cached_property
    def second(self) -> dict[int, Scores]:
        """Put together when asked for."""
        return self._second()

    def evidence(self, row: int) -> dict[str, tuple[str, ...]]:
        """The words that speak for each first-level interest of a row."""
        kept = dict(self.first.get(row, ()))
        low, high = self._rows.searchsorted([row, row + 1])
        said: dict[str, list[str]] = {}
        for first, word in zip(self._names[low:high].tolist(), self._words[low:high].tolist(), strict=True):
            if (name := self._index.firsts[first]) in kept:
                said.setdefault(name, []).append(self._index.words[word])
        return {name: tuple(sorted(words)) for name, words in sorted(said.items())}


class Index:
    """A taxonomy made ready for arrays. ``words``: all words that it asks for, folded."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        import numpy as np

        from .lexicon import folded

        self.firsts = tuple(taxonomy)
        self.seconds: list[str] = []
        first_of: list[int] = []
        numbers: dict[tuple[str, str], int] = {}
        for number, (first, seconds) in enumerate(taxonomy.items()):
            for second in (*seconds, ""):
                numbers[first, second] = len(self.seconds)
                self.seconds.append(f"{first}/{second}" if second else "")
                first_of.append(number)
        said = senses_of(taxonomy)
        senses: dict[str, dict[int, float]] = {}
        for word, means in zip(folded(said), said.values(), strict=True):
            found = senses.setdefault(word, {})
            for first, second, chance in means:
                number = numbers[first, second]
                found[number] = max(found.get(number, 0.0), chance)
        self.words = tuple(senses)
        counts = np.array([len(found) for found in senses.values()], np.intp)
        self._ends = np.cumsum(counts)
        self._starts = self._ends - counts
        pairs = [pair for found in senses.values() for pair in found.items()]
        self._second = np.array([second for second, _ in pairs], np.intp)
        self._weight = np.array([weight for _, weight in pairs], np.float64)
        self._first_of = np.array(first_of, np.intp)
        self._first_ranks, self._second_ranks = _ranks(self.firsts), _ranks(self.seconds)
        self._nameless = np.array([not name for name in self.seconds], np.bool_)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words as a lexicon of their own."""
        from .lexicon import Lexicon

        return Lexicon(self.words)

    def read(self, batch: Batch, hits: Hits) -> Found:
        """Interests of every text, from the words of this index found in it (ids are indices of ``words``)."""
        import numpy as np

        from .batch import ranges

        hits = hits.longest()
        rows = batch.row_of(hits.starts)
        factor = np.where(hits.starts < batch.own_ends[rows], 1.0, REPOST_SHARE)
        beyond = np.maximum((batch.ends - batch.starts)[rows] - SHORT, 0)
        share = np.maximum(LEAST, 1 / (1 + beyond / DILUTED))
        floor = np.where(_in_tags(batch, hits), TAG, 0.0)
        first, last = self._starts[hits.words], self._ends[hits.words]
        each = np.repeat(np.arange(len(rows)), last - first)
        senses = ranges(first, last)
        chances = np.maximum(self._weight[senses] * share[each], floor[each]) * factor[each]
        rows, words, seconds = rows[each], hits.words[each], self._second[senses]

        def second() -> dict[int, Scores]:
            parts = _Scored(rows, seconds, words, chances, len(self.seconds), len(self.words))
            kept = (parts.scores >= THRESHOLD) & ~self._nameless[parts.groups]
            return parts.listed(kept, self.seconds, self._second_ranks)

        some = _Scored(rows, self._first_of[seconds], words, chances, len(self.firsts), len(self.words))
        first_ = some.listed(some.scores >= THRESHOLD, self.firsts, self._first_ranks)
        return Found(self, first_, some.said, second)


class _Scored:
    """The chance of each group (an interest) of each row that at least one of its distinct words is right."""

    def __init__(self, rows: Ints, groups: Ints, words: Ints, chances: Any, n_groups: int, n_words: int) -> None:
        import numpy as np

        keys = (rows * n_groups + groups) * max(n_words, 1) + words
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        best = np.maximum.reduceat(chances[order], starts) if len(starts) else chances
        keys, words = np.divmod(keys[starts], max(n_words, 1))
        self.said: Said = (keys // max(n_groups, 1), keys % max(n_groups, 1), words)
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        missed = np.multiply.reduceat(1 - best, starts) if len(starts) else best
        self.rows, self.groups = self.said[0][starts], self.said[1][starts]
        self.scores: NDArray[np.float64] = np.round(1 - missed, 4)

    def listed(self, kept: NDArray[np.bool_], names: Sequence[str], ranks: Ints) -> dict[int, Scores]:
        """Names and scores by row, best first, then by name."""
        import numpy as np

        rows, groups, scores = self.rows[kept], self.groups[kept], self.scores[kept]
        order = np.lexsort((ranks[groups], -scores, rows))
        pairs = list(zip([names[group] for group in groups[order].tolist()], scores[order].tolist(), strict=True))
        rows = rows[order]
        starts = np.flatnonzero(np.diff(rows, prepend=-1)).tolist()
        ends = [*starts[1:], len(pairs)][: len(starts)]
        return {row: tuple(pairs[a:b]) for row, a, b in zip(rows[starts].tolist(), starts, ends, strict=True)}


def _ranks(names: Sequence[str]) -> Ints:
    """The place of each name among the sorted ones."""
    import numpy as np

    return np.argsort(sorted(range(len(names)), key=names.__getitem__))


def _in_tags(batch: Batch, hits: Hits) -> NDArray[np.bool_]:
    """Which hits lie in a hashtag."""
    import numpy as np

    if not len(batch.tag_starts):
        return np.zeros(len(hits.starts), np.bool_)
    tags = np.searchsorted(batch.tag_starts, hits.starts, "right") - 1
    return (tags >= 0) & (hits.ends <= batch.tag_ends[tags])


def taxonomy() -> dict[str, tuple[str, ...]]:
    """First-level interests with their second-level names, in the table's order."""
    return {first: tuple(seconds) for first, seconds in shipped().items()}


def load(user: Mapping[str, Any] | None = None) -> Index:
    """The taxonomy with a user's table laid over it, ready for reading. The last few are kept, by their content.

    Raises what :func:`nlp.taxonomy.merged` raises.
    """
    return _made(json.dumps(user or {}, sort_keys=True, ensure_ascii=False, default=lambda _: None))


@lru_cache(maxsize=4)
def _made(user: str) -> Index:
    return Index(merged(shipped(), json.loads(user)))


def interests(text: str, *, index: Index | None = None) -> Interests:
    """Interests that one text speaks of; ``index``: see :func:`load`."""
    from .batch import Batch

    index = index or load()
    batch = Batch.of([text])
    found = index.read(batch, index.lexicon.hits(batch).whole(batch))
    return Interests(found.first.get(0, ()), found.second.get(0, ()), tuple(found.evidence(0).items()))
