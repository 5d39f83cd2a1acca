"""Which rules have to look at which texts: the one place that keeps regular expressions off most of them.

A rule comes as alternatives, each a conjunction of clauses (:mod:`nlp.prefilter`): sets of words of which one must be
there. A :class:`Gate` is told which words were found where and answers with the rules whose conditions are met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .batch import Ints, ranges
from .lexicon import folded
from .prefilter import Clause

Conditions = Sequence[Sequence[Clause]]
"""Of one rule: alternatives, each with its clauses. An alternative without clauses is always met."""

Opened = tuple[int, tuple[int, ...]]
"""A rule and those of its alternatives that may match."""


class Gate:
    """Rules are numbered as given. ``words``: all words to look for, folded; a word's number is its index.

    ``always``: rules without a condition, to be tried on every text.
    """

    def __init__(self, rules: Sequence[Conditions]) -> None:
        written = sorted({word for rule in rules for alternative in rule for clause in alternative for word in clause})
        form = dict(zip(written, folded(written), strict=True))
        rules = [[[c for c in alternative if _findable(c, form)] for alternative in rule] for rule in rules]
        self.always = [number for number, rule in enumerate(rules) if not all(rule)]
        clauses: list[Clause] = []
        of_alternative: list[int] = []
        of_rule: list[tuple[int, int]] = []
        sizes: list[int] = []
        for number, rule in enumerate(rules):
            for place, alternative in enumerate(rule if all(rule) else ()):
                of_alternative += [len(of_rule)] * len(alternative)
                clauses += alternative
                sizes.append(len(alternative))
                of_rule.append((number, place))
        ids: dict[str, int] = {}
        pairs = sorted(
            {(ids.setdefault(form[w], len(ids)), place) for place, clause in enumerate(clauses) for w in sorted(clause)}
        )
        self.words = tuple(ids)
        listed = np.array(pairs, np.intp).reshape(-1, 2)
        self._clauses = listed[:, 1]
        self._bounds = np.searchsorted(listed[:, 0], np.arange(len(ids) + 1))
        self._alternative = np.array(of_alternative, np.intp)
        self._sizes = np.array(sizes, np.intp)
        self._rules = np.array(of_rule, np.intp).reshape(-1, 2)

    def open(self, rows: Ints, words: Ints) -> dict[int, list[Opened]]:
        """Rules to try by row, both ascending, for words found in rows. ``always`` is not listed."""
        first, last = self._bounds[words], self._bounds[words + 1]
        width = max(len(self._alternative), 1)
        met = np.zeros((int(rows.max(initial=-1)) + 1) * width, np.bool_)
        met[np.repeat(rows * width, last - first) + self._clauses[ranges(first, last)]] = True
        rows, clauses = np.divmod(np.flatnonzero(met), width)
        keys = rows * len(self._sizes) + self._alternative[clauses]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        alternatives = self._alternative[clauses[starts]]
        full = np.diff(starts, append=len(keys)) == self._sizes[alternatives]
        result: dict[int, list[Opened]] = {}
        places = self._rules[alternatives[full]].tolist()
        for row, (rule, place) in zip(rows[starts[full]].tolist(), places, strict=True):
            listed = result.setdefault(row, [])
            if listed and listed[-1][0] == rule:
                listed[-1] = (rule, (*listed[-1][1], place))
            else:
                listed.append((rule, (place,)))
        return result


def _findable(clause: Clause, form: Mapping[str, str]) -> bool:
    return all(form[word] and not any(char.isspace() for char in form[word]) for word in clause)
