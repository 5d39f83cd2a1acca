"""The sun's and the moon's calendar: 24 节气 and lunar months, computed for China time (UTC+8).

Solar longitude: Meeus, Astronomical Formulae for Calculators, chapter 18 (with the terms of Venus, Jupiter and the
moon; within some seconds of arc, that is a few minutes of time). New moons: Meeus, Astronomical Algorithms, chapter 49
(within a minute). Months after GB/T 33661-2017: the month with 冬至 is the 11th; of 13 months between two of them the
first without a principal term is a leap month. Checked against published days in the tests; outside ``FIRST`` to
``LAST`` nothing is told: beyond, a term falls within minutes of midnight (2008 小满, 2051 春分).
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Final

FIRST: Final = 2009
LAST: Final = 2050
TERMS: Final = (
    "xiaohan", "dahan", "lichun", "yushui", "jingzhe", "chunfen", "qingming", "guyu", "lixia", "xiaoman", "mangzhong",
    "xiazhi", "xiaoshu", "dashu", "liqiu", "chushu", "bailu", "qiufen", "hanlu", "shuangjiang", "lidong", "xiaoxue",
    "daxue", "dongzhi",
)  # fmt: skip
"""The solar terms in the order of a year; the first is at a longitude of 285°, each 15° on."""
_J2000: Final = 2451545.0
_EPOCH: Final = date(2000, 1, 1)
"""The day whose noon (UTC) is J2000."""
_MONTH: Final = 29.530588861


def _delta_t(jde: float) -> float:
    """TT − UT in days: about 69 s now (IERS), grown by a third of a second a year until 2017 and hardly since."""
    year = 2000 + (jde - _J2000) / 365.25
    seconds = 64.7 + 0.35 * (year - 2005) if year < 2017 else 69.0 + 0.12 * max(0.0, year - 2030)
    return seconds / 86400


def _china_day(jde: float) -> date:
    """The day in China in which an instant (Julian ephemeris day) lies."""
    return _EPOCH + timedelta(days=math.floor(jde - _delta_t(jde) + 8 / 24 + 0.5 - _J2000))


def longitude(jde: float) -> float:
    """The sun's apparent longitude in degrees (0 to 360) at a Julian ephemeris day."""
    t = (jde - 2415020.0) / 36525
    mean = 279.69668 + 36000.76892 * t + 0.0003025 * t * t
    m = math.radians(358.47583 + 35999.04975 * t - 0.00015 * t * t - 0.0000033 * t**3)
    centre = (
        (1.919460 - 0.004789 * t - 0.000014 * t * t) * math.sin(m)
        + (0.020094 - 0.0001 * t) * math.sin(2 * m)
        + 0.000293 * math.sin(3 * m)
    )

    def wave(size: float, kind: str, at: float, speed: float) -> float:
        angle = math.radians(at + speed * t)
        return size * (math.cos(angle) if kind == "cos" else math.sin(angle))

    pulled = (
        wave(0.00134, "cos", 153.23, 22518.7541)
        + wave(0.00154, "cos", 216.57, 45037.5082)
        + wave(0.00200, "cos", 312.69, 32964.3577)
        + wave(0.00179, "sin", 350.74, 445267.1142)
        + wave(0.00178, "sin", 231.19, 20.20)
    )
    node = math.radians(259.18 - 1934.142 * t)
    return (mean + centre + pulled - 0.00569 - 0.00479 * math.sin(node)) % 360


def _when(degrees: float, near: float) -> float:
    """The instant near ``near`` at which the sun stands at ``degrees``."""
    jde = near
    for _ in range(12):
        gap = (degrees - longitude(jde) + 180) % 360 - 180
        jde += gap * 365.2422 / 360
        if abs(gap) < 1e-7:
            break
    return jde


@cache
def solar_terms(year: int) -> dict[str, date]:
    """{name: day in China} of the 24 terms of a year, in its order. Raises ValueError outside FIRST to LAST."""
    _within(year)
    start = _J2000 + (date(year, 1, 1) - _EPOCH).days
    return {name: _china_day(_when((285 + 15 * i) % 360, start + 5 + 15.22 * i)) for i, name in enumerate(TERMS)}


