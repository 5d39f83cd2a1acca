"""What the screen of our followers shows: read in a thread, as rows that are ready to be drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from tui.formats import amount
from xunke.clock import day_of, end_of
from xunke.i18n import Catalogue
from xunke.outreach import cohorts, curve, fans, followers
from xunke.storage import Project

Words = Callable[[Catalogue], str]
TABS: Final = ("came", "left", "dormant", "wake", "advocates")


@dataclass(frozen=True, slots=True)
class FanRow:
    """Somebody in a tab: ``when`` and what is to be said of them, in words."""

    id: int
    name: str
    platform: str
    when: str
    note: Words


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything about the followers of one own account. ``own`` None: no account is our own."""

    own: int | None = None
    name: str = ""
    lists: int = 0
    whole: int = 0
    counts: tuple[tuple[date, int], ...] = ()
    odd: tuple[curve.Odd, ...] = ()
    enough: bool = False
    change: int | None = None
    rows: dict[str, list[FanRow]] = field(default_factory=dict)


def read(project: Project, today: date) -> Seen:
    """All of it, as of ``today``."""
    with project.snapshot():
        own = followers.own_account(project)
        if own is None:
            return Seen()
        until = end_of(today)
        lists = followers.lists(project, own)
        counts = followers.counts(project, own, until=until)
        found = curve.read(counts)
        month = [n for day, n in counts if day <= today - timedelta(days=30)]
        change = counts[-1][1] - month[-1] if counts and month else None
        return Seen(
            own, followers.names(project, [own])[own][2], len(lists), sum(one.whole for one in lists), tuple(counts),
            found.odd, found.enough, change, _tabs(project, own, today, until),
        )  # fmt: skip


def _tabs(project: Project, own: int, today: date, until: int) -> dict[str, list[FanRow]]:
    made: dict[str, list[tuple[int, str, Words]]] = {name: [] for name in TABS}
    for which, moves in (
        ("came", followers.came(project, own, until=until)), ("left", followers.left(project, own, until=until))
    ):  # fmt: skip
        for one in moves.found:
            key = f"tui.fans.{which}_again" if one.again else f"tui.fans.{which}"
            made[which].append((one.account, between(one), _note(key, n=one.stayed)))
    for account, how in cohorts.sleeping(cohorts.acts(project, [own], today), today).items():
        made["dormant"].append((account, how.last.isoformat(), _note("tui.fans.quiet", n=how.quiet, limit=how.limit)))
    for sleeper in fans.sleepers(project, own, today).found:
        note = _treatment(sleeper.split)
        made["wake"].append((sleeper.account, sleeper.rhythm.last.isoformat(), note))
    for friend in fans.advocates(project, own, today)[0]:
        key = "tui.fans.thank" if friend.due else "tui.fans.praise"
        when = friend.thanked.isoformat() if friend.thanked else "-"
        made["advocates"].append((friend.account, when, _note(key, n=len(friend.posts), brought=friend.brought)))
    who = followers.names(project, sorted({row[0] for rows in made.values() for row in rows}))
    return {
        tab: [FanRow(a, who[a][2], who[a][0], when, note) for a, when, note in rows if a in who]
        for tab, rows in made.items()
    }


def between(one: followers.Move) -> str:
    """11-02～11-09: the two lists between which somebody came or left."""
    return f"{day_of(one.after):%m-%d}～{day_of(one.by):%m-%d}"


def _note(key: str, **params: object) -> Words:
    return lambda cat: cat.t(key, **params)


def _treatment(split: str) -> Words:
    return lambda cat: f"{cat.t(f'value.{split}')} · {cat.t(f'value.treat_{split}')}"


def headline(seen: Seen, cat: Catalogue) -> str:
    """The count, its change, and how many lists there are."""
    if not seen.counts:
        return cat.t("tui.fans.lists", n=seen.lists, whole=seen.whole)
    now = amount(seen.counts[-1][1], cat)
    change = "-" if seen.change is None else f"{seen.change:+,}"
    return cat.t("tui.fans.head", count=now, change=change, n=seen.lists, whole=seen.whole)
