"""A report as one HTML file: works offline, fetches nothing, runs nothing, prints on A4, reads in light and dark.

Every foreign word is cleaned and escaped; there is no link and no attribute made of foreign words, so that neither a
``<script>`` nor a ``javascript:`` address can get in; the policy of the page forbids both again.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from itertools import count
from typing import Final

from xunke.text import cells

from . import blocks as b
from .svg import svg, text

_SHORT: Final = 24
"""Cells of the terminal up to which a table's cell is not broken."""
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def page(report: b.Report) -> str:
    """The whole file."""
    numbers = count(1)
    style = files("xunke.report").joinpath("report.css").read_text("utf-8")
    contents = "".join(
        f'<li><a href="#s{at}">{text(section.title)}</a></li>' for at, section in enumerate(report.sections, 1)
    )
    body = "".join(_section(section, at, report, numbers) for at, section in enumerate(report.sections, 1))
    lang = "en" if report.lang == "en" else "zh-CN"
    many = len(report.sections) > 2
    nav = f'<nav aria-label="{text(report.words.get("contents", ""))}"><ol>{contents}</ol></nav>' if many else ""
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY, quote=True)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<header><p class="brand">{text(report.words.get("brand", "Xunke"))}</p><h1>{text(report.title)}</h1>'
        f'<p class="sub">{text(report.subtitle)}</p></header>\n{nav}\n<main>\n{body}</main>\n'
        f"<footer><p>{text(report.foot)}</p></footer>\n</body>\n</html>\n"
    )


def _section(section: b.Section, at: int, report: b.Report, numbers: count[int]) -> str:
    blocks = "".join(_block(block, report, numbers) for block in section.blocks)
    return f'<section id="s{at}"><h2>{text(section.title)}</h2>\n{blocks}</section>\n'


def _block(block: b.Block, report: b.Report, numbers: count[int]) -> str:
    match block:
        case b.Text():
            label = report.label(block)
            head = f"<b>{text(label)}</b> " if label else ""
            return f'<p class="{_kind(block.kind)}">{head}{text(block.text)}</p>\n'
        case b.Points():
            return f'<ul class="{_kind(block.kind)}">' + "".join(f"<li>{text(i)}</li>" for i in block.items) + "</ul>\n"
        case b.Tag():
            layers = '<span class="cut">/</span>'.join(
                "".join(f"<span>{text(part)}</span>" for part in layer) for layer in block.layers if layer
            )
            return f'<p class="tags">{layers}</p>' + (f'<p class="note">{text(block.note)}</p>\n' if block.note else "")
        case b.Figures():
            return '<div class="figures">' + "".join(
                f'<div><p class="n">{text(f.name)}</p><p class="big">{text(f.value)}</p><p class="note">{text(f.note)}'
                "</p></div>" for f in block.items
            ) + "</div>\n"  # fmt: skip
        case b.Quotes():
            head = f"<h3>{text(block.title)}</h3>" if block.title else ""
            return head + '<div class="quotes">' + "".join(
                f'<blockquote><p>{text(q.text)}</p><footer>{f"<b>{text(q.about)}</b> " if q.about else ""}'
                f"{text(q.source)}</footer></blockquote>" for q in block.items
            ) + "</div>\n"  # fmt: skip
        case b.Rows():
            return (f"<h3>{text(block.title)}</h3>" if block.title else "") + _table(block) + _how(block.how)
        case b.Bars() | b.Heat() | b.Line() | b.Steps() | b.Ties():
            return _chart(block, report, next(numbers))


def _chart(block: b.Chart, report: b.Report, number: int) -> str:
    table = _table(b.table_of(block, report.words))
    shown = f"<details><summary>{text(report.words.get('table', ''))}</summary>{table}</details>"
    said = f'<p class="said">{text(block.sentence)}</p>' if block.sentence else ""
    return (
        f"<figure><h3>{text(block.title)}</h3>{said}{svg(block, number)}"
        f"{shown}{_how(block.how)}</figure>\n"
    )  # fmt: skip


def _how(words: str) -> str:
    return f'<p class="note">{text(words)}</p>' if words else ""


def _table(block: b.Rows) -> str:
    head = "".join(f'<th scope="col">{text(cell)}</th>' for cell in block.head)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in block.rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(words: str) -> str:
    """A short cell stays on one line."""
    short = ' class="k"' if cells(words) <= _SHORT else ""
    return f"<td{short}>{text(words)}</td>"


def _kind(kind: str) -> str:
    return kind if kind in ("lead", "how", "gap", "privacy", "next") else "plain"