def _new_moon(k: int) -> float:
    """The instant (Julian ephemeris day) of new moon number ``k``; 0 is that of 6 January 2000."""
    t = k / 1236.85
    jde = 2451550.09766 + _MONTH * k + 0.00015437 * t * t - 0.00000015 * t**3 + 0.00000000073 * t**4
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = math.radians(2.5534 + 29.10535670 * k - 0.0000014 * t * t)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    f = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t)
    node = math.radians(124.7746 - 1.56375588 * k + 0.0020672 * t * t)
    for size, power, s, m, w, o in _MOON:
        jde += size * e**power * math.sin(s * sun + m * moon + 2 * w * f + o * node)
    for size, at, speed in _PLANETS:
        jde += size * math.sin(math.radians(at + speed * k - (0.009173 * t * t if at == 299.77 else 0)))
    return jde


_MOON: Final = (
    (-0.40720, 0, 0, 1, 0, 0), (0.17241, 1, 1, 0, 0, 0), (0.01608, 0, 0, 2, 0, 0), (0.01039, 0, 0, 0, 1, 0),
    (0.00739, 1, -1, 1, 0, 0), (-0.00514, 1, 1, 1, 0, 0), (0.00208, 2, 2, 0, 0, 0), (-0.00111, 0, 0, 1, -1, 0),
    (-0.00057, 0, 0, 1, 1, 0), (0.00056, 1, 1, 2, 0, 0), (-0.00042, 0, 0, 3, 0, 0), (0.00042, 1, 1, 0, 1, 0),
    (0.00038, 1, 1, 0, -1, 0), (-0.00024, 1, -1, 2, 0, 0), (-0.00017, 0, 0, 0, 0, 1), (-0.00007, 0, 2, 1, 0, 0),
    (0.00004, 0, 0, 2, -1, 0), (0.00004, 0, 3, 0, 0, 0), (0.00003, 0, 1, 1, -1, 0), (0.00003, 0, 0, 2, 1, 0),
    (-0.00003, 0, 1, 1, 1, 0), (0.00003, 0, -1, 1, 1, 0), (-0.00002, 0, -1, 1, -1, 0), (-0.00002, 0, 1, 3, 0, 0),
    (0.00002, 0, 0, 4, 0, 0),
)  # fmt: skip
"""Size in days, power of the eccentricity, and how often M, M', 2F and Ω go into the sine."""
_PLANETS: Final = (
    (0.000325, 299.77, 0.107408), (0.000165, 251.88, 0.016321), (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478), (0.000110, 84.66, 18.206239), (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732), (0.000056, 154.84, 7.306860), (0.000047, 34.52, 27.261239),
    (0.000042, 207.19, 0.121824), (0.000040, 291.34, 1.844379), (0.000037, 161.72, 24.198154),
    (0.000035, 239.56, 25.513099), (0.000023, 331.55, 3.592518),
)  # fmt: skip


@cache
def _months(year: int) -> tuple[tuple[date, int, bool], ...]:
    """(first day, number, leap) of the months from the 11th of the lunar year before ``year`` to the 10th (and its
    leap month) of ``year``.
    """
    first, last = _eleventh(year - 1), _eleventh(year)
    starts = [_china_day(_new_moon(k)) for k in range(first, last + 1)]
    principal = sorted({d for y in (year - 1, year) for name, d in solar_terms(y).items() if TERMS.index(name) % 2})
    number, leap_done, out = 10, last - first == 12, []
    for start, end in pairwise(starts):
        leap = not leap_done and not any(start <= d < end for d in principal)
        leap_done = leap_done or leap
        number += not leap
        out.append((start, (number - 1) % 12 + 1, leap))
    return tuple(out)


@cache
def _eleventh(year: int) -> int:
    """The number of the new moon that begins the 11th lunar month, that of the winter solstice of ``year``."""
    solstice = solar_terms(year)["dongzhi"]
    k = round(((solstice - date(2000, 1, 6)).days) / _MONTH)
    while _china_day(_new_moon(k)) > solstice:
        k -= 1
    while _china_day(_new_moon(k + 1)) <= solstice:
        k += 1
    return k


def of_lunar(year: int, month: int, day: int) -> date:
    """The day of a lunar date (not in a leap month). ``day`` 0: the last one of the month before (除夕: 1, 0)."""
    months = _months(year if month < 11 else year + 1)
    first = next(start for start, number, leap in months if number == month and not leap)
    return first + timedelta(days=day - 1)


def _within(year: int) -> None:
    if not FIRST <= year <= LAST:
        raise ValueError(f"no calendar for {year}")
