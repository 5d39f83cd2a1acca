"""The calendar of sun and moon against published days (Purple Mountain and Hong Kong observatories)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from xunke.chat import lexicon
from xunke.outreach import almanac, days

TERMS = {
    2024: "0106 0120 0204 0219 0305 0320 0404 0419 0505 0520 0605 0621 0706 0722 0807 0822 0907 0922 1008 1023 1107 "
    "1122 1206 1221",
    2026: "0105 0120 0204 0218 0305 0320 0405 0420 0505 0521 0605 0621 0707 0723 0807 0823 0907 0923 1008 1023 1107 "
    "1122 1207 1222",
}
SPRING = {
    2020: "0125", 2021: "0212", 2022: "0201", 2023: "0122", 2024: "0210", 2025: "0129", 2026: "0217", 2027: "0206",
    2028: "0126", 2029: "0213", 2030: "0203", 2031: "0123", 2032: "0211", 2033: "0131", 2034: "0219", 2035: "0208",
}  # fmt: skip


@pytest.mark.parametrize("year", sorted(TERMS))
def test_solar_terms_are_those_published(year: int) -> None:
    assert [d.strftime("%m%d") for d in almanac.solar_terms(year).values()] == TERMS[year].split()


def test_new_year_of_the_moon() -> None:
    assert {year: almanac.of_lunar(year, 1, 1).strftime("%m%d") for year in SPRING} == SPRING
    assert almanac.of_lunar(2026, 1, 0) == date(2026, 2, 16)


@pytest.mark.parametrize("name", ["spring", "eve", "lantern", "dragon", "qixi", "moon", "qingming", "chongyang"])
def test_festivals_are_those_the_chat_knows(name: str) -> None:
    table: dict[str, Any] = lexicon.table("festivals")
    listed = table.get(name, {}).get("main")
    if listed is None:  # the chat calls it by another key: found by its Chinese name
        word = {"qingming": "清明", "chongyang": "重阳"}[name]
        listed = next(e["main"] for e in table.values() if any(word in n for n in e["names"]))
    for text in listed:
        day = date.fromisoformat(text)
        assert name in {o.name for o in days.occasions(day, day)}


@pytest.mark.parametrize(("year", "month"), [(2033, 11), (2023, 2)])
def test_a_leap_month_comes_behind_its_number(year: int, month: int) -> None:
    assert (almanac.of_lunar(year, month + 1, 1) - almanac.of_lunar(year, month, 1)).days in (58, 59, 60)
    assert (almanac.of_lunar(year, month, 1) - almanac.of_lunar(year, month - 1, 1)).days in (29, 30)


def test_mid_autumn_of_2026() -> None:
    assert almanac.of_lunar(2026, 8, 15) == date(2026, 9, 25)


def test_years_out_of_range_have_no_days() -> None:
    assert days.occasions(date(1990, 1, 1), date(1990, 12, 31)) == []
    assert days.occasions(date(2035, 6, 1), date(2035, 6, 20))
    with pytest.raises(ValueError, match="no calendar"):
        almanac.solar_terms(1990)


def test_solemn_days_and_movable_sales() -> None:
    assert days.solemn(date(2026, 12, 13)) == "nanjing"
    assert days.solemn(date(2026, 4, 5)) == "qingming"
    assert days.solemn(date(2026, 12, 12)) is None
    assert {o.name for o in days.occasions(date(2026, 11, 27), date(2026, 11, 27))} == {"blackfriday"}
    assert {o.name for o in days.occasions(date(2026, 5, 10), date(2026, 5, 10))} == {"mother"}
