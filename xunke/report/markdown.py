"""A report as Markdown: charts become tables. Foreign words are escaped, so that they are no link, picture or tag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xunke.text import clean, one_line

from . import blocks as b

_ESCAPED: Final = str.maketrans({c: "\\" + c for c in "\\`*_[]()#|!~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def markdown(report: b.Report) -> str:
    """The whole text."""
    lines = [f"# {safe(report.title)}", "", safe(report.subtitle), ""]
    for section in report.sections:
        lines += [f"## {safe(section.title)}", ""]
        for block in section.blocks:
            lines += [*_lines(block, report), ""]
    lines += ["---", "", safe(report.foot), ""]
    return "\n".join(lines)


def safe(words: str) -> str:
    """Foreign words on one line, meaning nothing to Markdown; one that would begin a list or a heading is no mark."""
    found = one_line(clean(words), 4000).translate(_ESCAPED)
    return "\\" + found if found[:1] in ("-", "+", "=") else found


def _lines(block: b.Block, report: b.Report) -> Iterator[str]:
    match block:
        case b.Text():
            label = report.label(block)
            yield (f"> **{safe(label)}** " if label else "") + safe(block.text)
        case b.Points():
            yield from (f"- {safe(item)}" for item in block.items)
        case b.Tag():
            yield "**" + " / ".join("·".join(map(safe, layer)) for layer in block.layers if layer) + "**"
            if block.note:
                yield from ("", safe(block.note))
        case b.Figures():
            yield from (f"- {safe(f.name)}：**{safe(f.value)}** {safe(f.note)}".rstrip() for f in block.items)
        case b.Quotes():
            if block.title:
                yield from (f"### {safe(block.title)}", "")
            for quote in block.items:
                about = f"**{safe(quote.about)}** " if quote.about else ""
                yield from (f"> {about}{safe(quote.text)}", f"> — {safe(quote.source)}", "")
        case b.Rows():
            if block.title:
                yield from (f"### {safe(block.title)}", "")
            yield from _table(block.head, block.rows)
            yield from (("", safe(block.how)) if block.how else ())
        case b.Bars() | b.Heat() | b.Line() | b.Steps() | b.Ties():
            yield from (f"### {safe(block.title)}", "")
            if block.sentence:
                yield from (safe(block.sentence), "")
            table = b.table_of(block, report.words)
            yield from _table(table.head, table.rows)
            yield from (("", safe(block.how)) if block.how else ())


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(safe(cell) or " " for cell in head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(safe(cell) for cell in row) + " |"
