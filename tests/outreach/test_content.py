"""The content calendar: mix, clashes, ideas, the iCalendar file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.actions import calendar as actions
from xunke.errors import BadInput, UsageError
from xunke.events import Done, Table, Warned
from xunke.outreach import content
from xunke.outreach.content import Item
from xunke.storage import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "c.db") as opened:
        yield opened


def planned(number: int, day: str, category: str | None = None, at: str | None = None, **more: str) -> Item:
    return Item(number, None, day, at, category, more.get("title", "题"), more.get("channel"), None, None,
                more.get("state", "planned"), None, None)  # fmt: skip


def test_mix_counts_what_is_not_dropped() -> None:
    mixed = content.mix([planned(1, "2026-12-01", "promotion"), planned(2, "2026-12-02", "fun"),
                         planned(3, "2026-12-03", "offer", state="dropped"), planned(4, "2026-12-04")])  # fmt: skip
    assert mixed == content.Mix({"?": 1, "fun": 1, "promotion": 1}, 3, 1 / 3)
    assert content.mix([]).promotional is None


def test_clashes() -> None:
    one, two = planned(1, "2026-12-12", at="20:00"), planned(2, "2026-12-12", at="20:40")
    assert [(c.kind, c.first.id) for c in content.clashes([one, two])] == [("hour", 1)]
    assert not list(content.clashes([one, planned(2, "2026-12-12", at="21:00")]))
    apart = [planned(1, "2026-12-12", at="20:00", channel="微博"), planned(2, "2026-12-12", at="20:00", channel="知乎")]
    assert not list(content.clashes(apart))
    solemn = list(content.clashes([planned(1, "2026-12-13", "promotion"), planned(2, "2026-12-13", "experience")]))
    assert [(c.kind, c.first.id, c.reason) for c in solemn] == [("solemn", 1, "nanjing")]


def test_ideas_leave_out_taken_and_solemn_days_and_propose_no_promotion() -> None:
    found = content.ideas(
        [planned(1, "2026-12-12")], date(2026, 12, 1), date(2026, 12, 31), [(20, 9), (12, 5)], every=2
    )
    assert not {date(2026, 12, 12), date(2026, 12, 13)} & {i.day for i in found}
    assert {i.occasion for i in found} >= {"daxue", "dongzhi", "christmas"}
    assert not {i.category for i in found} & content.PROMOTIONAL
    assert [i.at for i in found[:3]] == ["20:00", "12:00", "20:00"]


def test_planned_moved_and_told(project: Project) -> None:
    made = list(actions.add(project, "2026-12-13", "满减", now=0, category="推广", at="8：30"))
    assert [getattr(e, "code", None) for e in made] == ["calendar.added", "calendar.clash_solemn"]
    assert content.item(project, 1).at == "08:30"
    list(actions.change(project, 1, day="2026-12-12"))
    assert content.item(project, 1).day == "2026-12-12"
    list(actions.change(project, 1, state="done"))
    table, *rest = list(actions.show(project, since=date(2026, 12, 1), until=date(2026, 12, 31)))
    assert isinstance(table, Table)
    assert [r[3] for r in table.rows if r[8] == 1] == ["满减"]
    assert [e.code for e in rest if isinstance(e, Warned)] == ["calendar.too_promotional"]
    list(actions.limit(project, "100%"))
    told = list(actions.show(project, since=date(2026, 12, 1), until=date(2026, 12, 31)))
    assert not [e for e in told if isinstance(e, Warned)]
    with pytest.raises(BadInput):
        content.item(project, 9)


def test_a_festival_becomes_the_occasion(project: Project) -> None:
    assert content.add(project, "2026-12-25", "圣诞小礼", now=0).occasion == "christmas"
    assert content.add(project, "2026-12-24", "平安夜", now=0).occasion is None


@pytest.mark.parametrize("bad", ["25:00", "8", "早上", "12:60"])
def test_what_is_no_hour_is_refused(bad: str) -> None:
    with pytest.raises(UsageError):
        content.hour_of(bad)


def test_windows() -> None:
    today = date(2026, 11, 22)
    assert actions.window(today=today, month="2027-02") == (date(2027, 2, 1), date(2027, 2, 28))
    assert actions.window(today=today) == (today, date(2026, 12, 21))
    for bad in ({"month": "十二月"}, {"month": "2026-13"}, {"since": "2026-12-02", "until": "2026-12-01"}):
        with pytest.raises(UsageError):
            actions.window(today=today, **bad)


def test_ideas_without_posts_say_so(project: Project) -> None:
    events = list(actions.suggest(project, since=date(2026, 12, 1), until=date(2026, 12, 7)))
    assert [e.code for e in events if isinstance(e, Warned)] == ["calendar.no_hours"]
    list(actions.mix(project))
    assert [e.code for e in actions.mix(project) if isinstance(e, Done)] == ["calendar.empty"]


def test_the_file_is_icalendar(project: Project, tmp_path: Path) -> None:
    content.add(project, "2026-12-12", "满减; 全场, 八折", now=0, at="20:00", category="推广")
    content.add(project, "2026-12-14", "闲聊", now=0)
    out = tmp_path / "x.ics"
    list(actions.export(project, out, now=1_780_000_000, since=date(2026, 12, 1), until=date(2026, 12, 31)))
    text = out.read_bytes().decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "DTSTART:20261212T120000Z\r\nDTEND:20261212T123000Z\r\n" in text  # 20:00 in China
    assert "SUMMARY:满减\\; 全场\\, 八折\r\n" in text
    assert "DTSTART;VALUE=DATE:20261214\r\n" in text
    assert "SUMMARY:双十二\r\n" in text
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT")


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_title_makes_lines_that_a_calendar_reads(title: str) -> None:
    text = content.ics([planned(1, "2026-12-12", title=title)], [], "20261122T000000Z")
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in text.replace("\r\n", "")
    whole = text.replace("\r\n ", "").split("\r\n")
    assert sum(line.startswith("SUMMARY:") for line in whole) == 1
    assert sum(line == "BEGIN:VEVENT" for line in whole) == 1
