"""When schedules run, in China time, and which days their plans mean then."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke.actions.timing import Rhythm, next_due, resolved, window
from xunke.clock import ZONE, moment
from xunke.plan import decode


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def runs(rhythm: Rhythm, n: int = 4) -> list[str]:
    out, after = [], rhythm.start
    while len(out) < n and (due := next_due(rhythm, after)) is not None:
        out.append(moment(due).strftime("%Y-%m-%d %H:%M"))
        after = due
    return out


START = at("2026-11-22 14:30")  # a Sunday


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [
        (Rhythm("1d", START, "09:00"), ["2026-11-23 09:00", "2026-11-24 09:00"]),
        (Rhythm("1d", START, "20:00"), ["2026-11-22 20:00", "2026-11-23 20:00"]),
        (Rhythm("1d", START), ["2026-11-23 09:00", "2026-11-24 09:00"]),
        (Rhythm("2h", START), ["2026-11-22 16:30", "2026-11-22 18:30"]),
        (Rhythm("6h", START, "08:00"), ["2026-11-22 20:00", "2026-11-23 02:00"]),
        (Rhythm("1w", START, "10:00", ("mon",)), ["2026-11-23 10:00", "2026-11-30 10:00"]),
        (Rhythm("1w", START, "09:00", ("mon", "thu")), ["2026-11-23 09:00", "2026-11-26 09:00", "2026-11-30 09:00"]),
        (Rhythm("2w", START, "09:00", ("mon",)), ["2026-11-30 09:00", "2026-12-14 09:00"]),
        (Rhythm("1w", START, "15:00"), ["2026-11-22 15:00", "2026-11-29 15:00"]),
        (Rhythm("1m", START, "09:00", (), 28), ["2026-11-28 09:00", "2026-12-28 09:00"]),
        (
            Rhythm("1m", START, "09:00", (), 31),
            ["2026-11-30 09:00", "2026-12-31 09:00", "2027-01-31 09:00", "2027-02-28 09:00"],
        ),
        (Rhythm("3m", START, "09:00", (), 1), ["2027-02-01 09:00", "2027-05-01 09:00"]),
        (Rhythm("1d", START, "09:00", until=date(2026, 11, 24)), ["2026-11-23 09:00", "2026-11-24 09:00"]),
    ],
)
def test_runs_are_due(rhythm: Rhythm, expected: list[str]) -> None:
    assert runs(rhythm, len(expected)) == expected


def test_it_ends_with_its_last_day() -> None:
    assert len(runs(Rhythm("1d", START, "09:00", until=date(2026, 11, 24)), 10)) == 2
    assert len(runs(Rhythm("2h", START, until=date(2026, 11, 22)), 10)) == 4
    assert runs(Rhythm("1d", START, until=date(2026, 11, 1))) == []


@given(
    st.sampled_from(["1h", "5h", "24h", "1d", "3d", "1w", "2w", "1m", "5m"]),
    st.integers(at("2024-01-01 00:00"), at("2027-01-01 00:00")), st.integers(0, 90 * 86400),
    st.sampled_from([None, "00:00", "09:00", "23:59"]),
)  # fmt: skip
def test_the_next_run_is_later_and_the_same_when_asked_again(
    every: str, start: int, wait: int, time: str | None
) -> None:
    rhythm = Rhythm(every, start, time)
    due = next_due(rhythm, start + wait)
    assert due is not None
    assert due > start + wait
    assert next_due(rhythm, due - 1) == due


def test_windows() -> None:
    day = date(2026, 11, 25)
    assert window("prev:day", day) == (date(2026, 11, 24), date(2026, 11, 24))
    assert window("this:week", day) == (date(2026, 11, 23), day)
    assert window("prev:week", day) == (date(2026, 11, 16), date(2026, 11, 22))
    assert window("this:month", day) == (date(2026, 11, 1), day)
    assert window("prev:month", date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("2026-11-21", "2026-11-21"), ("2026-12-04", "2026-12-04")),  # 昨天
        (("2026-10-24", "2026-11-22"), ("2026-11-06", "2026-12-05")),  # 最近30天
        (("2026-11-09", "2026-11-15"), ("2026-11-23", "2026-11-29")),  # 上周
        (("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30")),  # 上个月
        (("2026-10-01", "2026-10-07"), ("2026-10-01", "2026-10-07")),  # 国庆
    ],
)
def test_days_counted_from_the_day_of_the_request_move_on(said: tuple[str, str], meant: tuple[str, str]) -> None:
    plan = decode(
        {"outcome": "run", "steps": [{"action": "find", "topics": ["x"], "since": said[0], "until": said[1]}]}
    )
    (moved,) = resolved(plan, date(2026, 11, 22), date(2026, 12, 5)).steps
    assert (str(moved.since), str(moved.until)) == meant


def test_a_window_is_resolved() -> None:
    steps = [{"action": "stats", "topics": ["x"], "window": "prev:week"}, {"action": "schedule", "every": "1w"}]
    step = resolved(decode({"outcome": "run", "steps": steps}), date(2026, 11, 1), date(2026, 11, 25)).steps[0]
    assert (step.window, str(step.since), str(step.until)) == (None, "2026-11-16", "2026-11-22")
