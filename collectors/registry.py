"""Which collectors there are. Listing reads package metadata only; a collector is imported when it is used."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final, get_args

from xunke.errors import CollectorError, UsageError, XunkeError
from xunke.text import one_line

from .base import Access, Capabilities, Collector, Login, Mode, Relation

GROUP: Final = "xunke.collectors"


@cache
def _points() -> dict[str, EntryPoint]:
    """By lower-case name; the first of two that claim a name wins, ours before a third party's."""
    found: dict[str, EntryPoint] = {}
    ours_first = sorted(entry_points(group=GROUP), key=lambda p: not p.value.startswith("collectors."))
    for point in ours_first:
        found.setdefault(point.name.lower(), point)
    return dict(sorted(found.items()))


def names() -> list[str]:
    """Names of all registered collectors, sorted, without importing any."""
    return list(_points())


def is_ours(name: str) -> bool:
    """Whether the collector ``name`` comes with Xunke; the others are third parties'."""
    point = _points().get(name.strip().lower())
    return point is not None and point.value.startswith("collectors.")


def load(name: str) -> Collector:
    """Make the collector ``name``. Raises UsageError (unknown name) or CollectorError (its code does not load)."""
    point = _points().get(name.strip().lower())
    if point is None:
        raise UsageError("collect.unknown", name=one_line(name, 60), known=", ".join(names()))
    try:
        made = point.load()()
        usable = isinstance(made, Collector) and _sound(made.capabilities) and isinstance(made.platform, str)
    except XunkeError:
        raise
    except (Exception, SystemExit) as error:  # a third party's code may fail in any way, or end the program
        detail = one_line(f"{type(error).__name__}: {error}", 200)
        raise CollectorError("collect.broken_plugin", name=point.name, detail=detail) from error
    if not usable:
        raise CollectorError("collect.broken_plugin", name=point.name, detail="not a Collector")
    return made  # type: ignore[no-any-return]


def _sound(can: object) -> bool:
    """Whether capabilities are what they must be, so that nothing that asks them breaks."""
    if not isinstance(can, Capabilities):
        return False
    groups = ((can.modes, Mode), (can.relations, Relation), (can.access, Access), (can.streams, Mode))
    return (
        all(isinstance(names, frozenset) and names <= set(get_args(known)) for names, known in groups)
        and bool(can.access)
        and set(can.needs.values()) <= set(get_args(Access))
        and all(isinstance(login, Login) and login.access in get_args(Access) for login in can.logins)
        and isinstance(can.pace, int | float)
        and all(isinstance(key, str) for key in (*can.limits, *can.legal))
    )


def load_all() -> tuple[dict[str, Collector], dict[str, XunkeError]]:
    """For ``xunke doctor``: every collector that loads, and why the others do not."""
    good: dict[str, Collector] = {}
    bad: dict[str, XunkeError] = {}
    for name in names():
        try:
            good[name] = load(name)
        except XunkeError as error:
            bad[name] = error
    return good, bad
