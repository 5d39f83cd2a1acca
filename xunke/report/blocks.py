"""What a report is made of: blocks of finished words and numbers, which every format can show.

Texts are in the reader's language and may hold foreign words; the writers clean and escape all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. ``kind``: "" plain, lead, how (how we know), gap (what could not be seen), privacy, next."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    items: Sequence[str]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A layered tag string: layers of parts."""

    layers: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number: what it is called, the number as shown, a plain sentence about it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Large numbers side by side."""

    items: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: ``share`` 0..1 of the longest possible, with its interval; ``shown``: the number in words; ``mark``: a
    word beside it (more than others).
    """

    name: str
    share: float
    shown: str
    low: float | None = None
    high: float | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart with the sentence that says what it shows; ``how``: of whom, how many, how we know."""

    title: str
    items: Sequence[Bar]
    sentence: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Heat:
    """Numbers in rows and columns, the larger the darker (a week's hours, who with what)."""

    title: str
    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Sequence[float]]
    sentence: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A number over time: (label, value) in order."""

    title: str
    points: Sequence[tuple[str, float]]
    sentence: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """A funnel: (name, number) from first to last; numbers below ``least``, but not nought, are not told."""

    title: str
    items: Sequence[tuple[str, int]]
    sentence: str = ""
    how: str = ""
    least: int = 0

    def small(self, n: int) -> bool:
        """Whether a number is not told."""
        return 0 < n < self.least

    def shown(self, n: int) -> str:
        """A number as it is told."""
        return f"< {self.least}" if self.small(n) else f"{n:,}"


@dataclass(frozen=True, slots=True)
class Ties:
    """A small network: ``nodes`` by name, ``edges`` (from, to, weight) by place."""

    title: str
    nodes: Sequence[str]
    edges: Sequence[tuple[int, int, float]]
    sentence: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of texts."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words: ``about`` what, ``source`` which post, when and where."""

    text: str
    about: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Quotes:
    """Real words."""

    items: Sequence[Quote]
    title: str = ""


Block = Text | Points | Tag | Figures | Bars | Heat | Line | Steps | Ties | Rows | Quotes
Chart = Bars | Heat | Line | Steps | Ties


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under its heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. ``words``: the few words that the writers add themselves (table, contents, made by)."""

    title: str
    subtitle: str
    lang: str
    sections: Sequence[Section]
    words: dict[str, str] = field(default_factory=dict)
    foot: str = ""

    def label(self, block: Text) -> str:
        """The word before a paragraph of its kind; "" for a plain one."""
        return self.words.get(f"kind.{block.kind}", "")


def table_of(chart: Chart, words: dict[str, str]) -> Rows:
    """The numbers of a chart as a table: what stands beside it, and instead of it where nothing can be drawn."""
    name, number = words.get("name", "—"), words.get("number", "—")
    match chart:
        case Bars():
            return Rows((name, number), [(bar.name, f"{bar.shown} {bar.mark}".strip()) for bar in chart.items])
        case Heat():
            body = [
                (row, *(f"{value:g}" for value in values)) for row, values in zip(chart.rows, chart.values, strict=True)
            ]
            return Rows(("", *chart.columns), body)
        case Line():
            return Rows((words.get("when", "—"), number), [(label, f"{value:,.0f}") for label, value in chart.points])
        case Steps():
            return Rows((name, number), [(label, chart.shown(n)) for label, n in chart.items])
        case Ties():
            body = [(chart.nodes[a], chart.nodes[b], f"{weight:g}") for a, b, weight in chart.edges]
            return Rows((words.get("from", "—"), words.get("to", "—"), number), body)
