"""What the tables show of people, posts, jobs and lists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from tui.formats import amount, day
from tui.widgets.vtable import Column
from xunke import veil
from xunke.i18n import Catalogue
from xunke.storage.rows import PersonRow, PostRow


def platform(name: str, cat: Catalogue) -> str:
    """A platform's name in the user's language; one we have no word for as it is."""
    key = f"value.{name}"
    return cat.t(key) if cat.has(key) else name


def _rank(row: PersonRow | PostRow, index: int, cat: Catalogue) -> str:
    return str(row.rank if row.rank is not None else index + 1)


def top(parts: Mapping[str, Any], cat: Catalogue) -> str | None:
    """The influence that a score's parts hold, as 前 3% of all accounts; None where they hold none."""
    share = parts.get("raw", {}).get("top")
    return cat.t("tui.top", percent=max(1, math.ceil(share * 100))) if isinstance(share, int | float) else None


def _influence(row: PersonRow, index: int, cat: Catalogue) -> str:
    return top(row.parts, cat) or "-"


def _score(row: PersonRow, index: int, cat: Catalogue) -> str:
    return "-" if row.value is None else f"{row.value:.2f}" if abs(row.value) < 100 else amount(round(row.value), cat)


def mood(label: str | None, p: float | None, cat: Catalogue) -> str:
    """A sentiment as a word and the probability of positive."""
    if label is None and p is None:
        return "-"
    word = cat.t(f"tui.mood.{label or 'unsure'}")
    return word if p is None else f"{word} {p:.2f}"


def _mood_person(row: PersonRow, index: int, cat: Catalogue) -> str:
    p = row.parts.get("raw", {}).get("sentiment")
    if not isinstance(p, int | float):
        return "-"
    return mood("positive" if p >= 0.6 else "negative" if p <= 0.4 else "neutral", float(p), cat)


PEOPLE: Final[tuple[Column[PersonRow], ...]] = (
    Column("tui.col.rank", _rank, 3, numbered=True),
    Column("tui.col.name", lambda r, i, c: veil.person(r.id, r.name or r.handle or r.native_id), 12, flex=3),
    Column("tui.col.region", lambda r, i, c: r.region or "-", 6, flex=1, drop=2),
    Column("tui.col.followers", lambda r, i, c: amount(r.followers, c), 7, right=True),
    Column("tui.col.influence", _influence, 7, right=True, drop=1),
    Column("tui.col.score", _score, 6, right=True, drop=5),
    Column("tui.col.mood", _mood_person, 7, drop=4),
    Column("tui.col.platform", lambda r, i, c: platform(r.platform, c), 6, drop=3),
)

def _author(row: PostRow, index: int, cat: Catalogue) -> str:
    return veil.person(row.author, row.author_name or "-") if row.author is not None else row.author_name or "-"


POSTS: Final[tuple[Column[PostRow], ...]] = (
    Column("tui.col.rank", _rank, 3, drop=4, numbered=True),
    Column("tui.col.text", lambda r, i, c: f"{r.title}  {r.text}" if r.title else r.text, 20, flex=1),
    Column("tui.col.author", _author, 12, drop=2),
    Column("tui.col.day", lambda r, i, c: day(r.created, r.zone), 10, drop=1),
    Column("tui.col.likes", lambda r, i, c: amount(r.likes, c), 7, right=True, drop=5),
    Column("tui.col.comments", lambda r, i, c: amount(r.comments, c), 6, right=True, drop=6),
    Column("tui.col.mood", lambda r, i, c: mood(r.label, r.sentiment, c), 7, drop=3),
)
POSTS_OF_ONE: Final = tuple(column for column in POSTS if column.title != "tui.col.author")
"""The same without the author, for one person's page."""
