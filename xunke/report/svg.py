"""Charts as inline SVG: no script, no picture from elsewhere; a title and a description for those who do not see.

Colours are the page's variables, so that a chart follows light, dark and print. Widths are a viewBox of ``WIDE`` units.
"""

from __future__ import annotations

import math
from html import escape
from typing import Final

from xunke.text import cells, clean, one_line

from .blocks import Bars, Chart, Heat, Line, Steps, Ties

WIDE: Final = 640
_LABEL: Final = 168
_ROW: Final = 30


def svg(chart: Chart, number: int) -> str:
    """The chart; ``number`` makes its ids the page's only ones."""
    match chart:
        case Bars():
            height, body = _bars(chart)
        case Heat():
            height, body = _heat(chart)
        case Line():
            height, body = _line(chart)
        case Steps():
            height, body = _steps(chart)
        case Ties():
            height, body = _ties(chart)
    ids = f"c{number}t", f"c{number}d"
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {WIDE} {height}" width="100%" aria-labelledby="{ids[0]} {ids[1]}">'
        f'<title id="{ids[0]}">{text(chart.title)}</title><desc id="{ids[1]}">{text(chart.sentence or chart.title)}'
        f"</desc>{body}</svg>"
    )


def text(words: str, most: int | None = None) -> str:
    """Foreign words inside a page: cleaned and escaped, on one line; cut to ``most`` terminal cells."""
    words = one_line(clean(words), 2000)
    if most is not None and cells(words) > most:
        while words and cells(words) > most - 1:
            words = words[:-1]
        words += "…"
    return escape(words, quote=True)


def _bars(chart: Bars) -> tuple[int, str]:
    room = WIDE - _LABEL - 150
    longest = max([bar.high or bar.share for bar in chart.items] + [1e-9])
    scale = room / max(longest, 0.05) if longest < 1 else room
    out = []
    for at, bar in enumerate(chart.items):
        y = at * _ROW
        width = max(2.0, min(1.0, max(0.0, bar.share)) * scale)
        end = _LABEL + width
        out.append(f'<text x="{_LABEL - 10}" y="{y + 20}" text-anchor="end" class="l">{text(bar.name, 16)}</text>')
        out.append(f'<rect x="{_LABEL}" y="{y + 6}" width="{room}" height="18" rx="4" class="b0"/>')
        out.append(f'<rect x="{_LABEL}" y="{y + 6}" width="{width:.1f}" height="18" rx="4" class="b1"/>')
        if bar.low is not None and bar.high is not None:
            low, high = _LABEL + bar.low * scale, _LABEL + min(1.0, bar.high) * scale
            out.append(
                f'<path d="M{low:.1f} {y + 15}H{high:.1f}M{low:.1f} {y + 11}v8M{high:.1f} {y + 11}v8" class="w"/>'
            )
            end = max(end, high)
        shown = text(bar.shown, 20)
        out.append(f'<text x="{_LABEL + room + 10}" y="{y + 20}" class="v">{shown}{_more(bar.mark)}</text>')
    return len(chart.items) * _ROW + 4, "".join(out)


def _more(mark: str) -> str:
    return f'<tspan class="m" dx="6">{text(mark, 10)}</tspan>' if mark else ""


def _heat(chart: Heat) -> tuple[int, str]:
    left = 16 + min(16, max([cells(one_line(row)) for row in chart.rows] + [2])) * 9
    wide = (WIDE - left) / max(1, len(chart.columns))
    tall = 24.0
    peak = max([v for row in chart.values for v in row] + [1e-9])
    long = max([cells(name) for name in chart.columns] + [1]) * 7 > wide - 4
    skip = 3 if len(chart.columns) > 12 else 1
    top = 10 if not long or skip > 1 else 22
    out = []
    for r, (row, values) in enumerate(zip(chart.rows, chart.values, strict=True)):
        y = r * tall
        out.append(f'<text x="{left - 8:.0f}" y="{y + 16:.0f}" text-anchor="end" class="l">{text(row, 16)}</text>')
        for c, value in enumerate(values):
            shade = 0.06 + 0.94 * math.sqrt(max(0.0, value) / peak) if value else 0.05
            out.append(
                f'<rect x="{left + c * wide:.1f}" y="{y + 1:.0f}" width="{wide - 2:.1f}" height="{tall - 3:.0f}" '
                f'rx="3" class="b1" opacity="{shade:.2f}"><title>{text(row)} {text(chart.columns[c])}: {value:g}'
                "</title></rect>"
            )
    base = len(chart.rows) * tall + top + 6
    for c, name in enumerate(chart.columns):
        if c % skip == 0:
            x = left + c * wide + (wide - 2) / 2
            out.append(f'<text x="{x:.1f}" y="{base:.0f}" text-anchor="middle" class="s">'
                       f"{text(name, max(2, int(wide * skip / 8)))}</text>")  # fmt: skip
    return int(base + 10), "".join(out)


