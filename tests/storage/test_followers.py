"""Follower lists into stretches: by hand, and that the order of importing does not matter. Everybody is invented."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.storage import followers
from xunke.storage.followers import Stretch
from xunke.storage.schema import _WINNING, _statements

OWN = 1
List = tuple[int, frozenset[int], bool]
"""(time, who, whole)."""


def tables() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    for statement in _statements(_WINNING):
        if "follower" in statement:
            db.execute(statement)
    return db


def take(db: sqlite3.Connection, one: List) -> None:
    t, who, whole = one
    number = followers.open_list(db, OWN, t, None)
    followers.see(db, number, sorted(who))
    if whole:
        followers.close(db, number)


def stretches(lists: Sequence[List]) -> dict[int, list[Stretch]]:
    db = tables()
    for one in lists:
        take(db, one)
    found: dict[int, list[Stretch]] = {}
    for account, *rest in db.execute("select account, first, last, gone from follower order by account, first"):
        found.setdefault(account, []).append(Stretch(*rest))
    return found


def meaning(lists: Sequence[List]) -> dict[int, list[Stretch]]:
    """The rule read aloud: over the lists in time, a whole one without somebody ends their stretch."""
    found: dict[int, list[Stretch]] = {}
    for person in sorted({one for _, who, _ in lists for one in who}):
        open_: list[Stretch] = []
        for t, who, whole in sorted(lists):
            if person in who:
                if open_ and open_[-1].gone is None:
                    open_[-1] = Stretch(open_[-1].first, t)
                else:
                    open_.append(Stretch(t, t))
            elif whole and open_ and open_[-1].gone is None:
                open_[-1] = Stretch(open_[-1].first, open_[-1].last, t)
        found[person] = open_
    return found


def test_came_left_and_came_again() -> None:
    a, b = 11, 12
    lists: list[List] = [
        (10, frozenset({a, b}), True), (20, frozenset({a}), True), (30, frozenset({a}), False),
        (40, frozenset({a, b}), True),
    ]  # fmt: skip
    assert stretches(lists) == {a: [Stretch(10, 40)], b: [Stretch(10, 10, 20), Stretch(40, 40)]}


def test_a_list_that_is_not_whole_ends_nothing() -> None:
    assert stretches([(10, frozenset({11}), True), (20, frozenset(), False)]) == {11: [Stretch(10, 10)]}


def test_one_that_comes_late_parts_what_was_joined() -> None:
    """Between 10 and 40 they stood in a list at 15; whole lists at 20 say that they were gone."""
    lists: list[List] = [
        (10, frozenset({11}), True), (15, frozenset({11}), False), (30, frozenset(), False), (40, frozenset({11}), True)
    ]  # fmt: skip
    assert stretches([*lists, (20, frozenset(), True)]) == {11: [Stretch(10, 15, 20), Stretch(40, 40)]}


lists_ = st.lists(
    st.tuples(st.integers(1, 12), st.frozensets(st.integers(11, 14), max_size=4), st.booleans()),
    unique_by=lambda one: one[0], max_size=9,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(lists_, st.randoms(use_true_random=False))
def test_the_order_of_importing_does_not_matter(lists: list[List], chance: object) -> None:
    mixed = list(lists)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert stretches(mixed) == meaning(lists)


@settings(max_examples=200, deadline=None)
@given(lists_)
def test_importing_again_changes_nothing(lists: list[List]) -> None:
    once = stretches(lists)
    assert stretches([*lists, *lists]) == once


@settings(max_examples=200, deadline=None)
@given(lists_, st.data())
def test_a_list_in_two_files_is_one(lists: list[List], data: st.DataObject) -> None:
    """Pages of one list, also where the second comes after the first was taken as whole."""
    parts: list[List] = []
    for t, who, whole in lists:
        first = frozenset(data.draw(st.sets(st.sampled_from(sorted(who))))) if who else frozenset()
        parts += [(t, first, whole), (t, who - first, whole)]
    assert stretches(data.draw(st.permutations(parts))) == meaning(lists)


@pytest.mark.parametrize("whole", [True, False])
def test_size_counts_everybody_once(whole: bool) -> None:
    db = tables()
    for _ in range(2):
        take(db, (10, frozenset({11, 12}), whole))
    assert db.execute("select complete, size from follower_list").fetchall() == [(whole, 2)]
