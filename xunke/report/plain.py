"""A report as lines for a terminal: bars of blocks, columns that fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xunke.text import cells, clean, one_line

from . import blocks as b

_WIDE: Final = 20
_SHADES: Final = "·░▒▓█"


def plain(report: b.Report) -> str:
    """The whole text."""
    lines = [safe(report.title), *([safe(report.subtitle)] if report.subtitle else [])]
    for section in report.sections:
        lines += ["", f"— {safe(section.title)} —"]
        for block in section.blocks:
            lines += _lines(block, report)
    return "\n".join([*lines, *(["", safe(report.foot)] if report.foot else [])]) + "\n"


def safe(words: str) -> str:
    """Foreign words on one line without anything that drives a terminal."""
    return one_line(clean(words), 1000)


def _pad(words: str, wide: int) -> str:
    return words + " " * max(0, wide - cells(words))


def _lines(block: b.Block, report: b.Report) -> Iterator[str]:
    match block:
        case b.Text():
            label = report.label(block)
            yield (f"{label} " if label else "") + safe(block.text)
        case b.Points():
            yield from (f"  · {safe(item)}" for item in block.items)
        case b.Tag():
            yield "  " + "/".join("·".join(map(safe, layer)) for layer in block.layers if layer)
            if block.note:
                yield f"  {safe(block.note)}"
        case b.Figures() | b.Quotes() | b.Bars() | b.Heat():
            yield from _lined(block)
        case b.Rows() | b.Line() | b.Steps() | b.Ties():
            yield from _rows(block, report)


def _lined(block: b.Figures | b.Quotes | b.Bars | b.Heat) -> Iterator[str]:
    match block:
        case b.Figures():
            wide = max((cells(f.name) for f in block.items), default=0)
            yield from (f"  {_pad(safe(f.name), wide)}  {safe(f.value)}  {safe(f.note)}".rstrip() for f in block.items)
        case b.Quotes():
            if block.title:
                yield safe(block.title)
            for quote in block.items:
                about = f"{safe(quote.about)}：" if quote.about else ""
                yield f"  {about}「{safe(quote.text)}」 {safe(quote.source)}"
        case b.Bars():
            yield from _bars(block)
        case b.Heat():
            yield from _heat(block)


def _rows(block: b.Rows | b.Line | b.Steps | b.Ties, report: b.Report) -> Iterator[str]:
    table = block if isinstance(block, b.Rows) else b.table_of(block, report.words)
    if block.title:
        yield safe(block.title)
    body = [[safe(cell) for cell in row] for row in (table.head, *table.rows)]
    wide_of = [max(cells(row[i]) for row in body) for i in range(len(table.head))]
    for row in body:
        yield "  " + "  ".join(_pad(cell, wide_of[i]) for i, cell in enumerate(row)).rstrip()
    if block.how:
        yield f"  {safe(block.how)}"


def _bars(block: b.Bars) -> Iterator[str]:
    yield f"{safe(block.title)}　{safe(block.sentence)}".rstrip("　")
    wide = max((cells(safe(bar.name)) for bar in block.items), default=0)
    longest = max([bar.share for bar in block.items] + [1e-9])
    for bar in block.items:
        full = max(1, round(_WIDE * bar.share / longest)) if bar.share > 0 else 0
        drawn = "█" * full + " " * (_WIDE - full)
        yield f"  {_pad(safe(bar.name), wide)}  {drawn}  {safe(bar.shown)}  {safe(bar.mark)}".rstrip()
    if block.how:
        yield f"  {safe(block.how)}"


def _heat(block: b.Heat) -> Iterator[str]:
    yield f"{safe(block.title)}　{safe(block.sentence)}".rstrip("　")
    wide = max((cells(safe(row)) for row in block.rows), default=0)
    peak = max([value for row in block.values for value in row] + [1e-9])
    if len(block.columns) == 24:
        yield "  " + " " * wide + "  " + "".join(_pad(str(h), 6) for h in range(0, 24, 6))
    for row, values in zip(block.rows, block.values, strict=True):
        drawn = "".join(_SHADES[0 if v <= 0 else min(4, 1 + int(3.999 * v / peak))] for v in values)
        yield f"  {_pad(safe(row), wide)}  {drawn}"
    if block.how:
        yield f"  {safe(block.how)}"
