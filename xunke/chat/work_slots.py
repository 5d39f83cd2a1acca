"""Which slots each act of ``works`` has, and the slots that a sentence says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from .work_said import (
    KIND_WORDS,
    Said,
    Slots,
    amount,
    days,
    limit,
    lines,
    minutes,
    named,
    new_name,
    note,
    past,
    reminded,
    since,
    span,
    tag,
    topic,
    until,
    who,
)
from .work_words import (
    agreed,
    arms,
    edit,
    facet,
    from_whom,
    go,
    goal,
    hold,
    items,
    keep,
    limits,
    numbered,
    people_of,
    place_of,
    power,
    purpose,
    rename,
    reported,
    segment_rule,
    step,
    task,
    treatment,
    variant,
    whose,
)

Reader = Callable[[Said], Slots]
_L, _S, _C, _E = (named(kind) for kind in KIND_WORDS)
READERS: Final[Mapping[str, tuple[Reader, ...]]] = {
    "today": (minutes, limit, named("list", "list")), "next": (who,), "touch": (who,), "touch:done": (who, step),
    "touch:may": (who, step), "touch:later": (who, days), "outcome": (who,), "outcome:bought": (who, amount),
    "draft": (who,), "check": (topic,), "preflight": (_L,), "limits:set": (limits,), "note:add": (who, note, reminded),
    "note:list": (who,), "note:done": (lines,), "snippet:add": (topic,), "snippet:remove": (lines,),
    "queue": (lines,), "queue:later": (lines, days), "context": (place_of,), "lists:show": (_L,),
    "lists:why_not": (_L, who), "lists:dedupe": (_L,), "lists:tag": (_L, tag),
    "lists:merge": (_L, named("list", "other", 1)), "lists:minus": (_L, named("list", "other", 1)),
    "lists:add": (_L, who), "lists:remove": (_L, who), "lists:drop": (_L,), "lists:set": (_L, rename, purpose, until),
    "lists:create": (new_name, from_whom, minutes, limit, hold, purpose, until), "segments:show": (_S,),
    "segments:refresh": (_S,), "segments:save": (new_name, segment_rule), "segments:matrix": (items,),
    "segments:treat": (_S, treatment), "segments:as_list": (_S,), "segments:drop": (_S,), "persona": (whose,),
    "persona:tag": (who, tag), "persona:accept": (numbered,), "persona:reject": (numbered,), "segments:facet": (facet,),
    "experiment:power": (power,), "campaign:new": (new_name, goal, until, named("list", "list")), "campaign": (_C,),
    "campaign:list": (), "campaign:maturity": (), "campaign:edit": (_C, edit), "campaign:cost": (_C, amount, minutes),
    "campaign:code": (_C, variant), "campaign:task": (_C, task), "campaign:task_done": (lines,),
    "campaign:compare": (_C, named("campaign", "other", 1)), "calendar": (span,), "calendar:mix": (),
    "calendar:add": (since, topic), "calendar:move": (lines, since), "calendar:done": (lines,),
    "calendar:drop": (lines,), "experiment": (_E,), "experiment:new": (new_name, people_of, hold, arms),
    "experiment:pilot": (new_name, people_of, limit, go), "experiment:list": (), "review": (_C,),
    "followers": (past,), "report": (reported,), "retention:set": (keep,), "held": (who,), "held:card": (),
    "consent:add": (who, agreed), "consent:withdraw": (who, agreed),
}  # fmt: skip


def slots(code: str, said: Said) -> Slots:
    """The slots of an act (``touch:done``) that the sentence says."""
    found: Slots = {}
    fields: dict[str, str] = {}
    for read in READERS.get(code, READERS.get(code.partition(":")[0], ())):
        part = read(said)
        fields |= part.pop("fields", {})
        found |= part
    if fields:
        found["fields"] = [[name, value[:200]] for name, value in sorted(fields.items()) if value]
    return found