def _line(chart: Line) -> tuple[int, str]:
    left, top, room, tall = 64, 14, WIDE - 64 - 24, 170
    values = [value for _, value in chart.points]
    low, high = min(values), max(values)
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    pad = (high - low) * 0.1
    low, high = low - pad, high + pad

    def place(at: int, value: float) -> tuple[float, float]:
        x = left + room * (at / max(1, len(values) - 1))
        return x, top + tall * (1 - (value - low) / (high - low))

    points = [place(at, value) for at, value in enumerate(values)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    out = []
    for share in (0, 0.5, 1):
        y = top + tall * share
        out.append(f'<path d="M{left} {y:.0f}H{left + room}" class="g"/>')
        shown = f"{high - (high - low) * share:,.0f}"
        out.append(f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end" class="s">{shown}</text>')
    out.append(f'<path d="{path}L{points[-1][0]:.1f} {top + tall}L{points[0][0]:.1f} {top + tall}Z" class="a"/>')
    out.append(f'<path d="{path}" class="p"/>')
    out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="b1"/>' for x, y in points if len(points) <= 40]
    every = max(1, math.ceil(len(values) / 6))
    for at in range(0, len(values), every):
        anchor = "start" if at == 0 else "end" if at == len(values) - 1 else "middle"
        out.append(f'<text x="{points[at][0]:.1f}" y="{top + tall + 20}" text-anchor="{anchor}" class="s">'
                   f"{text(chart.points[at][0], 12)}</text>")  # fmt: skip
    return top + tall + 30, "".join(out)


def _steps(chart: Steps) -> tuple[int, str]:
    most = max([n for _, n in chart.items] + [1])
    room, out = WIDE - _LABEL - 130, []
    before: int | None = None
    for at, (name, n) in enumerate(chart.items):
        y = at * 40
        small = chart.small(n)
        width = max(3.0, room * min(1.0, (chart.least if small else n) / most))
        x = _LABEL + (room - width) / 2
        part = "" if small or not before else f" · {n / before:.0%}"
        out.append(f'<text x="{_LABEL - 10}" y="{y + 24}" text-anchor="end" class="l">{text(name, 16)}</text>')
        out.append(f'<rect x="{x:.1f}" y="{y + 5}" width="{width:.1f}" height="30" rx="5" class="b1" '
                   f'opacity="{1 - 0.12 * min(at, 5):.2f}"/>')  # fmt: skip
        out.append(f'<text x="{_LABEL + room + 10}" y="{y + 24}" class="v">{text(chart.shown(n))}{part}</text>')
        before = None if small else n
    return len(chart.items) * 40 + 4, "".join(out)


def _ties(chart: Ties) -> tuple[int, str]:
    n, radius, tall = max(1, len(chart.nodes)), 130, 330
    middle = WIDE / 2, tall / 2
    spots = [
        (middle[0] + 1.5 * radius * math.cos(2 * math.pi * i / n - math.pi / 2),
         middle[1] + radius * math.sin(2 * math.pi * i / n - math.pi / 2)) for i in range(n)
    ]  # fmt: skip
    heavy = max([weight for *_, weight in chart.edges] + [1e-9])
    out = [
        f'<path d="M{spots[a][0]:.1f} {spots[a][1]:.1f}L{spots[b][0]:.1f} {spots[b][1]:.1f}" class="e" '
        f'stroke-width="{0.8 + 4 * weight / heavy:.1f}"/>'
        for a, b, weight in chart.edges
    ]
    for (x, y), name in zip(spots, chart.nodes, strict=True):
        anchor = "middle" if abs(x - middle[0]) < 12 else "start" if x > middle[0] else "end"
        shift = 0 if anchor == "middle" else 10 if anchor == "start" else -10
        drop = 4 if anchor != "middle" else -10 if y < middle[1] else 20
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" class="b1"/>')
        out.append(
            f'<text x="{x + shift:.1f}" y="{y + drop:.1f}" text-anchor="{anchor}" class="s">{text(name, 14)}</text>'
        )
    return tall, "".join(out)
