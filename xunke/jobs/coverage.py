"""How much was seen of what platforms say is there, and what is told of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from xunke.events import Event, Warned
from xunke.storage import Project
from xunke.storage import jobs as rows
from xunke.storage.jobs import Slice

from .counts import Counts, Cover, merge

_ORDER: Final = ("posts", "replies", "reposts", "quotes", "likes", "followers", "following")


def cover_of(parts: Iterable[Slice]) -> dict[str, Cover]:
    """How much was seen of each kind of list, over these slices."""
    found: dict[str, Cover] = {}
    for one in parts:
        merge(found, one.counts.get("extents", {}))
    return {kind: found[kind] for kind in _ORDER if kind in found}


def after_part(project: Project, job: int, part: int) -> Iterator[Event]:
    """What to tell when all slices of a query are through."""
    if not rows.is_over(project.reader, job, part):
        return
    mates = rows.slices_of(project.reader, job, part)
    spec = mates[0].spec
    if all(one.state == "failed" for one in mates):
        return
    numbers = dict.fromkeys(Counts().numbers, 0)
    for one in mates:
        for name in numbers:
            numbers[name] += int(one.counts.get(name, 0))
    value = str(spec["value"])
    if not numbers["read"] and not numbers["stored"]:
        if all(one.reason is None for one in mates):
            where = spec["instance"] or spec["collector"]
            yield Warned("collect.none_found", {"value": value, "mode": spec["mode"], "host": where})
    else:
        yield Warned("collect.done", {"value": value, **numbers})
    cover = cover_of(mates)
    if any(kind["told"] or kind["reasons"] for kind in cover.values()):
        yield Warned("collect.cover", {"value": value, "cover": cover})
