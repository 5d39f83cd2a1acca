"""Tasks that are given to somebody: 让小王周五前把文案写好, 周五前让小李拍好图, have Li write the copy by Friday."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from . import doing_slots
from .rules import rule

_WHO: Final = r"(?P<owner>(?![我你他她它们大问先就别人])[^\s,，。:：我你他她它们@#\d]{2,4}?)"
_DAY: Final = (
    r"(?:(?:下下|下|这|本)?个?(?:周|星期|礼拜)[一二三四五六日天末]|今天|今晚|明天|大?后天|(?:\d{1,2}|[一二三四五六七八九十]{1,2})月"
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号]?|\d{1,2}[日号]|(?:下下|下|这|本)?个?[周月年季]底|月底|年底|下下?周|下个?月|"
    r"\d{1,2}/\d{1,2}|(?:\d{1,3}|[一二两三四五六七八九十]{1,3})天(?=之?内|以内)|元旦|春节|双十[一二]|国庆)"
)
_TIME: Final = rf"(?P<due>{_DAY})"
_TELL: Final = r"(?:帮我|麻烦|记得|请)?(?:让|叫(?!做)|安排|派|请(?!问)|指派|交代|通知|催)"
_BY: Final = r"(?:之前|以前|前|之内|内|为止)?"
_DO: Final = r"[,，]?\s?(?:去|来|要|得|必须|负责|完成|给我)?(?P<what>(?:把)?[^。?？]{2,80}?)[。.!！\s]*"
_SHAPES: Final = (
    rf"{_TELL}\s?{_WHO}\s?(?:在|于)?{_TIME}{_BY}{_DO}",
    rf"{_TIME}{_BY}[,，]?\s?{_TELL}\s?{_WHO}\s?{_DO}",
    rf"(?:任务|待办)\s?[:：]\s?{_WHO}{_TIME}{_BY}{_DO}",
    rf"{_WHO}\s?(?:要|得|必须|负责)?(?:在)?{_TIME}(?:之前|以前|前)(?:要|得|必须|负责)?{_DO}",
    r"(?:have|ask|get|tell) (?P<owner>[a-z]{2,20}) (?:to )?(?P<what>[^.?]{3,80}?) (?P<due>(?:by|before|until) [a-z\d /.-]{3,20})[.!\s]*",
)
_NO_DAY: Final = rf"{_TELL}\s?{_WHO}\s?(?P<what>把[^。?？]{{2,80}}?)[。.!！\s]*"
_WORK: Final = r"把|写|做|拍|交|改|定|发出|出|准备|完成|整理|画|剪|约|寄|订|核|确认|对接|搞定|write|shoot|prepare|finish|send|make|design|call"
"""What a task says is to be done."""
_DUE: Final = re.compile(rf"(?P<due>{_DAY})(?:之前|以前|前|之内|内|为止)[,，]?\s?")
_OWNER: Final = re.compile(r"(?:[,，]?\s?(?:由|归|交给|负责人是?|让)\s?(?P<a>[^\s,，。\d]{2,4}?)(?:负责|来做|做|去做|$)|(?P<b>[^\s,，。\d]{2,4}?)负责)")


def read(text: str, today: date | None) -> dict[str, Any] | None:
    """The step of a whole sentence that gives somebody something to do, or None."""
    if today is None or len(text) > 120:
        return None
    low = text.strip()
    for shape in (*_SHAPES, _NO_DAY):
        found = rule(shape, re.IGNORECASE | re.ASCII).fullmatch(low)
        if found is None:
            continue
        said = found.groupdict()
        due = doing_slots.coming(said["due"], today) if said.get("due") else None
        what = said["what"].strip()
        if (said.get("due") and due is None) or not rule(_WORK).search(what):
            continue
        step: dict[str, Any] = {"action": "work", "do": "campaign", "op": "task", "topic": what.removeprefix("把")}
        if due is not None:
            step["until"] = due[1].isoformat()
        return step | {"fields": [["owner", said["owner"].strip()]]}
    return None


def detailed(step: dict[str, Any], today: date | None) -> dict[str, Any]:
    """The step with the day and the name that its words hold (周五前拍好图，小王负责)."""
    topic = str(step.get("topic", ""))
    known = read(topic, today)
    if known is not None:
        return step | {slot: known[slot] for slot in ("until", "fields") if slot in known}
    due = _DUE.match(topic) if today is not None else None
    day = doing_slots.coming(due["due"], today) if due is not None and today is not None else None
    if day is not None and "until" not in step:
        step = step | {"until": day[1].isoformat()}
    if (who := _OWNER.search(topic)) is not None and "fields" not in step:
        step = step | {"fields": [["owner", (who["a"] or who["b"]).strip()]]}
    return step


__all__ = ["detailed", "read"]
