"""The choice under a budget: worked by hand, and rules that hold for whatever comes."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke.errors import BadInput
from xunke.outreach.list_pick import Candidate, Rules, pick
from xunke.outreach.list_where import Condition, holds, parse


def people(*rows: tuple[int, float, float, str | None]) -> list[Candidate]:
    return [Candidate(*row) for row in rows]


def test_worth_per_minute_wins_where_it_brings_more() -> None:
    # one talk of ten minutes is worth 5; five follows of two minutes 2 each: ten together
    some = people((1, 5.0, 10, None), *((n, 2.0, 2, None) for n in range(2, 7)))
    found = pick(some, Rules(budget=10))
    assert found.people == [2, 3, 4, 5, 6]
    assert found.out == {1: "budget"}
    assert found.spent == 10


def test_the_worthiest_win_where_the_cheap_ones_leave_money_lying() -> None:
    some = people((1, 9.0, 10, None), (2, 2.0, 2, None))
    assert pick(some, Rules(budget=10)).people == [1]


def test_a_quota_is_as_much_as_it_says_and_the_rest_is_for_the_others() -> None:
    some = people(*((n, 10.0 - n / 10, 1, "新手") for n in range(10)), *((n, 1.0, 1, "老手") for n in range(10, 20)))
    found = pick(some, Rules(budget=10, shares={"新手": 0.4}))
    assert sum(i < 10 for i in found.people) == 4
    assert len(found.people) == 10
    assert found.out[9] == "budget"


def test_least_numbers_come_first_and_what_is_missing_is_told() -> None:
    some = people(*((n, 9.0, 1, "甲") for n in range(5)), (9, 0.1, 1, "乙"))
    found = pick(some, Rules(budget=3, least={"乙": 2}))
    assert 9 in found.people
    assert found.how[9] == "least"
    assert found.short == {"乙": 1}


def test_own_people_stand_before_strangers() -> None:
    some = [Candidate(1, 9.0, 1), Candidate(2, 0.1, 1, None, first=True), Candidate(3, 0.2, 1, None, first=True)]
    assert pick(some, Rules(budget=2)).people == [3, 2]


def test_a_hold_out_is_drawn_from_those_picked_and_can_be_drawn_again() -> None:
    some = people(*((n, 100.0 - n, 1, None) for n in range(100)))
    one, two = (pick(some, Rules(budget=18, hold=0.1, seed=7)) for _ in range(2))
    assert (one.people, one.held) == (two.people, two.held)
    assert len(one.people) == 18
    assert len(one.held) == 2
    assert max(*one.people, *one.held) == 19
    assert pick(some, Rules(budget=18, hold=0.1, seed=8)).held != one.held


def test_some_are_drawn_at_random_so_that_not_always_the_same_are_met() -> None:
    some = people(*((n, 1000.0 - n, 1, None) for n in range(1000)))
    found = pick(some, Rules(budget=20, luck=0.25, seed=3))
    drawn = [i for i in found.people if found.how[i] == "luck"]
    assert len(found.people) == 20
    assert len(drawn) == 5
    assert max(drawn) > 100


def test_without_a_budget_everybody_is_taken() -> None:
    some = people((1, 0.0, 5, None), (2, 3.0, 50, "a"))
    assert sorted(pick(some, Rules()).people) == [1, 2]


_PEOPLE = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0, 20), st.sampled_from(["a", "b", None]), st.booleans()), max_size=40
)


@given(
    _PEOPLE, st.floats(0.5, 100), st.floats(0, 1), st.floats(0, 0.9), st.floats(0, 0.9), st.none() | st.integers(1, 5),
    st.integers(0, 5),
)  # fmt: skip
def test_nobody_is_lost_or_met_twice_and_the_budget_holds(
    rows: list[tuple[float, float, str | None, bool]], budget: float, share: float, hold: float, luck: float,
    each: int | None, least: int,
) -> None:  # fmt: skip
    some = [Candidate(n, *row) for n, row in enumerate(rows)]
    rules = Rules(budget=budget, shares={"a": share}, least={"b": least}, each=each, luck=luck, hold=hold)
    found = pick(some, rules)
    assert sorted([*found.people, *found.held, *found.out]) == list(range(len(rows)))
    assert sum(some[i].cost for i in found.people) <= budget * (1 + 1e-6)
    if each is not None:
        for group in ("a", "b"):
            assert sum(some[i].group == group for i in [*found.people, *found.held]) <= each


_FEW = st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 20)), min_size=1, max_size=9)


@given(_FEW, st.floats(0.1, 60))
def test_the_choice_by_value_is_worth_at_least_half_of_the_best_there_is(
    rows: list[tuple[float, float]], budget: float
) -> None:
    """Against every subset that the budget allows; the bound of the better of both greedy ways (Dantzig 1957).

    A cost that is above the budget in its last digits alone still fits, so the upper bound has that much more.
    """
    some = [Candidate(n, *row) for n, row in enumerate(rows)]
    sums = [
        (sum(c.cost for c in chosen), sum(c.value for c in chosen))
        for k in range(len(some) + 1)
        for chosen in combinations(some, k)
    ]
    least, most = (max(value for cost, value in sums if cost <= budget * more) for more in (1, 1 + 1e-6))
    found = sum(some[i].value for i in pick(some, Rules(budget=budget)).people)
    assert least / 2 - 1e-9 <= found <= most + 1e-6


def test_everybody_is_held_back_equally_often() -> None:
    """Over 400 seeds, 6 of 30 each time: chi-square with 29 degrees of freedom stays below its 99.9 % point."""
    some = people(*((n, 1.0, 1.0, None) for n in range(30)))
    count = Counter(i for seed in range(400) for i in pick(some, Rules(hold=0.2, seed=seed)).held)
    assert count.total() == 400 * 6
    assert sum((count[n] - 80) ** 2 / 80 for n in range(30)) < 58.3


# -- rules ---------------------------------------------------------------------------------------------------------


def test_rules_are_read_as_people_write_them() -> None:
    assert parse("score＜0.3，bio～代购") == (Condition("score", "<", "0.3"), Condition("bio", "~", "代购"))
    assert parse("followers>=1万")[0] == Condition("followers", ">=", "1万")
    assert holds(parse("followers>=1万")[0], 10_000) is True
    assert holds(parse("region=上海")[0], None) is None
    assert holds(parse("platform!=weibo")[0], "Weibo") is False


@pytest.mark.parametrize("text", ["", "，", "谁都行", "score~3", "score<很低", "bio<3", "x=1", "score<"])
def test_what_is_no_rule_is_told(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(BadInput):
        for condition in parse(text):
            assert holds(condition, "3") in (True, False)
