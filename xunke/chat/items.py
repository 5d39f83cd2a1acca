"""What a comparison compares: accounts, platforms, places, tags, periods or brands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .rules import rule
from .times import Span, months_back

if TYPE_CHECKING:
    from .draft import Draft

_MORE = {
    "比较多": "count",
    "多一些": "count",
    "比较火": "engagement",
    "更高": "engagement",
    "更多": "count",
    "多一": "count",
    "more posts": "count",
    "has more": "count",
    "更火": "engagement",
    "更热": "engagement",
    "火一": "engagement",
    "more popular": "engagement",
    "更受欢迎": "engagement",
    "more buzz": "count",
    "more engagement": "engagement",
    "grew faster": "follower_growth",
    "谁多": "count",
    "涨得更快": "follower_growth",
    "涨更快": "follower_growth",
}


def compare_items(draft: Draft) -> None:
    """Fill items, dimension, periods and measure of a comparison; make one of a draft that only looks like it."""
    slots = draft.slots
    spans = draft.spans
    back = [s for s in spans if s.form in ("year_back", "month_back")]
    if back:
        others = [s for s in spans if s not in back]
        months = 12 if back[0].form == "year_back" else 1
        if others:
            first = others[0]
            earlier = Span(months_back(first.since, months), months_back(first.until, months))
            if draft.action == "compare" or "more" in draft.flags or "比" in draft.frame:
                draft.action = "compare"
                draft.spans = [first, earlier]
            else:
                draft.spans = [earlier]
        spans = draft.spans
    if (
        draft.action != "compare"
        and len(spans) == 2
        and re.search(r"[跟和与比]|涨了|vs|than|compared", draft.frame + str(draft.flags))
        and not (slots.get("sort") or slots.get("limit"))
    ):
        draft.action = "compare"
    if draft.action != "compare":
        draft.loose, draft.items = [*draft.items, *draft.loose], []
        return
    if len(spans) == 2 and spans[0].since != spans[1].since:
        slots["periods"] = tuple((s.since, s.until) for s in spans)
        slots["dimension"] = "period"
        draft.spans = []
    else:
        for slot, dimension in (
            ("accounts", "account"),
            ("platforms", "platform"),
            ("region", "region"),
            ("tags", "tag"),
            ("groups", "brand"),
        ):
            if len(slots.get(slot, ())) >= 2:
                slots["items"] = slots.pop(slot)
                slots["dimension"] = dimension
                break
        else:
            names = _names(draft)
            if len(names) >= 2:
                slots["items"] = tuple(names)
                slots["dimension"] = (
                    slots.get("dimension?", "brand") if slots.get("dimension?") != "platform" else "brand"
                )
    draft.loose, draft.items = [*draft.items, *draft.loose], []
    if not slots.get("items") and not slots.get("periods"):
        draft.action = "stats" if ("measure" in slots or "measure?" in slots or "more" in draft.flags) else "find"
    if not slots.get("measure") and not slots.get("measure?"):
        text = " ".join(draft.said_more)
        for word, measure in _MORE.items():
            if word in text:
                slots["measure"] = (measure,)
                break


_AND: Final = rule(r"和|与|跟|、|/|\s(?:and|vs\.?|or)\s")


def _names(draft: Draft) -> list[str]:
    """What is compared: the words that seem to be; with fewer than two of them, all words of the subject."""
    if len(draft.items) >= 2:
        names, draft.items = draft.items, []
        return names
    if len(draft.items) + len(draft.loose) >= 2:
        names, draft.items, draft.loose = [*draft.items, *draft.loose], [], []
        return names
    unread = [name for word in draft.unread for name in _AND.split(word) if name]
    names = [*draft.items, *draft.loose, *unread]
    if len(names) >= 2 and draft.unread:  # Tesla和小鹏: what is compared is a name even if nobody knows it
        draft.items, draft.loose, draft.unread = [], [], []
        return names
    return []
