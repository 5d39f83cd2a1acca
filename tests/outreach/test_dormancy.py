"""The dormant rule, worked by hand. All days are invented."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke.outreach.dormancy import dormant, rhythm

TODAY = date(2026, 11, 22)


def ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=n) for n in days]


@pytest.mark.parametrize(
    ("acted", "gap", "quiet", "limit", "asleep"),
    [
        ((60,), None, 60, 60, True),  # once, two months ago
        ((59,), None, 59, 60, False),
        ((100, 90, 80), 10, 80, 60, True),  # quick rhythm: 3 × 10 < 60
        ((170, 140, 110, 80), 30, 80, 90, False),  # slow rhythm: 3 × 30 = 90
        ((180, 150, 120, 90), 30, 90, 90, True),
        ((300, 299, 99), 100.5, 99, 301.5, False),  # gaps 1 and 200, median 100.5
        ((0,), None, 0, 60, False),
    ],
)
def test_rule(acted: tuple[int, ...], gap: float | None, quiet: int, limit: float, asleep: bool) -> None:
    found = rhythm(ago(*acted), TODAY)
    assert found is not None
    assert (found.gap, found.quiet, found.limit, found.dormant) == (gap, quiet, limit, asleep)


def test_nobody_falls_asleep_who_never_woke() -> None:
    assert rhythm([], TODAY) is None
    assert not dormant([TODAY + timedelta(days=3)], TODAY)


@given(st.lists(st.integers(-30, 900), min_size=1, max_size=30))
def test_order_repeats_and_the_future_change_nothing(days: list[int]) -> None:
    past = [n for n in days if n >= 0]
    assert rhythm(ago(*days), TODAY) == rhythm(ago(*sorted(past), *past), TODAY)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=30), st.integers(0, 400))
def test_who_sleeps_goes_on_sleeping_until_an_act(days: list[int], later: int) -> None:
    if dormant(ago(*days), TODAY):
        assert dormant(ago(*days), TODAY + timedelta(days=later))
        assert not dormant([*ago(*days), TODAY], TODAY)
