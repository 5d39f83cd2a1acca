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
        of_rule: list[int] = []
        sizes: list[int] = []
        for number, rule in enumerate(rules):
            for alternative in rule if all(rule) else ():
                of_alternative += [len(of_rule)] * len(alternative)
                clauses += alternative
                sizes.append(len(alternative))
                of_rule.append(number)
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
        self._rules = np.array(of_rule, np.intp)

    def open(self, rows: Ints, words: Ints, size: int) -> dict[int, list[int]]:
        """Rules to try by row, both ascending, for words found in ``size`` rows. ``always`` is not listed."""
        first, last = self._bounds[words], self._bounds[words + 1]
        counts = last - first
        width = len(self._alternative)
        met = np.zeros(size * width, np.bool_)
        met[np.repeat(rows, counts) * width + self._clauses[ranges(first, last)]] = True
        places = np.flatnonzero(met)
        rows, clauses = np.divmod(places, width) if width else (places, places)
        keys = rows * len(self._sizes) + self._alternative[clauses]
        changes = np.flatnonzero(np.diff(keys, prepend=-1, append=-1))
        starts = changes[:-1]
        keys, found = keys[starts], np.diff(changes)
        alternatives = keys % max(len(self._sizes), 1)
        full = found == self._sizes[alternatives]
        rows, rules = rows[starts][full], self._rules[alternatives[full]]
        result: dict[int, list[int]] = {}
        for row, rule in zip(rows.tolist(), rules.tolist(), strict=True):
            listed = result.setdefault(row, [])
            if not listed or listed[-1] != rule:
                listed.append(rule)
        return result


def _findable(clause: Clause, form: Mapping[str, str]) -> bool:
    return all(form[word] and not any(char.isspace() for char in form[word]) for word in clause)
