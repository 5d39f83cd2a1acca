"""Limits that hold whatever is tried: undone and logged again, noted as done elsewhere, a clock that goes back, several
accounts, lists and campaigns; and small groups that no arithmetic brings back. All people are invented."""

from __future__ import annotations

import contextlib
import itertools
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.outreach.test_gate import NOON, check, fill, number
from xunke.actions.undo import INVERSES
from xunke.errors import BadInput
from xunke.outreach import campaigns, gate, limits, touches
from xunke.outreach.smallgroups import LEAST, hidden, hidden_matrix

HOUR = 3600
GAME = st.tuples(
    st.sampled_from(["log", "undo", "again"]), st.sampled_from("123"), st.sampled_from(["reply", "follow", "talk"]),
    st.integers(-72, 72), st.sampled_from([None, "一", "二"]), st.booleans(),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(GAME, max_size=40))
def test_no_game_with_undo_clock_or_campaign_passes_a_cap(
    tmp_path_factory: pytest.TempPathFactory, games: list[tuple[str, str, str, int, str | None, bool]]
) -> None:
    with fill(tmp_path_factory.mktemp("game") / "p.db") as project:
        limits.set_limit(project, "person_day", "1")
        of = {name: campaigns.create(project, name, now=NOON).id for name in ("一", "二")}
        last: tuple[int, str, int] | None = None
        for kind, who, step, hours, campaign, listed in games:
            if kind == "undo" and last is not None:
                touch = last[0]
                project.writer.call(lambda db, touch=touch: INVERSES["touch"](db, {"touch": touch}))
                continue
            t = NOON + hours * HOUR if kind == "log" or last is None else last[2]
            with contextlib.suppress(BadInput):
                made = touches.log(
                    project, number(project, who), step, t=t, campaign=of.get(campaign or ""),
                    list_id=1 if listed and project.one("select count(*) from saved_list where id = 1") else None,
                )  # fmt: skip
                last = (made, who, t)
        check(project)
        gap = limits.limits_of(project)["person_gap_hours"] * HOUR
        said: dict[int, list[int]] = {}
        for one in touches.touches(project):
            if one.step != "follow":
                said.setdefault(one.account, []).append(one.t)
        for times in said.values():
            assert all(b - a >= gap for a, b in itertools.pairwise(sorted(times))), "also where the clock went back"


def test_what_was_done_elsewhere_uses_the_limit_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    with fill(tmp_path_factory.mktemp("out") / "p.db") as project:
        one = number(project, "1")
        for n in range(2):
            touches.log(project, one, "follow", t=NOON + n, state="imported", channel="wechat")
        assert gate.may(project, one, "reply", now=NOON + HOUR).reason == "gate.cap"
        before = len(touches.touches(project))
        touches.log(project, one, "reply", t=NOON + HOUR, force=True)
        assert touches.touches(project)[before].state == "done_outside", "recorded as what it is, never as allowed"


# -- small groups ------------------------------------------------------------------------------------------------------


def solved(rows: list[list[Fraction]], unknown: int) -> set[int]:
    """The unknowns that a system of equations tells (Gauss–Jordan; the last column is the right side)."""
    at = 0
    for x in range(unknown):
        pivot = next((i for i in range(at, len(rows)) if rows[i][x]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [v / rows[at][x] for v in rows[at]]
        for i in range(len(rows)):
            if i != at and rows[i][x]:
                rows[i] = [a - rows[i][x] * b for a, b in zip(rows[i], rows[at], strict=True)]
        at += 1
    told = (row for row in rows if sum(bool(v) for v in row[:unknown]) == 1)
    return {next(x for x in range(unknown) if row[x]) for row in told}


@settings(max_examples=150, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda wide: st.lists(st.lists(st.integers(0, 14), min_size=wide, max_size=wide), min_size=2, max_size=5)
    )
)
def test_totals_of_rows_and_columns_bring_no_hidden_group_back(matrix: list[list[int]]) -> None:
    """All totals are known outside, and the system of equations is solved: it tells no group of few."""
    gone = sorted(hidden_matrix(matrix))
    number_of = {cell: n for n, cell in enumerate(gone)}
    lines = [[(y, x) for x in range(len(matrix[0]))] for y in range(len(matrix))]
    lines += [[(y, x) for y in range(len(matrix))] for x in range(len(matrix[0]))]
    rows = []
    for line in lines:
        mine = [cell for cell in line if cell in number_of]
        if not mine:
            continue
        row = [Fraction(0)] * (len(gone) + 1)
        for cell in mine:
            row[number_of[cell]] = Fraction(1)
        row[-1] = Fraction(sum(matrix[y][x] for y, x in mine))
        rows.append(row)
    for n in solved(rows, len(gone)):
        y, x = gone[n]
        assert not 0 < matrix[y][x] < LEAST, (matrix, gone)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=8))
def test_a_percentage_beside_a_total_tells_no_hidden_group(counts: list[int]) -> None:
    """What is shown is the count or nothing: those left over are two groups or more, and five people together."""
    gone = hidden(counts)
    left = [counts[at] for at in gone]
    shown = [n for at, n in enumerate(counts) if at not in gone and n]
    if left and shown:
        assert len(left) >= 2
        assert sum(left) >= LEAST
